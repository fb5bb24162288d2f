/*
 * wire.c - owns what goes over a leased connection, whatever it is: sending, waiting with a
 * deadline, and what a failure means.
 *
 * libpq is used in its non-blocking mode, because a server that hangs does not enforce its own
 * statement_timeout: every wait has a deadline on this side as well.
 */
#include "../core/clock.h"
#include "private.h"
#include "sqlstate.h"
#include <apr_strings.h>
#include <poll.h>

/* How often a waiting request looks whether its client is still there. */
#define LOOK_UP_MS 250

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

/* For the log: a statement that was put together for a request has no name of its own. */
const char *wfm_db_label(const wfm_stmt_t *stmt)
{
    return stmt->name && strncmp(stmt->name, WFM_BUILT, strlen(WFM_BUILT)) != 0 ? stmt->name
                                                                                : "dynamic";
}

void wfm_db_outcome_unknown(wfm_db_t *db, wfm_error_t *err)
{
    db->resend = 0;
    err->message =
        apr_pstrcat(db->pool, err->message, ": the change may or may not have been made", NULL);
}

/*
 * A file that may not be opened or written, such as on a disk that became read-only, has the
 * SQLSTATE of a right that the role lacks. Where PostgreSQL's sources raised it tells them apart.
 */
static int is_file_denied(const PGresult *pg, const char *sqlstate)
{
    static const char *const storage[] = {"md.c", "fd.c", "slru.c", "xlog.c", "relmapper.c"};
    const char *source = pg ? PQresultErrorField(pg, PG_DIAG_SOURCE_FILE) : NULL;

    if (!sqlstate || strcmp(sqlstate, "42501") || !source)
        return 0;
    for (size_t i = 0; i < sizeof storage / sizeof *storage; i++)
        if (!strcmp(source, storage[i]))
            return 1;
    return 0;
}

/* The client's error and the operator's line for a SQLSTATE; NULL: none came. */
static wfm_error_t *translate(const wfm_db_t *db, const wfm_stmt_t *stmt, const PGresult *pg,
                              const char *sqlstate)
{
    const char *text = pg ? PQresultErrorMessage(pg) : PQerrorMessage(db->conn);
    const char *meant = is_file_denied(pg, sqlstate) ? "58030" : sqlstate; /* io_error */
    wfm_error_t *err =
        wfm_sqlstate_error(db->pool, meant, wfm_db_label(stmt), one_line(db->pool, text));

    if (sqlstate)
        apr_cpystrn(err->sqlstate, sqlstate, sizeof err->sqlstate);
    return err;
}

/*
 * Say what a failed result means. 57P01 (administrator's shutdown) in place of a statement's result
 * means that the backend ended before the statement was complete. No SQLSTATE, or 57P02 (crash),
 * tells nothing about a write.
 */
wfm_error_t *wfm_db_failed(wfm_db_t *db, const wfm_stmt_t *stmt, const PGresult *pg)
{
    const char *sqlstate = pg ? PQresultErrorField(pg, PG_DIAG_SQLSTATE) : NULL;
    wfm_error_t *err = translate(db, stmt, pg, sqlstate);

    if (is_connection_loss(db, sqlstate)) {
        int untouched = sqlstate && !strcmp(sqlstate, "57P01");

        db->broken = 1;
        db->resend = stmt->effect == WFM_READS || untouched;
        if (!db->resend)
            wfm_db_outcome_unknown(db, err);
    } else if (sqlstate && !strcmp(sqlstate, "25006")) {
        db->broken = 1; /* of several hosts in DBDParams another one may be the primary by now */
    } else if (sqlstate && !strcmp(sqlstate, "42P01")) {
        db->broken = 1; /* no such table: or somebody has changed this session's search path, of
                           which nothing is reported */
    } else if (stmt->name && sqlstate &&
               (!strcmp(sqlstate, "26000") || !strcmp(sqlstate, "0A000"))) {
        /* gone (a pooler in between), or its result's type has changed (a migration) */
        db->stale = stmt->name;
    }
    return err;
}

/* Waiting for a result ended without one. */
wfm_error_t *wfm_db_gave_up(wfm_db_t *db, apr_status_t why, const wfm_stmt_t *stmt)
{
    const char *name = wfm_db_label(stmt);
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
        wfm_db_outcome_unknown(db, err);
    return err;
}

wfm_error_t *wfm_db_unavailable(apr_pool_t *p, const char *message, const char *detail)
{
    wfm_error_t *err = wfm_error_make(p, WFM_UNAVAILABLE, "%s", message);

    err->retry_after = 1;
    err->detail = detail;
    return err;
}

/* ---- sending and waiting ---- */

