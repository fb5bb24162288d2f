/*
 * openapi_inputs.c - owns what inputs are in words of JSON Schema.
 */
#include "../core/text.h"
#include "api.h"
#include "openapi.h"
#include <stdio.h>
#include <string.h>

#define NAME_BYTES    "1000" /* WFM_NAME_MAX */
#define OR_NULL(name) "[{\"$ref\":\"#/components/schemas/" name "\"},{\"type\":\"null\"}]"
#define LARGEST       "9223372036854775807"

static void number(wfm_json_t *j, const char *key, apr_int64_t value)
{
    wfm_json_key(j, key);
    wfm_json_int64(j, value);
}

static void integer(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    openapi_type(j, "integer", or_null);
    openapi_text(j, "format", "int64");
    number(j, "minimum", spec->type != WFM_PARAM_OFFSET);
    if (spec->max && !(spec->flags & WFM_PARAM_EXPORT_LIMIT))
        number(j, "maximum", spec->max);
    else
        openapi_raw(j, "maximum", LARGEST);
    if (spec->type != WFM_PARAM_ID || spec->def)
        number(j, "default", spec->def);
}

static void bounded(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    const wfm_bounds_t *b = spec->bounds;
    const struct {
        const char *key;
        double value;
    } members[] = {{"minimum", b->least}, {"maximum", b->most}, {"default", b->def}};
    char text[32];

    openapi_type(j, b->whole ? "integer" : "number", or_null);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        snprintf(text, sizeof text, "%.15g", members[i].value);
        openapi_raw(j, members[i].key, text);
    }
}

static void choice(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    int open = (spec->flags & WFM_PARAM_OPEN) != 0;

    openapi_type(j, "string", or_null);
    if (open)
        number(j, "minLength", 1);
    openapi_list(j, open ? "examples" : "enum", spec->values, or_null && !open);
    if (spec->def >= 0)
        openapi_text(j, "default", spec->values[spec->def]);
}

static void words(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    openapi_type(j, "string", or_null);
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
    case WFM_PARAM_IDS:
        return "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":" LARGEST "}";
    case WFM_PARAM_TEXT_ARRAY:
        return "{\"type\":\"string\",\"pattern\":\"\\\\S\"}";
    case WFM_PARAM_FILES:
        return "{\"$ref\":\"#/components/schemas/SampleFile\"}";
    case WFM_PARAM_FIELD_PATCHES:
        return "{\"$ref\":\"#/components/schemas/SchemaFieldPatch\"}";
    case WFM_PARAM_FIELD_ARRAY:
        return "{\"$ref\":\"#/components/schemas/SchemaField\"}";
    default:
        return name;
    }
}

/* In a URL at least one: an empty text is no list. */
static void array(wfm_json_t *j, const wfm_param_spec_t *spec, int in_body, int or_null)
{
    openapi_type(j, "array", or_null);
    if (spec->values) {
        wfm_json_name(j, "items");
        wfm_json_object(j);
        openapi_list(j, "enum", spec->values, 0);
        wfm_json_object_end(j);
    } else {
        openapi_raw(j, "items", items_of(spec));
    }
    if ((!in_body && !(spec->flags & WFM_PARAM_EMPTY)) || spec->type == WFM_PARAM_FILES ||
        spec->type == WFM_PARAM_FIELD_PATCHES ||
        (spec->type == WFM_PARAM_NAMES && spec->flags & WFM_PARAM_REQUIRED))
        number(j, "minItems", 1);
    if (spec->max)
        number(j, "maxItems", spec->max);
}

static void filter(wfm_json_t *j, const wfm_param_spec_t *spec, int or_null)
{
    if (!or_null)
        openapi_refer(j, "schemas",
                      spec->type == WFM_PARAM_DIMENSIONS ? "DimensionFilter" : "MetricFilters");
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
    case WFM_PARAM_NUMBER:
        bounded(j, spec, or_null);
        break;
    case WFM_PARAM_ENUM:
        choice(j, spec, or_null);
        break;
    case WFM_PARAM_BOOL:
        openapi_type(j, "boolean", or_null);
        if (spec->def)
            openapi_raw(j, "default", spec->def == WFM_PARAM_TRUE ? "true" : "false");
        break;
    case WFM_PARAM_TIME:
        openapi_type(j, "string", or_null);
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
        openapi_type(j, "object", or_null);
        break;
    case WFM_PARAM_NAMES:
    case WFM_PARAM_IDS:
    case WFM_PARAM_TEXT_ARRAY:
    case WFM_PARAM_NAME_ARRAY:
    case WFM_PARAM_FILES:
    case WFM_PARAM_FIELD_PATCHES:
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
    openapi_type(j, "object", 0);
    wfm_json_name(j, "properties");
    wfm_json_object(j);
    for (const wfm_param_spec_t *f = body->fields; f->name; f++) {
        wfm_json_key(j, f->name);
        api_schema_input(j, f, 1);
    }
    wfm_json_object_end(j);
    wfm_json_name(j, "required");
    wfm_json_array(j);
    for (const wfm_param_spec_t *f = body->fields; f->name; f++)
        if (f->flags & WFM_PARAM_REQUIRED)
            wfm_json_string(j, f->name);
    wfm_json_array_end(j);
    if (body->unknown == WFM_UNKNOWN_REFUSED)
        openapi_raw(j, "additionalProperties", "false");
    wfm_json_object_end(j);
}
