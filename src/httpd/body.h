/*
 * body.h - the body of a request.
 */
#ifndef WFM_HTTPD_BODY_H
#define WFM_HTTPD_BODY_H

#include "../core/body.h"
#include "../core/gunzip.h"
#include <httpd.h>
#include <json-c/json.h>

/** Does a body come with it, perhaps an empty one? */
int wfm_has_body(request_rec *r);

/**
 * Read the body as a file: hand on each piece as it arrives, inflated where it comes in gzip.
 * Refuses another coding (415), more than max bytes and what inflates too much (413), a client that
 * sends nothing for ten seconds (408), and what ends before its end (400).
 */
wfm_error_t *wfm_receive_file(request_rec *r, apr_int64_t max, wfm_piece_fn piece, void *ctx);

/**
 * Read the body as JSON. Refuses another media type or charset (415), a coding that no input filter
 * has taken off (415), more than max bytes (413), and what is not JSON (400).
 * @param spec the fields that are built of it
 * @param p what is built lives in it
 */
wfm_error_t *wfm_take_body(request_rec *r, apr_int64_t max, const wfm_body_spec_t *spec,
                           apr_pool_t *p, json_object **json);

#endif
