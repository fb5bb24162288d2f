/*
 * startup.h - what is made when httpd starts, and when one of its children does or ends.
 */
#ifndef WFM_HTTPD_STARTUP_H
#define WFM_HTTPD_STARTUP_H

#include <ap_mpm.h>
#include <httpd.h>

/** Hook: make what children share, say the worst case of connections. */
int wfm_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);
/** Hook: make the sources. */
void wfm_child_init(apr_pool_t *pchild, server_rec *s);
/** Hook, in the parent: a dead child has nothing in flight. */
void wfm_child_status(server_rec *s, pid_t pid, ap_generation_t generation, int slot,
                      mpm_child_status state);

#endif
