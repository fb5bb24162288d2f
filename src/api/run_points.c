/*
 * run_points.c - owns the SQL that makes series of one point a run.
 *
 * One scan of the rows. The result has three kinds of rows, in this order: the schema's fields;
 * each run's instant, id and commit, in the order of time; each series' groups, the ids of its
 * runs, and its values, as arrays in any order. A series' times and commits would be most of the
 * result, and PostgreSQL takes as long to order its points as to read its rows.
 */
#include "run_points.h"
#include "../core/etag.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* Most rows of the result, runs and series together, most series, by all fields, and most bytes:
 * with what it takes to look at them this must stay below 32 MB. */
#define MAX_ROWS   75000
#define MAX_SERIES 100000
#define MAX_MIB    12

enum { KIND, INSTANT, RUN_ID, SHA, FIELDS = SHA, IDS = SHA };

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

static void build(const api_run_points_t *p, wfm_sql_t *q)
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
    wfm_sql_int(q, MAX_ROWS + 2);
    q->max_bytes = MAX_MIB * 1024 * 1024;
    q->plan_anew = 1; /* the range decides about it */
}

static wfm_error_t *too_much(const api_run_points_t *p, int most, const char *of)
{
    return wfm_error_make(p->chart.rq->pool, WFM_BAD_REQUEST,
                          "there would be more than %d %s to look at: %s", most, of, p->narrow);
}

typedef struct api_run_number_t {
    apr_int64_t id;
    int number;
} run_number_t;

static int compare_ids(const void *a, const void *b)
{
    apr_int64_t x = ((const run_number_t *)a)->id, y = ((const run_number_t *)b)->id;

    return x < y ? -1 : x > y;
}

/* A run's row is its number: the first row is the schema's. */
static void number_runs(api_run_points_t *p)
{
    p->numbers = apr_palloc(p->chart.rq->pool, ((apr_size_t)p->runs + 1) * sizeof *p->numbers);
    for (int i = 0; i < p->runs; i++)
        p->numbers[i] = (run_number_t){apr_atoi64(wfm_result_get(p->r, i + 1, RUN_ID)), i + 1};
    qsort(p->numbers, (size_t)p->runs, sizeof *p->numbers, compare_ids);
}

wfm_error_t *api_run_points_read(api_run_points_t *p)
{
    wfm_request_t *rq = p->chart.rq;
    wfm_result_t *r;
    wfm_sql_t q;

    wfm_sql_init(&q, rq->pool);
    build(p, &q);
    WFM_TRY(api_run(rq, &q, &r));
    p->r = r;
    if (wfm_result_rows(r) > MAX_ROWS + 1)
        return too_much(p, MAX_ROWS, "runs and series");
    if (wfm_result_is_cut(r))
        return too_much(p, MAX_MIB, "MiB of points");
    WFM_TRY(api_chart_check_groups(rq, r));
    for (p->series = 1;
         p->series < wfm_result_rows(r) && *wfm_result_get(r, p->series, KIND) == '1';)
        p->series++;
    p->runs = p->series - 1;
    if ((apr_int64_t)(wfm_result_rows(r) - p->series) * p->chart.fields->nelts > MAX_SERIES)
        return too_much(p, MAX_SERIES, "series");
    number_runs(p);
    return NULL;
}

/* ---- what there is ---- */

const char *api_run_points_fields(const api_run_points_t *p, apr_size_t *len)
{
    *len = wfm_result_length(p->r, 0, FIELDS);
    return wfm_result_get(p->r, 0, FIELDS);
}

int api_run_points_end(const api_run_points_t *p)
{
    return wfm_result_rows(p->r);
}

int api_run_points_number(const api_run_points_t *p, apr_int64_t id)
{
    const run_number_t key = {id, 0};
    const run_number_t *found =
        bsearch(&key, p->numbers, (size_t)p->runs, sizeof *p->numbers, compare_ids);

    return found ? found->number : 0;
}

static int compare_runs(const void *a, const void *b)
{
    return ((const api_run_point_t *)a)->run - ((const api_run_point_t *)b)->run;
}

int api_run_points_of(const api_run_points_t *p, int row, int field, api_run_point_t *points)
{
    const char *id = wfm_result_get(p->r, row, IDS) + 1;
    const char *value =
        wfm_result_get(p->r, row, API_RUN_POINTS_GROUPS + p->chart.groups->nelts + field) + 1;
    int n = 0;

    /* "{11,12,17}" and "{157.3,NULL,160}", of the same length */
    for (;; id++, value++) {
        apr_size_t len = strcspn(value, ",}");

        if (*value != 'N')
            points[n++] = (api_run_point_t){api_run_points_number(p, apr_atoi64(id)), value, len};
        id += strcspn(id, ",}");
        value += len;
        if (*id != ',' || *value != ',')
            break;
    }
    qsort(points, (size_t)n, sizeof *points, compare_runs);
    return n;
}

int api_run_points_since(const api_run_points_t *p, wfm_time_t t)
{
    int first = 1, last = p->runs + 1; /* it is one of these */

    while (first < last) {
        int middle = first + (last - first) / 2;
        wfm_time_t at = 0;

        api_run_points_instant(p, middle, &at);
        if (at < t)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

const char *api_run_points_value(const api_run_points_t *p, int row, int group)
{
    return wfm_result_get(p->r, row, API_RUN_POINTS_GROUPS + group);
}

apr_uint64_t api_run_points_series(const api_run_points_t *p, int row)
{
    apr_uint64_t digest = 0;

    for (int i = 0; i < p->chart.groups->nelts; i++)
        digest = api_run_points_mix(digest, api_run_points_value(p, row, i));
    return digest;
}

apr_uint64_t api_run_points_mix(apr_uint64_t digest, const char *text)
{
    const apr_uint64_t both[2] = {digest, text ? wfm_etag_digest(text, strlen(text)) : 0};

    return wfm_etag_digest(both, sizeof both);
}

static void write_value(const api_run_points_t *p, wfm_json_t *j, int run, int column,
                        api_kind_e kind)
{
    api_value(j, kind, wfm_result_get(p->r, run, column), wfm_result_length(p->r, run, column));
}

int api_run_points_instant(const api_run_points_t *p, int run, wfm_time_t *t)
{
    return wfm_time_parse_pg(wfm_result_get(p->r, run, INSTANT),
                             wfm_result_length(p->r, run, INSTANT), t);
}

const char *api_run_points_instant_text(const api_run_points_t *p, int run)
{
    return wfm_result_get(p->r, run, INSTANT);
}

apr_int64_t api_run_points_id(const api_run_points_t *p, int run)
{
    return apr_atoi64(wfm_result_get(p->r, run, RUN_ID));
}

void api_run_points_run(const api_run_points_t *p, wfm_json_t *j, int run)
{
    wfm_json_key(j, "timestamp");
    write_value(p, j, run, INSTANT, API_TIME);
    wfm_json_key(j, "run_id");
    write_value(p, j, run, RUN_ID, API_INT);
    wfm_json_key(j, "head_sha");
    write_value(p, j, run, SHA, API_TEXT);
}

void api_run_points_previous(const api_run_points_t *p, wfm_json_t *j, int run)
{
    wfm_json_key(j, "previous_run_id");
    write_value(p, j, run, RUN_ID, API_INT);
    wfm_json_key(j, "previous_head_sha");
    write_value(p, j, run, SHA, API_TEXT);
}
