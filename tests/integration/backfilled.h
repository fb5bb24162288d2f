/*
 * backfilled.h - backfill tasks: how tests start them, and what they are to say.
 */
#ifndef WFM_TEST_BACKFILLED_H
#define WFM_TEST_BACKFILLED_H

#include "http.h"

/** Of a body: a day that all runners ended in. */
#define BACKFILL_DAY "\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-01-02T00:00:00Z\""

/** /configs/:id/backfill, and what is below it. */
const char *backfill_path(apr_int64_t config, const char *rest);

/** Start a task. */
http_response_t *backfill_start(apr_int64_t config, const char *body);

/** How many runs the config has. */
apr_int64_t backfill_runs(const char *dbname, apr_int64_t config);

/** A config with so many runners, whose uids begin with the name. */
apr_int64_t backfill_seed(const char *name, int n);

/** The newest task is like this. */
void expect_backfill(apr_int64_t config, const char *status, int total, int processed, int failed);

/** A task was accepted, with this message and status. */
void expect_backfill_started(const http_response_t *res, const char *message, const char *status);

#endif
