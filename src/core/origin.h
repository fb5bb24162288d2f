/*
 * origin.h - does a request come from a page of another origin?
 *
 * A browser sends a visitor's cookie or password along with whatever a foreign page makes it send,
 * and a POST without a body needs no preflight. What a page cannot forge are the headers in which
 * the browser says where the request comes from. Who sends none of them is no browser, and has no
 * visitor's cookie.
 */
#ifndef WFM_CORE_ORIGIN_H
#define WFM_CORE_ORIGIN_H

#include <apr_pools.h>
#include <apr_tables.h>

/** What a browser says of a request, each NULL where it says nothing. */
typedef struct wfm_provenance_t {
    const char *fetch_site; /**< Sec-Fetch-Site */
    const char *origin;     /**< Origin */
    const char *host;       /**< Host */
} wfm_provenance_t;

/** Origins of which requests may come besides the host's own. */
typedef struct wfm_origins_t {
    apr_array_header_t *list; /**< of const char *, as wfm_origin_parse returns them; NULL: none */
    int any;                  /**< all of them */
} wfm_origins_t;

/**
 * An origin's canonical text: scheme://host[:port] in lower case, without the port that is the
 * scheme's own. @return NULL: the text is no origin ("null" is none)
 */
const char *wfm_origin_parse(apr_pool_t *p, const char *text);

/** Does the request come from the host itself, from an origin that is allowed, or from no browser?
 */
int wfm_origin_is_trusted(apr_pool_t *p, const wfm_provenance_t *from,
                          const wfm_origins_t *allowed);

#endif
