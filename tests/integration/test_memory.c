/*
 * test_memory.c - bounded in bytes: what the dearest requests that somebody with read rights may
 * send cost a child.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "memory.h"

/* ---- charts ---- */

static http_request_t chart(apr_int64_t config, const char *which, const char *body)
{
    return (http_request_t){.method = "POST",
                            .path = strf("/configs/" ID "/metrics/%s", config, which),
                            .body = body,
                            .timeout_ms = 120000L * fixture_patience(),
                            .headers = {JSON_TYPE}};
}

/* Rows 1 to n, an hour apart or all in one, of what SQL makes of i. */
static apr_int64_t seed_rows(int n, const char *timestamp, const char *dimensions,
                             const char *metrics)
{
    apr_int64_t config = seed_config(DB_A, "memory");

    db_run(DB_A,
           strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " dimensions, metrics) SELECT $1::bigint, 1, 1, %s, %s, %s"
                " FROM generate_series(1, %d) i",
                timestamp, dimensions, metrics, n),
           1, strf(ID, config));
    return config;
}

#define HOURS   "'2000-01-01T00:00:00Z'::timestamptz + i * interval '1 hour'"
#define ONE_DAY "'2025-01-01T00:00:00Z'::timestamptz + i * interval '1 millisecond'"
#define NARROW  ": narrow the time range, or choose a longer interval or fewer groups"

static const char *ten_names(int len)
{
    const char *names = "";

    for (int i = 0; i < 10; i++)
        names = strf("%s%s\"%0*d\"", names, i ? "," : "", len, i);
    return names;
}

/* Series' names of 10 kB, two of them a group. */
static void test_long_names(void)
{
    apr_int64_t config = seed_rows(500, ONE_DAY, "jsonb_build_object(lpad('1', 1000, '0'), i)",
                                   "'{\"v\":1,\"w\":2}'");
    http_request_t rq =
        chart(config, "trends",
              strf("{\"metric_fields\":[\"v\",\"w\"],\"group_by\":[%s]}", ten_names(1000)));

    expect_memory(&rq, 200);
    rq = chart(config, "aggregate",
               strf("{\"metric_field\":\"v\",\"group_by\":[%s]}", ten_names(1000)));
    expect_memory(&rq, 200);
    rq = chart(config, "trends",
               strf("{\"metric_fields\":[\"v\"],\"group_by\":[\"%0174000d\"]}", 1));
    expect_memory(&rq, 400);
}

static void test_many_groups(void)
{
    apr_int64_t config = seed_rows(50000, ONE_DAY,
                                   "(SELECT jsonb_object_agg(d, i / (d + 1)) FROM"
                                   " generate_series(0, 9) d)",
                                   "'{\"v\":1}'");
    http_request_t rq = chart(config, "trends",
                              strf("{\"metric_fields\":[\"v\"],\"group_by\":[%s]}", ten_names(1)));

    expect_memory(&rq, 200);
    rq = chart(config, "aggregate",
               strf("{\"metric_field\":\"v\",\"group_by\":[%s]}", ten_names(1)));
    expect_memory(&rq, 200);
}

/* As many rows as there may be, and values of twenty fields in each: too much. */
static void test_many_buckets(void)
{
    apr_int64_t config =
        seed_rows(100000, HOURS, "'{\"Op\":\"GEMM\"}'", "jsonb_build_object('v', i, 'w', i)");
    const char *fields = "\"v\",\"w\"";
    http_request_t rq = chart(
        config, "trends", "{\"metric_fields\":[\"v\"],\"group_by\":[\"Op\"],\"interval\":\"1h\"}");

    expect_memory(&rq, 200);
    rq = chart(config, "aggregate",
               "{\"metric_field\":\"v\",\"agg_func\":\"p50\",\"interval\":\"1h\"}");
    expect_memory(&rq, 200);
    for (int i = 0; i < 18; i++)
        fields = strf("%s,\"f%d\"", fields, i);
    rq = chart(
        config, "trends",
        strf("{\"metric_fields\":[%s],\"interval\":\"1h\",\"timezone\":\"Asia/Tokyo\"}", fields));
    expect_error(expect_memory(&rq, 400), 4000,
                 "the answer would have more than 20 MiB of rows" NARROW);
}

/* Of two buckets eleven years apart. */
static void test_filled_buckets(void)
{
    apr_int64_t config =
        seed_rows(2, "'2000-01-01T00:00:00Z'::timestamptz + i * interval '99000 hours'", "'{}'",
                  "'{\"v\":1}'");
    http_request_t rq = chart(config, "trends",
                              "{\"metric_fields\":[\"v\"],\"interval\":\"1h\",\"fill\":true,"
                              "\"timezone\":\"Asia/Kolkata\"}");

    expect_memory(&rq, 200);
}

