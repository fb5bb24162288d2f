/*
 * instant.h - the time of a row, as files write it: a closed list of forms.
 *
 *   2025-01-31T12:00:00Z        RFC 3339, with any offset; a blank may stand for the T
 *   2025-01-31T12:00:00.5       the same without an offset is UTC
 *   2025-01-31T12:00            without seconds: :00
 *   2025-01-31                  a day: its beginning in UTC
 *   1738324800                  seconds since 1970, perhaps with a fraction; whole numbers from
 *                               10^11 on are milliseconds, from 10^14 on microseconds
 */
#ifndef WFM_INGEST_INSTANT_H
#define WFM_INGEST_INSTANT_H

#include "../core/time.h"

/** @return 0: it is none of these */
int wfm_instant_read(const char *text, apr_size_t len, wfm_time_t *t);

#endif
