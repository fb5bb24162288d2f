/*
 * test_json_writer.c - commas, nesting, escapes; and that wrong use trips an assert.
 */
#include "core/json_writer.h"
#include "unit.h"
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdio.h>

static void test_document(void)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_json_t j;

    wfm_json_init(&j, &sink->out);
    wfm_json_object(&j);
    wfm_json_key(&j, "meta");
    wfm_json_object(&j);
    wfm_json_key(&j, "code");
    wfm_json_int64(&j, 2000);
    wfm_json_object_end(&j);
    wfm_json_key_n(&j, "dataXX", 4);
    wfm_json_array(&j);
    wfm_json_array(&j);
    wfm_json_array_end(&j);
    wfm_json_object(&j);
    wfm_json_object_end(&j);
    wfm_json_null(&j);
    wfm_json_bool(&j, 1);
    wfm_json_bool(&j, 0);
    wfm_json_string(&j, "a");
    wfm_json_string(&j, NULL);
    wfm_json_string_n(&j, "bcd", 2);
    wfm_json_string_n(&j, NULL, 0);
    wfm_json_string_n(&j, "", 0);
    wfm_json_raw(&j, "{\"x\": 1.50}", 11);
    wfm_json_raw(&j, NULL, 0);
    wfm_json_int64(&j, APR_INT64_MIN);
    wfm_json_array_end(&j);
    wfm_json_object_end(&j);
    expect_str(unit_written(sink),
               "{\"meta\":{\"code\":2000},\"data\":[[],{},null,true,false,\"a\",null,\"bc\",null,"
               "\"\",{\"x\": 1.50},null,-9223372036854775808]}");
    expect_int(j.depth, 0);
}

static void test_escapes(void)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_json_t j;

    wfm_json_init(&j, &sink->out);
    wfm_json_object(&j);
    wfm_json_key(&j, "q\"b\\");
    wfm_json_string_n(&j, "\0\x01\b\t\n\f\r\x1f\x7f/<>&\xC3\xA9\xF0\x9F\x98\x80", 19);
    wfm_json_object_end(&j);
    expect_str(unit_written(sink),
               "{\"q\\\"b\\\\\":\"\\u0000\\u0001\\u0008\\u0009\\u000a\\u000c\\u000d\\u001f\x7f/<>&"
               "\xC3\xA9\xF0\x9F\x98\x80\"}");
}

/** What wfm_json_quote makes of a text, one byte after the other. */
static apr_size_t quote_slowly(char *to, const char *text, int len)
{
    char *end = to;

    *end++ = '"';
    for (int i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < 0x20)
            end += sprintf(end, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            end += sprintf(end, "\\%c", c);
        else
            *end++ = text[i];
    }
    *end++ = '"';
    return (apr_size_t)(end - to);
}

/** Every byte, anywhere in texts of one to twenty. */
static void test_each_byte_everywhere(void)
{
    unit_sink_t *sink = unit_sink(4096);

    for (int c = 0; c < 256; c++) {
        for (int len = 1; len <= 20; len++) {
            for (int at = 0; at < len; at++) {
                char text[20], expected[32];

                memset(text, 'x', sizeof(text));
                text[at] = (char)c;
                wfm_json_quote(&sink->out, text, (apr_size_t)len);
                expect_int((int)sink->out.len, (int)quote_slowly(expected, text, len));
                expect_int(memcmp(sink->out.buf, expected, sink->out.len), 0);
                sink->out.len = 0;
            }
        }
    }
}

