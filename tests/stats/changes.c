/*
 * changes.c - change points of the series on stdin, as make check-otava compares them with Otava's.
 *
 * A line of input: "WINDOW_LEN MAX_PVALUE MIN_MAGNITUDE N VALUE…". Its answer: "NANOSECONDS
 * INDEX:PVALUE…", the computing of one of so many repetitions as the program's argument says.
 */
#include "stats/changes.h"
#include <apr_general.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int answer(apr_pool_t *pool, int repetitions)
{
    changes_options_t o = {0};
    changes_t *c;
    double *x, start;
    int n;

    if (scanf("%d %lf %lf %d", &o.window_len, &o.max_pvalue, &o.min_magnitude, &n) != 4)
        return 0;
    x = apr_palloc(pool, (apr_size_t)(n + 1) * sizeof *x);
    for (int i = 0; i < n; i++)
        if (scanf("%lf", x + i) != 1)
            return 0;
    c = changes_make(pool, o.window_len, n);
    start = now();
    for (int i = 0; i < repetitions; i++)
        if (changes_find(c, &o, x, n) != CHANGES_FOUND)
            return 0;
    printf("%.0f", (now() - start) / repetitions);
    for (int i = 0; i < c->n; i++)
        printf(" %d:%.17g", c->found[i].index, c->found[i].pvalue);
    printf("\n");
    return 1;
}

int main(int argc, char **argv)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    while (answer(pool, argc > 1 ? atoi(argv[1]) : 1))
        apr_pool_clear(pool);
    apr_terminate();
    return feof(stdin) ? 0 : 1;
}
