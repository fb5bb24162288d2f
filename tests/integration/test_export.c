/*
 * test_export.c - GET /configs/:id/export: rows, formats, limits. Cells of CSV are in
 * test_export_csv.c, columns in test_export_columns.c; what breaks in mid-stream is in
 * test_faults.c.
 */
#include "../support/suite.h"
#include "csv.h"
#include "db.h"
#include "expect.h"
#include "exports.h"
#include "fixture.h"
#include <string.h>
#include <time.h>

static const char *today(void)
{
    char text[16];
    time_t now = time(NULL);

    strftime(text, sizeof(text), "%Y%m%d", gmtime(&now));
    return strf("%s", text);
}

/* A day may begin between the question and this. */
static void expect_name(const http_response_t *res, apr_int64_t config, const char *day,
                        const char *extension)
{
    const char *name = strf("attachment; filename=\"metrics-config-" ID "-", config);
    const char *said = http_header(res, "Content-Disposition");

    if (!said || strcmp(said, strf("%s%s.%s\"", name, day, extension)) != 0)
        expect_header(res, "Content-Disposition", strf("%s%s.%s\"", name, today(), extension));
}

static void test_headers(void)
{
    apr_int64_t config = export_bench("headers");
    const char *day = today();
    http_response_t *res = export(config, "");

    expect_status(res, 200);
    expect_contains(http_header(res, "Content-Type"), "text/csv");
    expect_name(res, config, day, "csv");
    expect_header(res, "Cache-Control", "no-cache");
    res = export(config, "?format=json");
    expect_header(res, "Accept-Ranges", "none");
    expect_header(res, "Content-Type", "application/json");
    expect_name(res, config, day, "json");
    res = export(config, "?format=ndjson");
    expect_header(res, "Content-Type", "application/x-ndjson");
    expect_name(res, config, day, "ndjson");
}

static void test_rows_and_order(void)
{
    apr_int64_t config = export_bench("rows");

    seed_metric(DB_A, config, "2025-01-31T12:00:00.9Z", "{\"Op\":\"GEMM\",\"Backend:Stage\":\"a\"}",
                "{\"throughput\":157.10,\"latency\":2}", "x/summary.csv");
    seed_metric(DB_A, config, "2025-01-31T12:00:01-08:00", "{\"Op\":\"first\"}",
                "{\"throughput\":1e3}", NULL);
    seed_metric(DB_A, config, "2025-01-31T12:00:00.9Z", "{\"Op\":\"tie\"}", "{}", "");
    seed_metric(DB_A, config, "2024-02-29T00:00:00Z", "{\"Backend:Stage\":\"last\"}",
                "{\"latency\":null,\"throughput\":-0.000000000000000000001}", "y");
    expect_str(export_body(config, ""),
               "Op,Backend:Stage,throughput,latency,collected_at,source_file\n"
               "first,,1000,,2025-01-31T20:00:01Z,\n"
               "GEMM,a,157.10,2,2025-01-31T12:00:00Z,x/summary.csv\n"
               "tie,,,,2025-01-31T12:00:00Z,\"\"\n"
               ",last,-0.000000000000000000001,,2024-02-29T00:00:00Z,y\n");
}

static void test_no_rows(void)
{
    apr_int64_t config = export_bench("no rows");
    apr_int64_t bare = seed_config(DB_A, "bare");

    expect_str(export_body(config, ""),
               "Op,Backend:Stage,throughput,latency,collected_at,source_file\n");
    expect_str(export_body(bare, ""), "collected_at,source_file\n");
    expect_str(export_body(config, "?format=json"),
               "{\"meta\":{\"code\":2000},\"data\":{\"rows\":[],\"truncated\":false}}");
    expect_str(export_body(config, "?format=ndjson"), "");
    expect_error(export(999999999, ""), 4040, "config not found");
    expect_error(export(999999999, "?format=json"), 4040, "config not found");
}

