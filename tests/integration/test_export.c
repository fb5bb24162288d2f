/*
 * test_export.c - GET /configs/:id/export: CSV, JSON, NDJSON. What breaks in mid-stream is in
 * test_faults.c.
 */
#include "csv.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "suites.h"
#include <string.h>
#include <time.h>

static http_response_t *export(apr_int64_t config, const char *query)
{
    return http_get(strf("/configs/" ID "/export%s", config, query));
}

/* The body of an export that must succeed. */
static const char *body(apr_int64_t config, const char *query)
{
    http_response_t *res = export(config, query);

    expect_status(res, 200);
    return res->body;
}

static csv_table_t *table(apr_int64_t config, const char *query)
{
    http_response_t *res = export(config, query);
    csv_table_t *t;

    expect_status(res, 200);
    t = csv_read(res->body, res->len);
    expect(t && !t->ragged, "not a table: %.500s", res->body);
    return t;
}

static const char *filter(const char *json)
{
    return strf("?dimensions=%s", http_escape(json));
}

/* A config with the schema Op, Backend:Stage | throughput, latency. */
static apr_int64_t seed_bench(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);

    seed_schema(DB_A, config, 1, 1, "[\"Op\",\"Backend:Stage\"]", "[\"throughput\",\"latency\"]");
    return config;
}

static void test_headers(void)
{
    apr_int64_t config = seed_bench("headers");
    char today[16];
    time_t now = time(NULL);

    strftime(today, sizeof(today), "%Y%m%d", gmtime(&now));
    http_response_t *res = export(config, "");
    expect_status(res, 200);
    expect_contains(http_header(res, "Content-Type"), "text/csv");
    expect_header(res, "Content-Disposition",
                  strf("attachment; filename=\"metrics-config-" ID "-%s.csv\"", config, today));
    expect_header(res, "Cache-Control", "no-cache");
    res = export(config, "?format=json");
    expect_header(res, "Content-Type", "application/json");
    expect_header(res, "Content-Disposition",
                  strf("attachment; filename=\"metrics-config-" ID "-%s.json\"", config, today));
    res = export(config, "?format=ndjson");
    expect_header(res, "Content-Type", "application/x-ndjson");
    expect_header(res, "Content-Disposition",
                  strf("attachment; filename=\"metrics-config-" ID "-%s.ndjson\"", config, today));
}

static void test_rows_and_order(void)
{
    apr_int64_t config = seed_bench("rows");

    seed_metric(DB_A, config, "2025-01-31T12:00:00.9Z", "{\"Op\":\"GEMM\",\"Backend:Stage\":\"a\"}",
                "{\"throughput\":157.10,\"latency\":2}", "x/summary.csv");
    seed_metric(DB_A, config, "2025-01-31T12:00:01-08:00", "{\"Op\":\"first\"}",
                "{\"throughput\":1e3}", NULL);
    seed_metric(DB_A, config, "2025-01-31T12:00:00.9Z", "{\"Op\":\"tie\"}", "{}", "");
    seed_metric(DB_A, config, "2024-02-29T00:00:00Z", "{\"Backend:Stage\":\"last\"}",
                "{\"latency\":null,\"throughput\":-0.000000000000000000001}", "y");
    expect_str(body(config, ""), "Op,Backend:Stage,throughput,latency,collected_at,source_file\n"
                                 "first,,1000,,2025-01-31T20:00:01Z,\n"
                                 "GEMM,a,157.10,2,2025-01-31T12:00:00Z,x/summary.csv\n"
                                 "tie,,,,2025-01-31T12:00:00Z,\"\"\n"
                                 ",last,-0.000000000000000000001,,2024-02-29T00:00:00Z,y\n");
}

static void test_no_rows(void)
{
    apr_int64_t config = seed_bench("no rows");
    apr_int64_t bare = seed_config(DB_A, "bare");

    expect_str(body(config, ""), "Op,Backend:Stage,throughput,latency,collected_at,source_file\n");
    expect_str(body(bare, ""), "collected_at,source_file\n");
    expect_str(body(config, "?format=json"), "{\"meta\":{\"code\":2000},\"data\":{\"rows\":[],\"truncated\":false}}");
    expect_str(body(config, "?format=ndjson"), "");
    expect_error(export(999999999, ""), 4040, "config not found");
    expect_error(export(999999999, "?format=json"), 4040, "config not found");
}

