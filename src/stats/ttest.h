/*
 * ttest.h - owns the t tests: may two sets of values have the same mean?
 *
 * A p-value is the probability of a difference of the means that is at least as large as the one
 * seen, if values are drawn from normal distributions of one mean.
 */
#ifndef WFM_STATS_TTEST_H
#define WFM_STATS_TTEST_H

/** A set of values. */
typedef struct ttest_side_t {
    int n; /**< how many, at least 1 */
    double mean;
    double variance; /**< in the values' unit, squared */
} ttest_side_t;

/** P(|T| >= |t|) for Student's distribution with so many degrees of freedom (above 0); |t| above
 * 1e150 counts as infinite. @return in [0, 1]; NaN where t is */
double ttest_pvalue(double t, double degrees);

/**
 * Student's test, two-sided, with pooled variance (Student, "The probable error of a mean", 1908):
 * what scipy.stats.ttest_ind_from_stats says of two means, variances and numbers of values.
 * @return the p-value. 0: neither side varies, and their means are not the same; NaN: they are. A
 * side of one value has no variance of its own, whatever it says. NaN for two sides of one value.
 */
double ttest_student(const ttest_side_t *a, const ttest_side_t *b);

/**
 * Welch's test, two-sided, which lets the variances differ (B. L. Welch, "The generalization of
 * Student's problem when several different population variances are involved", 1947).
 * @param a,b at least two values each, with the samples' variances (divided by n - 1)
 * @return the p-value; where neither side varies 1 if their means are the same, else 0
 */
double ttest_welch(const ttest_side_t *a, const ttest_side_t *b);

#endif
