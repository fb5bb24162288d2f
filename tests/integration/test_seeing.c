/*
 * test_seeing.c - what an operator sees of requests: the error log's line and its id, and the
 * counters on mod_status' page.
 */
#include "../support/suite.h"
#include "core/version.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *status_page(const char *query)
{
    http_response_t *res =
        http_send(&(http_request_t){.base = "", .path = strf("/server-status%s", query)});

    expect_status(res, 200);
    return res->body;
}

/* A figure of ?auto; -1: it is not there. */
static apr_int64_t figure(const char *cluster, const char *key)
{
    const char *name = strf("\nWfmetrics%s[%s]: ", key, cluster);
    const char *at = strstr(status_page("?auto"), name);

    return at ? apr_atoi64(at + strlen(name)) : -1;
}

/* Some figures are counted just behind the answer. */
static void expect_figure(const char *cluster, const char *key, apr_int64_t value)
{
    for (int i = 0; i < 1000 && figure(cluster, key) != value; i++)
        usleep(20000);
    expect(figure(cluster, key) == value, "%s of %s is " ID ", not " ID, key, cluster,
           figure(cluster, key), value);
}

/* The word after "log_id=" in the error log's line of a route. */
static const char *logged_id(const char *log, const char *route)
{
    const char *line = strstr(log, strf("route=\"%s\"", route));
    const char *id = line ? strstr(line, " log_id=") : NULL;

    expect(id != NULL, "no line of %s with a log_id in: %s", route, log);
    return id ? apr_pstrndup(fixture_pool(), id + 8, strcspn(id + 8, ": ")) : "";
}

static void test_log_id(void)
{
    static const struct {
        const char *method, *path, *route;
    } cases[] = {
        {"GET", "/runs/999999999", "GET /runs/:id"},
        {"GET", "/configs/999999998/stats", "GET /configs/:id/stats"},
        {"POST", "/runs/999999997/retry", "POST /runs/:id/retry"},
    };

    for (size_t i = 0; i < countof(cases); i++) {
        apr_off_t mark = fixture_log_mark();
        const char *id, *line, *output = "";

        expect_status(http_json(cases[i].method, cases[i].path, NULL), 404);
        id = logged_id(fixture_log_since(mark), cases[i].route);
        expect(strlen(id) > 8, "log_id is '%s'", id);
        line = strf("%s %s%s", id, API_BASE, cases[i].path);
        for (int n = 0; n < 1000 && !strstr(output, line); n++, usleep(20000))
            fixture_shell(strf("cat %s/ids.log", fixture_dir()), &output);
        expect(strstr(output, line) != NULL, "the access log has no '%s'", line);
    }
}

/* Under keep-alive and HTTP/2, each request has an id of its own. */
static void test_ids_differ(void)
{
    apr_off_t mark = fixture_log_mark();
    http_request_t rqs[2] = {{.path = "/runs/999999996", .http2 = fixture_threaded()},
                             {.path = "/configs/999999996", .http2 = fixture_threaded()}};
    const char *log;

    http_send_all(rqs, 2);
    log = fixture_log_since(mark);
    expect(strcmp(logged_id(log, "GET /runs/:id"), logged_id(log, "GET /configs/:id")) != 0,
           "two requests have one id: %s", log);
}

static void test_counts(void)
{
    const char *name = "cluster-b";
    apr_off_t mark = fixture_log_mark();
    apr_int64_t config = seed_config(DB_B, "counted");
    apr_int64_t requests = figure(name, "Requests"), rows = figure(name, "RowsExported");
    apr_int64_t not_found = figure(name, "ErrorsNotFound");
    apr_int64_t bad = figure(name, "ErrorsRequest"), forbidden = figure(name, "ErrorsForbidden");

    for (int i = 0; i < 3; i++)
        seed_metric(DB_B, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}", "{\"t\":1}", NULL);
    for (int i = 0; i < 3; i++) {
        static const char *const formats[] = {"csv", "json", "ndjson"};
        http_request_t rq = {.host = HOST_B,
                             .path = strf("/configs/" ID "/export?format=%s", config, formats[i])};
        expect_status(http_send(&rq), 200);
    }
    /* from another host: counted for the cluster that it is about */
    expect_status(http_get("/runs?cluster=cluster-b"), 200);
    expect_status(http_get("/runs?cluster=cluster-b&limit=0"), 400);
    expect_status(http_get("/configs/999999999?cluster=cluster-b"), 404);
    /* no cluster of these: counted for the host's own */
    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/nope"}), 404);
    expect_contains(fixture_log_since(mark), "cluster=cluster-b route=\"GET -\"");
    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/runs?cluster=cluster-a"}),
                  403);
    expect_figure(name, "Requests", requests + 8);
    expect_figure(name, "RowsExported", rows + 9);
    expect_figure(name, "ErrorsNotFound", not_found + 2);
    expect_figure(name, "ErrorsRequest", bad + 1);
    expect_figure(name, "ErrorsForbidden", forbidden + 1);
    expect_figure(name, "InFlight", 0);
    expect_figure(name, "AnswersBroken", 0);
}

