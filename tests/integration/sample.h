/*
 * sample.h - random metric rows, and what they say, worked out in C without any SQL.
 *
 * A row keeps what was written for it; values are found by hand, so that what the module answers is
 * compared with something it has no part in. Rows have holes, nulls, text where numbers belong,
 * numbers where text belongs, ties, and instants around every kind of bucket's edge.
 */
#ifndef WFM_TEST_SAMPLE_H
#define WFM_TEST_SAMPLE_H

#include <apr_tables.h>

enum { SAMPLE_OP, SAMPLE_BATCH, SAMPLE_STAGE, SAMPLE_ABSENT, SAMPLE_DIMS };
enum { SAMPLE_THROUGHPUT, SAMPLE_LATENCY, SAMPLE_NEVER, SAMPLE_FIELDS };

extern const char *const sample_dims[];   /**< names; no row has the one of SAMPLE_ABSENT */
extern const char *const sample_fields[]; /**< names; SAMPLE_NEVER's values are never numbers */

/** A dimension's value. */
typedef struct sample_value_t {
    const char *json; /**< NULL: the row has no such key */
    const char *text; /**< as a drop-down shows it; NULL: absent or null */
} sample_value_t;

typedef struct sample_row_t {
    apr_int64_t id, run_id, schema_id;
    apr_int64_t at; /**< microseconds since the epoch */
    const char *source_file;
    sample_value_t dims[SAMPLE_DIMS];
    const char *metrics[SAMPLE_FIELDS]; /**< JSON; NULL: the row has no such key */
    long double values[SAMPLE_FIELDS];  /**< NaN: absent, or no number */
} sample_row_t;

typedef struct sample_t {
    apr_int64_t config;
    sample_row_t *rows; /**< ids ascend */
    int n;
} sample_t;

/** Is a row among those that are asked for? NULL: all are. */
typedef int (*sample_filter_fn)(const sample_row_t *row);

/** The values of one field in one bucket and group. */
typedef struct sample_group_t {
    apr_int64_t bucket;
    const char *keys[SAMPLE_DIMS]; /**< JSON of each dimension's text; NULL: null or absent */
    apr_array_header_t *values;    /**< of long double, ascending */
} sample_group_t;

/** Make n rows for a config of their own and store them; the seed is printed. */
sample_t *sample_make(const char *dbname, apr_uint64_t seed, int n);

/** RFC 3339 in UTC with Z, a fraction only where there is one. */
const char *sample_time(apr_int64_t at);

/** Microseconds since the epoch of a text like 2025-01-31T12:00:00Z. */
apr_int64_t sample_instant(const char *text);

/** The start of the bucket (1h, 6h, 1d, 1w, 1M) that an instant is in. @param zone NULL: UTC */
apr_int64_t sample_bucket(apr_int64_t at, const char *interval, const char *zone);

/**
 * Every bucket and group that has a value of the field.
 * @param by  dimensions to group by, nby of them
 * @return array of sample_group_t, in no order
 */
apr_array_header_t *sample_group(const sample_t *s, int field, const char *interval,
                                 const char *zone, const int *by, int nby, sample_filter_fn filter);

/** What an aggregate function makes of ascending values; NaN: null. */
long double sample_aggregate(const char *func, const apr_array_header_t *values);

/** Distinct non-NULL texts of a dimension in the order of code points: array of const char *. */
apr_array_header_t *sample_texts(const sample_t *s, int dim, sample_filter_fn filter);

/** Are they equal within 1e-9 of the larger? */
int sample_close(long double a, long double b);

/** Is a JSON text equal to a value that an answer holds? NULL is JSON null. */
struct json_object;
int sample_equals(const char *json, struct json_object *answered);

#endif
