/*
 * port.c - owns what db.h offers to handlers: which lease a query or a batch takes, when it
 * is tried again, and which queries are one. The lease itself is lease.c's, transactions that span
 * several round trips are transact.c's.
 */
#include "../core/clock.h"
#include "../core/pages.h"
#include "../db/statements.h"
#include "private.h"
#include <apr_atomic.h>
#include <apr_strings.h>
#include <string.h>

/* One step needs no pipeline. */
static wfm_error_t *run_steps(wfm_db_t *db, const wfm_step_t *steps, int n, wfm_result_t **result)
{
    return n > 1 ? wfm_db_run_batch(db, steps, n, result)
                 : wfm_db_run(db, steps->stmt, steps->nparams, steps->params, result);
}

/* Rows that were read under changed settings. What was written has been written: its own rows show
 * whether they can be read. */
static wfm_error_t *check_session(wfm_db_t *db, const wfm_step_t *steps, int n)
{
    for (int i = 0; i < n; i++)
        if (steps[i].stmt->effect == WFM_WRITES)
            return NULL;
    return wfm_session_is_intact(db) ? NULL : wfm_session_changed(db, steps[n - 1].stmt);
}

/* Lease a connection, run the steps on it, give it back. */
static wfm_error_t *run_leased(const wfm_db_caller_t *caller, wfm_admission_class_e cls,
                               const wfm_step_t *steps, int n, wfm_result_t **result)
{
    wfm_error_t *err = NULL;

    for (int attempt = 1; attempt <= WFM_ATTEMPTS; attempt++) {
        wfm_db_t *db = NULL;

        err = wfm_lease_open(&db, caller, cls);
        cls = WFM_ADMIT_SMALL; /* with the place, the thread is given back, too */
        if (!err) {
            err = run_steps(db, steps, n, result);
            for (int i = 0; i < n && err && db->stale; i++) { /* each step's may be stale */
                wfm_session_forget(db);
                err = run_steps(db, steps, n, result);
            }
            if (!err)
                err = check_session(db, steps, n);
            wfm_lease_close(db);
        }
        if (!err || !db || !db->resend)
            break;
    }
    return err;
}

/*
 * A statement that writes does not wait, or hardly, for rows that somebody else holds while it
 * holds others: a collector that waited for those in turn might be the one that PostgreSQL ends.
 * So it gives all up, and tries anew for a moment.
 */
static wfm_error_t *run_unheld(const wfm_db_caller_t *caller, const wfm_step_t *steps, int n,
                               wfm_result_t **result)
{
    apr_time_t until = wfm_clock_now() + WFM_HELD_FOR;
    wfm_error_t *err;

    for (;;) {
        err = run_leased(caller, WFM_ADMIT_SMALL, steps, n, result);
        if (!err || strcmp(err->sqlstate, "55P03") != 0 || wfm_clock_now() > until)
            return err;
        apr_sleep(WFM_ASK_AGAIN);
    }
}

/* What came of a question. */
typedef struct answer_t {
    wfm_error_t *err;
    wfm_result_t *result;
    apr_interval_time_t waited; /* for a connection */
} answer_t;

static void *share_answer(void *data, apr_pool_t *follower)
{
    const answer_t *answer = data;
    answer_t *own = apr_pcalloc(follower, sizeof *own);

    own->waited = answer->waited;
    if (answer->err)
        own->err = wfm_error_copy(follower, answer->err);
    else
        own->result = wfm_result_hold(answer->result, follower);
    return own;
}

static char *put(char *end, const char *text)
{
    apr_size_t size = strlen(text) + 1;

    memcpy(end, text, size);
    return end + size;
}

/* The statement, a fixed one by its name, and the values, each with its NUL, and SQL NULL told from
 * what is empty. How much of an answer is kept belongs to the question. */
static void set_key(wfm_question_t *q, const wfm_stmt_t *stmt, int n, const char *const *params)
{
    const char *statement = stmt->name ? stmt->name : stmt->sql;
    apr_size_t size = sizeof stmt->max_bytes + strlen(statement) + 1;
    char *key, *end;

    for (int i = 0; i < n; i++)
        size += params[i] ? strlen(params[i]) + 2 : 1;
    key = wfm_pages_or_pool(q->pool, size);
    memcpy(key, &stmt->max_bytes, sizeof stmt->max_bytes);
    end = put(key + sizeof stmt->max_bytes, statement);
    for (int i = 0; i < n; i++) {
        *end++ = params[i] ? 'v' : 'n';
        if (params[i])
            end = put(end, params[i]);
    }
    q->key = key;
    q->len = size;
}

