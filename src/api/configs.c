/*
 * configs.c - owns the endpoints of configs.
 */
#include "../core/text.h"
#include "api.h"
#include <apr_strings.h>
#include <string.h>

wfm_error_t *api_configs_list(wfm_request_t *rq)
{
    static const api_page_t page = {.table = "github_workflow_configs c",
                                    .alias = "c",
                                    .select = WFM_SQL_CONFIG_COLUMNS,
                                    .id_descending = 1};
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
    WFM_TRY(api_page_begin(rq, &j, &page, result));
    wfm_json_name(&j, "cluster_name");
    wfm_json_string(&j, rq->cluster);
    api_end(&j);
    return NULL;
}

/*
 * 409: say which config has the runner set that the body names.
 * @param id, name of that config; NULL: it stood in the way, and has gone since
 */
static wfm_error_t *bound_already(wfm_request_t *rq, const char *id, const char *name)
{
    if (!id)
        return wfm_error_make(rq->pool, WFM_CONFLICT,
                              "the runner set was bound to another config: try again");
    return wfm_error_make(rq->pool, WFM_CONFLICT,
                          "the runner set '%s/%s' is bound already to config %s ('%s')",
                          wfm_args_text(&rq->body, "runner_set_namespace"),
                          wfm_args_text(&rq->body, "runner_set_name"), id, name);
}

/* Why was nothing created? */
static wfm_error_t *not_created(wfm_request_t *rq)
{
    wfm_result_t *holder;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_HOLDER, &holder,
                      wfm_args_text(&rq->body, "runner_set_namespace"),
                      wfm_args_text(&rq->body, "runner_set_name"), rq->cluster));
    if (!wfm_result_rows(holder))
        return bound_already(rq, NULL, NULL);
    return bound_already(rq, wfm_result_get(holder, 0, 0), wfm_result_get(holder, 0, 1));
}

/* Why was the config not replaced? What comes first in the order of statuses. */
static wfm_error_t *not_replaced(wfm_request_t *rq)
{
    wfm_result_t *why;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_PUT_WHY, &why, api_bind_int(rq, "id"),
                      api_bind_versions(rq), wfm_args_text(&rq->body, "runner_set_namespace"),
                      wfm_args_text(&rq->body, "runner_set_name"), rq->cluster));
    if (!wfm_result_rows(why))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (*wfm_result_get(why, 0, 0) != 't')
        return api_unmatched(rq);
    return bound_already(rq, wfm_result_get(why, 0, 1), wfm_result_get(why, 0, 2));
}

/* The body's fields, in the order of the statements' parameters, behind the cluster or the id and
 * the versions. */
#define BODY_PARAMS(rq)                                                                            \
    wfm_args_text(&(rq)->body, "name"), wfm_args_text(&(rq)->body, "description"),                 \
        wfm_args_text(&(rq)->body, "runner_set_namespace"),                                        \
        wfm_args_text(&(rq)->body, "runner_set_name"),                                             \
        wfm_args_text(&(rq)->body, "runner_set_uid"), wfm_args_text(&(rq)->body, "github_owner"),  \
        wfm_args_text(&(rq)->body, "github_repo"), wfm_args_text(&(rq)->body, "workflow_filter"),  \
        wfm_args_text(&(rq)->body, "branch_filter"), wfm_args_text(&(rq)->body, "file_patterns"),  \
        api_bind_bool(rq, "enabled")

/* SQLSTATE of a statement that names a column which is not there. */
#define NO_COLUMN "42703"

/*
 * Run one of two statements: the one that stores display_settings, if the body has any; where the
 * database has no place for them, the other one, if nothing is lost by that.
 * @param params the displayed one's; the last is only its own
 */
static wfm_error_t *write_config(wfm_request_t *rq, wfm_stmt_id_e displayed, wfm_stmt_id_e plain,
                                 int n, const char *const *params, wfm_result_t **result)
{
    const char *settings = params[n - 1];
    wfm_error_t *err = NULL;

    if (settings) {
        err = wfm_db_query(&rq->db, wfm_stmt(displayed), n, params, result);
        if (!err || strcmp(err->sqlstate, NO_COLUMN))
            return err;
        err = NULL;
        if (strcmp(settings, "{}")) {
            wfm_error_field(&err, rq->pool, "display_settings",
                            "cannot be stored: the database lacks the column, which the"
                            " migrations add");
            return err;
        }
    }
    return wfm_db_query(&rq->db, wfm_stmt(plain), n - 1, params, result);
}

#define WRITE_CONFIG(rq, displayed, plain, result, ...)                                            \
    write_config(rq, displayed, plain,                                                             \
                 (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)),              \
                 (const char *[]){__VA_ARGS__}, result)

wfm_error_t *api_configs_create(wfm_request_t *rq)
{
    wfm_result_t *result;
    const char *id;
    wfm_json_t j;

    WFM_TRY(WRITE_CONFIG(rq, WFM_STMT_CONFIG_CREATE_DISPLAYED, WFM_STMT_CONFIG_CREATE, &result,
                         rq->cluster, BODY_PARAMS(rq),
                         wfm_args_text(&rq->body, "display_settings")));
    if (!wfm_result_rows(result))
        return not_created(rq);
    id = wfm_result_get(result, 0, 0);
    api_created(rq, "/configs", id);
    api_row_not_modified(rq, result); /* the tag of what Location leads to */
    api_begin(rq, &j);
    wfm_json_name(&j, "config_id");
    api_value(&j, API_INT, id, strlen(id));
    wfm_json_name(&j, "cluster_name");
    wfm_json_string(&j, rq->cluster);
    api_end(&j);
    return NULL;
}

