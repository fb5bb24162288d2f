/*
 * suite.h - a suite of tests registers itself: nothing but its file names it.
 *
 *     SUITE(etag) = {
 *         {"what it shows", test_that},
 *         CU_TEST_INFO_NULL,
 *     };
 */
#ifndef WFM_TEST_SUITE_H
#define WFM_TEST_SUITE_H

#include <CUnit/CUnit.h>

typedef struct suite_t {
    const char *name;
    CU_TestInfo *tests;
    struct suite_t *next;
} suite_t;

/** Before main, so that the order of files says nothing. */
#define SUITE(suite_name)                                                                          \
    extern CU_TestInfo suite_name##_tests[];                                                       \
    __attribute__((constructor)) static void register_##suite_name(void)                           \
    {                                                                                              \
        static suite_t suite = {#suite_name, suite_name##_tests, NULL};                            \
                                                                                                   \
        suite_register(&suite);                                                                    \
    }                                                                                              \
    CU_TestInfo suite_name##_tests[]

void suite_register(suite_t *suite);

/**
 * Hand over to CUnit the suites that are named, or all, sorted by their names; "1/2" are every
 * second one, from the first, so that two programs side by side run all.
 * @param set_up, tear_down of every test
 * @return 0: CUnit would not, or there is no such suite; stderr says which there are
 */
int suites_begin(int n, char **names, CU_SetUpFunc set_up, CU_TearDownFunc tear_down);

/** Run them. @return the program's exit code so far: 0 if there were tests and none failed */
int suites_run(void);

#endif
