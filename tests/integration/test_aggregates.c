/*
 * test_aggregates.c - POST /configs/:id/metrics/aggregate, each result compared with the same
 * figure worked out in C (sample.c).
 */
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "sample.h"
#include "suites.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const funcs[] = {"avg", "sum", "min", "max", "count",
                                    "p50", "p90", "p95", "p99", "stddev"};
static const char *const intervals[] = {"1h", "6h", "1d", "1w"};

/* Sets of group_by, as JSON and as the sample's dimensions. */
static const struct grouping_t {
    const char *json;
    int n, by[3];
} groupings[] = {
    {"[]", 0, {0}},
    {"[\"Op\"]", 1, {SAMPLE_OP}},
    {"[\"batch_size\",\"Op\"]", 2, {SAMPLE_BATCH, SAMPLE_OP}},
    {"[\"Backend:Stage\",\"absent\",\"batch_size\"]",
     3,
     {SAMPLE_STAGE, SAMPLE_ABSENT, SAMPLE_BATCH}},
};

static http_response_t *aggregate(apr_int64_t config, const char *body)
{
    return http_json("POST", strf("/configs/" ID "/metrics/aggregate", config), body);
}

/* Is it this number, null for NaN? */
static int is_number(json_object *value, long double expected)
{
    if (isnan(expected))
        return value == NULL;
    return (json_object_is_type(value, json_type_int) ||
            json_object_is_type(value, json_type_double)) &&
           sample_close(strtold(json_object_to_json_string(value), NULL), expected);
}

static int is_group(json_object *result, const sample_group_t *g, const struct grouping_t *by)
{
    json_object *dimensions = json_member(result, "dimensions");
    int same = !strcmp(json_text(json_member(result, "timestamp")), sample_time(g->bucket));

    for (int d = 0; d < by->n && same; d++)
        same = sample_equals(g->keys[d], json_member(dimensions, sample_dims[by->by[d]]));
    return same;
}

static void check_result(json_object *result, const apr_array_header_t *groups,
                         const struct grouping_t *by, const char *func)
{
    const char *shown = json_object_to_json_string(result);
    const sample_group_t *g = NULL;

    for (int i = 0; i < groups->nelts && !g; i++)
        if (is_group(result, &APR_ARRAY_IDX(groups, i, sample_group_t), by))
            g = &APR_ARRAY_IDX(groups, i, sample_group_t);
    if (!expect(g != NULL, "no such bucket and group: %s", shown))
        return;
    expect(is_number(json_member(result, "value"), sample_aggregate(func, g->values)) &&
               is_number(json_member(result, "count"), g->values->nelts) &&
               is_number(json_member(result, "min"), sample_aggregate("min", g->values)) &&
               is_number(json_member(result, "max"), sample_aggregate("max", g->values)),
           "expected %s %.12g of %d values, got %s", func,
           (double)sample_aggregate(func, g->values), g->values->nelts, shown);
    expect_int(json_length(json_member(result, "dimensions")), by->n);
}

static json_object *of_result(json_object *results, int i, const char *name)
{
    return json_member(json_item(results, i), name);
}

static int same_bucket(json_object *results, int a, int b)
{
    return json_object_equal(of_result(results, a, "timestamp"),
                             of_result(results, b, "timestamp"));
}

static int same_dimensions(json_object *results, int a, int b)
{
    return json_object_equal(of_result(results, a, "dimensions"),
                             of_result(results, b, "dimensions"));
}

/* As many results as groups, no bucket and group twice (else one would be missing), ascending. */
static void check_results(const http_response_t *res, const apr_array_header_t *groups,
                          const struct grouping_t *by, const char *func)
{
    json_object *results = json_at(res, "data.results", NULL);
    const char *last = "";

    if (!expect_success(res) || !expect_int(json_length_at(res, "data.results"), groups->nelts))
        return;
    expect_lacks(res->body, "NaN");
    expect_lacks(res->body, "Infinity");
    for (int i = 0; i < groups->nelts; i++) {
        json_object *result = json_item(results, i);
        const char *timestamp = json_text(json_member(result, "timestamp"));

        expect(strcmp(last, timestamp) <= 0, "%s comes after %s", timestamp, last);
        last = timestamp;
        check_result(result, groups, by, func);
        for (int k = i - 1; k >= 0 && same_bucket(results, k, i); k--)
            expect(!same_dimensions(results, k, i), "twice: %s",
                   json_object_to_json_string(result));
    }
}

