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
    {"created_at", API_TIME},
    {NULL, 0},
};

wfm_error_t *api_schemas_active(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_SCHEMA_ACTIVE, &result, api_bind_int(rq, "id")));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (!wfm_result_get(result, 0, 0))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "no active schema found for this config");
    if (!api_not_modified(rq, result))
        api_answer_row(rq, result, 0, columns);
    return NULL;
}
