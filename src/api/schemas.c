/*
 * schemas.c - owns the endpoints of metric schemas.
 */
#include "api.h"

static const api_column_t columns[] = {
    {"id", API_INT},
    {"config_id", API_INT},
    {"name", API_TEXT},
    {"version", API_INT},
    {"fields", API_JSON},
    {"dimension_fields", API_JSON},
    {"metric_fields", API_JSON},
    {"is_active", API_BOOL},
    {"generated_by", API_TEXT},
    {"generation_sample_file", API_TEXT},
    {"created_at", API_TIME},
    {"updated_at", API_TIME},
    {NULL, 0},
};
enum { COLUMN_VERSION = 3, COLUMN_ACTIVE = 7 };

static const api_column_t active_columns[] = {
    {"id", API_INT},
    {"config_id", API_INT},
    {"name", API_TEXT},
    {"version", API_INT},
    {"fields", API_JSON},
    {"dimension_fields", API_JSON},
    {"metric_fields", API_JSON},
    {"is_active", API_BOOL},
    {"generated_by", API_TEXT},
    {"created_at", API_TIME},
    {NULL, 0},
};

wfm_error_t *api_schemas_active(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_SCHEMA_ACTIVE, &result, api_bind_int(rq, "id")));
    if (wfm_result_rows(result) && !wfm_result_get(result, 0, 0))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "no active schema found for this config");
    return api_answer_versioned(rq, result, active_columns, "config not found");
}

wfm_error_t *api_schemas_get(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_SCHEMA_GET, &result, api_bind_int(rq, "id")));
    return api_answer_versioned(rq, result, columns, "schema not found");
}

/* The version in force: rows are ordered by it, so it is the first active one's; 0: none. */
static const char *current_version(const wfm_result_t *result)
{
    for (int row = 0; row < wfm_result_rows(result); row++)
        if (*wfm_result_get(result, row, COLUMN_ACTIVE) == 't')
            return wfm_result_get(result, row, COLUMN_VERSION);
    return "0";
}

wfm_error_t *api_schemas_list(wfm_request_t *rq)
{
    const char *current;
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(api_query(rq, WFM_STMT_SCHEMA_LIST, &result, api_bind_int(rq, "id")));
    if (!wfm_result_rows(result))
        WFM_TRY(api_require_config(rq));
    if (api_not_modified(rq, result))
        return NULL;
    current = current_version(result);
    api_begin(rq, &j);
    wfm_json_key(&j, "schemas");
    wfm_json_array(&j);
    for (int row = 0; row < wfm_result_rows(result); row++) {
        wfm_json_object(&j);
        api_columns(&j, result, row, 0, columns);
        wfm_json_object_end(&j);
    }
    wfm_json_array_end(&j);
    wfm_json_key(&j, "total");
    wfm_json_int64(&j, wfm_result_rows(result));
    wfm_json_key(&j, "current_version");
    api_value(&j, API_INT, current, strlen(current));
    api_end(&j);
    return NULL;
}

wfm_error_t *api_schemas_create(wfm_request_t *rq)
{
    static const api_column_t created[] = {{"schema_id", API_INT}, {"version", API_INT}, {NULL, 0}};
    const char *lock[] = {api_bind_int(rq, "id")};
    const char *create[] = {lock[0],
                            wfm_args_text(&rq->body, "name"),
                            wfm_args_text(&rq->body, "fields"),
                            wfm_args_text(&rq->body, "dimension_fields"),
                            wfm_args_text(&rq->body, "metric_fields"),
                            api_bind_bool(rq, "is_active")};
    const wfm_step_t steps[] = {{wfm_stmt(WFM_STMT_SCHEMA_LOCK), 1, lock},
                                {wfm_stmt(WFM_STMT_SCHEMA_CREATE), 6, create}};
    wfm_result_t *result;

    WFM_TRY(wfm_db_batch(&rq->db, steps, 2, &result));
    rq->status = wfm_result_rows(result) ? WFM_CREATED : rq->status;
    return api_answer_found(rq, result, created, "config not found");
}

wfm_error_t *api_schemas_activate(wfm_request_t *rq)
{
    const char *id[] = {api_bind_int(rq, "id")};
    const wfm_step_t steps[] = {{wfm_stmt(WFM_STMT_SCHEMA_LOCK_OWN), 1, id},
                                {wfm_stmt(WFM_STMT_SCHEMA_ACTIVATE), 1, id}};
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(wfm_db_batch(&rq->db, steps, 2, &result));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "schema not found");
    api_begin(rq, &j);
    wfm_json_key(&j, "activated");
    wfm_json_bool(&j, 1);
    api_end(&j);
    return NULL;
}
