/*
 * time.h - instants: RFC 3339 in and out, PostgreSQL's text form in and out.
 *
 * An instant is microseconds since 1970-01-01T00:00:00Z, PostgreSQL's own resolution, in the
 * proleptic Gregorian calendar. A client's text is never handed to PostgreSQL to parse: its
 * timestamptz input also takes 'now', 'infinity' and 'yesterday'.
 *
 * Calendar arithmetic: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
 * (days_from_civil, civil_from_days).
 */
#ifndef WFM_CORE_TIME_H
#define WFM_CORE_TIME_H

#include <apr.h>
#include <apr_pools.h>

typedef apr_int64_t wfm_time_t; /**< microseconds since the Unix epoch, UTC */

#define WFM_TIME_TEXT 40 /**< room for any text made here, with the NUL */

/**
 * Parse RFC 3339 (section 5.6): date-time with 'T' (or 't'), any offset, 'Z' or 'z', optional
 * fraction of any length, second 60 only as :59:60 UTC (taken as the following second). Years 0001
 * to 9999 after conversion to UTC. Nothing may follow.
 * @param inexact set to 1 when digits finer than a microsecond were cut off (the value is the
 * floor), so that an inclusive lower bound can be rounded up; may be NULL
 * @return 1 when the text is such an instant, else 0 and nothing is stored
 */
int wfm_time_parse(const char *s, apr_size_t len, wfm_time_t *t, int *inexact);

/**
 * RFC 3339 in UTC with Z; a fraction only where there is one, without trailing zeros.
 * @param out at least WFM_TIME_TEXT bytes
 * @return the length
 */
apr_size_t wfm_time_format(wfm_time_t t, char *out);

/** As wfm_time_format, the fraction cut off (whole seconds, rounded down). */
apr_size_t wfm_time_format_seconds(wfm_time_t t, char *out);

/**
 * Text for a bound timestamptz parameter: "YYYY-MM-DD HH:MM:SS[.ffffff]+00", from the pool.
 */
const char *wfm_time_bind(apr_pool_t *p, wfm_time_t t);

/**
 * Parse what PostgreSQL prints for a timestamptz with DateStyle ISO:
 * "2025-01-31 12:00:00[.ffffff]+00[:MM[:SS]]". 'infinity', '-infinity', "BC" dates and years beyond
 * 9999 are not instants that RFC 3339 can say.
 * @return 1 on success, 0 when it is not such a text (the API then answers null)
 */
int wfm_time_parse_pg(const char *s, apr_size_t len, wfm_time_t *t);

/**
 * Is this PostgreSQL's text of a timestamptz in a session as this module sets it up (ISO, UTC), be
 * it one that RFC 3339 can say or not ('infinity', BC)? Else somebody has changed the session.
 */
int wfm_time_is_pg(const char *s, apr_size_t len);

/**
 * The same text as wfm_time_format of wfm_time_parse_pg, without taking the instant apart where
 * what PostgreSQL printed has the usual shape: a list has hundreds of them.
 * @param out at least WFM_TIME_TEXT bytes
 * @return the length; 0 when it is not such a text
 */
apr_size_t wfm_time_format_pg(const char *s, apr_size_t len, char *out);

/**
 * The same from PostgreSQL's binary form of a timestamptz: 8 bytes, big-endian, microseconds since
 * 2000-01-01T00:00:00Z; the ends of the range are the infinities.
 */
int wfm_time_parse_pg_binary(const char *data, apr_size_t len, wfm_time_t *t);

#endif
