/*
 * divisive.h - owns where a stretch of values divides best into two that differ: E-divisive.
 *
 * The measure is that of D. Matteson and N. James, "A nonparametric approach for multiple change
 * point analysis of multivariate data" (J. Amer. Statist. Assoc. 109, 2014), with α = 1.
 */
#ifndef WFM_STATS_DIVISIVE_H
#define WFM_STATS_DIVISIVE_H

/** A window of values, and the room to look at its stretches in. */
typedef struct divisive_t {
    const double *x; /**< the window's values, finite and at most DIVISIVE_MOST from 0 */
    int n;           /**< how many */
    /** n numbers each, the caller's */
    double *before; /**< of each value but the first: its distances to those before it */
    double *sums;   /**< within a stretch: the distances among its first values */
    double *after;  /**< of each value: its distances to those behind it, as far as the second part
                       goes */
    double *second; /**< the distances within the second part */
} divisive_t;

/** Beyond it sums of squares could overflow. */
#define DIVISIVE_MOST 1e140

/** Where a stretch divides: the first value behind it, numbered in the window, and how good that
 * is. */
typedef struct division_t {
    int at;
    double q;
} division_t;

/** Look at a window. x, n and the room are there. */
void divisive_open(divisive_t *d);

/**
 * The best division of the values start to end - 1 (at least two): over all second parts that begin
 * behind the first one and end at any value. Of equally good ones the first, then that with the
 * shortest second part. O((end - start)²).
 */
division_t divisive_best(divisive_t *d, int start, int end);

#endif
