/*
 * zone.h - names of time zones: what a client may ask for, and what PostgreSQL is told.
 *
 * Which zones there are only the database knows (its tz data may lack some). But AT TIME ZONE also
 * takes what is no zone's name: abbreviations ("CEST", an offset without daylight saving), POSIX
 * rules ("FOO+3"), hours ("+02"), and files that count leap seconds. So the form of a name is
 * looked at here, in a nanosecond, where a look into pg_timezone_names reads 600 files; a name of
 * the right form that AT TIME ZONE takes is one of that view's names, in whatever case.
 */
#ifndef WFM_CORE_ZONE_H
#define WFM_CORE_ZONE_H

#include <apr.h>

/** What an input that is none is told. */
#define WFM_ZONE_EXPECTED "must be the name of a time zone such as Europe/Berlin"

/** May this be the name of a time zone? */
int wfm_zone_is_name(const char *name, apr_size_t len);

/** Is it a name of UTC? Days are then as long as PostgreSQL's own. */
int wfm_zone_is_utc(const char *name);

/**
 * The name for AT TIME ZONE: of four zones it would take the abbreviation of the same name (CET,
 * never in summer), so another zone with the same clocks.
 */
const char *wfm_zone_for_sql(const char *name);

#endif
