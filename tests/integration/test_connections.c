/*
 * test_connections.c - the next request on a connection, whatever was wrong with the one before;
 * and requests of odd form.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "routes.h"
#include <string.h>
#include <sys/socket.h>

#define HOST_LINE "Host: a.test\r\n"
#define CLOSING   HOST_LINE "Connection: close\r\n"
#define NEXT      "GET " API_BASE "/runs?limit=1 HTTP/1.1\r\n" CLOSING "\r\n"
#define GZIP      "Content-Encoding: gzip"

static const char *with_body(const char *method, const char *path, const char *headers,
                             const char *body)
{
    return strf("%s " API_BASE "%s HTTP/1.1\r\n" HOST_LINE "%sContent-Length: %d\r\n\r\n%s", method,
                path, headers, (int)strlen(body), body);
}

static const char *chunked(const char *method, const char *path, const char *headers,
                           const char *body)
{
    return strf("%s " API_BASE "%s HTTP/1.1\r\n" HOST_LINE "%sTransfer-Encoding: chunked\r\n\r\n"
                "%x\r\n%s\r\n0\r\n\r\n",
                method, path, headers, (unsigned)strlen(body), body);
}

/* The answer to a request, and that the one right behind it is answered, too, and is the last. */
static void expect_then_next(const char *request, const char *status)
{
    const char *both = strf("%s" NEXT, request), *got = http_raw(both, strlen(both));
    const char *second = *got ? strstr(got + 1, "HTTP/1.1 ") : NULL;

    expect_contains(got, strf("HTTP/1.1 %s ", status));
    if (!expect(second != NULL, "nothing behind the answer to\n%s\n%s", request, got))
        return;
    expect_contains(second, "HTTP/1.1 200 OK\r\n");
    expect_contains(second, "{\"meta\":{\"code\":2000},\"data\":{\"runs\":");
    expect(!strstr(second + 1, "HTTP/1.1 "), "a third answer: %s", second);
}

/* A body that nobody reads, or only begins to, is no request. */
static void test_next_request(void)
{
    objects_t o = seed_objects("next request");
    const char *config = strf("/configs/" ID, o.config);
    const char *batch = strf("/configs/" ID "/runs/batch-retry", o.config);
    const char *smuggled = with_body("PATCH", config, JSON_TYPE "\r\n", "{\"name\":\"smuggled\"}");
    static const char *const json = JSON_TYPE "\r\n";
    const char *coded = strf("%s" GZIP "\r\n", json),
               *unmatched = strf("%sIf-Match: \"x\"\r\n", json);

    expect_then_next(with_body("POST", batch, "", smuggled), "200");
    expect_then_next(chunked("POST", batch, coded, smuggled), "200");
    expect_then_next(with_body("POST", batch, unmatched, smuggled), "412");
    expect_then_next(with_body("PATCH", config, coded, smuggled), "415");
    expect_then_next(chunked("PATCH", config, coded, smuggled), "415");
    expect_then_next(with_body("PATCH", config, "Content-Type: text/plain\r\n", smuggled), "415");
    expect_then_next(with_body("PATCH", config, unmatched, "{}"), "412");
    expect_then_next(chunked("PATCH", config, unmatched, "{\"name\":\"x\"}"), "412");
    expect_then_next(with_body("DELETE", config, unmatched, smuggled), "412");
    expect_then_next(with_body("GET", config, "If-Match: \"x\"\r\n", smuggled), "412");
    expect_then_next(with_body("GET", config, "If-None-Match: *\r\n", smuggled), "304");
    expect_then_next(with_body("HEAD", config, "", smuggled), "200");
    expect_then_next(with_body("PATCH", "/configs/999999999", json, "{}"), "404");
    expect_then_next(with_body("PATCH", "/nope", json, smuggled), "404");
    expect_then_next(with_body("PUT", batch, json, smuggled), "405");
    expect_then_next(with_body("OPTIONS", config, json, smuggled), "200");
    expect_then_next(with_body("GET", strf("%s/export", config), "", smuggled), "200");
    expect_then_next(with_body("HEAD", strf("%s/export", config), "", smuggled), "200");
    expect_int(
        db_int(DB_A, "SELECT count(*) FROM github_workflow_configs WHERE name = 'smuggled'", 0), 0);
}

/* httpd ends the connection after a 400, whosoever it is, says so, and takes nothing more. */
static void expect_last(const char *request)
{
    const char *both = strf("%s" NEXT, request), *got = http_raw(both, strlen(both));

    expect_contains(got, "HTTP/1.1 400 Bad Request\r\n");
    expect(strstr(got, "\r\nConnection: close\r\n") ||
               strstr(got, "\r\nConnection: Upgrade, close\r\n"), /* mod_http2 offers itself */
           "%s", got);
    expect(!strstr(got + 1, "HTTP/1.1 "), "a second answer: %s", got);
}

