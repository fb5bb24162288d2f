/*
 * test_backfill.c - backfill tasks: which runs they make, and what of them; what they say; two at
 * once, beside a collector. Many portions are test_backfill_portions.c's, other databases
 * test_backfill_databases.c's.
 */
#include "../support/suite.h"
#include "backfilled.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"

#define NO_WORKLOADS                                                                               \
    "this database has no table gpu_workload, in which Lens lists the runners: none are known"
#define UNFIT                                                                                      \
    "some runners are annotated with an id that is no number or a text of more than 255 "          \
    "characters: they get no run"

static void test_runs(void)
{
    apr_int64_t config = backfill_seed("runs", 3);
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, status) VALUES ($1,"
           " 'runs-1', 'completed')",
           1, strf(ID, config));
    res = backfill_start(config, "{" BACKFILL_DAY "}");
    expect_backfill_started(res, "Backfill completed; runs made: 2", "completed");
    expect_int(json_int_at(res, "data.config_id"), config);
    expect_backfill(config, "completed", 2, 2, 0);
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
    expect_backfill_started(backfill_start(config, "{" BACKFILL_DAY "}"),
                            "Backfill completed; runs made: 0", "completed");
    expect_backfill(config, "completed", 0, 0, 0);
    expect_json(http_get(strf("/configs/" ID "/runners?since=2025-01-01T00:00:00Z", config)),
                "data.runners.2.processed", "true");
}

static void test_selection(void)
{
    apr_int64_t config = backfill_seed("choose", 6);

    /* the range has both its ends */
    expect_backfill_started(backfill_start(config,
                                           "{\"start_time\":\"2025-01-01T00:01:00Z\",\"end_time\":"
                                           "\"2025-01-01T01:02:00+01:00\"}"),
                            "Backfill completed; runs made: 2", "completed");
    expect_backfill_started(backfill_start(config,
                                           "{" BACKFILL_DAY
                                           ",\"workload_uids\":[\"choose-1\",\"choose-2\",\"none\","
                                           "\"choose-1\"]}"),
                            "Backfill completed; runs made: 1", "completed");
    expect_backfill_started(
        backfill_start(config, "{\"start_time\":\"2025-01-01T01:00:00Z\",\"end_time\":"
                               "\"2025-01-02T00:00:00Z\",\"workload_uids\":[\"choose-6\"]}"),
        "Backfill completed; runs made: 0", "completed");
    expect_int(backfill_runs(DB_A, config), 3);
    expect_backfill_started(backfill_start(config, "{" BACKFILL_DAY ",\"dry_run\":true}"),
                            "Dry run; runners without a run: 3", "completed");
    expect_backfill(config, "completed", 3, 0, 0);
    expect_int(backfill_runs(DB_A, config), 3);
    expect_backfill_started(
        backfill_start(config, "{" BACKFILL_DAY ",\"workload_uids\":[],\"dry_run\":false}"),
        "Backfill completed; runs made: 3", "completed");
    /* a run of another config is none of this one */
    expect_int(backfill_runs(DB_A, config), 6);
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
    apr_int64_t config = backfill_seed("unfit", countof(annotations) + 1);

    for (size_t i = 0; i < countof(annotations); i++)
        db_run(DB_A,
               strf("UPDATE gpu_workload SET annotations = %s WHERE uid = 'unfit-%d'",
                    annotations[i], (int)i + 1),
               0);
    db_run(DB_A, "UPDATE gpu_workload SET uid = repeat('u', 256) WHERE uid = 'unfit-10'", 0);
    expect_backfill_started(backfill_start(config, "{" BACKFILL_DAY ",\"dry_run\":true}"),
                            "Dry run; runners without a run: 10", "completed");
    expect_backfill(config, "completed", 10, 0, 6);
    expect_backfill_started(backfill_start(config, "{" BACKFILL_DAY "}"),
                            "Backfill completed; runs made: 4", "completed");
    expect_backfill(config, "completed", 10, 4, 6);
    expect_text(http_get(backfill_path(config, "/status")), "data.error_message", UNFIT);
    expect_int(backfill_runs(DB_A, config), 4);
}

