/*
 * main.c - starts the servers, runs the suites named as arguments (all without any), stops them.
 */
#include "../support/suite.h"
#include "described.h"
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PG_SETTINGS                                                                                \
    "fsync=off synchronous_commit=off full_page_writes=off max_connections=150 "                   \
    "timezone=America/New_York datestyle=SQL,DMY wal_level=logical max_prepared_transactions=5"

/* Every operation has had a success. Who runs the suites in parts compares what each of them lacks
 * (side_by_side.sh). */
static int all_answered(const char *parts)
{
    FILE *f = parts ? fopen(parts, "a") : stderr;
    const char *names;

    fixture_begin();
    names = described_unanswered();
    if (*names && f)
        fprintf(f, parts ? "%s\n" : "no test has got a success of %s\n", names);
    if (parts && f)
        fclose(f);
    fixture_end();
    return parts ? f != NULL : !*names;
}

int main(int argc, char **argv)
{
    const char *parts = getenv("WFM_UNANSWERED");
    int failed;

    if (!suites_begin(argc - 1, argv + 1, fixture_begin, fixture_end) ||
        fixture_start(PG_SETTINGS, "tests/integration/httpd.conf") != 0)
        return 2;
    if (!described_begin())
        return 2;
    failed = suites_run();
    if ((argc == 1 || parts) && !all_answered(parts))
        failed = 1;
    if (strstr(fixture_log_since(0), "exit signal")) {
        fprintf(stderr, "a child of httpd died of a signal\n");
        failed = 1;
    }
    if (failed)
        fixture_show_log();
    CU_cleanup_registry();
    fixture_stop();
    return failed;
}