static void test_last_request(void)
{
    objects_t o = seed_objects("last request");
    const char *config = strf("/configs/" ID, o.config);
    const char *smuggled = with_body("PATCH", config, JSON_TYPE "\r\n", "{\"name\":\"smuggled\"}");

    expect_last("GET " API_BASE "/runs?limit=x HTTP/1.1\r\n" HOST_LINE "\r\n");
    expect_last("HEAD " API_BASE "/runs?limit=x HTTP/1.1\r\n" HOST_LINE "\r\n");
    expect_last("GET " API_BASE "/runs HTTP/1.1\r\n" HOST_LINE "No colon\r\n\r\n");
    expect_last(with_body("PATCH", config, JSON_TYPE "\r\n", "{\"name\":1}"));
    expect_last(chunked("PATCH", config, JSON_TYPE "\r\n", "{\"name\":}"));
    expect_last(with_body("POST", "/runs/0/retry", "", smuggled));
    expect_last(chunked("POST", "/runs/0/retry", "", smuggled));
    expect_last(with_body("GET", "/runs?limit=x", "", smuggled));
    expect_int(
        db_int(DB_A, "SELECT count(*) FROM github_workflow_configs WHERE name = 'smuggled'", 0), 0);
}

/* No version, no header. */
static void test_http09(void)
{
    const char *request = "GET " API_BASE "/runs?limit=x\r\n",
               *got = http_raw(request, strlen(request));

    expect_contains(got, "{\"meta\":{\"code\":");
    expect_lacks(got, "HTTP/1.1");
}

/* After a body whose end is not known nothing more is answered, whatever has been answered. */
static void test_unknown_end(void)
{
    objects_t o = seed_objects("unknown end");
    const char *got, *request;

    request = strf("POST " API_BASE "/configs/" ID "/runs/batch-retry HTTP/1.1\r\n" HOST_LINE
                   "Transfer-Encoding: chunked\r\n\r\nno number\r\n" NEXT,
                   o.config);
    got = http_raw(request, strlen(request));
    expect_contains(got, "HTTP/1.1 200 OK\r\n");
    expect(!strstr(got + 1, "HTTP/1.1 "), "a second answer: %s", got);
    request = strf("PATCH " API_BASE "/configs/" ID " HTTP/1.1\r\n" HOST_LINE JSON_TYPE
                   "\r\nContent-Length: 40\r\n\r\n{\"name\":\"short\"}",
                   o.config);
    int fd = http_raw_open(request, strlen(request));
    shutdown(fd, SHUT_WR);
    got = http_raw_rest(fd);
    expect_lacks(got, " 200 OK");
    expect_str(db_text(DB_A, "SELECT name FROM github_workflow_configs WHERE id = $1", 1,
                       strf(ID, o.config)),
               "unknown end");
}

/* mod_reqtimeout's limit, a second on this host. */
static void test_slow_body(void)
{
    const char *request = strf("PATCH " API_BASE "/configs/" ID " HTTP/1.1\r\nHost: " HOST_CROWDED
                               "\r\n" JSON_TYPE "\r\nContent-Length: 40\r\n\r\n{",
                               seed_config(DB_A, "slow body"));
    const char *got = http_raw(request, strlen(request));

    expect_contains(got, "HTTP/1.1 408 Request Timeout\r\n");
    expect_contains(got,
                    "{\"meta\":{\"code\":4080,\"message\":\"the body did not arrive in time\"}");
}

/* Asked for its body only where there is use for it. */
static void test_continue(void)
{
    objects_t o = seed_objects("continue");
    const char *expecting = strf("PATCH " API_BASE "/configs/" ID " HTTP/1.1\r\n" CLOSING JSON_TYPE
                                 "\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
                                 o.config);
    const char *got = http_raw(expecting, strlen(expecting));

    expect_contains(got, "HTTP/1.1 100 Continue\r\n");
    expect_contains(got, "HTTP/1.1 200 OK\r\n");
    expecting =
        strf("PATCH " API_BASE "/configs/" ID " HTTP/1.1\r\n" CLOSING
             "Content-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
             o.config);
    got = http_raw(expecting, strlen(expecting));
    expect_lacks(got, "100 Continue");
    expect_contains(got, "HTTP/1.1 415 ");
}

/* ---- requests of odd form ---- */

