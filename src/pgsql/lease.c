/*
 * lease.c - owns the lease of a connection: admission, mod_dbd's acquire, its return. The pools
 * that it comes from are pool.c's, what is done with it is port.c's, statements are stmt.c's.
 *
 * A lease is returned only in a state that the next request can use. Otherwise the connection is
 * closed on this side, which ends its backend; mod_dbd's check finds it closed at the next acquire
 * and reconnects. (PQreset at return would connect, and may hang, in a request that is finished.)
 */
#include "../core/clock.h"
#include "private.h"
#include <apr_strings.h>
#include <poll.h>
#include <sys/socket.h>

static int is_readable(PGconn *conn)
{
    struct pollfd fd = {.fd = PQsocket(conn), .events = POLLIN};

    return poll(&fd, 1, 0) != 0;
}

/*
 * PostgreSQL says nothing on an idle connection, unless it is closing it: a readable one is dead or
 * dying. Reconnect now, so that the request meets a live one. (The rare other case, a changed
 * setting that is reported after a reload, costs a needless reconnect.)
 */
static int revive(PGconn *conn)
{
    if (PQstatus(conn) == CONNECTION_OK && is_readable(conn))
        PQreset(conn);
    return PQstatus(conn) == CONNECTION_OK;
}

/* Close this side's end: the backend ends at once, and libpq learns that the connection is bad. */
static void hang_up(PGconn *conn)
{
    char scratch[16384];
    int fd = PQsocket(conn);

    if (fd >= 0) {
        shutdown(fd, SHUT_RDWR);
        while (recv(fd, scratch, sizeof scratch, MSG_DONTWAIT) > 0)
            ; /* rows that nobody wants; else libpq would collect them to find the end */
    }
    for (int i = 0; i < 8 && PQstatus(conn) == CONNECTION_OK; i++)
        PQconsumeInput(conn);
}

/* Maintenance has a thread of its own, which keeps no process from serving. */
static wfm_slots_t *slots_of(const wfm_db_t *db)
{
    return db->cls == WFM_ADMIT_MAINTENANCE ? NULL : db->src->slots;
}

/* Who has a place has a connection, or is about to. */
static void count(const wfm_db_t *db, int by)
{
    wfm_meter_gauge(db->src->meter, WFM_GAUGE_CONNECTIONS, by);
    if (db->cls == WFM_ADMIT_EXPORT)
        wfm_meter_gauge(db->src->meter, WFM_GAUGE_EXPORTS, by);
}

static apr_status_t enter(wfm_db_t *db, apr_time_t deadline)
{
    wfm_slots_t *slots = slots_of(db);
    apr_status_t rv = slots ? wfm_slots_take(slots, deadline) : APR_SUCCESS;

    if (rv != APR_SUCCESS)
        return rv;
    rv = wfm_admission_enter(db->src->admission, db->cls, deadline);
    if (rv == APR_SUCCESS)
        count(db, 1);
    else if (slots)
        wfm_slots_return(slots);
    return rv;
}

static void leave(wfm_db_t *db)
{
    count(db, -1);
    wfm_admission_leave(db->src->admission, db->cls);
    if (slots_of(db))
        wfm_slots_return(slots_of(db));
}

static apr_status_t lease_cleanup(void *data)
{
    wfm_db_t *db = data;

    if (db->dbd) {
        if (db->broken || PQtransactionStatus(db->conn) != PQTRANS_IDLE ||
            PQpipelineStatus(db->conn) != PQ_PIPELINE_OFF)
            hang_up(db->conn);
        else {
            wfm_admission_answered(db->src->admission);
            PQsetnonblocking(db->conn, 0); /* as mod_dbd and its other users expect it */
        }
        db->src->close(db->src->server, db->dbd);
        db->dbd = NULL;
    }
    leave(db);
    return APR_SUCCESS;
}

void wfm_lease_close(wfm_db_t *db)
{
    apr_pool_cleanup_run(db->pool, db, lease_cleanup);
}

