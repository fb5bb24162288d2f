/*
 * test_json.c - what is built of JSON text, beside what json-c builds of it; what is left out, and
 * what is too much.
 */
#include "core/json.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

#define PLAIN (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static json_object *parse(const char *text)
{
    json_object *json = NULL;
    wfm_error_t *err = wfm_json_parse(unit_pool(), text, strlen(text), &json);

    expect_str(err ? err->message : NULL, NULL);
    return json;
}

static const char *error_of(const char *text, apr_size_t len)
{
    json_object *json = NULL;
    wfm_error_t *err = wfm_json_parse(unit_pool(), text, len, &json);

    CU_ASSERT_PTR_NULL(json);
    expect_int(err ? err->status : 0, 400);
    return err ? err->message : NULL;
}

static void test_strings(void)
{
    json_object *json =
        parse("[\"\",\"a\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u0041\\u00e9\\u20ac\","
              "\"\\ud83d\\ude80\",\"\xc3\xa9\xf0\x9f\x9a\x80\",\"\\u0001\\uFFFF\"]");
    static const char *const expected[] = {"",
                                           "a",
                                           "\"\\/\b\f\n\r\t",
                                           "A\xc3\xa9\xe2\x82\xac",
                                           "\xf0\x9f\x9a\x80",
                                           "\xc3\xa9\xf0\x9f\x9a\x80",
                                           "\x01\xef\xbf\xbf"};

    for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++)
        expect_str(json_object_get_string(json_object_array_get_idx(json, i)), expected[i]);
}

/** Integers of 64 bits are integers, everything else keeps its digits. */
static void test_numbers(void)
{
    json_object *json = parse("[0,-0,9223372036854775807,-9223372036854775808,9223372036854775808,"
                              "-9223372036854775809,1.50,-1e3,1E+400,0.0]");

    for (unsigned i = 0; i < json_object_array_length(json); i++)
        CU_ASSERT_EQUAL(json_object_is_type(json_object_array_get_idx(json, i), json_type_int),
                        i < 4);
    expect_int(json_object_get_int64(json_object_array_get_idx(json, 3)), APR_INT64_MIN);
    expect_str(json_object_to_json_string_ext(json, PLAIN),
               "[0,0,9223372036854775807,-9223372036854775808,9223372036854775808,"
               "-9223372036854775809,1.50,-1e3,1E+400,0.0]");
}

static void test_shapes(void)
{
    static const char *const texts[] = {"null",
                                        "true",
                                        "false",
                                        "1",
                                        "\"x\"",
                                        "{}",
                                        "[]",
                                        "[null,[],{},[[1]]]",
                                        "{\"a\":{\"b\":[true,null,{\"c\":\"d\"}]},\"e\":-1.5}"};

    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_str(json_object_to_json_string_ext(parse(texts[i]), PLAIN), texts[i]);
    expect_str(json_object_to_json_string_ext(
                   parse(" \t\r\n{ \"a\" : [ 1 , 2 ] ,\n\"b\":{ } , \"c\" : [ ] } "), PLAIN),
               "{\"a\":[1,2],\"b\":{},\"c\":[]}");
    expect_str(json_object_to_json_string_ext(parse("{\"a\":1,\"b\":2,\"a\":3}"), PLAIN),
               "{\"a\":3,\"b\":2}"); /* the last one, as everywhere */
}

/* ---- random JSON ---- */

static const char *random_value(apr_uint64_t *state, int depth)
{
    static const char *const scalars[] = {"null", "true",  "-12", "0.5e-3",        "\"\\u20AC\\n\"",
                                          "\"\"", "false", "1e2", "\"]},\\\"{[\"", " 7 "};
    const char *text = "";
    int n = (int)(unit_random(state) % 4), object = (int)(unit_random(state) % 2);

    if (depth == 0 || unit_random(state) % 3 == 0)
        return scalars[unit_random(state) % (sizeof scalars / sizeof *scalars)];
    for (int i = 0; i < n; i++)
        text = apr_pstrcat(unit_pool(), text, i ? " , " : "",
                           object ? apr_psprintf(unit_pool(), "\"k\\u00%d\\\"\" :", 30 + i) : "",
                           random_value(state, depth - 1), NULL);
    return apr_pstrcat(unit_pool(), object ? "{" : "[", text, object ? "}" : "]", NULL);
}

static void test_as_json_c_builds_it(void)
{
    apr_uint64_t state = 5;

    for (int round = 0; round < 500; round++) {
        const char *text = random_value(&state, 6);
        json_object *theirs = json_tokener_parse(text);

        if (!json_object_equal(parse(text), theirs))
            CU_FAIL(text);
        json_object_put(theirs);
    }
}

