/*
 * session.c - owns what the module does to a session and knows of it: settings, whether
 * the database keeps summaries, and which statements are prepared. All of it is forgotten when
 * libpq resets the connection.
 */
#include "../core/clock.h"
#include "private.h"
#include <apr_atomic.h>
#include <apr_strings.h>
#include <libpq-events.h>
#include <stdlib.h>
#include <string.h>

/* Statements put together for a request that a session knows; then it forgets them all. */
#define MOST_BUILT 100
/* Bytes of one that is worth it. */
#define MOST_TEXT 16384

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
 * What PostgreSQL reports of a session whenever it changes; asked for nothing. A function that a
 * statement calls may change a setting, a pooler may reset them all. Nothing here needs intervals:
 * theirs is set because RESET ALL and DISCARD ALL take it back, together with what is not reported.
 */
static const struct {
    const char *name, *value;
} reported[] = {
    {"DateStyle", "ISO, YMD"},
    {"TimeZone", "UTC"},
    {"client_encoding", "UTF8"},
    {"IntervalStyle", "iso_8601"},
};

#define SETTINGS                                                                                   \
    "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; "             \
    "SET intervalstyle = 'iso_8601'; SET default_transaction_isolation = 'read committed'; "       \
    "SET jit = off; SET statement_timeout = %d; %s"

int wfm_session_is_intact(const wfm_db_t *db)
{
    for (size_t i = 0; i < sizeof reported / sizeof *reported; i++) {
        const char *value = PQparameterStatus(db->conn, reported[i].name);

        if (!value || strcmp(value, reported[i].value) != 0)
            return 0;
    }
    return 1;
}

wfm_error_t *wfm_session_changed(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    wfm_error_t *err = wfm_error_internal(
        db->pool, "settings of the session were changed while the statement ran: what calls SET, "
                  "RESET or set_config() in this database?");

    err->statement = wfm_db_label(stmt);
    db->broken = 1; /* what else was changed nobody knows: a new session */
    db->resend = 1;
    if (stmt->effect == WFM_WRITES)
        wfm_db_outcome_unknown(db, err);
    return err;
}

void wfm_session_found(wfm_db_source_t *src, apr_uint32_t found)
{
    apr_atomic_set32(&src->state->found, found);
    src->observer->summaries(src->server, (wfm_summaries_e)(found & WFM_FOUND_STATE));
}

/* The state of the summaries; may this role have them maintained, delete later, keep backfill
 * tasks, see acknowledged changes (on a standby nobody sees what is UNLOGGED); and how many
 * connections the server has for roles such as this one. */
static const char *look(apr_pool_t *p)
{
    return apr_pstrcat(
        p, "SELECT (", wfm_summaries_look,
        "), current_setting('transaction_read_only') = 'off'"
        " AND coalesce(has_function_privilege(to_regprocedure('wfm_maintain(bigint)'),"
        " 'EXECUTE'), false), current_setting('transaction_read_only') = 'off'"
        " AND (SELECT count(*) = 4 FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) p"
        " WHERE has_table_privilege(to_regclass('wfm_deleted_configs'), p)),"
        " current_setting('transaction_read_only') = 'off'"
        " AND (SELECT count(*) = 4 FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) p"
        " WHERE has_table_privilege(to_regclass('wfm_backfill_tasks'), p)),"
        " (SELECT has_table_privilege(oid, 'SELECT') AND (relpersistence = 'p'"
        " OR NOT pg_is_in_recovery()) FROM pg_class WHERE oid = to_regclass("
        "'wfm_acknowledged_changes')),"
        " current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int"
        " - coalesce(current_setting('reserved_connections', true), '0')::int",
        NULL);
}

static apr_uint32_t what_was_found(const PGresult *found)
{
    apr_uint32_t bits = wfm_summaries_state(PQgetvalue(found, 0, 0));

    if (bits == WFM_SUMMARIES_IN_USE && *PQgetvalue(found, 0, 1) == 't')
        bits |= WFM_FOUND_MAINTAIN;
    if (*PQgetvalue(found, 0, 2) == 't')
        bits |= WFM_FOUND_DELETED;
    if (*PQgetvalue(found, 0, 3) == 't')
        bits |= WFM_FOUND_BACKFILL;
    if (*PQgetvalue(found, 0, 4) == 't')
        bits |= WFM_FOUND_ACKNOWLEDGED;
    return bits;
}

