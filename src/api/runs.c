/*
 * runs.c - owns the endpoints of runs.
 */
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

static wfm_error_t *list(wfm_request_t *rq, const char *config, wfm_result_t **result)
{
    static const api_page_t page = {.table = "github_workflow_runs r",
                                    .alias = "r",
                                    .select = WFM_RUN_COLUMNS,
                                    .joins = WFM_RUN_CONFIG,
                                    .order = "r.id DESC",
                                    .by_id = 1};
    wfm_sql_t where;

    wfm_sql_init(&where, rq->pool);
    wfm_sql_and(&where, "r.config_id =", config, "bigint");
    wfm_sql_and(&where, "r.status =", api_bind_choice(rq, "status"), "text");
    wfm_sql_and(&where, "r.trigger_source =", api_bind_choice(rq, "trigger_source"), "text");
    wfm_sql_and(&where, "r.created_at >=", api_bind_time(rq, "start_date"), "timestamptz");
    wfm_sql_and(&where, "r.created_at <=", api_bind_time(rq, "end_date"), "timestamptz");
    return api_page(rq, &page, &where, result);
}

wfm_error_t *api_runs_list(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(list(rq, api_bind_given_int(rq, "config_id"), &result));
    api_answer_page(rq, result, "runs", columns);
    return NULL;
}

wfm_error_t *api_runs_list_config(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(list(rq, api_bind_int(rq, "id"), &result));
    if (api_page_is_empty(result))
        WFM_TRY(api_require_config(rq));
    api_answer_page(rq, result, "runs", columns);
    return NULL;
}

wfm_error_t *api_runs_get(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_RUN_GET, &result, api_bind_int(rq, "id")));
    return api_answer_found(rq, result, columns, "run not found");
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
    wfm_json_key(&j, "message");
    wfm_json_string(&j, "Run reset to pending");
    wfm_json_key(&j, "run_id");
    api_value(&j, API_INT, wfm_result_get(result, 0, 1), wfm_result_length(result, 0, 1));
    wfm_json_key(&j, "previous_status");
    wfm_json_string(&j, "failed");
    wfm_json_key(&j, "new_status");
    wfm_json_string(&j, "pending");
    api_end(&j);
    return NULL;
}

wfm_error_t *api_runs_batch_retry(wfm_request_t *rq)
{
    const char *id[] = {api_bind_int(rq, "id")};
    /* The config's lock orders this and a deletion, which would else wait for each other's runs. */
    const wfm_step_t steps[] = {{wfm_stmt(WFM_STMT_SCHEMA_LOCK), 1, id},
                                {wfm_stmt(WFM_STMT_RUN_BATCH_RETRY), 1, id}};
    wfm_result_t *result;
    const char *count;
    wfm_json_t j;

    WFM_TRY(wfm_db_batch(&rq->db, steps, 2, &result));
    count = wfm_result_get(result, 0, 0);
    if (*wfm_result_get(result, 0, 1) != 't')
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    api_begin(rq, &j);
    wfm_json_key(&j, "message");
    wfm_json_string(&j, *count == '0' ? "No failed runs to retry" : "Failed runs reset to pending");
    wfm_json_key(&j, "retried");
    api_value(&j, API_INT, count, strlen(count));
    wfm_json_key(&j, "total"); /* of failed runs: one statement found and reset them */
    api_value(&j, API_INT, count, strlen(count));
    api_end(&j);
    return NULL;
}