/* Without a schema, or with an empty one, the rows' keys are the columns, sorted. */
static void test_without_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "without");

    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"b\":1,\"B\":2}", "{\"z\":3}", NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"a\":4}", "{\"y\":5,\"\xc3\xa9\":6}",
                NULL);
    const char *expected = "B,a,b,y,z,\xc3\xa9,collected_at,source_file\n"
                           ",4,,5,,6,2025-01-02T00:00:00Z,\n"
                           "2,,1,,3,,2025-01-01T00:00:00Z,\n";
    expect_str(body(config, ""), expected);
    seed_schema(DB_A, config, 1, 0, "[\"inactive\"]", "[]");
    expect_str(body(config, ""), expected);
    seed_schema(DB_A, config, 2, 1, "[]", "[]");
    expect_str(body(config, ""), expected);
    seed_schema(DB_A, config, 3, 1, "[\"a\"]", "[]");
    expect_contains(body(config, ""), "a,collected_at,source_file\n4,2025-01-02T00:00:00Z,\n");
}

static void seed_pair(apr_int64_t config, const char *key, const char *value)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions) VALUES ($1, 1, 1, '2025-01-01T00:00:00Z', $3::text,"
           " jsonb_build_object($2::text, $3::text))",
           3, strf(ID, config), key, value);
}

/* What libcsv reads back equals what is stored. */
static void test_round_trip(void)
{
    static const char *const texts[] = {"plain",
                                        "comma, inside",
                                        "\"quoted\"",
                                        "\"",
                                        "\"\"",
                                        "two\nlines",
                                        "cr\rhere",
                                        "crlf\r\nhere",
                                        "",
                                        " leading",
                                        "trailing ",
                                        "\xe2\x80\xa8 ls",
                                        "\xf0\x9f\x9a\x80",
                                        "a;b",
                                        "\\N",
                                        "back\\slash",
                                        "null",
                                        "\xef\xbb\xbf"
                                        "bom",
                                        "tab\tinside",
                                        ",",
                                        "\n",
                                        "%s%n",
                                        "\x01\x7f"};
    apr_int64_t config = seed_config(DB_A, "round trip");
    csv_table_t *t;

    seed_schema(DB_A, config, 1, 1, "[\"text, \\\"quoted\\\"\"]", "[]");
    for (size_t i = 0; i < countof(texts); i++)
        seed_pair(config, "text, \"quoted\"", texts[i]);
    t = table(config, "");
    expect_int(t->rows, countof(texts) + 1);
    expect_int(t->columns, 3);
    expect_str(csv_cell(t, 0, 0), "text, \"quoted\"");
    for (size_t i = 0; i < countof(texts); i++) {
        expect_str(csv_cell(t, i + 1, 0), texts[i]);
        expect_str(csv_cell(t, i + 1, 1), "2025-01-01T00:00:00Z");
        expect_str(csv_cell(t, i + 1, 2), texts[i]);
    }
}

/* NULL, an absent key and JSON null are empty; an empty text is "". */
static void test_null_and_empty(void)
{
    apr_int64_t config = seed_bench("null and empty");

    seed_metric(DB_A, config, "2025-01-03T00:00:00Z", "{\"Op\":null}", "{\"throughput\":null}",
                NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"Op\":\"\"}", "{\"throughput\":\"\"}", "");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    csv_table_t *t = table(config, "");
    for (int row = 1; row <= 3; row++) {
        const char *expected = row == 2 ? "" : NULL;
        expect_str(csv_cell(t, row, 0), expected);
        expect_str(csv_cell(t, row, 2), expected);
        expect_str(csv_cell(t, row, 5), expected);
    }
}

