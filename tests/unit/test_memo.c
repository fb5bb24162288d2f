/*
 * test_memo.c - what is remembered comes back as it was, and never more than the bound.
 */
#include "core/memo.h"
#include "unit.h"
#include <apr_strings.h>

static const char *get(const wfm_memo_t *m, const char *key)
{
    apr_size_t len;
    const char *value = wfm_memo_get(m, key, strlen(key), &len);

    return value ? apr_pstrmemdup(unit_pool(), value, len) : NULL;
}

static void put(wfm_memo_t *m, const char *key, const char *value)
{
    wfm_memo_put(m, key, strlen(key), value, strlen(value));
}

static void test_remembers(void)
{
    wfm_memo_t *m = wfm_memo_make(unit_pool(), 4096);
    char key[] = "eight by and more";

    expect_str(get(m, "x"), NULL);
    put(m, "", "nothing");
    put(m, key, "value");
    key[0] = 'E'; /* the memo has a copy */
    put(m, "eight bY", "");
    expect_str(get(m, ""), "nothing");
    expect_str(get(m, "eight by and more"), "value");
    expect_str(get(m, key), NULL);
    expect_str(get(m, "eight bY"), "");
    expect_str(get(m, "eight by"), NULL);
}

/** Keys of every length, each with its own value. */
static void test_many(void)
{
    wfm_memo_t *m = wfm_memo_make(unit_pool(), 1 << 20);
    char key[301];

    memset(key, 'k', sizeof key);
    for (apr_size_t len = 0; len <= 300; len++)
        wfm_memo_put(m, key, len, (const char *)&len, sizeof len);
    for (apr_size_t len = 0; len <= 300; len++) {
        apr_size_t size, value;
        const char *data = wfm_memo_get(m, key, len, &size);

        CU_ASSERT_PTR_NOT_NULL_FATAL(data);
        expect_int(size, sizeof value);
        memcpy(&value, data, sizeof value);
        expect_int(value, len);
    }
}

static void test_forgets_when_full(void)
{
    wfm_memo_t *m = wfm_memo_make(unit_pool(), 500);
    int known = 0;

    for (int i = 0; i < 100; i++) {
        put(m, apr_psprintf(unit_pool(), "key %d", i), "value");
        expect_str(get(m, apr_psprintf(unit_pool(), "key %d", i)), "value");
    }
    for (int i = 0; i < 100; i++)
        known += get(m, apr_psprintf(unit_pool(), "key %d", i)) != NULL;
    CU_ASSERT(known >= 1 && known <= 5);
    put(m, "large", apr_psprintf(unit_pool(), "%500d", 1));
    expect_str(get(m, "large"), NULL);
    expect_str(get(m, "key 99"), "value"); /* it did not push the others out */
}

SUITE(memo) = {
    {"remembers", test_remembers},
    {"many", test_many},
    {"forgets when full", test_forgets_when_full},
    CU_TEST_INFO_NULL,
};
