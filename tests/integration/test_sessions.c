/*
 * test_sessions.c - sessions whose settings change behind the module's back, hosts that share one
 * cluster's connections, and what the operator is told about both.
 *
 * A function that cluster-b's database calls while it reads or writes does what a pooler, a trigger
 * or a view of somebody else's might: it changes the session that it runs in.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <string.h>
#include <unistd.h>

/* What it does is the text of a table; how often, the values of a sequence say. */
static void install(void)
{
    db_run(DB_B, "CREATE TABLE IF NOT EXISTS test_change (what TEXT, times BIGINT)", 0);
    db_run(DB_B, "CREATE SEQUENCE IF NOT EXISTS test_calls", 0);
    db_run(DB_B,
           "CREATE OR REPLACE FUNCTION test_change() RETURNS BOOLEAN LANGUAGE plpgsql"
           " SECURITY DEFINER AS $$ DECLARE c RECORD; BEGIN"
           " SELECT * INTO c FROM test_change;"
           " IF FOUND AND nextval('test_calls') <= c.times THEN EXECUTE c.what; END IF;"
           " RETURN true; END $$",
           0);
    db_run(DB_B, "ALTER TABLE github_workflow_runs ENABLE ROW LEVEL SECURITY", 0);
    db_run(DB_B, "DROP POLICY IF EXISTS test_change ON github_workflow_runs", 0);
    db_run(DB_B, "CREATE POLICY test_change ON github_workflow_runs USING (test_change())", 0);
}

static void uninstall(void)
{
    db_run(DB_B, "DROP POLICY test_change ON github_workflow_runs", 0);
    db_run(DB_B, "ALTER TABLE github_workflow_runs DISABLE ROW LEVEL SECURITY", 0);
    db_run(DB_B, "DROP FUNCTION test_change() CASCADE", 0);
    db_run(DB_B, "DROP TABLE test_change", 0);
    db_run(DB_B, "DROP SEQUENCE test_calls", 0);
}

static void change(const char *what, int times)
{
    db_run(DB_B, "TRUNCATE test_change", 0);
    db_run(DB_B, "ALTER SEQUENCE test_calls RESTART", 0);
    if (what)
        db_run(DB_B, "INSERT INTO test_change VALUES ($1, $2)", 2, what, strf("%d", times));
}

static void end_sessions(const char *application)
{
    db_run("postgres",
           "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
           " WHERE application_name = $1",
           1, application);
}

static http_response_t *get_run(apr_int64_t run)
{
    return http_send(&(http_request_t){.host = HOST_B, .path = strf("/runs/" ID, run)});
}

/* Text that is not ISO: an error, and once more on a new session; never a null. */
static void test_changed_once(void)
{
    static const char *const changes[] = {
        "SET DateStyle = 'German'",        "SET LOCAL DateStyle = 'German'",
        "SET DateStyle = 'Postgres, DMY'", "SET LOCAL DateStyle = 'SQL, MDY'",
        "SET TimeZone = 'Asia/Kolkata'",   "SET LOCAL TimeZone = 'Asia/Kolkata'",
        "SET client_encoding = 'LATIN1'",  "RESET ALL",
        "SET IntervalStyle = 'postgres'",
    };
    apr_int64_t run = seed_run(DB_B, seed_config(DB_B, "sessions"), "failed");

    db_run(DB_B,
           "UPDATE github_workflow_runs SET workload_started_at = '2025-03-04T05:06:07.5Z',"
           " workload_completed_at = 'infinity' WHERE id = $1",
           1, strf(ID, run));
    install();
    for (size_t i = 0; i < countof(changes); i++) {
        http_response_t *res;

        change(changes[i], 1);
        res = get_run(run);
        expect(res->status == 200, "%s: %ld %s", changes[i], res->status, res->body);
        expect_text(res, "data.workload_started_at", "2025-03-04T05:06:07.5Z");
        expect_json(res, "data.workload_completed_at", "null");
        res = get_run(run); /* and the next one finds a session as it should be */
        expect_text(res, "data.workload_started_at", "2025-03-04T05:06:07.5Z");
    }
    change(NULL, 0);
    uninstall();
}

static void test_changed_always(void)
{
    apr_int64_t run = seed_run(DB_B, seed_config(DB_B, "sessions"), "failed");
    apr_off_t mark = fixture_log_mark();

    install();
    change("SET DateStyle = 'German'", 1000000);
    expect_error(get_run(run), 5000, "internal error");
    expect_contains(fixture_log_since(mark), "settings of the session were changed while the "
                                             "statement ran");
    change("SET LOCAL DateStyle = 'German'", 1000000);
    expect_error(get_run(run), 5000, "internal error");
    change(NULL, 0);
    expect_success(get_run(run));
    uninstall();
}

/* Nothing reports a search path: tables that are not found end the session, and the next one has
 * them. */
