/*
 * test_database.c - PostgreSQL's processes end: one backend, at the worst moments, or all of it.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "fault.h"
#include "ledger.h"
#include "suites.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define UNKNOWN "the database is unavailable: the change may or may not have been made"

static const load_plan_t everything = {.ops = "rpsxr", .clients = 6, .pause_ms = 5};

/* ---- one statement, at a moment that is held still ---- */

/* Send without waiting for the answer, so that the test can act meanwhile. */
static int send_raw(const char *method, const char *path, const char *body)
{
    const char *text =
        strf("%s " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\nConnection: close\r\n"
             "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
             method, path, (int)strlen(body), body);

    return http_raw_open(text, strlen(text));
}

#define BACKENDS " FROM pg_stat_activity WHERE application_name = 'cluster-a'"

/* Wait until a backend of cluster-a waits for a lock (or sleeps); its process id. */
static pid_t waiting_backend(const char *wait_event_type)
{
    for (int i = 0; i < 400; i++) {
        apr_int64_t pid = db_int("postgres",
                                 "SELECT max(pid)" BACKENDS " AND state <> 'idle'"
                                 " AND wait_event_type = $1",
                                 1, wait_event_type);
        if (pid > 0)
            return (pid_t)pid;
        usleep(25000);
    }
    expect(0, "no statement of cluster-a waits");
    return 0;
}

static void terminate(pid_t pid)
{
    db_run("postgres", "SELECT pg_terminate_backend($1::int, 5000)", 1, strf("%d", (int)pid));
}

static PGconn *hold(const char *sql)
{
    PGconn *conn = db_open(DB_A);

    db_run_on(conn, "BEGIN");
    db_run_on(conn, sql);
    return conn;
}

static void expect_next_works(void)
{
    expect_success(http_get("/runs?limit=1"));
    expect_status(http_get("/configs?limit=1"), 200);
}

/* Nothing was lost but time: the statement is sent again. */
static void test_killed_during_read(void)
{
    fault_begin("backend killed during a read");
    PGconn *lock = hold("LOCK TABLE github_workflow_runs");
    int fd = send_raw("GET", "/runs?limit=1", "");
    terminate(waiting_backend("Lock"));
    waiting_backend("Lock"); /* on another connection */
    fault_lifted();
    db_close(lock);
    expect_contains(http_raw_rest(fd), "HTTP/1.1 200 ");
    expect_next_works();
    fault_end();
}

/* The same for a write that surely did nothing. */
static void test_killed_during_write(void)
{
    apr_int64_t config = seed_config(DB_A, "killed during write");

    fault_begin("backend killed during a write");
    PGconn *lock =
        hold(strf("UPDATE github_workflow_configs SET name = name WHERE id = " ID, config));
    int fd = send_raw("PATCH", strf("/configs/" ID, config), "{\"description\":\"killed once\"}");
    terminate(waiting_backend("Lock"));
    waiting_backend("Lock");
    fault_lifted();
    db_close(lock);
    expect_contains(http_raw_rest(fd), "HTTP/1.1 200 ");
    expect_int(ledger_count(DB_A, "killed once"), 1);
    expect_next_works();
    fault_end();
}

/* SIGKILL to a backend: PostgreSQL ends all of them and recovers. */
static void test_crash_during_write(void)
{
    apr_int64_t config = seed_config(DB_A, "crash during write");
    const char *answer;

    fault_begin("backend crashed (SIGKILL) during a write");
    PGconn *lock =
        hold(strf("UPDATE github_workflow_configs SET name = name WHERE id = " ID, config));
    int fd = send_raw("PATCH", strf("/configs/" ID, config), "{\"description\":\"crashed\"}");
    expect_int(kill(waiting_backend("Lock"), SIGKILL), 0);
    fault_lifted();
    answer = http_raw_rest(fd);
    expect_contains(answer, "HTTP/1.1 503 ");
    expect_contains(answer, "Retry-After: ");
    expect_contains(answer, UNKNOWN);
    expect_contains(fault_log(), strf("route=\"PATCH /configs/:id\" status=503 "));
    db_close(lock);
    fault_await_recovery();
    expect_int(ledger_count(DB_A, "crashed"), 0);
    expect_next_works();
    fault_end();
}

/* The named table's rows wait for an advisory lock before they are changed. (A table's lock would
 * do no good: the statement would wait for it while it is being prepared, and be sent again.) */
static void add_gate(const char *table, const char *event)
{
    db_run(DB_A,
           "CREATE OR REPLACE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS"
           " 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN coalesce(NEW, OLD); END'",
           0);
    db_run(DB_A,
           strf("CREATE TRIGGER gate BEFORE %s ON github_workflow_%s FOR EACH ROW"
                " EXECUTE FUNCTION gate()",
                event, table),
           0);
}