/* start, end and limit. */
static void test_range_and_limit(void)
{
    apr_int64_t config = export_bench("range");

    for (int day = 1; day <= 9; day++)
        seed_metric(DB_A, config, strf("2025-01-0%dT00:00:00Z", day), "{\"Op\":\"x\"}", "{}", NULL);
    csv_table_t *t = export_table(config, "?start=2025-01-03T00:00:00Z&end=2025-01-05T00:00:00Z");
    expect_int(t->rows, 4);
    expect_str(csv_cell(t, 1, 4), "2025-01-05T00:00:00Z");
    expect_str(csv_cell(t, 3, 4), "2025-01-03T00:00:00Z");
    t = export_table(config, "?limit=2");
    expect_int(t->rows, 3);
    expect_str(csv_cell(t, 2, 4), "2025-01-08T00:00:00Z");
    expect_int(export_table(config, "?limit=5000000")->rows, 10);
    http_response_t *res = http_send(&(http_request_t){
        .host = HOST_TINY, .path = strf("/configs/" ID "/export?limit=8", config)});
    expect_int(csv_read(res->body, res->len)->rows, 6);
    res = http_send(
        &(http_request_t){.host = HOST_TINY, .path = strf("/configs/" ID "/export", config)});
    expect_int(csv_read(res->body, res->len)->rows, 6);
    res = http_send(&(http_request_t){.host = HOST_TINY,
                                      .path = strf("/configs/" ID "/export?limit=0", config)});
    expect_field(res, "limit", "must be an integer between 1 and 5");
}

static void test_default_limit(void)
{
    apr_int64_t config = export_bench("default limit");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp)"
           " SELECT $1::bigint, 1, 1, now() FROM generate_series(1, 10005)",
           1, strf(ID, config));
    expect_int(export_table(config, "")->rows, 10001);
    expect_int(export_table(config, "?limit=10004")->rows, 10005);
}

static void test_dimension_filter(void)
{
    static const struct {
        const char *filter;
        int rows;
    } cases[] = {
        {"{}", 6},
        {"{\"Op\":\"GEMM\"}", 2},
        {"{\"Op\":[\"GEMM\",\"Attention\"]}", 3},
        {"{\"Op\":[]}", 6},
        {"{\"Op\":[],\"Backend:Stage\":\"b\"}", 1},
        {"{\"Op\":\"GEMM\",\"Backend:Stage\":[\"b\",\"c\"]}", 1},
        {"{\"batch\":\"32\"}", 2},
        {"{\"batch\":32}", 2},
        {"{\"batch\":3.2e1}", 2},
        {"{\"batch\":32.0}", 0},
        {"{\"batch\":null}", 3},
        {"{\"batch\":[null,4]}", 4},
        {"{\"batch\":{\"not\":32}}", 4},
        {"{\"batch\":{\"not\":[32,null]}}", 1},
        {"{\"batch\":{\"not\":null}}", 3},
        {"{\"batch\":{\"not\":[]}}", 6},
        {"{\"batch\":[\"32\",\"4\"]}", 3},
        {"{\"flag\":\"true\"}", 1},
        {"{\"flag\":true}", 1},
        {"{\"Op\":\"gemm\"}", 0},
        {"{\"Op\":\"G%\"}", 0},
        {"{\"nope\":\"x\"}", 0},
        {"{\"';--\":\"' OR 1=1 --\"}", 0},
        {"{\"say \\\"hi\\\"\":\"it's\"}", 1},
        {"{\"\xf0\x9f\x9a\x80\":\"\xc3\xa9\"}", 1},
    };
    apr_int64_t config = export_bench("filter");
    const char *before;

    seed_metric(DB_A, config, "2025-01-06T00:00:00Z", "{\"Op\":\"GEMM\",\"Backend:Stage\":\"a\"}",
                "{}", NULL);
    seed_metric(DB_A, config, "2025-01-05T00:00:00Z",
                "{\"Op\":\"GEMM\",\"Backend:Stage\":\"b\",\"batch\":32}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-04T00:00:00Z", "{\"Op\":\"Attention\",\"batch\":\"32\"}",
                "{}", NULL);
    seed_metric(DB_A, config, "2025-01-03T00:00:00Z", "{\"batch\":4,\"flag\":true}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"say \\\"hi\\\"\":\"it's\"}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"\xf0\x9f\x9a\x80\":\"\xc3\xa9\"}", "{}",
                NULL);
    before = db_fingerprint(DB_A);
    expect_str(export_body(config, "?dimensions[Op]=GEMM&dimensions%5BBackend:Stage%5D[]=b"),
               export_body(config, export_filter("{\"Op\":\"GEMM\",\"Backend:Stage\":[\"b\"]}")));
    expect_str(export_body(config, "?dimensions[batch][not][]=32&dimensions[batch][not][]=5"),
               export_body(config, export_filter("{\"batch\":{\"not\":[\"32\",\"5\"]}}")));
    for (size_t i = 0; i < countof(cases); i++) {
        csv_table_t *t = export_table(config, export_filter(cases[i].filter));
        expect(t->rows == cases[i].rows + 1, "%s: expected %d rows, got %d", cases[i].filter,
               cases[i].rows, t->rows - 1);
    }
    expect_str(db_fingerprint(DB_A), before);
}

