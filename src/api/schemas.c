/*
 * schemas.c - owns the endpoints of metric schemas.
 */
#include "../core/json.h"
#include "../core/text.h"
#include "api.h"
#include <apr_strings.h>
#include <string.h>

enum { COLUMN_CURRENT = 18 }; /* of a list, behind the schema's: the version in force */

wfm_error_t *api_schemas_active(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_SCHEMA_ACTIVE, &result, api_bind_int(rq, "id")));
    if (wfm_result_rows(result) && !wfm_result_get(result, 0, 0))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "no active schema found for this config");
    return api_answer_versioned(rq, result, "config not found");
}

static wfm_error_t *build_one(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    wfm_sql_fixed(q, wfm_stmt(summed ? WFM_STMT_SCHEMA_GET_SUMMED : WFM_STMT_SCHEMA_GET));
    wfm_sql_param(q, api_bind_int(rq, "id"));
    return NULL;
}

wfm_error_t *api_schemas_get(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_run_summed(rq, build_one, &result));
    return api_answer_versioned(rq, result, "schema not found");
}

void api_schemas_of(wfm_request_t *rq, wfm_json_t *j, const char *ids)
{
    if (!wfm_args_is_set(&rq->params, "schema_id"))
        return;
    wfm_json_name(j, "schema_id");
    wfm_json_int64(j, wfm_args_int(&rq->params, "schema_id"));
    wfm_json_name(j, "available_schema_ids");
    wfm_json_raw(j, ids, ids ? strlen(ids) : 0);
}

/* The version in force is the highest active one, whatever page it is on; 0: none. */
#define CURRENT                                                                                    \
    "(SELECT coalesce(max(s.version), 0) FROM github_workflow_metric_schemas s WHERE s.is_active"

static wfm_error_t *open_page(wfm_request_t *rq, api_page_t *page, const char *where, int summed)
{
    *page = (api_page_t){
        .table = "github_workflow_metric_schemas s",
        .alias = "s",
        .select = apr_pstrcat(rq->pool, WFM_SQL_SCHEMA_COLUMNS ", " CURRENT, where, ")", NULL),
        .texts = summed ? " " WFM_SQL_SCHEMA_COUNTED_SUMMED : " " WFM_SQL_SCHEMA_COUNTED,
        .key = "s.version",
        .kind = WFM_CURSOR_NUMBER,
        .key_descending = 1,
        .id_descending = 1};
    return api_page_open(rq, page);
}

static wfm_error_t *build_list(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    const char *conditions;
    api_page_t page;
    wfm_sql_t where;

    wfm_sql_init(&where, rq->pool);
    where.params = q->params;
    wfm_sql_and(&where, "s.config_id =", api_bind_int(rq, "id"), "bigint");
    conditions = wfm_sql_stmt(&where).sql;
    WFM_TRY(open_page(rq, &page, conditions, summed));
    if (summed)
        wfm_sql_add(q, "WITH changed AS MATERIALIZED (SELECT day FROM"
                       " wfm_unclean('m', $1::bigint)) ");
    api_page_statement(rq, &page, api_page_count(rq, &page, conditions), conditions, q);
    return NULL;
}

wfm_error_t *api_schemas_list(wfm_request_t *rq)
{
    const char *current;
    wfm_result_t *result;
    api_page_t page;
    wfm_json_t j;

    WFM_TRY(open_page(rq, &page, "", 0)); /* what is wrong with the request, before it is asked */
    WFM_TRY(api_run_summed(rq, build_list, &result));
    if (api_page_is_empty(result))
        WFM_TRY(api_require_config(rq));
    if (api_not_modified(rq, result))
        return NULL;
    WFM_TRY(api_page_begin(rq, &j, &page, result));
    current = api_page_value(result, COLUMN_CURRENT);
    wfm_json_name(&j, "current_version");
    api_value(&j, API_INT, current, strlen(current));
    api_end(&j);
    return NULL;
}

/* Columns of a change, as schema_before.sql has them. */
#define DIMENSIONS_CHANGED WFM_FIELD("n.added_dimensions") ", " WFM_FIELD("n.removed_dimensions")
#define METRICS_CHANGED    WFM_FIELD("n.added_metrics") ", " WFM_FIELD("n.removed_metrics")

