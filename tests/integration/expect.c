/*
 * expect.c - each check builds the sentence that a failed one shows.
 */
#include "expect.h"
#include "fixture.h"
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define SHOWN 600 /* most bytes of a body in a message */

int expect_holds(expect_at_t at)
{
    CU_assertImplementation(CU_TRUE, at.line, "", at.file, "", CU_FALSE);
    return 1;
}

int expect_fails(expect_at_t at, const char *fmt, ...)
{
    va_list ap;
    const char *text;

    va_start(ap, fmt);
    text = apr_pvsprintf(fixture_pool(), fmt, ap);
    va_end(ap);
    CU_assertImplementation(CU_FALSE, at.line, text, at.file, "", CU_FALSE);
    return 0;
}

static const char *shown(const char *text)
{
    return text ? apr_psprintf(fixture_pool(), "'%.*s'", SHOWN, text) : "nothing";
}

static const char *answer(const http_response_t *res)
{
    return apr_psprintf(fixture_pool(), "%s answered %ld (curl %d) %s", res->what, res->status,
                        (int)res->curl, shown(res->body));
}

int expect_int_at(expect_at_t at, const char *what, apr_int64_t actual, apr_int64_t expected)
{
    return expect_that(at, actual == expected,
                       "%s: expected %" APR_INT64_T_FMT ", got %" APR_INT64_T_FMT, what, expected,
                       actual);
}

int expect_str_at(expect_at_t at, const char *what, const char *actual, const char *expected)
{
    int same = actual && expected ? !strcmp(actual, expected) : actual == expected;

    return expect_that(at, same, "%s: expected %s, got %s", what, shown(expected), shown(actual));
}

int expect_contains_at(expect_at_t at, const char *what, const char *text, const char *part)
{
    return expect_that(at, text && strstr(text, part), "%s: expected to find '%s' in %s", what,
                       part, shown(text));
}

int expect_lacks_at(expect_at_t at, const char *what, const char *text, const char *part)
{
    return expect_that(at, text && !strstr(text, part), "%s: expected not to find '%s' in %s", what,
                       part, shown(text));
}

int expect_status_at(expect_at_t at, const http_response_t *res, long status)
{
    return expect_that(at, res->curl == CURLE_OK && res->status == status,
                       "expected status %ld; %s", status, answer(res));
}

static int is_json_type(const http_response_t *res)
{
    const char *type = http_header(res, "Content-Type");

    return type && !strncmp(type, "application/json", 16) && (type[16] == '\0' || type[16] == ';');
}

int expect_success_at(expect_at_t at, const http_response_t *res)
{
    return expect_status_at(at, res, 200) && expect_keys_at(at, res, "", "meta,data") &&
           expect_json_at(at, res, "meta", "{\"code\":2000}") &&
           expect_that(at, is_json_type(res), "expected application/json, got %s",
                       http_header(res, "Content-Type")) &&
           expect_header_at(at, res, "Cache-Control", "no-cache");
}

int expect_header_at(expect_at_t at, const http_response_t *res, const char *name,
                     const char *value)
{
    return expect_str_at(at, apr_psprintf(fixture_pool(), "%s: header %s", res->what, name),
                         http_header(res, name), value);
}

json_object *json_at(const http_response_t *res, const char *path, int *found)
{
    json_object *at = res->json;
    char *last, *copy = apr_pstrdup(fixture_pool(), path);
    int there = at != NULL;

    for (char *key = apr_strtok(copy, ".", &last); key && there;
         key = apr_strtok(NULL, ".", &last)) {
        if (json_object_is_type(at, json_type_array)) {
            there = apr_isdigit(*key) && json_object_array_length(at) > (size_t)atoi(key);
            at = there ? json_object_array_get_idx(at, atoi(key)) : NULL;
        } else {
            there = json_object_is_type(at, json_type_object) &&
                    json_object_object_get_ex(at, key, &at);
        }
    }
    if (found)
        *found = there;
    return there ? at : NULL;
}

