/*
 * maintenance.c - owns the thread of the databases' maintenance: mod_watchdog's, in one child of
 * all. It has no client's connection, so nobody waits for it. What is done in it, and when, is
 * wfm_db_maintain's. Without mod_watchdog the summaries fall behind (slower answers, never others),
 * and who deletes a config waits for its metric rows.
 */
#include "maintenance.h"
#include "config.h"
#include <apr_atomic.h>
#include <apr_signal.h>
#include <apr_thread_mutex.h>
#include <http_core.h>
#include <http_log.h>
#include <mod_watchdog.h>
#include <mpm_common.h>

APLOG_USE_MODULE(wfmetrics);

/* Made by the parent; each child's copy is its own from then on. */
typedef struct wfm_maintenance_t {
    server_rec *main_server;
    apr_thread_mutex_t *busy; /* held while it is done; lives as long as mod_watchdog's thread */
    volatile apr_uint32_t up; /* the child is set up, mod_dbd's pools too; and does not end yet */
} wfm_maintenance_t;

static int is_stopping(void *ctx)
{
    wfm_maintenance_t *m = ctx;

    return !apr_atomic_read32(&m->up);
}

static void maintain(wfm_maintenance_t *m, server_rec *s, apr_pool_t *p)
{
    const wfm_db_caller_t caller = {
        .src = wfm_server_config(s)->source, .pool = p, .is_gone = is_stopping, .ctx = m};
    const wfm_error_t *err = wfm_db_maintain(&caller);

    if (err && err->status != WFM_CLIENT_GONE)
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     "wfmetrics: cluster=%s: some maintenance could not be done, which will be "
                     "tried again: sqlstate=%s statement=%s: %s: %.300s",
                     wfm_cluster(s), err->sqlstate[0] ? err->sqlstate : "-",
                     err->statement ? err->statement : "-", err->message,
                     err->detail ? err->detail : "");
}

/* Under prefork a child ends in the handler of the signal, and waits there for this thread: it must
 * be another one's. */
static void leave_signals_to_others(void)
{
    apr_signal_block(SIGTERM);
    apr_signal_block(SIGHUP);
    apr_signal_block(AP_SIG_GRACEFUL);
}

/* mod_watchdog's thread may be there before all of the child is, and when all but it is gone. */
static apr_status_t watch(int state, void *data, apr_pool_t *p)
{
    wfm_maintenance_t *m = data;

    if (state != AP_WATCHDOG_STATE_RUNNING)
        return APR_SUCCESS;
    leave_signals_to_others();
    apr_thread_mutex_lock(m->busy);
    for (server_rec *s = m->main_server; s && !is_stopping(m); s = s->next)
        if (wfm_is_first_host(m->main_server, s) && wfm_server_config(s)->source)
            maintain(m, s, p);
    apr_thread_mutex_unlock(m->busy);
    return APR_SUCCESS;
}

int wfm_maintenance_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                                server_rec *s)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *call =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    wfm_maintenance_t *m;
    ap_watchdog_t *watchdog;
    apr_status_t rv;

    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG ||
        apr_hash_count(wfm_server_config(s)->clusters) == 0)
        return OK;
    if (!get || !call) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                     "wfmetrics: mod_watchdog is not loaded, so nobody keeps the summaries up to "
                     "date: let cron CALL wfm_fold_all() in each database");
        return OK;
    }
    m = apr_pcalloc(pconf, sizeof *m);
    m->main_server = s;
    rv = apr_thread_mutex_create(&m->busy, APR_THREAD_MUTEX_DEFAULT, pconf);
    if (rv == APR_SUCCESS)
        rv = get(&watchdog, "wfmetrics", 0, 1, pconf);
    if (rv == APR_SUCCESS)
        rv = call(watchdog, AP_WD_TM_INTERVAL, m, watch);
    if (rv == APR_SUCCESS)
        wfm_server_config(s)->maintenance = m;
    else
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, s,
                     "wfmetrics: mod_watchdog refused the maintenance of the summaries");
    return OK;
}

/* mod_watchdog waits for its thread, but perhaps not before mod_dbd closes its connections. */
static apr_status_t stop(void *data)
{
    wfm_maintenance_t *m = data;

    apr_atomic_set32(&m->up, 0);
    apr_thread_mutex_lock(m->busy);
    apr_thread_mutex_unlock(m->busy);
    return APR_SUCCESS;
}

void wfm_maintenance_child_init(apr_pool_t *pchild, server_rec *s)
{
    wfm_maintenance_t *m = wfm_server_config(s)->maintenance;

    if (!m)
        return;
    apr_pool_pre_cleanup_register(pchild, m, stop);
    apr_atomic_set32(&m->up, 1);
}
