/*
 * statements.h - all fixed SQL: the files of src/db/sql, one a statement, which say what their
 * parameters and rows are. The build makes a table of them: NAME.sql is WFM_STMT_NAME, and what
 * statements and handlers share, parts/NAME.sql, is WFM_SQL_NAME. What is put together at run time
 * is filter.h's and its callers'.
 */
#ifndef WFM_DB_STATEMENTS_H
#define WFM_DB_STATEMENTS_H

#include "db.h"
#include "made/sql.h"

/** A fixed statement; never NULL. */
const wfm_stmt_t *wfm_stmt(wfm_stmt_id_e id);

#endif