static void test_wrong_dimension_filters(void)
{
    static const struct {
        const char *filter, *message;
    } cases[] = {
        {"", "must be a JSON object: invalid JSON at byte 0"},
        {"x", "must be a JSON object: invalid JSON at byte 0"},
        {"{\"Op\":}", "must be a JSON object: invalid JSON at byte 6"},
        {"[]", "must be a JSON object"},
        {"\"Op\"", "must be a JSON object"},
        {"null", "must be a JSON object"},
        {"{\"Op\":{}}",
         "\"Op\" must be a string, number, boolean or null, an array of these, or {\"not\": …}"},
        {"{\"Op\":{\"a\":1}}",
         "\"Op\" must be a string, number, boolean or null, an array of these, or {\"not\": …}"},
        {"{\"Op\":[[1]]}",
         "\"Op\" must be a string, number, boolean or null, an array of these, or {\"not\": …}"},
        {"{\"Op\":[{}]}",
         "\"Op\" must be a string, number, boolean or null, an array of these, or {\"not\": …}"},
        {"{\"Op\":1e999}", "\"Op\" must not hold a number beyond the range of a double"},
    };
    apr_int64_t config = export_bench("wrong filters");

    for (size_t i = 0; i < countof(cases); i++)
        expect_field(export(config, export_filter(cases[i].filter)), "dimensions",
                     cases[i].message);
}

static void test_wrong_parameters(void)
{
    static const char *const formats[] = {"", "xml", "CSV", "json,csv"};
    const char *instant = "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z";
    apr_int64_t config = export_bench("wrong parameters");
    http_response_t *res;

    for (size_t i = 0; i < countof(formats); i++)
        expect_field(export(config, strf("?format=%s", formats[i])), "format",
                     "must be one of csv, json, ndjson");
    expect_field(export(config, "?limit=0"), "limit", "must be an integer between 1 and 1000000");
    expect_field(export(config, "?limit=-5"), "limit", "must be an integer between 1 and 1000000");
    expect_field(export(config, "?limit=many"), "limit",
                 "must be an integer between 1 and 1000000");
    expect_field(export(config, "?start=2025-01-02T00:00:00Z&end=2025-01-01T00:00:00Z"), "start",
                 "must not be after end");
    expect_field(export(config, "?format=csv&format=csv"), "format", "must be given only once");
    res = export(config, "?start=x&end=y&limit=z&format=w&dimensions=v&metric_fields=");
    expect_int(json_length_at(res, "errors"), 6);
    expect_field(res, "start", instant);
    expect_field(res, "end", instant);
    expect_header(res, "Content-Type", "application/json");
    expect_header(res, "Content-Disposition", NULL);
}

