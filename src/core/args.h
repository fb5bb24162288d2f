/*
 * args.h - validated inputs by name: what param.c makes of path and query, and body.c of the body.
 *
 * A handler reads values only through these functions. Asking for a name that the route does not
 * declare is a programming error and trips an assert (so a typo shows in the first test).
 */
#ifndef WFM_CORE_ARGS_H
#define WFM_CORE_ARGS_H

#include "error.h"
#include "time.h"
#include <apr_tables.h>
#include <json-c/json.h>

typedef struct wfm_arg_t {
    const char *name;
    int set;                   /**< the client gave it (a default or a JSON null leaves 0) */
    apr_int64_t i;             /**< integer, boolean (0/1), or index of an enumerated value */
    double d;                  /**< number */
    wfm_time_t t;              /**< instant */
    int inexact;               /**< t was rounded down from something finer */
    const char *s;             /**< text, NUL-terminated, NULL when neither given nor defaulted */
    apr_size_t len;            /**< length of s */
    apr_array_header_t *names; /**< list of const char *: names */
    const char *whole; /**< names that were written with commas: the whole text, which may be one
                            name that holds commas; NULL for other forms */
    json_object *json; /**< JSON value; owned by the pool that the text was parsed into */
} wfm_arg_t;

typedef struct wfm_args_t {
    wfm_arg_t *args;
    int n;
} wfm_args_t;

/** The argument of that name; never NULL for a declared name. */
const wfm_arg_t *wfm_args_get(const wfm_args_t *a, const char *name);

/** The argument of that name; NULL when the route does not declare it (or there are no args). */
const wfm_arg_t *wfm_args_find(const wfm_args_t *a, const char *name);

/**
 * One list of both. What both have is the one that the client gave.
 * @param err a fault is added to it where he gave both
 */
wfm_args_t wfm_args_join(apr_pool_t *p, const wfm_args_t *a, const wfm_args_t *b,
                         const char *message, wfm_error_t **err);

/** Of a declared input: did the client give it? Its value, or its default, by its type. */
int wfm_args_is_set(const wfm_args_t *a, const char *name);
double wfm_args_number(const wfm_args_t *a, const char *name);
apr_int64_t wfm_args_int(const wfm_args_t *a, const char *name);
const char *wfm_args_text(const wfm_args_t *a, const char *name);

#endif