static void test_unavailable_and_late(void)
{
    apr_int64_t away = figure("cluster-nowhere", "ErrorsUnavailable");
    apr_int64_t late = figure("cluster-tiny", "ErrorsTimeout");
    apr_int64_t waited = figure("cluster-tiny", "WaitMs");
    PGconn *lock = db_open(DB_A);
    http_request_t rqs[3];

    expect_status(http_send(&(http_request_t){.host = HOST_NOWHERE, .path = "/runs"}), 503);
    expect_figure("cluster-nowhere", "ErrorsUnavailable", away + 1);
    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_runs IN ACCESS EXCLUSIVE MODE");
    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.host = HOST_TINY, .path = strf("/runs?limit=%d", (int)i + 1)};
    http_send_all(rqs, countof(rqs));
    db_close(lock);
    if (fixture_threaded()) { /* two connections, and one request that waits 300 ms for them */
        expect_figure("cluster-tiny", "ErrorsTimeout", late + 2);
        waited = figure("cluster-tiny", "WaitMs") - waited;
        expect(waited >= 290, "only " ID " ms of waiting were counted", waited);
    } else {
        expect_figure("cluster-tiny", "ErrorsTimeout", late + 3);
    }
}

static void test_in_flight(void)
{
    const char *request =
        "GET " API_BASE "/runs HTTP/1.1\r\nHost: " HOST_TINY "\r\nConnection: close\r\n\r\n";
    PGconn *lock = db_open(DB_A);
    int fd;

    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_runs IN ACCESS EXCLUSIVE MODE");
    expect_figure("cluster-tiny", "InFlight", 0);
    fd = http_raw_open(request, strlen(request));
    expect_figure("cluster-tiny", "InFlight", 1);
    db_close(lock);
    expect_contains(http_raw_rest(fd), "200 OK");
    expect_figure("cluster-tiny", "InFlight", 0);
}

/* A client that leaves in the middle of an export: a line for whoever looks, and a figure. */
static void test_client_leaves(void)
{
    apr_int64_t config = seed_config(DB_B, "left"), gone;
    apr_int64_t rows = figure("cluster-b", "RowsExported");
    const char *request = strf("GET " API_BASE "/configs/" ID "/export?limit=1000000 HTTP/1.1\r\n"
                               "Host: " HOST_B "\r\n\r\n",
                               config);
    const char *line = "route=\"GET /configs/:id/export\" status=499 ";
    apr_off_t mark = fixture_log_mark();
    char byte;
    int fd;

    db_run(DB_B,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file) SELECT $1::bigint, 1, 1, now(), repeat('x', 1000)"
           " FROM generate_series(1, 40000)",
           1, strf(ID, config));
    gone = figure("cluster-b", "ErrorsClientGone");
    fd = http_raw_open(request, strlen(request));
    expect_int(read(fd, &byte, 1), 1);
    close(fd);
    expect_figure("cluster-b", "ErrorsClientGone", gone + 1);
    expect_contains(fixture_log_since(mark), line);
    rows = figure("cluster-b", "RowsExported") - rows;
    expect(rows > 0 && rows < 40000, ID " rows were counted", rows);
    db_run(DB_B, "DELETE FROM github_workflow_metrics WHERE config_id = $1", 1, strf(ID, config));
}

