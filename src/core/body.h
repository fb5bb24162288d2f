/*
 * body.h - a request's JSON body: parsed with limits, checked against declared fields.
 *
 * json-c parses; its strict mode still lets through what RFC 8259 forbids ('single quotes', NaN,
 * 01, control characters in strings, lone surrogates), so the grammar is checked first
 * (json_check.h). Objects are freed with the pool they were parsed into.
 */
#ifndef WFM_CORE_BODY_H
#define WFM_CORE_BODY_H

#include "value.h"

#define WFM_BODY_DEPTH 32 /**< nesting of objects and arrays, the outermost counted */

typedef enum wfm_body_unknown_e { WFM_UNKNOWN_REFUSED, WFM_UNKNOWN_IGNORED } wfm_body_unknown_e;

/** What a route takes as its body. */
typedef struct wfm_body_spec_t {
    const wfm_param_spec_t *fields; /**< ends with a row whose name is NULL */
    wfm_body_unknown_e unknown;     /**< WFM_UNKNOWN_REFUSED: "is not a known field" */
} wfm_body_spec_t;

/**
 * Parse JSON text into a value that the pool owns (json_object_put at its cleanup).
 * @return NULL, or a 400 "invalid JSON at byte N" (N counts from 0: the first byte that cannot
 * stand where it stands), or 400 "JSON is nested deeper than 32 levels". Text that holds \u0000 is
 *         refused too: PostgreSQL cannot store it.
 */
wfm_error_t *wfm_json_parse(apr_pool_t *p, const char *text, apr_size_t len, json_object **out);

/** Have the pool free an object. */
void wfm_json_own(apr_pool_t *p, json_object *json);

/** Is this media type JSON ("application/json", "application/...+json"; any case, any parameters)?
 */
int wfm_body_is_json_type(const char *content_type);

/**
 * Check an object against the declared fields; a JSON null counts as not given.
 * @param args receives one argument a field
 * @param err  faults are added to it, every one
 * @return NULL, or a 400 "the body must be a JSON object"
 */
wfm_error_t *wfm_body_validate(apr_pool_t *p, const wfm_body_spec_t *spec, json_object *json,
                               const wfm_limits_t *limits, wfm_args_t *args, wfm_error_t **err);

#endif
