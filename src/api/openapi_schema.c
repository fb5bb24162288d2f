/*
 * openapi_schema.c - owns what inputs and answers are in words of JSON Schema.
 */
#include "../core/text.h"
#include "api.h"
#include "openapi.h"
#include <string.h>

#define NAME_BYTES    "1000" /* WFM_NAME_MAX */
#define OR_NULL(name) "[{\"$ref\":\"#/components/schemas/" name "\"},{\"type\":\"null\"}]"
#define LARGEST       "9223372036854775807"

static void number(wfm_json_t *j, const char *key, apr_int64_t value)
{
    wfm_json_key(j, key);
    wfm_json_int64(j, value);
}

static void reference(wfm_json_t *j, const char *name)
{
    wfm_json_key(j, "$ref");
    wfm_json_text(j);
    wfm_json_text_add(j, "#/components/schemas/", strlen("#/components/schemas/"));
    wfm_json_text_add(j, name, strlen(name));
    wfm_json_text_end(j);
}

static void type(wfm_json_t *j, const char *name, int or_null)
{
    wfm_json_key(j, "type");
    if (or_null)
        wfm_json_array(j);
    wfm_json_string(j, name);
    if (or_null) {
        wfm_json_string(j, "null");
        wfm_json_array_end(j);
    }
}

static void list(wfm_json_t *j, const char *key, const char *const *values, int or_null)
{
    wfm_json_key(j, key);
    wfm_json_array(j);
    for (; *values; values++)
        wfm_json_string(j, *values);
    if (or_null)
        wfm_json_null(j);
    wfm_json_array_end(j);
}

/* ---- inputs ---- */

static void integer(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    type(j, "integer", or_null);
    openapi_text(j, "format", "int64");
    number(j, "minimum", spec->type != WFM_PARAM_OFFSET);
    if (spec->type == WFM_PARAM_LIMIT && !(spec->flags & WFM_PARAM_EXPORT_LIMIT))
        number(j, "maximum", spec->max);
    else
        openapi_raw(j, "maximum", LARGEST);
    if (spec->type != WFM_PARAM_ID)
        number(j, "default", spec->def);
}

static void choice(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    int open = (spec->flags & WFM_PARAM_OPEN) != 0;

    type(j, "string", or_null);
    if (open)
        number(j, "minLength", 1);
    list(j, open ? "examples" : "enum", spec->values, or_null && !open);
    if (spec->def >= 0)
        openapi_text(j, "default", spec->values[spec->def]);
}

static void words(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    type(j, "string", or_null);
    if (spec->flags & WFM_PARAM_NOT_BLANK) {
        number(j, "minLength", 1);
        openapi_text(j, "pattern", "\\S");
    }
    if (spec->flags & WFM_PARAM_PATH)
        number(j, "minLength", 1);
    if (spec->type == WFM_PARAM_NAME)
        openapi_raw(j, "maxLength", NAME_BYTES);
    else if (spec->max)
        number(j, "maxLength", spec->max);
    if (spec->type == WFM_PARAM_NAME && spec->values)
        openapi_text(j, "default", spec->values[spec->def]);
}

/* What the items of a list are. */
static const char *items_of(const wfm_param_spec_t *spec)
{
    static const char name[] = "{\"type\":\"string\",\"maxLength\":" NAME_BYTES "}";

    switch (spec->type) {
    case WFM_PARAM_TEXT_ARRAY:
        return "{\"type\":\"string\",\"pattern\":\"\\\\S\"}";
    case WFM_PARAM_FILES:
        return "{\"$ref\":\"#/components/schemas/SampleFile\"}";
    case WFM_PARAM_FIELD_ARRAY:
        return "{\"$ref\":\"#/components/schemas/SchemaField\"}";
    default:
        return name;
    }
}

/* In a URL at least one: an empty text is no list. */
static void array(wfm_json_t *j, const wfm_param_spec_t *spec, int in_body, int or_null)
{
    type(j, "array", or_null);
    if (spec->values) {
        wfm_json_key(j, "items");
        wfm_json_object(j);
        list(j, "enum", spec->values, 0);
        wfm_json_object_end(j);
    } else {
        openapi_raw(j, "items", items_of(spec));
    }
    if (!in_body || spec->type == WFM_PARAM_FILES ||
        (spec->type == WFM_PARAM_NAMES && spec->flags & WFM_PARAM_REQUIRED))
        number(j, "minItems", 1);
    if (spec->max)
        number(j, "maxItems", spec->max);
}

static void filter(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    if (!or_null)
        reference(j, spec->type == WFM_PARAM_DIMENSIONS ? "DimensionFilter" : "MetricFilters");
    else if (spec->type == WFM_PARAM_DIMENSIONS)
        openapi_raw(j, "anyOf", OR_NULL("DimensionFilter"));
    else
        openapi_raw(j, "anyOf", OR_NULL("MetricFilters"));
}

