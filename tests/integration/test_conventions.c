/*
 * test_conventions.c - what holds for every endpoint: envelope, methods, HEAD, OPTIONS, entity
 * tags, parameters, paths, access. Bodies have a file of their own.
 */
#include "../support/suite.h"
#include "db.h"
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include "routes.h"
#include <string.h>

#define IS_TIME "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"

static void test_envelope(void)
{
    http_response_t *res = http_get("/runs?limit=1");

    expect_success(res);
    expect_keys(res, "data", "runs,total,offset,limit,next_cursor");
    expect_str(http_header(res, "Content-Length"), strf("%" APR_SIZE_T_FMT, res->len));
    expect_header(res, "Transfer-Encoding", NULL);
    expect_header(res, "X-Deployment", "test");
}

static void test_unknown_paths(void)
{
    static const char *const paths[] = {"/nope",           "/openapi.json/",
                                        "/configs/1/nope", "/runs/1/retry/again",
                                        "/Runs",           "/configs/1/dimensions/Op/values/x"};

    for (size_t i = 0; i < countof(paths); i++) {
        expect_error(http_get(paths[i]), 4040, "no such endpoint");
        expect_error(http_json("PATCH", paths[i], "{}"), 4040, "no such endpoint");
    }
    expect_status(http_send(&(http_request_t){.method = "HEAD", .path = "/nope"}), 404);
    expect_error(http_json("OPTIONS", "/nope", NULL), 4040, "no such endpoint");
}

/* What httpd refuses before any module sees it has the form of the API's errors all the same. */
static void test_refused_by_httpd(void)
{
    static const char *const paths[] = {"/runs/%zz/retry", "/configs/%/export", "/runs%2"};

    for (size_t i = 0; i < countof(paths); i++) {
        http_response_t *res = http_get(paths[i]);
        expect_error(res, 4000, "bad request");
        expect_header(res, "Cache-Control", "no-cache");
    }
}

/* httpd gives up on such a request line before it knows the host: the default host's answer. */
static void test_long_request_line(void)
{
    char *query = apr_palloc(fixture_pool(), 9001);
    http_response_t *res;

    memset(query, 'x', 9000);
    query[9000] = '\0';
    res = http_get(strf("/runs?name=%s", query));
    expect_error(res, 4140, "request-uri too long");
    expect_header(res, "Cache-Control", "no-cache");
}

/* Paths that only look like the API's are httpd's own business. */
static void test_neighbouring_paths(void)
{
    http_response_t *res = http_get("s/runs");

    expect_status(res, 404);
    expect(res->json == NULL, "expected httpd's own page, got %s", res->body);
    res = http_send(&(http_request_t){.base = "", .path = "/elsewhere"});
    expect_status(res, 404);
    expect(res->json == NULL, "expected httpd's own page, got %s", res->body);
}

/* Every path of the API, of objects that need not be there. */
static const char *any_path(const char *template)
{
    return route_path(template, &(objects_t){1, 1, 1});
}

static void test_wrong_methods(void)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "BREW"};
    apr_array_header_t *templates = described_templates(NULL);

    expect(templates->nelts > 20, "only %d paths", templates->nelts);
    for (int i = 0; i < templates->nelts; i++) {
        const char *template = APR_ARRAY_IDX(templates, i, const char *);
        const char *allow = described_allow(template);

        for (size_t m = 0; m < countof(methods); m++) {
            if (strstr(allow, methods[m]))
                continue;
            http_response_t *res = http_json(methods[m], any_path(template), NULL);
            expect_error(res, 4050, "method not allowed");
            expect_header(res, "Allow", allow);
        }
    }
    http_response_t *res = http_send(&(http_request_t){.method = "HEAD", .path = "/runs/1/retry"});
    expect_status(res, 405);
    expect_header(res, "Allow", "OPTIONS, POST");
}

