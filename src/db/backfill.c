/*
 * backfill.c - owns what a portion of a backfill task is, and what its failure means for the task.
 */
#include "backfill.h"
#include "statements.h"
#include <string.h>

/* Whoever inserts a run of the portion waits until the portion is over: some ten milliseconds. */
#define RUNS "1000"

void wfm_backfill_portion(wfm_backfill_t *b, const char *task, int of_set)
{
    wfm_stmt_id_e portion = of_set ? WFM_STMT_BACKFILL_PORTION_OF_SET : WFM_STMT_BACKFILL_PORTION;

    b->task[0] = b->portion[0] = task;
    b->portion[1] = RUNS;
    b->steps[0] = (wfm_step_t){wfm_stmt(WFM_STMT_LOCK_BRIEFLY), 0, NULL};
    b->steps[1] = (wfm_step_t){wfm_stmt(WFM_STMT_BACKFILL_LOCK), 1, b->task};
    b->stmt = *wfm_stmt(portion);
    b->stmt.effect = WFM_READS; /* it may be sent twice, and broken off: the task's row says how far
                                   it has come */
    b->steps[2] = (wfm_step_t){&b->stmt, 2, b->portion};
}

int wfm_backfill_is_open(const wfm_result_t *portion)
{
    return wfm_result_rows(portion) &&
           !strcmp(wfm_result_get(portion, 0, WFM_BACKFILL_STATUS), "in_progress");
}

const char *wfm_backfill_end(const wfm_error_t *err, int patient)
{
    if (!strcmp(err->sqlstate, "42P01") || !strcmp(err->sqlstate, "42703"))
        return "the database lacks a table or a column";
    if (!strcmp(err->sqlstate, "42501"))
        return "the role of this service may not read the runners, or not write runs";
    if (err->status == WFM_TIMEOUT)
        return patient ? "the database took too long to find the runners" : NULL;
    return err->status == WFM_INTERNAL ? "internal error" : NULL;
}
