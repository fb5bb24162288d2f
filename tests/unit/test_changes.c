/*
 * test_changes.c - change points beside Apache Otava's (tests/stats/changes.txt), and by
 * themselves.
 */
#include "recorded.h"
#include "stats/changes.h"
#include "unit.h"
#include <apr_strings.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANGES      "tests/stats/changes.txt"
#define OTAVA_SERIES "tests/stats/otava_series.txt"
#define LONGEST      1000

/* A series, and what counts as a change in it. */
typedef struct case_t {
    double *values;
    int n;
    changes_options_t options;
} case_t;

/* ---- made of a number, as tests/stats/series.py does ---- */

static int below(apr_uint64_t *r, int n)
{
    return (int)(unit_random(r) % (apr_uint64_t)n);
}

static double unit(apr_uint64_t *r)
{
    return (double)(unit_random(r) >> 11) * 0x1p-53;
}

static double noise(apr_uint64_t *r)
{
    double sum = unit(r);

    sum += unit(r);
    sum += unit(r);
    sum += unit(r);
    return sum - 2.0;
}

enum { STEPS, DRIFT, OUTLIERS, VARIANCE, TIES, CONSTANT, ZERO, DECIMALS };

static void fill(apr_uint64_t *r, case_t *c)
{
    static const double spreads[] = {0.001, 0.01, 0.05, 0.3};
    int kind = below(r, 8),
        steps = kind == STEPS || kind == CONSTANT || kind == DECIMALS || kind == TIES;
    double level = 1.0 + below(r, 1000), spread = spreads[below(r, 4)], value;

    for (int i = 0; i < c->n; i++) {
        if (steps && below(r, 20) == 0)
            level = level * (0.7 + 0.6 * unit(r));
        if (kind == DRIFT)
            level = level * (1.0 + 0.01 * unit(r));
        if (kind == VARIANCE && below(r, 25) == 0)
            spread = spread * (0.25 + 2.0 * unit(r));
        value = level * (1.0 + spread * noise(r));
        if (kind == OUTLIERS && below(r, 20) == 0)
            value = value * (1.0 + 2.0 * unit(r));
        if (kind == CONSTANT)
            value = level;
        if (kind == ZERO)
            value = value - level;
        if (kind == DECIMALS)
            value = floor(value * 100.0 + 0.5) / 100.0;
        if (kind == TIES)
            value = floor(value / 20.0 + 0.5);
        c->values[i] = value;
    }
}

static void make(apr_uint64_t seed, case_t *c)
{
    static const double pvalues[] = {0.001, 0.0001, 0.01, 0.05, 0.2, 0.6, 0.000001};
    static const double magnitudes[] = {0.0, 0.01, 0.05, 0.2};
    apr_uint64_t r = seed;
    int size = below(&r, 10), width;

    c->n = 3 + below(&r, size < 6 ? 60 : size < 9 ? 300 : 998);
    width = below(&r, 3);
    c->options.window_len = width == 0 ? 50 : 2 + below(&r, width == 1 ? 99 : 11);
    c->options.max_pvalue = pvalues[below(&r, 7)];
    c->options.min_magnitude = magnitudes[below(&r, 4)];
    fill(&r, c);
}

/* ---- recorded ---- */