/* JSONB that is not a scalar or not an object must not fail the export. */
static void test_odd_values(void)
{
    apr_int64_t config = seed_bench("odd values");

    seed_metric(DB_A, config, "2025-01-04T00:00:00Z", "{\"Op\":32}", "{\"throughput\":\"N/A\"}",
                NULL);
    seed_metric(DB_A, config, "2025-01-03T00:00:00Z", "{\"Op\":true}",
                "{\"throughput\":123456789012345678901234567890.10}", NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"Op\":[1,\"a\"]}",
                "{\"throughput\":{\"k\":[]}}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "[]", "null", NULL);
    csv_table_t *t = table(config, "");
    expect_int(t->rows, 5);
    expect_str(csv_cell(t, 1, 0), "32");
    expect_str(csv_cell(t, 1, 2), "N/A");
    expect_str(csv_cell(t, 2, 0), "true");
    expect_str(csv_cell(t, 2, 2), "123456789012345678901234567890.10");
    expect_str(csv_cell(t, 3, 0), "[1, \"a\"]");
    expect_str(csv_cell(t, 3, 2), "{\"k\": []}");
    expect_str(csv_cell(t, 4, 0), NULL);
    expect_str(csv_cell(t, 4, 2), NULL);
}

static void test_formulas(void)
{
    static const struct {
        const char *stored, *guarded;
    } cases[] = {{"=1+1", "'=1+1"},
                 {"+SUM(A1)", "'+SUM(A1)"},
                 {"-2+3", "'-2+3"},
                 {"@cmd", "'@cmd"},
                 {"\tx", "'\tx"},
                 {"\rx", "'\rx"},
                 {"=\"a,b\"", "'=\"a,b\""},
                 {"-1.5", "-1.5"},
                 {"+1e9", "+1e9"},
                 {"-", "-"},
                 {"-3.24%", "-3.24%"},
                 {"-1,234.5", "-1,234.5"},
                 {"+1.05%", "+1.05%"},
                 {"-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"},
                 {"\xEF\xBC\x9D\x31", "'\xEF\xBC\x9D\x31"},
                 {"1=1", "1=1"},
                 {"'=1", "'=1"},
                 {"-1.5x", "'-1.5x"},
                 {"--1", "'--1"}};
    apr_int64_t config = seed_config(DB_A, "formulas");
    csv_table_t *t;

    seed_schema(DB_A, config, 1, 1, "[\"=cell\"]", "[]");
    for (size_t i = 0; i < countof(cases); i++)
        seed_pair(config, "=cell", cases[i].stored);
    t = table(config, "");
    expect_str(csv_cell(t, 0, 0), "'=cell");
    for (size_t i = 0; i < countof(cases); i++) {
        expect_str(csv_cell(t, i + 1, 0), cases[i].guarded);
        expect_str(csv_cell(t, i + 1, 2), cases[i].guarded);
    }
    http_response_t *res = http_send(
        &(http_request_t){.host = HOST_PLAIN, .path = strf("/configs/" ID "/export", config)});
    t = csv_read(res->body, res->len);
    expect_str(csv_cell(t, 0, 0), "=cell");
    for (size_t i = 0; i < countof(cases); i++)
        expect_str(csv_cell(t, i + 1, 0), cases[i].stored);
    res = export(config, "?format=json");
    expect_text(res, "data.rows.0.=cell", "=1+1");
}

/* start, end and limit. */
static void test_range_and_limit(void)
{
    apr_int64_t config = seed_bench("range");

    for (int day = 1; day <= 9; day++)
        seed_metric(DB_A, config, strf("2025-01-0%dT00:00:00Z", day), "{\"Op\":\"x\"}", "{}", NULL);
    csv_table_t *t = table(config, "?start=2025-01-03T00:00:00Z&end=2025-01-05T00:00:00Z");
    expect_int(t->rows, 4);
    expect_str(csv_cell(t, 1, 4), "2025-01-05T00:00:00Z");
    expect_str(csv_cell(t, 3, 4), "2025-01-03T00:00:00Z");
    t = table(config, "?limit=2");
    expect_int(t->rows, 3);
    expect_str(csv_cell(t, 2, 4), "2025-01-08T00:00:00Z");
    expect_int(table(config, "?limit=5000000")->rows, 10);
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
    apr_int64_t config = seed_bench("default limit");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp)"
           " SELECT $1::bigint, 1, 1, now() FROM generate_series(1, 10005)",
           1, strf(ID, config));
    expect_int(table(config, "")->rows, 10001);
    expect_int(table(config, "?limit=10004")->rows, 10005);
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
    apr_int64_t config = seed_bench("filter");
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
    expect_str(body(config, "?dimensions[Op]=GEMM&dimensions%5BBackend:Stage%5D[]=b"),
               body(config, filter("{\"Op\":\"GEMM\",\"Backend:Stage\":[\"b\"]}")));
    expect_str(body(config, "?dimensions[batch][not][]=32&dimensions[batch][not][]=5"),
               body(config, filter("{\"batch\":{\"not\":[\"32\",\"5\"]}}")));
    for (size_t i = 0; i < countof(cases); i++) {
        csv_table_t *t = table(config, filter(cases[i].filter));
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
    apr_int64_t config = seed_bench("wrong filters");

    for (size_t i = 0; i < countof(cases); i++)
        expect_field(export(config, filter(cases[i].filter)), "dimensions", cases[i].message);
}

