/*
 * notices.h - what the operator is told without having asked: once a start, whichever child it is
 * that notices.
 */
#ifndef WFM_HTTPD_NOTICES_H
#define WFM_HTTPD_NOTICES_H

#include "../pgsql/pgsql.h"

/** In the parent, with the counters made: count the connections that there can be, and say so. */
void wfm_notices_start(apr_pool_t *pconf, server_rec *main_server);

/** Whom a child's sources tell what they find. */
const wfm_db_observer_t *wfm_notices_observer(void);

#endif