/* "name,window_len,max_pvalue,min_magnitude": a series of Otava's own tests. */
static void take(const char *series, const char *spec, case_t *c)
{
    const char *comma = strchr(spec, ',');
    const char *line =
        strstr(series, apr_psprintf(unit_pool(), "\n%.*s ", (int)(comma - spec), spec));
    char *next;

    CU_ASSERT_EQUAL_FATAL(sscanf(comma, ",%d,%lf,%lf", &c->options.window_len,
                                 &c->options.max_pvalue, &c->options.min_magnitude),
                          3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    next = strchr(line, ' ');
    for (c->n = 0; *next == ' '; c->n++)
        c->values[c->n] = strtod(next + 1, &next);
}

/* "10:3.2864762e-08 45:-", the change points; 0: they are not those found. */
static int same(const char *expected, const changes_t *c)
{
    const char *next = expected;

    for (int i = 0; i < c->n; i++) {
        char *end;
        double p;

        if (*next++ != ' ' || strtol(next, &end, 10) != c->found[i].index || *end != ':')
            return 0;
        p = strtod(end + 1, &end);
        if (*end == '-')
            end++;
        else if (fabs(c->found[i].pvalue - p) > 1e-6 * p)
            return 0;
        next = end;
    }
    return !*next;
}

static void test_otava(void)
{
    const char *series = recorded(OTAVA_SERIES);
    char *rest = recorded(CHANGES), *line;
    changes_t *c = changes_make(unit_pool(), 100, LONGEST);
    case_t made = {apr_palloc(unit_pool(), LONGEST * sizeof(double)), 0, {0}};
    int compared = 0, near = 0;

    while ((line = apr_strtok(rest, "\n", &rest))) {
        char *expected = strchr(line, ' ') + 1;

        if (*line == '#')
            continue;
        if (*expected == '~') {
            near++;
            continue;
        }
        if (strchr(line, ','))
            take(series, line, &made);
        else
            make(apr_strtoi64(line, NULL, 10), &made);
        expect_int(changes_find(c, &made.options, made.values, made.n), CHANGES_FOUND);
        if (!same(expected + 1, c))
            unit_expect_str(__FILE__, __LINE__, "Otava's change points", line, "others");
        compared++;
    }
    CU_ASSERT(compared > 2000);
    CU_ASSERT(near < compared / 10);
}

/* ---- by themselves ---- */

static const changes_options_t usual = {.window_len = 50, .max_pvalue = 0.001};

/* The only change point of values around 10, then around 12. */
static void test_a_step(void)
{
    static const double x[] = {10, 10.5, 9.5, 10, 12, 12.5, 11.5, 12};
    changes_t *c = changes_make(unit_pool(), 50, 8);

    expect_int(changes_find(c, &usual, x, 8), CHANGES_FOUND);
    CU_ASSERT_EQUAL_FATAL(c->n, 1);
    expect_int(c->found[0].index, 4);
    CU_ASSERT_EQUAL(c->found[0].mean_before, 10);
    CU_ASSERT_EQUAL(c->found[0].mean_after, 12);
    CU_ASSERT_DOUBLE_EQUAL(c->found[0].stddev_before, sqrt(0.125), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(c->found[0].stddev_after, sqrt(0.125), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(change_magnitude(c->found), 0.2, 1e-15);
}

/* Merging takes a change point away behind one that stays: Otava has of that still the mean up to
 * there, 10, as if the values had fallen. */
static void test_a_neighbour_that_went(void)
{
    static const double x[] = {11, 11, 11, 10, 20, 20, 17, 17, 20, 20};
    changes_options_t narrow = usual;
    changes_t *c = changes_make(unit_pool(), 5, 10);

    narrow.window_len = 5;
    expect_int(changes_find(c, &narrow, x, 10), CHANGES_FOUND);
    CU_ASSERT_EQUAL_FATAL(c->n, 1);
    expect_int(c->found[0].index, 3);
    CU_ASSERT_EQUAL(c->found[0].pvalue, 0);
    CU_ASSERT_EQUAL(c->found[0].mean_before, 11);
    CU_ASSERT_EQUAL(c->found[0].stddev_before, 0);
    CU_ASSERT_DOUBLE_EQUAL(c->found[0].mean_after, 124.0 / 7, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(c->found[0].stddev_after, 3.4106675389466634, 1e-14);
}

static void test_none(void)
{
    static const double x[] = {1, 1000000, 1, 1, 1, 1, 1};
    changes_options_t all = usual;
    changes_t *c = changes_make(unit_pool(), 50, 7);

    all.max_pvalue = 1;
    for (int n = 0; n < 3; n++) {
        expect_int(changes_find(c, &all, x, n), CHANGES_FOUND);
        expect_int(c->n, 0);
    }
    expect_int(changes_find(c, &usual, x + 2, 5), CHANGES_FOUND);
    expect_int(c->n, 0);
}

static void test_refused(void)
{
    static const double wrong[] = {NAN, INFINITY, -INFINITY, 1.1e140, -1.7e308};
    double x[] = {1, 2, 3, 4};
    changes_t *c = changes_make(unit_pool(), 50, 4);

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        x[3] = wrong[i];
        expect_int(changes_find(c, &usual, x, 4), CHANGES_REFUSED);
        expect_int(changes_find(c, &usual, x, 3), CHANGES_FOUND);
    }
}

/* Values at the bounds do not overflow: what is found is what is found in 1 and -1. */
static void test_large(void)
{
    double x[200], large[200];
    changes_t *c = changes_make(unit_pool(), 1000, 200);
    changes_options_t o = {.window_len = 1000, .max_pvalue = 0.001};
    apr_uint64_t r = 1;
    int n;

    for (int i = 0; i < 200; i++) {
        x[i] = (i < 100 ? 0.5 : -0.5) + noise(&r) / 4;
        large[i] = x[i] * 0x1p464;
    }
    expect_int(changes_find(c, &o, x, 200), CHANGES_FOUND);
    n = c->n;
    CU_ASSERT_FATAL(n > 0);
    expect_int(c->found[0].index, 100);
    expect_int(changes_find(c, &o, large, 200), CHANGES_FOUND);
    expect_int(c->n, n);
    expect_int(c->found[0].index, 100);
}

static void test_magnitude(void)
{
    CU_ASSERT_EQUAL(change_magnitude(&(change_t){.mean_before = 0, .mean_after = 0}), 0);
    CU_ASSERT_EQUAL(change_magnitude(&(change_t){.mean_before = 0, .mean_after = 5}), 1);
    CU_ASSERT_EQUAL(change_magnitude(&(change_t){.mean_before = 4, .mean_after = 2}), 1);
    CU_ASSERT_EQUAL(change_magnitude(&(change_t){.mean_before = -2, .mean_after = 2}), 2);
}

/* A magnitude that is not above the least one is none; a p-value that is not below the largest,
 * too. */
static void test_borders(void)
{
    static const double x[] = {1, 1, 1, 1, 2, 2, 2, 2};
    changes_options_t o = usual;
    changes_t *c = changes_make(unit_pool(), 50, 8);

    o.min_magnitude = 1;
    changes_find(c, &o, x, 8);
    expect_int(c->n, 0);
    o.min_magnitude = 0.999;
    changes_find(c, &o, x, 8);
    expect_int(c->n, 1);
    expect_int(c->found[0].index, 4);
    CU_ASSERT_EQUAL(c->found[0].pvalue, 0);
}

static int countdown(void *ctx)
{
    return --*(int *)ctx < 0;
}

/* It asks before each window: 100 values are four windows of 50, whatever is found. */
static void test_stopped(void)
{
    double x[100] = {0};
    int left = 3;
    changes_options_t o = {50, 0.001, 0, countdown, &left};
    changes_t *c = changes_make(unit_pool(), 50, 100);

    expect_int(changes_find(c, &o, x, 100), CHANGES_STOPPED);
    left = 4;
    expect_int(changes_find(c, &o, x, 100), CHANGES_FOUND);
}

/* And before it merges each change point. */
static void test_stopped_merging(void)
{
    static const double x[] = {1, 1, 1, 1, 2, 2, 2, 2};
    int left = 1;
    changes_options_t o = {50, 0.001, 100, countdown, &left};
    changes_t *c = changes_make(unit_pool(), 50, 8);

    expect_int(changes_find(c, &o, x, 8), CHANGES_STOPPED);
    left = 2;
    expect_int(changes_find(c, &o, x, 8), CHANGES_FOUND);
    expect_int(c->n, 0);
}

/* Values may be shifted and stretched: the indices stay. */
static void test_scaled(void)
{
    case_t made = {apr_palloc(unit_pool(), LONGEST * sizeof(double)), 0, {0}};
    changes_t *c = changes_make(unit_pool(), 100, LONGEST),
              *d = changes_make(unit_pool(), 100, LONGEST);

    for (apr_uint64_t seed = 1; seed < 100; seed++) {
        make(seed, &made);
        changes_find(c, &made.options, made.values, made.n);
        for (int i = 0; i < made.n; i++)
            made.values[i] *= -0x1p20;
        changes_find(d, &made.options, made.values, made.n);
        CU_ASSERT_EQUAL_FATAL(c->n, d->n);
        for (int i = 0; i < c->n; i++)
            expect_int(c->found[i].index, d->found[i].index);
    }
}

SUITE(changes) = {
    {"Otava's", test_otava},
    {"a step", test_a_step},
    {"a neighbour that went", test_a_neighbour_that_went},
    {"none", test_none},
    {"what is no number", test_refused},
    {"large values", test_large},
    {"magnitude", test_magnitude},
    {"borders", test_borders},
    {"stopped", test_stopped},
    {"stopped while merging", test_stopped_merging},
    {"scaled", test_scaled},
    CU_TEST_INFO_NULL,
};
