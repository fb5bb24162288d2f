/*
 * aggregate.c - owns POST metrics/aggregate and metrics/trends: metric values over time, in
 * buckets, by groups.
 *
 * One scan of the rows, whatever the number of fields and groups. Values are PostgreSQL's numeric:
 * exact, and without NaN, infinity or overflow, which JSON could not say. A row whose value is
 * absent or no number counts nowhere. Buckets are UTC whatever the session's time zone: date_bin
 * from an origin that is a Monday, midnight UTC, before all data (0001-01-01).
 */
#include "../core/time.h"
#include "api.h"
#include <apr_strings.h>
#include <stdlib.h>

/* The order of the two lists is the inputs'. */
const char *const api_agg_funcs[] = {"avg", "sum", "min", "max",    "count", "p50",
                                     "p90", "p95", "p99", "stddev", NULL};
/* Linear interpolation between the two nearest values, as percentile_cont does it; but that one
 * works on doubles, which are not exact and which a value may overflow. */
#define SORTED      "(array_agg(n0 ORDER BY n0))"
#define POSITION(p) "(" p " * (count(n0) - 1))"
#define BELOW(p)    SORTED "[floor" POSITION(p) "::int + 1]"
#define ABOVE(p)    SORTED "[ceil" POSITION(p) "::int + 1]"
#define PERCENTILE(p)                                                                              \
    "trim_scale(" BELOW(p) " + (" POSITION(p) " - floor" POSITION(p) ") * (" ABOVE(p) " - " BELOW( \
        p) "))"

/* Of each function: what it makes of numbers n0, and what of sums over them (c numbers, total t,
 * squares q, lowest l, highest h), or NULL. */
static const struct {
    const char *of_numbers, *of_sums;
} functions[] = {
    {"trim_scale(avg(n0))", "trim_scale(sum(t) / sum(c))"},
    {"sum(n0)", "sum(t)"},
    {"min(n0)", "min(l)"},
    {"max(n0)", "max(h)"},
    {"count(n0)", "sum(c)"},
    {PERCENTILE("0.5"), NULL},
    {PERCENTILE("0.9"), NULL},
    {PERCENTILE("0.95"), NULL},
    {PERCENTILE("0.99"), NULL},
    {WFM_STDDEV("count(n0)::numeric", "sum(n0)", "sum(n0 * n0)"),
     WFM_STDDEV("sum(c)", "sum(t)", "sum(q)")},
};
const char *const api_intervals[] = {"1h", "6h", "1d", "1w", NULL};
static const char *const widths[] = {"1 hour", "6 hours", "1 day", "7 days"};
#define DAYS 2 /* from this interval on a bucket is whole days */

/* Most cells of trends: series times timestamps. */
#define MAX_CELLS 1000000

/* Most rows of an answer (buckets times groups): beyond it a chart shows nothing, and nothing is
 * unbounded. */
#define MAX_ROWS      100000
#define LIMIT_ROWS    " LIMIT " STRINGIFY(MAX_ROWS) " + 1"
#define STRINGIFY_(x) #x
#define STRINGIFY(x)  STRINGIFY_(x)

static const apr_array_header_t *group_by(wfm_request_t *rq)
{
    return wfm_args_get(&rq->body, "group_by")->names;
}

static int groups(wfm_request_t *rq)
{
    return group_by(rq) ? group_by(rq)->nelts : 0;
}

/* "g0, g1": the groups' columns, each after a comma. */
static void add_groups(wfm_request_t *rq, wfm_sql_t *q)
{
    for (int i = 0; i < groups(rq); i++)
        wfm_sql_add(q, apr_psprintf(rq->pool, ", g%d", i));
}

/* The same as they are answered: of equal values with different digits (1.5, 1.50) always the same.
 */
static void add_group_texts(wfm_request_t *rq, wfm_sql_t *q)
{
    for (int i = 0; i < groups(rq); i++)
        wfm_sql_add(q, apr_psprintf(rq->pool, ", min(g%d::text COLLATE \"C\")", i));
}

#define ORIGIN "'0001-01-01 00:00:00+00'"

