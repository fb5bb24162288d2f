/*
 * test_text.c - UTF-8, blanks, percent escapes, integers.
 */
#include "core/text.h"
#include "unit.h"
#include <string.h>

/** Encode a code point as RFC 3629 writes it, without looking whether it may be; returns the
 * length. */
static apr_size_t encode(unsigned c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static void test_every_code_point(void)
{
    unsigned c, wrong = 0;
    char s[4];

    for (c = 0; c < 0x200000; c += c < 0x11000 ? 1 : 37) {
        apr_size_t len = encode(c, s);
        int allowed = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);

        wrong += wfm_text_is_utf8(s, len) != allowed;
        if (allowed && len > 1)
            wrong += wfm_text_is_utf8(s, len - 1); /* cut short */
    }
    expect_int(wrong, 0);
    CU_ASSERT_TRUE(wfm_text_is_utf8("\xF4\x8F\xBF\xBF", 4));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xF4\x90\x80\x80", 4));
}

static void test_overlong_and_stray_bytes(void)
{
    CU_ASSERT_TRUE(wfm_text_is_utf8("", 0));
    CU_ASSERT_TRUE(wfm_text_is_utf8("a\0b", 3));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xC0\x80", 2));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xC1\xBF", 2));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xE0\x9F\xBF", 3));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xF0\x8F\xBF\xBF", 4));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\x80", 1));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xFF", 1));
    CU_ASSERT_FALSE(wfm_text_is_utf8("a\xC3", 2));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xC3(", 2));
    CU_ASSERT_FALSE(wfm_text_is_utf8("\xED\xA0\x80\xED\xB0\x80", 6)); /* CESU-8 */
}

static void test_sequence_tells_the_offence(void)
{
    apr_size_t n = 9;

    expect_int(wfm_text_sequence("\xE2\x82\xAC!", 4, &n), 1);
    expect_int((apr_int64_t)n, 3);
    expect_int(wfm_text_sequence("\xE2\x82\xAC", 2, &n), 0);
    expect_int((apr_int64_t)n, 2);
    expect_int(wfm_text_sequence("\xED\xA0\x80", 3, &n), 0);
    expect_int((apr_int64_t)n, 1);
    expect_int(wfm_text_sequence("\xF0\x9F\x98x", 4, &n), 0);
    expect_int((apr_int64_t)n, 3);
    expect_int(wfm_text_sequence("\xC0\x80", 2, &n), 0);
    expect_int((apr_int64_t)n, 0);
}

static void test_length_counts_code_points(void)
{
    expect_int((apr_int64_t)wfm_text_length("", 0), 0);
    expect_int((apr_int64_t)wfm_text_length("abc", 3), 3);
    expect_int((apr_int64_t)wfm_text_length("a\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80", 10), 4);
    expect_int((apr_int64_t)wfm_text_length("e\xCC\x81", 3), 2); /* combining: two code points */
}

