/*
 * test_memory_lists.c - bounded in bytes: what lists and single rows cost a child, whatever their
 * fields hold.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "memory.h"

static void get(const char *path)
{
    http_request_t rq = {.path = path, .timeout_ms = 120000L * fixture_patience()};

    expect_memory(&rq, 200);
}

/* Rows 1 to n, whose dimensions, metrics and raw data SQL makes of i. */
static apr_int64_t seed_rows(int n, const char *dimensions, const char *metrics,
                             const char *raw_data)
{
    apr_int64_t config = seed_config(DB_A, "memory");

    db_run(
        DB_A,
        strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
             " dimensions, metrics, raw_data) SELECT $1, 1, 1, now() + i * interval '1 s', %s, %s,"
             " %s FROM generate_series(1, %d) i",
             dimensions, metrics, raw_data, n),
        1, strf(ID, config));
    return config;
}

static void drop_rows(apr_int64_t config)
{
    db_run(DB_A, "DELETE FROM github_workflow_metrics WHERE config_id = $1", 1, strf(ID, config));
}

static void test_large_raw_data(void)
{
    apr_int64_t config =
        seed_rows(20, "'{}'", "'{}'", "jsonb_build_object('x', repeat('x', 10000000))");

    get(strf("/configs/" ID "/metrics", config));
    get(strf("/configs/" ID "/metrics?raw_data=false", config));
    drop_rows(config);
}

/* Each field as large as it may be; so a page has two rows, and a hundred were asked for. */
static void test_large_fields(void)
{
    const char *field = "jsonb_build_object('x', repeat('x', 1048560))";
    apr_int64_t config = seed_rows(100, field, field, field);
    http_request_t query = {.method = "POST",
                            .path = strf("/configs/" ID "/metrics/query", config),
                            .body = "{\"limit\":1000,\"sort_order\":\"asc\"}",
                            .headers = {JSON_TYPE}};

    get(strf("/configs/" ID "/metrics?limit=1000", config));
    expect_memory(&query, 200);
    drop_rows(config);
}

/* Text may be far larger than what is stored. */
static void test_long_numbers(void)
{
    apr_int64_t config =
        seed_rows(20, "'{}'", "(SELECT jsonb_object_agg(n, 1e131000) FROM generate_series(1, 7) n)",
                  "(SELECT jsonb_object_agg(n, 1e131000) FROM generate_series(1, 50) n)");

    get(strf("/configs/" ID "/metrics", config));
    drop_rows(config);
}

static void test_large_schemas(void)
{
    apr_int64_t config = seed_config(DB_A, "memory"), id;

    db_run(DB_A,
           "INSERT INTO github_workflow_metric_schemas (config_id, name, version, fields,"
           " dimension_fields, metric_fields, is_active, generation_sample_file) SELECT $1, 's', i,"
           " to_jsonb(repeat('f', 1000000)), to_jsonb(repeat('d', 1000000)),"
           " to_jsonb(repeat('m', 1000000)), true, repeat('\x01', 1000000)"
           " FROM generate_series(1, 100) i",
           1, strf(ID, config));
    id = db_int(DB_A, "SELECT max(id) FROM github_workflow_metric_schemas WHERE config_id = $1", 1,
                strf(ID, config));
    get(strf("/configs/" ID "/schemas?limit=1000", config));
    get(strf("/configs/" ID "/schemas/active", config));
    get(strf("/schemas/" ID, id));
    db_run(DB_A, "DELETE FROM github_workflow_metric_schemas WHERE config_id = $1", 1,
           strf(ID, config));
}

/* libpq keeps, in each connection, what its largest row took: different runs, so that nobody asks
 * for others. */
static void fill_connections(apr_int64_t config)
{
    http_request_t rqs[32];

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){
            .path = strf("/runs/" ID, db_int(DB_A,
                                             "SELECT id FROM github_workflow_runs WHERE"
                                             " config_id = $1 AND workload_uid = $2",
                                             2, strf(ID, config), strf("%d", 69 + (int)i)))};
    http_send_all(rqs, countof(rqs));
}

static void test_large_runs(void)
{
    apr_int64_t config = seed_config(DB_A, "memory"), id;

    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, status, error_message)"
           " SELECT $1, i::text, 'failed', CASE WHEN i = 100 THEN repeat('m', 50000000)"
           " ELSE repeat('\x01', 4096) END FROM generate_series(1, 100) i",
           1, strf(ID, config));
    id = db_int(DB_A,
                "SELECT id FROM github_workflow_runs WHERE config_id = $1 AND workload_uid = '100'",
                1, strf(ID, config));
    get(strf("/configs/" ID "/runs?limit=100", config));
    get(strf("/runs/" ID, id));
    db_run(DB_A,
           "UPDATE github_workflow_runs SET error_message = repeat('m', 4000000)"
           " WHERE config_id = $1 AND workload_uid::int > 68",
           1, strf(ID, config));
    fill_connections(config);
    get(strf("/runs/" ID, id));
}

static void test_large_configs(void)
{
    apr_int64_t config = 0;

    for (int i = 0; i < 20; i++)
        config = seed_config(DB_A, "large");
    db_run(DB_A,
           "UPDATE github_workflow_configs SET cluster_name = '', description = repeat('d', CASE"
           " WHEN id % 2 = 0 THEN 1000000 ELSE 3000000 END), file_patterns = to_jsonb(repeat('p',"
           " CASE WHEN id % 2 = 0 THEN 1000000 ELSE 3000000 END)) WHERE name = 'large'",
           0);
    get("/configs?limit=100&name=large");
    get(strf("/configs/" ID, config));
    get(strf("/configs/" ID, config - 1));
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE name = 'large'", 0);
}

SUITE(memory_lists) = {
    {"20 rows with 10 MB of raw data", test_large_raw_data},
    {"100 rows with fields of 1 MiB", test_large_fields},
    {"numbers that are long as text", test_long_numbers},
    {"100 schemas of 4 MB", test_large_schemas},
    {"an error message of 50 MB", test_large_runs},
    {"configs with large texts", test_large_configs},
    CU_TEST_INFO_NULL,
};
