/*
 * routes.h - the API's paths, as described.h knows them, of real objects: for what must hold for
 * every endpoint, those included that nobody thought of.
 */
#ifndef WFM_TEST_ROUTES_H
#define WFM_TEST_ROUTES_H

#include <apr_tables.h>

/** A config with a schema, a failed run and some metric rows. */
typedef struct objects_t {
    apr_int64_t config, schema, run;
} objects_t;

objects_t seed_objects(const char *name);

/** A template as the path of these objects. */
const char *route_path(const char *template, const objects_t *o);

/** The paths of all GET rows: array of const char *. */
apr_array_header_t *route_reads(const objects_t *o);

#endif
