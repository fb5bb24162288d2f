/*
 * pair.c - owns how the two are made.
 */
#include "pair.h"
#include "../integration/db.h"
#include "../integration/fixture.h"
#include "ledger.h"
#include <stdio.h>

static const char *dir_of(int which)
{
    return strf("%s/pair%d", fixture_dir(), which);
}

int pair_servers(int which, const char *command, const char *args)
{
    const char *output;
    int status = fixture_shell(
        strf("%s %s %s %s", fixture_servers_sh(), command, dir_of(which), args), &output);

    if (status != 0)
        fprintf(stderr, "servers.sh %s on pair%d failed:\n%s\n", command, which, output);
    return status;
}

int pair_set(int which, const char *setting)
{
    return pair_servers(
        which, "pg-psql",
        strf("postgres -c \"ALTER SYSTEM SET %s\" -c 'SELECT pg_reload_conf()'", setting));
}

/* The primary waits for the standby once that has been made, or the standby would do the same when
 * it is promoted. */
static int make_standby(int standby, int primary)
{
    return pair_servers(standby, "pg-standby", dir_of(primary)) ||
           pair_set(primary, strf("synchronous_standby_names = 'pair%d'", standby));
}

int pair_start(void)
{
    return pair_servers(1, "pg-init", "") || pair_servers(1, "pg-start", "") ||
           pair_servers(1, "pg-createdb", "lens_pair") || ledger_open(dir_of(1), "lens_pair") ||
           make_standby(2, 1);
}

int pair_renew(int which)
{
    return pair_servers(which, "pg-destroy", "") || make_standby(which, 3 - which);
}

/* libpq goes by the last of several values: db.h's own host comes before these. */
const char *pair_db(void)
{
    return strf("lens_pair host=%s/pg,%s/pg target_session_attrs=read-write", dir_of(1), dir_of(2));
}
