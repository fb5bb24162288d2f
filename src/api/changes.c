/*
 * changes.c - owns POST metrics/changes: since when a metric is another one.
 *
 * All is read with one statement, computed without a connection, then written.
 */
#include "change_points.h"
#include <apr_strings.h>

typedef struct found_t {
    int row, field, points;
    const change_t *changes;
    int n;
} found_t;

typedef struct changes_request_t {
    wfm_request_t *rq;
    api_change_points_t c;
    apr_array_header_t *found; /* of found_t, a series each */
} changes_request_t;

static void keep(void *ctx, int row, int field, int points)
{
    changes_request_t *r = ctx;
    const changes_t *room = r->c.room;
    found_t f = {row, field, points, NULL, room->n};

    if (f.n)
        f.changes = apr_pmemdup(r->rq->pool, room->found, (apr_size_t)f.n * sizeof *room->found);
    r->c.kept += f.n;
    APR_ARRAY_PUSH(r->found, found_t) = f;
}

/* ---- the answer ---- */

static void write_points(const changes_request_t *r, wfm_json_t *j, int n)
{
    const api_change_points_t *c = &r->c;

    wfm_json_name(j, "points");
    wfm_json_array(j);
    for (int i = 0; i < n && j->out->status == APR_SUCCESS; i++) {
        wfm_json_object(j);
        api_run_points_run(&c->points, j, c->at[i].run);
        wfm_json_name(j, "value");
        wfm_json_raw(j, c->at[i].value, c->at[i].len);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
}

static void write_series(changes_request_t *r, wfm_json_t *j, const found_t *f, int with_points)
{
    api_change_points_t *c = &r->c;

    api_change_points_series(c, f->row, f->field);
    wfm_json_object(j);
    api_change_points_name(c, j, f->row, f->field);
    wfm_json_name(j, "n");
    wfm_json_int64(j, f->points);
    wfm_json_name(j, "changes");
    wfm_json_array(j);
    for (int i = 0; i < f->n; i++) {
        int index = f->changes[i].index;

        wfm_json_object(j);
        wfm_json_name(j, "index");
        wfm_json_int64(j, index);
        api_change_points_change(c, j, f->changes + i, f->field, c->at[index].run,
                                 c->at[index - 1].run);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
    if (with_points)
        write_points(r, j, f->points);
    wfm_json_object_end(j);
}

static void write_answer(changes_request_t *r)
{
    const wfm_args_t *body = &r->rq->body;
    int with_points = wfm_args_int(body, "points") != 0;
    wfm_json_t j;

    api_begin(r->rq, &j);
    wfm_json_name(&j, "series");
    wfm_json_array(&j);
    for (int i = 0; i < r->found->nelts && j.out->status == APR_SUCCESS; i++)
        write_series(r, &j, &APR_ARRAY_IDX(r->found, i, found_t), with_points);
    wfm_json_array_end(&j);
    wfm_json_name(&j, "window_len");
    wfm_json_int64(&j, r->c.options.window_len);
    api_double(&j, "max_pvalue", r->c.options.max_pvalue);
    api_double(&j, "min_change", wfm_args_number(body, "min_change"));
    api_end(&j);
}

static void read_options(wfm_request_t *rq, api_change_points_t *c)
{
    const apr_array_header_t *groups = wfm_args_get(&rq->body, "group_by")->names;

    c->points.chart = (api_chart_t){
        .rq = rq,
        .fields = wfm_args_get(&rq->body, "metric_fields")->names,
        .groups = groups ? groups : apr_array_make(rq->pool, 1, sizeof(const char *)),
    };
    c->points.head_branch = api_bind_filled(rq, "head_branch");
    c->points.narrow = "narrow the time range, or choose fewer groups or fields";
    c->narrow = "narrow the time range, or choose fewer groups, a smaller window_len or max_pvalue";
    c->options = (changes_options_t){
        .window_len = (int)wfm_args_int(&rq->body, "window_len"),
        .max_pvalue = wfm_args_number(&rq->body, "max_pvalue"),
        .min_magnitude = wfm_args_number(&rq->body, "min_change") / 100,
    };
}

wfm_error_t *api_metrics_changes(wfm_request_t *rq)
{
    changes_request_t r = {.rq = rq};
    api_run_points_t *points = &r.c.points;

    read_options(rq, &r.c);
    WFM_TRY(api_selection_of(rq, &points->chart.selection));
    WFM_TRY(api_run_points_read(points));
    if (!points->runs)
        WFM_TRY(api_require_config(rq));
    r.found = apr_array_make(
        rq->pool, (api_run_points_end(points) - points->series) * points->chart.fields->nelts + 1,
        sizeof(found_t));
    WFM_TRY(api_change_points_find(&r.c, keep, &r));
    write_answer(&r);
    return NULL;
}
