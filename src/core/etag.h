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
 * The tag of If-None-Match that names this one; NULL: none does. Weak comparison; "*" names it. A
 * tag with the suffix that mod_deflate or mod_brotli adds ("abc-gzip", "abc-br") does too: their
 * clients send it back, and it is the one that a 304 must carry (RFC 9110, section 15.4.5).
 * @param header value of If-None-Match, NULL: none
 * @param etag   a tag as wfm_etag_make makes it
 * @return strong, with its quotes
 */
const char *wfm_etag_match(apr_pool_t *p, const char *header, const char *etag);

#endif
