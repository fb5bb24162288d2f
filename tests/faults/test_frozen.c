/*
 * test_frozen.c - PostgreSQL is there and says nothing (SIGSTOP): who waits for it must not take
 * what others need.
 *
 * Speed is compared as counts of requests that were answered in equal times, with and without the
 * fault; waits, with the next larger timeout of the module's (5 s) that could have ended them.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "fault.h"
#include "pair.h"
#include "suites.h"
#include <string.h>
#include <unistd.h>

/* More clients than httpd has threads. */
#define CLIENTS 48

/* How many were answered as they should be in the next seconds. */
static int count_for(load_t *load, char op, int seconds)
{
    apr_time_t since = apr_time_now();

    sleep((unsigned)seconds);
    return load_count_ok(load, op, since);
}

static void freeze(void)
{
    expect_int(fixture_servers("pg-freeze", ""), 0);
    fault_hit();
}

static void thaw(void)
{
    expect_int(fixture_servers("pg-thaw", ""), 0);
    fault_lifted();
}

/* Answers came in time, were what they should be, and nothing was served from nowhere. */
static void expect_in_time(load_t *load, const char *ops, apr_interval_time_t most)
{
    load_tally_t t = load_tally(load, ops, fault_hit_at(), fault_lifted_at());

    expect(t.sent > 0 && t.slowest < most, "%s: the slowest of %d answers took %d ms", ops, t.sent,
           (int)apr_time_as_msec(t.slowest));
}

/* All threads of httpd (under prefork, all processes) could wait for the database; a file is served
 * as before. */
static void files_beside(const char *name)
{
    int seconds = fault_scale(8, 4), before, during;
    load_plan_t asking = {.host = HOST_FROZEN, .ops = "rprx", .clients = CLIENTS, .pause_ms = 200};
    load_plan_t files = {.ops = "fb", .clients = 2, .pause_ms = 5};
    load_t *api, *others;

    fault_begin(name);
    api = fault_load(&asking);
    others = fault_load(&files);
    before = count_for(others, 'f', seconds);
    freeze();
    during = count_for(others, 'f', seconds);
    sleep(8); /* until the statement's timeout is over, too */
    thaw();
    fault_end();
    expect(during * 3 > before, "files: %d before, %d while PostgreSQL was frozen", before, during);
    expect_in_time(others, "fb", apr_time_from_sec(4));
    expect_in_time(api, "rpx", apr_time_from_sec(20));
    expect_contains(fault_log(), "WfmetricsMaxThreads reached");
    expect_contains(fault_log(), "status=504 sqlstate=- ");
    expect_lacks(fault_log(), "status=500");
}

static void test_static_file(void)
{
    files_beside("PostgreSQL frozen under load; files beside it");
}

static void test_prefork(void)
{
    expect_int(fixture_restart_httpd("prefork"), 0);
    files_beside("PostgreSQL frozen under load; files beside it (prefork)");
    expect_int(fixture_restart_httpd("event"), 0);
}

/* Three clusters hang, whose connections alone are more than the threads; a fourth is served. */
static void test_other_cluster(void)
{
    static const char *const hosts[] = {HOST_FROZEN, "frozen2.test", "frozen3.test"};
    int seconds = fault_scale(8, 4), before, during;
    load_plan_t plan = {.ops = "r", .clients = CLIENTS / 3, .pause_ms = 200};
    load_plan_t other = {
        .host = HOST_PAIR, .dbname = pair_db(), .ops = "rpf", .clients = 2, .pause_ms = 5};
    load_t *fourth;

    fault_begin("three clusters frozen; a fourth beside them");
    for (size_t i = 0; i < countof(hosts); i++) {
        plan.host = hosts[i];
        fault_load(&plan);
    }
    fourth = fault_load(&other);
    before = count_for(fourth, 'r', seconds);
    freeze();
    during = count_for(fourth, 'r', seconds);
    thaw();
    fault_end();
    expect(during * 3 > before, "another cluster: %d before, %d while three were frozen", before,
           during);
    expect_in_time(fourth, "rpf", apr_time_from_sec(4));
}

