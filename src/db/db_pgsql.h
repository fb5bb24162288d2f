/*
 * db_pgsql.h - setting up the implementation of db.h on mod_dbd and libpq. For the httpd glue only.
 */
#ifndef WFM_DB_PGSQL_H
#define WFM_DB_PGSQL_H

#include "admission.h"
#include "db.h"
#include "hall.h"
#include <apr_hash.h>
#include <httpd.h>

/** Times in milliseconds, 0 for the two statement timeouts: none. max_exports -1: half of DBDMax.
 */
typedef struct wfm_db_settings_t {
    int acquire_timeout;
    int statement_timeout;
    int export_timeout;
    int max_exports;
} wfm_db_settings_t;

/**
 * Can this host reach its cluster's database as it is configured? For configtest.
 * @return NULL, or a sentence that says what to write
 */
const char *wfm_db_pgsql_check(apr_pool_t *p, server_rec *main_server, server_rec *s);

/** The host's DBDMax, after wfm_db_pgsql_check has approved it. */
int wfm_db_pgsql_max(server_rec *s);

/** Once a child, before mod_dbd connects: a connect that hangs must end (see db_pgsql.c). */
void wfm_db_pgsql_child_init(apr_pool_t *pchild);

/** What the sources of one child share. */
typedef struct wfm_db_shared_t {
    apr_hash_t *admissions; /**< hosts whose DBD settings are equal share one mod_dbd pool, hence
                               one admission */
    wfm_crowd_t *crowd;     /**< of all clusters */
    wfm_hall_t *hall;       /**< of all children, where each is one thread; else NULL */
} wfm_db_shared_t;

/** Make a host's source, in the child. */
apr_status_t wfm_db_pgsql_source(wfm_db_source_t **src, apr_pool_t *pchild, server_rec *s,
                                 const wfm_db_settings_t *settings, const wfm_db_shared_t *shared);

#endif
