/*
 * test_backfill.c - backfill tasks: which runs they make, and what of them; what they say; two at
 * once, beside a collector, in many portions, over a restart; in databases of several generations.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include <string.h>
#include <unistd.h>

#define DB_GENERATION "lens_backfill"
#define DAY           "\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-01-02T00:00:00Z\""
#define NO_WORKLOADS                                                                               \
    "this database has no table gpu_workload, in which Lens lists the runners: none are known"
#define UNFIT                                                                                      \
    "some runners are annotated with an id that is no number or a text of more than 255 "          \
    "characters: they get no run"

static const char *path(apr_int64_t config, const char *rest)
{
    return strf("/configs/" ID "/backfill%s", config, rest);
}

static http_response_t *start(apr_int64_t config, const char *body)
{
    return http_json("POST", path(config, ""), body);
}

static apr_int64_t runs_of(const char *dbname, apr_int64_t config)
{
    return db_int(dbname, "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1", 1,
                  strf(ID, config));
}

/* A config with so many runners, whose uids begin with the name. */
static apr_int64_t seed(const char *name, int n)
{
    apr_int64_t config = seed_config(DB_A, name);

    lens_drop_workloads(DB_A);
    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, name, n);
    return config;
}

static void expect_status_of(apr_int64_t config, const char *status, int total, int processed,
                             int failed)
{
    http_response_t *res = http_get(path(config, "/status"));

    expect_success(res);
    expect_text(res, "data.status", status);
    expect_int(json_int_at(res, "data.total"), total);
    expect_int(json_int_at(res, "data.processed"), processed);
    expect_int(json_int_at(res, "data.failed"), failed);
}

static void expect_started(const http_response_t *res, const char *message, const char *status)
{
    expect_status(res, 202);
    expect_keys(res, "data", "message,task_id,config_id,status");
    expect_json(res, "meta.code", "2000");
    expect_text(res, "data.message", message);
    expect_text(res, "data.status", status);
}

static void test_runs(void)
{
    apr_int64_t config = seed("runs", 3);
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, status) VALUES ($1,"
           " 'runs-1', 'completed')",
           1, strf(ID, config));
    res = start(config, "{" DAY "}");
    expect_started(res, "Backfill completed; runs made: 2", "completed");
    expect_int(json_int_at(res, "data.config_id"), config);
    expect_status_of(config, "completed", 2, 2, 0);
    res = http_get(strf("/configs/" ID "/runs", config));
    expect_json(res, "data.total", "3");
    expect_text(res, "data.runs.0.workload_uid", "runs-3");
    expect_text(res, "data.runs.0.workload_name", "runner-3");
    expect_text(res, "data.runs.0.workload_namespace", "ns");
    expect_json(res, "data.runs.0.github_run_id", "9000000003");
    expect_json(res, "data.runs.0.github_job_id", "403");
    expect_text(res, "data.runs.0.workflow_name", "Benchmark");
    expect_text(res, "data.runs.0.head_branch", "main");
    expect_text(res, "data.runs.0.status", "pending");
    expect_text(res, "data.runs.0.trigger_source", "backfill");
    expect_text(res, "data.runs.0.workload_started_at", "2024-12-31T23:52:00Z");
    expect_text(res, "data.runs.0.workload_completed_at", "2025-01-01T00:02:00Z");
    expect_json(res, "data.runs.0.retry_count", "0");
    expect_text(res, "data.runs.2.status", "completed"); /* what was there stays as it is */
    expect_started(start(config, "{" DAY "}"), "Backfill completed; runs made: 0", "completed");
    expect_status_of(config, "completed", 0, 0, 0);
    expect_json(http_get(strf("/configs/" ID "/runners?since=2025-01-01T00:00:00Z", config)),
                "data.runners.2.processed", "true");
}

