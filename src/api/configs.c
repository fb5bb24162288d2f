/*
 * configs.c - owns the endpoints of configs.
 */
#include "../core/text.h"
#include "api.h"
#include <apr_strings.h>

static const api_column_t brief[] = {
    {"id", API_INT}, {"name", API_TEXT}, {"enabled", API_BOOL}, {"updated_at", API_TIME}, {NULL, 0},
};

static const api_column_t columns[] = {
    {"id", API_INT},
    {"name", API_TEXT},
    {"description", API_TEXT},
    {"runner_set_namespace", API_TEXT},
    {"runner_set_name", API_TEXT},
    {"runner_set_uid", API_TEXT},
    {"github_owner", API_TEXT},
    {"github_repo", API_TEXT},
    {"workflow_filter", API_TEXT},
    {"branch_filter", API_TEXT},
    {"file_patterns", API_JSON},
    {"metric_schema_id", API_INT},
    {"enabled", API_BOOL},
    {"last_processed_workload_uid", API_TEXT},
    {"last_checked_at", API_TIME},
    {"cluster_name", API_TEXT},
    {"created_at", API_TIME},
    {"updated_at", API_TIME},
    {NULL, 0},
};

wfm_error_t *api_configs_list(wfm_request_t *rq)
{
    static const api_page_t page = {.table = "github_workflow_configs c",
                                    .alias = "c",
                                    .select = WFM_CONFIG_COLUMNS,
                                    .joins = "",
                                    .order = "c.id DESC",
                                    .by_id = 1};
    const char *name = api_bind_filled(rq, "name");
    wfm_result_t *result;
    wfm_sql_t where;
    wfm_json_t j;

    wfm_sql_init(&where, rq->pool);
    /* A config without a cluster's name is of the cluster whose database it is in. */
    wfm_sql_and(&where, "c.cluster_name IN ('',", rq->cluster, "text");
    wfm_sql_add(&where, ")");
    wfm_sql_and(&where, "c.name ILIKE", name ? wfm_text_like(rq->pool, name) : NULL, "text");
    wfm_sql_and(&where, "c.enabled =", api_bind_bool(rq, "enabled"), "boolean");
    wfm_sql_and(&where, "c.github_owner =", api_bind_filled(rq, "github_owner"), "text");
    wfm_sql_and(&where, "c.github_repo =", api_bind_filled(rq, "github_repo"), "text");
    WFM_TRY(api_page(rq, &page, &where, &result));
    if (api_not_modified(rq, result))
        return NULL;
    api_page_begin(rq, &j, result, "configs", columns);
    wfm_json_key(&j, "cluster_name");
    wfm_json_string(&j, rq->cluster);
    api_end(&j);
    return NULL;
}

/*
 * 409: say which config has the runner set that the body names. NULL: none has it.
 * @param except the config that the request is about, which must exist to be in conflict
 */
static wfm_error_t *bound_already(wfm_request_t *rq, const char *except)
{
    const char *ns = wfm_args_text(&rq->body, "runner_set_namespace");
    const char *name = wfm_args_text(&rq->body, "runner_set_name");
    wfm_result_t *holder;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_HOLDER, &holder, ns, name, rq->cluster, except));
    if (!wfm_result_rows(holder))
        return NULL;
    return wfm_error_make(rq->pool, WFM_CONFLICT,
                          "the runner set '%s/%s' is bound already to config %s ('%s')", ns, name,
                          wfm_result_get(holder, 0, 0), wfm_result_get(holder, 0, 1));
}

/* The holder that stood in the way has gone since. */
static wfm_error_t *was_bound(wfm_request_t *rq)
{
    return wfm_error_make(rq->pool, WFM_CONFLICT,
                          "the runner set was bound to another config: try again");
}

/* The body's fields, in the order of the statements' parameters from $2 on. */
#define BODY_PARAMS(rq)                                                                            \
    wfm_args_text(&(rq)->body, "name"), wfm_args_text(&(rq)->body, "description"),                 \
        wfm_args_text(&(rq)->body, "runner_set_namespace"),                                        \
        wfm_args_text(&(rq)->body, "runner_set_name"),                                             \
        wfm_args_text(&(rq)->body, "runner_set_uid"), wfm_args_text(&(rq)->body, "github_owner"),  \
        wfm_args_text(&(rq)->body, "github_repo"), wfm_args_text(&(rq)->body, "workflow_filter"),  \
        wfm_args_text(&(rq)->body, "branch_filter"), wfm_args_text(&(rq)->body, "file_patterns"),  \
        api_bind_bool(rq, "enabled")

wfm_error_t *api_configs_create(wfm_request_t *rq)
{
    wfm_result_t *result;
    const char *id;
    wfm_json_t j;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_CREATE, &result, rq->cluster, BODY_PARAMS(rq)));
    if (!wfm_result_rows(result)) {
        WFM_TRY(bound_already(rq, NULL));
        return was_bound(rq);
    }
    id = wfm_result_get(result, 0, 0);
    rq->status = WFM_CREATED;
    apr_table_setn(rq->headers, "Location",
                   apr_pstrcat(rq->pool, rq->base_path, "/configs/", id, rq->cluster_query, NULL));
    api_begin(rq, &j);
    wfm_json_key(&j, "config_id");
    api_value(&j, API_INT, id, strlen(id));
    wfm_json_key(&j, "cluster_name");
    wfm_json_string(&j, rq->cluster);
    api_end(&j);
    return NULL;
}

wfm_error_t *api_configs_get(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_GET, &result, api_bind_int(rq, "id")));
    return api_answer_found(rq, result, columns, "config not found");
}

wfm_error_t *api_configs_put(wfm_request_t *rq)
{
    const char *id = api_bind_int(rq, "id");
    wfm_result_t *result;
    wfm_error_t *err =
        api_query(rq, WFM_STMT_CONFIG_PUT, &result, id, BODY_PARAMS(rq), rq->cluster);

    if (err && err->status != WFM_CONFLICT)
        return err;
    if (err || !wfm_result_rows(result))
        WFM_TRY(bound_already(rq, id));
    return err ? was_bound(rq) : api_answer_found(rq, result, columns, "config not found");
}

static int nothing_to_change(const wfm_args_t *body)
{
    for (int i = 0; i < body->n; i++)
        if (body->args[i].set)
            return 0;
    return 1;
}

wfm_error_t *api_configs_patch(wfm_request_t *rq)
{
    const char *id = api_bind_int(rq, "id");
    wfm_result_t *result;

    if (nothing_to_change(&rq->body))
        WFM_TRY(api_query(rq, WFM_STMT_CONFIG_BRIEF, &result, id));
    else
        WFM_TRY(api_query(rq, WFM_STMT_CONFIG_PATCH, &result, id, wfm_args_text(&rq->body, "name"),
                          api_bind_bool(rq, "enabled"), wfm_args_text(&rq->body, "description"),
                          wfm_args_text(&rq->body, "file_patterns")));
    return api_answer_found(rq, result, brief, "config not found");
}

wfm_error_t *api_configs_delete(wfm_request_t *rq)
{
    const char *id[] = {api_bind_int(rq, "id")};
    const wfm_step_t steps[] = {{wfm_stmt(WFM_STMT_CONFIG_LOCK), 1, id},
                                {wfm_stmt(WFM_STMT_CONFIG_DELETE), 1, id}};
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(wfm_db_batch(&rq->db, steps, 2, &result));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    api_begin(rq, &j);
    wfm_json_key(&j, "deleted");
    wfm_json_bool(&j, 1);
    api_end(&j);
    return NULL;
}
