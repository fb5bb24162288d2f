#include "suites.h"
CU_TestInfo export_memory_tests[] = {CU_TEST_INFO_NULL};
