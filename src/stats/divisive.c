/*
 * divisive.c - the best division of a stretch of values.
 *
 * With τ the first value of the second part and κ the one behind it, all counted from the stretch's
 * start, n = τ and m = κ - τ, the measure is
 *
 *   q(τ, κ) = 2/(n+m) Σ|Xi - Yj|  -  2m/((n+m)(n-1)) Σ|Xi - Xk|  -  2n/((n+m)(m-1)) Σ|Yj - Yk|
 *
 * The three sums follow from those of τ - 1 and κ - 1 (the recurrences of Matteson and James), in
 * the order in which Apache Otava's PairDistanceCalculator adds: where several divisions are
 * equally good but for rounding, it decides which is the best, and people compare the two. That is
 * why the distances to what stands before the stretch are taken off, too, instead of being left
 * out.
 */
#include "divisive.h"
#include <math.h>
#include <string.h>

void divisive_open(divisive_t *d)
{
    for (int i = 1; i < d->n; i++) {
        double sum = 0;

        for (int k = 0; k < i; k++)
            sum += fabs(d->x[k] - d->x[i]);
        d->before[i - 1] = sum;
    }
}

/* sums[i]: the distances among the stretch's first i + 2 values. */
static void open_stretch(divisive_t *d, int start, int end)
{
    double sum = 0;

    for (int i = start + 1; i < end; i++) {
        double outside = 0;

        for (int k = 0; k < start; k++)
            outside += fabs(d->x[k] - d->x[i]);
        sum += d->before[i - 1] - outside;
        d->sums[i - start - 1] = sum;
    }
    memset(d->after, 0, (size_t)(end - start) * sizeof *d->after);
}

/* The value at last joins the second part: after[], and from it second[]. x begins at the stretch.
 */
static void lengthen(divisive_t *d, const double *x, int last)
{
    double sum = 0;

    for (int i = last - 1; i >= 0; i--) {
        d->second[i] = sum; /* of the part that begins behind i */
        d->after[i] += fabs(x[i] - x[last]);
        sum += d->after[i];
    }
}

division_t divisive_best(divisive_t *d, int start, int end)
{
    division_t best = {start + 1, -1};
    const double *x = d->x + start, *first = d->sums;

    open_stretch(d, start, end);
    for (int last = 1; last < end - start; last++) {
        double all = last + 1,
               both = 0; /* both: the distances of the first part's values to what is behind each */

        lengthen(d, x, last);
        for (int i = 0; i < last; i++) {
            int m = last - i;
            double q;

            both += d->after[i];
            q = 2 / all * (i ? both - first[i - 1] : both);
            if (i)
                q -= 2.0 * m / (all * i) * first[i - 1];
            if (m > 1)
                q -= 2.0 * (i + 1) / (all * (m - 1)) * d->second[i];
            if (q > best.q || (q >= best.q && start + i + 1 < best.at))
                best = (division_t){start + i + 1, q};
        }
    }
    return best;
}
