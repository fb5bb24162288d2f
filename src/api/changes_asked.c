/*
 * changes_asked.c - asks the database what a list of changes is about.
 */
#include "changes_asked.h"
#include "../core/text.h"
#include <apr_strings.h>
#include <string.h>

/* Most dimensions and metrics of a schema, together: each is a column of the statement. */
#define MAX_NAMES 1000

/* As many windows of runs, at least, are looked at before those that are asked for. */
#define RUNS_BEFORE (2 * API_WINDOW_LEN)

static int read_time(const api_asked_t *asked, int column, wfm_time_t *t)
{
    return wfm_time_parse_pg(wfm_result_get(asked->r, 0, column),
                             wfm_result_length(asked->r, 0, column), t);
}

/* Names that nothing can be asked by (longer ones) are left out, as they are everywhere. */
static apr_array_header_t *names_of(apr_pool_t *p, const api_asked_t *asked, int column)
{
    apr_array_header_t *all = api_field_names(p, wfm_result_get(asked->r, 0, column),
                                              wfm_result_length(asked->r, 0, column));
    int n = 0;

    for (int i = 0; i < all->nelts; i++) {
        const char *name = APR_ARRAY_IDX(all, i, const char *);

        if (strlen(name) <= WFM_NAME_MAX)
            APR_ARRAY_IDX(all, n++, const char *) = name;
    }
    all->nelts = n;
    return all;
}

static wfm_error_t *read_schema(apr_pool_t *p, const api_asked_t *asked, api_chart_t *chart)
{
    chart->groups = names_of(p, asked, ASKED_DIMENSIONS);
    chart->fields = names_of(p, asked, ASKED_METRICS);
    if (!wfm_result_get(asked->r, 0, ASKED_SCHEMA) ||
        (wfm_result_get(asked->r, 0, ASKED_DIMENSIONS) &&
         wfm_result_get(asked->r, 0, ASKED_METRICS) &&
         chart->groups->nelts + chart->fields->nelts <= MAX_NAMES))
        return NULL;
    return wfm_error_make(p, WFM_BAD_REQUEST,
                          "the active schema has more than %d dimensions and metrics: ask for"
                          " those of interest with metrics/changes",
                          MAX_NAMES);
}

/* Planned anew: how many rows are before an instant decides about the plan, and nothing may be
 * known of it beforehand. */
static wfm_error_t *run(wfm_request_t *rq, wfm_stmt_id_e which, const char *const *params,
                        wfm_result_t **result)
{
    wfm_stmt_t stmt = {.sql = wfm_stmt(which)->sql, .effect = WFM_READS, .plan_anew = 1};

    return wfm_db_query(&rq->db, &stmt, 5, params, result);
}

/* Where the table of acknowledged changes cannot be read none was. */
static wfm_error_t *ask(wfm_request_t *rq, const char *of_run, const char *branch,
                        wfm_result_t **result)
{
    const char *params[] = {api_bind_int(rq, "id"), api_bind_time(rq, "since"), branch,
                            apr_itoa(rq->pool, RUNS_BEFORE), of_run};
    wfm_error_t *err = NULL;
    int known;

    WFM_TRY(wfm_db_knows_acknowledged(&rq->db, &known));
    if (known)
        err = run(rq, WFM_STMT_CHANGES_ASKED_ACKNOWLEDGED, params, result);
    if (!known || (err && api_is_wanting(err)))
        err = run(rq, WFM_STMT_CHANGES_ASKED, params, result);
    return err;
}

wfm_error_t *api_changes_ask(wfm_request_t *rq, const char *of_run, api_change_points_t *c,
                             api_asked_t *asked)
{
    wfm_result_t *result;

    c->points.chart = (api_chart_t){
        .rq = rq,
        .selection = {.pool = rq->pool, .owner = API_OF_CONFIG, .id = api_bind_int(rq, "id")}};
    c->points.head_branch = api_bind_filled(rq, "head_branch");
    c->points.narrow = c->narrow = "ask for a later since, or for one head_branch";
    c->options = (changes_options_t){.window_len = API_WINDOW_LEN, .max_pvalue = API_MAX_PVALUE};
    WFM_TRY(ask(rq, of_run, c->points.head_branch, &result));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    asked->r = result;
    if (!read_time(asked, ASKED_SINCE, &asked->since))
        asked->since = 0; /* unreachable: it is the client's, a run's, or today's */
    if (read_time(asked, ASKED_BORDER, &asked->border))
        c->points.chart.selection.range.start = &asked->border;
    return read_schema(rq->pool, asked, &c->points.chart);
}
