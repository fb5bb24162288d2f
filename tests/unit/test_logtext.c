/*
 * test_logtext.c - JSON strings for logs: ASCII in one line, whatever the text is.
 */
#include "core/json_check.h"
#include "core/logtext.h"
#include "unit.h"
#include <string.h>

static void test_strings(void)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {NULL, "null"},
        {"", "\"\""},
        {"GET /runs?a=b HTTP/1.1", "\"GET /runs?a=b HTTP/1.1\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\x01\t\n\r\x1b[31m\x7f", "\"\\u0001\\u0009\\u000a\\u000d\\u001b[31m\\u007f\""},
        {"\xc3\xa9\xe2\x82\xac", "\"\\u00e9\\u20ac\""},
        {"\xf0\x9f\x98\x80", "\"\\ud83d\\ude00\""},
        {"\xf4\x8f\xbf\xbf", "\"\\udbff\\udfff\""},
        {"\xc2\x9b\xe2\x80\xa8", "\"\\u009b\\u2028\""},
        /* no UTF-8 */
        {"\xff", "\"\\ufffd\""},
        {"a\x80z", "\"a\\ufffdz\""},
        {"\xc3", "\"\\ufffd\""},
        {"\xc3(", "\"\\ufffd(\""},
        {"\xe2\x82", "\"\\ufffd\""},
        {"\xe2\x82\xc3\xa9", "\"\\ufffd\\u00e9\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xc0\xaf", "\"\\ufffd\\ufffd\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_str(wfm_log_json(unit_pool(), cases[i].text), cases[i].json);
}

/* Whatever bytes there are, it is JSON, in ASCII, and of at most six bytes each. */
static void test_any_bytes(void)
{
    apr_uint64_t state = 42;

    for (int i = 0; i < 5000; i++) {
        char text[41];
        size_t len = unit_random(&state) % 40;
        const char *json;
        apr_size_t at;

        for (size_t k = 0; k < len; k++)
            text[k] = (char)(1 + unit_random(&state) % 255);
        text[len] = '\0';
        json = wfm_log_json(unit_pool(), text);
        CU_ASSERT(strlen(json) <= 6 * len + 2);
        for (const char *c = json; *c; c++)
            CU_ASSERT(*c >= 0x20 && *c < 0x7f);
        expect_int(wfm_json_check(json, strlen(json), 1, &at), WFM_JSON_VALID);
    }
}

SUITE(logtext) = {
    {"strings", test_strings},
    {"any bytes", test_any_bytes},
    CU_TEST_INFO_NULL,
};
