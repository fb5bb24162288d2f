/*
 * test_export_memory.c - an export takes a bounded part of a child's memory, whatever it asks for
 * and whatever is stored; and what is too large for that is told, and never left out unseen.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "exports.h"
#include "fixture.h"
#include "memory.h"
#include <string.h>

#define MB " * 1000000)"

static http_request_t asks(apr_int64_t config, const char *query)
{
    return (http_request_t){.path = strf("/configs/" ID "/export%s", config, query)};
}

/* See what it costs, and answer it. */
static http_response_t *measure(apr_int64_t config, const char *query, long status)
{
    http_request_t rq = asks(config, query);

    expect_memory(&rq, status);
    return http_send(&rq);
}

/* The same of one whose statement is large. */
static http_response_t *measure_large(apr_int64_t config, const char *query)
{
    http_request_t rq = asks(config, query);

    memory_fill_connections(&rq);
    return measure(config, query, 200);
}

/* n rows with these SQL expressions of i as dimensions, metrics and raw_data. */
static void seed(apr_int64_t config, int n, const char *dimensions, const char *metrics,
                 const char *raw)
{
    db_run(DB_A,
           strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " source_file, dimensions, metrics, raw_data) SELECT $1::bigint, 1, 1,"
                " '2025-01-01Z'::timestamptz - i * interval '1 second', 'f' || i, %s, %s, %s"
                " FROM generate_series(1, $2::int) i",
                dimensions, metrics, raw),
           2, strf(ID, config), strf("%d", n));
}

static apr_int64_t begin(const char *name, int n, const char *dimensions, const char *metrics,
                         const char *raw)
{
    apr_int64_t config = export_bench(name);

    seed(config, n, dimensions, metrics, raw);
    return config;
}

/* Nobody asks for raw_data. */
static void test_raw_data(void)
{
    apr_int64_t config = begin("raw data", 20, "'{\"Op\":\"GEMM\"}'", "'{\"throughput\":1.5}'",
                               "jsonb_build_object('text', repeat('raw!', 2500000))");
    http_response_t *res = measure(config, "", 200);

    expect_int(csv_read(res->body, res->len)->rows, 21);
    res = measure(config, "?format=json", 200);
    expect_int(json_length_at(res, "data.rows"), 20);
}

/* What an object holds besides what is wanted is not sent, however much it is. */
static void test_much_besides(void)
{
    static const char more[] = "jsonb_build_object('Op', 'GEMM', 'throughput', 1.5, 'more',"
                               " repeat('more', 1250000), 'odd', jsonb_build_array(repeat('x\"', "
                               "1000000)))";
    static const char *const queries[] = {"", "?metric_fields=throughput", "?include=run_id"};
    apr_int64_t config = begin("much besides", 3, more, more, "NULL");

    for (size_t i = 0; i < countof(queries); i++) {
        http_response_t *res = measure(config, queries[i], 200);
        csv_table_t *t = csv_read(res->body, res->len);

        expect_int(t->rows, 4);
        expect_str(csv_cell(t, 3, 0), "GEMM");
        expect_str(csv_cell(t, 3, 2), "1.5");
    }
    for (int i = 0; i < 2; i++) {
        http_response_t *res =
            measure(config, i ? "?format=json&metric_fields=throughput" : "?format=json", 200);

        expect_int(json_length_at(res, "data.rows"), 3);
        expect_text(res, "data.rows.2.Op", "GEMM");
        expect_json(res, "data.rows.2.throughput", "1.5");
    }
}

/* What is wanted and too large for a row is an error that names the row, or breaks the answer. */
static void test_too_large(void)
{
    static const char *const queries[] = {"", "?format=json"};
    apr_int64_t dims = begin("5 MB dimensions", 3, "jsonb_build_object('Op', repeat('x', 5" MB ")",
                             "'{}'", "NULL");
    apr_int64_t metrics = begin("12 MB of metrics", 3, "'{\"Op\":\"a\"}'",
                                "jsonb_build_object('throughput', repeat('x', 6" MB
                                ", 'latency', repeat('\"', 6" MB ")",
                                "NULL");
    const char *row = "a row of 2024-12-31T23:59:59Z has ";

    for (size_t i = 0; i < countof(queries); i++) {
        expect_error(measure(dims, queries[i], 400), 4000,
                     strf("%smore than 1 MB of dimensions: leave it out with start and end", row));
        expect_error(measure(metrics, queries[i], 400), 4000,
                     strf("%s%s: leave it out with start and end, or choose other metric_fields",
                          row, i ? "more than 1 MB of metrics" : "a metric of more than 40 kB"));
    }
    /* behind rows that have gone out already it is visible, too */
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET timestamp = '2024-01-01Z' WHERE config_id = $1", 1,
           strf(ID, dims));
    seed(dims, 3000, "jsonb_build_object('Op', repeat('y', 100))", "'{}'", "NULL");
    apr_off_t mark = fixture_log_mark();
    http_response_t *res = export(dims, "");
    expect_int(res->status, 200);
    expect(res->curl != CURLE_OK, "an export without its last row looks complete");
    expect_contains(fixture_log_since(mark), "wfmetrics:error");
    expect_contains(fixture_log_since(mark), "more than 1 MB of dimensions");
    res = measure(dims, "?start=2024-06-01T00:00:00Z", 200);
    expect_int(csv_read(res->body, res->len)->rows, 3001);
}