static void test_selection(void)
{
    apr_int64_t config = seed("choose", 6);

    /* the range has both its ends */
    expect_started(start(config, "{\"start_time\":\"2025-01-01T00:01:00Z\",\"end_time\":"
                                 "\"2025-01-01T01:02:00+01:00\"}"),
                   "Backfill completed; runs made: 2", "completed");
    expect_started(start(config, "{" DAY ",\"workload_uids\":[\"choose-1\",\"choose-2\",\"none\","
                                 "\"choose-1\"]}"),
                   "Backfill completed; runs made: 1", "completed");
    expect_started(start(config, "{\"start_time\":\"2025-01-01T01:00:00Z\",\"end_time\":"
                                 "\"2025-01-02T00:00:00Z\",\"workload_uids\":[\"choose-6\"]}"),
                   "Backfill completed; runs made: 0", "completed");
    expect_int(runs_of(DB_A, config), 3);
    expect_started(start(config, "{" DAY ",\"dry_run\":true}"), "Dry run; runners without a run: 3",
                   "completed");
    expect_status_of(config, "completed", 3, 0, 0);
    expect_int(runs_of(DB_A, config), 3);
    expect_started(start(config, "{" DAY ",\"workload_uids\":[],\"dry_run\":false}"),
                   "Backfill completed; runs made: 3", "completed");
    /* a run of another config is none of this one */
    expect_int(runs_of(DB_A, config), 6);
}

/* What no run can hold is counted, and stops nothing. */
static void test_unfit(void)
{
    static const char *const annotations[] = {
        "jsonb_build_object('actions.github.com/run-id', 'x')",
        "jsonb_build_object('actions.github.com/job-id', '1.5')",
        "jsonb_build_object('actions.github.com/run-id', '9223372036854775808')",
        "jsonb_build_object('actions.github.com/branch', repeat('b', 256))",
        "jsonb_build_object('actions.github.com/workflow-name', repeat('ü', 256))",
        /* and these it can */
        "jsonb_build_object('actions.github.com/branch', repeat('ü', 255))",
        "jsonb_build_object('actions.github.com/run-id', '')",
        "'null'",
        "'[1]'",
    };
    apr_int64_t config = seed("unfit", countof(annotations) + 1);

    for (size_t i = 0; i < countof(annotations); i++)
        db_run(DB_A,
               strf("UPDATE gpu_workload SET annotations = %s WHERE uid = 'unfit-%d'",
                    annotations[i], (int)i + 1),
               0);
    db_run(DB_A, "UPDATE gpu_workload SET uid = repeat('u', 256) WHERE uid = 'unfit-10'", 0);
    expect_started(start(config, "{" DAY ",\"dry_run\":true}"),
                   "Dry run; runners without a run: 10", "completed");
    expect_status_of(config, "completed", 10, 0, 6);
    expect_started(start(config, "{" DAY "}"), "Backfill completed; runs made: 4", "completed");
    expect_status_of(config, "completed", 10, 4, 6);
    expect_text(http_get(path(config, "/status")), "data.error_message", UNFIT);
    expect_int(runs_of(DB_A, config), 4);
}

static void test_tasks(void)
{
    apr_int64_t config = seed("tasks", 2);
    http_response_t *res;

    expect_error(http_get(path(config, "/status")), 4040,
                 "no backfill tasks found for this config");
    expect_json(http_get(path(config, "/tasks")), "data",
                "{\"tasks\":[],\"total\":0,\"offset\":0,\"limit\":20}");
    start(config, "{" DAY ",\"dry_run\":true}");
    start(config, "{" DAY ",\"workload_uids\":[\"tasks-1\",\"\\\"ü\"]}");
    start(config, "{" DAY "}");
    res = http_get(path(config, "/tasks?limit=2"));
    expect_success(res);
    expect_json(res, "data.total", "3");
    expect_json(res, "data.limit", "2");
    expect_int(json_length_at(res, "data.tasks"), 2);
    expect_keys(res, "data.tasks.0",
                "task_id,config_id,status,total,processed,failed,created_at,started_at,"
                "completed_at,error_message,start_time,end_time,workload_uids,dry_run");
    expect_json(res, "data.tasks.0.workload_uids", "null");
    expect_json(res, "data.tasks.0.dry_run", "false");
    expect_text(res, "data.tasks.0.start_time", "2025-01-01T00:00:00Z");
    expect_json(res, "data.tasks.1.workload_uids", "[\"tasks-1\",\"\\\"ü\"]");
    expect_json(res, "data.tasks.1.total", "1");
    res = http_get(path(config, "/tasks?offset=2&limit=1000"));
    expect_json(res, "data.limit", "100");
    expect_int(json_length_at(res, "data.tasks"), 1);
    expect_json(res, "data.tasks.0.dry_run", "true");
    res = http_get(path(config, "/status"));
    expect_keys(res, "data",
                "task_id,config_id,status,total,processed,failed,created_at,started_at,"
                "completed_at,error_message");
    expect(http_header(res, "ETag") != NULL, "the status has no ETag");
}

