/*
 * test_prometheus.c - GET /metrics/prometheus: what is counted, of whom, in which form. That
 * Prometheus itself takes it is tests/prometheus/'s.
 */
#include "../support/suite.h"
#include "core/version.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH    "/metrics/prometheus"
#define TEXT    "text/plain; version=0.0.4; charset=utf-8"
#define OPEN    "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define MISSING -1.0

static http_response_t *scrape(const char *host)
{
    return http_send(&(http_request_t){.host = host, .path = PATH});
}

/* The value of the line that begins with the sample's name and labels. */
static double value_in(const char *text, const char *sample)
{
    const char *at = strstr(text, strf("\n%s ", sample));

    return at ? strtod(at + strlen(sample) + 2, NULL) : MISSING;
}

static double value(const char *host, const char *sample)
{
    http_response_t *res = scrape(host);

    expect_status(res, 200);
    return value_in(res->body, sample);
}

/* Some are counted just behind the answer. */
static void expect_value(const char *host, const char *sample, double expected)
{
    double is = value(host, sample);

    for (int i = 0; i < 1000 && is != expected; i++, usleep(20000))
        is = value(host, sample);
    expect(is == expected, "%s is %g, not %g", sample, is, expected);
}

/* Until all requests before this one have been counted: none but the scrape is in flight. */
static void settle(const char *host, const char *cluster)
{
    expect_value(host, strf("wfmetrics_requests_in_flight{cluster=\"%s\"}", cluster), 1);
}

#define REQUESTS(cluster, method, route, status)                                                   \
    "wfmetrics_requests_total{cluster=\"" cluster "\",method=\"" method "\",route=\"" route        \
    "\",status=\"" status "\"}"
#define DURATION(part, cluster, route, more)                                                       \
    "wfmetrics_request_duration_seconds" part "{cluster=\"" cluster                                \
    "\",method=\"GET\",route=\"" route "\"" more "}"

