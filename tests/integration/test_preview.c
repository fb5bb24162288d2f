/*
 * test_preview.c - POST /configs/:id/schemas/preview: what a schema of result files would be.
 * How files are read, and what is what in them, is the unit suites' (ingest_files, ingest_figure).
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <apr_strings.h>
#include <string.h>

#define FILE_OF(path, content) "{\"path\":\"" path "\",\"content\":\"" content "\"}"
#define FILES(list)            "{\"sample_files\":[" list "]}"
#define SUMMARY                "Op,batch_size,throughput\\nGEMM,32,157.25\\nAttention,64,N/A\\n"

static http_response_t *preview(apr_int64_t config, const char *body)
{
    return http_json("POST", strf("/configs/" ID "/schemas/preview", config), body);
}

static void test_answer(void)
{
    apr_int64_t config = seed_config(DB_A, "preview");
    http_response_t *res = preview(config, FILES(FILE_OF("out/summary.csv", SUMMARY)));

    expect_success(res);
    expect_header(res, "ETag", NULL);
    expect_json(
        res, "data",
        "{\"schema\":{\"name\":\"inferred from out/summary.csv\",\"fields\":[{\"name\":\"Op\","
        "\"type\":\"string\"},{\"name\":\"batch_size\",\"type\":\"int\"},{\"name\":\"throughput\","
        "\"type\":\"float\",\"direction\":\"higher\"}],\"dimension_fields\":[\"Op\",\"batch_size\"]"
        ",\"metric_fields\":[\"throughput\"]},\"metrics\":[{\"source_file\":\"out/summary.csv\","
        "\"dimensions\":{\"Op\":\"GEMM\",\"batch_size\":32},\"metrics\":{\"throughput\":157.25},"
        "\"raw_data\":null},{\"source_file\":\"out/summary.csv\",\"dimensions\":{\"Op\":"
        "\"Attention\",\"batch_size\":64},\"metrics\":{},\"raw_data\":{\"throughput\":\"N/A\"}}],"
        "\"files_processed\":1,\"total_records\":2,\"errors\":[],\"warnings\":[],"
        "\"warning_count\":0,\"explanation\":\"Op: dimension, since 'GEMM' (line 2) is no number."
        "\\nbatch_size: dimension, since whole numbers, and its name is one of parameters."
        "\\nthroughput: metric, since its values are numbers; better is higher.\"}");
    expect_contains(res->body, "157.25");
    expect_int(
        db_int(DB_A,
               "SELECT (SELECT count(*) FROM github_workflow_metric_schemas WHERE config_id"
               " = $1) + (SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1)",
               1, strf(ID, config)),
        0);
}

/* One schema of all files: a column that is a dimension in one is one in all. */
static void test_several_files(void)
{
    apr_int64_t config = seed_config(DB_A, "several");
    http_response_t *res = preview(
        config,
        FILES(FILE_OF("a.csv", "Op,note,time\\nGEMM,7,1 ms\\n") "," FILE_OF(
            "b.csv", "Op;time;note\\nGEMM;1,5 s;x\\n") ",{\"name\":\"c.tsv\",\"content\":\"Op\\t"
                                                       "time\\nA,B\\t2\\n\"},{\"content\":\"Op,"
                                                       "note\\nx,\\n\",\"file_type\":\"csv\"}"));

    expect_success(res);
    expect_json(res, "data.schema.dimension_fields", "[\"Op\",\"note\"]");
    expect_json(res, "data.schema.metric_fields", "[\"time\"]");
    expect_json(res, "data.schema.fields.2",
                "{\"name\":\"time\",\"type\":\"float\",\"unit\":\"ms\",\"direction\":\"lower\"}");
    expect_json(res, "data.metrics.0.dimensions", "{\"Op\":\"GEMM\",\"note\":\"7\"}");
    expect_json(res, "data.metrics.0.metrics", "{\"time\":1}");
    expect_json(res, "data.metrics.1.metrics", "{\"time\":1500}");
    expect_json(res, "data.metrics.2.dimensions", "{\"Op\":\"A,B\"}");
    expect_text(res, "data.metrics.2.source_file", "c.tsv");
    expect_text(res, "data.metrics.3.source_file", "file 4");
    expect_json(res, "data.files_processed", "4");
    expect_json(res, "data.total_records", "4");
}

