/*
 * buckets.h - buckets of time, in SQL: hours to months, of UTC or of another time zone.
 *
 * Rows are grouped by a bucket's key, and a key has a start, the bucket's first instant. For some
 * buckets the two are the same. Others are told apart by what a clock on the wall shows (a
 * timestamp without time zone): a day in Berlin is one key, whether it has 23, 24 or 25 hours, and
 * to ask for its start once a bucket is cheaper than once a row.
 */
#ifndef WFM_API_BUCKETS_H
#define WFM_API_BUCKETS_H

#include "../db/filter.h"

/** The widths, in the order of API_HOUR …; NULL-terminated. */
extern const char *const api_intervals[];
enum { API_HOUR, API_SIX_HOURS, API_DAY, API_WEEK, API_MONTH };

typedef struct api_buckets_t {
    int interval;     /**< API_HOUR … */
    const char *zone; /**< a time zone's name, as wfm_zone_for_sql has it; NULL: UTC */
    int zone_number;  /**< of the statement's parameters, 0: not bound yet */
} api_buckets_t;

/** Append the key of the bucket that an instant is in. @param instant SQL, a timestamptz */
void api_bucket_key(wfm_sql_t *q, api_buckets_t *b, const char *instant);

/** Append the start of a bucket, a timestamptz. @param key SQL */
void api_bucket_start(wfm_sql_t *q, api_buckets_t *b, const char *key);

/** Append a condition that fails where there is no such time zone, even if no row is looked at:
 * with the SQLSTATE API_NO_ZONE. Starts with " AND ". */
void api_bucket_zone_exists(wfm_sql_t *q, api_buckets_t *b);
#define API_NO_ZONE "22023"

/**
 * Append a query of the keys (bucket) from the lowest to the highest of a table's column bucket.
 * Of a bucket that no clock shows (a skipped day), too, whose start is the next one's.
 * @param most so many that nobody wants more of them
 */
void api_buckets_between(wfm_sql_t *q, api_buckets_t *b, const char *table, int most);

#endif