static void test_options(void)
{
    apr_array_header_t *templates = described_templates(NULL);

    for (int i = 0; i < templates->nelts; i++) {
        const char *template = APR_ARRAY_IDX(templates, i, const char *);
        const char *allow = described_allow(template);
        http_response_t *res = http_json("OPTIONS", any_path(template), NULL);

        expect_status(res, 200);
        expect_header(res, "Allow", allow);
        expect_header(res, "Accept-Patch", strstr(allow, "PATCH") ? "application/json" : NULL);
        expect_header(res, "Content-Length", "0");
        expect_int(res->len, 0);
    }
}

static void test_head(void)
{
    apr_int64_t config = seed_config(DB_A, "head");
    const char *paths[] = {strf("/runs?config_id=" ID, config),
                           strf("/configs/" ID "/schemas/active", config),
                           strf("/configs/" ID "/dimensions/Op/values", config),
                           strf("/configs/" ID "/export", config)};

    seed_run(DB_A, config, "pending");
    seed_schema(DB_A, config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    for (size_t i = 0; i < countof(paths); i++) {
        http_response_t *get = http_get(paths[i]);
        http_response_t *head = http_send(&(http_request_t){.method = "HEAD", .path = paths[i]});
        expect_status(get, 200);
        expect_status(head, 200);
        expect_int(head->len, 0);
        expect_header(head, "Content-Type", http_header(get, "Content-Type"));
        expect_header(head, "ETag", http_header(get, "ETag"));
        expect_header(head, "Cache-Control", http_header(get, "Cache-Control"));
        expect_header(head, "Content-Disposition", http_header(get, "Content-Disposition"));
    }
    expect_status(http_send(&(http_request_t){.method = "HEAD", .path = "/runs?limit=0"}), 400);
    expect_status(
        http_send(&(http_request_t){.method = "HEAD", .path = "/configs/999999999/export"}), 404);
}

static http_response_t *get_if_none_match(const char *path, const char *etag)
{
    return http_send(&(http_request_t){
        .path = path, .headers = {apr_pstrcat(fixture_pool(), "If-None-Match: ", etag, NULL)}});
}

static void check_etag(const char *path, const char *change)
{
    http_response_t *res = http_get(path);
    const char *etag = http_header(res, "ETag");

    expect_success(res);
    if (!expect(etag && *etag == '"', "%s: expected a strong ETag, got %s", path, etag))
        return;
    expect_header(http_get(path), "ETag", etag);
    const char *matching[] = {etag, "*", strf("W/%s", etag), strf("\"other\", %s", etag)};
    for (size_t i = 0; i < countof(matching); i++) {
        res = get_if_none_match(path, matching[i]);
        expect_status(res, 304);
        expect_int(res->len, 0);
        expect_header(res, "ETag", etag);
        expect_header(res, "Cache-Control", "no-cache");
    }
    expect_success(get_if_none_match(path, "\"other\""));
    res = http_send(&(http_request_t){
        .method = "HEAD", .path = path, .headers = {strf("If-None-Match: %s", etag)}});
    expect_status(res, 304);
    db_run(DB_A, change, 0);
    res = get_if_none_match(path, etag);
    expect_success(res);
    const char *changed = http_header(res, "ETag");
    expect(changed && strcmp(changed, etag), "%s: the ETag outlived a change", path);
}

static void test_etags(void)
{
    apr_int64_t config = seed_config(DB_A, "etags");

    seed_run(DB_A, config, "pending");
    seed_schema(DB_A, config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"GEMM\"}", "{}", NULL);
    check_etag(
        strf("/runs?config_id=" ID, config),
        strf("UPDATE github_workflow_runs SET status = 'failed' WHERE config_id = " ID, config));
    check_etag(
        strf("/configs/" ID "/schemas/active", config),
        strf("UPDATE github_workflow_metric_schemas SET name = 'x' WHERE config_id = " ID, config));
    check_etag(strf("/configs/" ID "/dimensions/Op/values", config),
               strf("UPDATE github_workflow_metrics SET dimensions = '{\"Op\":\"x\"}'"
                    " WHERE config_id = " ID,
                    config));
    expect_header(http_get(strf("/configs/" ID "/export", config)), "ETag", NULL);
}

static void test_deflate(void)
{
    apr_int64_t config = seed_config(DB_A, "deflate");
    const char *path = strf("/runs?config_id=" ID, config);

    for (int i = 0; i < 3; i++)
        seed_run(DB_A, config, "pending");
    http_response_t *plain = http_get(path);
    http_response_t *res =
        http_send(&(http_request_t){.path = path, .headers = {"Accept-Encoding: gzip"}});
    expect_status(res, 200);
    expect_header(res, "Content-Encoding", "gzip");
    expect(res->len > 20 && res->len < plain->len, "gzip made %d bytes of %d", (int)res->len,
           (int)plain->len);
    expect_contains(http_header(res, "Vary"), "Accept-Encoding");
    const char *tag = http_header(res, "ETag");
    expect_contains(tag, "-gzip\"");
    res = http_send(&(http_request_t){
        .path = path, .headers = {"Accept-Encoding: gzip", strf("If-None-Match: %s", tag)}});
    expect_status(res, 304);
    expect_int(res->len, 0);
    expect_header(res, "ETag", tag); /* what a cache looks its stored answer up by */
    expect_header(res, "Vary", "Accept-Encoding");
    res = get_if_none_match(path, http_header(plain, "ETag"));
    expect_status(res, 304);
    expect_header(res, "ETag", http_header(plain, "ETag"));
    expect_header(res, "Vary", "Accept-Encoding");
}

static void test_parameter_syntax(void)
{
    expect_field(http_get("/runs?limit=1&limit=2"), "limit", "must be given only once");
    expect_field(http_get("/runs?status=failed&status=failed"), "status",
                 "must be given only once");
    expect_success(http_get("/runs?_=1699999999&utm_source=x&_=2&%ff=%zz&LIMIT=x"));
    expect_success(http_get("/runs?&&limit=1&"));
    expect_success(http_get("/runs?%6Cimit=%31"));
    expect_json(http_get("/runs?%6Cimit=%31"), "data.limit", "1");
    expect_field(http_get("/runs?limit"), "limit", "must be an integer between 1 and 100");
    expect_field(http_get("/runs?limit="), "limit", "must be an integer between 1 and 100");
    expect_field(http_get("/runs?limit=%zz"), "limit",
                 "must be percent-encoded UTF-8 text without NUL");
    expect_field(http_get("/runs?limit=5%00"), "limit",
                 "must be percent-encoded UTF-8 text without NUL");
    expect_field(http_get("/runs?status=%ff"), "status",
                 "must be percent-encoded UTF-8 text without NUL");
}

static void test_all_faults_at_once(void)
{
    http_response_t *res =
        http_get("/runs?limit=0&offset=-1&status=x&config_id=0&start_date=today&end_date=now"
                 "&trigger_source=cron");

    /* of status and trigger_source only the database knows, which is asked when all else is right
     */
    expect_int(json_length_at(res, "errors"), 5);
    expect_field(res, "limit", "must be an integer between 1 and 100");
    expect_field(res, "offset", "must be an integer between 0 and 9223372036854775807");
    expect_field(res, "config_id", "must be a positive integer");
    expect_field(res, "start_date", IS_TIME);
    expect_field(res, "end_date", IS_TIME);
    expect_keys(res, "", "meta,message,errors");
    expect_header(res, "Cache-Control", "no-cache");
    res = http_get("/runs?status=x&trigger_source=cron");
    expect_int(json_length_at(res, "errors"), 2);
    res = http_json("PATCH", "/configs/x", "{\"enabled\":1,\"nam\":\"x\"}");
    expect_int(json_length_at(res, "errors"), 3);
    expect_field(res, "id", "must be a positive integer");
    expect_field(res, "enabled", "must be true or false");
    expect_field(res, "nam", "is not a known field");
}

/* Every endpoint with an id in its path says the same about a bad one. */
static void check_bad_id(const char *id, const char *message)
{
    expect_field(http_json("PATCH", strf("/configs/%s", id), "{}"), "id", message);
    expect_field(http_json("POST", strf("/runs/%s/retry", id), NULL), "id", message);
    expect_field(http_get(strf("/configs/%s/schemas/active", id)), "id", message);
    expect_field(http_get(strf("/configs/%s/dimensions/Op/values", id)), "id", message);
    expect_field(http_get(strf("/configs/%s/export", id)), "id", message);
}

static void test_path_ids(void)
{
    static const char *const ids[] = {"0",    "-1",   "abc",
                                      "1.5",  "1e3",  "%201",
                                      "1%20", "+1",   "9223372036854775808",
                                      "1;",   "0x10", "99999999999999999999999",
                                      "01",   "00",   "0009223372036854775807"};

    expect_field(http_get("/configs/01"), "id", "must be a positive integer");
    expect_field(http_get("/runs/01/metrics"), "id", "must be a positive integer");
    expect_field(http_get("/runs?config_id=01"), "config_id", "must be a positive integer");
    for (size_t i = 0; i < countof(ids); i++)
        check_bad_id(ids[i], "must be a positive integer");
    check_bad_id("1%00", "must be percent-encoded UTF-8 text without NUL");
    check_bad_id("%ff", "must be percent-encoded UTF-8 text without NUL");
    expect_error(http_get("/configs/9223372036854775807/schemas/active"), 4040, "config not found");
}

/* Every wrong form of an instant, on a parameter that takes one. */
static void test_instants(void)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "yesterday",
                                      "infinity",
                                      "2025-01-31",
                                      "1738324800",
                                      "2025-01-31T12:00:00",
                                      "2025-01-31%2012:00:00Z",
                                      "2025-02-30T00:00:00Z",
                                      "2025-13-01T00:00:00Z",
                                      "2025-01-31T24:00:00Z",
                                      "2025-01-31T12:60:00Z",
                                      "2025-01-31T12:00:00.Z",
                                      "2025-01-31T12:00:00+0100",
                                      "2025-01-31T12:00:00+01:00",
                                      "2025-01-31T12:00:00%2B24:00",
                                      "2025-01-31T12:00:00Zx",
                                      "0000-01-01T00:00:00Z",
                                      "25-01-31T12:00:00Z"};
    static const char *const good[] = {"2025-01-31T12:00:00Z",
                                       "2025-01-31t12:00:00z",
                                       "2025-01-31T12:00:00.123456789Z",
                                       "2025-01-31T12:00:00%2B05:30",
                                       "2025-01-31T12:00:00-08:00",
                                       "2024-02-29T23:59:59Z",
                                       "2016-12-31T23:59:60Z",
                                       "0001-01-01T00:00:00Z",
                                       "9999-12-31T23:59:59Z"};

    for (size_t i = 0; i < countof(bad); i++)
        expect_field(http_get(strf("/runs?start_date=%s", bad[i])), "start_date", IS_TIME);
    for (size_t i = 0; i < countof(good); i++)
        expect_success(http_get(strf("/runs?start_date=%s", good[i])));
}

