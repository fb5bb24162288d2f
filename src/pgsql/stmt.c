/*
 * stmt.c - owns how statements run on a leased connection: prepared once a session, alone or as a
 * batch. What goes over the wire is wire.c's, how rows are taken rows.c's, streams are stream.c's.
 */
#include "private.h"

/* Prepare a statement once a session. Nothing has taken effect yet, whatever the statement does. */
static wfm_error_t *prepare(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    wfm_stmt_t preparing = {.name = stmt->name, .sql = stmt->sql, .effect = WFM_READS};

    if (apr_hash_get(db->session->prepared, stmt->name, APR_HASH_KEY_STRING))
        return NULL;
    wfm_db_start_clock(db);
    if (!PQsendPrepare(db->conn, stmt->name, stmt->sql, 0, NULL))
        return wfm_db_failed(db, &preparing, NULL);
    WFM_TRY(wfm_db_collect(db, &preparing, NULL));
    apr_hash_set(db->session->prepared, stmt->name, APR_HASH_KEY_STRING, stmt->name);
    return NULL;
}

/* @param named the statement, with the name that it runs under here */
static wfm_error_t *send_statement(wfm_db_t *db, const wfm_stmt_t *stmt, int n,
                                   const char *const *params, wfm_stmt_t *named)
{
    /* In a transaction a stale prepared statement would spoil all of it: there it is parsed anew.
     */
    int idle = PQtransactionStatus(db->conn) == PQTRANS_IDLE;
    const char *name =
        stmt->name || !idle || stmt->plan_anew ? stmt->name : wfm_session_name(db, stmt->sql);
    int sent;

    *named = *stmt;
    named->name = name;
    db->resend = 0;
    if (name && idle)
        WFM_TRY(prepare(db, named));
    wfm_db_start_clock(db);
    sent = name && idle ? PQsendQueryPrepared(db->conn, name, n, params, NULL, NULL, 0)
                        : PQsendQueryParams(db->conn, stmt->sql, n, NULL, params, NULL, NULL, 0);
    return sent ? NULL : wfm_db_failed(db, named, NULL);
}

wfm_error_t *wfm_db_run(wfm_db_t *db, const wfm_stmt_t *stmt, int n, const char *const *params,
                        wfm_result_t **result)
{
    wfm_stmt_t named;
    wfm_taking_t taking = {.stmt = &named};

    WFM_TRY(send_statement(db, stmt, n, params, &named));
    wfm_db_take(db, &taking);
    if (result)
        *result = taking.result;
    return taking.err;
}

/* The end of the transaction: only now is it committed. */
static wfm_error_t *collect_sync(wfm_db_t *db, const wfm_stmt_t *stmt, wfm_error_t *err)
{
    apr_status_t rv = wfm_db_wait_result(db, stmt);
    PGresult *pg;

    if (rv != APR_SUCCESS)
        return err ? err : wfm_db_gave_up(db, rv, stmt);
    pg = PQgetResult(db->conn);
    if (PQresultStatus(pg) != PGRES_PIPELINE_SYNC && !err) {
        err = wfm_db_failed(db, stmt, pg);
        if (stmt->effect == WFM_WRITES && db->resend)
            wfm_db_outcome_unknown(db, err);
    }
    PQclear(pg);
    return err;
}

static wfm_effect_e effect_of(const wfm_step_t *steps, int n)
{
    for (int i = 0; i < n; i++)
        if (steps[i].stmt->effect == WFM_WRITES)
            return WFM_WRITES;
    return WFM_READS;
}

/* Up to the sync a pipeline is one transaction, without BEGIN and COMMIT. */
static wfm_error_t *send_steps(wfm_db_t *db, const wfm_step_t *steps, int n)
{
    for (int i = 0; i < n; i++)
        WFM_TRY(prepare(db, steps[i].stmt));
    db->resend = 0;
    wfm_db_start_clock(db);
    if (!PQenterPipelineMode(db->conn))
        return wfm_db_failed(db, steps[0].stmt, NULL);
    for (int i = 0; i < n; i++)
        if (!PQsendQueryPrepared(db->conn, steps[i].stmt->name, steps[i].nparams, steps[i].params,
                                 NULL, NULL, 0))
            return wfm_db_failed(db, steps[i].stmt, NULL);
    return PQpipelineSync(db->conn) ? NULL : wfm_db_failed(db, steps[n - 1].stmt, NULL);
}

wfm_error_t *wfm_db_run_batch(wfm_db_t *db, const wfm_step_t *steps, int n, wfm_result_t **result)
{
    wfm_stmt_t step;
    wfm_taking_t taking = {.stmt = &step};

    WFM_TRY(send_steps(db, steps, n));
    for (int i = 0; i < n && !db->broken; i++) {
        taking.unwanted = i < n - 1 || !result;
        step = *steps[i].stmt;
        /* What is lost in a batch that writes may have been committed, whatever the step that it
         * shows at. */
        step.effect = effect_of(steps, n);
        wfm_db_start_clock(db); /* the server's timeout counts for each statement, too */
        wfm_db_take(db, &taking);
    }
    if (!db->broken)
        taking.err = collect_sync(db, &step, taking.err);
    if (!db->broken && !PQexitPipelineMode(db->conn))
        db->broken = 1;
    if (result)
        *result = taking.result;
    return taking.err;
}
