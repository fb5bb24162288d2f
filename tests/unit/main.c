/*
 * main.c - runs every unit test, without any server. Exit code 0: all ran and none failed.
 */
#include "unit.h"
#include <CUnit/Basic.h>
#include <apr_general.h>
#include <stdio.h>

#define SUITE(name) ((CU_SuiteInfo){#name, NULL, NULL, unit_set_up, unit_tear_down, name##_tests})

int main(void)
{
    CU_SuiteInfo suites[] = {
        SUITE(admission), SUITE(args),       SUITE(body),        SUITE(csv),
        SUITE(counters),  SUITE(dimfilter),  SUITE(error),       SUITE(etag),
        SUITE(filter),    SUITE(json_check), SUITE(json_writer), SUITE(metricfilter),
        SUITE(number),    SUITE(origin),     SUITE(out),         SUITE(param),
        SUITE(route),     SUITE(routes),     SUITE(sqlstate),    SUITE(statements),
        SUITE(text),      SUITE(time),       SUITE(value),       CU_SUITE_INFO_NULL};
    unsigned failures;

    setvbuf(stdout, NULL, _IOLBF, 0); /* a child of unit_asserts must not print it again */
    apr_initialize();
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS) {
        fprintf(stderr, "the suites could not be registered: %s\n", CU_get_error_msg());
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
    if (CU_get_number_of_tests_run() == 0)
        failures++;
    CU_cleanup_registry();
    apr_terminate();
    return failures ? 1 : 0;
}
