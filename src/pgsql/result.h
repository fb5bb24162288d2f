/*
 * result.h - how a result is made, row by row, and who holds it. How it is read is db.h's.
 *
 * Several threads may read a result at once; the last one that lets go frees it. What it takes is
 * memory of its own, but for the first KB given back to the system at that moment: a child that has
 * answered with a large list is as small as before.
 */
#ifndef WFM_PGSQL_RESULT_H
#define WFM_PGSQL_RESULT_H

#include "../db/db.h"

/**
 * An empty result; NULL: no memory.
 * @param p         holds it, see wfm_result_hold
 * @param max_bytes most that its rows may take: their values, and what it takes to find them
 */
wfm_result_t *wfm_result_create(apr_pool_t *p, int columns, apr_size_t max_bytes);

typedef enum wfm_result_add_e {
    WFM_RESULT_ADDED,
    WFM_RESULT_FULL,     /**< the row would exceed max_bytes: the result is cut here */
    WFM_RESULT_NO_MEMORY /**< the system has none */
} wfm_result_add_e;

/** Append a copy of a row. @param values one a column; data NULL: SQL NULL */
wfm_result_add_e wfm_result_add(wfm_result_t *r, const wfm_value_t *values);

/** Hold a result for as long as the pool lives, too: of another request, perhaps another thread. */
wfm_result_t *wfm_result_hold(wfm_result_t *r, apr_pool_t *p);

/** Let go of it before the pool ends. */
void wfm_result_release(wfm_result_t *r, apr_pool_t *p);

#endif
