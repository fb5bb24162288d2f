/*
 * test_bodies.c - request bodies: media type, size, nesting, JSON syntax.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define MAX_BODY 1048576

static const char *target(void)
{
    return strf("/configs/" ID, seed_config(DB_A, "bodies"));
}

static http_response_t *patch_as(const char *path, const char *type, const char *body)
{
    return http_send(
        &(http_request_t){.method = "PATCH", .path = path, .body = body, .headers = {type}});
}

static void test_media_types(void)
{
    static const char *const good[] = {NULL, "Content-Type: application/json",
                                       "Content-Type: APPLICATION/JSON",
                                       "Content-Type: application/json; charset=utf-8",
                                       "Content-Type: application/merge-patch+json"};
    static const char *const bad[] = {"Content-Type: text/plain",
                                      "Content-Type: application/x-www-form-urlencoded",
                                      "Content-Type: application/jsonx", "Content-Type: text/json",
                                      "Content-Type: application/xml"};
    const char *path = target();

    for (size_t i = 0; i < countof(good); i++)
        expect_success(patch_as(path, good[i], "{}"));
    for (size_t i = 0; i < countof(bad); i++)
        expect_error(patch_as(path, bad[i], "{}"), 4150,
                     "the body must be of media type application/json");
}

/* A valid body of exactly len bytes. */
static char *body_of(apr_size_t len)
{
    char *body = apr_palloc(fixture_pool(), len + 1);

    memset(body, ' ', len);
    memcpy(body, "{}", 2);
    body[len] = '\0';
    return body;
}

static void check_size(const char *host, const char *path, apr_size_t limit)
{
    http_request_t rq = {.method = "PATCH", .host = host, .path = path, .headers = {JSON_TYPE}};
    const char *too_large = strf("the body is larger than %d bytes", (int)limit);

    for (rq.chunked = 0; rq.chunked < 2; rq.chunked++) {
        rq.body = body_of(limit);
        expect_success(http_send(&rq));
        rq.body = body_of(limit + 1);
        expect_error(http_send(&rq), 4130, too_large);
        rq.body = body_of(limit * 3);
        expect_error(http_send(&rq), 4130, too_large);
    }
}

static void test_sizes(void)
{
    const char *path = target();

    check_size(HOST_A, path, MAX_BODY);
    check_size(HOST_TINY, path, 64);
}

/* A client that announces too much is told so before it sends anything. */
static void test_announced_size(void)
{
    const char *head = strf("PATCH " API_BASE "/configs/1 HTTP/1.1\r\nHost: a.test\r\n"
                            "Content-Type: application/json\r\nContent-Length: 99999999\r\n"
                            "Connection: close\r\n\r\n");
    const char *got = http_raw(head, strlen(head));

    expect_contains(got, " 413 ");
    expect_contains(got, "{\"meta\":{\"code\":4130,\"message\":\"the body is larger than"
                         " 1048576 bytes\"}");
}

/* {"x":[[...]]} with that many levels, the object counted. */
static const char *nested(int levels)
{
    char *body = apr_pcalloc(fixture_pool(), levels * 2 + 16);

    strcpy(body, "{\"x\":");
    memset(body + 5, '[', levels - 1);
    memset(body + 5 + levels - 1, ']', levels - 1);
    strcpy(body + 5 + 2 * (levels - 1), "}");
    return body;
}

static void test_nesting(void)
{
    const char *path = target();

    expect_field(http_json("PATCH", path, nested(32)), "x", "is not a known field");
    expect_error(http_json("PATCH", path, nested(33)), 4000,
                 "JSON is nested deeper than 32 levels");
    expect_error(http_json("PATCH", path, nested(20000)), 4000,
                 "JSON is nested deeper than 32 levels");
}

