/*
 * fields.c - owns the fields of a config: what its schema declares, and what its data has beyond
 * it.
 */
#include "../core/text.h"
#include "summaries.h"
#include <apr_hash.h>
#include <apr_strings.h>

#define DIMENSIONS WFM_OBJECT("m.dimensions")
#define METRICS    WFM_OBJECT("m.metrics")

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
    name = apr_pstrdup(names->list->pool, name);
    apr_hash_set(names->seen, name, APR_HASH_KEY_STRING, name);
    APR_ARRAY_PUSH(names->list, const char *) = name;
}

static void add_field(void *ctx, json_object *field)
{
    names_t *names = ctx;

    if (json_object_is_type(field, json_type_object))
        json_object_object_get_ex(field, "name", &field);
    if (json_object_is_type(field, json_type_string))
        names_add(names, json_object_get_string(field));
}

apr_array_header_t *api_field_names(apr_pool_t *p, const char *jsonb, apr_size_t len)
{
    names_t names;

    names_init(&names, p);
    if (jsonb)
        wfm_json_each(p, jsonb, len, add_field, &names);
    return names.list;
}

/* ---- GET /configs/:id/fields ---- */

#define NAMES_OF_ROW                                                                               \
    "SELECT 'n'::\"char\" AS kind, k AS key, '' AS value"                                          \
    " FROM jsonb_object_keys(wfm_object(m.dimensions)) k"                                          \
    " UNION ALL SELECT 'm', k, '' FROM jsonb_object_keys(wfm_object(m.metrics)) k"

/* WITH item k (kind, name): the names in the data. */
static void add_data(const api_selection_t *s, wfm_sql_t *q, int summed)
{
    api_cover_t cover;

    if (summed && api_cover(s->pool, &s->range, 0, &cover)) {
        api_cover_begin(q, s->id, &cover);
        wfm_sql_add(q, "WITH RECURSIVE ");
        api_add_names(s, q,
                      &(api_names_t){.which = " AND n.kind < 'v'",
                                     .unlisted = " AND false",
                                     .next = API_NEXT_NAME,
                                     .first = "",
                                     .columns = "n.kind, n.key",
                                     .rows = NAMES_OF_ROW});
        wfm_sql_add(q, ", k AS (SELECT CASE kind WHEN 'n' THEN 'd' ELSE 'm' END AS kind,"
                       " key AS name FROM found)");
        q->plan_kept = 1;
        return;
    }
    wfm_sql_param(q, s->id);
    wfm_sql_add(q, "WITH k AS (SELECT DISTINCT keys.kind, keys.name FROM github_workflow_metrics m,"
                   " LATERAL (SELECT 'd' AS kind, jsonb_object_keys(" DIMENSIONS ") AS name"
                   " UNION ALL SELECT 'm', jsonb_object_keys(" METRICS ")) keys"
                   " WHERE m.config_id = $1::bigint");
    wfm_sql_and(q, "m.schema_id =", s->schema_id, "bigint");
    wfm_sql_add(q, ")");
}

/* A schema's list (jsonb) as rows of names with their places; s has one row, or none. */
static void add_listed(wfm_sql_t *q, const char *kind, const char *list)
{
    wfm_sql_texts(q, "SELECT '", kind, "' AS kind, ", WFM_FIELD_NAME("l.e"), " AS name, l.place",
                  " FROM s CROSS JOIN LATERAL jsonb_array_elements(", list,
                  ") WITH ORDINALITY l (e, place) UNION ALL ");
}

/*
 * Each name once: those of the schema in its order, then those that only the data has. Without
 * schema_id it is the active schema and all rows; with it, that schema and its rows. No row: no
 * config. One name too many tells that there are more.
 */
static wfm_error_t *build(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    api_selection_t s;

    WFM_TRY(api_selection_of(rq, &s));
    add_data(&s, q, summed);
    wfm_sql_add(q, ", s AS MATERIALIZED (SELECT dimension_fields, metric_fields FROM"
                   " github_workflow_metric_schemas WHERE config_id = $1::bigint");
    if (s.schema_id)
        wfm_sql_and(q, "id =", s.schema_id, "bigint");
    else
        wfm_sql_add(q, " AND is_active");
    wfm_sql_add(q, " ORDER BY version DESC, id DESC LIMIT 1), "
                   "f AS (SELECT kind, name, row_number() OVER (PARTITION BY kind ORDER BY place,"
                   " name COLLATE \"C\") AS n FROM (SELECT kind, name, min(place) AS place FROM "
                   "(");
    add_listed(q, "d", WFM_ARRAY("s.dimension_fields"));
    add_listed(q, "m", WFM_ARRAY("s.metric_fields"));
    wfm_sql_add(q, "SELECT k.kind::text, k.name, 9223372036854775807 FROM k) a"
                   " WHERE octet_length(name) <= ");
    wfm_sql_int(q, WFM_NAME_MAX);
    wfm_sql_add(q, " GROUP BY kind, name) b) SELECT f.kind, f.name, EXISTS (SELECT FROM s)");
    if (s.schema_id)
        wfm_sql_add(q, ", CASE WHEN coalesce(f.n, 1) = 1 THEN (" API_SCHEMAS_OF_CONFIG ") END");
    wfm_sql_add(q, " FROM github_workflow_configs c LEFT JOIN f ON f.n <= ");
    wfm_sql_int(q, API_MOST_NAMES + 1);
    wfm_sql_add(q, " WHERE c.id = $1::bigint ORDER BY f.kind, f.n");
    q->max_bytes = API_LIST_BYTES;
    return NULL;
}

/* The names of a kind, which are the result's next rows; returns the row behind them. */
static int write_names(wfm_json_t *j, const char *key, const wfm_result_t *r, int row, char kind,
                       int *more)
{
    int n = 0;

    wfm_json_key(j, key);
    wfm_json_array(j);
    for (; row < wfm_result_rows(r) && wfm_result_get(r, row, 0) &&
           *wfm_result_get(r, row, 0) == kind;
         row++) {
        if (++n <= API_MOST_NAMES)
            wfm_json_string_n(j, wfm_result_get(r, row, 1), wfm_result_length(r, row, 1));
    }
    wfm_json_array_end(j);
    *more = *more || n > API_MOST_NAMES;
    return row;
}

wfm_error_t *api_fields_list(wfm_request_t *rq)
{
    int more, row;
    wfm_result_t *r;
    wfm_json_t j;

    WFM_TRY(api_run_summed(rq, build, &r));
    if (!wfm_result_rows(r))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (*wfm_result_get(r, 0, 2) != 't' && wfm_args_is_set(&rq->params, "schema_id"))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "schema not found");
    if (api_not_modified(rq, r))
        return NULL;
    more = wfm_result_is_cut(r);
    api_begin(rq, &j);
    row = write_names(&j, "dimension_fields", r, 0, 'd', &more);
    write_names(&j, "metric_fields", r, row, 'm', &more);
    wfm_json_name(&j, "more");
    wfm_json_bool(&j, more);
    api_schemas_of(rq, &j, wfm_result_get(r, 0, wfm_result_columns(r) - 1));
    api_end(&j);
    return NULL;
}
