/*
 * test_memory_compare.c - bounded in bytes: what the dearest comparisons cost a child.
 */
#include "../support/suite.h"
#include "compared.h"
#include "db.h"
#include "memory.h"

static http_request_t compare(apr_int64_t config, const char *more)
{
    return (http_request_t){.path = strf("/configs/" ID
                                         "/compare?base_branch=base&head_branch=head&base_last=100&"
                                         "head_last=100%s",
                                         config, more),
                            .timeout_ms = 120000L * fixture_patience()};
}

/* So many runs a side, of so many rows each, with what SQL makes of row s. */
static apr_int64_t seed(int runs, int rows, const char *dimensions, const char *metrics)
{
    apr_int64_t config = seed_config(DB_A, "memory of comparisons");

    db_run(DB_A,
           strf("WITH r AS (INSERT INTO github_workflow_runs (config_id, workload_uid, status,"
                " head_branch) SELECT $1::bigint, gen_random_uuid()::text, 'completed', b FROM"
                " generate_series(1, %d), unnest('{base,head}'::text[]) b RETURNING id)"
                " INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " dimensions, metrics) SELECT $1::bigint, id, 1, '2025-01-01T00:00:00Z', %s, %s"
                " FROM r, generate_series(1, %d) s",
                runs, dimensions, metrics, rows),
           1, strf(ID, config));
    return config;
}

/* Nearly as many groups as there may be, and all of them written. */
static void test_many_groups(void)
{
    apr_int64_t config = seed(1, 37000, "jsonb_build_object('s', s)", "jsonb_build_object('v', s)");
    http_request_t rq = compare(config, "&format=csv");

    expect_memory(&rq, 200);
}

/* As many series as there may be, of fewer groups. */
static void test_many_series(void)
{
    apr_int64_t config =
        seed(1, 100, "jsonb_build_object('s', s)",
             "(SELECT jsonb_object_agg('m' || i, i + s) FROM generate_series(1, 999) i)");
    http_request_t rq = compare(config, "&limit=1000");

    expect_memory(&rq, 200);
}

/* Values of a hundred runs a side, and more of them than there may be. */
static void test_many_values(void)
{
    apr_int64_t config = seed(100, 900, "jsonb_build_object('s', s % 450)",
                              "jsonb_build_object('v', s + 1 / 3.0, 'w', s, 'x', s * 7 / 9.0)");
    http_request_t fits = compare(config, "&metric_fields=v,w&format=markdown");
    http_request_t rq = compare(config, "");

    expect_memory(&fits, 200);
    expect_memory(&rq, 200);
}

SUITE(memory_compare) = {
    {"many groups", test_many_groups},
    {"many series", test_many_series},
    {"many values", test_many_values},
    CU_TEST_INFO_NULL,
};
