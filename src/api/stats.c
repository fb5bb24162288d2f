/*
 * stats.c - owns the figures about a config: stats and summary.
 */
#include "../core/text.h"
#include "summaries.h"

#define DIMENSIONS WFM_OBJECT("m.dimensions")
#define METRICS    WFM_OBJECT("m.metrics")
#define NUMBER     WFM_NUMBER("e.value")
#define STDDEV     WFM_STDDEV("f.n", "f.total", "f.squares")

static wfm_error_t *build_stats(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    wfm_sql_fixed(q, wfm_stmt(summed ? WFM_STMT_CONFIG_STATS_SUMMED : WFM_STMT_CONFIG_STATS));
    wfm_sql_param(q, api_bind_int(rq, "id"));
    return NULL;
}

wfm_error_t *api_configs_stats(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_run_summed(rq, build_stats, &result));
    return api_answer_found(rq, result, "config not found");
}

/* ---- summary ---- */

/*
 * WITH items that both ways of a summary end with: c, the config; totals t; statistics f of each
 * metric; number d of values of each dimension.
 */
static void add_scanned(const api_selection_t *s, wfm_sql_t *q)
{
    wfm_sql_param(q, s->id);
    wfm_sql_add(q, "WITH rows AS NOT MATERIALIZED (SELECT m.run_id, m.\"timestamp\", m.source_file,"
                   " " DIMENSIONS " AS dimensions, " METRICS " AS metrics"
                   " FROM github_workflow_metrics m WHERE m.config_id = $1::bigint");
    api_where_metrics(s, q);
    wfm_sql_add(
        q, "), t AS (SELECT count(*) AS records, count(DISTINCT run_id) AS runs,"
           " min(\"timestamp\") FILTER (WHERE " WFM_SQL_TIME_SAYABLE ") AS first,"
           " max(\"timestamp\") FILTER (WHERE " WFM_SQL_TIME_SAYABLE ") AS last,"
           " count(DISTINCT source_file COLLATE \"C\") AS files FROM rows), "
           "sums AS (SELECT key, count(n)::numeric AS n, min(n) AS low, max(n) AS high, sum(n) AS"
           " total, sum(n * n) AS squares FROM (SELECT e.key, " NUMBER " AS n"
           " FROM rows, LATERAL jsonb_each(rows.metrics) e) e GROUP BY key), "
           "d AS (SELECT e.key, count(DISTINCT e.value) AS count FROM rows,"
           " LATERAL jsonb_each_text(rows.dimensions) e GROUP BY e.key)");
}

static void add_instant(const api_selection_t *s, wfm_sql_t *q, const char *order)
{
    wfm_sql_add(q, " (SELECT m.\"timestamp\" FROM github_workflow_metrics m"
                   " WHERE m.config_id = $1::bigint AND " WFM_SQL_TIME_SAYABLE);
    api_where_time(s, q);
    wfm_sql_add(q, " ORDER BY m.\"timestamp\"");
    wfm_sql_add(q, order);
}

/* From the days' summaries, and the rows of the rest. */
static void add_summed(const api_selection_t *s, wfm_sql_t *q, const api_cover_t *cover)
{
    api_cover_begin(q, s->id, cover);
    wfm_sql_add(q, "WITH RECURSIVE ");
    api_add_names(s, q, &api_dimension_names);
    wfm_sql_add(q, ", " API_COVER_UNSUMMED ", "
                   "days AS MATERIALIZED (SELECT m.n, m.runs, m.files FROM wfm_metric_days m"
                   " WHERE ");
    wfm_sql_add(q, API_COVER_SUMMED("m"));
    wfm_sql_add(q, "), rows AS MATERIALIZED (SELECT m.run_id, m.source_file,"
                   " wfm_object(m.metrics) AS metrics FROM " API_COVER_ROWS "), ");
    wfm_sql_add(q, "t AS (SELECT (SELECT coalesce(sum(n), 0) FROM days)"
                   " + (SELECT count(*) FROM rows) AS records,"
                   " (SELECT count(DISTINCT r) FROM (SELECT unnest(runs) AS r FROM days"
                   " UNION ALL SELECT run_id FROM rows) r) AS runs,"
                   " (SELECT count(DISTINCT f COLLATE \"C\") FROM (SELECT unnest(files) AS f"
                   " FROM days UNION ALL SELECT source_file FROM rows) f) AS files,");
    add_instant(s, q, " LIMIT 1) AS first,");
    add_instant(s, q, " DESC LIMIT 1) AS last), ");
    wfm_sql_add(q, "sums AS (SELECT key, sum(n) AS n, min(low) AS low, max(high) AS high,"
                   " sum(total) AS total, sum(squares) AS squares FROM ("
                   "SELECT m.field AS key, sum(m.n) AS n, min(m.low) AS low, max(m.high) AS high,"
                   " sum(m.total) AS total, sum(m.squares) AS squares"
                   " FROM wfm_metric_totals m WHERE ");
    wfm_sql_add(q, API_COVER_SUMMED("m"));
    wfm_sql_add(q, " GROUP BY m.field UNION ALL"
                   " SELECT key, count(n), min(n), max(n), sum(n), sum(n * n)"
                   " FROM (SELECT e.key, " NUMBER " AS n"
                   " FROM rows, LATERAL jsonb_each(rows.metrics) e) e GROUP BY key) s"
                   " GROUP BY key), "
                   "d AS (SELECT key, count(*) FILTER (WHERE kind = 'v') AS count FROM found"
                   " GROUP BY key)");
    q->plan_kept = 1;
}

