/*
 * test_edge.c - HTTP as written, for every read of the route table: what HEAD and conditions make
 * of it, and what httpd and its modules would do to an answer of 200 by themselves.
 */
#include "../support/suite.h"
#include "db.h"
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include "routes.h"
#include <string.h>

/* ---- every read there is ---- */

static int is_untagged(const char *path)
{
    return strstr(path, "/export") || !strcmp(path, "/health") ||
           !strcmp(path, "/metrics/prometheus");
}

/* What is counted goes on while it is told: "GET /path", or the path. */
static int is_moving(const char *what)
{
    return strstr(what, "/metrics/prometheus") != NULL;
}

/* Headers that belong to the moment, or to the connection. */
static int is_passing(const char *name, int moving)
{
    static const char *const names[] = {"Date",    "Connection",     "Keep-Alive",
                                        "Upgrade", "Content-Length", "Transfer-Encoding"};

    for (size_t i = 0; i < countof(names) - (moving ? 0 : 2); i++)
        if (!strcasecmp(names[i], name))
            return 1;
    return 0;
}

static void expect_same_headers(const http_response_t *a, const http_response_t *b)
{
    int moving = is_moving(a->what);
    const apr_array_header_t *fields = apr_table_elts(a->headers);

    for (int i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *f = &APR_ARRAY_IDX(fields, i, apr_table_entry_t);

        if (!is_passing(f->key, moving))
            expect_header(b, f->key, f->val);
    }
}

/* HEAD has the headers of GET, all of them, compressed or not. */
static void test_head(void)
{
    static const char *const accepts[] = {"Accept-Encoding: identity", "Accept-Encoding: gzip"};
    objects_t o = seed_objects("head of everything");
    apr_array_header_t *paths = route_reads(&o);

    for (int i = 0; i < paths->nelts; i++) {
        for (size_t a = 0; a < countof(accepts); a++) {
            http_request_t rq = {.path = APR_ARRAY_IDX(paths, i, const char *),
                                 .headers = {accepts[a]}};
            http_response_t *get = http_send(&rq), *head;

            rq.method = "HEAD";
            head = http_send(&rq);
            expect_status(get, 200);
            expect_status(head, 200);
            expect_int(head->len, 0);
            expect_same_headers(get, head);
            expect_same_headers(head, get);
        }
    }
}

/* Of one that is longer than what is held back, HEAD makes no more than that. */
static void test_head_of_long_answers(void)
{
    static const char *const accepts[] = {"Accept-Encoding: identity", "Accept-Encoding: gzip"};
    static const char *const formats[] = {"csv", "json", "ndjson"};
    objects_t o = seed_objects("head of long answers");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1, now() - i * interval '1 s',"
           " jsonb_build_object('Op', i), jsonb_build_object('throughput', i)"
           " FROM generate_series(1, 9000) i",
           1, strf(ID, o.config));
    for (size_t i = 0; i < countof(formats) * countof(accepts); i++) {
        http_request_t rq = {.path =
                                 strf("/configs/" ID "/export?format=%s", o.config, formats[i / 2]),
                             .host = HOST_CROWDED,
                             .headers = {accepts[i % 2]}};
        http_response_t *get = http_send(&rq), *head;

        rq.method = "HEAD";
        head = http_send(&rq);
        expect_status(head, 200);
        expect_int(head->len, 0);
        expect_header(get, "Content-Length", NULL);
        apr_table_unset(get->headers, "Transfer-Encoding");
        expect_same_headers(get, head);
        expect_same_headers(head, get);
    }
}

/* Also of what is not there, and of what is wrong. */
static void test_head_of_errors(void)
{
    static const char *const paths[] = {"/configs/999999999", "/configs/999999999/export",
                                        "/runs?limit=0",      "/nope",
                                        "/runs/1/retry",      "/runs?cluster=nobody"};

    for (size_t i = 0; i < countof(paths); i++) {
        http_response_t *get = http_get(paths[i]);
        http_response_t *head = http_send(&(http_request_t){.method = "HEAD", .path = paths[i]});

        expect_int(head->status, get->status);
        expect_int(head->len, 0);
        expect_same_headers(get, head);
        expect_same_headers(head, get);
    }
}

static http_response_t *get_with(const char *path, const char *header)
{
    return http_send(&(http_request_t){.path = path, .headers = {header}});
}

