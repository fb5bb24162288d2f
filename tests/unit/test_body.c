/*
 * test_body.c - JSON bodies: parsed into a pool, and checked against declared fields.
 */
#include "core/body.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static json_object *parse(const char *text)
{
    json_object *json = NULL;
    wfm_error_t *err = wfm_json_parse(unit_pool(), text, strlen(text), &json);

    expect_str(err ? err->message : NULL, NULL);
    return json;
}

static const char *parse_error_n(const char *text, apr_size_t len)
{
    json_object *json = NULL;
    wfm_error_t *err = wfm_json_parse(unit_pool(), text, len, &json);

    CU_ASSERT_PTR_NULL(json);
    expect_int(err ? err->status : 0, 400);
    return err ? err->message : NULL;
}

static const char *parse_error(const char *text)
{
    return parse_error_n(text, strlen(text));
}

/* ---- parsing ---- */

static void test_values_of_every_type(void)
{
    json_object *json = parse(" {\"a\":[1,-2.50,true,false,null,\"x\\u00e9\\/\"],\"b\":{}} \n");

    expect_str(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
                                                        JSON_C_TO_STRING_NOSLASHESCAPE),
               "{\"a\":[1,-2.50,true,false,null,\"x\xC3\xA9/\"],\"b\":{}}");
    expect_int(json_object_get_int64(parse("12")), 12);
    expect_int(json_object_get_int64(parse("12 ")), 12);
    expect_str(json_object_get_string(parse("\"\\ud83d\\ude00\"")), "\xF0\x9F\x98\x80");
    expect_int(json_object_get_boolean(parse("true")), 1);
    CU_ASSERT_PTR_NULL(parse("null"));
}

static void test_length_rules(void)
{
    json_object *json = NULL;

    /* Neither a NUL is needed at the end, nor is what follows looked at. */
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), "123456", 3, &json));
    expect_int(json_object_get_int64(json), 123);
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), "[1]]]", 3, &json));
    expect_int((apr_int64_t)json_object_array_length(json), 1);
}

static void test_position_of_what_is_no_json(void)
{
    expect_str(parse_error(""), "invalid JSON at byte 0");
    expect_str(parse_error("{\"a\":}"), "invalid JSON at byte 5");
    expect_str(parse_error("{\"a\":1"), "invalid JSON at byte 6");
    expect_str(parse_error("{'a':1}"), "invalid JSON at byte 1");
    expect_str(parse_error("{\"a\":NaN}"), "invalid JSON at byte 5");
    expect_str(parse_error("{\"a\":01}"), "invalid JSON at byte 6");
    expect_str(parse_error("{} trailing"), "invalid JSON at byte 3");
    expect_str(parse_error("{\"a\":\"\\u0000\"}"), "invalid JSON at byte 11");
    expect_str(parse_error_n("{}\0", 3), "invalid JSON at byte 2");
}

static void test_depth(void)
{
    char text[80];
    json_object *json = NULL;

    memset(text, '[', 40);
    memset(text + 40, ']', 40);
    expect_str(parse_error_n(text + 7, 66), "JSON is nested deeper than 32 levels");
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), text + 8, 64, &json));
    /* A value in the innermost of 32 arrays is no further level. */
    memcpy(text + 39, "1]", 2);
    memset(text + 41, ']', 32);
    CU_ASSERT_PTR_NULL(wfm_json_parse(unit_pool(), text + 7, 65, &json));
    CU_ASSERT_TRUE(json_object_is_type(json, json_type_array));
}

static void note_delete(json_object *json, void *flag)
{
    (void)json;
    *(int *)flag = 1;
}

static void test_freed_with_the_pool(void)
{
    json_object *json = NULL;
    apr_pool_t *p;
    int deleted = 0;

    apr_pool_create(&p, unit_pool());
    CU_ASSERT_PTR_NULL(wfm_json_parse(p, "{\"a\":[1,2,3]}", 13, &json));
    json_object_set_userdata(json_object_object_get(json, "a"), &deleted, note_delete);
    expect_int(deleted, 0);
    apr_pool_clear(p);
    expect_int(deleted, 1); /* even what lies inside */

    CU_ASSERT_PTR_NULL(wfm_json_parse(p, "{}", 2, &json));
    json_object_get(json);
    apr_pool_destroy(p);
    expect_int(json_object_put(json), 1); /* ours was the last reference */
}

