/*
 * test_schema_changes.c - GET /configs/:id/schemas/changes.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"

static http_response_t *changes(apr_int64_t config)
{
    return http_get(strf("/configs/" ID "/schemas/changes", config));
}

static void test_changes(void)
{
    apr_int64_t config = seed_config(DB_A, "changes");
    http_response_t *res;

    expect_json(changes(config), "data", "{\"changes\":[]}");
    seed_schema(DB_A, config, 1, 0, "[\"Op\",\"b\",\"a\"]", "[\"v\"]");
    expect_json(changes(config), "data", "{\"changes\":[]}");
    seed_schema(DB_A, config, 7, 0, "[\"Op\",{\"name\":\"new\"},\"Z\",\"Op\"]", "[\"w\",\"v\"]");
    seed_schema(DB_A, config, 3, 1, "[\"b\",\"Op\",\"a\"]", "[]");
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
        "[\"a\",\"b\"],\"added_metrics\":[\"v\",\"w\"],\"removed_metrics\":[]},{\"from_version\":1,"
        "\"to_version\":3,\"changed_at\":\"2025-01-31T10:00:00Z\",\"added_dimensions\":[],"
        "\"removed_dimensions\":[],\"added_metrics\":[],\"removed_metrics\":[\"v\"]}]}");
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

static void test_newest(void)
{
    apr_int64_t config = seed_config(DB_A, "newest");
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_metric_schemas (config_id, name, version, is_active,"
           " dimension_fields) SELECT $1, 'x', n, false, jsonb_build_array(n::text) FROM"
           " generate_series(1, 150) n",
           1, strf(ID, config));
    res = changes(config);
    expect_success(res);
    expect_int(json_length_at(res, "data.changes"), 100);
    expect_json(res, "data.changes.0.to_version", "150");
    expect_json(res, "data.changes.99.from_version", "50");
    expect_json(res, "data.changes.99.removed_dimensions", "[\"50\"]");
}

SUITE(schema_changes) = {
    {"what came and went", test_changes},
    {"lists that are none", test_odd_lists},
    {"the newest hundred", test_newest},
    CU_TEST_INFO_NULL,
};