/* mod_http2 has threads of its own, and its streams share a connection. */
static void test_http2(void)
{
    load_plan_t files = {.ops = "fb", .clients = 2, .pause_ms = 5};
    http_request_t rqs[CLIENTS];
    http_response_t **res;
    load_t *others;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.host = HOST_FROZEN,
                                  .path = i % 8 ? "/runs?limit=1" : "/runs?limit=0",
                                  .http2 = 1,
                                  .timeout_ms = 30000};
    fault_begin("PostgreSQL frozen; HTTP/2 streams, files beside them");
    others = fault_load(&files);
    freeze();
    res = http_send_all(rqs, countof(rqs));
    thaw();
    for (size_t i = 0; i < countof(rqs); i++)
        expect(i % 8 ? res[i]->status == 503 || res[i]->status == 504 : res[i]->status == 400,
               "stream %d: status %ld", (int)i, res[i]->status);
    fault_await_recovery();
    fault_end();
    expect_in_time(others, "fb", apr_time_from_sec(4));
    expect_contains(fault_log(), "WfmetricsMaxThreads reached");
}

/* Nobody else asks: the whole of each wait is bounded, from the first request on. */
static void test_alone(void)
{
    static const struct {
        const char *method, *path, *body;
    } cases[] = {{"GET", "/runs?limit=1", NULL},
                 {"GET", "/configs/1/export", NULL},
                 {"PATCH", "/configs/1", "{\"description\":\"frozen\"}"}};

    fault_begin("PostgreSQL frozen; one request at a time");
    expect_success(http_send(&(http_request_t){.host = HOST_SHORT, .path = "/runs?limit=1"}));
    freeze();
    for (size_t i = 0; i < countof(cases); i++) {
        http_request_t rq = {.host = HOST_SHORT,
                             .method = cases[i].method,
                             .path = cases[i].path,
                             .body = cases[i].body,
                             .timeout_ms = 30000,
                             .headers = {JSON_TYPE}};
        http_response_t *res = http_send(&rq);

        expect(res->status == 503 || res->status == 504, "%s: %ld", res->what, res->status);
    }
    expect_status(http_send(&(http_request_t){.base = "", .path = "/hello.txt"}), 200);
    expect_contains(fault_log(), "cluster=cluster-short route=\"GET /runs\" status=504 sqlstate=-");
    thaw();
    fault_await_recovery();
    fault_end();
}

/* How often mod_dbd could not connect. */
static int failed_connects(void)
{
    int n = 0;

    for (const char *at = fault_log(); (at = strstr(at, "AH00629: ")); at++)
        n++;
    return n;
}

/* A child that has not connected yet needs two connections for a list, one after the other: to
 * learn whether there are summaries, and for the list. The time for both is one. */
static void test_fresh_child(void)
{
    http_request_t rq = {.host = HOST_SHORT, .path = "/runs?limit=1", .timeout_ms = 30000};
    http_response_t *res;

    fault_begin("PostgreSQL frozen; a fresh child's first request");
    expect_int(fixture_restart_httpd("event"), 0);
    /* of the child, whose start connects to PostgreSQL, too */
    expect_status(http_send(&(http_request_t){.base = "", .path = "/hello.txt"}), 200);
    freeze();
    res = http_send(&rq);
    expect_error(res, 5030, "the database is unavailable");
    expect(failed_connects() <= 1, "it was connected to %d times: %s", failed_connects(),
           fault_log());
    thaw();
    fault_await_recovery();
    fault_end();
}

SUITE(frozen) = {
    {"one request at a time", test_alone},
    {"a fresh child's first request", test_fresh_child},
    {"files are served as before", test_static_file},
    {"other clusters are served as before", test_other_cluster},
    {"HTTP/2 streams", test_http2},
    {"files are served as before: prefork", test_prefork},
    CU_TEST_INFO_NULL,
};
