/*
 * pgsql.h - setting up the implementation of db.h on mod_dbd and libpq. For the httpd glue only.
 *
 * The folder src/pgsql is the only one that knows mod_dbd and libpq, and what either needs: it
 * leases connections, runs statements and streams on them, and keeps what a connection is known
 * for.
 */
#ifndef WFM_PGSQL_H
#define WFM_PGSQL_H

#include "../core/counters.h"
#include "../db/db.h"
#include "../gate/admission.h"
#include "../gate/slots.h"
#include <apr_hash.h>
#include <httpd.h>

/** Times in milliseconds, 0 for those but acquire_timeout: none. max_exports and max_ingests -1:
 * half of DBDMax. */
typedef struct wfm_db_settings_t {
    int acquire_timeout;
    int statement_timeout;
    int export_timeout;
    int max_exports;
    int ingest_timeout;
    int max_ingests;
} wfm_db_settings_t;

/**
 * Can this host reach its cluster's database as it is configured? For configtest.
 * @return NULL, or a sentence that says what to write
 */
const char *wfm_pgsql_check(apr_pool_t *p, server_rec *main_server, server_rec *s);

/** Hosts whose DBD settings are equal, after wfm_pgsql_check has approved them, share one pool
 * of mod_dbd's in each child; this is equal then. It holds passwords. */
const char *wfm_pgsql_pool_key(apr_pool_t *p, server_rec *s);

/** Which of the host's settings differs from the other's, so that they do not: its name. NULL: none
 */
const char *wfm_pgsql_difference(server_rec *a, server_rec *b);

/** Most connections that so many children make for the host's pool, all together. */
int wfm_pgsql_most(server_rec *s, int children, int threaded);

/** Where the host's database is: equal for those of one PostgreSQL, as far as DBDParams tell. */
const char *wfm_pgsql_where(apr_pool_t *p, server_rec *s);

/** Once a child, before mod_dbd connects: a connect that hangs must end (see pool.c). */
void wfm_pgsql_child_init(apr_pool_t *pchild);

/** Whom to tell what a session finds in a database; called often, from any thread. */
typedef struct wfm_db_observer_t {
    void (*summaries)(server_rec *s, wfm_summaries_e state);
    void (*unclean)(server_rec *s, apr_uint32_t days, apr_uint32_t seconds); /**< not summed up */
    void (*connections)(server_rec *s, int max); /**< what the server has for such as us */
} wfm_db_observer_t;

/** What the sources of one child share. */
typedef struct wfm_db_shared_t {
    apr_hash_t *pools; /**< by wfm_pgsql_pool_key: who shares a mod_dbd pool shares what is known
                          of it, and who may use it */
    wfm_threads_t *threads; /**< of all clusters */
    wfm_slots_t *slots;     /**< of all children, where each is one thread; else NULL */
    const wfm_db_observer_t *observer;
    int maintained; /**< somebody will call wfm_db_maintain, in one of the children */
} wfm_db_shared_t;

/** Make a host's source, in the child. @param meter lives as long; where its cluster is counted */
apr_status_t wfm_pgsql_source(wfm_db_source_t **src, apr_pool_t *pchild, server_rec *s,
                              const wfm_db_settings_t *settings, const wfm_meter_t *meter,
                              const wfm_db_shared_t *shared);

#endif
