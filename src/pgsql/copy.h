/*
 * copy.h - reads the rows of COPY … TO STDOUT (FORMAT binary), and knows no libpq; arrays in them
 * are db.h's wfm_value_array.
 */
#ifndef WFM_PGSQL_COPY_H
#define WFM_PGSQL_COPY_H

#include "../db/db.h"

typedef struct wfm_copy_t {
    apr_pool_t *pool;
    wfm_value_t *values; /**< of the last row */
    int columns;         /**< of every row; 0 before the first one */
    int begun;           /**< the header is behind us */
} wfm_copy_t;

void wfm_copy_init(wfm_copy_t *c, apr_pool_t *p);

/**
 * Read the next row of a message.
 * @param data where to read, moved behind the row; the values point into it
 * @return 1: a row is in c->values; 0: the message has no more; -1: this is not what COPY sends
 */
int wfm_copy_next(wfm_copy_t *c, const char **data, const char *end);

#endif