static void check_aggregate(const sample_t *s, int field, const char *func, const char *interval,
                            const struct grouping_t *by)
{
    json_object *name = json_object_new_string(sample_fields[field]);
    const char *body =
        strf("{\"metric_field\":%s,\"agg_func\":\"%s\",\"interval\":\"%s\",\"group_by\":%s}",
             json_object_to_json_string(name), func, interval, by->json);

    json_object_put(name);
    check_results(aggregate(s->config, body), sample_group(s, field, interval, by->by, by->n, NULL),
                  by, func);
}

static void test_every_function(void)
{
    static const apr_uint64_t seeds[] = {1, 20250309};

    for (size_t i = 0; i < countof(seeds); i++) {
        sample_t *s = sample_make(DB_A, seeds[i], 400);

        for (size_t f = 0; f < countof(funcs); f++)
            for (size_t n = 0; n < countof(intervals); n++)
                for (size_t g = 0; g < countof(groupings); g++)
                    check_aggregate(s, (int)(f + n + g + i) % 2, funcs[f], intervals[n],
                                    &groupings[g]);
        check_aggregate(s, SAMPLE_NEVER, "avg", "1d", &groupings[1]);
    }
}

/* ---- by hand ---- */

static void add(apr_int64_t config, const char *timestamp, const char *dimensions,
                const char *metrics)
{
    seed_metric(DB_A, config, timestamp, dimensions, metrics, NULL);
}

static void test_the_answer(void)
{
    apr_int64_t config = seed_config(DB_A, "aggregate");

    add(config, "2025-01-31T12:10:00+05:30", "{\"Op\":\"GEMM\",\"n\":32}", "{\"v\":1.50}");
    add(config, "2025-01-31T06:59:59.999999Z", "{\"Op\":\"GEMM\",\"n\":32}", "{\"v\":2}");
    add(config, "2025-01-31T07:00:00Z", "{\"Op\":\"GEMM\",\"n\":32}", "{\"v\":\"N/A\"}");
    http_response_t *res = aggregate(config, "{\"metric_field\":\"v\",\"agg_func\":\"avg\","
                                             "\"interval\":\"1h\",\"group_by\":[\"Op\",\"n\"]}");
    expect_success(res);
    expect_keys(res, "data", "results,metric_field,agg_func,interval,group_by");
    expect_keys(res, "data.results.0",
                "timestamp,dimensions,value,count,min,max,metric_field,aggregate_func");
    expect_json(res, "data",
                "{\"results\":[{\"timestamp\":\"2025-01-31T06:00:00Z\",\"dimensions\":{\"Op\":"
                "\"GEMM\",\"n\":32},\"value\":1.75,\"count\":2,\"min\":1.50,\"max\":2,"
                "\"metric_field\":\"v\",\"aggregate_func\":\"avg\"}],\"metric_field\":\"v\","
                "\"agg_func\":\"avg\",\"interval\":\"1h\",\"group_by\":[\"Op\",\"n\"]}");
    expect_contains(res->body, "\"min\":1.50,"); /* the digits that are stored */
}

static void test_defaults(void)
{
    apr_int64_t config = seed_config(DB_A, "defaults");

    add(config, "2025-01-31T23:59:59Z", "{}", "{\"v\":3}");
    http_response_t *res = aggregate(config, "{\"metric_field\":\"v\",\"unknown\":[1]}");
    expect_success(res);
    expect_text(res, "data.agg_func", "avg");
    expect_text(res, "data.interval", "1d");
    expect_json(res, "data.group_by", "[]");
    expect_text(res, "data.results.0.timestamp", "2025-01-31T00:00:00Z");
    expect_json(res, "data.results.0.dimensions", "{}");
}

static void test_nothing_to_aggregate(void)
{
    apr_int64_t config = seed_config(DB_A, "empty");
    const char *body = "{\"metric_field\":\"v\"}";

    expect_json(aggregate(config, body), "data.results", "[]");
    add(config, "2025-01-31T00:00:00Z", "{}", "{\"v\":\"12.5\",\"w\":1}");
    add(config, "2025-01-31T00:00:00Z", "{}", "{\"v\":null}");
    add(config, "2025-01-31T00:00:00Z", "{}", "[\"v\"]");
    add(config, "2025-01-31T00:00:00Z", "[1]", "\"v\"");
    add(config, "2025-01-31T00:00:00Z", "null", "7");
    http_response_t *res = aggregate(config, body);
    expect_success(res);
    expect_json(res, "data.results", "[]");
    expect_error(aggregate(999999999, body), 4040, "config not found");
}

