/*
 * test_ingest_files.c - result files as tools and people write them (tests/ingest/files), beside
 * what is right for each, which was written by hand: what its columns are, its rows, what is said
 * of it. However a file is cut, it is the same.
 */
#include "ingest_told.h"
#include <apr_file_io.h>
#include <apr_strings.h>
#include <dirent.h>

#define FILES "tests/ingest/files"

static const char *read_all(const char *path, apr_size_t *len)
{
    apr_file_t *file;
    apr_finfo_t info;
    char *text;

    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, unit_pool()) != APR_SUCCESS)
        return NULL;
    apr_file_info_get(&info, APR_FINFO_SIZE, file);
    *len = (apr_size_t)info.size;
    text = apr_palloc(unit_pool(), *len + 1);
    apr_file_read_full(file, text, *len, NULL);
    text[*len] = '\0';
    apr_file_close(file);
    return text;
}

static void check_file(const char *name)
{
    apr_size_t len, rows_len;
    const char *text = read_all(apr_psprintf(unit_pool(), FILES "/%s", name), &len);
    const char *rows = read_all(apr_psprintf(unit_pool(), FILES "/%s.rows", name), &rows_len);
    wfm_format_e format = wfm_format_of(NULL, name);

    expect_str(apr_psprintf(unit_pool(), "%s\n%s", name, ingest_told(format, text, len)),
               apr_psprintf(unit_pool(), "%s\n%s", name, rows ? rows : "(no .rows)"));
}

static void test_files(void)
{
    DIR *dir = opendir(FILES);
    struct dirent *entry;
    int n = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while ((entry = readdir(dir))) {
        apr_size_t len = strlen(entry->d_name);

        if (*entry->d_name == '.' || (len > 5 && !strcmp(entry->d_name + len - 5, ".rows")))
            continue;
        check_file(entry->d_name);
        n++;
    }
    closedir(dir);
    CU_ASSERT_TRUE(n > 10);
}

/* A tool's file is the same, whether it is found out or said whose it is. */
static void test_said(void)
{
    static const struct {
        const char *file;
        wfm_format_e format;
    } files[] = {{"pytest.json", WFM_FORMAT_PYTEST_BENCHMARK},
                 {"google.json", WFM_FORMAT_GOOGLE_BENCHMARK},
                 {"google-repetitions.json", WFM_FORMAT_GOOGLE_BENCHMARK},
                 {"hyperfine.json", WFM_FORMAT_HYPERFINE},
                 {"jmh.json", WFM_FORMAT_JMH},
                 {"action.json", WFM_FORMAT_GITHUB_ACTION_BENCHMARK},
                 {"bencher.json", WFM_FORMAT_BENCHER},
                 {"no-benchmarks.json", WFM_FORMAT_GOOGLE_BENCHMARK}};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        apr_size_t len, rows_len;
        const char *text = read_all(apr_pstrcat(unit_pool(), FILES "/", files[i].file, NULL), &len);
        const char *rows =
            read_all(apr_pstrcat(unit_pool(), FILES "/", files[i].file, ".rows", NULL), &rows_len);

        expect_str(ingest_told(files[i].format, text, len), rows);
    }
}

static const char *error_of(const char *text, apr_size_t len)
{
    return ingest_told(WFM_FORMAT_CSV, text, len);
}

static char *repeated(const char *head, apr_size_t n, const char *piece)
{
    apr_size_t h = strlen(head), len = strlen(piece);
    char *text = apr_palloc(unit_pool(), h + n * len + 1);

    memcpy(text, head, h);
    for (apr_size_t i = 0; i < n; i++)
        memcpy(text + h + i * len, piece, len);
    text[h + n * len] = '\0';
    return text;
}