wfm_error_t *api_configs_get(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_GET, &result, api_bind_int(rq, "id")));
    return api_answer_versioned(rq, result, "config not found");
}

wfm_error_t *api_configs_put(wfm_request_t *rq)
{
    wfm_result_t *result;
    wfm_error_t *err = WRITE_CONFIG(rq, WFM_STMT_CONFIG_PUT_DISPLAYED, WFM_STMT_CONFIG_PUT, &result,
                                    api_bind_int(rq, "id"), api_bind_versions(rq), BODY_PARAMS(rq),
                                    rq->cluster, wfm_args_text(&rq->body, "display_settings"));

    if (err && err->status != WFM_CONFLICT)
        return err;
    if (err || !wfm_result_rows(result))
        return not_replaced(rq);
    return api_answer_versioned(rq, result, "config not found");
}

static int nothing_to_change(const wfm_args_t *body)
{
    for (int i = 0; i < body->n; i++)
        if (body->args[i].set)
            return 0;
    return 1;
}

/* Does a patch answer this of the row? */
static int is_brief(const wfm_request_t *rq, const char *name)
{
    for (const api_column_t *c = rq->route->answer->row->columns; c->name; c++)
        if (!strcmp(c->name, name))
            return 1;
    return 0;
}

/* The tag is the whole row's, which GET answers: with it the client can go on. */
static void answer_brief(wfm_request_t *rq, const wfm_result_t *row)
{
    const api_column_t *columns = shape_config.columns;
    wfm_json_t j;

    api_row_not_modified(rq, row);
    api_begin(rq, &j);
    for (int c = 0; columns[c].name; c++) {
        if (!is_brief(rq, columns[c].name))
            continue;
        wfm_json_name(&j, columns[c].name);
        api_value(&j, columns[c].kind, wfm_result_get(row, 0, c), wfm_result_length(row, 0, c));
    }
    api_end(&j);
}

wfm_error_t *api_configs_patch(wfm_request_t *rq)
{
    const char *id = api_bind_int(rq, "id");
    wfm_result_t *result;

    if (nothing_to_change(&rq->body))
        WFM_TRY(api_query(rq, WFM_STMT_CONFIG_GET, &result, id));
    else
        WFM_TRY(api_query(rq, WFM_STMT_CONFIG_PATCH, &result, id, api_bind_versions(rq),
                          wfm_args_text(&rq->body, "name"), api_bind_bool(rq, "enabled"),
                          wfm_args_text(&rq->body, "description"),
                          wfm_args_text(&rq->body, "file_patterns")));
    if (!wfm_result_rows(result))
        return api_missed(rq);
    WFM_TRY(nothing_to_change(&rq->body) ? api_check_version(rq, result) : NULL);
    answer_brief(rq, result);
    return NULL;
}

/* Steps that end with the one that deletes. Tables of the module's own may be missing. */
static wfm_error_t *delete_by(wfm_request_t *rq, int tasks, int acknowledged, wfm_stmt_id_e which,
                              wfm_result_t **result)
{
    const char *params[] = {api_bind_int(rq, "id"), api_bind_versions(rq)};
    wfm_step_t steps[4] = {{wfm_stmt(WFM_STMT_LOCK_BRIEFLY), 0, NULL}};
    int n = 1;

    if (tasks) {
        steps[0] = (wfm_step_t){wfm_stmt(WFM_STMT_BACKFILL_HOLD), 1, params};
        steps[n++] = (wfm_step_t){wfm_stmt(WFM_STMT_BACKFILL_FORGET), 2, params};
    }
    if (acknowledged)
        steps[n++] = (wfm_step_t){wfm_stmt(WFM_STMT_ACKNOWLEDGED_FORGET), 2, params};
    steps[n++] = (wfm_step_t){wfm_stmt(which), 2, params};
    return wfm_db_batch(&rq->db, steps, n, result);
}

/* Its metric rows may be millions: where somebody deletes them later, they are out of sight with
 * their config. */
static wfm_error_t *delete_config(wfm_request_t *rq, wfm_result_t **result)
{
    wfm_error_t *err;
    int later, tasks, acknowledged;

    WFM_TRY(wfm_db_deletes_later(&rq->db, &later));
    WFM_TRY(wfm_db_keeps_tasks(&rq->db, &tasks));
    WFM_TRY(wfm_db_knows_acknowledged(&rq->db, &acknowledged));
    err = delete_by(rq, tasks, acknowledged,
                    later ? WFM_STMT_CONFIG_DELETE_LATER : WFM_STMT_CONFIG_DELETE, result);
    if (!err && later)
        wfm_db_hasten(&rq->db);
    if (!err || !(later || tasks || acknowledged) || !api_is_wanting(err))
        return err;
    return delete_by(rq, 0, 0, WFM_STMT_CONFIG_DELETE, result);
}

wfm_error_t *api_configs_delete(wfm_request_t *rq)
{
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(delete_config(rq, &result));
    if (!wfm_result_rows(result))
        return api_missed(rq);
    api_begin(rq, &j);
    wfm_json_name(&j, "deleted");
    wfm_json_bool(&j, 1);
    api_end(&j);
    return NULL;
}
