/*
 * test_backfill.c - a portion of a backfill breaks off in its middle: the task goes on, makes every
 * run, and none twice.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "../integration/lens.h"
#include "fault.h"
#include "suites.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define RANGE "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-02-01T00:00:00Z\"}"
#define HELD                                                                                       \
    " FROM pg_stat_activity WHERE application_name = 'cluster-a' AND wait_event = 'advisory'"

/* Runs that are inserted wait at the end of their statement, for as long as the lock is held. */
static PGconn *close_gate(void)
{
    PGconn *conn = db_open(DB_A);

    db_run(DB_A,
           "CREATE FUNCTION portion_gate() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS"
           " 'BEGIN PERFORM pg_advisory_xact_lock(43); RETURN NULL; END'",
           0);
    db_run(DB_A,
           "CREATE TRIGGER portion_gate AFTER INSERT ON github_workflow_runs EXECUTE FUNCTION"
           " portion_gate()",
           0);
    db_run_on(conn, "SELECT pg_advisory_lock(43)");
    return conn;
}

static void remove_gate(void)
{
    db_run(DB_A, "DROP FUNCTION IF EXISTS portion_gate CASCADE", 0);
}

static pid_t held_portion(void)
{
    for (int i = 0; i < 1200; i++) {
        apr_int64_t pid = db_int("postgres", "SELECT max(pid)" HELD, 0);

        if (pid > 0)
            return (pid_t)pid;
        usleep(25000);
    }
    expect(0, "no portion waits in its insert");
    return 0;
}

static apr_int64_t seed(const char *name, int n)
{
    apr_int64_t config = seed_config(DB_A, name);

    lens_drop_workloads(DB_A);
    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, name, n);
    return config;
}

/* Without waiting for the answer. */
static int start(apr_int64_t config)
{
    const char *text = strf(
        "POST " API_BASE "/configs/" ID "/backfill HTTP/1.1\r\nHost: " HOST_A
        "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        config, (int)strlen(RANGE), RANGE);

    return http_raw_open(text, strlen(text));
}

/* Maintenance is due in a minute, or when something is deleted. */
static void hasten(void)
{
    http_json("DELETE", strf("/configs/" ID, seed_config(DB_A, "hasten")), NULL);
}

static void expect_completed(apr_int64_t config, int n)
{
    const char *task = "SELECT status || ' ' || total || ' ' || processed FROM wfm_backfill_tasks"
                       " WHERE config_id = $1";
    const char *is = "", *expected = strf("completed %d %d", n, n);

    for (int i = 0; i < 600 && strcmp(is, expected) != 0; i++) {
        if (i % 50 == 0)
            hasten();
        usleep(100000);
        is = db_text(DB_A, task, 1, strf(ID, config));
        is = is ? is : "";
    }
    expect_str(is, expected);
    expect_int(db_int(DB_A,
                      "SELECT count(DISTINCT workload_uid) FROM github_workflow_runs WHERE"
                      " config_id = $1 AND status = 'pending'",
                      1, strf(ID, config)),
               n);
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1", 1,
                      strf(ID, config)),
               n);
    lens_drop_workloads(DB_A);
}

static void test_killed(void)
{
    apr_int64_t config = seed("backfill killed", 700);
    int fd;

    fault_begin("backend killed in the middle of a portion");
    PGconn *gate = close_gate();
    fd = start(config);
    db_run("postgres", "SELECT pg_terminate_backend($1::int, 5000)", 1,
           strf("%d", (int)held_portion()));
    held_portion(); /* it was sent again */
    fault_lifted();
    db_close(gate);
    expect_contains(http_raw_rest(fd), "\"completed\"");
    remove_gate();
    expect_completed(config, 700);
    fault_end();
}

/* SIGKILL: PostgreSQL ends all its processes, and recovers. */
static void test_crashed(void)
{
    apr_int64_t config = seed("backfill crashed", 2500);
    int fd;

    fault_begin("PostgreSQL crashed in the middle of a portion");
    PGconn *gate = close_gate();
    fd = start(config);
    expect_int(kill(held_portion(), SIGKILL), 0);
    fault_lifted();
    expect_contains(http_raw_rest(fd), "HTTP/1.1 202 ");
    db_close(gate);
    fault_await_recovery();
    remove_gate();
    expect_completed(config, 2500);
    fault_end();
}

static void test_restarted(void)
{
    apr_int64_t config = seed("backfill restarted", 2500);
    http_response_t *res = http_json("POST", strf("/configs/" ID "/backfill", config), RANGE);
    PGconn *gate;

    fault_begin("httpd restarted in the middle of a portion");
    expect_text(res, "data.status", "in_progress");
    gate = close_gate();
    if (db_int(DB_A, "SELECT count(*) FROM wfm_backfill_tasks WHERE status = 'in_progress'", 0)) {
        hasten();
        held_portion();
    }
    expect_int(fixture_restart_httpd("event"), 0);
    fault_lifted();
    db_close(gate);
    fault_await_recovery();
    remove_gate();
    expect_completed(config, 2500);
    fault_end();
}

SUITE(backfill) = {
    {"backend killed in the middle of a portion", test_killed},
    {"PostgreSQL crashed in the middle of a portion", test_crashed},
    {"httpd restarted in the middle of a portion", test_restarted},
    CU_TEST_INFO_NULL,
};
