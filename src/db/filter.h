/*
 * filter.h - SQL that is put together at run time.
 *
 * Text comes from the code, values are bound. There is no way to add a client's text to the SQL:
 * what a client said goes through wfm_sql_bind, names of dimensions and metrics included.
 */
#ifndef WFM_DB_FILTER_H
#define WFM_DB_FILTER_H

#include "db.h"
#include <apr_tables.h>

typedef struct wfm_sql_t {
    apr_pool_t *pool;
    apr_array_header_t *parts;  /**< of const char * */
    apr_array_header_t *params; /**< of const char *: bound values, $1 first */
    const wfm_stmt_t *fixed;    /**< the whole statement, in place of parts; or NULL */
    apr_size_t max_bytes;       /**< of the statement; 0: as the port or the fixed one has it */
    int plan_anew;              /**< of the statement */
    int plan_kept;              /**< its plan is good for any range of time */
} wfm_sql_t;

void wfm_sql_init(wfm_sql_t *q, apr_pool_t *p);

/** Be a fixed statement: its text, under its name. */
void wfm_sql_fixed(wfm_sql_t *q, const wfm_stmt_t *stmt);

/** Append fixed text. */
void wfm_sql_add(wfm_sql_t *q, const char *text);

/** Append several fixed texts. */
#define wfm_sql_texts(q, ...) wfm_sql_add_all(q, (const char *const[]){__VA_ARGS__, NULL})
void wfm_sql_add_all(wfm_sql_t *q, const char *const *texts);

/** Bind a value and append its placeholder with a cast: "$3::bigint". @return its number */
int wfm_sql_bind(wfm_sql_t *q, const char *value, const char *type);

/** Bind a value without a placeholder yet. @return its number */
int wfm_sql_param(wfm_sql_t *q, const char *value);

/** Append a number as it is: how many rows are wanted decides about a plan, which is kept without
 * its parameters. */
void wfm_sql_int(wfm_sql_t *q, apr_int64_t number);

/** Append the placeholder of a value that is bound already. */
void wfm_sql_ref(wfm_sql_t *q, int number, const char *type);

/** Append `condition`, then the bound value: " AND r.status = $2::text"; nothing for a NULL value.
 */
void wfm_sql_and(wfm_sql_t *q, const char *condition, const char *value, const char *type);

/**
 * Append " AND (…)" for each dimension of the filter, on m.dimensions. A value is compared by its
 * text.
 * @param dims of wfm_dim_t (core/dimfilter.h), NULL: none
 */
void wfm_sql_dimensions(wfm_sql_t *q, const apr_array_header_t *dims);

/** PostgreSQL's text form of an array of texts: {"a","b\"c"}. */
const char *wfm_sql_array(apr_pool_t *p, const apr_array_header_t *texts);

/**
 * COPY (sql) TO STDOUT in binary form, each placeholder replaced by its literal: COPY takes no
 * parameters.
 * @param literals one a parameter, quoted and escaped by libpq, or NULL as a word
 */
const char *wfm_sql_copy(apr_pool_t *p, const char *sql, int n, const char *const *literals);

/** The finished statement: a reading one without a name, or the fixed one. */
wfm_stmt_t wfm_sql_stmt(const wfm_sql_t *q);

/** Its parameters. */
const char *const *wfm_sql_params(const wfm_sql_t *q);

#endif
