/*
 * upkeep.h - what is done for a database after an answer, so that no client waits for it.
 */
#ifndef WFM_HTTPD_UPKEEP_H
#define WFM_HTTPD_UPKEEP_H

#include "../db/db.h"
#include <httpd.h>

/** The request asked this database (NULL: none): if its upkeep is due, let it follow the answer. */
void wfm_upkeep_plan(request_rec *r, wfm_db_source_t *src);

/** Hook: the answer has been sent, and logged. */
int wfm_upkeep(request_rec *r);

#endif
