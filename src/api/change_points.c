/*
 * change_points.c - owns the computing of change points for a request, and how one is written.
 */
#include "change_points.h"
#include <stdlib.h>

/* Most change points of an answer: more is not what anybody looks at. */
#define MAX_CHANGES 50000

/* ---- computing ---- */

int api_change_points_series(api_change_points_t *c, int row, int field)
{
    int n = api_run_points_of(&c->points, row, field, c->at);

    for (int i = 0; i < n; i++)
        c->x[i] = strtod(c->at[i].value, NULL);
    return n;
}

/* A series with a value that is too large to compute with has no change points. */
static wfm_error_t *compute_series(api_change_points_t *c, int row, int field, api_series_fn each,
                                   void *ctx)
{
    int n = api_change_points_series(c, row, field);

    if (!n)
        return NULL;
    if (changes_find(c->room, &c->options, c->x, n) == CHANGES_STOPPED)
        return api_computing_stopped(&c->computing, c->narrow);
    each(ctx, row, field, n);
    if (c->kept > MAX_CHANGES)
        return wfm_error_make(c->points.chart.rq->pool, WFM_BAD_REQUEST,
                              "the answer would have more than %d changes: %s", MAX_CHANGES,
                              c->narrow);
    return NULL;
}

static void make_room(api_change_points_t *c)
{
    wfm_request_t *rq = c->points.chart.rq;
    apr_size_t runs = (apr_size_t)c->points.runs + 1, len;
    const char *fields = api_run_points_fields(&c->points, &len);

    c->directions = api_directions_of(rq->pool, c->points.chart.fields, fields, len);
    c->at = apr_palloc(rq->pool, runs * sizeof *c->at);
    c->x = apr_palloc(rq->pool, runs * sizeof *c->x);
    c->room = changes_make(rq->pool, c->options.window_len, c->points.runs);
}

wfm_error_t *api_change_points_find(api_change_points_t *c, api_series_fn each, void *ctx)
{
    int end = api_run_points_end(&c->points);

    make_room(c);
    api_computing_begin(&c->computing, c->points.chart.rq);
    c->options.stop = api_computing_stop;
    c->options.ctx = &c->computing;
    for (int field = 0; field < c->points.chart.fields->nelts; field++)
        for (int row = c->points.series; row < end; row++)
            WFM_TRY(compute_series(c, row, field, each, ctx));
    return NULL;
}

/* ---- writing ---- */

void api_change_points_name(const api_change_points_t *c, wfm_json_t *j, int row, int field)
{
    const api_chart_t *chart = &c->points.chart;
    const char *name = APR_ARRAY_IDX(chart->fields, field, const char *);

    wfm_json_name(j, "name");
    wfm_json_text(j);
    api_chart_add_name(chart, j, name, c->points.r, row, API_RUN_POINTS_GROUPS);
    wfm_json_text_end(j);
    wfm_json_name(j, "field");
    wfm_json_string(j, name);
    api_chart_dimensions(chart, j, c->points.r, row, API_RUN_POINTS_GROUPS);
}

void api_change_points_change(const api_change_points_t *c, wfm_json_t *j, const change_t *change,
                              int field, int run, int previous)
{
    wfm_direction_e direction = c->directions[field];

    api_run_points_run(&c->points, j, run);
    api_run_points_previous(&c->points, j, previous);
    api_double(j, "mean_before", change->mean_before);
    api_double(j, "mean_after", change->mean_after);
    api_double(j, "stddev_before", change->stddev_before);
    api_double(j, "stddev_after", change->stddev_after);
    api_double(j, "change_percent", api_change_percent(change->mean_before, change->mean_after));
    api_double(j, "pvalue", change->pvalue);
    wfm_json_name(j, "direction");
    wfm_json_string(j, api_direction_word(direction));
    wfm_json_name(j, "verdict");
    wfm_json_string(j, api_change_verdict(direction, change->mean_before, change->mean_after));
}