/** What ends a line to some readers is escaped wherever it stands; what looks like it is not. */
static void test_line_ends(void)
{
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        {"\xC2\x85", "\\u0085"},
        {"\xE2\x80\xA8", "\\u2028"},
        {"\xE2\x80\xA9", "\\u2029"},
        {"\xC2\x84", "\xC2\x84"},
        {"\xC2\xA9", "\xC2\xA9"},
        {"\xE2\x80\xA7", "\xE2\x80\xA7"},
        {"\xE2\x82\xAC", "\xE2\x82\xAC"},
        {"\xE2\x80", "\xE2\x80"},
        {"\xC2", "\xC2"},
        {"\xC3\x85", "\xC3\x85"},
    };

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (int before = 0; before <= 17; before++) {
            for (int behind = 0; behind <= 9; behind++) {
                unit_sink_t *quoted = unit_sink(64), *spliced = unit_sink(64);
                const char *text =
                    apr_psprintf(unit_pool(), "%.*s%s%.*s", before, "aaaaaaaaaaaaaaaaaaa",
                                 cases[c].text, behind, "bbbbbbbbbb");
                const char *expected =
                    apr_psprintf(unit_pool(), "%.*s%s%.*s", before, "aaaaaaaaaaaaaaaaaaa",
                                 cases[c].escaped, behind, "bbbbbbbbbb");

                wfm_json_quote(&quoted->out, text, strlen(text));
                wfm_json_splice(&spliced->out, text, strlen(text));
                expect_str(unit_written(quoted), apr_psprintf(unit_pool(), "\"%s\"", expected));
                expect_str(unit_written(spliced), expected);
            }
        }
    }
}

static void test_splice(void)
{
    unit_sink_t *sink = unit_sink(64);
    const char *json =
        "{\"a\\\\\xE2\x80\xA8\": [1, \"\\\"\xC2\x85\", \"\\n\xE2\x80\xA9\xE2\x80\xA9\"]}";

    wfm_json_splice(&sink->out, json, strlen(json));
    wfm_json_splice(&sink->out, "", 0);
    expect_str(unit_written(sink),
               "{\"a\\\\\\u2028\": [1, \"\\\"\\u0085\", \"\\n\\u2029\\u2029\"]}");
}

/** Random texts, read back by json-c, are what they were. */
static void test_strings_round_trip(void)
{
    apr_uint64_t state = 1;
    int round, i;

    for (round = 0; round < 500; round++) {
        unit_sink_t *sink = unit_sink(64);
        char text[200];
        int len = (int)(unit_random(&state) % sizeof(text));
        json_object *read;
        wfm_json_t j;

        for (i = 0; i < len; i++)
            text[i] = (char)(unit_random(&state) % 128);
        wfm_json_init(&j, &sink->out);
        wfm_json_string_n(&j, text, (apr_size_t)len);
        read = json_tokener_parse(unit_written(sink));
        CU_ASSERT_PTR_NOT_NULL_FATAL(read);
        expect_int(json_object_get_string_len(read), len);
        expect_int(memcmp(json_object_get_string(read), text, (size_t)len), 0);
        json_object_put(read);
    }
}

static void test_deepest(void)
{
    unit_sink_t *sink = unit_sink(4096);
    char expected[2 * WFM_JSON_SCOPES + 1];
    wfm_json_t j;
    int i;

    wfm_json_init(&j, &sink->out);
    for (i = 0; i < WFM_JSON_SCOPES; i++) {
        wfm_json_array(&j);
        expected[i] = '[';
    }
    for (i = 0; i < WFM_JSON_SCOPES; i++) {
        wfm_json_array_end(&j);
        expected[WFM_JSON_SCOPES + i] = ']';
    }
    expected[2 * WFM_JSON_SCOPES] = '\0';
    expect_str(unit_written(sink), expected);
}

static void test_comma_after_a_closed_scope(void)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_json_t j;
    int i;

    wfm_json_init(&j, &sink->out);
    wfm_json_array(&j);
    for (i = 0; i < 2; i++) {
        wfm_json_object(&j);
        wfm_json_key(&j, "a");
        wfm_json_array(&j);
        wfm_json_int64(&j, i);
        wfm_json_array_end(&j);
        wfm_json_key(&j, "b");
        wfm_json_null(&j);
        wfm_json_object_end(&j);
    }
    wfm_json_array_end(&j);
    expect_str(unit_written(sink), "[{\"a\":[0],\"b\":null},{\"a\":[1],\"b\":null}]");
}

static wfm_json_t *fresh(void)
{
    static wfm_json_t j;

    wfm_json_init(&j, &unit_sink(64)->out);
    return &j;
}

