/*
 * test_results_databases.c - results in databases of several generations, partitioned, in another
 * schema, with policies, in LATIN1.
 */
#include "../support/suite.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include "stored.h"
#include <string.h>

#define DB_RESULTS "lens_stored"

static apr_int64_t make_config(const stored_at_t *at)
{
    return db_int(at->dbname,
                  "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                  " runner_set_name, github_owner, github_repo) VALUES ('n', 's', 't', 'o', 'r')"
                  " RETURNING id",
                  0);
}

/* The same everywhere: a run is made, brought up to date, and its rows are those of one sending. */
static apr_int64_t check_place(const stored_at_t *at, apr_int64_t config)
{
    http_response_t *res = stored_send(at, config, "workload_uid=u&source_file=a.csv", STORED_TWO);
    apr_int64_t run;

    expect_status(res, 201);
    run = stored_run(res);
    res = stored_send(at, config, "workload_uid=u&source_file=b.csv", STORED_ONE);
    expect_status(res, 200);
    res = stored_send(at, config, "workload_uid=u&source_file=a.csv", STORED_ONE);
    expect_status(res, 200);
    expect_json(res, "data.replaced", "2");
    expect_int(stored_run(res), run);
    expect_run(at, run, STORED_COUNTERS, "completed|manual|2|2|2");
    expect_int(stored_rows(at, run), 2);
    return run;
}

static stored_at_t start(const char *dbname)
{
    lens_grant(dbname);
    return (stored_at_t){lens_host(dbname), dbname, dbname};
}

static void stop(void)
{
    side_stop();
    lens_drop(DB_RESULTS);
}

static void test_first_generation(void)
{
    stored_at_t at;

    lens_create(DB_RESULTS, 1);
    at = start(DB_RESULTS);
    if (at.port)
        check_place(&at, make_config(&at));
    stop();
}

/* Runs name their runner set, and a runner set's run may be no config's yet; schemas count. */
static void check_newest(const stored_at_t *at)
{
    apr_int64_t config = make_config(at), run;
    http_response_t *res;

    db_run(at->dbname, "UPDATE github_workflow_configs SET runner_set_id = 5", 0);
    run = check_place(at, config);
    expect_run(at, run, "runner_set_id, runner_set_name, runner_set_namespace, collection_status",
               "5|t|s|completed");
    expect_str(db_text(at->dbname,
                       "SELECT concat_ws('|', record_count, first_seen_at <= last_seen_at,"
                       " last_seen_at > now() AT TIME ZONE 'UTC' - interval '1 hour')"
                       " FROM github_workflow_metric_schemas",
                       0),
               "2|t|t");
    run = db_int(at->dbname,
                 "INSERT INTO " STORED_RUNS " (runner_set_id, workload_uid, config_id, status)"
                 " VALUES (5, 'loose', NULL, 'workload_running') RETURNING id",
                 0);
    res = stored_send(at, config, "workload_uid=loose&source_file=a.csv", STORED_TWO);
    expect_status(res, 200);
    expect_int(stored_run(res), run);
    expect_run(at, run, "config_id = 1, " STORED_COUNTERS, "t|completed|realtime|1|1|2");
    res = stored_send(at, config, "workload_uid=bad&status=failed", NULL);
    expect_status(res, 201);
    expect_run(at, stored_run(res), "status, collection_status", "failed|failed");
}

static void test_newest_generation(void)
{
    stored_at_t at;

    lens_create(DB_RESULTS, LENS_NEWEST);
    at = start(DB_RESULTS);
    if (at.port)
        check_newest(&at);
    stop();
}

/* A time of which there is no partition: is it the sender's, or the server's? */
static void check_no_partition(const stored_at_t *at)
{
    static const char message[] =
        "the database takes no row of such a time (timestamp_column, completed_at), or a rule of"
        " its refuses a row; nothing has been stored";
    const char *before;

    db_run(DB_RESULTS, "ALTER TABLE lens." STORED_ROWS " DETACH PARTITION public.old", 0);
    before = db_fingerprint(DB_RESULTS);
    expect_error(stored_send(at, 1,
                             "workload_uid=p&source_file=a.csv&completed_at=2020-01-01T00:00:00Z",
                             STORED_TWO),
                 4000, message);
    expect_error(stored_send(at, 1, "workload_uid=p&source_file=a.csv&timestamp_column=t",
                             "Op,t,throughput\nGEMM,2026-01-01,1\nConv,2020-01-01,2\n"),
                 4000, message);
    db_run(DB_RESULTS, "ALTER TABLE lens." STORED_ROWS " DETACH PARTITION public.new", 0);
    expect_error(stored_send(at, 1, "workload_uid=p&source_file=a.csv", STORED_TWO), 5000,
                 "internal error");
    expect_str(db_fingerprint(DB_RESULTS), before);
}

