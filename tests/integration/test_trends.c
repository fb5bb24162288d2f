/*
 * test_trends.c - POST /configs/:id/metrics/trends, each point of each series compared with the
 * same figure worked out in C (sample.c).
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "sample.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const intervals[] = {"1h", "6h", "1d", "1w", "1M"};
static const char *const zones[] = {NULL, "America/New_York", "Asia/Kolkata"};

static const struct grouping_t {
    const char *json;
    int n, by[2];
} groupings[] = {
    {"[]", 0, {0}},
    {"[\"Op\"]", 1, {SAMPLE_OP}},
    {"[\"Backend:Stage\",\"batch_size\"]", 2, {SAMPLE_STAGE, SAMPLE_BATCH}},
};

static http_response_t *trends(apr_int64_t config, const char *body)
{
    return http_json("POST", strf("/configs/" ID "/metrics/trends", config), body);
}

/* ---- against the sample ---- */

typedef struct series_t {
    const struct grouping_t *by;
    apr_array_header_t *groups[SAMPLE_FIELDS]; /* of sample_group_t */
    apr_array_header_t *stamps; /* of apr_int64_t, ascending: every field's buckets */
} series_t;

static int compare_stamps(const void *a, const void *b)
{
    apr_int64_t x = *(const apr_int64_t *)a, y = *(const apr_int64_t *)b;

    return x < y ? -1 : x > y;
}

static void add_stamp(apr_array_header_t *stamps, apr_int64_t stamp)
{
    for (int i = 0; i < stamps->nelts; i++)
        if (APR_ARRAY_IDX(stamps, i, apr_int64_t) == stamp)
            return;
    APR_ARRAY_PUSH(stamps, apr_int64_t) = stamp;
}

static void compute(const sample_t *s, const char *interval, const char *zone,
                    const struct grouping_t *by, series_t *e)
{
    e->by = by;
    e->stamps = apr_array_make(fixture_pool(), 64, sizeof(apr_int64_t));
    for (int f = 0; f < SAMPLE_FIELDS; f++) {
        e->groups[f] = sample_group(s, f, interval, zone, by->by, by->n, NULL);
        for (int i = 0; i < e->groups[f]->nelts; i++)
            add_stamp(e->stamps, APR_ARRAY_IDX(e->groups[f], i, sample_group_t).bucket);
    }
    qsort(e->stamps->elts, (size_t)e->stamps->nelts, sizeof(apr_int64_t), compare_stamps);
}

static int is_group(json_object *dimensions, const sample_group_t *g, const struct grouping_t *by)
{
    for (int d = 0; d < by->n; d++)
        if (!sample_equals(g->keys[d], json_member(dimensions, sample_dims[by->by[d]])))
            return 0;
    return 1;
}

/* The values of a series at a timestamp, NULL when there are none. */
static const sample_group_t *find(const series_t *e, int field, json_object *dimensions,
                                  apr_int64_t stamp)
{
    for (int i = 0; i < e->groups[field]->nelts; i++) {
        const sample_group_t *g = &APR_ARRAY_IDX(e->groups[field], i, sample_group_t);
        if (g->bucket == stamp && is_group(dimensions, g, e->by))
            return g;
    }
    return NULL;
}

static int field_of(json_object *series)
{
    const char *name = json_text(json_member(series, "field"));

    for (int f = 0; f < SAMPLE_FIELDS; f++)
        if (name && !strcmp(name, sample_fields[f]))
            return f;
    expect(0, "no such field: %s", json_object_to_json_string(series));
    return 0;
}

/* Every point of a series; how many of them have values. */
static int check_series(const series_t *e, json_object *series)
{
    json_object *dimensions = json_member(series, "dimensions");
    json_object *values = json_member(series, "values"), *counts = json_member(series, "counts");
    int n = e->stamps->nelts, points = 0;

    if (!expect(json_length(values) == n && json_length(counts) == n, "expected %d points: %s",
                e->stamps->nelts, json_object_to_json_string(series)))
        return 0;
    expect_int(json_length(dimensions), e->by->n);
    for (int i = 0; i < n; i++) {
        const sample_group_t *g =
            find(e, field_of(series), dimensions, APR_ARRAY_IDX(e->stamps, i, apr_int64_t));
        json_object *value = json_item(values, i);
        apr_int64_t count = json_object_get_int64(json_item(counts, i));

        expect_int(count, g ? g->values->nelts : 0);
        expect(g ? value && sample_close(strtold(json_object_to_json_string(value), NULL),
                                         sample_aggregate("avg", g->values))
                 : value == NULL,
               "point %d of %s is not the average", i, json_object_to_json_string(series));
        points += g != NULL;
    }
    expect(points > 0, "a series without a value: %s", json_object_to_json_string(series));
    return points;
}

