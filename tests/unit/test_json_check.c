/*
 * test_json_check.c - what is JSON, and at which byte a text stops being it.
 */
#include "core/json_check.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

/** The offence's position, or -1: valid. */
static apr_int64_t offence_n(const char *text, apr_size_t len)
{
    apr_size_t at = 0;

    return wfm_json_check(text, len, 32, &at) == WFM_JSON_VALID ? -1 : (apr_int64_t)at;
}

static void expect_offence(const char *text, apr_int64_t position)
{
    apr_int64_t found = offence_n(text, strlen(text));

    if (found != position)
        expect_str(apr_psprintf(unit_pool(), "%s: byte %" APR_INT64_T_FMT, text, found),
                   apr_psprintf(unit_pool(), "%s: byte %" APR_INT64_T_FMT, text, position));
    else
        CU_PASS("as expected");
}

static void test_valid(void)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "0",
        "-0",
        "12",
        "-1.5",
        "1e5",
        "1E+05",
        "0.0e-0",
        "true",
        "false",
        "null",
        "\"\"",
        " \t\r\n[ 1 , 2 ] \n",
        "{\"a\":{\"b\":[null]},\"c\":1}",
        "{ \"a\" : 1 , \"b\" : 2 }",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uFFFF\"",
        "\"\\ud83d\\ude00\"",
        "\"\\uD83D\\uDE00\"",
        "\"\x7f\xC3\xA9\xF0\x9F\x98\x80\"",
        "\"/\"",
        "[[],{},[{}]]",
        "123456789012345678901234567890.123456789e123456789",
    };
    unsigned i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_offence(texts[i], -1);
}

static void test_structure(void)
{
    expect_offence("", 0);
    expect_offence("  ", 2);
    expect_offence("{\"a\":}", 5);
    expect_offence("{\"a\":1", 6);
    expect_offence("{\"a\":1,}", 7);
    expect_offence("{\"a\" 1}", 5);
    expect_offence("{\"a\"}", 4);
    expect_offence("{a:1}", 1);
    expect_offence("{'a':1}", 1);
    expect_offence("{1:1}", 1);
    expect_offence("{,}", 1);
    expect_offence("{", 1);
    expect_offence("[", 1);
    expect_offence("[1,]", 3);
    expect_offence("[,1]", 1);
    expect_offence("[1 2]", 3);
    expect_offence("[1}", 2);
    expect_offence("]", 0);
    expect_offence("{} {}", 3);
    expect_offence("{}x", 2);
    expect_offence("1 2", 2);
    expect_offence("// c\n1", 0);
    expect_offence("[1/**/]", 2);
    expect_offence("\xEF\xBB\xBF{}", 0); /* a byte order mark */
    expect_offence("\v{}", 0);
    expect_int(offence_n("{}\0", 3), 2);
    expect_int(offence_n("\0", 1), 0);
}

static void test_words(void)
{
    expect_offence("nul", 3);
    expect_offence("nulx", 3);
    expect_offence("nulll", 4);
    expect_offence("True", 0);
    expect_offence("tRUE", 1);
    expect_offence("NaN", 0);
    expect_offence("nan", 1);
    expect_offence("Infinity", 0);
    expect_offence("-Infinity", 1);
    expect_offence("undefined", 0);
    expect_offence("'a'", 0);
}

static void test_numbers(void)
{
    expect_offence("01", 1);
    expect_offence("00", 1);
    expect_offence("-01", 2);
    expect_offence("-", 1);
    expect_offence("+1", 0);
    expect_offence(".5", 0);
    expect_offence("1.", 2);
    expect_offence("1.e5", 2);
    expect_offence("[1.]", 3);
    expect_offence("1e", 2);
    expect_offence("1e+", 3);
    expect_offence("1e+-1", 3);
    expect_offence("1.5.5", 3);
    expect_offence("0x10", 1);
    expect_offence("1a", 1);
    expect_offence("--1", 1);
}

static void test_strings(void)
{
    expect_offence("\"", 1);
    expect_offence("\"abc", 4);
    expect_offence("\"a\nb\"", 2);
    expect_offence("\"a\tb\"", 2);
    expect_offence("\"\x1f\"", 1);
    expect_int(offence_n("\"a\0b\"", 5), 2);
    expect_offence("\"\\x\"", 2);
    expect_offence("\"\\'\"", 2);
    expect_offence("\"\\", 2);
    expect_int(offence_n("\"\\\0\"", 4), 2);
    expect_offence("\"\\u12\"", 5);
    expect_offence("\"\\u12g4\"", 5);
    expect_offence("\"\\U0041\"", 2);
}