static void test_tasks(void)
{
    apr_int64_t config = backfill_seed("tasks", 2);
    http_response_t *res;

    expect_error(http_get(backfill_path(config, "/status")), 4040,
                 "no backfill tasks found for this config");
    expect_json(http_get(backfill_path(config, "/tasks")), "data",
                "{\"tasks\":[],\"total\":0,\"offset\":0,\"limit\":20}");
    backfill_start(config, "{" BACKFILL_DAY ",\"dry_run\":true}");
    backfill_start(config, "{" BACKFILL_DAY ",\"workload_uids\":[\"tasks-1\",\"\\\"ü\"]}");
    backfill_start(config, "{" BACKFILL_DAY "}");
    res = http_get(backfill_path(config, "/tasks?limit=2"));
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
    res = http_get(backfill_path(config, "/tasks?offset=2&limit=1000"));
    expect_json(res, "data.limit", "100");
    expect_int(json_length_at(res, "data.tasks"), 1);
    expect_json(res, "data.tasks.0.dry_run", "true");
    res = http_get(backfill_path(config, "/status"));
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
        {"{" BACKFILL_DAY ",\"start_time\":null}", "start_time", NULL},
        {"{\"start_time\":null,\"end_time\":null}", "end_time", "is required"},
        {"{\"start_time\":\"now\",\"end_time\":\"2025-01-01T00:00:00Z\"}", "start_time", time},
        {"{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-01-01\"}", "end_time", time},
        {"{\"start_time\":1735689600,\"end_time\":\"2025-01-01T00:00:00Z\"}", "start_time", time},
        {"{" BACKFILL_DAY ",\"workload_uids\":\"a\"}", "workload_uids", uids},
        {"{" BACKFILL_DAY ",\"workload_uids\":{}}", "workload_uids", uids},
        {"{" BACKFILL_DAY ",\"workload_uids\":[1]}", "workload_uids", uids},
        {"{" BACKFILL_DAY ",\"workload_uids\":[\" \"]}", "workload_uids", uids},
        {"{" BACKFILL_DAY ",\"workload_uids\":[null]}", "workload_uids", uids},
        {"{" BACKFILL_DAY ",\"dry_run\":\"yes\"}", "dry_run", "must be true or false"},
        {"{" BACKFILL_DAY ",\"dry_run\":1}", "dry_run", "must be true or false"},
    };
    apr_int64_t config = backfill_seed("wrong", 1);
    const char *many = "\"u\"";

    for (size_t i = 0; i < countof(cases); i++)
        if (cases[i].message)
            expect_field(backfill_start(config, cases[i].body), cases[i].field, cases[i].message);
        else
            expect_status(backfill_start(config, cases[i].body), 400); /* a key twice */
    for (int i = 0; i < 1000; i++)
        many = strf("%s,\"u\"", many);
    expect_field(backfill_start(config, strf("{" BACKFILL_DAY ",\"workload_uids\":[%s]}", many)),
                 "workload_uids", "must have at most 1000 items");
    expect_status(backfill_start(config, "{\"start_time\":\"2025-01-02T00:00:00Z\",\"end_time\":"
                                         "\"2025-01-01T00:00:00Z\"}"),
                  400);
    expect_status(backfill_start(config, "["), 400);
    expect_status(http_json("POST", "/configs/x/backfill", "{" BACKFILL_DAY "}"), 400);
    expect_status(http_get(backfill_path(config, "/tasks?limit=0")), 400);
    expect_status(http_get(backfill_path(config, "/tasks?offset=-1")), 400);
    expect_error(http_get(backfill_path(config, "")), 4050, "method not allowed");
    expect_error(http_json("POST", backfill_path(config, "/status"), NULL), 4050,
                 "method not allowed");
    expect_int(db_int(DB_A, "SELECT count(*) FROM wfm_backfill_tasks WHERE config_id = $1", 1,
                      strf(ID, config)),
               0);
    expect_int(backfill_runs(DB_A, config), 0);
}