/* One byte decides: of a value among a few, of an object in CSV, of one in JSON. */
static void test_border(void)
{
    static const struct {
        const char *metrics, *query;
        int most; /* that the text may have */
    } cases[] = {
        {"jsonb_build_object('throughput', repeat('x', $2::int))", "?metric_fields=throughput",
         40000},
        /* with the quotes */
        {"jsonb_build_object('throughput', repeat('x', $2::int))",
         "?format=ndjson&metric_fields=throughput", 40000 - 2},
        {"jsonb_build_object('throughput', repeat('x', $2::int))", "?format=json", 1000000 - 18},
    };

    for (size_t i = 0; i < countof(cases); i++) {
        for (int over = 0; over < 2; over++) {
            apr_int64_t config = export_bench(strf("border %d %d", (int)i, over));

            seed_schema(DB_A, config, 2, 1, "[]", "[\"throughput\",\"a\",\"b\",\"c\"]");
            db_run(DB_A,
                   strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id,"
                        " timestamp, dimensions, metrics) VALUES ($1::bigint, 1, 1, '2025-01-01Z',"
                        " '{}', %s)",
                        cases[i].metrics),
                   2, strf(ID, config), strf("%d", cases[i].most + over));
            http_response_t *res = export(config, cases[i].query);
            if (over)
                expect_contains(res->body, "leave it out with start and end");
            else
                expect_int(strspn(strstr(res->body, "xxx"), "x"), cases[i].most);
            expect_status(res, over ? 400 : 200);
        }
    }
}

/* A character may be four bytes. */
static void test_wide_characters(void)
{
    apr_int64_t config = seed_config(DB_A, "wide characters");
    static const char text[] = "repeat('\xF0\x9F\x9A\x80', 1500000)";

    seed_schema(DB_A, config, 1, 1, "[\"Op\"]", "[\"a\",\"b\",\"c\"]");
    seed(config, 2, "'{\"Op\":\"a\"}'",
         strf("jsonb_build_object('a', %s, 'b', %s, 'c', %s)", text, text, text), "NULL");
    measure(config, "", 400);
    measure(config, "?format=json", 400);
}

/* Numbers that are stored in a few bytes and printed in a hundred thousand. */
static void test_long_numbers(void)
{
    static const char numbers[] =
        "(SELECT jsonb_object_agg('k' || k, '1e131000'::jsonb) FROM generate_series(1, 300) k)";
    apr_int64_t config = begin("long numbers", 3, "'{\"Op\":\"a\"}'",
                               strf("%s || '{\"throughput\": 2}'", numbers), "NULL");
    apr_int64_t wide = seed_config(DB_A, "long numbers, all");

    expect_contains(measure(config, "", 200)->body, "\na,,2,,");
    seed(wide, 3, "'{\"Op\":\"a\"}'", numbers, "NULL");
    expect_contains(measure(wide, "", 400)->body, "more than 1 MB of metrics");
    expect_contains(measure(wide, "?format=json", 400)->body, "more than 1 MB of metrics");
    measure(wide, "?metric_fields=k1,k2,k3,k4,k5,k6,k7", 200);
}

/* As many columns as there can be, with names as long as they can be, every byte an escape. */
static void test_many_long_names(void)
{
    static const char name[] = "lpad(k::text, 1000, E'\\\\')";
    apr_int64_t config = seed_config(DB_A, "long names");
    const char *names =
        db_text(DB_A, strf("SELECT jsonb_agg(%s)::text FROM generate_series(1, 1600) k", name), 0);

    seed(config, 1, "'{}'",
         strf("(SELECT jsonb_object_agg(%s, k) FROM generate_series(1, 1600) k)", name), "NULL");
    measure_large(config, "");
    seed_schema(DB_A, config, 1, 1, "[]", names);
    http_response_t *res = measure_large(config, "?format=json");
    expect_int(json_length_at(res, "data.rows"), 1);
    csv_table_t *t = export_table(config, "");
    expect_int(t->columns, 1602);
    expect_str(csv_cell(t, 1, 1599), "1600");
}

/* A schema's lists are a collector's, and may be of any length. */
static void test_large_schema(void)
{
    apr_int64_t config = begin("large schema", 3, "'{\"Op\":\"a\"}'", "'{\"m7\":1}'", "NULL");

    db_run(
        DB_A,
        "UPDATE github_workflow_metric_schemas SET dimension_fields = '[\"Op\"]', metric_fields ="
        " (SELECT jsonb_agg('m' || k) || jsonb_build_array(repeat('x', 2000000))"
        " FROM generate_series(1, 250000) k) WHERE config_id = $1",
        1, strf(ID, config));
    expect_error(measure(config, "", 400), 4000,
                 "an export has at most 1600 fields: choose some with metric_fields");
    expect_contains(measure(config, "?metric_fields=m249999,m7", 200)->body,
                    "Op,m7,m249999,collected_at,source_file\na,1,,");
}

/* One object of a size that no child may hold. */
static void test_huge(void)
{
    apr_int64_t config =
        begin("huge", 1, "jsonb_build_object('Op', 'a', 'x', repeat('0123456789', 3" MB ")",
              "'{\"throughput\":1}'", "NULL");

    expect_contains(measure(config, "", 200)->body, "\na,,1,,");
    expect_contains(measure(config, "?format=json", 200)->body, "\"Op\":\"a\",");
    db_run(DB_A, "DELETE FROM github_workflow_metrics WHERE config_id = $1", 1, strf(ID, config));
}

SUITE(export_memory) = {
    {"raw_data is not read", test_raw_data},
    {"much besides what is wanted", test_much_besides},
    {"rows too large", test_too_large},
    {"the border", test_border},
    {"wide characters", test_wide_characters},
    {"long numbers", test_long_numbers},
    {"many long names", test_many_long_names},
    {"a large schema", test_large_schema},
    {"a huge object", test_huge},
    CU_TEST_INFO_NULL,
};
