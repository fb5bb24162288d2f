/*
 * lease.c - owns connections: mod_dbd's pools, admission above them, the lease, its return, and
 * what configtest can say about the DBD settings. What is done with a lease is port.c's,
 * statements are stmt.c's.
 *
 * A lease is returned only in a state that the next request can use. Otherwise the connection is
 * closed on this side, which ends its backend; mod_dbd's check finds it closed at the next acquire
 * and reconnects. (PQreset at return would connect, and may hang, in a request that is finished.)
 */
#include "../core/clock.h"
#include "private.h"
#include <apr_env.h>
#include <apr_strings.h>
#include <http_config.h>
#include <poll.h>
#include <sys/socket.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

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

static const char *check_numbers(apr_pool_t *p, const dbd_cfg_t *cfg)
{
    if (cfg->nmax < 1)
        return "its DBDMax is 0: write 'DBDMax 10', or another number from 1 on";
    if (cfg->nmin > cfg->nkeep || cfg->nkeep > cfg->nmax)
        return apr_psprintf(
            p,
            "its DBDMin %d, DBDKeep %d and DBDMax %d are not in ascending order, and "
            "mod_dbd would make no pool: write for example 'DBDMin 0', 'DBDKeep %d'",
            cfg->nmin, cfg->nkeep, cfg->nmax, cfg->nmax < 2 ? cfg->nmax : 2);
    return NULL;
}

const char *wfm_pgsql_check(apr_pool_t *p, server_rec *main_server, server_rec *s)
{
    const dbd_cfg_t *cfg = dbd_settings(s), *inherited = dbd_settings(main_server);
    const char *fault;

    if (!ap_find_linked_module("mod_dbd.c"))
        return "mod_dbd is not loaded: write 'LoadModule dbd_module modules/mod_dbd.so' "
               "(Debian: a2enmod dbd)";
    if (!cfg)
        return "it has no DBD settings: write 'DBDriver pgsql' and 'DBDParams \"host=... "
               "dbname=...\"'";
    if (!*cfg->params)
        return "it has no DBDParams: write 'DBDriver pgsql' and 'DBDParams \"host=... "
               "dbname=...\"'";
    if (s != main_server && (cfg->server != s || cfg->params == inherited->params))
        return "it has no DBDParams of its own, so it would read another host's database: write "
               "'DBDriver pgsql' and 'DBDParams \"host=... dbname=...\"' inside it";
    fault = check_driver(p, cfg);
    if (!fault)
        fault = check_params(cfg);
    return fault ? fault : check_numbers(p, cfg);
}

const char *wfm_pgsql_pool_key(apr_pool_t *p, server_rec *s)
{
    const dbd_cfg_t *cfg = dbd_settings(s);

    return apr_psprintf(p, "%d %d %d %d %s", cfg->nmin, cfg->nkeep, cfg->nmax, cfg->exptime,
                        cfg->params);
}

/* What mod_dbd runs on a new connection (DBDInitSQL). */
static int is_begun_alike(const dbd_cfg_t *a, const dbd_cfg_t *b)
{
    const apr_array_header_t *one = a->init_queries, *other = b->init_queries;

    if (one->nelts != other->nelts)
        return 0;
    for (int i = 0; i < one->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(one, i, const char *), APR_ARRAY_IDX(other, i, const char *)) != 0)
            return 0;
    return 1;
}

const char *wfm_pgsql_difference(server_rec *one, server_rec *other)
{
    const dbd_cfg_t *a = dbd_settings(one), *b = dbd_settings(other);

    if (strcmp(a->params, b->params) != 0)
        return "DBDParams";
    if (a->nmin != b->nmin)
        return "DBDMin";
    if (a->nkeep != b->nkeep)
        return "DBDKeep";
    if (a->nmax != b->nmax)
        return "DBDMax";
    if (a->exptime != b->exptime)
        return "DBDExptime";
    if (!is_begun_alike(a, b))
        return "DBDInitSQL";
    return a->persist != b->persist ? "DBDPersist" : NULL;
}

/* Where a child is one thread it needs one connection, unless mod_dbd makes more in any case
 * (DBDMin); and one of them needs another one while it does maintenance. */
