/*
 * series.h - numbers over time: series of points, aligned on the instants that any of them has.
 *
 * The folder src/stats is pure C, numbers in and numbers out: it knows no request, no SQL, no JSON.
 * A series is a run of points that stand in a row, in the order of time. What a point's value is
 * the caller knows, by the point's number: here it may have as many digits as it likes.
 */
#ifndef WFM_STATS_SERIES_H
#define WFM_STATS_SERIES_H

#include "../core/time.h"
#include <apr_pools.h>

/** Points of several series, one series behind the other; behind them instants without a point. */
typedef struct series_points_t {
    wfm_time_t *at;     /**< the instant of each point, and those without one */
    int n;              /**< points */
    wfm_time_t *stamps; /**< every distinct instant, ascending */
    int nstamps;
} series_points_t;

/** A series: its points are numbered first to last; there is at least one. */
typedef struct series_t {
    const series_points_t *points;
    int first, last;
} series_t;

/** Have room for so many instants. @return 0: no memory */
int series_points_init(series_points_t *p, apr_pool_t *pool, int instants);

/** Find the distinct instants, once all of so many are there. */
void series_points_sort(series_points_t *p, int instants);

/**
 * The point of a series at a stamp; stamps are asked for one after the other, from the first on.
 * @param next what it begins with is the series' first; kept between calls
 * @return -1: there is none
 */
static inline int series_at(const series_t *s, int stamp, int *next)
{
    if (*next > s->last || s->points->at[*next] != s->points->stamps[stamp])
        return -1;
    return (*next)++;
}

#endif