static void test_invalid_json(void)
{
    static const struct {
        const char *body;
        int at;
    } cases[] = {
        {"", 0},
        {"   ", 3},
        {"x", 0},
        {"{", 1},
        {"{\"a\"}", 4},
        {"{\"a\":}", 5},
        {"{\"a\":1,}", 7},
        {"{\"a\":1} x", 8},
        {"{\"a\":1}{}", 7},
        {"{'a':1}", 1},
        {"{a:1}", 1},
        {"{\"a\":NaN}", 5},
        {"{\"a\":Infinity}", 5},
        {"{\"a\":01}", 6},
        {"{\"a\":+1}", 5},
        {"{\"a\":1.}", 7},
        {"{\"a\":tru}", 8},
        {"{\"a\":\"\t\"}", 6},
        {"{\"a\":\"\\x\"}", 7},
        {"{\"a\":\"b", 7},
        {"{\"a\":1 /* c */}", 7},
        {"[1,]", 3},
    };
    const char *path = target();

    for (size_t i = 0; i < countof(cases); i++) {
        http_response_t *res = http_json("PATCH", path, cases[i].body);
        if (!expect_error(res, 4000, strf("invalid JSON at byte %d", cases[i].at)))
            expect(0, "... for the body %s", cases[i].body);
    }
    expect_error(http_json("PATCH", path, NULL), 4000, "invalid JSON at byte 0");
}

static void test_bad_text(void)
{
    static const char *const bodies[] = {"{\"name\":\"\xff\"}", "{\"name\":\"\xc3\"}",
                                         "{\"name\":\"\xed\xa0\x80\"}", "{\"name\":\"\\ud800\"}",
                                         "{\"name\":\"a\\u0000b\"}"};
    const char *path = target();
    http_request_t rq = {.method = "PATCH",
                         .path = path,
                         .body = "{\"name\":\"a\0b\"}",
                         .body_len = 14,
                         .headers = {JSON_TYPE}};

    for (size_t i = 0; i < countof(bodies); i++) {
        http_response_t *res = http_json("PATCH", path, bodies[i]);
        expect_status(res, 400);
        expect_contains(res->body, "\"message\":\"invalid JSON at byte ");
    }
    expect_error(http_send(&rq), 4000, "invalid JSON at byte 10");
}

static void test_not_an_object(void)
{
    static const char *const bodies[] = {"[]", "\"x\"", "1", "null", "true", "[{\"name\":\"x\"}]"};
    const char *path = target();

    for (size_t i = 0; i < countof(bodies); i++)
        expect_error(http_json("PATCH", path, bodies[i]), 4000, "the body must be a JSON object");
}

/* A request that takes no body accepts any, of any type, and the connection stays usable. */
static void test_unneeded_body(void)
{
    apr_int64_t config = seed_config(DB_A, "unneeded");
    static const char *const types[] = {NULL, JSON_TYPE, "Content-Type: text/plain"};

    for (size_t i = 0; i < 3; i++) {
        apr_int64_t run = seed_run(DB_A, config, "failed");
        http_request_t rq = {.method = "POST",
                             .path = strf("/runs/" ID "/retry", run),
                             .body = i == 1 ? "{}" : "no JSON at all",
                             .headers = {types[i]}};
        expect_success(http_send(&rq));
    }
}

/* After an error the rest of the body must not be taken for the next request. */
static void test_connection_after_error(void)
{
    const char *two = strf("PATCH " API_BASE "/configs/0 HTTP/1.1\r\nHost: a.test\r\n"
                           "Content-Type: text/plain\r\nContent-Length: 18\r\n\r\n"
                           "GET / HTTP/1.1\r\n\r\n"
                           "GET " API_BASE "/runs?limit=1 HTTP/1.1\r\nHost: a.test\r\n"
                           "Connection: close\r\n\r\n");
    const char *got = http_raw(two, strlen(two));
    const char *second = strstr(got + 1, "HTTP/1.1 ");

    expect_contains(got, "\"code\":4150");
    expect_contains(second, " 200 OK");
    expect_contains(second, "\"code\":2000");
    expect_lacks(got, "<html");
}

SUITE(bodies) = {
    {"media types", test_media_types},
    {"sizes, with Content-Length and chunked", test_sizes},
    {"an announced size that is too large", test_announced_size},
    {"nesting", test_nesting},
    {"invalid JSON and where", test_invalid_json},
    {"text that is not UTF-8, or holds NUL", test_bad_text},
    {"bodies that are no object", test_not_an_object},
    {"a body that nobody needs", test_unneeded_body},
    {"the connection after an error", test_connection_after_error},
    CU_TEST_INFO_NULL,
};