/* The first names in order of an item with a column key; one too many tells that there are more. */
static void add_first_names(wfm_sql_t *q, const char *item)
{
    wfm_sql_add(q, "(SELECT * FROM ");
    wfm_sql_add(q, item);
    wfm_sql_add(q, " WHERE octet_length(key) <= ");
    wfm_sql_int(q, WFM_NAME_MAX);
    wfm_sql_add(q, " ORDER BY key COLLATE \"C\" LIMIT ");
    wfm_sql_int(q, API_MOST_NAMES + 1);
    wfm_sql_add(q, ")");
}

/*
 * Three kinds of rows: the totals ('a'), each metric's statistics ('m'), each dimension's number of
 * values ('n'). Column 0 is the kind, the rest are the columns above as text.
 */
static wfm_error_t *build_summary(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    api_selection_t s;
    api_cover_t cover;

    WFM_TRY(api_selection_of(rq, &s));
    if (summed && api_cover(rq->pool, &s.range, 0, &cover))
        add_summed(&s, q, &cover);
    else
        add_scanned(&s, q);
    wfm_sql_add(q, ", c AS (SELECT id FROM github_workflow_configs WHERE id = $1::bigint) "
                   "SELECT * FROM ("
                   "SELECT 'a' AS kind, c.id::text AS name, t.records::text, t.runs::text,"
                   " t.first::text, t.last::text,"
                   " COALESCE(trim_scale(extract(epoch FROM t.last - t.first) / 86400), 0)::text, "
                   "t.files::text FROM c, t "
                   "UNION ALL SELECT 'm', f.key, f.n::text, f.low::text, f.high::text,"
                   " trim_scale(f.total / NULLIF(f.n, 0))::text, f.total::text, (" STDDEV
                   ")::text FROM c, ");
    add_first_names(q, "sums");
    wfm_sql_add(q, " f UNION ALL SELECT 'n', d.key, d.count::text, NULL, NULL, NULL, NULL, NULL"
                   " FROM c, ");
    add_first_names(q, "d");
    wfm_sql_add(q, " d) s ORDER BY kind, name COLLATE \"C\"");
    q->max_bytes = API_LIST_BYTES;
    return NULL;
}

/* Writes the result's row, which is of a name, as the name's value. */
typedef void (*write_name_fn)(wfm_json_t *j, const wfm_result_t *r, int row);

static void write_stats(wfm_json_t *j, const wfm_result_t *r, int row)
{
    wfm_json_object(j);
    api_columns(j, r, row, 1, shape_field_stats.columns);
    wfm_json_object_end(j);
}

static void write_count(wfm_json_t *j, const wfm_result_t *r, int row)
{
    api_value(j, API_INT, wfm_result_get(r, row, 2), wfm_result_length(r, row, 2));
}

/* The rows of a kind, which are the result's next, as a map; returns the row behind them. */
static int write_names(wfm_json_t *j, const wfm_result_t *r, int row, char kind,
                       write_name_fn write, int *more)
{
    int n = 0;

    wfm_json_object(j);
    for (; row < wfm_result_rows(r) && *wfm_result_get(r, row, 0) == kind; row++) {
        if (++n > API_MOST_NAMES)
            continue;
        wfm_json_key_n(j, wfm_result_get(r, row, 1), wfm_result_length(r, row, 1));
        write(j, r, row);
    }
    wfm_json_object_end(j);
    *more = *more || n > API_MOST_NAMES;
    return row;
}

static void write_summary(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r)
{
    int row, more = wfm_result_is_cut(r);

    api_columns(j, r, 0, 1, rq->route->answer->row->columns);
    wfm_json_name(j, "metric_stats");
    row = write_names(j, r, 1, 'm', write_stats, &more);
    wfm_json_name(j, "dimension_counts");
    write_names(j, r, row, 'n', write_count, &more);
    wfm_json_name(j, "more");
    wfm_json_bool(j, more);
}

wfm_error_t *api_configs_summary(wfm_request_t *rq)
{
    return api_answer_config(rq, build_summary, write_summary);
}
