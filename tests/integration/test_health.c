/*
 * test_health.c - GET /health: what it answers while the database is well, away, frozen, or busy.
 */
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "suites.h"
#include <string.h>
#include <unistd.h>

static http_response_t *health(const char *host, const char *query)
{
    return http_send(&(http_request_t){.host = host, .path = strf("/health%s", query)});
}

static void expect_ok(const http_response_t *res, const char *cluster)
{
    expect_success(res);
    expect_json(res, "data", strf("{\"status\":\"ok\",\"cluster_name\":\"%s\"}", cluster));
}

static void expect_ill(const http_response_t *res, const char *message)
{
    expect_error(res, 5030, message);
    expect(http_header(res, "Retry-After") != NULL, "%s: there is no Retry-After", res->what);
}

static void test_well(void)
{
    http_response_t *res;

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

    expect_ill(health(HOST_NOWHERE, ""), "the database is unavailable");
    expect_ill(health(HOST_ALL, "?cluster=cluster-nowhere"), "the database is unavailable");
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
        expect_ill(health(HOST_A, ""), "the database is unavailable");
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
        expect_ill(health(hosts[i], ""), "the database is unavailable");
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
        expect_ill(health(HOST_TINY, ""), "the database is busy");
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

CU_TestInfo health_tests[] = {
    {"a cluster that is well", test_well},
    {"a database that cannot be reached", test_unreachable},
    {"PostgreSQL stopped, and back", test_stopped_and_back},
    {"PostgreSQL frozen", test_frozen},
    {"all connections busy", test_busy},
    {"many at once", test_many},
    {"under load", test_loaded},
    CU_TEST_INFO_NULL,
};
