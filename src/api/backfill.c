/*
 * backfill.c - owns the endpoints of backfill tasks: runs for finished runners that have none.
 *
 * A request stores its task, then does the first portion, which is mostly all of it; maintenance
 * goes on with the rest (pgsql/backfill.c). Once the task is stored nothing is lost: whatever is in
 * the portion's way for the moment, the answer is that the task is accepted.
 */
#include "../db/backfill.h"
#include "runners.h"
#include <apr_strings.h>
#include <string.h>

enum { CREATED_WORKLOADS, CREATED_TASK, CREATED_OF_SET };

/* Where nobody goes on with it later, all of it is done here. */
static int goes_on_here(wfm_request_t *rq, const wfm_result_t *portion)
{
    return wfm_backfill_is_open(portion) && !wfm_db_is_maintained(&rq->db) &&
           !(rq->db.is_gone && rq->db.is_gone(rq->db.ctx));
}

/* @param portion the last one; NULL: none could be done now, which maintenance will do */
static wfm_error_t *begin_task(wfm_request_t *rq, const char *task, int of_set,
                               wfm_result_t **portion, apr_int64_t *made)
{
    wfm_backfill_t b;
    wfm_error_t *err;

    *made = 0;
    wfm_backfill_portion(&b, task, of_set);
    do {
        err = wfm_db_batch(&rq->db, b.steps, WFM_BACKFILL_STEPS, portion);
        if (!err && wfm_result_rows(*portion))
            *made += apr_atoi64(wfm_result_get(*portion, 0, WFM_BACKFILL_MADE));
    } while (!err && goes_on_here(rq, *portion));
    if (!err)
        return NULL;
    *portion = NULL;
    const char *params[] = {task, wfm_backfill_end(err, 0)};
    if (params[1]) {
        wfm_result_t *failed;

        (void)wfm_db_query(&rq->db, wfm_stmt(WFM_STMT_BACKFILL_FAIL), 2, params, &failed);
        return err;
    }
    return NULL;
}

static const char *message_of(wfm_request_t *rq, const wfm_result_t *portion, apr_int64_t made)
{
    const char *status = wfm_result_get(portion, 0, WFM_BACKFILL_STATUS);
    const char *total = wfm_result_get(portion, 0, WFM_BACKFILL_TOTAL);

    if (!strcmp(status, "in_progress"))
        return apr_pstrcat(rq->pool, "Backfill begun; runners without a run: ", total, NULL);
    if (!strcmp(status, "cancelled"))
        return "Backfill cancelled";
    if (api_find(rq, "dry_run")->i)
        return apr_pstrcat(rq->pool, "Dry run; runners without a run: ", total, NULL);
    return apr_psprintf(rq->pool, "Backfill completed; runs made: %" APR_INT64_T_FMT, made);
}

static void add_text(wfm_json_t *j, const char *key, const char *text)
{
    wfm_json_name(j, key);
    wfm_json_string(j, text);
}

static void add_int(wfm_json_t *j, const char *key, const char *text)
{
    wfm_json_name(j, key);
    api_value(j, API_INT, text, strlen(text));
}

static void answer_task(wfm_request_t *rq, const char *task, const wfm_result_t *portion,
                        apr_int64_t made)
{
    int known = portion && wfm_result_rows(portion);
    wfm_json_t j;

    rq->status = WFM_ACCEPTED;
    api_begin(rq, &j);
    add_text(&j, "message", known ? message_of(rq, portion, made) : "Backfill accepted");
    add_int(&j, "task_id", task);
    add_int(&j, "config_id", api_bind_int(rq, "id"));
    add_text(&j, "status", known ? wfm_result_get(portion, 0, WFM_BACKFILL_STATUS) : "pending");
    api_end(&j);
}

wfm_error_t *api_backfill_start(wfm_request_t *rq)
{
    wfm_result_t *created, *portion = NULL;
    const char *task;
    apr_int64_t made;

    WFM_TRY(api_query(rq, WFM_STMT_BACKFILL_CREATE, &created, api_bind_int(rq, "id"),
                      api_bind_time(rq, "start_time"), api_bind_time(rq, "end_time"),
                      wfm_args_text(&rq->body, "workload_uids"), api_bind_bool(rq, "dry_run")));
    if (!wfm_result_rows(created))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (*wfm_result_get(created, 0, CREATED_WORKLOADS) != 't')
        return wfm_error_make(rq->pool, WFM_CONFLICT, "%s", API_NO_WORKLOADS);
    task = wfm_result_get(created, 0, CREATED_TASK);
    WFM_TRY(
        begin_task(rq, task, *wfm_result_get(created, 0, CREATED_OF_SET) == 't', &portion, &made));
    if (!portion || wfm_backfill_is_open(portion))
        wfm_db_hasten(&rq->db);
    answer_task(rq, task, portion, made);
    return NULL;
}

wfm_error_t *api_backfill_status(wfm_request_t *rq)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_BACKFILL_NEWEST, &result, api_bind_int(rq, "id")));
    if (!wfm_result_rows(result))
        WFM_TRY(api_require_config(rq));
    return api_answer_found(rq, result, "no backfill tasks found for this config");
}

wfm_error_t *api_backfill_tasks(wfm_request_t *rq)
{
    static const api_page_t page = {
        .table = "wfm_backfill_tasks b",
        .alias = "b",
        .select =
            "b.id, b.config_id, b.status, b.total, b.processed, b.failed, b.created_at,"
            " b.started_at, b.completed_at, b.error_message, b.start_time, b.end_time, " WFM_FIELD(
                "to_jsonb(b.workload_uids)::text") ", b.dry_run",
        .id_descending = 1};
    wfm_result_t *result;
    wfm_sql_t where;

    wfm_sql_init(&where, rq->pool);
    wfm_sql_and(&where, "b.config_id =", api_bind_int(rq, "id"), "bigint");
    WFM_TRY(api_page(rq, &page, &where, &result));
    if (api_page_is_empty(result))
        WFM_TRY(api_require_config(rq));
    return api_answer_page(rq, &page, result);
}

wfm_error_t *api_backfill_cancel(wfm_request_t *rq)
{
    wfm_result_t *result;
    const char *n;
    wfm_json_t j;

    WFM_TRY(api_query(rq, WFM_STMT_BACKFILL_CANCEL, &result, api_bind_int(rq, "id")));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    n = wfm_result_get(result, 0, 0);
    if (!strcmp(n, "0"))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "no active backfill tasks found");
    api_begin(rq, &j);
    add_text(&j, "message", "Backfill cancelled");
    add_int(&j, "cancelled", n);
    api_end(&j);
    return NULL;
}
