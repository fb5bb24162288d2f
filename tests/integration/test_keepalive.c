/*
 * test_keepalive.c - which connections survive an answer of 400, and that nothing else is changed.
 */
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "suites.h"
#include <string.h>

#define HOST_LINE "Host: " HOST_KEEP "\r\n"
#define WRONG     API_BASE "/runs?limit=x"
#define NEXT      "GET " API_BASE "/runs?limit=1 HTTP/1.1\r\n" HOST_LINE "Connection: close\r\n\r\n"

static const char *request(const char *method, const char *path, const char *rest)
{
    return strf("%s %s HTTP/1.1\r\n" HOST_LINE "%s\r\n", method, path, rest);
}

static const char *with_body(const char *method, const char *path, const char *body)
{
    return strf("%s %s HTTP/1.1\r\n" HOST_LINE JSON_TYPE "\r\nContent-Length: %d\r\n\r\n%s", method,
                path, (int)strlen(body), body);
}

static const char *chunked(const char *method, const char *path, const char *body)
{
    return strf("%s %s HTTP/1.1\r\n" HOST_LINE JSON_TYPE
                "\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
                method, path, (unsigned)strlen(body), body);
}

/* What comes for a request with a good one right behind it: the two answers. */
typedef struct answers_t {
    const char *first, *second; /* NULL: none */
} answers_t;

static answers_t converse(const char *first)
{
    const char *both = strf("%s" NEXT, first), *got = http_raw(both, strlen(both));
    const char *second = *got ? strstr(got + 1, "HTTP/1.1 ") : NULL;

    return (answers_t){second ? strf("%.*s", (int)(second - got), got) : got, second};
}

/* mod_http2 offers itself in the same field. */
static int says_close(const char *answer)
{
    return strstr(answer, "\r\nConnection: close\r\n") ||
           strstr(answer, "\r\nConnection: Upgrade, close\r\n");
}

static void expect_kept(const char *first)
{
    answers_t got = converse(first);

    expect_contains(got.first, "HTTP/1.1 400 Bad Request\r\n");
    expect_contains(got.first, "X-Status: 400\r\n"); /* what mod_headers saw */
    expect(!says_close(got.first), "%s", got.first);
    if (expect(got.second != NULL, "nothing behind the answer to\n%s", first)) {
        expect_contains(got.second, "HTTP/1.1 200 OK\r\n");
        expect_contains(got.second, "\"code\":2000");
    }
}

static void expect_closed(const char *first)
{
    answers_t got = converse(first);

    expect_contains(got.first, "HTTP/1.1 400 Bad Request\r\n");
    expect(says_close(got.first), "%s", got.first);
    expect(!got.second, "%s\nis followed by\n%s", first, got.second);
}

static const char *config_path(const char *name)
{
    return strf(API_BASE "/configs/" ID, seed_config(DB_A, name));
}

static void test_kept(void)
{
    apr_int64_t run = seed_run(DB_A, seed_config(DB_A, "keepalive"), "completed");

    expect_kept(request("GET", WRONG, ""));
    expect_kept(request("GET", API_BASE "/configs/1/export?format=xml", ""));
    expect_kept(request("POST", strf(API_BASE "/runs/" ID "/retry", run), ""));
    expect_kept(request("POST", strf(API_BASE "/runs/" ID "/retry", run), "Content-Length: 0\r\n"));
}

static void test_read_bodies(void)
{
    const char *path = config_path("keepalive-body");

    expect_kept(with_body("PATCH", path, "{\"name\":}"));
    expect_kept(with_body("PATCH", path, "{\"name\":\" \"}"));
    expect_kept(chunked("PATCH", path, "{\"name\":1}"));
}

/* A body that nobody wants is no request. */
static void test_unread_bodies(void)
{
    const char *smuggled = with_body("PATCH", config_path("honest"), "{\"name\":\"smuggled\"}");

    expect_kept(with_body("POST", API_BASE "/runs/0/retry", smuggled));
    expect_kept(chunked("POST", API_BASE "/runs/0/retry", smuggled));
    expect_kept(with_body("GET", WRONG, smuggled));
    expect_closed(request("POST", API_BASE "/runs/0/retry",
                          "Content-Length: 300\r\nExpect: 100-continue\r\n"));
    expect_int(
        db_int(DB_A, "SELECT count(*) FROM github_workflow_configs WHERE name = 'smuggled'", 0), 0);
}

static void test_head(void)
{
    answers_t got = converse(request("HEAD", WRONG, ""));

    expect_contains(got.first, "HTTP/1.1 400 Bad Request\r\n");
    expect_lacks(got.first, "{");
    expect_contains(got.second ? got.second : "", "HTTP/1.1 200 OK\r\n");
}

