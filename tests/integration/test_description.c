/*
 * test_description.c - GET /openapi.json and the tree's root. (What is described is what is
 * answered: described.c looks at every answer of every suite.)
 */
#include "../support/suite.h"
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

static void test_the_description(void)
{
    http_response_t *res = http_get("/openapi.json"), *again;
    json_object *paths;

    expect_status(res, 200);
    expect_header(res, "Content-Type", "application/json");
    expect_header(res, "Cache-Control", "no-cache");
    expect_text(res, "openapi", "3.1.0");
    expect_json(res, "servers", "[{\"url\":\".\"}]");
    CU_ASSERT_PTR_NOT_NULL_FATAL(res->json);
    CU_ASSERT_TRUE_FATAL(json_object_object_get_ex(res->json, "paths", &paths));
    CU_ASSERT(json_length(paths) > 20);
    expect(res->len < 200000, "%d bytes", (int)res->len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(http_header(res, "ETag"));
    again = http_send(&(http_request_t){
        .path = "/openapi.json", .headers = {strf("If-None-Match: %s", http_header(res, "ETag"))}});
    expect_status(again, 304);
    expect_int(again->len, 0);
    expect_header(again, "ETag", http_header(res, "ETag"));
    again = http_send(&(http_request_t){.method = "HEAD", .path = "/openapi.json"});
    expect_status(again, 200);
    expect_header(again, "ETag", http_header(res, "ETag"));
    again = http_send(&(http_request_t){.method = "OPTIONS", .path = "/openapi.json"});
    expect_header(again, "Allow", "GET, HEAD, OPTIONS");
    expect_error(http_json("POST", "/openapi.json", "{}"), 4050, "method not allowed");
}

static void test_the_root(void)
{
    http_response_t *res = http_get(""), *slash = http_get("/");

    expect_success(res);
    expect_keys(res, "data", "name,version,cluster,openapi");
    expect_text(res, "data.name", "mod_wfmetrics");
    expect_text(res, "data.cluster", "cluster-a");
    expect_text(res, "data.openapi", API_BASE "/openapi.json");
    expect_str(slash->body, res->body);
    expect_header(slash, "ETag", http_header(res, "ETag"));
    expect_status(
        http_send(&(http_request_t){
            .path = "/", .headers = {strf("If-None-Match: %s", http_header(res, "ETag"))}}),
        304);
    expect_error(http_json("DELETE", "", NULL), 4050, "method not allowed");
    expect_error(http_get("/?cluster=nobody"), 4040, "unknown cluster 'nobody'");
}

/* Which cluster it is for makes no difference, but it must be one. */
static void test_cluster(void)
{
    http_response_t *own = http_get("/openapi.json"),
                    *other = http_get("/openapi.json?cluster=cluster-b");

    expect_status(other, 200);
    expect_str(other->body, own->body);
    expect_text(http_get("/?cluster=cluster-b"), "data.cluster", "cluster-b");
    expect_error(http_get("/openapi.json?cluster=nobody"), 4040, "unknown cluster 'nobody'");
    expect_field(http_get("/openapi.json?cluster=a&cluster=b"), "cluster",
                 "must be given only once");
}

#define DATA "\"name\":\"n\",\"version\":\"v\",\"cluster\":\"c\""
#define OK   "{\"meta\":{\"code\":2000},\"data\":{" DATA ",\"openapi\":\"o\"}}"

/* Who looks at all answers must see what is wrong with one. */
static void test_faults_are_seen(void)
{
    static const struct {
        const char *method, *path, *json, *fault;
        long status;
    } cases[] = {
        {"GET", "/", OK, NULL, 200},
        {"GET", "/?cluster=x", OK, NULL, 200},
        {"GET", "/", "{\"meta\":{\"code\":2000},\"data\":{" DATA "}}", "it.data lacks openapi",
         200},
        {"GET", "/", "{\"meta\":{\"code\":2000},\"data\":{" DATA ",\"openapi\":\"o\",\"x\":1}}",
         "it.data.x is not described", 200},
        {"GET", "/", "{\"meta\":{\"code\":2000},\"data\":{" DATA ",\"openapi\":null}}",
         "it.data.openapi is null, not of type \"string\"", 200},
        {"GET", "/", "{\"meta\":{\"code\":1},\"data\":{" DATA ",\"openapi\":\"o\"}}",
         "it.meta.code is 1, none of [ 2000 ]", 200},
        {"GET", "/", "[]", "it is [ ], not of type \"object\"", 200},
        {"GET", "/", OK, "has a status that is not described", 201},
        {"GET", "/", OK, "it lacks message", 404},
        {"POST", "/", OK, "has a status that is not described", 200},
        {"GET", "/nope", OK, "has a status that is not described", 200},
    };
    http_response_t res = *http_get("/");

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        res.status = cases[i].status;
        res.json = json_literal(cases[i].json);
        expect_str(described_fault(cases[i].method, cases[i].path, &res), cases[i].fault);
    }
    res.status = 200;
    res.json = json_literal(OK);
    apr_table_unset(res.headers, "ETag");
    expect_str(described_fault("GET", "/", &res), "has no ETag");
    apr_table_set(res.headers, "Content-Type", "text/html; charset=utf-8");
    expect_str(described_fault("GET", "/", &res), "is text/html, which is not described");
}

SUITE(description) = {
    {"the description", test_the_description},
    {"the root", test_the_root},
    {"cluster", test_cluster},
    {"faults are seen", test_faults_are_seen},
    CU_TEST_INFO_NULL,
};