static wfm_error_t *admit(wfm_db_t *db, apr_time_t deadline)
{
    switch (enter(db, deadline)) {
    case APR_SUCCESS:
        /* from here on the place, and later the connection, go back even if the request is torn
         * down */
        apr_pool_cleanup_register(db->pool, db, lease_cleanup, apr_pool_cleanup_null);
        return NULL;
    case APR_EBUSY:
        if (db->cls == WFM_ADMIT_INGEST)
            return wfm_db_unavailable(db->pool, "too many results are being stored",
                                      "WfmetricsMaxIngests reached, and none has ended within "
                                      "WfmetricsAcquireTimeout");
        if (db->cls != WFM_ADMIT_EXPORT)
            return wfm_db_unavailable(db->pool, "the database is busy",
                                      "all connections are in use, and none has become free within "
                                      "WfmetricsAcquireTimeout");
        return wfm_db_unavailable(db->pool, "too many exports are running",
                                  "WfmetricsMaxExports reached");
    case APR_ENOSPC:
        return wfm_db_unavailable(db->pool, "the database is busy", "WfmetricsMaxThreads reached");
    default:
        return wfm_db_unavailable(db->pool, "the database is busy",
                                  "no connection became free within WfmetricsAcquireTimeout");
    }
}

/* Fetch a connection from mod_dbd, one thread at a time: it may have to connect, under its lock. */
static wfm_error_t *fetch(wfm_db_t *db, apr_time_t deadline)
{
    if (wfm_admission_acquire_begin(db->src->admission, deadline) != APR_SUCCESS)
        return wfm_db_unavailable(db->pool, "the database is unavailable",
                                  "another request is still connecting to the database");
    db->dbd = db->src->open(db->pool, db->src->server);
    wfm_admission_acquire_end(db->src->admission);
    if (!db->dbd)
        return wfm_db_unavailable(db->pool, "the database is unavailable",
                                  "mod_dbd has no connection (its own line above says why)");
    db->conn = apr_dbd_native_handle(db->dbd->driver, db->dbd->handle);
    if (!revive(db->conn)) {
        db->broken = 1;
        return wfm_db_unavailable(db->pool, "the database is unavailable",
                                  apr_pstrdup(db->pool, PQerrorMessage(db->conn)));
    }
    PQsetnonblocking(db->conn, 1);
    db->session = wfm_session_get(db->conn, db->dbd->pool);
    if (!db->session) {
        db->broken = 1;
        return wfm_error_internal(db->pool, "libpq refused the event procedure");
    }
    return NULL;
}

wfm_error_t *wfm_lease_open(wfm_db_t **out, const wfm_db_caller_t *caller,
                            wfm_admission_class_e cls)
{
    apr_time_t began = wfm_clock_now();
    apr_interval_time_t budget = apr_time_from_msec(caller->src->settings.acquire_timeout);
    wfm_db_t *db = apr_pcalloc(caller->pool, sizeof *db);
    wfm_error_t *err;

    db->src = caller->src;
    db->pool = caller->pool;
    db->is_gone = caller->is_gone;
    db->ctx = caller->ctx;
    db->cls = cls;
    if (caller->waited) /* what is spent is spent; what is free it may still have */
        budget -= *caller->waited < budget ? *caller->waited : budget;
    db->until = began + budget;
    wfm_meter_gauge(db->src->meter, WFM_GAUGE_WAITING, 1);
    err = admit(db, db->until);
    db->admitted = !err;
    if (!err)
        err = fetch(db, db->until);
    wfm_meter_gauge(db->src->meter, WFM_GAUGE_WAITING, -1);
    if (!err && cls == WFM_ADMIT_EXPORT)
        wfm_meter_add(db->src->meter, WFM_TOTAL_EXPORTS, 1);
    if (!err)
        err = wfm_session_configure(db);
    if (caller->waited)
        *caller->waited += wfm_clock_now() - began;
    *out = db;
    if (err && db->admitted)
        wfm_lease_close(db);
    return err;
}
