/*
 * test_ttest.c - p-values beside SciPy's (tests/stats/pvalues.txt), and by themselves.
 */
#include "recorded.h"
#include "stats/adjust.h"
#include "stats/beta.h"
#include "stats/spread.h"
#include "stats/ttest.h"
#include "unit.h"
#include <apr_strings.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAR 1e-10

static int is_near(double actual, double expected)
{
    return fabs(actual - expected) <= NEAR * expected;
}

static void expect_near(const char *line, double actual, double expected)
{
    if (!is_near(actual, expected))
        unit_expect_str(__FILE__, __LINE__, line, apr_psprintf(unit_pool(), "%.17g", actual),
                        "SciPy's");
}

static void check_sides(const char *line, const char *numbers)
{
    ttest_side_t a, b;
    double p;

    CU_ASSERT_EQUAL_FATAL(sscanf(numbers, "%d %lf %lf %d %lf %lf %lf", &a.n, &a.mean, &a.variance,
                                 &b.n, &b.mean, &b.variance, &p),
                          7);
    expect_near(line, (*line == 's' ? ttest_student : ttest_welch)(&a, &b), p);
    expect_near(line, (*line == 's' ? ttest_student : ttest_welch)(&b, &a), p);
}

static void check_adjusted(const char *line, char *numbers)
{
    int n = (int)strtol(numbers, &numbers, 10);
    double *p = apr_palloc(unit_pool(), 3 * (apr_size_t)n * sizeof(double)), *adjusted = p + 2 * n;
    const double **order = apr_palloc(unit_pool(), (apr_size_t)n * sizeof *order);

    for (int i = 0; i < 2 * n; i++)
        p[i] = strtod(numbers, &numbers);
    stats_adjust(p, n, adjusted, order);
    for (int i = 0; i < n; i++)
        expect_near(line, adjusted[i], p[n + i]);
}

static void test_scipy(void)
{
    char *rest = recorded("tests/stats/pvalues.txt"), *line;
    double t, degrees, p, least = 1;
    int lines = 0;

    while ((line = apr_strtok(rest, "\n", &rest))) {
        char *numbers = strchr(line, ' ') + 1;

        if (*line == '#')
            continue;
        lines++;
        if (*line == 'a')
            check_adjusted(line, numbers);
        else if (*line != 't')
            check_sides(line, numbers);
        else {
            CU_ASSERT_EQUAL_FATAL(sscanf(numbers, "%lf %lf %lf", &t, &degrees, &p), 3);
            expect_near(line, ttest_pvalue(t, degrees), p);
            expect_near(line, ttest_pvalue(-t, degrees), p);
            least = fmin(least, p);
        }
    }
    CU_ASSERT(lines > 1000);
    CU_ASSERT(least < 1.1e-300);
}

/* Where the distribution has a formula. */
static void test_formulas(void)
{
    for (double t = 1e-6; t < 1e7; t *= 3) {
        CU_ASSERT(is_near(ttest_pvalue(t, 1), 2 / acos(-1) * atan(1 / t)));
        CU_ASSERT(is_near(ttest_pvalue(t, 2), 2 / (t * t + 2 + t * sqrt(t * t + 2))));
    }
    for (double a = 0.5; a < 1000; a *= 2) {
        CU_ASSERT(is_near(stats_beta(a, 1, 0.3, 0.7), pow(0.3, a)));
        CU_ASSERT(is_near(stats_beta(a, a, 0.5, 0.5), 0.5));
        CU_ASSERT(is_near(stats_beta(a, 3, 0.9, 0.1) + stats_beta(3, a, 0.1, 0.9), 1));
    }
}

static void test_ends(void)
{
    CU_ASSERT_EQUAL(ttest_pvalue(0, 5), 1);
    CU_ASSERT_EQUAL(ttest_pvalue(INFINITY, 5), 0);
    CU_ASSERT_EQUAL(ttest_pvalue(-1e200, 1), 0);
    CU_ASSERT(isnan(ttest_pvalue(NAN, 5)));
    CU_ASSERT_EQUAL(ttest_pvalue(1e5, 1e6), 0); /* too small for a double */
    CU_ASSERT_EQUAL(stats_beta(2, 3, 0, 1), 0);
    CU_ASSERT_EQUAL(stats_beta(2, 3, 1, 0), 1);
}

/* Sides that do not vary, and sides of one value. */
static void test_constant(void)
{
    const ttest_side_t five = {3, 5, 0}, also = {8, 5, 0}, six = {2, 6, 0}, varies = {3, 5, 1};
    const ttest_side_t one = {1, 7, 99}, small = {3, 5e-200, 1e-320}, smaller = {3, 4e-200, 1e-320};

    CU_ASSERT_EQUAL(ttest_welch(&five, &also), 1);
    CU_ASSERT_EQUAL(ttest_welch(&five, &six), 0);
    CU_ASSERT_EQUAL(ttest_student(&five, &six), 0);
    CU_ASSERT(isnan(ttest_student(&five, &also)));
    CU_ASSERT(isnan(ttest_student(&one, &one)));
    CU_ASSERT(is_near(ttest_student(&varies, &one), 0.2254033307585166));
    CU_ASSERT(ttest_welch(&varies, &six) > 0 && ttest_welch(&varies, &six) < 1);
    CU_ASSERT(ttest_welch(&small, &smaller) > 0 && ttest_welch(&small, &smaller) <= 1);
}

static void test_adjusted(void)
{
    static const double p[] = {0.04, 0.01, 0.03, 0.9, 0};
    double adjusted[5];
    const double *order[5];

    stats_adjust(p, 5, adjusted, order);
    CU_ASSERT(is_near(adjusted[0], 0.05));
    CU_ASSERT(is_near(adjusted[1], 0.025));
    CU_ASSERT(is_near(adjusted[2], 0.05));
    CU_ASSERT(is_near(adjusted[3], 0.9));
    CU_ASSERT_EQUAL(adjusted[4], 0);
    stats_adjust(p, 0, adjusted, order);
    CU_ASSERT_EQUAL(adjusted[4], 0);
}

static void test_spread(void)
{
    double x[1000];

    for (int i = 0; i < 1000; i++)
        x[i] = i;
    for (int n = 1; n <= 1000; n++) {
        double mean = (n - 1) / 2.0;

        CU_ASSERT_EQUAL(stats_mean(x, n), mean);
        CU_ASSERT(is_near(stats_squares(x, n, mean), (double)n * ((double)n * n - 1) / 12));
    }
}

SUITE(ttest) = {
    {"SciPy's", test_scipy},     {"formulas", test_formulas},
    {"ends", test_ends},         {"constant sides", test_constant},
    {"adjusted", test_adjusted}, {"spread", test_spread},
    CU_TEST_INFO_NULL,
};
