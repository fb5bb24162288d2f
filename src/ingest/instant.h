/*
 * instant.h - the time of a row, as files write it: a closed list of forms.
 *
 *   2025-01-31T12:00:00Z        RFC 3339, with any offset; a blank may stand for the T
 *   2025-01-31T12:00:00.5       the same without an offset is UTC
 *   2025-01-31T12:00            without seconds: :00
 *   2025-01-31 12:00:00,5       a comma before the fraction
 *   2025-01-31 12:00:00 +0100   an offset without its colon, or its minutes, or UTC or GMT; perhaps
 *                               behind a blank
 *   2025-01-31                  a day: its beginning in UTC
 *   2025/01/31 12:00:00         any of these
 *   20250131-120000             without marks; "_", T or a blank may stand for the "-", and an
 *                               offset behind it
 *   20250131, 20250131120000    a day, and a second of it: of 8 and 14 digits none is a count
 *   1738324800                  seconds since 1970, perhaps with a fraction; whole numbers from
 *                               10^11 on are milliseconds, from 10^14 on microseconds, from 10^17
 *                               on nanoseconds
 */
#ifndef WFM_INGEST_INSTANT_H
#define WFM_INGEST_INSTANT_H

#include "../core/time.h"

/** @return 0: it is none of these */
int wfm_instant_read(const char *text, apr_size_t len, wfm_time_t *t);

typedef enum wfm_instant_e {
    WFM_INSTANT_NONE,
    WFM_INSTANT_MARKED, /**< it begins as a date with marks does, whatever its column is called */
    WFM_INSTANT_BARE    /**< a date without marks: it might be something else as well */
} wfm_instant_e;

/** Does it look like one (digits alone aside, but for a day's), be it one that can be read or not?
 */
wfm_instant_e wfm_instant_looks(const char *text, apr_size_t len);

#endif
