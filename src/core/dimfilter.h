/*
 * dimfilter.h - a filter on dimensions: {"Op":["GEMM","Attention"],"batch_size":32}.
 *
 * A dimension's value is its text (->>), so 32 and "32" are one value, 1.5 and 1.50 are two. A
 * filter's value is a scalar (a number stands for the text that jsonb makes of it), null (rows that
 * lack the dimension), an array of these (any of them), or {"not": one of these}: rows that lack
 * the dimension pass it unless null is named. An empty array is no filter on that dimension. What
 * SQL it becomes is db/filter.c's.
 */
#ifndef WFM_CORE_DIMFILTER_H
#define WFM_CORE_DIMFILTER_H

#include "error.h"
#include <json-c/json.h>

/** Most dimensions in one filter: each binds parameters, and these are counted in 16 bits. */
#define WFM_DIMFILTER_MAX 100

typedef struct wfm_dim_t {
    const char *name;          /**< dimension's name: data, never SQL */
    apr_array_header_t *texts; /**< of const char *: the values; of obj, or its pool */
    int absent;                /**< null is one of them */
    int negative;              /**< none of them, in place of any */
} wfm_dim_t;

/**
 * Check the object and take it apart. Faults are added to *err under `field`.
 * @return array of wfm_dim_t without those that filter nothing; NULL when obj is NULL or faulty
 */
apr_array_header_t *wfm_dimfilter_parse(apr_pool_t *p, const char *field, json_object *obj,
                                        wfm_error_t **err);

/** Does a value pass? @param value its text, NULL: the dimension is lacking */
int wfm_dim_passes(const wfm_dim_t *dim, const char *value);

#endif
