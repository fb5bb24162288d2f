/*
 * test_route.c - paths find their row, whatever the order of the rows; methods and Allow.
 */
#include "core/route.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

#define ROW(method, path)                                                                          \
    {                                                                                              \
        method, path, WFM_ACCESS_READ, NULL, NULL, NULL, NULL, path                                \
    }

static wfm_route_t rows[] = {
    ROW(WFM_GET, "/configs"),
    ROW(WFM_POST, "/configs"),
    ROW(WFM_GET, "/configs/:id"),
    ROW(WFM_PATCH, "/configs/:id"),
    ROW(WFM_GET, "/configs/special"),
    ROW(WFM_GET, "/configs/:id/dimensions/:dimension/values"),
    ROW(WFM_GET, "/:any/:id/schemas/active"),
    ROW(WFM_GET, "/configs/:id/schemas/:schema"),
    ROW(WFM_DELETE, "/a/:b/c/:d/e/:f/:g"),
    ROW(WFM_POST, "/runs/:id/retry"),
};

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static wfm_match_t find(const char *path, int encoded, unsigned method)
{
    wfm_match_t match;

    wfm_route_match(wfm_router_create(unit_pool(), rows, ROWS), unit_pool(), path, encoded, method,
                    &match);
    return match;
}

/** The template found for GET, or NULL. */
static const char *found(const char *path)
{
    wfm_match_t m = find(path, 1, WFM_GET);

    return m.route ? m.route->path : NULL;
}

static void test_finds_the_row(void)
{
    expect_str(found("/configs"), "/configs");
    expect_str(found("/configs/7"), "/configs/:id");
    expect_str(found("/configs/7/dimensions/Op/values"),
               "/configs/:id/dimensions/:dimension/values");
    expect_str(found("/other/7/schemas/active"), "/:any/:id/schemas/active");
}

static void test_unknown_paths(void)
{
    static const char *const paths[] = {
        "",
        "/",
        "//",
        "/configs/",
        "//configs",
        "/configs//",
        "/configs/7/",
        "/Configs",
        "/config",
        "/configs2",
        "/configs/7/dimensions",
        "/configs/7/dimensions//values",
        "/configs/7/dimensions/a/b/values",
        "/runs",
        "/runs/7",
        "/runs//retry",
        "configs",
        "*",
        "/configs/7/dimensions/Op/values/more",
        "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18",
    };
    unsigned i;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        wfm_match_t m = find(paths[i], 1, WFM_GET);

        if (m.methods || m.route)
            expect_str(paths[i], "(unknown)");
        else
            CU_PASS("unknown");
    }
}

static void test_methods_of_a_path(void)
{
    wfm_match_t m = find("/configs/7", 1, WFM_PATCH);

    CU_ASSERT_PTR_NOT_NULL_FATAL(m.route);
    expect_int(m.route->method, WFM_PATCH);
    expect_int(m.methods, WFM_GET | WFM_PATCH);
    m = find("/configs/7", 1, WFM_DELETE);
    CU_ASSERT_PTR_NULL(m.route);
    expect_int(m.methods, WFM_GET | WFM_PATCH);
    expect_int(m.nvars, 0);
    m = find("/runs/7/retry", 1, 0);
    CU_ASSERT_PTR_NULL(m.route);
    expect_int(m.methods, WFM_POST);
}

/** Every rotation and the reverse of the table say the same. */
static void test_order_of_rows_means_nothing(void)
{
    static const char *const paths[] = {"/configs/special", "/configs/specialx",
                                        "/configs/1/schemas/active", "/configs/1/schemas/2",
                                        "/x/1/schemas/active"};
    static const char *const expected[] = {
        "/configs/special", "/configs/:id", "/configs/:id/schemas/:schema",
        "/configs/:id/schemas/:schema", "/:any/:id/schemas/active"};
    wfm_route_t turned[ROWS];
    wfm_router_t *router;
    wfm_match_t m;
    int turn, i;
    unsigned k;

    for (turn = 0; turn < 2 * ROWS; turn++) {
        for (i = 0; i < ROWS; i++)
            turned[turn < ROWS ? i : ROWS - 1 - i] = rows[(i + turn) % ROWS];
        router = wfm_router_create(unit_pool(), turned, ROWS);
        for (k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
            wfm_route_match(router, unit_pool(), paths[k], 1, WFM_GET, &m);
            expect_str(m.route ? m.route->path : NULL, expected[k]);
        }
        /* The literal path has its own methods only. */
        wfm_route_match(router, unit_pool(), "/configs/special", 1, WFM_PATCH, &m);
        CU_ASSERT_PTR_NULL(m.route);
        expect_int(m.methods, WFM_GET);
    }
}

