/*
 * aggregate.c - owns POST metrics/aggregate: one metric over time, by a function of one's choice.
 */
#include "chart.h"

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

static wfm_error_t *chart_of(wfm_request_t *rq, api_chart_t *c)
{
    apr_array_header_t *fields = apr_array_make(rq->pool, 1, sizeof(const char *));

    APR_ARRAY_PUSH(fields, const char *) = wfm_args_text(&rq->body, "metric_field");
    return api_chart_of(c, rq, fields);
}

/* Columns: the bucket's start, the groups' texts, value, count, min, max, too_long. */
static wfm_error_t *build(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    apr_int64_t function = wfm_args_int(&rq->body, "agg_func");
    api_chart_t c;

    WFM_TRY(chart_of(rq, &c));
    if (summed && functions[function].of_sums)
        api_chart_begin(&c, q);
    api_chart_with(&c, q);
    wfm_sql_add(q, " SELECT ");
    api_bucket_start(q, &c.buckets, "m.bucket");
    api_chart_texts(&c, q, "true");
    wfm_sql_add(q, ", value, count, low, high, too_long FROM (SELECT bucket");
    api_chart_groups(&c, q);
    api_chart_too_long(&c, q);
    wfm_sql_add(q, ", ");
    wfm_sql_add(q, c.summed ? functions[function].of_sums : functions[function].of_numbers);
    wfm_sql_add(q, c.summed ? " AS value, sum(c) AS count, min(l) AS low, max(h) AS high"
                            : " AS value, count(n0) AS count, min(n0) AS low, max(n0) AS high");
    api_chart_from(&c, q);
    wfm_sql_add(q, ") m ORDER BY bucket");
    api_chart_groups(&c, q);
    api_chart_limit(q);
    return NULL;
}

static void write_result(const api_chart_t *c, wfm_json_t *j, const wfm_result_t *r, int row)
{
    static const char *const values[] = {"value", "count", "min", "max"};
    int at = 1 + c->groups->nelts;

    wfm_json_object(j);
    wfm_json_name(j, "timestamp");
    api_value(j, API_TIME, wfm_result_get(r, row, 0), wfm_result_length(r, row, 0));
    api_chart_dimensions(c, j, r, row, 1);
    for (int i = 0; i < 4; i++, at++) {
        wfm_json_key(j, values[i]);
        api_value(j, API_NUMBER, wfm_result_get(r, row, at), wfm_result_length(r, row, at));
    }
    wfm_json_name(j, "metric_field");
    wfm_json_string(j, wfm_args_text(&c->rq->body, "metric_field"));
    wfm_json_name(j, "aggregate_func");
    wfm_json_string(j, wfm_args_text(&c->rq->body, "agg_func"));
    wfm_json_object_end(j);
}

static void write_request(const api_chart_t *c, wfm_json_t *j)
{
    static const char *const echoed[] = {"metric_field", "agg_func", "interval"};

    for (int i = 0; i < 3; i++) {
        wfm_json_key(j, echoed[i]);
        wfm_json_string(j, wfm_args_text(&c->rq->body, echoed[i]));
    }
    api_texts(j, "group_by", c->groups);
}

wfm_error_t *api_metrics_aggregate(wfm_request_t *rq)
{
    api_chart_t c;
    wfm_result_t *r;
    wfm_json_t j;

    WFM_TRY(chart_of(rq, &c));
    WFM_TRY(api_chart_run(rq, build, &r));
    api_begin(rq, &j);
    wfm_json_name(&j, "results");
    wfm_json_array(&j);
    for (int row = 0; row < wfm_result_rows(r) && rq->out->status == APR_SUCCESS; row++)
        write_result(&c, &j, r, row);
    wfm_json_array_end(&j);
    write_request(&c, &j);
    api_end(&j);
    return NULL;
}
