/*
 * test_metricfilter.c - a filter on metric values is taken apart; what it cannot be is said by
 * name.
 */
#include "core/body.h"
#include "core/metricfilter.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

#define NO_FILTER                                                                                  \
    "must be a number or an object with gte, gt, lte, lt, eq or ne (or >=, >, <=, <, =, !=)"

static apr_array_header_t *take_apart(const char *text, wfm_error_t **err)
{
    json_object *json = NULL;

    *err = NULL;
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), text, strlen(text), &json));
    return wfm_metricfilter_parse(unit_pool(), "metric_filters", json, err);
}

/** All comparisons in one line: throughput>=100 throughput<500 */
static const char *shown(const char *json)
{
    static const char *const signs[] = {[WFM_GTE] = ">=", [WFM_GT] = ">", [WFM_LTE] = "<=",
                                        [WFM_LT] = "<",   [WFM_EQ] = "=", [WFM_NE] = "!="};
    wfm_error_t *err;
    apr_array_header_t *filters = take_apart(json, &err);
    const char *text = "";

    CU_ASSERT_PTR_NULL(err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(filters);
    for (int i = 0; i < filters->nelts; i++) {
        const wfm_metric_filter_t *f = &APR_ARRAY_IDX(filters, i, wfm_metric_filter_t);
        text =
            apr_pstrcat(unit_pool(), text, i ? " " : "", f->field, signs[f->op], f->number, NULL);
    }
    return text;
}

static void test_operators(void)
{
    expect_str(shown("{\"throughput\":{\"gte\":100,\"lt\":500},\"latency\":3}"),
               "throughput>=100 throughput<500 latency=3");
    expect_str(shown("{\"v\":{\"gt\":1,\"lte\":2,\"eq\":3,\"lt\":4,\"gte\":5}}"),
               "v>1 v<=2 v=3 v<4 v>=5");
    expect_str(shown("{\"v\":{\">=\":1,\">\":2,\"<=\":3,\"<\":4,\"=\":5,\"!=\":6,\"ne\":7}}"),
               "v>=1 v>2 v<=3 v<4 v=5 v!=6 v!=7");
    expect_str(shown("{\"v\":\"100\",\"w\":{\"gte\":\"-1.50\",\"lt\":\"1e3\"}}"),
               "v=100 w>=-1.50 w<1e3");
    expect_str(shown("{\"a'b\\\"c;--\":-1.50,\"\":1e3}"), "a'b\"c;--=-1.50 =1e3");
}

static void test_nothing_to_filter(void)
{
    wfm_error_t *err;

    expect_str(shown("{}"), "");
    expect_str(shown("{\"v\":{}}"), "");
    CU_ASSERT_PTR_NULL(take_apart("null", &err));
    CU_ASSERT_PTR_NULL(err);
}

static void test_what_a_filter_cannot_be(void)
{
    static const struct {
        const char *value, *fault;
    } cases[] = {
        {"null", NO_FILTER},
        {"\"0x10\"", NO_FILTER},
        {"\"NaN\"", NO_FILTER},
        {"\"-Infinity\"", NO_FILTER},
        {"\" 1\"", NO_FILTER},
        {"\"1 \"", NO_FILTER},
        {"\"\"", NO_FILTER},
        {"\"-\"", NO_FILTER},
        {"\"01\"", NO_FILTER},
        {"\"1,5\"", NO_FILTER},
        {"\"1]\"", NO_FILTER},
        {"true", NO_FILTER},
        {"[1]", NO_FILTER},
        {"{\"neq\":1}", NO_FILTER},
        {"{\"==\":1}", NO_FILTER},
        {"{\"GTE\":1}", NO_FILTER},
        {"{\"gte\":1,\"\":2}", NO_FILTER},
        {"{\"gte\":\"x\"}", "must be a number"},
        {"{\">=\":\"\"}", "must be a number"},
        {"\"1e400\"", "must not hold a number beyond the range of a double"},
        {"{\"lt\":null}", "must be a number"},
        {"{\"eq\":[1]}", "must be a number"},
        {"{\"eq\":{\"eq\":1}}", "must be a number"},
        {"1e999", "must not hold a number beyond the range of a double"},
        {"{\"gt\":1e400}", "must not hold a number beyond the range of a double"},
    };
    wfm_error_t *err;

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CU_ASSERT_PTR_NULL(
            take_apart(apr_psprintf(unit_pool(), "{\"ok\":1,\"v\":%s}", cases[i].value), &err));
        expect_fault(err, "metric_filters",
                     apr_pstrcat(unit_pool(), "\"v\" ", cases[i].fault, NULL));
        expect_int(err->fields->nelts, 1);
    }
}

static void test_every_fault_is_said(void)
{
    wfm_error_t *err;

    CU_ASSERT_PTR_NULL(take_apart("{\"a\":null,\"b\":1,\"c\":{\"eq\":\"x\"}}", &err));
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    expect_int(err->fields->nelts, 2);
    expect_str(err->message,
               "metric_filters \"a\" " NO_FILTER "; metric_filters \"c\" must be a number");
}

static void test_bounds(void)
{
    const char *fields = "\"f\":1";
    wfm_error_t *err;

    for (int i = 1; i < WFM_METRICFILTER_MAX; i++)
        fields = apr_psprintf(unit_pool(), "%s,\"f%d\":1", fields, i);
    CU_ASSERT_PTR_NOT_NULL(take_apart(apr_psprintf(unit_pool(), "{%s}", fields), &err));
    CU_ASSERT_PTR_NULL(take_apart(apr_psprintf(unit_pool(), "{%s,\"more\":1}", fields), &err));
    expect_fault(err, "metric_filters", "must have at most 100 fields");
}

SUITE(metricfilter) = {
    {"operators", test_operators},
    {"nothing to filter", test_nothing_to_filter},
    {"what a filter cannot be", test_what_a_filter_cannot_be},
    {"every fault is said", test_every_fault_is_said},
    {"bounds", test_bounds},
    CU_TEST_INFO_NULL,
};
