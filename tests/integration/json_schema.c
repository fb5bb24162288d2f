/*
 * json_schema.c - owns the part of JSON Schema that the API's description uses: $ref, type, enum,
 * properties, required, additionalProperties, items, anyOf, format date-time.
 */
#include "json_schema.h"
#include "expect.h"
#include "fixture.h"
#include "json.h"
#include <apr_strings.h>
#include <string.h>

static const char *check(json_object *document, json_object *schema, json_object *value,
                         const char *at);

json_object *json_schema_follow(json_object *document, const char *reference)
{
    json_object *json = document;
    char *state, *path = apr_pstrdup(fixture_pool(), reference + 2);

    for (char *key = apr_strtok(path, "/", &state); key; key = apr_strtok(NULL, "/", &state))
        json = json_member(json, key);
    return json;
}

json_object *json_schema_resolve(json_object *document, json_object *object)
{
    json_object *reference = json_member(object, "$ref");

    return reference ? json_schema_follow(document, json_object_get_string(reference)) : object;
}

static int is_of_type(const char *type, json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return !strcmp(type, "null");
    case json_type_boolean:
        return !strcmp(type, "boolean");
    case json_type_int:
        return !strcmp(type, "integer") || !strcmp(type, "number");
    case json_type_double:
        return !strcmp(type, "number");
    case json_type_string:
        return !strcmp(type, "string");
    case json_type_array:
        return !strcmp(type, "array");
    case json_type_object:
        return !strcmp(type, "object");
    }
    return 0;
}

static int has_type(json_object *types, json_object *value)
{
    if (!json_object_is_type(types, json_type_array))
        return is_of_type(json_object_get_string(types), value);
    for (size_t i = 0; i < json_object_array_length(types); i++)
        if (is_of_type(json_object_get_string(json_object_array_get_idx(types, i)), value))
            return 1;
    return 0;
}

static int is_in(json_object *list, json_object *value)
{
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (json_object_equal(json_object_array_get_idx(list, i), value))
            return 1;
    return 0;
}

/* RFC 3339 in UTC with Z, as the API writes it. */
static int is_time(json_object *value)
{
    const char *text = json_object_get_string(value);
    size_t len = strlen(text);

    return len >= 20 && text[4] == '-' && text[10] == 'T' && text[len - 1] == 'Z';
}

static const char *check_members(json_object *document, json_object *schema, json_object *value,
                                 const char *at)
{
    json_object *properties = json_member(schema, "properties"),
                *others = json_member(schema, "additionalProperties");
    json_object *needed = json_member(schema, "required"), *of;
    const char *fault = NULL;

    for (size_t i = 0; needed && i < json_object_array_length(needed); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(needed, i));

        if (!json_object_object_get_ex(value, name, &of))
            return strf("%s lacks %s", at, name);
    }
    json_object_object_foreach(value, name, member)
    {
        const char *place = strf("%s.%s", at, name);

        if (fault)
            break;
        if (properties && json_object_object_get_ex(properties, name, &of))
            fault = check(document, of, member, place);
        else if (json_object_is_type(others, json_type_object))
            fault = check(document, others, member, place);
        else if (properties && !json_object_get_boolean(others))
            fault = strf("%s is not described", place);
    }
    return fault;
}

static const char *check_items(json_object *document, json_object *schema, json_object *value,
                               const char *at)
{
    json_object *items = json_member(schema, "items");
    const char *fault = NULL;

    for (size_t i = 0; items && i < json_object_array_length(value) && !fault; i++)
        fault = check(document, items, json_object_array_get_idx(value, i), at);
    return fault;
}

static const char *check_any(json_object *document, json_object *schemas, json_object *value,
                             const char *at)
{
    const char *fault = NULL;

    for (size_t i = 0; i < json_object_array_length(schemas); i++)
        if (!(fault = check(document, json_object_array_get_idx(schemas, i), value, at)))
            return NULL;
    return fault;
}

static const char *check(json_object *document, json_object *schema, json_object *value,
                         const char *at)
{
    json_object *any, *type, *list;

    schema = json_schema_resolve(document, schema);
    if (!schema)
        return strf("%s: its schema is not there", at);
    if ((any = json_member(schema, "anyOf")))
        return check_any(document, any, value, at);
    if ((type = json_member(schema, "type")) && !has_type(type, value))
        return strf("%s is %.60s, not of type %s", at, json_object_to_json_string(value),
                    json_object_to_json_string(type));
    if ((list = json_member(schema, "enum")) && !is_in(list, value))
        return strf("%s is %.60s, none of %s", at, json_object_to_json_string(value),
                    json_object_to_json_string(list));
    if (json_member(schema, "format") && json_object_is_type(value, json_type_string) &&
        !is_time(value))
        return strf("%s is %.60s, no time", at, json_object_to_json_string(value));
    if (json_object_is_type(value, json_type_object))
        return check_members(document, schema, value, at);
    if (json_object_is_type(value, json_type_array))
        return check_items(document, schema, value, at);
    return NULL;
}

const char *json_schema_fault(json_object *document, json_object *schema, json_object *value)
{
    return check(document, schema, value, "it");
}
