/*
 * beta.c - the regularised incomplete beta function.
 *
 * Its power factors are taken together in log space: alone, x^a underflows long before the result
 * does. The logarithm of the complete beta function is no difference of large logarithms of gamma
 * functions, which would cost as many digits as they have before the point.
 */
#include "beta.h"
#include <math.h>

/* From here on Stirling's series has all of a double's digits. */
#define LARGE 10.0

/* What Stirling's formula leaves of log gamma(z), for a large z (DLMF 5.11.1). */
static double stirling_rest(double z)
{
    double w = 1 / (z * z);

    return (1.0 / 12 -
            w * (1.0 / 360 -
                 w * (1.0 / 1260 - w * (1.0 / 1680 - w * (1.0 / 1188 - w * 691.0 / 360360))))) /
           z;
}

/* lgamma() keeps the sign in a variable that all threads share. */
static double log_gamma(double z)
{
    int sign;

    return lgamma_r(z, &sign);
}

static double log_beta(double a, double b)
{
    double large = fmax(a, b), small = fmin(a, b);

    if (large < LARGE)
        return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
    return log_gamma(small) - (large - 0.5) * log1p(small / large) - small * log(large + small) +
           small + stirling_rest(large) - stirling_rest(large + small);
}

/* Lentz's method divides by what may be zero. */
static double not_zero(double d)
{
    return fabs(d) < 1e-300 ? 1e-300 : d;
}

/* The continued fraction; it converges fast for x < (a + 1) / (a + b + 2). */
static double fraction(double a, double b, double x)
{
    double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), f = d;

    for (int m = 1; m < 100000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step;

        d = 1 / not_zero(1 + even * d);
        c = not_zero(1 + even / c);
        f *= d * c;
        d = 1 / not_zero(1 + odd * d);
        c = not_zero(1 + odd / c);
        step = d * c;
        f *= step;
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return f;
}

double stats_beta(double a, double b, double x, double y)
{
    double power;

    if (x <= 0)
        return 0;
    if (y <= 0)
        return 1;
    power = exp(a * (x < 0.5 ? log(x) : log1p(-y)) + b * (y < 0.5 ? log(y) : log1p(-x)) -
                log_beta(a, b));
    if (x < (a + 1) / (a + b + 2))
        return power * fraction(a, b, x) / a;
    return 1 - power * fraction(b, a, y) / b; /* I_x(a, b) = 1 - I_y(b, a) */
}