static void test_wrong_inputs(void)
{
    static const char time[] = "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z";
    static const char uids[] = "must be an array of non-blank strings";
    static const struct {
        const char *body, *field, *message;
    } cases[] = {
        {"{}", "start_time", "is required"},
        {"{}", "end_time", "is required"},
        {"{" DAY ",\"start_time\":null}", "start_time", NULL},
        {"{\"start_time\":null,\"end_time\":null}", "end_time", "is required"},
        {"{\"start_time\":\"now\",\"end_time\":\"2025-01-01T00:00:00Z\"}", "start_time", time},
        {"{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-01-01\"}", "end_time", time},
        {"{\"start_time\":1735689600,\"end_time\":\"2025-01-01T00:00:00Z\"}", "start_time", time},
        {"{" DAY ",\"workload_uids\":\"a\"}", "workload_uids", uids},
        {"{" DAY ",\"workload_uids\":{}}", "workload_uids", uids},
        {"{" DAY ",\"workload_uids\":[1]}", "workload_uids", uids},
        {"{" DAY ",\"workload_uids\":[\" \"]}", "workload_uids", uids},
        {"{" DAY ",\"workload_uids\":[null]}", "workload_uids", uids},
        {"{" DAY ",\"dry_run\":\"yes\"}", "dry_run", "must be true or false"},
        {"{" DAY ",\"dry_run\":1}", "dry_run", "must be true or false"},
    };
    apr_int64_t config = seed("wrong", 1);
    const char *many = "\"u\"";

    for (size_t i = 0; i < countof(cases); i++)
        if (cases[i].message)
            expect_field(start(config, cases[i].body), cases[i].field, cases[i].message);
        else
            expect_status(start(config, cases[i].body), 400); /* a key twice */
    for (int i = 0; i < 1000; i++)
        many = strf("%s,\"u\"", many);
    expect_field(start(config, strf("{" DAY ",\"workload_uids\":[%s]}", many)), "workload_uids",
                 "must have at most 1000 items");
    expect_status(start(config, "{\"start_time\":\"2025-01-02T00:00:00Z\",\"end_time\":"
                                "\"2025-01-01T00:00:00Z\"}"),
                  400);
    expect_status(start(config, "["), 400);
    expect_status(http_json("POST", "/configs/x/backfill", "{" DAY "}"), 400);
    expect_status(http_get(path(config, "/tasks?limit=0")), 400);
    expect_status(http_get(path(config, "/tasks?offset=-1")), 400);
    expect_error(http_get(path(config, "")), 4050, "method not allowed");
    expect_error(http_json("POST", path(config, "/status"), NULL), 4050, "method not allowed");
    expect_int(db_int(DB_A, "SELECT count(*) FROM wfm_backfill_tasks WHERE config_id = $1", 1,
                      strf(ID, config)),
               0);
    expect_int(runs_of(DB_A, config), 0);
}