/* What a filter makes of the body has a length of its own. */
static void test_deflated(void)
{
    const char *got = converse(request("GET", WRONG, "Accept-Encoding: gzip\r\n")).first;
    const char *header = strf("%.*s", (int)(strstr(got, "\r\n\r\n") - got), got);

    expect_contains(header, "HTTP/1.1 400 Bad Request\r\n");
    expect_contains(header, "Content-Encoding: gzip");
    expect(!says_close(header), "%s", header);
}

/* A filter behind the header that passes on an empty brigade first. */
static void test_late_filter(void)
{
    expect_contains(converse(request("GET", "/late/runs?limit=x", "")).first,
                    "HTTP/1.1 400 Bad Request\r\n");
}

static void test_http10(void)
{
    answers_t got = converse("GET " WRONG " HTTP/1.0\r\n" HOST_LINE "\r\n");

    expect_contains(got.first, "HTTP/1.1 400 Bad Request\r\n");
    expect(says_close(got.first), "%s", got.first);
    expect(!got.second, "followed by\n%s", got.second);
    got = converse("GET " WRONG " HTTP/1.0\r\n" HOST_LINE "Connection: keep-alive\r\n\r\n");
    expect_contains(got.first, "HTTP/1.1 400 Bad Request\r\n");
    expect_contains(got.first, "Keep-Alive: timeout=");
    expect_contains(got.second ? got.second : "", "HTTP/1.1 200 OK\r\n");
}

/* No version, no header. */
static void test_http09(void)
{
    const char *got = http_raw("GET " WRONG "\r\n", strlen("GET " WRONG "\r\n"));

    expect_contains(got, "{\"meta\":{\"code\":4000");
    expect_lacks(got, "HTTP/1.1");
}

/* Whoever wants the connection closed has it closed. */
static void test_closed(void)
{
    expect_closed(request("GET", WRONG, "Connection: close\r\n"));
    expect_closed(request("GET", WRONG "&header", ""));
    expect_closed(request("GET", WRONG "&nokeepalive", ""));
}

static int answered(const char *one, int n)
{
    const char *all = "", *got;
    int found = 0;

    for (int i = 0; i < n; i++)
        all = strf("%s%s", all, one);
    got = http_raw(all, strlen(all));
    for (; (got = strstr(got, "HTTP/1.1 4")); got++)
        found++;
    return found;
}

/* MaxKeepAliveRequests counts as ever. */
static void test_how_many(void)
{
    int other = answered(request("GET", API_BASE "/nope", ""), 8);

    expect(other > 1 && other < 8, "%d of 8 requests for what is not there are answered", other);
    expect_int(answered(request("GET", WRONG, ""), 8), other);
}

/* The end of a body that cannot be read is not known. */
static void test_unreadable_bodies(void)
{
    const char *path = config_path("keepalive-unreadable");
    const char *head = strf(
        "PATCH %s HTTP/1.1\r\n" HOST_LINE JSON_TYPE "\r\nTransfer-Encoding: chunked\r\n\r\n", path);

    expect_closed(strf("%sno number\r\n{}\r\n0\r\n\r\n", head));
    expect_closed(strf("%s2\r\n{}0\r\n\r\n", head));
}

/* httpd itself does not know what follows a request that it cannot read. */
static void test_httpds_own(void)
{
    const char *got = converse(request("GET", API_BASE "/runs", "No colon\r\n")).first;

    expect_contains(got, "HTTP/1.1 400 Bad Request\r\n");
    expect(says_close(got), "%s", got);
}

static void test_log(void)
{
    static const char *const paths[] = {WRONG "&logged", "/redirected/runs?limit=x"};
    const char *line;

    for (size_t i = 0; i < countof(paths); i++) {
        expect_kept(request("GET", paths[i], ""));
        fixture_shell(strf("grep -F '%s' %s/access.log", paths[i], fixture_dir()), &line);
        expect_contains(line, strf(HOST_KEEP " GET %s 400 ", paths[i]));
        expect_contains(line, " +\n"); /* %X */
    }
}

CU_TestInfo keepalive_tests[] = {
    {"a 400 keeps its connection", test_kept},
    {"behind a body that has been read", test_read_bodies},
    {"behind one that nobody wants", test_unread_bodies},
    {"not behind one that cannot be read", test_unreadable_bodies},
    {"HEAD", test_head},
    {"a compressed answer", test_deflated},
    {"a filter behind the header", test_late_filter},
    {"HTTP/1.0", test_http10},
    {"HTTP/0.9", test_http09},
    {"who wants it closed has it closed", test_closed},
    {"as many requests as after another error", test_how_many},
    {"httpd's own 400 does not", test_httpds_own},
    {"the log has the true status", test_log},
    CU_TEST_INFO_NULL,
};
