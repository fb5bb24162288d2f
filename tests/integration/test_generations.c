/*
 * test_generations.c - databases of newer Lens generations: they are migrated, their collectors
 * write as if nothing had been done, and the API reads and writes what is there.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include <string.h>

#define DB_NEW "lens_new"

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
    http_request_t rq = {.port = port, .host = DB_NEW};
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

/* Runs as the collector wrote them before the summaries came, and while they are there. */
static void test_newest(void)
{
    int port;

    lens_create(DB_NEW, LENS_NEWEST);
    write_runs();
    lens_migrate(DB_NEW, ".");
    db_run(DB_NEW, "DELETE FROM github_workflow_runs", 0);
    write_runs();
    lens_migrate(DB_NEW, "."); /* again, with all of it there */
    lens_grant(DB_NEW);
    if ((port = lens_host(DB_NEW)))
        check_api(port);
    side_stop();
    lens_drop(DB_NEW);
}

/* ---- columns that not every generation has ---- */

static const char *config_body(const char *set, const char *more)
{
    return strf("{\"name\":\"n\",\"runner_set_namespace\":\"s\",\"runner_set_name\":\"%s\","
                "\"github_owner\":\"o\",\"github_repo\":\"r\",\"file_patterns\":[]%s}",
                set, more);
}

static http_response_t *ask(int port, const char *method, const char *path, const char *json)
{
    http_request_t rq = {
        .port = port, .host = DB_NEW, .method = method, .path = path, .body = json};

    rq.headers[0] = json ? JSON_TYPE : NULL;
    return http_send(&rq);
}

/* The first generation: nothing is made up, and nothing that a client sends is lost. */
static void check_first(int port)
{
    static const char *const missing = "cannot be stored: the database lacks the column, which the"
                                       " migrations add";
    http_response_t *res;

    expect_status(ask(port, "POST", "/configs", config_body("a", "")), 201);
    expect_status(ask(port, "POST", "/configs", config_body("b", ",\"display_settings\":{}")), 201);
    expect_field(ask(port, "POST", "/configs", config_body("c", ",\"display_settings\":{\"a\":1}")),
                 "display_settings", missing);
    expect_field(
        ask(port, "PUT", "/configs/1", config_body("a", ",\"display_settings\":{\"a\":1}")),
        "display_settings", missing);
    expect_success(ask(port, "PUT", "/configs/1", config_body("a", ",\"display_settings\":{}")));
    expect_status(ask(port, "PUT", "/configs/1", config_body("b", ",\"display_settings\":{}")),
                  409);
    expect_success(ask(port, "PATCH", "/configs/1", "{\"name\":\"p\"}"));
    res = ask(port, "GET", "/configs/1", NULL);
    expect_success(res);
    expect_lacks(res->body, "display_settings");
    expect_lacks(res->body, "runner_set_id");
    expect_json(ask(port, "GET", "/configs", NULL), "data.total", "2");
    res = ask(port, "GET", "/runs", NULL);
    expect_json(res, "data.total", "1");
    expect_lacks(res->body, "progress_percent");
    res = ask(port, "GET", "/runs/1", NULL);
    expect_success(res);
    expect_lacks(res->body, "runner_set_name");
}

/* The migrations come beside connections that have prepared their statements without the column. */
static void check_migrated(int port)
{
    http_response_t *res;

    expect_json(ask(port, "GET", "/configs/1", NULL), "data.display_settings", "{}");
    res = ask(port, "PUT", "/configs/1", config_body("a", ",\"display_settings\":{\"a\":1}"));
    expect_success(res);
    expect_json(res, "data.display_settings", "{\"a\":1}");
    expect_json(ask(port, "GET", "/configs?name=n", NULL), "data.configs.0.display_settings", "{}");
}

static void test_first(void)
{
    int port;

    lens_create(DB_NEW, 1);
    db_run(DB_NEW, "INSERT INTO github_workflow_runs (config_id, workload_uid) VALUES (1, 'u')", 0);
    lens_grant(DB_NEW);
    if ((port = lens_host(DB_NEW))) {
        check_first(port);
        lens_migrate(DB_NEW, ".");
        check_migrated(port);
    }
    side_stop();
    lens_drop(DB_NEW);
}

static void check_newer_columns(int port)
{
    static const char *const lists[] = {"/runs", "/configs/1/runs"};
    http_response_t *res;

    expect_status(
        ask(port, "POST", "/configs", config_body("a", ",\"display_settings\":{\"a\":1}")), 201);
    db_run(DB_NEW, "UPDATE github_workflow_configs SET runner_set_id = 77", 0);
    res = ask(port, "GET", "/configs/1", NULL);
    expect_json(res, "data.display_settings", "{\"a\":1}");
    expect_json(res, "data.runner_set_id", "77");
    expect_json(ask(port, "GET", "/configs", NULL), "data.configs.0.runner_set_id", "77");
    db_run(DB_NEW,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, runner_set_id,"
           " runner_set_name, workflow_status, workflow_conclusion, current_job_name,"
           " progress_percent, last_synced_at) VALUES (1, 'u', 7, 'set', 'in_progress', '', '-',"
           " 40, '2025-01-31 12:00:00.5'), (1, 'v', 8, NULL, NULL, NULL, NULL, NULL, 'infinity')",
           0);
    for (size_t i = 0; i < countof(lists); i++) {
        res = ask(port, "GET", lists[i], NULL);
        expect_json(res, "data.runs.0.progress_percent", "null");
        expect_json(res, "data.runs.0.last_synced_at", "null");
        expect_text(res, "data.runs.1.workflow_status", "in_progress");
    }
    res = ask(port, "GET", "/runs/1", NULL);
    expect_json(res, "data.runner_set_id", "7");
    expect_text(res, "data.runner_set_name", "set");
    expect_json(res, "data.runner_set_namespace", "null");
    expect_text(res, "data.workflow_status", "in_progress");
    expect_text(res, "data.workflow_conclusion", "");
    expect_json(res, "data.collection_status", "null");
    expect_text(res, "data.current_job_name", "-");
    expect_json(res, "data.current_step_name", "null");
    expect_json(res, "data.progress_percent", "40");
    expect_text(res, "data.last_synced_at", "2025-01-31T12:00:00.5Z");
}

