/*
 * test_error.c - one error for all bad inputs, whose message names every one of them.
 */
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static void test_make(void)
{
    wfm_error_t *e = wfm_error_make(unit_pool(), WFM_NOT_FOUND, "unknown cluster '%s'", "x");

    expect_int(e->status, 404);
    expect_str(e->message, "unknown cluster 'x'");
    CU_ASSERT_PTR_NULL(e->fields);
    CU_ASSERT_PTR_NULL(e->detail);
    expect_str(e->allow, NULL);
    expect_int(e->retry_after, 0);
    expect_str(e->sqlstate, "");
}

static void test_internal_says_nothing_to_the_client(void)
{
    wfm_error_t *e = wfm_error_internal(unit_pool(), "relation %s is missing", "runs");

    expect_int(e->status, 500);
    expect_str(e->message, "internal error");
    expect_str(e->detail, "relation runs is missing");
}

static void test_fields_are_collected(void)
{
    char field[] = "limit";
    wfm_error_t *e = NULL;

    wfm_error_field(&e, unit_pool(), field, "must be an integer between 1 and %d", 100);
    field[0] = 'X'; /* it was copied */
    expect_int(e->status, 400);
    expect_str(e->message, "limit must be an integer between 1 and 100");
    wfm_error_field(&e, unit_pool(), "status", "must be one of %s", "pending, failed");
    expect_str(e->message,
               "limit must be an integer between 1 and 100; status must be one of pending, failed");
    expect_int(e->fields->nelts, 2);
    expect_fault(e, "limit", "must be an integer between 1 and 100");
    expect_fault(e, "status", "must be one of pending, failed");
    expect_int(e->truncated, 0);
}

static void test_many_fields_stay_small(void)
{
    wfm_error_t *e = NULL;
    const char *tail = "; and others";
    int i;

    for (i = 0; i < 10 * WFM_ERROR_FIELDS; i++)
        wfm_error_field(&e, unit_pool(), apr_psprintf(unit_pool(), "f%d", i), "is bad");
    expect_int(e->fields->nelts, WFM_ERROR_FIELDS);
    expect_int(e->truncated, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(e->message, "f99 is bad; and others"));
    expect_str(e->message + strlen(e->message) - strlen(tail), tail);
    CU_ASSERT_PTR_EQUAL(strstr(e->message, tail), e->message + strlen(e->message) - strlen(tail));
}

static void test_exactly_as_many_as_fit(void)
{
    wfm_error_t *e = NULL;
    int i;

    for (i = 0; i < WFM_ERROR_FIELDS; i++)
        wfm_error_field(&e, unit_pool(), "f", "is bad");
    expect_int(e->fields->nelts, WFM_ERROR_FIELDS);
    expect_int(e->truncated, 0);
    CU_ASSERT_PTR_NULL(strstr(e->message, "others"));
}

static void test_long_name_is_shortened(void)
{
    char name[1001];
    wfm_error_t *e = NULL;

    memset(name, 'k', 1000);
    name[1000] = '\0';
    wfm_error_field(&e, unit_pool(), name, "is not a known field");
    CU_ASSERT_TRUE(strlen(e->message) < 300);
    CU_ASSERT_PTR_NOT_NULL(strstr(e->message, "kkk... is not a known field"));
}

static void test_code(void)
{
    expect_int(wfm_error_code(WFM_OK), 2000);
    expect_int(wfm_error_code(WFM_BAD_REQUEST), 4000);
    expect_int(wfm_error_code(WFM_TIMEOUT), 5040);
}

SUITE(error) = {
    {"make", test_make},
    {"an internal error says nothing to the client", test_internal_says_nothing_to_the_client},
    {"fields are collected", test_fields_are_collected},
    {"many fields stay small", test_many_fields_stay_small},
    {"exactly as many as fit", test_exactly_as_many_as_fit},
    {"a long name is shortened", test_long_name_is_shortened},
    {"code", test_code},
    CU_TEST_INFO_NULL,
};