/* A row without the dimension, one with null, and one whose dimensions are no object: one group. */
static void test_missing_dimension(void)
{
    apr_int64_t config = seed_config(DB_A, "missing");

    add(config, "2025-01-31T01:00:00Z", "{}", "{\"v\":1}");
    add(config, "2025-01-31T02:00:00Z", "{\"Op\":null}", "{\"v\":2}");
    add(config, "2025-01-31T03:00:00Z", "[]", "{\"v\":3}");
    add(config, "2025-01-31T04:00:00Z", "{\"Op\":\"null\"}", "{\"v\":4}");
    http_response_t *res = aggregate(
        config, "{\"metric_field\":\"v\",\"agg_func\":\"sum\",\"group_by\":[\"Op\",\"Op\"]}");
    expect_int(json_length_at(res, "data.results"), 2);
    expect_json(res, "data.group_by", "[\"Op\"]");
    expect_contains(res->body, "\"dimensions\":{\"Op\":null},\"value\":6,\"count\":3");
    expect_contains(res->body, "\"dimensions\":{\"Op\":\"null\"},\"value\":4,\"count\":1");
}

/* Numbers that no double holds fail nothing. */
static void test_extreme_values(void)
{
    static const char *const extremes[] = {"1e400", "-1e400", "1e-400"};

    for (size_t e = 0; e < countof(extremes); e++) {
        apr_int64_t config = seed_config(DB_A, "extreme");

        add(config, "2025-01-31T01:00:00Z", "{}", strf("{\"v\":%s}", extremes[e]));
        for (int i = 0; i < 3; i++)
            add(config, "2025-01-31T02:00:00Z", "{}", strf("{\"v\":%d}", i));
        for (size_t f = 0; f < countof(funcs); f++) {
            http_response_t *res =
                aggregate(config, strf("{\"metric_field\":\"v\",\"agg_func\":\"%s\"}", funcs[f]));
            expect_success(res);
            expect_json(res, "data.results.0.count", "4");
            expect(json_at(res, "data.results.0.value", NULL) != NULL, "%s of %s is null", funcs[f],
                   extremes[e]);
            expect_lacks(res->body, "NaN");
            expect_lacks(res->body, "Infinity");
        }
        http_response_t *res = aggregate(config, "{\"metric_field\":\"v\",\"agg_func\":\"p50\"}");
        expect_json(res, "data.results.0.value",
                    *extremes[e] == '-' || extremes[e][2] == '-' ? "0.5" : "1.5");
    }
}

static void test_stored_infinite_timestamps(void)
{
    apr_int64_t config = seed_config(DB_A, "infinite");

    add(config, "infinity", "{}", "{\"v\":1}");
    add(config, "-infinity", "{}", "{\"v\":2}");
    add(config, "0044-03-15 12:00:00+00 BC", "{}", "{\"v\":4}");
    add(config, "12025-01-01 00:00:00+00", "{}", "{\"v\":5}");
    add(config, "2025-01-31T02:00:00Z", "{}", "{\"v\":3}");
    http_response_t *res = aggregate(config, "{\"metric_field\":\"v\"}");
    expect_success(res);
    expect_int(json_length_at(res, "data.results"), 1);
    expect_text(res, "data.results.0.timestamp", "2025-01-31T00:00:00Z");
    expect_json(res, "data.results.0.value", "3");
}

/* ---- inputs ---- */

