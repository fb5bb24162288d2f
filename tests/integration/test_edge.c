/*
 * test_edge.c - HTTP as written: what httpd and its modules would do by themselves to an answer of
 * 200 (ranges, dates, negotiation), what every read answers to HEAD and to conditions, the codings
 * and forms of bodies, and requests of odd form on connections that live on.
 */
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "suites.h"
#include <string.h>
#include <unistd.h>

#define HOST_LINE "Host: a.test\r\n"
#define CLOSING   HOST_LINE "Connection: close\r\n"
#define NEXT      "GET " API_BASE "/runs?limit=1 HTTP/1.1\r\n" CLOSING "\r\n"

/* ---- every read there is ---- */

typedef struct objects_t {
    apr_int64_t config, schema, run;
} objects_t;

static objects_t seed(const char *name)
{
    objects_t o = {.config = seed_config(DB_A, name)};

    o.schema = seed_schema(DB_A, o.config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    o.run = seed_run(DB_A, o.config, "failed");
    for (int i = 0; i < 9; i++)
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) VALUES ($1, $2, $3, now(), '{\"Op\": \"GEMM\"}',"
               " jsonb_build_object('throughput', $4::int))",
               4, strf(ID, o.config), strf(ID, o.run), strf(ID, o.schema), strf("%d", i));
    return o;
}

/* A template of the route table as a path of these objects. */
static const char *fill(const char *template, const objects_t *o)
{
    apr_int64_t id = !strncmp(template, "/runs", 5)      ? o->run
                     : !strncmp(template, "/schemas", 8) ? o->schema
                                                         : o->config;
    const char *path = "", *s = template;

    while (*s) {
        const char *slash = strchr(s + 1, '/');
        int len = slash ? (int)(slash - s) : (int)strlen(s);
        const char *segment = strf("%.*s", len, s);

        if (!strcmp(segment, "/:id"))
            segment = strf("/" ID, id);
        else if (segment[1] == ':')
            segment = "/Op";
        path = strf("%s%s", path, segment);
        s += len;
    }
    return strstr(path, "/values") && !strstr(path, "/Op/") ? strf("%s?dimension=Op", path) : path;
}

/* The templates of a method's rows in src/api/routes.c: array of const char *. */
static apr_array_header_t *rows_of(const char *method, int at_least)
{
    apr_array_header_t *templates = apr_array_make(fixture_pool(), 32, sizeof(const char *));
    const char *rows;
    char *state, *row;

    fixture_shell(strf("sed -n 's/^ *{WFM_%s, *\"\\([^\"]*\\)\".*/\\1/p' %s/src/api/routes.c",
                       method, fixture_root()),
                  &rows);
    for (row = apr_strtok(apr_pstrdup(fixture_pool(), rows), "\n", &state); row;
         row = apr_strtok(NULL, "\n", &state))
        APR_ARRAY_PUSH(templates, const char *) = row;
    expect(templates->nelts >= at_least, "only %d rows of %s in\n%s", templates->nelts, method,
           rows);
    return templates;
}

/* The paths of all GET rows: array of const char *. */
static apr_array_header_t *reads(const objects_t *o)
{
    apr_array_header_t *paths = rows_of("GET", 17);

    for (int i = 0; i < paths->nelts; i++)
        APR_ARRAY_IDX(paths, i, const char *) = fill(APR_ARRAY_IDX(paths, i, const char *), o);
    return paths;
}

static int is_untagged(const char *path)
{
    return strstr(path, "/export") || !strcmp(path, "/health");
}

/* Headers that belong to the moment, or to the connection. */
static int is_passing(const char *name)
{
    static const char *const names[] = {"Date", "Connection", "Keep-Alive", "Upgrade"};

    for (size_t i = 0; i < countof(names); i++)
        if (!strcasecmp(names[i], name))
            return 1;
    return 0;
}

static void expect_same_headers(const http_response_t *a, const http_response_t *b)
{
    const apr_array_header_t *fields = apr_table_elts(a->headers);

    for (int i = 0; i < fields->nelts; i++) {
        const apr_table_entry_t *f = &APR_ARRAY_IDX(fields, i, apr_table_entry_t);

        if (!is_passing(f->key))
            expect_header(b, f->key, f->val);
    }
}