static void test_bounds(void)
{
    char *wide = repeated("a", 1599, ",a"), *wider = repeated("a", 1600, ",a");
    char *long_row = repeated("a,b\nx,", 1024 * 1024 - 2, "y");
    char *longer = repeated("a,b\nx,", 1024 * 1024 - 1, "y");
    char *quoted = repeated("a,b\nx,\"", 1024 * 1024, "\n");
    char *first = repeated("", 1024 * 1024 + 1, "y");

    CU_ASSERT_PTR_NULL(strstr(error_of(wide, strlen(wide)), "error"));
    expect_str(error_of(wider, strlen(wider)),
               "error: line 1, column 1601: a row of more than 1600 columns\n");
    CU_ASSERT_PTR_NULL(strstr(error_of(long_row, strlen(long_row)), "error"));
    expect_str(error_of(longer, strlen(longer)),
               "error: line 2, column 2: a row of more than 1 MiB\n");
    expect_str(error_of(quoted, strlen(quoted)),
               "error: line 2, column 2: a row of more than 1 MiB\n");
    expect_str(error_of(first, strlen(first)),
               "error: line 1, column 1: a row of more than 1 MiB\n");
    expect_str(error_of("a,b\nx,\0y\n", 9), "error: line 2, column 2: the cell holds a NUL byte\n");
    expect_str(
        error_of("\xff\xfe"
                 "a\0",
                 4),
        "error: line 1, column 1: the cell holds a NUL byte; it looks like UTF-16, and must be"
        " UTF-8\n");
    expect_str(
        error_of("\xfe\xff\0a", 4),
        "error: line 1, column 1: the cell holds a NUL byte; it looks like UTF-16, and must be"
        " UTF-8\n");
    expect_str(error_of("\x1f\x8b\x08\0\n", 5),
               "error: line 1, column 1: the cell holds a NUL byte; it looks like gzip, of which"
               " Content-Encoding: gzip must tell\n");
    expect_str(error_of(repeated("b,", 1001, "n"), 1003),
               "error: line 1, column 2: the column's name is too long\n");
    expect_str(error_of("[\n  {\n    \"a\": 1}]", 16),
               "error: line 3, column 1: a quote in the middle of a cell; expected is CSV, and the "
               "file looks like JSON\n");
    expect_str(error_of("\n \n\r\n", 5), "error: the file is empty\n");
    expect_str(error_of("\xef\xbb\xbf", 3), "error: the file is empty\n");
}

static void test_many_notes(void)
{
    char *text = repeated("a,b\nx,1\n", 50, "y\n");
    const char *all = error_of(text, strlen(text));
    int n = 0;

    for (const char *s = all; (s = strstr(s, "warning: ")); s++)
        n++;
    expect_int(n, WFM_NOTES_MAX);
}

static const char *csv_told(const char *text)
{
    return error_of(text, strlen(text));
}

#define GOOGLE_HEADER "name,iterations,real_time,cpu_time,time_unit"

/* A tool's CSV is told by its header: what stands there, and what else. */
static void test_headers(void)
{
    expect_str(csv_told(GOOGLE_HEADER "\n\"a\",1,2,3,ns\n\n,4,5,6,ns\n"),
               "error: line 4: a row of google-benchmark without \"name\"\n");
    expect_str(csv_told(GOOGLE_HEADER ",name\na,1,2.5,3,ns,b\n"),
               "name: dimension\niterations: dimension whole\nreal_time: metric lower\n"
               "cpu_time: metric lower\ntime_unit: dimension\nname (6): dimension\n"
               "{\"name\":\"a\",\"iterations\":1,\"time_unit\":\"ns\",\"name (6)\":\"b\"} "
               "{\"real_time\":2.5,\"cpu_time\":3} null\n"
               "warning: line 1, column 6: a further one of the name 'name' is called"
               " 'name (6)'\n");
    expect_str(csv_told(GOOGLE_HEADER "\n"), "");
    expect_str(csv_told("name,mean,min,max\na,1,2,3\n"),
               "name: dimension\nmean: metric\nmin: metric\nmax: metric\n"
               "{\"name\":\"a\"} {\"mean\":1,\"min\":2,\"max\":3} null\n");
    expect_str(csv_told("name,mean,outliers,host\na,1,3,b\n"),
               "name: dimension\nmean: metric\noutliers: metric\nhost: dimension\n"
               "{\"name\":\"a\",\"host\":\"b\"} {\"mean\":1,\"outliers\":3} null\n");
    expect_str(csv_told("name,param:mean,mean,outliers\na,2,nan,1;0\n"),
               "name: dimension\nparam:mean: dimension whole\n"
               "mean: metric s lower\noutliers: left out\n"
               "{\"name\":\"a\",\"param:mean\":2} {} "
               "{\"mean\":\"nan\",\"outliers\":\"1;0\"}\n");
}

