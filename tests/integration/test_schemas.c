/*
 * test_schemas.c - GET /configs/:id/schemas/active.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"

static http_response_t *active(apr_int64_t config)
{
    return http_get(strf("/configs/" ID "/schemas/active", config));
}

static void test_whole_row(void)
{
    apr_int64_t config = seed_config(DB_A, "schema");
    apr_int64_t schema =
        seed_schema(DB_A, config, 7, 1, "[\"Op\",\"Backend:Stage\"]", "[\"throughput\"]");
    http_response_t *res;

    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET created_at ="
           " '2025-01-31T12:00:00.000100+02:00', fields = '{\"a\":[1.10,{\"b\":null}],"
           "\"big\":123456789012345678901234567890}' WHERE id = $1",
           1, strf(ID, schema));
    res = active(config);
    expect_success(res);
    expect_keys(res, "data",
                "id,config_id,name,version,fields,dimension_fields,metric_fields,"
                "is_active,generated_by,created_at");
    expect_json(res, "data.id", strf(ID, schema));
    expect_json(res, "data.config_id", strf(ID, config));
    expect_text(res, "data.name", "schema");
    expect_json(res, "data.version", "7");
    expect_json(res, "data.fields.a.1", "{\"b\":null}");
    expect_contains(res->body, "1.10");
    expect_contains(res->body, "123456789012345678901234567890");
    expect_json(res, "data.dimension_fields", "[\"Op\",\"Backend:Stage\"]");
    expect_json(res, "data.metric_fields", "[\"throughput\"]");
    expect_json(res, "data.is_active", "true");
    expect_text(res, "data.generated_by", "user");
    expect_text(res, "data.created_at", "2025-01-31T10:00:00.0001Z");
}

static void test_highest_version_wins(void)
{
    apr_int64_t config = seed_config(DB_A, "versions");

    seed_schema(DB_A, config, 9, 1, "[]", "[]");
    seed_schema(DB_A, config, 10, 1, "[\"ten\"]", "[]");
    seed_schema(DB_A, config, 11, 0, "[\"eleven\"]", "[]");
    seed_schema(DB_A, config, 2, 1, "[]", "[]");
    expect_json(active(config), "data.version", "10");
    expect_json(active(config), "data.dimension_fields", "[\"ten\"]");
}

static void test_nulls(void)
{
    apr_int64_t config = seed_config(DB_A, "nulls");
    apr_int64_t schema = seed_schema(DB_A, config, 1, 1, "[]", "[]");

    db_run(DB_A, "UPDATE github_workflow_metric_schemas SET generated_by = NULL WHERE id = $1", 1,
           strf(ID, schema));
    expect_json(active(config), "data.generated_by", "null");
    expect_json(active(config), "data.dimension_fields", "[]");
}

static void test_none_active(void)
{
    apr_int64_t config = seed_config(DB_A, "inactive");
    const char *none = "no active schema found for this config";

    expect_error(active(config), 4040, none);
    seed_schema(DB_A, config, 1, 0, "[]", "[]");
    expect_error(active(config), 4040, none);
    expect_error(active(999999999), 4040, "config not found");
}

SUITE(schemas) = {
    {"the row, jsonb as JSON, digits as stored", test_whole_row},
    {"the highest active version", test_highest_version_wins},
    {"nulls", test_nulls},
    {"no active schema, no config", test_none_active},
    CU_TEST_INFO_NULL,
};
