/*
 * run_points_sql.c - owns the SQL that makes series of one point a run.
 *
 * One scan of the rows. The result has three kinds of rows, in this order: the schema's fields;
 * each run's instant, id and commit, in the order of time; each series' groups, the ids of its
 * runs, and its values, as arrays in any order. A series' times and commits would be most of the
 * result, and PostgreSQL takes as long to order its points as to read its rows.
 */
#include "run_points_sql.h"
#include <apr_strings.h>

static void each(const api_run_points_t *p, wfm_sql_t *q, const char *group, const char *field)
{
    for (int i = 0; i < p->chart.groups->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, group, i));
    for (int i = 0; i < p->chart.fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, field, i, i));
}

/* FROM item m: the rows, with large values unpacked once. */
static void add_rows(const api_run_points_t *p, wfm_sql_t *q)
{
    const api_selection_t *s = &p->chart.selection;

    wfm_sql_add(q, "(SELECT m.run_id, m.\"timestamp\" AS at, m.dimensions || '{}'::jsonb AS"
                   " dimensions, " WFM_METRICS_UNPACKED
                   " FROM github_workflow_metrics m WHERE m.config_id = ");
    wfm_sql_bind(q, s->id, "bigint");
    api_where_metrics(s, q);
    wfm_sql_add(q, " AND " WFM_SQL_TIME_SAYABLE);
    if (p->head_branch) {
        wfm_sql_add(q, " AND EXISTS (SELECT FROM github_workflow_runs w WHERE w.id = m.run_id");
        wfm_sql_and(q, "w.head_branch =", p->head_branch, "text");
        wfm_sql_add(q, ")");
    }
    wfm_sql_add(q, " OFFSET 0) m");
}

/* FROM item m: what each row has of groups and fields. A value is looked for once, whatever is made
 * of it. */
static void add_values(const api_run_points_t *p, wfm_sql_t *q)
{
    const api_chart_t *c = &p->chart;

    wfm_sql_add(q, "(SELECT m.run_id, m.at");
    for (int i = 0; i < c->groups->nelts; i++) {
        wfm_sql_add(q, ", (m.dimensions ->> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(c->groups, i, const char *), "text");
        wfm_sql_add(q, apr_psprintf(q->pool, ") COLLATE \"C\" AS g%d", i));
    }
    for (int i = 0; i < c->fields->nelts; i++) {
        wfm_sql_add(q, ", m.metrics -> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(c->fields, i, const char *), "text");
        wfm_sql_add(q, apr_psprintf(q->pool, " AS v%d", i));
    }
    wfm_sql_add(q, " FROM ");
    add_rows(p, q);
    wfm_sql_add(q, " OFFSET 0) m");
}

/* WITH item found: each run's means, by groups. */
static void add_found(const api_run_points_t *p, wfm_sql_t *q)
{
    const api_chart_t *c = &p->chart;

    wfm_sql_add(q, "WITH found AS MATERIALIZED (SELECT run_id, min(at) AS at");
    each(p, q, ", g%d", ", trim_scale(avg(n%d)) AS a%d");
    wfm_sql_add(q, " FROM (SELECT run_id, at");
    api_chart_groups(c, q);
    for (int i = 0; i < c->fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, ", " WFM_NUMBER("v%d") " AS n%d", i, i, i, i));
    wfm_sql_add(q, " FROM ");
    add_values(p, q);
    wfm_sql_add(q, " OFFSET 0) m WHERE coalesce(n0");
    for (int i = 1; i < c->fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, ", n%d", i));
    wfm_sql_add(q, ") IS NOT NULL GROUP BY run_id");
    api_chart_groups(c, q);
    wfm_sql_add(q, ")");
}

static void add_schema(const api_run_points_t *p, wfm_sql_t *q)
{
    const api_selection_t *s = &p->chart.selection;

    wfm_sql_add(q, "SELECT 0 AS kind, NULL::timestamptz AS at, NULL::bigint AS id,"
                   " (SELECT CASE WHEN octet_length(f.t) <= 1048576 THEN f.t END FROM"
                   " (SELECT fields::text AS t FROM github_workflow_metric_schemas"
                   " WHERE config_id = ");
    wfm_sql_bind(q, s->id, "bigint");
    if (s->schema_id)
        wfm_sql_and(q, "id =", s->schema_id, "bigint");
    else
        wfm_sql_add(q, " AND is_active");
    wfm_sql_add(q, " ORDER BY version DESC LIMIT 1) f) AS text");
    each(p, q, ", NULL::text AS g%d", ", NULL::text AS a%d");
    wfm_sql_add(q, ", false AS too_long");
}

static void add_runs(const api_run_points_t *p, wfm_sql_t *q)
{
    wfm_sql_add(q, "SELECT 1, f.at, f.run_id, w.head_sha");
    each(p, q, ", NULL", ", NULL");
    wfm_sql_add(q, ", false FROM (SELECT run_id, min(at) AS at FROM found GROUP BY run_id) f"
                   " LEFT JOIN github_workflow_runs w ON w.id = f.run_id");
}

static void add_series(const api_run_points_t *p, wfm_sql_t *q)
{
    wfm_sql_add(q, "SELECT 2, NULL, NULL, ids");
    each(p, q, ", CASE WHEN NOT too_long THEN g%d END", ", a%d");
    wfm_sql_add(q, ", too_long FROM (SELECT array_agg(run_id)::text AS ids");
    each(p, q, ", g%d", ", array_agg(a%d)::text AS a%d");
    api_chart_too_long(&p->chart, q);
    wfm_sql_add(q, " FROM found");
    for (int i = 0; i < p->chart.groups->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, i ? ", g%d" : " GROUP BY g%d", i));
    wfm_sql_add(q, " HAVING count(*) > 0) s"); /* without groups there is a row of nothing */
}

void api_run_points_sql(const api_run_points_t *p, wfm_sql_t *q)
{
    add_found(p, q);
    wfm_sql_add(q, " SELECT kind, at, id, text");
    each(p, q, ", g%d", ", a%d");
    wfm_sql_add(q, ", too_long FROM (");
    add_schema(p, q);
    wfm_sql_add(q, " UNION ALL ");
    add_runs(p, q);
    wfm_sql_add(q, " UNION ALL ");
    add_series(p, q);
    wfm_sql_add(q, ") u ORDER BY kind, at, id");
    for (int i = 0; i < p->chart.groups->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, ", g%d COLLATE \"C\"", i));
    wfm_sql_add(q, " LIMIT ");
    wfm_sql_int(q, API_RUN_POINTS_ROWS + 2);
    q->max_bytes = API_RUN_POINTS_MIB * 1024 * 1024;
    q->plan_anew = 1; /* the range decides about it */
}