/* Names of JMH before 1.34, a name that is none, names that become one; hyperfine's parameter that
 * is called as a figure is. */
static void test_names(void)
{
    expect_str(csv_told("Benchmark;Mode;Threads;Samples;Score;Score Error (9%);Score Error (99%);"
                        "Unit;Param: a\nx.y:\xc2\xb7gc.time;ss;2;5;1;8;9;ms;2.50\n"
                        "x.y:;ss;2;5;7;8;9;s/op;\nx.y;ss;2;5;6;5;4;s/op;\n"),
               "mode: dimension\nthreads: dimension whole\ngc.time: metric ms lower\n"
               "a: dimension\nbenchmark: dimension\ntime_per_op: metric s/op lower\n"
               "time_per_op_error: metric s/op lower\n"
               "{\"mode\":\"ss\",\"threads\":2,\"a\":\"2.50\",\"benchmark\":\"x.y\"} "
               "{\"gc.time\":1} null\n"
               "{\"mode\":\"ss\",\"threads\":2,\"benchmark\":\"x.y:\"} "
               "{\"time_per_op\":7,\"time_per_op_error\":8} null\n"
               "{\"mode\":\"ss\",\"threads\":2,\"benchmark\":\"x.y\"} "
               "{\"time_per_op\":6,\"time_per_op_error\":5} null\n");
    expect_str(
        csv_told(GOOGLE_HEADER ",rate,rate_cv\nb_cv,2,1,1,ns,0.1,0.2\nb_cv,2,1,1,ns,0.3,0.4\n"),
        "iterations: left out\nreal_time: metric ns lower\ncpu_time: metric ns lower\n"
        "rate_cv: metric\nrate_cv_cv: metric\nname: dimension\naggregate: dimension\n"
        "threads: dimension whole\n"
        "{\"name\":\"b\",\"aggregate\":\"cv\",\"threads\":1} "
        "{\"rate_cv\":0.1,\"rate_cv_cv\":0.2} {\"iterations\":\"2\"}\n"
        "{\"name\":\"b\",\"aggregate\":\"cv\",\"threads\":1} "
        "{\"rate_cv\":0.3,\"rate_cv_cv\":0.4} {\"iterations\":\"2\"}\n");
    expect_str(csv_told("Benchmark,Mode,Threads,Score,Unit\n,ss,2,1,ms\n"),
               "error: line 2: a row of jmh without \"Benchmark\"\n");
    expect_str(csv_told("command,mean,stddev,user,system,parameter_mean\na,1,2,3,4,5\n"),
               "command: dimension\nmean: metric s lower\nstddev: metric s lower\n"
               "user: metric s lower\nsystem: metric s lower\nparameter_mean: dimension whole\n"
               "{\"command\":\"a\",\"parameter_mean\":5} "
               "{\"mean\":1,\"stddev\":2,\"user\":3,\"system\":4} null\n");
}

/* Each row has a parameter of its own: columns are 1600 at most there, too. */
static void test_parameters(void)
{
    char *text = repeated(GOOGLE_HEADER "\n", 1600, "b/k0000:1,1,2,3,ns\n"), *row = text;

    for (int i = 0; i < 1600; i++) {
        row = strchr(row, '\n') + 1;
        apr_snprintf(strchr(row, 'k') + 1, 5, "%04d", i);
        *strchr(row, '\0') = ':';
    }
    expect_str(csv_told(text), "error: line 1597, byte 1: no column is left for 'args.k1595': there"
                               " are 1600 at most\n");
}

