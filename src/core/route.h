/*
 * route.h - the row that describes an endpoint, and the matcher of paths.
 *
 * A path template is literal segments and :variables ("/configs/:id/dimensions/:dimension/values").
 * "/" is the tree's root, with and without the slash. Where a literal and a variable could both
 * match, the literal wins; the order of rows has no meaning. What a row says is all there is to
 * routing, 405 and Allow, OPTIONS, HEAD, access, validation and the form of the answer.
 */
#ifndef WFM_CORE_ROUTE_H
#define WFM_CORE_ROUTE_H

#include "body.h"
#include "error.h"
#include "param.h"

struct wfm_request_t; /* api/api.h */
struct api_answer_t;  /* api/answer.h */

/** Methods of the table. HEAD comes with GET, OPTIONS with every path. */
typedef enum wfm_method_e {
    WFM_GET = 1,
    WFM_POST = 2,
    WFM_PUT = 4,
    WFM_PATCH = 8,
    WFM_DELETE = 16
} wfm_method_e;

/** May the endpoint change data? Zero is not a class: a row without one is denied. */
typedef enum wfm_access_e {
    WFM_ACCESS_UNSET = 0,
    WFM_ACCESS_READ,
    WFM_ACCESS_WRITE,
    WFM_ACCESS_INGEST /**< results come in: a permission of its own, beside that to write */
} wfm_access_e;

typedef wfm_error_t *(*wfm_handler_fn)(struct wfm_request_t *rq);

typedef struct wfm_route_t {
    wfm_method_e method;
    const char *path; /**< template below the API's base path */
    wfm_access_e access;
    wfm_handler_fn handler;
    const wfm_param_spec_t *params; /**< path variables first, in order; ends with name NULL */
    const wfm_body_spec_t *body;    /**< NULL: takes none (and accepts any) */
    const struct api_answer_t *answer;
    const char *summary; /**< a line for the reference */
} wfm_route_t;

#define WFM_ROUTE_VARS 4 /**< most variables of one template */

typedef struct wfm_match_t {
    const wfm_route_t *route; /**< the row of path and method; NULL if only the path is known */
    unsigned methods;         /**< bits of wfm_method_e that the path has; 0: unknown path */
    wfm_path_value_t vars[WFM_ROUTE_VARS];
    int nvars;
} wfm_match_t;

/** A table of rows whose templates have been cut up. Shared by all threads. */
typedef struct wfm_router_t wfm_router_t;

/** @param routes must live as long as the pool */
wfm_router_t *wfm_router_create(apr_pool_t *p, const wfm_route_t *routes, int n);

/**
 * Find the row.
 * @param p       of the request, for the variables' values
 * @param path    what follows the base path, "" or starting with '/'
 * @param encoded 1: segments are still percent-encoded and are decoded one by one (so an encoded
 *                slash stays inside its segment); 0: decoded already
 * @param method  0: just find the path's methods
 */
void wfm_route_match(const wfm_router_t *router, apr_pool_t *p, const char *path, int encoded,
                     unsigned method, wfm_match_t *match);

/** "GET, HEAD, OPTIONS, PATCH": the value of Allow for a set of methods. */
const char *wfm_route_allow(apr_pool_t *p, unsigned methods);

/** A method's name. */
const char *wfm_route_method_name(wfm_method_e method);

/** The bit for a method's name as it stands in the request line ("HEAD" is WFM_GET); 0: none. */
unsigned wfm_route_method(const char *name);

/**
 * Could one path match both templates, neither being more literal than the other at the first
 * segment where they differ in kind? (two rows of one method for which this holds are a mistake)
 */
int wfm_route_ambiguous(const char *a, const char *b);

#endif
