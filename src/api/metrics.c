/*
 * metrics.c - owns the endpoints that list metric rows.
 */
#include "summaries.h"
#include <apr_strings.h>
#include <string.h>

#define SELECT(raw_data)                                                                           \
    "m.id, m.config_id, m.run_id, m.schema_id, m.\"timestamp\", m.source_file, " WFM_FIELD(        \
        "x.dimensions") ", " WFM_FIELD("x.metrics") raw_data ", m.created_at"
#define TEXTS(raw_data)                                                                            \
    " CROSS JOIN LATERAL (SELECT m.dimensions::text AS dimensions,"                                \
    " m.metrics::text AS metrics" raw_data " OFFSET 0) x"

/* raw_data=false: it is neither read nor answered. */
static int wants_raw_data(const wfm_request_t *rq)
{
    const wfm_arg_t *arg = api_find(rq, "raw_data");

    return !arg->set || arg->i;
}

/* The list by sort_by and sort_order; rows without the number come last. */
static wfm_error_t *open_page(wfm_request_t *rq, api_page_t *page)
{
    const wfm_arg_t *by = api_find(rq, "sort_by"), *order = api_find(rq, "sort_order");
    int raw_data = wants_raw_data(rq);

    *page = (api_page_t){.table = "github_workflow_metrics m",
                         .alias = "m",
                         .select = raw_data ? SELECT(", " WFM_FIELD("x.raw_data")) : SELECT(""),
                         .texts = raw_data ? TEXTS(", m.raw_data::text AS raw_data") : TEXTS(""),
                         .key = "m.\"timestamp\"",
                         .kind = WFM_CURSOR_TIME,
                         .key_descending = !order || strcmp(order->s, "asc") != 0,
                         .shape = raw_data ? NULL : &shape_metric_without_raw_data};
    if (by && by->set && strcmp(by->s, "timestamp") != 0)
        page->kind = WFM_CURSOR_NUMBER;
    return api_page_open(rq, page);
}

/* The number that the list is ordered by, its name bound with the conditions' values. */
static const char *number_key(wfm_request_t *rq, wfm_sql_t *where)
{
    wfm_sql_t key;

    wfm_sql_init(&key, rq->pool);
    key.params = where->params;
    api_add_number(&key, api_find(rq, "sort_by")->s);
    return wfm_sql_stmt(&key).sql;
}

/* Of an edge, $lo to $hi (NULL: none). */
static const char *count_edge(apr_pool_t *p, const api_cover_t *cover, int i, const char *named)
{
    return apr_psprintf(p,
                        " UNION ALL SELECT %scount(*) FROM github_workflow_metrics m"
                        " WHERE m.config_id = $1::bigint AND m.\"timestamp\" >= $%d::timestamptz"
                        " AND m.\"timestamp\" <= $%d::timestamptz%s",
                        cover->minus[i] ? "-" : "", 4 + 2 * i, 5 + 2 * i, named);
}

#define OF_DAYS " AND m.day >= $2::timestamptz AND m.day <= $3::timestamptz"

/* A config's rows: the clean days', the others' and the edges'. */
static const char *count_days(apr_pool_t *p, const api_cover_t *cover, const char *named)
{
    return apr_pstrcat(
        p,
        "WITH u (lo, hi) AS MATERIALIZED (SELECT m.day, wfm_day_end(m.day)"
        " FROM wfm_unclean('m', $1::bigint) m WHERE true" OF_DAYS
        ") SELECT coalesce(sum(k.n), 0)::bigint AS total FROM (SELECT m.n FROM wfm_metric_days m"
        " WHERE " API_COVER_SUMMED("m"),
        named, " UNION ALL SELECT count(*) FROM " API_COVER_ROWS " WHERE true", named,
        count_edge(p, cover, 0, named), count_edge(p, cover, 1, named), ") k", NULL);
}

/* Those that a filter of dimensions selects. */
static const char *count_filtered(apr_pool_t *p, const char *named)
{
    return apr_pstrcat(p,
                       "WITH " API_COVER_UNDETAILED " SELECT ((SELECT coalesce(sum(m.n), 0)"
                       " FROM wfm_metric_days d CROSS JOIN LATERAL (SELECT d.schema_id, s.*"
                       " FROM unnest(d.sets, d.set_rows) s (dimensions, n)) m"
                       " WHERE " API_COVER_SUMMED("d"),
                       named, ") + (SELECT count(*) FROM " API_COVER_ROWS " WHERE true", named,
                       "))::bigint AS total", NULL);
}

const char *api_count_summed(const api_selection_t *s, wfm_sql_t *q)
{
    api_cover_t cover;
    wfm_sql_t named;

    if (s->run_id || s->numbers ||
        !api_cover(s->pool, &s->range, s->dimensions ? 0 : API_COVER_SUBTRACT, &cover))
        return NULL;
    api_cover_begin(q, s->id, &cover);
    wfm_sql_init(&named, s->pool);
    named.params = q->params;
    api_where_named(s, &named);
    return s->dimensions ? count_filtered(s->pool, wfm_sql_stmt(&named).sql)
                         : count_days(s->pool, &cover, wfm_sql_stmt(&named).sql);
}

static wfm_error_t *build(wfm_request_t *rq, const api_selection_t *s, wfm_sql_t *q,
                          const char *owner, const char *count)
{
    api_page_t page;
    wfm_sql_t where;

    wfm_sql_init(&where, rq->pool);
    where.params = q->params;
    wfm_sql_and(&where, owner, s->id, "bigint");
    api_where_metrics(s, &where);
    WFM_TRY(open_page(rq, &page));
    if (page.kind == WFM_CURSOR_NUMBER)
        page.key = number_key(rq, &where);
    if (!count)
        count = api_page_count(rq, &page, wfm_sql_stmt(&where).sql);
    api_page_statement(rq, &page, count, wfm_sql_stmt(&where).sql, q);
    return NULL;
}

static wfm_error_t *build_of_config(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    const char *count = NULL;
    api_selection_t s;
    api_page_t page;

    WFM_TRY(api_selection_of(rq, &s));
    WFM_TRY(open_page(rq, &page));
    if (summed && !page.after)
        count = api_count_summed(&s, q);
    return build(rq, &s, q, "m.config_id =", count);
}

static wfm_error_t *answer(wfm_request_t *rq, const wfm_result_t *result)
{
    api_page_t page;

    WFM_TRY(open_page(rq, &page));
    return api_answer_page(rq, &page, result);
}

wfm_error_t *api_metrics_list(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_run_summed(rq, build_of_config, &result));
    if (api_page_is_empty(result))
        WFM_TRY(api_require_config(rq));
    return answer(rq, result);
}

wfm_error_t *api_metrics_list_run(wfm_request_t *rq)
{
    wfm_result_t *result, *run;
    api_selection_t s;
    wfm_sql_t q;

    WFM_TRY(api_selection_of(rq, &s));
    wfm_sql_init(&q, rq->pool);
    WFM_TRY(build(rq, &s, &q, "m.run_id =", NULL));
    WFM_TRY(api_run(rq, &q, &result));
    if (api_page_is_empty(result)) {
        WFM_TRY(api_query(rq, WFM_STMT_RUN_GET, &run, api_bind_int(rq, "id")));
        if (!wfm_result_rows(run))
            return wfm_error_make(rq->pool, WFM_NOT_FOUND, "run not found");
    }
    return answer(rq, result);
}