static void test_read_only_host(void)
{
    apr_int64_t config = seed_config(DB_A, "read only");
    apr_int64_t run = seed_run(DB_A, config, "failed");
    http_request_t rq = {.host = HOST_RO, .path = strf("/runs?config_id=" ID, config)};

    expect_success(http_send(&rq));
    rq = (http_request_t){
        .host = HOST_RO, .method = "POST", .path = strf("/runs/" ID "/retry", run)};
    expect_error(http_send(&rq), 4030, "this API is read-only here");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_runs WHERE id = $1"
                      " AND status = 'failed'",
                      1, strf(ID, run)),
               1);
    rq = (http_request_t){.host = HOST_RO,
                          .method = "PATCH",
                          .path = strf("/configs/" ID, config),
                          .body = "{\"name\":\"x\"}",
                          .headers = {JSON_TYPE}};
    expect_error(http_send(&rq), 4030, "this API is read-only here");
    expect_str(db_text(DB_A, "SELECT name FROM github_workflow_configs WHERE id = $1", 1,
                       strf(ID, config)),
               "read only");
    rq.path = "/configs/x?cluster=nobody"; /* access comes before the cluster and the inputs */
    expect_error(http_send(&rq), 4030, "this API is read-only here");
    rq.method = "POST";
    expect_error(http_send(&rq), 4050, "method not allowed");
    rq.path = "/nope";
    expect_error(http_send(&rq), 4040, "no such endpoint");
    rq = (http_request_t){.host = HOST_RO, .method = "OPTIONS", .path = "/configs/1"};
    expect_status(http_send(&rq), 200);
}

