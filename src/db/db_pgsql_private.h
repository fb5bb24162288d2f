/*
 * db_pgsql_private.h - what the two halves of the implementation share: the lease (db_pgsql.c) and
 * the statements that run on it (db_pgsql_stmt.c).
 */
#ifndef WFM_DB_PGSQL_PRIVATE_H
#define WFM_DB_PGSQL_PRIVATE_H

#include "admission.h"
#include "db.h"
#include "db_pgsql.h"
#include <apr_dbd.h>
#include <apr_hash.h>
#include <libpq-fe.h>
#include <mod_dbd.h>

struct wfm_db_source_t {
    server_rec *server; /* whose mod_dbd pool it is */
    wfm_db_settings_t settings;
    wfm_admission_t *admission;
    APR_OPTIONAL_FN_TYPE(ap_dbd_open) * open;
    APR_OPTIONAL_FN_TYPE(ap_dbd_close) * close;
};

/* What this module has done to a session; forgotten when libpq resets the connection. */
typedef struct wfm_session_t {
    apr_hash_t *prepared; /* names of statements prepared here */
    int configured;       /* the settings are in force */
    int timeout; /* with this statement_timeout; hosts that share a pool may differ in it */
} wfm_session_t;

struct wfm_db_t {
    wfm_db_source_t *src;
    apr_pool_t *pool;
    wfm_admission_class_e cls;
    int admitted; /* it has a place, and perhaps a connection */
    ap_dbd_t *dbd;
    PGconn *conn;
    wfm_session_t *session;
    int (*is_gone)(void *ctx); /* of the caller */
    void *ctx;
    apr_time_t deadline; /* of the running statement, 0: none */
    int broken;          /* the connection must not be used again as it is */
    int resend;          /* the statement that failed cannot have taken effect, or only reads */
    const char *stale;   /* name of a prepared statement that was refused before it ran, or NULL */
};

/* The session's state, made at the first use of a connection. NULL: out of memory. */
wfm_session_t *wfm_session_get(PGconn *conn, apr_pool_t *conn_pool);

/* Put the module's settings in force, if they are not. */
wfm_error_t *wfm_session_configure(wfm_db_t *db);

/* Forget the prepared statement db->stale, so that the next use prepares it anew. */
void wfm_session_forget(wfm_db_t *db);

/* Run fixed commands without parameters or rows (several, separated by semicolons). */
wfm_error_t *wfm_db_command(wfm_db_t *db, const char *name, const char *sql);

/* As wfm_db_batch, on a leased connection. */
wfm_error_t *wfm_db_run_batch(wfm_db_t *db, const wfm_step_t *steps, int n, wfm_result_t **result);

#endif
