/*
 * test_dimfilter.c - a filter on dimensions is taken apart; what it cannot be is said by name.
 */
#include "core/body.h"
#include "core/dimfilter.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static apr_array_header_t *take_apart(const char *text, wfm_error_t **err)
{
    json_object *json = NULL;

    *err = NULL;
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), text, strlen(text), &json));
    return wfm_dimfilter_parse(unit_pool(), "dimensions", json, err);
}

/** Name, texts, whether null is named and whether it is negative in one line: Op|GEMM,Attention|-!
 */
static const char *shown(const apr_array_header_t *dims, int i)
{
    const wfm_dim_t *d = &APR_ARRAY_IDX(dims, i, wfm_dim_t);

    return apr_pstrcat(unit_pool(), d->name, "|", apr_array_pstrcat(unit_pool(), d->texts, ','),
                       "|", d->absent ? "-" : "", d->negative ? "!" : "", NULL);
}

static void test_scalars_and_arrays(void)
{
    wfm_error_t *err;
    apr_array_header_t *dims =
        take_apart("{\"Op\":[\"GEMM\",\"Attention\"],\"batch_size\":32,\"fp8\":true,"
                   "\"mix\":[\"32\",32,-1.50,false],\"Backend:Stage\":\"Aiter/CK:Fwd\",\"\":\"\"}",
                   &err);

    CU_ASSERT_PTR_NULL(err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dims);
    expect_int(dims->nelts, 6);
    expect_str(shown(dims, 0), "Op|GEMM,Attention|");
    expect_str(shown(dims, 1), "batch_size|32|");
    expect_str(shown(dims, 2), "fp8|true|");
    expect_str(shown(dims, 3), "mix|32,32,-1.50,false|");
    expect_str(shown(dims, 4), "Backend:Stage|Aiter/CK:Fwd|");
    expect_str(shown(dims, 5), "||");
    expect_int(APR_ARRAY_IDX(dims, 5, wfm_dim_t).texts->nelts, 1); /* the empty text is a value */
}

static void test_numbers_are_texts(void)
{
    wfm_error_t *err;
    apr_array_header_t *dims = take_apart(
        "{\"n\":[0.1,1e3,1.0,12345678901234567890.5,9223372036854775807,-9223372036854775807]}",
        &err);

    CU_ASSERT_PTR_NULL(err);
    expect_str(shown(dims, 0),
               "n|0.1,1000,1.0,12345678901234567890.5,9223372036854775807,-9223372036854775807|");
}

static void test_empty_arrays_filter_nothing(void)
{
    wfm_error_t *err;
    apr_array_header_t *dims = take_apart("{\"Op\":[],\"Stage\":\"x\",\"y\":[]}", &err);

    CU_ASSERT_PTR_NULL(err);
    expect_int(dims->nelts, 1);
    expect_str(shown(dims, 0), "Stage|x|");
    dims = take_apart("{}", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dims);
    expect_int(dims->nelts, 0);
}

static void test_null_and_not(void)
{
    wfm_error_t *err;
    apr_array_header_t *dims =
        take_apart("{\"a\":null,\"b\":[null],\"c\":[\"x\",null,1],\"d\":{\"not\":\"x\"},"
                   "\"e\":{\"not\":[\"x\",1.50]},\"f\":{\"not\":null},\"g\":{\"not\":[null,true]},"
                   "\"h\":{\"not\":[]},\"i\":[]}",
                   &err);

    CU_ASSERT_PTR_NULL(err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dims);
    expect_int(dims->nelts, 7); /* h and i are no filters */
    expect_str(shown(dims, 0), "a||-");
    expect_str(shown(dims, 1), "b||-");
    expect_str(shown(dims, 2), "c|x,1|-");
    expect_str(shown(dims, 3), "d|x|!");
    expect_str(shown(dims, 4), "e|x,1.50|!");
    expect_str(shown(dims, 5), "f||-!");
    expect_str(shown(dims, 6), "g|true|-!");
}