static void test_escaped_units(void)
{
    expect_offence("\"\\u0000\"", 6); /* its last digit makes it NUL */
    expect_offence("\"\\u0001\"", -1);
    expect_offence("\"\\ud800\"", 7); /* a quote instead of the low surrogate */
    expect_offence("\"\\ud800x\"", 7);
    expect_offence("\"\\ud800\\n\"", 8);
    expect_offence("\"\\ud800\\u0041\"", 9);  /* not D */
    expect_offence("\"\\ud800\\ud800\"", 10); /* D, but not C to F */
    expect_offence("\"\\udc00\"", 4);         /* a low one first */
    expect_offence("\"\\uDFFF\"", 4);
    expect_offence("\"\\udbff\\udfff\"", -1);
    expect_offence("\"\\ud7ff\\ue000\"", -1);
}

static void test_utf8(void)
{
    expect_offence("\"a\xFFz\"", 2);
    expect_offence("\"\x80\"", 1);
    expect_offence("\"\xC0\x80\"", 1);
    expect_offence("\"\xC3\"", 2);
    expect_offence("\"\xC3", 2);
    expect_offence("\"\xED\xA0\x80\"", 2);
    expect_offence("\"\xE2\x82\"", 3);
    expect_offence("\"\xF0\x9F\x98x\"", 4);
    expect_offence("\"\xF4\x90\x80\x80\"", 2);
}

static const char *nested(int levels, char open, char close)
{
    char *text = apr_pcalloc(unit_pool(), (apr_size_t)levels * 2 + 1);

    memset(text, open, (apr_size_t)levels);
    memset(text + levels, close, (apr_size_t)levels);
    return text;
}

static void test_depth(void)
{
    apr_size_t at = 99;

    expect_offence(nested(32, '[', ']'), -1);
    expect_int(wfm_json_check(nested(33, '[', ']'), 66, 32, &at), WFM_JSON_TOO_DEEP);
    expect_int((apr_int64_t)at, 32);
    expect_int(wfm_json_check("[{}]", 4, 1, &at), WFM_JSON_TOO_DEEP);
    expect_int((apr_int64_t)at, 1);
    expect_int(wfm_json_check("[[],[],{\"a\":[]}]", 16, 3, &at), WFM_JSON_VALID);
    expect_int(wfm_json_check("[]", 2, 0, &at), WFM_JSON_TOO_DEEP);
    expect_int(wfm_json_check("1", 1, 0, &at), WFM_JSON_VALID);
    /* A million brackets end at the 33rd: the stack is bounded. */
    expect_int(wfm_json_check(nested(1000000, '[', ']'), 2000000, 32, &at), WFM_JSON_TOO_DEEP);
}

/**
 * The position's meaning: what stands before it could be continued (alone, it fails only by its
 * end, or is whole), and with the byte at it, it cannot.
 */
static void check_position(const char *text, apr_size_t len)
{
    apr_size_t at = 0, again = 0;

    if (wfm_json_check(text, len, 32, &at) == WFM_JSON_VALID)
        return;
    CU_ASSERT_TRUE(at <= len);
    if (wfm_json_check(text, at, 32, &again) != WFM_JSON_VALID)
        expect_int((apr_int64_t)again, (apr_int64_t)at);
    if (at == len)
        return;
    CU_ASSERT_NOT_EQUAL(wfm_json_check(text, at + 1, 32, &again), WFM_JSON_VALID);
    expect_int((apr_int64_t)again, (apr_int64_t)at);
}

static void test_damaged_texts(void)
{
    static const char sound[] =
        "{\"Op\":[\"GEMM\",\"A\\u00e9\\ud83d\\ude00\xC3\xA9\\n\"],\"n\":-12.50e+3,\"t\":true,"
        "\"f\":false,\"z\":null,\"d\":[[[{}]],{\"k\":0}]} ";
    static const char bytes[] = "{}[]\",:\\u0d8c1-+.eE tfn/\x01\xC3\xA9\xED\xFF\0";
    apr_uint64_t state = 3;
    int round;

    for (round = 0; round < 20000; round++) {
        char text[sizeof(sound)];
        apr_size_t len = sizeof(sound) - 1;
        int edits = 1 + (int)(unit_random(&state) % 3);

        memcpy(text, sound, sizeof(sound));
        while (edits--)
            text[unit_random(&state) % len] = bytes[unit_random(&state) % sizeof(bytes)];
        if (unit_random(&state) % 4 == 0)
            len = unit_random(&state) % len;
        check_position(text, len);
    }
}

SUITE(json_check) = {
    {"valid", test_valid},     {"structure", test_structure}, {"words", test_words},
    {"numbers", test_numbers}, {"strings", test_strings},     {"escaped units", test_escaped_units},
    {"UTF-8", test_utf8},      {"depth", test_depth},         {"damaged texts", test_damaged_texts},
    CU_TEST_INFO_NULL,
};