/* No config, no Lens, no right to write. */
static void test_refused(void)
{
    static const char *const revoked[] = {"SELECT ON gpu_workload",
                                          "INSERT ON github_workflow_runs",
                                          "USAGE ON SEQUENCE github_workflow_runs_id_seq"};
    apr_int64_t config = seed("refused", 1);
    http_request_t rq = {.method = "POST",
                         .path = path(config, ""),
                         .body = "{" DAY "}",
                         .headers = {JSON_TYPE},
                         .host = HOST_RO};
    const char *one = "/configs/999999999/backfill";

    expect_error(http_json("POST", one, "{" DAY "}"), 4040, "config not found");
    expect_error(http_json("POST", strf("%s/cancel", one), NULL), 4040, "config not found");
    expect_error(http_get(strf("%s/status", one)), 4040, "config not found");
    expect_error(http_get(strf("%s/tasks", one)), 4040, "config not found");
    expect_error(http_json("POST", path(config, "/cancel"), NULL), 4040,
                 "no active backfill tasks found");
    expect_status(http_send(&rq), 403);
    rq.path = path(config, "/cancel");
    expect_status(http_send(&rq), 403);
    for (size_t i = 0; i < countof(revoked); i++) {
        apr_off_t mark = fixture_log_mark();

        db_run(DB_A, strf("REVOKE %s FROM wfmetrics", revoked[i]), 0);
        expect_error(start(config, "{" DAY "}"), 5000, "internal error");
        expect_contains(fixture_log_since(mark), "grant the role its rights");
        db_run(DB_A, strf("GRANT %s TO wfmetrics", revoked[i]), 0);
        expect_text(http_get(path(config, "/status")), "data.status", "failed");
        expect_text(http_get(path(config, "/status")), "data.error_message",
                    "the role of this service may not read the runners, or not write runs");
    }
    lens_drop_workloads(DB_A);
    expect_error(start(config, "{" DAY "}"), 4090, NO_WORKLOADS);
    expect_int(runs_of(DB_A, config), 0);
}

/* Without its migration there is no backfill, and all else goes on. */
static void test_without_migration(void)
{
    apr_int64_t config = seed("before", 1), gone = seed_config(DB_A, "gone");
    apr_off_t mark = fixture_log_mark();

    db_run(DB_A, "ALTER TABLE wfm_backfill_tasks RENAME TO hidden", 0);
    expect_error(start(config, "{" DAY "}"), 5000, "internal error");
    expect_contains(fixture_log_since(mark), "run the migrations");
    expect_error(http_get(path(config, "/status")), 5000, "internal error");
    expect_error(http_get(path(config, "/tasks")), 5000, "internal error");
    expect_error(http_json("POST", path(config, "/cancel"), NULL), 5000, "internal error");
    expect_success(http_get(strf("/configs/" ID "/runners", config)));
    expect_success(http_get("/health"));
    expect_success(http_json("DELETE", strf("/configs/" ID, gone), NULL));
    db_run(DB_A, "ALTER TABLE hidden RENAME TO wfm_backfill_tasks", 0);
    expect_started(start(config, "{" DAY "}"), "Backfill completed; runs made: 1", "completed");
}

/* ---- several at once ---- */

/* Requests to two httpds. */
static void test_at_once(void)
{
    apr_int64_t config = seed("once", 700);
    int port = side_free_port();
    http_request_t rqs[6];
    http_response_t **res;

    if (side_start(port, strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "<Location " API_BASE ">\n"
                              "SetHandler wfmetrics\n</Location>\n</VirtualHost>\n",
                              port, "side", fixture_sockets(), "side", "side")) == 0) {
        for (size_t i = 0; i < countof(rqs); i++)
            rqs[i] = (http_request_t){.port = i % 2 ? port : 0,
                                      .host = i % 2 ? "side" : NULL,
                                      .method = "POST",
                                      .path = path(config, ""),
                                      .body = "{" DAY "}",
                                      .headers = {JSON_TYPE, "Connection: close"}};
        res = http_send_all(rqs, countof(rqs));
        for (size_t i = 0; i < countof(rqs); i++)
            expect_status(res[i], 202);
    }
    side_stop();
    expect_int(runs_of(DB_A, config), 700);
    expect_int(db_int(DB_A,
                      "SELECT sum(processed) FROM wfm_backfill_tasks WHERE config_id = $1"
                      " AND status = 'completed'",
                      1, strf(ID, config)),
               700);
}

/* A collector inserts a run of them all the while: neither fails, and the run is there once. */
static void test_collector(void)
{
    apr_int64_t config = seed("collect", 20);
    PGconn *collector = db_open(DB_A);
    http_response_t *res;

    db_run_on(collector, "BEGIN");
    db_run_on(collector, strf("INSERT INTO github_workflow_runs (config_id, workload_uid) VALUES"
                              " (" ID ", 'collect-7')",
                              config));
    res = start(config, "{" DAY "}");
    expect_started(res, "Backfill accepted", "pending"); /* it waits for nobody for long */
    expect_int(runs_of(DB_A, config), 0);
    db_run_on(collector, "COMMIT");
    db_close(collector);
    res = start(config, "{" DAY "}"); /* the first one may be gone on with before */
    expect_status(res, 202);
    expect_text(res, "data.status", "completed");
    expect_int(runs_of(DB_A, config), 20);
}