void wfm_db_start_clock(wfm_db_t *db)
{
    int ms = db->cls == WFM_ADMIT_EXPORT        ? db->src->settings.export_timeout
             : db->cls == WFM_ADMIT_MAINTENANCE ? WFM_MAINTENANCE_TIMEOUT
                                                : db->src->settings.statement_timeout;

    if (db->cls == WFM_ADMIT_PROBE) { /* whoever asks for health wants to know it soon */
        db->deadline = wfm_clock_now() + apr_time_from_msec(db->src->settings.acquire_timeout);
        return;
    }
    if (db->cls == WFM_ADMIT_INGEST) {
        db->deadline = db->over;
        return;
    }
    db->deadline = ms ? wfm_clock_now() + apr_time_from_msec(ms + WFM_GRACE_MS) : 0;
}

/* Milliseconds until the deadline, at most `most`; 0: it has passed. */
static int time_left(const wfm_db_t *db, int most)
{
    apr_interval_time_t left;

    if (!db->deadline)
        return most;
    left = db->deadline - wfm_clock_now();
    if (left <= 0)
        return 0;
    return left < apr_time_from_msec(most) ? (int)apr_time_as_msec(left) + 1 : most;
}

int wfm_db_is_client_gone(const wfm_db_t *db, const wfm_stmt_t *stmt)
{
    return stmt->effect == WFM_READS && db->is_gone && db->is_gone(db->ctx);
}

/* Wait until something has come from the server, and read it. */
apr_status_t wfm_db_wait_input(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    int unsent = PQflush(db->conn), ms = time_left(db, LOOK_UP_MS);
    struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};

    if (unsent < 0 || fd.fd < 0)
        return APR_EOF;
    if (unsent)
        fd.events |= POLLOUT;
    if (!ms)
        return APR_TIMEUP;
    if (poll(&fd, 1, ms) == 0 && wfm_db_is_client_gone(db, stmt))
        return APR_ECONNABORTED;
    return !(fd.revents & ~POLLOUT) || PQconsumeInput(db->conn) ? APR_SUCCESS : APR_EOF;
}

/*
 * Wait until PQgetResult will not block. A lost connection is no error here: the result tells it.
 */
apr_status_t wfm_db_wait_result(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    apr_status_t rv = APR_SUCCESS;

    PQflush(db->conn);
    while (rv == APR_SUCCESS && PQisBusy(db->conn))
        rv = wfm_db_wait_input(db, stmt);
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

wfm_error_t *wfm_db_collect(wfm_db_t *db, const wfm_stmt_t *stmt, PGresult **out)
{
    PGresult *kept = NULL, *next;
    wfm_error_t *err = NULL;

    for (;;) {
        ExecStatusType status;
        apr_status_t rv = wfm_db_wait_result(db, stmt);

        if (rv != APR_SUCCESS) {
            PQclear(kept);
            return wfm_db_gave_up(db, rv, stmt);
        }
        next = PQgetResult(db->conn);
        if (!next)
            break;
        status = PQresultStatus(next);
        if (!err && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
            err = wfm_db_failed(db, stmt, next);
            /* The result comes before the commit: what was lost in between is anybody's guess. */
            if (kept && stmt->effect == WFM_WRITES && db->resend)
                wfm_db_outcome_unknown(db, err);
        }
        PQclear(kept);
        kept = next;
    }
    if (!err && !kept)
        err = wfm_db_failed(db, stmt, NULL);
    if (err || !out)
        PQclear(kept);
    else
        *out = kept;
    return err;
}

wfm_error_t *wfm_db_send(wfm_db_t *db, const wfm_stmt_t *stmt, const char *sql)
{
    db->resend = 0;
    wfm_db_start_clock(db);
    return PQsendQuery(db->conn, sql) ? NULL : wfm_db_failed(db, stmt, NULL);
}

wfm_error_t *wfm_db_rest(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    wfm_error_t *err = NULL;
    PGresult *pg;

    for (;;) {
        apr_status_t rv = wfm_db_wait_result(db, stmt);

        if (rv != APR_SUCCESS)
            return wfm_db_gave_up(db, rv, stmt);
        pg = PQgetResult(db->conn);
        if (!pg)
            return err;
        if (!err)
            err = wfm_db_failed(db, stmt, pg);
        PQclear(pg);
    }
}

wfm_error_t *wfm_db_command(wfm_db_t *db, const char *name, const char *sql)
{
    wfm_stmt_t stmt = {.name = name, .sql = sql, .effect = WFM_READS};

    WFM_TRY(wfm_db_send(db, &stmt, sql));
    return wfm_db_collect(db, &stmt, NULL);
}
