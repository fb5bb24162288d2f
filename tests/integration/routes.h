/*
 * routes.h - the rows of the route table, read from its source, as paths of real objects: for what
 * must hold for every endpoint, those included that nobody thought of.
 */
#ifndef WFM_TEST_ROUTES_H
#define WFM_TEST_ROUTES_H

#include <apr_tables.h>

/** A config with a schema, a failed run and some metric rows. */
typedef struct objects_t {
    apr_int64_t config, schema, run;
} objects_t;

objects_t seed_objects(const char *name);

/** The templates of a method's rows: array of const char *. */
apr_array_header_t *route_templates(const char *method, int at_least);

/** A template as the path of these objects. */
const char *route_path(const char *template, const objects_t *o);

/** The paths of all GET rows: array of const char *. */
apr_array_header_t *route_reads(const objects_t *o);

#endif
