/*
 * test_args.c - inputs are found by name, and an undeclared name is a programming error.
 */
#include "core/args.h"
#include "unit.h"

static wfm_arg_t two[] = {
    {.name = "limit", .i = 20},
    {.name = "status", .set = 1, .i = 4, .s = "failed", .len = 6},
};
static const wfm_args_t args = {two, 2};

static void test_found_by_name(void)
{
    CU_ASSERT_PTR_EQUAL(wfm_args_get(&args, "limit"), &two[0]);
    CU_ASSERT_PTR_EQUAL(wfm_args_get(&args, "status"), &two[1]);
    expect_int(wfm_args_is_set(&args, "limit"), 0);
    expect_int(wfm_args_is_set(&args, "status"), 1);
    expect_int(wfm_args_int(&args, "limit"), 20);
    expect_int(wfm_args_int(&args, "status"), 4);
    expect_str(wfm_args_text(&args, "limit"), NULL);
    expect_str(wfm_args_text(&args, "status"), "failed");
}

static void ask_for_undeclared(void)
{
    wfm_args_get(&args, "Limit");
}

static void ask_for_declared(void)
{
    wfm_args_get(&args, "limit");
}

static void test_undeclared_name_asserts(void)
{
    CU_ASSERT_TRUE(unit_asserts(ask_for_undeclared));
    CU_ASSERT_FALSE(unit_asserts(ask_for_declared));
}

static void test_joined(void)
{
    wfm_arg_t first[] = {{.name = "a", .set = 1, .s = "1"}, {.name = "b"}, {.name = "c"}};
    wfm_arg_t second[] = {{.name = "b", .set = 1, .s = "2"}, {.name = "c"}, {.name = "d", .i = 4}};
    wfm_args_t one = {first, 3}, other = {second, 3}, both;
    wfm_error_t *err = NULL;

    both = wfm_args_join(unit_pool(), &one, &other, "must not be given twice", &err);
    CU_ASSERT_PTR_NULL(err);
    expect_int(both.n, 4);
    expect_str(wfm_args_text(&both, "a"), "1");
    expect_str(wfm_args_text(&both, "b"), "2");
    expect_int(wfm_args_is_set(&both, "c"), 0);
    expect_int(wfm_args_int(&both, "d"), 4);
    second[1] = (wfm_arg_t){.name = "a", .set = 1, .s = "1"};
    wfm_args_join(unit_pool(), &one, &other, "must not be given twice", &err);
    expect_fault(err, "a", "must not be given twice");
}

SUITE(args) = {
    {"two lists of them", test_joined},
    {"found by name", test_found_by_name},
    {"an undeclared name asserts", test_undeclared_name_asserts},
    CU_TEST_INFO_NULL,
};
