#include "suites.h"
CU_TestInfo httpd_tests[] = {CU_TEST_INFO_NULL};
