/*
 * transact.c - owns transactions that span several round trips: a snapshot that is streamed from,
 * and one that writes. How rows come in is copy_in.c's.
 */
#include "../core/clock.h"
#include "../db/statements.h"
#include "private.h"
#include <apr_strings.h>
#include <string.h>

/* Nothing was written, or nothing is to stay: how it ends is of no consequence, only that the
 * connection is at rest. */
static void rollback(wfm_db_t *db)
{
    if (!db->broken && PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        (void)wfm_db_command(db, "rollback", "ROLLBACK");
}

/* The transaction's beginning and its first statements, in one round trip. */
static wfm_error_t *begin_on(wfm_db_t *db, const wfm_step_t *steps, int n, wfm_result_t **result)
{
    wfm_error_t *err = wfm_db_run_batch(db, steps, n, result);

    for (int i = 0; i < n && err && db->stale; i++) { /* each step's may be stale */
        rollback(db);
        if (db->broken)
            return err;
        wfm_session_forget(db);
        err = wfm_db_run_batch(db, steps, n, result);
    }
    if (!err && !wfm_session_is_intact(db))
        err = wfm_session_changed(db, steps[n - 1].stmt);
    if (err)
        rollback(db);
    return err;
}

/* @param over when all must be over, 0: each statement has its own time */
static wfm_error_t *begin(wfm_db_t **db, const wfm_db_caller_t *caller, wfm_admission_class_e cls,
                          apr_time_t over, const wfm_step_t *steps, int n, wfm_result_t **result)
{
    wfm_error_t *err = NULL;

    for (int attempt = 1; attempt <= WFM_ATTEMPTS; attempt++) {
        *db = NULL;
        err = wfm_lease_open(db, caller, cls);
        if (!err) {
            (*db)->over = over;
            err = begin_on(*db, steps, n, result);
            if (!err)
                return NULL;
            wfm_lease_close(*db);
        }
        if (!*db || !(*db)->resend)
            break;
    }
    return err;
}

wfm_error_t *wfm_db_snapshot(const wfm_db_caller_t *caller, int filtered, const wfm_step_t *first,
                             wfm_db_work_fn work, void *ctx)
{
    const char *settings[] = {apr_itoa(caller->pool, caller->src->settings.export_timeout),
                              filtered ? "true" : "false"};
    const wfm_step_t steps[] = {{wfm_stmt(WFM_STMT_SNAPSHOT_BEGIN), 0, NULL},
                                {wfm_stmt(WFM_STMT_SNAPSHOT_SETTINGS), 2, settings},
                                *first};
    wfm_result_t *result;
    wfm_error_t *err;
    wfm_db_t *db;

    WFM_TRY(begin(&db, caller, WFM_ADMIT_EXPORT, 0, steps, sizeof steps / sizeof *steps, &result));
    err = work(db, result, ctx);
    rollback(db);
    wfm_lease_close(db);
    return err;
}

/* ---- that write ---- */

#define MOST_STEPS 8 /* of a round trip, BEGIN or COMMIT among them */

/* A transaction that writes, and when all of it must be over. */
typedef struct transaction_t {
    const wfm_db_caller_t *caller;
    wfm_stmt_t stmts[MOST_STEPS];
    wfm_step_t steps[MOST_STEPS];
    int n;
    const char *timeout;
    apr_time_t over;
} transaction_t;

/* Until COMMIT nothing has been done: what comes before it may be sent twice, and broken off. */
static void add_step(transaction_t *t, const wfm_step_t *step)
{
    t->stmts[t->n] = *step->stmt;
    t->stmts[t->n].effect = WFM_READS;
    t->steps[t->n] = (wfm_step_t){&t->stmts[t->n], step->nparams, step->params};
    t->n++;
}

static void init(transaction_t *t, const wfm_db_caller_t *caller, const wfm_step_t *first, int n)
{
    int ms = caller->src->settings.ingest_timeout;
    const wfm_step_t begin_step = {wfm_stmt(WFM_STMT_TRANSACT_BEGIN), 0, NULL},
                     settings = {wfm_stmt(WFM_STMT_TRANSACT_SETTINGS), 1, &t->timeout};

    memset(t, 0, sizeof *t);
    t->caller = caller;
    t->timeout = apr_itoa(caller->pool, ms);
    t->over = ms ? wfm_clock_now() + apr_time_from_msec(ms + WFM_GRACE_MS) : 0;
    add_step(t, &begin_step);
    add_step(t, &settings);
    for (int i = 0; i < n; i++)
        add_step(t, &first[i]);
}

/* @param again nothing was done, and what was in the way may have gone */
static wfm_error_t *try_once(const transaction_t *t, wfm_db_work_fn work, void *ctx, int *again)
{
    wfm_result_t *result;
    wfm_error_t *err;
    wfm_db_t *db;

    *again = 0;
    err = begin(&db, t->caller, WFM_ADMIT_INGEST, t->over, t->steps, t->n, &result);
    if (!err) {
        err = work(db, result, ctx);
        rollback(db);
        if (err && db->stale && !db->broken) { /* a statement that COMMIT came after */
            wfm_session_forget(db);
            *again = 1;
        }
        wfm_lease_close(db);
    }
    return err;
}

wfm_error_t *wfm_db_transact(const wfm_db_caller_t *caller, const wfm_step_t *first, int n,
                             wfm_db_work_fn work, void *ctx)
{
    apr_time_t until = wfm_clock_now() + WFM_HELD_FOR;
    int again, anew = MOST_STEPS;
    wfm_error_t *err;
    transaction_t t;

    init(&t, caller, first, n);
    for (;;) {
        err = try_once(&t, work, ctx, &again);
        if (again && anew--)
            continue;
        if (!err || strcmp(err->sqlstate, "55P03") != 0 || wfm_clock_now() > until)
            return err;
        apr_sleep(WFM_ASK_AGAIN);
    }
}

wfm_error_t *wfm_db_commit(wfm_db_t *db, const wfm_step_t *last, int n)
{
    wfm_step_t steps[MOST_STEPS];

    for (int i = 0; i < n; i++)
        steps[i] = last[i];
    steps[n] = (wfm_step_t){wfm_stmt(WFM_STMT_TRANSACT_COMMIT), 0, NULL};
    return wfm_db_run_batch(db, steps, n + 1, NULL);
}
