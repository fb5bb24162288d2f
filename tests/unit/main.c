/*
 * main.c - runs every unit test, or those of the suite that its argument names, without any server.
 * Exit code 0: all ran and none failed.
 */
#include "../support/crash.h"
#include "unit.h"
#include <CUnit/Basic.h>
#include <apr_general.h>
#include <stdio.h>
#include <string.h>

#define SUITE(name) ((CU_SuiteInfo){#name, NULL, NULL, unit_set_up, unit_tear_down, name##_tests})

/* Leave out all suites but one. */
static void keep_only(CU_SuiteInfo *suites, const char *name)
{
    CU_SuiteInfo *s = suites;

    while (s->pName && strcmp(s->pName, name))
        s++;
    suites[0] = *s;
    if (s->pName)
        suites[1] = (CU_SuiteInfo)CU_SUITE_INFO_NULL;
}

int main(int argc, char **argv)
{
    /* one a line, so that two additions are no conflict */
    /* clang-format off */
    CU_SuiteInfo suites[] = {
        SUITE(admission),
        SUITE(args),
        SUITE(body),
        SUITE(brackets),
        SUITE(clock),
        SUITE(coalesce),
        SUITE(counters),
        SUITE(cover),
        SUITE(csv),
        SUITE(cursor),
        SUITE(dimfilter),
        SUITE(error),
        SUITE(etag),
        SUITE(filter),
        SUITE(hall),
        SUITE(json),
        SUITE(json_check),
        SUITE(json_pick),
        SUITE(json_writer),
        SUITE(media),
        SUITE(memo),
        SUITE(metricfilter),
        SUITE(number),
        SUITE(openapi),
        SUITE(origin),
        SUITE(out),
        SUITE(param),
        SUITE(copy),
        SUITE(result),
        SUITE(route),
        SUITE(routes),
        SUITE(sqlstate),
        SUITE(statements),
        SUITE(summaries),
        SUITE(text),
        SUITE(time),
        SUITE(value),
        SUITE(zone),
        CU_SUITE_INFO_NULL,
    };
    /* clang-format on */
    unsigned failures;

    if (argc > 1)
        keep_only(suites, argv[1]);
    setvbuf(stdout, NULL, _IOLBF, 0); /* a child of unit_asserts must not print it again */
    apr_initialize();
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        fprintf(stderr, "the suites could not be registered: %s\n", CU_get_error_msg());
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    crash_fails_test();
    CU_basic_run_tests();
    failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
    if (CU_get_number_of_tests_run() == 0)
        failures++;
    CU_cleanup_registry();
    apr_terminate();
    return failures ? 1 : 0;
}
