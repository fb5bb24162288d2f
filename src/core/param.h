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

#include "args.h"
#include "error.h"

typedef enum wfm_param_type_e {
    WFM_PARAM_ID,     /**< positive int64. "must be a positive integer" */
    WFM_PARAM_OFFSET, /**< int64 >= 0. "must be an integer between 0 and 9223372036854775807" */
    WFM_PARAM_LIMIT,  /**< >= 1, lowered to max. "must be an integer between 1 and MAX" */
    WFM_PARAM_ENUM,   /**< one of values. "must be one of a, b, c" */
    WFM_PARAM_BOOL,   /**< "true" or "false". "must be true or false" */
    WFM_PARAM_TIME,   /**< RFC 3339. "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z" */
    WFM_PARAM_TEXT,   /**< any text. */
    WFM_PARAM_NAMES,  /**< names separated by commas, each trimmed, none empty, duplicates dropped.
                           "must be a comma-separated list of names" */
    WFM_PARAM_DIMENSIONS /**< JSON object of filters, see dimfilter.h; arg->json holds it */
} wfm_param_type_e;

enum {
    WFM_PARAM_PATH = 1,        /**< a variable of the path template, not a query parameter */
    WFM_PARAM_RANGE_START = 2, /**< lower end of the route's range of instants (rounded up) */
    WFM_PARAM_RANGE_END = 4,   /**< upper end (rounded down); the start must not be after it */
    WFM_PARAM_EXPORT_LIMIT = 8 /**< the maximum is limits->export_max_rows instead of max */
};

typedef struct wfm_param_spec_t {
    const char *name;
    wfm_param_type_e type;
    unsigned flags;
    apr_int64_t def; /**< default (OFFSET, LIMIT); index of the default (ENUM), -1: none */
    apr_int64_t max; /**< LIMIT: maximum */
    const char *const *values; /**< ENUM: NULL-terminated */
} wfm_param_spec_t;

/** Ceilings that come from directives. */
typedef struct wfm_limits_t {
    apr_int64_t export_max_rows; /**< rows */
    apr_int64_t max_body;        /**< bytes */
} wfm_limits_t;

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
