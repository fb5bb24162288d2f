/*
 * computing.h - computing that takes long: it ends where a statement would.
 */
#ifndef WFM_API_COMPUTING_H
#define WFM_API_COMPUTING_H

#include "api.h"

typedef struct api_computing_t {
    wfm_request_t *rq;
    apr_time_t deadline, look; /**< of wfm_clock_now(), 0: none, at once */
    int gone;
} api_computing_t;

/** It begins: from now on it may take as long as a statement. */
void api_computing_begin(api_computing_t *c, wfm_request_t *rq);

/** Is it to end? When the client has left, or at the statement timeout. @param ctx api_computing_t
 */
int api_computing_stop(void *ctx);

/** What the client is told then. @param advice "narrow the time range" */
wfm_error_t *api_computing_stopped(const api_computing_t *c, const char *advice);

#endif
