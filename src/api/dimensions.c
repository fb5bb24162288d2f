/*
 * dimensions.c - owns the endpoints of dimensions.
 */
#include "api.h"
#include <apr_strings.h>

/* WITH item v (value): from the summaries, the names that the range's rows have. */
static void summed_values(wfm_request_t *rq, wfm_sql_t *q, const api_cover_t *cover)
{
    const char *which;

    api_cover_begin(q, api_bind_int(rq, "id"), cover);
    which = apr_psprintf(rq->pool, " AND n.kind = 'v' AND n.key = $%d::text",
                         wfm_sql_param(q, wfm_args_text(&rq->params, "dimension")));
    wfm_sql_add(q, "WITH RECURSIVE ");
    api_add_names(rq, q, which, "n.value > p.value");
    wfm_sql_add(q, ", v AS MATERIALIZED (SELECT value FROM found)");
}

/* The same from the rows. */
static void scanned_values(wfm_request_t *rq, wfm_sql_t *q)
{
    wfm_sql_param(q, api_bind_int(rq, "id"));
    wfm_sql_add(q, "WITH v AS MATERIALIZED (SELECT DISTINCT m.dimensions ->> ");
    wfm_sql_bind(q, wfm_args_text(&rq->params, "dimension"), "text");
    wfm_sql_add(q, " AS value FROM github_workflow_metrics m WHERE m.config_id = $1::bigint");
    api_where_time(rq, q);
    wfm_sql_add(q, ")");
}

/* No row: no config. The total's row comes alone when there are no values. */
static wfm_error_t *build_values(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    api_cover_t cover;

    if (summed && api_cover(rq, "start", "end", 0, &cover))
        summed_values(rq, q, &cover);
    else
        scanned_values(rq, q);
    /* COLLATE "C" is the order of code points in UTF-8 */
    wfm_sql_add(q, " SELECT t.total, p.value FROM github_workflow_configs c"
                   " CROSS JOIN (SELECT count(value) AS total FROM v) t"
                   " LEFT JOIN (SELECT value FROM v WHERE value IS NOT NULL"
                   " ORDER BY value COLLATE \"C\" LIMIT ");
    wfm_sql_bind(q, api_bind_int(rq, "limit"), "bigint");
    wfm_sql_add(q, ") p ON true WHERE c.id = $1::bigint ORDER BY p.value COLLATE \"C\"");
    return NULL;
}

static void write_values(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r)
{
    wfm_json_key(j, "dimension");
    wfm_json_string(j, wfm_args_text(&rq->params, "dimension"));
    wfm_json_key(j, "values");
    wfm_json_array(j);
    for (int row = 0; row < wfm_result_rows(r) && wfm_result_get(r, row, 1); row++)
        wfm_json_string_n(j, wfm_result_get(r, row, 1), wfm_result_length(r, row, 1));
    wfm_json_array_end(j);
    wfm_json_key(j, "total");
    api_value(j, API_INT, wfm_result_get(r, 0, 0), wfm_result_length(r, 0, 0));
}

wfm_error_t *api_dimensions_values(wfm_request_t *rq)
{
    return api_answer_config(rq, build_values, write_values);
}

/* ---- GET /configs/:id/dimensions ---- */

/* Most values of one dimension: a drop-down of more is no use, and nothing is unbounded. */
#define MAX_VALUES "10000"

/* A row for each dimension and value, a row with a NULL value for a dimension that has none; alone,
 * a row of NULLs for a config without data. */
static wfm_error_t *build_list(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    api_cover_t cover;

    if (summed && api_cover(rq, "start", "end", 0, &cover)) {
        api_cover_begin(q, api_bind_int(rq, "id"), &cover);
        wfm_sql_add(q, "WITH RECURSIVE ");
        api_add_names(rq, q, "", API_NEXT_NAME);
        wfm_sql_add(q, ", v AS (SELECT key, CASE kind WHEN 'v' THEN value END AS value"
                       " FROM found WHERE kind <> 'm')");
    } else {
        wfm_sql_param(q, api_bind_int(rq, "id"));
        wfm_sql_add(q, "WITH v AS (SELECT DISTINCT d.key, d.value FROM github_workflow_metrics m,"
                       " LATERAL jsonb_each_text(CASE jsonb_typeof(m.dimensions) WHEN 'object'"
                       " THEN m.dimensions ELSE '{}' END) d WHERE m.config_id = $1::bigint");
        WFM_TRY(api_where_metrics(rq, q));
        wfm_sql_add(q, ")");
    }
    wfm_sql_add(q, ", n AS (SELECT key, value, row_number() OVER (PARTITION BY key"
                   " ORDER BY value COLLATE \"C\") AS n FROM v) "
                   "SELECT n.key, n.value FROM github_workflow_configs c"
                   " LEFT JOIN n ON n.n <= " MAX_VALUES " WHERE c.id = $1::bigint"
                   " ORDER BY n.key COLLATE \"C\", n.n");
    return NULL;
}

static int starts_dimension(const wfm_result_t *r, int row)
{
    return row == 0 || strcmp(wfm_result_get(r, row - 1, 0), wfm_result_get(r, row, 0)) != 0;
}

static void write_names(wfm_json_t *j, const wfm_result_t *r)
{
    wfm_json_array(j);
    for (int row = 0; row < wfm_result_rows(r) && wfm_result_get(r, row, 0); row++)
        if (starts_dimension(r, row))
            wfm_json_string(j, wfm_result_get(r, row, 0));
    wfm_json_array_end(j);
}

static void write_map(wfm_json_t *j, const wfm_result_t *r)
{
    int open = 0;

    wfm_json_object(j);
    for (int row = 0; row < wfm_result_rows(r) && wfm_result_get(r, row, 0); row++) {
        if (starts_dimension(r, row)) {
            if (open)
                wfm_json_array_end(j);
            wfm_json_key(j, wfm_result_get(r, row, 0));
            wfm_json_array(j);
            open = 1;
        }
        if (wfm_result_get(r, row, 1))
            wfm_json_string_n(j, wfm_result_get(r, row, 1), wfm_result_length(r, row, 1));
    }
    if (open)
        wfm_json_array_end(j);
    wfm_json_object_end(j);
}

static void write_dimensions(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r)
{
    wfm_json_key(j, "dimensions");
    if (wfm_args_is_set(&rq->params, "schema_id")) /* two pages of the frontend differ */
        write_map(j, r);
    else
        write_names(j, r);
    wfm_json_key(j, "values");
    write_map(j, r);
}

wfm_error_t *api_dimensions_list(wfm_request_t *rq)
{
    return api_answer_config(rq, build_list, write_dimensions);
}
