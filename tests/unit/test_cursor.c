/*
 * test_cursor.c - cursors: what was written is read again, for the list that it is of, and nothing
 * else is.
 */
#include "core/cursor.h"
#include "core/json.h"
#include "unit.h"
#include <apr_encode.h>
#include <apr_strings.h>
#include <string.h>

#define LIST APR_UINT64_C(0x0123456789abcdef)

static int reads(const char *text, wfm_cursor_key_e kind)
{
    wfm_cursor_t c;

    return wfm_cursor_read(unit_pool(), text, LIST, kind, &c);
}

static void back_and_forth(wfm_cursor_key_e kind, apr_int64_t id, apr_int64_t floor,
                           const char *key)
{
    const wfm_cursor_t c = {id, floor, key};
    const char *text = wfm_cursor_write(unit_pool(), LIST, &c);
    wfm_cursor_t read = {0, 0, "?"};

    CU_ASSERT_EQUAL(
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        strlen(text));
    CU_ASSERT_TRUE_FATAL(wfm_cursor_read(unit_pool(), text, LIST, kind, &read));
    expect_int(read.id, id);
    expect_int(read.floor, floor);
    expect_str(read.key, key);
}

static void test_back_and_forth(void)
{
    static const char *const times[] = {"2025-01-31 12:00:00+00",
                                        "2025-01-31 12:00:00.5+00",
                                        "2024-02-29 23:59:59.999999+00",
                                        "0001-01-01 00:00:00+00",
                                        "9999-12-31 00:00:00+00",
                                        "12345-06-07 08:09:10+00",
                                        "0044-03-15 00:00:00+00 BC",
                                        "infinity",
                                        "-infinity",
                                        "0001-02-29 00:00:00.000001+00 BC"};
    static const char *const numbers[] = {"0", "-1", "157.25", "-0.000001",
                                          "123456789012345678901234567890.12345"};

    back_and_forth(WFM_CURSOR_ID, 1, 0, NULL);
    back_and_forth(WFM_CURSOR_ID, APR_INT64_MAX, APR_INT64_MAX, NULL);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        back_and_forth(WFM_CURSOR_TIME, 42, 0, times[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        back_and_forth(WFM_CURSOR_NUMBER, 42, 0, numbers[i]);
    back_and_forth(WFM_CURSOR_NUMBER, 42, 0, NULL);
    back_and_forth(WFM_CURSOR_SERIES, APR_INT64_MAX, 6, "7/8 0000000000000000");
    back_and_forth(WFM_CURSOR_SERIES, 42, 0, "7,9223372036854775807,1/8,9 7ff0000000000000");
}

/* A cursor whose digest is right, as one who knows how it is made can write it. */
static int reads_key(wfm_cursor_key_e kind, const char *key)
{
    const wfm_cursor_t c = {7, 0, key};

    return reads(wfm_cursor_write(unit_pool(), LIST, &c), kind);
}

static void test_forged_series(void)
{
    static const char *const series[] = {
        "",
        "7/8",
        "7/8 ",
        "7/8 000000000000000",
        "7/8 00000000000000000",
        "7/8 000000000000000G",
        "7/8 3FF0000000000000",
        "/8 0000000000000000",
        "7/ 0000000000000000",
        "7 0000000000000000",
        "7,/8 0000000000000000",
        "7,,1/8 0000000000000000",
        "0/8 0000000000000000",
        "-7/8 0000000000000000",
        "7/8/9 0000000000000000",
        "7/8,x 0000000000000000",
        "9223372036854775808/8 0000000000000000",
        "7}/8 0000000000000000",
    };
    const char *many = "1";

    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        if (reads_key(WFM_CURSOR_SERIES, series[i]))
            CU_FAIL("no series of a comparison");
    for (int i = 1; i < WFM_CURSOR_IDS; i++)
        many = apr_pstrcat(unit_pool(), many, ",1", NULL);
    CU_ASSERT_TRUE(
        reads_key(WFM_CURSOR_SERIES, apr_pstrcat(unit_pool(), many, "/1 0000000000000000", NULL)));
    CU_ASSERT_FALSE(reads_key(WFM_CURSOR_SERIES,
                              apr_pstrcat(unit_pool(), many, ",1/1 0000000000000000", NULL)));
    CU_ASSERT_FALSE(reads_key(WFM_CURSOR_SERIES, NULL));
    CU_ASSERT_FALSE(reads_key(WFM_CURSOR_NUMBER, "7/8 0000000000000000"));
}

/* What would be handed to PostgreSQL is what PostgreSQL can have printed. */
static void test_forged_keys(void)
{
    static const char *const times[] = {
        "now",
        "yesterday",
        "",
        "2025-01-31",
        "2025-02-29 12:00:00+00",
        "2023-02-29 12:00:00+00",
        "0002-02-29 00:00:00+00 BC",
        "2025-13-01 12:00:00+00",
        "2025-00-01 12:00:00+00",
        "2025-01-00 12:00:00+00",
        "2025-04-31 12:00:00+00",
        "2025-01-31 24:00:00+00",
        "2025-01-31 12:60:00+00",
        "2025-01-31 12:00:60+00",
        "2025-01-31 12:00:00.+00",
        "2025-01-31 12:00:00.1234567+00",
        "2025-01-31 12:00:00+01",
        "2025-01-31 12:00:00",
        "2025-01-31 12:00:00+00 AD",
        "2025-01-31 12:00:00+00 ",
        "2025-1-31 12:00:00+00",
        "999999-01-31 12:00:00+00",
        "9999-01-31 12:00:00+00 BC",
        "0000-01-31 12:00:00+00",
        "2025",
        "2025-",
        "2025-01",
        "infinity ",
        "'; DROP TABLE x; --",
    };
    static const char *const numbers[] = {"",   "-",  "1.", ".5",    "1e5", "NaN", "Infinity",
                                          "+1", "1 ", " 1", "1.5.5", "0x1", "1-"};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (reads_key(WFM_CURSOR_TIME, times[i]))
            CU_FAIL("a time that is none");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (reads_key(WFM_CURSOR_NUMBER, numbers[i]))
            CU_FAIL("a number that is none");
    CU_ASSERT_FALSE(reads_key(WFM_CURSOR_TIME, NULL));
    CU_ASSERT_FALSE(reads_key(WFM_CURSOR_TIME, "5"));
    CU_ASSERT_FALSE(reads_key(WFM_CURSOR_NUMBER, "2025-01-31 12:00:00+00"));
    CU_ASSERT_FALSE(reads_key(WFM_CURSOR_ID, "5"));
}

static const char *encoded(const char *inner)
{
    return apr_pencode_base64(unit_pool(), inner, APR_ENCODE_STRING, APR_ENCODE_BASE64URL, NULL);
}

static void test_malformed(void)
{
    const wfm_cursor_t c = {7, 5, NULL};
    const char *good = wfm_cursor_write(unit_pool(), LIST, &c);
    apr_size_t len = strlen(good);

    CU_ASSERT_TRUE(reads(good, WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads("", WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads("null", WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads("!", WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads(apr_pstrcat(unit_pool(), good, "=", NULL), WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads(apr_pstrcat(unit_pool(), " ", good, NULL), WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads(apr_pstrcat(unit_pool(), good, good, NULL), WFM_CURSOR_ID));
    for (apr_size_t i = 0; i < len; i++) {
        char *bad = apr_pstrdup(unit_pool(), good);

        CU_ASSERT_FALSE(reads(apr_pstrndup(unit_pool(), good, i), WFM_CURSOR_ID));
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        CU_ASSERT_FALSE(reads(bad, WFM_CURSOR_ID));
    }
    CU_ASSERT_FALSE(reads(encoded("1 "), WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads(encoded("2 0000000000000000 7 5"), WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads(encoded("1 0000000000000000 7 5"), WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads(encoded("1 0000000000000000 99999999999999999999 5"), WFM_CURSOR_ID));
    CU_ASSERT_FALSE(reads(encoded("1 0000000000000000 -7 5"), WFM_CURSOR_ID));
}

static void test_of_another_list(void)
{
    const wfm_cursor_t c = {7, 5, NULL};
    wfm_cursor_t read;
    const char *text = wfm_cursor_write(unit_pool(), LIST, &c);

    CU_ASSERT_TRUE(wfm_cursor_read(unit_pool(), text, LIST, WFM_CURSOR_ID, &read));
    CU_ASSERT_FALSE(wfm_cursor_read(unit_pool(), text, LIST + 1, WFM_CURSOR_ID, &read));
}

static apr_uint64_t list(const char *cluster, const char *path, const wfm_arg_t *a,
                         const wfm_arg_t *b)
{
    wfm_arg_t args[] = {*a, *b};
    const wfm_args_t params = {args, 2}, body = {NULL, 0};

    return wfm_cursor_list(unit_pool(), cluster, path, &params, &body);
}

static void test_what_a_list_is(void)
{
    const wfm_arg_t
        id = {.name = "id", .set = 1, .i = 1, .s = "1"},
        other = {.name = "id", .set = 1, .i = 2}, none = {.name = "limit"},
        ten = {.name = "limit", .set = 1, .i = 10},
        failed = {.name = "status", .set = 1, .i = 4, .s = "failed"},
        noon = {.name = "start", .set = 1, .t = 43200000000, .s = "1970-01-01T12:00:00Z"},
        same = {.name = "start", .set = 1, .t = 43200000000, .s = "1970-01-01t12:00:00z"},
        cursor = {.name = "cursor", .set = 1, .s = "abc"};
    apr_uint64_t runs = list("a", "/configs/:id/runs", &id, &none);

    CU_ASSERT_EQUAL(list("a", "/configs/:id/runs", &id, &ten), runs);
    CU_ASSERT_EQUAL(list("a", "/configs/:id/runs", &id, &cursor), runs);
    CU_ASSERT_NOT_EQUAL(list("a", "/configs/:id/runs", &other, &none), runs);
    CU_ASSERT_NOT_EQUAL(list("b", "/configs/:id/runs", &id, &none), runs);
    CU_ASSERT_NOT_EQUAL(list("a", "/runs/:id/metrics", &id, &none), runs);
    CU_ASSERT_NOT_EQUAL(list("a", "/configs/:id/runs", &id, &failed), runs);
    CU_ASSERT_NOT_EQUAL(list("a", "/configs/:id/runs", &id, &noon), runs);
    CU_ASSERT_EQUAL(list("a", "/configs/:id/runs", &id, &noon),
                    list("a", "/configs/:id/runs", &id, &same));
}

/* A value that a list of the code's does not name is told apart by its text, which has no index. */
static void test_values_of_no_list(void)
{
    const wfm_arg_t none = {.name = "limit"}, empty = {.name = "head_sha", .set = 1, .s = ""},
                    one = {.name = "status", .set = 1, .i = -1, .s = "paused"},
                    two = {.name = "status", .set = 1, .i = -1, .s = "parked"};

    CU_ASSERT_NOT_EQUAL(list("a", "/runs", &one, &none), list("a", "/runs", &two, &none));
    CU_ASSERT_EQUAL(list("a", "/runs", &one, &none), list("a", "/runs", &one, &none));
    CU_ASSERT_EQUAL(list("a", "/runs", &empty, &none), list("a", "/runs", &none, &none));
}

static apr_uint64_t filtered(const char *name, const char *filter)
{
    wfm_arg_t arg = {.name = name, .set = 1}, none = {.name = "limit"};

    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), filter, strlen(filter), &arg.json));
    return list("a", "/configs/:id/metrics/query", &arg, &none);
}

/* What selects the same rows is the same list, and nothing else is. */
static void test_filters(void)
{
    static const struct {
        const char *name, *filter, *same[5], *other[7];
    } cases[] = {
        {"dimensions",
         "{\"Op\":[\"GEMM\",32],\"x\":1.50,\"y\":{\"not\":[null,\"a\"]}}",
         {"{\"y\":{\"not\":[\"a\",null,\"a\"]},\"x\":[\"1.50\"],\"Op\":[\"32\",\"GEMM\",32]}",
          "{\"Op\":[32,\"GEMM\"],\"n\":[],\"x\":\"1.50\",\"y\":{\"not\":[null,\"a\"]}}"},
         {"{\"Op\":[\"GEMM\",32],\"x\":1.5,\"y\":{\"not\":[null,\"a\"]}}",
          "{\"Op\":[\"GEMM\",32],\"x\":1.50,\"y\":[null,\"a\"]}",
          "{\"Op\":[\"GEMM\",32],\"x\":1.50,\"y\":{\"not\":[\"a\"]}}",
          "{\"Op\":[\"GEMM\"],\"x\":1.50,\"y\":{\"not\":[null,\"a\"]}}",
          "{\"Op\":[\"GEMM\",32],\"y\":1.50,\"x\":{\"not\":[null,\"a\"]}}",
          "{\"Op\":[\"GEMM\",\"32\",\"x\"],\"y\":{\"not\":[null,\"a\"]}}", "{\"Op\":\"GEMM\"}"}},
        {"dimensions", "{}", {"{\"a\":[]}", "{\"a\":{\"not\":[]}}"}, {"{\"a\":null}"}},
        {"metric_filters",
         "{\"v\":{\"gt\":1.50,\"<\":200},\"w\":3}",
         {"{\"w\":{\"eq\":\"3\"},\"v\":{\"lt\":2e2,\">\":1.5}}",
          "{\"w\":{\"=\":3.0},\"v\":{\"<\":\"200\",\"gt\":\"1.500\"}}",
          "{\"v\":{\"gt\":15e-1,\"<\":200},\"u\":{},\"w\":\"3\"}"},
         {"{\"v\":{\"gte\":1.50,\"<\":200},\"w\":3}", "{\"v\":{\"gt\":1.50,\"<\":200}}",
          "{\"w\":{\"gt\":1.50,\"<\":200},\"v\":3}", "{\"v\":{\"gt\":1.51,\"<\":200},\"w\":3}",
          "{\"v\":{\"gt\":200,\"<\":1.5},\"w\":3}", "{\"v\":{\"gt\":-1.50,\"<\":200},\"w\":3}"}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        apr_uint64_t is = filtered(cases[i].name, cases[i].filter);

        for (int n = 0; n < 5 && cases[i].same[n]; n++)
            if (filtered(cases[i].name, cases[i].same[n]) != is)
                CU_FAIL("the same filter, written otherwise, is another list");
        for (int n = 0; n < 7 && cases[i].other[n]; n++)
            if (filtered(cases[i].name, cases[i].other[n]) == is)
                CU_FAIL("another filter is the same list");
    }
    const wfm_arg_t none = {.name = "limit"};
    CU_ASSERT_EQUAL(filtered("dimensions", "{}"),
                    list("a", "/configs/:id/metrics/query", &none, &none));
}

SUITE(cursor) = {
    {"values of no list", test_values_of_no_list},
    {"filters", test_filters},
    {"back and forth", test_back_and_forth},
    {"forged keys", test_forged_keys},
    {"forged keys of series", test_forged_series},
    {"malformed", test_malformed},
    {"of another list", test_of_another_list},
    {"what a list is", test_what_a_list_is},
    CU_TEST_INFO_NULL,
};
