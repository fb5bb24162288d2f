/*
 * suites.h - every suite's table of tests; main.c registers them all.
 */
#ifndef WFM_TEST_SUITES_H
#define WFM_TEST_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo json_tests[];
extern CU_TestInfo conventions_tests[];
extern CU_TestInfo bodies_tests[];
extern CU_TestInfo clusters_tests[];
extern CU_TestInfo configs_tests[];
extern CU_TestInfo schemas_tests[];
extern CU_TestInfo runs_tests[];
extern CU_TestInfo dimensions_tests[];
extern CU_TestInfo export_tests[];
extern CU_TestInfo export_csv_tests[];
extern CU_TestInfo export_columns_tests[];
extern CU_TestInfo export_truncated_tests[];
extern CU_TestInfo export_memory_tests[];
extern CU_TestInfo configtest_tests[];
extern CU_TestInfo database_tests[];
extern CU_TestInfo roles_tests[];
extern CU_TestInfo install_tests[];
extern CU_TestInfo protection_tests[];
extern CU_TestInfo recipes_tests[];
extern CU_TestInfo promises_tests[];
extern CU_TestInfo generations_tests[];
extern CU_TestInfo faults_tests[];
extern CU_TestInfo streams_tests[];
extern CU_TestInfo config_rows_tests[];
extern CU_TestInfo schema_rows_tests[];
extern CU_TestInfo run_rows_tests[];
extern CU_TestInfo run_filters_tests[];
extern CU_TestInfo metric_rows_tests[];
extern CU_TestInfo cursors_tests[];
extern CU_TestInfo aggregates_tests[];
extern CU_TestInfo trends_tests[];
extern CU_TestInfo figures_tests[];
extern CU_TestInfo frontend_tests[];
extern CU_TestInfo round_trips_tests[];
extern CU_TestInfo summaries_tests[];
extern CU_TestInfo doubt_tests[];
extern CU_TestInfo marks_tests[];
extern CU_TestInfo moved_tests[];
extern CU_TestInfo health_tests[];
extern CU_TestInfo seeing_tests[];
extern CU_TestInfo cross_site_tests[];
extern CU_TestInfo secrets_tests[];
extern CU_TestInfo memory_tests[];
extern CU_TestInfo memory_bodies_tests[];
extern CU_TestInfo memory_lists_tests[];
extern CU_TestInfo mutations_tests[];
extern CU_TestInfo locks_tests[];
extern CU_TestInfo deletions_tests[];
extern CU_TestInfo sessions_tests[];
extern CU_TestInfo edge_tests[];
extern CU_TestInfo description_tests[];
extern CU_TestInfo body_forms_tests[];
extern CU_TestInfo connections_tests[];
extern CU_TestInfo preconditions_tests[];

#endif