/* No config, no Lens, no right to write. */
static void test_refused(void)
{
    static const char *const revoked[] = {"SELECT ON gpu_workload",
                                          "INSERT ON github_workflow_runs",
                                          "USAGE ON SEQUENCE github_workflow_runs_id_seq"};
    apr_int64_t config = backfill_seed("refused", 1);
    http_request_t rq = {.method = "POST",
                         .path = backfill_path(config, ""),
                         .body = "{" BACKFILL_DAY "}",
                         .headers = {JSON_TYPE},
                         .host = HOST_RO};
    const char *one = "/configs/999999999/backfill";

    expect_error(http_json("POST", one, "{" BACKFILL_DAY "}"), 4040, "config not found");
    expect_error(http_json("POST", strf("%s/cancel", one), NULL), 4040, "config not found");
    expect_error(http_get(strf("%s/status", one)), 4040, "config not found");
    expect_error(http_get(strf("%s/tasks", one)), 4040, "config not found");
    expect_error(http_json("POST", backfill_path(config, "/cancel"), NULL), 4040,
                 "no active backfill tasks found");
    expect_status(http_send(&rq), 403);
    rq.path = backfill_path(config, "/cancel");
    expect_status(http_send(&rq), 403);
    for (size_t i = 0; i < countof(revoked); i++) {
        apr_off_t mark = fixture_log_mark();

        db_run(DB_A, strf("REVOKE %s FROM wfmetrics", revoked[i]), 0);
        expect_error(backfill_start(config, "{" BACKFILL_DAY "}"), 5000, "internal error");
        expect_contains(fixture_log_since(mark), "grant the role its rights");
        db_run(DB_A, strf("GRANT %s TO wfmetrics", revoked[i]), 0);
        expect_text(http_get(backfill_path(config, "/status")), "data.status", "failed");
        expect_text(http_get(backfill_path(config, "/status")), "data.error_message",
                    "the role of this service may not read the runners, or not write runs");
    }
    lens_drop_workloads(DB_A);
    expect_error(backfill_start(config, "{" BACKFILL_DAY "}"), 4090, NO_WORKLOADS);
    expect_int(backfill_runs(DB_A, config), 0);
}

/* Without its migration there is no backfill, and all else goes on. */
static void test_without_migration(void)
{
    apr_int64_t config = backfill_seed("before", 1), gone = seed_config(DB_A, "gone");
    apr_off_t mark = fixture_log_mark();

    db_run(DB_A, "ALTER TABLE wfm_backfill_tasks RENAME TO hidden", 0);
    expect_error(backfill_start(config, "{" BACKFILL_DAY "}"), 5000, "internal error");
    expect_contains(fixture_log_since(mark), "run the migrations");
    expect_error(http_get(backfill_path(config, "/status")), 5000, "internal error");
    expect_error(http_get(backfill_path(config, "/tasks")), 5000, "internal error");
    expect_error(http_json("POST", backfill_path(config, "/cancel"), NULL), 5000, "internal error");
    expect_success(http_get(strf("/configs/" ID "/runners", config)));
    expect_success(http_get("/health"));
    expect_success(http_json("DELETE", strf("/configs/" ID, gone), NULL));
    db_run(DB_A, "ALTER TABLE hidden RENAME TO wfm_backfill_tasks", 0);
    expect_backfill_started(backfill_start(config, "{" BACKFILL_DAY "}"),
                            "Backfill completed; runs made: 1", "completed");
}

/* ---- several at once ---- */

/* Requests to two httpds. */
static void test_at_once(void)
{
    apr_int64_t config = backfill_seed("once", 700);
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
                                      .path = backfill_path(config, ""),
                                      .body = "{" BACKFILL_DAY "}",
                                      .headers = {JSON_TYPE, "Connection: close"}};
        res = http_send_all(rqs, countof(rqs));
        for (size_t i = 0; i < countof(rqs); i++)
            expect_status(res[i], 202);
    }
    side_stop();
    expect_int(backfill_runs(DB_A, config), 700);
    expect_int(db_int(DB_A,
                      "SELECT sum(processed) FROM wfm_backfill_tasks WHERE config_id = $1"
                      " AND status = 'completed'",
                      1, strf(ID, config)),
               700);
}

/* A collector inserts a run of them all the while: neither fails, and the run is there once. */
static void test_collector(void)
{
    apr_int64_t config = backfill_seed("collect", 20);
    PGconn *collector = db_open(DB_A);
    http_response_t *res;

    db_run_on(collector, "BEGIN");
    db_run_on(collector, strf("INSERT INTO github_workflow_runs (config_id, workload_uid) VALUES"
                              " (" ID ", 'collect-7')",
                              config));
    res = backfill_start(config, "{" BACKFILL_DAY "}");
    expect_backfill_started(res, "Backfill accepted", "pending"); /* it waits for nobody for long */
    expect_int(backfill_runs(DB_A, config), 0);
    db_run_on(collector, "COMMIT");
    db_close(collector);
    res =
        backfill_start(config, "{" BACKFILL_DAY "}"); /* the first one may be gone on with before */
    expect_status(res, 202);
    expect_text(res, "data.status", "completed");
    expect_int(backfill_runs(DB_A, config), 20);
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
    CU_TEST_INFO_NULL,
};