static void test_search_path_changed(void)
{
    apr_int64_t run = seed_run(DB_B, seed_config(DB_B, "search path"), "failed");
    int failed = 0;

    install();
    change("SET search_path = pg_catalog", 1);
    expect_success(get_run(run));
    for (int i = 0; i < 10; i++)
        failed += get_run(run)->status != 200;
    expect(failed <= 1, "%d of 10 requests failed", failed);
    change(NULL, 0);
    uninstall();
}

/* What was written is not written again. */
static void test_changed_by_a_write(void)
{
    apr_int64_t config = seed_config(DB_B, "written");
    http_request_t rq = {.host = HOST_B,
                         .method = "PATCH",
                         .path = strf("/configs/" ID, config),
                         .body = "{\"description\":\"once\"}",
                         .headers = {JSON_TYPE}};

    install();
    db_run(DB_B,
           "CREATE FUNCTION test_trigger() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN"
           " PERFORM test_change(); RETURN NEW; END $$",
           0);
    db_run(DB_B,
           "CREATE TRIGGER test_trigger BEFORE UPDATE ON github_workflow_configs"
           " FOR EACH ROW EXECUTE FUNCTION test_trigger()",
           0);
    change("SET DateStyle = 'German'", 1);
    expect_error(http_send(&rq), 5000, "internal error: the change may or may not have been made");
    expect_int(db_int(DB_B, "SELECT last_value FROM test_calls", 0), 1);
    change(NULL, 0);
    expect_success(http_send(&rq));
    db_run(DB_B, "DROP FUNCTION test_trigger() CASCADE", 0);
    uninstall();
}

