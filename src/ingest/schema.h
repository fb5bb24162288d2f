/*
 * schema.h - who knows better than inference what a file's columns are: the config's schema, and
 * the sender, who overrules it.
 */
#ifndef WFM_INGEST_SCHEMA_H
#define WFM_INGEST_SCHEMA_H

#include "infer.h"

/** What a schema says of a column. */
typedef struct wfm_schema_field_t {
    wfm_class_e what;
    int whole;              /**< a dimension of whole numbers: 1 yes, 0 no, -1: it does not say */
    const wfm_unit_t *unit; /**< NULL: it does not say */
} wfm_schema_field_t;

typedef struct wfm_schema_t {
    apr_hash_t *fields; /**< by name: wfm_schema_field_t * */
} wfm_schema_t;

void wfm_schema_init(wfm_schema_t *schema, apr_pool_t *p);

/** The field of that name, made if it is not there: left out, and nothing else is said. */
wfm_schema_field_t *wfm_schema_field(wfm_schema_t *schema, const char *name, apr_size_t len);

/** Columns are what the schema says; those that it lacks are left out. */
void wfm_schema_apply(const wfm_schema_t *schema, wfm_inference_t *inference);

/**
 * Metrics, whoever says that they are, are in the schema's unit, else in that of their name, and
 * without both in none. A cell that says no unit has that of the name, else the schema's.
 */
void wfm_schema_units(const wfm_schema_t *schema, wfm_inference_t *inference);

/** The columns of these names (const char *) are of this class, and no others. */
void wfm_schema_overrule(wfm_inference_t *inference, wfm_class_e what,
                         const apr_array_header_t *names);

#endif
