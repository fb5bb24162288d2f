#include "suites.h"
CU_TestInfo frozen_tests[] = {CU_TEST_INFO_NULL};