/* ---- members ---- */

/** a is wanted, b's name is kept. */
static int want_a(const void *ctx, const char *name)
{
    CU_ASSERT_PTR_NULL(ctx);
    return !strcmp(name, "a") ? 1 : !strcmp(name, "b") ? -1 : 0;
}

static const char *members(const char *text)
{
    json_object *json = NULL;

    CU_ASSERT_PTR_NULL(
        wfm_json_parse_members(unit_pool(), text, strlen(text), want_a, NULL, &json));
    return json ? json_object_to_json_string_ext(json, PLAIN) : NULL;
}

static void test_members(void)
{
    apr_uint64_t state = 6;

    expect_str(members("{}"), "{}");
    expect_str(members("{\"a\":[1,{\"b\":2}],\"b\":[{},{}],\"c\":{\"a\":1}}"),
               "{\"a\":[1,{\"b\":2}],\"b\":null}");
    expect_str(members("{\"c\":\"}\\\"\",\"d\":\"\\\\\",\"\\u0061\":1}"), "{\"a\":1}");
    expect_str(members("[1]"), NULL);
    expect_str(members("7"), NULL);
    expect_str(members("null"), NULL);
    for (int round = 0; round < 500; round++) /* whatever is passed by */
        expect_str(members(apr_pstrcat(unit_pool(), "{\"x\":", random_value(&state, 5),
                                       ",\"a\":1, \"b\" : ", random_value(&state, 5),
                                       ",\"y\": ", random_value(&state, 5), "}", NULL)),
                   "{\"a\":1,\"b\":null}");
}

/* ---- bounds ---- */

/** [0,0,…]: so many zeros. */
static const char *zeros(int n)
{
    char *text = apr_palloc(unit_pool(), 2 * (apr_size_t)n + 2), *o = text;

    for (int i = 0; i < n; i++) {
        *o++ = i ? ',' : '[';
        *o++ = '0';
    }
    *o++ = ']';
    *o = '\0';
    return text;
}

static void test_values_are_counted(void)
{
    const char *most = zeros(19999), *more = zeros(20000);
    json_object *json;

    expect_int((apr_int64_t)json_object_array_length(parse(most)), 19999); /* and the array */
    expect_str(error_of(more, strlen(more)), "JSON of more than 20000 values");
    /* also where none of them would be built */
    more = apr_pstrcat(unit_pool(), "{\"x\":", most, ",\"a\":1}", NULL);
    wfm_error_t *err = wfm_json_parse_members(unit_pool(), more, strlen(more), want_a, NULL, &json);
    CU_ASSERT_PTR_NOT_NULL_FATAL(err);
    expect_str(err->message, "JSON of more than 20000 values");
    CU_ASSERT_PTR_NULL(json);
}

static void test_invalid(void)
{
    expect_str(error_of("", 0), "invalid JSON at byte 0");
    expect_str(error_of("[1,]", 4), "invalid JSON at byte 3");
    expect_str(error_of("{\"a\":1}x", 8), "invalid JSON at byte 7");
    expect_str(error_of("\"\\u0000\"", 8), "invalid JSON at byte 6");
    expect_str(error_of("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 33),
               "JSON is nested deeper than 32 levels");
}

/* ---- items ---- */

static void add_item(void *ctx, json_object *item)
{
    const char **list = ctx;

    *list = apr_pstrcat(unit_pool(), *list, json_object_to_json_string_ext(item, PLAIN), ";", NULL);
}

static const char *items(const char *text)
{
    const char *list = "";

    wfm_json_each(unit_pool(), text, strlen(text), add_item, &list);
    return list;
}

static void count_item(void *ctx, json_object *item)
{
    *(int *)ctx += json_object_is_type(item, json_type_int);
}

static void test_items(void)
{
    const char *many = zeros(100000);
    int n = 0;

    expect_str(items("[]"), "");
    expect_str(items(" [ ] "), "");
    expect_str(items("[\"a\", {\"name\": \"b\"}, null, [1, 2]]"),
               "\"a\";{\"name\":\"b\"};null;[1,2];");
    expect_str(items("{\"a\":1}"), "");
    expect_str(items("[1,"), "");
    expect_str(items("7"), "");
    wfm_json_each(unit_pool(), many, strlen(many), count_item, &n); /* no bound: one at a time */
    expect_int(n, 100000);
}

SUITE(json) = {
    {"strings", test_strings},
    {"numbers", test_numbers},
    {"shapes", test_shapes},
    {"as json-c builds it", test_as_json_c_builds_it},
    {"members", test_members},
    {"values are counted", test_values_are_counted},
    {"invalid texts", test_invalid},
    {"items", test_items},
    CU_TEST_INFO_NULL,
};
