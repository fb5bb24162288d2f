/*
 * db_pgsql_stmt.c - owns how statements run on a leased connection: sending, waiting with a
 * deadline, results, preparing, streaming, and what a failure means.
 *
 * libpq is used in its non-blocking mode, because a server that hangs does not enforce its own
 * statement_timeout: every wait has a deadline on this side as well.
 */
#include "db_pgsql_private.h"
#include "sqlstate.h"
#include <apr_siphash.h>
#include <apr_strings.h>
#include <libpq-events.h>
#include <poll.h>

/* What the server's own timeout gets before this side gives up waiting for its message. */
#define GRACE_MS 1000

/* How often a waiting request looks whether its client is still there. */
#define LOOK_UP_MS 250

struct wfm_result_t {
    PGresult *pg;
};

/* ---- results ---- */

int wfm_result_rows(const wfm_result_t *r)
{
    return PQntuples(r->pg);
}

int wfm_result_columns(const wfm_result_t *r)
{
    return PQnfields(r->pg);
}

const char *wfm_result_get(const wfm_result_t *r, int row, int column)
{
    return PQgetisnull(r->pg, row, column) ? NULL : PQgetvalue(r->pg, row, column);
}

apr_size_t wfm_result_length(const wfm_result_t *r, int row, int column)
{
    return (apr_size_t)PQgetlength(r->pg, row, column);
}

apr_uint64_t wfm_result_digest(const wfm_result_t *r)
{
    /* A chain: the key of each value's hash holds the hash of all before it, and whether it is
     * NULL. */
    struct {
        apr_uint64_t chain;
        apr_uint64_t is_null;
    } key = {0, 0};
    int rows = PQntuples(r->pg), columns = PQnfields(r->pg);

    for (int row = 0; row < rows; row++) {
        for (int c = 0; c < columns; c++) {
            key.is_null = (apr_uint64_t)PQgetisnull(r->pg, row, c);
            key.chain =
                apr_siphash24(PQgetvalue(r->pg, row, c), (apr_size_t)PQgetlength(r->pg, row, c),
                              (const unsigned char *)&key);
        }
    }
    return key.chain;
}

static apr_status_t result_cleanup(void *pg)
{
    PQclear(pg);
    return APR_SUCCESS;
}

static wfm_result_t *result_make(apr_pool_t *p, PGresult *pg)
{
    wfm_result_t *r = apr_palloc(p, sizeof *r);

    r->pg = pg;
    apr_pool_cleanup_register(p, pg, result_cleanup, apr_pool_cleanup_null);
    return r;
}

/* ---- sessions ---- */

static int session_event(PGEventId id, void *info, void *pass)
{
    wfm_session_t *s = pass;

    (void)info;
    if (id == PGEVT_CONNRESET) { /* a new session: nothing is prepared or set in it */
        apr_hash_clear(s->prepared);
        s->configured = 0;
    }
    return 1;
}

wfm_session_t *wfm_session_get(PGconn *conn, apr_pool_t *conn_pool)
{
    wfm_session_t *s = PQinstanceData(conn, session_event);

    if (s)
        return s;
    s = apr_pcalloc(conn_pool, sizeof *s);
    s->prepared = apr_hash_make(conn_pool);
    if (!PQregisterEventProc(conn, session_event, "wfmetrics", s) ||
        !PQsetInstanceData(conn, session_event, s))
        return NULL;
    return s;
}

wfm_error_t *wfm_session_configure(wfm_db_t *db)
{
    int timeout = db->src->settings.statement_timeout;
    const char *sql;

    if (db->session->configured && db->session->timeout == timeout)
        return NULL;
    /* client_connection_check_interval (PostgreSQL 14): a backend whose client is gone ends by
     * itself, even while it sorts and sends nothing. Reading committed data is what the atomic
     * statements (retry, patch) are written for. Compiling a statement costs more than it saves
     * here, and does not look at the timeout. */
    sql = apr_psprintf(
        db->pool,
        "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; "
        "SET default_transaction_isolation = 'read committed'; SET jit = off; "
        "SET statement_timeout = %d%s",
        timeout,
        PQserverVersion(db->conn) >= 140000 ? "; SET client_connection_check_interval = 500" : "");
    WFM_TRY(wfm_db_command(db, "session", sql));
    db->session->configured = 1;
    db->session->timeout = timeout;
    return NULL;
}