/* ---- many portions ---- */

/* What failed before is not tried again for a minute, but for this. */
static void hasten(void)
{
    expect_success(http_json("DELETE", strf("/configs/" ID, seed_config(DB_A, "hasten")), NULL));
}

static void await_processed(apr_int64_t config, const char *status, int n)
{
    for (int i = 0; i < 900; i++) { /* 90 s, or 8 min */
        http_response_t *res = http_get(path(config, "/status"));

        if (json_int_at(res, "data.processed") >= n &&
            !strcmp(json_object_get_string(json_at(res, "data.status", NULL)), status))
            return;
        if (i % 50 == 0)
            hasten();
        usleep(fixture_patience() > 1 ? 500000 : 100000);
    }
    expect(0, "config " ID " has not come to %d, %s: %s", config, n, status,
           http_get(path(config, "/status"))->body);
}

/* A collector that holds a run of a later portion stops the task there. */
static PGconn *hold(apr_int64_t config, const char *uid)
{
    PGconn *collector = db_open(DB_A);

    db_run_on(collector, "BEGIN");
    db_run_on(collector, strf("INSERT INTO github_workflow_runs (config_id, workload_uid) VALUES"
                              " (" ID ", '%s')",
                              config, uid));
    return collector;
}

static void test_restart(void)
{
    apr_int64_t config = seed("restart", 4500);
    PGconn *collector = hold(config, "restart-2500");
    http_response_t *res = start(config, "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":"
                                         "\"2025-02-01T00:00:00Z\"}");

    expect_started(res, "Backfill begun; runners without a run: 4500", "in_progress");
    await_processed(config, "in_progress", 2000);
    expect_status_of(config, "in_progress", 4500, 2000, 0);
    expect_int(runs_of(DB_A, config), 2000);
    expect_int(fixture_servers("httpd-graceful", ""), 0);
    expect_status_of(config, "in_progress", 4500, 2000, 0);
    db_run_on(collector, "ROLLBACK");
    db_close(collector);
    await_processed(config, "completed", 4500);
    expect_status_of(config, "completed", 4500, 4500, 0);
    expect_int(runs_of(DB_A, config), 4500);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1 AND"
                      " trigger_source = 'backfill' AND status = 'pending'",
                      1, strf(ID, config)),
               4500);
}

/* What a portion's statement begins with; PostgreSQL shows no more than 1 KB of it. */
#define PORTION "WITH t AS MATERIALIZED ( SELECT * FROM wfm_backfill_tasks"

/* A portion that waits for the collector would be made, and counted, once he lets it. */
static void await_no_portion(void)
{
    for (int i = 0; i < 200 && db_int(DB_A,
                                      "SELECT count(*) FROM pg_stat_activity WHERE state ="
                                      " 'active' AND query LIKE '" PORTION "%'",
                                      0) > 0;
         i++)
        usleep(50000);
}

static void test_cancel(void)
{
    apr_int64_t config = seed("cancel", 4500);
    PGconn *collector = hold(config, "cancel-1500");
    http_response_t *res = start(config, "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":"
                                         "\"2025-02-01T00:00:00Z\"}");

    expect_text(res, "data.status", "in_progress");
    res = http_json("POST", path(config, "/cancel"), NULL);
    expect_success(res);
    expect_json(res, "data", "{\"message\":\"Backfill cancelled\",\"cancelled\":1}");
    expect_status_of(config, "cancelled", 4500, 1000, 0);
    await_no_portion();
    db_run_on(collector, "ROLLBACK");
    db_close(collector);
    hasten();
    sleep(2);
    expect_status_of(config, "cancelled", 4500, 1000, 0);
    expect_int(runs_of(DB_A, config), 1000);
    expect_error(http_json("POST", path(config, "/cancel"), NULL), 4040,
                 "no active backfill tasks found");
    /* another one makes the rest */
    start(config,
          "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-02-01T00:00:00Z\"}");
    await_processed(config, "completed", 3500);
    expect_status_of(config, "completed", 3500, 3500, 0);
    expect_int(runs_of(DB_A, config), 4500);
}

/* ---- deleted ---- */

