/*
 * test_cross_site.c - a page of another origin cannot write with its visitor's cookie, and nobody
 * else notices.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define REFUSED "requests from pages of another origin may not change anything here"

#define OWN    "Origin: http://" HOST_A
#define EVIL   "Origin: https://evil.example"
#define FRIEND "Origin: https://lens.example.com"
#define CROSS  "Sec-Fetch-Site: cross-site"

/* Every row that writes; the ones without a body need no preflight. */
static const http_request_t writes[] = {
    {.method = "POST", .path = "/runs/999999999/retry"},
    {.method = "POST", .path = "/configs/999999999/runs/batch-retry"},
    {.method = "POST", .path = "/schemas/999999999/activate"},
    {.method = "POST", .path = "/configs", .body = "{}"},
    {.method = "POST", .path = "/configs/999999999/schemas", .body = "{}"},
    {.method = "PUT", .path = "/configs/999999999", .body = "{}"},
    {.method = "PATCH", .path = "/configs/999999999", .body = "{}"},
    {.method = "DELETE", .path = "/configs/999999999"},
    {.method = "POST", .path = "/configs/999999999/results", .body = "a"},
};

static http_response_t *send_with(http_request_t rq, const char *host, const char *one,
                                  const char *two)
{
    rq.host = host;
    rq.headers[0] = JSON_TYPE;
    rq.headers[1] = one;
    rq.headers[2] = one ? two : NULL;
    return http_send(&rq);
}

static void test_every_write(void)
{
    for (size_t i = 0; i < countof(writes); i++) {
        expect_error(send_with(writes[i], HOST_A, EVIL, CROSS), 4030, REFUSED);
        expect_error(send_with(writes[i], HOST_A, EVIL, NULL), 4030, REFUSED);
        expect_error(send_with(writes[i], HOST_A, CROSS, NULL), 4030, REFUSED);
        expect_error(send_with(writes[i], HOST_A, "Sec-Fetch-Site: same-site", NULL), 4030,
                     REFUSED);
        expect_error(send_with(writes[i], HOST_A, "Origin: null", NULL), 4030, REFUSED);
    }
}

/* A form of another site, sent by a visitor who is logged in: the simplest attack there is. */
static void test_form(void)
{
    apr_int64_t run = seed_run(DB_A, seed_config(DB_A, "form"), "failed");
    const char *status = "SELECT status FROM github_workflow_runs WHERE id = $1";
    http_request_t form = {.method = "POST",
                           .path = strf("/runs/" ID "/retry", run),
                           .body = "x=1",
                           .headers = {"Content-Type: application/x-www-form-urlencoded", EVIL,
                                       CROSS, "Cookie: session=visitor"}};

    expect_error(http_send(&form), 4030, REFUSED);
    expect_str(db_text(DB_A, status, 1, strf(ID, run)), "failed");
    form.headers[1] = "Sec-Fetch-Mode: navigate"; /* without an Origin */
    expect_error(http_send(&form), 4030, REFUSED);
    expect_str(db_text(DB_A, status, 1, strf(ID, run)), "failed");
    form.headers[1] = OWN;
    form.headers[2] = "Sec-Fetch-Site: same-origin";
    expect_success(http_send(&form));
    expect_str(db_text(DB_A, status, 1, strf(ID, run)), "pending");
}

/* curl, axios in node, and pages of the host itself: not refused, so the 4xx is the write's own. */
static void test_others_go_on(void)
{
    static const char *const headers[][2] = {
        {NULL, NULL},
        {OWN, NULL},
        {OWN, "Sec-Fetch-Site: same-origin"},
        {"Sec-Fetch-Site: none", NULL},
        {"Origin: https://lens.example.com", "Sec-Fetch-Site: same-origin"}, /* a proxy's Host */
    };

    for (size_t i = 0; i < countof(writes); i++) {
        for (size_t h = 0; h < countof(headers); h++) {
            http_response_t *res = send_with(writes[i], HOST_A, headers[h][0], headers[h][1]);
            expect(res->status == 404 || res->status == 400, "%s with %s: %ld", res->what,
                   headers[h][0] ? headers[h][0] : "no header", res->status);
        }
    }
}

static void test_reads_go_on(void)
{
    apr_int64_t config = seed_config(DB_A, "read across");
    http_request_t query = {
        .method = "POST", .path = strf("/configs/" ID "/metrics/query", config), .body = "{}"};
    http_request_t get = {.path = "/runs?limit=1"};

    expect_success(send_with(query, HOST_A, EVIL, CROSS));
    expect_success(send_with(get, HOST_A, EVIL, CROSS));
}