static const struct {
    const char *line, *status, *body;
} odd[] = {
    {"TRACE " API_BASE "/runs HTTP/1.1", "405", "\"code\":4050"},
    {"TRACE " API_BASE "/nope HTTP/1.1", "404", "\"code\":4040"},
    {"PROPFIND " API_BASE "/runs HTTP/1.1", "405", "\"code\":4050"},
    {"get " API_BASE "/runs HTTP/1.1", "405", "\"code\":4050"},
    {"CONNECT " API_BASE "/runs HTTP/1.1", "400", "\"code\":4000"},
    {"GET /" API_BASE "/runs?limit=1 HTTP/1.1", "200", "\"runs\":["},
    {"GET " API_BASE "//runs?limit=1 HTTP/1.1", "200", "\"runs\":["},
    {"GET //v1/../v1/github-workflow-metrics/runs?limit=1 HTTP/1.1", "200", "\"runs\":["},
    {"GET " API_BASE "/./runs?limit=1 HTTP/1.1", "200", "\"runs\":["},
    {"GET " API_BASE "/%2e%2e/github-workflow-metrics/runs?limit=1 HTTP/1.1", "200", "\"runs\":["},
    {"GET " API_BASE "/runs/ HTTP/1.1", "404", "\"code\":4040"},
    {"GET " API_BASE "/configs/1%00 HTTP/1.1", "400", "\"code\":4000"},
    {"GET " API_BASE "/ru%00ns HTTP/1.1", "404", "\"code\":4040"},
    {"GET " API_BASE "/configs/1;a=b HTTP/1.1", "400", "\"code\":4000"},
    {"GET " API_BASE "/runs;a=b HTTP/1.1", "404", "\"code\":4040"},
    {"GET " API_BASE "/runs?limit=1#x HTTP/1.1", "400", "\"code\":4000"},
    {"GET " API_BASE "/runs ?limit=1 HTTP/1.1", "400", "\"code\":4000"},
    {"GET " API_BASE "/runs?x=\x01 HTTP/1.1", "400", "\"code\":4000"},
    {"GET " API_BASE "/runs FTP/1.1", "400", "\"code\":4000"},
    {"GET http://a.test" API_BASE "/runs?limit=1 HTTP/1.1", "200", "\"runs\":["},
    {"GET ftp://a.test" API_BASE "/runs?limit=1 HTTP/1.1", "400", "\"code\":4000"},
    {"GET " API_BASE "/runs?limit=1 HTTP/1.1\r\nExpect: x", "417", "\"code\":4170"},
    {"GET " API_BASE "/runs?limit=1 HTTP/1.1\r\nHost: b.test", "400", "\"code\":4000"},
    {"GET " API_BASE "/runs?limit=1 HTTP/1.1\r\nContent-Length: x", "400", "\"code\":4000"},
    {"PATCH " API_BASE "/configs/1 HTTP/1.1\r\nTransfer-Encoding: gzip", "400", "\"code\":4000"},
};

/* Where the module or httpd answers, in the API's tree it is in the API's form. */
static void test_odd_requests(void)
{
    for (size_t i = 0; i < countof(odd); i++) {
        const char *request = strf("%s\r\n" CLOSING "\r\n", odd[i].line);
        const char *got = http_raw(request, strlen(request));

        expect_contains(got, strf("HTTP/1.1 %s ", odd[i].status));
        expect_contains(got, odd[i].body);
        expect_contains(got, "\r\nContent-Type: application/json\r\n");
        expect_lacks(got, "<html");
    }
}

static void test_odd_allow(void)
{
    http_response_t *res = http_json("TRACE", "/runs", NULL);

    expect_error(res, 4050, "method not allowed");
    expect_header(res, "Allow", "GET, HEAD, OPTIONS");
    res = http_send(&(http_request_t){.method = "PATCH",
                                      .path = "/configs/1",
                                      .body = "x",
                                      .headers = {"Content-Type: text/plain"}});
    expect_status(res, 415);
    expect_header(res, "Accept-Patch", "application/json");
    res = http_send(&(http_request_t){.method = "PUT",
                                      .path = "/configs/1",
                                      .body = "x",
                                      .headers = {"Content-Type: text/plain"}});
    expect_status(res, 415);
    expect_header(res, "Accept-Patch", NULL);
}

SUITE(connections) = {
    {"the next request behind every answer", test_next_request},
    {"none behind a 400", test_last_request},
    {"HTTP/0.9", test_http09},
    {"a body without a known end", test_unknown_end},
    {"a body that does not arrive in time", test_slow_body},
    {"100 Continue", test_continue},
    {"requests of odd form", test_odd_requests},
    {"Allow and Accept-Patch", test_odd_allow},
    CU_TEST_INFO_NULL,
};
