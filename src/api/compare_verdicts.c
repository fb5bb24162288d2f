/*
 * compare_verdicts.c - owns what a comparison says: p-values, verdicts, and which series is worse.
 */
#include "../core/pages.h"
#include "../stats/adjust.h"
#include "../stats/ttest.h"
#include "compare.h"
#include <apr_siphash.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const api_compare_verdicts[] = {"regression", "changed", "improvement", "undetermined",
                                            "missing",    "new",     "unchanged",   NULL};

/* ---- one series ---- */

/* A number of the way that it is near 1. */
static double scaled(double v, int exponent)
{
    return ldexp(v, -exponent);
}

/*
 * Only the means' difference and the deviations count, in proportion: they are made comparable with
 * 1, so that no square is beyond a double, or vanishes. Of values beyond a double nothing is known.
 */
static double pvalue_of(const compare_figures_t *base, const compare_figures_t *head)
{
    double difference = head->mean - base->mean, a, b;
    int exponent;

    if (base->n < 2 || head->n < 2 || !isfinite(difference) ||
        !isfinite(base->stddev + head->stddev))
        return NAN;
    frexp(fmax(fabs(difference), fmax(base->stddev, head->stddev)), &exponent);
    a = scaled(base->stddev, exponent);
    b = scaled(head->stddev, exponent);
    return ttest_welch(&(ttest_side_t){base->n, 0, a * a},
                       &(ttest_side_t){head->n, scaled(difference, exponent), b * b});
}

/* A chain of hashes: the key of each is the one before it. */
static apr_uint64_t mix(apr_uint64_t digest, const void *data, apr_size_t len)
{
    apr_uint64_t key[2] = {digest, len};

    return apr_siphash24(data, len, (const unsigned char *)key);
}

apr_uint64_t api_compare_identity(const compare_t *c, const compare_series_t *s)
{
    const char *field = APR_ARRAY_IDX(c->chart.fields, s->field, const char *);
    apr_uint64_t digest = mix(0, field, strlen(field));

    for (int i = 0; i < c->chart.groups->nelts; i++) {
        const char *group = wfm_result_get(c->values, api_compare_row(s), COMPARE_GROUPS + i);

        digest = mix(digest, group ? group : "", group ? strlen(group) + 1 : 0);
    }
    return digest;
}

static void look_at(compare_t *c, compare_series_t *s)
{
    compare_figures_t figures[COMPARE_SIDES];
    const compare_figures_t *base = &figures[COMPARE_BASE], *head = &figures[COMPARE_HEAD];

    apr_uint64_t id = api_compare_identity(c, s);

    c->digest = mix(c->digest, &id, sizeof id);
    for (int side = 0; side < COMPARE_SIDES; side++) {
        api_compare_figures(c, s, (compare_side_e)side, &figures[side]);
        c->digest = mix(c->digest, c->room, (apr_size_t)figures[side].n * sizeof *c->room);
    }
    s->difference = s->percent = s->pvalue = s->adjusted = NAN;
    if (!base->n || !head->n)
        return;
    s->difference = head->mean - base->mean;
    s->percent = api_change_percent(base->mean, head->mean);
    s->pvalue = pvalue_of(base, head);
}

/* From 0 on any change is beyond the threshold. */
double api_compare_weight(const compare_series_t *s)
{
    if (isnan(s->difference) || s->difference == 0)
        return 0;
    return isnan(s->percent) ? INFINITY : fabs(s->percent);
}

static compare_verdict_e verdict_of(const compare_t *c, const compare_series_t *s)
{
    wfm_direction_e direction = c->directions[s->field];

    if (s->rows[COMPARE_BASE] < 0)
        return COMPARE_NEW;
    if (s->rows[COMPARE_HEAD] < 0)
        return COMPARE_MISSING;
    if (!isfinite(s->difference))
        return COMPARE_UNDETERMINED;
    /* 10 to 10.2 is 2 %, whatever the rounding */
    if (s->difference == 0 || api_compare_weight(s) < c->min_change * (1 - 1e-12))
        return COMPARE_UNCHANGED;
    if (isnan(s->adjusted))
        return COMPARE_UNDETERMINED;
    if (s->adjusted > c->max_pvalue)
        return COMPARE_UNCHANGED;
    if (!direction)
        return COMPARE_CHANGED;
    return (s->difference > 0) == (direction == WFM_HIGHER_IS_BETTER) ? COMPARE_IMPROVEMENT
                                                                      : COMPARE_REGRESSION;
}

/* ---- all ---- */

static compare_series_t *nth(const compare_t *c, int i)
{
    return &APR_ARRAY_IDX(c->series, i, compare_series_t);
}

/* Adjusted are all that there are, however many are shown. */
static void adjust(compare_t *c)
{
    apr_size_t room = (apr_size_t)c->series->nelts + 1;
    double *p = wfm_pages_or_pool(c->chart.rq->pool, 2 * room * sizeof *p), *adjusted = p + room;
    const double **order = wfm_pages_or_pool(c->chart.rq->pool, room * sizeof *order);
    int n = 0;

    for (int i = 0; i < c->series->nelts; i++)
        if (!isnan(nth(c, i)->pvalue))
            p[n++] = nth(c, i)->pvalue;
    stats_adjust(p, n, adjusted, order);
    n = 0;
    for (int i = 0; i < c->series->nelts; i++)
        if (!isnan(nth(c, i)->pvalue))
            nth(c, i)->adjusted = adjusted[n++];
}

int api_compare_order(const compare_series_t *a, const compare_series_t *b)
{
    if (a->field != b->field)
        return a->field < b->field ? -1 : 1;
    return api_compare_row(a) - api_compare_row(b);
}

/* The worst first. */
static int compare(const void *a, const void *b)
{
    const compare_series_t *x = a, *y = b;
    double more = api_compare_weight(x), less = api_compare_weight(y);

    if (x->verdict != y->verdict)
        return x->verdict < y->verdict ? -1 : 1;
    if (more != less)
        return more > less ? -1 : 1;
    return api_compare_order(x, y);
}

/* That of the whole: what makes a person look comes first. Series that one side alone has say
 * nothing. */
static const char *verdict_of_all(const compare_t *c)
{
    static const compare_verdict_e first[] = {COMPARE_REGRESSION, COMPARE_CHANGED,
                                              COMPARE_IMPROVEMENT, COMPARE_UNDETERMINED,
                                              COMPARE_UNCHANGED};

    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (c->counts[first[i]])
            return api_compare_verdicts[first[i]];
    return api_compare_verdicts[COMPARE_UNDETERMINED];
}

wfm_error_t *api_compare_judge(compare_t *c)
{
    c->digest = wfm_result_digest(c->found);
    api_computing_begin(&c->computing, c->chart.rq);
    for (int i = 0; i < c->series->nelts; i++) {
        if (api_computing_stop(&c->computing))
            return api_computing_stopped(&c->computing,
                                         "choose fewer runs, or fewer dimensions for group_by");
        look_at(c, nth(c, i));
    }
    adjust(c);
    for (int i = 0; i < c->series->nelts; i++) {
        nth(c, i)->verdict = verdict_of(c, nth(c, i));
        c->counts[nth(c, i)->verdict]++;
    }
    qsort(c->series->elts, (size_t)c->series->nelts, sizeof(compare_series_t), compare);
    c->verdict = verdict_of_all(c);
    return NULL;
}
