/*
 * startup.c - owns what is made when httpd starts: the counters of each cluster in the parent, its
 * sources in each child.
 */
#include "startup.h"
#include "../api/api.h"
#include "config.h"
#include "notices.h"
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <unistd.h>

APLOG_USE_MODULE(wfmetrics);

/* How many threads of a child (where each has but one: how many children) may be at the databases.
 * By default three quarters: the others serve what needs no database, whatever happens. */
static int max_threads(server_rec *main_server, int query)
{
    int said = wfm_server_config(main_server)->max_threads, all = 1;

    if (said > 0)
        return said;
    ap_mpm_query(query, &all);
    return all > 3 ? all - all / 4 : (all > 0 ? all : 1);
}

static void make_slots(apr_pool_t *pconf, server_rec *main_server)
{
    wfm_server_config_t *c = wfm_server_config(main_server);
    int slots = max_threads(main_server, AP_MPMQ_MAX_DAEMONS);
    apr_status_t rv = wfm_slots_create(&c->slots, pconf, slots);

    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, main_server,
                     "wfmetrics: without shared memory WfmetricsMaxThreads is not in force");
}

/* The counters live in the process' own pool: a restart clears pconf, and children of before it
 * count on. */
static apr_status_t make_counters(server_rec *main_server, apr_pool_t *ptemp)
{
    wfm_server_config_t *main_conf = wfm_server_config(main_server);
    apr_status_t rv;
    int children = 0;

    ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &children);
    /* twice: at a graceful restart there may be two generations */
    rv = wfm_registry_open(&main_conf->registry, main_server->process->pool, 2 * children, ptemp,
                           wfm_routes, wfm_routes_count);
    for (server_rec *s = main_server; s && rv == APR_SUCCESS; s = s->next)
        if (wfm_cluster(s))
            rv = wfm_registry_counters(&wfm_server_config(s)->meter.counters, main_conf->registry,
                                       wfm_cluster(s));
    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_EMERG, rv, main_server,
                     "wfmetrics: no shared memory for the counters");
    return rv;
}

int wfm_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *main_server)
{
    (void)plog;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK; /* all of it is done once more */
    if (make_counters(main_server, ptemp) != APR_SUCCESS)
        return HTTP_INTERNAL_SERVER_ERROR;
    if (!wfm_is_threaded())
        make_slots(pconf, main_server);
    wfm_notices_start(pconf, main_server);
    return OK;
}

static apr_status_t make_shared(wfm_db_shared_t *shared, apr_pool_t *pchild,
                                server_rec *main_server)
{
    const wfm_server_config_t *c = wfm_server_config(main_server);
    int clusters = (int)apr_hash_count(c->clusters);

    shared->pools = apr_hash_make(pchild);
    shared->slots = c->slots;
    shared->observer = wfm_notices_observer();
    shared->maintained = c->maintenance != NULL;
    return wfm_threads_create(&shared->threads, pchild,
                              max_threads(main_server, AP_MPMQ_MAX_THREADS),
                              clusters ? clusters : 1);
}

static int has_cluster(server_rec *s)
{
    while (s && !wfm_cluster(s))
        s = s->next;
    return s != NULL;
}

void wfm_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    wfm_db_shared_t shared = {0};
    apr_status_t made = make_shared(&shared, pchild, main_server);
    int cell = wfm_registry_enter(wfm_server_config(main_server)->registry, (apr_uint32_t)getpid());

    if (has_cluster(main_server)) /* what is set is the whole process's */
        wfm_pgsql_child_init(pchild);
    for (server_rec *s = main_server; s; s = s->next) {
        wfm_server_config_t *c = wfm_server_config(s);
        apr_status_t rv = made;

        if (!wfm_cluster(s))
            continue;
        c->meter.cell = cell;
        if (rv == APR_SUCCESS)
            rv = wfm_pgsql_source(&c->source, pchild, s, &c->db, &c->meter, &shared);
        if (rv != APR_SUCCESS)
            ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                         "wfmetrics: cluster '%s' cannot be served by this child", c->cluster);
    }
}

void wfm_child_status(server_rec *s, pid_t pid, ap_generation_t generation, int slot,
                      mpm_child_status state)
{
    (void)generation;
    (void)slot;
    if (state == MPM_CHILD_EXITED && wfm_server_config(s)->registry)
        wfm_registry_leave(wfm_server_config(s)->registry, (apr_uint32_t)pid);
}
