/*
 * adjust.c - Benjamini's and Hochberg's step-up procedure.
 */
#include "adjust.h"
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    double x = **(const double *const *)a, y = **(const double *const *)b;

    return x < y ? -1 : x > y;
}

void stats_adjust(const double *p, int n, double *adjusted, const double **order)
{
    double least = 1;

    if (n <= 0)
        return;
    for (int i = 0; i < n; i++)
        order[i] = p + i;
    qsort(order, (size_t)n, sizeof *order, compare);
    for (int rank = n; rank >= 1; rank--) {
        double q = *order[rank - 1] * n / rank;

        if (q < least)
            least = q;
        adjusted[order[rank - 1] - p] = least;
    }
}
