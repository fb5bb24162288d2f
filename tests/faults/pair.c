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

/* After the standby has been made, or it would wait for one of its own when it is promoted. */
static int make_synchronous(void)
{
    return pair_servers(1, "pg-psql",
                        "postgres -c \"ALTER SYSTEM SET synchronous_standby_names = 'pair2'\""
                        " -c 'SELECT pg_reload_conf()'");
}

int pair_start(void)
{
    return pair_servers(1, "pg-init", "") || pair_servers(1, "pg-start", "") ||
           pair_servers(1, "pg-createdb", "lens_pair") || ledger_open(dir_of(1), "lens_pair") ||
           pair_servers(2, "pg-standby", dir_of(1)) || make_synchronous();
}

/* libpq goes by the last of several values: db.h's own host comes before these. */
const char *pair_db(void)
{
    return strf("lens_pair host=%s/pg,%s/pg target_session_attrs=read-write", dir_of(1), dir_of(2));
}