apr_int64_t json_int_at(const http_response_t *res, const char *path)
{
    json_object *at = json_at(res, path, NULL);

    expect(json_object_is_type(at, json_type_int), "expected an integer at %s; %s", path,
           answer(res));
    return json_object_get_int64(at);
}

int json_length_at(const http_response_t *res, const char *path)
{
    json_object *at = json_at(res, path, NULL);

    if (!expect(json_object_is_type(at, json_type_array), "expected an array at %s; %s", path,
                answer(res)))
        return -1;
    return (int)json_object_array_length(at);
}

int expect_text_at(expect_at_t at, const http_response_t *res, const char *path, const char *text)
{
    json_object *value = json_at(res, path, NULL);

    if (!expect_that(at, json_object_is_type(value, json_type_string),
                     "expected a string at %s; %s", path, answer(res)))
        return 0;
    return expect_str_at(at, path, json_object_get_string(value), text);
}

int expect_json_at(expect_at_t at, const http_response_t *res, const char *path, const char *json)
{
    int found;
    json_object *value = json_at(res, path, &found);
    json_object *expected;

    if (!json_read(json, strlen(json), &expected))
        return expect_that(at, 0, "the test's own text is no JSON: %s", json);
    return expect_that(at, found && json_object_equal(value, expected),
                       "expected %s at %s, got %s; %s", json, path,
                       found ? json_object_to_json_string(value) : "nothing", answer(res));
}

int expect_error_at(expect_at_t at, const http_response_t *res, int code, const char *message)
{
    const char *number = apr_itoa(fixture_pool(), code);
    const char *keys =
        code == 4000 && json_at(res, "errors", NULL) ? "meta,message,errors" : "meta,message";

    return expect_status_at(at, res, code / 10) &&
           expect_that(at, is_json_type(res), "expected a JSON error; %s", answer(res)) &&
           expect_json_at(at, res, "meta.code", number) &&
           expect_text_at(at, res, "message", message) &&
           expect_text_at(at, res, "meta.message", message) &&
           expect_keys_at(at, res, "meta", "code,message") && expect_keys_at(at, res, "", keys);
}

int expect_field_at(expect_at_t at, const http_response_t *res, const char *field,
                    const char *message)
{
    json_object *errors = json_at(res, "errors", NULL);
    json_object *name, *text;
    int found = 0;

    if (!expect_status_at(at, res, 400) || !expect_json_at(at, res, "meta.code", "4000") ||
        !expect_that(at, json_object_is_type(errors, json_type_array), "expected errors[]; %s",
                     answer(res)))
        return 0;
    for (size_t i = 0; i < json_object_array_length(errors); i++) {
        json_object *e = json_object_array_get_idx(errors, i);
        found |= json_object_object_get_ex(e, "field", &name) &&
                 json_object_object_get_ex(e, "message", &text) &&
                 !strcmp(json_text(name), field) && !strcmp(json_text(text), message);
    }
    return expect_that(at, found, "expected field %s: %s; %s", field, message, answer(res)) &&
           expect_contains_at(at, "message", json_object_get_string(json_at(res, "message", NULL)),
                              apr_pstrcat(fixture_pool(), field, " ", message, NULL));
}

int expect_keys_at(expect_at_t at, const http_response_t *res, const char *path, const char *keys)
{
    json_object *object = json_at(res, path, NULL);
    const char *actual = "";

    if (!expect_that(at, json_object_is_type(object, json_type_object),
                     "expected an object at '%s'; %s", path, answer(res)))
        return 0;
    json_object_object_foreach(object, key, value)
    {
        (void)value;
        actual = apr_pstrcat(fixture_pool(), actual, *actual ? "," : "", key, NULL);
    }
    return expect_str_at(at, apr_pstrcat(fixture_pool(), "keys of '", path, "'", NULL), actual,
                         keys);
}
