/*
 * run_points_sql.c - owns the SQL that makes series of one point a run.
 *
 * One scan of the rows, and no order: PostgreSQL takes as long to order the points as to read their
 * rows, and a series' times and commits would be most of the result. Where a run may have several
 * rows of a series they are grouped by run and series, which needs little memory (what is too much
 * goes to disk), and what that makes by series. Where each has one, as nearly everywhere, the rows
 * are grouped once: half the time, but their values are in memory, so that there is a bound.
 */
#include "run_points_sql.h"
#include <apr_strings.h>

/* Most numbers (and runs, and instants) in memory where rows are grouped once; each takes some 24
 * bytes, if it has not hundreds of digits. */
#define MAX_NUMBERS 1000000

/* Of so many rows of the newest run it is asked whether each is of another series. */
#define MAX_LOOKED_AT 5000

static void each(const api_run_points_t *p, wfm_sql_t *q, const char *group, const char *field)
{
    for (int i = 0; i < p->chart.groups->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, group, i, i));
    for (int i = 0; i < p->chart.fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, field, i, i));
}

static void add_branch(const api_run_points_t *p, wfm_sql_t *q)
{
    if (!p->head_branch)
        return;
    wfm_sql_add(q, " AND EXISTS (SELECT FROM github_workflow_runs w WHERE w.id = m.run_id");
    wfm_sql_and(q, "w.head_branch =", p->head_branch, "text");
    wfm_sql_add(q, ")");
}

/* Of the newest run only, whatever its branch. */
static void add_newest(const api_run_points_t *p, wfm_sql_t *q)
{
    wfm_sql_add(q, " AND m.run_id = (SELECT m.run_id FROM github_workflow_metrics m WHERE"
                   " m.config_id = ");
    wfm_sql_bind(q, p->chart.selection.id, "bigint");
    api_where_time(&p->chart.selection, q);
    wfm_sql_add(q, " ORDER BY m.\"timestamp\" DESC LIMIT 1)");
}

typedef void narrow_fn(const api_run_points_t *p, wfm_sql_t *q);

/* FROM item m: the rows, with large values unpacked once. */
static void add_rows(const api_run_points_t *p, narrow_fn *narrow, wfm_sql_t *q)
{
    const api_selection_t *s = &p->chart.selection;

    wfm_sql_add(q, "(SELECT m.run_id, m.\"timestamp\" AS at, m.dimensions || '{}'::jsonb AS"
                   " dimensions, " WFM_METRICS_UNPACKED
                   " FROM github_workflow_metrics m WHERE m.config_id = ");
    wfm_sql_bind(q, s->id, "bigint");
    api_where_metrics(s, q);
    wfm_sql_add(q, " AND " WFM_SQL_TIME_SAYABLE);
    narrow(p, q);
    wfm_sql_add(q, " OFFSET 0) m");
}

/* FROM item m: what each row has of groups and fields. A value is looked for once, whatever is made
 * of it. */
static void add_values(const api_run_points_t *p, narrow_fn *narrow, wfm_sql_t *q)
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
    add_rows(p, narrow, q);
    wfm_sql_add(q, " OFFSET 0) m");
}

/* FROM item m: of the rows that have any number of the fields the groups, as one value, and the
 * numbers. */
static void add_numbers(const api_run_points_t *p, narrow_fn *narrow, wfm_sql_t *q)
{
    const api_chart_t *c = &p->chart;

    wfm_sql_add(q, "(SELECT run_id, at, ARRAY[");
    for (int i = 0; i < c->groups->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, i ? ", g%d" : "g%d", i));
    wfm_sql_add(q, "]::text[] AS groups");
    each(p, q, "", ", n%d");
    wfm_sql_add(q, " FROM (SELECT run_id, at");
    api_chart_groups(c, q);
    for (int i = 0; i < c->fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, ", " WFM_NUMBER("v%d") " AS n%d", i, i, i, i));
    wfm_sql_add(q, " FROM ");
    add_values(p, narrow, q);
    wfm_sql_add(q, " OFFSET 0) m WHERE coalesce(");
    for (int i = 0; i < c->fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, i ? ", n%d" : "n%d", i));
    wfm_sql_add(q, ") IS NOT NULL) m");
}

/* WITH item found: the means of each run and series; grouped once: each series' runs, their
 * instants, and values. */
