/*
 * selection.c - owns which metric rows a request is about, and what a metric's number is.
 */
#include "selection.h"
#include "../core/dimfilter.h"
#include "../core/metricfilter.h"
#include "../core/time.h"
#include <apr_strings.h>
#include <string.h>

static const char *const comparisons[] = {
    [WFM_GTE] = " >= ", [WFM_GT] = " > ", [WFM_LTE] = " <= ",
    [WFM_LT] = " < ",   [WFM_EQ] = " = ", [WFM_NE] = " <> ",
};

void api_add_number(wfm_sql_t *q, const char *field)
{
    const char *value = apr_psprintf(q->pool, "m.metrics -> $%d::text", wfm_sql_param(q, field));

    wfm_sql_add(q, apr_psprintf(q->pool, WFM_NUMBER("%s"), value, value, value));
}

static void where_numbers(wfm_sql_t *q, const apr_array_header_t *filters)
{
    for (int i = 0; filters && i < filters->nelts; i++) {
        const wfm_metric_filter_t *f = &APR_ARRAY_IDX(filters, i, wfm_metric_filter_t);

        wfm_sql_add(q, " AND ");
        api_add_number(q, f->field);
        wfm_sql_add(q, comparisons[f->op]);
        wfm_sql_bind(q, f->number, "numeric");
    }
}

static const wfm_arg_t *find(const wfm_args_t *const *inputs, int n, const char *name)
{
    const wfm_arg_t *arg = NULL;

    for (int i = 0; i < n && !arg; i++)
        arg = wfm_args_find(inputs[i], name);
    return arg;
}

static const char *id_text(apr_pool_t *p, const wfm_arg_t *arg)
{
    return arg && arg->set ? apr_psprintf(p, "%" APR_INT64_T_FMT, arg->i) : NULL;
}

static const wfm_time_t *instant(const wfm_arg_t *arg)
{
    return arg && arg->set ? &arg->t : NULL;
}

/* Filters have been found valid as they came in. */
wfm_error_t *api_selection_make(api_selection_t *s, apr_pool_t *p, const char *owner,
                                const char *id, const wfm_args_t *const *inputs, int n)
{
    const wfm_arg_t *dimensions = find(inputs, n, "dimensions");
    const wfm_arg_t *numbers = find(inputs, n, "metric_filters");
    wfm_error_t *err = NULL;

    *s = (api_selection_t){.pool = p, .owner = owner, .id = id};
    s->run_id = id_text(p, find(inputs, n, "run_id"));
    s->schema_id = id_text(p, find(inputs, n, "schema_id"));
    s->range.start = instant(find(inputs, n, "start"));
    s->range.end = instant(find(inputs, n, "end"));
    s->dimensions =
        wfm_dimfilter_parse(p, "dimensions", dimensions ? dimensions->json : NULL, &err);
    s->numbers = wfm_metricfilter_parse(p, "metric_filters", numbers ? numbers->json : NULL, &err);
    return err;
}

wfm_error_t *api_selection_of(wfm_request_t *rq, api_selection_t *s)
{
    const wfm_args_t *const inputs[] = {&rq->body, &rq->params};
    int of_run = !strncmp(rq->route->path, "/runs/", strlen("/runs/"));

    return api_selection_make(s, rq->pool, of_run ? API_OF_RUN : API_OF_CONFIG,
                              api_bind_given_int(rq, "id"), inputs, 2);
}

int api_selection_is_filtered(const api_selection_t *s)
{
    return s->dimensions && s->dimensions->nelts;
}

static const char *bound(const api_selection_t *s, const wfm_time_t *instant)
{
    return instant ? wfm_time_bind(s->pool, *instant) : NULL;
}

void api_where_time(const api_selection_t *s, wfm_sql_t *q)
{
    wfm_sql_and(q, "m.\"timestamp\" >=", bound(s, s->range.start), "timestamptz");
    wfm_sql_and(q, "m.\"timestamp\" <=", bound(s, s->range.end), "timestamptz");
}

void api_where_exists(wfm_sql_t *q, const char *owner, const char *id)
{
    wfm_sql_texts(q, " AND EXISTS (SELECT FROM ", owner, " WHERE id = ");
    wfm_sql_bind(q, id, "bigint");
    wfm_sql_add(q, ")");
}

void api_where_named(const api_selection_t *s, wfm_sql_t *q)
{
    if (s->id)
        api_where_exists(q, s->owner, s->id);
    wfm_sql_and(q, "m.schema_id =", s->schema_id, "bigint");
    wfm_sql_dimensions(q, s->dimensions);
}

void api_where_metrics(const api_selection_t *s, wfm_sql_t *q)
{
    wfm_sql_and(q, "m.run_id =", s->run_id, "bigint");
    if (s->run_ids) {
        wfm_sql_add(q, " AND m.run_id = ANY (");
        wfm_sql_bind(q, s->run_ids, "bigint[]");
        wfm_sql_add(q, ")");
    }
    api_where_time(s, q);
    api_where_named(s, q);
    where_numbers(q, s->numbers);
}
