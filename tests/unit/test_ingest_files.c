/*
 * test_ingest_files.c - result files as tools and people write them (tests/ingest/files), beside
 * what is right for each, which was written by hand: what its columns are, its rows, what is said
 * of it. However a file is cut, it is the same.
 */
#include "core/text.h"
#include "ingest/file.h"
#include "ingest/rows.h"
#include "unit.h"
#include <apr_file_io.h>
#include <apr_strings.h>
#include <dirent.h>

#define FILES "tests/ingest/files"

/* How a file is read: whole, or cut. */
typedef struct cuts_t {
    apr_size_t every;    /* bytes; 0: whole */
    apr_size_t at;       /* or once, there */
    apr_uint64_t random; /* or anywhere */
} cuts_t;

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

static wfm_error_t *see(void *ctx, const wfm_record_t *record)
{
    wfm_infer_record(ctx, record);
    return NULL;
}

static void add_json(apr_array_header_t *out, const char *before, wfm_json_text_t json)
{
    wfm_text_append(out, before);
    wfm_text_append(out, json.text ? apr_pstrmemdup(unit_pool(), json.text, json.len) : "null");
}

static wfm_error_t *add_row(void *ctx, const wfm_row_t *row)
{
    add_json(ctx, "", row->dimensions);
    add_json(ctx, " ", row->metrics);
    add_json(ctx, " ", row->raw_data);
    wfm_text_append(ctx, "\n");
    return NULL;
}

static wfm_error_t *read_cut(wfm_format_e format, const char *text, apr_size_t len,
                             const cuts_t *cuts, wfm_columns_t *columns, wfm_notes_t *notes,
                             wfm_record_fn record, void *ctx, char *delimiter)
{
    apr_uint64_t state = cuts->random;
    wfm_reader_t *r = wfm_reader_create(unit_pool(), format, columns, notes, record, ctx);

    for (apr_size_t done = 0; done < len;) {
        apr_size_t n = len - done;
        char *piece;

        if (cuts->every && n > cuts->every)
            n = cuts->every;
        if (cuts->at && done < cuts->at && cuts->at < len)
            n = cuts->at - done;
        if (cuts->random && n > 1)
            n = 1 + unit_random(&state) % (n < 9 ? n : 9);
        piece = apr_pmemdup(unit_pool(), text + done, n);
        WFM_TRY(wfm_reader_feed(r, piece, n));
        memset(piece, 'x', n); /* nobody kept it */
        done += n;
    }
    WFM_TRY(wfm_reader_end(r));
    *delimiter = wfm_reader_delimiter(r);
    return NULL;
}

static void add_columns(apr_array_header_t *out, const wfm_inference_t *inference)
{
    static const char *const what[] = {"left out", "dimension", "metric"};
    static const char *const better[] = {"", " higher", " lower"};

    for (int i = 0; i < inference->inferred->nelts; i++) {
        const wfm_inferred_t *c = &APR_ARRAY_IDX(inference->inferred, i, wfm_inferred_t);

        wfm_text_append(out, apr_psprintf(unit_pool(), "%s: %s%s%s%s%s\n", c->name, what[c->what],
                                          c->whole ? " whole" : "", c->unit ? " " : "",
                                          c->unit ? c->unit->name : "", better[c->direction]));
    }
}

/* All that becomes of a file, as text. */
static const char *told(wfm_format_e format, const char *text, apr_size_t len, const cuts_t *cuts)
{
    apr_pool_t *p = unit_pool();
    apr_array_header_t *out = wfm_text_new(p);
    wfm_notes_t notes, said;
    wfm_columns_t columns, again;
    wfm_inference_t inference;
    wfm_error_t *err;
    char delimiter;

    wfm_notes_init(&notes, p);
    wfm_notes_init(&said, p);
    wfm_columns_init(&columns, p);
    wfm_columns_init(&again, p);
    wfm_infer_init(&inference, p, &columns);
    err = read_cut(format, text, len, cuts, &columns, &notes, see, &inference, &delimiter);
    if (err)
        return apr_psprintf(p, "error: %s\n", err->message);
    wfm_infer_decide(&inference, delimiter, &notes);
    add_columns(out, &inference);
    read_cut(format, text, len, cuts, &again, &said, wfm_rows_record,
             wfm_rows_create(p, &inference, &notes, add_row, out), &delimiter);
    for (int i = 0; i < notes.texts->nelts; i++)
        wfm_text_append(
            out, apr_psprintf(p, "warning: %s\n", APR_ARRAY_IDX(notes.texts, i, const char *)));
    return wfm_text_get(out);
}

static void check_file(const char *name)
{
    apr_size_t len, rows_len;
    const char *text = read_all(apr_psprintf(unit_pool(), FILES "/%s", name), &len);
    const char *rows = read_all(apr_psprintf(unit_pool(), FILES "/%s.rows", name), &rows_len);
    wfm_format_e format = wfm_format_of(NULL, name);

    expect_str(apr_psprintf(unit_pool(), "%s\n%s", name, told(format, text, len, &(cuts_t){0})),
               apr_psprintf(unit_pool(), "%s\n%s", name, rows ? rows : "(no .rows)"));
    rows = told(format, text, len, &(cuts_t){0});
    for (apr_size_t every = 1; every < 4; every++)
        expect_str(told(format, text, len, &(cuts_t){.every = every}), rows);
    for (apr_uint64_t seed = 1; seed < 8; seed++)
        expect_str(told(format, text, len, &(cuts_t){.random = seed}), rows);
    for (apr_size_t at = 1; len < 1000 && at < len; at++)
        expect_str(told(format, text, len, &(cuts_t){.at = at}), rows);
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

static const char *error_of(const char *text, apr_size_t len)
{
    const char *whole = told(WFM_FORMAT_CSV, text, len, &(cuts_t){0});

    expect_str(told(WFM_FORMAT_CSV, text, len, &(cuts_t){.every = 4093}), whole);
    return whole;
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
    expect_str(error_of("\xff\xfe"
                        "a\0",
                        4),
               "error: line 1, column 1: the cell holds a NUL byte\n");
    expect_str(error_of(repeated("b,", 1001, "n"), 1003),
               "error: line 1, column 2: the column's name is too long\n");
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

static void test_formats(void)
{
    expect_int(wfm_format_of("csv", "x.tsv"), WFM_FORMAT_CSV);
    expect_int(wfm_format_of(".TSV", NULL), WFM_FORMAT_TSV);
    expect_int(wfm_format_of("text/tab-separated-values", ""), WFM_FORMAT_TSV);
    expect_int(wfm_format_of("", "a/b.c/x.tsv"), WFM_FORMAT_TSV);
    expect_int(wfm_format_of(NULL, "a/b.c/x"), WFM_FORMAT_CSV);
    expect_int(wfm_format_of(NULL, NULL), WFM_FORMAT_CSV);
    expect_int(wfm_format_of("parquet", "x.csv"), WFM_FORMAT_UNKNOWN);
    expect_int(wfm_format_of(NULL, "x.xlsx"), WFM_FORMAT_UNKNOWN);
}

SUITE(ingest_files) = {
    {"files are read as they should be, however they are cut", test_files},
    {"bounds, and where they were passed", test_bounds},
    {"the first notes are kept", test_many_notes},
    {"formats by name", test_formats},
    CU_TEST_INFO_NULL,
};