static void check_tag(const char *path)
{
    http_response_t *res = http_get(path);
    const char *tag = http_header(res, "ETag");

    if (!expect(tag && *tag == '"', "%s: a strong tag is missing", path))
        return;
    expect_header(res, "Vary", "Accept-Encoding");
    res = get_with(path, strf("If-None-Match: %s", tag));
    expect_status(res, 304);
    expect_int(res->len, 0);
    expect_header(res, "ETag", tag);
    expect_header(res, "Vary", "Accept-Encoding");
    expect_header(res, "Cache-Control", "no-cache");
    res = http_send(&(http_request_t){
        .path = path, .headers = {"Accept-Encoding: gzip", strf("If-None-Match: %s", tag)}});
    expect_status(res, 304);
    expect_header(res, "Vary", "Accept-Encoding");
    expect_status(get_with(path, strf("If-Match: \"x\", %s", tag)), 200);
    expect_status(get_with(path, strf("If-Match: W/%s", tag)), 412);
}

static void test_tags(void)
{
    objects_t o = seed_objects("tags of everything");
    apr_array_header_t *paths = route_reads(&o);

    for (int i = 0; i < paths->nelts; i++) {
        const char *path = APR_ARRAY_IDX(paths, i, const char *);

        expect_error(get_with(path, "If-Match: \"other\""), 4120,
                     "none of the tags in If-Match is the current one");
        expect_status(get_with(path, "If-Match: *"), 200);
        if (!is_untagged(path)) {
            check_tag(path);
            continue;
        }
        expect_header(http_get(path), "ETag", NULL);
        expect_status(get_with(path, "If-None-Match: *"), 200);
        expect_status(get_with(path, "If-None-Match: \"other\""), 200);
    }
}

/* Whatever compresses: the tag that an answer had is known again, lets its holder write, and comes
 * back in the 304. */
static void test_compressed_tags(void)
{
    static const char *const codings[] = {"br", "gzip", "identity", "gzip, br"};
    objects_t o = seed_objects("compressed tags");
    apr_array_header_t *paths = route_reads(&o);

    for (int i = 0; i < paths->nelts; i++)
        for (size_t c = 0; c < countof(codings); c++) {
            http_request_t rq = {.host = HOST_CROWDED,
                                 .base = "/brotli",
                                 .path = APR_ARRAY_IDX(paths, i, const char *),
                                 .headers = {strf("Accept-Encoding: %s", codings[c])}};
            http_response_t *get = http_send(&rq), *res;
            const char *tag = http_header(get, "ETag");

            expect_status(get, 200);
            if (!tag)
                continue;
            rq.headers[1] = strf("If-None-Match: \"x\", %s", tag);
            res = http_send(&rq);
            expect_status(res, 304);
            expect_header(res, "ETag", tag);
            expect_header(res, "Vary", http_header(get, "Vary"));
            rq.headers[1] = strf("If-Match: %s", tag);
            expect_status(http_send(&rq), 200);
            rq.headers[0] = "Accept-Encoding: identity";
            rq.headers[1] = strf("If-None-Match: %s", tag);
            expect_header(http_send(&rq), "ETag", tag);
        }
}

/* A body that the endpoint takes; NULL: it takes none. A new endpoint that needs one has its line
 * here: else it answers 400, and fails the test. */
static const char *body_for(const char *method, const char *template)
{
    static const char *const bodies[][3] = {
        {"POST", "/configs",
         "{\"name\":\"n\",\"runner_set_namespace\":\"no\",\"runner_set_name\":\"one\","
         "\"github_owner\":\"o\",\"github_repo\":\"r\",\"file_patterns\":[]}"},
        {"PUT", "/configs/:id",
         "{\"name\":\"n\",\"runner_set_namespace\":\"no\",\"runner_set_name\":\"two\","
         "\"github_owner\":\"o\",\"github_repo\":\"r\",\"file_patterns\":[]}"},
        {"PATCH", "/configs/:id", "{\"name\":\"n\"}"},
        {"POST", "/configs/:id/backfill",
         "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-01-02T00:00:00Z\"}"},
        {"POST", "/configs/:id/changes/acknowledge",
         "{\"field\":\"throughput\",\"dimensions\":{},\"run_id\":1}"},
        {"POST", "/configs/:id/schemas", "{\"name\":\"s\",\"fields\":[\"throughput\"]}"},
        {"POST", "/configs/:id/schemas/preview", "{\"sample_files\":[{\"content\":\"a\"}]}"},
        {"PATCH", "/schemas/:id", "{\"fields\":[{\"name\":\"throughput\"}]}"},
        {"POST", "/configs/:id/metrics/query", "{}"},
        {"POST", "/configs/:id/metrics/aggregate", "{\"metric_field\":\"throughput\"}"},
        {"POST", "/configs/:id/metrics/trends", "{\"metric_fields\":[\"throughput\"]}"},
        {"POST", "/configs/:id/metrics/changes", "{\"metric_fields\":[\"throughput\"]}"},
        {"POST", "/repositories/:owner/:repo/metrics/trends",
         "{\"metric_fields\":[\"throughput\"]}"},
    };

    for (size_t i = 0; i < countof(bodies); i++)
        if (!strcmp(bodies[i][0], method) && !strcmp(bodies[i][1], template))
            return bodies[i][2];
    return NULL;
}

