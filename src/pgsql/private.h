/*
 * private.h - what the parts of the implementation share: the pools (pool.c), the lease (lease.c),
 * what is done with it (port.c), what goes over the wire (wire.c), the session (session.c), the
 * statements that run on it (stmt.c), how their results are taken (rows.c), transactions of several
 * round trips (transact.c), streams out (stream.c) and in (copy_in.c), and maintenance
 * (maintenance.c, deleted.c, backfill.c).
 */
#ifndef WFM_PGSQL_PRIVATE_H
#define WFM_PGSQL_PRIVATE_H

#include "../db/db.h"
#include "../gate/admission.h"
#include "../gate/coalesce.h"
#include "../gate/slots.h"
#include "pgsql.h"
#include "result.h"
#include <apr_dbd.h>
#include <apr_hash.h>
#include <libpq-fe.h>
#include <mod_dbd.h>

/* What a session has found in the database, beside the state of the summaries. */
#define WFM_FOUND_STATE        0xff
#define WFM_FOUND_MAINTAIN     0x100 /* this role may have the summaries' maintenance done */
#define WFM_FOUND_DELETED      0x200 /* and remember and delete what is left of deleted configs */
#define WFM_FOUND_BACKFILL     0x400 /* and keep backfill tasks, and go on with them */
#define WFM_FOUND_ACKNOWLEDGED 0x800 /* it may see which changes were acknowledged */

/* What a child knows of a database. */
typedef struct wfm_db_state_t {
    volatile apr_uint32_t found;   /* WFM_FOUND_…, 0: nothing yet; threads share it */
    volatile apr_uint32_t unclean; /* days that are not summed up; likewise */
    volatile apr_uint32_t oldest;  /* and for how many seconds the oldest has not been */
    /* of probes, of which there is one at a time */
    apr_time_t looked;  /* when its tables were looked at, 0: never */
    const char *unfit;  /* why it cannot be served, see wfm_db_health_t; NULL: it can */
    char wanting[1024]; /* and what exactly, for the log */
} wfm_db_state_t;

struct wfm_db_source_t {
    server_rec *server; /* whose mod_dbd pool it is */
    wfm_db_settings_t settings;
    const wfm_meter_t *meter; /* of the cluster */
    wfm_admission_t *admission;
    wfm_slots_t *slots;                /* NULL: a child has many threads */
    wfm_coalescer_t *coalescer;        /* NULL: a child is one thread */
    wfm_db_state_t *state;             /* of all who share the pool */
    const wfm_db_observer_t *observer; /* whom to tell what was found */
    int maintained;                    /* somebody calls wfm_db_maintain, and there are connections
                                          enough for it */
    apr_time_t maintain_at;            /* when maintenance is due; of the one thread that does it */
    apr_int64_t summed_to;             /* the config that it has come to, 0: it begins anew */
    apr_int64_t deleting;              /* likewise, the deleted config; and how far it has come */
    char deleting_from[40];
    APR_OPTIONAL_FN_TYPE(ap_dbd_open) * open;
    APR_OPTIONAL_FN_TYPE(ap_dbd_close) * close;
};

/* What this module has done to a session; forgotten when libpq resets the connection. */
typedef struct wfm_session_t {
    apr_pool_t *pool;     /* of what follows, cleared when all is forgotten */
    apr_hash_t *prepared; /* names of statements prepared here */
    apr_hash_t *built;    /* names of statements without one, by their SQL */
    unsigned named;       /* how many names were given */
    int configured;       /* the settings are in force */
    apr_time_t looked;    /* when the summaries were looked for */
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
    apr_time_t until;    /* when what its caller may wait for connections ends */
    apr_time_t deadline; /* of the running statement, 0: none */
    apr_time_t over;     /* of all that is done with results, 0: none */
    int broken;          /* the connection must not be used again as it is */
    int resend;          /* the statement that failed cannot have taken effect, or only reads */
    const char *stale;   /* name of a prepared statement that was refused before it ran, or NULL */
};

/* A statement that surely did nothing is sent once more, on another connection. */
#define WFM_ATTEMPTS 2

/* How long rows that somebody else holds are asked for again, and how often. */
#define WFM_HELD_FOR  apr_time_from_sec(1)
#define WFM_ASK_AGAIN apr_time_from_msec(20)

/*
 * Take a place and a connection, and put the session's settings in force; *db is there even if that
 * failed, and says whether it was admitted. To be closed only after success.
 */
wfm_error_t *wfm_lease_open(wfm_db_t **db, const wfm_db_caller_t *caller,
                            wfm_admission_class_e cls);
void wfm_lease_close(wfm_db_t *db);

/* A 503. @param detail for the log */
wfm_error_t *wfm_db_unavailable(apr_pool_t *p, const char *message, const char *detail);