void wfm_session_forget(wfm_db_t *db)
{
    const char *name = db->stale;

    apr_hash_set(db->session->prepared, name, APR_HASH_KEY_STRING, NULL);
    /* An error says that it is gone already, which is as good. */
    (void)wfm_db_command(db, "deallocate", apr_psprintf(db->pool, "DEALLOCATE \"%s\"", name));
    db->stale = NULL;
}

/* ---- failures ---- */

static int is_connection_loss(const wfm_db_t *db, const char *sqlstate)
{
    return PQstatus(db->conn) != CONNECTION_OK ||
           (sqlstate && (!strncmp(sqlstate, "57P", 3) || !strncmp(sqlstate, "08", 2)));
}

/* libpq's messages end with a newline and may have more; the log's line is one line. */
static const char *one_line(apr_pool_t *p, const char *text)
{
    char *line = apr_pstrdup(p, text);

    for (char *c = line; (c = strpbrk(c, "\n\t")); c++)
        *c = c[1] ? ' ' : '\0';
    return line;
}

/* The write may have been committed: it must not be sent again, and the client must know. */
static void outcome_unknown(wfm_db_t *db, wfm_error_t *err)
{
    db->resend = 0;
    err->message =
        apr_pstrcat(db->pool, err->message, ": the change may or may not have been made", NULL);
}

/*
 * Say what a failed result means. 57P01 (administrator's shutdown) in place of a statement's result
 * means that the backend ended before the statement was complete. No SQLSTATE, or 57P02 (crash),
 * tells nothing about a write.
 */
static wfm_error_t *failed(wfm_db_t *db, const wfm_stmt_t *stmt, const PGresult *pg)
{
    const char *sqlstate = pg ? PQresultErrorField(pg, PG_DIAG_SQLSTATE) : NULL;
    const char *text = pg ? PQresultErrorMessage(pg) : PQerrorMessage(db->conn);
    wfm_error_t *err = wfm_sqlstate_error(db->pool, sqlstate, stmt->name ? stmt->name : "dynamic",
                                          one_line(db->pool, text));

    if (is_connection_loss(db, sqlstate)) {
        int untouched = sqlstate && !strcmp(sqlstate, "57P01");

        db->broken = 1;
        db->resend = stmt->effect == WFM_READS || untouched;
        if (!db->resend)
            outcome_unknown(db, err);
    } else if (stmt->name && sqlstate &&
               (!strcmp(sqlstate, "26000") || !strcmp(sqlstate, "0A000"))) {
        /* gone (a pooler in between), or its result's type has changed (a migration) */
        db->stale = stmt->name;
    }
    return err;
}

/* Waiting for a result ended without one. */
static wfm_error_t *gave_up(wfm_db_t *db, apr_status_t why, const wfm_stmt_t *stmt)
{
    const char *name = stmt->name ? stmt->name : "dynamic";
    wfm_error_t *err;

    db->broken = 1;
    if (why == APR_ECONNABORTED) {
        err = wfm_error_make(db->pool, WFM_CLIENT_GONE, "the client left");
        err->statement = name;
        return err;
    }
    err = wfm_sqlstate_error(db->pool, "57014", name,
                             "the server neither answered within the statement's timeout nor "
                             "cancelled it by itself");
    err->sqlstate[0] = '\0'; /* ours, not the server's */
    if (stmt->effect == WFM_WRITES)
        outcome_unknown(db, err);
    return err;
}

/* ---- sending and waiting ---- */

static void start_clock(wfm_db_t *db)
{
    int ms = db->cls == WFM_ADMIT_EXPORT ? db->src->settings.export_timeout
                                         : db->src->settings.statement_timeout;

    if (db->cls == WFM_ADMIT_PROBE) { /* whoever asks for health wants to know it soon */
        db->deadline = apr_time_now() + apr_time_from_msec(db->src->settings.acquire_timeout);
        return;
    }
    db->deadline = ms ? apr_time_now() + apr_time_from_msec(ms + GRACE_MS) : 0;
}

/* Milliseconds until the deadline, at most `most`; 0: it has passed. */
static int time_left(const wfm_db_t *db, int most)
{
    apr_interval_time_t left;

    if (!db->deadline)
        return most;
    left = db->deadline - apr_time_now();
    if (left <= 0)
        return 0;
    return left < apr_time_from_msec(most) ? (int)apr_time_as_msec(left) + 1 : most;
}

static int is_client_gone(const wfm_db_t *db, const wfm_stmt_t *stmt)
{
    return stmt->effect == WFM_READS && db->is_gone && db->is_gone(db->ctx);
}

/*
 * Wait until PQgetResult will not block. A lost connection is no error here: the result tells it.
 * APR_TIMEUP: the deadline has passed; APR_ECONNABORTED: nobody waits for the answer any more.
 */
