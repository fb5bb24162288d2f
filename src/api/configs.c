/*
 * configs.c - owns the endpoints of configs.
 */
#include "api.h"

static const api_column_t brief[] = {
    {"id", API_INT}, {"name", API_TEXT}, {"enabled", API_BOOL}, {"updated_at", API_TIME}, {NULL, 0},
};

static int nothing_to_change(const wfm_args_t *body)
{
    for (int i = 0; i < body->n; i++)
        if (body->args[i].set)
            return 0;
    return 1;
}

wfm_error_t *api_configs_patch(wfm_request_t *rq)
{
    const wfm_arg_t *enabled = wfm_args_get(&rq->body, "enabled");
    const char *id = api_bind_int(rq, "id");
    wfm_result_t *result;

    if (nothing_to_change(&rq->body))
        WFM_TRY(api_query(rq, WFM_STMT_CONFIG_BRIEF, &result, id));
    else
        WFM_TRY(api_query(rq, WFM_STMT_CONFIG_PATCH, &result, id, wfm_args_text(&rq->body, "name"),
                          enabled->set ? (enabled->i ? "true" : "false") : NULL,
                          wfm_args_text(&rq->body, "description"),
                          wfm_args_text(&rq->body, "file_patterns")));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    api_answer_row(rq, result, 0, brief);
    return NULL;
}
