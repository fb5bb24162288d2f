/*
 * test_frontend.c - what all endpoints of the web frontend have in common: envelope, HEAD, entity
 * tags, methods, ids, clusters, read-only hosts, media types. Each one's own answer is in the file
 * of its resource.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

/* %c: a config, %s: its schema, %r: its run. */
static const char *const gets[] = {
    "/configs?github_owner=frontend",
    "/configs/%c",
    "/configs/%c/runs",
    "/configs/%c/schemas",
    "/configs/%c/metrics",
    "/configs/%c/stats",
    "/configs/%c/summary",
    "/configs/%c/dimensions",
    "/configs/%c/dimensions?schema_id=1",
    "/configs/%c/fields",
    "/schemas/%s",
    "/runs/%r",
    "/runs/%r/metrics",
};

/* POSTs that only read. */
static const struct reading_t {
    const char *path, *body;
} readings[] = {
    {"/configs/%c/metrics/query", "{}"},
    {"/configs/%c/metrics/aggregate", "{\"metric_field\":\"v\"}"},
    {"/configs/%c/metrics/trends", "{\"metric_fields\":[\"v\"]}"},
};

static const struct writing_t {
    const char *method, *path, *body;
} writings[] = {
    {"POST", "/configs", "{}"},
    {"PUT", "/configs/%c", "{}"},
    {"PATCH", "/configs/%c", "{}"},
    {"DELETE", "/configs/%c", NULL},
    {"POST", "/configs/%c/runs/batch-retry", NULL},
    {"POST", "/configs/%c/schemas", "{}"},
    {"POST", "/schemas/%s/activate", NULL},
    {"POST", "/runs/%r/retry", NULL},
};

typedef struct ids_t {
    const char *config, *schema, *run;
} ids_t;

static const char *path_of(const char *template, const ids_t *ids)
{
    const char *path = "";

    for (; *template; template ++) {
        if (*template != '%') {
            path = strf("%s%c", path, *template);
            continue;
        }
        template ++;
        path = strf("%s%s", path,
                    *template == 'c'   ? ids->config
                    : *template == 's' ? ids->schema
                                       : ids->run);
    }
    return path;
}

static ids_t seed(const char *dbname)
{
    apr_int64_t config = seed_config(dbname, "frontend");
    ids_t ids = {strf(ID, config), strf(ID, seed_schema(dbname, config, 1, 1, "[]", "[\"v\"]")),
                 strf(ID, seed_run(dbname, config, "failed"))};

    db_run(dbname,
           "UPDATE github_workflow_configs SET cluster_name = '', github_owner = 'frontend'"
           " WHERE id = $1",
           1, ids.config);
    db_run(dbname, "UPDATE github_workflow_metrics SET run_id = $1 WHERE id = $2", 2, ids.run,
           strf(ID, seed_metric(dbname, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}",
                                "{\"v\":1}", NULL)));
    return ids;
}

static void test_envelope_and_head(void)
{
    ids_t ids = seed(DB_A);

    for (size_t i = 0; i < countof(gets); i++) {
        http_request_t rq = {.path = path_of(gets[i], &ids)};
        http_response_t *get = http_send(&rq);

        expect_success(get);
        expect_str(http_header(get, "Content-Length"), strf("%" APR_SIZE_T_FMT, get->len));
        rq.method = "HEAD";
        http_response_t *head = http_send(&rq);
        expect_status(head, 200);
        expect_int(head->len, 0);
        expect_header(head, "ETag", http_header(get, "ETag"));
        expect_header(head, "Content-Type", "application/json");
        rq = (http_request_t){.http2 = 1, .path = path_of(gets[i], &ids)};
        expect_str(http_send(&rq)->body, get->body);
    }
    for (size_t i = 0; i < countof(readings); i++) {
        http_response_t *res = http_json("POST", path_of(readings[i].path, &ids), readings[i].body);
        expect_success(res);
        expect_str(http_header(res, "Content-Length"), strf("%" APR_SIZE_T_FMT, res->len));
        expect_header(res, "ETag", NULL);
    }
}

