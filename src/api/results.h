/*
 * results.h - what the route table must know of results.
 */
#ifndef WFM_API_RESULTS_H
#define WFM_API_RESULTS_H

#include "../ingest/file.h"

/** What a run may be sent as; NULL-terminated. */
extern const char *const api_sent_statuses[];

#endif
