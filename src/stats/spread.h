/*
 * spread.h - owns mean and spread of values.
 */
#ifndef WFM_STATS_SPREAD_H
#define WFM_STATS_SPREAD_H

/** The mean of n > 0 values; summed in pairs, as NumPy sums, whose last digits it has. */
double stats_mean(const double *x, int n);

/** The sum of squared deviations from a mean; summed the same way. */
double stats_squares(const double *x, int n, double mean);

#endif
