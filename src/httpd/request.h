/*
 * request.h - from request_rec to wfm_request_t and back: the edge.
 */
#ifndef WFM_HTTPD_REQUEST_H
#define WFM_HTTPD_REQUEST_H

#include <httpd.h>

/** Hook: what is made of the route table. */
int wfm_request_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/** Is the request for the API's tree? Also before its location is known, if its host has a cluster.
 */
int wfm_is_api(request_rec *r);

/** Hook: keep the API's paths undecoded, so that an encoded slash stays inside its segment. */
int wfm_pre_translate(request_rec *r);
/** Hook: the API's paths are no files. */
int wfm_translate(request_rec *r);
/** Hook: so no directory is walked for them. */
int wfm_map_to_storage(request_rec *r);
/** Hook: the handler "wfmetrics". */
int wfm_handler(request_rec *r);

#endif
