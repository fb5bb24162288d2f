/*
 * test_value.c - every type of a declared input in a body: its good and its wrong forms, with the
 * exact message, and what it is when the client gives nothing. In a URL it is test_param.c's.
 */
#include "core/body.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

#define TIME   "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"
#define OFFSET "must be an integer between 0 and 9223372036854775807"
#define LIMIT  "must be an integer between 1 and 1000"
#define SHARE  "must be a number between 0 and 1"
#define WINDOW "must be an integer between 2 and 1000"
#define ENUM   "must be one of asc, desc"
#define FIELDS "must be an array of fields, each a name or an object with a name"
#define PATCHES                                                                                    \
    "must be an array of 1 to 2 objects, each with a name and perhaps a direction (higher, lower " \
    "or empty), a unit (at most 255 characters) and a description (1000)"
#define NAMES  "must be an array of at most 3 names"
#define NEEDED "must be an array of 1 to 3 names"

static const char *const orders[] = {"asc", "desc", NULL};

static const wfm_bounds_t share = {0, 1, 0.001, 0}, window = {2, 1000, 50, 1};

static const wfm_param_spec_t fields[] = {
    {.name = "schema_id", .type = WFM_PARAM_ID},
    {.name = "offset", .type = WFM_PARAM_OFFSET},
    {.name = "limit", .type = WFM_PARAM_LIMIT, .def = 100, .max = 1000},
    {.name = "max_pvalue", .type = WFM_PARAM_NUMBER, .bounds = &share},
    {.name = "window_len", .type = WFM_PARAM_NUMBER, .bounds = &window},
    {.name = "order", .type = WFM_PARAM_ENUM, .def = 1, .values = orders},
    {.name = "choice", .type = WFM_PARAM_ENUM, .def = -1, .values = orders},
    {.name = "start", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_START},
    {.name = "end", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_END},
    {.name = "group_by", .type = WFM_PARAM_NAMES, .max = 3},
    {.name = "fields", .type = WFM_PARAM_FIELD_ARRAY},
    {.name = "patches", .type = WFM_PARAM_FIELD_PATCHES, .max = 2},
    {.name = "dimensions", .type = WFM_PARAM_DIMENSIONS},
    {.name = "metric_filters", .type = WFM_PARAM_METRIC_FILTERS},
    {.name = NULL, .type = WFM_PARAM_ID},
};
static const wfm_body_spec_t spec = {.fields = fields, .unknown = WFM_UNKNOWN_IGNORED};
static const wfm_param_spec_t needed_fields[] = {
    {.name = "group_by", .type = WFM_PARAM_NAMES, .flags = WFM_PARAM_REQUIRED, .max = 3},
    {.name = "fields", .type = WFM_PARAM_FIELD_ARRAY, .flags = WFM_PARAM_REQUIRED},
    {.name = "schema_id", .type = WFM_PARAM_ID, .flags = WFM_PARAM_REQUIRED},
    {.name = "order", .type = WFM_PARAM_ENUM, .flags = WFM_PARAM_REQUIRED, .values = orders},
    {.name = "start", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_REQUIRED},
    {.name = NULL, .type = WFM_PARAM_ID},
};
static const wfm_body_spec_t needed = {.fields = needed_fields, .unknown = WFM_UNKNOWN_IGNORED};
static const wfm_limits_t limits = {.export_max_rows = 1000000, .max_body = 1048576};

static wfm_args_t args;

static wfm_error_t *validate(const wfm_body_spec_t *body, const char *text)
{
    json_object *json = NULL;
    wfm_error_t *err = NULL;

    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), text, strlen(text), &json));
    CU_ASSERT_PTR_NULL(wfm_body_validate(unit_pool(), body, json, &limits, &args, &err));
    return err;
}

/** The one field with this value. */
static wfm_error_t *give(const char *field, const char *value)
{
    return validate(&spec, apr_psprintf(unit_pool(), "{\"%s\":%s}", field, value));
}

typedef struct wrong_t {
    const char *field, *value, *message;
} wrong_t;