/* What httpd's own access control refuses has the form of the API's errors. */
static void test_access_control(void)
{
    http_request_t rq = {.host = HOST_CLOSED, .path = "/configs/1/schemas/active"};
    http_response_t *res = http_send(&rq);

    expect_error(res, 4010, "unauthorized");
    expect_header(res, "Cache-Control", "no-cache");
    expect_header(res, "WWW-Authenticate", "Basic realm=\"metrics\"");
    rq.path = "/runs";
    res = http_send(&rq);
    expect_error(res, 4030, "forbidden");
    expect_header(res, "Cache-Control", "no-cache");
    rq.path = "/runs/1/retry";
    rq.method = "POST";
    expect_error(http_send(&rq), 4030, "forbidden");
}

/* A protected location is not passed by another spelling of its path, rewritten or not. */
static void test_protected_paths(void)
{
    static const char *const bases[] = {API_BASE, "/lens" API_BASE};
    static const char *const denied[] = {"/configs/1/dimensions/Backend:Stage/values",
                                         "/configs/1/dimensions/batch%20size/values",
                                         "/configs/1/dimensions/Backend%3AStage/values",
                                         "/configs/1/dimensions/Backend%3aStage/values",
                                         "/configs/1/dimensions/%42ackend:Stage/values",
                                         "/%63onfigs/1/dimensions/Backend:Stage/values",
                                         "/configs/1/./dimensions/Backend%3AStage/values",
                                         "/configs/1/dimensions/batch%20siz%65/values",
                                         "/configs/1//dimensions/Backend:Stage/values",
                                         "/configs/1/x/../dimensions/batch%20size/values"};
    apr_int64_t config = seed_config(DB_A, "protected paths");
    http_request_t rq = {.host = HOST_PATHS};

    for (size_t b = 0; b < countof(bases); b++) {
        rq.base = bases[b];
        for (size_t i = 0; i < countof(denied); i++) {
            rq.path = denied[i];
            expect_error(http_send(&rq), 4030, "forbidden");
        }
        rq.path = strf("/configs/" ID "/dimensions/Backend%%3AStage/values", config);
        expect_text(http_send(&rq), "data.dimension", "Backend:Stage");
    }
}

