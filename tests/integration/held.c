/*
 * held.c - see held.h.
 */
#include "held.h"
#include "db.h"
#include "fixture.h"
#include <apr_strings.h>
#include <unistd.h>

PGconn *held_begin(const char *dbname, const char *table)
{
    PGconn *holder = db_open(dbname);

    db_run_on(holder, "CREATE FUNCTION held_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN LOOP"
                      " EXIT WHEN pg_try_advisory_xact_lock_shared(77); PERFORM pg_sleep(0.01);"
                      " END LOOP; RETURN NULL; END $$");
    db_run_on(holder, strf("CREATE TRIGGER held_up BEFORE INSERT ON %s FOR EACH STATEMENT"
                           " EXECUTE FUNCTION held_up()",
                           table));
    db_run_on(holder, "SELECT pg_advisory_lock(77)");
    return holder;
}

static apr_int64_t who(PGconn *holder)
{
    PGresult *r = PQexec(holder, "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE"
                                 " wait_event = 'PgSleep' AND datname = current_database()");
    apr_int64_t pid = PQntuples(r) == 1 ? apr_atoi64(PQgetvalue(r, 0, 0)) : -1;

    PQclear(r);
    return pid;
}

#define PATIENCE 3000 /* times 10 ms */

apr_int64_t held_wait(PGconn *holder)
{
    apr_int64_t pid = 0;

    for (int i = 0; i < PATIENCE && pid <= 0; i++) {
        pid = who(holder);
        usleep(10000);
    }
    return pid > 0 ? pid : 0;
}

int held_rests(PGconn *holder)
{
    for (int i = 0; i < PATIENCE; i++) {
        int rests = 1;

        for (int k = 0; k < 5; k++) { /* it may be between two sleeps */
            rests = rests && who(holder) == 0;
            usleep(2000);
        }
        if (rests)
            return 1;
    }
    return 0;
}

void held_release(PGconn *holder)
{
    PQclear(PQexec(holder, "SELECT pg_advisory_unlock_all()"));
}

void held_end(const char *dbname, PGconn *holder)
{
    db_close(holder);
    db_run(dbname, "DROP FUNCTION held_up() CASCADE", 0);
}