static http_response_t *get_if_none_match(const char *path, const char *etag)
{
    return http_send(&(http_request_t){.path = path, .headers = {strf("If-None-Match: %s", etag)}});
}

static void test_etags(void)
{
    ids_t ids = seed(DB_A);
    const char *paths[countof(gets)], *etags[countof(gets)];

    for (size_t i = 0; i < countof(gets); i++) {
        paths[i] = path_of(gets[i], &ids);
        etags[i] = http_header(http_get(paths[i]), "ETag");
        if (!expect(etags[i] && *etags[i] == '"', "%s has no entity tag", paths[i]))
            return;
        http_response_t *res = get_if_none_match(paths[i], etags[i]);
        expect_status(res, 304);
        expect_int(res->len, 0);
        expect_header(res, "ETag", etags[i]);
        expect_success(get_if_none_match(paths[i], "\"other\""));
    }
    /* each answer shows something of this */
    db_run(DB_A, "UPDATE github_workflow_configs SET name = 'new' WHERE id = $1", 1, ids.config);
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET name = 'new', metric_fields = '[\"z\"]'"
           " WHERE id = $1",
           1, ids.schema);
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET metrics = '{\"w\":2}', dimensions ="
           " '{\"P\":1}' WHERE config_id = $1",
           1, ids.config);
    for (size_t i = 0; i < countof(gets); i++)
        expect_success(get_if_none_match(paths[i], etags[i]));
}

static void test_methods(void)
{
    static const struct {
        const char *path, *allow, *accept_patch;
    } paths[] = {
        {"/configs", "GET, HEAD, OPTIONS, POST", NULL},
        {"/configs/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", "application/json"},
        {"/configs/1/runs", "GET, HEAD, OPTIONS", NULL},
        {"/configs/1/runs/batch-retry", "OPTIONS, POST", NULL},
        {"/configs/1/schemas", "GET, HEAD, OPTIONS, POST", NULL},
        {"/configs/1/metrics", "GET, HEAD, OPTIONS", NULL},
        {"/configs/1/metrics/query", "OPTIONS, POST", NULL},
        {"/configs/1/metrics/aggregate", "OPTIONS, POST", NULL},
        {"/configs/1/metrics/trends", "OPTIONS, POST", NULL},
        {"/configs/1/stats", "GET, HEAD, OPTIONS", NULL},
        {"/configs/1/summary", "GET, HEAD, OPTIONS", NULL},
        {"/configs/1/dimensions", "GET, HEAD, OPTIONS", NULL},
        {"/configs/1/fields", "GET, HEAD, OPTIONS", NULL},
        {"/schemas/1", "GET, HEAD, OPTIONS, PATCH", "application/json"},
        {"/schemas/1/activate", "OPTIONS, POST", NULL},
        {"/runs/1", "GET, HEAD, OPTIONS", NULL},
        {"/runs/1/metrics", "GET, HEAD, OPTIONS", NULL},
    };
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; i < countof(paths); i++) {
        http_response_t *res = http_json("OPTIONS", paths[i].path, NULL);
        expect_status(res, 200);
        expect_header(res, "Allow", paths[i].allow);
        expect_header(res, "Accept-Patch", paths[i].accept_patch);
        for (size_t m = 0; m < countof(methods); m++) {
            if (strstr(paths[i].allow, methods[m]))
                continue;
            res = http_json(methods[m], paths[i].path, NULL);
            expect_error(res, 4050, "method not allowed");
            expect_header(res, "Allow", paths[i].allow);
        }
    }
}

static http_response_t *send_writing(const struct writing_t *w, const ids_t *ids, const char *host)
{
    http_request_t rq = {.host = host,
                         .method = w->method,
                         .path = path_of(w->path, ids),
                         .body = w->body,
                         .headers = {w->body ? JSON_TYPE : NULL}};

    return http_send(&rq);
}