/* A rule of mod_rewrite has its say before the module, which then has the decoded path alone. */
static void test_rewriting(void)
{
    apr_int64_t config = seed_config(DB_A, "rewriting");
    http_request_t rq = {.host = HOST_PATHS, .path = strf("/runs?config_id=" ID, config)};

    expect_json(http_send(&rq), "data.total", "0");
    rq.base = "/lens" API_BASE;
    expect_json(http_send(&rq), "data.total", "0");
    rq.path = "/runs?limit=0";
    expect_field(http_send(&rq), "limit", "must be an integer between 1 and 100");
    rq.path = "/nope";
    expect_error(http_send(&rq), 4040, "no such endpoint");
    rq.path = strf("/configs/" ID "/dimensions/a%%20b/values", config);
    expect_text(http_send(&rq), "data.dimension", "a b");
    rq.base = NULL;
    rq.path = strf("/configs/" ID "/dimensions/Backend%%2FStage/values", config);
    expect_text(http_send(&rq), "data.dimension", "Backend/Stage");
    rq.path = strf("/configs/" ID "/dimensions/100%%25/values", config);
    expect_text(http_send(&rq), "data.dimension", "100%");
}

/* What mod_mime reads out of a path's end says nothing about an answer. */
static void test_no_file_extensions(void)
{
    static const char *const bases[] = {API_BASE, "/lens" API_BASE};
    apr_int64_t config = seed_config(DB_A, "extensions");
    http_request_t rq = {.host = HOST_PATHS};
    http_response_t *res;

    for (size_t b = 0; b < countof(bases); b++) {
        rq.base = bases[b];
        rq.path = "/configs/1.gz";
        res = http_send(&rq);
        expect_field(res, "id", "must be a positive integer");
        expect_header(res, "Content-Encoding", NULL);
        rq.path = "/nope.de.gz";
        res = http_send(&rq);
        expect_error(res, 4040, "no such endpoint");
        expect_header(res, "Content-Encoding", NULL);
        expect_header(res, "Content-Language", NULL);
        rq.path = strf("/configs/" ID "/dimensions/x.gz/values", config);
        res = http_send(&rq);
        expect_success(res);
        expect_header(res, "Content-Encoding", NULL);
    }
}

