/*
 * status.h - the module's part of mod_status' page.
 */
#ifndef WFM_HTTPD_STATUS_H
#define WFM_HTTPD_STATUS_H

#include <httpd.h>

/** mod_status' hook: each cluster's counters, as HTML or for ?auto. */
int wfm_status(request_rec *r, int flags);

#endif
