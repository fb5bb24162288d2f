/*
 * test_etag.c - tags, and which of them If-None-Match names.
 */
#include "core/etag.h"
#include "unit.h"

#define TAG "\"00000000000000ab\""

static void test_make(void)
{
    expect_str(wfm_etag_make(unit_pool(), 0xab), TAG);
    expect_str(wfm_etag_make(unit_pool(), 0), "\"0000000000000000\"");
    expect_str(wfm_etag_make(unit_pool(), APR_UINT64_MAX), "\"ffffffffffffffff\"");
}

static void test_matches(void)
{
    static const char *const headers[] = {
        TAG,
        "W/" TAG,
        " " TAG " ",
        "*",
        " * ",
        "\"x\", " TAG,
        "\"x\"," TAG ",\"y\"",
        "\"a,b\" ,\t" TAG,
        ", ," TAG,
        "\"\", " TAG,
        "\"00000000000000ab-gzip\"",
        "W/\"00000000000000ab-gzip\"",
        "\"00000000000000ab-br\"",
    };
    unsigned i;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        expect_int(wfm_etag_match(unit_pool(), headers[i], TAG) != NULL, 1);
}

static void test_does_not_match(void)
{
    static const char *const headers[] = {
        "",
        " ",
        ",",
        "\"00000000000000ac\"",
        "00000000000000ab",
        "\"00000000000000ab",
        "\"00000000000000ab-zip\"",
        "\"00000000000000ab-gzip2\"",
        "\"00000000000000ab-gzix\"",
        "\"00000000000000ab-b\"",
        "\"00000000000000ab-\"",
        "\"00000000000000a\"",
        "\"00000000000000AB\"",
        "w/" TAG,
        "\"x\" " TAG, /* no comma between */
        "**",
        "*, " TAG, /* not a form of the header */
        "W/",
    };
    unsigned i;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        expect_int(wfm_etag_match(unit_pool(), headers[i], TAG) != NULL, 0);
    expect_int(wfm_etag_match(unit_pool(), NULL, TAG) != NULL, 0);
}

CU_TestInfo etag_tests[] = {
    {"make", test_make},
    {"matches", test_matches},
    {"does not match", test_does_not_match},
    CU_TEST_INFO_NULL,
};
