/*
 * db.h - the port to the database: lease a connection, run statements, stream rows.
 *
 * The folder src/db is what the API knows of PostgreSQL: this port, the fixed statements, how SQL
 * is put together at run time, and the database's own side (schema, undo, roles). src/pgsql
 * implements the port on mod_dbd's pools and libpq; nothing here names either. Parameters and
 * results are text in PostgreSQL's forms; the session's settings (UTC, ISO dates, UTF-8) are the
 * implementation's promise.
 *
 * A lease belongs to one caller and one thread. wfm_db_query and wfm_db_run return the connection
 * before they return, so nothing is held while an answer is written; wfm_db_snapshot and
 * wfm_db_transact hold it for as long as their callback runs. Errors are the client's wfm_error_t
 * with the operator's detail inside.
 */
#ifndef WFM_DB_H
#define WFM_DB_H

#include "../core/error.h"
#include "summaries.h"
#include <apr_time.h>

/** A cluster's database: its pool, its admission, its timeouts. Made at child start, shared by
 * threads. */
typedef struct wfm_db_source_t wfm_db_source_t;

/** Who asks, mostly a request, with what the database needs to know of it. */
typedef struct wfm_db_caller_t {
    wfm_db_source_t *src;
    apr_pool_t *pool; /**< errors and results are made in it */
    /** Has the client left? Asked now and then while a reading statement runs; NULL: never asked.
     */
    int (*is_gone)(void *ctx);
    void *ctx; /**< for is_gone */
    /** What it waits for connections is added to this, and counts towards WfmetricsAcquireTimeout,
     * which is a request's, however many connections it asks for. NULL: it asks for one. */
    apr_interval_time_t *waited;
} wfm_db_caller_t;

/** A leased connection inside wfm_db_snapshot. */
typedef struct wfm_db_t wfm_db_t;

/**
 * Does the database keep summaries that can be trusted (summaries.h)? Looked up with a session's
 * settings, and again now and then.
 */
wfm_error_t *wfm_db_has_summaries(const wfm_db_caller_t *caller, int *yes);

/** What is known of them by now. */
wfm_summaries_e wfm_db_summaries(const wfm_db_caller_t *caller);

/** How many days of configs are not summed up, and for how many seconds the oldest has not been: as
 * a session found it in the last minute. */
void wfm_db_unclean(const wfm_db_caller_t *caller, apr_uint32_t *days, apr_uint32_t *seconds);

/**
 * They turned out to be gone, or in doubt: say no until a session finds them again.
 * @param err the statement's that found it, or NULL
 */
void wfm_db_distrust_summaries(const wfm_db_caller_t *caller, const wfm_error_t *err);

/**
 * Are a deleted config's metric rows deleted later, by maintenance? Where there is its table
 * (005_deleted.sql) and somebody does it.
 */
wfm_error_t *wfm_db_deletes_later(const wfm_db_caller_t *caller, int *yes);

/** Has the database the table of backfill tasks (006_backfill.sql), with this role's rights to it?
 */
wfm_error_t *wfm_db_keeps_tasks(const wfm_db_caller_t *caller, int *yes);

/** Has the database the table of acknowledged changes (007_acknowledged.sql), and may this role
 * read it? */
wfm_error_t *wfm_db_knows_acknowledged(const wfm_db_caller_t *caller, int *yes);

/** Does somebody call wfm_db_maintain, so that what is left to do is done later? */
int wfm_db_is_maintained(const wfm_db_caller_t *caller);

/** There is something to maintain: at once, whichever child does it. */
void wfm_db_hasten(const wfm_db_caller_t *caller);

/**
 * Have the database's maintenance done, if it is due and this role may: days that are over are
 * summed up, so that neither those who write nor those who read need do it; the rows of deleted
 * configs are deleted, some at a time; and backfill tasks are gone on with. For a thread that
 * serves no request, always the same one: a large day takes as long as its rows take to read. Takes
 * only a connection that requests leave idle, beside two others. Comes back after a second or so,
 * and goes on where it was when it is called next; in between it is not due for a while.
 * @param caller is_gone: should it stop? What was begun is then undone
 * @return the first thing that went wrong; it has gone on with what that did not concern. That no
 *         connection could be had is nothing wrong: it will be due again
 */