static void test_metric_fields(void)
{
    apr_int64_t config = seed_bench("metric fields");
    const char *names = "must be a comma-separated list or a JSON array of names";
    const char *unknown = "names a field that is neither in the schema nor in the data: ";

    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}",
                "{\"throughput\":1,\"latency\":2,\"a b\":3}", NULL);
    expect_str(body(config, "?metric_fields=latency"),
               "Op,Backend:Stage,latency,collected_at,source_file\nx,,2,2025-01-01T00:00:00Z,\n");
    expect_contains(body(config, "?metric_fields=latency,throughput"),
                    "Stage,throughput,latency,collected_at");
    expect_contains(body(config, "?metric_fields=latency,%20throughput%20,latency"),
                    "Stage,throughput,latency,collected_at");
    expect_contains(body(config, "?metric_fields=a+b,latency"), "Stage,latency,a b,collected_at");
    expect_field(export(config, "?metric_fields=nope"), "metric_fields", strf("%snope", unknown));
    expect_field(export(config, "?metric_fields=throughput,x%27%3B--"), "metric_fields",
                 strf("%sx';--", unknown));
    expect_field(export(config, "?metric_fields=Op"), "metric_fields", strf("%sOp", unknown));
    expect_field(export(config, "?metric_fields="), "metric_fields", names);
    expect_field(export(config, "?metric_fields=[1]"), "metric_fields", names);
    /* no list, but a name there may be */
    expect_field(export(config, "?metric_fields=a,,b"), "metric_fields", strf("%sa,,b", unknown));
    expect_field(export(config, "?metric_fields=,"), "metric_fields", strf("%s,", unknown));
    expect_str(body(config, "?metric_fields=[%22latency%22]"),
               body(config, "?metric_fields=latency"));
    expect_str(body(config, "?metric_fields[]=latency&metric_fields%5B1%5D=throughput"),
               body(config, "?metric_fields=latency,throughput"));
}

static void test_wrong_parameters(void)
{
    static const char *const formats[] = {"", "xml", "CSV", "json,csv"};
    const char *instant = "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z";
    apr_int64_t config = seed_bench("wrong parameters");
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
    apr_int64_t config = seed_bench("json");
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
    apr_int64_t config = seed_bench("ndjson");

    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"Op\":\"two\\nlines\"}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":2}", "{\"throughput\":1.0}", "f");
    expect_str(body(config, "?format=ndjson"),
               "{\"Op\":\"two\\nlines\",\"Backend:Stage\":null,\"throughput\":null,"
               "\"latency\":null,\"collected_at\":\"2025-01-02T00:00:00Z\",\"source_file\":null}\n"
               "{\"Op\":2,\"Backend:Stage\":null,\"throughput\":1.0,\"latency\":null,"
               "\"collected_at\":\"2025-01-01T00:00:00Z\",\"source_file\":\"f\"}\n");
}

