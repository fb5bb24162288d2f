/*
 * change_points.h - the change points of series of one point a run: how they are computed, and how
 * one is written.
 *
 * Computing holds no connection. It ends where a statement would: when the client has left, or at
 * the statement timeout.
 */
#ifndef WFM_API_CHANGE_POINTS_H
#define WFM_API_CHANGE_POINTS_H

#include "../stats/changes.h"
#include "computing.h"
#include "run_points.h"
#include "verdict.h"

/** What counts as a change where the client does not say. */
#define API_WINDOW_LEN 50
#define API_MAX_PVALUE 0.001

typedef struct api_change_points_t {
    api_run_points_t points;   /**< the caller's, and read */
    changes_options_t options; /**< window_len, max_pvalue and min_magnitude are the caller's */
    const char *narrow;        /**< what a client does who asked for too much: "narrow the …" */
    int kept;                  /**< changes that the caller keeps; it counts them */
    /* Set by api_change_points_find. */
    const wfm_direction_e *directions; /**< of the fields */
    api_run_point_t *at;               /**< the points of the series at hand */
    double *x;                         /**< their values */
    changes_t *room;                   /**< its change points */
    api_computing_t computing;
} api_change_points_t;

/** A series with at least one point: how many it has; its change points are in c->room. */
typedef void (*api_series_fn)(void *ctx, int row, int field, int points);

/** Compute all series, field by field. 400 where the caller keeps too many changes. */
wfm_error_t *api_change_points_find(api_change_points_t *c, api_series_fn each, void *ctx);

/** Make a series the one at hand (c->at, c->x). @return how many points it has */
int api_change_points_series(api_change_points_t *c, int row, int field);

/** Write "name", "field" and "dimensions" of a series. */
void api_change_points_name(const api_change_points_t *c, wfm_json_t *j, int row, int field);

/** Write what a change of a field is, from "timestamp" to "verdict".
 * @param run, previous that of its first point, and of the one before */
void api_change_points_change(const api_change_points_t *c, wfm_json_t *j, const change_t *change,
                              int field, int run, int previous);

#endif
