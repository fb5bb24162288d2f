/*
 * test_health.c - GET /health: what it answers while the database is well, away, frozen, or busy.
 */
#include "../support/suite.h"
#include "core/version.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "summed.h"
#include <string.h>
#include <unistd.h>

static http_response_t *health(const char *host, const char *query)
{
    return http_send(&(http_request_t){.host = host, .path = strf("/health%s", query)});
}

#define KEYS                                                                                       \
    "status,cluster_name,version,summaries,summaries_unclean_days,summaries_unclean_seconds"

static void expect_ok(const http_response_t *res, const char *cluster)
{
    expect_success(res);
    expect_keys(res, "data", KEYS);
    expect_text(res, "data.status", "ok");
    expect_text(res, "data.cluster_name", cluster);
    expect_text(res, "data.version", WFM_VERSION);
    expect_text(res, "data.summaries", "in use");
}

static void expect_ill(const http_response_t *res, const char *reason, const char *message)
{
    expect_status(res, 503);
    expect_text(res, "reason", reason);
    expect_text(res, "message", message);
    expect_json(res, "meta", strf("{\"code\":5030,\"message\":\"%s\"}", message));
    expect(http_header(res, "Retry-After") != NULL, "%s: there is no Retry-After", res->what);
}

#define expect_unreachable(res) expect_ill(res, "unreachable", "the database is unavailable")

/* Other suites leave summaries behind that are built anew: now, and not in a minute's time. */
static int summaries_are_used(void)
{
    db_run(DB_A, "SELECT wfm_maintain()", 0);
    db_run(DB_B, "SELECT wfm_maintain()", 0);
    return strstr(health(HOST_A, "")->body, "\"in use\"") &&
           strstr(health(HOST_A, "?cluster=cluster-b")->body, "\"in use\"");
}

static void test_well(void)
{
    http_response_t *res;

    expect(summed_wait(summaries_are_used), "the summaries were in use again");
    expect_ok(health(HOST_A, ""), "cluster-a");
    expect_ok(health(HOST_A, "?cluster=cluster-b"), "cluster-b");
    expect_ok(health(HOST_RO, ""), "cluster-ro");
    expect_error(health(HOST_B, "?cluster=cluster-a"), 4030,
                 "cluster 'cluster-a' is not served here");
    expect_error(health(HOST_A, "?cluster=mi999"), 4040, "unknown cluster 'mi999'");
    res = http_send(&(http_request_t){.method = "HEAD", .path = "/health"});
    expect_status(res, 200);
    expect_int(res->len, 0);
    res = http_json("OPTIONS", "/health", NULL);
    expect_status(res, 200);
    expect_header(res, "Allow", "GET, HEAD, OPTIONS");
    expect_error(http_json("POST", "/health", NULL), 4050, "method not allowed");
}

/* One cluster's database is away; the others' are not. */
static void test_unreachable(void)
{
    apr_off_t mark = fixture_log_mark();
    http_response_t *res;

    expect_unreachable(health(HOST_NOWHERE, ""));
    expect_unreachable(health(HOST_ALL, "?cluster=cluster-nowhere"));
    expect_ok(health(HOST_ALL, ""), "cluster-all");
    expect_contains(fixture_log_since(mark), "cluster=cluster-nowhere route=\"GET /health\"");
    res = http_send(&(http_request_t){.method = "HEAD", .host = HOST_NOWHERE, .path = "/health"});
    expect_status(res, 503);
    expect_int(res->len, 0);
}

static void test_stopped_and_back(void)
{
    expect_ok(health(HOST_A, ""), "cluster-a");
    if (!expect(fixture_servers("pg-stop", "fast") == 0, "PostgreSQL did not stop"))
        return;
    for (int i = 0; i < 3; i++)
        expect_unreachable(health(HOST_A, ""));
    expect(fixture_servers("pg-start", "") == 0, "PostgreSQL did not start");
    expect_ok(health(HOST_A, ""), "cluster-a");
}

/* Stop or continue the postmaster and all of its processes. */
static void signal_postgres(const char *signal)
{
    const char *output;
    int status = fixture_shell(strf("p=$(head -n 1 %s/data/postmaster.pid);"
                                    " kill -%s \"$p\" $(%s children \"$p\")",
                                    fixture_sockets(), signal, fixture_servers_sh()),
                               &output);

    expect(status == 0, "kill -%s: %s", signal, output);
}