static void check_wrong(const wrong_t *cases, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        wfm_error_t *err = give(cases[i].field, cases[i].value);

        expect_fault(err, cases[i].field, cases[i].message);
        expect_int(err ? err->fields->nelts : 0, 1);
        expect_int(wfm_args_is_set(&args, cases[i].field), 0);
    }
}

#define check_all_wrong(cases) check_wrong((cases), sizeof(cases) / sizeof((cases)[0]))

static void test_defaults(void)
{
    static const char *const bodies[] = {
        "{}", "{\"limit\":null,\"offset\":null,\"order\":null,\"choice\":null,\"group_by\":null,"
              "\"start\":null,\"dimensions\":null,\"metric_filters\":null,\"fields\":null}"};

    for (int i = 0; i < 2; i++) {
        CU_ASSERT_PTR_NULL(validate(&spec, bodies[i]));
        expect_int(wfm_args_int(&args, "limit"), 100);
        expect_int(wfm_args_int(&args, "offset"), 0);
        expect_int(wfm_args_int(&args, "order"), 1);
        expect_str(wfm_args_text(&args, "order"), "desc");
        expect_int(wfm_args_int(&args, "choice"), -1);
        expect_str(wfm_args_text(&args, "choice"), NULL);
        CU_ASSERT_PTR_NULL(wfm_args_get(&args, "group_by")->names);
        CU_ASSERT_PTR_NULL(wfm_args_get(&args, "dimensions")->json);
        CU_ASSERT_PTR_NULL(wfm_args_get(&args, "metric_filters")->json);
        for (int k = 0; k < args.n; k++)
            expect_int(args.args[k].set, 0);
    }
}

static void test_integers(void)
{
    static const wrong_t wrong[] = {
        {"schema_id", "0", "must be a positive integer"},
        {"schema_id", "-1", "must be a positive integer"},
        {"schema_id", "1.0", "must be a positive integer"},
        {"schema_id", "1e3", "must be a positive integer"},
        {"schema_id", "\"1\"", "must be a positive integer"},
        {"schema_id", "true", "must be a positive integer"},
        {"schema_id", "[1]", "must be a positive integer"},
        {"offset", "-1", OFFSET},
        {"offset", "0.5", OFFSET},
        {"offset", "\"0\"", OFFSET},
        {"offset", "{}", OFFSET},
        {"limit", "0", LIMIT},
        {"limit", "-5", LIMIT},
        {"limit", "10.0", LIMIT},
        {"limit", "\"10\"", LIMIT},
        {"limit", "false", LIMIT},
    };

    check_all_wrong(wrong);
    CU_ASSERT_PTR_NULL(give("schema_id", "9223372036854775807"));
    expect_int(wfm_args_int(&args, "schema_id"), APR_INT64_MAX);
    expect_int(wfm_args_is_set(&args, "schema_id"), 1);
    CU_ASSERT_PTR_NULL(give("offset", "0"));
    expect_int(wfm_args_is_set(&args, "offset"), 1);
    CU_ASSERT_PTR_NULL(give("limit", "1000"));
    expect_int(wfm_args_int(&args, "limit"), 1000);
    CU_ASSERT_PTR_NULL(give("limit", "1001"));
    expect_int(wfm_args_int(&args, "limit"), 1000);
    CU_ASSERT_PTR_NULL(give("limit", "9223372036854775807"));
    expect_int(wfm_args_int(&args, "limit"), 1000);
}

/** json-c clamps what does not fit: an id must not become another one. */
static void test_integers_beyond_64_bits(void)
{
    static const wrong_t wrong[] = {
        {"schema_id", "9223372036854775808", "must be a positive integer"},
        {"schema_id", "99999999999999999999999", "must be a positive integer"},
        {"offset", "9223372036854775808", OFFSET},
        {"offset", "99999999999999999999999", OFFSET},
        {"offset", "-99999999999999999999999", OFFSET},
        {"limit", "-99999999999999999999999", LIMIT},
    };

    check_all_wrong(wrong);
    CU_ASSERT_PTR_NULL(give("limit", "99999999999999999999999"));
    expect_int(wfm_args_int(&args, "limit"), 1000);
}