static void test_variables(void)
{
    wfm_match_t m = find("/configs/7/dimensions/Backend%2FStage%3a%252F/values", 1, WFM_GET);

    expect_int(m.nvars, 2);
    expect_str(m.vars[0].s, "7");
    expect_int((apr_int64_t)m.vars[0].len, 1);
    expect_str(m.vars[1].s, "Backend/Stage:%2F");
    expect_int((apr_int64_t)m.vars[1].len, 17);
    m = find("/a/1/c/2/e/3/4", 1, WFM_DELETE);
    expect_int(m.nvars, 4);
    expect_str(m.vars[2].s, "3");
    expect_str(m.vars[3].s, "4");
    m = find("/configs/7/dimensions/a+b/values", 1, WFM_GET);
    expect_str(m.vars[1].s, "a+b"); /* a plus is a space in a query only */
    m = find("/configs/7/dimensions/%00/values", 1, WFM_GET);
    expect_int((apr_int64_t)m.vars[1].len, 1); /* param.c refuses it */
}

static void test_undecodable_variable(void)
{
    wfm_match_t m = find("/runs/%zz/retry", 1, WFM_POST);

    CU_ASSERT_PTR_NOT_NULL(m.route);
    expect_int(m.nvars, 1);
    expect_str(m.vars[0].s, NULL);
    m = find("/configs/%4", 1, WFM_GET);
    CU_ASSERT_PTR_NOT_NULL(m.route);
    expect_str(m.vars[0].s, NULL);
}

static void test_literals_may_be_encoded(void)
{
    expect_str(found("/con%66igs/%73pecial"), "/configs/special");
    expect_str(found("/configs%2F7"), NULL); /* an encoded slash separates nothing */
    expect_str(found("/configs%zz"), NULL);
}

static void test_decoded_already(void)
{
    wfm_match_t m = find("/configs/7/dimensions/100%25/values", 0, WFM_GET);

    expect_str(m.vars[1].s, "100%25");
    m = find("/configs/7/dimensions/%zz/values", 0, WFM_GET);
    expect_str(m.vars[1].s, "%zz");
}

static void test_allow(void)
{
    expect_str(wfm_route_allow(unit_pool(), WFM_GET | WFM_PATCH), "GET, HEAD, OPTIONS, PATCH");
    expect_str(wfm_route_allow(unit_pool(), WFM_POST), "OPTIONS, POST");
    expect_str(wfm_route_allow(unit_pool(), WFM_GET | WFM_POST | WFM_PUT | WFM_PATCH | WFM_DELETE),
               "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
}

static void test_method_names(void)
{
    expect_int(wfm_route_method("GET"), WFM_GET);
    expect_int(wfm_route_method("HEAD"), WFM_GET);
    expect_int(wfm_route_method("POST"), WFM_POST);
    expect_int(wfm_route_method("PUT"), WFM_PUT);
    expect_int(wfm_route_method("PATCH"), WFM_PATCH);
    expect_int(wfm_route_method("DELETE"), WFM_DELETE);
    expect_int(wfm_route_method("OPTIONS"), 0);
    expect_int(wfm_route_method("get"), 0);
    expect_int(wfm_route_method("BREW"), 0);
    expect_int(wfm_route_method(""), 0);
}

static void test_ambiguous(void)
{
    CU_ASSERT_TRUE(wfm_route_ambiguous("/configs/:id", "/configs/:id"));
    CU_ASSERT_TRUE(wfm_route_ambiguous("/configs/:id", "/configs/:name"));
    CU_ASSERT_TRUE(wfm_route_ambiguous("/configs", "/configs"));
    CU_ASSERT_TRUE(wfm_route_ambiguous("/:a/x/:b", "/:c/x/:d"));
    CU_ASSERT_FALSE(wfm_route_ambiguous("/configs/:id", "/configs/special"));
    CU_ASSERT_FALSE(wfm_route_ambiguous("/a/:x/c", "/a/b/:y")); /* /a/b/c is the second's */
    CU_ASSERT_FALSE(wfm_route_ambiguous("/configs/:id", "/runs/:id"));
    CU_ASSERT_FALSE(wfm_route_ambiguous("/configs/:id", "/configs"));
    CU_ASSERT_FALSE(wfm_route_ambiguous("/configs/:id", "/configs/:id/runs"));
    CU_ASSERT_FALSE(wfm_route_ambiguous("/configs/:id/runs", "/configs/:id/schemas"));
}

SUITE(route) = {
    {"finds the row", test_finds_the_row},
    {"unknown paths", test_unknown_paths},
    {"methods of a path", test_methods_of_a_path},
    {"the order of rows means nothing", test_order_of_rows_means_nothing},
    {"variables", test_variables},
    {"undecodable variable", test_undecodable_variable},
    {"literals may be encoded", test_literals_may_be_encoded},
    {"decoded already", test_decoded_already},
    {"Allow", test_allow},
    {"method names", test_method_names},
    {"ambiguous", test_ambiguous},
    CU_TEST_INFO_NULL,
};
