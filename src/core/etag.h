/*
 * etag.h - entity tags, If-None-Match and If-Match (RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2).
 *
 * A tag is the digest of an answer; the tag of a single row is "V-D", where V is the row's version
 * and D the digest. mod_deflate and mod_brotli add a suffix ("abc-gzip", "abc-br"), and their
 * clients send it back: such a tag names the one without it.
 */
#ifndef WFM_CORE_ETAG_H
#define WFM_CORE_ETAG_H

#include <apr.h>
#include <apr_pools.h>
#include <apr_tables.h>

/**
 * A strong tag, quotes included.
 * @param version of the one row that the answer is about, a number's digits; NULL: it is about more
 * @param digest  of what the answer is made of
 */
const char *wfm_etag_make(apr_pool_t *p, const char *version, apr_uint64_t digest);

/** The digest of bytes: SipHash-2-4. */
apr_uint64_t wfm_etag_digest(const void *data, apr_size_t len);

/**
 * The tag of If-None-Match that names this one; NULL: none does. Weak comparison; "*" names it. The
 * answer's form with a suffix is the one that a 304 must carry (RFC 9110, section 15.4.5).
 * @param header value of If-None-Match, NULL: none
 * @param etag   a tag as wfm_etag_make makes it
 * @return strong, with its quotes
 */
const char *wfm_etag_match(apr_pool_t *p, const char *header, const char *etag);

/**
 * Is If-Match true of an answer with this tag? Strong comparison of all of it; "*" is true of any
 * answer. A header that is no list of tags is true of none: who set a condition gets nothing
 * without it.
 * @param header value of If-Match, NULL: none, which is true
 * @param etag   NULL: the answer has none
 */
int wfm_etag_permits(const char *header, const char *etag);

/**
 * The versions of rows that an If-Match lets change: V of each of its tags.
 * @return texts; none: it lets no row change. NULL: it lets any (there is none, or it is "*")
 */
const apr_array_header_t *wfm_etag_versions(apr_pool_t *p, const char *header);

#endif
