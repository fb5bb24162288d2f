/*
 * run_filters.c - owns which runs a list is about.
 */
#include "../core/text.h"
#include "api.h"
#include <apr_strings.h>

/* Of all generations of the tables. */
const char *const api_run_statuses[] = {
    "pending", "collecting",       "extracting",       "completed",          "failed",
    "skipped", "workload_pending", "workload_running", "collection_pending", "collection_running",
    NULL};
const char *const api_trigger_sources[] = {"realtime", "backfill", "manual", NULL};

/* Inputs that are compared with a column as they are. */
static const struct {
    const char *name, *condition;
} equal[] = {
    {"head_branch", "r.head_branch ="},
    {"head_sha", "r.head_sha ="},
    {"workflow_name", "r.workflow_name ="},
};

/*
 * A run is of its config's runner set, or of the one that it names itself, where the table has such
 * a column (some Lens databases): the name is looked for in the run's row first, and where that has
 * no such column it is the NULL outside.
 */
static void and_runner_set(wfm_request_t *rq, wfm_sql_t *q)
{
    const char *name = api_bind_filled(rq, "runner_set");
    int number;

    if (!name)
        return;
    wfm_sql_add(q, " AND (r.config_id IN (SELECT id FROM github_workflow_configs"
                   " WHERE runner_set_name = ");
    number = wfm_sql_bind(q, name, "text");
    wfm_sql_add(q, ") OR (SELECT (SELECT runner_set_name FROM (SELECT r.*) run)"
                   " FROM (SELECT NULL::text AS runner_set_name) without) = ");
    wfm_sql_ref(q, number, "text");
    wfm_sql_add(q, ")");
}

int api_where_runs(wfm_request_t *rq, wfm_sql_t *q)
{
    const char *workload = api_bind_filled(rq, "workload_name");
    int counted;

    wfm_sql_and(q, "r.status =", api_bind_choice(rq, "status"), "text");
    wfm_sql_and(q, "r.trigger_source =", api_bind_choice(rq, "trigger_source"), "text");
    counted = q->params->nelts;
    for (size_t i = 0; i < sizeof equal / sizeof *equal; i++)
        wfm_sql_and(q, equal[i].condition, api_bind_filled(rq, equal[i].name), "text");
    wfm_sql_and(q, "r.github_run_id =", api_bind_given_int(rq, "github_run_id"), "bigint");
    wfm_sql_and(q, "r.workload_name ILIKE", workload ? wfm_text_like(rq->pool, workload) : NULL,
                "text");
    and_runner_set(rq, q);
    return q->params->nelts == counted;
}

/* ---- values that only the database knows ---- */

/* "a, b" */
static void add_choice(apr_array_header_t *list, const char *value)
{
    wfm_text_append(list, *wfm_text_get(list) ? ", " : "");
    wfm_text_append(list, value);
}

/* Is it one of the declared values, or has a run got it? */
static wfm_error_t *check_choice(wfm_request_t *rq, const char *name, const char *const *known,
                                 wfm_stmt_id_e stored, wfm_error_t **faults)
{
    const wfm_arg_t *arg = wfm_args_get(&rq->params, name);
    apr_array_header_t *list = wfm_text_new(rq->pool);
    wfm_result_t *r;

    if (!arg->set || arg->i >= 0)
        return NULL;
    WFM_TRY(api_query(rq, stored, &r, arg->s));
    if (wfm_result_rows(r) && *wfm_result_get(r, 0, 1) == 't')
        return NULL;
    for (int i = 0; known[i]; i++)
        add_choice(list, known[i]);
    for (int row = 0; row < wfm_result_rows(r); row++)
        if (!wfm_texts_hold(known, wfm_result_get(r, row, 0)))
            add_choice(list, wfm_result_get(r, row, 0));
    wfm_error_field(faults, rq->pool, name, "must be one of %s", wfm_text_get(list));
    return NULL;
}

wfm_error_t *api_check_runs(wfm_request_t *rq)
{
    wfm_error_t *faults = NULL;

    WFM_TRY(check_choice(rq, "status", api_run_statuses, WFM_STMT_RUN_STATUSES, &faults));
    WFM_TRY(check_choice(rq, "trigger_source", api_trigger_sources, WFM_STMT_RUN_SOURCES, &faults));
    return faults;
}