/* No object has a key twice, whatever the fields are called. */
static void test_colliding_names(void)
{
    apr_int64_t config = seed_config(DB_A, "colliding");
    const char *d = "[\"Op\",\"source_file\",\"collected_at\"]";

    seed_schema(DB_A, config, 1, 1, d, "[\"Op\",\"throughput\"]");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z",
                "{\"Op\":\"d\",\"source_file\":\"df\",\"collected_at\":\"dc\"}", "{\"Op\":1}", "f");
    expect_str(body(config, "?format=ndjson"),
               "{\"Op\":\"d\",\"source_file\":\"df\",\"collected_at\":\"dc\",\"metrics.Op\":1,"
               "\"throughput\":null,\"row.collected_at\":\"2025-01-01T00:00:00Z\","
               "\"row.source_file\":\"f\"}\n");
    expect_str(body(config, ""),
               "Op,source_file,collected_at,metrics.Op,throughput,row.collected_at,row.source_file\n"
               "d,df,dc,1,,2025-01-01T00:00:00Z,f\n");
}

/* Names of fields are data too. */
static void test_hostile_fields(void)
{
    const char *fields = "[\"it's\",\"\\\"q\\\"\",\"%s\",\"$1\",\"a\\\\b\",\"';--\"]";
    apr_int64_t config = seed_config(DB_A, "hostile fields");
    const char *before;

    seed_schema(DB_A, config, 1, 1, fields, fields);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z",
                "{\"it's\":1,\"\\\"q\\\"\":2,\"%s\":3,\"$1\":4,\"a\\\\b\":5,\"';--\":6}",
                "{\"it's\":7,\"\\\"q\\\"\":8,\"%s\":9,\"$1\":10,\"a\\\\b\":11,\"';--\":12}", NULL);
    before = db_fingerprint(DB_A);
    csv_table_t *t = table(config, "");
    expect_int(t->columns, 14);
    expect_str(csv_cell(t, 0, 1), "\"q\"");
    expect_str(csv_cell(t, 0, 5), "';--");
    for (int i = 0; i < 12; i++)
        expect_str(csv_cell(t, 1, i), strf("%d", i + 1));
    expect_str(db_fingerprint(DB_A), before);
}

/* A header row wider than any buffer, and a cell larger than the sink's. */
static void test_large_cells(void)
{
    apr_int64_t config = seed_bench("large cells");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions) SELECT $1::bigint, 1, 1, '2025-01-01T00:00:00Z',"
           " jsonb_build_object('Op', repeat('x,\"', 100000 * i)) FROM generate_series(1, 3) i",
           1, strf(ID, config));
    csv_table_t *t = table(config, "");
    expect_int(t->rows, 4);
    for (int i = 1; i <= 3; i++) {
        const char *cell = csv_cell(t, i, 0);
        expect_int(strlen(cell), 300000 * i);
        expect_str(cell + 300000 * i - 6, "x,\"x,\"");
    }
}

#define WIDE_FIELDS 200
#define WIDE_ROWS   300

/* Row i of the wide config has in field j the number i.j, unless i + j is a multiple of 3. */
static apr_int64_t seed_wide(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);
    const char *fields =
        db_text(DB_A, "SELECT jsonb_agg('m' || j ORDER BY j)::text FROM generate_series(1, $1) j",
                1, strf("%d", WIDE_FIELDS));

    seed_schema(DB_A, config, 1, 1, "[\"Op\",\"row\"]", fields);
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics) SELECT $1::bigint, 1, 1,"
           " '2025-01-01T00:00:00Z'::timestamptz - i * interval '1 second', 'f' || i,"
           " jsonb_build_object('Op', 'a,' || i, 'row', i),"
           " (SELECT jsonb_object_agg('m' || j, (i || '.' || j)::numeric)"
           "   FROM generate_series(1, $3::int) j WHERE (i + j) % 3 <> 0)"
           " FROM generate_series(1, $2::int) i",
           3, strf(ID, config), strf("%d", WIDE_ROWS), strf("%d", WIDE_FIELDS));
    return config;
}