/* It takes connections, and says nothing on them: on an idle one as well as on a new one. */
static void test_frozen(void)
{
    static const char *const hosts[] = {HOST_TINY, HOST_TINY, HOST_ALL};

    expect_ok(health(HOST_TINY, ""), "cluster-tiny");
    signal_postgres("STOP");
    for (size_t i = 0; i < countof(hosts); i++)
        expect_unreachable(health(hosts[i], ""));
    signal_postgres("CONT");
    expect_ok(health(HOST_TINY, ""), "cluster-tiny");
    expect_ok(health(HOST_ALL, ""), "cluster-all");
}

static int waiting(void)
{
    return (int)db_int(DB_A,
                       "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                       " AND application_name = 'cluster-tiny'",
                       0);
}

/* Requests that wait for a lock have both connections, and none comes back. */
static void test_busy(void)
{
    const char *request =
        "GET " API_BASE "/runs HTTP/1.1\r\nHost: " HOST_TINY "\r\nConnection: close\r\n\r\n";
    PGconn *lock = db_open(DB_A);
    int fds[2];

    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_runs IN ACCESS EXCLUSIVE MODE");
    for (size_t i = 0; i < countof(fds); i++)
        fds[i] = http_raw_open(request, strlen(request));
    for (int i = 0; i < 100 && waiting() < 2; i++)
        usleep(10000);
    usleep(400000); /* the last answer is longer ago than WfmetricsAcquireTimeout */
    if (fixture_threaded())
        expect_ill(health(HOST_TINY, ""), "busy", "the database is busy");
    else /* under prefork, each child has its own pool */
        expect_ok(health(HOST_TINY, ""), "cluster-tiny");
    db_close(lock);
    for (size_t i = 0; i < countof(fds); i++)
        http_raw_rest(fds[i]);
    expect_ok(health(HOST_TINY, ""), "cluster-tiny");
}

/* Many who ask at once are asked for one after the other, and all get the same answer. */
static void test_many(void)
{
    http_request_t rqs[16];
    http_response_t **res;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.host = HOST_A, .path = "/health"};
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++)
        expect_ok(res[i], "cluster-a");
}

/* Under load, whether a connection is free or not: as long as they come back, the cluster is well.
 */
static void test_loaded(void)
{
    http_request_t rqs[60];
    http_response_t **res;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.host = HOST_A, .path = i % 6 ? "/configs?limit=1" : "/health"};
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++)
        expect_success(res[i]);
}

/* ---- can it be served? ---- */

#define DB_UNFIT "lens_unfit"

static void psql(const char *arguments)
{
    expect_int(fixture_servers("pg-psql", strf(DB_UNFIT " %s", arguments)), 0);
}

static void migrate(void)
{
    for (const char *const *f =
             (const char *const[]){"001_tables", "002_columns", "003_indexes", NULL};
         *f; f++)
        psql(strf("-f %s/src/db/schema/%s.sql", fixture_root(), *f));
}

/* The tables are looked at every ten seconds at most. */
static void await_health(const char *reason)
{
    http_response_t *res = NULL;
    const char *found = NULL;

    if (!fixture_threaded()) /* there are many children, and each remembers for itself */
        sleep(11);
    for (int i = 0; i < 200; i++) {
        json_object *value;

        res = health(HOST_UNFIT, "");
        value = json_at(res, "reason", NULL);
        found = value ? json_object_get_string(value) : "";
        if (!strcmp(found, reason))
            break;
        usleep(100000 * fixture_patience());
    }
    expect_status(res, *reason ? 503 : 200);
    expect_str(found, reason);
}

static void make_unfit(void)
{
    db_run("postgres", "DROP DATABASE IF EXISTS " DB_UNFIT " WITH (FORCE)", 0);
    db_run("postgres", "CREATE DATABASE " DB_UNFIT, 0);
}

static void test_fit(void)
{
    apr_off_t mark = fixture_log_mark();

    make_unfit();
    await_health("migrations missing");
    expect_ill(health(HOST_UNFIT, ""), "migrations missing",
               "the database lacks tables or columns");
    expect_contains(fixture_log_since(mark), "run the migrations: " WFM_SHAREDIR "/schema/*.sql");
    expect_contains(fixture_log_since(mark), "github_workflow_configs.branch_filter");
    expect_lacks(health(HOST_UNFIT, "")->body, "branch_filter");
    migrate();
    await_health("no rights");
    expect_ill(health(HOST_UNFIT, ""), "no rights",
               "the role of this service may not read the database's tables");
    expect_contains(fixture_log_since(mark), WFM_SHAREDIR "/roles/api_role.sql");
    psql(strf("-v role=wfmetrics -f %s/src/db/roles/api_role.sql", fixture_root()));
    await_health("");
    expect_text(health(HOST_UNFIT, ""), "data.summaries", "not installed");
    db_run("postgres", "DROP DATABASE " DB_UNFIT " WITH (FORCE)", 0);
}