static void test_large_values(void)
{
    apr_int64_t config = seed_rows(
        300, ONE_DAY, "jsonb_build_object('x', repeat('0123456789', 20000) || i)", "'{\"v\":1}'");
    http_request_t rq = chart(config, "trends", "{\"metric_fields\":[\"v\"],\"group_by\":[\"x\"]}");

    expect_error(expect_memory(&rq, 400), 4000,
                 "the answer would have more than 20 MiB of rows" NARROW);
    config = seed_rows(5, ONE_DAY, "jsonb_build_object('x', repeat('0123456789', 1000000) || i)",
                       "'{\"v\":1}'");
    rq = chart(config, "aggregate", "{\"metric_field\":\"v\",\"group_by\":[\"Op\",\"x\"]}");
    expect_error(expect_memory(&rq, 400), 4000,
                 "a group's values have more than 262144 bytes: choose other dimensions for"
                 " group_by");
}

/* ---- names and values ---- */

static http_request_t figures(apr_int64_t config, const char *what)
{
    return (http_request_t){.path = strf("/configs/" ID "/%s", config, what),
                            .timeout_ms = 120000L * fixture_patience()};
}

/* What there is room for are 8 MiB of names and values; a name may be written twice. */
#define MOST_ANSWER (16 * 1024 * 1024)

static void check_cut(const http_request_t *rq)
{
    http_response_t *res = http_send(rq);

    expect(res->len < MOST_ANSWER, "%s answers %" APR_SIZE_T_FMT " bytes", res->what, res->len);
    expect_json(res, "data.more", "true");
}

static void test_many_values(void)
{
    apr_int64_t config =
        seed_rows(25000, ONE_DAY, "jsonb_build_object('n', 'value ' || i)", "'{}'");
    http_request_t rq = figures(config, "dimensions");

    expect_memory(&rq, 200);
    check_cut(&rq);
    rq = figures(config, "values?dimension=n&limit=10000&offset=12000&q=value");
    expect_memory(&rq, 200);
    expect_int(json_length_at(http_send(&rq), "data.values"), 10000);
}

/* Six thousand of each kind are more than an answer has room for. */
static void test_many_names(void)
{
    static const char *const whats[] = {"dimensions", "dimensions?schema_id=1", "fields",
                                        "summary"};
    apr_int64_t config =
        seed_rows(6, ONE_DAY,
                  "(SELECT jsonb_object_agg(lpad((d * 6 + i)::text, 900, '0'), d) FROM"
                  " generate_series(0, 999) d)",
                  "(SELECT jsonb_object_agg(lpad((d * 6 + i)::text, 900, 'm'), d) FROM"
                  " generate_series(0, 999) d)");

    for (size_t i = 0; i < countof(whats); i++) {
        http_request_t rq = figures(config, whats[i]);

        expect_memory(&rq, 200);
        check_cut(&rq);
    }
}

static void test_long_names_listed(void)
{
    apr_int64_t config =
        seed_rows(150, ONE_DAY, "jsonb_build_object(lpad(i::text, 174000, 'd'), i)",
                  "jsonb_build_object(lpad(i::text, 174000, 'm'), i)");
    http_request_t rq = figures(config, "dimensions");

    expect_memory(&rq, 200);
    expect_json(http_send(&rq), "data.dimensions", "[]");
    rq = figures(config, "fields");
    expect_memory(&rq, 200);
    expect_json(http_send(&rq), "data.metric_fields", "[]");
}

/* A schema's lists are a collector's, and may be of any length. */
static void test_many_names_of_a_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "memory");
    http_request_t rq = figures(config, "fields");

    db_run(DB_A,
           "INSERT INTO github_workflow_metric_schemas (config_id, name, version, dimension_fields)"
           " SELECT $1::bigint, 'large', 1, jsonb_agg(lpad(i::text, 900, 'd'))"
           " FROM generate_series(1, 30000) i",
           1, strf(ID, config));
    expect_memory(&rq, 200);
    check_cut(&rq);
}

static void test_long_values(void)
{
    apr_int64_t config =
        seed_rows(40, ONE_DAY, "jsonb_build_object('n', lpad(i::text, 1000000, 'x'))", "'{}'");
    http_request_t rq = figures(config, "values?dimension=n");

    expect_memory(&rq, 200);
    rq = figures(config, "dimensions");
    expect_memory(&rq, 200);
}

SUITE(memory) = {
    {"dimensions of many values", test_many_values},
    {"many names", test_many_names},
    {"names too long to be listed", test_long_names_listed},
    {"many names of a schema", test_many_names_of_a_schema},
    {"long values", test_long_values},
    {"charts with long names", test_long_names},
    {"charts of many groups", test_many_groups},
    {"charts of many buckets", test_many_buckets},
    {"charts with filled buckets", test_filled_buckets},
    {"charts of large values", test_large_values},
    CU_TEST_INFO_NULL,
};