/* By the end of a name, by a format's name, by a media type. */
static void test_formats(void)
{
    apr_int64_t config = seed_config(DB_A, "formats");
    http_response_t *res = preview(
        config,
        FILES(FILE_OF("a.json", "[{\\\"command\\\":\\\"x\\\",\\\"v\\\":1.50}]") "," FILE_OF(
            "hyperfine.json",
            "{\\\"results\\\":[{\\\"command\\\":\\\"x\\\",\\\"mean\\\":0.25,\\\"times\\\":[1]}]"
            "}") ","
                 "{\"name\":\"c\",\"file_type\":\"application/x-ndjson; charset=utf-8\","
                 "\"content\":\"{\\\"command\\\":\\\"y\\\",\\\"list\\\":[1,{}]}\\n\"},"
                 "{\"name\":\"d.json\",\"file_type\":\"jmh\",\"content\":\"[{}]\"}"));

    expect_success(res);
    expect_json(res, "data.files_processed", "3");
    expect_json(res, "data.schema.fields",
                "[{\"name\":\"command\",\"type\":\"string\"},{\"name\":\"v\",\"type\":\"float\"},{"
                "\"name\":\"mean\",\"type\":\"float\",\"unit\":\"s\",\"direction\":\"lower\"}]");
    expect_json(res, "data.metrics.1.metrics", "{\"mean\":0.25}");
    expect_json(res, "data.metrics.2.raw_data", "{\"list\":[1,{}]}");
    expect_contains(res->body, "mean: metric, since the file's format says so; in s");
    expect_json(res, "data.errors",
                "[\"d.json: line 1, byte 2: a row of jmh without \\\"benchmark\\\"\"]");
}

/* A file that cannot be read says why; the others are read. */
static void test_bad_files(void)
{
    apr_int64_t config = seed_config(DB_A, "bad");
    http_response_t *res = preview(
        config, FILES(FILE_OF("a.csv", "a,b\\n\\\"x,1\\n") "," FILE_OF("b.csv", "") "," FILE_OF(
                    "c.xlsx", "PK") "," FILE_OF("d.csv", "Op,v\\nx,1,2\\n")));

    expect_success(res);
    expect_json(res, "data.files_processed", "1");
    expect_json(res, "data.errors",
                "[\"a.csv: line 2, column 1: a quote that does not end\",\"b.csv: the file is "
                "empty\",\"c.xlsx: its format is none of csv, tsv, json, ndjson, "
                "pytest-benchmark, google-benchmark, hyperfine, jmh, github-action-benchmark, "
                "bencher\"]");
    expect_json(res, "data.warnings", "[\"d.csv, line 2: 3 cells, where there are 2 columns\"]");
    expect_json(res, "data.warning_count", "1");
    expect_text(res, "data.schema.name", "inferred from d.csv");
    res = preview(config, FILES(FILE_OF("b.csv", "")));
    expect_success(res);
    expect_json(res, "data.schema",
                "{\"name\":\"inferred\",\"fields\":[],\"dimension_fields\":[],\"metric_fields\":"
                "[]}");
    expect_json(res, "data.metrics", "[]");
    expect_text(res, "data.explanation", "");
}

static const char *repeated(const char *piece, int n)
{
    apr_size_t len = strlen(piece);
    char *text = apr_palloc(fixture_pool(), (apr_size_t)n * len + 1);

    for (int i = 0; i < n; i++)
        memcpy(text + (apr_size_t)i * len, piece, len);
    text[(apr_size_t)n * len] = '\0';
    return text;
}

static void test_bounds(void)
{
    apr_int64_t config = seed_config(DB_A, "bounds");
    http_response_t *res =
        preview(config, strf(FILES(FILE_OF("a.csv", "Op,v\\n%s")), repeated("x,y\\n", 150)));

    expect_success(res);
    expect_int(json_length_at(res, "data.metrics"), 100);
    expect_json(res, "data.total_records", "150");
    res = preview(config, strf(FILES(FILE_OF("a.csv", "Op,v\\n%s")), repeated("x\\n", 150)));
    expect_json(res, "data.warning_count", "150");
    expect_int(json_length_at(res, "data.warnings"), 20);
    res = preview(config, strf(FILES(FILE_OF("a.csv", "%s\\n")), repeated("a,", 1600)));
    expect_json(res, "data.errors.0",
                "\"a.csv: line 1, column 1601: a row of more than 1600 columns\"");
    res = preview(config, strf(FILES(FILE_OF("a.csv", "%s\\n") "," FILE_OF("b.csv", "new\\n")),
                               repeated("a,", 1599)));
    expect_json(res, "data.errors", "[\"b.csv: with it there are more than 1600 columns\"]");
}

