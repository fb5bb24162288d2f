/*
 * body.h - a request's JSON body, checked against declared fields.
 */
#ifndef WFM_CORE_BODY_H
#define WFM_CORE_BODY_H

#include "json.h"
#include "value.h"

typedef enum wfm_body_unknown_e { WFM_UNKNOWN_REFUSED, WFM_UNKNOWN_IGNORED } wfm_body_unknown_e;

/** What a route takes as its body. */
typedef struct wfm_body_spec_t {
    const wfm_param_spec_t *fields; /**< ends with a row whose name is NULL */
    wfm_body_unknown_e unknown;     /**< WFM_UNKNOWN_REFUSED: "is not a known field" */
} wfm_body_spec_t;

/** Is no body at all an object without fields? Where all of them may be left out, and others are
 * passed by. */
int wfm_body_may_be_empty(const wfm_body_spec_t *spec);

/**
 * Build the declared fields of a JSON text (and null for others, where these are refused). NULL in
 * *out: it is no object.
 * @return as wfm_json_parse
 */
wfm_error_t *wfm_body_parse(apr_pool_t *p, const wfm_body_spec_t *spec, const char *text,
                            apr_size_t len, json_object **out);

/** Is this media type JSON ("application/json", "application/...+json"; any case, any parameters)?
 */
int wfm_body_is_json_type(const char *content_type);

/**
 * Check an object against the declared fields; a JSON null counts as not given.
 * @param args receives one argument a field; their texts are json's
 * @param err  faults are added to it, every one
 * @return NULL, or a 400 "the body must be a JSON object"
 */
wfm_error_t *wfm_body_validate(apr_pool_t *p, const wfm_body_spec_t *spec, json_object *json,
                               const wfm_limits_t *limits, wfm_args_t *args, wfm_error_t **err);

#endif
