/*
 * paths.h - which requests are the API's, and how their paths are written.
 */
#ifndef WFM_HTTPD_PATHS_H
#define WFM_HTTPD_PATHS_H

#include <httpd.h>

/** Is the request for the API's tree? Also before its location is known, if its host has a cluster.
 */
int wfm_is_api(request_rec *r);

/** Hook: keep the API's paths undecoded, so that an encoded slash stays inside its segment. */
int wfm_pre_translate(request_rec *r);
/** Hook: the API's paths are no files. */
int wfm_translate(request_rec *r);
/** Hook: so no directory is walked for them. */
int wfm_map_to_storage(request_rec *r);

/** The path as the client encoded it. NULL: it came another way (a rewrite), or has been rewritten;
 * then r->uri is all there is. */
const char *wfm_path_encoded(request_rec *r);

/** What follows the base path; NULL when the path is not below it. */
const char *wfm_path_below(const char *path, const char *base);

#endif
