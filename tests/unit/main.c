/*
 * main.c - runs every unit test, or those of the suites named as arguments, without any server.
 * Exit code 0: all ran and none failed.
 */
#include "unit.h"
#include <apr_general.h>

int main(int argc, char **argv)
{
    int failed;

    apr_initialize();
    if (!suites_begin(argc - 1, argv + 1, unit_set_up, unit_tear_down))
        return 2;
    failed = suites_run();
    CU_cleanup_registry();
    apr_terminate();
    return failed;
}