static void value_without_key(void)
{
    wfm_json_t *j = fresh();

    wfm_json_object(j);
    wfm_json_int64(j, 1);
}

static void key_outside_object(void)
{
    wfm_json_t *j = fresh();

    wfm_json_array(j);
    wfm_json_key(j, "a");
}

static void key_after_key(void)
{
    wfm_json_t *j = fresh();

    wfm_json_object(j);
    wfm_json_key(j, "a");
    wfm_json_key(j, "b");
}

static void end_after_key(void)
{
    wfm_json_t *j = fresh();

    wfm_json_object(j);
    wfm_json_key(j, "a");
    wfm_json_object_end(j);
}

static void end_without_begin(void)
{
    wfm_json_array_end(fresh());
}

static void wrong_end(void)
{
    wfm_json_t *j = fresh();

    wfm_json_object(j);
    wfm_json_array_end(j);
}

static void two_values_at_top(void)
{
    wfm_json_t *j = fresh();

    wfm_json_null(j);
    wfm_json_null(j);
}

static void one_level_too_many(void)
{
    wfm_json_t *j = fresh();
    int i;

    for (i = 0; i <= WFM_JSON_SCOPES; i++)
        wfm_json_array(j);
}

static void test_wrong_use_asserts(void)
{
    CU_ASSERT_TRUE(unit_asserts(value_without_key));
    CU_ASSERT_TRUE(unit_asserts(key_outside_object));
    CU_ASSERT_TRUE(unit_asserts(key_after_key));
    CU_ASSERT_TRUE(unit_asserts(end_after_key));
    CU_ASSERT_TRUE(unit_asserts(end_without_begin));
    CU_ASSERT_TRUE(unit_asserts(wrong_end));
    CU_ASSERT_TRUE(unit_asserts(two_values_at_top));
    CU_ASSERT_TRUE(unit_asserts(one_level_too_many));
}

static void test_foreign(void)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_json_t j;

    wfm_json_init(&j, &sink->out);
    wfm_json_array(&j);
    for (int i = 0; i < 2; i++) {
        wfm_json_foreign(&j);
        wfm_out_char(&sink->out, '{');
        wfm_json_quote(&sink->out, "a\"", 2);
        wfm_out_str(&sink->out, ":1}");
    }
    wfm_json_object(&j);
    wfm_json_name(&j, "name");
    wfm_json_int64(&j, 2);
    wfm_json_name(&j, "more");
    wfm_json_null(&j);
    wfm_json_object_end(&j);
    wfm_json_array_end(&j);
    expect_str(unit_written(sink), "[{\"a\\\"\":1},{\"a\\\"\":1},{\"name\":2,\"more\":null}]");
}

/* A long text in pieces takes no more than the scratch buffer. */
static void test_text_in_pieces(void)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_json_t j;

    wfm_json_init(&j, &sink->out);
    wfm_json_object(&j);
    for (int i = 0; i < 2; i++) {
        wfm_json_name(&j, i ? "b" : "a");
        wfm_json_text(&j);
        wfm_json_text_add(&j, "x\"\n", 3);
        wfm_json_text_add(&j, "", 0);
        wfm_json_text_add(&j, "=", 1);
        wfm_json_text_end(&j);
    }
    wfm_json_object_end(&j);
    expect_str(unit_written(sink), "{\"a\":\"x\\\"\\u000a=\",\"b\":\"x\\\"\\u000a=\"}");
}

SUITE(json_writer) = {
    {"ends of lines", test_line_ends},
    {"splice", test_splice},
    {"document", test_document},
    {"escapes", test_escapes},
    {"each byte everywhere", test_each_byte_everywhere},
    {"strings round trip", test_strings_round_trip},
    {"deepest nesting", test_deepest},
    {"comma after a closed scope", test_comma_after_a_closed_scope},
    {"wrong use asserts", test_wrong_use_asserts},
    {"a value the caller writes", test_foreign},
    {"a text in pieces", test_text_in_pieces},
    CU_TEST_INFO_NULL,
};
