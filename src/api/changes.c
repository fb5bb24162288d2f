/*
 * changes.c - owns POST metrics/changes: since when a metric is another one.
 *
 * All is read with one statement, computed without a connection, then written. Computing ends where
 * a statement would: when the client has left, or at the statement timeout.
 */
#include "../stats/changes.h"
#include "../core/clock.h"
#include "run_points.h"
#include "verdict.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* Most change points of an answer: more is not what anybody looks at. */
#define MAX_CHANGES 50000

/* The client is looked for as often as this: looking takes as long as a small window. */
#define LOOK_EVERY apr_time_from_msec(10)

typedef struct found_t {
    int row, field, points;
    const change_t *changes;
    int n;
} found_t;

typedef struct changes_request_t {
    wfm_request_t *rq;
    api_run_points_t points;
    const wfm_direction_e *directions; /* of the fields */
    api_run_point_t *at;               /* of one series at a time */
    double *x;                         /* their values */
    changes_t *room;
    changes_options_t options;
    apr_array_header_t *found; /* of found_t, a series each */
    int total;                 /* change points */
    apr_time_t deadline, look; /* of wfm_clock_now(), 0: none, at once */
    int gone;
} changes_request_t;

/* ---- computing ---- */

static int stop(void *ctx)
{
    changes_request_t *c = ctx;
    apr_time_t now = wfm_clock_now();

    if (c->deadline && now >= c->deadline)
        return 1;
    if (now < c->look)
        return 0;
    c->look = now + LOOK_EVERY;
    c->gone = c->rq->db.is_gone && c->rq->db.is_gone(c->rq->db.ctx);
    return c->gone;
}

static wfm_error_t *stopped(const changes_request_t *c)
{
    if (c->gone)
        return wfm_error_make(c->rq->pool, WFM_CLIENT_GONE, "the client left");
    return wfm_error_make(c->rq->pool, WFM_TIMEOUT,
                          "the change points took too long to compute: narrow the time range, or "
                          "choose fewer groups or a smaller window_len");
}

static int read_series(changes_request_t *c, int row, int field)
{
    int n = api_run_points_of(&c->points, row, field, c->at);

    for (int i = 0; i < n; i++)
        c->x[i] = strtod(c->at[i].value, NULL);
    return n;
}

/* A series with a value that is too large to compute with has no change points. */
static wfm_error_t *compute_series(changes_request_t *c, int row, int field)
{
    found_t f = {row, field, read_series(c, row, field), NULL, 0};

    if (!f.points)
        return NULL;
    if (changes_find(c->room, &c->options, c->x, f.points) == CHANGES_STOPPED)
        return stopped(c);
    if ((f.n = c->room->n)) {
        f.changes =
            apr_pmemdup(c->rq->pool, c->room->found, (apr_size_t)f.n * sizeof *c->room->found);
        c->total += f.n;
    }
    APR_ARRAY_PUSH(c->found, found_t) = f;
    if (c->total > MAX_CHANGES)
        return wfm_error_make(c->rq->pool, WFM_BAD_REQUEST,
                              "the answer would have more than %d changes: narrow the time range, "
                              "or choose fewer groups or a smaller max_pvalue",
                              MAX_CHANGES);
    return NULL;
}

static wfm_error_t *compute(changes_request_t *c)
{
    wfm_request_t *rq = c->rq;
    int end = api_run_points_end(&c->points), runs = c->points.runs;

    c->at = apr_palloc(rq->pool, ((apr_size_t)runs + 1) * sizeof *c->at);
    c->x = apr_palloc(rq->pool, ((apr_size_t)runs + 1) * sizeof *c->x);
    c->room = changes_make(rq->pool, c->options.window_len, runs);
    c->found = apr_array_make(
        rq->pool, (end - c->points.series) * c->points.chart.fields->nelts + 1, sizeof(found_t));
    if (rq->statement_timeout)
        c->deadline = wfm_clock_now() + apr_time_from_msec(rq->statement_timeout);
    for (int field = 0; field < c->points.chart.fields->nelts; field++)
        for (int row = c->points.series; row < end; row++)
            WFM_TRY(compute_series(c, row, field));
    return NULL;
}

/* ---- the answer ---- */

static void write_number(wfm_json_t *j, const char *key, double v)
{
    wfm_json_key(j, key);
    api_double(j, v);
}

