/*
 * units.h - the units that are known, which of them measure the same, and which way is better.
 */
#ifndef WFM_INGEST_UNITS_H
#define WFM_INGEST_UNITS_H

#include <apr_pools.h>

typedef enum wfm_direction_e {
    WFM_DIRECTION_UNKNOWN,
    WFM_HIGHER_IS_BETTER,
    WFM_LOWER_IS_BETTER
} wfm_direction_e;

typedef enum wfm_family_e {
    WFM_UNIT_ALONE, /**< is converted to none */
    WFM_UNIT_TIME,
    WFM_UNIT_TIME_PER_OP,
    WFM_UNIT_BYTES,
    WFM_UNIT_BYTES_PER_TIME,
    WFM_UNIT_BITS_PER_TIME,
    WFM_UNIT_FLOPS,
    WFM_UNIT_OPS,
    WFM_UNIT_FREQUENCY,
    WFM_UNIT_POWER,
    WFM_UNIT_ENERGY
} wfm_family_e;

typedef struct wfm_unit_t {
    const char *name;
    wfm_family_e family;
    int power;    /**< so many of the family's smallest: 10 to the power … */
    double times; /**< … times this */
    wfm_direction_e direction;
} wfm_unit_t;

/** The unit behind a number: "ms", "GB/sec". @param spaced a blank stands between; NULL: none */
const wfm_unit_t *wfm_unit_of_cell(const char *text, apr_size_t len, int spaced);

/** The unit that a column's name ends in: "latency (ms)", "bw [GB/s]", "time_us", "tokens_per_s",
 * "TFLOPS". NULL: none. */
const wfm_unit_t *wfm_unit_of_name(const char *name);

/** The one in brackets at the end of a column's name. NULL: none. */
const wfm_unit_t *wfm_unit_in_brackets(const char *name);

/** Do both measure the same? */
int wfm_units_agree(const wfm_unit_t *a, const wfm_unit_t *b);

#endif
