/*
 * metrics.c - owns the endpoints that list metric rows.
 */
#include "api.h"
#include <apr_strings.h>

static const api_column_t columns[] = {
    {"id", API_INT},           {"config_id", API_INT},   {"run_id", API_INT},
    {"schema_id", API_INT},    {"timestamp", API_TIME},  {"collected_at", API_TIME},
    {"source_file", API_TEXT}, {"dimensions", API_JSON}, {"metrics", API_JSON},
    {"raw_data", API_JSON},    {"created_at", API_TIME}, {NULL, 0},
};

static api_page_t metric_page(const char *order)
{
    /* collected_at is the same instant: two generations of clients read one or the other */
    api_page_t page = {.table = "github_workflow_metrics m",
                       .alias = "m",
                       .select = "m.id, m.config_id, m.run_id, m.schema_id, m.\"timestamp\","
                                 " m.\"timestamp\", m.source_file, m.dimensions, m.metrics,"
                                 " m.raw_data, m.created_at",
                       .joins = "",
                       .order = order};
    return page;
}

/* "ORDER BY" of sort_by and sort_order; rows without the number come last, ties go by id. */
static const char *sort_order(wfm_request_t *rq, wfm_sql_t *where)
{
    const wfm_arg_t *by = api_find(rq, "sort_by"), *order = api_find(rq, "sort_order");
    int ascending = order && !strcmp(order->s, "asc");
    wfm_sql_t key;

    if (!by || !by->set || !strcmp(by->s, "timestamp"))
        return ascending ? "m.\"timestamp\", m.id" : "m.\"timestamp\" DESC, m.id";
    wfm_sql_init(&key, rq->pool);
    key.params = where->params;
    api_add_number(&key, by->s);
    return apr_pstrcat(rq->pool, wfm_sql_stmt(&key).sql, ascending ? "" : " DESC",
                       " NULLS LAST, m.id", NULL);
}

static wfm_error_t *list(wfm_request_t *rq, const char *owner, wfm_result_t **result)
{
    api_page_t page;
    wfm_sql_t where;

    wfm_sql_init(&where, rq->pool);
    wfm_sql_and(&where, owner, api_bind_int(rq, "id"), "bigint");
    WFM_TRY(api_where_metrics(rq, &where));
    page = metric_page(sort_order(rq, &where));
    return api_page(rq, &page, &where, result);
}

wfm_error_t *api_metrics_list(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(list(rq, "m.config_id =", &result));
    if (api_page_is_empty(result))
        WFM_TRY(api_require_config(rq));
    api_answer_page(rq, result, "metrics", columns);
    return NULL;
}

wfm_error_t *api_metrics_list_run(wfm_request_t *rq)
{
    wfm_result_t *result, *run;

    WFM_TRY(list(rq, "m.run_id =", &result));
    if (api_page_is_empty(result)) {
        WFM_TRY(api_query(rq, WFM_STMT_RUN_GET, &run, api_bind_int(rq, "id")));
        if (!wfm_result_rows(run))
            return wfm_error_make(rq->pool, WFM_NOT_FOUND, "run not found");
    }
    api_answer_page(rq, result, "metrics", columns);
    return NULL;
}
