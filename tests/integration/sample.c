/*
 * sample.c - makes the rows, stores them in one statement, and computes buckets, groups and
 * aggregates.
 */
#include "sample.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

const char *const sample_dims[] = {"Op", "batch_size", "Backend:Stage", "absent", NULL};
const char *const sample_fields[] = {"throughput", "la't\"ency %;--", "never", NULL};

static const sample_value_t ops[] = {{"\"GEMM\"", "GEMM"},
                                     {"\"GEMM-FP8\"", "GEMM-FP8"},
                                     {"\"Attention\"", "Attention"},
                                     {"\"\"", ""},
                                     {"null", NULL},
                                     {NULL, NULL}};
static const sample_value_t batches[] = {
    {"32", "32"},      {"\"32\"", "32"},     {"1e2", "100"},       {"0.5", "0.5"},
    {"0.50", "0.50"},  {"true", "true"},     {"\"true\"", "true"}, {"[1]", "[1]"},
    {"null", NULL},    {"\"null\"", "null"}, {NULL, NULL},         {"{\"b\":1}", "{\"b\": 1}"},
    {"\"[1]\"", "[1]"}};
static const sample_value_t stages[] = {{"\"Aiter/CK:Fwd\"", "Aiter/CK:Fwd"},
                                        {"\"Hipblaslt:Bwd\"", "Hipblaslt:Bwd"},
                                        {"\"\xc3\xa9\\\"\\\\'%\"", "\xc3\xa9\"\\'%"},
                                        {"\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80"},
                                        {NULL, NULL}};

/* What stands where a number belongs. */
static const char *const no_numbers[] = {NULL,      "null",        "\"N/A\"", "\"12.5\"",
                                         "\"\"",    "{\"gte\":1}", "[150.5]", "true",
                                         "\"NaN\"", "\"1e3\""};

/* Year ends, Mondays, days of daylight saving in New York (where PostgreSQL runs) and Berlin, leap
 * days, and long before 2000; a midnight that Beirut, one that Sao Paulo and a day that Apia never
 * had, and one that Havana had twice. */
static const char *const edges[] = {
    "2024-12-30T00:00:00Z", "2025-01-01T00:00:00Z", "2025-01-06T00:00:00Z", "2025-03-09T05:00:00Z",
    "2025-03-09T07:00:00Z", "2025-03-10T00:00:00Z", "2025-03-30T01:00:00Z", "2025-11-02T06:00:00Z",
    "2025-11-02T18:00:00Z", "2024-02-29T00:00:00Z", "2000-01-01T00:00:00Z", "1999-12-31T18:00:00Z",
    "1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z", "1900-01-01T00:00:00Z", "2025-03-29T22:00:00Z",
    "2017-10-15T03:00:00Z", "2011-12-30T10:00:00Z", "2025-11-02T05:00:00Z"};