static apr_int64_t tasks_of(apr_int64_t config)
{
    return db_int(DB_A, "SELECT count(*) FROM wfm_backfill_tasks WHERE config_id = $1", 1,
                  strf(ID, config));
}

/* Tasks go with their config, however it goes. */
static void test_deleted(void)
{
    apr_int64_t config = seed("deleted", 2), behind = seed_config(DB_A, "behind our back");
    http_request_t rq = {.method = "DELETE",
                         .path = strf("/configs/" ID, config),
                         .headers = {"If-Match: \"1-0123456789abcdef\""}};

    start(config, "{" DAY "}");
    expect_status(http_send(&rq), 412);
    expect_int(tasks_of(config), 1);
    rq.headers[0] = NULL;
    expect_success(http_send(&rq));
    expect_int(tasks_of(config), 0);
    start(behind, "{" DAY "}");
    expect_int(tasks_of(behind), 1);
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id = $1", 1, strf(ID, behind));
    for (int i = 0; i < 900 && tasks_of(behind) > 0; i++) {
        if (i % 50 == 0)
            hasten();
        usleep(fixture_patience() > 1 ? 500000 : 100000);
    }
    expect_int(tasks_of(behind), 0);
    lens_drop_workloads(DB_A);
}

/* A portion stops in its insert until LOCK is free, and holds its own until then. */
#define LOCK "4711"

static void slow_down(void)
{
    db_run(DB_A,
           "CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0"
           " AS $$BEGIN PERFORM pg_advisory_xact_lock(" LOCK "); RETURN NULL; END$$",
           0);
    db_run(DB_A,
           "CREATE TRIGGER wait_for_test AFTER INSERT ON github_workflow_runs EXECUTE FUNCTION"
           " wait_for_test()",
           0);
}

static void speed_up(void)
{
    db_run(DB_A, "DROP FUNCTION wait_for_test CASCADE", 0);
}

/* Until somebody's statement that has this in it waits for a lock. */
static void await_waiting(const char *part)
{
    int waits = 0;

    for (int i = 0; !waits && i < 500 * fixture_patience(); i++) {
        usleep(20000);
        waits = db_int(DB_A,
                       "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND"
                       " query LIKE '%' || $1 || '%'",
                       1, part) > 0;
    }
    expect(waits, "nobody waits in %s", part);
}

static int send_on_its_own(const char *method, const char *path, const char *body)
{
    const char *text = strf("%s " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\n" JSON_TYPE
                            "\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                            method, path, (int)strlen(body), body);

    return http_raw_open(text, strlen(text));
}

/* Of a portion that is being made when the config is deleted nothing stays, and one that comes then
 * makes nothing. */
static void test_deleted_beside(void)
{
    apr_int64_t config = seed("beside", 1500);
    PGconn *holder = db_open(DB_A);
    int portion, deletion;

    slow_down();
    db_run_on(holder, "SELECT pg_advisory_lock(" LOCK ")");
    portion = send_on_its_own("POST", path(config, ""), "{" DAY "}");
    await_waiting(PORTION);
    deletion = send_on_its_own("DELETE", strf("/configs/" ID, config), "");
    await_waiting("hashtextextended('wfm_backfill', $1::bigint)");
    db_run_on(holder, "SELECT pg_advisory_unlock(" LOCK ")");
    expect_contains(http_raw_rest(portion), "\"in_progress\"");
    expect_contains(http_raw_rest(deletion), "\"deleted\":true");
    expect_int(runs_of(DB_A, config), 0);
    expect_int(tasks_of(config), 0);
    hasten(); /* what there was of it left to do */
    expect_int(runs_of(DB_A, config), 0);
    speed_up();
    db_close(holder);
}

static apr_int64_t over(apr_int64_t config)
{
    return db_int(DB_A,
                  "SELECT count(*) FROM wfm_backfill_tasks WHERE config_id = $1 AND status"
                  " NOT IN ('pending', 'in_progress')",
                  1, strf(ID, config));
}

/* The newest hundred that are over stay, and all that are not; of this config. */
static void test_pruned(void)
{
    apr_int64_t config = seed("pruned", 1), other = seed_config(DB_A, "not pruned");

    db_run(
        DB_A,
        "INSERT INTO wfm_backfill_tasks (config_id, start_time, end_time, status) SELECT c, now(),"
        " now(), CASE n % 4 WHEN 0 THEN 'completed' WHEN 1 THEN 'failed' WHEN 2 THEN 'cancelled'"
        " ELSE 'in_progress' END FROM unnest(ARRAY[$1, $2]::bigint[]) c, generate_series(1, 160) n"
        " ORDER BY n",
        2, strf(ID, config), strf(ID, other));
    start(config, "{" DAY ",\"dry_run\":true}");
    expect_int(over(config), 100);
    expect_int(over(other), 120);
    expect_int(tasks_of(config) - over(config), 40);
    expect_text(http_get(path(config, "/status")), "data.status", "completed");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM (SELECT * FROM wfm_backfill_tasks WHERE config_id = $1"
                      " AND status <> 'in_progress' ORDER BY id LIMIT 1) o WHERE status"
                      " = 'failed'",
                      1, strf(ID, config)),
               1);
    start(config, "{" DAY "}");
    expect_int(over(config), 100);
    db_run(DB_A, "DELETE FROM wfm_backfill_tasks WHERE config_id IN ($1, $2)", 2, strf(ID, config),
           strf(ID, other));
    lens_drop_workloads(DB_A);
}

