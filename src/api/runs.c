/*
 * runs.c - owns the endpoints of runs.
 */
#include "../db/filter.h"
#include "api.h"

static const api_column_t columns[] = {
    {"id", API_INT},
    {"config_id", API_INT},
    {"config_name", API_TEXT},
    {"workload_uid", API_TEXT},
    {"workload_name", API_TEXT},
    {"workload_namespace", API_TEXT},
    {"github_run_id", API_INT},
    {"github_run_number", API_INT},
    {"github_job_id", API_INT},
    {"head_sha", API_TEXT},
    {"head_branch", API_TEXT},
    {"workflow_name", API_TEXT},
    {"status", API_TEXT},
    {"trigger_source", API_TEXT},
    {"files_found", API_INT},
    {"files_processed", API_INT},
    {"metrics_count", API_INT},
    {"workload_started_at", API_TIME},
    {"workload_completed_at", API_TIME},
    {"collection_started_at", API_TIME},
    {"collection_completed_at", API_TIME},
    {"error_message", API_TEXT_OR_NULL},
    {"retry_count", API_INT},
    {"created_at", API_TIME},
    {"updated_at", API_TIME},
    {NULL, 0},
};

#define RUN_COLUMNS                                                                                \
    "r.id, r.config_id, c.name, r.workload_uid, r.workload_name, r.workload_namespace,"            \
    " r.github_run_id, r.github_run_number, r.github_job_id, r.head_sha, r.head_branch,"           \
    " r.workflow_name, r.status, r.trigger_source, r.files_found, r.files_processed,"              \
    " r.metrics_count, r.workload_started_at, r.workload_completed_at, r.collection_started_at,"   \
    " r.collection_completed_at, r.error_message, r.retry_count, r.created_at, r.updated_at "

static const char *choice(wfm_request_t *rq, const char *param, const char *const *values)
{
    const wfm_arg_t *arg = wfm_args_get(&rq->params, param);

    return arg->set ? values[arg->i] : NULL;
}

/*
 * Page and total in one statement, hence of one snapshot: the total's row comes even if the page is
 * empty. The total's scan also tells the lowest and highest id that match, so that the page is read
 * from the primary key's index, backwards from the highest one, whatever the filter: nothing is
 * sorted.
 */
static wfm_stmt_t list_statement(wfm_request_t *rq, wfm_sql_t *q)
{
    const char *config =
        wfm_args_is_set(&rq->params, "config_id") ? api_bind_int(rq, "config_id") : NULL;
    wfm_sql_t where;
    const char *matching;

    wfm_sql_init(&where, rq->pool);
    wfm_sql_and(&where, "r.config_id =", config, "bigint");
    wfm_sql_and(&where, "r.status =", choice(rq, "status", api_run_statuses), "text");
    wfm_sql_and(&where, "r.trigger_source =", choice(rq, "trigger_source", api_trigger_sources),
                "text");
    wfm_sql_and(&where, "r.created_at >=", api_bind_time(rq, "start_date"), "timestamptz");
    wfm_sql_and(&where, "r.created_at <=", api_bind_time(rq, "end_date"), "timestamptz");
    matching = wfm_sql_stmt(&where).sql;

    wfm_sql_init(q, rq->pool);
    q->params = where.params;
    wfm_sql_add(q, "SELECT t.total, " RUN_COLUMNS
                   "FROM (SELECT count(*) AS total, min(r.id) AS lowest, max(r.id) AS highest"
                   " FROM github_workflow_runs r WHERE true");
    wfm_sql_add(q, matching);
    wfm_sql_add(q, ") t LEFT JOIN LATERAL (SELECT * FROM github_workflow_runs r"
                   " WHERE r.id BETWEEN t.lowest AND t.highest");
    wfm_sql_add(q, matching);
    wfm_sql_add(q, " ORDER BY r.id DESC OFFSET ");
    wfm_sql_bind(q, api_bind_int(rq, "offset"), "bigint");
    wfm_sql_add(q, " LIMIT ");
    wfm_sql_bind(q, api_bind_int(rq, "limit"), "bigint");
    wfm_sql_add(q, ") r ON true LEFT JOIN github_workflow_configs c ON c.id = r.config_id "
                   "ORDER BY r.id DESC");
    return wfm_sql_stmt(q);
}

wfm_error_t *api_runs_list(wfm_request_t *rq)
{
    wfm_sql_t q;
    wfm_stmt_t stmt = list_statement(rq, &q);
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(wfm_db_query(&rq->db, &stmt, q.params->nelts, wfm_sql_params(&q), &result));
    if (api_not_modified(rq, result))
        return NULL;
    api_begin(rq, &j);
    wfm_json_object(&j);
    wfm_json_key(&j, "runs");
    wfm_json_array(&j);
    for (int row = 0; row < wfm_result_rows(result); row++) {
        if (!wfm_result_get(result, row, 1)) /* the total's row alone */
            break;
        wfm_json_object(&j);
        api_columns(&j, result, row, 1, columns);
        wfm_json_object_end(&j);
    }
    wfm_json_array_end(&j);
    wfm_json_key(&j, "total");
    api_value(&j, API_INT, wfm_result_get(result, 0, 0), wfm_result_length(result, 0, 0));
    wfm_json_key(&j, "offset");
    wfm_json_int64(&j, wfm_args_int(&rq->params, "offset"));
    wfm_json_key(&j, "limit");
    wfm_json_int64(&j, wfm_args_int(&rq->params, "limit"));
    wfm_json_object_end(&j);
    api_end(&j);
    return NULL;
}

wfm_error_t *api_runs_retry(wfm_request_t *rq)
{
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(api_query(rq, WFM_STMT_RUN_RETRY, &result, api_bind_int(rq, "id")));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "run not found");
    if (*wfm_result_get(result, 0, 0) != 't')
        return wfm_error_make(rq->pool, WFM_BAD_REQUEST, "only failed runs can be retried");
    api_begin(rq, &j);
    wfm_json_object(&j);
    wfm_json_key(&j, "message");
    wfm_json_string(&j, "Run reset to pending");
    wfm_json_key(&j, "run_id");
    api_value(&j, API_INT, wfm_result_get(result, 0, 1), wfm_result_length(result, 0, 1));
    wfm_json_key(&j, "previous_status");
    wfm_json_string(&j, "failed");
    wfm_json_key(&j, "new_status");
    wfm_json_string(&j, "pending");
    wfm_json_object_end(&j);
    api_end(&j);
    return NULL;
}
