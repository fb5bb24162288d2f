/*
 * logtext.h - what a client sent, as a log may have it.
 */
#ifndef WFM_CORE_LOGTEXT_H
#define WFM_CORE_LOGTEXT_H

#include <apr_pools.h>

/**
 * A JSON string in ASCII, quotes included: one line, without control characters, whatever the text
 * is. What is no UTF-8 becomes U+FFFD.
 * @param text NULL gives null
 */
const char *wfm_log_json(apr_pool_t *p, const char *text);

#endif
