/*
 * changes.h - owns since when a series is another one: its change points.
 *
 * The algorithm is that of M. Fleming et al., "Hunter: using change point detection to hunt for
 * performance regressions" (ICPE 2023): E-divisive in windows that overlap, with a t test for
 * significance, then merging. Its results are Apache Otava 0.8.0's (compute_change_points, given a
 * list): the same indices, and the p-values but for rounding.
 */
#ifndef WFM_STATS_CHANGES_H
#define WFM_STATS_CHANGES_H

#include "divisive.h"
#include <apr_pools.h>

/** What counts as a change. */
typedef struct changes_options_t {
    int window_len;       /**< values looked at together, at least 2 */
    double max_pvalue;    /**< in (0, 1] */
    double min_magnitude; /**< a relative change that is not above it is none: 0.05 is 5 % */
    /** Asked before each window, and before a change point is merged, whether the result is no
     * longer wanted; NULL: it is. */
    int (*stop)(void *ctx);
    void *ctx;
} changes_options_t;

/** A change point. Means and deviations (population's) are of the values between it and its
 * neighbours. The p-value is Otava's: where the neighbour behind went while merging, it is of the
 * values up to that one. */
typedef struct change_t {
    int index; /**< the first value that is different */
    double mean_before, mean_after, stddev_before, stddev_after;
    double pvalue; /**< of Student's test of the two */
} change_t;

/** Room to work in, for one series after the other. */
typedef struct changes_t {
    change_t *found; /**< the change points, in the order of the values */
    int n;
    int window_len, points; /**< at most so many */
    divisive_t window;
    struct changes_piece_t *pieces;
    int first, *before, *behind;        /**< while merging: what is left, as a list */
    int leaves, *least_sure, *smallest; /**< and as trees */
} changes_t;

typedef enum changes_status_t {
    CHANGES_FOUND,   /**< found[] and n say which; there may be none */
    CHANGES_REFUSED, /**< a value is no finite number, or further than DIVISIVE_MOST from 0 */
    CHANGES_STOPPED  /**< the result was no longer wanted */
} changes_status_t;

/** Room for series of at most so many values, windows of at most so many. It is all the memory that
 * is taken. */
changes_t *changes_make(apr_pool_t *pool, int window_len, int points);

/**
 * Find a series' change points. Fewer than three values have none.
 * O(window_len²) for each window and each change point in it; there are at most n / (window_len /
 * 2) windows.
 * @param o its window_len is at most the room's
 * @param n at most the room's
 */
changes_status_t changes_find(changes_t *c, const changes_options_t *o, const double *x, int n);

/** The larger one of the relative changes forward and backward; one from a mean of 0 counts as
 * none. */
double change_magnitude(const change_t *change);

#endif
