/*
 * log.h - what httpd's logs are told of a request: the error log's line, the access log's items.
 */
#ifndef WFM_HTTPD_LOG_H
#define WFM_HTTPD_LOG_H

#include "sink.h"

/** One line of the error log for a request that failed. What the client did wrong is no error of
 * the server's, unless an answer that had begun broke off for it: the log alone can say why. */
void wfm_log_error(const wfm_sink_t *sink, const wfm_error_t *err);

/** For the access log, when the request is over: the notes wfmetrics-cluster and wfmetrics-route.
 * Who was asked for nothing that the table knows, and where, is told as mod_status does. */
void wfm_log_notes(request_rec *r, const wfm_request_t *rq);

/** At start: make the format %{NAME}^WJ known to mod_log_config. */
void wfm_log_register(void);

#endif