/* Every series' points are right, and together they have as many as there are groups: none is
 * missing. */
static void check_trends(const sample_t *s, const char *interval, const char *zone,
                         const struct grouping_t *by)
{
    json_object *names = json_object_new_array();
    series_t e;
    int points = 0, groups = 0;

    for (int f = 0; f < SAMPLE_FIELDS; f++)
        json_object_array_add(names, json_object_new_string(sample_fields[f]));
    compute(s, interval, zone, by, &e);
    http_response_t *res =
        trends(s->config, strf("{\"metric_fields\":%s,\"interval\":\"%s\",\"group_by\":%s%s}",
                               json_object_to_json_string(names), interval, by->json,
                               zone ? strf(",\"timezone\":\"%s\"", zone) : ""));
    json_object_put(names);
    expect_success(res);
    expect_text(res, "data.interval", interval);
    expect_lacks(res->body, "NaN");
    expect_lacks(res->body, "Infinity");
    expect_int(json_length_at(res, "data.timestamps"), e.stamps->nelts);
    for (int i = 0; i < e.stamps->nelts; i++)
        expect_text(res, strf("data.timestamps.%d", i),
                    sample_time(APR_ARRAY_IDX(e.stamps, i, apr_int64_t)));
    for (int i = 0; i < json_length_at(res, "data.series"); i++)
        points += check_series(&e, json_at(res, strf("data.series.%d", i), NULL));
    for (int f = 0; f < SAMPLE_FIELDS; f++)
        groups += e.groups[f]->nelts;
    expect_int(points, groups);
}

