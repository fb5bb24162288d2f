#include "suites.h"
CU_TestInfo failover_tests[] = {CU_TEST_INFO_NULL};