/* Whatever the method: for a tag that nothing has nothing is done. */
static void test_no_write_for_a_tag(void)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE"};
    static const char *const tags[] = {"If-Match: \"1-0000000000000000\"", "If-Match: \"x\"",
                                       "If-Match;"};
    objects_t o = seed_objects("no write for a tag");
    const char *before = db_fingerprint(DB_A);

    for (size_t m = 0; m < countof(methods); m++) {
        apr_array_header_t *templates = described_templates(methods[m]);

        for (int i = 0; i < templates->nelts; i++) {
            const char *template = APR_ARRAY_IDX(templates, i, const char *);

            for (size_t t = 0; t < countof(tags); t++)
                expect_error(http_send(&(http_request_t){.method = methods[m],
                                                         .path = route_path(template, &o),
                                                         .body = body_for(methods[m], template),
                                                         .headers = {JSON_TYPE, tags[t]}}),
                             4120, "none of the tags in If-Match is the current one");
        }
    }
    expect_str(db_fingerprint(DB_A), before);
}

/* There is no Last-Modified, so nothing can be older or younger. */
static void test_dates(void)
{
    static const char *const headers[] = {"If-Modified-Since: Fri, 31 Dec 2038 23:59:59 GMT",
                                          "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT",
                                          "If-Modified-Since: now"};
    objects_t o = seed_objects("dates");
    apr_array_header_t *paths = route_reads(&o);

    for (int i = 0; i < paths->nelts; i++)
        for (size_t h = 0; h < countof(headers); h++) {
            http_response_t *res = get_with(APR_ARRAY_IDX(paths, i, const char *), headers[h]);

            expect_status(res, 200);
            expect_header(res, "Last-Modified", NULL);
        }
    expect_success(http_send(&(http_request_t){.method = "PATCH",
                                               .path = strf("/configs/" ID, o.config),
                                               .body = "{\"name\":\"x\"}",
                                               .headers = {JSON_TYPE, headers[1]}}));
}

/* ---- ranges ---- */

static const char *const ranges[] = {"Range: bytes=0-4",        "Range: bytes=-5",
                                     "Range: bytes=900000000-", "Range: bytes=0-1,3-4,6-",
                                     "Range: bytes=x",          "Request-Range: bytes=0-4",
                                     "Range: rows=1-2"};

static void expect_whole(http_request_t rq, long status, const char *range)
{
    http_response_t *plain = http_send(&rq), *res;
    int n = 0;

    while (rq.headers[n])
        n++;
    rq.headers[n] = range;
    res = http_send(&rq);
    expect_status(plain, status);
    expect_status(res, status);
    expect_header(res, "Content-Range", NULL);
    if (!is_moving(rq.path))
        expect_int(res->len, plain->len);
    expect_same_headers(plain, res);
}

static void test_ranges_of_reads(void)
{
    static const char *const hosts[] = {HOST_A, HOST_CROWDED};
    objects_t o = seed_objects("ranges");
    apr_array_header_t *paths = route_reads(&o);

    for (int i = 0; i < paths->nelts; i++)
        for (size_t r = 0; r < countof(ranges); r++)
            for (int h2 = 0; h2 < 2; h2++) { /* each with one of the encodings, by turns */
                http_request_t rq = {.path = APR_ARRAY_IDX(paths, i, const char *),
                                     .host = hosts[r % 2],
                                     .http2 = h2,
                                     .headers = {(i + h2) % 2 ? "Accept-Encoding: gzip"
                                                              : "Accept-Encoding: identity"}};

                expect_whole(rq, 200, ranges[r]);
            }
    expect_whole((http_request_t){.path = "/nope", .headers = {"X: y"}}, 404, ranges[0]);
    expect_whole((http_request_t){.path = "/runs?limit=0", .headers = {"X: y"}}, 400, ranges[0]);
    expect_header(http_get(strf("/configs/" ID "/export", o.config)), "Accept-Ranges", "none");
}

/* If-Range with the right tag is no more of a reason. */
static void test_if_range(void)
{
    objects_t o = seed_objects("if-range");
    const char *path = strf("/configs/" ID, o.config);
    const char *tag = http_header(http_get(path), "ETag");

    expect_whole((http_request_t){.path = path, .headers = {strf("If-Range: %s", tag)}}, 200,
                 ranges[0]);
}

