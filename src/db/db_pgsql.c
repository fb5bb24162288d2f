/*
 * db_pgsql.c - owns connections: mod_dbd's pools, admission above them, the lease, its return, and
 * what configtest can say about the DBD settings. Statements are db_pgsql_stmt.c's.
 *
 * A lease is returned only in a state that the next request can use. Otherwise the connection is
 * closed on this side, which ends its backend; mod_dbd's check finds it closed at the next acquire
 * and reconnects. (PQreset at return would connect, and may hang, in a request that is finished.)
 */
#include "db_pgsql_private.h"
#include <apr_atomic.h>
#include <apr_env.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <poll.h>
#include <sys/socket.h>

APLOG_USE_MODULE(wfmetrics);

#define CONNECT_TIMEOUT_SECONDS "2" /* libpq takes less for 2 */

/* ---- setting up ---- */

/*
 * mod_dbd's per-server configuration. Private to mod_dbd, but its shape has not changed since 2.2;
 * the first member is a public type whose `server` member proves that the guess is right.
 */
typedef struct dbd_server_t {
    dbd_cfg_t *cfg;
    void *group;
} dbd_server_t;

static dbd_cfg_t *dbd_settings(server_rec *s)
{
    module *dbd = ap_find_linked_module("mod_dbd.c");
    dbd_server_t *conf = dbd ? ap_get_module_config(s->module_config, dbd) : NULL;

    return conf ? conf->cfg : NULL;
}

static const char *check_driver(apr_pool_t *p, const dbd_cfg_t *cfg)
{
    if (!strcmp(cfg->name, "pgsql"))
        return NULL;
    if (cfg->name[0] == '[') /* mod_dbd's "[DBDriver unset]" */
        return "it has no DBDriver: write 'DBDriver pgsql'";
    return apr_psprintf(p,
                        "its DBDriver is '%s', but mod_wfmetrics speaks to PostgreSQL only: "
                        "write 'DBDriver pgsql'",
                        cfg->name);
}

/* libpq's own complaint might quote a part of the password, so it is not repeated. */
static const char *check_params(const dbd_cfg_t *cfg)
{
    PQconninfoOption *options = PQconninfoParse(cfg->params, NULL);

    if (!options)
        return "libpq cannot read its DBDParams: write 'DBDParams \"host=... dbname=... "
               "user=...\"'";
    PQconninfoFree(options);
    return NULL;
}

static const char *check_numbers(apr_pool_t *p, const dbd_cfg_t *cfg, int max_exports)
{
    if (cfg->nmax < 1)
        return "its DBDMax is 0: write 'DBDMax 10', or another number from 1 on";
    if (cfg->nmin > cfg->nkeep || cfg->nkeep > cfg->nmax)
        return apr_psprintf(
            p,
            "its DBDMin %d, DBDKeep %d and DBDMax %d are not in ascending order, and "
            "mod_dbd would make no pool: write for example 'DBDMin 0', 'DBDKeep %d'",
            cfg->nmin, cfg->nkeep, cfg->nmax, cfg->nmax < 2 ? cfg->nmax : 2);
    if (max_exports > cfg->nmax)
        return apr_psprintf(
            p,
            "its WfmetricsMaxExports is %d, but its DBDMax allows only %d connections: "
            "write 'WfmetricsMaxExports %d' or less",
            max_exports, cfg->nmax, cfg->nmax);
    return NULL;
}

const char *wfm_db_pgsql_check(apr_pool_t *p, server_rec *main_server, server_rec *s,
                               const wfm_db_settings_t *settings)
{
    const dbd_cfg_t *cfg = dbd_settings(s), *inherited = dbd_settings(main_server);
    const char *fault;

    if (!ap_find_linked_module("mod_dbd.c"))
        return "mod_dbd is not loaded: write 'LoadModule dbd_module modules/mod_dbd.so' "
               "(Debian: a2enmod dbd)";
    if (!cfg)
        return "it has no DBD settings: write 'DBDriver pgsql' and 'DBDParams \"host=... "
               "dbname=...\"'";
    if (s != main_server && (cfg->server != s || cfg->params == inherited->params))
        return "it has no DBDParams of its own, so it would read another host's database: write "
               "'DBDriver pgsql' and 'DBDParams \"host=... dbname=...\"' inside it";
    if (!*cfg->params)
        return "it has no DBDParams: write 'DBDParams \"host=... dbname=...\"'";
    fault = check_driver(p, cfg);
    if (!fault)
        fault = check_params(cfg);
    return fault ? fault : check_numbers(p, cfg, settings->max_exports);
}

