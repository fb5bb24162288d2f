/*
 * ttest.c - Student's and Welch's tests.
 */
#include "ttest.h"
#include "beta.h"
#include <math.h>

double ttest_pvalue(double t, double degrees)
{
    double u = fabs(t) / sqrt(degrees), w;

    if (isnan(u))
        return NAN;
    if (u > 1e150)
        return 0;
    /* x = 1 / (1 + u²) and 1 - x, both with all their digits (DLMF 8.17 and the distribution's
     * tail). */
    if (u < 1)
        return stats_beta(degrees / 2, 0.5, 1 / (1 + u * u), u * u / (1 + u * u));
    w = 1 / (u * u);
    return stats_beta(degrees / 2, 0.5, w / (1 + w), 1 / (1 + w));
}

double ttest_student(const ttest_side_t *a, const ttest_side_t *b)
{
    double degrees = a->n + b->n - 2.0;
    double squares =
        (a->n > 1 ? (a->n - 1) * a->variance : 0) + (b->n > 1 ? (b->n - 1) * b->variance : 0);
    double error = sqrt(squares / degrees * (1.0 / a->n + 1.0 / b->n));

    return ttest_pvalue((a->mean - b->mean) / error, degrees);
}

double ttest_welch(const ttest_side_t *a, const ttest_side_t *b)
{
    double va = a->variance / a->n, vb = b->variance / b->n, share = va / (va + vb);

    if (va + vb <= 0)
        return a->mean == b->mean ? 1 : 0;
    /* Welch's and Satterthwaite's degrees of freedom; by shares, because squares of small variances
     * vanish. */
    return ttest_pvalue((a->mean - b->mean) / sqrt(va + vb),
                        1 / (share * share / (a->n - 1) + (1 - share) * (1 - share) / (b->n - 1)));
}
