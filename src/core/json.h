/*
 * json.h - JSON that a client sent: json-c's objects, built from text that has been checked.
 *
 * What is JSON, how deep it is and how many values it holds is decided first (json_check.h),
 * because building is dear: an empty object of two bytes becomes some 700. Objects are freed with
 * the pool they were built for.
 */
#ifndef WFM_CORE_JSON_H
#define WFM_CORE_JSON_H

#include "error.h"
#include <json-c/json.h>

#define WFM_JSON_DEPTH  32    /**< nesting of objects and arrays, the outermost counted */
#define WFM_JSON_VALUES 20000 /**< most values in one text, objects and arrays counted */

/**
 * Build the value of a JSON text. An integer beyond 64 bits is a double object that keeps its
 * digits, as every number with a point or an exponent does.
 * @return NULL, or a 400 "invalid JSON at byte N" (N counts from 0: the first byte that cannot
 *         stand where it stands), "JSON is nested deeper than 32 levels" or "JSON of more than
 *         20000 values". Text that holds \u0000 is refused too: PostgreSQL cannot store it.
 */
wfm_error_t *wfm_json_parse(apr_pool_t *p, const char *text, apr_size_t len, json_object **out);

/** Is a member of this name wanted? 0: it is left out; 1: it is built; -1: its name alone is kept,
 * with null. */
typedef int (*wfm_json_wanted_fn)(const void *ctx, const char *name);

/**
 * The same of an object of which some members are wanted; what else it holds is checked, but not
 * built. *out is NULL where the text is no object.
 */
wfm_error_t *wfm_json_parse_members(apr_pool_t *p, const char *text, apr_size_t len,
                                    wfm_json_wanted_fn wanted, const void *ctx, json_object **out);

/** An object's member, if it is a text; else NULL. */
const char *wfm_json_member_text(json_object *object, const char *name);

/**
 * Hand each item of an array to fn, which copies what it keeps: built one at a time, so however
 * many there are. What is no array, or too deep, has no items.
 */
void wfm_json_each(apr_pool_t *p, const char *text, apr_size_t len,
                   void (*fn)(void *ctx, json_object *item), void *ctx);

/** Have the pool free an object. */
void wfm_json_own(apr_pool_t *p, json_object *json);

/** The same of so many values that were built of a text of that length. */
void wfm_json_own_built(apr_pool_t *p, json_object *json, int values, apr_size_t len);

#endif