static apr_status_t wait_result(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    for (;;) {
        int unsent = PQflush(db->conn);
        struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};
        int ms;

        if (unsent < 0 || fd.fd < 0 || !PQisBusy(db->conn))
            return APR_SUCCESS;
        if (unsent)
            fd.events |= POLLOUT;
        ms = time_left(db, LOOK_UP_MS);
        if (!ms)
            return APR_TIMEUP;
        if (poll(&fd, 1, ms) == 0 && is_client_gone(db, stmt))
            return APR_ECONNABORTED;
        if ((fd.revents & ~POLLOUT) && !PQconsumeInput(db->conn))
            return APR_SUCCESS;
    }
}

/* Take results until there are no more; keep the last, or the first that failed. */
static wfm_error_t *collect(wfm_db_t *db, const wfm_stmt_t *stmt, PGresult **out)
{
    PGresult *kept = NULL, *next;
    wfm_error_t *err = NULL;

    for (;;) {
        ExecStatusType status;
        apr_status_t rv = wait_result(db, stmt);

        if (rv != APR_SUCCESS) {
            PQclear(kept);
            return gave_up(db, rv, stmt);
        }
        next = PQgetResult(db->conn);
        if (!next)
            break;
        status = PQresultStatus(next);
        if (!err && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
            err = failed(db, stmt, next);
            /* The result comes before the commit: what was lost in between is anybody's guess. */
            if (kept && stmt->effect == WFM_WRITES && db->resend)
                outcome_unknown(db, err);
        }
        PQclear(kept);
        kept = next;
    }
    if (!err && !kept)
        err = failed(db, stmt, NULL);
    if (err || !out)
        PQclear(kept);
    else
        *out = kept;
    return err;
}

wfm_error_t *wfm_db_command(wfm_db_t *db, const char *name, const char *sql)
{
    wfm_stmt_t stmt = {name, sql, WFM_READS};

    start_clock(db);
    if (!PQsendQuery(db->conn, sql))
        return failed(db, &stmt, NULL);
    return collect(db, &stmt, NULL);
}

/* Prepare a fixed statement once a session. Nothing has taken effect yet, whatever the statement
 * does. */
static wfm_error_t *prepare(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    wfm_stmt_t preparing = {stmt->name, stmt->sql, WFM_READS};

    if (apr_hash_get(db->session->prepared, stmt->name, APR_HASH_KEY_STRING))
        return NULL;
    start_clock(db);
    if (!PQsendPrepare(db->conn, stmt->name, stmt->sql, 0, NULL))
        return failed(db, &preparing, NULL);
    WFM_TRY(collect(db, &preparing, NULL));
    apr_hash_set(db->session->prepared, stmt->name, APR_HASH_KEY_STRING, stmt->name);
    return NULL;
}

enum { TEXT_FORM = 0, BINARY_FORM = 1 };

static wfm_error_t *send_statement(wfm_db_t *db, const wfm_stmt_t *stmt, int n,
                                   const char *const *params, int form)
{
    /* In a transaction a stale prepared statement would spoil all of it: there it is parsed anew.
     */
    int prepared = stmt->name && PQtransactionStatus(db->conn) == PQTRANS_IDLE;
    int sent;

    db->resend = 0;
    if (prepared)
        WFM_TRY(prepare(db, stmt));
    start_clock(db);
    sent = prepared ? PQsendQueryPrepared(db->conn, stmt->name, n, params, NULL, NULL, form)
                    : PQsendQueryParams(db->conn, stmt->sql, n, NULL, params, NULL, NULL, form);
    return sent ? NULL : failed(db, stmt, NULL);
}

wfm_error_t *wfm_db_run(wfm_db_t *db, const wfm_stmt_t *stmt, int n, const char *const *params,
                        wfm_result_t **result)
{
    PGresult *pg = NULL;

    WFM_TRY(send_statement(db, stmt, n, params, TEXT_FORM));
    WFM_TRY(collect(db, stmt, &pg));
    if (result)
        *result = result_make(db->pool, pg);
    else
        PQclear(pg);
    return NULL;
}

/* One step's result, or the first failure. Where one failed, the rest answer
 * PGRES_PIPELINE_ABORTED. */