/* So many fields that the metrics come as whole objects: nothing of the answer may differ. */
static void test_many_fields(void)
{
    apr_int64_t config = seed_wide("many fields");
    csv_table_t *t = table(config, "");
    int wrong = 0;

    expect_int(t->rows, WIDE_ROWS + 1);
    expect_int(t->columns, 2 + WIDE_FIELDS + 2);
    for (int j = 1; j <= WIDE_FIELDS; j++)
        wrong += strcmp(csv_cell(t, 0, 1 + j), strf("m%d", j)) != 0;
    for (int i = 1; i < t->rows; i++) {
        expect_str(csv_cell(t, i, 0), strf("a,%d", i));
        expect_str(csv_cell(t, i, 1), strf("%d", i));
        expect_str(csv_cell(t, i, 3 + WIDE_FIELDS), strf("f%d", i));
        for (int j = 1; j <= WIDE_FIELDS; j++) {
            const char *cell = csv_cell(t, i, 1 + j);
            wrong += (i + j) % 3 ? !cell || strcmp(cell, strf("%d.%d", i, j)) : cell != NULL;
        }
    }
    expect_int(wrong, 0);
    t = table(config, "?limit=7&start=2024-12-31T23:59:50Z&dimensions=%7B%22row%22:[1,3,10,11]%7D");
    expect_int(t->rows, 4);
    expect_str(csv_cell(t, 3, 1), "10");
    t = table(config, strf("?limit=1&metric_fields=%s", "m200,m100"));
    expect_int(t->columns, 6);
    expect_str(csv_cell(t, 1, 2), "1.100");
    expect_str(csv_cell(t, 0, 3), "m200");
}

/* Rows whose dimensions and metrics are no objects have no fields, in every format. */
static void test_many_fields_odd_rows(void)
{
    static const char *const odd[] = {"[\"m1\",\"Op\",1]", "\"m1\"", "1.5", "true", "null", "{}"};
    apr_int64_t config = seed_wide("odd wide rows");
    csv_table_t *t;

    for (size_t i = 0; i < countof(odd); i++)
        seed_metric(DB_A, config, strf("2025-02-0%dT00:00:00Z", (int)(9 - i)), odd[i], odd[i],
                    "odd");
    t = table(config, "");
    expect_int(t->rows, WIDE_ROWS + countof(odd) + 1);
    for (size_t i = 1; i <= countof(odd); i++) {
        for (int c = 0; c < 2 + WIDE_FIELDS; c++)
            expect_str(csv_cell(t, (int)i, c), NULL);
        expect_str(csv_cell(t, (int)i, 3 + WIDE_FIELDS), "odd");
    }
    expect_str(csv_cell(t, countof(odd) + 1, 2), "1.1");
    http_response_t *res = export(config, "?format=json&limit=8");
    expect_int(json_length_at(res, "data.rows"), 8);
    for (size_t i = 0; i < countof(odd); i++) {
        expect_json(res, strf("data.rows.%d.m1", (int)i), "null");
        expect_json(res, strf("data.rows.%d.Op", (int)i), "null");
        expect_text(res, strf("data.rows.%d.source_file", (int)i), "odd");
    }
    expect_json(res, "data.rows.6.m1", "1.1");
    expect_json(res, "data.rows.6.m2", "null");
    expect_text(res, "data.rows.7.Op", "a,2");
}

/* Rows with so many different metrics, ten each, and one dimension. */
static void seed_keys(apr_int64_t config, int from, int to)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1::bigint, 1, 1,"
           " '2025-01-01T00:00:00Z'::timestamptz + min(j) * interval '1 second', '{\"Op\":1}',"
           " jsonb_object_agg('k' || lpad(j::text, 4, '0'), j) FROM generate_series($2::int,"
           " $3::int) j GROUP BY j / 10",
           3, strf(ID, config), strf("%d", from), strf("%d", to));
}

/* PostgreSQL's limit on columns is told to the client before it is met. */
static void test_too_many_fields(void)
{
    const char *message = "an export has at most 1600 fields: choose some with metric_fields";
    apr_int64_t config = seed_config(DB_A, "too many fields");
    csv_table_t *t;

    seed_keys(config, 1, 1599);
    t = table(config, "");
    expect_int(t->columns, 1600 + 2);
    expect_str(csv_cell(t, 0, 1599), "k1599");
    expect_str(csv_cell(t, 1, 1599), "1599");
    seed_keys(config, 1600, 1600);
    expect_error(export(config, ""), 4000, message);
    seed_keys(config, 1601, 5000);
    expect_error(export(config, ""), 4000, message);
    expect_error(export(config, "?format=json"), 4000, message);
    t = table(config, "?metric_fields=k4999,k0001");
    expect_int(t->columns, 5);
    expect_int(t->rows, 1 + 160 + 1 + 341);
    expect_str(csv_cell(t, 0, 1), "k0001");
    expect_str(csv_cell(t, t->rows - 1, 1), "1");
    expect_str(csv_cell(t, 0, 2), "k4999");
    expect_str(csv_cell(t, 2, 2), "4999");
    expect_str(csv_cell(t, 3, 2), NULL);
}