static void test_json(void)
{
    apr_int64_t config = export_bench("json");
    http_response_t *res;

    seed_metric(DB_A, config, "2025-01-02T00:00:00.5Z",
                "{\"Op\":\"=a\\\"b\\n\xc3\xa9\",\"Backend:Stage\":32}",
                "{\"throughput\":157.10,\"latency\":{\"p\":[1]}}", "f");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":true}", "{\"throughput\":null}",
                NULL);
    res = export(config, "?format=json");
    expect_status(res, 200);
    expect_json(res, "meta", "{\"code\":2000}");
    expect_keys(res, "data.rows.0", "Op,Backend:Stage,throughput,latency,collected_at,source_file");
    expect_json(res, "data.rows.0",
                "{\"Op\":\"=a\\\"b\\n\xc3\xa9\",\"Backend:Stage\":32,\"throughput\":157.10,"
                "\"latency\":{\"p\":[1]},\"collected_at\":\"2025-01-02T00:00:00Z\","
                "\"source_file\":\"f\"}");
    expect_json(res, "data.rows.1",
                "{\"Op\":true,\"Backend:Stage\":null,\"throughput\":null,\"latency\":null,"
                "\"collected_at\":\"2025-01-01T00:00:00Z\",\"source_file\":null}");
    expect_contains(res->body, "157.10");
    expect_json(export(config, "?format=json&limit=1&metric_fields=latency"), "data.rows",
                "[{\"Op\":\"=a\\\"b\\n\xc3\xa9\",\"Backend:Stage\":32,\"latency\":{\"p\":[1]},"
                "\"collected_at\":\"2025-01-02T00:00:00Z\",\"source_file\":\"f\"}]");
}

static void test_ndjson(void)
{
    apr_int64_t config = export_bench("ndjson");

    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"Op\":\"two\\nlines\"}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":2}", "{\"throughput\":1.0}", "f");
    expect_str(export_body(config, "?format=ndjson"),
               "{\"Op\":\"two\\nlines\",\"Backend:Stage\":null,\"throughput\":null,"
               "\"latency\":null,\"collected_at\":\"2025-01-02T00:00:00Z\",\"source_file\":null}\n"
               "{\"Op\":2,\"Backend:Stage\":null,\"throughput\":1.0,\"latency\":null,"
               "\"collected_at\":\"2025-01-01T00:00:00Z\",\"source_file\":\"f\"}\n");
}

/* What was written for dimensions is copied for the next row that has the same, and only for it. */
static void test_repeated_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "repeated");
    csv_table_t *t;

    seed_schema(DB_A, config, 1, 1, "[\"Op\",\"n\"]", "[\"throughput\"]");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics)"
           " SELECT $1, 1, 1, '2025-01-01Z'::timestamptz - i / 4 * interval '1 second',"
           " CASE WHEN i % 8 < 6 THEN 'f' || i / 3 END,"
           " jsonb_build_object('Op', 'a,' || i % 5, 'n', i % 3),"
           " jsonb_build_object('throughput', i) FROM generate_series(0, 3999) i",
           1, strf(ID, config));
    t = export_table(config, "");
    expect_int(t->rows, 4001);
    for (int i = 0; i < 4000; i++) {
        const char *file = csv_cell(t, i + 1, 4);

        expect_str(csv_cell(t, i + 1, 0), strf("a,%d", i % 5));
        expect_str(csv_cell(t, i + 1, 1), strf("%d", i % 3));
        expect_str(csv_cell(t, i + 1, 2), strf("%d", i));
        expect_str(file, i % 8 < 6 ? strf("f%d", i / 3) : NULL);
    }
    expect_str(csv_cell(t, 1, 3), "2025-01-01T00:00:00Z");
    expect_str(csv_cell(t, 8, 3), "2024-12-31T23:59:59Z");
    expect_str(csv_cell(t, 4000, 3), "2024-12-31T23:43:21Z");
}

