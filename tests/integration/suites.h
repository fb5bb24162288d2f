/*
 * suites.h - every suite's table of tests; main.c registers them all.
 */
#ifndef WFM_TEST_SUITES_H
#define WFM_TEST_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo conventions_tests[];
extern CU_TestInfo bodies_tests[];
extern CU_TestInfo clusters_tests[];
extern CU_TestInfo configs_tests[];
extern CU_TestInfo schemas_tests[];
extern CU_TestInfo runs_tests[];
extern CU_TestInfo dimensions_tests[];
extern CU_TestInfo export_tests[];
extern CU_TestInfo configtest_tests[];
extern CU_TestInfo database_tests[];
extern CU_TestInfo faults_tests[];
extern CU_TestInfo streams_tests[];

#endif
