/*
 * brackets.h - the forms in which axios (and others) write objects and arrays into a query string:
 * dimensions[Op]=GEMM, dimensions[Op][]=a&dimensions[Op][]=b, metric_fields[]=a.
 *
 * What the brackets hold is a name as it is: anything but "][", percent-decoded. An index counts as
 * none: [0] is []. All values are texts.
 */
#ifndef WFM_CORE_BRACKETS_H
#define WFM_CORE_BRACKETS_H

#include "value.h"

/** One such parameter, decoded. */
typedef struct wfm_bracket_t {
    const char *path; /**< what follows the parameter's name: "[Op][]" */
    const char *value;
    apr_size_t len;
} wfm_bracket_t;

/**
 * Put the parameters of one name together and check what they make, as wfm_value_check.
 * @param pairs of wfm_bracket_t, at least one
 */
const char *wfm_brackets_check(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               const apr_array_header_t *pairs, wfm_arg_t *arg);

#endif