int wfm_pgsql_most(server_rec *s, int children, int threaded)
{
    const dbd_cfg_t *cfg = dbd_settings(s);

    if (threaded)
        return children * cfg->nmax;
    if (cfg->nmin > 1)
        return children * cfg->nmin;
    return children + wfm_admission_has_maintenance(cfg->nmax);
}

const char *wfm_pgsql_where(apr_pool_t *p, server_rec *s)
{
    static const char *const names[] = {"host", "hostaddr", "port"};
    PQconninfoOption *options = PQconninfoParse(dbd_settings(s)->params, NULL);
    const char *where = "";

    for (size_t i = 0; options && i < sizeof names / sizeof *names; i++)
        for (const PQconninfoOption *o = options; o->keyword; o++)
            if (!strcmp(o->keyword, names[i]))
                where = apr_pstrcat(p, where, o->val ? o->val : "", " ", NULL);
    PQconninfoFree(options);
    return where;
}

/*
 * libpq has a row's values from malloc. glibc takes the first large one from the system and gives
 * it back, but learns from that to keep later ones, some MB in each thread's heap. To name the
 * threshold that it begins with is to let it stay there: for the whole process, so not where the
 * operator has said something about it.
 */
static void keep_threshold(apr_pool_t *p)
{
#ifdef __GLIBC__
    char *set;

    if (apr_env_get(&set, "MALLOC_MMAP_THRESHOLD_", p) != APR_SUCCESS &&
        apr_env_get(&set, "GLIBC_TUNABLES", p) != APR_SUCCESS)
        mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#else
    (void)p;
#endif
}

void wfm_pgsql_child_init(apr_pool_t *pchild)
{
    char *set;

    /* mod_dbd connects under its pool's lock, and libpq waits for ever by default. A
     * connect_timeout in DBDParams, or an operator's own setting of the variable, is stronger than
     * this. */
    if (apr_env_get(&set, "PGCONNECT_TIMEOUT", pchild) != APR_SUCCESS)
        apr_env_set("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT_SECONDS, pchild);
    keep_threshold(pchild);
}

/* How long the first of several equal questions waits for one that is at the database already: much
 * longer than a small one takes, and not much of what a person notices. */
#define SHARE_AFTER apr_time_from_msec(10)

static int exports_share(const wfm_db_settings_t *settings, int max)
{
    if (settings->max_exports > 0)
        return settings->max_exports;
    return max / 2 > 0 ? max / 2 : 1;
}

/* What the sources of one mod_dbd pool share. */
typedef struct dbd_pool_t {
    wfm_admission_t *admission;
    wfm_facts_t facts;
} dbd_pool_t;

apr_status_t wfm_pgsql_source(wfm_db_source_t **out, apr_pool_t *pchild, server_rec *s,
                              const wfm_db_settings_t *settings, const wfm_meter_t *meter,
                              const wfm_db_shared_t *shared)
{
    const dbd_cfg_t *cfg = dbd_settings(s);
    const char *key = wfm_pgsql_pool_key(pchild, s);
    dbd_pool_t *pool = apr_hash_get(shared->pools, key, APR_HASH_KEY_STRING);
    wfm_db_source_t *src = apr_pcalloc(pchild, sizeof *src);

    src->server = s;
    src->settings = *settings;
    src->meter = meter;
    src->open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    src->close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    src->slots = shared->slots;
    src->news = shared->news;
    src->maintained = shared->maintained && wfm_admission_has_maintenance(cfg->nmax);
    if (!pool) {
        apr_status_t rv;

        pool = apr_pcalloc(pchild, sizeof *pool);
        rv = wfm_admission_create(&pool->admission, pchild, shared->threads, cfg->nmax,
                                  exports_share(settings, cfg->nmax));
        if (rv != APR_SUCCESS)
            return rv;
        apr_hash_set(shared->pools, key, APR_HASH_KEY_STRING, pool);
    }
    src->admission = pool->admission;
    src->facts = &pool->facts;
    *out = src;
    return src->slots ? APR_SUCCESS
                      : wfm_coalescer_create(&src->coalescer, pchild, src->admission, SHARE_AFTER);
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

wfm_error_t *wfm_db_unavailable(apr_pool_t *p, const char *message, const char *detail)
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
