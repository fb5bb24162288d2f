/*
 * main.c - starts the servers, breaks them suite by suite (those named as arguments, all without
 * any), prints the table, stops everything. Ends by itself: an alarm is set for what would hang.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "../support/crash.h"
#include "fault.h"
#include "ledger.h"
#include "pair.h"
#include "suites.h"
#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_SECONDS (15 * 60)

/* A commit that was acknowledged must be found again after a crash of PostgreSQL, hence
 * synchronous_commit; the machine itself does not crash, hence no fsync. */
#define PG_SETTINGS                                                                                \
    "fsync=off synchronous_commit=on full_page_writes=off max_connections=90"                      \
    " superuser_reserved_connections=10 restart_after_crash=on"

#define SUITE(name)                                                                                \
    {                                                                                              \
#name, NULL, NULL, fixture_begin, fixture_end, name##_tests                                \
    }

static CU_SuiteInfo all_suites[] = {SUITE(database), SUITE(disk),     SUITE(frozen),
                                    SUITE(pool),     SUITE(failover), SUITE(clients),
                                    SUITE(httpd),    SUITE(clock),    CU_SUITE_INFO_NULL};

static int is_wanted(const char *suite, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], suite))
            return 1;
    return argc == 1;
}

static int register_wanted(int argc, char **argv)
{
    int n = 0;

    for (CU_SuiteInfo *s = all_suites; s->pName; s++) {
        CU_SuiteInfo one[2] = {*s, CU_SUITE_INFO_NULL};

        if (!is_wanted(s->pName, argc, argv))
            continue;
        if (CU_register_suites(one) != CUE_SUCCESS)
            return 0;
        n++;
    }
    return n == (argc == 1 ? (int)countof(all_suites) - 1 : argc - 1);
}

static int prepare(void)
{
    fixture_shell(strf("echo hello > %s/hello.txt", fixture_dir()), NULL);
    return fixture_servers("pg-createdb", DB_DISK) || ledger_open(fixture_dir(), DB_A) ||
           pair_start();
}

int main(int argc, char **argv)
{
    unsigned failures;

    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(MOST_SECONDS);
    if (CU_initialize_registry() != CUE_SUCCESS || !register_wanted(argc, argv)) {
        fprintf(stderr, "the suites are:");
        for (CU_SuiteInfo *s = all_suites; s->pName; s++)
            fprintf(stderr, " %s", s->pName);
        fprintf(stderr, "\n");
        return 2;
    }
    if (fixture_start(PG_SETTINGS, "tests/faults/httpd.conf") != 0 || prepare() != 0)
        return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    crash_fails_test();
    CU_basic_run_tests();
    failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
    if (CU_get_number_of_tests_run() == 0)
        failures++;
    if (failures)
        fixture_show_log();
    fault_print_table();
    CU_cleanup_registry();
    fixture_stop();
    return failures ? 1 : 0;
}