/* What only the data has is a field; what nobody has is named, and nothing else is. */
static void test_metric_fields_of_data(void)
{
    apr_int64_t with = seed_bench("fields of data"), without = seed_config(DB_A, "no schema");
    const apr_int64_t configs[] = {with, without};

    for (size_t i = 0; i < countof(configs); i++) {
        seed_metric(DB_A, configs[i], "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}",
                    "{\"throughput\":1,\"only data\":2}", NULL);
        http_response_t *res = export(configs[i], "?metric_fields=only%20data,nobody,throughput");
        expect_int(json_length_at(res, "errors"), 1);
        expect_field(res, "metric_fields",
                     "names a field that is neither in the schema nor in the data: nobody");
    }
    expect_str(body(with, "?metric_fields=only%20data,throughput"),
               "Op,Backend:Stage,throughput,only data,collected_at,source_file\n"
               "x,,1,2,2025-01-01T00:00:00Z,\n");
    expect_str(body(without, "?metric_fields=only%20data"),
               "Op,only data,collected_at,source_file\nx,2,2025-01-01T00:00:00Z,\n");
}

/* Metrics come whole or one by one, as the choice is wide or narrow: the cells are the same. */
static void test_choices_agree(void)
{
    static const char *const metrics =
        "{\"a\":1.50,\"b\":\"x,\\\"\\\\\\n\\u0001\xc3\xa9\",\"c\":null,\"d\":[1, {\"a\":\"]\"}],"
        "\"e\":{\"a\":2},\"f\":true,\"g\":\"\",\"i\":\"=1\"}";
    static const char *const cells[] = {
        "1.50", "x,\"\\\n\x01\xc3\xa9", NULL, "[1, {\"a\": \"]\"}]", "{\"a\": 2}", "true", "", NULL,
        "'=1"};
    apr_int64_t config = seed_config(DB_A, "choices");
    http_response_t *all, *one;
    int found;

    seed_schema(DB_A, config, 1, 1, "[\"Op\"]",
                "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]");
    for (int row = 0; row < 3; row++)
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}", metrics, "f");
    all = export(config, "?format=json");
    for (size_t i = 0; i < countof(cells); i++) {
        const char name[] = {(char)('a' + i), '\0'};
        csv_table_t *wide = table(config, ""),
                    *narrow = table(config, strf("?metric_fields=%s", name));

        one = export(config, strf("?format=json&metric_fields=%s", name));
        for (int row = 1; row <= 3; row++) {
            expect_str(csv_cell(wide, row, 1 + (int)i), cells[i]);
            expect_str(csv_cell(narrow, row, 1), cells[i]);
            expect_str(csv_cell(narrow, row, 0), "x");
            expect_str(csv_cell(narrow, row, 3), "f");
        }
        expect_str(json_object_to_json_string(json_at(one, strf("data.rows.2.%s", name), &found)),
                   json_object_to_json_string(json_at(all, strf("data.rows.2.%s", name), &found)));
        expect_int(found, 1);
    }
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
    t = table(config, "");
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
    apr_int64_t config = seed_bench("length");
    http_response_t *res;

    for (int i = 0; i < 2; i++)
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", strf("{\"Op\":\"%01900d\"}", i), "{}",
                    NULL);
    res = export(config, "?limit=1");
    expect_header(res, "Content-Length", strf("%d", (int)res->len));
    res = export(config, "?limit=2");
    expect_header(res, "Content-Length", strf("%d", (int)res->len));
    for (int i = 2; i < 16; i++)
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    res = export(config, "");
    expect_str(http_header(res, "Content-Length"), NULL);
    expect_int(csv_read(res->body, res->len)->rows, 17);
}

