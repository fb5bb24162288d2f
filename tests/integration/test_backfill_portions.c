/*
 * test_backfill_portions.c - backfill tasks of many portions: over a restart, cancelled, deleted
 * with their config, pruned.
 */
#include "../support/suite.h"
#include "backfilled.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include <string.h>
#include <unistd.h>

/* What failed before is not tried again for a minute, but for this. */
static void hasten(void)
{
    expect_success(http_json("DELETE", strf("/configs/" ID, seed_config(DB_A, "hasten")), NULL));
}

static void await_processed(apr_int64_t config, const char *status, int n)
{
    for (int i = 0; i < 900; i++) { /* 90 s, or 8 min */
        http_response_t *res = http_get(backfill_path(config, "/status"));

        if (json_int_at(res, "data.processed") >= n &&
            !strcmp(json_object_get_string(json_at(res, "data.status", NULL)), status))
            return;
        if (i % 50 == 0)
            hasten();
        usleep(fixture_patience() > 1 ? 500000 : 100000);
    }
    expect(0, "config " ID " has not come to %d, %s: %s", config, n, status,
           http_get(backfill_path(config, "/status"))->body);
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
    apr_int64_t config = backfill_seed("restart", 4500);
    PGconn *collector = hold(config, "restart-2500");
    http_response_t *res =
        backfill_start(config, "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":"
                               "\"2025-02-01T00:00:00Z\"}");

    expect_backfill_started(res, "Backfill begun; runners without a run: 4500", "in_progress");
    await_processed(config, "in_progress", 2000);
    expect_backfill(config, "in_progress", 4500, 2000, 0);
    expect_int(backfill_runs(DB_A, config), 2000);
    expect_int(fixture_servers("httpd-graceful", ""), 0);
    expect_backfill(config, "in_progress", 4500, 2000, 0);
    db_run_on(collector, "ROLLBACK");
    db_close(collector);
    await_processed(config, "completed", 4500);
    expect_backfill(config, "completed", 4500, 4500, 0);
    expect_int(backfill_runs(DB_A, config), 4500);
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
    apr_int64_t config = backfill_seed("cancel", 4500);
    PGconn *collector = hold(config, "cancel-1500");
    http_response_t *res =
        backfill_start(config, "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":"
                               "\"2025-02-01T00:00:00Z\"}");

    expect_text(res, "data.status", "in_progress");
    res = http_json("POST", backfill_path(config, "/cancel"), NULL);
    expect_success(res);
    expect_json(res, "data", "{\"message\":\"Backfill cancelled\",\"cancelled\":1}");
    expect_backfill(config, "cancelled", 4500, 1000, 0);
    await_no_portion();
    db_run_on(collector, "ROLLBACK");
    db_close(collector);
    hasten();
    sleep(2);
    expect_backfill(config, "cancelled", 4500, 1000, 0);
    expect_int(backfill_runs(DB_A, config), 1000);
    expect_error(http_json("POST", backfill_path(config, "/cancel"), NULL), 4040,
                 "no active backfill tasks found");
    /* another one makes the rest */
    backfill_start(
        config, "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-02-01T00:00:00Z\"}");
    await_processed(config, "completed", 3500);
    expect_backfill(config, "completed", 3500, 3500, 0);
    expect_int(backfill_runs(DB_A, config), 4500);
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
    apr_int64_t config = backfill_seed("deleted", 2), behind = seed_config(DB_A, "behind our back");
    http_request_t rq = {.method = "DELETE",
                         .path = strf("/configs/" ID, config),
                         .headers = {"If-Match: \"1-0123456789abcdef\""}};

    backfill_start(config, "{" BACKFILL_DAY "}");
    expect_status(http_send(&rq), 412);
    expect_int(tasks_of(config), 1);
    rq.headers[0] = NULL;
    expect_success(http_send(&rq));
    expect_int(tasks_of(config), 0);
    backfill_start(behind, "{" BACKFILL_DAY "}");
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
    apr_int64_t config = backfill_seed("beside", 1500);
    PGconn *holder = db_open(DB_A);
    int portion, deletion;

    slow_down();
    db_run_on(holder, "SELECT pg_advisory_lock(" LOCK ")");
    portion = send_on_its_own("POST", backfill_path(config, ""), "{" BACKFILL_DAY "}");
    await_waiting(PORTION);
    deletion = send_on_its_own("DELETE", strf("/configs/" ID, config), "");
    await_waiting("hashtextextended('wfm_backfill', $1::bigint)");
    db_run_on(holder, "SELECT pg_advisory_unlock(" LOCK ")");
    expect_contains(http_raw_rest(portion), "\"in_progress\"");
    expect_contains(http_raw_rest(deletion), "\"deleted\":true");
    expect_int(backfill_runs(DB_A, config), 0);
    expect_int(tasks_of(config), 0);
    hasten(); /* what there was of it left to do */
    expect_int(backfill_runs(DB_A, config), 0);
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

/* Tasks of no time at all stay as they are: maintenance would go on with them, and end them. */
static void keep_as_they_are(void)
{
    db_run(DB_A,
           "CREATE FUNCTION keep_for_test() RETURNS trigger LANGUAGE plpgsql AS"
           " $$BEGIN RETURN NULL; END$$",
           0);
    db_run(DB_A,
           "CREATE TRIGGER keep_for_test BEFORE UPDATE ON wfm_backfill_tasks FOR EACH ROW"
           " WHEN (OLD.start_time = OLD.end_time) EXECUTE FUNCTION keep_for_test()",
           0);
}

/* The newest hundred that are over stay, and all that are not; of this config. */
static void test_pruned(void)
{
    apr_int64_t config = backfill_seed("pruned", 1), other = seed_config(DB_A, "not pruned");

    keep_as_they_are();
    db_run(
        DB_A,
        "INSERT INTO wfm_backfill_tasks (config_id, start_time, end_time, status) SELECT c, now(),"
        " now(), CASE n % 4 WHEN 0 THEN 'completed' WHEN 1 THEN 'failed' WHEN 2 THEN 'cancelled'"
        " ELSE 'in_progress' END FROM unnest(ARRAY[$1, $2]::bigint[]) c, generate_series(1, 160) n"
        " ORDER BY n",
        2, strf(ID, config), strf(ID, other));
    backfill_start(config, "{" BACKFILL_DAY ",\"dry_run\":true}");
    expect_int(over(config), 100);
    expect_int(over(other), 120);
    expect_int(tasks_of(config) - over(config), 40);
    expect_text(http_get(backfill_path(config, "/status")), "data.status", "completed");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM (SELECT * FROM wfm_backfill_tasks WHERE config_id = $1"
                      " AND status <> 'in_progress' ORDER BY id LIMIT 1) o WHERE status"
                      " = 'failed'",
                      1, strf(ID, config)),
               1);
    backfill_start(config, "{" BACKFILL_DAY "}");
    expect_int(over(config), 100);
    db_run(DB_A, "DELETE FROM wfm_backfill_tasks WHERE config_id IN ($1, $2)", 2, strf(ID, config),
           strf(ID, other));
    db_run(DB_A, "DROP FUNCTION keep_for_test CASCADE", 0);
    lens_drop_workloads(DB_A);
}

SUITE(backfill_portions) = {
    {"a restart in the middle", test_restart},
    {"cancelled in the middle", test_cancel},
    {"tasks of a config that is deleted", test_deleted},
    {"a config that is deleted beside a portion", test_deleted_beside},
    {"old tasks", test_pruned},
    CU_TEST_INFO_NULL,
};