/* The bucket of an instant and the groups g0… of a row (or summary) m. */
static void add_bucket(wfm_request_t *rq, wfm_sql_t *q, const char *instant)
{
    wfm_sql_add(q, "date_bin(");
    wfm_sql_bind(q, widths[wfm_args_int(&rq->body, "interval")], "interval");
    wfm_sql_add(q, ", ");
    wfm_sql_add(q, instant);
    wfm_sql_add(q, ", " ORIGIN ") AS bucket");
    for (int i = 0; i < groups(rq); i++) {
        /* absent and null are one group */
        wfm_sql_add(q, ", NULLIF(m.dimensions -> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(group_by(rq), i, const char *), "text");
        wfm_sql_add(q, apr_psprintf(rq->pool, ", 'null') AS g%d", i));
    }
}

/* FROM: a row for each matching metric row: bucket, groups g0…, numbers n0…. */
static wfm_error_t *add_scanned(wfm_request_t *rq, wfm_sql_t *q, const apr_array_header_t *fields)
{
    wfm_sql_add(q, " FROM (SELECT ");
    add_bucket(rq, q, "m.\"timestamp\"");
    for (int i = 0; i < fields->nelts; i++) {
        wfm_sql_add(q, ", ");
        api_add_number(q, APR_ARRAY_IDX(fields, i, const char *));
        wfm_sql_add(q, apr_psprintf(rq->pool, " AS n%d", i));
    }
    wfm_sql_add(q, " FROM github_workflow_metrics m WHERE m.config_id = ");
    wfm_sql_bind(q, api_bind_int(rq, "id"), "bigint");
    WFM_TRY(api_where_metrics(rq, q));
    /* an instant that RFC 3339 cannot say ('infinity', BC) is in no bucket */
    wfm_sql_add(q, " AND " WFM_TIME_SAYABLE);
    wfm_sql_add(q, ") m WHERE coalesce(n0");
    for (int i = 1; i < fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(rq->pool, ", n%d", i));
    wfm_sql_add(q, ") IS NOT NULL");
    return NULL;
}

/* Sums are wanted by dimensions, not of all rows of a day. */
static int needs_detail(wfm_request_t *rq)
{
    return groups(rq) || wfm_args_get(&rq->body, "dimensions")->json;
}

/* FROM items: a day's sums of field f; the same by sets of dimensions. */
#define FIELD_TOTALS                                                                               \
    "fields JOIN wfm_metric_totals t ON t.field_key = hashtext(fields.name)"                       \
    " AND t.field = fields.name"
#define SUMS                                                                                       \
    "(SELECT t.day, t.schema_id, fields.f, t.n, t.total, t.squares, t.low, t.high"                 \
    " FROM " FIELD_TOTALS " WHERE " API_COVER_SUMMED("t") ")"
#define SUMS_BY_SET                                                                                \
    "(SELECT t.day, t.schema_id, fields.f, s.* FROM " FIELD_TOTALS                                 \
    " JOIN wfm_metric_days d ON d.config_id = t.config_id AND d.day = t.day"                       \
    " AND d.schema_id = t.schema_id CROSS JOIN LATERAL unnest(d.sets, t.set_n, t.set_total,"       \
    " t.set_squares, t.set_low, t.set_high) s (dimensions, n, total, squares, low, high)"          \
    " WHERE " API_COVER_SUMMED("t") ")"

/*
 * FROM: sums by bucket, groups g0… and number f of the field (from 1 on): c numbers, total t,
 * squares q, lowest l, highest h. WITH items u and fields have been added.
 */
static wfm_error_t *add_summed(wfm_request_t *rq, wfm_sql_t *q)
{
    wfm_sql_add(q, " FROM (SELECT ");
    add_bucket(rq, q, "m.day");
    wfm_sql_add(q, ", m.f, m.n AS c, m.total AS t, m.squares AS q, m.low AS l, m.high AS h FROM ");
    wfm_sql_add(q, needs_detail(rq) ? SUMS_BY_SET : SUMS);
    wfm_sql_add(q, " m WHERE m.n > 0");
    WFM_TRY(api_where_named(rq, q));
    wfm_sql_add(q, " UNION ALL SELECT ");
    add_bucket(rq, q, "m.\"timestamp\"");
    /* OFFSET 0: the value and the number are looked for once, not wherever they are named */
    wfm_sql_add(q, ", fields.f, 1, v.n, v.n * v.n, v.n, v.n FROM " API_COVER_ROWS
                   " CROSS JOIN fields CROSS JOIN LATERAL (SELECT " WFM_NUMBER(
                       "e.value") " AS n FROM (SELECT m.metrics -> fields.name AS value OFFSET 0) e"
                                  " OFFSET 0) v WHERE v.n IS NOT NULL");
    WFM_TRY(api_where_named(rq, q));
    wfm_sql_add(q, ") m");
    return NULL;
}

/* WITH items for add_summed; 0: the summaries do not serve this request. */
static int begin_summed(wfm_request_t *rq, wfm_sql_t *q, const apr_array_header_t *fields)
{
    api_cover_t cover;

    if (wfm_args_int(&rq->body, "interval") < DAYS ||
        !api_cover(rq, "start", "end", API_COVER_SAYABLE, &cover))
        return 0;
    api_cover_begin(q, api_bind_int(rq, "id"), &cover);
    wfm_sql_add(q, needs_detail(rq) ? "WITH " API_COVER_UNDETAILED : "WITH " API_COVER_UNSUMMED);
    wfm_sql_add(q, ", fields (name, f) AS (SELECT * FROM unnest(");
    wfm_sql_bind(q, wfm_sql_array(rq->pool, fields), "text[]");
    wfm_sql_add(q, ") WITH ORDINALITY) ");
    return 1;
}

static wfm_error_t *too_much(wfm_request_t *rq, int most, const char *of)
{
    return wfm_error_make(rq->pool, WFM_BAD_REQUEST,
                          "the answer would have more than %d %s: "
                          "narrow the time range, or choose a longer interval or fewer groups",
                          most, of);
}

static wfm_error_t *run(wfm_request_t *rq, api_build_fn build, wfm_result_t **result)
{
    WFM_TRY(api_run_summed(rq, build, result));
    if (wfm_result_rows(*result) > MAX_ROWS)
        return too_much(rq, MAX_ROWS, "rows");
    return wfm_result_rows(*result) ? NULL : api_require_config(rq);
}

/* {"Op":"GEMM","batch_size":32}: the groups of a row, from column `first` on. */
static void write_dimensions(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r, int row,
                             int first)
{
    wfm_json_key(j, "dimensions");
    wfm_json_object(j);
    for (int i = 0; i < groups(rq); i++) {
        wfm_json_key(j, APR_ARRAY_IDX(group_by(rq), i, const char *));
        api_value(j, API_JSON, wfm_result_get(r, row, first + i),
                  wfm_result_length(r, row, first + i));
    }
    wfm_json_object_end(j);
}

/* ---- aggregate ---- */

static void write_result(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r, int row)
{
    static const api_column_t timestamp[] = {{"timestamp", API_TIME}, {NULL, 0}};
    static const api_column_t values[] = {
        {"value", API_INT}, {"count", API_INT}, {"min", API_INT}, {"max", API_INT}, {NULL, 0}};

    wfm_json_object(j);
    api_columns(j, r, row, 0, timestamp);
    write_dimensions(rq, j, r, row, 1);
    api_columns(j, r, row, 1 + groups(rq), values);
    wfm_json_key(j, "metric_field");
    wfm_json_string(j, wfm_args_text(&rq->body, "metric_field"));
    wfm_json_key(j, "aggregate_func");
    wfm_json_string(j, wfm_args_text(&rq->body, "agg_func"));
    wfm_json_object_end(j);
}

static void write_request(wfm_request_t *rq, wfm_json_t *j)
{
    static const char *const echoed[] = {"metric_field", "agg_func", "interval"};

    for (int i = 0; i < 3; i++) {
        wfm_json_key(j, echoed[i]);
        wfm_json_string(j, wfm_args_text(&rq->body, echoed[i]));
    }
    wfm_json_key(j, "group_by");
    wfm_json_array(j);
    for (int i = 0; i < groups(rq); i++)
        wfm_json_string(j, APR_ARRAY_IDX(group_by(rq), i, const char *));
    wfm_json_array_end(j);
}

static wfm_error_t *build_aggregate(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    apr_array_header_t *fields = apr_array_make(rq->pool, 1, sizeof(const char *));
    apr_int64_t function = wfm_args_int(&rq->body, "agg_func");

    APR_ARRAY_PUSH(fields, const char *) = wfm_args_text(&rq->body, "metric_field");
    summed = summed && functions[function].of_sums && begin_summed(rq, q, fields);
    wfm_sql_add(q, "SELECT bucket");
    add_group_texts(rq, q);
    wfm_sql_add(q, ", ");
    wfm_sql_add(q, summed ? functions[function].of_sums : functions[function].of_numbers);
    wfm_sql_add(q, summed ? ", sum(c), min(l), max(h)" : ", count(n0), min(n0), max(n0)");
    WFM_TRY(summed ? add_summed(rq, q) : add_scanned(rq, q, fields));
    wfm_sql_add(q, " GROUP BY bucket");
    add_groups(rq, q);
    wfm_sql_add(q, " ORDER BY bucket");
    add_groups(rq, q);
    wfm_sql_add(q, LIMIT_ROWS);
    return NULL;
}

wfm_error_t *api_metrics_aggregate(wfm_request_t *rq)
{
    wfm_result_t *r;
    wfm_json_t j;

    WFM_TRY(run(rq, build_aggregate, &r));
    api_begin(rq, &j);
    wfm_json_key(&j, "results");
    wfm_json_array(&j);
    for (int row = 0; row < wfm_result_rows(r); row++)
        write_result(rq, &j, r, row);
    wfm_json_array_end(&j);
    write_request(rq, &j);
    api_end(&j);
    return NULL;
}

/* ---- trends ---- */

/*
 * Rows are ordered by group, then bucket: bucket, g0…, then average and count of each field, number
 * of the group. A group's rows are a run; its buckets ascend, as the shared list of timestamps
 * does, so one walk over that list aligns a series.
 */
typedef struct trends_t {
    wfm_request_t *rq;
    const wfm_result_t *r;
    const apr_array_header_t *fields;
    wfm_time_t *buckets; /* of each row */
    wfm_time_t *stamps;  /* the distinct ones, ascending */
    int nstamps;
} trends_t;

static int compare_times(const void *a, const void *b)
{
    wfm_time_t x = *(const wfm_time_t *)a, y = *(const wfm_time_t *)b;

    return x < y ? -1 : x > y;
}

static void find_stamps(trends_t *t)
{
    int rows = wfm_result_rows(t->r);

    t->buckets = apr_palloc(t->rq->pool, sizeof(wfm_time_t) * (apr_size_t)(rows + 1));
    t->stamps = apr_palloc(t->rq->pool, sizeof(wfm_time_t) * (apr_size_t)(rows + 1));
    for (int row = 0; row < rows; row++)
        if (!wfm_time_parse_pg(wfm_result_get(t->r, row, 0), wfm_result_length(t->r, row, 0),
                               &t->buckets[row]))
            t->buckets[row] = 0; /* unreachable: every bucket is an instant of RFC 3339 */
    memcpy(t->stamps, t->buckets, sizeof(wfm_time_t) * (apr_size_t)rows);
    qsort(t->stamps, (size_t)rows, sizeof(wfm_time_t), compare_times);
    t->nstamps = 0;
    for (int i = 0; i < rows; i++)
        if (!t->nstamps || t->stamps[t->nstamps - 1] != t->stamps[i])
            t->stamps[t->nstamps++] = t->stamps[i];
}

/* The last column numbers the groups. (What is printed of a group may differ: 1.5 equals 1.50.) */
static int same_group(const trends_t *t, int a, int b)
{
    int column = 1 + groups(t->rq) + 2 * t->fields->nelts;

    return !strcmp(wfm_result_get(t->r, a, column), wfm_result_get(t->r, b, column));
}

/* A column of a group's rows first..last, one value for every timestamp. */
static void write_column(trends_t *t, wfm_json_t *j, int first, int last, int column,
                         const char *missing)
{
    int row = first;

    wfm_json_array(j);
    for (int i = 0; i < t->nstamps; i++) {
        int here = row <= last && t->buckets[row] == t->stamps[i];
        const char *text = here ? wfm_result_get(t->r, row, column) : NULL;

        wfm_json_raw(j, text ? text : missing, strlen(text ? text : missing));
        row += here;
    }
    wfm_json_array_end(j);
}

/* "throughput (Op=GEMM, batch_size=32)". */
static const char *series_name(const trends_t *t, const char *field, int row)
{
    const char *name = apr_pstrcat(t->rq->pool, field, groups(t->rq) ? " (" : "", NULL);

    for (int i = 0; i < groups(t->rq); i++) {
        const char *value = wfm_result_get(t->r, row, 1 + i);
        json_object *json = NULL;

        /* a string without its quotes; anything else as JSON has it */
        if (value && *value == '"' && !wfm_json_parse(t->rq->pool, value, strlen(value), &json))
            value = json_object_get_string(json);
        name = apr_pstrcat(t->rq->pool, name, i ? ", " : "",
                           APR_ARRAY_IDX(group_by(t->rq), i, const char *), "=",
                           value ? value : "null", NULL);
    }
    return groups(t->rq) ? apr_pstrcat(t->rq->pool, name, ")", NULL) : name;
}

static int has_values(const trends_t *t, int first, int last, int column)
{
    for (int row = first; row <= last; row++)
        if (wfm_result_get(t->r, row, column))
            return 1;
    return 0;
}

static void write_series(trends_t *t, wfm_json_t *j, int field, int first, int last)
{
    const char *name = APR_ARRAY_IDX(t->fields, field, const char *);
    int column = 1 + groups(t->rq) + 2 * field;

    if (!has_values(t, first, last, column))
        return;
    wfm_json_object(j);
    wfm_json_key(j, "name");
    wfm_json_string(j, series_name(t, name, first));
    wfm_json_key(j, "field");
    wfm_json_string(j, name);
    write_dimensions(t->rq, j, t->r, first, 1);
    wfm_json_key(j, "values");
    write_column(t, j, first, last, column, "null");
    wfm_json_key(j, "counts");
    write_column(t, j, first, last, column + 1, "0");
    wfm_json_object_end(j);
}

static void write_all_series(trends_t *t, wfm_json_t *j)
{
    int rows = wfm_result_rows(t->r);

    wfm_json_key(j, "series");
    wfm_json_array(j);
    for (int field = 0; field < t->fields->nelts; field++) {
        for (int first = 0, last; first < rows && t->rq->out->status == APR_SUCCESS;
             first = last + 1) {
            last = first;
            while (last + 1 < rows && same_group(t, first, last + 1))
                last++;
            write_series(t, j, field, first, last);
        }
    }
    wfm_json_array_end(j);
}

/* Groups are numbered in the order of the rows. */
static apr_int64_t count_cells(const trends_t *t)
{
    int rows = wfm_result_rows(t->r), groups_found = 0;

    for (int row = 0; row < rows; row++)
        groups_found += row == 0 || !same_group(t, row - 1, row);
    return (apr_int64_t)groups_found * t->fields->nelts * t->nstamps;
}

static void write_stamps(const trends_t *t, wfm_json_t *j)
{
    char text[WFM_TIME_TEXT];

    wfm_json_key(j, "timestamps");
    wfm_json_array(j);
    for (int i = 0; i < t->nstamps; i++)
        wfm_json_string_n(j, text, wfm_time_format(t->stamps[i], text));
    wfm_json_array_end(j);
}

/* Average and count of each field. */
static void add_averages(wfm_request_t *rq, wfm_sql_t *q, int fields, int summed)
{
    for (int i = 0; i < fields; i++)
        wfm_sql_add(q, summed ? apr_psprintf(rq->pool,
                                             ", trim_scale(sum(t) FILTER (WHERE f = %d) / sum(c)"
                                             " FILTER (WHERE f = %d)), coalesce(sum(c) FILTER"
                                             " (WHERE f = %d), 0)",
                                             i + 1, i + 1, i + 1)
                              : apr_psprintf(rq->pool, ", trim_scale(avg(n%d)), count(n%d)", i, i));
}

static wfm_error_t *build_trends(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    const apr_array_header_t *fields = wfm_args_get(&rq->body, "metric_fields")->names;

    summed = summed && begin_summed(rq, q, fields);
    wfm_sql_add(q, "SELECT bucket");
    add_group_texts(rq, q);
    add_averages(rq, q, fields->nelts, summed);
    wfm_sql_add(q, ", dense_rank() OVER (ORDER BY NULL::text");
    add_groups(rq, q);
    wfm_sql_add(q, ") AS series");
    WFM_TRY(summed ? add_summed(rq, q) : add_scanned(rq, q, fields));
    wfm_sql_add(q, " GROUP BY bucket");
    add_groups(rq, q);
    wfm_sql_add(q, " ORDER BY series, bucket" LIMIT_ROWS);
    return NULL;
}

wfm_error_t *api_metrics_trends(wfm_request_t *rq)
{
    trends_t t = {.rq = rq, .fields = wfm_args_get(&rq->body, "metric_fields")->names};
    wfm_result_t *r;
    wfm_json_t j;

    WFM_TRY(run(rq, build_trends, &r));
    t.r = r;
    find_stamps(&t);
    if (count_cells(&t) > MAX_CELLS)
        return too_much(rq, MAX_CELLS, "values");
    api_begin(rq, &j);
    write_stamps(&t, &j);
    write_all_series(&t, &j);
    wfm_json_key(&j, "interval");
    wfm_json_string(&j, wfm_args_text(&rq->body, "interval"));
    api_end(&j);
    return NULL;
}
