/*
 * test_brackets.c - parameters that are written with brackets: what they mean, and what is refused.
 */
#include "core/dimfilter.h"
#include "core/param.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

#define NAMES                                                                                      \
    "must be written metric_fields=a,b or metric_fields[]=a&metric_fields[]=b or as a JSON array"
#define FORM                                                                                       \
    "must be written dimensions[NAME]=value, dimensions[NAME][]=value, "                           \
    "dimensions[NAME][not]=value or as a JSON object"
#define ONCE " must be given only once, or each time with []"
#define TEXT "must be percent-encoded UTF-8 text without NUL"

static const char *const formats[] = {"csv", "json", NULL};

static const wfm_param_spec_t specs[] = {
    {.name = "limit", .type = WFM_PARAM_LIMIT, .def = 20, .max = 100},
    {.name = "q", .type = WFM_PARAM_TEXT},
    {.name = "format", .type = WFM_PARAM_ENUM, .values = formats},
    {.name = "metric_fields", .type = WFM_PARAM_NAMES},
    {.name = "dimensions", .type = WFM_PARAM_DIMENSIONS},
    {.name = NULL},
};
static const wfm_limits_t limits = {.export_max_rows = 1000000, .max_body = 1048576};

static wfm_args_t args;

static wfm_error_t *parse(const char *query)
{
    wfm_error_t *err = NULL;

    wfm_params_parse(unit_pool(), specs, NULL, query, &limits, &args, &err);
    return err;
}

static void expect_names(const char *query, const char *names)
{
    wfm_error_t *err = parse(query);
    const wfm_arg_t *arg = wfm_args_get(&args, "metric_fields");

    expect_str(err ? err->message : NULL, NULL);
    expect_int(arg->set, 1);
    expect_str(arg->names ? apr_array_pstrcat(unit_pool(), arg->names, '|') : NULL, names);
    expect_str(arg->whole, NULL); /* nothing was separated by commas */
}

