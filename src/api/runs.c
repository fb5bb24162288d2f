/*
 * runs.c - owns the endpoints of runs.
 */
#include "summaries.h"
#include <apr_strings.h>
#include <string.h>

enum { COLUMN_STATUS = 12 };

/* Of an error message a list has no more than what may fill its 4096 bytes. */
#define SELECTED WFM_SQL_RUN_COLUMNS ", left(r.error_message, 4096), " WFM_SQL_RUN_COLUMNS_REST

static wfm_error_t *open_page(wfm_request_t *rq, api_page_t *page)
{
    *page = (api_page_t){.table = "github_workflow_runs r",
                         .alias = "r",
                         .select = SELECTED,
                         .joins = "LEFT JOIN github_workflow_configs c ON c.id ="
                                  " r.config_id " WFM_SQL_NEWER_RUN " ",
                         .id_descending = 1};
    return api_page_open(rq, page);
}

/* The config that the list is restricted to, or NULL. */
static const char *config_of(wfm_request_t *rq)
{
    return api_find(rq, "id") ? api_bind_int(rq, "id") : api_bind_given_int(rq, "config_id");
}

/* The conditions on runs r from every input but the dates; may the summaries count them? */
static const char *named(wfm_request_t *rq, wfm_sql_t *q, int config, int *counted)
{
    wfm_sql_t where;

    wfm_sql_init(&where, rq->pool);
    where.params = q->params;
    if (config) {
        wfm_sql_add(&where, " AND r.config_id = ");
        wfm_sql_ref(&where, config, "bigint");
    }
    if (api_find(rq, "id"))
        api_where_exists(&where, API_OF_CONFIG, api_bind_int(rq, "id"));
    *counted = api_where_runs(rq, &where);
    return wfm_sql_stmt(&where).sql;
}

/* Runs of an edge; those to be taken away say nothing about the ids of the rest. */
static void add_edge(wfm_sql_t *q, const api_cover_t *cover, int i, const char *conditions)
{
    if (!cover->edges[i][0])
        return;
    wfm_sql_add(q, cover->minus[i] ? " UNION ALL SELECT -count(*), NULL, NULL"
                                   : " UNION ALL SELECT count(*), min(r.id), max(r.id)");
    wfm_sql_add(q, " FROM github_workflow_runs r WHERE true");
    wfm_sql_and(q, "r.created_at >=", cover->edges[i][0], "timestamptz");
    wfm_sql_and(q, "r.created_at <=", cover->edges[i][1], "timestamptz");
    wfm_sql_add(q, conditions);
}

/* Of days that are not clean, what was counted is taken away, and the runs are counted. */
static void add_unclean(wfm_sql_t *q, const char *days, const char *conditions)
{
    wfm_sql_add(q, " UNION ALL SELECT -r.n, NULL, NULL FROM wfm_run_counts r WHERE r.level = 0"
                   " AND (r.config_id, r.day) IN (SELECT config_id, day FROM u)");
    wfm_sql_add(q, days);
    wfm_sql_add(q, conditions);
    wfm_sql_add(q, " UNION ALL SELECT count(*), min(r.id), max(r.id) FROM (SELECT DISTINCT day"
                   " FROM u) days CROSS JOIN LATERAL (SELECT * FROM github_workflow_runs r"
                   " WHERE r.created_at >= days.day AND r.created_at <= wfm_day_end(days.day)"
                   " OFFSET 0) r WHERE (coalesce(r.config_id, 0), days.day) IN"
                   " (SELECT config_id, day FROM u)");
    wfm_sql_add(q, conditions);
}

/*
 * The count from the summaries, see wfm_run_counts: of the level that tells apart no more than it
 * must. Bounds of ids may be those of runs that no longer match. What a
 * request does not ask for is left out: planning it would take longer than running it.
 */
static const char *count_summed(wfm_request_t *rq, wfm_sql_t *params, const api_cover_t *cover,
                                int config, const char *conditions)
{
    int by_day = strcmp(cover->from, "-infinity") != 0 || strcmp(cover->to, "infinity") != 0;
    const char *days = "";
    wfm_sql_t q;

    wfm_sql_init(&q, rq->pool);
    q.params = params->params;
    if (by_day) {
        int from = wfm_sql_param(&q, cover->from), to = wfm_sql_param(&q, cover->to);

        days = apr_psprintf(
            rq->pool, " AND r.day >= $%d::timestamptz AND r.day <= $%d::timestamptz", from, to);
    }
    wfm_sql_add(&q, "WITH u AS MATERIALIZED (SELECT config_id, day FROM wfm_unclean('r', ");
    if (config)
        wfm_sql_ref(&q, config, "bigint");
    else
        wfm_sql_add(&q, "NULL");
    wfm_sql_add(&q, ") r WHERE true");
    wfm_sql_add(&q, days);
    wfm_sql_add(&q, ") SELECT coalesce(sum(k.n), 0)::bigint AS total, min(k.low_id) AS lowest,"
                    " max(k.high_id) AS highest FROM (SELECT r.n, r.low_id, r.high_id"
                    " FROM wfm_run_counts r WHERE r.level = ");
    wfm_sql_int(&q, by_day ? (config ? 0 : 1) : (config ? 2 : 3));
    wfm_sql_add(&q, config ? "" : " AND r.config_id = 0");
    wfm_sql_add(&q, days);
    wfm_sql_add(&q, conditions);
    add_unclean(&q, days, conditions);
    add_edge(&q, cover, 0, conditions);
    add_edge(&q, cover, 1, conditions);
    wfm_sql_add(&q, ") k");
    return wfm_sql_stmt(&q).sql;
}

