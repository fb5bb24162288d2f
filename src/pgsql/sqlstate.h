/*
 * sqlstate.h - what a SQLSTATE means to the client. One table.
 *
 * Codes: PostgreSQL documentation, appendix A "PostgreSQL Error Codes".
 */
#ifndef WFM_PGSQL_SQLSTATE_H
#define WFM_PGSQL_SQLSTATE_H

#include "../core/error.h"

/* What the operator can do, for the log. The files are where `make install` put them, or in the
 * sources that the module was built from. */
#define WFM_HINT_MIGRATE                                                                           \
    "run the migrations: " WFM_SHAREDIR "/schema/*.sql, in the sources src/db/schema/*.sql"
#define WFM_HINT_GRANT                                                                             \
    "grant the role its rights: " WFM_SHAREDIR                                                     \
    "/roles/api_role.sql, in the sources src/db/roles/api_role.sql"

/**
 * The error for a failed statement. The client reads a sentence from the table, never PostgreSQL's.
 * @param sqlstate  five characters, or NULL when the connection was lost without one
 * @param statement name for the log
 * @param detail    PostgreSQL's own text, for the log
 */
wfm_error_t *wfm_sqlstate_error(apr_pool_t *p, const char *sqlstate, const char *statement,
                                const char *detail);

#endif