/* Names alone tell what is an aggregate: those of benchmarks that are called so, too. */
static void test_aggregates(void)
{
    expect_str(csv_told(GOOGLE_HEADER ",rms\nBM_mean,4,2,1,ms,\n_mean,4,2,1,us,\n"
                                      "x_BigO,4,2,1,us,\nx_cv,4,2,1,,5\n"),
               "iterations: left out\nreal_time: metric ms lower\ncpu_time: metric ms lower\n"
               "name: dimension\naggregate: dimension\nthreads: dimension whole\nrms: metric\n"
               "{\"name\":\"BM\",\"aggregate\":\"mean\",\"threads\":1} "
               "{\"real_time\":2,\"cpu_time\":1} {\"iterations\":\"4\"}\n"
               "{\"threads\":1,\"name\":\"_mean\"} {\"real_time\":0.002,\"cpu_time\":0.001} "
               "{\"iterations\":\"4\",\"real_time\":\"2 us\",\"cpu_time\":\"1 us\"}\n"
               "{\"threads\":1,\"name\":\"x_BigO\"} {\"real_time\":0.002,\"cpu_time\":0.001} "
               "{\"iterations\":\"4\",\"real_time\":\"2 us\",\"cpu_time\":\"1 us\"}\n"
               "{\"threads\":1,\"name\":\"x_cv\"} "
               "{\"real_time\":2,\"cpu_time\":1,\"rms\":5} {\"iterations\":\"4\"}\n");
}

static void test_formats(void)
{
    const char *names = "";

    for (int i = 0; wfm_format_names[i]; i++) {
        expect_int(wfm_format_of(wfm_format_names[i], NULL), WFM_FORMAT_CSV + i);
        names = apr_pstrcat(unit_pool(), names, i ? ", " : "", wfm_format_names[i], NULL);
    }
    expect_str(names, WFM_FORMATS);
    expect_int(wfm_format_of("csv", "x.tsv"), WFM_FORMAT_CSV);
    expect_int(wfm_format_of(".TSV", NULL), WFM_FORMAT_TSV);
    expect_int(wfm_format_of("text/tab-separated-values", ""), WFM_FORMAT_TSV);
    expect_int(wfm_format_of("", "a/b.c/x.tsv"), WFM_FORMAT_TSV);
    expect_int(wfm_format_of(NULL, "a/b.c/x"), WFM_FORMAT_CSV);
    expect_int(wfm_format_of(NULL, NULL), WFM_FORMAT_CSV);
    expect_int(wfm_format_of("text/csv; charset=utf-8", "x.json"), WFM_FORMAT_CSV);
    expect_int(wfm_format_of("Application/JSON", "x.csv"), WFM_FORMAT_JSON);
    expect_int(wfm_format_of("application/x-ndjson", NULL), WFM_FORMAT_NDJSON);
    expect_int(wfm_format_of("application/jsonl", NULL), WFM_FORMAT_NDJSON);
    expect_int(wfm_format_of("application/x-www-form-urlencoded", "x.jsonl"), WFM_FORMAT_NDJSON);
    expect_int(wfm_format_of("application/octet-stream", "a/x.JSON"), WFM_FORMAT_JSON);
    expect_int(wfm_format_of("text/plain;charset=utf-8", "x"), WFM_FORMAT_CSV);
    expect_int(wfm_format_of("jmh", "x.json"), WFM_FORMAT_JMH);
    expect_int(wfm_format_of("bencher", NULL), WFM_FORMAT_BENCHER);
    expect_int(wfm_format_of("parquet", "x.csv"), WFM_FORMAT_UNKNOWN);
    expect_int(wfm_format_of(NULL, "x.xlsx"), WFM_FORMAT_UNKNOWN);
    expect_int(wfm_format_of(NULL, "x.json.GZ"), WFM_FORMAT_JSON);
    expect_int(wfm_format_of(NULL, "a.json/x.gz"), WFM_FORMAT_CSV);
    expect_int(wfm_format_of(NULL, ".gz"), WFM_FORMAT_UNKNOWN);
    expect_int(wfm_format_of(NULL, ".json"), WFM_FORMAT_JSON);
    expect_int(wfm_format_of(NULL, "x."), WFM_FORMAT_UNKNOWN);
    expect_int(wfm_format_of("text/csv", "x.json.gz"), WFM_FORMAT_CSV);
}

SUITE(ingest_files) = {
    {"files are read as they should be, however they are cut", test_files},
    {"tools' files whose tool is said", test_said},
    {"bounds, and where they were passed", test_bounds},
    {"the first notes are kept", test_many_notes},
    {"tools' CSV by its header", test_headers},
    {"names in a tool's CSV", test_names},
    {"parameters in a tool's CSV", test_parameters},
    {"aggregates in a tool's CSV", test_aggregates},
    {"formats by name", test_formats},
    CU_TEST_INFO_NULL,
};