static void test_wrong_fields(void)
{
    static const char *const name_max = "must be at most 1000 bytes";
    const struct {
        const char *field, *value, *message;
    } cases[] = {
        {"metric_field", "null", "is required"},
        {"metric_field", "7", "must be a string"},
        {"metric_field", strf("\"%01001d\"", 0), name_max},
        {"agg_func", "\"median\"",
         "must be one of avg, sum, min, max, count, p50, p90, p95, p99, stddev"},
        {"agg_func", "[]", "must be one of avg, sum, min, max, count, p50, p90, p95, p99, stddev"},
        {"interval", "\"1m\"", "must be one of 1h, 6h, 1d, 1w"},
        {"interval", "1", "must be one of 1h, 6h, 1d, 1w"},
        {"group_by", "\"Op\"", "must be an array of at most 10 names"},
        {"group_by", "[\"Op\",1]", "must be an array of at most 10 names"},
        {"group_by", strf("[\"%01001d\"]", 0), "must not hold a name of more than 1000 bytes"},
        {"group_by", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"a\",\"b\"]",
         "must be an array of at most 10 names"},
        {"schema_id", "0", "must be a positive integer"},
        {"schema_id", "\"1\"", "must be a positive integer"},
        {"start", "\"yesterday\"", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {"end", "1738324800", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {"dimensions", "[]", "must be a JSON object"},
        {"dimensions", "{\"Op\":{}}",
         "\"Op\" must be a string, number, boolean or null, an array of these, or {\"not\": …}"},
    };

    for (size_t i = 0; i < countof(cases); i++) {
        const char *other = strcmp(cases[i].field, "metric_field") ? "\"metric_field\":\"v\"," : "";
        http_response_t *res =
            aggregate(1, strf("{%s\"%s\":%s}", other, cases[i].field, cases[i].value));
        expect_field(res, cases[i].field, cases[i].message);
        expect_int(json_length_at(res, "errors"), 1);
    }
    expect_field(aggregate(1, "{}"), "metric_field", "is required");
    expect_field(aggregate(1, "{\"metric_field\":\"v\",\"start\":\"2025-01-02T00:00:00Z\","
                              "\"end\":\"2025-01-01T00:00:00Z\"}"),
                 "start", "must not be after end");
    expect_error(aggregate(1, "[]"), 4000, "the body must be a JSON object");
    expect_error(aggregate(1, "{\"metric_field\":}"), 4000, "invalid JSON at byte 16");
}

static int is_old_gemm(const sample_row_t *row)
{
    return row->dims[SAMPLE_OP].text && !strncmp(row->dims[SAMPLE_OP].text, "GEMM", 4) &&
           row->schema_id == 2 && row->at >= sample_instant("1970-01-01T00:00:00Z") &&
           row->at <= sample_instant("2025-01-01T00:00:00Z");
}

/* The same selection as a query's, in every part at once. */
static void test_selection(void)
{
    sample_t *s = sample_make(DB_A, 7, 300);
    http_response_t *res = aggregate(
        s->config, "{\"metric_field\":\"throughput\",\"agg_func\":\"p90\",\"interval\":\"1w\","
                   "\"group_by\":[\"Op\"],\"dimensions\":{\"Op\":[\"GEMM\",\"GEMM-FP8\"]},"
                   "\"schema_id\":2,\"start\":\"1970-01-01T00:00:00Z\","
                   "\"end\":\"2025-01-01T05:30:00+05:30\"}");

    check_results(res, sample_group(s, SAMPLE_THROUGHPUT, "1w", groupings[1].by, 1, is_old_gemm),
                  &groupings[1], "p90");
}

static void test_too_many_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "too many");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, metrics)"
           " SELECT $1, 1, 1, '2000-01-01T00:00:00Z'::timestamptz + i * interval '1 hour',"
           " '{\"v\":1}' FROM generate_series(1, 100001) i",
           1, strf(ID, config));
    expect_error(aggregate(config, "{\"metric_field\":\"v\",\"interval\":\"1h\"}"), 4000,
                 "the answer would have more than 100000 rows: narrow the time range, or choose a"
                 " longer interval or fewer groups");
    expect_int(json_length_at(aggregate(config, "{\"metric_field\":\"v\",\"interval\":\"1w\"}"),
                              "data.results"),
               596);
}

CU_TestInfo aggregates_tests[] = {
    {"every function, interval and grouping of random rows", test_every_function},
    {"the whole answer", test_the_answer},
    {"defaults", test_defaults},
    {"nothing to aggregate is an empty list", test_nothing_to_aggregate},
    {"rows without a dimension are a group", test_missing_dimension},
    {"numbers beyond a double fail nothing", test_extreme_values},
    {"instants without a bucket fail nothing", test_stored_infinite_timestamps},
    {"wrong fields, each by name", test_wrong_fields},
    {"only the rows that are asked for", test_selection},
    {"an answer of too many rows is refused", test_too_many_rows},
    CU_TEST_INFO_NULL,
};