static int count(const char *text, const char *part)
{
    int n = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

static const char *status_of(const char *cluster)
{
    const char *name = strf("\nWfmetricsSummaries[%s]: ", cluster), *at;

    at =
        strstr(http_send(&(http_request_t){.base = "", .path = "/server-status?auto"})->body, name);
    return at ? apr_pstrndup(fixture_pool(), at + strlen(name), strcspn(at + strlen(name), "\n"))
              : "";
}

/* Each reason why the summaries are not used: told once, shown everywhere, and over when it is. */
static void test_summaries_told(void)
{
    static const struct {
        const char *spoil, *mend, *state;
    } cases[] = {
        {"ALTER TABLE github_workflow_metrics DISABLE TRIGGER wfm_deleted",
         "ALTER TABLE github_workflow_metrics ENABLE ALWAYS TRIGGER wfm_deleted",
         "a trigger is off"},
        {"REVOKE SELECT ON wfm_metric_names FROM wfmetrics",
         "GRANT SELECT ON wfm_metric_names TO wfmetrics", "no rights"},
        {"ALTER TABLE github_workflow_runs ENABLE ROW LEVEL SECURITY",
         "ALTER TABLE github_workflow_runs DISABLE ROW LEVEL SECURITY", "row security"},
        {"CREATE TABLE test_child () INHERITS (github_workflow_runs)", NULL,
         "the tables have children"},
        {"ALTER TABLE wfm_metric_days RENAME TO hidden",
         "ALTER TABLE hidden RENAME TO wfm_metric_days", "another version"},
    };
    const http_request_t health = {.host = HOST_B, .path = "/health"};
    const http_request_t runs = {.host = HOST_B, .path = "/runs"};

    for (size_t i = 0; i < countof(cases); i++) {
        apr_off_t mark = fixture_log_mark();
        const char *told =
            strf("cluster=cluster-b: the summaries are not used (%s)", cases[i].state);

        db_run(DB_B, cases[i].spoil, 0);
        for (int round = 0; round < 3; round++) {
            end_sessions("cluster-b"); /* else they look again after a minute */
            expect_success(http_send(&runs));
        }
        expect_text(http_send(&health), "data.summaries", cases[i].state);
        expect_str(status_of("cluster-b"), cases[i].state);
        expect_int(count(fixture_log_since(mark), told), 1);
        if (i == 0) { /* and again after a restart */
            expect_int(fixture_servers("httpd-graceful", ""), 0);
            for (int t = 0; t < 200 && count(fixture_log_since(mark), told) < 2; t++) {
                usleep(100000 * fixture_patience());
                http_send(&runs);
            }
            expect_int(count(fixture_log_since(mark), told), 2);
        }
        if (cases[i].mend)
            db_run(DB_B, cases[i].mend, 0);
        else { /* the mark stays until the parent is analysed */
            db_run(DB_B, "DROP TABLE test_child", 0);
            db_run(DB_B, "ANALYZE github_workflow_runs", 0);
        }
        db_run(DB_B, "SELECT wfm_maintain()", 0); /* what was missed meanwhile is looked for */
        end_sessions("cluster-b");
        expect_text(http_send(&health), "data.summaries", "in use");
        expect_contains(fixture_log_since(mark), "cluster=cluster-b: the summaries are used again");
    }
}

/* ---- hosts of one cluster ---- */

static int sessions(const char *condition)
{
    return (int)db_int("postgres",
                       strf("SELECT count(*) FROM pg_stat_activity"
                            " WHERE application_name = 'cluster-twin'%s",
                            condition),
                       0);
}

/* They share one connection, and the counters; each has its own timeouts and rights. */
static void test_twins(void)
{
    const char *request = "GET " API_BASE "/runs HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
    const char *patient = strf(request, HOST_READER), *hasty = strf(request, HOST_TWIN);
    apr_int64_t config = seed_config(DB_A, "twins");
    http_request_t patch = {.host = HOST_TWIN,
                            .method = "PATCH",
                            .path = strf("/configs/" ID, config),
                            .body = "{\"enabled\":false}",
                            .headers = {JSON_TYPE}};
    PGconn *lock = db_open(DB_A);
    int first, second;

    expect_text(http_send(&(http_request_t){.host = HOST_READER, .path = "/health"}),
                "data.cluster_name", "cluster-twin");
    expect_success(http_send(&(http_request_t){.host = HOST_TWIN, .path = "/runs"}));
    expect_success(http_send(&(http_request_t){.host = HOST_READER, .path = "/runs"}));
    expect_success(http_send(&patch));
    patch.host = HOST_READER;
    expect_error(http_send(&patch), 4030, "this API is read-only here");
    expect_success(
        http_send(&(http_request_t){.host = HOST_ALL, .path = "/runs?cluster=cluster-twin"}));

    db_run_on(lock, "BEGIN; LOCK TABLE github_workflow_runs");
    first = http_raw_open(patient, strlen(patient));
    for (int i = 0; i < 200 && sessions(" AND wait_event_type = 'Lock'") == 0; i++)
        usleep(50000);
    second = http_raw_open(hasty, strlen(hasty));
    usleep(2000000); /* the other host's statements would have ended by now */
    if (fixture_threaded())
        expect_int(sessions(""), 1);
    db_run_on(lock, "ROLLBACK");
    expect_contains(http_raw_rest(first), " 200 OK\r\n");
    /* where a child is one thread, this one had a connection, and too little time, of its own */
    expect_contains(http_raw_rest(second), fixture_threaded() ? " 200 OK\r\n" : " 504 ");
    db_run_on(lock, "BEGIN; LOCK TABLE github_workflow_runs");
    expect_error(http_send(&(http_request_t){.host = HOST_TWIN, .path = "/runs"}), 5040,
                 "the database took too long to answer");
    /* by way of another cluster's host, the first one's times count */
    expect_error(
        http_send(&(http_request_t){.host = HOST_ALL, .path = "/runs?cluster=cluster-twin"}), 5040,
        "the database took too long to answer");
    db_close(lock);
}

static const char *host_of(const char *name, int max)
{
    return strf("<VirtualHost *>\nServerName %s.test\nDBDriver pgsql\n"
                "DBDParams \"host=%s dbname=lens_a user=wfmetrics application_name=%s\"\n"
                "DBDMin 0\nDBDMax %d\nWfmetricsCluster %s\n"
                "<Location " API_BASE ">\nSetHandler wfmetrics\n</Location>\n</VirtualHost>\n",
                name, fixture_sockets(), name, max, name);
}

/* PostgreSQL has 150 connections, three of them reserved. Two clusters may ask it for more, and a
 * third, which is the first one again, asks for no more than that. */
static void test_connections_counted(void)
{
    static const char *const hosts[] = {"many.test", "more.test"};
    int port = side_free_port(), children = fixture_threaded() ? 1 : 256;

    if (side_start(port, strf("%s%s%s", host_of("many", 100), host_of("more", 60),
                              host_of("many", 100))) == 0) {
        for (int round = 0; round < 2; round++)
            for (size_t i = 0; i < countof(hosts); i++)
                expect_success(http_send(
                    &(http_request_t){.port = port, .host = hosts[i], .path = "/runs?limit=1"}));
        expect_contains(
            side_log(),
            fixture_threaded()
                ? "2 cluster(s); at most 160 database connections (1 children, DBDMax "
                  "160 over all clusters)"
                : strf("2 cluster(s); at most %d database connections (%d children, one "
                       "connection each for a pool)",
                       2 * children + 2, children));
        expect_int(count(side_log(), "its PostgreSQL has 147 connections for such roles"), 1);
        expect_contains(side_log(), strf("this httpd may ask it for %d",
                                         fixture_threaded() ? 160 : 2 * children + 2));
    }
    side_stop();
}

SUITE(sessions) = {
    {"more connections than PostgreSQL has", test_connections_counted},
    {"settings changed once", test_changed_once},
    {"settings changed each time", test_changed_always},
    {"the search path changed", test_search_path_changed},
    {"settings changed by a write", test_changed_by_a_write},
    {"why the summaries are not used", test_summaries_told},
    {"two hosts of one cluster", test_twins},
    CU_TEST_INFO_NULL,
};
