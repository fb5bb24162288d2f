/*
 * pgcopy.h - reads the rows of COPY … TO STDOUT (FORMAT binary), and arrays in them. Knows no
 * libpq.
 */
#ifndef WFM_DB_PGCOPY_H
#define WFM_DB_PGCOPY_H

#include "db.h"

typedef struct wfm_pgcopy_t {
    apr_pool_t *pool;
    wfm_value_t *values; /**< of the last row */
    int columns;         /**< of every row; 0 before the first one */
    int begun;           /**< the header is behind us */
} wfm_pgcopy_t;

void wfm_pgcopy_init(wfm_pgcopy_t *c, apr_pool_t *p);

/**
 * Read the next row of a message.
 * @param data where to read, moved behind the row; the values point into it
 * @return 1: a row is in c->values; 0: the message has no more; -1: this is not what COPY sends
 */
int wfm_pgcopy_next(wfm_pgcopy_t *c, const char **data, const char *end);

/**
 * Take an array's binary form (array_send's) apart: one dimension of n elements, n > 0.
 * @param values room for n; they point into the array
 * @return 0: it is something else
 */
int wfm_pgcopy_array(const wfm_value_t *array, wfm_value_t *values, int n);

#endif