static void expect_filter(const char *query, const char *json)
{
    wfm_error_t *err = parse(query);

    expect_str(err ? err->message : NULL, NULL);
    expect_int(wfm_args_is_set(&args, "dimensions"), 1);
    expect_str(
        json_object_to_json_string_ext(wfm_args_get(&args, "dimensions")->json,
                                       JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
        json);
}

static void expect_bad(const char *query, const char *field, const char *message)
{
    wfm_error_t *err = parse(query);

    expect_fault(err, field, message);
    expect_int(err && err->fields ? err->fields->nelts : 0, 1);
    expect_int(wfm_args_is_set(&args, field), 0);
}

static void test_names(void)
{
    expect_names("metric_fields[]=a", "a");
    expect_names("metric_fields[]=a&limit=3&metric_fields[]=b", "a|b");
    expect_names("metric_fields[0]=a&metric_fields[1]=b&metric_fields[17]=a", "a|b");
    expect_names("metric_fields%5B%5D=a&metric_fields%5b2%5d=b", "a|b");
    /* as they are: commas, blanks, brackets, nothing at all */
    expect_names("metric_fields[]=p50,+p99&metric_fields[]=+x+&metric_fields[]=[1]",
                 "p50, p99| x |[1]");
    expect_names("metric_fields[]", "");
}

static void test_wrong_names(void)
{
    static const char *const wrong[] = {"[a]=b", "[=b", "[]x=b", "[][]=a", "[-1]=a", "[0=b"};

    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_bad(apr_pstrcat(unit_pool(), "metric_fields", wrong[i], NULL), "metric_fields",
                   NAMES);
    expect_bad("metric_fields[]=a&metric_fields[]=%FF", "metric_fields", TEXT);
    expect_bad("metric_fields[]=%00", "metric_fields", TEXT);
    expect_bad("metric_fields[]=%zz", "metric_fields", TEXT);
}

static void test_long_names(void)
{
    char *name = apr_palloc(unit_pool(), 1002);

    memset(name, 'x', 1001);
    name[1001] = '\0';
    expect_bad(apr_pstrcat(unit_pool(), "metric_fields[]=", name, NULL), "metric_fields",
               "must not hold a name of more than 1000 bytes");
    expect_bad(apr_pstrcat(unit_pool(), "metric_fields=", name, NULL), "metric_fields",
               "must not hold a name of more than 1000 bytes");
    CU_ASSERT_PTR_NOT_NULL(parse(apr_pstrcat(unit_pool(), "dimensions[", name, "]=a", NULL)));
    name[1000] = '\0';
    expect_names(apr_pstrcat(unit_pool(), "metric_fields[]=", name, NULL), name);
    CU_ASSERT_PTR_NULL(parse(apr_pstrcat(unit_pool(), "dimensions[", name, "]=a", NULL)));
}

static void test_filters(void)
{
    expect_filter("dimensions[Op]=GEMM", "{\"Op\":\"GEMM\"}");
    expect_filter("dimensions%5BOp%5D=GEMM&dimensions[n]=32", "{\"Op\":\"GEMM\",\"n\":\"32\"}");
    expect_filter("dimensions[Op][]=a&dimensions[n]=1&dimensions[Op][]=b",
                  "{\"Op\":[\"a\",\"b\"],\"n\":\"1\"}");
    expect_filter("dimensions[Op][0]=a&dimensions[Op][1]=b&dimensions[Op][]=c",
                  "{\"Op\":[\"a\",\"b\",\"c\"]}");
    expect_filter("dimensions[Op][not]=a", "{\"Op\":{\"not\":\"a\"}}");
    expect_filter("dimensions[Op][not][]=a&dimensions[Op][not][1]=b",
                  "{\"Op\":{\"not\":[\"a\",\"b\"]}}");
    expect_filter("dimensions[not]=a&dimensions[]=b&dimensions[0]=c",
                  "{\"not\":\"a\",\"\":\"b\",\"0\":\"c\"}");
    expect_filter("dimensions[Op]=", "{\"Op\":\"\"}"); /* a text of no length, not null */
}

static void test_names_in_brackets_are_data(void)
{
    expect_filter("dimensions[Backend:Stage]=Aiter/CK:Fwd", "{\"Backend:Stage\":\"Aiter/CK:Fwd\"}");
    expect_filter("dimensions[+a%26b%3D%25+]=x", "{\" a&b=% \":\"x\"}");
    expect_filter("dimensions[latency+[ms]]=5", "{\"latency [ms]\":\"5\"}");
}

static void test_wrong_filters(void)
{
    static const char *const wrong[] = {
        "[=a",           "[Op=a",        "[Op]x=a",        "[a][b]=x",  "[a][b][]=x",
        "[a][not][b]=x", "[a][][not]=x", "[a][not][][]=x", "[a][][]=x", "[a][1][2][3][4]=x"};

    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_bad(apr_pstrcat(unit_pool(), "dimensions", wrong[i], NULL), "dimensions", FORM);
    expect_bad("dimensions[Op]=a&dimensions[Op]=b", "dimensions", "\"Op\"" ONCE);
    expect_bad("dimensions[Op]=a&dimensions[Op][]=b", "dimensions", "\"Op\"" ONCE);
    expect_bad("dimensions[Op][]=a&dimensions[Op]=b", "dimensions", "\"Op\"" ONCE);
    expect_bad("dimensions[Op][not]=a&dimensions[Op][not]=b", "dimensions", "\"Op\"" ONCE);
    expect_bad("dimensions[Op][not]=a&dimensions[Op][not][]=b", "dimensions", "\"Op\"" ONCE);
    expect_bad("dimensions[Op][]=a&dimensions[Op][not]=b", "dimensions", "\"Op\"" ONCE);
    expect_bad("dimensions[Op][not]=a&dimensions[Op]=b", "dimensions", "\"Op\"" ONCE);
    expect_bad("dimensions[%FF]=a", "dimensions", TEXT);
    expect_bad("dimensions[a%00]=a", "dimensions", TEXT);
    expect_bad("dimensions[a]=%C3", "dimensions", TEXT);
}

static void test_two_forms_at_once(void)
{
    expect_bad("metric_fields=a&metric_fields[]=b", "metric_fields",
               "must be given either as metric_fields=… or as metric_fields[…]=…, not both");
    expect_bad("dimensions[Op]=a&dimensions={}", "dimensions",
               "must be given either as dimensions=… or as dimensions[…]=…, not both");
}

static void test_others_take_no_brackets(void)
{
    expect_bad("limit[]=5", "limit", "takes one value and no brackets: write limit=value");
    expect_bad("q[a]=5", "q", "takes one value and no brackets: write q=value");
    expect_bad("format%5B0%5D=csv", "format",
               "takes one value and no brackets: write format=value");
    expect_bad("q[", "q", "takes one value and no brackets: write q=value");
}

static void test_unknown_names_are_ignored(void)
{
    CU_ASSERT_PTR_NULL(parse("utm[a]=b&limits[]=1&[]=3&dimension[Op]=x&=[&%zz[]=1&x[%FF]=%00"));
    expect_int(wfm_args_is_set(&args, "dimensions"), 0);
}

SUITE(brackets) = {
    {"names", test_names},
    {"wrong names", test_wrong_names},
    {"long names", test_long_names},
    {"filters", test_filters},
    {"names in brackets are data", test_names_in_brackets_are_data},
    {"wrong filters", test_wrong_filters},
    {"two forms at once", test_two_forms_at_once},
    {"others take no brackets", test_others_take_no_brackets},
    {"unknown names are ignored", test_unknown_names_are_ignored},
    CU_TEST_INFO_NULL,
};
