/*
 * param.h - declared path variables and query parameters to typed, validated values.
 *
 * A route declares what it takes; wfm_params_parse checks everything and reports all faults at
 * once. A parameter that is not declared is ignored, one given twice is an error, one that does not
 * parse is an error that names it. The query string is parsed strictly: '+' is a space, percent
 * escapes must be well-formed, text must be UTF-8 without NUL. (httpd's ap_args_to_table does none
 * of this.)
 */
#ifndef WFM_CORE_PARAM_H
#define WFM_CORE_PARAM_H

#include "value.h"

/** A decoded value of a path variable, in the order of the template. */
typedef struct wfm_path_value_t {
    const char *s; /**< NUL-terminated; NULL: could not be decoded */
    apr_size_t len;
} wfm_path_value_t;

/**
 * Validate path variables and the query string against the specs.
 * @param specs     ends with a row whose name is NULL; the path's first, in template order
 * @param path      values of the path's variables
 * @param query     the raw query string, NULL or "" for none
 * @param args      receives one argument a spec, also when there are faults
 * @param err       faults are added to it (see wfm_error_field)
 */
void wfm_params_parse(apr_pool_t *p, const wfm_param_spec_t *specs, const wfm_path_value_t *path,
                      const char *query, const wfm_limits_t *limits, wfm_args_t *args,
                      wfm_error_t **err);

#endif