/** json-c builds whatever passed the check: no damage ends as "json-c refused valid JSON". */
static void test_json_c_takes_what_the_check_lets_through(void)
{
    static const char bytes[] = "{}[]\",:\\ud8c01-.eE tn";
    apr_uint64_t state = 11;
    int round, i, valid = 0;

    for (round = 0; round < 30000; round++) {
        char text[16];
        int len = 1 + (int)(unit_random(&state) % 6);
        json_object *json;
        wfm_error_t *err;

        for (i = 0; i < len; i++)
            text[i] = bytes[unit_random(&state) % (sizeof(bytes) - 1)];
        err = wfm_json_parse(unit_pool(), text, (apr_size_t)len, &json);
        if (err && err->status != 400)
            expect_str(err->detail, apr_pstrmemdup(unit_pool(), text, (apr_size_t)len));
        valid += !err;
    }
    CU_ASSERT_TRUE(valid > 100);
}

/* ---- checking ---- */

static const wfm_limits_t limits = {.export_max_rows = 1000000, .max_body = 1048576};

static const wfm_param_spec_t fields[] = {
    {.name = "enabled", .type = WFM_PARAM_BOOL},
    {.name = "name", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_NOT_BLANK, .max = 5},
    {.name = "description", .type = WFM_PARAM_TEXT},
    {.name = "file_patterns", .type = WFM_PARAM_TEXT_ARRAY},
    {.name = "settings", .type = WFM_PARAM_OBJECT},
    {.name = NULL, .type = WFM_PARAM_BOOL},
};
static const wfm_body_spec_t strict = {.fields = fields, .unknown = WFM_UNKNOWN_REFUSED};
static const wfm_body_spec_t lenient = {.fields = fields, .unknown = WFM_UNKNOWN_IGNORED};

static wfm_error_t *validate(const wfm_body_spec_t *spec, const char *text, wfm_args_t *args)
{
    wfm_error_t *err = NULL;

    CU_ASSERT_PTR_NULL(wfm_body_validate(unit_pool(), spec, parse(text), &limits, args, &err));
    return err;
}

static void test_good_body(void)
{
    wfm_args_t args;
    wfm_error_t *err =
        validate(&strict,
                 "{\"enabled\":false,\"name\":\"caf\xC3\xA9s\",\"description\":\"\","
                 "\"file_patterns\":[\"a/*.csv\",\"\xC3\xA9\\\"\"],\"settings\":{\"a/b\":[1.50]}}",
                 &args);

    CU_ASSERT_PTR_NULL(err);
    expect_int(args.n, 5);
    expect_int(wfm_args_is_set(&args, "enabled"), 1);
    expect_int(wfm_args_int(&args, "enabled"), 0);
    expect_str(wfm_args_text(&args, "name"), "caf\xC3\xA9s");
    expect_int((apr_int64_t)wfm_args_get(&args, "name")->len, 6);
    expect_int(wfm_args_is_set(&args, "description"), 1);
    expect_str(wfm_args_text(&args, "description"), "");
    expect_str(wfm_args_text(&args, "file_patterns"), "[\"a/*.csv\",\"\xC3\xA9\\\"\"]");
    expect_int((apr_int64_t)wfm_args_get(&args, "file_patterns")->len,
               (apr_int64_t)strlen(wfm_args_text(&args, "file_patterns")));
    expect_str(wfm_args_text(&args, "settings"), "{\"a/b\":[1.50]}");
    CU_ASSERT_PTR_NULL(validate(&strict, "{\"enabled\":true,\"file_patterns\":[]}", &args));
    expect_int(wfm_args_int(&args, "enabled"), 1);
    expect_str(wfm_args_text(&args, "file_patterns"), "[]");
}

static void test_absent_and_null_are_not_given(void)
{
    static const char *const texts[] = {
        "{}", "{\"enabled\":null,\"name\":null,\"description\":null,\"file_patterns\":null}"};
    wfm_args_t args;
    int i, k;

    for (i = 0; i < 2; i++) {
        CU_ASSERT_PTR_NULL(validate(&strict, texts[i], &args));
        expect_int(args.n, 5);
        for (k = 0; k < args.n; k++) {
            expect_str(args.args[k].name, fields[k].name);
            expect_int(args.args[k].set, 0);
            expect_str(args.args[k].s, NULL);
        }
    }
}

