/*
 * run_points.h - series of one point a run: the mean of the run's rows, in the order of time.
 *
 * A run's time is that of its first row among those selected; runs of one instant are in the order
 * of their ids. The runs are listed once, series name them by number.
 */
#ifndef WFM_API_RUN_POINTS_H
#define WFM_API_RUN_POINTS_H

#include "chart.h"

typedef struct api_run_points_t {
    api_chart_t chart;       /**< fields, groups and selection are the caller's */
    const char *head_branch; /**< of runs of that branch only; NULL: of all */
    const char *narrow;      /**< what a client does who asked for too much: "narrow the …" */
    /* Set by api_run_points_read. */
    const wfm_result_t *r;
    struct api_run_number_t *numbers; /**< of the runs, by their ids */
    int runs;                         /**< how many there are, numbered from 1 on in their order */
    int series;                       /**< the row of the first series */
} api_run_points_t;

/** A point. */
typedef struct api_run_point_t {
    int run;
    const char *value; /**< a number's text, not NUL-terminated */
    apr_size_t len;
} api_run_point_t;

/** Read all; 400 for what is too much. That there are no runs may be because there is no config. */
wfm_error_t *api_run_points_read(api_run_points_t *p);

/** The schema's fields, of which its active one's where the request names none; NULL: none. */
const char *api_run_points_fields(const api_run_points_t *p, apr_size_t *len);

/** One past the last series' row. */
int api_run_points_end(const api_run_points_t *p);

/** The points of a field in a series' row. @param points room for all runs @return how many */
int api_run_points_of(const api_run_points_t *p, int row, int field, api_run_point_t *points);

/** A run's instant. @return 0: never, there is no other */
int api_run_points_instant(const api_run_points_t *p, int run, wfm_time_t *t);

/** The same as PostgreSQL writes it, and the run's id. */
const char *api_run_points_instant_text(const api_run_points_t *p, int run);
apr_int64_t api_run_points_id(const api_run_points_t *p, int run);

/** Write "timestamp":…,"run_id":…,"head_sha":… of a run. */
void api_run_points_run(const api_run_points_t *p, wfm_json_t *j, int run);

/** Write "previous_run_id":…,"previous_head_sha":… of one. */
void api_run_points_previous(const api_run_points_t *p, wfm_json_t *j, int run);

/** The first run that is not before an instant; one past the last: all are. */
int api_run_points_since(const api_run_points_t *p, wfm_time_t t);

/** The run of an id; 0: there is none. */
int api_run_points_number(const api_run_points_t *p, apr_int64_t id);

/** A value of a series' groups; NULL: it lacks the dimension. */
const char *api_run_points_value(const api_run_points_t *p, int row, int group);

/** A digest of texts, one after the other, of which each may be NULL: that of those before, and the
 * next one. */
apr_uint64_t api_run_points_mix(apr_uint64_t digest, const char *text);

/** The digest (from 0 on) of a series' values, of all its groups. */
apr_uint64_t api_run_points_series(const api_run_points_t *p, int row);

/** The column of a series' first group. */
#define API_RUN_POINTS_GROUPS 4

#endif