static void test_blank(void)
{
    static const unsigned blanks[] = {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,
                                      0x85,   0xA0,   0x1680, 0x2000, 0x2005, 0x200A,
                                      0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
    static const unsigned others[] = {0x00, 0x08,   0x0E,   'a',    0x84,   0x86,
                                      0xA1, 0x1FFF, 0x200B, 0x202A, 0x3001, 0xFEFF};
    char all[100], s[4];
    apr_size_t len = 0;
    unsigned i;

    CU_ASSERT_TRUE(wfm_text_is_blank("", 0));
    for (i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
        CU_ASSERT_TRUE(wfm_text_is_blank(s, encode(blanks[i], s)));
        len += encode(blanks[i], all + len);
    }
    CU_ASSERT_TRUE(wfm_text_is_blank(all, len));
    all[len++] = 'x';
    CU_ASSERT_FALSE(wfm_text_is_blank(all, len));
    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CU_ASSERT_FALSE(wfm_text_is_blank(s, encode(others[i], s)));
}

static void test_short(void)
{
    char long_text[WFM_TEXT_SHORT + 10];
    const char *s;

    expect_str(wfm_text_short(unit_pool(), "Op"), "Op");
    memset(long_text, 'a', sizeof(long_text));
    long_text[WFM_TEXT_SHORT] = '\0';
    expect_str(wfm_text_short(unit_pool(), long_text), long_text);
    /* A two-byte character lies across the cut and goes as a whole. */
    memcpy(long_text + WFM_TEXT_SHORT - 1, "\xC3\xA9zz", 5);
    s = wfm_text_short(unit_pool(), long_text);
    expect_int((apr_int64_t)strlen(s), WFM_TEXT_SHORT - 1 + 3);
    expect_str(s + WFM_TEXT_SHORT - 2, "a...");
}

static const char *decode(const char *s, int plus_is_space)
{
    apr_size_t len = 0;
    char *out = wfm_text_decode(unit_pool(), s, strlen(s), plus_is_space, &len);

    if (out) {
        expect_int((apr_int64_t)len, (apr_int64_t)strlen(out));
        expect_int(out[len], '\0');
    }
    return out;
}

static void test_decode(void)
{
    apr_size_t len = 0;
    char *out;

    expect_str(decode("", 1), "");
    expect_str(decode("a+b", 1), "a b");
    expect_str(decode("a+b", 0), "a+b");
    expect_str(decode("a%2Bb", 1), "a+b");
    expect_str(decode("Backend%2fStage%3A", 0), "Backend/Stage:");
    expect_str(decode("%252F", 0), "%2F"); /* once, not twice */
    expect_str(decode("%C3%a9", 0), "\xC3\xA9");
    expect_str(decode("%", 0), NULL);
    expect_str(decode("%4", 0), NULL);
    expect_str(decode("a%4", 0), NULL);
    expect_str(decode("%zz", 0), NULL);
    expect_str(decode("%4g", 0), NULL);
    expect_str(decode("%+1", 1), NULL);
    out = wfm_text_decode(unit_pool(), "a%00b", 5, 0, &len);
    expect_int((apr_int64_t)len, 3);
    expect_int(memcmp(out, "a\0b", 4), 0);
    /* The length rules, not what lies behind it. */
    CU_ASSERT_PTR_NULL(wfm_text_decode(unit_pool(), "%41", 2, 0, &len));
}

static void expect_integer(const char *s, int result, apr_int64_t value)
{
    apr_int64_t v = 0;

    expect_int(wfm_text_int64(s, strlen(s), &v), result);
    expect_int(v, value);
}

static void test_int64(void)
{
    static const char *const bad[] = {"",    "-",   "+1",  " 1",  "1 ", "1.0",     "1e3",
                                      "0x1", "--1", "1-1", "abc", "1a", "\xD9\xA1"};
    apr_int64_t v = 0;
    unsigned i;

    expect_integer("0", 1, 0);
    expect_integer("-0", 1, 0);
    expect_integer("007", 1, 7);
    expect_integer("-42", 1, -42);
    expect_integer("9223372036854775807", 1, APR_INT64_MAX);
    expect_integer("-9223372036854775808", 1, APR_INT64_MIN);
    expect_integer("9223372036854775808", -1, APR_INT64_MAX);
    expect_integer("-9223372036854775809", -1, APR_INT64_MIN);
    expect_integer("18446744073709551617", -1, APR_INT64_MAX); /* 2^64 + 1 must not wrap to 1 */
    expect_integer("99999999999999999999999999999999999999", -1, APR_INT64_MAX);
    expect_integer("-99999999999999999999999999999999999999", -1, APR_INT64_MIN);
    expect_integer("99999999999999999999999999999999999999x", 0, 0);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_integer(bad[i], 0, 0);
    expect_int(wfm_text_int64("1\0", 2, &v), 0);
    expect_int(wfm_text_int64("123", 2, &v), 1);
    expect_int(v, 12);
}

static void test_growing(void)
{
    apr_array_header_t *text = wfm_text_new(unit_pool());
    char expected[3001] = "";

    expect_str(wfm_text_get(text), "");
    wfm_text_append(text, "");
    expect_str(wfm_text_get(text), "");
    for (int i = 0; i < 1000; i++) {
        wfm_text_append(text, "a, ");
        memcpy(expected + 3 * i, "a, ", 4);
        expect_str(wfm_text_get(text), expected);
    }
}

SUITE(text) = {
    {"a text that grows", test_growing},
    {"every code point", test_every_code_point},
    {"overlong forms and stray bytes", test_overlong_and_stray_bytes},
    {"a sequence tells the offence", test_sequence_tells_the_offence},
    {"length counts code points", test_length_counts_code_points},
    {"blank", test_blank},
    {"short", test_short},
    {"decode", test_decode},
    {"int64", test_int64},
    CU_TEST_INFO_NULL,
};
