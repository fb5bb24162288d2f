/*
 * suite.c - owns the list of the program's suites.
 */
#include "suite.h"
#include "crash.h"
#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

static suite_t *suites;

void suite_register(suite_t *suite)
{
    suite_t **at = &suites;

    while (*at && strcmp((*at)->name, suite->name) < 0)
        at = &(*at)->next;
    suite->next = *at;
    *at = suite;
}

static int add(const suite_t *suite, CU_SetUpFunc set_up, CU_TearDownFunc tear_down)
{
    CU_SuiteInfo one[] = {{suite->name, NULL, NULL, set_up, tear_down, suite->tests},
                          CU_SUITE_INFO_NULL};

    if (CU_register_suites(one) == CUE_SUCCESS)
        return 1;
    fprintf(stderr, "the suite %s could not be registered: %s\n", suite->name, CU_get_error_msg());
    return 0;
}

static int add_named(const char *name, CU_SetUpFunc set_up, CU_TearDownFunc tear_down)
{
    for (const suite_t *s = suites; s; s = s->next)
        if (!strcmp(s->name, name))
            return add(s, set_up, tear_down);
    fprintf(stderr, "there is no suite %s; the suites are:", name);
    for (const suite_t *s = suites; s; s = s->next)
        fprintf(stderr, " %s", s->name);
    fprintf(stderr, "\n");
    return 0;
}

/* "1/2": of all suites the first of two and every second one after it. */
static int add_part(const char *name, CU_SetUpFunc set_up, CU_TearDownFunc tear_down)
{
    int part, of, at = 0;

    if (sscanf(name, "%d/%d", &part, &of) != 2 || part < 1 || part > of)
        return 0;
    for (const suite_t *s = suites; s; s = s->next)
        if (at++ % of == part - 1 && !add(s, set_up, tear_down))
            return 0;
    return 1;
}

int suites_begin(int n, char **names, CU_SetUpFunc set_up, CU_TearDownFunc tear_down)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* a child of the program must not print it again */
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 0;
    for (int i = 0; i < n; i++)
        if (!(strchr(names[i], '/') ? add_part : add_named)(names[i], set_up, tear_down))
            return 0;
    for (const suite_t *s = n ? NULL : suites; s; s = s->next)
        if (!add(s, set_up, tear_down))
            return 0;
    return 1;
}

int suites_run(void)
{
    CU_basic_set_mode(CU_BRM_VERBOSE);
    crash_fails_test();
    CU_basic_run_tests();
    return CU_get_number_of_failures() || CU_get_number_of_suites_failed() ||
           !CU_get_number_of_tests_run();
}
