/*
 * test_json.c - the tests' own reader of JSON: as strict with every version of json-c.
 */
#include "../support/suite.h"
#include "expect.h"
#include "fixture.h"
#include "json.h"
#include <string.h>

static void test_read(void)
{
    static const char *const texts[] = {
        "{\"n\":123456789012345678901234567890,\"m\":-9223372036854775809}",
        "{\"caf\xc3\xa9\":\"\xe6\xbc\xa2 \xf0\x9f\x9a\x80 \\ud83d\\ude80\"}",
        " [1.5e+300, -0, 0.10, true, false, null, \"\"]\r\n\t",
        "7",
        "\"x\"",
    };
    json_object *json;

    for (size_t i = 0; i < countof(texts); i++)
        expect(json_read(texts[i], strlen(texts[i]), &json) && json, "refused: %s", texts[i]);
    expect(json_read("null", 4, &json) && !json, "null is JSON");
    json_read(texts[1], strlen(texts[1]), &json);
    expect_str(json_text(json_member(json, "caf\xc3\xa9")),
               "\xe6\xbc\xa2 \xf0\x9f\x9a\x80 \xf0\x9f\x9a\x80");
}

static void test_refused(void)
{
    static const char *const texts[] = {
        "",        " ",           "{\"a\":1,}", "[1,]", "[1 2]",   "{a:1}",      "{'a':1}",
        "[01]",    "[+1]",        "[.5]",       "[1.]", "[NaN]",   "[Infinity]", "[TRUE]",
        "nul",     "{\"a\"}",     "[1]]",       "[1]x", "[1] [2]", "\"\xff\"",   "\"\t\"",
        "\"\\x\"", "\"\\ud800\"", "/**/1",      "[",    "\"",      "{\"a\":",    "\xef\xbb\xbf[]",
    };
    json_object *json;

    for (size_t i = 0; i < countof(texts); i++)
        expect(!json_read(texts[i], strlen(texts[i]), &json) && !json, "taken: %s", texts[i]);
    expect(!json_read("[1]\0", 4, &json), "taken: a NUL behind the text");
}

SUITE(json) = {
    {"what is JSON is read", test_read},
    {"what is not is refused", test_refused},
    CU_TEST_INFO_NULL,
};