/* The session's state, made at the first use of a connection. NULL: out of memory. */
wfm_session_t *wfm_session_get(PGconn *conn, apr_pool_t *conn_pool);

/* Put the module's settings in force, if they are not, and look for summaries, now and then. */
wfm_error_t *wfm_session_configure(wfm_db_t *db);

/* Are they still in force, as far as PostgreSQL tells? */
int wfm_session_is_intact(const wfm_db_t *db);

/* They are not, or a row shows it: an error, and the end of the session. What only reads may be
 * sent again. */
wfm_error_t *wfm_session_changed(wfm_db_t *db, const wfm_stmt_t *stmt);

/* Remember what was found in the database, and tell. */
void wfm_session_found(wfm_db_source_t *src, apr_uint32_t found);

/* What the names of such statements start with. */
#define WFM_BUILT "built_"

/* A name for a statement that has none, to be prepared under; NULL: its SQL is new here. */
const char *wfm_session_name(wfm_db_t *db, const char *sql);

/* Forget the prepared statement db->stale, so that the next use prepares it anew. */
void wfm_session_forget(wfm_db_t *db);

/* Run fixed commands without parameters or rows (several, separated by semicolons). */
wfm_error_t *wfm_db_command(wfm_db_t *db, const char *name, const char *sql);

/* What has come so far of a statement, or of a batch's statements. */
typedef struct wfm_taking_t {
    const wfm_stmt_t *stmt;
    int unwanted;         /* nobody looks at its rows */
    wfm_result_t *result; /* of the one that was taken last, NULL after a failure */
    wfm_error_t *err;     /* the first failure */
    int came;             /* something did, of that one */
    int any;              /* of any, before the failure */
    wfm_value_t *values;  /* scratch: one row's */
} wfm_taking_t;

/* Take the running statement's rows until there are no more, or the result is full. */
void wfm_db_take(wfm_db_t *db, wfm_taking_t *taking);

/* The same for commands: keep the last result in *out, or the first that failed. */
wfm_error_t *wfm_db_collect(wfm_db_t *db, const wfm_stmt_t *stmt, PGresult **out);

/* Start the clock that what is sent next is waited for with. */
void wfm_db_start_clock(wfm_db_t *db);

/* Does nobody wait for the statement any more? Not asked of what writes. */
int wfm_db_is_client_gone(const wfm_db_t *db, const wfm_stmt_t *stmt);

/* What a server gets beyond its own timeout before this side gives up waiting for its message. */
#define WFM_GRACE_MS 1000

/* Send SQL without parameters, and start the clock that it is waited for with. */
wfm_error_t *wfm_db_send(wfm_db_t *db, const wfm_stmt_t *stmt, const char *sql);

/*
 * Wait until PQgetResult will not block, or until something has come from the server. APR_TIMEUP:
 * the deadline has passed; APR_ECONNABORTED: nobody waits for the answer any more; APR_EOF, from
 * the second one only: the connection is lost.
 */
apr_status_t wfm_db_wait_result(wfm_db_t *db, const wfm_stmt_t *stmt);
apr_status_t wfm_db_wait_input(wfm_db_t *db, const wfm_stmt_t *stmt);

/* What is wrong: waiting ended without a result; or the result (NULL: none) is a failure. */
wfm_error_t *wfm_db_gave_up(wfm_db_t *db, apr_status_t why, const wfm_stmt_t *stmt);
wfm_error_t *wfm_db_failed(wfm_db_t *db, const wfm_stmt_t *stmt, const PGresult *pg);

/* A statement's name for the log. */
const char *wfm_db_label(const wfm_stmt_t *stmt);

/* The write may have been committed: it must not be sent again, and the client must know. */
void wfm_db_outcome_unknown(wfm_db_t *db, wfm_error_t *err);

/* Wait until the connection is at rest. Any result that still comes is a failure. */
wfm_error_t *wfm_db_rest(wfm_db_t *db, const wfm_stmt_t *stmt);

/* A statement of the summaries' maintenance may take as long, in milliseconds: some five times what
 * the largest day takes that is folded (5 000 000 rows, see wfm_metrics_maintain in
 * 004_summaries_4_folding.sql, at 5 to 8 microseconds a row). */
#define WFM_MAINTENANCE_TIMEOUT 180000

/* Delete rows of deleted configs until then. @param left it was not done with them */
wfm_error_t *wfm_delete_later(wfm_db_t *db, apr_time_t until, int *left);

/* Go on with backfill tasks until then. @param left it was not done with them */
wfm_error_t *wfm_backfill_later(wfm_db_t *db, apr_time_t until, int *left);

/* As wfm_db_batch, on a leased connection. @param result NULL: nobody looks at it */
wfm_error_t *wfm_db_run_batch(wfm_db_t *db, const wfm_step_t *steps, int n, wfm_result_t **result);

#endif
