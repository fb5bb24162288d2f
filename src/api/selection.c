/*
 * selection.c - owns which metric rows a request is about, and what a metric's number is.
 */
#include "../core/dimfilter.h"
#include "../core/metricfilter.h"
#include "api.h"
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

static json_object *json_input(const wfm_request_t *rq, const char *name)
{
    const wfm_arg_t *arg = api_find(rq, name);

    return arg ? arg->json : NULL;
}

void api_where_time(wfm_request_t *rq, wfm_sql_t *q)
{
    wfm_sql_and(q, "m.\"timestamp\" >=", api_bind_time(rq, "start"), "timestamptz");
    wfm_sql_and(q, "m.\"timestamp\" <=", api_bind_time(rq, "end"), "timestamptz");
}

/* Which has been found valid as it came in. */
static const apr_array_header_t *dimension_filter(wfm_request_t *rq, wfm_error_t **err)
{
    return wfm_dimfilter_parse(rq->pool, "dimensions", json_input(rq, "dimensions"), err);
}

void api_where_exists(wfm_request_t *rq, wfm_sql_t *q)
{
    int of_run = !strncmp(rq->route->path, "/runs/", strlen("/runs/"));

    wfm_sql_add(q, of_run ? " AND EXISTS (SELECT FROM github_workflow_runs WHERE id = "
                          : " AND EXISTS (SELECT FROM github_workflow_configs WHERE id = ");
    wfm_sql_bind(q, api_bind_int(rq, "id"), "bigint");
    wfm_sql_add(q, ")");
}

wfm_error_t *api_where_named(wfm_request_t *rq, wfm_sql_t *q)
{
    wfm_error_t *err = NULL;

    api_where_exists(rq, q);
    wfm_sql_and(q, "m.schema_id =", api_bind_given_int(rq, "schema_id"), "bigint");
    wfm_sql_dimensions(q, dimension_filter(rq, &err));
    return err;
}

int api_filters_dimensions(wfm_request_t *rq)
{
    wfm_error_t *err = NULL;
    const apr_array_header_t *filter = dimension_filter(rq, &err);

    return filter && filter->nelts;
}

wfm_error_t *api_where_metrics(wfm_request_t *rq, wfm_sql_t *q)
{
    wfm_error_t *err = NULL;

    wfm_sql_and(q, "m.run_id =", api_bind_given_int(rq, "run_id"), "bigint");
    api_where_time(rq, q);
    WFM_TRY(api_where_named(rq, q));
    where_numbers(q, wfm_metricfilter_parse(rq->pool, "metric_filters",
                                            json_input(rq, "metric_filters"), &err));
    return err;
}
