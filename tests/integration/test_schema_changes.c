/*
 * test_schema_changes.c - GET /configs/:id/schemas/changes.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <apr_strings.h>

#define NONE "{\"changes\":[],\"total\":0,\"offset\":0,\"limit\":100,\"next_cursor\":null}"

static http_response_t *changes(apr_int64_t config)
{
    return http_get(strf("/configs/" ID "/schemas/changes", config));
}

static void test_changes(void)
{
    apr_int64_t config = seed_config(DB_A, "changes");
    http_response_t *res;

    expect_json(changes(config), "data", NONE);
    seed_schema(DB_A, config, 1, 0, "[\"Op\",\"a\",\"B\"]", "[\"v\",\"W\"]");
    expect_json(changes(config), "data", NONE);
    seed_schema(DB_A, config, 7, 0, "[\"Op\",{\"name\":\"new\"},\"Z\",\"Op\"]", "[\"v\",\"W\"]");
    seed_schema(DB_A, config, 3, 1, "[\"a\",\"Op\",\"B\"]", "[]");
    seed_schema(DB_A, seed_config(DB_A, "another"), 4, 1, "[\"x\"]", "[]");
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET created_at = '2025-01-31T12:00:00+02:00'"
           " WHERE config_id = $1",
           1, strf(ID, config));
    res = changes(config);
    expect_success(res);
    expect_json(
        res, "data",
        "{\"changes\":[{\"from_version\":3,\"to_version\":7,\"changed_at\":"
        "\"2025-01-31T10:00:00Z\",\"added_dimensions\":[\"Z\",\"new\"],\"removed_dimensions\":"
        "[\"B\",\"a\"],\"added_metrics\":[\"W\",\"v\"],\"removed_metrics\":[]},{\"from_version\":1,"
        "\"to_version\":3,\"changed_at\":\"2025-01-31T10:00:00Z\",\"added_dimensions\":[],"
        "\"removed_dimensions\":[],\"added_metrics\":[],\"removed_metrics\":[\"W\",\"v\"]}],"
        "\"total\":2,\"offset\":0,\"limit\":100,\"next_cursor\":null}");
    expect_error(changes(999999999), 4040, "config not found");
}

/* What a collector may have stored there is no fault of the request's. */
static void test_odd_lists(void)
{
    static const char *const odd[] = {"{\"a\":1}", "null", "\"a\"",
                                      "[1,null,[\"x\"],{\"name\":1},{}]"};
    apr_int64_t config = seed_config(DB_A, "odd lists");

    for (int i = 0; i < 4; i++)
        seed_schema(DB_A, config, i + 1, 0, odd[i], odd[3 - i]);
    seed_schema(DB_A, config, 5, 0, "[\"\"]", "[\"v\"]");
    http_response_t *res = changes(config);
    expect_success(res);
    expect_int(json_length_at(res, "data.changes"), 4);
    expect_json(res, "data.changes.0.added_dimensions", "[\"\"]");
    expect_json(res, "data.changes.1.added_dimensions", "[]");
}

static const char *text_at(const http_response_t *res, const char *path)
{
    return apr_pstrdup(fixture_pool(), json_object_get_string(json_at(res, path, NULL)));
}

static void expect_change(const http_response_t *res, int at, int version)
{
    expect_json(res, strf("data.changes.%d.to_version", at), strf("%d", version));
    expect_json(res, strf("data.changes.%d.from_version", at), strf("%d", version - 1));
    expect_json(res, strf("data.changes.%d.removed_dimensions", at), strf("[\"%d\"]", version - 1));
}

/* The first of a page is told from one that is on the next. */
static void test_pages(void)
{
    apr_int64_t config = seed_config(DB_A, "pages");
    const char *path = strf("/configs/" ID "/schemas/changes", config);
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_metric_schemas (config_id, name, version, is_active,"
           " dimension_fields) SELECT $1, 'x', n, false, jsonb_build_array(n::text) FROM"
           " generate_series(1, 150) n ORDER BY n % 7, n",
           1, strf(ID, config));
    res = http_get(path);
    expect_success(res);
    expect_int(json_length_at(res, "data.changes"), 100);
    expect_json(res, "data.total", "149");
    expect_change(res, 0, 150);
    expect_change(res, 99, 51);
    res = http_get(strf("%s?cursor=%s", path, text_at(res, "data.next_cursor")));
    expect_success(res);
    expect_int(json_length_at(res, "data.changes"), 49);
    expect_change(res, 0, 50);
    expect_change(res, 48, 2);
    expect_json(res, "data.next_cursor", "null");
    res = http_get(strf("%s?offset=148&limit=5", path));
    expect_int(json_length_at(res, "data.changes"), 1);
    expect_change(res, 0, 2);
    expect_json(http_get(strf("%s?offset=149", path)), "data.changes", "[]");
    expect_field(http_get(strf("%s?cursor=x", path)), "cursor",
                 "must be the next_cursor of an answer to the same filters and order");
    expect_field(http_get(strf("%s?limit=0", path)), "limit",
                 "must be an integer between 1 and 1000");
    expect_field(http_get(strf("%s?offset=-1", path)), "offset",
                 "must be an integer between 0 and 9223372036854775807");
}

/* Twelve versions that share none of their names, 900 KB each: pages of at most 8 MiB. */
static void test_large(void)
{
    apr_int64_t config = seed_config(DB_A, "large");
    const char *path = strf("/configs/" ID "/schemas/changes", config), *next = "";
    int n = 0, pages = 0;

    db_run(DB_A,
           "INSERT INTO github_workflow_metric_schemas (config_id, name, version, is_active,"
           " dimension_fields) SELECT $1, 'x', v, false, (SELECT jsonb_agg(v || repeat('x', 890) ||"
           " n) FROM generate_series(1, CASE v WHEN 13 THEN 1200 ELSE 1000 END) n) FROM"
           " generate_series(1, 13) v",
           1, strf(ID, config));
    for (; next && pages < 9; pages++) {
        http_response_t *res = http_get(strf("%s%s", path, next));

        expect_success(res);
        expect(res->len <= 8 * 1024 * 1024, "%ld bytes", (long)res->len);
        if (!pages)
            expect_json(res, "data.changes.0.left_out", "[\"added_dimensions\"]");
        n += json_length_at(res, "data.changes");
        next = text_at(res, "data.next_cursor");
        next = next ? strf("?cursor=%s", next) : NULL;
    }
    expect_int(n, 12);
    expect_int(pages, 3);
}

SUITE(schema_changes) = {
    {"what came and went", test_changes},
    {"lists that are none", test_odd_lists},
    {"pages", test_pages},
    {"versions of many names", test_large},
    CU_TEST_INFO_NULL,
};
