/*
 * fields.h - what several files' columns are together: a schema.
 *
 * A column is a dimension if it is one in any file, else a metric if it is one in any.
 */
#ifndef WFM_INGEST_FIELDS_H
#define WFM_INGEST_FIELDS_H

#include "infer.h"

typedef struct wfm_field_t {
    const char *name;
    wfm_class_e what;
    const char *why; /**< in words */
    int whole;       /**< a dimension of whole numbers */
    const wfm_unit_t *unit;
    wfm_direction_e direction;
} wfm_field_t;

typedef struct wfm_fields_t {
    apr_array_header_t *list; /**< of wfm_field_t, in the order of the columns */
    apr_hash_t *places;       /**< by name: const int * */
} wfm_fields_t;

void wfm_fields_init(wfm_fields_t *fields, apr_pool_t *p);

/** Add a file's columns. @return 0: there would be more than WFM_RECORD_COLUMNS; none is added */
int wfm_fields_add(wfm_fields_t *fields, const wfm_inference_t *inference);

/** Have a file's rows made by what all files say. */
void wfm_fields_apply(const wfm_fields_t *fields, wfm_inference_t *inference);

#endif
