/*
 * value.h - a declared input and its types: one declaration for path, query string and body.
 *
 * Where a value comes from decides how it is written (text in a URL, JSON in a body); what it may
 * be is the same. param.c and body.c bring the values here.
 */
#ifndef WFM_CORE_VALUE_H
#define WFM_CORE_VALUE_H

#include "args.h"
#include "error.h"

typedef enum wfm_param_type_e {
    WFM_PARAM_ID,     /**< positive int64. "must be a positive integer"; of at most max (0: any):
                         "must be an integer between 1 and MAX" */
    WFM_PARAM_OFFSET, /**< int64 >= 0. "must be an integer between 0 and 9223372036854775807" */
    WFM_PARAM_LIMIT,  /**< >= 1, lowered to max. "must be an integer between 1 and MAX" */
    WFM_PARAM_NUMBER, /**< within bounds: arg->d, a whole one also arg->i. "must be a number between
                         0 and 1", "must be an integer between 2 and 1000" */
    WFM_PARAM_ENUM,   /**< one of values. "must be one of a, b, c" */
    WFM_PARAM_BOOL,   /**< true or false: arg->i. "must be true or false" */
    WFM_PARAM_TIME,   /**< RFC 3339. "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z" */
    WFM_PARAM_TEXT,   /**< text of at most max characters (0: any). "must be a string" */
    WFM_PARAM_NAME,   /**< a dimension's or metric's name: any text of at most WFM_NAME_MAX bytes */
    WFM_PARAM_ZONE,   /**< a time zone, see zone.h. "must be the name of a time zone such as …" */
    WFM_PARAM_NAMES,  /**< arg->names, duplicates dropped; each as WFM_PARAM_NAME. In a URL a JSON
                         array, or separated by commas and trimmed (arg->whole is then the text as it
                         is; where a comma has no name beside it, it is the only name), or in
                         brackets (brackets.h); in a body at most max ("must be an array of at most
                         MAX names") */
    WFM_PARAM_IDS,    /**< URL: arg->names, the digits of positive integers, duplicates dropped; at
                            most max. A list by commas or a JSON array, or in brackets. "must be a
                            comma-separated list or a JSON array of at most MAX positive integers" */
    WFM_PARAM_DIMENSIONS,     /**< JSON object of filters, see dimfilter.h: arg->json */
    WFM_PARAM_METRIC_FILTERS, /**< body: JSON object of filters, see metricfilter.h: arg->json */
    WFM_PARAM_TEXT_ARRAY, /**< body: array of non-blank strings; arg->s is its JSON text for jsonb.
                               "must be an array of non-blank strings" */
    WFM_PARAM_NAME_ARRAY, /**< the same of names, each as WFM_PARAM_NAME. "must be an array of
                               names" */
    WFM_PARAM_OBJECT,     /**< body: any object; arg->s is its JSON text for jsonb. "must be an
                               object" */
    WFM_PARAM_FILES, /**< body: array of 1 to max objects, each with a text `content` and perhaps
                          texts `path`, `name`, `file_type`: arg->json. "must be an array of 1 to
                          MAX objects, each with a content" */
    WFM_PARAM_FIELD_PATCHES, /**< body: array of 1 to max objects, each with a `name` of its own and
                          perhaps `direction`, `unit`, `description`; arg->s is its JSON text */
    WFM_PARAM_FIELD_ARRAY    /**< body: array of fields of a schema, each a name or an
                                  object with a "name"; arg->s is its JSON text. "must be an
                                  array of fields, each a name or an object with a name" */
} wfm_param_type_e;