/* However many dimensions there are, their cells are the same. */
static void test_many_dimensions(void)
{
    static const char *const values[] = {
        "\"a,b\"",        "\"\"",       "1.50",       "true",
        "null",           "[1, \"x\"]", "{\"k\": 1}", "\"say \\\"hi\\\"\"",
        "\"\\u00e9\\n\"", "0",          "\"=1\"",     "1e3"};
    static const char *const cells[] = {"a,b",        "",           "1.50",       "true",
                                        NULL,         "[1, \"x\"]", "{\"k\": 1}", "say \"hi\"",
                                        "\xC3\xA9\n", "0",          "'=1",        "1000"};

    for (int n = 7; n <= (int)countof(values); n++) {
        apr_int64_t config = seed_config(DB_A, strf("%d dimensions", n));
        const char *names = "", *object = "";
        csv_table_t *t;

        for (int i = 0; i < n; i++) {
            names = strf("%s%s\"d%d\"", names, i ? "," : "", i);
            object = strf("%s%s\"d%d\": %s", object, i ? "," : "", i, values[i]);
        }
        seed_schema(DB_A, config, 1, 1, strf("[%s]", names), "[]");
        for (int row = 0; row < 20; row++)
            seed_metric(DB_A, config, "2025-01-01T00:00:00Z",
                        row % 4 == 3 ? "[]" : strf("{%s, \"more\": 1}", object), "{}", NULL);
        t = table(config, "");
        expect_int(t->rows, 21);
        for (int row = 0; row < 20; row++)
            for (int i = 0; i < n; i++)
                expect_str(csv_cell(t, row + 1, i), row % 4 == 3 ? NULL : cells[i]);
    }
}

/* Exports of every length about the one at which the first rows are a statement of their own. */
static void test_lengths(void)
{
    static const char *const formats[] = {"csv", "ndjson", "json"};
    apr_int64_t config = seed_bench("lengths");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics) SELECT $1, 1, 1, '2025-01-01Z'::timestamptz"
           " - i / 20 * interval '1 second', 'f' || i, jsonb_build_object('Op', 'GEMM'), '{}'"
           " FROM generate_series(1, 40) i",
           1, strf(ID, config));
    for (int limit = 1; limit <= 42; limit++) {
        csv_table_t *t = table(config, strf("?limit=%d", limit));
        int rows = limit < 40 ? limit : 40;

        expect_int(t->rows, rows + 1);
        for (int i = 1; i < t->rows; i++)
            expect_str(csv_cell(t, i, t->columns - 1), strf("f%d", i));
        t = table(config, strf("?limit=%d&dimensions=%%7B%%22Op%%22:%%22GEMM%%22%%7D", limit));
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

CU_TestInfo export_tests[] = {
    {"headers of each format", test_headers},
    {"rows, their order, digits and times", test_rows_and_order},
    {"no rows, no config", test_no_rows},
    {"columns without a schema", test_without_schema},
    {"CSV read back equals the rows", test_round_trip},
    {"NULL, absent and empty", test_null_and_empty},
    {"odd values", test_odd_values},
    {"the formula guard", test_formulas},
    {"start, end, limit", test_range_and_limit},
    {"the default limit", test_default_limit},
    {"dimension filters", test_dimension_filter},
    {"wrong dimension filters", test_wrong_dimension_filters},
    {"metric_fields", test_metric_fields},
    {"wrong parameters, all at once", test_wrong_parameters},
    {"JSON", test_json},
    {"NDJSON", test_ndjson},
    {"names that collide", test_colliding_names},
    {"hostile field names", test_hostile_fields},
    {"large cells", test_large_cells},
    {"many fields", test_many_fields},
    {"many fields, rows that are no objects", test_many_fields_odd_rows},
    {"more fields than an export can have", test_too_many_fields},
    {"metric_fields that only the data has", test_metric_fields_of_data},
    {"narrow and wide choices of metrics", test_choices_agree},
    {"rows that repeat", test_repeated_rows},
    {"the length of short and long exports", test_length},
    {"exports of every length", test_lengths},
    {"few and many dimensions", test_many_dimensions},
    CU_TEST_INFO_NULL,
};
