/*
 * changes.c - split and merge of the Hunter paper.
 */
#include "changes.h"
#include "spread.h"
#include "ttest.h"
#include <math.h>
#include <string.h>

/* A stretch of a window without a change point inside, and where it divides best. */
typedef struct changes_piece_t {
    int start, end;
    division_t best; /* of one value: q is -1 */
} piece_t;

static double *numbers(apr_pool_t *pool, int n)
{
    return apr_palloc(pool, (apr_size_t)n * sizeof(double));
}

changes_t *changes_make(apr_pool_t *pool, int window_len, int points)
{
    changes_t *c = apr_pcalloc(pool, sizeof *c);
    int n = window_len < points ? window_len : points;

    n = n < 1 ? 1 : n;
    c->window_len = window_len;
    c->points = points;
    c->found = apr_palloc(pool, (apr_size_t)(points < 1 ? 1 : points) * sizeof *c->found);
    c->before = apr_palloc(pool, (apr_size_t)(points + 1) * sizeof(int));
    c->behind = apr_palloc(pool, (apr_size_t)(points + 1) * sizeof(int));
    c->least_sure = apr_palloc(pool, 4 * (apr_size_t)(points + 1) * sizeof(int));
    c->smallest = apr_palloc(pool, 4 * (apr_size_t)(points + 1) * sizeof(int));
    c->pieces = apr_palloc(pool, (apr_size_t)n * sizeof *c->pieces);
    c->window.before = numbers(pool, n);
    c->window.sums = numbers(pool, n);
    c->window.after = numbers(pool, n);
    c->window.second = numbers(pool, n);
    return c;
}

/* ---- significance ---- */

/* The standard deviation is squared again, as Otava hands it on: among equal values it is rounding
 * alone. */
static ttest_side_t side(const double *x, int n, double *stddev)
{
    ttest_side_t s = {n, stats_mean(x, n), 0};

    *stddev = n > 1 ? sqrt(stats_squares(x, n, s.mean) / n) : 0;
    s.variance = *stddev * *stddev;
    return s;
}

/* What divides the values start to end - 1 at an index. */
static change_t change_at(const double *x, int start, int index, int end)
{
    change_t c = {.index = index};
    ttest_side_t before = side(x + start, index - start, &c.stddev_before);
    ttest_side_t after = side(x + index, end - index, &c.stddev_after);

    c.mean_before = before.mean;
    c.mean_after = after.mean;
    c.pvalue = end - start > 2 ? ttest_student(&before, &after) : 1;
    return c;
}

double change_magnitude(const change_t *c)
{
    double forward = c->mean_before == 0 ? 0 : fabs(c->mean_after / c->mean_before - 1);
    double backward = c->mean_after == 0 ? 0 : fabs(c->mean_before / c->mean_after - 1);

    return backward > forward ? backward : forward;
}

/* ---- split ---- */

static piece_t piece(divisive_t *window, int start, int end)
{
    piece_t p = {start, end, {start, -1}};

    if (end - start > 1)
        p.best = divisive_best(window, start, end);
    return p;
}

/* Divide a window where it divides best, as long as that is significant. @return how many pieces */
static int divide(changes_t *c, double max_pvalue)
{
    divisive_t *window = &c->window;
    piece_t *pieces = c->pieces, *best;
    int n = 1;

    divisive_open(window);
    pieces[0] = piece(window, 0, window->n);
    for (;;) {
        best = pieces;
        for (int i = 1; i < n; i++)
            if (pieces[i].best.q > best->best.q)
                best = pieces + i;
        if (best->best.q < 0 ||
            !(change_at(window->x, best->start, best->best.at, best->end).pvalue <= max_pvalue))
            return n;
        memmove(best + 1, best, (size_t)(pieces + n - best) * sizeof *best);
        best[1] = piece(window, best->best.at, best->end);
        best[0] = piece(window, best->start, best->best.at);
        n++;
    }
}

/* A change point that an earlier window may have found already, too; those found are in order. */
static void add(changes_t *c, int index)
{
    int at = c->n;

    while (at > 0 && c->found[at - 1].index > index)
        at--;
    if (at > 0 && c->found[at - 1].index == index)
        return;
    memmove(c->found + at + 1, c->found + at, (size_t)(c->n - at) * sizeof *c->found);
    c->found[at].index = index;
    c->n++;
}

/* @return 0: it was stopped */
static int split(changes_t *c, const changes_options_t *o, const double *x, int n)
{
    double max_pvalue = o->max_pvalue * (o->max_pvalue < 0.05 ? 10 : o->max_pvalue < 0.5 ? 2 : 1);
    int last, pieces;

    for (int start = 0;
         start<n; start = last> start + o->window_len / 2 ? last : start + o->window_len / 2) {
        if (o->stop && o->stop(o->ctx))
            return 0;
        c->window.x = x + start;
        c->window.n = n - start < o->window_len ? n - start : o->window_len;
        pieces = divide(c, max_pvalue);
        for (int i = 1; i < pieces; i++)
            add(c, start + c->pieces[i].start);
        last = pieces > 1 ? start + c->pieces[pieces - 1].start : 0;
    }
    return 1;
}