/* ---- generations ---- */

static http_response_t *start_at(int port)
{
    http_request_t rq = {.port = port,
                         .host = DB_GENERATION,
                         .method = "POST",
                         .path = "/configs/1/backfill",
                         .body = "{" DAY "}",
                         .headers = {JSON_TYPE}};

    return http_send(&rq);
}

/* Runs of the runner set that have no config, or another one, are the same runs; those that are
 * made name the runner set. */
static void check_runner_sets(int port)
{
    db_run(DB_GENERATION,
           "INSERT INTO github_workflow_runs (runner_set_id, runner_set_namespace, runner_set_name,"
           " config_id, workload_uid) VALUES (5, 'ns', 'set', NULL, 'g-1'), (5, 'ns', 'set', 0,"
           " 'g-2'), (5, 'ns', 'set', 7, 'g-3'), (6, 'ns', 'other', NULL, 'g-4')",
           0);
    expect_started(start_at(port), "Backfill completed; runs made: 2", "completed");
    expect_int(db_int(DB_GENERATION,
                      "SELECT count(*) FROM github_workflow_runs WHERE config_id = 1 AND"
                      " trigger_source = 'backfill' AND status = 'pending' AND runner_set_id = 5"
                      " AND runner_set_namespace = 'ns' AND runner_set_name = 'set'",
                      0),
               2);
    /* a config that says its runner set, and one whose runner set nobody knows */
    db_run(DB_GENERATION, "UPDATE github_workflow_configs SET runner_set_id = 9", 0);
    lens_add_runners(DB_GENERATION, 1, "h", 3);
    expect_started(start_at(port), "Backfill completed; runs made: 6", "completed");
    db_run(DB_GENERATION,
           "UPDATE github_workflow_configs SET runner_set_id = NULL,"
           " runner_set_name = 'unknown'",
           0);
    lens_add_runners(DB_GENERATION, 1, "i", 3);
    expect_started(start_at(port), "Backfill completed; runs made: 3", "completed");
    expect_started(start_at(port), "Backfill completed; runs made: 0", "completed");
}

static void test_generations(void)
{
    static const int generations[] = {1, 3, 5};

    for (size_t i = 0; i < countof(generations); i++) {
        int port;

        lens_create(DB_GENERATION, generations[i]);
        lens_make_workloads(DB_GENERATION);
        lens_migrate(DB_GENERATION, ".");
        lens_grant(DB_GENERATION);
        db_run(DB_GENERATION,
               "INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name,"
               " github_owner, github_repo) VALUES ('g', 'ns', 'set', 'o', 'r')",
               0);
        lens_add_runners(DB_GENERATION, 1, "g", 5);
        /* runs are looked up by key, which is made where there is none */
        expect_int(
            db_int(DB_GENERATION,
                   "SELECT count(*) FROM pg_class WHERE relname = 'wfm_runs_config_workload'", 0),
            generations[i] >= 3);
        if ((port = lens_host(DB_GENERATION))) {
            if (generations[i] >= 3)
                check_runner_sets(port);
            else
                expect_started(start_at(port), "Backfill completed; runs made: 5", "completed");
        }
        side_stop();
        lens_drop(DB_GENERATION);
    }
}

