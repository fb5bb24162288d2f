/*
 * stored.h - result files that are sent, and what the database has of them then.
 */
#ifndef WFM_TEST_STORED_H
#define WFM_TEST_STORED_H

#include "db.h"
#include "expect.h"
#include "http.h"

#define STORED_TWO     "Op,throughput\nGEMM,157.25\nAttention,1103\n"
#define STORED_ONE     "Op,throughput\nGEMM,1\n"
#define STORED_RUNS    "github_workflow_runs"
#define STORED_CONFIGS "github_workflow_configs"
#define STORED_SCHEMAS "github_workflow_metric_schemas"
#define STORED_ROWS    "github_workflow_metrics"

/** Where results are sent. */
typedef struct stored_at_t {
    int port; /**< 0: the fixture's */
    const char *host, *dbname;
} stored_at_t;

extern const stored_at_t stored_here;

/** POST /configs/:id/results. @param body a CSV file, or NULL */
http_request_t stored_request(const stored_at_t *at, apr_int64_t config, const char *query,
                              const char *body);

/** Send it. */
http_response_t *stored_send(const stored_at_t *at, apr_int64_t config, const char *query,
                             const char *body);

/** Send it here. */
http_response_t *stored_file(apr_int64_t config, const char *query, const char *body);

/** The run that it was of. */
apr_int64_t stored_run(const http_response_t *res);

/** How many rows a run has, and how many runs a config. */
apr_int64_t stored_rows(const stored_at_t *at, apr_int64_t run);
apr_int64_t stored_runs(const stored_at_t *at, apr_int64_t config);

/** Columns of a run, as one text. */
#define expect_run(at, run, columns, values)                                                       \
    expect_str(db_text((at)->dbname,                                                               \
                       "SELECT concat_ws('|', " columns ") FROM " STORED_RUNS " WHERE id = $1", 1, \
                       strf(ID, run)),                                                             \
               values)
#define STORED_COUNTERS "status, trigger_source, files_found, files_processed, metrics_count"

#endif