/* A transaction of several statements, of which some have run. */
static void kill_in_transaction(const char *method, const char *path, const char *body,
                                const char *table)
{
    const char *before = db_fingerprint(DB_A), *answer;

    add_gate(table, !strcmp(method, "POST") ? "INSERT" : "DELETE");
    PGconn *lock = hold("SELECT pg_advisory_xact_lock(42)");
    int fd = send_raw(method, path, body);
    terminate(waiting_backend("Lock"));
    db_close(lock);
    db_run(DB_A, "DROP FUNCTION gate CASCADE", 0);
    answer = http_raw_rest(fd);
    expect_contains(answer, "HTTP/1.1 503 ");
    expect_contains(answer, UNKNOWN);
    expect_str(db_fingerprint(DB_A), before);
}

static void test_killed_in_transaction(void)
{
    apr_int64_t config = seed_config(DB_A, "killed in transaction");
    const char *path = strf("/configs/" ID, config), *schemas = strf("%s/schemas", path);
    const char *body = "{\"name\":\"s\",\"fields\":[{\"name\":\"Op\"}]}";

    seed_schema(DB_A, config, 1, 1, "[]", "[]");
    seed_run(DB_A, config, "failed");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    fault_begin("backend killed between BEGIN and COMMIT");
    kill_in_transaction("POST", schemas, body, "metric_schemas");
    fault_lifted();
    expect_status(http_json("POST", schemas, body), 201);
    expect_status(http_json("DELETE", path, NULL), 200);
    expect_next_works();
    fault_end();
}

/* The result is on its way, the commit is not: nobody may be told that it was made. */
static void test_killed_at_commit(void)
{
    apr_int64_t config = seed_config(DB_A, "killed at commit");
    const char *answer;

    fault_begin("backend killed at the COMMIT");
    db_run(DB_A,
           "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS"
           " 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'",
           0);
    db_run(DB_A,
           "CREATE CONSTRAINT TRIGGER dawdle AFTER UPDATE ON github_workflow_configs"
           " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()",
           0);
    int fd = send_raw("PATCH", strf("/configs/" ID, config), "{\"description\":\"at commit\"}");
    terminate(waiting_backend("Timeout"));
    db_run(DB_A, "DROP FUNCTION dawdle CASCADE", 0);
    fault_lifted();
    answer = http_raw_rest(fd);
    expect_contains(answer, "HTTP/1.1 503 ");
    expect_contains(answer, UNKNOWN);
    expect_int(ledger_count(DB_A, "at commit"), 0);
    expect_next_works();
    fault_end();
}

/* ---- under load ---- */

static void test_killed_under_load(void)
{
    fault_begin("all backends killed, again and again, under load");
    fault_load(&everything);
    fault_hit();
    for (int i = 0; i < fault_scale(60, 20); i++) {
        db_run("postgres", "SELECT count(pg_terminate_backend(pid))" BACKENDS, 0);
        usleep(100000);
    }
    fault_lifted();
    fault_end();
    expect_lacks(fault_log(), "status=500");
}

/* Every answer in that time was a 503, and came long before a timeout of the module's could. */
static void expect_refused_soon(load_t *load, apr_time_t from, apr_time_t to)
{
    load_tally_t t = load_tally(load, "rpsx", from, to);

    expect(t.sent > 0 && t.refused == t.sent,
           "while it was down, %d of %d requests were refused (%d unknown, %d fine)", t.refused,
           t.sent, t.unknown, t.ok);
    expect(t.slowest < apr_time_from_sec(5), "the slowest refusal took %d ms",
           (int)apr_time_as_msec(t.slowest));
    t = load_tally(load, "fb", from, to);
    expect(t.sent > 0 && t.ok == t.sent, "what needs no database: %d of %d", t.ok, t.sent);
}

static void stop_and_start(const char *name, const char *mode)
{
    load_plan_t plan = everything;
    apr_time_t down, up;
    load_t *load;

    plan.ops = "rpsxfbr";
    fault_begin(name);
    load = fault_load(&plan);
    fault_hit();
    expect_int(mode ? fixture_servers("pg-stop", mode) : fixture_servers("pg-kill", ""), 0);
    down = apr_time_now();
    sleep((unsigned)fault_scale(4, 2));
    up = apr_time_now();
    fault_lifted();
    expect_int(fixture_servers("pg-start", ""), 0);
    fault_end();
    expect_refused_soon(load, down, up);
    expect_contains(fault_log(), "route=\"GET /runs\" status=503 ");
    expect_contains(fault_log(), "route=\"PATCH /configs/:id\" status=503 ");
    expect_lacks(fault_log(), "status=500");
}

