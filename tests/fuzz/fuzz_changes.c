/*
 * fuzz_changes.c - change points of any series: they are in order and inside, each is as sure and
 * as large as was asked for, the best division is that of a sum over all pairs, and what is no
 * number is refused.
 */
#include "fuzz.h"
#include "stats/changes.h"
#include <math.h>
#include <string.h>

/* The first bytes: window_len, max_pvalue, min_magnitude, how values are read. */
#define OPTIONS 4

static double absolute_sum(const double *x, int from, int to, const double *y, int first, int last)
{
    double sum = 0;

    for (int i = from; i < to; i++)
        for (int k = first < 0 ? i + 1 : first; k < last; k++)
            sum += fabs(x[i] - y[k]);
    return sum;
}

/* The measure of Matteson and James, written down as in their paper. */
static double measure(const double *x, int at, int end)
{
    double n = at, m = end - at, q = 2 / (n + m) * absolute_sum(x, 0, at, x, at, end);

    if (n > 1)
        q -= 2 * m / ((n + m) * (n - 1)) * absolute_sum(x, 0, at, x, -1, at);
    if (m > 1)
        q -= 2 * n / ((n + m) * (m - 1)) * absolute_sum(x, at, end, x, -1, end);
    return q;
}

/* What rounding may make of it: it grows with the values and with how many there are. */
static double rounding(const double *x, int n)
{
    double largest = 0;

    for (int i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i]));
    return largest * n * 1e-13;
}

static void check_division(changes_t *c, const double *x, int n)
{
    division_t best;
    double error = rounding(x, n);

    c->window.x = x;
    c->window.n = n;
    divisive_open(&c->window);
    best = divisive_best(&c->window, 0, n);
    must(best.at > 0 && best.at < n);
    for (int at = 1; at < n; at++)
        for (int end = at + 1; end <= n; end++)
            must(measure(x, at, end) <= best.q + error);
}

static double mean(const double *x, int start, int end)
{
    double sum = 0;

    for (int i = start; i < end; i++)
        sum += x[i];
    return sum / (end - start);
}

static void check_found(const changes_t *c, const changes_options_t *o, const double *x, int n)
{
    for (int i = 0; i < c->n; i++) {
        const change_t *found = c->found + i;
        int start = i ? found[-1].index : 0, end = i + 1 < c->n ? found[1].index : n;

        must(found->index > start && found->index < n);
        must(found->pvalue >= 0 && found->pvalue < o->max_pvalue);
        must(found->stddev_before >= 0 && found->stddev_after >= 0);
        must(fabs(found->mean_before - mean(x, start, found->index)) <= rounding(x, n));
        must(fabs(found->mean_after - mean(x, found->index, end)) <= rounding(x, n));
    }
}

/* Bytes as doubles, so that there is everything that a double can be; or as small numbers, so that
 * there are ties. */
static int read_values(const char *data, apr_size_t len, int small, double *x)
{
    apr_size_t n = small ? len : len / sizeof *x;

    for (apr_size_t i = 0; i < n; i++) {
        if (small)
            x[i] = (double)(signed char)data[i] / 8;
        else
            memcpy(x + i, data + i * sizeof *x, sizeof *x);
    }
    return (int)n;
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    const unsigned char *options = (const unsigned char *)data;
    changes_options_t o = {0};
    double *x = apr_palloc(p, (len + 1) * sizeof *x);
    changes_t *c;
    int n, refused = 0;

    if (len < OPTIONS)
        return;
    o.window_len = 2 + options[0] % 128;
    o.max_pvalue = pow(10, -(options[1] % 64) / 8.0);
    o.min_magnitude = options[2] / 100.0;
    n = read_values(data + OPTIONS, len - OPTIONS, options[3] & 1, x);
    for (int i = 0; i < n; i++)
        refused |= !isfinite(x[i]) || fabs(x[i]) > DIVISIVE_MOST;
    c = changes_make(p, o.window_len, n);
    must(changes_find(c, &o, x, n) == (refused ? CHANGES_REFUSED : CHANGES_FOUND));
    check_found(c, &o, x, n);
    if (!refused && n > 1 && n <= 24 && n <= o.window_len)
        check_division(c, x, n);
}