/* Partitioned by time, in another schema, with policies that apply to the API's role. */
static void test_policies(void)
{
    stored_at_t at;

    lens_create(DB_RESULTS, 2);
    db_run(DB_RESULTS, "DROP TABLE " STORED_ROWS, 0);
    db_run(DB_RESULTS,
           "CREATE TABLE " STORED_ROWS
           " (id BIGSERIAL, config_id BIGINT NOT NULL, run_id BIGINT NOT NULL,"
           " schema_id BIGINT NOT NULL, timestamp TIMESTAMPTZ NOT NULL, source_file VARCHAR(1024),"
           " dimensions JSONB NOT NULL DEFAULT '{}', metrics JSONB NOT NULL DEFAULT '{}', raw_data"
           " JSONB, created_at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (id, timestamp))"
           " PARTITION BY RANGE (timestamp)",
           0);
    db_run(DB_RESULTS,
           "CREATE TABLE old PARTITION OF " STORED_ROWS
           " FOR VALUES FROM (MINVALUE) TO ('2025-01-01')",
           0);
    db_run(DB_RESULTS,
           "CREATE TABLE new PARTITION OF " STORED_ROWS
           " FOR VALUES FROM ('2025-01-01') TO (MAXVALUE)",
           0);
    db_run(DB_RESULTS, "CREATE SCHEMA lens", 0);
    db_run(DB_RESULTS, "ALTER TABLE github_workflow_configs SET SCHEMA lens", 0);
    db_run(DB_RESULTS, "ALTER TABLE " STORED_RUNS " SET SCHEMA lens", 0);
    db_run(DB_RESULTS, "ALTER TABLE " STORED_ROWS " SET SCHEMA lens", 0);
    db_run(DB_RESULTS, "ALTER TABLE github_workflow_metric_schemas SET SCHEMA lens", 0);
    lens_migrate(DB_RESULTS, ".");
    db_run("postgres", "ALTER DATABASE " DB_RESULTS " SET search_path = lens", 0);
    at = start(DB_RESULTS);
    if (at.port) {
        check_place(&at, make_config(&at));
        db_run(DB_RESULTS, "DELETE FROM " STORED_RUNS, 0);
        db_run(DB_RESULTS, "ALTER TABLE " STORED_ROWS " ENABLE ROW LEVEL SECURITY", 0);
        db_run(DB_RESULTS, "CREATE POLICY few ON " STORED_ROWS " USING (config_id < 100)", 0);
        check_place(&at, 1);
        db_run(DB_RESULTS, "ALTER TABLE " STORED_ROWS " DISABLE ROW LEVEL SECURITY", 0);
        db_run(DB_RESULTS, "DELETE FROM " STORED_ROWS, 0);
        check_no_partition(&at);
    }
    stop();
}

static void test_latin(void)
{
    stored_at_t at;
    http_response_t *res;

    db_run("postgres",
           "CREATE DATABASE " DB_RESULTS " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", 0);
    lens_migrate(DB_RESULTS, ".");
    at = start(DB_RESULTS);
    if (at.port) {
        apr_int64_t config = make_config(&at);

        res = stored_send(&at, config, "workload_uid=u&source_file=a.csv",
                          "\xc3\x9c,t\n\xc3\xa4,1\n");
        expect_status(res, 201);
        expect_str(db_text(DB_RESULTS, "SELECT dimensions::text FROM " STORED_ROWS, 0),
                   "{\"\xc3\x9c\": \"\xc3\xa4\"}");
        res = stored_send(&at, config, "workload_uid=v&source_file=a.csv",
                          "\xc3\x9c,t\n\xd0\x96,1\n");
        expect_error(res, 4000, "the database's encoding lacks a character of what was sent");
        expect_int(db_int(DB_RESULTS, "SELECT count(*) FROM " STORED_RUNS, 0), 1);
        expect_status(stored_send(&at, config, "workload_uid=v&source_file=\xd0\x96", STORED_ONE),
                      400);
    }
    stop();
}

SUITE(results_databases) = {
    {"the first generation", test_first_generation},
    {"the newest generation", test_newest_generation},
    {"partitions, another schema, policies", test_policies},
    {"a database in LATIN1", test_latin},
    CU_TEST_INFO_NULL,
};