/* Each version but the first. */
wfm_error_t *api_schemas_changes(wfm_request_t *rq)
{
    api_page_t page = {.table = "github_workflow_metric_schemas s",
                       .alias = "s",
                       .select = "b.version, s.version, s.created_at, " DIMENSIONS_CHANGED
                                 ", " METRICS_CHANGED,
                       .texts = " " WFM_SQL_SCHEMA_BEFORE,
                       .key = "s.version",
                       .kind = WFM_CURSOR_NUMBER,
                       .key_descending = 1,
                       .id_descending = 1};
    wfm_result_t *result;
    wfm_sql_t where;

    WFM_TRY(api_page_open(rq, &page));
    wfm_sql_init(&where, rq->pool);
    wfm_sql_and(&where, "s.config_id =", api_bind_int(rq, "id"), "bigint");
    wfm_sql_add(&where, " AND (s.version, s.id) > (SELECT o.version, o.id"
                        " FROM github_workflow_metric_schemas o WHERE o.config_id = $1::bigint"
                        " ORDER BY o.version, o.id LIMIT 1)");
    WFM_TRY(api_page(rq, &page, &where, &result));
    if (api_page_is_empty(result))
        WFM_TRY(api_require_config(rq));
    return api_answer_page(rq, &page, result);
}

wfm_error_t *api_schema_store(wfm_request_t *rq, const api_new_schema_t *schema,
                              wfm_result_t **result)
{
    const char *lock[] = {api_bind_int(rq, "id")};
    const char *create[] = {lock[0],
                            schema->name,
                            schema->fields,
                            schema->dimension_fields,
                            schema->metric_fields,
                            schema->is_active,
                            schema->generated_by,
                            schema->sample_file};
    const wfm_step_t steps[] = {
        {wfm_stmt(WFM_STMT_SCHEMA_LOCK), 1, lock},
        {wfm_stmt(WFM_STMT_SCHEMA_CREATE), sizeof create / sizeof *create, create}};

    return wfm_db_batch(&rq->db, steps, 2, result);
}

wfm_error_t *api_schemas_create(wfm_request_t *rq)
{
    const api_new_schema_t schema = {.name = wfm_args_text(&rq->body, "name"),
                                     .fields = wfm_args_text(&rq->body, "fields"),
                                     .dimension_fields =
                                         wfm_args_text(&rq->body, "dimension_fields"),
                                     .metric_fields = wfm_args_text(&rq->body, "metric_fields"),
                                     .is_active = api_bind_bool(rq, "is_active"),
                                     .generated_by = "user"};
    wfm_result_t *result;

    WFM_TRY(api_schema_store(rq, &schema, &result));
    if (wfm_result_rows(result))
        api_created(rq, "/schemas", wfm_result_get(result, 0, 0));
    return api_answer_found(rq, result, "config not found");
}

typedef struct lacking_t {
    wfm_request_t *rq;
    wfm_error_t *err;
} lacking_t;

static void add_lacking(void *ctx, json_object *name)
{
    lacking_t *l = ctx;

    wfm_error_field(&l->err, l->rq->pool, "fields", "names '%s', which the schema lacks",
                    wfm_text_short(l->rq->pool, json_object_get_string(name)));
}

/* Why was nothing patched? 404, 400 or 412. */
static wfm_error_t *not_patched(wfm_request_t *rq)
{
    lacking_t lacking = {rq, NULL};
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_SCHEMA_LACKS, &result, api_bind_int(rq, "id"),
                      wfm_args_text(&rq->body, "fields")));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "schema not found");
    wfm_json_each(rq->pool, wfm_result_get(result, 0, 0), wfm_result_length(result, 0, 0),
                  add_lacking, &lacking);
    return lacking.err ? lacking.err : api_unmatched(rq);
}

/* The answer is that of a GET, with its tag. */
wfm_error_t *api_schemas_patch(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_SCHEMA_PATCH, &result, api_bind_int(rq, "id"),
                      api_bind_versions(rq), wfm_args_text(&rq->body, "fields")));
    return wfm_result_rows(result) ? api_schemas_get(rq) : not_patched(rq);
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
    wfm_json_name(&j, "activated");
    wfm_json_bool(&j, 1);
    api_end(&j);
    return NULL;
}
