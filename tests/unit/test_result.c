/*
 * test_result.c - results: what was added is found again, the bound holds, and the last of those
 * who hold one frees it.
 */
#include "pgsql/result.h"
#include "unit.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (16 * 1024 * 1024)

static wfm_value_t value(const char *text)
{
    return (wfm_value_t){text, text ? strlen(text) : 0};
}

static wfm_result_add_e add(wfm_result_t *r, const char *a, const char *b)
{
    const wfm_value_t row[] = {value(a), value(b)};

    return wfm_result_add(r, row);
}

static void test_finds_what_was_added(void)
{
    wfm_result_t *r = wfm_result_create(unit_pool(), 2, ROOM);

    CU_ASSERT_EQUAL(wfm_result_rows(r), 0);
    CU_ASSERT_EQUAL(add(r, "one", NULL), WFM_RESULT_ADDED);
    CU_ASSERT_EQUAL(add(r, "", "zwei"), WFM_RESULT_ADDED);
    CU_ASSERT_EQUAL(wfm_result_rows(r), 2);
    CU_ASSERT_EQUAL(wfm_result_columns(r), 2);
    CU_ASSERT_STRING_EQUAL(wfm_result_get(r, 0, 0), "one");
    CU_ASSERT_EQUAL(wfm_result_length(r, 0, 0), 3);
    CU_ASSERT_PTR_NULL(wfm_result_get(r, 0, 1));
    CU_ASSERT_EQUAL(wfm_result_length(r, 0, 1), 0);
    CU_ASSERT_STRING_EQUAL(wfm_result_get(r, 1, 0), "");
    CU_ASSERT_STRING_EQUAL(wfm_result_get(r, 1, 1), "zwei");
    CU_ASSERT_FALSE(wfm_result_is_cut(r));
}

/* A value need not end with a NUL; the copy does. */
static void test_copies_by_length(void)
{
    wfm_result_t *r = wfm_result_create(unit_pool(), 1, ROOM);
    char text[] = "abcdef";
    const wfm_value_t row[] = {{text, 3}};

    CU_ASSERT_EQUAL(wfm_result_add(r, row), WFM_RESULT_ADDED);
    memset(text, 'x', sizeof text);
    CU_ASSERT_STRING_EQUAL(wfm_result_get(r, 0, 0), "abc");
}

/* More than one block, chunks of rows, and rows that are larger than a block. */
static void test_keeps_many_and_large_rows(void)
{
    wfm_result_t *r = wfm_result_create(unit_pool(), 2, ROOM);
    apr_size_t large = 1024 * 1024;
    char *text = apr_palloc(unit_pool(), large);
    const wfm_value_t row[] = {{text, large}, {NULL, 0}};

    memset(text, 'y', large);
    for (int i = 0; i < 20000; i++)
        CU_ASSERT_EQUAL_FATAL(add(r, apr_itoa(unit_pool(), i), "of many"), WFM_RESULT_ADDED);
    CU_ASSERT_EQUAL(wfm_result_add(r, row), WFM_RESULT_ADDED);
    CU_ASSERT_EQUAL(add(r, "last", NULL), WFM_RESULT_ADDED);
    for (int i = 0; i < 20000; i++)
        if (atoi(wfm_result_get(r, i, 0)) != i)
            CU_FAIL_FATAL("another row's text");
    CU_ASSERT_EQUAL(wfm_result_length(r, 20000, 0), large);
    CU_ASSERT_FALSE(memcmp(wfm_result_get(r, 20000, 0), text, large));
    CU_ASSERT_STRING_EQUAL(wfm_result_get(r, 20001, 0), "last");
}

static void test_is_cut_at_the_bound(void)
{
    wfm_result_t *r = wfm_result_create(unit_pool(), 2, 10000);
    char text[1001];
    int rows = 0;

    memset(text, 'z', sizeof text - 1);
    text[1000] = '\0';
    while (add(r, text, text) == WFM_RESULT_ADDED)
        rows++;
    CU_ASSERT_EQUAL(rows, 4);
    CU_ASSERT_EQUAL(wfm_result_rows(r), 4);
    CU_ASSERT_TRUE(wfm_result_is_cut(r));
    /* a smaller one that would fit must not come after the gap */
    CU_ASSERT_EQUAL(add(r, "a", "b"), WFM_RESULT_FULL);
    CU_ASSERT_EQUAL(wfm_result_rows(r), 4);
}

static void test_small_rows_count_too(void)
{
    wfm_result_t *r = wfm_result_create(unit_pool(), 2, 10000);
    int rows = 0;

    while (add(r, NULL, NULL) == WFM_RESULT_ADDED)
        rows++;
    CU_ASSERT_TRUE(rows > 100 && rows < 400);
}

static wfm_result_t *of(const char *a, const char *b, apr_size_t room)
{
    wfm_result_t *r = wfm_result_create(unit_pool(), 2, room);

    add(r, a, b);
    return r;
}

static void test_digests_tell_values_apart(void)
{
    apr_uint64_t digest = wfm_result_digest(of("ab", "c", ROOM));
    wfm_result_t *cut = of("ab", "c", 100);

    CU_ASSERT_EQUAL(wfm_result_digest(of("ab", "c", ROOM)), digest);
    CU_ASSERT_NOT_EQUAL(wfm_result_digest(of("a", "bc", ROOM)), digest);
    CU_ASSERT_NOT_EQUAL(wfm_result_digest(of("ab", "", ROOM)), digest);
    CU_ASSERT_NOT_EQUAL(wfm_result_digest(of("ab", NULL, ROOM)),
                        wfm_result_digest(of("ab", "", ROOM)));
    CU_ASSERT_EQUAL(wfm_result_digest(cut), digest);
    CU_ASSERT_EQUAL(add(cut, "more", "than fits, although this is not long at all, is it, no"),
                    WFM_RESULT_FULL);
    CU_ASSERT_NOT_EQUAL(wfm_result_digest(cut), digest);
}

static void test_lives_as_long_as_somebody_holds_it(void)
{
    wfm_result_t *r = of("shared", NULL, ROOM);
    apr_pool_t *other;

    apr_pool_create(&other, unit_pool());
    wfm_result_hold(r, other);
    wfm_result_release(r, unit_pool());
    CU_ASSERT_STRING_EQUAL(wfm_result_get(r, 0, 0), "shared");
    apr_pool_destroy(other); /* valgrind and the address sanitizer see whether it is freed, once */
}

SUITE(result) = {
    {"finds what was added", test_finds_what_was_added},
    {"copies by length", test_copies_by_length},
    {"keeps many and large rows", test_keeps_many_and_large_rows},
    {"is cut at the bound", test_is_cut_at_the_bound},
    {"small rows count, too", test_small_rows_count_too},
    {"digests tell values apart", test_digests_tell_values_apart},
    {"lives as long as somebody holds it", test_lives_as_long_as_somebody_holds_it},
    CU_TEST_INFO_NULL,
};