static void add_found(const api_run_points_t *p, int once, wfm_sql_t *q)
{
    wfm_sql_add(q, "WITH found AS MATERIALIZED (SELECT groups");
    wfm_sql_add(q, once ? ", array_agg(run_id) AS ids, array_agg(at) AS ats"
                        : ", run_id, min(at) AS at");
    each(p, q, "", once ? ", array_agg(trim_scale(n%d)) AS a%d" : ", trim_scale(avg(n%d)) AS a%d");
    wfm_sql_add(q, " FROM ");
    add_numbers(p, add_branch, q);
    wfm_sql_add(q, once ? " GROUP BY groups)" : " GROUP BY groups, run_id)");
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

static void add_runs(const api_run_points_t *p, int once, wfm_sql_t *q)
{
    wfm_sql_add(q, "SELECT 1, f.at, f.run_id, w.head_sha");
    each(p, q, ", NULL", ", NULL");
    wfm_sql_add(q, ", false FROM (SELECT run_id, min(at) AS at FROM ");
    wfm_sql_add(q,
                once ? "(SELECT unnest(ids) AS run_id, unnest(ats) AS at FROM found) f" : "found");
    wfm_sql_add(q, " GROUP BY run_id) f LEFT JOIN github_workflow_runs w ON w.id = f.run_id");
}

static void add_series(const api_run_points_t *p, int once, wfm_sql_t *q)
{
    wfm_sql_add(q, "SELECT 2, NULL, NULL, ids");
    each(p, q, ", CASE WHEN NOT too_long THEN g%d END", ", a%d");
    wfm_sql_add(q, ", too_long FROM (SELECT *");
    api_chart_too_long(&p->chart, q);
    wfm_sql_add(q, once ? " FROM (SELECT ids::text AS ids"
                        : " FROM (SELECT array_agg(run_id)::text AS ids");
    each(p, q, ", groups[%d + 1] AS g%d",
         once ? ", a%d::text AS a%d" : ", array_agg(a%d)::text AS a%d");
    wfm_sql_add(q, once ? " FROM found) s) s" : " FROM found GROUP BY groups) s) s");
}

void api_run_points_sql(const api_run_points_t *p, int once, wfm_sql_t *q)
{
    add_found(p, once, q);
    wfm_sql_add(q, " SELECT kind, at, id, text");
    each(p, q, ", g%d", ", a%d");
    wfm_sql_add(q, ", too_long FROM (");
    add_schema(p, q);
    wfm_sql_add(q, " UNION ALL ");
    add_runs(p, once, q);
    wfm_sql_add(q, " UNION ALL ");
    add_series(p, once, q);
    wfm_sql_add(q, ") u ORDER BY kind, at, id");
    for (int i = 0; i < p->chart.groups->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, ", g%d COLLATE \"C\"", i));
    wfm_sql_add(q, " LIMIT ");
    wfm_sql_int(q, API_RUN_POINTS_ROWS + 2);
    q->max_bytes = API_RUN_POINTS_MIB * 1024 * 1024;
    q->plan_anew = 1; /* the range decides about it */
}

/* A condition: the config has no more rows in the range than can be grouped once. */
static void add_fits(const api_run_points_t *p, wfm_sql_t *q)
{
    int most = MAX_NUMBERS / (p->chart.fields->nelts + 2);

    wfm_sql_add(q, "(SELECT count(*) FROM (SELECT FROM github_workflow_metrics m"
                   " WHERE m.config_id = ");
    wfm_sql_bind(q, p->chart.selection.id, "bigint");
    api_where_time(&p->chart.selection, q);
    wfm_sql_add(q, " LIMIT ");
    wfm_sql_int(q, most + 1);
    wfm_sql_add(q, ") m) <= ");
    wfm_sql_int(q, most);
}

void api_run_points_newest_sql(const api_run_points_t *p, wfm_sql_t *q)
{
    wfm_sql_add(q, "SELECT CASE WHEN 0 < count(*) AND count(*) = count(DISTINCT groups) THEN ");
    add_fits(p, q);
    wfm_sql_add(q, " ELSE false END FROM (SELECT groups FROM ");
    add_numbers(p, add_newest, q);
    wfm_sql_add(q, " LIMIT ");
    wfm_sql_int(q, MAX_LOOKED_AT);
    wfm_sql_add(q, ") m");
    q->plan_anew = 1;
}
