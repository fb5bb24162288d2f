/*
 * dimensions.c - owns the endpoints of dimensions.
 */
#include "../db/filter.h"
#include "api.h"

/* No row: no config. The total's row comes alone when there are no values. */
static wfm_stmt_t values_statement(wfm_request_t *rq, wfm_sql_t *q)
{
    int config;

    wfm_sql_init(q, rq->pool);
    wfm_sql_add(q, "WITH v AS MATERIALIZED (SELECT DISTINCT m.dimensions ->> ");
    wfm_sql_bind(q, wfm_args_text(&rq->params, "dimension"), "text");
    wfm_sql_add(q, " AS value FROM github_workflow_metrics m WHERE m.config_id = ");
    config = wfm_sql_bind(q, api_bind_int(rq, "id"), "bigint");
    wfm_sql_and(q, "m.\"timestamp\" >=", api_bind_time(rq, "start"), "timestamptz");
    wfm_sql_and(q, "m.\"timestamp\" <=", api_bind_time(rq, "end"), "timestamptz");
    /* COLLATE "C" is the order of code points in UTF-8 */
    wfm_sql_add(q, ") SELECT t.total, p.value FROM github_workflow_configs c"
                   " CROSS JOIN (SELECT count(value) AS total FROM v) t"
                   " LEFT JOIN (SELECT value FROM v WHERE value IS NOT NULL"
                   " ORDER BY value COLLATE \"C\" LIMIT ");
    wfm_sql_bind(q, api_bind_int(rq, "limit"), "bigint");
    wfm_sql_add(q, ") p ON true WHERE c.id = ");
    wfm_sql_ref(q, config, "bigint");
    wfm_sql_add(q, " ORDER BY p.value COLLATE \"C\"");
    return wfm_sql_stmt(q);
}

wfm_error_t *api_dimensions_values(wfm_request_t *rq)
{
    wfm_sql_t q;
    wfm_stmt_t stmt = values_statement(rq, &q);
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(wfm_db_query(&rq->db, &stmt, q.params->nelts, wfm_sql_params(&q), &result));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (api_not_modified(rq, result))
        return NULL;
    api_begin(rq, &j);
    wfm_json_object(&j);
    wfm_json_key(&j, "dimension");
    wfm_json_string(&j, wfm_args_text(&rq->params, "dimension"));
    wfm_json_key(&j, "values");
    wfm_json_array(&j);
    for (int row = 0; row < wfm_result_rows(result) && wfm_result_get(result, row, 1); row++)
        wfm_json_string_n(&j, wfm_result_get(result, row, 1), wfm_result_length(result, row, 1));
    wfm_json_array_end(&j);
    wfm_json_key(&j, "total");
    api_value(&j, API_INT, wfm_result_get(result, 0, 0), wfm_result_length(result, 0, 0));
    wfm_json_object_end(&j);
    api_end(&j);
    return NULL;
}