static void test_numbers(void)
{
    static const wrong_t wrong[] = {
        {"max_pvalue", "1.000001", SHARE}, {"max_pvalue", "-1e-9", SHARE},
        {"max_pvalue", "1e400", SHARE},    {"max_pvalue", "\"0.1\"", SHARE},
        {"max_pvalue", "true", SHARE},     {"max_pvalue", "[]", SHARE},
        {"max_pvalue", "{}", SHARE},       {"window_len", "1", WINDOW},
        {"window_len", "1001", WINDOW},    {"window_len", "2.5", WINDOW},
        {"window_len", "\"50\"", WINDOW},  {"window_len", "99999999999999999999", WINDOW},
    };

    CU_ASSERT_PTR_NULL(validate(&spec, "{\"max_pvalue\":null}"));
    CU_ASSERT_EQUAL(wfm_args_number(&args, "max_pvalue"), 0.001);
    expect_int(wfm_args_is_set(&args, "max_pvalue"), 0);
    expect_int(wfm_args_int(&args, "window_len"), 50);
    CU_ASSERT_PTR_NULL(validate(&spec, "{\"max_pvalue\":5e-2,\"window_len\":2}"));
    CU_ASSERT_EQUAL(wfm_args_number(&args, "max_pvalue"), 0.05);
    expect_int(wfm_args_is_set(&args, "max_pvalue"), 1);
    expect_int(wfm_args_int(&args, "window_len"), 2);
    CU_ASSERT_PTR_NULL(validate(&spec, "{\"max_pvalue\":0,\"window_len\":1e3}"));
    CU_ASSERT_EQUAL(wfm_args_number(&args, "max_pvalue"), 0);
    expect_int(wfm_args_int(&args, "window_len"), 1000);
    check_all_wrong(wrong);
}

static void test_enumerations(void)
{
    static const wrong_t wrong[] = {{"order", "\"up\"", ENUM},    {"order", "\"ASC\"", ENUM},
                                    {"order", "\"\"", ENUM},      {"order", "0", ENUM},
                                    {"order", "[\"asc\"]", ENUM}, {"choice", "true", ENUM},
                                    {"choice", "\"asc \"", ENUM}};

    check_all_wrong(wrong);
    CU_ASSERT_PTR_NULL(give("order", "\"asc\""));
    expect_int(wfm_args_int(&args, "order"), 0);
    expect_str(wfm_args_text(&args, "order"), "asc");
}

static void test_instants(void)
{
    static const wrong_t wrong[] = {{"start", "\"\"", TIME},
                                    {"start", "\"now\"", TIME},
                                    {"start", "\"2025-01-31\"", TIME},
                                    {"start", "\"2025-01-31T12:00:00\"", TIME},
                                    {"start", "\"2025-01-31T12:00:00Z \"", TIME},
                                    {"end", "1738324800", TIME},
                                    {"end", "[]", TIME}};

    check_all_wrong(wrong);
    CU_ASSERT_PTR_NULL(give("start", "\"1970-01-01T05:30:01+05:30\""));
    expect_int(wfm_args_get(&args, "start")->t, 1000000);
}

static void test_range(void)
{
    static const char *const order = "{\"start\":\"%s\",\"end\":\"%s\"}";

    expect_fault(validate(&spec, apr_psprintf(unit_pool(), order, "2025-01-02T00:00:00Z",
                                              "2025-01-01T23:59:59Z")),
                 "start", "must not be after end");
    expect_fault(validate(&spec, apr_psprintf(unit_pool(), order, "2025-01-02T00:00:00Z",
                                              "2025-01-02T00:59:59+01:00")),
                 "start", "must not be after end");
    CU_ASSERT_PTR_NULL(validate(&spec, apr_psprintf(unit_pool(), order, "2025-01-02T00:00:00Z",
                                                    "2025-01-02T01:00:00+01:00")));
    /* finer than a microsecond: the range shrinks to whole ones */
    CU_ASSERT_PTR_NULL(
        validate(&spec, apr_psprintf(unit_pool(), order, "1970-01-01T00:00:00.0000001Z",
                                     "1970-01-01T00:00:00.0000019Z")));
    expect_int(wfm_args_get(&args, "start")->t, 1);
    expect_int(wfm_args_get(&args, "end")->t, 1);
    /* one that did not parse is no end of a range */
    expect_int(validate(&spec, apr_psprintf(unit_pool(), order, "2025-01-02T00:00:00Z", "x"))
                   ->fields->nelts,
               1);
}

