/*
 * etag.h - entity tags and If-None-Match (RFC 9110, sections 8.8.3 and 13.1.2).
 */
#ifndef WFM_CORE_ETAG_H
#define WFM_CORE_ETAG_H

#include <apr.h>
#include <apr_pools.h>

/** A strong tag, quotes included, from a 64-bit digest of what the answer is made of. */
const char *wfm_etag_make(apr_pool_t *p, apr_uint64_t digest);

/**
 * Does If-None-Match name this tag? Weak comparison; "*" matches. A tag that carries the suffix
 * that mod_deflate or mod_brotli adds ("abc-gzip", "abc-br") matches too: their clients send it
 * back.
 * @param header value of If-None-Match, NULL: no
 * @param etag   a tag as wfm_etag_make makes it
 */
int wfm_etag_matches(const char *header, const char *etag);

#endif