wfm_error_t *wfm_db_maintain(const wfm_db_caller_t *caller);

/** Rows of text. Lives as long as the caller's pool. */
typedef struct wfm_result_t wfm_result_t;

/** Can running the statement change data? If not, it may be sent a second time, and be broken off.
 */
typedef enum wfm_effect_e { WFM_READS, WFM_WRITES } wfm_effect_e;

/** A statement. Those with a name are prepared once a connection; NULL: SQL made at run time. */
typedef struct wfm_stmt_t {
    const char *name; /**< unique among fixed statements, also for the log */
    const char *sql;  /**< one command; parameters are $1 … */
    wfm_effect_e effect;
    /** Most bytes that its rows may take here; the rest is not read, and wfm_result_is_cut says so.
     * 0: nobody looks, so more than WFM_DB_MAX_BYTES is an internal error. */
    apr_size_t max_bytes;
    /** Its plan depends on its values: it is planned each time. What is prepared may be planned
     * without them from the sixth time on, which suits any range of time badly. */
    int plan_anew;
} wfm_stmt_t;

/** Most bytes of a result whose statement does not say. */
#define WFM_DB_MAX_BYTES (16 * 1024 * 1024)

/** A value as it comes from the server, not NUL-terminated; data NULL: SQL NULL. */
typedef struct wfm_value_t {
    const char *data;
    apr_size_t len;
} wfm_value_t;

int wfm_result_rows(const wfm_result_t *r);
int wfm_result_columns(const wfm_result_t *r);
/** A value's text, NUL-terminated; NULL for SQL NULL. */
const char *wfm_result_get(const wfm_result_t *r, int row, int column);
/** A value's length in bytes; 0 for NULL. */
apr_size_t wfm_result_length(const wfm_result_t *r, int row, int column);
/** There are more rows than these, for which max_bytes of the statement had no room. */
int wfm_result_is_cut(const wfm_result_t *r);
/** A digest of all values (NULL and empty differ), for entity tags: SipHash-2-4. */
apr_uint64_t wfm_result_digest(const wfm_result_t *r);

/**
 * Lease a connection, run one statement in a transaction of its own, return the connection.
 * A connection found dead is replaced and the statement sent once more, if it reads or if it surely
 * did not take effect. Of several threads that ask the same at once, one asks for all that came
 * before it did: the answer is of a time after the call, as if each had asked.
 * @param params one text a parameter, NULL for SQL NULL
 * @param result its rows, which other threads may read, too
 */
wfm_error_t *wfm_db_query(const wfm_db_caller_t *caller, const wfm_stmt_t *stmt, int nparams,
                          const char *const *params, wfm_result_t **result);

/** What a probe has learned beside that. */
typedef struct wfm_db_health_t {
    int busy;           /**< nothing was asked; the rest is not known */
    int is_replica;     /**< the server is a standby */
    const char *lag_ms; /**< by how much it is behind, in milliseconds; NULL: it cannot say */
} wfm_db_health_t;

/**
 * Would a request be served? Asks the database with a connection that no request wants, and waits
 * for one no longer than WfmetricsAcquireTimeout, as long for its answer. Where requests use all
 * connections it asks nothing: if one of them got its answer within that time, it is busy. Whether
 * the tables are there, and may be read, is asked every ten seconds at most.
 * @return NULL: yes; else 503, with its reason: unreachable, busy, migrations missing, no rights
 */
wfm_error_t *wfm_db_probe(const wfm_db_caller_t *caller, wfm_db_health_t *health);

/** A statement of a batch, with its parameters. */
typedef struct wfm_step_t {
    const wfm_stmt_t *stmt; /**< a fixed one */
    int nparams;
    const char *const *params;
} wfm_step_t;

/**
 * Run several statements in one transaction and one round trip, all or none. Each sees what the
 * ones before it did, and what others had committed when it began: so the first can take a lock
 * that makes the second one's view current.
 * @param result rows of the last step
 */