int wfm_db_pgsql_max(server_rec *s)
{
    return dbd_settings(s)->nmax;
}

void wfm_db_pgsql_child_init(apr_pool_t *pchild)
{
    char *set;

    /* mod_dbd connects under its pool's lock, and libpq waits for ever by default. A
     * connect_timeout in DBDParams, or an operator's own setting of the variable, is stronger than
     * this. */
    if (apr_env_get(&set, "PGCONNECT_TIMEOUT", pchild) != APR_SUCCESS)
        apr_env_set("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT_SECONDS, pchild);
}

/* How long the first of several equal questions waits for one that is at the database already: much
 * longer than a small one takes, and not much of what a person notices. */
#define PATIENCE apr_time_from_msec(10)

static int exports_share(const wfm_db_settings_t *settings, int max)
{
    if (settings->max_exports > 0)
        return settings->max_exports;
    return max / 2 > 0 ? max / 2 : 1;
}

apr_status_t wfm_db_pgsql_source(wfm_db_source_t **out, apr_pool_t *pchild, server_rec *s,
                                 const wfm_db_settings_t *settings, const wfm_db_shared_t *shared)
{
    const dbd_cfg_t *cfg = dbd_settings(s);
    const char *pool_key = apr_psprintf(pchild, "%d %d %d %d %s", cfg->nmin, cfg->nkeep, cfg->nmax,
                                        cfg->exptime, cfg->params);
    wfm_db_source_t *src = apr_pcalloc(pchild, sizeof *src);

    src->server = s;
    src->settings = *settings;
    src->open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    src->close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    src->hall = shared->hall;
    src->admission = apr_hash_get(shared->admissions, pool_key, APR_HASH_KEY_STRING);
    if (!src->admission) {
        apr_status_t rv = wfm_admission_create(&src->admission, pchild, shared->crowd, cfg->nmax,
                                               exports_share(settings, cfg->nmax));
        if (rv != APR_SUCCESS)
            return rv;
        apr_hash_set(shared->admissions, pool_key, APR_HASH_KEY_STRING, src->admission);
    }
    *out = src;
    return src->hall ? APR_SUCCESS
                     : wfm_coalescer_create(&src->coalescer, pchild, src->admission, PATIENCE);
}

/* ---- the lease ---- */

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

static apr_status_t enter(wfm_db_t *db, apr_time_t deadline)
{
    wfm_hall_t *hall = db->src->hall;
    apr_status_t rv = hall ? wfm_hall_enter(hall, deadline) : APR_SUCCESS;

    if (rv != APR_SUCCESS)
        return rv;
    rv = wfm_admission_enter(db->src->admission, db->cls, deadline);
    if (rv != APR_SUCCESS && hall)
        wfm_hall_leave(hall);
    return rv;
}

static void leave(wfm_db_t *db)
{
    wfm_admission_leave(db->src->admission, db->cls);
    if (db->src->hall)
        wfm_hall_leave(db->src->hall);
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

static void lease_close(wfm_db_t *db)
{
    apr_pool_cleanup_run(db->pool, db, lease_cleanup);
}

static wfm_error_t *unavailable(apr_pool_t *p, const char *message, const char *detail)
{
    wfm_error_t *err = wfm_error_make(p, WFM_UNAVAILABLE, "%s", message);

    err->retry_after = 1;
    err->detail = detail;
    return err;
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
        if (db->cls == WFM_ADMIT_PROBE)
            return unavailable(db->pool, "the database is busy",
                               "all connections are in use, and none has become free within "
                               "WfmetricsAcquireTimeout");
        return unavailable(db->pool, "too many exports are running", "WfmetricsMaxExports reached");
    case APR_ENOSPC:
        return unavailable(db->pool, "the database is busy", "WfmetricsMaxThreads reached");
    default:
        return unavailable(db->pool, "the database is busy",
                           "no connection became free within WfmetricsAcquireTimeout");
    }
}

/* Fetch a connection from mod_dbd, one thread at a time: it may have to connect, under its lock. */
static wfm_error_t *fetch(wfm_db_t *db, apr_time_t deadline)
{
    if (wfm_admission_acquire_begin(db->src->admission, deadline) != APR_SUCCESS)
        return unavailable(db->pool, "the database is unavailable",
                           "another request is still connecting to the database");
    db->dbd = db->src->open(db->pool, db->src->server);
    wfm_admission_acquire_end(db->src->admission);
    if (!db->dbd)
        return unavailable(db->pool, "the database is unavailable",
                           "mod_dbd has no connection (its own line above says why)");
    db->conn = apr_dbd_native_handle(db->dbd->driver, db->dbd->handle);
    if (!revive(db->conn)) {
        db->broken = 1;
        return unavailable(db->pool, "the database is unavailable",
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

static wfm_error_t *lease_open(wfm_db_t **out, const wfm_db_caller_t *caller,
                               wfm_admission_class_e cls)
{
    apr_time_t began = apr_time_now();
    apr_time_t deadline = began + apr_time_from_msec(caller->src->settings.acquire_timeout);
    wfm_db_t *db = apr_pcalloc(caller->pool, sizeof *db);
    wfm_error_t *err;

    db->src = caller->src;
    db->pool = caller->pool;
    db->is_gone = caller->is_gone;
    db->ctx = caller->ctx;
    db->cls = cls;
    err = admit(db, deadline);
    db->admitted = !err;
    if (!err)
        err = fetch(db, deadline);
    if (caller->waited)
        *caller->waited += apr_time_now() - began;
    if (!err)
        err = wfm_session_configure(db);
    *out = db;
    if (err && db->admitted)
        lease_close(db);
    return err;
}

/* ---- the port ---- */

#define ATTEMPTS                                                                                   \
    2 /* a statement that surely did nothing is sent once more, on another connection */

/* One step needs no pipeline. */
static wfm_error_t *run_steps(wfm_db_t *db, const wfm_step_t *steps, int n, wfm_result_t **result)
{
    return n > 1 ? wfm_db_run_batch(db, steps, n, result)
                 : wfm_db_run(db, steps->stmt, steps->nparams, steps->params, result);
}

/* Lease a connection, run the steps on it, give it back. */
static wfm_error_t *run_leased(const wfm_db_caller_t *caller, wfm_admission_class_e cls,
                               const wfm_step_t *steps, int n, wfm_result_t **result)
{
    wfm_error_t *err = NULL;

    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        wfm_db_t *db = NULL;

        err = lease_open(&db, caller, cls);
        cls = WFM_ADMIT_SMALL; /* with the place, the room is given back, too */
        if (!err) {
            err = run_steps(db, steps, n, result);
            for (int i = 0; i < n && err && db->stale; i++) { /* each step's may be stale */
                wfm_session_forget(db);
                err = run_steps(db, steps, n, result);
            }
            lease_close(db);
        }
        if (!err || !db || !db->resend)
            break;
    }
    return err;
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

/* The statement and the values, each with its NUL, and SQL NULL told from what is empty. */
static void set_key(wfm_question_t *q, const wfm_stmt_t *stmt, int n, const char *const *params)
{
    apr_size_t size = strlen(stmt->sql) + 1;
    char *key, *end;

    for (int i = 0; i < n; i++)
        size += params[i] ? strlen(params[i]) + 2 : 1;
    key = apr_palloc(q->pool, size);
    end = apr_cpystrn(key, stmt->sql, size) + 1;
    for (int i = 0; i < n; i++) {
        *end++ = params[i] ? 'v' : 'n';
        if (params[i])
            end = apr_cpystrn(end, params[i], size - (apr_size_t)(end - key)) + 1;
    }
    q->key = key;
    q->len = size;
}

/* Of several that ask the same at once one asks for all. */
static wfm_error_t *query_together(const wfm_db_caller_t *caller, const wfm_step_t *step,
                                   wfm_result_t **result)
{
    wfm_question_t q = {.pool = caller->pool, .is_gone = caller->is_gone, .ctx = caller->ctx};
    wfm_coalescer_t *coalescer = caller->src->coalescer;
    apr_interval_time_t waited = caller->waited ? *caller->waited : 0;
    answer_t answer = {NULL, NULL, 0};

    set_key(&q, step->stmt, step->nparams, step->params);
    switch (wfm_coalesce_join(coalescer, &q)) {
    case WFM_COALESCE_ANSWERED:
        answer = *(answer_t *)q.answer;
        if (caller->waited)
            *caller->waited += answer.waited;
        break;
    case WFM_COALESCE_GONE:
        return wfm_error_make(caller->pool, WFM_CLIENT_GONE, "the client left");
    case WFM_COALESCE_ALONE:
        return run_leased(caller, WFM_ADMIT_SMALL, step, 1, result);
    case WFM_COALESCE_LEAD:
        answer.err = run_leased(caller, q.attends ? WFM_ADMIT_ATTENDANT : WFM_ADMIT_SMALL, step, 1,
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

    if (stmt->effect == WFM_READS && caller->src->coalescer)
        return query_together(caller, &step, result);
    return run_leased(caller, WFM_ADMIT_SMALL, &step, 1, result);
}

wfm_error_t *wfm_db_batch(const wfm_db_caller_t *caller, const wfm_step_t *steps, int n,
                          wfm_result_t **result)
{
    return run_leased(caller, WFM_ADMIT_SMALL, steps, n, result);
}

/* Nobody has asked yet: a lease that does nothing looks. Why it fails, the statement will say. */
int wfm_db_has_summaries(const wfm_db_caller_t *caller)
{
    wfm_db_source_t *src = caller->src;
    wfm_db_t *db;

    if (apr_atomic_read32(&src->summaries) == WFM_SUMMARIES_UNKNOWN &&
        !lease_open(&db, caller, WFM_ADMIT_SMALL))
        lease_close(db);
    return apr_atomic_read32(&src->summaries) == WFM_SUMMARIES_YES;
}

void wfm_db_forget_summaries(const wfm_db_caller_t *caller)
{
    apr_atomic_set32(&caller->src->summaries, WFM_SUMMARIES_NO);
}

/*
 * A stream's rows are to come in an index's order, from the first on and in constant memory. The
 * planner does not know that a dimension's value is a large share of the rows: it would rather read
 * the whole table with several workers, sort, and then begin. What it makes of a row's dimensions
 * it should remember (from PostgreSQL 14 on it can).
 */
static const char *snapshot_sql(const wfm_db_t *db)
{
    return apr_psprintf(db->pool,
                        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                        "SET LOCAL statement_timeout = %d; SET LOCAL enable_sort = off; "
                        "SET LOCAL max_parallel_workers_per_gather = 0%s",
                        db->src->settings.export_timeout,
                        PQserverVersion(db->conn) >= 140000 ? "; SET LOCAL enable_memoize = on"
                                                            : "");
}

static wfm_error_t *snapshot_begin(wfm_db_t **db, const wfm_db_caller_t *caller)
{
    wfm_error_t *err = NULL;

    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        *db = NULL;
        err = lease_open(db, caller, WFM_ADMIT_EXPORT);
        if (!err) {
            err = wfm_db_command(*db, "begin", snapshot_sql(*db));
            if (!err)
                return NULL;
            lease_close(*db);
        }
        if (!*db || !(*db)->resend)
            break;
    }
    return err;
}

wfm_error_t *wfm_db_snapshot(const wfm_db_caller_t *caller, wfm_db_work_fn work, void *baton)
{
    wfm_db_t *db;
    wfm_error_t *err;

    WFM_TRY(snapshot_begin(&db, caller));
    err = work(db, baton);
    if (!db->broken)
        /* Nothing was written: how it ends is of no consequence, only that the connection is at
         * rest. */
        (void)wfm_db_command(db, "rollback", "ROLLBACK");
    lease_close(db);
    return err;
}

/* Whatever a probe meets, its client hears that this cluster cannot be served now. */
static wfm_error_t *unhealthy(apr_pool_t *p, const wfm_error_t *why)
{
    wfm_error_t *err = unavailable(p, "the database is unavailable", why->detail);

    err->statement = why->statement;
    apr_cpystrn(err->sqlstate, why->sqlstate, sizeof err->sqlstate);
    return err;
}

/* All connections are in use: do they come back? Then a request would get one. */
static int is_moving(wfm_db_source_t *src)
{
    return wfm_admission_last_answer(src->admission) >
           apr_time_now() - apr_time_from_msec(src->settings.acquire_timeout);
}

wfm_error_t *wfm_db_probe(const wfm_db_caller_t *caller, int *busy)
{
    wfm_error_t *err = NULL;

    *busy = 0;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        wfm_db_t *db = NULL;

        err = lease_open(&db, caller, WFM_ADMIT_PROBE);
        if (err && !db->admitted) {
            *busy = is_moving(caller->src);
            return *busy ? NULL : err;
        }
        if (!err) {
            err = wfm_db_command(db, "health", "SELECT 1");
            lease_close(db);
        }
        if (!err || !db->resend)
            break;
    }
    return err && err->status != WFM_CLIENT_GONE ? unhealthy(caller->pool, err) : err;
}
