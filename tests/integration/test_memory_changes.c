/*
 * test_memory_changes.c - bounded in bytes: what the dearest requests for change points cost a
 * child.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "memory.h"

static http_request_t changes(apr_int64_t config, const char *body)
{
    return (http_request_t){.method = "POST",
                            .path = strf("/configs/" ID "/metrics/changes", config),
                            .body = body,
                            .timeout_ms = 120000L * fixture_patience(),
                            .headers = {JSON_TYPE}};
}

/* So many runs, with so many rows each: series 1 to `series`, of what SQL makes of run r and s. */
static apr_int64_t seed_series(int runs, int series, const char *metrics)
{
    apr_int64_t config = seed_config(DB_A, "memory of changes");

    db_run(DB_A,
           strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " dimensions, metrics) SELECT $1::bigint, r, 1, '2025-01-01T00:00:00Z'::timestamptz"
                " + r * interval '1 minute', jsonb_build_object('s', s), %s"
                " FROM generate_series(1, %d) r, generate_series(1, %d) s",
                metrics, runs, series),
           1, strf(ID, config));
    return config;
}

/* As many runs as there may be, and a change in every second one. */
static void test_many_changes(void)
{
    apr_int64_t config = seed_series(74000, 1, "jsonb_build_object('v', 1000 + (r * 7919) % 1009)");
    http_request_t rq =
        changes(config, "{\"metric_fields\":[\"v\"],\"window_len\":20,\"max_pvalue\":1}");

    expect_memory(&rq, 200);
}

SUITE(memory_changes) = {
    {"many changes", test_many_changes},
    CU_TEST_INFO_NULL,
};
