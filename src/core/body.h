/*
 * body.h - a request's JSON body, checked against declared fields.
 */
#ifndef WFM_CORE_BODY_H
#define WFM_CORE_BODY_H

#include "json.h"
#include "value.h"

typedef enum wfm_body_unknown_e { WFM_UNKNOWN_REFUSED, WFM_UNKNOWN_IGNORED } wfm_body_unknown_e;

/** What a route takes as its body: a JSON object, or a file, which its handler reads as it
 * arrives. */
typedef struct wfm_body_spec_t {
    const wfm_param_spec_t *fields; /**< of the object; ends with a row whose name is NULL */
    wfm_body_unknown_e unknown;     /**< WFM_UNKNOWN_REFUSED: "is not a known field" */
    const char *header; /**< the object stands in this header, and the body is a file; else NULL */
    const char *const *media; /**< of the file, for the description; NULL-terminated */
    int may_be_empty;         /**< no body at all is an object without fields */
} wfm_body_spec_t;

/**
 * The fields of a route whose body is a file, out of a header's JSON.
 * @param value the header's; NULL: it was not sent, so that no field is given
 * @param args  as wfm_body_validate
 * @param err   faults are added to it; what is no JSON object is one of the header, and a
 *              field that is there twice one of the field
 */
void wfm_body_header(apr_pool_t *p, const wfm_body_spec_t *spec, const char *value,
                     const wfm_limits_t *limits, wfm_args_t *args, wfm_error_t **err);

/**
 * Build the declared fields of a JSON text (and null for others, where these are refused). NULL in
 * *out: it is no object.
 * @return as wfm_json_parse
 */
wfm_error_t *wfm_body_parse(apr_pool_t *p, const wfm_body_spec_t *spec, const char *text,
                            apr_size_t len, json_object **out);

/**
 * Check an object against the declared fields; a JSON null counts as not given.
 * @param args receives one argument a field; their texts are json's
 * @param err  faults are added to it, every one
 * @return NULL, or a 400 "the body must be a JSON object"
 */
wfm_error_t *wfm_body_validate(apr_pool_t *p, const wfm_body_spec_t *spec, json_object *json,
                               const wfm_limits_t *limits, wfm_args_t *args, wfm_error_t **err);

#endif
