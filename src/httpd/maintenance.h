/*
 * maintenance.h - what is done for the databases beside the requests.
 */
#ifndef WFM_HTTPD_MAINTENANCE_H
#define WFM_HTTPD_MAINTENANCE_H

#include <httpd.h>

/** Hook: have mod_watchdog do it, if it is loaded. */
int wfm_maintenance_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                                server_rec *s);
/** Hook, after all others: from here on it may be done, until pchild goes: which waits for it. */
void wfm_maintenance_child_init(apr_pool_t *pchild, server_rec *s);

#endif
