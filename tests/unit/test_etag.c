/*
 * test_etag.c - tags, which of them If-None-Match names, and what If-Match lets happen.
 */
#include "core/etag.h"
#include "unit.h"
#include <apr_strings.h>

#define TAG "\"00000000000000ab\""

static void test_make(void)
{
    expect_str(wfm_etag_make(unit_pool(), NULL, 0xab), TAG);
    expect_str(wfm_etag_make(unit_pool(), NULL, 0), "\"0000000000000000\"");
    expect_str(wfm_etag_make(unit_pool(), NULL, APR_UINT64_MAX), "\"ffffffffffffffff\"");
    expect_str(wfm_etag_make(unit_pool(), "4294967295", 0xab), "\"4294967295-00000000000000ab\"");
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
        TAG " x",
        "W/",
    };
    unsigned i;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        expect_int(wfm_etag_match(unit_pool(), headers[i], TAG) != NULL, 0);
    expect_int(wfm_etag_match(unit_pool(), NULL, TAG) != NULL, 0);
}

#define ROW "\"815-00000000000000ab\""

static void test_if_match(void)
{
    static const char *const permit[] = {
        ROW,
        "*",
        " *\t",
        " " ROW " ",
        "\"x\", " ROW,
        ROW ",,\t\"a,b\" , ",
        "W/" ROW ", " ROW,
        "\"815-00000000000000ab-gzip\"",
        "\"815-00000000000000ab-br\",\"x\"",
    };
    static const char *const refuse[] = {
        "",
        " ",
        ",",
        "x",
        "815-00000000000000ab",
        "\"815-00000000000000ab",
        "W/" ROW,
        "w/" ROW,
        "\"815\"",
        "\"815-00000000000000ac\"",
        "\"816-00000000000000ab\"",
        "\"815-00000000000000ab-zip\"",
        "W/\"815-00000000000000ab-gzip\"",
        /* no list of tags: the condition cannot be read */
        ROW " " ROW,
        ROW ", x",
        "x, " ROW,
        "*, " ROW,
        ROW ", *",
        "**",
        ROW ", \"x",
        ROW ";",
        "W/",
    };

    for (unsigned i = 0; i < sizeof(permit) / sizeof(permit[0]); i++)
        expect_int(wfm_etag_permits(permit[i], ROW), 1);
    for (unsigned i = 0; i < sizeof(refuse) / sizeof(refuse[0]); i++)
        expect_int(wfm_etag_permits(refuse[i], ROW), 0);
    expect_int(wfm_etag_permits(NULL, ROW), 1);
    expect_int(wfm_etag_permits(NULL, NULL), 1);
    expect_int(wfm_etag_permits("*", NULL), 1);
    expect_int(wfm_etag_permits(ROW, NULL), 0);
    expect_int(wfm_etag_permits("", NULL), 0);
}

/* The versions of a header, separated by blanks; "any" for NULL. */
static const char *versions(const char *header)
{
    const apr_array_header_t *v = wfm_etag_versions(unit_pool(), header);

    return v ? apr_array_pstrcat(unit_pool(), v, ' ') : "any";
}

static void test_versions(void)
{
    static const struct {
        const char *header, *versions;
    } cases[] = {
        {NULL, "any"},
        {"*", "any"},
        {"\t* ", "any"},
        {ROW, "815"},
        {"\"815-00000000000000ab-gzip\"", "815"},
        {"\"815-00000000000000ab-br\"", "815"},
        {"\"815-anything\"", "815"}, /* the digest is of the answer, not of the row */
        {"\"1-a\", \"4294967295-b\",W/\"3-c\" ,\"x\",\"2-\"", "1 4294967295 2"},
        {"W/" ROW, ""},
        {"\"00000000000000ab\"", ""}, /* a list's */
        {"\"0000000000000012-gzip\"", ""},
        {"\"815\"", ""},
        {"\"-815\"", ""},
        {"\"\"", ""},
        {"\"8 15-0\"", ""},
        {"\"0x1-0\"", ""},
        {"", ""},
        {",", ""},
        {"815-00000000000000ab", ""},
        {ROW ", x", ""},
        {"x," ROW, ""},
        {ROW " " ROW, ""},
        {"*," ROW, ""},
        {ROW ",*", ""},
        {ROW ",\"8", ""},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_str(versions(cases[i].header), cases[i].versions);
}

SUITE(etag) = {
    {"make", test_make},
    {"matches", test_matches},
    {"does not match", test_does_not_match},
    {"If-Match", test_if_match},
    {"versions that If-Match names", test_versions},
    CU_TEST_INFO_NULL,
};