static wfm_error_t *build_list(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    int config = config_of(rq) ? wfm_sql_param(q, config_of(rq)) : 0;
    int counted;
    const char *conditions = named(rq, q, config, &counted), *count = NULL;
    api_range_t range = api_range(rq, "start_date", "end_date");
    api_cover_t cover;
    api_page_t page;
    wfm_sql_t where;

    WFM_TRY(open_page(rq, &page));
    page.plan_anew = config != 0; /* one config has most of the runs, another one few */
    if (summed && counted && !page.after && api_cover(rq->pool, &range, API_COVER_SUBTRACT, &cover))
        count = count_summed(rq, q, &cover, config, conditions);
    wfm_sql_init(&where, rq->pool);
    where.params = q->params;
    wfm_sql_add(&where, conditions);
    wfm_sql_and(&where, "r.created_at >=", api_bind_time(rq, "start_date"), "timestamptz");
    wfm_sql_and(&where, "r.created_at <=", api_bind_time(rq, "end_date"), "timestamptz");
    if (!count)
        count = api_page_count(rq, &page, wfm_sql_stmt(&where).sql);
    api_page_statement(rq, &page, count, wfm_sql_stmt(&where).sql, q);
    return NULL;
}

wfm_error_t *api_runs_list(wfm_request_t *rq)
{
    wfm_result_t *result;
    api_page_t page;

    WFM_TRY(open_page(rq, &page));
    WFM_TRY(api_check_runs(rq));
    WFM_TRY(api_run_summed(rq, build_list, &result));
    return api_answer_page(rq, &page, result);
}

wfm_error_t *api_runs_list_config(wfm_request_t *rq)
{
    wfm_result_t *result;
    api_page_t page;

    WFM_TRY(open_page(rq, &page));
    WFM_TRY(api_check_runs(rq));
    WFM_TRY(api_run_summed(rq, build_list, &result));
    if (api_page_is_empty(result))
        WFM_TRY(api_require_config(rq));
    return api_answer_page(rq, &page, result);
}

wfm_error_t *api_runs_get(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_RUN_GET, &result, api_bind_int(rq, "id")));
    return api_answer_versioned(rq, result, "run not found");
}

static wfm_error_t *not_failed(wfm_request_t *rq)
{
    return wfm_error_make(rq->pool, WFM_BAD_REQUEST, "only failed runs can be retried");
}

/* A retry has nothing that a tag could name. What else is wrong with it is said first. */
static wfm_error_t *refuse_retry(wfm_request_t *rq, const char *id)
{
    wfm_result_t *run;

    WFM_TRY(api_query(rq, WFM_STMT_RUN_GET, &run, id));
    if (!wfm_result_rows(run))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "run not found");
    return strcmp(wfm_result_get(run, 0, COLUMN_STATUS), "failed") ? not_failed(rq)
                                                                   : api_unmatched(rq);
}

wfm_error_t *api_runs_retry(wfm_request_t *rq)
{
    const char *id = api_bind_int(rq, "id");
    wfm_result_t *result;
    wfm_json_t j;

    if (api_names_tags(rq))
        return refuse_retry(rq, id);
    WFM_TRY(api_query(rq, WFM_STMT_RUN_RETRY, &result, id));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "run not found");
    if (*wfm_result_get(result, 0, 0) != 't')
        return not_failed(rq);
    api_begin(rq, &j);
    wfm_json_name(&j, "message");
    wfm_json_string(&j, "Run reset to pending");
    wfm_json_name(&j, "run_id");
    api_value(&j, API_INT, wfm_result_get(result, 0, 1), wfm_result_length(result, 0, 1));
    wfm_json_name(&j, "previous_status");
    wfm_json_string(&j, "failed");
    wfm_json_name(&j, "new_status");
    wfm_json_string(&j, "pending");
    api_end(&j);
    return NULL;
}

static const char *batch_message(const wfm_result_t *counts)
{
    if (*wfm_result_get(counts, 0, 2) == '0')
        return "No failed runs to retry";
    return *wfm_result_get(counts, 0, 0) == '0' ? "Every failed run is in use"
                                                : "Failed runs reset to pending";
}

wfm_error_t *api_runs_batch_retry(wfm_request_t *rq)
{
    wfm_result_t *result;
    wfm_json_t j;

    WFM_TRY(api_query(rq, WFM_STMT_RUN_BATCH_RETRY, &result, api_bind_int(rq, "id")));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    api_begin(rq, &j);
    wfm_json_name(&j, "message");
    wfm_json_string(&j, batch_message(result));
    api_columns(&j, result, 0, 0, rq->route->answer->row->columns);
    api_end(&j);
    return NULL;
}
