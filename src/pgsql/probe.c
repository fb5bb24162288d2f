/*
 * probe.c - owns what a health check asks the database, and what its answer means.
 *
 * Whether the tables are there and may be read changes seldom, and asks for some sixty columns: it
 * is remembered for a while.
 */
#include "../core/clock.h"
#include "../db/statements.h"
#include "private.h"
#include "sqlstate.h"
#include <apr_strings.h>

#define LOOK_EVERY apr_time_from_sec(10)

static const char unreachable[] = "unreachable", busy[] = "busy",
                  no_tables[] = "migrations missing", no_rights[] = "no rights";

static wfm_error_t *unhealthy(apr_pool_t *p, const char *reason, const char *message,
                              const char *detail)
{
    wfm_error_t *err = wfm_db_unavailable(p, message, detail);

    err->reason = reason;
    return err;
}

/* Whatever a probe meets, its client hears that this cluster cannot be served now. */
static wfm_error_t *not_reached(apr_pool_t *p, const wfm_error_t *why)
{
    wfm_error_t *err = unhealthy(p, unreachable, "the database is unavailable", why->detail);

    err->statement = why->statement;
    apr_cpystrn(err->sqlstate, why->sqlstate, sizeof err->sqlstate);
    return err;
}

/* All connections are in use: do they come back? Then a request would get one. */
static int is_moving(wfm_db_source_t *src)
{
    apr_time_t answered = wfm_admission_last_answer(src->admission);

    return answered &&
           answered > wfm_clock_now() - apr_time_from_msec(src->settings.acquire_timeout);
}

static wfm_error_t *run(wfm_db_t *db, wfm_stmt_id_e id, wfm_result_t **result)
{
    wfm_error_t *err = wfm_db_run(db, wfm_stmt(id), 0, NULL, result);

    if (err && db->stale) {
        wfm_session_forget(db);
        err = wfm_db_run(db, wfm_stmt(id), 0, NULL, result);
    }
    return err;
}

static void note(wfm_db_state_t *state, const char *reason, const char *what, const char *columns)
{
    state->unfit = reason;
    apr_snprintf(state->wanting, sizeof state->wanting, "%s: %s", what, columns);
}

static wfm_error_t *look_at_tables(wfm_db_t *db)
{
    wfm_db_state_t *state = db->src->state;
    const char *missing, *denied;
    wfm_result_t *result;

    if (state->looked && wfm_clock_now() - state->looked < LOOK_EVERY)
        return NULL;
    WFM_TRY(run(db, WFM_STMT_PROBE_TABLES, &result));
    missing = wfm_result_get(result, 0, 0);
    denied = wfm_result_get(result, 0, 1);
    state->unfit = NULL;
    if (missing)
        note(state, no_tables, WFM_HINT_MIGRATE "; these columns are missing", missing);
    else if (denied)
        note(state, no_rights, WFM_HINT_GRANT "; it may not read", denied);
    state->looked = wfm_clock_now();
    return NULL;
}

static wfm_error_t *ask(wfm_db_t *db, wfm_db_health_t *health)
{
    wfm_result_t *result;

    WFM_TRY(look_at_tables(db));
    WFM_TRY(run(db, WFM_STMT_PROBE, &result));
    health->is_replica = *wfm_result_get(result, 0, 0) == 't';
    health->lag_ms = wfm_result_get(result, 0, 1);
    return NULL;
}

/* The answer of a database that was reached. */
static wfm_error_t *judge(const wfm_db_caller_t *caller)
{
    const wfm_db_state_t *state = caller->src->state;
    const char *reason = state->unfit;

    if (!reason)
        return NULL;
    return unhealthy(caller->pool, reason,
                     reason == no_tables
                         ? "the database lacks tables or columns"
                         : "the role of this service may not read the database's tables",
                     apr_pstrdup(caller->pool, state->wanting));
}

wfm_error_t *wfm_db_probe(const wfm_db_caller_t *caller, wfm_db_health_t *health)
{
    wfm_error_t *err = NULL;
    wfm_db_t *db = NULL;

    memset(health, 0, sizeof *health);
    for (int attempt = 1; attempt <= WFM_ATTEMPTS; attempt++) {
        wfm_error_t *verdict = NULL;

        err = wfm_lease_open(&db, caller, WFM_ADMIT_PROBE);
        if (err && !db->admitted) {
            health->busy = is_moving(caller->src);
            return health->busy ? NULL : unhealthy(caller->pool, busy, err->message, err->detail);
        }
        if (!err) {
            err = ask(db, health);
            verdict = err ? NULL : judge(caller); /* while this is the only probe */
            wfm_lease_close(db);
        }
        if (!err)
            return verdict;
        if (!db->resend)
            break;
    }
    return err->status == WFM_CLIENT_GONE ? err : not_reached(caller->pool, err);
}
