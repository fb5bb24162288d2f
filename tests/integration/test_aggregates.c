/*
 * test_aggregates.c - POST /configs/:id/metrics/aggregate, each result compared with the same
 * figure worked out in C (sample.c).
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "sample.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const funcs[] = {"avg", "sum", "min", "max", "count",
                                    "p50", "p90", "p95", "p99", "stddev"};
static const char *const intervals[] = {"1h", "6h", "1d", "1w", "1M"};
static const char *const zones[] = {"UTC",          "Europe/Berlin",  "America/New_York",
                                    "Asia/Kolkata", "Pacific/Apia",   "America/Sao_Paulo",
                                    "Asia/Beirut",  "America/Havana", "Asia/Kathmandu",
                                    "etc/utc"};

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

static int is_group(json_object *dimensions, const sample_group_t *g, const struct grouping_t *by)
{
    int same = 1;

    for (int d = 0; d < by->n && same; d++)
        same = sample_equals(g->keys[d], json_member(dimensions, sample_dims[by->by[d]]));
    return same;
}

static void check_result(json_object *result, const apr_array_header_t *groups,
                         const struct grouping_t *by, const char *func)
{
    const char *timestamp = json_text(json_member(result, "timestamp"));
    apr_int64_t bucket = sample_instant(timestamp);
    const sample_group_t *g = NULL;

    for (int i = 0; i < groups->nelts && !g; i++) {
        g = &APR_ARRAY_IDX(groups, i, sample_group_t);
        if (g->bucket != bucket || !is_group(json_member(result, "dimensions"), g, by))
            g = NULL;
    }
    if (!expect(g && !strcmp(timestamp, sample_time(bucket)), "no such bucket and group: %s",
                json_object_to_json_string(result)))
        return;
    expect(is_number(json_member(result, "value"), sample_aggregate(func, g->values)) &&
               is_number(json_member(result, "count"), g->values->nelts) &&
               is_number(json_member(result, "min"), sample_aggregate("min", g->values)) &&
               is_number(json_member(result, "max"), sample_aggregate("max", g->values)),
           "expected %s %.12g of %d values, got %s", func,
           (double)sample_aggregate(func, g->values), g->values->nelts,
           json_object_to_json_string(result));
    expect_int(json_length(json_member(result, "dimensions")), by->n);
}

static json_object *of_result(json_object *results, int i, const char *name)
{
    return json_member(json_object_array_get_idx(results, (size_t)i), name);
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
                            const char *zone, const struct grouping_t *by)
{
    json_object *name = json_object_new_string(sample_fields[field]);
    const char *body =
        strf("{\"metric_field\":%s,\"agg_func\":\"%s\",\"interval\":\"%s\",\"group_by\":%s%s}",
             json_object_to_json_string(name), func, interval, by->json,
             zone ? strf(",\"timezone\":\"%s\"", zone) : "");

    json_object_put(name);
    check_results(aggregate(s->config, body),
                  sample_group(s, field, interval, zone, by->by, by->n, NULL), by, func);
}

static void test_every_function(void)
{
    static const apr_uint64_t seeds[] = {1, 20250309};

    for (size_t i = 0; i < countof(seeds); i++) {
        sample_t *s = sample_make(DB_A, seeds[i], 400);

        for (size_t f = 0; f < countof(funcs); f++)
            for (size_t n = 0; n < countof(intervals); n++)
                for (size_t g = 0; g < countof(groupings); g++)
                    check_aggregate(s, (int)(f + n + g + i) % 2, funcs[f], intervals[n], NULL,
                                    &groupings[g]);
        check_aggregate(s, SAMPLE_NEVER, "avg", "1d", NULL, &groupings[1]);
    }
}

static void test_every_zone(void)
{
    sample_t *s = sample_make(DB_A, 20111230, 400);

    for (size_t z = 0; z < countof(zones); z++)
        for (size_t n = 0; n < countof(intervals); n++)
            check_aggregate(s, (int)n % 2, funcs[(n + z) % countof(funcs)], intervals[n], zones[z],
                            &groupings[z % countof(groupings)]);
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
                "\"GEMM\",\"n\":\"32\"},\"value\":1.75,\"count\":2,\"min\":1.50,\"max\":2,"
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

/* Values are their texts, whichever JSON they are written as: as drop-downs list them. */
static void test_one_equality(void)
{
    apr_int64_t config = seed_config(DB_A, "equality");
    static const char *const values[] = {
        "32",   "\"32\"",   "3.2e1",  "1.5",        "1.50",
        "true", "\"true\"", "[1, 2]", "\"[1, 2]\"", "{\"b\":1,\"a\":null}",
        "null", "\"null\"", "\"\""};
    static const char *const groups[] = {
        "\"\"",       "\"1.5\"",  "\"1.50\"", "\"32\"",
        "\"[1, 2]\"", "\"null\"", "\"true\"", "\"{\\\"a\\\": null, \\\"b\\\": 1}\"",
        "null"};
    static const int counts[] = {1, 1, 1, 3, 2, 1, 2, 1, 2};

    for (size_t i = 0; i < countof(values); i++)
        add(config, "2025-01-31T01:00:00Z", strf("{\"n\":%s}", values[i]), "{\"v\":1}");
    add(config, "2025-01-31T01:00:00Z", "{}", "{\"v\":1}");
    http_response_t *res =
        aggregate(config, "{\"metric_field\":\"v\",\"agg_func\":\"sum\",\"group_by\":[\"n\"]}");
    expect_int(json_length_at(res, "data.results"), countof(groups));
    for (int i = 0; i < (int)countof(groups); i++) {
        expect_json(res, strf("data.results.%d.dimensions", i), strf("{\"n\":%s}", groups[i]));
        expect_json(res, strf("data.results.%d.value", i), strf("%d", counts[i]));
        expect_json(res, strf("data.results.%d.count", i), strf("%d", counts[i]));
    }
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

/* ---- time zones ---- */

/* The buckets of rows at these instants (separated by blanks), and how many of them each has. */
static void check_buckets(const char *zone, const char *interval, const char *instants,
                          const char *expected)
{
    apr_int64_t config = seed_config(DB_A, "zone");
    char *rest = apr_pstrdup(fixture_pool(), instants), *last;
    const char *found = "";

    for (char *at = apr_strtok(rest, " ", &last); at; at = apr_strtok(NULL, " ", &last))
        add(config, at, "{}", "{\"v\":1}");
    http_response_t *res =
        aggregate(config, strf("{\"metric_field\":\"v\",\"agg_func\":\"count\",\"interval\":\"%s\","
                               "\"timezone\":\"%s\"}",
                               interval, zone));
    expect_success(res);
    for (int i = 0; i < json_length_at(res, "data.results"); i++)
        found =
            strf("%s%s%s:" ID, found, i ? " " : "",
                 json_object_get_string(json_at(res, strf("data.results.%d.timestamp", i), NULL)),
                 json_int_at(res, strf("data.results.%d.value", i)));
    expect(!strcmp(found, expected), "%s of %s in %s are %s, not %s", interval, instants, zone,
           found, expected);
}

static void test_days_of_other_lengths(void)
{
    /* 23 hours, 25 hours */
    check_buckets("Europe/Berlin", "1d",
                  "2025-03-29T23:00:00Z 2025-03-30T21:59:59.999999Z 2025-03-30T22:00:00Z"
                  " 2025-10-25T21:59:59Z 2025-10-25T22:00:00Z 2025-10-26T22:59:59Z"
                  " 2025-10-26T23:00:00Z",
                  "2025-03-29T23:00:00Z:2 2025-03-30T22:00:00Z:1 2025-10-24T22:00:00Z:1"
                  " 2025-10-25T22:00:00Z:2 2025-10-26T23:00:00Z:1");
    check_buckets("America/New_York", "1d",
                  "2025-03-09T05:00:00Z 2025-03-10T03:59:59Z 2025-11-02T04:00:00Z"
                  " 2025-11-03T04:59:59Z 2025-11-03T05:00:00Z",
                  "2025-03-09T05:00:00Z:2 2025-11-02T04:00:00Z:2 2025-11-03T05:00:00Z:1");
    /* 0, 6, 12 and 18 o'clock: 5 and 7 hours of the night */
    check_buckets("Europe/Berlin", "6h",
                  "2025-03-29T23:00:00Z 2025-03-30T03:59:59Z 2025-03-30T04:00:00Z"
                  " 2025-10-25T22:00:00Z 2025-10-26T04:59:59Z 2025-10-26T05:00:00Z",
                  "2025-03-29T23:00:00Z:2 2025-03-30T04:00:00Z:1 2025-10-25T22:00:00Z:2"
                  " 2025-10-26T05:00:00Z:1");
    /* weeks from Monday, months: across both changes of a year */
    check_buckets("Europe/Berlin", "1w",
                  "2025-03-23T22:59:59Z 2025-03-23T23:00:00Z 2025-03-30T21:59:59Z"
                  " 2025-03-30T22:00:00Z",
                  "2025-03-16T23:00:00Z:1 2025-03-23T23:00:00Z:2 2025-03-30T22:00:00Z:1");
    check_buckets("Europe/Berlin", "1M",
                  "2025-02-28T22:59:59Z 2025-02-28T23:00:00Z 2025-03-31T21:59:59Z"
                  " 2025-03-31T22:00:00Z 2024-02-29T12:00:00Z",
                  "2024-01-31T23:00:00Z:1 2025-01-31T23:00:00Z:1 2025-02-28T23:00:00Z:2"
                  " 2025-03-31T22:00:00Z:1");
}

static void test_hours_of_zones(void)
{
    /* two hours of one name */
    check_buckets("Europe/Berlin", "1h",
                  "2025-10-26T00:59:59Z 2025-10-26T00:00:00Z 2025-10-26T01:00:00Z"
                  " 2025-10-26T01:59:59Z 2025-10-26T02:00:00Z",
                  "2025-10-26T00:00:00Z:2 2025-10-26T01:00:00Z:2 2025-10-26T02:00:00Z:1");
    check_buckets("Asia/Kolkata", "1h", "2025-01-31T06:29:59Z 2025-01-31T06:30:00Z",
                  "2025-01-31T05:30:00Z:1 2025-01-31T06:30:00Z:1");
    check_buckets("Asia/Kathmandu", "1h", "2025-01-31T06:14:59Z 2025-01-31T06:15:00Z",
                  "2025-01-31T05:15:00Z:1 2025-01-31T06:15:00Z:1");
    /* half an hour back in April, forward in October: an hour of 90 minutes, and one of 30 */
    check_buckets("Australia/Lord_Howe", "1h",
                  "2025-04-05T13:59:59Z 2025-04-05T14:00:00Z 2025-04-05T15:29:59Z"
                  " 2025-04-05T15:30:00Z 2025-10-04T15:29:59Z 2025-10-04T15:30:00Z"
                  " 2025-10-04T15:59:59Z 2025-10-04T16:00:00Z",
                  "2025-04-05T13:00:00Z:1 2025-04-05T14:00:00Z:2 2025-04-05T15:30:00Z:1"
                  " 2025-10-04T14:30:00Z:1 2025-10-04T15:30:00Z:2 2025-10-04T16:00:00Z:1");
}

static void test_odd_midnights(void)
{
    /* a day that there was not, midnights that there were not, and one that there was twice */
    check_buckets("Pacific/Apia", "1d", "2011-12-30T09:59:59Z 2011-12-30T10:00:00Z",
                  "2011-12-29T10:00:00Z:1 2011-12-30T10:00:00Z:1");
    check_buckets("Pacific/Apia", "1M",
                  "2011-12-01T10:00:00Z 2011-12-31T09:59:59Z"
                  " 2011-12-31T10:00:00Z",
                  "2011-12-01T10:00:00Z:2 2011-12-31T10:00:00Z:1");
    check_buckets("Asia/Beirut", "1d", "2025-03-29T21:59:59Z 2025-03-29T22:00:00Z",
                  "2025-03-28T22:00:00Z:1 2025-03-29T22:00:00Z:1");
    check_buckets("America/Sao_Paulo", "6h", "2017-10-15T02:59:59Z 2017-10-15T03:00:00Z",
                  "2017-10-14T21:00:00Z:1 2017-10-15T03:00:00Z:1");
    check_buckets("America/Havana", "1d",
                  "2025-11-02T03:59:59Z 2025-11-02T04:30:00Z 2025-11-02T05:30:00Z",
                  "2025-11-01T04:00:00Z:1 2025-11-02T04:00:00Z:2");
}

/* Names of the database's own view mean what it says, in winter and in summer, and in whatever
 * case; CET is no abbreviation there, which has no summer. */
static void test_names_of_zones(void)
{
    apr_int64_t config = seed_config(DB_A, "names of zones");
    const char *names = db_text(DB_A,
                                "SELECT string_agg(name, ' ') FROM pg_timezone_names"
                                " WHERE name !~ '^posix/.*/'",
                                0);
    char *rest = apr_pstrdup(fixture_pool(), names), *last;
    int n = 0;

    add(config, "2025-01-15T12:20:00Z", "{}", "{\"v\":1}");
    add(config, "2025-07-15T12:20:00Z", "{}", "{\"v\":1}");
    for (char *name = apr_strtok(rest, " ", &last); name;
         name = apr_strtok(NULL, " ", &last), n++) {
        http_response_t *res =
            aggregate(config, strf("{\"metric_field\":\"v\",\"interval\":\"1d\",\"timezone\":"
                                   "\"%s\"}",
                                   name));
        expect_success(res);
        /* the session's zone is never an abbreviation */
        expect_str(
            strf("%s %s", json_object_get_string(json_at(res, "data.results.0.timestamp", NULL)),
                 json_object_get_string(json_at(res, "data.results.1.timestamp", NULL))),
            db_text(DB_A,
                    "WITH z AS MATERIALIZED (SELECT set_config('TimeZone', $1, true) AS name)"
                    " SELECT (SELECT string_agg(to_char(date_trunc('day', at::timestamptz)"
                    " - '1970-01-01 00:00:00+00'::timestamptz + '1970-01-01'::timestamp,"
                    " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), ' ' ORDER BY at) FROM unnest(CASE WHEN"
                    " z.name <> '' THEN '{2025-01-15 12:20:00+00,2025-07-15 12:20:00+00}'::text[]"
                    " END) at) FROM z",
                    1, name));
    }
    expect(n > 300, "only %d names", n);
}

/* What AT TIME ZONE takes besides names is refused, also where no row is looked at. Some
 * abbreviations are zones' old names as well, which systems keep in a package of its own
 * (tzdata-legacy). */
static void test_no_names_of_zones(void)
{
    static const char *const wrong = "must be the name of a time zone such as Europe/Berlin";
    apr_int64_t config = seed_config(DB_A, "no zones");
    const char *names =
        db_text(DB_A,
                "SELECT string_agg(abbrev, ' ') FROM (SELECT abbrev FROM pg_timezone_abbrevs"
                " WHERE upper(abbrev) NOT IN (SELECT upper(name) FROM pg_timezone_names)"
                " AND upper(abbrev) NOT IN ('CET', 'EET', 'EST', 'HST', 'MET', 'MST', 'UCT', 'WET',"
                " 'ZULU')) a",
                0);
    char *rest = apr_pstrdup(fixture_pool(), names), *last;

    for (char *name = apr_strtok(rest, " ", &last); name; name = apr_strtok(NULL, " ", &last))
        expect_field(aggregate(config, strf("{\"metric_field\":\"v\",\"timezone\":\"%s\"}", name)),
                     "timezone", wrong);
    expect_field(aggregate(config, "{\"metric_field\":\"v\",\"timezone\":\"Mars/Phobos\"}"),
                 "timezone", wrong);
    expect_error(aggregate(config, "{\"metric_field\":\"v\",\"timezone\":\"Mars/Phobos\"}"), 4000,
                 strf("timezone %s", wrong));
    expect_success(aggregate(config, "{\"metric_field\":\"v\",\"timezone\":\"europe/BERLIN\"}"));
    expect_success(aggregate(config, "{\"metric_field\":\"v\",\"timezone\":null}"));
}

/* The first year's days and months begin before it, in zones east of Greenwich and west of it. */
static void test_the_first_year(void)
{
    check_buckets("Asia/Tokyo", "1d", "0001-01-01T00:00:00Z 0001-01-02T12:00:00Z",
                  "0001-01-01T00:00:00Z:1 0001-01-01T14:41:01Z:1");
    check_buckets("America/New_York", "1M", "0001-01-01T00:00:00Z 0001-01-02T12:00:00Z",
                  "0001-01-01T00:00:00Z:1 0001-01-01T04:56:02Z:1");
    check_buckets("Asia/Tokyo", "1w", "9999-12-31T23:59:59.999999Z", "9999-12-26T15:00:00Z:1");
}

/* ---- inputs ---- */

static void test_wrong_fields(void)
{
    static const char *const name_max = "must be at most 1000 bytes";
    static const char *const zone = "must be the name of a time zone such as Europe/Berlin";
    const struct {
        const char *field, *value, *message;
    } cases[] = {
        {"metric_field", "null", "is required"},
        {"metric_field", "7", "must be a string"},
        {"metric_field", strf("\"%01001d\"", 0), name_max},
        {"agg_func", "\"median\"",
         "must be one of avg, sum, min, max, count, p50, p90, p95, p99, stddev"},
        {"agg_func", "[]", "must be one of avg, sum, min, max, count, p50, p90, p95, p99, stddev"},
        {"interval", "\"1m\"", "must be one of 1h, 6h, 1d, 1w, 1M"},
        {"interval", "1", "must be one of 1h, 6h, 1d, 1w, 1M"},
        {"timezone", "\"\"", zone},
        {"timezone", "\"Europe/Berlina\"", zone}, /* only the database knows */
        {"timezone", "\"Europe\"", zone},
        {"timezone", "\"CEST\"", zone},  /* an abbreviation */
        {"timezone", "\"FOO+3\"", zone}, /* rules of POSIX */
        {"timezone", "\"Foo/Bar+3\"", zone},
        {"timezone", "\"<+03>-3\"", zone},
        {"timezone", "\"+02\"", zone},
        {"timezone", "\"Etc/GMT+13\"", zone},
        {"timezone", "\"right/Europe/Berlin\"", zone}, /* counts leap seconds */
        {"timezone", "\" UTC\"", zone},
        {"timezone", "60", zone},
        {"timezone", "[\"UTC\"]", zone},
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

    check_results(res,
                  sample_group(s, SAMPLE_THROUGHPUT, "1w", NULL, groupings[1].by, 1, is_old_gemm),
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

SUITE(aggregates) = {
    {"every function, interval and grouping of random rows", test_every_function},
    {"every interval in zones of every kind", test_every_zone},
    {"the whole answer", test_the_answer},
    {"defaults", test_defaults},
    {"nothing to aggregate is an empty list", test_nothing_to_aggregate},
    {"rows without a dimension are a group", test_missing_dimension},
    {"values are told apart by their text", test_one_equality},
    {"numbers beyond a double fail nothing", test_extreme_values},
    {"instants without a bucket fail nothing", test_stored_infinite_timestamps},
    {"days of 23 and 25 hours", test_days_of_other_lengths},
    {"hours of zones", test_hours_of_zones},
    {"midnights that there are not, or twice", test_odd_midnights},
    {"every name of a time zone", test_names_of_zones},
    {"what is no name of a time zone", test_no_names_of_zones},
    {"the first and the last year", test_the_first_year},
    {"wrong fields, each by name", test_wrong_fields},
    {"only the rows that are asked for", test_selection},
    {"an answer of too many rows is refused", test_too_many_rows},
    CU_TEST_INFO_NULL,
};
