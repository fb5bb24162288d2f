/*
 * text.h - small text checks that inputs share.
 */
#ifndef WFM_CORE_TEXT_H
#define WFM_CORE_TEXT_H

#include <apr.h>
#include <apr_pools.h>
#include <apr_tables.h>

/** Is this well-formed UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF)? */
int wfm_text_is_utf8(const char *s, apr_size_t len);

/**
 * Look at the one UTF-8 sequence that starts at s (len > 0).
 * @param n its length in bytes; when it is malformed, the offset of the first byte that cannot
 * stand where it stands (len when the text ends inside the sequence)
 * @return 1 when it is well-formed
 */
int wfm_text_sequence(const char *s, apr_size_t len, apr_size_t *n);

/** How much of well-formed UTF-8 is whole characters within `most` bytes. */
apr_size_t wfm_text_cut(const char *s, apr_size_t len, apr_size_t most);

/** Number of code points of well-formed UTF-8. */
apr_size_t wfm_text_length(const char *s, apr_size_t len);

/**
 * Empty or nothing but white space (ASCII's, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028,
 * U+2029, U+202F, U+205F, U+3000)?
 */
int wfm_text_is_blank(const char *s, apr_size_t len);

#define WFM_NAME_MAX      1000 /**< bytes of the longest name of a dimension or metric */
#define WFM_NAME_TOO_LONG "must not hold a name of more than 1000 bytes"

#define WFM_TEXT_SHORT 200 /**< bytes */

/** A copy for a message: longer text is cut after a whole code point and ends in "...". */
const char *wfm_text_short(apr_pool_t *p, const char *s);

/**
 * A text that grows piece by piece, an array of char, always NUL-terminated: where joining the
 * whole anew for each piece would take memory by the square.
 */
apr_array_header_t *wfm_text_new(apr_pool_t *p);
void wfm_text_append(apr_array_header_t *text, const char *piece);
const char *wfm_text_get(const apr_array_header_t *text);

/**
 * Percent-decode into the pool.
 * @param plus_is_space 1 for a query string, 0 for a path segment
 * @param out_len length of the result (it may hold NULs; the caller decides)
 * @return NULL when a % is not followed by two hex digits
 */
char *wfm_text_decode(apr_pool_t *p, const char *s, apr_size_t len, int plus_is_space,
                      apr_size_t *out_len);

/**
 * Parse a decimal integer: optional '-', digits, nothing else.
 * @return 1: *v is the value; 0: not an integer; -1: an integer, but beyond int64 (*v is then
 *         APR_INT64_MAX or APR_INT64_MIN)
 */
int wfm_text_int64(const char *s, apr_size_t len, apr_int64_t *v);

/** Is the name in the list (of const char *)? */
int wfm_names_hold(const apr_array_header_t *names, const char *name);

/** The same of a NULL-terminated list. */
int wfm_texts_hold(const char *const *texts, const char *text);

/** A substring for LIKE: what is a wildcard there is meant literally. */
const char *wfm_text_like(apr_pool_t *p, const char *s);

/** Add the name, unless the list holds it already. Not copied. */
void wfm_names_add(apr_array_header_t *names, const char *name);

#endif
