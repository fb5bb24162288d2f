/*
 * notmodified.h - the tag of a 304, behind the filters.
 */
#ifndef WFM_HTTPD_NOTMODIFIED_H
#define WFM_HTTPD_NOTMODIFIED_H

#include <httpd.h>

/** Register the filter; once, with the hooks. */
void wfm_notmodified_register(void);

/** The answer is a 304 with this tag, whatever filters make of it. */
void wfm_notmodified(request_rec *r, const char *etag);

#endif