/* How often a session looks: a migration may come while it lives. */
#define LOOK_EVERY apr_time_from_sec(60)

/* A database that says nothing is not waited for as long as a statement may take: this is still the
 * way to a connection. */
#define ANSWER_TIME apr_time_from_sec(1)

static wfm_error_t *ask(wfm_db_t *db, const char *sql, PGresult **found)
{
    const wfm_stmt_t stmt = {.name = "session", .effect = WFM_READS};
    wfm_error_t *err = wfm_db_send(db, &stmt, sql);

    db->deadline = db->until + ANSWER_TIME;
    if (!err)
        err = wfm_db_collect(db, &stmt, found);
    return err && err->status == WFM_TIMEOUT
               ? wfm_db_unavailable(db->pool, "the database is unavailable", err->detail)
               : err;
}

static void take_unclean(wfm_db_source_t *src, apr_uint32_t days, apr_uint32_t seconds)
{
    apr_atomic_set32(&src->state->unclean, days);
    apr_atomic_set32(&src->state->oldest, seconds);
    src->observer->unclean(src->server, days, seconds);
}

/* Summaries that are there can be asked themselves, and only then: else the statement would be
 * wrong. */
static wfm_error_t *ask_summaries(wfm_db_t *db, apr_uint32_t *bits)
{
    wfm_summaries_e state = WFM_SUMMARIES_OTHER_VERSION;
    PGresult *r = NULL;
    wfm_error_t *err;

    if ((*bits & WFM_FOUND_STATE) != WFM_SUMMARIES_IN_USE) {
        take_unclean(db->src, 0, 0);
        return NULL;
    }
    err = ask(db, wfm_summaries_ask, &r);
    if (err && (db->broken || !*err->sqlstate))
        return err;
    if (!err) {
        state = wfm_summaries_state(PQgetvalue(r, 0, 0));
        take_unclean(db->src, (apr_uint32_t)apr_atoi64(PQgetvalue(r, 0, 1)),
                     (apr_uint32_t)apr_atoi64(PQgetvalue(r, 0, 2)));
    }
    PQclear(r);
    *bits = (*bits & ~(apr_uint32_t)WFM_FOUND_STATE) | state;
    return NULL;
}

wfm_error_t *wfm_session_configure(wfm_db_t *db)
{
    int timeout = db->src->settings.statement_timeout;
    wfm_session_t *s = db->session;
    apr_time_t now = wfm_clock_now();
    PGresult *found = NULL;
    const char *settings;
    apr_uint32_t bits;
    int connections;

    if (s->configured && s->timeout == timeout && now - s->looked < LOOK_EVERY &&
        wfm_session_is_intact(db))
        return NULL;
    /* client_connection_check_interval (PostgreSQL 14): a backend whose client is gone ends by
     * itself, even while it sorts and sends nothing. Reading committed data is what the atomic
     * statements (retry, patch) are written for. Compiling a statement costs more than it saves
     * here, and does not look at the timeout. Rows seldom have the same metrics, which the planner
     * does not know: it would remember what it made of each. */
    settings =
        apr_psprintf(db->pool, SETTINGS, timeout,
                     PQserverVersion(db->conn) >= 140000
                         ? "SET client_connection_check_interval = 500; SET enable_memoize = off; "
                         : "");
    WFM_TRY(ask(db, apr_pstrcat(db->pool, settings, look(db->pool), NULL), &found));
    bits = what_was_found(found);
    connections = atoi(PQgetvalue(found, 0, 5));
    PQclear(found);
    WFM_TRY(ask_summaries(db, &bits));
    wfm_session_found(db->src, bits);
    db->src->observer->connections(db->src->server, connections);
    s->configured = 1;
    s->timeout = timeout;
    s->looked = now;
    return NULL;
}

/*
 * What is asked once is often asked again, and planning may take longer than the answer. The first
 * time the text is only remembered, so that what is never asked again costs no preparing.
 */
const char *wfm_session_name(wfm_db_t *db, const char *sql)
{
    wfm_session_t *s = db->session;
    const char *name;

    if (strlen(sql) > MOST_TEXT)
        return NULL;
    name = apr_hash_get(s->built, sql, APR_HASH_KEY_STRING);
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
