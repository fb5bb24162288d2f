/*
 * main.c - starts the servers, runs the suites named as arguments (all without any), stops them.
 */
#include "../support/crash.h"
#include "described.h"
#include "fixture.h"
#include "suites.h"
#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

#define PG_SETTINGS                                                                                \
    "fsync=off synchronous_commit=off full_page_writes=off max_connections=150 "                   \
    "timezone=America/New_York datestyle=SQL,DMY wal_level=logical max_prepared_transactions=5"

#define SUITE(name)                                                                                \
    {                                                                                              \
#name, NULL, NULL, fixture_begin, fixture_end, name##_tests                                \
    }

/* one a line, so that two additions are no conflict */
/* clang-format off */
static CU_SuiteInfo all_suites[] = {
    SUITE(json),
    SUITE(conventions),
    SUITE(bodies),
    SUITE(description),
    SUITE(edge),
    SUITE(body_forms),
    SUITE(connections),
    SUITE(preconditions),
    SUITE(clusters),
    SUITE(configs),
    SUITE(schemas),
    SUITE(runs),
    SUITE(dimensions),
    SUITE(export),
    SUITE(export_csv),
    SUITE(export_columns),
    SUITE(export_truncated),
    SUITE(export_memory),
    SUITE(configtest),
    SUITE(database),
    SUITE(faults),
    SUITE(streams),
    SUITE(config_rows),
    SUITE(schema_rows),
    SUITE(run_rows),
    SUITE(run_filters),
    SUITE(metric_rows),
    SUITE(cursors),
    SUITE(aggregates),
    SUITE(trends),
    SUITE(figures),
    SUITE(frontend),
    SUITE(round_trips),
    SUITE(summaries),
    SUITE(doubt),
    SUITE(marks),
    SUITE(moved),
    SUITE(health),
    SUITE(seeing),
    SUITE(cross_site),
    SUITE(secrets),
    SUITE(roles),
    SUITE(install),
    SUITE(locks),
    SUITE(deletions),
    SUITE(sessions),
    SUITE(protection),
    SUITE(recipes),
    SUITE(promises),
    SUITE(generations),
    SUITE(memory),
    SUITE(memory_bodies),
    SUITE(memory_lists),
    SUITE(mutations),
    CU_SUITE_INFO_NULL,
};
/* clang-format on */

static CU_SuiteInfo *find_suite(const char *name)
{
    for (CU_SuiteInfo *s = all_suites; s->pName; s++)
        if (!strcmp(s->pName, name))
            return s;
    return NULL;
}

static int register_named(int n, char **names)
{
    for (int i = 0; i < n; i++) {
        CU_SuiteInfo one[2] = {{0}, CU_SUITE_INFO_NULL};
        CU_SuiteInfo *found = find_suite(names[i]);
        if (!found) {
            fprintf(stderr, "there is no suite %s; the suites are:", names[i]);
            for (CU_SuiteInfo *s = all_suites; s->pName; s++)
                fprintf(stderr, " %s", s->pName);
            fprintf(stderr, "\n");
            return -1;
        }
        one[0] = *found;
        if (CU_register_suites(one) != CUE_SUCCESS)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    unsigned failures;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    if (argc > 1 ? register_named(argc - 1, argv + 1) : (int)CU_register_suites(all_suites)) {
        fprintf(stderr, "the suites could not be registered: %s\n", CU_get_error_msg());
        return 2;
    }
    if (fixture_start(PG_SETTINGS, "tests/integration/httpd.conf") != 0)
        return 2;
    if (!described_begin())
        return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    crash_fails_test();
    CU_basic_run_tests();
    failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
    if (strstr(fixture_log_since(0), "exit signal")) {
        fprintf(stderr, "a child of httpd died of a signal\n");
        failures++;
    }
    if (failures || CU_get_number_of_tests_run() == 0)
        fixture_show_log();
    CU_cleanup_registry();
    fixture_stop();
    return failures ? 1 : 0;
}