wfm_error_t *wfm_db_batch(const wfm_db_caller_t *caller, const wfm_step_t *steps, int n,
                          wfm_result_t **result);

/** Work on a leased connection. @param first the rows of what was run on it to begin with */
typedef wfm_error_t *(*wfm_db_work_fn)(wfm_db_t *db, wfm_result_t *first, void *ctx);

/**
 * Lease a connection of the exports' share and call work in a READ ONLY, REPEATABLE READ
 * transaction under the exports' timeout, which is planned for rows in an index's order, without
 * sort, where there is such an index. The transaction is begun and `first` run in it in one round
 * trip. The connection is returned when work returns; when work failed or left a stream in the
 * middle, what still runs on it is ended at once.
 * @param filtered most rows are visited in vain: one of PostgreSQL's workers may share the work
 * @param first    a statement that reads
 */
wfm_error_t *wfm_db_snapshot(const wfm_db_caller_t *caller, int filtered, const wfm_step_t *first,
                             wfm_db_work_fn work, void *ctx);

/** Rows that come in, a line of COPY's text format each. */
typedef struct wfm_lines_t {
    /** The next one, with its line end, valid until the next call; *len 0: there are no more. An
     * error ends all. */
    wfm_error_t *(*next)(void *ctx, const char **line, apr_size_t *len);
    wfm_error_t *(*rewind)(void *ctx); /**< called before the first one, each time */
    void *ctx;
} wfm_lines_t;

/**
 * Lease a connection of the results' share and call work in a transaction that writes. It is begun
 * and the first steps run in it in one round trip. Nothing stays unless work comes to
 * wfm_db_commit, so until then all may be sent twice, and broken off when the client leaves. Where
 * others hold what is written (SQLSTATE 55P03) all is undone, the connection returned, and work
 * called again, for a second. All takes at most WfmetricsIngestTimeout.
 * @param n at most 6
 * @param work called with the rows of the last step
 */
wfm_error_t *wfm_db_transact(const wfm_db_caller_t *caller, const wfm_step_t *first, int n,
                             wfm_db_work_fn work, void *ctx);

/**
 * In wfm_db_transact: write rows.
 * @param stmt   COPY … FROM STDIN, without parameters, in text format
 * @param before what each line begins with: the columns that are the same in all
 * @param n      how many there were
 */
wfm_error_t *wfm_db_copy_in(wfm_db_t *db, const wfm_stmt_t *stmt, const char *before,
                            const wfm_lines_t *lines, apr_int64_t *n);

/** In wfm_db_transact: the last statements (at most 7) and COMMIT, in one round trip. Fixed ones.
 */
wfm_error_t *wfm_db_commit(wfm_db_t *db, const wfm_step_t *last, int n);

/** Run a statement on a leased connection. */
wfm_error_t *wfm_db_run(wfm_db_t *db, const wfm_stmt_t *stmt, int nparams,
                        const char *const *params, wfm_result_t **result);

/**
 * One row of a stream, valid during the call only.
 * @param values one a column of the statement
 * @return 0 to go on; anything else ends the stream (the client is gone)
 */
typedef int (*wfm_db_row_fn)(void *ctx, const wfm_value_t *values);

/**
 * Run a statement and hand over its rows one by one, in constant memory. Values come in
 * PostgreSQL's binary form, which costs it less: of a text the same bytes, of a jsonb its text
 * behind one byte, of a timestamptz what wfm_time_parse_pg_binary reads.
 * @param params one text a parameter; in the statement each has a cast ("$1::bigint")
 * @return NULL at the end of the rows or when row said to end
 */
wfm_error_t *wfm_db_stream(wfm_db_t *db, const wfm_stmt_t *stmt, int nparams,
                           const char *const *params, wfm_db_row_fn row, void *ctx);

/**
 * Take the binary form of an array apart: one dimension of n elements, n > 0.
 * @param values room for n; they point into the array
 * @return 0: it is something else
 */
int wfm_value_array(const wfm_value_t *array, wfm_value_t *values, int n);

#endif