enum {
    WFM_PARAM_PATH = 1,         /**< a variable of the path template, not a query parameter */
    WFM_PARAM_RANGE_START = 2,  /**< lower end of a range of instants (rounded up) */
    WFM_PARAM_RANGE_END = 4,    /**< the upper end of the range whose start is the last one before
                                   it in the list (rounded down); that must not be after it */
    WFM_PARAM_EXPORT_LIMIT = 8, /**< the maximum is limits->export_max_rows instead of max */
    WFM_PARAM_REQUIRED = 16,    /**< absent, or null in a body, is "is required" */
    WFM_PARAM_EMPTY = 128,      /**< NAMES in a URL: there may be none, [] or an empty text */
    WFM_PARAM_OPEN = 64,     /**< ENUM: other values, too, but the empty one; arg->i is then -1 */
    WFM_PARAM_NOT_BLANK = 32 /**< TEXT: "must not be blank" */
};

/** A BOOL's default. */
enum { WFM_PARAM_FALSE = -1, WFM_PARAM_TRUE = 1 };

/** What a number may be. */
typedef struct wfm_bounds_t {
    double least, most; /**< inclusive */
    double def;
    int whole;
} wfm_bounds_t;

typedef struct wfm_param_spec_t {
    const char *name;
    wfm_param_type_e type;
    unsigned flags;
    apr_int64_t
        def; /**< default (OFFSET, LIMIT; ID, where it is not 0); index of the default (ENUM,
                NAME with values), -1: none; BOOL: WFM_PARAM_TRUE, WFM_PARAM_FALSE, 0: none */
    apr_int64_t max; /**< LIMIT: maximum; TEXT: most code points; NAMES, arrays: most items */
    const char *const *values; /**< ENUM, NAMES: those there are; NULL-terminated. NAME: defaults */
    /** ENUM, BOOL, TEXT: another enumeration, before this one in the list, and which of its values
     * (a bit each) it has a meaning with. With others it must be its first value, or false, or not
     * be given. */
    const char *only_with;
    unsigned only_values;
    const char *about;          /**< what it means, for the description; NULL: its name says it */
    const wfm_bounds_t *bounds; /**< NUMBER: its bounds */
} wfm_param_spec_t;

/** Ceilings that come from directives. */
typedef struct wfm_limits_t {
    apr_int64_t export_max_rows; /**< rows */
    apr_int64_t max_body;        /**< bytes */
    apr_int64_t max_upload;      /**< bytes of a result file, inflated */
} wfm_limits_t;

/** What validation works with. */
typedef struct wfm_validation_t {
    apr_pool_t *p;
    const wfm_limits_t *limits;
    wfm_error_t **err; /**< faults are added to it, see wfm_error_field */
} wfm_validation_t;

/**
 * Check a text against its declaration and store the value in arg.
 * @param s NUL-terminated, UTF-8 without NULs inside
 * @return NULL, or what the value must be. (The two kinds of filters add their faults by
 * themselves.)
 */
const char *wfm_value_check(const wfm_validation_t *v, const wfm_param_spec_t *spec, const char *s,
                            apr_size_t len, wfm_arg_t *arg);

/** Is this parsed JSON a filter of the declared kind? As wfm_value_check; s and len are not stored.
 */
const char *wfm_value_check_filter(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                   json_object *json, wfm_arg_t *arg);

/** Are arg->names ids, and not too many? @return NULL, or what they must be */
const char *wfm_value_check_ids(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                wfm_arg_t *arg);

/** Of names that must be out of spec->values. @return NULL, or what they must be */
const char *wfm_value_check_names(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                  const wfm_arg_t *arg);

/** Store what holds when the client gave nothing. */
void wfm_value_default(const wfm_validation_t *v, const wfm_param_spec_t *spec, wfm_arg_t *arg);

/**
 * When all are checked: a range's start must not be after its end, and an inexact start is rounded
 * up.
 * @param specs,args of the same length, in the same order
 */
void wfm_value_check_range(const wfm_validation_t *v, const wfm_param_spec_t *specs,
                           wfm_args_t *args);

/** When all are checked: what has no meaning beside another input's value must not be given. */
void wfm_value_check_company(const wfm_validation_t *v, const wfm_param_spec_t *specs,
                             const wfm_args_t *args);

#endif