static void test_wrong_ids(void)
{
    static const char *const bad[] = {"0", "-1", "x", "1.5", "9223372036854775808"};
    static const char *const message = "must be a positive integer";

    for (size_t b = 0; b < countof(bad); b++) {
        ids_t ids = {bad[b], bad[b], bad[b]};

        for (size_t i = 1; i < countof(gets); i++)
            expect_field(http_get(path_of(gets[i], &ids)), "id", message);
        for (size_t i = 0; i < countof(readings); i++)
            expect_field(http_json("POST", path_of(readings[i].path, &ids), readings[i].body), "id",
                         message);
        for (size_t i = 1; i < countof(writings); i++)
            expect_field(send_writing(&writings[i], &ids, HOST_A), "id", message);
    }
}

/* A read-only host refuses what changes data, and nothing else. */
static void test_read_only_host(void)
{
    ids_t ids = seed(DB_A);
    const char *before = db_fingerprint(DB_A);

    for (size_t i = 0; i < countof(writings); i++)
        expect_error(send_writing(&writings[i], &ids, HOST_RO), 4030, "this API is read-only here");
    expect_str(db_fingerprint(DB_A), before);
    for (size_t i = 0; i < countof(gets); i++) {
        http_request_t rq = {.host = HOST_RO, .path = path_of(gets[i], &ids)};
        expect_success(http_send(&rq));
    }
    for (size_t i = 0; i < countof(readings); i++) {
        http_request_t rq = {.host = HOST_RO,
                             .method = "POST",
                             .path = path_of(readings[i].path, &ids),
                             .body = readings[i].body,
                             .headers = {JSON_TYPE}};
        expect_success(http_send(&rq));
    }
}

/* ?cluster= reaches every endpoint: what is in the other database is found there alone. */
static void test_another_cluster(void)
{
    ids_t ids;

    /* ids that the first database does not have */
    db_run(DB_B,
           "SELECT setval(s, greatest(500000, nextval(s))) FROM (SELECT"
           " pg_get_serial_sequence(t, 'id')::regclass AS s FROM unnest(ARRAY["
           "'github_workflow_configs', 'github_workflow_runs',"
           " 'github_workflow_metric_schemas']) t) sequences",
           0);
    ids = seed(DB_B);
    for (size_t i = 1; i < countof(gets); i++) {
        const char *path = path_of(gets[i], &ids);
        expect_success(
            http_get(strf("%s%ccluster=cluster-b", path, strchr(path, '?') ? '&' : '?')));
        expect_status(http_get(path), 404);
        expect_error(http_get(strf("%s%ccluster=cluster-x", path, strchr(path, '?') ? '&' : '?')),
                     4040, "unknown cluster 'cluster-x'");
    }
    for (size_t i = 0; i < countof(readings); i++) {
        const char *path = path_of(readings[i].path, &ids);
        expect_success(http_json("POST", strf("%s?cluster=cluster-b", path), readings[i].body));
        expect_error(http_json("POST", path, readings[i].body), 4040, "config not found");
        expect_error(http_json("POST", strf("%s?cluster=cluster-ro", path), readings[i].body), 4030,
                     "cluster 'cluster-ro' is not served here");
    }
}

static void test_media_types(void)
{
    ids_t ids = seed(DB_A);

    for (size_t i = 0; i < countof(readings); i++) {
        http_request_t rq = {.method = "POST",
                             .path = path_of(readings[i].path, &ids),
                             .body = readings[i].body,
                             .headers = {"Content-Type: text/plain"}};
        expect_status(http_send(&rq), 415);
        rq.headers[0] = "Content-Type: application/json; charset=utf-8";
        expect_success(http_send(&rq));
        rq.headers[0] = "Content-Type: application/vnd.lens+json";
        rq.chunked = 1;
        expect_success(http_send(&rq));
    }
}

SUITE(frontend) = {
    {"envelope, length, HEAD, HTTP/2", test_envelope_and_head},
    {"entity tags and 304", test_etags},
    {"methods: 405, Allow, OPTIONS", test_methods},
    {"path ids must be positive integers", test_wrong_ids},
    {"a read-only host refuses writes and nothing else", test_read_only_host},
    {"another cluster's data", test_another_cluster},
    {"media types of bodies", test_media_types},
    CU_TEST_INFO_NULL,
};