/* Of several threads that ask the same at once one asks for all. */
static wfm_error_t *query_together(const wfm_db_caller_t *caller, const wfm_step_t *step,
                                   wfm_result_t **result)
{
    wfm_question_t q = {.pool = caller->pool, .is_gone = caller->is_gone, .ctx = caller->ctx};
    wfm_coalescer_t *coalescer = caller->src->coalescer;
    apr_interval_time_t waited = caller->waited ? *caller->waited : 0;
    answer_t answer = {NULL, NULL, 0};

    if (!coalescer)
        return run_leased(caller, WFM_ADMIT_SMALL, step, 1, result);
    set_key(&q, step->stmt, step->nparams, step->params);
    switch (wfm_coalesce_join(coalescer, &q)) {
    case WFM_COALESCE_ANSWERED:
        answer = *(answer_t *)q.answer;
        wfm_meter_add(caller->src->meter, WFM_TOTAL_COALESCED, 1);
        if (caller->waited)
            *caller->waited += answer.waited;
        break;
    case WFM_COALESCE_GONE:
        return wfm_error_make(caller->pool, WFM_CLIENT_GONE, "the client left");
    case WFM_COALESCE_ALONE:
        return run_leased(caller, WFM_ADMIT_SMALL, step, 1, result);
    case WFM_COALESCE_LEAD:
        answer.err = run_leased(caller, q.has_thread ? WFM_ADMIT_LEADER : WFM_ADMIT_SMALL, step, 1,
                                &answer.result);
        answer.waited = caller->waited ? *caller->waited - waited : 0;
        /* that this one's client has left is no answer to the others */
        wfm_coalesce_answer(coalescer, &q,
                            answer.err && answer.err->status == WFM_CLIENT_GONE ? NULL : &answer,
                            share_answer);
        break;
    }
    *result = answer.result;
    return answer.err;
}

wfm_error_t *wfm_db_query(const wfm_db_caller_t *caller, const wfm_stmt_t *stmt, int nparams,
                          const char *const *params, wfm_result_t **result)
{
    const wfm_step_t step = {stmt, nparams, params};

    if (stmt->effect == WFM_READS)
        return query_together(caller, &step, result);
    return run_unheld(caller, &step, 1, result);
}

wfm_error_t *wfm_db_batch(const wfm_db_caller_t *caller, const wfm_step_t *steps, int n,
                          wfm_result_t **result)
{
    return run_unheld(caller, steps, n, result);
}

/* Where nobody has asked yet, a lease that does nothing looks. */
static wfm_error_t *find_out(const wfm_db_caller_t *caller, apr_uint32_t *found)
{
    wfm_db_t *db;

    if (!apr_atomic_read32(&caller->src->state->found)) {
        WFM_TRY(wfm_lease_open(&db, caller, WFM_ADMIT_SMALL));
        wfm_lease_close(db);
    }
    *found = apr_atomic_read32(&caller->src->state->found);
    return NULL;
}

wfm_error_t *wfm_db_has_summaries(const wfm_db_caller_t *caller, int *yes)
{
    apr_uint32_t found;

    WFM_TRY(find_out(caller, &found));
    *yes = (found & WFM_FOUND_STATE) == WFM_SUMMARIES_IN_USE;
    return NULL;
}

wfm_error_t *wfm_db_deletes_later(const wfm_db_caller_t *caller, int *yes)
{
    apr_uint32_t found;

    WFM_TRY(find_out(caller, &found));
    *yes = caller->src->maintained && found & WFM_FOUND_DELETED;
    return NULL;
}

wfm_error_t *wfm_db_keeps_tasks(const wfm_db_caller_t *caller, int *yes)
{
    apr_uint32_t found;

    WFM_TRY(find_out(caller, &found));
    *yes = (found & WFM_FOUND_BACKFILL) != 0;
    return NULL;
}

wfm_error_t *wfm_db_knows_acknowledged(const wfm_db_caller_t *caller, int *yes)
{
    apr_uint32_t found;

    WFM_TRY(find_out(caller, &found));
    *yes = (found & WFM_FOUND_ACKNOWLEDGED) != 0;
    return NULL;
}

int wfm_db_is_maintained(const wfm_db_caller_t *caller)
{
    return caller->src->maintained;
}

void wfm_db_hasten(const wfm_db_caller_t *caller)
{
    wfm_counters_notice(caller->src->meter->counters, WFM_NOTICE_DUE, 1);
}

wfm_summaries_e wfm_db_summaries(const wfm_db_caller_t *caller)
{
    return (wfm_summaries_e)(apr_atomic_read32(&caller->src->state->found) & WFM_FOUND_STATE);
}

void wfm_db_unclean(const wfm_db_caller_t *caller, apr_uint32_t *days, apr_uint32_t *seconds)
{
    *days = apr_atomic_read32(&caller->src->state->unclean);
    *seconds = apr_atomic_read32(&caller->src->state->oldest);
}

void wfm_db_distrust_summaries(const wfm_db_caller_t *caller, const wfm_error_t *err)
{
    apr_uint32_t found = apr_atomic_read32(&caller->src->state->found);

    if ((found & WFM_FOUND_STATE) != WFM_SUMMARIES_IN_USE) /* somebody knows better why */
        return;
    if (err && !strcmp(err->sqlstate, WFM_SQLSTATE_DOUBT))
        wfm_session_found(caller->src,
                          (found & ~(apr_uint32_t)WFM_FOUND_STATE) | WFM_SUMMARIES_DOUBT);
    else
        wfm_session_found(caller->src,
                          (found & ~(apr_uint32_t)(WFM_FOUND_STATE | WFM_FOUND_MAINTAIN)) |
                              WFM_SUMMARIES_FAILED);
}