/* A short export tells its length; the first rows of a long one do not wait for the rest. */
static void test_length(void)
{
    static const char *const few[] = {"?limit=200", "?end=2024-12-31T00:00:00Z",
                                      "?dimensions=%7B%22Op%22:null%7D"};
    static const char *const many[] = {"", "?limit=201", "?limit=20000",
                                       "?dimensions=%7B%22Op%22:%7B%22not%22:%22x%22%7D%7D"};
    apr_int64_t config = export_bench("length");
    http_response_t *res;

    for (int i = 0; i < 2; i++)
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", strf("{\"Op\":\"%01900d\"}", i), "{}",
                    NULL);
    res = export(config, "?limit=1");
    expect_header(res, "Content-Length", strf("%d", (int)res->len));
    res = export(config, "?limit=2");
    expect_header(res, "Content-Length", strf("%d", (int)res->len));
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp)"
           " SELECT $1, 1, 1, '2024-01-01Z' FROM generate_series(3, 201)",
           1, strf(ID, config));
    for (size_t i = 0; i < countof(few); i++) {
        res = export(config, few[i]);
        expect_header(res, "Content-Length", strf("%d", (int)res->len));
    }
    for (size_t i = 0; i < countof(many); i++) {
        res = export(config, many[i]);
        expect_str(http_header(res, "Content-Length"), NULL);
        expect_int(csv_read(res->body, res->len)->rows, 202);
    }
}

/* Exports of every length about the one at which the first rows are a statement of their own. */
static void test_lengths(void)
{
    static const char *const formats[] = {"csv", "ndjson", "json"};
    apr_int64_t config = export_bench("lengths");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics) SELECT $1, 1, 1, '2025-01-01Z'::timestamptz"
           " - i / 20 * interval '1 second', 'f' || i, jsonb_build_object('Op', 'GEMM'), '{}'"
           " FROM generate_series(1, 40) i",
           1, strf(ID, config));
    for (int limit = 1; limit <= 42; limit++) {
        csv_table_t *t = export_table(config, strf("?limit=%d", limit));
        int rows = limit < 40 ? limit : 40;

        expect_int(t->rows, rows + 1);
        for (int i = 1; i < t->rows; i++)
            expect_str(csv_cell(t, i, t->columns - 1), strf("f%d", i));
        t = export_table(config,
                         strf("?limit=%d&dimensions=%%7B%%22Op%%22:%%22GEMM%%22%%7D", limit));
        expect_int(t->rows, rows + 1);
        expect_str(csv_cell(t, rows, t->columns - 1), strf("f%d", rows));
    }
    for (size_t i = 1; i < countof(formats); i++) {
        http_response_t *res = export(config, strf("?limit=31&format=%s", formats[i]));
        const char *at = res->body;

        for (int row = 1; row <= 31; row++) {
            at = at ? strstr(at, strf("\"source_file\":\"f%d\"}", row)) : NULL;
            expect(at != NULL, "%s: row %d is missing, or not in its place", formats[i], row);
        }
        expect(at && !strstr(at, "\"f32\""), "%s: more than 31 rows", formats[i]);
    }
}

SUITE(export) = {
    {"headers of each format", test_headers},
    {"rows, their order, digits and times", test_rows_and_order},
    {"no rows, no config", test_no_rows},
    {"start, end, limit", test_range_and_limit},
    {"the default limit", test_default_limit},
    {"dimension filters", test_dimension_filter},
    {"wrong dimension filters", test_wrong_dimension_filters},
    {"wrong parameters, all at once", test_wrong_parameters},
    {"JSON", test_json},
    {"NDJSON", test_ndjson},
    {"rows that repeat", test_repeated_rows},
    {"the length of short and long exports", test_length},
    {"exports of every length", test_lengths},
    CU_TEST_INFO_NULL,
};
