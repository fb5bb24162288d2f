/*
 * compared.h - runs to compare: what the suites about GET /configs/:id/compare start from.
 */
#ifndef WFM_TEST_COMPARED_H
#define WFM_TEST_COMPARED_H

#include "expect.h"
#include "fixture.h"

/** A completed run; branch and sha may be NULL. @return its id */
apr_int64_t compared_run(apr_int64_t config, const char *branch, const char *sha);

/** A row of a run. @param at RFC 3339 */
void compared_row(apr_int64_t config, apr_int64_t run, const char *at, const char *dimensions,
                  const char *metrics);

/** A completed run of day i of January 2025, with a row that has v. */
apr_int64_t compared_value(apr_int64_t config, int day, const char *branch, const char *sha,
                           const char *v);

/** GET compare with this query. */
http_response_t *compared(apr_int64_t config, const char *query);

/** "7,8": the runs of a side of an answer. */
const char *compared_runs(const http_response_t *res, const char *side);

#endif