static void test_names(void)
{
    static const wrong_t wrong[] = {
        {"group_by", "\"Op\"", NAMES},
        {"group_by", "{}", NAMES},
        {"group_by", "1", NAMES},
        {"group_by", "[1]", NAMES},
        {"group_by", "[\"Op\",null]", NAMES},
        {"group_by", "[[\"Op\"]]", NAMES},
        {"group_by", "[\"a\",\"b\",\"c\",\"d\"]", NAMES},
    };
    const apr_array_header_t *names;

    check_all_wrong(wrong);
    CU_ASSERT_PTR_NULL(give("group_by", "[\"Op\",\"a, b\",\"Op\"]"));
    names = wfm_args_get(&args, "group_by")->names;
    expect_int(names->nelts, 2);
    expect_str(APR_ARRAY_IDX(names, 0, const char *), "Op");
    expect_str(APR_ARRAY_IDX(names, 1, const char *), "a, b");
    CU_ASSERT_PTR_NULL(give("group_by", "[\"\",\" \\u00a0\",\"]\"]")); /* any text is a name */
    expect_int(wfm_args_get(&args, "group_by")->names->nelts, 3);
    CU_ASSERT_PTR_NULL(give("group_by", "[]"));
    expect_int(wfm_args_get(&args, "group_by")->names->nelts, 0);
    expect_int(wfm_args_is_set(&args, "group_by"), 1);
}

static void test_schema_fields(void)
{
    static const wrong_t wrong[] = {
        {"fields", "\"Op\"", FIELDS},
        {"fields", "{\"name\":\"Op\"}", FIELDS},
        {"fields", "[null]", FIELDS},
        {"fields", "[1]", FIELDS},
        {"fields", "[[]]", FIELDS},
        {"fields", "[{}]", FIELDS},
        {"fields", "[{\"name\":1}]", FIELDS},
        {"fields", "[{\"Name\":\"Op\"}]", FIELDS},
        {"fields", "[\"Op\",{\"name\":null}]", FIELDS},
    };

    check_all_wrong(wrong);
    CU_ASSERT_PTR_NULL(give("fields", "[]"));
    expect_str(wfm_args_text(&args, "fields"), "[]");
    CU_ASSERT_PTR_NULL(give("fields", "[\"\",{\"name\":\" \"}]")); /* any text is a name */
    CU_ASSERT_PTR_NULL(give("fields", "[ \"a/b\", {\"name\": \"Op\", \"type\": [1.50]} ]"));
    expect_str(wfm_args_text(&args, "fields"), "[\"a/b\",{\"name\":\"Op\",\"type\":[1.50]}]");
    expect_int((apr_int64_t)wfm_args_get(&args, "fields")->len,
               (apr_int64_t)strlen(wfm_args_text(&args, "fields")));
}

static const char *letters(const char *before, int n, const char *behind)
{
    char *text = apr_pcalloc(unit_pool(), (apr_size_t)n + 1);

    memset(text, 'x', (apr_size_t)n);
    return apr_pstrcat(unit_pool(), before, text, behind, NULL);
}