static void write_change(const changes_request_t *c, wfm_json_t *j, const change_t *change,
                         wfm_direction_e direction)
{
    wfm_json_object(j);
    wfm_json_key(j, "index");
    wfm_json_int64(j, change->index);
    api_run_points_run(&c->points, j, c->at[change->index].run);
    api_run_points_previous(&c->points, j, c->at[change->index - 1].run);
    write_number(j, "mean_before", change->mean_before);
    write_number(j, "mean_after", change->mean_after);
    write_number(j, "stddev_before", change->stddev_before);
    write_number(j, "stddev_after", change->stddev_after);
    write_number(j, "change_percent", api_change_percent(change->mean_before, change->mean_after));
    write_number(j, "pvalue", change->pvalue);
    wfm_json_key(j, "direction");
    wfm_json_string(j, api_direction_word(direction));
    wfm_json_key(j, "verdict");
    wfm_json_string(j, api_change_verdict(direction, change->mean_before, change->mean_after));
    wfm_json_object_end(j);
}

static void write_points(const changes_request_t *c, wfm_json_t *j, int n)
{
    wfm_json_key(j, "points");
    wfm_json_array(j);
    for (int i = 0; i < n && j->out->status == APR_SUCCESS; i++) {
        wfm_json_object(j);
        api_run_points_run(&c->points, j, c->at[i].run);
        wfm_json_key(j, "value");
        wfm_json_raw(j, c->at[i].value, c->at[i].len);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
}

static void write_series(changes_request_t *c, wfm_json_t *j, const found_t *f, int with_points)
{
    const api_chart_t *chart = &c->points.chart;
    const char *field = APR_ARRAY_IDX(chart->fields, f->field, const char *);

    read_series(c, f->row, f->field);
    wfm_json_object(j);
    wfm_json_key(j, "name");
    wfm_json_text(j);
    api_chart_add_name(chart, j, field, c->points.r, f->row, API_RUN_POINTS_GROUPS);
    wfm_json_text_end(j);
    wfm_json_key(j, "field");
    wfm_json_string(j, field);
    api_chart_dimensions(chart, j, c->points.r, f->row, API_RUN_POINTS_GROUPS);
    wfm_json_key(j, "n");
    wfm_json_int64(j, f->points);
    wfm_json_key(j, "changes");
    wfm_json_array(j);
    for (int i = 0; i < f->n; i++)
        write_change(c, j, f->changes + i, c->directions[f->field]);
    wfm_json_array_end(j);
    if (with_points)
        write_points(c, j, f->points);
    wfm_json_object_end(j);
}

static void write_answer(changes_request_t *c)
{
    int with_points = wfm_args_int(&c->rq->body, "points") != 0;
    wfm_json_t j;

    api_begin(c->rq, &j);
    wfm_json_key(&j, "series");
    wfm_json_array(&j);
    for (int i = 0; i < c->found->nelts && j.out->status == APR_SUCCESS; i++)
        write_series(c, &j, &APR_ARRAY_IDX(c->found, i, found_t), with_points);
    wfm_json_array_end(&j);
    wfm_json_key(&j, "window_len");
    wfm_json_int64(&j, c->options.window_len);
    write_number(&j, "max_pvalue", c->options.max_pvalue);
    write_number(&j, "min_change", wfm_args_number(&c->rq->body, "min_change"));
    api_end(&j);
}

wfm_error_t *api_metrics_changes(wfm_request_t *rq)
{
    const apr_array_header_t *groups = wfm_args_get(&rq->body, "group_by")->names;
    changes_request_t c = {.rq = rq};
    const char *fields;
    apr_size_t len;

    c.points.chart = (api_chart_t){
        .rq = rq,
        .fields = wfm_args_get(&rq->body, "metric_fields")->names,
        .groups = groups ? groups : apr_array_make(rq->pool, 1, sizeof(const char *)),
    };
    c.points.head_branch = api_bind_filled(rq, "head_branch");
    c.options = (changes_options_t){
        .window_len = (int)wfm_args_int(&rq->body, "window_len"),
        .max_pvalue = wfm_args_number(&rq->body, "max_pvalue"),
        .min_magnitude = wfm_args_number(&rq->body, "min_change") / 100,
        .stop = stop,
        .ctx = &c,
    };
    WFM_TRY(api_selection_of(rq, &c.points.chart.selection));
    WFM_TRY(api_run_points_read(&c.points));
    fields = api_run_points_fields(&c.points, &len);
    c.directions = api_directions_of(rq->pool, c.points.chart.fields, fields, len);
    WFM_TRY(compute(&c));
    write_answer(&c);
    return NULL;
}
