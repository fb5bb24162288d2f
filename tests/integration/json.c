/*
 * json.c - the check is the module's own, which the answers' writer has no part in, and which the
 * fuzzer sets against another one.
 */
#include "json.h"
#include "core/json_check.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define DEPTH 100

int json_is_strict(const char *text, apr_size_t len)
{
    apr_size_t at;

    return wfm_json_check(text, len, DEPTH, &at) == WFM_JSON_VALID;
}

static apr_status_t release(void *json)
{
    json_object_put(json);
    return APR_SUCCESS;
}

int json_read(const char *text, apr_size_t len, json_object **out)
{
    struct json_tokener *tok;
    const char *whole;
    int read;

    *out = NULL;
    if (!json_is_strict(text, len))
        return 0;
    /* the NUL tells json-c that a number is over */
    whole = apr_pstrmemdup(fixture_pool(), text, len);
    tok = json_tokener_new_ex(DEPTH + 1);
    *out = json_tokener_parse_ex(tok, whole, (int)len + 1);
    read = json_tokener_get_error(tok) == json_tokener_success;
    json_tokener_free(tok);
    if (*out)
        apr_pool_cleanup_register(fixture_pool(), *out, release, apr_pool_cleanup_null);
    return read;
}

json_object *json_literal(const char *text)
{
    json_object *json;

    expect(json_read(text, strlen(text), &json), "the test's own text is no JSON: %s", text);
    return json;
}

json_object *json_member(json_object *object, const char *name)
{
    json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return value;
}

static const char *shown(json_object *json)
{
    return strf("%.600s", json_object_to_json_string(json));
}

int json_length(json_object *json)
{
    if (json_object_is_type(json, json_type_array))
        return (int)json_object_array_length(json);
    if (expect(json_object_is_type(json, json_type_object), "neither an array nor an object: %s",
               shown(json)))
        return json_object_object_length(json);
    return -1;
}

json_object *json_item(json_object *array, int i)
{
    int there = json_object_is_type(array, json_type_array) && i >= 0 &&
                (size_t)i < json_object_array_length(array);

    expect(there, "there is no element %d in %s", i, shown(array));
    return there ? json_object_array_get_idx(array, (size_t)i) : NULL;
}

const char *json_text(json_object *string)
{
    int is = json_object_is_type(string, json_type_string);

    expect(is, "this is no string: %s", shown(string));
    return is ? json_object_get_string(string) : "";
}

void json_remove(json_object *object, const char *name)
{
    if (expect(json_object_is_type(object, json_type_object), "this is no object: %s",
               shown(object)))
        json_object_object_del(object, name);
}