static void test_field_patches(void)
{
    static const wrong_t wrong[] = {
        {"patches", "[]", PATCHES},
        {"patches", "{}", PATCHES},
        {"patches", "[\"a\"]", PATCHES},
        {"patches", "[{\"unit\":\"s\"}]", PATCHES},
        {"patches", "[{\"name\":7}]", PATCHES},
        {"patches", "[{\"name\":\"a\",\"direction\":\"Higher\"}]", PATCHES},
        {"patches", "[{\"name\":\"a\",\"unit\":1}]", PATCHES},
        {"patches", "[{\"name\":\"a\",\"type\":null}]", PATCHES},
        {"patches", "[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]", PATCHES},
        {"patches", "[{\"name\":\"a\"},{\"name\":\"a\",\"unit\":\"s\"}]",
         "must not name a field twice"},
    };

    CU_ASSERT_PTR_NULL(give("patches", "[{\"name\":\"\",\"direction\":\"lower\",\"unit\":null},"
                                       "{\"name\":\"b\",\"description\":\"\"}]"));
    expect_str(wfm_args_text(&args, "patches"),
               "[{\"name\":\"\",\"direction\":\"lower\",\"unit\":null},"
               "{\"name\":\"b\",\"description\":\"\"}]");
    CU_ASSERT_PTR_NULL(give("patches", letters("[{\"name\":\"a\",\"unit\":\"", 255, "\"}]")));
    expect_fault(give("patches", letters("[{\"name\":\"a\",\"unit\":\"", 256, "\"}]")), "patches",
                 PATCHES);
    expect_fault(give("patches", letters("[{\"name\":\"a\",\"description\":\"", 1001, "\"}]")),
                 "patches", PATCHES);
    expect_fault(give("patches", letters("[{\"name\":\"", 1001, "\"}]")), "patches",
                 "must not hold a name of more than 1000 bytes");
    check_all_wrong(wrong);
}

static void test_filters(void)
{
    static const wrong_t wrong[] = {
        {"dimensions", "[]", "must be a JSON object"},
        {"dimensions", "\"{}\"", "must be a JSON object"},
        {"metric_filters", "[]", "must be a JSON object"},
        {"metric_filters", "5", "must be a JSON object"},
    };

    check_all_wrong(wrong);
    CU_ASSERT_PTR_NULL(give("dimensions", "{\"Op\":[\"a\",1]}"));
    CU_ASSERT_TRUE(json_object_is_type(wfm_args_get(&args, "dimensions")->json, json_type_object));
    expect_int(wfm_args_is_set(&args, "dimensions"), 1);
    expect_int(wfm_args_is_set(&args, "metric_filters"), 0);
    expect_fault(
        give("dimensions", "{\"Op\":{}}"), "dimensions",
        "\"Op\" must be a string, number, boolean or null, an array of these, or {\"not\": …}");
    CU_ASSERT_PTR_NULL(give("metric_filters", "{\"v\":{\"gte\":1}}"));
    CU_ASSERT_TRUE(
        json_object_is_type(wfm_args_get(&args, "metric_filters")->json, json_type_object));
    expect_int(wfm_args_is_set(&args, "metric_filters"), 1);
    expect_fault(give("metric_filters", "{\"v\":\"x\"}"), "metric_filters",
                 "\"v\" must be a number or an object with gte, gt, lte, lt, eq or ne (or >=, >, "
                 "<=, <, =, !=)");
}

static void test_required(void)
{
    static const char *const bodies[] = {
        "{}", "{\"group_by\":null,\"fields\":null,\"schema_id\":null,\"order\":null,"
              "\"start\":null}"};

    for (int i = 0; i < 2; i++) {
        wfm_error_t *err = validate(&needed, bodies[i]);

        for (int k = 0; k < args.n; k++)
            expect_fault(err, args.args[k].name, "is required");
        expect_int(err->fields->nelts, 5);
    }
    expect_fault(validate(&needed, "{\"group_by\":[]}"), "group_by", NEEDED);
    expect_fault(validate(&needed, "{\"group_by\":\"x\"}"), "group_by", NEEDED);
    CU_ASSERT_PTR_NULL(validate(&needed, "{\"group_by\":[\"x\"],\"fields\":[],\"schema_id\":1,"
                                         "\"order\":\"asc\",\"start\":\"2025-01-01T00:00:00Z\"}"));
}

SUITE(value) = {
    {"defaults", test_defaults},
    {"integers", test_integers},
    {"integers beyond 64 bits", test_integers_beyond_64_bits},
    {"numbers", test_numbers},
    {"patches of fields", test_field_patches},
    {"enumerations", test_enumerations},
    {"instants", test_instants},
    {"range", test_range},
    {"names", test_names},
    {"fields of a schema", test_schema_fields},
    {"filters", test_filters},
    {"required", test_required},
    CU_TEST_INFO_NULL,
};
