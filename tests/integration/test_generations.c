/*
 * test_generations.c - databases of newer Lens generations: they are migrated, their collectors
 * write as if nothing had been done, and the API reads and writes what is there.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <string.h>

#define DB_NEW "lens_new"

/* What Lens adds to its first tables, generation by generation. */
static const char *const generations[] = {
    "ALTER TABLE github_workflow_configs ADD display_settings JSONB NOT NULL DEFAULT '{}'",
    "ALTER TABLE github_workflow_configs ADD runner_set_id BIGINT",
    "ALTER TABLE github_workflow_runs ADD runner_set_id BIGINT, ADD runner_set_name VARCHAR(255),"
    " ADD runner_set_namespace VARCHAR(255), ALTER config_id DROP NOT NULL,"
    " DROP CONSTRAINT github_workflow_runs_config_id_workload_uid_key",
    "CREATE UNIQUE INDEX idx_github_workflow_runs_runner_set_workload"
    " ON github_workflow_runs (runner_set_id, workload_uid)",
    "ALTER TABLE github_workflow_metric_schemas ADD schema_hash VARCHAR(64) NOT NULL DEFAULT '',"
    " ADD is_wide_table BOOLEAN NOT NULL DEFAULT FALSE,"
    " ADD date_columns JSONB NOT NULL DEFAULT '[]', ADD record_count BIGINT NOT NULL DEFAULT 0,"
    " ADD first_seen_at TIMESTAMP, ADD last_seen_at TIMESTAMP",
    "CREATE UNIQUE INDEX idx_schema_config_hash ON github_workflow_metric_schemas (config_id,"
    " schema_hash) WHERE schema_hash <> ''",
    "ALTER TABLE github_workflow_runs ADD workflow_status VARCHAR(50),"
    " ADD workflow_conclusion VARCHAR(50), ADD collection_status VARCHAR(50),"
    " ADD current_job_name VARCHAR(255), ADD current_step_name VARCHAR(255),"
    " ADD progress_percent INT DEFAULT 0, ADD last_synced_at TIMESTAMP",
};

static void shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
}

static void migrate(const char *upto)
{
    shell(strf("for f in $(ls %s/src/db/schema/*.sql | grep '%s'); do %s pg-psql %s " DB_NEW
               " -f $f || exit 1; done",
               fixture_root(), upto, fixture_servers_sh(), fixture_dir()));
}

/* As the newest generation's collector writes: runs without a config, or of config 0. */
static void write_runs(void)
{
    db_run(DB_NEW,
           "INSERT INTO github_workflow_runs (runner_set_id, workload_uid, config_id, status)"
           " VALUES (5, 'none', NULL, 'workload_pending'), (5, 'zero', 0, 'failed'),"
           " (5, 'one', 1, 'failed')",
           0);
    db_run(DB_NEW,
           "UPDATE github_workflow_runs SET status = 'failed', config_id = NULL, progress_percent"
           " = 50 WHERE workload_uid IN ('none', 'zero')",
           0);
    db_run(DB_NEW, "UPDATE github_workflow_runs SET config_id = 1 WHERE workload_uid = 'zero'", 0);
    db_run(DB_NEW,
           "INSERT INTO github_workflow_runs (runner_set_id, workload_uid, status)"
           " SELECT 6, 'w' || i, 'collection_running' FROM generate_series(1, 300) i",
           0);
    db_run(DB_NEW, "DELETE FROM github_workflow_runs WHERE workload_uid IN ('w1', 'w2')", 0);
}

static void check_api(int port)
{
    http_request_t rq = {.port = port, .host = "new"};
    const char *none =
        db_text(DB_NEW, "SELECT id::text FROM github_workflow_runs WHERE workload_uid = 'none'", 0);
    http_response_t *res;

    rq.path = "/runs?limit=5";
    expect_json(http_send(&rq), "data.total", "301");
    rq.path = "/runs?status=collection_running";
    expect_json(http_send(&rq), "data.total", "298");
    rq.path = "/runs?config_id=1";
    expect_json(http_send(&rq), "data.total", "2");
    rq.path = strf("/runs/%s", none);
    res = http_send(&rq);
    expect_success(res);
    expect_json(res, "data.config_id", "null");
    expect_json(res, "data.config_name", "null");
    rq.method = "POST";
    rq.path = strf("/runs/%s/retry", none);
    expect_success(http_send(&rq));
    rq.headers[0] = JSON_TYPE;
    rq.path = "/configs";
    rq.body = "{\"name\":\"n\",\"runner_set_namespace\":\"s\",\"runner_set_name\":\"t\","
              "\"github_owner\":\"o\",\"github_repo\":\"r\",\"file_patterns\":[]}";
    expect_status(http_send(&rq), 201);
    rq.path = "/configs/1/schemas";
    rq.body = "{\"name\":\"s\",\"fields\":[]}";
    expect_status(http_send(&rq), 201);
    expect_status(http_send(&rq), 201); /* a second one without a hash */
    rq.method = "DELETE";
    rq.path = "/configs/1";
    rq.body = NULL;
    expect_success(http_send(&rq));
    expect_int(db_int(DB_NEW, "SELECT count(*) FROM github_workflow_runs", 0), 299);
}

