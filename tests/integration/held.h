/*
 * held.h - rows on their way into a table are held up before the first one, so that a test can act
 * meanwhile.
 */
#ifndef WFM_TEST_HELD_H
#define WFM_TEST_HELD_H

#include <apr_pools.h>
#include <libpq-fe.h>

/** From now on whoever inserts into the table waits (polling, so that no lock_timeout ends it). At
 * the end the returned connection lets all go on. */
PGconn *held_begin(const char *dbname, const char *table);
void held_end(const char *dbname, PGconn *holder);

/** Wait until somebody is held up, half a minute at most; his process, 0: nobody came. May be
 * called by another thread than the test's. */
apr_int64_t held_wait(PGconn *holder);

/** Wait likewise until nobody is held up any more, without being let go on; 1: so it is. */
int held_rests(PGconn *holder);

/** Let all go on. */
void held_release(PGconn *holder);

#endif
