#include "suites.h"
CU_TestInfo pool_tests[] = {CU_TEST_INFO_NULL};