/* The role gets its rights, and a host serves the database. 0: it runs. */
static int start_host(int port)
{
    shell(strf("%s pg-psql %s " DB_NEW " -f %s/src/db/roles/api_role.sql", fixture_servers_sh(),
               fixture_dir(), fixture_root()));
    return side_start(port,
                      strf("<VirtualHost *:%d>\n%s<Location " API_BASE ">\n"
                           "SetHandler wfmetrics\n</Location>\n</VirtualHost>\n",
                           port,
                           side_replace(strf(SIDE_CLUSTER, "new", fixture_sockets(), "new", "new"),
                                        "dbname=" DB_A, "dbname=" DB_NEW)));
}

/* Runs as the collector wrote them before the summaries came, and while they are there. */
static void test_newest(void)
{
    int port = side_free_port();

    db_run("postgres", "CREATE DATABASE " DB_NEW, 0);
    migrate("001");
    for (size_t i = 0; i < countof(generations); i++)
        db_run(DB_NEW, generations[i], 0);
    write_runs();
    migrate(".");
    db_run(DB_NEW, "DELETE FROM github_workflow_runs", 0);
    write_runs();
    migrate("."); /* again, with all of it there */
    if (start_host(port) == 0)
        check_api(port);
    side_stop();
    db_run("postgres", "DROP DATABASE " DB_NEW " WITH (FORCE)", 0);
}

static void check_schema(int port)
{
    http_request_t rq = {.port = port, .host = "new", .path = "/health"};

    expect_success(http_send(&rq));
    db_run(DB_NEW,
           "INSERT INTO \"lens data\".github_workflow_runs (config_id, workload_uid)"
           " SELECT 1, 'w' || i FROM generate_series(1, 3) i",
           0);
    rq.path = "/runs?config_id=1";
    expect_json(http_send(&rq), "data.total", "3");
    rq.method = "POST";
    rq.headers[0] = JSON_TYPE;
    rq.path = "/configs";
    rq.body = "{\"name\":\"n\",\"runner_set_namespace\":\"s\",\"runner_set_name\":\"t\","
              "\"github_owner\":\"o\",\"github_repo\":\"r\",\"file_patterns\":[]}";
    expect_status(http_send(&rq), 201);
    expect_int(db_int(DB_NEW, "SELECT count(*) FROM \"lens data\".github_workflow_configs", 0), 1);
    expect_int(db_int(DB_NEW,
                      "SELECT count(*) FROM pg_class WHERE relname ~ '^(wfm|github)_'"
                      " AND relnamespace = 'public'::regnamespace",
                      0),
               0);
}

/* Tables in a schema of another name: the role's search path leads there. */
static void test_schema(void)
{
    static const char *const tables[] = {"configs", "runs", "metric_schemas", "metrics"};
    int port = side_free_port();

    db_run("postgres", "CREATE DATABASE " DB_NEW, 0);
    migrate("001");
    db_run(DB_NEW, "CREATE SCHEMA \"lens data\"", 0);
    for (size_t i = 0; i < countof(tables); i++)
        db_run(DB_NEW, strf("ALTER TABLE github_workflow_%s SET SCHEMA \"lens data\"", tables[i]),
               0);
    migrate(".");
    if (start_host(port) == 0)
        check_schema(port);
    side_stop();
    db_run("postgres", "DROP DATABASE " DB_NEW " WITH (FORCE)", 0);
}

SUITE(generations) = {
    {"the newest generation", test_newest},
    {"tables in a schema of their own", test_schema},
    CU_TEST_INFO_NULL,
};
