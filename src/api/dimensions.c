/*
 * dimensions.c - owns the endpoints of dimensions.
 */
#include "../core/text.h"
#include "summaries.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define DIMENSIONS WFM_OBJECT("m.dimensions")

/*
 * Most bytes of a value that is listed: whoever wants rows of a longer one could not ask for them,
 * and every answer has room for one.
 */
#define VALUE_BYTES "1048576"

/* Most distinct values that are counted. */
#define MOST_COUNTED "10000"

/* ---- a dimension's values ---- */

/* The distinct values, from the summaries: the names that the range's rows have. */
static void summed_values(wfm_request_t *rq, const api_selection_t *s, wfm_sql_t *q,
                          const api_cover_t *cover)
{
    api_names_t names = {.next = "n.value > p.value", .first = "", .columns = "n.value"};
    int dimension;

    api_cover_begin(q, s->id, cover);
    dimension = wfm_sql_param(q, wfm_args_text(&rq->params, "dimension"));
    names.unlisted = apr_psprintf(rq->pool, " AND n.key = $%d::text", dimension);
    names.rows = apr_psprintf(rq->pool,
                              "SELECT 'v'::\"char\" AS kind, v.key, v.value FROM"
                              " (SELECT $%d::text AS key, m.dimensions ->> $%d::text AS value) v"
                              " WHERE v.value IS NOT NULL",
                              dimension, dimension);
    names.which = apr_pstrcat(rq->pool, " AND n.kind = 'v'", names.unlisted, NULL);
    if (!api_bind_filled(rq, "q")) { /* no more than a page and the total tell */
        int offset = wfm_sql_param(q, api_bind_int(rq, "offset"));
        int limit = wfm_sql_param(q, api_bind_int(rq, "limit"));

        /* their sum may be more than a bigint holds */
        names.first = apr_psprintf(rq->pool,
                                   " ORDER BY n.value LIMIT greatest(" MOST_COUNTED
                                   " + 1, least($%d::bigint, 9223372036854775807 - $%d::bigint)"
                                   " + $%d::bigint)",
                                   offset, limit, limit);
    }
    wfm_sql_add(q, "WITH RECURSIVE ");
    api_add_names(s, q, &names);
    wfm_sql_add(q, ", v AS MATERIALIZED (SELECT value FROM found");
    q->plan_kept = 1;
}

/* The same from the rows. */
static void scanned_values(wfm_request_t *rq, const api_selection_t *s, wfm_sql_t *q)
{
    wfm_sql_param(q, s->id);
    wfm_sql_add(q, "WITH v AS MATERIALIZED (SELECT value FROM (SELECT DISTINCT m.dimensions ->> ");
    wfm_sql_bind(q, wfm_args_text(&rq->params, "dimension"), "text");
    wfm_sql_add(q, " AS value FROM github_workflow_metrics m WHERE m.config_id = $1::bigint");
    api_where_time(s, q);
    wfm_sql_add(q, ") d");
}

/* No row: no config. The total's row comes alone when there are no values. */
static wfm_error_t *build_values(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    const char *part = api_bind_filled(rq, "q");
    api_selection_t s;
    api_cover_t cover;

    WFM_TRY(api_selection_of(rq, &s));
    if (summed && api_cover(rq->pool, &s.range, 0, &cover))
        summed_values(rq, &s, q, &cover);
    else
        scanned_values(rq, &s, q);
    wfm_sql_add(q, " WHERE octet_length(value) <= " VALUE_BYTES);
    wfm_sql_and(q, "value ILIKE", part ? wfm_text_like(rq->pool, part) : NULL, "text");
    /* COLLATE "C" is the order of code points in UTF-8 */
    wfm_sql_add(q,
                ") SELECT t.total, p.value FROM github_workflow_configs c"
                " CROSS JOIN (SELECT CASE WHEN count(*) <= " MOST_COUNTED
                " THEN count(*) END AS total FROM (SELECT FROM v LIMIT " MOST_COUNTED
                " + 1) n) t LEFT JOIN (SELECT value FROM v ORDER BY value COLLATE \"C\" OFFSET ");
    wfm_sql_bind(q, api_bind_int(rq, "offset"), "bigint");
    wfm_sql_add(q, " LIMIT ");
    wfm_sql_bind(q, api_bind_int(rq, "limit"), "bigint");
    wfm_sql_add(q, ") p ON true WHERE c.id = $1::bigint ORDER BY p.value COLLATE \"C\"");
    q->max_bytes = API_LIST_BYTES;
    return NULL;
}

static void write_values(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r)
{
    wfm_json_name(j, "dimension");
    wfm_json_string(j, wfm_args_text(&rq->params, "dimension"));
    wfm_json_name(j, "values");
    wfm_json_array(j);
    for (int row = 0; row < wfm_result_rows(r) && wfm_result_get(r, row, 1); row++)
        wfm_json_string_n(j, wfm_result_get(r, row, 1), wfm_result_length(r, row, 1));
    wfm_json_array_end(j);
    wfm_json_name(j, "total");
    api_value(j, API_INT, wfm_result_get(r, 0, 0), wfm_result_length(r, 0, 0));
}

wfm_error_t *api_dimensions_values(wfm_request_t *rq)
{
    return api_answer_config(rq, build_values, write_values);
}

/* ---- GET /configs/:id/dimensions ---- */

/* Of a name. A drop-down of more is no use, and nothing is unbounded. */
#define MAX_VALUES 1000