static void test_random_rows(void)
{
    static const apr_uint64_t seeds[] = {2, 20251102};

    for (size_t i = 0; i < countof(seeds); i++) {
        sample_t *s = sample_make(DB_A, seeds[i], 400);

        for (size_t n = 0; n < countof(intervals); n++)
            for (size_t g = 0; g < countof(groupings); g++)
                check_trends(s, intervals[n], zones[(n + g) % countof(zones)], &groupings[g]);
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
    apr_int64_t config = seed_config(DB_A, "trends");

    add(config, "2025-01-01T01:00:00Z", "{\"Op\":\"GEMM\",\"n\":32}", "{\"v\":1,\"w\":10.5}");
    add(config, "2025-01-02T01:00:00Z", "{\"Op\":\"A\\\"\"}", "{\"v\":5}");
    add(config, "2025-01-03T01:00:00Z", "{\"Op\":\"GEMM\",\"n\":32}", "{\"v\":3,\"w\":\"N/A\"}");
    add(config, "2025-01-03T23:00:00Z", "{\"Op\":\"GEMM\",\"n\":32}", "{\"v\":4}");
    add(config, "2025-01-04T23:00:00Z", "{\"Op\":\"GEMM\",\"n\":32}", "{\"v\":\"N/A\"}");
    http_response_t *res =
        trends(config, "{\"metric_fields\":[\"v\",\"w\",\"v\"],\"group_by\":[\"Op\",\"n\"]}");
    expect_success(res);
    expect_keys(res, "data", "timestamps,series,interval");
    expect_text(res, "data.interval", "1d");
    expect_json(res, "data.timestamps",
                "[\"2025-01-01T00:00:00Z\",\"2025-01-02T00:00:00Z\",\"2025-01-03T00:00:00Z\"]");
    expect_keys(res, "data.series.0", "name,field,dimensions,values,counts");
    expect_int(json_length_at(res, "data.series"), 3);
    const char *gemm = "{\"name\":\"v (Op=GEMM, n=32)\",\"field\":\"v\",\"dimensions\":{\"Op\":"
                       "\"GEMM\",\"n\":\"32\"},\"values\":[1,null,3.5],\"counts\":[1,0,2]}";
    const char *attention = "{\"name\":\"v (Op=A\\\", n=null)\",\"field\":\"v\",\"dimensions\":{"
                            "\"Op\":\"A\\\"\",\"n\":null},\"values\":[null,5,null],"
                            "\"counts\":[0,1,0]}";
    const char *other = "{\"name\":\"w (Op=GEMM, n=32)\",\"field\":\"w\",\"dimensions\":{\"Op\":"
                        "\"GEMM\",\"n\":\"32\"},\"values\":[10.5,null,null],\"counts\":[1,0,0]}";
    expect_contains(res->body, gemm);
    expect_contains(res->body, attention);
    expect_contains(res->body, other);
}

static void test_without_groups(void)
{
    apr_int64_t config = seed_config(DB_A, "no groups");

    add(config, "2025-01-05T23:59:59.999999Z", "{\"Op\":\"GEMM\"}", "{\"v\":1}");
    add(config, "2025-01-06T00:00:00Z", "{}", "{\"v\":2}");
    http_response_t *res = trends(config, "{\"metric_fields\":[\"v\"],\"interval\":\"1w\"}");
    expect_json(res, "data",
                "{\"timestamps\":[\"2024-12-30T00:00:00Z\",\"2025-01-06T00:00:00Z\"],\"series\":"
                "[{\"name\":\"v\",\"field\":\"v\",\"dimensions\":{},\"values\":[1,2],\"counts\":"
                "[1,1]}],\"interval\":\"1w\"}");
}

/* Values are their texts: 32 and "32" are one series, 1.5 and 1.50 are two. */
static void test_one_equality(void)
{
    apr_int64_t config = seed_config(DB_A, "equality");
    static const char *const written[] = {"32", "\"32\"", "1.5", "1.50", "3.2e1"};

    for (size_t i = 0; i < countof(written); i++)
        add(config, strf("2025-01-0%dT00:00:00Z", (int)i + 1), strf("{\"n\":%s}", written[i]),
            strf("{\"v\":%d}", (int)i));
    http_response_t *res = trends(config, "{\"metric_fields\":[\"v\"],\"group_by\":[\"n\"]}");
    expect_int(json_length_at(res, "data.series"), 3);
    expect_text(res, "data.series.0.name", "v (n=1.5)");
    expect_json(res, "data.series.0.values", "[null,null,2,null,null]");
    expect_text(res, "data.series.1.name", "v (n=1.50)");
    expect_json(res, "data.series.1.values", "[null,null,null,3,null]");
    expect_json(res, "data.series.2.dimensions", "{\"n\":\"32\"}");
    expect_json(res, "data.series.2.values", "[0,1,null,null,4]");
}

/* Some groups' rows come from names and values that must be escaped, piece by piece. */
static void test_escaped_names(void)
{
    apr_int64_t config = seed_config(DB_A, "escaped");

    add(config, "2025-01-01T00:00:00Z", "{\"a\\\"b\\\\\":\"c\\n\\u0001\"}", "{\"v\\t\":1}");
    http_response_t *res =
        trends(config, "{\"metric_fields\":[\"v\\t\"],\"group_by\":[\"a\\\"b\\\\\",\"x\"]}");
    expect_text(res, "data.series.0.name", "v\t (a\"b\\=c\n\x01, x=null)");
}

/* ---- fill ---- */

static void check_fill(const char *how, const char *stamps, const char *values)
{
    apr_int64_t config = seed_config(DB_A, "fill");

    add(config, "2025-10-25T23:30:00Z", "{\"Op\":\"a\"}", "{\"v\":1}");
    add(config, "2025-10-26T02:30:00Z", "{\"Op\":\"b\"}", "{\"v\":2}");
    http_response_t *res =
        trends(config, strf("{\"metric_fields\":[\"v\"],\"group_by\":[\"Op\"],%s}", how));
    expect_success(res);
    expect_json(res, "data.timestamps", stamps);
    expect_int(json_length_at(res, "data.series"), 2);
    expect_json(res, "data.series.0.values", values);
    expect_int(json_length_at(res, "data.series.1.counts"), json_length_at(res, "data.timestamps"));
}

static void test_fill(void)
{
    check_fill("\"interval\":\"1h\"", "[\"2025-10-25T23:00:00Z\",\"2025-10-26T02:00:00Z\"]",
               "[1,null]");
    check_fill("\"interval\":\"1h\",\"fill\":false",
               "[\"2025-10-25T23:00:00Z\",\"2025-10-26T02:00:00Z\"]", "[1,null]");
    check_fill("\"interval\":\"1h\",\"fill\":true",
               "[\"2025-10-25T23:00:00Z\",\"2025-10-26T00:00:00Z\",\"2025-10-26T01:00:00Z\","
               "\"2025-10-26T02:00:00Z\"]",
               "[1,null,null,null]");
    check_fill("\"interval\":\"1h\",\"fill\":true,\"timezone\":\"Europe/Berlin\"",
               "[\"2025-10-25T23:00:00Z\",\"2025-10-26T00:00:00Z\",\"2025-10-26T01:00:00Z\","
               "\"2025-10-26T02:00:00Z\"]",
               "[1,null,null,null]");
    check_fill("\"interval\":\"1h\",\"fill\":true,\"timezone\":\"Asia/Kolkata\"",
               "[\"2025-10-25T23:30:00Z\",\"2025-10-26T00:30:00Z\",\"2025-10-26T01:30:00Z\","
               "\"2025-10-26T02:30:00Z\"]",
               "[1,null,null,null]");
    check_fill("\"interval\":\"1w\",\"fill\":true", "[\"2025-10-20T00:00:00Z\"]", "[1]");
}

/* From one instant to another: the buckets of a filled chart. */
static void check_filled(const char *interval, const char *zone, const char *from, const char *to,
                         const char *stamps)
{
    apr_int64_t config = seed_config(DB_A, "filled");

    add(config, from, "{}", "{\"v\":1}");
    add(config, to, "{}", "{\"v\":2}");
    http_response_t *res =
        trends(config, strf("{\"metric_fields\":[\"v\"],\"fill\":true,\"interval\":\"%s\","
                            "\"timezone\":\"%s\"}",
                            interval, zone));
    expect_success(res);
    expect_json(res, "data.timestamps", stamps);
    expect_json(res, "data.series.0.counts.0", "1");
    expect_json(res, strf("data.series.0.counts.%d", json_length_at(res, "data.timestamps") - 1),
                "1");
    expect_json(res, "data.series.0.counts.1", "0");
}

static void test_fill_in_zones(void)
{
    check_filled("1M", "UTC", "2024-11-15T00:00:00Z", "2025-03-01T00:00:00Z",
                 "[\"2024-11-01T00:00:00Z\",\"2024-12-01T00:00:00Z\",\"2025-01-01T00:00:00Z\","
                 "\"2025-02-01T00:00:00Z\",\"2025-03-01T00:00:00Z\"]");
    check_filled("1M", "Europe/Berlin", "2025-02-15T00:00:00Z", "2025-05-01T00:00:00Z",
                 "[\"2025-01-31T23:00:00Z\",\"2025-02-28T23:00:00Z\",\"2025-03-31T22:00:00Z\","
                 "\"2025-04-30T22:00:00Z\"]");
    check_filled("6h", "America/New_York", "2025-11-01T23:00:00Z", "2025-11-02T17:00:00Z",
                 "[\"2025-11-01T22:00:00Z\",\"2025-11-02T04:00:00Z\",\"2025-11-02T11:00:00Z\","
                 "\"2025-11-02T17:00:00Z\"]");
    check_filled("1d", "Pacific/Apia", "2011-12-29T09:00:00Z", "2012-01-01T00:00:00Z",
                 "[\"2011-12-28T10:00:00Z\",\"2011-12-29T10:00:00Z\",\"2011-12-30T10:00:00Z\","
                 "\"2011-12-31T10:00:00Z\"]");
    check_filled("1h", "Australia/Lord_Howe", "2025-10-04T14:00:00Z", "2025-10-04T17:00:00Z",
                 "[\"2025-10-04T13:30:00Z\",\"2025-10-04T14:30:00Z\",\"2025-10-04T15:30:00Z\","
                 "\"2025-10-04T16:00:00Z\",\"2025-10-04T17:00:00Z\"]");
    check_filled("1w", "Asia/Tokyo", "2025-01-01T00:00:00Z", "2025-01-15T00:00:00Z",
                 "[\"2024-12-29T15:00:00Z\",\"2025-01-05T15:00:00Z\",\"2025-01-12T15:00:00Z\"]");
}

/* Of random rows: the start of each bucket is its own, and just before it is the one before. */
static void check_every_bucket(const sample_t *s, const char *interval, const char *zone,
                               const char *start)
{
    http_response_t *res =
        trends(s->config, strf("{\"metric_fields\":[\"%s\"],\"group_by\":[\"Op\"],\"fill\":true,"
                               "\"start\":\"%s\",\"interval\":\"%s\",\"timezone\":\"%s\"}",
                               sample_fields[SAMPLE_THROUGHPUT], start, interval, zone));
    apr_int64_t last = 0;
    int n = json_length_at(res, "data.timestamps");

    expect_success(res);
    expect(n > 100, "only %d buckets of %s in %s", n, interval, zone);
    for (int i = 0; i < n; i++) {
        const char *text = json_text(json_item(json_at(res, "data.timestamps", NULL), i));
        apr_int64_t stamp = sample_instant(text);

        expect(sample_bucket(stamp, interval, zone) == stamp &&
                   (!i || sample_bucket(stamp - 1000000, interval, zone) == last),
               "%s of %s in %s does not follow %s", text, interval, zone, sample_time(last));
        last = stamp;
    }
}

static void test_every_bucket(void)
{
    static const char *const places[] = {"UTC", "America/New_York", "Pacific/Apia", "Asia/Kolkata",
                                         "America/Havana"};
    sample_t *s = sample_make(DB_A, 20251102, 300);

    for (size_t p = 0; p < countof(places); p++) {
        check_every_bucket(s, "1M", places[p], "1900-01-01T00:00:00Z");
        check_every_bucket(s, "1w", places[p], "1999-01-01T00:00:00Z");
        check_every_bucket(s, "1d", places[p], "2010-01-01T00:00:00Z");
        check_every_bucket(s, "6h", places[p], "2025-01-01T00:00:00Z");
        check_every_bucket(s, "1h", places[p], "2025-09-01T00:00:00Z");
    }
}

/* Hours of two hundred years, and of all that can be said: refused at once. */
static void test_fill_of_centuries(void)
{
    static const char *const last[] = {"2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"};
    static const char *const hows[] = {"", "\"timezone\":\"Asia/Tokyo\",",
                                       "\"group_by\":[\"Op\"],"};

    for (size_t i = 0; i < countof(last); i++) {
        apr_int64_t config = seed_config(DB_A, "centuries");

        add(config, "2000-01-01T00:00:00Z", "{}", "{\"v\":1}");
        add(config, last[i], "{}", "{\"v\":2}");
        for (size_t h = 0; h < countof(hows); h++)
            expect_error(trends(config, strf("{\"metric_fields\":[\"v\"],%s\"interval\":\"1h\","
                                             "\"fill\":true}",
                                             hows[h])),
                         4000,
                         "the answer would have more than 100000 rows: narrow the time range, or"
                         " choose a longer interval or fewer groups");
    }
}

static void test_nothing_to_show(void)
{
    apr_int64_t config = seed_config(DB_A, "nothing");
    const char *body = "{\"metric_fields\":[\"v\",\"nope\"],\"interval\":\"6h\"}";
    const char *empty = "{\"timestamps\":[],\"series\":[],\"interval\":\"6h\"}";

    expect_json(trends(config, body), "data", empty);
    add(config, "2025-01-06T00:00:00Z", "{}", "{\"v\":\"2\"}");
    expect_json(trends(config, body), "data", empty);
    expect_error(trends(999999999, body), 4040, "config not found");
}

static void test_extreme_values(void)
{
    apr_int64_t config = seed_config(DB_A, "extreme");

    add(config, "2025-01-06T00:00:00Z", "{}", "{\"v\":1e400,\"w\":1e-400}");
    add(config, "2025-01-06T01:00:00Z", "{}", "{\"v\":1,\"w\":1}");
    http_response_t *res = trends(config, "{\"metric_fields\":[\"v\",\"w\"]}");
    expect_success(res);
    expect_json(res, "data.series.0.counts", "[2]");
    expect_json(res, "data.series.1.counts", "[2]");
    expect_lacks(res->body, "Infinity");
    expect_lacks(res->body, "NaN");
}

static void test_instants_without_a_bucket(void)
{
    apr_int64_t config = seed_config(DB_A, "infinite");

    add(config, "infinity", "{}", "{\"v\":1}");
    add(config, "0044-03-15 12:00:00+00 BC", "{}", "{\"v\":4}");
    add(config, "12025-01-01 00:00:00+00", "{}", "{\"v\":5}");
    add(config, "2025-01-06T01:00:00Z", "{}", "{\"v\":2}");
    http_response_t *res = trends(config, "{\"metric_fields\":[\"v\"]}");
    expect_success(res);
    expect_json(res, "data.timestamps", "[\"2025-01-06T00:00:00Z\"]");
    expect_json(res, "data.series.0.values", "[2]");
    expect_int(json_length_at(res, "data.series"), 1);
}

/* ---- inputs ---- */

static void test_wrong_fields(void)
{
    static const struct {
        const char *value, *message;
    } cases[] = {
        {"null", "is required"},
        {"[]", "must be an array of 1 to 20 names"},
        {"\"v\"", "must be an array of 1 to 20 names"},
        {"[1]", "must be an array of 1 to 20 names"},
        {"[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\","
         "\"14\",\"15\",\"16\",\"17\",\"18\",\"19\",\"20\",\"21\"]",
         "must be an array of 1 to 20 names"},
    };

    for (size_t i = 0; i < countof(cases); i++)
        expect_field(trends(1, strf("{\"metric_fields\":%s}", cases[i].value)), "metric_fields",
                     cases[i].message);
    http_response_t *res = trends(1, "{\"interval\":\"2h\",\"group_by\":{},\"start\":\"\","
                                     "\"timezone\":\"CEST\",\"fill\":1}");
    expect_int(json_length_at(res, "errors"), 6);
    expect_field(res, "timezone", "must be the name of a time zone such as Europe/Berlin");
    expect_field(res, "fill", "must be true or false");
    expect_field(res, "metric_fields", "is required");
    expect_field(res, "interval", "must be one of 1h, 6h, 1d, 1w, 1M");
    expect_field(res, "group_by", "must be an array of at most 10 names");
    expect_field(res, "start", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z");
}

static void test_twenty_fields(void)
{
    apr_int64_t config = seed_config(DB_A, "twenty");
    const char *names = "", *metrics = "";

    for (int i = 0; i < 20; i++) {
        names = strf("%s%s\"f%d\"", names, i ? "," : "", i);
        metrics = strf("%s%s\"f%d\":%d", metrics, i ? "," : "", i, i);
    }
    add(config, "2025-01-06T01:00:00Z", "{}", strf("{%s}", metrics));
    http_response_t *res = trends(config, strf("{\"metric_fields\":[%s]}", names));
    expect_int(json_length_at(res, "data.series"), 20);
    for (int i = 0; i < 20; i++)
        expect_json(res, strf("data.series.%d.values", i), strf("[%d]", i));
}

/* A million values at the most: 1100 groups of an hour each, 1100 hours. */
static void test_too_many_values(void)
{
    apr_int64_t config = seed_config(DB_A, "a group an hour");

    db_run(
        DB_A,
        "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, dimensions,"
        " metrics) SELECT $1::bigint, 1, 1, '2025-01-01T00:00:00Z'::timestamptz"
        " + i * interval '1 hour', jsonb_build_object('sha', i), '{\"v\":1}'"
        " FROM generate_series(1, 1100) i",
        1, strf(ID, config));
    expect_error(
        trends(config, "{\"metric_fields\":[\"v\"],\"interval\":\"1h\","
                       "\"group_by\":[\"sha\"]}"),
        4000,
        "the answer would have more than 1000000 values: narrow the time range, or choose a "
        "longer interval or fewer groups");
    http_response_t *res = trends(config, "{\"metric_fields\":[\"v\"],\"interval\":\"1d\","
                                          "\"group_by\":[\"sha\"]}");
    expect_success(res);
    expect_int(json_length_at(res, "data.series"), 1100);
}

SUITE(trends) = {
    {"every interval and grouping of random rows", test_random_rows},
    {"the whole answer, aligned", test_the_answer},
    {"without groups", test_without_groups},
    {"series are told apart by the text of their values", test_one_equality},
    {"names that must be escaped", test_escaped_names},
    {"fill adds the buckets in between", test_fill},
    {"fill in months and zones", test_fill_in_zones},
    {"fill leaves no bucket out", test_every_bucket},
    {"fill of centuries is refused", test_fill_of_centuries},
    {"nothing to show", test_nothing_to_show},
    {"numbers beyond a double fail nothing", test_extreme_values},
    {"instants without a bucket fail nothing", test_instants_without_a_bucket},
    {"wrong fields, each by name", test_wrong_fields},
    {"twenty fields", test_twenty_fields},
    {"too many values", test_too_many_values},
    CU_TEST_INFO_NULL,
};