/* A preflight learns what there is, and is not given leave. */
static void test_preflight(void)
{
    http_request_t preflight = {.method = "OPTIONS",
                                .path = "/configs/1",
                                .headers = {EVIL, CROSS, "Access-Control-Request-Method: PATCH",
                                            "Access-Control-Request-Headers: content-type"}};
    http_response_t *res = http_send(&preflight);

    expect_status(res, 200);
    expect_header(res, "Access-Control-Allow-Origin", NULL);
    expect_header(res, "Access-Control-Allow-Methods", NULL);
    expect_header(res, "Access-Control-Allow-Headers", NULL);
    expect_header(res, "Access-Control-Allow-Credentials", NULL);
}

/* WfmetricsAllowOrigin: friends.test has a list, and below it a location that allows all. */
static void test_allowed(void)
{
    http_request_t retry = writes[0];
    http_request_t open = {.base = "", .method = "POST", .path = "/open/runs/999999999/retry"};

    expect_error(send_with(retry, HOST_FRIENDS, FRIEND, CROSS), 4040, "run not found");
    expect_error(send_with(retry, HOST_FRIENDS, "Origin: HTTPS://Lens.example.com:443", NULL), 4040,
                 "run not found");
    expect_error(send_with(retry, HOST_FRIENDS, "Origin: http://localhost:3000", CROSS), 4040,
                 "run not found");
    expect_error(send_with(retry, HOST_FRIENDS, "Origin: http://lens.example.com", CROSS), 4030,
                 REFUSED);
    expect_error(send_with(retry, HOST_FRIENDS, "Origin: http://localhost:3001", CROSS), 4030,
                 REFUSED);
    expect_error(send_with(retry, HOST_FRIENDS, EVIL, CROSS), 4030, REFUSED);
    expect_error(send_with(retry, HOST_FRIENDS, CROSS, NULL), 4030, REFUSED);
    expect_error(send_with(open, HOST_FRIENDS, EVIL, CROSS), 4040, "run not found");
    expect_error(send_with(open, HOST_FRIENDS, "Origin: null", NULL), 4040, "run not found");
}

/* A frontend of another origin: the module's directive beside mod_headers' CORS. */
static void test_cors(void)
{
    http_request_t preflight = {.method = "OPTIONS", .path = "/configs/1"};
    http_response_t *res = send_with(preflight, HOST_FRIENDS, FRIEND, CROSS);

    expect_status(res, 200);
    expect_header(res, "Access-Control-Allow-Origin", "https://lens.example.com");
    expect_header(res, "Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
    res = send_with(writes[6], HOST_FRIENDS, FRIEND, CROSS);
    expect_error(res, 4040, "config not found");
    expect_header(res, "Access-Control-Allow-Origin", "https://lens.example.com");
    res = send_with(preflight, HOST_FRIENDS, EVIL, CROSS);
    expect_status(res, 200);
    expect_header(res, "Access-Control-Allow-Origin", NULL);
}

/* The host that is asked decides, whatever cluster the write is for; the log says what to do. */
static void test_cluster_and_log(void)
{
    apr_off_t mark = fixture_log_mark();
    http_request_t retry = {.method = "POST",
                            .path = "/runs/999999999/retry?cluster=cluster-friends"};

    expect_error(send_with(retry, HOST_ALL, FRIEND, CROSS), 4030, REFUSED);
    expect_contains(fixture_log_since(mark), "https://lens.example.com");
    expect_contains(fixture_log_since(mark), "WfmetricsAllowOrigin");
}

/* HTTP/2 has :authority in place of Host. */
static void test_http2(void)
{
    http_request_t retry = writes[0];

    retry.http2 = fixture_threaded();
    expect_error(send_with(retry, HOST_A, OWN, NULL), 4040, "run not found");
    expect_error(send_with(retry, HOST_A, EVIL, NULL), 4030, REFUSED);
}

SUITE(cross_site) = {
    {"every write is refused", test_every_write},
    {"a form of another site", test_form},
    {"other clients go on", test_others_go_on},
    {"reads go on", test_reads_go_on},
    {"a preflight is not given leave", test_preflight},
    {"allowed origins", test_allowed},
    {"a frontend of another origin", test_cors},
    {"the host that is asked decides", test_cluster_and_log},
    {"HTTP/2", test_http2},
    CU_TEST_INFO_NULL,
};