/* What no double holds in the column's unit stays as it was written, and is said. */
static void test_out_of_unit(void)
{
    apr_int64_t config = seed_config(DB_A, "out of unit");
    http_response_t *res =
        preview(config, FILES(FILE_OF("a.csv", "lat (ns)\\n1e307 h\\n1e307 s\\n2 h\\n")));

    expect_success(res);
    expect_json(res, "data.metrics.0.metrics", "{}");
    expect_json(res, "data.metrics.0.raw_data", "{\"lat (ns)\":\"1e307 h\"}");
    expect_json(res, "data.metrics.1.raw_data", "{\"lat (ns)\":\"1e307 s\"}");
    expect_json(res, "data.metrics.2.metrics", "{\"lat (ns)\":7200000000000}");
    expect_contains(res->body, "is too large or too small in the unit of the column");
}

/* Each cell comes with its column's name, so rows may be many times as large as their lines. */
static void test_large_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "large rows");
    const char *name = apr_psprintf(fixture_pool(), "m (%0780d", 1), *names = "", *cells = "";
    http_response_t *res;

    for (int i = 0; i < 300; i++) {
        names = strf("%s%s%s%d)", names, i ? "," : "", name, i);
        cells = strf("%s%s+1", cells, i ? "," : "");
    }
    for (int i = 0; i < 5; i++)
        cells = strf("%s\\n%s", cells, cells);
    res = preview(config,
                  strf(FILES("{\"path\":\"a.csv\",\"content\":\"%s\\n%s\\n\"}"), names, cells));
    expect_success(res);
    expect_json(res, "data.total_records", "32");
    expect(res->len < 10 * 1024 * 1024, "%ld bytes", (long)res->len);
    expect(json_length_at(res, "data.metrics") < 32 && json_length_at(res, "data.metrics") > 1,
           "%d rows", json_length_at(res, "data.metrics"));
}

/* A name that begins like one that is made up is a name. */
static void test_named_column(void)
{
    apr_int64_t config = seed_config(DB_A, "named column");
    http_response_t *res = preview(config, FILES(FILE_OF("a.csv", ",column pitch\\n1,1\\n2,2\\n")));

    expect_success(res);
    expect_json(res, "data.schema.metric_fields", "[\"column pitch\"]");
}

static void test_wrong_inputs(void)
{
    static const char *const wrong[] = {"[]",
                                        "{}",
                                        "\"x\"",
                                        "[1]",
                                        "[{}]",
                                        "[{\"content\":1}]",
                                        "[{\"content\":null}]",
                                        "[{\"content\":\"a\"},null]",
                                        "[{\"content\":\"a\",\"path\":1}]",
                                        "[{\"content\":\"a\",\"name\":[]}]",
                                        "[{\"content\":\"a\",\"file_type\":{}}]"};
    apr_int64_t config = seed_config(DB_A, "wrong");

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_field(preview(config, strf("{\"sample_files\":%s}", wrong[i])), "sample_files",
                     "must be an array of 1 to 20 objects, each with a content");
    expect_field(
        preview(config, strf(FILES("%s{\"content\":\"\"}"), repeated("{\"content\":\"\"},", 20))),
        "sample_files", "must be an array of 1 to 20 objects, each with a content");
    expect_field(preview(config, "{}"), "sample_files", "is required");
    expect_field(preview(config, "{\"sample_files\":null}"), "sample_files", "is required");
    expect_error(preview(config, "[]"), 4000, "the body must be a JSON object");
    expect_error(preview(999999999, FILES(FILE_OF("a.csv", "a"))), 4040, "config not found");
    expect_success(preview(config, FILES("{\"content\":\"a\",\"path\":null,\"name\":null,"
                                         "\"file_type\":null,\"more\":1}")));
}

/* It stores nothing: a read-only host takes it. */
static void test_read_only(void)
{
    apr_int64_t config = seed_config(DB_A, "read_only");
    http_request_t rq = {.method = "POST",
                         .host = HOST_RO,
                         .path = strf("/configs/" ID "/schemas/preview", config),
                         .body = FILES(FILE_OF("a.csv", "a\\n1\\n")),
                         .headers = {"Content-Type: application/json"}};

    expect_success(http_send(&rq));
}

SUITE(preview) = {
    {"a schema, its rows, why", test_answer},
    {"several files have one schema", test_several_files},
    {"formats", test_formats},
    {"a file that cannot be read", test_bad_files},
    {"bounds", test_bounds},
    {"a number out of its unit's bounds", test_out_of_unit},
    {"rows larger than their lines", test_large_rows},
    {"a column called column", test_named_column},
    {"wrong inputs", test_wrong_inputs},
    {"a read-only host takes it", test_read_only},
    CU_TEST_INFO_NULL,
};