static void input(wfm_json_t *j, const wfm_param_spec_t *spec, int in_body)
{
    int or_null = in_body && !(spec->flags & WFM_PARAM_REQUIRED);

    switch (spec->type) {
    case WFM_PARAM_ID:
    case WFM_PARAM_OFFSET:
    case WFM_PARAM_LIMIT:
        integer(j, spec, or_null);
        break;
    case WFM_PARAM_ENUM:
        choice(j, spec, or_null);
        break;
    case WFM_PARAM_BOOL:
        type(j, "boolean", or_null);
        break;
    case WFM_PARAM_TIME:
        type(j, "string", or_null);
        openapi_text(j, "format", "date-time");
        break;
    case WFM_PARAM_TEXT:
    case WFM_PARAM_NAME:
    case WFM_PARAM_ZONE:
        words(j, spec, or_null);
        break;
    case WFM_PARAM_DIMENSIONS:
    case WFM_PARAM_METRIC_FILTERS:
        filter(j, spec, or_null);
        break;
    case WFM_PARAM_OBJECT:
        type(j, "object", or_null);
        break;
    case WFM_PARAM_NAMES:
    case WFM_PARAM_TEXT_ARRAY:
    case WFM_PARAM_NAME_ARRAY:
    case WFM_PARAM_FILES:
    case WFM_PARAM_FIELD_ARRAY:
        array(j, spec, in_body, or_null);
        break;
    }
}

void api_schema_input(wfm_json_t *j, const wfm_param_spec_t *spec, int in_body)
{
    wfm_json_object(j);
    input(j, spec, in_body);
    if (in_body && spec->about)
        openapi_text(j, "description", spec->about);
    wfm_json_object_end(j);
}

void api_schema_body(wfm_json_t *j, const wfm_body_spec_t *body)
{
    wfm_json_object(j);
    type(j, "object", 0);
    wfm_json_key(j, "properties");
    wfm_json_object(j);
    for (const wfm_param_spec_t *f = body->fields; f->name; f++) {
        wfm_json_key(j, f->name);
        api_schema_input(j, f, 1);
    }
    wfm_json_object_end(j);
    wfm_json_key(j, "required");
    wfm_json_array(j);
    for (const wfm_param_spec_t *f = body->fields; f->name; f++)
        if (f->flags & WFM_PARAM_REQUIRED)
            wfm_json_string(j, f->name);
    wfm_json_array_end(j);
    if (body->unknown == WFM_UNKNOWN_REFUSED)
        openapi_raw(j, "additionalProperties", "false");
    wfm_json_object_end(j);
}

/* ---- answers ---- */

/* One value of the column's. */
static void value(wfm_json_t *j, const api_column_t *c)
{
    int or_null = (c->flags & API_NULLABLE) != 0;

    switch (c->kind) {
    case API_TEXT:
    case API_JSON_TEXT:
    case API_TEXT_OR_NULL:
    case API_TEXT_SHORT:
        type(j, "string", or_null || c->kind != API_TEXT);
        if (c->values)
            list(j, "enum", c->values, or_null);
        break;
    case API_INT:
        type(j, "integer", or_null);
        openapi_text(j, "format", "int64");
        break;
    case API_NUMBER:
        type(j, "number", or_null);
        break;
    case API_BOOL:
        type(j, "boolean", or_null);
        break;
    case API_TIME:
        type(j, "string", or_null);
        openapi_text(j, "format", "date-time");
        break;
    case API_SHAPE:
        reference(j, c->of ? c->of->name : c->fragment);
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
        reference(j, c->fragment);
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
    type(j, "array", 0);
    wfm_json_key(j, "items");
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
    type(j, "object", 0);
    wfm_json_key(j, "additionalProperties");
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
    type(j, "object", 0);
    wfm_json_key(j, "properties");
    wfm_json_object(j);
    for (const api_column_t *c = shape->columns; c->name; c++)
        property(j, c);
    if (may_be_left_out(shape->columns))
        openapi_raw(
            j, "left_out",
            "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"fields that are"
            " null because they are too large\"}");
    wfm_json_object_end(j);
    wfm_json_key(j, "required");
    wfm_json_array(j);
    required(j, shape->columns);
    wfm_json_array_end(j);
    wfm_json_object_end(j);
}

void api_schema_shape(wfm_json_t *j, const api_shape_t *shape)
{
    if (!shape->name) {
        api_schema_object(j, shape);
        return;
    }
    wfm_json_object(j);
    reference(j, shape->name);
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
    type(j, "object", 0);
    wfm_json_key(j, "properties");
    wfm_json_object(j);
    wfm_json_key(j, answer->key);
    wfm_json_object(j);
    type(j, "array", 0);
    wfm_json_key(j, "items");
    api_schema_shape(j, answer->row);
    wfm_json_object_end(j);
    for (const api_column_t *c = around; c->name; c++)
        property(j, c);
    for (const api_column_t *c = answer->around; c && c->name; c++)
        property(j, c);
    wfm_json_object_end(j);
    wfm_json_key(j, "required");
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
        api_schema_shape(j, answer->row);
}
