/*
 * backfill.c - owns how backfill tasks (006_backfill.sql) that requests have begun, or that a
 * restart has interrupted, are gone on with: a portion at a time.
 *
 * A portion is a transaction, and the task's row says how far it has come: whoever is interrupted,
 * or one of several httpds that do this at once, leaves nothing that the next one does not find.
 */
#include "../db/backfill.h"
#include "../core/clock.h"
#include "../db/statements.h"
#include "private.h"
#include <apr_strings.h>

/* One transaction. @param more there is another portion */
static wfm_error_t *do_portion(wfm_db_t *db, const char *task, int of_set, int *more)
{
    const char *timeout = apr_itoa(db->pool, WFM_MAINTENANCE_TIMEOUT);
    wfm_step_t steps[1 + WFM_BACKFILL_STEPS];
    wfm_backfill_t b;
    wfm_result_t *result;

    wfm_backfill_portion(&b, task, of_set);
    steps[0] = (wfm_step_t){wfm_stmt(WFM_STMT_MAINTAIN_SETTINGS), 1, &timeout};
    for (int i = 0; i < WFM_BACKFILL_STEPS; i++)
        steps[1 + i] = b.steps[i];
    WFM_TRY(wfm_db_run_batch(db, steps, 1 + WFM_BACKFILL_STEPS, &result));
    *more = wfm_backfill_is_open(result);
    return NULL;
}

/* A task that cannot go on says so, and is not tried for ever. */
static void end_task(wfm_db_t *db, const char *task, const wfm_error_t *err)
{
    const char *params[] = {task, wfm_backfill_end(err, 1)};
    wfm_result_t *result;

    if (params[1] && !db->broken && !db->stale)
        (void)wfm_db_run(db, wfm_stmt(WFM_STMT_BACKFILL_FAIL), 2, params, &result);
}

wfm_error_t *wfm_backfill_later(wfm_db_t *db, apr_time_t until, int *left)
{
    wfm_error_t *first = NULL;
    wfm_result_t *tasks;

    *left = 0;
    WFM_TRY(wfm_db_run(db, wfm_stmt(WFM_STMT_BACKFILL_OPEN), 0, NULL, &tasks));
    for (int i = 0; i < wfm_result_rows(tasks) && !db->broken; i++) {
        const char *task = wfm_result_get(tasks, i, 0);
        int of_set = *wfm_result_get(tasks, i, 1) == 't', more = 1;

        while (more) {
            wfm_error_t *err;

            if (wfm_clock_now() > until) {
                *left = !first; /* at once, or after a failure in a minute */
                return first;
            }
            err = do_portion(db, task, of_set, &more);
            if (!err)
                continue;
            end_task(db, task, err);
            if (!first)
                first = err;
            break;
        }
    }
    return first;
}
