/*
 * test_json_pick.c - members picked out of an object's text, and their text as ->> gives it.
 */
#include "core/json_pick.h"
#include "core/text.h"
#include "unit.h"
#include <apr_strings.h>

/** A picker of a, b and "it's". */
static wfm_pick_t *picker(void)
{
    apr_array_header_t *names = apr_array_make(unit_pool(), 3, sizeof(const char *));

    wfm_names_add(names, "a");
    wfm_names_add(names, "b\"\n");
    wfm_names_add(names, "caf\xC3\xA9");
    return wfm_pick_make(unit_pool(), names);
}

/** What was found, and its text: <1|1><"x"|x><-|->. The object lies in memory of exactly its size.
 */
static const char *picked(const char *object)
{
    wfm_pick_t *k = picker();
    wfm_json_slice_t values[3], text;
    const char *all = "";
    apr_size_t len = strlen(object);

    wfm_pick_members(k, apr_pmemdup(unit_pool(), object, len), len, values);
    for (int i = 0; i < 3; i++) {
        text = wfm_pick_text(k, values[i]);
        all =
            apr_psprintf(unit_pool(), "%s<%.*s|%.*s>", all, values[i].data ? (int)values[i].len : 1,
                         values[i].data ? values[i].data : "-", text.data ? (int)text.len : 1,
                         text.data ? text.data : "-");
    }
    return all;
}

static void test_values(void)
{
    expect_str(picked("{\"a\": 1, \"b\\\"\\n\": \"x\", \"caf\xC3\xA9\": null}"),
               "<1|1><\"x\"|x><null|->");
    expect_str(picked("{\"caf\xC3\xA9\": true, \"z\": 0, \"a\": -1.50e+10}"),
               "<-1.50e+10|-1.50e+10><-|-><true|true>");
    expect_str(
        picked("{\"a\": {\"a\": [1, \"]\", {}]}, \"b\\\"\\n\": [\"},\\\"\", 2], \"c\": 3}"),
        "<{\"a\": [1, \"]\", {}]}|{\"a\": [1, \"]\", {}]}><[\"},\\\"\", 2]|[\"},\\\"\", 2]><-|->");
    expect_str(picked("{\"z\": {\"a\": 1}, \"a\": \"\"}"), "<\"\"|><-|-><-|->");
}

static void test_escapes(void)
{
    expect_str(
        picked("{\"a\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u00e9\\u20ac\\ud83d\\ude80.\"}"),
        "<\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u00e9\\u20ac\\ud83d\\ude80.\"|"
        "\"\\/\b\f\n\r\t\x01\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80.><-|-><-|->");
    expect_str(picked("{\"a\": \"\\\\\", \"caf\\u00e9\": \"\\\\\\\"\"}"),
               "<\"\\\\\"|\\><-|-><\"\\\\\\\"\"|\\\">");
}

/** White space is nobody's. */
static void test_blanks(void)
{
    expect_str(picked(" \n{\t\"a\" :\r1 , \"caf\xC3\xA9\":[ ]\n} "), "<1|1><-|-><[ ]|[ ]>");
}

static void test_no_object(void)
{
    static const char *const texts[] = {
        "", "{}", "[]", "[{\"a\": 1}]", "1", "null", "\"{\\\"a\\\":1}\""};

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_str(picked(texts[i]), "<-|-><-|-><-|->");
}

/** A text that is cut off anywhere: the scan stays inside (the sanitizers look). */
static void test_cut_off(void)
{
    const char *whole =
        "{\"a\": \"\\u00e9\\ud83d\\ude80\", \"b\\\"\\n\": {\"c\": [1, \"x\\\\\"]}, \"d\": 1}";

    for (apr_size_t len = 0; len <= strlen(whole); len++)
        CU_ASSERT_PTR_NOT_NULL(picked(apr_pstrmemdup(unit_pool(), whole, len)));
}

SUITE(json_pick) = {
    {"values", test_values},       {"escapes", test_escapes}, {"blanks", test_blanks},
    {"no object", test_no_object}, {"cut off", test_cut_off}, CU_TEST_INFO_NULL,
};