static void test_all_faults_at_once(void)
{
    wfm_args_t args;
    wfm_error_t *err = validate(&strict,
                                "{\"enabled\":1,\"name\":\" \\t\",\"description\":[],"
                                "\"file_patterns\":[\"a\",\" \"],\"nmae\":\"x\",\"also\":null}",
                                &args);

    expect_fault(err, "enabled", "must be true or false");
    expect_fault(err, "name", "must not be blank");
    expect_fault(err, "description", "must be a string");
    expect_fault(err, "file_patterns", "must be an array of non-blank strings");
    expect_fault(err, "nmae", "is not a known field");
    expect_fault(err, "also", "is not a known field");
    expect_int(err->fields->nelts, 6);
    expect_int(wfm_args_is_set(&args, "name"), 0);
}

static void test_wrong_types(void)
{
    static const char *const not_bool[] = {"\"true\"", "0", "1.5", "[]", "{}", "\"\""};
    static const char *const not_text[] = {"true", "0", "1.5", "[]", "{}", "[\"a\"]"};
    static const char *const not_array[] = {"true",        "0",      "\"a\"",
                                            "{}",          "[1]",    "[null]",
                                            "[[\"a\"]]",   "[\"\"]", "[\"a\",\"\\u00a0\"]",
                                            "[\"a\",true]"};
    static const char *const not_object[] = {"true", "0", "1.5", "[]", "\"{}\"", "[{}]"};
    wfm_args_t args;
    unsigned i;

    for (i = 0; i < sizeof(not_bool) / sizeof(not_bool[0]); i++)
        expect_fault(
            validate(&strict, apr_psprintf(unit_pool(), "{\"enabled\":%s}", not_bool[i]), &args),
            "enabled", "must be true or false");
    for (i = 0; i < sizeof(not_text) / sizeof(not_text[0]); i++)
        expect_fault(
            validate(&strict, apr_psprintf(unit_pool(), "{\"name\":%s}", not_text[i]), &args),
            "name", "must be a string");
    for (i = 0; i < sizeof(not_array) / sizeof(not_array[0]); i++)
        expect_fault(validate(&strict,
                              apr_psprintf(unit_pool(), "{\"file_patterns\":%s}", not_array[i]),
                              &args),
                     "file_patterns", "must be an array of non-blank strings");
    for (i = 0; i < sizeof(not_object) / sizeof(not_object[0]); i++)
        expect_fault(
            validate(&strict, apr_psprintf(unit_pool(), "{\"settings\":%s}", not_object[i]), &args),
            "settings", "must be an object");
}

static void test_length_in_code_points(void)
{
    wfm_args_t args;

    CU_ASSERT_PTR_NULL(
        validate(&strict, "{\"name\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"}", &args));
    CU_ASSERT_PTR_NULL(validate(&strict, "{\"name\":\"\\ud83d\\ude00bcde\"}", &args));
    expect_fault(validate(&strict, "{\"name\":\"abcdef\"}", &args), "name",
                 "must be at most 5 characters");
    expect_fault(validate(&strict, "{\"name\":\"\"}", &args), "name", "must not be blank");
}

static void test_required(void)
{
    static const wfm_param_spec_t required[] = {
        {.name = "name",
         .type = WFM_PARAM_TEXT,
         .flags = WFM_PARAM_REQUIRED | WFM_PARAM_NOT_BLANK,
         .max = 255},
        {.name = "enabled", .type = WFM_PARAM_BOOL, .flags = WFM_PARAM_REQUIRED},
        {.name = NULL, .type = WFM_PARAM_BOOL},
    };
    static const wfm_body_spec_t spec = {.fields = required, .unknown = WFM_UNKNOWN_REFUSED};
    wfm_args_t args;
    wfm_error_t *err = validate(&spec, "{\"name\":null}", &args);

    expect_fault(err, "name", "is required");
    expect_fault(err, "enabled", "is required");
    expect_fault(validate(&spec, "{\"name\":\"\",\"enabled\":false}", &args), "name",
                 "must not be blank");
}

static void test_unknown_may_be_ignored(void)
{
    wfm_args_t args;

    CU_ASSERT_PTR_NULL(validate(&lenient, "{\"id\":7,\"name\":\"x\",\"y\":{}}", &args));
    expect_str(wfm_args_text(&args, "name"), "x");
    expect_fault(validate(&lenient, "{\"id\":7,\"name\":1}", &args), "name", "must be a string");
}

static void test_may_be_empty(void)
{
    const wfm_body_spec_t spec = {
        .fields = fields, .unknown = WFM_UNKNOWN_IGNORED, .may_be_empty = 1};
    json_object *json;

    CU_ASSERT_PTR_NULL(wfm_body_parse(unit_pool(), &spec, "", 0, &json));
    expect_int(json_object_object_length(json), 0);
    CU_ASSERT_PTR_NOT_NULL(wfm_body_parse(unit_pool(), &spec, " ", 1, &json));
    CU_ASSERT_PTR_NOT_NULL(wfm_body_parse(unit_pool(), &lenient, "", 0, &json));
}

static void test_body_is_an_object(void)
{
    static const char *const texts[] = {"[]", "null", "1", "\"{}\"", "true"};
    wfm_error_t *err, *faults = NULL;
    wfm_args_t args;
    unsigned i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        err = wfm_body_validate(unit_pool(), &strict, parse(texts[i]), &limits, &args, &faults);
        CU_ASSERT_PTR_NOT_NULL_FATAL(err);
        expect_int(err->status, 400);
        expect_str(err->message, "the body must be a JSON object");
        CU_ASSERT_PTR_NULL(faults);
    }
}