/* SplitMix64. */
static apr_uint64_t next(apr_uint64_t *state)
{
    apr_uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int below(apr_uint64_t *state, int n)
{
    return (int)(next(state) % (apr_uint64_t)n);
}

#define pick(state, list) ((list)[below((state), (int)countof(list))])

/* ---- time ---- */

static apr_int64_t floor_to(apr_int64_t at, apr_int64_t width)
{
    apr_int64_t rest = at % width;

    return at - rest - (rest < 0 ? width : 0);
}

apr_int64_t sample_instant(const char *text)
{
    struct tm tm = {0};

    strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return timegm(&tm) * SECOND;
}

const char *sample_time(apr_int64_t at)
{
    apr_int64_t whole = floor_to(at, SECOND);
    int micros = (int)(at - whole);
    time_t seconds = whole / SECOND;
    char text[40], fraction[10] = "";
    struct tm tm;

    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
    if (micros) {
        int len = snprintf(fraction, sizeof(fraction), ".%06d", micros);
        while (fraction[len - 1] == '0')
            fraction[--len] = '\0';
    }
    return strf("%s%sZ", text, fraction);
}

/* ---- buckets ---- */

/* Days since the epoch of a date on the wall. */
static apr_int64_t day_of(const struct tm *wall)
{
    struct tm date = {.tm_year = wall->tm_year, .tm_mon = wall->tm_mon, .tm_mday = wall->tm_mday};

    return floor_to(timegm(&date), 86400) / 86400;
}

/* What is the same throughout a bucket, and greater in later ones, by the C library's clock. */
static apr_int64_t bucket_number(time_t at, const char *interval)
{
    struct tm wall;

    localtime_r(&at, &wall);
    if (!strcmp(interval, "1h")) /* the offset tells the two hours of a day that are alike */
        return floor_to(at + wall.tm_gmtoff, 3600) - wall.tm_gmtoff;
    if (!strcmp(interval, "6h"))
        return day_of(&wall) * 4 + wall.tm_hour / 6;
    if (!strcmp(interval, "1w")) /* the epoch was a Thursday */
        return floor_to(day_of(&wall) + 3, 7);
    return !strcmp(interval, "1M") ? wall.tm_year * 12 + wall.tm_mon : day_of(&wall);
}

/* The first second that has the number of `at`: a search, without any arithmetic of time zones. */
apr_int64_t sample_bucket(apr_int64_t at, const char *interval, const char *zone)
{
    time_t hi = floor_to(at, SECOND) / SECOND, lo = hi - 33 * 86400;
    apr_int64_t number;

    setenv("TZ", zone ? zone : "UTC", 1);
    tzset();
    number = bucket_number(hi, interval);
    while (hi - lo > 1) {
        time_t middle = lo + (hi - lo) / 2;

        if (bucket_number(middle, interval) < number)
            lo = middle;
        else
            hi = middle;
    }
    unsetenv("TZ");
    tzset();
    return hi * SECOND;
}

/* On an edge, a microsecond beside it, or some hours or days off, on a coarse grid for ties. */
static apr_int64_t random_time(apr_uint64_t *state)
{
    apr_int64_t edge = sample_instant(pick(state, edges));

    switch (below(state, 4)) {
    case 0:
        return edge;
    case 1:
        return edge + (below(state, 2) ? 1 : -1);
    case 2:
        return edge + (below(state, 97) - 48) * (HOUR / 2);
    default:
        return edge + (below(state, 41) - 20) * DAY + below(state, 3) * 250000;
    }
}

/* ---- rows ---- */

static const char *random_number(apr_uint64_t *state)
{
    switch (below(state, 6)) {
    case 0:
        return strf("%d", 100 + 10 * below(state, 12));
    case 1:
        return strf("%d.%02d", 150 + below(state, 4), below(state, 100));
    case 2:
        return strf("-%d.%d", below(state, 50), 1 + below(state, 9));
    case 3:
        return strf("%d.5e%d", 1 + below(state, 9), below(state, 7) - 3);
    case 4:
        return below(state, 2) ? "0" : "0.1";
    default:
        return strf("1%09d.%06d", below(state, 1000000000), below(state, 1000000));
    }
}

static void random_metric(apr_uint64_t *state, sample_row_t *row, int field, int holes)
{
    int number = field != SAMPLE_NEVER && below(state, 100) >= holes;

    row->metrics[field] = number ? random_number(state) : pick(state, no_numbers);
    row->values[field] = number ? strtold(row->metrics[field], NULL) : (long double)NAN;
}

static void random_row(apr_uint64_t *state, sample_row_t *row)
{
    memset(row, 0, sizeof(*row));
    row->at = random_time(state);
    row->run_id = 1 + below(state, 5);
    row->schema_id = 1 + below(state, 2);
    row->source_file = below(state, 5) ? strf("run %d/summary.csv", below(state, 3)) : NULL;
    row->dims[SAMPLE_OP] = pick(state, ops);
    row->dims[SAMPLE_BATCH] = pick(state, batches);
    row->dims[SAMPLE_STAGE] = pick(state, stages);
    random_metric(state, row, SAMPLE_THROUGHPUT, 25);
    random_metric(state, row, SAMPLE_LATENCY, 60);
    random_metric(state, row, SAMPLE_NEVER, 100);
}

static const char *quoted(const char *text)
{
    json_object *json = text ? json_object_new_string(text) : NULL;
    const char *copy = strf("%s", json_object_to_json_string(json));

    json_object_put(json);
    return copy;
}

/* {"n":0,"at":…,"dimensions":{…},"metrics":{…}}: what the INSERT below takes. */
static const char *row_json(const sample_row_t *row, int n)
{
    const char *dims = "", *metrics = "";

    for (int d = 0; d < SAMPLE_DIMS; d++)
        if (row->dims[d].json)
            dims = strf("%s%s%s:%s", dims, *dims ? "," : "", quoted(sample_dims[d]),
                        row->dims[d].json);
    for (int f = 0; f < SAMPLE_FIELDS; f++)
        if (row->metrics[f])
            metrics = strf("%s%s%s:%s", metrics, *metrics ? "," : "", quoted(sample_fields[f]),
                           row->metrics[f]);
    return strf("{\"n\":%d,\"at\":\"%s\",\"run_id\":" ID ",\"schema_id\":" ID
                ",\"source_file\":%s,\"dimensions\":{%s},\"metrics\":{%s}}",
                n, sample_time(row->at), row->run_id, row->schema_id, quoted(row->source_file),
                dims, metrics);
}

static void store(const char *dbname, sample_t *s)
{
    apr_array_header_t *rows = apr_array_make(fixture_pool(), s->n, sizeof(const char *));
    const char *ids;

    for (int i = 0; i < s->n; i++)
        APR_ARRAY_PUSH(rows, const char *) = row_json(&s->rows[i], i);
    ids =
        db_text(dbname,
                "WITH stored AS (INSERT INTO github_workflow_metrics (config_id, run_id,"
                " schema_id, timestamp, source_file, dimensions, metrics, raw_data)"
                " SELECT $1::bigint, run_id, schema_id, at::timestamptz, source_file, dimensions,"
                " metrics, jsonb_build_object('n', n) FROM jsonb_to_recordset($2::jsonb) AS r(n"
                " int, at text, run_id bigint, schema_id bigint, source_file text, dimensions"
                " jsonb, metrics jsonb) ORDER BY n RETURNING id)"
                " SELECT string_agg(id::text, ' ' ORDER BY id) FROM stored",
                2, strf(ID, s->config), strf("[%s]", apr_array_pstrcat(fixture_pool(), rows, ',')));
    for (int i = 0; i < s->n && ids; i++)
        s->rows[i].id = strtoll(ids, (char **)&ids, 10);
}

sample_t *sample_make(const char *dbname, apr_uint64_t seed, int n)
{
    sample_t *s = apr_pcalloc(fixture_pool(), sizeof(*s));
    apr_uint64_t state = seed;

    printf("(seed %" APR_UINT64_T_FMT ") ", seed);
    s->config = seed_config(dbname, "sample");
    s->n = n;
    s->rows = apr_pcalloc(fixture_pool(), sizeof(*s->rows) * (apr_size_t)n);
    for (int i = 0; i < n; i++)
        random_row(&state, &s->rows[i]);
    store(dbname, s);
    return s;
}

/* ---- what they say ---- */

static int same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* The JSON of a group's key: its text. */
static const char *key_of(const sample_row_t *row, int dim)
{
    return row->dims[dim].text ? quoted(row->dims[dim].text) : NULL;
}

static sample_group_t *find_group(apr_array_header_t *groups, const sample_row_t *row,
                                  apr_int64_t bucket, const int *by, int nby)
{
    sample_group_t *g;

    for (int i = 0; i < groups->nelts; i++) {
        int same;
        g = &APR_ARRAY_IDX(groups, i, sample_group_t);
        same = g->bucket == bucket;
        for (int d = 0; d < nby && same; d++)
            same = same_text(g->keys[d], key_of(row, by[d]));
        if (same)
            return g;
    }
    g = apr_array_push(groups);
    g->bucket = bucket;
    for (int d = 0; d < nby; d++)
        g->keys[d] = key_of(row, by[d]);
    g->values = apr_array_make(fixture_pool(), 4, sizeof(long double));
    return g;
}

static int compare_values(const void *a, const void *b)
{
    long double x = *(const long double *)a, y = *(const long double *)b;

    return x < y ? -1 : x > y;
}

apr_array_header_t *sample_group(const sample_t *s, int field, const char *interval,
                                 const char *zone, const int *by, int nby, sample_filter_fn filter)
{
    apr_array_header_t *groups = apr_array_make(fixture_pool(), 64, sizeof(sample_group_t));

    for (int i = 0; i < s->n; i++) {
        const sample_row_t *row = &s->rows[i];

        if (isnan(row->values[field]) || (filter && !filter(row)))
            continue;
        sample_group_t *g =
            find_group(groups, row, sample_bucket(row->at, interval, zone), by, nby);
        APR_ARRAY_PUSH(g->values, long double) = row->values[field];
    }
    for (int i = 0; i < groups->nelts; i++) {
        apr_array_header_t *values = APR_ARRAY_IDX(groups, i, sample_group_t).values;
        qsort(values->elts, (size_t)values->nelts, sizeof(long double), compare_values);
    }
    return groups;
}

static long double sum(const apr_array_header_t *values)
{
    long double total = 0;

    for (int i = 0; i < values->nelts; i++)
        total += APR_ARRAY_IDX(values, i, long double);
    return total;
}

static long double deviation(const apr_array_header_t *values)
{
    long double mean = sum(values) / values->nelts, squares = 0;

    if (values->nelts < 2)
        return NAN;
    for (int i = 0; i < values->nelts; i++) {
        long double off = APR_ARRAY_IDX(values, i, long double) - mean;
        squares += off * off;
    }
    return sqrtl(squares / (values->nelts - 1));
}

/* Linear interpolation between the two closest ranks. */
static long double percentile(const apr_array_header_t *values, long double p)
{
    long double rank = p * (values->nelts - 1);
    int low = (int)floorl(rank), high = (int)ceill(rank);
    long double a = APR_ARRAY_IDX(values, low, long double);
    long double b = APR_ARRAY_IDX(values, high, long double);

    return a + (b - a) * (rank - low);
}

long double sample_aggregate(const char *func, const apr_array_header_t *values)
{
    if (!strcmp(func, "count"))
        return values->nelts;
    if (!values->nelts)
        return NAN;
    if (!strcmp(func, "sum"))
        return sum(values);
    if (!strcmp(func, "avg"))
        return sum(values) / values->nelts;
    if (!strcmp(func, "min"))
        return APR_ARRAY_IDX(values, 0, long double);
    if (!strcmp(func, "max"))
        return APR_ARRAY_IDX(values, values->nelts - 1, long double);
    if (!strcmp(func, "stddev"))
        return deviation(values);
    return percentile(values, strtold(func + 1, NULL) / 100);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

apr_array_header_t *sample_texts(const sample_t *s, int dim, sample_filter_fn filter)
{
    apr_array_header_t *texts = apr_array_make(fixture_pool(), 8, sizeof(const char *));

    for (int i = 0; i < s->n; i++) {
        const char *text = s->rows[i].dims[dim].text;
        int known = !text || (filter && !filter(&s->rows[i]));

        for (int k = 0; k < texts->nelts && !known; k++)
            known = !strcmp(text, APR_ARRAY_IDX(texts, k, const char *));
        if (!known)
            APR_ARRAY_PUSH(texts, const char *) = text;
    }
    qsort(texts->elts, (size_t)texts->nelts, sizeof(const char *), compare_texts);
    return texts;
}

int sample_close(long double a, long double b)
{
    /* a deviation of equal values may differ from 0 by what a double cannot hold */
    return fabsl(a - b) <= 1e-9L * fmaxl(fabsl(a), fabsl(b)) + 1e-12L;
}

int sample_equals(const char *json, struct json_object *answered)
{
    return json_object_equal(json ? json_literal(json) : NULL, answered);
}
