/*
 * sqlstate.h - what a SQLSTATE means to the client. One table.
 *
 * Codes: PostgreSQL documentation, appendix A "PostgreSQL Error Codes".
 */
#ifndef WFM_DB_SQLSTATE_H
#define WFM_DB_SQLSTATE_H

#include "../core/error.h"

/**
 * The error for a failed statement. The client reads a sentence from the table, never PostgreSQL's.
 * @param sqlstate  five characters, or NULL when the connection was lost without one
 * @param statement name for the log
 * @param detail    PostgreSQL's own text, for the log
 */
wfm_error_t *wfm_sqlstate_error(apr_pool_t *p, const char *sqlstate, const char *statement,
                                const char *detail);

#endif