/* Names and values (v): a row with a NULL value for a name that has none. */
static wfm_error_t *add_all_values(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    api_selection_t s;
    api_cover_t cover;

    WFM_TRY(api_selection_of(rq, &s));
    if (summed && api_cover(rq->pool, &s.range, 0, &cover)) {
        api_cover_begin(q, s.id, &cover);
        wfm_sql_add(q, "WITH RECURSIVE ");
        api_add_names(&s, q, &api_dimension_names);
        wfm_sql_add(q, ", v AS (SELECT key, CASE kind WHEN 'v' THEN value END AS value"
                       " FROM found)");
        q->plan_kept = 1;
        return NULL;
    }
    wfm_sql_param(q, s.id);
    wfm_sql_add(q, "WITH v AS (SELECT DISTINCT d.key, d.value FROM github_workflow_metrics m,"
                   " LATERAL jsonb_each_text(" DIMENSIONS ") d WHERE m.config_id = $1::bigint");
    api_where_metrics(&s, q);
    wfm_sql_add(q, ")");
    return NULL;
}

/*
 * First each name with its first value (NULL: it has none), sorted by name; then the other values,
 * sorted likewise: where there is no room for all, no name is missing for another one's values.
 * Alone, a row of NULLs for a config without data. One name and one value too many tell that there
 * are more.
 */
static wfm_error_t *build_list(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    WFM_TRY(add_all_values(rq, q, summed));
    wfm_sql_add(q, ", n AS (SELECT key, value, n,"
                   " dense_rank() OVER (ORDER BY key COLLATE \"C\") AS name"
                   " FROM (SELECT key, value,"
                   " row_number() OVER (PARTITION BY key ORDER BY value COLLATE \"C\") AS n"
                   " FROM (SELECT key, CASE WHEN octet_length(value) <= " VALUE_BYTES
                   " THEN value END AS value FROM v WHERE octet_length(key) <= ");
    wfm_sql_int(q, WFM_NAME_MAX);
    /* before the names are numbered: PostgreSQL would keep all of a name's values for that */
    wfm_sql_add(q, ") v) v WHERE n <= ");
    wfm_sql_int(q, MAX_VALUES + 1);
    wfm_sql_add(q, ") SELECT n.key, n.value, n.n");
    if (wfm_args_is_set(&rq->params, "schema_id"))
        wfm_sql_add(q, ", CASE WHEN (coalesce(n.name, 1), coalesce(n.n, 1)) = (1, 1) THEN"
                       " (" API_SCHEMAS_OF_CONFIG ") END");
    wfm_sql_add(q, " FROM github_workflow_configs c LEFT JOIN n ON n.name <= ");
    wfm_sql_int(q, API_MOST_NAMES + 1);
    wfm_sql_add(q, " WHERE c.id = $1::bigint ORDER BY n.n > 1, n.key COLLATE \"C\", n.n");
    q->max_bytes = API_LIST_BYTES / 2; /* names, and with schema_id values, are written twice */
    return NULL;
}

/* The result's two parts, and is it all? */
typedef struct list_t {
    const wfm_result_t *r;
    int names; /* how many rows have a name's first value; more rows follow */
    int more;
} list_t;

static int is_first(const wfm_result_t *r, int row)
{
    return wfm_result_get(r, row, 0) && !strcmp(wfm_result_get(r, row, 2), "1");
}

static list_t read_list(const wfm_result_t *r)
{
    list_t l = {.r = r, .more = wfm_result_is_cut(r)};
    int row;

    while (l.names < wfm_result_rows(r) && is_first(r, l.names))
        l.names++;
    for (row = l.names; row < wfm_result_rows(r) && !l.more; row++)
        l.more = wfm_result_get(r, row, 1) && atoi(wfm_result_get(r, row, 2)) > MAX_VALUES;
    return l;
}

static int listed_names(const list_t *l)
{
    return l->names < API_MOST_NAMES ? l->names : API_MOST_NAMES;
}

static void write_names(wfm_json_t *j, const list_t *l)
{
    wfm_json_array(j);
    for (int name = 0; name < listed_names(l); name++)
        wfm_json_string(j, wfm_result_get(l->r, name, 0));
    wfm_json_array_end(j);
}

static void write_value(wfm_json_t *j, const wfm_result_t *r, int row)
{
    if (wfm_result_get(r, row, 1) && atoi(wfm_result_get(r, row, 2)) <= MAX_VALUES)
        wfm_json_string_n(j, wfm_result_get(r, row, 1), wfm_result_length(r, row, 1));
}

static void write_map(wfm_json_t *j, const list_t *l)
{
    int row = l->names;

    wfm_json_object(j);
    for (int name = 0; name < listed_names(l); name++) {
        const char *key = wfm_result_get(l->r, name, 0);

        wfm_json_key(j, key);
        wfm_json_array(j);
        write_value(j, l->r, name);
        for (; row < wfm_result_rows(l->r) && !strcmp(wfm_result_get(l->r, row, 0), key); row++)
            write_value(j, l->r, row);
        wfm_json_array_end(j);
    }
    wfm_json_object_end(j);
}

static void write_dimensions(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r)
{
    list_t l = read_list(r);

    wfm_json_name(j, "dimensions");
    if (wfm_args_is_set(&rq->params, "schema_id")) /* two pages of the frontend differ */
        write_map(j, &l);
    else
        write_names(j, &l);
    wfm_json_name(j, "values");
    write_map(j, &l);
    wfm_json_name(j, "more");
    wfm_json_bool(j, l.more || l.names > API_MOST_NAMES);
    api_schemas_of(rq, j, wfm_result_get(r, 0, wfm_result_columns(r) - 1));
}

wfm_error_t *api_dimensions_list(wfm_request_t *rq)
{
    return api_answer_config(rq, build_list, write_dimensions);
}
