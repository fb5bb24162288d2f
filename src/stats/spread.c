/*
 * spread.c - mean and spread.
 *
 * Sums go in pairs: their error grows with the logarithm of n instead of with n (N. Higham, "The
 * accuracy of floating point summation", 1993). The pairs are NumPy's, so that where a spread is
 * nothing but rounding, as among equal values, it is the same rounding.
 */
#include "spread.h"
#include <stddef.h>

#define LANES 8
#define BLOCK 128

/* The value, or with a mean the square of its deviation. */
static inline double term(double x, const double *mean)
{
    double d;

    if (!mean)
        return x;
    d = x - *mean;
    return d * d;
}

static double block(const double *x, int n, const double *mean)
{
    double r[LANES], sum;
    int i;

    for (i = 0; i < LANES; i++)
        r[i] = term(x[i], mean);
    for (; i + LANES <= n; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            r[lane] += term(x[i + lane], mean);
    sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < n; i++)
        sum += term(x[i], mean);
    return sum;
}

static double sum_in_pairs(const double *x, int n, const double *mean)
{
    double sum = 0;
    int half = n / 2 - n / 2 % LANES;

    if (n > BLOCK)
        return sum_in_pairs(x, half, mean) + sum_in_pairs(x + half, n - half, mean);
    if (n >= LANES)
        return block(x, n, mean);
    for (int i = 0; i < n; i++)
        sum += term(x[i], mean);
    return sum;
}

double stats_mean(const double *x, int n)
{
    return sum_in_pairs(x, n, NULL) / n;
}

double stats_squares(const double *x, int n, double mean)
{
    return sum_in_pairs(x, n, &mean);
}