/* Whichever child the request comes to, the one that does the rest is told, which would else not
 * look for a minute. In a database that no other httpd maintains. */
static void test_other_child(void)
{
    int port = side_free_port(), open = 1;

    lens_create(DB_GENERATION, 1);
    lens_make_workloads(DB_GENERATION);
    lens_migrate(DB_GENERATION, ".");
    lens_grant(DB_GENERATION);
    db_run(DB_GENERATION,
           "INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name,"
           " github_owner, github_repo) VALUES ('g', 'ns', 'set', 'o', 'r')",
           0);
    lens_add_runners(DB_GENERATION, 1, "g", 1100);
    if (side_start(port, strf("<IfModule !mpm_prefork_module>\nServerLimit 3\nStartServers 3\n"
                              "ThreadsPerChild 4\nMaxRequestWorkers 12\n</IfModule>\n"
                              "<VirtualHost *:%d>\nServerName " DB_GENERATION "\nDBDriver pgsql\n"
                              "DBDParams \"host=%s dbname=" DB_GENERATION " user=wfmetrics"
                              " connect_timeout=2\"\nDBDMin 0\nDBDMax 3\nWfmetricsCluster x\n"
                              "<Location " API_BASE ">\nSetHandler wfmetrics\n</Location>\n"
                              "</VirtualHost>\n",
                              port, fixture_sockets())) == 0) {
        sleep(2); /* the round that comes first is over */
        expect_text(start_at(port), "data.status", "in_progress");
        for (int i = 0; open && i < 400 * fixture_patience(); i++) {
            usleep(100000);
            open = db_int(DB_GENERATION,
                          "SELECT count(*) FROM wfm_backfill_tasks WHERE status = 'in_progress'",
                          0) > 0;
        }
        expect_int(open, 0);
    }
    side_stop();
    lens_drop(DB_GENERATION);
}

/* No key of the newest generation tells runs apart whose runner set nobody knows. */
static void test_without_key(void)
{
    http_request_t rqs[6];
    http_response_t **res;
    int port;

    lens_create(DB_GENERATION, LENS_NEWEST);
    lens_make_workloads(DB_GENERATION);
    lens_migrate(DB_GENERATION, ".");
    lens_grant(DB_GENERATION);
    db_run(DB_GENERATION,
           "INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name,"
           " github_owner, github_repo) VALUES ('g', 'ns', 'set', 'o', 'r')",
           0);
    lens_add_runners(DB_GENERATION, 1, "g", 900);
    if ((port = lens_host(DB_GENERATION))) {
        for (size_t i = 0; i < countof(rqs); i++)
            rqs[i] = (http_request_t){.port = port,
                                      .host = DB_GENERATION,
                                      .method = "POST",
                                      .path = "/configs/1/backfill",
                                      .body = "{" DAY "}",
                                      .headers = {JSON_TYPE, "Connection: close"}};
        res = http_send_all(rqs, countof(rqs));
        for (size_t i = 0; i < countof(rqs); i++)
            expect_status(res[i], 202);
        expect_int(db_int(DB_GENERATION, "SELECT count(*) FROM github_workflow_runs", 0), 900);
    }
    side_stop();
    lens_drop(DB_GENERATION);
}

SUITE(backfill) = {
    {"the runs that are made", test_runs},
    {"which runners", test_selection},
    {"what no run can hold", test_unfit},
    {"status and tasks", test_tasks},
    {"wrong inputs", test_wrong_inputs},
    {"who may not", test_refused},
    {"a database without the migration", test_without_migration},
    {"several at once", test_at_once},
    {"beside a collector", test_collector},
    {"a restart in the middle", test_restart},
    {"cancelled in the middle", test_cancel},
    {"tasks of a config that is deleted", test_deleted},
    {"a config that is deleted beside a portion", test_deleted_beside},
    {"old tasks", test_pruned},
    {"generations of Lens", test_generations},
    {"whichever child does the rest", test_other_child},
    {"several at once, without a key", test_without_key},
    CU_TEST_INFO_NULL,
};