/** A text of a MiB is not copied: it is the object's, which lives as long as its pool. */
static void test_text_is_the_objects(void)
{
    static const char body[] = "{\"name\":\"abc\",\"file_patterns\":[\"x\"]}";
    wfm_error_t *err = NULL;
    json_object *json;
    wfm_args_t args;

    CU_ASSERT_PTR_NULL(wfm_body_parse(unit_pool(), &strict, body, sizeof body - 1, &json));
    CU_ASSERT_PTR_NULL(wfm_body_validate(unit_pool(), &strict, json, &limits, &args, &err));
    expect_str(wfm_args_text(&args, "name"), "abc");
    expect_str(wfm_args_text(&args, "file_patterns"), "[\"x\"]");
    CU_ASSERT_PTR_EQUAL(wfm_args_text(&args, "name"),
                        json_object_get_string(json_object_object_get(json, "name")));
}

/* The fields of a route whose body is a file. */
static void test_header(void)
{
    static const wfm_body_spec_t spec = {
        .fields = fields, .unknown = WFM_UNKNOWN_REFUSED, .header = "X-Fields"};
    static const struct {
        const char *value, *field, *message;
    } cases[] = {
        {"[]", "X-Fields", "must be a JSON object"},
        {"", "X-Fields", "must be a JSON object: invalid JSON at byte 0"},
        {"{\"name\":\"\xff\"}", "X-Fields", "must be a JSON object: it is not UTF-8"},
        {"{\"nmae\":\"x\"}", "nmae", "is not a known field"},
        {"{\"name\":7}", "name", "must be a string"},
        {"{\"name\":\"x\",\"n\\u0061me\":\"y\"}", "name", "must be given only once"},
        {"{\"name\":null,\"name\":\"y\"}", "name", "must be given only once"},
    };
    wfm_error_t *err = NULL;
    wfm_args_t args;

    wfm_body_header(unit_pool(), &spec, NULL, &limits, &args, &err);
    CU_ASSERT_PTR_NULL(err);
    expect_int(wfm_args_is_set(&args, "name"), 0);
    wfm_body_header(unit_pool(), &spec, "{\"name\":\"x\"}", &limits, &args, &err);
    CU_ASSERT_PTR_NULL(err);
    expect_str(wfm_args_text(&args, "name"), "x");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err = NULL;
        wfm_body_header(unit_pool(), &spec, cases[i].value, &limits, &args, &err);
        expect_fault(err, cases[i].field, cases[i].message);
        expect_int(wfm_args_is_set(&args, "enabled"), 0);
    }
}

SUITE(body) = {
    {"fields in a header", test_header},
    {"values of every type", test_values_of_every_type},
    {"the length rules", test_length_rules},
    {"position of what is no JSON", test_position_of_what_is_no_json},
    {"depth", test_depth},
    {"freed with the pool", test_freed_with_the_pool},
    {"json-c takes what the check lets through", test_json_c_takes_what_the_check_lets_through},
    {"good body", test_good_body},
    {"absent and null are not given", test_absent_and_null_are_not_given},
    {"all faults at once", test_all_faults_at_once},
    {"wrong types", test_wrong_types},
    {"length in code points", test_length_in_code_points},
    {"required", test_required},
    {"unknown may be ignored", test_unknown_may_be_ignored},
    {"no body", test_may_be_empty},
    {"the body is an object", test_body_is_an_object},
    {"a text is the object's", test_text_is_the_objects},
    CU_TEST_INFO_NULL,
};