static void test_stopped(void)
{
    stop_and_start("PostgreSQL stopped and started under load (fast)", "fast");
}

static void test_stopped_immediately(void)
{
    stop_and_start("PostgreSQL stopped and started under load (immediate)", "immediate");
}

static void test_killed(void)
{
    stop_and_start("PostgreSQL killed (SIGKILL) and started under load", NULL);
}

static void test_restarted(void)
{
    static const char *const modes[] = {"fast", "immediate"};

    fault_begin("PostgreSQL restarted under load");
    fault_load(&everything);
    fault_hit();
    for (int i = 0; i < fault_scale(6, 2); i++) {
        expect_int(fixture_servers("pg-restart", modes[i % 2]), 0);
        usleep(500000);
    }
    fault_lifted();
    fault_end();
    expect_lacks(fault_log(), "status=500");
}

#define MAX_CONNECTIONS 100

static int take_all(PGconn **taken, int n, const char *dsn)
{
    while (n < MAX_CONNECTIONS && PQstatus(taken[n] = PQconnectdb(dsn)) == CONNECTION_OK)
        n++;
    if (n < MAX_CONNECTIONS)
        PQfinish(taken[n]);
    return n;
}

/* Other programs have taken all connections but those of superusers. */
static void test_connections_exhausted(void)
{
    const char *dsn = strf("host=%s dbname=" DB_A " user=wfmetrics", fixture_sockets());
    const char *mine = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                       " WHERE application_name LIKE 'cluster-%'";
    PGconn *taken[MAX_CONNECTIONS];
    int n = 0;

    fault_begin("connections exhausted (max_connections)");
    expect_success(http_get("/runs?limit=1"));
    n = take_all(taken, n, dsn);
    expect_success(http_get("/runs?limit=1")); /* on a connection that it has */
    db_run("postgres", mine, 0);
    n = take_all(taken, n, dsn); /* others take these, too */
    for (int i = 0; i < 5; i++)
        expect_error(http_get("/runs?limit=1"), 5030, "the database is unavailable");
    expect_contains(fault_log(), "route=\"GET /runs\" status=503 ");
    fault_lifted();
    for (int i = 0; i < n; i++)
        PQfinish(taken[i]);
    fault_await_recovery(); /* their backends are still ending */
    expect_next_works();
    fault_end();
}

/* ---- slow statements ---- */

static void expect_late(const http_response_t *res)
{
    expect_error(res, 5040, "the database took too long to answer");
    expect_contains(fault_log(), "sqlstate=57014");
}

static void test_statement_timeout(void)
{
    http_request_t read = {.host = HOST_SHORT, .path = "/runs?limit=1"};

    fault_begin("a statement past its timeout");
    PGconn *lock = hold("LOCK TABLE github_workflow_runs");
    expect_late(http_send(&read));
    fault_lifted();
    db_close(lock);
    expect_success(http_send(&read));
    fault_end();
}

static void test_row_locked(void)
{
    apr_int64_t config = seed_config(DB_A, "locked row");
    http_request_t patch = {.host = HOST_SHORT,
                            .method = "PATCH",
                            .path = strf("/configs/" ID, config),
                            .body = "{\"description\":\"locked\"}",
                            .headers = {JSON_TYPE}};
    http_request_t read = {.host = HOST_SHORT, .path = patch.path};

    fault_begin("a row locked by someone else");
    PGconn *lock =
        hold(strf("UPDATE github_workflow_configs SET name = name WHERE id = " ID, config));
    expect_success(http_send(&read)); /* readers do not wait for writers */
    expect_late(http_send(&patch));
    fault_lifted();
    db_close(lock);
    expect_int(ledger_count(DB_A, "locked"), 0);
    expect_success(http_send(&patch));
    expect_int(ledger_count(DB_A, "locked"), 1);
    fault_end();
}

SUITE(database) = {
    {"backend killed during a read", test_killed_during_read},
    {"backend killed during a write", test_killed_during_write},
    {"backend crashed during a write", test_crash_during_write},
    {"backend killed between BEGIN and COMMIT", test_killed_in_transaction},
    {"backend killed at the COMMIT", test_killed_at_commit},
    {"backends killed under load", test_killed_under_load},
    {"PostgreSQL stopped and started", test_stopped},
    {"PostgreSQL stopped at once and started", test_stopped_immediately},
    {"PostgreSQL killed and started", test_killed},
    {"PostgreSQL restarted", test_restarted},
    {"connections exhausted", test_connections_exhausted},
    {"a statement past its timeout", test_statement_timeout},
    {"a row locked by someone else", test_row_locked},
    CU_TEST_INFO_NULL,
};
