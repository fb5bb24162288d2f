/*
 * test_number.c - which JSON numbers go on to PostgreSQL's numeric, digit by digit.
 */
#include "core/body.h"
#include "core/number.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static const char *fault_of(const char *json, const char **text)
{
    json_object *v = NULL;

    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), json, strlen(json), &v));
    return wfm_number_text(unit_pool(), v, text);
}

static void test_digits_stay(void)
{
    static const char *const good[] = {"0",
                                       "-0.0",
                                       "1",
                                       "-17",
                                       "1.50",
                                       "1e3",
                                       "1E+3",
                                       "2.5e-3",
                                       "1e308",
                                       "-1e308",
                                       "1e-300",
                                       "0.1000000000000000055511",
                                       "0.00",
                                       "-0.000",
                                       "9223372036854775807",
                                       "-9223372036854775807",
                                       "-9223372036854775808",
                                       "9223372036854775808",
                                       "-9223372036854775809",
                                       "18446744073709551616",
                                       "-99999999999999999999999",
                                       "12345678901234567890.5"};
    const char *text;

    for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        expect_str(fault_of(good[i], &text), NULL);
        expect_str(text, good[i]);
    }
}

static void test_beyond_a_double(void)
{
    static const char *const bad[] = {"1e309",   "-1e309",  "1e999999", "1e-400",
                                      "-1e-400", "0e99999", "0e-99999"};
    static const char *const message = "must not hold a number beyond the range of a double";
    char digits[500];
    const char *text;

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_str(fault_of(bad[i], &text), message);
    memset(digits, '1', sizeof(digits));
    memcpy(digits, "1.", 2);
    digits[401] = '\0';
    expect_str(fault_of(digits, &text), message);
    digits[400] = '\0';
    expect_str(fault_of(digits, &text), NULL);
    expect_str(text, digits);
}

static void test_no_numbers(void)
{
    static const char *const bad[] = {"\"1\"", "true", "[]", "{}", "null"};
    const char *text;

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_str(fault_of(bad[i], &text), "must be a number");
}

/** What PostgreSQL 15 prints: SELECT '…'::jsonb #>> '{}' */
static void test_the_text_that_jsonb_makes(void)
{
    static const char *const same[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.0", "0.0"},
        {"0e5", "0"},
        {"0e-3", "0.000"},
        {"0.0e1", "0"},
        {"-0.00e-1", "0.000"},
        {"1e2", "100"},
        {"1E+2", "100"},
        {"1.50", "1.50"},
        {"1.50e1", "15.0"},
        {"1.50e2", "150"},
        {"1.50e3", "1500"},
        {"1e-3", "0.001"},
        {"-12.5e-1", "-1.25"},
        {"-12.5e-4", "-0.00125"},
        {"0.001e3", "1"},
        {"0.0010e3", "1.0"},
        {"0.001e5", "100"},
        {"100e-2", "1.00"},
        {"-1e-2", "-0.01"},
        {"10e-1", "1.0"},
        {"1e20", "100000000000000000000"},
    };
    const char *text;
    json_object *v;

    for (unsigned i = 0; i < sizeof same / sizeof *same; i++) {
        CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), same[i][0], strlen(same[i][0]), &v));
        expect_str(wfm_number_jsonb(unit_pool(), v, &text), NULL);
        expect_str(text, same[i][1]);
    }
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), "1e308", 5, &v));
    expect_str(wfm_number_jsonb(unit_pool(), v, &text), NULL);
    expect_int((apr_int64_t)strlen(text), 309);
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), "1e999999", 8, &v));
    CU_ASSERT_PTR_NOT_NULL(wfm_number_jsonb(unit_pool(), v, &text));
}

static void test_the_shortest_text(void)
{
    static const char *const same[][2] = {
        {"0", "0"},       {"-0", "0"},           {"-0.00", "0"},    {"0e-3", "0"},
        {"100", "100"},   {"1e2", "100"},        {"100.00", "100"}, {"1.0E+2", "100"},
        {"0.5", "0.5"},   {"-0.50", "-0.5"},     {"5e-1", "0.5"},   {"10.010", "10.01"},
        {"1000", "1000"}, {"-12.5e-1", "-1.25"}, {"1e-3", "0.001"},
    };

    for (unsigned i = 0; i < sizeof same / sizeof *same; i++)
        expect_str(wfm_number_shortest(unit_pool(), same[i][0]), same[i][1]);
    expect_int((apr_int64_t)strlen(wfm_number_shortest(unit_pool(), "1e308")), 309);
}

SUITE(number) = {
    {"the shortest text", test_the_shortest_text},
    {"the text that jsonb makes", test_the_text_that_jsonb_makes},
    {"digits stay", test_digits_stay},
    {"beyond the range of a double", test_beyond_a_double},
    {"what is no number", test_no_numbers},
    CU_TEST_INFO_NULL,
};