static void test_base_path(void)
{
    apr_int64_t config = seed_config(DB_A, "base path");
    http_request_t rq = {
        .host = HOST_LENS, .base = "/lens" API_BASE, .path = strf("/runs?config_id=" ID, config)};

    expect_success(http_send(&rq));
    rq.path = strf("/configs/" ID "/dimensions/Backend%%2FStage/values", config);
    expect_text(http_send(&rq), "data.dimension", "Backend/Stage");
    rq.path = "/nope";
    expect_error(http_send(&rq), 4040, "no such endpoint");
    rq.base = NULL;
    rq.path = "/runs";
    expect_status(http_send(&rq), 404);
}

/* A person types the address by hand: HTTP/1.0, and a request line with an absolute URI. */
static void test_raw_requests(void)
{
    const char *old = "GET " API_BASE "/runs?limit=1 HTTP/1.0\r\nHost: a.test\r\n\r\n";
    const char *absolute = "GET http://a.test" API_BASE "/runs?limit=1 HTTP/1.1\r\nHost: a.test\r\n"
                           "Connection: close\r\n\r\n";
    const char *got = http_raw(old, strlen(old));

    expect_contains(got, " 200 OK\r\n");
    expect_contains(got, "{\"meta\":{\"code\":2000},\"data\":{\"runs\":[");
    expect_contains(http_raw(absolute, strlen(absolute)), " 200 OK\r\n");
}

static void test_http2(void)
{
    apr_int64_t config = seed_config(DB_A, "http2");
    http_request_t rq = {.http2 = 1, .path = strf("/runs?config_id=" ID, config)};

    expect_success(http_send(&rq));
    rq.method = "PATCH";
    rq.path = strf("/configs/" ID, config);
    rq.body = "{\"name\":\"over h2\"}";
    rq.headers[0] = JSON_TYPE;
    expect_text(http_send(&rq), "data.name", "over h2");
    rq = (http_request_t){.http2 = 1, .path = "/nope"};
    expect_error(http_send(&rq), 4040, "no such endpoint");
}

SUITE(conventions) = {
    {"an answer has the envelope, its length and its type", test_envelope},
    {"unknown paths are 404 in JSON", test_unknown_paths},
    {"what httpd itself refuses is JSON too", test_refused_by_httpd},
    {"a request line that is too long", test_long_request_line},
    {"paths beside the tree are httpd's", test_neighbouring_paths},
    {"another method is 405 with Allow", test_wrong_methods},
    {"OPTIONS tells Allow and Accept-Patch", test_options},
    {"HEAD answers as GET without a body", test_head},
    {"entity tags and 304", test_etags},
    {"deflate compresses, and its tag is understood", test_deflate},
    {"parameters twice, unknown, encoded, malformed", test_parameter_syntax},
    {"all faults are reported at once", test_all_faults_at_once},
    {"path ids must be positive integers", test_path_ids},
    {"instants are RFC 3339", test_instants},
    {"a read-only host refuses writes", test_read_only_host},
    {"httpd's access control answers in JSON", test_access_control},
    {"another spelling does not pass a protected location", test_protected_paths},
    {"mod_rewrite's rules hold", test_rewriting},
    {"no encoding is read out of a path", test_no_file_extensions},
    {"the tree moves with WfmetricsBasePath", test_base_path},
    {"HTTP/1.0 and absolute URIs", test_raw_requests},
    {"HTTP/2", test_http2},
    CU_TEST_INFO_NULL,
};