static wfm_error_t *collect_step(wfm_db_t *db, const wfm_stmt_t *stmt, wfm_error_t *err,
                                 PGresult **last)
{
    apr_status_t rv = wait_result(db, stmt);
    PGresult *pg, *end;
    ExecStatusType status;

    if (rv != APR_SUCCESS)
        return gave_up(db, rv, stmt);
    pg = PQgetResult(db->conn);
    status = PQresultStatus(pg);
    if (!err && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        err = failed(db, stmt, pg);
        if (*last && db->resend)
            outcome_unknown(db, err); /* some steps had run: better said than guessed */
    }
    PQclear(*last);
    *last = pg;
    if (pg && PQstatus(db->conn) == CONNECTION_OK && (end = PQgetResult(db->conn)))
        PQclear(end); /* NULL separates the steps */
    return err;
}

/* The end of the transaction: only now is it committed. */
static wfm_error_t *collect_sync(wfm_db_t *db, const wfm_stmt_t *stmt, wfm_error_t *err)
{
    apr_status_t rv = wait_result(db, stmt);
    PGresult *pg;

    if (rv != APR_SUCCESS)
        return err ? err : gave_up(db, rv, stmt);
    pg = PQgetResult(db->conn);
    if (PQresultStatus(pg) != PGRES_PIPELINE_SYNC && !err) {
        err = failed(db, stmt, pg);
        if (db->resend)
            outcome_unknown(db, err);
    }
    PQclear(pg);
    return err;
}

wfm_error_t *wfm_db_run_batch(wfm_db_t *db, const wfm_step_t *steps, int n, wfm_result_t **result)
{
    /* What is lost in a batch may have been committed, whatever the step that it shows at. */
    wfm_stmt_t step = {.effect = WFM_WRITES};
    wfm_error_t *err = NULL;
    PGresult *last = NULL;

    for (int i = 0; i < n; i++)
        WFM_TRY(prepare(db, steps[i].stmt));
    db->resend = 0;
    start_clock(db);
    /* Up to the sync a pipeline is one transaction, without BEGIN and COMMIT. */
    if (!PQenterPipelineMode(db->conn))
        return failed(db, steps[0].stmt, NULL);
    for (int i = 0; i < n; i++)
        if (!PQsendQueryPrepared(db->conn, steps[i].stmt->name, steps[i].nparams, steps[i].params,
                                 NULL, NULL, 0))
            return failed(db, steps[i].stmt, NULL);
    if (!PQpipelineSync(db->conn))
        return failed(db, steps[n - 1].stmt, NULL);
    for (int i = 0; i < n && !db->broken; i++) {
        step.name = steps[i].stmt->name;
        start_clock(db); /* the server's timeout counts for each statement, too */
        err = collect_step(db, &step, err, &last);
    }
    if (!db->broken)
        err = collect_sync(db, &step, err);
    if (!db->broken && !PQexitPipelineMode(db->conn))
        db->broken = 1;
    if (err)
        PQclear(last);
    else
        *result = result_make(db->pool, last);
    return err;
}

/* After the last row: the connection must come to rest, and the statement may still fail. */
static wfm_error_t *finish(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    wfm_error_t *err = NULL;
    apr_status_t rv;
    PGresult *pg;

    for (;;) {
        rv = wait_result(db, stmt);
        if (rv != APR_SUCCESS)
            return gave_up(db, rv, stmt);
        pg = PQgetResult(db->conn);
        if (!pg)
            return err;
        if (!err)
            err = failed(db, stmt, pg);
        PQclear(pg);
    }
}

wfm_error_t *wfm_db_stream(wfm_db_t *db, const wfm_stmt_t *stmt, int n, const char *const *params,
                           wfm_db_row_fn row, void *baton)
{
    WFM_TRY(send_statement(db, stmt, n, params, BINARY_FORM));
    if (!PQsetSingleRowMode(db->conn)) {
        db->broken = 1;
        return wfm_error_internal(db->pool, "single-row mode was refused");
    }
    for (;;) {
        wfm_result_t r;
        ExecStatusType status;
        apr_status_t rv = wait_result(db, stmt);
        int stop;

        if (rv != APR_SUCCESS)
            return gave_up(db, rv, stmt);
        r.pg = PQgetResult(db->conn);
        status = r.pg ? PQresultStatus(r.pg) : PGRES_FATAL_ERROR;
        if (status == PGRES_TUPLES_OK) { /* the empty result that ends the rows */
            PQclear(r.pg);
            return finish(db, stmt);
        }
        if (status != PGRES_SINGLE_TUPLE) {
            wfm_error_t *err = failed(db, stmt, r.pg);
            PQclear(r.pg);
            return err;
        }
        stop = row(baton, &r);
        PQclear(r.pg);
        if (stop) {
            db->broken = 1;
            return NULL;
        }
    }
}
