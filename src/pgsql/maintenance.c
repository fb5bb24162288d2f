/*
 * maintenance.c - owns when maintenance is due, and that of the summaries: what is asked
 * for. How a day is summed up is schema/004_summaries_4_folding.sql's, what is left of deleted
 * configs deleted.c's, backfill tasks backfill.c's, in which thread it is done the caller's.
 */
#include "../core/clock.h"
#include "../db/statements.h"
#include "private.h"
#include <apr_atomic.h>
#include <apr_strings.h>

/* From one round over the configs to the next; where no connection was idle; where none could be
 * had, of which mod_dbd writes an error each time; and how long one call may go on before it comes
 * back. */
#define USUALLY     apr_time_from_sec(60)
#define BUSY        apr_time_from_sec(5)
#define UNREACHABLE apr_time_from_sec(600)
#define ENOUGH      apr_time_from_sec(1)

/* One transaction: some days of a config, or (NULL) what comes before all configs. */
static wfm_error_t *maintain_part(wfm_db_t *db, const char *config, int *more)
{
    const char *timeout = apr_itoa(db->pool, WFM_MAINTENANCE_TIMEOUT);
    const wfm_step_t steps[] = {
        {wfm_stmt(WFM_STMT_MAINTAIN_SETTINGS), 1, &timeout},
        {wfm_stmt(config ? WFM_STMT_MAINTAIN : WFM_STMT_MAINTAIN_FIRST), !!config, &config}};
    const char *answer;
    wfm_result_t *result;

    *more = 0;
    WFM_TRY(wfm_db_run_batch(db, steps, sizeof steps / sizeof *steps, &result));
    answer = wfm_result_get(result, 0, 0);
    *more = answer && *answer == 't';
    return NULL;
}

/* Until there is no more, or the time is over, of which the caller is told: 0. */
static int maintain_whole(wfm_db_t *db, const char *config, apr_time_t until, wfm_error_t **first)
{
    int more = 1;

    while (more && !db->broken) {
        wfm_error_t *err;

        if (wfm_clock_now() > until)
            return 0;
        err = maintain_part(db, config, &more);
        if (!*first)
            *first = err;
    }
    return 1;
}

/* What fails in one config is no reason to leave the others; a lost connection is. */
static wfm_error_t *maintain_configs(wfm_db_t *db, apr_time_t until)
{
    wfm_db_source_t *src = db->src;
    const char *after = apr_psprintf(db->pool, "%" APR_INT64_T_FMT, src->summed_to);
    wfm_error_t *first = NULL;
    wfm_result_t *configs;
    int ended = src->summed_to || maintain_whole(db, NULL, until, &first);

    if (db->broken)
        return first;
    WFM_TRY(wfm_db_run(db, wfm_stmt(WFM_STMT_MAINTAIN_CONFIGS), 1, &after, &configs));
    for (int i = 0; ended && !db->broken && i < wfm_result_rows(configs); i++) {
        const char *config = wfm_result_get(configs, i, 0);

        ended = maintain_whole(db, config, until, &first);
        if (ended)
            src->summed_to = apr_atoi64(config);
    }
    if (ended)
        src->summed_to = 0;
    else
        src->maintain_at = 0;
    return first;
}

static wfm_error_t *and_then(wfm_error_t *first, wfm_error_t *second)
{
    return first ? first : second;
}

/* First what was deleted, whose summaries then go, too. However much there is of one thing, each of
 * the others gets its time. */
static wfm_error_t *maintain_all(wfm_db_t *db, apr_uint32_t found)
{
    wfm_error_t *err = NULL;
    int deleting = 0, filling = 0;

    if (found & WFM_FOUND_DELETED)
        err = wfm_delete_later(db, wfm_clock_now() + ENOUGH / 2, &deleting);
    if (!db->broken && found & WFM_FOUND_BACKFILL)
        err = and_then(err, wfm_backfill_later(db, wfm_clock_now() + ENOUGH / 2, &filling));
    if (deleting || filling)
        db->src->maintain_at = 0;
    if (!db->broken && found & WFM_FOUND_MAINTAIN)
        err = and_then(err, maintain_configs(db, wfm_clock_now() + ENOUGH));
    return err;
}

wfm_error_t *wfm_db_maintain(const wfm_db_caller_t *caller)
{
    wfm_db_source_t *src = caller->src;
    apr_time_t now = wfm_clock_now();
    wfm_error_t *err;
    wfm_db_t *db;

    if (!wfm_counters_notice(src->meter->counters, WFM_NOTICE_DUE, 0) && now < src->maintain_at)
        return NULL;
    src->maintain_at = now + USUALLY;
    err = wfm_lease_open(&db, caller, WFM_ADMIT_MAINTENANCE);
    if (err) {
        src->maintain_at = now + (db->admitted ? UNREACHABLE : BUSY);
        return NULL;
    }
    err = maintain_all(db, apr_atomic_read32(&src->state->found));
    if (db->stale && !db->broken) /* gone, or its result has changed: prepared anew the next time */
        wfm_session_forget(db);
    wfm_lease_close(db);
    return err;
}
