/*
 * request.h - from request_rec to wfm_request_t and back.
 */
#ifndef WFM_HTTPD_REQUEST_H
#define WFM_HTTPD_REQUEST_H

#include <httpd.h>

/** Hook: what is made of the route table. */
int wfm_request_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/** Hook: the handler "wfmetrics". */
int wfm_handler(request_rec *r);

#endif
