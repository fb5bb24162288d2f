/*
 * sink.h - from wfm_out_t into httpd's output filters.
 *
 * Owns the scratch buffer and the commitment: status and headers are fixed when the first bytes go
 * out, not before, so an error that comes early is still a proper answer. A body that fits the
 * buffer goes out as one brigade with its EOS, from which httpd makes the Content-Length.
 */
#ifndef WFM_HTTPD_SINK_H
#define WFM_HTTPD_SINK_H

#include "../api/api.h"
#include <httpd.h>

#define WFM_SINK_BUFFER 65536 /* bytes: one bucket of 16 to 64 KB is the measured optimum */

typedef struct wfm_sink_t {
    request_rec *r;
    wfm_request_t *rq; /**< whose status and headers are committed */
    apr_time_t began;  /**< by core/clock.h */
    apr_bucket_brigade *bb;
    int committed; /**< bytes have gone out: status and headers are history */
    int status;    /**< the one that has gone out, then */
    wfm_out_t out;
} wfm_sink_t;

/** Make the sink of a request and hang its out into rq. */
void wfm_sink_init(wfm_sink_t *sink, request_rec *r, wfm_request_t *rq);

/** May the answer, as far as its headers tell, be sent? A read's must have a tag of If-Match's. */
int wfm_sink_is_permitted(const wfm_sink_t *sink);

/** Forget what was written, if nothing has gone out yet. @return 0 when it has */
int wfm_sink_rewind(wfm_sink_t *sink);

/** Send what waits and the end of the answer. */
apr_status_t wfm_sink_finish(wfm_sink_t *sink);

/**
 * End an answer that has begun and cannot be completed, visibly: no final chunk in HTTP/1.1,
 * RST_STREAM in HTTP/2, a reset of the connection in HTTP/1.0.
 */
void wfm_sink_abort(wfm_sink_t *sink);

#endif