/* Who has the whole answer has not left: a stream of HTTP/2 is over as soon as that. */
static void test_streams_of_http2(void)
{
    apr_int64_t gone = figure("cluster-a", "ErrorsClientGone");
    apr_off_t mark = fixture_log_mark();

    for (int i = 0; i < 100; i++)
        expect_status(http_send(&(http_request_t){.path = "/runs?limit=1", .http2 = 1}), 200);
    expect_figure("cluster-a", "ErrorsClientGone", gone);
    expect_lacks(fixture_log_since(mark), "status=499");
}

/* What a child had in flight when it died does not stay so for ever. */
static void test_killed(void)
{
    const char *request =
        "GET " API_BASE "/runs HTTP/1.1\r\nHost: " HOST_A "\r\nConnection: close\r\n\r\n";
    PGconn *lock = db_open(DB_A);
    apr_array_header_t *children;
    int fd;

    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_runs IN ACCESS EXCLUSIVE MODE");
    fd = http_raw_open(request, strlen(request));
    expect_figure("cluster-a", "InFlight", 1);
    children = fixture_httpd_children();
    for (int i = 0; i < children->nelts; i++)
        kill(APR_ARRAY_IDX(children, i, pid_t), SIGKILL);
    for (int i = 0; i < 600 && http_get("/nope")->status != 404; i++)
        usleep(100000);                        /* until there are others */
    expect_figure("cluster-a", "InFlight", 0); /* the request itself may take a minute */
    db_close(lock);
    http_raw_rest(fd);
}

static void test_html(void)
{
    const char *page = status_page(""), *plain = status_page("?notable");

    expect_contains(page, "<h2>" WFM_PRODUCT ": clusters");
    expect_contains(page, "<th>cluster</th><th>summaries</th><th>requests</th><th>in flight</th>");
    expect_contains(page, "<tr><td>cluster-a</td><td>");
    plain = strstr(plain, "<b>cluster-a</b>: summaries "); /* in use, or made anew just now */
    expect_contains(plain ? plain : "", ", requests ");
    expect_contains(status_page("?auto"), "WfmetricsRequests[r%26d+%3ctwo%3e]: ");
    expect_contains(page, "<td>r&amp;d &lt;two&gt;</td>");
    expect_lacks(page, "<two>");
}

static void restart(void)
{
    apr_off_t mark = fixture_log_mark();

    expect(fixture_servers("httpd-graceful", "") == 0, "httpd did not restart");
    for (int i = 0; i < 100 && !strstr(fixture_log_since(mark), "resuming normal"); i++)
        usleep(100000 * fixture_patience());
}

static void test_graceful(void)
{
    apr_int64_t requests;

    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/runs"}), 200);
    requests = figure("cluster-b", "Requests");
    expect(requests > 0, "nothing was counted: " ID, requests);
    restart();
    expect_figure("cluster-b", "Requests", requests);
    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/runs"}), 200);
    expect_figure("cluster-b", "Requests", requests + 1);
}

/* Where an administrator looks for the version, and not where a visitor would. */
static void test_version(void)
{
    apr_off_t mark = fixture_log_mark();
    const char *request = "HEAD " API_BASE "/runs HTTP/1.1\r\nHost: " HOST_A "\r\n"
                          "Connection: close\r\n\r\n";
    const char *head = http_raw(request, strlen(request));

    expect_contains(head, "200 OK");
    expect_lacks(head, WFM_VERSION);
    expect_contains(status_page("?auto"), "\nWfmetricsVersion: " WFM_VERSION "\n");
    restart();
    expect_contains(fixture_log_since(mark), "wfmetrics: " WFM_PRODUCT "; ");
    expect(fixture_shell("strings \"$WFM_MODULE\" | grep -qx '" WFM_PRODUCT "'", NULL) == 0,
           "the module's file does not tell its version");
}

SUITE(seeing) = {
    {"the error log's line has the access log's id", test_log_id},
    {"every request has its own", test_ids_differ},
    {"requests, rows and errors", test_counts},
    {"unavailable, late, and waiting", test_unavailable_and_late},
    {"in flight", test_in_flight},
    {"a client leaves in the middle", test_client_leaves},
    {"streams of HTTP/2 that are over", test_streams_of_http2},
    {"a killed child has nothing in flight", test_killed},
    {"mod_status' page", test_html},
    {"a graceful restart counts on", test_graceful},
    {"the version", test_version},
    CU_TEST_INFO_NULL,
};
