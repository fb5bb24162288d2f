/*
 * test_page.c - a list loses no row in silence, and groups are made once.
 */
#include "api/api.h"
#include "pgsql/result.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static const api_column_t columns[] = {{.name = "name"}, {.name = NULL}};
static const api_shape_t shape = {NULL, columns};
static const api_answer_t answer = {.key = "names", .row = &shape};
static const wfm_route_t route = {.path = "/names", .answer = &answer};

/* A request for ten rows from the offset on. */
static wfm_request_t *request(unit_sink_t *sink, apr_int64_t offset)
{
    wfm_request_t *rq = apr_pcalloc(unit_pool(), sizeof *rq);
    wfm_arg_t *args = apr_pcalloc(unit_pool(), 2 * sizeof *args);

    args[0] = (wfm_arg_t){.name = "offset", .i = offset, .set = 1};
    args[1] = (wfm_arg_t){.name = "limit", .i = 10};
    rq->pool = unit_pool();
    rq->params = (wfm_args_t){args, 2};
    rq->route = &route;
    rq->out = &sink->out;
    return rq;
}

static void add(wfm_result_t *r, const char *total, const char *id, const char *name)
{
    const char *const texts[] = {total, id, id, name};
    wfm_value_t row[4];

    for (int i = 0; i < 4; i++)
        row[i] = (wfm_value_t){texts[i], texts[i] ? strlen(texts[i]) : 0};
    CU_ASSERT_EQUAL(wfm_result_add(r, row), WFM_RESULT_ADDED);
}

/* What is written of rows with these ids ("-": none) and total; NULL: an error. */
static const char *written(const char *total, const char *ids, apr_int64_t offset)
{
    wfm_result_t *r = wfm_result_create(unit_pool(), 4, 1000000);
    unit_sink_t *sink = unit_sink(4096);
    wfm_request_t *rq = request(sink, offset);
    const api_page_t page = {.alias = "n"};
    wfm_json_t j;

    for (const char *id = ids; *id; id++)
        add(r, total, *id == '-' ? NULL : apr_pstrmemdup(unit_pool(), id, 1), "a");
    if (api_page_begin(rq, &j, &page, r))
        return NULL;
    api_end(&j);
    return unit_written(sink);
}

static void test_rows_without_an_id(void)
{
    static const char none[] = "{\"meta\":{\"code\":2000},\"data\":{\"names\":[],\"total\":";

    CU_ASSERT_PTR_NOT_NULL(strstr(written("2", "12", 0), "[{\"name\":\"a\"},{\"name\":\"a\"}]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(written("0", "-", 0), none));
    CU_ASSERT_PTR_NOT_NULL(strstr(written("2", "-", 2), none)); /* beyond the end */
    CU_ASSERT_PTR_NULL(written("2", "-2", 0));
    CU_ASSERT_PTR_NULL(written("2", "1-", 0));
    CU_ASSERT_PTR_NULL(written("3", "1-3", 0));
    CU_ASSERT_PTR_NULL(written("1", "-", 0)); /* there is one */
}

/* The query of groups stands in the statement once, whatever is asked of it. */
static void test_groups(void)
{
    const api_page_t page = {.table = "g",
                             .alias = "g",
                             .groups = "SELECT head_branch FROM runs GROUP BY head_branch",
                             .order = "g.head_branch",
                             .select = "g.head_branch",
                             .plan_anew = 1};
    wfm_request_t *rq = request(unit_sink(4096), 0);
    static const char begin[] =
        "WITH g AS MATERIALIZED (SELECT row_number() OVER (ORDER BY g.head_branch, g::text"
        " COLLATE \"C\") AS id, g.* FROM (SELECT head_branch FROM runs GROUP BY head_branch) g) "
        "SELECT ";
    const char *sql;
    wfm_sql_t q;

    wfm_sql_init(&q, unit_pool());
    api_page_statement(rq, &page, api_page_count(rq, &page, ""), "", &q);
    sql = wfm_sql_stmt(&q).sql;
    CU_ASSERT_EQUAL(strncmp(sql, begin, strlen(begin)), 0);
    CU_ASSERT_PTR_NULL(strstr(strstr(sql, "GROUP BY") + 1, "GROUP BY"));
    expect_int(wfm_sql_stmt(&q).plan_anew, 1);
}

SUITE(page) = {
    {"rows without an id", test_rows_without_an_id},
    {"groups are made once", test_groups},
    CU_TEST_INFO_NULL,
};