/* What passes is what SQL lets pass (db/filter.c): NULL is a dimension that is lacking. */
static void test_what_passes(void)
{
    static const struct {
        const char *filter, *value;
        int passes;
    } cases[] = {
        {"\"x\"", "x", 1},
        {"\"x\"", "X", 0},
        {"\"x\"", NULL, 0},
        {"[\"x\",32]", "32", 1},
        {"[\"x\",32]", "32.0", 0},
        {"\"\"", "", 1},
        {"null", NULL, 1},
        {"null", "null", 0},
        {"[null,\"x\"]", NULL, 1},
        {"[null,\"x\"]", "x", 1},
        {"{\"not\":\"x\"}", "x", 0},
        {"{\"not\":\"x\"}", "y", 1},
        {"{\"not\":\"x\"}", NULL, 1},
        {"{\"not\":null}", NULL, 0},
        {"{\"not\":null}", "", 1},
        {"{\"not\":[null,\"x\"]}", "x", 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wfm_error_t *err;
        apr_array_header_t *dims =
            take_apart(apr_pstrcat(unit_pool(), "{\"d\":", cases[i].filter, "}", NULL), &err);

        CU_ASSERT_PTR_NOT_NULL_FATAL(dims);
        expect_int(wfm_dim_passes(&APR_ARRAY_IDX(dims, 0, wfm_dim_t), cases[i].value),
                   cases[i].passes);
    }
}

static void test_no_object(void)
{
    wfm_error_t *err;

    CU_ASSERT_PTR_NULL(take_apart("null", &err));
    CU_ASSERT_PTR_NULL(err);
    CU_ASSERT_PTR_NULL(take_apart("[]", &err));
    expect_fault(err, "dimensions", "must be a JSON object");
    CU_ASSERT_PTR_NULL(take_apart("\"Op\"", &err));
    expect_fault(err, "dimensions", "must be a JSON object");
}

static void test_what_a_value_cannot_be(void)
{
    static const char *const values[] = {"{}",
                                         "{\"eq\":1}",
                                         "{\"not\":1,\"x\":2}",
                                         "{\"not\":{}}",
                                         "{\"not\":{\"not\":1}}",
                                         "{\"not\":[[]]}",
                                         "[{\"not\":1}]",
                                         "[\"a\",{}]",
                                         "[[\"a\"]]",
                                         "[[]]"};
    wfm_error_t *err;
    unsigned i;

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CU_ASSERT_PTR_NULL(
            take_apart(apr_psprintf(unit_pool(), "{\"x\":1,\"Op\":%s}", values[i]), &err));
        expect_fault(err, "dimensions",
                     "\"Op\" must be a string, number, boolean or null, an array of these, or "
                     "{\"not\": …}");
    }
}

static void test_integers_of_any_size(void)
{
    wfm_error_t *err;
    apr_array_header_t *dims = take_apart("{\"n\":[9223372036854775808,18446744073709551615,-"
                                          "9223372036854775808,-9223372036854775809,"
                                          "123456789012345678901234567890]}",
                                          &err);

    CU_ASSERT_PTR_NULL(err);
    expect_str(shown(dims, 0), "n|9223372036854775808,18446744073709551615,-9223372036854775808,"
                               "-9223372036854775809,123456789012345678901234567890|");
}

static void test_numbers_that_numeric_may_not_take(void)
{
    static const char *const bad[] = {"1e400", "-1e999999", "1e-400", "0e999999", "[1.5,1e400]"};
    char long_number[500];
    wfm_error_t *err;
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_PTR_NULL(take_apart(apr_psprintf(unit_pool(), "{\"n\":%s}", bad[i]), &err));
        expect_fault(err, "dimensions",
                     "\"n\" must not hold a number beyond the range of a double");
    }
    memset(long_number, '3', sizeof(long_number));
    memcpy(long_number, "{\"n\":0.", 7);
    memcpy(long_number + sizeof(long_number) - 2, "}", 2);
    CU_ASSERT_PTR_NULL(take_apart(long_number, &err));
    expect_fault(err, "dimensions", "\"n\" must not hold a number beyond the range of a double");
    CU_ASSERT_PTR_NOT_NULL(take_apart("{\"n\":[1e308,-1e-300,0.0,-0.00,0.10]}", &err));
    CU_ASSERT_PTR_NULL(err);
}

static void test_every_fault_is_said(void)
{
    wfm_error_t *err;

    CU_ASSERT_PTR_NULL(take_apart("{\"a\":[[]],\"b\":1,\"c\":{}}", &err));
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    expect_int(err->fields->nelts, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(err->message, "dimensions \"a\" must be"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err->message, "; dimensions \"c\" must be"));
}

SUITE(dimfilter) = {
    {"scalars and arrays", test_scalars_and_arrays},
    {"numbers are texts", test_numbers_are_texts},
    {"empty arrays filter nothing", test_empty_arrays_filter_nothing},
    {"null and not", test_null_and_not},
    {"what passes", test_what_passes},
    {"no object", test_no_object},
    {"what a value cannot be", test_what_a_value_cannot_be},
    {"integers of any size", test_integers_of_any_size},
    {"numbers that numeric may not take", test_numbers_that_numeric_may_not_take},
    {"every fault is said", test_every_fault_is_said},
    CU_TEST_INFO_NULL,
};
