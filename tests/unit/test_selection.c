/*
 * test_selection.c - two selections beside each other, each of its own inputs, in one statement.
 */
#include "api/selection.h"
#include "core/json.h"
#include "unit.h"
#include <string.h>

static json_object *json(const char *text)
{
    json_object *object = NULL;

    CU_ASSERT_PTR_NULL_FATAL(wfm_json_parse(unit_pool(), text, strlen(text), &object));
    return object;
}

static const char *conditions(const api_selection_t *s, wfm_sql_t *q)
{
    wfm_sql_t part;

    wfm_sql_init(&part, unit_pool());
    part.params = q->params;
    api_where_metrics(s, &part);
    return wfm_sql_stmt(&part).sql;
}

/* What one list of inputs has under a name hides what the next one has. */
static void test_two(void)
{
    wfm_arg_t common[] = {{.name = "schema_id", .set = 1, .i = 7}, {.name = "run_id"}};
    wfm_arg_t old[] = {{.name = "run_id", .set = 1, .i = 1},
                       {.name = "metric_filters", .json = json("{\"qps\":{\"gt\":5}}")}};
    wfm_arg_t new[] = {{.name = "start", .set = 1, .t = 0},
                       {.name = "schema_id", .set = 1, .i = 8},
                       {.name = "dimensions", .json = json("{\"Op\":[]}")}};
    const wfm_args_t all = {common, 2}, first = {old, 2}, second = {new, 3};
    api_selection_t a, b;
    wfm_sql_t q;

    CU_ASSERT_PTR_NULL(api_selection_make(&a, unit_pool(), API_OF_CONFIG, "3",
                                          (const wfm_args_t *const[]){&first, &all}, 2));
    CU_ASSERT_PTR_NULL(api_selection_make(&b, unit_pool(), API_OF_RUN, "4",
                                          (const wfm_args_t *const[]){&second, &all}, 2));
    wfm_sql_init(&q, unit_pool());
    CU_ASSERT_PTR_NOT_NULL(
        strstr(conditions(&a, &q),
               " AND m.run_id = $1::bigint AND EXISTS (SELECT FROM github_workflow_configs"
               " WHERE id = $2::bigint) AND m.schema_id = $3::bigint AND CASE"));
    expect_str(conditions(&b, &q),
               " AND m.\"timestamp\" >= $6::timestamptz AND EXISTS (SELECT FROM"
               " github_workflow_runs WHERE id = $7::bigint) AND m.schema_id = $8::bigint");
    expect_str(wfm_sql_params(&q)[2], "7");
    expect_str(wfm_sql_params(&q)[6], "4");
    expect_str(wfm_sql_params(&q)[7], "8");
    CU_ASSERT_PTR_NOT_NULL(b.dimensions);
    b = (api_selection_t){.pool = unit_pool(), .run_ids = "{7,8}"};
    expect_str(conditions(&b, &q), " AND m.run_id = ANY ($9::bigint[])");
    expect_str(wfm_sql_params(&q)[8], "{7,8}");
    CU_ASSERT_FALSE(api_selection_is_filtered(&a) || api_selection_is_filtered(&b));
    CU_ASSERT_PTR_NULL(a.dimensions);
}

SUITE(selection) = {
    {"two in one statement", test_two},
    CU_TEST_INFO_NULL,
};
