/*
 * db_pgsql_session.c - owns what the module does to a session and knows of it: settings, whether
 * the database keeps summaries, and which statements are prepared. All of it is forgotten when
 * libpq resets the connection.
 */
#include "db_pgsql_private.h"
#include "../core/clock.h"
#include <apr_atomic.h>
#include <apr_strings.h>
#include <libpq-events.h>

/* Statements put together for a request that a session knows; then it forgets them all. */
#define MOST_BUILT 100

static void forget_all(wfm_session_t *s)
{
    apr_pool_clear(s->pool);
    s->prepared = apr_hash_make(s->pool);
    s->built = apr_hash_make(s->pool);
}

static int session_event(PGEventId id, void *info, void *pass)
{
    wfm_session_t *s = pass;

    (void)info;
    if (id == PGEVT_CONNRESET) { /* a new session: nothing is prepared or set in it */
        forget_all(s);
        s->configured = 0;
    }
    return 1;
}

wfm_session_t *wfm_session_get(PGconn *conn, apr_pool_t *conn_pool)
{
    wfm_session_t *s = PQinstanceData(conn, session_event);

    if (s)
        return s;
    s = apr_pcalloc(conn_pool, sizeof *s);
    if (apr_pool_create(&s->pool, conn_pool) != APR_SUCCESS)
        return NULL;
    forget_all(s);
    if (!PQregisterEventProc(conn, session_event, "wfmetrics", s) ||
        !PQsetInstanceData(conn, session_event, s))
        return NULL;
    return s;
}

/*
 * The summaries can be trusted when all of them are there and readable, all triggers are on, and
 * nothing passes them by: rows of child tables, rows that this role may not see, rows that a
 * subscription writes. A schema is no part of the names: the search path finds both. And their
 * maintenance can be asked for where one may write.
 */
#define LOOK_FOR_SUMMARIES                                                                         \
    "SELECT (SELECT count(*) FROM pg_trigger WHERE tgenabled IN ('A', 'O')"                        \
    " AND (tgrelid = to_regclass('github_workflow_metrics') AND tgname IN"                         \
    " ('wfm_metrics_inserted', 'wfm_metrics_deleted', 'wfm_metrics_updated_old',"                  \
    " 'wfm_metrics_updated_new', 'wfm_metrics_truncated')"                                         \
    " OR tgrelid = to_regclass('github_workflow_runs') AND tgname IN ('wfm_runs_inserted',"        \
    " 'wfm_runs_updated', 'wfm_runs_deleted', 'wfm_runs_truncated'))) = 9"                         \
    " AND (SELECT count(*) FROM unnest('{wfm_metric_changes,wfm_metric_days,wfm_metric_totals,"    \
    "wfm_metric_names,wfm_metric_inexact,wfm_run_changes,wfm_run_counts}'::text[]) t"              \
    " WHERE has_table_privilege(to_regclass(t), 'SELECT')) = 7"                                    \
    " AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid IN "                                      \
    "(to_regclass('github_workflow_metrics'),"                                                     \
    " to_regclass('github_workflow_runs')) AND (c.relhassubclass OR row_security_active(c.oid)"    \
    " OR EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = c.oid))),"                        \
    " current_setting('transaction_read_only') = 'off'"                                            \
    " AND has_function_privilege(to_regprocedure('wfm_metrics_maintain(bigint)'), 'EXECUTE')"

static apr_uint32_t what_was_found(const PGresult *found)
{
    if (*PQgetvalue(found, 0, 0) != 't')
        return WFM_SUMMARIES_NO;
    return *PQgetvalue(found, 0, 1) == 't' ? WFM_SUMMARIES_MAINTAINABLE : WFM_SUMMARIES_YES;
}

/* How often a session looks: a migration may come while it lives. */
#define LOOK_EVERY apr_time_from_sec(60)

wfm_error_t *wfm_session_configure(wfm_db_t *db)
{
    const wfm_stmt_t stmt = {"session", NULL, WFM_READS, 0};
    int timeout = db->src->settings.statement_timeout;
    apr_time_t now = wfm_clock_now();
    PGresult *found = NULL;
    const char *sql;

    if (db->session->configured && db->session->timeout == timeout &&
        now - db->session->looked < LOOK_EVERY)
        return NULL;
    /* client_connection_check_interval (PostgreSQL 14): a backend whose client is gone ends by
     * itself, even while it sorts and sends nothing. Reading committed data is what the atomic
     * statements (retry, patch) are written for. Compiling a statement costs more than it saves
     * here, and does not look at the timeout. Rows seldom have the same metrics, which the planner
     * does not know: it would remember what it made of each. */
    sql = apr_psprintf(
        db->pool,
        "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; "
        "SET default_transaction_isolation = 'read committed'; SET jit = off; "
        "SET statement_timeout = %d; %s" LOOK_FOR_SUMMARIES,
        timeout,
        PQserverVersion(db->conn) >= 140000
            ? "SET client_connection_check_interval = 500; SET enable_memoize = off; "
            : "");
    WFM_TRY(wfm_db_send(db, &stmt, sql));
    WFM_TRY(wfm_db_collect(db, &stmt, &found));
    apr_atomic_set32(&db->src->summaries, what_was_found(found));
    PQclear(found);
    db->session->configured = 1;
    db->session->timeout = timeout;
    db->session->looked = now;
    return NULL;
}

/*
 * What is asked once is often asked again, and planning may take longer than the answer. The first
 * time the text is only remembered, so that what is never asked again costs no preparing.
 */
const char *wfm_session_name(wfm_db_t *db, const char *sql)
{
    wfm_session_t *s = db->session;
    const char *name = apr_hash_get(s->built, sql, APR_HASH_KEY_STRING);

    if (name)
        return name;
    if (apr_hash_count(s->built) >= MOST_BUILT) {
        (void)wfm_db_command(db, "deallocate", "DEALLOCATE ALL");
        forget_all(s);
    }
    apr_hash_set(s->built, apr_pstrdup(s->pool, sql), APR_HASH_KEY_STRING,
                 apr_psprintf(s->pool, WFM_BUILT "%u", s->named++));
    return NULL;
}

void wfm_session_forget(wfm_db_t *db)
{
    const char *name = db->stale;

    apr_hash_set(db->session->prepared, name, APR_HASH_KEY_STRING, NULL);
    /* An error says that it is gone already, which is as good. */
    (void)wfm_db_command(db, "deallocate", apr_psprintf(db->pool, "DEALLOCATE \"%s\"", name));
    db->stale = NULL;
}
