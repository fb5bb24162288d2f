/*
 * backfill.h - a portion of a backfill task, as a request begins it and maintenance goes on with
 * it.
 */
#ifndef WFM_DB_BACKFILL_H
#define WFM_DB_BACKFILL_H

#include "db.h"

/** The steps of a portion, one transaction. Its result is a row of backfill_portion.sql, or none.
 */
typedef struct wfm_backfill_t {
    const char *task[1];
    const char *portion[2];
    wfm_stmt_t stmt;
    wfm_step_t steps[3];
} wfm_backfill_t;

#define WFM_BACKFILL_STEPS 3
enum { WFM_BACKFILL_STATUS, WFM_BACKFILL_TOTAL, WFM_BACKFILL_FAILED, WFM_BACKFILL_MADE };

/** @param b must stay where it is; task: it refers to the text; of_set: runs name their runner set
 * in this database */
void wfm_backfill_portion(wfm_backfill_t *b, const char *task, int of_set);

/** Is there more to do, by the portion's result? */
int wfm_backfill_is_open(const wfm_result_t *portion);

/**
 * Why can the task not go on after a portion failed? NULL: it can, when the portion is tried again.
 * @param patient it had all the time that there is
 */
const char *wfm_backfill_end(const wfm_error_t *err, int patient);

#endif
