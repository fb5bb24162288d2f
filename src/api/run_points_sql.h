/*
 * run_points_sql.h - the statement that makes series of one point a run (run_points.h), and the
 * form of its result.
 *
 * The first row is the schema's, then come the runs, then the series. Of each: a kind (0, 1, 2),
 * instant, id, a text (the schema's fields; the run's commit; the ids of the series' runs as an
 * array), the groups, of each field an array of values, and whether the groups are too long.
 */
#ifndef WFM_API_RUN_POINTS_SQL_H
#define WFM_API_RUN_POINTS_SQL_H

#include "run_points.h"

/** Most rows, runs and series together: the statement asks for two more, one of which is the
 * schema's. */
#define API_RUN_POINTS_ROWS 75000

/** Most bytes of them. */
#define API_RUN_POINTS_MIB 12

/**
 * @param once a run has one row of a series at most: it takes half the time then. Where that is not
 *             so a run stands twice among a series' ids: ask anew
 */
void api_run_points_sql(const api_run_points_t *p, int once, wfm_sql_t *q);

/**
 * One row, one value: can the rows be grouped once? They are not too many for it, and of the newest
 * run there are some, each of another series. It is a guess: older runs may have others.
 */
void api_run_points_newest_sql(const api_run_points_t *p, wfm_sql_t *q);

#endif