static void check_schema_columns(int port)
{
    const char *added = "{\"record_count\":68,\"first_seen_at\":\"2025-01-31T12:00:00.5Z\","
                        "\"last_seen_at\":null,\"is_wide_table\":true,\"date_columns\":[\"d\"],"
                        "\"schema_hash\":\"abc\"}";
    static const char *const paths[] = {"/configs/1/schemas", "/schemas/1"};
    static const char *const keys[] = {"record_count",  "first_seen_at", "last_seen_at",
                                       "is_wide_table", "date_columns",  "schema_hash"};

    expect_status(ask(port, "POST", "/configs/1/schemas", "{\"name\":\"s\",\"fields\":[]}"), 201);
    db_run(DB_NEW,
           "UPDATE github_workflow_metric_schemas SET record_count = 68, first_seen_at ="
           " '2025-01-31 12:00:00.5', is_wide_table = true, date_columns = '[\"d\"]',"
           " schema_hash = 'abc'",
           0);
    for (size_t i = 0; i < countof(paths); i++) {
        http_response_t *res = ask(port, "GET", paths[i], NULL);

        expect_success(res);
        for (size_t k = 0; k < countof(keys); k++)
            expect_json(res, strf("data.%s%s", i ? "" : "schemas.0.", keys[k]),
                        json_object_to_json_string(json_member(json_literal(added), keys[k])));
    }
    expect_json(ask(port, "GET", "/configs/1/schemas", NULL), "data.current_version", "1");
}

static void test_newer_columns(void)
{
    int port;

    lens_create(DB_NEW, LENS_NEWEST);
    lens_migrate(DB_NEW, ".");
    lens_grant(DB_NEW);
    if ((port = lens_host(DB_NEW))) {
        check_newer_columns(port);
        check_schema_columns(port);
    }
    side_stop();
    lens_drop(DB_NEW);
}

static void check_schema(int port)
{
    http_request_t rq = {.port = port, .host = DB_NEW, .path = "/health"};

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
    int port;

    lens_create(DB_NEW, 1);
    db_run(DB_NEW, "CREATE SCHEMA \"lens data\"", 0);
    for (size_t i = 0; i < countof(tables); i++)
        db_run(DB_NEW, strf("ALTER TABLE github_workflow_%s SET SCHEMA \"lens data\"", tables[i]),
               0);
    lens_migrate(DB_NEW, ".");
    lens_grant(DB_NEW);
    if ((port = lens_host(DB_NEW)))
        check_schema(port);
    side_stop();
    lens_drop(DB_NEW);
}

/* A schema of the name of who migrates, where PostgreSQL would make all that is named without one:
 * ours belongs beside the tables. */
static void test_schema_of_user(void)
{
    static const char in[] = "SELECT count(*) FROM (SELECT relname, relnamespace FROM pg_class"
                             " UNION ALL SELECT proname, pronamespace FROM pg_proc) o (name, place)"
                             " WHERE name LIKE 'wfm\\_%' AND place = $1::regnamespace";

    lens_create(DB_NEW, 1);
    db_run(DB_NEW, "CREATE SCHEMA postgres", 0);
    lens_migrate(DB_NEW, ".");
    lens_grant(DB_NEW);
    expect_int(db_int(DB_NEW, in, 1, "postgres"), 0);
    expect_int(db_int(DB_NEW, in, 1, "public") > 0, 1);
    lens_drop(DB_NEW);
}

/* ---- a collector whose driver keeps statements prepared ---- */

static const char *const prepared[] = {"configs", "runs", "metric_schemas", "metrics"};

static void execute(PGconn *collector)
{
    for (size_t i = 0; i < countof(prepared); i++)
        db_run_on(collector, strf("EXECUTE %s", prepared[i]));
}

/* SELECT * fails once when a column has come: where none is missing, or 002 is left out, none
 * comes. */
static void test_prepared(void)
{
    static const struct {
        int generation;
        const char *files;
    } cases[] = {{1, "00[13456]"}, {LENS_NEWEST, "."}};

    for (size_t k = 0; k < countof(cases); k++) {
        PGconn *collector;

        lens_create(DB_NEW, cases[k].generation);
        collector = db_open(DB_NEW);
        for (size_t i = 0; i < countof(prepared); i++)
            db_run_on(collector, strf("PREPARE %s AS SELECT * FROM github_workflow_%s", prepared[i],
                                      prepared[i]));
        execute(collector);
        lens_migrate(DB_NEW, cases[k].files);
        execute(collector);
        db_close(collector);
        lens_drop(DB_NEW);
    }
}

SUITE(generations) = {
    {"the newest generation", test_newest},
    {"the first generation, migrated later", test_first},
    {"columns of newer generations", test_newer_columns},
    {"tables in a schema of their own", test_schema},
    {"a schema of the user's name", test_schema_of_user},
    {"a collector's prepared statements", test_prepared},
    CU_TEST_INFO_NULL,
};