/* A write that has been made is answered as one. */
static void test_ranges_of_writes(void)
{
    objects_t o = seed_objects("ranges of writes");
    const char *config = strf("/configs/" ID, o.config);

    for (size_t r = 0; r < countof(ranges); r++) {
        apr_int64_t run = seed_run(DB_A, o.config, "failed");
        http_request_t rq = {.method = "PATCH",
                             .path = config,
                             .body = strf("{\"name\":\"range %d\"}", (int)r),
                             .headers = {JSON_TYPE, ranges[r]}};

        expect_text(http_send(&rq), "data.name", strf("range %d", (int)r));
        rq = (http_request_t){
            .method = "POST", .path = strf("/runs/" ID "/retry", run), .headers = {ranges[r]}};
        expect_success(http_send(&rq));
        rq.path = strf("/configs/" ID "/metrics/trends", o.config);
        rq.body = "{\"metric_fields\":[\"throughput\"]}";
        expect_success(http_send(&rq));
        rq = (http_request_t){.method = "OPTIONS", .path = config, .headers = {ranges[r]}};
        expect_status(http_send(&rq), 200);
    }
    expect_success(
        http_send(&(http_request_t){.method = "DELETE", .path = config, .headers = {ranges[2]}}));
}

/* What is httpd's stays httpd's. */
static void test_ranges_of_files(void)
{
    http_request_t rq = {
        .host = HOST_CROWDED, .base = "", .path = "/part.txt", .headers = {"Range: bytes=2-4"}};
    http_response_t *res;

    fixture_shell(strf("mkdir -p %s/htdocs && printf 0123456789 >%s/htdocs/part.txt", fixture_dir(),
                       fixture_dir()),
                  NULL);
    res = http_send(&rq);
    expect_status(res, 206);
    expect_str(res->body, "234");
}

/* An answer that a page includes is whole, and the page's range is the page's. */
static void test_included(void)
{
    objects_t o = seed_objects("included");
    http_request_t rq = {.host = HOST_CROWDED,
                         .base = "",
                         .path = "/included/page.shtml",
                         .headers = {"Range: bytes=0-4", "If-Match: *"}};
    http_response_t *res;

    fixture_shell(strf("mkdir -p %s/htdocs/included && printf '<b><!--#include virtual=\"" API_BASE
                       "/configs/" ID "\" --></b>' >%s/htdocs/included/page.shtml",
                       fixture_dir(), o.config, fixture_dir()),
                  NULL);
    res = http_send(&rq);
    expect(res->status == 200 || res->status == 206, "%ld", res->status);
    rq.headers[0] = NULL;
    res = http_send(&rq);
    expect_status(res, 200);
    expect_contains(res->body, "<b>{\"meta\":{\"code\":2000},\"data\":{\"id\":");
    expect_contains(res->body, "}}</b>");
}

/* Who asks httpd for an answer of the API's in place of an error's page gets its body, but no other
 * status than the error's; a condition of the client's is not about it. */
static void test_error_document(void)
{
    static const char *const conditions[] = {NULL, "If-None-Match: *", "If-Match: \"other\""};
    static const char *const methods[] = {"GET", "POST", "DELETE", "HEAD"};
    http_request_t rq = {.host = HOST_CROWDED, .base = "", .path = "/replaced"};
    http_response_t *res;

    for (size_t i = 0; i < countof(conditions); i++) {
        rq.headers[0] = conditions[i];
        res = http_send(&rq);
        expect_status(res, 403);
        expect_contains(res->body, "{\"meta\":{\"code\":2000},\"data\":{\"clusters\":[");
    }
    rq.headers[0] = NULL;
    for (size_t i = 0; i < countof(methods); i++) {
        rq.method = methods[i];
        expect_status(http_send(&rq), 403);
    }
    rq.method = NULL;
    rq.path = "/replaced/refused";
    res = http_send(&rq);
    expect_status(res, 403);
    expect_contains(res->body, "{\"code\":4000,");
}

SUITE(edge) = {
    {"HEAD has the headers of GET, on every path", test_head},
    {"of long answers", test_head_of_long_answers},
    {"and of errors", test_head_of_errors},
    {"every read has a tag, or none matches", test_tags},
    {"tags of compressed answers", test_compressed_tags},
    {"no write is made for a tag that nothing has", test_no_write_for_a_tag},
    {"dates say nothing", test_dates},
    {"ranges of reads", test_ranges_of_reads},
    {"If-Range", test_if_range},
    {"ranges of writes", test_ranges_of_writes},
    {"ranges of files stay httpd's", test_ranges_of_files},
    {"an answer that a page includes", test_included},
    {"an answer in place of an error's page", test_error_document},
    CU_TEST_INFO_NULL,
};
