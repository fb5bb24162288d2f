#include "suites.h"
CU_TestInfo clients_tests[] = {CU_TEST_INFO_NULL};