/* A child that starts has not looked at any tables. */
static void forget_tables(void)
{
    expect_int(fixture_servers("httpd-graceful", ""), 0);
}

/* One column is as good as all of them. */
static void test_unfit_columns(void)
{
    static const struct {
        const char *spoil, *mend, *reason, *column;
    } cases[] = {
        {"ALTER TABLE github_workflow_metrics RENAME raw_data TO raw",
         "ALTER TABLE github_workflow_metrics RENAME raw TO raw_data", "migrations missing",
         "github_workflow_metrics.raw_data"},
        {"REVOKE SELECT ON github_workflow_metric_schemas FROM wfmetrics",
         "GRANT SELECT ON github_workflow_metric_schemas TO wfmetrics", "no rights",
         "github_workflow_metric_schemas.is_active"},
        {"REVOKE USAGE ON SCHEMA public FROM public, wfmetrics",
         "GRANT USAGE ON SCHEMA public TO public, wfmetrics", "no rights",
         "github_workflow_configs.branch_filter"},
    };

    make_unfit();
    migrate();
    psql(strf("-v role=wfmetrics -f %s/src/db/roles/api_role.sql", fixture_root()));
    await_health("");
    for (size_t i = 0; i < countof(cases); i++) {
        apr_off_t mark = fixture_log_mark();

        db_run(DB_UNFIT, cases[i].spoil, 0);
        forget_tables();
        await_health(cases[i].reason);
        expect_contains(fixture_log_since(mark), cases[i].column);
        db_run(DB_UNFIT, cases[i].mend, 0);
        forget_tables();
        await_health("");
    }
    db_run("postgres", "DROP DATABASE " DB_UNFIT " WITH (FORCE)", 0);
}

/* By the standby's own superuser. */
static const char *on_standby(const char *sql)
{
    const char *output = "";

    fixture_shell(strf("%s pg-psql %s/standby " DB_A " -Atc \"%s\"", fixture_servers_sh(),
                       fixture_dir(), sql),
                  &output);
    return output;
}

static void set_logged(const char *how)
{
    db_run(DB_A,
           strf("DO $$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE %%s SET %s;',"
                " oid::regclass), '') FROM pg_class WHERE relname LIKE 'wfm\\_%%' AND relkind ="
                " 'r'); END $$",
                how),
           0);
}

static int has_replayed(void)
{
    return !strcmp(on_standby("SELECT relpersistence FROM pg_class WHERE relname ="
                              " 'wfm_run_counts'"),
                   "u\n");
}

/* As in a published database: a standby has none of it, and the rows answer. */
static void check_unlogged(void)
{
    const http_request_t rq = {.host = HOST_STANDBY, .path = "/runs"};
    const char *body = http_send(&rq)->body;

    set_logged("UNLOGGED");
    expect_int(summed_wait(has_replayed), 1);
    expect_str(http_send(&rq)->body, body); /* who knew the summaries */
    on_standby("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename ="
               " 'wfmetrics'");
    expect_str(http_send(&rq)->body, body);
    expect_text(health(HOST_STANDBY, ""), "data.summaries", "unlogged, on a standby");
    set_logged("LOGGED");
}

static void test_standby(void)
{
    const char *output, *dir = fixture_dir();
    http_response_t *res;
    int made, found;

    expect_unreachable(health(HOST_STANDBY, ""));
    made =
        fixture_shell(strf("%s pg-standby %s/standby %s", fixture_servers_sh(), dir, dir), &output);
    if (!expect(made == 0, "no standby: %s", output))
        return;
    res = health(HOST_STANDBY, "");
    expect_success(res);
    json_at(res, "data.replica.lag_ms", &found);
    expect(found, "no lag in %s", res->body);
    expect_keys(res, "data", KEYS ",replica");
    expect_status(http_send(&(http_request_t){.host = HOST_STANDBY, .path = "/runs"}), 200);
    check_unlogged();
    fixture_shell(strf("%s pg-destroy %s/standby", fixture_servers_sh(), dir), &output);
    expect_unreachable(health(HOST_STANDBY, ""));
}

SUITE(health) = {
    {"a cluster that is well", test_well},
    {"a database that cannot be reached", test_unreachable},
    {"PostgreSQL stopped, and back", test_stopped_and_back},
    {"PostgreSQL frozen", test_frozen},
    {"all connections busy", test_busy},
    {"many at once", test_many},
    {"under load", test_loaded},
    {"no tables, no rights", test_fit},
    {"one column missing, one right", test_unfit_columns},
    {"a standby", test_standby},
    CU_TEST_INFO_NULL,
};