/* HEAD has the headers of GET, all of them, compressed or not. */
static void test_head(void)
{
    static const char *const accepts[] = {"Accept-Encoding: identity", "Accept-Encoding: gzip"};
    objects_t o = seed("head of everything");
    apr_array_header_t *paths = reads(&o);

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
    objects_t o = seed("head of long answers");

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
    objects_t o = seed("tags of everything");
    apr_array_header_t *paths = reads(&o);

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
    objects_t o = seed("compressed tags");
    apr_array_header_t *paths = reads(&o);

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
        {"POST", "/configs/:id/schemas", "{\"name\":\"s\",\"fields\":[\"throughput\"]}"},
        {"POST", "/configs/:id/metrics/query", "{}"},
        {"POST", "/configs/:id/metrics/aggregate", "{\"metric_field\":\"throughput\"}"},
        {"POST", "/configs/:id/metrics/trends", "{\"metric_fields\":[\"throughput\"]}"},
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
    objects_t o = seed("no write for a tag");
    const char *before = db_fingerprint(DB_A);

    for (size_t m = 0; m < countof(methods); m++) {
        apr_array_header_t *templates = rows_of(methods[m], 1);

        for (int i = 0; i < templates->nelts; i++) {
            const char *template = APR_ARRAY_IDX(templates, i, const char *);

            for (size_t t = 0; t < countof(tags); t++)
                expect_error(http_send(&(http_request_t){.method = methods[m],
                                                         .path = fill(template, &o),
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
    objects_t o = seed("dates");
    apr_array_header_t *paths = reads(&o);

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
    expect_int(res->len, plain->len);
    expect_same_headers(plain, res);
}

static void test_ranges_of_reads(void)
{
    static const char *const hosts[] = {HOST_A, HOST_CROWDED};
    objects_t o = seed("ranges");
    apr_array_header_t *paths = reads(&o);

    for (int i = 0; i < paths->nelts; i++)
        for (size_t r = 0; r < countof(ranges); r++)
            for (int h2 = 0; h2 < 2; h2++) {
                http_request_t rq = {.path = APR_ARRAY_IDX(paths, i, const char *),
                                     .host = hosts[r % 2],
                                     .http2 = h2,
                                     .headers = {"Accept-Encoding: identity"}};

                expect_whole(rq, 200, ranges[r]);
                rq.headers[0] = "Accept-Encoding: gzip";
                expect_whole(rq, 200, ranges[r]);
            }
    expect_whole((http_request_t){.path = "/nope", .headers = {"X: y"}}, 404, ranges[0]);
    expect_whole((http_request_t){.path = "/runs?limit=0", .headers = {"X: y"}}, 400, ranges[0]);
    expect_header(http_get(strf("/configs/" ID "/export", o.config)), "Accept-Ranges", "none");
}

/* If-Range with the right tag is no more of a reason. */
static void test_if_range(void)
{
    objects_t o = seed("if-range");
    const char *path = strf("/configs/" ID, o.config);
    const char *tag = http_header(http_get(path), "ETag");

    expect_whole((http_request_t){.path = path, .headers = {strf("If-Range: %s", tag)}}, 200,
                 ranges[0]);
}

/* A write that has been made is answered as one. */
static void test_ranges_of_writes(void)
{
    objects_t o = seed("ranges of writes");
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
    objects_t o = seed("included");
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

/* ---- bodies ---- */

static http_response_t *patch(const char *host, const char *path, const char *body, apr_size_t len,
                              const char *type, const char *coding)
{
    return http_send(&(http_request_t){.method = "PATCH",
                                       .host = host,
                                       .path = path,
                                       .body = body,
                                       .body_len = len,
                                       .headers = {type, coding}});
}

/* What a shell command prints, which may hold NUL. */
static const char *bytes_of(const char *command, apr_size_t *len)
{
    const char *hex;
    char *bytes;

    fixture_shell(strf("{ %s; } | od -An -v -tx1 | tr -d ' \\n'", command), &hex);
    *len = strlen(hex) / 2;
    bytes = apr_palloc(fixture_pool(), *len + 1);
    for (apr_size_t i = 0; i < *len; i++)
        bytes[i] = (char)strtol(strf("%.2s", hex + 2 * i), NULL, 16);
    bytes[*len] = '\0';
    return bytes;
}

#define UNCODED  "the body must come without a content coding"
#define GZIP     "Content-Encoding: gzip"
#define INFLATES "the body inflates to too many times its size"

static void test_codings(void)
{
    static const char *const refused[] = {GZIP,
                                          "Content-Encoding: br",
                                          "Content-Encoding: deflate",
                                          "Content-Encoding: zstd",
                                          "Content-Encoding: x",
                                          "Content-Encoding: identity, gzip"};
    static const char *const plain[] = {"Content-Encoding: identity", "Content-Encoding: Identity",
                                        "Content-Encoding;", "Content-Encoding: identity, ,"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "codings"));
    apr_size_t len;
    const char *gz = bytes_of("printf '{\"name\":\"inflated\"}' | gzip -c", &len);

    for (size_t i = 0; i < countof(refused); i++) {
        http_response_t *res = patch(HOST_A, path, gz, len, JSON_TYPE, refused[i]);

        expect_error(res, 4150, UNCODED);
        expect_header(res, "Accept-Encoding", "identity");
        expect_error(patch(HOST_A, path, "{}", 2, JSON_TYPE, refused[i]), 4150, UNCODED);
    }
    for (size_t i = 0; i < countof(plain); i++)
        expect_success(patch(HOST_A, path, "{\"name\":\"plain\"}", 0, JSON_TYPE, plain[i]));
    expect_error(http_json("PATCH", path, NULL), 4000, "invalid JSON at byte 0");
}

static void test_inflated(void)
{
    static const char *const taken[] = {GZIP, "Content-Encoding: x-gzip",
                                        "Content-Encoding: identity, gzip",
                                        "Content-Encoding: gzip, identity"};
    static const char *const refused[] = {"Content-Encoding: br, gzip",
                                          "Content-Encoding: gzip, br",
                                          "Content-Encoding: gzip, gzip", "Content-Encoding: br"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "inflated"));
    apr_size_t len;
    const char *gz = bytes_of("printf '{\"name\":\"inflated\"}' | gzip -c", &len);

    for (size_t i = 0; i < countof(taken); i++)
        expect_text(patch(HOST_CROWDED, path, gz, len, JSON_TYPE, taken[i]), "data.name",
                    "inflated");
    for (size_t i = 0; i < countof(refused); i++)
        expect_error(patch(HOST_CROWDED, path, gz, len, JSON_TYPE, refused[i]), 4150, UNCODED);
    expect_error(patch(HOST_CROWDED, path, "no gzip", 0, JSON_TYPE, GZIP), 4000,
                 "the body could not be read");
    expect_error(patch(HOST_CROWDED, path, gz, len - 4, JSON_TYPE, GZIP), 4000,
                 "the body could not be read");
    expect_success(patch(HOST_CROWDED, path, "{}", 2, JSON_TYPE, NULL));
}

/* The bound is that of the bytes that come out. */
static void test_bombs(void)
{
    const char *path = strf("/configs/" ID, seed_config(DB_A, "bombs"));
    apr_size_t len;
    const char *zeros = bytes_of("head -c 20000000 /dev/zero | tr '\\0' ' ' | gzip -9c", &len);

    expect_error(patch(HOST_CROWDED, path, zeros, len, JSON_TYPE, GZIP), 4130, INFLATES);
    zeros = bytes_of("seq 1 300000 | gzip -9c", &len); /* 2 MB in 600 KB */
    expect_error(patch(HOST_CROWDED, path, zeros, len, JSON_TYPE, GZIP), 4130,
                 "the body is larger than 1048576 bytes");
}

static void test_marks(void)
{
    static const char *const good[] = {"\xef\xbb\xbf{\"name\":\"marked\"}",
                                       "\xef\xbb\xbf \n{\"name\":\"marked\"}"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "marks"));

    for (size_t i = 0; i < countof(good); i++)
        expect_text(http_json("PATCH", path, good[i]), "data.name", "marked");
    expect_error(http_json("PATCH", path, "\xef\xbb\xbf\xef\xbb\xbf{}"), 4000,
                 "invalid JSON at byte 3");
    expect_error(http_json("PATCH", path, "\xef\xbb\xbf"), 4000, "invalid JSON at byte 3");
    expect_error(http_json("PATCH", path, "\xef\xbb\xbf{\"name\":}"), 4000,
                 "invalid JSON at byte 11");
    expect_error(http_json("PATCH", path, " \xef\xbb\xbf{}"), 4000, "invalid JSON at byte 1");
    expect_error(http_json("PATCH", path, "{}\xef\xbb\xbf"), 4000, "invalid JSON at byte 2");
    expect_status(http_get(strf("/configs/" ID "/export?dimensions=%%EF%%BB%%BF%%7B%%7D",
                                seed_config(DB_A, "mark in a query"))),
                  400);
}

static void test_charsets(void)
{
    static const char *const refused[] = {"Content-Type: application/json; charset=iso-8859-1",
                                          "Content-Type: application/json; charset=utf-16",
                                          "Content-Type: application/json;charset=\"UTF-32\""};
    static const char *const taken[] = {"Content-Type: application/json; charset=\"UTF-8\"",
                                        "Content-Type: application/json;charset=us-ascii",
                                        "Content-Type: application/json; version=2"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "charsets"));
    static const char *const encodings[] = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE"};

    for (size_t i = 0; i < countof(refused); i++)
        expect_error(patch(HOST_A, path, "{}", 2, refused[i], NULL), 4150,
                     "the body must be in UTF-8");
    for (size_t i = 0; i < countof(taken); i++)
        expect_success(patch(HOST_A, path, "{}", 2, taken[i], NULL));
    for (size_t i = 0; i < countof(encodings); i++) {
        apr_size_t len;
        const char *body =
            bytes_of(strf("printf '{\"name\":\"wide\"}' | iconv -t %s", encodings[i]), &len);

        http_response_t *res = patch(HOST_A, path, body, len, JSON_TYPE, NULL);
        expect_status(res, 400);
        expect_contains(res->body, "\"message\":\"invalid JSON at byte ");
    }
}

/* A POST that takes no body takes any: of any type, coding, charset and size, chunked or not. */
static void test_no_body_taken(void)
{
    static const char *const headers[] = {"Content-Type: image/png", GZIP,
                                          "Content-Type: application/json; charset=utf-16",
                                          "Content-Encoding: br", NULL};
    objects_t o = seed("no body taken");

    for (size_t h = 0; h < countof(headers); h++)
        for (int chunked = 0; chunked < 2; chunked++) {
            apr_int64_t run = seed_run(DB_A, o.config, "failed");
            const char *paths[] = {strf("/runs/" ID "/retry", run),
                                   strf("/schemas/" ID "/activate", o.schema),
                                   strf("/configs/" ID "/runs/batch-retry", o.config)};

            for (size_t i = 0; i < countof(paths); i++) {
                http_request_t rq = {.method = "POST",
                                     .host = h % 2 ? HOST_CROWDED : HOST_A,
                                     .path = paths[i],
                                     .chunked = chunked,
                                     .body = "\x1f\x8b no {JSON",
                                     .headers = {headers[h]}};
                expect_success(http_send(&rq));
            }
        }
}

/* ---- connections ---- */

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
    objects_t o = seed("next request");
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

/* After a body whose end is not known nothing more is answered, whatever has been answered. */
static void test_unknown_end(void)
{
    objects_t o = seed("unknown end");
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
    objects_t o = seed("continue");
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

CU_TestInfo edge_tests[] = {
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
    {"content codings that nobody takes off", test_codings},
    {"a coding that a filter takes off", test_inflated},
    {"bodies that inflate", test_bombs},
    {"byte order marks", test_marks},
    {"charsets", test_charsets},
    {"a POST that takes no body takes any", test_no_body_taken},
    {"the next request behind every answer", test_next_request},
    {"a body without a known end", test_unknown_end},
    {"a body that does not arrive in time", test_slow_body},
    {"100 Continue", test_continue},
    {"requests of odd form", test_odd_requests},
    {"Allow and Accept-Patch", test_odd_allow},
    CU_TEST_INFO_NULL,
};
