/*
 * statements.h - all fixed SQL, one table. What is put together at run time is filter.h's and its
 * callers' (runs, dimensions, export), from pieces that are fixed and values that are bound.
 */
#ifndef WFM_DB_STATEMENTS_H
#define WFM_DB_STATEMENTS_H

#include "db.h"

typedef enum wfm_stmt_id_e {
    WFM_STMT_CONFIG_PATCH,  /**< $1 id, $2 name, $3 enabled, $4 description, $5 file_patterns; NULL
                               leaves */
    WFM_STMT_CONFIG_BRIEF,  /**< $1 id: what a patch answers */
    WFM_STMT_SCHEMA_ACTIVE, /**< $1 config: no row, no config; NULLs, no active schema */
    WFM_STMT_RUN_RETRY,     /**< $1 id: no row, no run; retried (bool), status before */
    WFM_STMT_EXPORT_SCHEMA, /**< $1 config: no row, no config; the active schema's lists of fields
                             */
    WFM_STMT_METRICS_UNKNOWN, /**< $1 config, $2 names: those that no row of the config has */
    WFM_STMT_COUNT
} wfm_stmt_id_e;

const wfm_stmt_t *wfm_stmt(wfm_stmt_id_e id);

#endif
