/*
 * stats.c - owns the figures about a config: stats and summary.
 */
#include "api.h"

wfm_error_t *api_configs_stats(wfm_request_t *rq)
{
    static const api_column_t columns[] = {
        {"config_id", API_INT},        {"config_name", API_TEXT},
        {"enabled", API_BOOL},         {"pending_runs", API_INT},
        {"completed_runs", API_INT},   {"failed_runs", API_INT},
        {"total_metrics", API_INT},    {"active_schema_id", API_INT},
        {"last_checked_at", API_TIME}, {NULL, 0},
    };
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_CONFIG_STATS, &result, api_bind_int(rq, "id")));
    return api_answer_found(rq, result, columns, "config not found");
}

/* ---- summary ---- */

static const api_column_t totals[] = {
    {"config_id", API_INT},           {"total_records", API_INT},
    {"total_runs", API_INT},          {"first_timestamp", API_TIME},
    {"last_timestamp", API_TIME},     {"time_range_days", API_INT},
    {"unique_source_files", API_INT}, {NULL, 0},
};

static const api_column_t field_stats[] = {
    {"field", API_TEXT}, {"count", API_INT}, {"min", API_INT},     {"max", API_INT},
    {"avg", API_INT},    {"sum", API_INT},   {"std_dev", API_INT}, {NULL, 0},
};

/*
 * Three kinds of rows: the totals ('a'), each metric's statistics ('m'), each dimension's number of
 * values ('n'). Column 0 is the kind, the rest are the columns above as text.
 */
static wfm_error_t *summary_statement(wfm_request_t *rq, wfm_sql_t *q)
{
    int id;

    wfm_sql_init(q, rq->pool);
    wfm_sql_add(q, "WITH c AS (SELECT id FROM github_workflow_configs WHERE id = ");
    id = wfm_sql_bind(q, api_bind_int(rq, "id"), "bigint");
    wfm_sql_add(q, "), rows AS NOT MATERIALIZED (SELECT m.run_id, m.\"timestamp\", m.source_file,"
                   " CASE jsonb_typeof(m.dimensions) WHEN 'object' THEN m.dimensions ELSE '{}' END"
                   " AS dimensions,"
                   " CASE jsonb_typeof(m.metrics) WHEN 'object' THEN m.metrics ELSE '{}' END"
                   " AS metrics FROM github_workflow_metrics m WHERE m.config_id = ");
    wfm_sql_ref(q, id, "bigint");
    WFM_TRY(api_where_metrics(rq, q));
    wfm_sql_add(
        q,
        "), numbers AS (SELECT e.key, CASE jsonb_typeof(e.value) WHEN 'number'"
        " THEN CASE WHEN abs(e.value::numeric) < " WFM_NUMBER_BOUND
        " THEN e.value::numeric END END AS n FROM rows, LATERAL jsonb_each(rows.metrics) e) "
        "SELECT * FROM ("
        "SELECT 'a' AS kind, c.id::text AS name, t.records::text, t.runs::text,"
        " t.first::text, t.last::text,"
        " COALESCE(trim_scale(extract(epoch FROM t.last - t.first) / 86400), 0)::text, "
        "t.files::text FROM c,"
        " (SELECT count(*) AS records, count(DISTINCT run_id) AS runs,"
        " min(\"timestamp\") FILTER (WHERE " WFM_TIME_SAYABLE ") AS first,"
        " max(\"timestamp\") FILTER (WHERE " WFM_TIME_SAYABLE ") AS last,"
        " count(DISTINCT source_file) AS files FROM rows) t "
        "UNION ALL SELECT 'm', f.key, f.count::text, f.min::text, f.max::text, f.avg::text,"
        " f.sum::text, f.std_dev::text FROM c, (SELECT key, count(n) AS count, min(n) AS min,"
        " max(n) AS max, trim_scale(avg(n)) AS avg, sum(n) AS sum, trim_scale(stddev_samp(n)) AS "
        "std_dev"
        " FROM numbers GROUP BY key) f "
        "UNION ALL SELECT 'n', d.key, d.count::text, NULL, NULL, NULL, NULL, NULL FROM c,"
        " (SELECT e.key, count(DISTINCT e.value) AS count FROM rows,"
        " LATERAL jsonb_each_text(rows.dimensions) e GROUP BY e.key) d"
        ") s ORDER BY kind, name COLLATE \"C\"");
    return NULL;
}

static void write_summary(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *r)
{
    int row = 1, rows = wfm_result_rows(r);

    (void)rq;
    api_columns(j, r, 0, 1, totals);
    wfm_json_key(j, "metric_stats");
    wfm_json_object(j);
    for (; row < rows && *wfm_result_get(r, row, 0) == 'm'; row++) {
        wfm_json_key(j, wfm_result_get(r, row, 1));
        wfm_json_object(j);
        api_columns(j, r, row, 1, field_stats);
        wfm_json_object_end(j);
    }
    wfm_json_object_end(j);
    wfm_json_key(j, "dimension_counts");
    wfm_json_object(j);
    for (; row < rows; row++) {
        wfm_json_key(j, wfm_result_get(r, row, 1));
        api_value(j, API_INT, wfm_result_get(r, row, 2), wfm_result_length(r, row, 2));
    }
    wfm_json_object_end(j);
}

wfm_error_t *api_configs_summary(wfm_request_t *rq)
{
    wfm_sql_t q;

    WFM_TRY(summary_statement(rq, &q));
    return api_answer_config(rq, &q, write_summary);
}
