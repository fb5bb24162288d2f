/*
 * errors.h - the form of an error's answer: the module's own, and httpd's in the API's tree.
 */
#ifndef WFM_HTTPD_ERRORS_H
#define WFM_HTTPD_ERRORS_H

#include "../core/error.h"
#include "../core/json_writer.h"
#include <httpd.h>

/** Write the error object: {"meta":{"code":…,"message":…},"message":…[,"errors":[…]]}. */
void wfm_error_write(wfm_out_t *out, const wfm_error_t *err);

/**
 * The status of the request for which httpd asks for this one as its ErrorDocument; 0: it does not.
 * It stays the client's, whatever is answered here.
 */
int wfm_error_replaced(const request_rec *r);

/** At start: make the filter known. */
void wfm_errors_register(void);

/**
 * Hook: an error that httpd answers before or instead of the handler (a malformed path, Require, a
 * filter) gets the API's form too, if it is for the API's tree and no ErrorDocument says otherwise.
 */
void wfm_insert_error_filter(request_rec *r);

#endif
