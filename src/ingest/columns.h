/*
 * columns.h - a file's columns by name, and its records: what every reader makes of its format.
 */
#ifndef WFM_INGEST_COLUMNS_H
#define WFM_INGEST_COLUMNS_H

#include "../core/error.h"
#include "notes.h"
#include "units.h"
#include <apr_hash.h>

#define WFM_RECORD_BYTES   (1024 * 1024) /**< of the longest record, as the file has it */
#define WFM_RECORD_COLUMNS 1600          /**< of the widest */

/** What a column is because the file's format says so. */
typedef enum wfm_role_e {
    WFM_ROLE_OPEN, /**< the format does not say: it is inferred */
    WFM_ROLE_DIMENSION,
    WFM_ROLE_METRIC,
    WFM_ROLE_BESIDE, /**< neither: its cells are raw_data */
    WFM_ROLE_DROPPED /**< not even that: no column is made of it */
} wfm_role_e;

/** A file's columns, in the order in which they came. */
typedef struct wfm_columns_t {
    apr_pool_t *pool;
    apr_array_header_t *names; /**< of const char * */
    apr_array_header_t *roles; /**< of wfm_role_e, as many */
    apr_array_header_t *units; /**< of const wfm_unit_t *, as many: what the format says */
    apr_hash_t *places;        /**< by name: const int * */
} wfm_columns_t;

void wfm_columns_init(wfm_columns_t *columns, apr_pool_t *p);

/** A column's place; -1: there is none of that name. */
int wfm_columns_find(const wfm_columns_t *columns, const char *name, apr_size_t len);

/** Add one of a new name; its place. */
int wfm_columns_add(wfm_columns_t *columns, const char *name, apr_size_t len, wfm_role_e role);

/** Of the column at a place. */
const char *wfm_columns_name(const wfm_columns_t *columns, int at);
wfm_role_e wfm_columns_role(const wfm_columns_t *columns, int at);

/** The format says that a column's numbers are in this unit; the first one remains. */
void wfm_columns_say_unit(wfm_columns_t *columns, int at, const wfm_unit_t *unit);

/** NULL: the format does not say. */
const wfm_unit_t *wfm_columns_unit(const wfm_columns_t *columns, int at);

typedef enum wfm_cell_kind_e {
    WFM_CELL_ABSENT, /**< nothing stands there */
    WFM_CELL_TEXT,   /**< text as it stands in the file */
    WFM_CELL_NUMBER, /**< a number of JSON's, and perhaps the unit that the format says, behind a
                          blank: "12.5 us" */
    WFM_CELL_LIST    /**< JSON, an array: raw_data as it stands */
} wfm_cell_kind_e;

typedef struct wfm_cell_t {
    int column; /**< its place */
    wfm_cell_kind_e kind;
    const char *text; /**< NUL-terminated UTF-8, valid until the next record */
    apr_size_t len;
} wfm_cell_t;

typedef struct wfm_record_t {
    apr_int64_t line; /**< where it begins, from 1 */
    int n;
    const wfm_cell_t *cells; /**< of different columns */
} wfm_record_t;

/** Takes a record. An error ends the reading. */
typedef wfm_error_t *(*wfm_record_fn)(void *ctx, const wfm_record_t *record);

#endif
