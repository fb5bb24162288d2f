/*
 * openapi.h - the API's description (OpenAPI 3.1), made of the route table: what its parts share.
 */
#ifndef WFM_API_OPENAPI_H
#define WFM_API_OPENAPI_H

#include "../core/json_writer.h"
#include "../core/route.h"
#include "answer.h"
#include <string.h>

/** A text and what a tag is made of. */
typedef struct api_document_t {
    const char *text;
    apr_size_t len;
    apr_uint64_t digest;
} api_document_t;

/** Make the description of all rows. It is made once; the pool is that of what keeps it. */
const api_document_t *api_openapi_make(apr_pool_t *p, const wfm_route_t *routes, int n);

/* ---- what its parts write with ---- */

/** A member that is a string. */
static inline void openapi_text(wfm_json_t *j, const char *key, const char *value)
{
    wfm_json_key(j, key);
    wfm_json_string(j, value);
}

/** A member that is JSON of the code's own. */
static inline void openapi_raw(wfm_json_t *j, const char *key, const char *json)
{
    wfm_json_key(j, key);
    wfm_json_raw(j, json, strlen(json));
}

/** A member that is an object, to be ended. */
static inline void openapi_open(wfm_json_t *j, const char *key)
{
    wfm_json_key(j, key);
    wfm_json_object(j);
}

/** A member "$ref": to a component of a kind. */
static inline void openapi_refer(wfm_json_t *j, const char *place, const char *name)
{
    wfm_json_name(j, "$ref");
    wfm_json_text(j);
    wfm_json_text_add(j, "#/components/", strlen("#/components/"));
    wfm_json_text_add(j, place, strlen(place));
    wfm_json_text_add(j, "/", 1);
    wfm_json_text_add(j, name, strlen(name));
    wfm_json_text_end(j);
}

/** The object that has only this. */
static inline void openapi_reference(wfm_json_t *j, const char *place, const char *name)
{
    wfm_json_object(j);
    openapi_refer(j, place, name);
    wfm_json_object_end(j);
}

/** A schema's "type". */
static inline void openapi_type(wfm_json_t *j, const char *name, int or_null)
{
    wfm_json_name(j, "type");
    if (or_null)
        wfm_json_array(j);
    wfm_json_string(j, name);
    if (or_null) {
        wfm_json_string(j, "null");
        wfm_json_array_end(j);
    }
}

/** A member that is a list of texts, and perhaps null. */
static inline void openapi_list(wfm_json_t *j, const char *key, const char *const *values,
                                int or_null)
{
    wfm_json_key(j, key);
    wfm_json_array(j);
    for (; *values; values++)
        wfm_json_string(j, *values);
    if (or_null)
        wfm_json_null(j);
    wfm_json_array_end(j);
}

/* ---- openapi_answers.c: what an operation answers ---- */

/** An operation's "responses". */
void api_openapi_answers(wfm_json_t *j, apr_pool_t *p, const wfm_route_t *route);

/** The component "responses", which operations share. */
void api_openapi_responses(wfm_json_t *j);

/* ---- openapi_inputs.c: inputs as JSON Schema ---- */

/** An input's schema. @param in_body as JSON, where null counts as not given; else as text */
void api_schema_input(wfm_json_t *j, const wfm_param_spec_t *spec, int in_body);

/** A body's. */
void api_schema_body(wfm_json_t *j, const wfm_body_spec_t *body);

/* ---- openapi_schema.c: answers as JSON Schema ---- */

/** A shape's, written out. */
void api_schema_object(wfm_json_t *j, const api_shape_t *shape);

/** What stands in "data" (or is all, of a bare one). @param route whose answer it is */
void api_schema_answer(wfm_json_t *j, const wfm_route_t *route);

/** A piece of JSON that no table says: in the description under its name. */
typedef struct api_fragment_t {
    const char *name, *json;
} api_fragment_t;

/** Schemas that are no shapes; ends with name NULL. */
extern const api_fragment_t api_schema_fragments[];
/** Headers of answers; ends with name NULL. */
extern const api_fragment_t api_header_fragments[];

#endif
