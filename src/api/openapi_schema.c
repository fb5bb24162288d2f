/*
 * openapi_schema.c - owns what answers are in words of JSON Schema: shapes, and what stands around
 * them.
 */
#include "api.h"
#include "openapi.h"
#include <string.h>

static void shape(wfm_json_t *j, const char *name, int or_null)
{
    if (!or_null) {
        openapi_refer(j, "schemas", name);
        return;
    }
    wfm_json_name(j, "anyOf");
    wfm_json_array(j);
    wfm_json_object(j);
    openapi_refer(j, "schemas", name);
    wfm_json_object_end(j);
    wfm_json_object(j);
    openapi_type(j, "null", 0);
    wfm_json_object_end(j);
    wfm_json_array_end(j);
}

/* One value of the column's. */
static void value(wfm_json_t *j, const api_column_t *c)
{
    int or_null = (c->flags & API_NULLABLE) != 0;

    switch (c->kind) {
    case API_TEXT:
    case API_JSON_TEXT:
    case API_TEXT_OR_NULL:
    case API_TEXT_SHORT:
        openapi_type(j, "string", or_null || c->kind != API_TEXT);
        if (c->values)
            openapi_list(j, "enum", c->values, or_null);
        break;
    case API_INT:
        openapi_type(j, "integer", or_null);
        openapi_text(j, "format", "int64");
        break;
    case API_NUMBER:
        openapi_type(j, "number", or_null);
        break;
    case API_BOOL:
        openapi_type(j, "boolean", or_null);
        break;
    case API_TIME:
        openapi_type(j, "string", or_null);
        openapi_text(j, "format", "date-time");
        break;
    case API_SHAPE:
        shape(j, c->of ? c->of->name : c->fragment, or_null);
        break;
    case API_JSON: /* any */
    case API_AGAIN:
        break;
    }
}

/* jsonb may hold anything, whatever it is meant for; and what is too large is null. */
static void json_value(wfm_json_t *j, const api_column_t *c)
{
    if (c->fragment)
        openapi_refer(j, "schemas", c->fragment);
    else if (c->flags & API_MANY)
        openapi_text(j, "description", "an array, unless something else was stored");
    else if (c->flags & API_BY_NAME)
        openapi_text(j, "description", "an object, unless something else was stored");
}

static void many(wfm_json_t *j, const api_column_t *c)
{
    if (!(c->flags & API_MANY)) {
        value(j, c);
        return;
    }
    openapi_type(j, "array", 0);
    wfm_json_name(j, "items");
    wfm_json_object(j);
    value(j, c);
    wfm_json_object_end(j);
}

static void by_name(wfm_json_t *j, const api_column_t *c)
{
    if (!(c->flags & API_BY_NAME)) {
        many(j, c);
        return;
    }
    openapi_type(j, "object", 0);
    wfm_json_name(j, "additionalProperties");
    wfm_json_object(j);
    many(j, c);
    wfm_json_object_end(j);
}

static void property(wfm_json_t *j, const api_column_t *c)
{
    const api_column_t *of = c->kind == API_AGAIN ? c - 1 : c;

    wfm_json_key(j, c->name);
    if (of->kind == API_SHAPE && of->of && !of->of->name) {
        api_schema_object(j, of->of);
        return;
    }
    wfm_json_object(j);
    if (of->kind == API_JSON)
        json_value(j, of);
    else
        by_name(j, of);
    wfm_json_object_end(j);
}

static int may_be_left_out(const api_column_t *columns)
{
    for (; columns->name; columns++)
        if (columns->kind == API_JSON || columns->kind == API_JSON_TEXT)
            return 1;
    return 0;
}

static void required(wfm_json_t *j, const api_column_t *columns)
{
    for (; columns && columns->name; columns++)
        if (!(columns->flags & API_OPTIONAL))
            wfm_json_string(j, columns->name);
}

void api_schema_object(wfm_json_t *j, const api_shape_t *shape)
{
    wfm_json_object(j);
    openapi_type(j, "object", 0);
    wfm_json_name(j, "properties");
    wfm_json_object(j);
    for (const api_column_t *c = shape->columns; c->name; c++)
        property(j, c);
    if (may_be_left_out(shape->columns))
        openapi_raw(
            j, "left_out",
            "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"fields that are"
            " null because they are too large\"}");
    wfm_json_object_end(j);
    wfm_json_name(j, "required");
    wfm_json_array(j);
    required(j, shape->columns);
    wfm_json_array_end(j);
    wfm_json_object_end(j);
}

/* The same by reference, if it has a name. */
static void shape_or_reference(wfm_json_t *j, const api_shape_t *shape)
{
    if (!shape->name) {
        api_schema_object(j, shape);
        return;
    }
    wfm_json_object(j);
    openapi_refer(j, "schemas", shape->name);
    wfm_json_object_end(j);
}

static int has_cursor(const wfm_param_spec_t *specs)
{
    for (; specs && specs->name; specs++)
        if (!strcmp(specs->name, "cursor"))
            return 1;
    return 0;
}

/* The answer to a cursor counts nothing. */
static void page(wfm_json_t *j, const api_answer_t *answer, int cursor)
{
    const api_column_t around[] = {
        {.name = "total", .kind = API_INT, .flags = cursor ? API_NULLABLE : 0},
        {.name = "offset", .kind = API_INT, .flags = cursor ? API_NULLABLE : 0},
        {.name = "limit", .kind = API_INT},
        {.name = cursor ? "next_cursor" : NULL, .kind = API_TEXT, .flags = API_NULLABLE},
        {.name = NULL},
    };

    wfm_json_object(j);
    openapi_type(j, "object", 0);
    wfm_json_name(j, "properties");
    wfm_json_object(j);
    wfm_json_key(j, answer->key);
    wfm_json_object(j);
    openapi_type(j, "array", 0);
    wfm_json_name(j, "items");
    shape_or_reference(j, answer->row);
    wfm_json_object_end(j);
    for (const api_column_t *c = around; c->name; c++)
        property(j, c);
    for (const api_column_t *c = answer->around; c && c->name; c++)
        property(j, c);
    wfm_json_object_end(j);
    wfm_json_name(j, "required");
    wfm_json_array(j);
    wfm_json_string(j, answer->key);
    required(j, around);
    required(j, answer->around);
    wfm_json_array_end(j);
    wfm_json_object_end(j);
}

void api_schema_answer(wfm_json_t *j, const wfm_route_t *route)
{
    const api_answer_t *answer = route->answer;

    if (answer->key)
        page(j, answer,
             has_cursor(route->params) || (route->body && has_cursor(route->body->fields)));
    else
        shape_or_reference(j, answer->row);
}
