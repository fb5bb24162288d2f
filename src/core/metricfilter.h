/*
 * metricfilter.h - a filter on metric values: {"throughput":{"gte":100,"lt":500},"latency":3}.
 *
 * A field's filter is an object of operators (gte, gt, lte, lt, eq, ne, or >=, >, <=, <, =, !=),
 * all of which must hold, or a plain number, which means eq. A number may stand in quotes. A row
 * whose value is absent or no number does not match, whatever the operator.
 */
#ifndef WFM_CORE_METRICFILTER_H
#define WFM_CORE_METRICFILTER_H

#include "error.h"
#include <json-c/json.h>

/** Most fields in one filter. */
#define WFM_METRICFILTER_MAX 100

typedef enum wfm_compare_e { WFM_GTE, WFM_GT, WFM_LTE, WFM_LT, WFM_EQ, WFM_NE } wfm_compare_e;

typedef struct wfm_metric_filter_t {
    const char *field; /**< metric's name: data, never SQL */
    wfm_compare_e op;
    const char *number; /**< JSON number as the client wrote it; PostgreSQL's numeric takes it */
} wfm_metric_filter_t;

/**
 * Check the object and take it apart. Faults are added to *err under `name`.
 * @return array of wfm_metric_filter_t; NULL when obj is NULL or faulty
 */
apr_array_header_t *wfm_metricfilter_parse(apr_pool_t *p, const char *name, json_object *obj,
                                           wfm_error_t **err);

#endif
