/*
 * main.c - starts the servers, breaks them suite by suite (those named as arguments, all without
 * any), prints the table, stops everything. Ends by itself: an alarm is set for what would hang.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "fault.h"
#include "ledger.h"
#include "pair.h"
#include "suites.h"
#include <stdio.h>
#include <unistd.h>

#define MOST_SECONDS (15 * 60)

/* A commit that was acknowledged must be found again after a crash of PostgreSQL, hence
 * synchronous_commit; the machine itself does not crash, hence no fsync. */
#define PG_SETTINGS                                                                                \
    "fsync=off synchronous_commit=on full_page_writes=off max_connections=90"                      \
    " superuser_reserved_connections=10 restart_after_crash=on"

static int prepare(void)
{
    fixture_shell(strf("echo hello > %s/hello.txt", fixture_dir()), NULL);
    return fixture_servers("pg-createdb", DB_DISK) || ledger_open(fixture_dir(), DB_A) ||
           pair_start();
}

int main(int argc, char **argv)
{
    int failed;

    alarm(MOST_SECONDS);
    if (!suites_begin(argc - 1, argv + 1, fixture_begin, fixture_end) ||
        fixture_start(PG_SETTINGS, "tests/faults/httpd.conf") != 0 || prepare() != 0)
        return 2;
    failed = suites_run();
    if (failed)
        fixture_show_log();
    fault_print_table();
    CU_cleanup_registry();
    fixture_stop();
    return failed;
}