static void test_forms(void)
{
    static const struct {
        const char *accept, *type;
    } cases[] = {
        {NULL, TEXT},
        {"Accept: */*", TEXT},
        {"Accept: text/plain", TEXT},
        {"Accept: application/json", TEXT}, /* there is nothing else */
        {"Accept: application/openmetrics-text", OPEN},
        {"Accept: application/openmetrics-text;version=0.0.1", TEXT},
        {"Accept: application/openmetrics-text;q=0.1, text/plain;q=0.2", TEXT},
        {"Accept: ;;;=,\"", TEXT},
        /* Prometheus 2 and 3 */
        {"Accept: application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
         "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         OPEN},
        {"Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
         "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
         "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
         OPEN},
    };

    for (size_t i = 0; i < countof(cases); i++) {
        http_response_t *res =
            http_send(&(http_request_t){.path = PATH, .headers = {cases[i].accept}});
        int open = !strcmp(cases[i].type, OPEN);

        expect_status(res, 200);
        expect_header(res, "Content-Type", cases[i].type);
        expect_header(res, "Cache-Control", "no-cache");
        expect_contains(http_header(res, "Vary"), "Accept");
        expect_header(res, "ETag", NULL);
        expect_contains(res->body, open ? "# TYPE wfmetrics_requests counter\n"
                                        : "# TYPE wfmetrics_requests_total counter\n");
        expect_contains(res->body, "\nwfmetrics_build_info{version=\"" WFM_VERSION "\"} 1\n");
        expect_str(strstr(res->body, "# EOF"), open ? "# EOF\n" : NULL);
    }
}

static void test_http(void)
{
    http_response_t *res = http_send(&(http_request_t){.method = "HEAD", .path = PATH});
    apr_off_t mark = fixture_log_mark();

    expect_status(res, 200);
    expect_header(res, "Content-Type", TEXT);
    expect_int(res->len, 0);
    res = http_json("OPTIONS", PATH, NULL);
    expect_status(res, 200);
    expect_header(res, "Allow", "GET, HEAD, OPTIONS");
    expect_error(http_json("POST", PATH, NULL), 4050, "method not allowed");
    expect_status(scrape(HOST_READER), 200);
    expect_lacks(fixture_log_since(mark), "route=\"GET " PATH "\"");
    expect_error(http_get("/metrics"), 4040, "no such endpoint");
    expect_error(http_send(&(http_request_t){.path = PATH, .headers = {"If-Match: \"x\""}}), 4120,
                 "none of the tags in If-Match is the current one");
    expect_status(http_send(&(http_request_t){.path = PATH, .headers = {"Range: bytes=0-9"}}), 200);
    expect_status(http_send(&(http_request_t){.path = PATH, .http10 = 1}), 200);
}

/* Figures of the clusters that may be asked for here, and of no other. */
static void test_clusters(void)
{
    const char *a = scrape(HOST_A)->body, *b = scrape(HOST_B)->body;

    expect_value(HOST_A, "wfmetrics_requests_in_flight{cluster=\"cluster-a\"}", 1); /* itself */
    expect_value(HOST_A, "wfmetrics_requests_in_flight{cluster=\"cluster-b\"}", 0);
    expect_lacks(a, "cluster-ro");
    expect_contains(b, "{cluster=\"cluster-b\"}");
    expect_lacks(b, "cluster-a");
    expect_contains(scrape(HOST_ODD)->body, "{cluster=\"r&d <two>\"}");
    expect_contains(scrape(HOST_ALL)->body, "{cluster=\"cluster-main\"}");
    a = http_get(PATH "?cluster=cluster-b")->body; /* the same, asked of the other one */
    expect_contains(a, "{cluster=\"cluster-a\"}");
    expect_error(http_get(PATH "?cluster=mi999"), 4040, "unknown cluster 'mi999'");
    expect_error(http_send(&(http_request_t){.host = HOST_B, .path = PATH "?cluster=cluster-a"}),
                 4030, "cluster 'cluster-a' is not served here");
}

static void test_requests(void)
{
    apr_int64_t config = seed_config(DB_B, "counted");
    const char *path = strf("/configs/" ID, config);
    const char *found = REQUESTS("cluster-b", "GET", "/configs/:id", "2xx");
    const char *missed = REQUESTS("cluster-b", "GET", "/configs/:id", "4xx");
    const char *same = REQUESTS("cluster-b", "GET", "/configs/:id", "3xx");
    const char *patched = REQUESTS("cluster-b", "PATCH", "/configs/:id", "2xx");
    const char *other = REQUESTS("cluster-b", "other", "other", "4xx");
    const char *count = DURATION("_count", "cluster-b", "/configs/:id", "");
    const char *none = "wfmetrics_errors_total{cluster=\"cluster-b\",kind=\"not_found\"}";
    http_request_t get = {.host = HOST_B, .path = path}, etag = get;
    http_request_t patch = {.host = HOST_B,
                            .method = "PATCH",
                            .path = path,
                            .body = "{\"name\":\"n\"}",
                            .headers = {JSON_TYPE}};
    const char *before;

    /* so that all rows have samples */
    http_send(&(http_request_t){.host = HOST_B, .path = "/nope"});
    etag.headers[0] = strf("If-None-Match: %s", http_header(http_send(&get), "ETag"));
    http_send(&patch);
    settle(HOST_B, "cluster-b");
    before = scrape(HOST_B)->body;
    expect(value_in(before, same) >= 0, "a row that was asked for has not all classes: %s", before);
    etag.headers[0] = strf("If-None-Match: %s", http_header(http_send(&get), "ETag"));
    expect_status(http_send(&etag), 304);
    expect_status(http_send(&(http_request_t){.host = HOST_B, .method = "HEAD", .path = path}),
                  200);
    expect_status(http_get(strf("%s?cluster=cluster-b", path)), 200); /* by way of another host */
    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/configs/999999999"}), 404);
    expect_status(http_send(&patch), 200);
    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/nope"}), 404);
    expect_value(HOST_B, found, value_in(before, found) + 3);
    expect_value(HOST_B, same, value_in(before, same) + 1);
    expect_value(HOST_B, missed, value_in(before, missed) + 1);
    expect_value(HOST_B, patched, value_in(before, patched) + 1);
    expect_value(HOST_B, other, value_in(before, other) + 1);
    expect_value(HOST_B, none, value_in(before, none) + 2);
    expect_value(HOST_B, count, value_in(before, count) + 5);
}

/* A statement that waits for a lock for a second and a half. */
static void test_durations(void)
{
    const char *quick = DURATION("_bucket", "cluster-b", "/configs/:id", ",le=\"1.0\"");
    const char *all = DURATION("_bucket", "cluster-b", "/configs/:id", ",le=\"+Inf\"");
    const char *sum = DURATION("_sum", "cluster-b", "/configs/:id", "");
    const char *waited = "wfmetrics_connection_wait_seconds_count{cluster=\"cluster-b\"}";
    const char *in_use = "wfmetrics_connections_in_use{cluster=\"cluster-b\"}";
    const char *free_ones = "wfmetrics_connections_free{cluster=\"cluster-b\"}";
    const char *request =
        "GET " API_BASE "/configs/1 HTTP/1.1\r\nHost: " HOST_B "\r\nConnection: close\r\n\r\n";
    PGconn *lock = db_open(DB_B);
    const char *before, *meanwhile, *after;
    int fd;

    http_send(&(http_request_t){.host = HOST_B, .path = "/configs/1"});
    settle(HOST_B, "cluster-b");
    before = scrape(HOST_B)->body;
    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_configs IN ACCESS EXCLUSIVE MODE");
    fd = http_raw_open(request, strlen(request));
    expect_value(HOST_B, in_use, 1);
    meanwhile = scrape(HOST_B)->body; /* the database is locked: no scrape asks it */
    expect(value_in(meanwhile, free_ones) > 0, "no connection is free: %s", meanwhile);
    usleep(1200000);
    db_close(lock);
    http_raw_rest(fd);
    expect_value(HOST_B, all, value_in(before, all) + 1);
    after = scrape(HOST_B)->body;
    expect(value_in(after, quick) == value_in(before, quick), "a slow request was quick: %s",
           after);
    expect(value_in(after, sum) - value_in(before, sum) > 1, "it took no time: %s", after);
    expect(value_in(after, waited) == value_in(before, waited) + 1, "it asked for no connection");
    expect_value(HOST_B, in_use, 0);
}

/* Buckets hold those before them, and the last is the count. */
static void test_histograms_add_up(void)
{
    const char *text, *line;
    double last = 0;
    int buckets = 0;

    http_get("/runs?limit=1");
    settle(HOST_A, "cluster-a");
    text = scrape(HOST_A)->body;
    for (line = strstr(text, "\nwfmetrics_request_duration_seconds_bucket{cluster=\"cluster-a\""
                             ",method=\"GET\",route=\"/runs\",");
         line && strstr(line, "route=\"/runs\",le=") == strchr(line + 1, ',') + 14;
         line = strchr(line + 1, '\n')) {
        double now = strtod(strchr(line, '}') + 1, NULL);

        expect(now >= last, "a bucket holds fewer than the one before: %.200s", line);
        last = now;
        buckets++;
    }
    expect_int(buckets, 16);
    expect(value_in(text, DURATION("_count", "cluster-a", "/runs", "")) == last,
           "the count is not the last bucket: %s", text);
}

static void test_exports(void)
{
    const char *exports = "wfmetrics_exports_total{cluster=\"cluster-b\"}";
    const char *rows = "wfmetrics_exported_rows_total{cluster=\"cluster-b\"}";
    apr_int64_t config = seed_config(DB_B, "exported");
    const char *before = scrape(HOST_B)->body;

    for (int i = 0; i < 3; i++)
        seed_metric(DB_B, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}", "{\"t\":1}", NULL);
    expect_status(http_send(&(http_request_t){.host = HOST_B,
                                              .path = strf("/configs/" ID "/export", config)}),
                  200);
    expect_value(HOST_B, exports, value_in(before, exports) + 1);
    expect_value(HOST_B, rows, value_in(before, rows) + 3);
    expect_value(HOST_B, "wfmetrics_exports_running{cluster=\"cluster-b\"}", 0);
}

/* Equal questions at once: of those that come while one is asked, one asks for all. */
static void test_coalesced(void)
{
    const char *name = "wfmetrics_coalesced_requests_total{cluster=\"cluster-a\"}";
    double before = value(HOST_A, name);
    PGconn *lock = db_open(DB_A);
    int fds[8];
    const char *request =
        "GET " API_BASE "/configs/1 HTTP/1.1\r\nHost: " HOST_A "\r\nConnection: close\r\n\r\n";

    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_configs IN ACCESS EXCLUSIVE MODE");
    for (size_t i = 0; i < (fixture_threaded() ? countof(fds) : 2); i++)
        fds[i] = http_raw_open(request, strlen(request));
    expect_value(HOST_A, "wfmetrics_requests_in_flight{cluster=\"cluster-a\"}",
                 fixture_threaded() ? countof(fds) + 1 : 3);
    usleep(300000); /* from there to the question it is not far */
    db_close(lock);
    for (size_t i = 0; i < (fixture_threaded() ? countof(fds) : 2); i++)
        http_raw_rest(fds[i]);
    if (fixture_threaded()) /* the first asks, after a moment the second, and perhaps another one */
        expect(value(HOST_A, name) > before, "none of eight equal questions was coalesced");
    else
        expect(value(HOST_A, name) == before, "a process of one thread waited for itself");
}

static void test_unreachable(void)
{
    const char *busy = "wfmetrics_errors_total{cluster=\"cluster-nowhere\",kind=\"unavailable\"}";
    double before = value(HOST_NOWHERE, busy);

    expect_status(http_send(&(http_request_t){.host = HOST_NOWHERE, .path = "/runs"}), 503);
    expect_value(HOST_NOWHERE, busy, before + 1);
    expect_lacks(scrape(HOST_NOWHERE)->body, "\nwfmetrics_summaries_in_use{");
}

static void test_summaries(void)
{
    const char *text;

    http_get("/health"); /* asks */
    text = scrape(HOST_A)->body;
    expect_contains(text, "\nwfmetrics_summaries_in_use{cluster=\"cluster-a\"} 1\n");
    expect(value_in(text, "wfmetrics_summaries_unclean{cluster=\"cluster-a\"}") >= 0, "no days: %s",
           text);
    http_send(&(http_request_t){.host = HOST_ROWS, .path = "/health"});
}

/* mod_status says the same of the same cluster. */
static void test_as_mod_status(void)
{
    const char *text, *page;
    double n;

    http_send(&(http_request_t){.host = HOST_B, .path = "/configs?limit=1"});
    settle(HOST_B, "cluster-b");
    text = scrape(HOST_B)->body;
    page = http_send(&(http_request_t){.base = "", .path = "/server-status?auto"})->body;
    n = value_in(text, REQUESTS("cluster-b", "GET", "/configs", "2xx"));
    expect(n > 0, "nothing was counted: %s", text);
    expect_contains(page, strf("\nWfmetricsRequests[cluster-b,GET+%%2fconfigs,2xx]: %.0f\n", n));
    n = value_in(text, "wfmetrics_exported_rows_total{cluster=\"cluster-b\"}");
    expect_contains(page, strf("\nWfmetricsRowsExported[cluster-b]: %.0f\n", n));
    expect_contains(page, "\nWfmetricsConnectionsInUse[cluster-b]: 0\n");
    page = http_send(&(http_request_t){.base = "", .path = "/server-status"})->body;
    expect_contains(page, "<tr><td>cluster-b</td><td>GET /configs</td><td>");
}

static void test_graceful(void)
{
    const char *name = REQUESTS("cluster-b", "GET", "/clusters", "2xx");
    apr_off_t mark;
    double before;

    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/clusters"}), 200);
    settle(HOST_B, "cluster-b");
    before = value(HOST_B, name);
    expect(before > 0, "nothing was counted: %g", before);
    mark = fixture_log_mark();
    expect(fixture_servers("httpd-graceful", "") == 0, "httpd did not restart");
    for (int i = 0; i < 100 && !strstr(fixture_log_since(mark), "resuming normal"); i++)
        usleep(100000 * fixture_patience());
    expect_value(HOST_B, name, before);
    expect_status(http_send(&(http_request_t){.host = HOST_B, .path = "/clusters"}), 200);
    expect_value(HOST_B, name, before + 1);
}

SUITE(prometheus) = {
    {"two forms, by Accept", test_forms},
    {"HEAD, OPTIONS, preconditions, no line in the log", test_http},
    {"of the clusters that this host may serve", test_clusters},
    {"requests by route and class", test_requests},
    {"durations, and connections", test_durations},
    {"histograms add up", test_histograms_add_up},
    {"exports", test_exports},
    {"coalesced requests", test_coalesced},
    {"a database that is not there", test_unreachable},
    {"the state of the summaries", test_summaries},
    {"mod_status says the same", test_as_mod_status},
    {"a graceful restart counts on", test_graceful},
    CU_TEST_INFO_NULL,
};