/* ---- merge ---- */

/*
 * The weakest change point is looked for as often as there are some to take away: so it stands on
 * top of a tree, of which only one path changes with a change point. A node is the number of the
 * weaker one below it, of two alike the first; -1: all below it have gone.
 */

/* A p-value that is no number (neither side varies, and their means are the same) is above nothing.
 */
static int is_less_sure(const change_t *a, const change_t *b)
{
    return a->pvalue > b->pvalue || (isnan(b->pvalue) && !isnan(a->pvalue));
}

static int is_smaller(const change_t *a, const change_t *b)
{
    return change_magnitude(a) < change_magnitude(b);
}

static int weaker(const changes_t *c, int a, int b, int by_pvalue)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return (by_pvalue ? is_less_sure : is_smaller)(c->found + b, c->found + a) ? b : a;
}

/* The change point's place in both trees has changed. */
static void climb(changes_t *c, int leaf)
{
    for (int node = (leaf + c->leaves) / 2; node; node /= 2) {
        c->least_sure[node] = weaker(c, c->least_sure[2 * node], c->least_sure[2 * node + 1], 1);
        c->smallest[node] = weaker(c, c->smallest[2 * node], c->smallest[2 * node + 1], 0);
    }
}

static void plant(changes_t *c)
{
    for (c->leaves = 1; c->leaves < c->n;)
        c->leaves *= 2;
    for (int i = 0; i < c->leaves; i++)
        c->least_sure[c->leaves + i] = c->smallest[c->leaves + i] = i < c->n ? i : -1;
    for (int node = c->leaves - 1; node; node--) {
        c->least_sure[node] = weaker(c, c->least_sure[2 * node], c->least_sure[2 * node + 1], 1);
        c->smallest[node] = weaker(c, c->smallest[2 * node], c->smallest[2 * node + 1], 0);
    }
}

static void link_all(changes_t *c)
{
    for (int i = 0; i < c->n; i++) {
        c->before[i] = i - 1;
        c->behind[i] = i + 1 < c->n ? i + 1 : -1;
    }
}

/* The change point between its neighbours. */
static void renew(changes_t *c, const double *x, int n, int i)
{
    int before = c->before[i], behind = c->behind[i];

    c->found[i] = change_at(x, before < 0 ? 0 : c->found[before].index, c->found[i].index,
                            behind < 0 ? n : c->found[behind].index);
}

/* The one to go, or -1. As in Otava, one without a p-value goes at once where it is the first of
 * all, elsewhere because its magnitude is 0. */
static int weakest(const changes_t *c, const changes_options_t *o)
{
    int weak = c->least_sure[1];

    if (isnan(c->found[c->first].pvalue))
        return c->first;
    if (!(c->found[weak].pvalue < o->max_pvalue))
        return weak;
    weak = c->smallest[1];
    return change_magnitude(c->found + weak) > o->min_magnitude ? -1 : weak;
}

static void take_away(changes_t *c, const double *x, int n, int i)
{
    int before = c->before[i], behind = c->behind[i];

    if (before >= 0)
        c->behind[before] = behind;
    else
        c->first = behind;
    if (behind >= 0)
        c->before[behind] = before;
    c->least_sure[c->leaves + i] = c->smallest[c->leaves + i] = -1;
    climb(c, i);
    /* Otava renews the two behind it, and its results are the promise: the one before it keeps what
     * it had, until it is one of the two itself. */
    for (int k = 0; k < 2 && behind >= 0; k++, behind = c->behind[behind]) {
        renew(c, x, n, behind);
        climb(c, behind);
    }
}

/* What is told of a change point is what stands around it now: with a neighbour that has gone, even
 * its sign could be another. The p-value is Otava's. */
static void tell(changes_t *c, const double *x, int n, int i)
{
    double pvalue = c->found[i].pvalue;

    renew(c, x, n, i);
    c->found[i].pvalue = pvalue;
}

/* @return 0: it was stopped */
static int merge(changes_t *c, const changes_options_t *o, const double *x, int n)
{
    int kept = 0, weak;

    c->first = c->n ? 0 : -1;
    while (c->first >= 0 && (weak = weakest(c, o)) >= 0) {
        if (o->stop && o->stop(o->ctx))
            return 0;
        take_away(c, x, n, weak);
    }
    for (int i = c->first; i >= 0; i = c->behind[i])
        tell(c, x, n, i);
    for (int i = c->first; i >= 0; i = c->behind[i])
        c->found[kept++] = c->found[i];
    c->n = kept;
    return 1;
}

changes_status_t changes_find(changes_t *c, const changes_options_t *o, const double *x, int n)
{
    c->n = 0;
    for (int i = 0; i < n; i++)
        if (!(fabs(x[i]) <= DIVISIVE_MOST))
            return CHANGES_REFUSED;
    if (n < 3)
        return CHANGES_FOUND;
    if (!split(c, o, x, n))
        return CHANGES_STOPPED;
    link_all(c);
    for (int i = 0; i < c->n; i++)
        renew(c, x, n, i);
    plant(c);
    return merge(c, o, x, n) ? CHANGES_FOUND : CHANGES_STOPPED;
}
