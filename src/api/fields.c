/*
 * fields.c - owns the fields of a config: what its schema declares, and what its data has beyond
 * it.
 */
#include "api.h"
#include <apr_hash.h>
#include <apr_strings.h>

/* A list without duplicates, however long. */
typedef struct names_t {
    apr_array_header_t *list; /* of const char * */
    apr_hash_t *seen;
} names_t;

static void names_init(names_t *names, apr_pool_t *p)
{
    names->list = apr_array_make(p, 8, sizeof(const char *));
    names->seen = apr_hash_make(p);
}

static void names_add(names_t *names, const char *name)
{
    if (apr_hash_get(names->seen, name, APR_HASH_KEY_STRING))
        return;
    apr_hash_set(names->seen, name, APR_HASH_KEY_STRING, name);
    APR_ARRAY_PUSH(names->list, const char *) = name;
}

static void add_fields(names_t *names, apr_pool_t *p, const char *jsonb, apr_size_t len)
{
    json_object *list;

    if (!jsonb || wfm_json_parse(p, jsonb, len, &list) ||
        !json_object_is_type(list, json_type_array))
        return;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *field = json_object_array_get_idx(list, i);

        if (json_object_is_type(field, json_type_object))
            json_object_object_get_ex(field, "name", &field);
        if (json_object_is_type(field, json_type_string))
            names_add(names, json_object_get_string(field));
    }
}

apr_array_header_t *api_field_names(apr_pool_t *p, const char *jsonb, apr_size_t len)
{
    names_t names;

    names_init(&names, p);
    add_fields(&names, p, jsonb, len);
    return names.list;
}

/* WITH items c, s, and k (kind, name): the config, the schema's lists, the names in the data. */
static void add_data(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    const char *schema = api_bind_given_int(rq, "schema_id");
    api_cover_t cover;

    if (summed && api_cover(rq, "start", "end", 0, &cover)) {
        api_cover_begin(q, api_bind_int(rq, "id"), &cover);
        wfm_sql_add(q, "WITH RECURSIVE ");
        api_add_names(rq, q, " AND n.kind < 'v'", API_NEXT_NAME);
        wfm_sql_add(q, ", k AS (SELECT kind, key AS name FROM found), ");
        return;
    }
    wfm_sql_param(q, api_bind_int(rq, "id"));
    wfm_sql_add(q, "WITH k AS (SELECT DISTINCT keys.kind, keys.name FROM github_workflow_metrics m,"
                   " LATERAL (SELECT 'd' AS kind, jsonb_object_keys(CASE jsonb_typeof(m.dimensions)"
                   " WHEN 'object' THEN m.dimensions ELSE '{}' END) AS name"
                   " UNION ALL SELECT 'm', jsonb_object_keys(CASE jsonb_typeof(m.metrics)"
                   " WHEN 'object' THEN m.metrics ELSE '{}' END)) keys"
                   " WHERE m.config_id = $1::bigint");
    wfm_sql_and(q, "m.schema_id =", schema, "bigint");
    wfm_sql_add(q, "), ");
}

/*
 * First the schema's row (its two lists), then a row for each key of the data: kind and name.
 * Without schema_id it is the active schema and all rows; with it, that schema and its rows.
 */
static wfm_error_t *build(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    const char *schema = api_bind_given_int(rq, "schema_id");

    add_data(rq, q, summed);
    wfm_sql_add(q, "c AS (SELECT id FROM github_workflow_configs WHERE id = $1::bigint), "
                   "s AS (SELECT dimension_fields, metric_fields FROM"
                   " github_workflow_metric_schemas WHERE config_id = $1::bigint");
    if (schema)
        wfm_sql_and(q, "id =", schema, "bigint");
    else
        wfm_sql_add(q, " AND is_active");
    wfm_sql_add(q, " ORDER BY version DESC, id DESC LIMIT 1) "
                   "SELECT * FROM (SELECT '' AS kind, s.dimension_fields::text AS name,"
                   " s.metric_fields::text, s.dimension_fields IS NOT NULL FROM c LEFT JOIN s ON"
                   " true UNION ALL SELECT k.kind::text, k.name, NULL, NULL FROM k, c) f "
                   "ORDER BY kind, name COLLATE \"C\"");
    return NULL;
}

static void write_names(wfm_json_t *j, const char *key, const apr_array_header_t *names)
{
    wfm_json_key(j, key);
    wfm_json_array(j);
    for (int i = 0; i < names->nelts; i++)
        wfm_json_string(j, APR_ARRAY_IDX(names, i, const char *));
    wfm_json_array_end(j);
}

wfm_error_t *api_fields_list(wfm_request_t *rq)
{
    names_t dimensions, metrics;
    wfm_result_t *r;
    wfm_json_t j;

    WFM_TRY(api_run_summed(rq, build, &r));
    if (!wfm_result_rows(r))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (*wfm_result_get(r, 0, 3) != 't' && wfm_args_is_set(&rq->params, "schema_id"))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "schema not found");
    if (api_not_modified(rq, r))
        return NULL;
    names_init(&dimensions, rq->pool);
    names_init(&metrics, rq->pool);
    add_fields(&dimensions, rq->pool, wfm_result_get(r, 0, 1), wfm_result_length(r, 0, 1));
    add_fields(&metrics, rq->pool, wfm_result_get(r, 0, 2), wfm_result_length(r, 0, 2));
    for (int row = 1; row < wfm_result_rows(r); row++)
        names_add(*wfm_result_get(r, row, 0) == 'd' ? &dimensions : &metrics,
                  wfm_result_get(r, row, 1));
    api_begin(rq, &j);
    write_names(&j, "dimension_fields", dimensions.list);
    write_names(&j, "metric_fields", metrics.list);
    api_end(&j);
    return NULL;
}
