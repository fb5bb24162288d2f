/*
 * openapi.h - the API's description (OpenAPI 3.1), made of the route table: what its parts share.
 */
#ifndef WFM_API_OPENAPI_H
#define WFM_API_OPENAPI_H

#include "../core/json_writer.h"
#include "../core/route.h"
#include "answer.h"

/** A text and what a tag is made of. */
typedef struct api_document_t {
    const char *text;
    apr_size_t len;
    apr_uint64_t digest;
} api_document_t;

/** Make the description of all rows. It is made once; the pool is that of what keeps it. */
const api_document_t *api_openapi_make(apr_pool_t *p, const wfm_route_t *routes, int n);

/* ---- openapi_schema.c: inputs and outputs as JSON Schema ---- */

/** An input's schema. @param in_body as JSON, where null counts as not given; else as text */
void api_schema_input(wfm_json_t *j, const wfm_param_spec_t *spec, int in_body);

/** A body's. */
void api_schema_body(wfm_json_t *j, const wfm_body_spec_t *body);

/** A shape's, by reference if it has a name. */
void api_schema_shape(wfm_json_t *j, const api_shape_t *shape);

/** The same, written out. */
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
