/*
 * trends.c - owns POST metrics/trends: averages of several metrics over time, aligned for a chart.
 *
 * Rows are ordered by group, then bucket: the bucket's start, the groups' texts (in a group's first
 * row only), average and count of each field, whether the row starts a group, and, where it is of
 * all configs of a repository, which one (first rows only): each is then a group of its own. A
 * group's rows are a run; its buckets ascend, as the shared list of timestamps does, so one walk
 * over that list aligns a series. Buckets that no series has, if they are wanted, come last, in no
 * group.
 */
#include "../core/time.h"
#include "../stats/series.h"
#include "chart.h"
#include <apr_strings.h>
#include <string.h>

/* Most values: series times timestamps. */
#define MAX_CELLS 1000000

/* ---- the statement ---- */

/* "a0, c0, a1, c1": average and count of each field, each after a comma. */
static void add_names(const api_chart_t *c, wfm_sql_t *q)
{
    for (int i = 0; i < c->fields->nelts; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, ", a%d, c%d", i, i));
}

static void add_averages(const api_chart_t *c, wfm_sql_t *q)
{
    for (int i = 0; i < c->fields->nelts; i++)
        wfm_sql_add(q, c->summed ? apr_psprintf(q->pool,
                                                ", trim_scale(sum(t) FILTER (WHERE f = %d) / sum(c)"
                                                " FILTER (WHERE f = %d)) AS a%d, coalesce(sum(c)"
                                                " FILTER (WHERE f = %d), 0) AS c%d",
                                                i + 1, i + 1, i, i + 1, i)
                                 : apr_psprintf(q->pool,
                                                ", trim_scale(avg(n%d)) AS a%d,"
                                                " count(n%d) AS c%d",
                                                i, i, i, i));
}

/* SELECT bucket, g0…, too_long, a0, c0…, starts: of each bucket and group of one config. */
static void add_found_of_config(api_chart_t *c, wfm_sql_t *q)
{
    api_chart_with(c, q);
    wfm_sql_add(q, " SELECT bucket");
    api_chart_groups(c, q);
    api_chart_too_long(c, q);
    add_averages(c, q);
    wfm_sql_add(q, ", row_number() OVER (PARTITION BY NULL::text");
    api_chart_groups(c, q);
    wfm_sql_add(q, " ORDER BY bucket) = 1 AS starts");
    api_chart_from(c, q);
}

/* The same, and of a repository also config_id, config_name behind it: of each of its configs. */
static void add_found(api_chart_t *c, wfm_sql_t *q)
{
    if (c->repo) {
        wfm_sql_add(q, "SELECT f.*, k.id AS config_id, k.name AS config_name FROM ");
        api_chart_configs(c, q);
        wfm_sql_add(q, " CROSS JOIN LATERAL (");
    }
    add_found_of_config(c, q);
    if (c->repo)
        wfm_sql_add(q, ") f");
}

/* FROM item m: what was found, and all buckets in between. WITH item found has been added. */
static void add_filled(api_chart_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, "(SELECT found.*, false AS filler FROM found UNION ALL SELECT k.bucket");
    for (int i = 0; i < c->groups->nelts; i++)
        wfm_sql_add(q, ", NULL");
    wfm_sql_add(q, ", false");
    for (int i = 0; i < c->fields->nelts; i++)
        wfm_sql_add(q, ", NULL, 0");
    wfm_sql_add(q, c->repo ? ", false, NULL, NULL, true FROM (" : ", false, true FROM (");
    api_buckets_between(q, &c->buckets, "found", API_CHART_ROWS + 1);
    wfm_sql_add(q, ") k WHERE k.bucket NOT IN (SELECT bucket FROM found)) m");
}

static wfm_error_t *chart_of(wfm_request_t *rq, api_chart_t *c)
{
    return api_chart_of(c, rq, wfm_args_get(&rq->body, "metric_fields")->names);
}

static wfm_error_t *build(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    int fill = wfm_args_int(&rq->body, "fill") != 0;
    api_chart_t c;

    WFM_TRY(chart_of(rq, &c));
    if (summed)
        api_chart_begin(&c, q);
    if (fill) {
        wfm_sql_add(q, "WITH found AS MATERIALIZED (");
        add_found(&c, q);
        api_chart_limit(q);
        wfm_sql_add(q, ")");
    }
    wfm_sql_add(q, " SELECT ");
    api_bucket_start(q, &c.buckets, "m.bucket");
    api_chart_texts(&c, q, "starts");
    add_names(&c, q);
    wfm_sql_add(q, fill ? ", CASE WHEN NOT filler THEN starts END" : ", starts");
    if (c.repo)
        wfm_sql_add(q, ", CASE WHEN starts THEN config_id END,"
                       " CASE WHEN starts THEN config_name END");
    wfm_sql_add(q, ", too_long FROM ");
    if (fill) {
        add_filled(&c, q);
    } else {
        wfm_sql_add(q, "(");
        add_found(&c, q);
        wfm_sql_add(q, ") m");
    }
    wfm_sql_add(q, fill ? " ORDER BY filler" : " ORDER BY NULL::text");
    if (c.repo)
        wfm_sql_add(q, ", config_id");
    api_chart_groups(&c, q);
    wfm_sql_add(q, ", bucket");
    api_chart_limit(q);
    return NULL;
}

/* ---- the answer ---- */

typedef struct trends_t {
    api_chart_t chart;
    const wfm_result_t *r;
    series_points_t
        points; /* the rows of groups; what comes after them is buckets without values */
} trends_t;

/* Columns of average and count of a field. */
static int column_of(const trends_t *t, int field)
{
    return 1 + t->chart.groups->nelts + 2 * field;
}

/* Of a repository: the id of the config that a series is of, and behind it the name. */
static int config_column(const trends_t *t)
{
    return column_of(t, t->chart.fields->nelts) + 1;
}

/* 1: the row starts a group, 0: it goes on with one, -1: it is of none. */
static int starts(const trends_t *t, int row)
{
    const char *text = wfm_result_get(t->r, row, column_of(t, t->chart.fields->nelts));

    return text ? *text == 't' : -1;
}

static wfm_error_t *find_points(trends_t *t)
{
    int all = wfm_result_rows(t->r);

    if (!series_points_init(&t->points, t->chart.rq->pool, all))
        return wfm_error_internal(t->chart.rq->pool, "no memory for the buckets of a chart");
    for (int row = 0; row < all; row++) {
        if (!wfm_time_parse_pg(wfm_result_get(t->r, row, 0), wfm_result_length(t->r, row, 0),
                               &t->points.at[row]))
            t->points.at[row] = 0; /* unreachable: every bucket is an instant of RFC 3339 */
        t->points.n += starts(t, row) >= 0;
    }
    series_points_sort(&t->points, all);
    return NULL;
}

/* The series whose first point is that row. */
static series_t series_of(const trends_t *t, int first)
{
    series_t s = {&t->points, first, first};

    while (s.last + 1 < t->points.n && !starts(t, s.last + 1))
        s.last++;
    return s;
}

static apr_int64_t count_cells(const trends_t *t)
{
    int groups = 0;

    for (int row = 0; row < t->points.n; row++)
        groups += starts(t, row);
    return (apr_int64_t)groups * t->chart.fields->nelts * t->points.nstamps;
}

/* A column of a series, one value for every stamp. */
static void write_column(const trends_t *t, wfm_json_t *j, const series_t *s, int column,
                         const char *missing)
{
    int next = s->first;

    wfm_json_array(j);
    for (int i = 0; i < t->points.nstamps; i++) {
        int row = series_at(s, i, &next);
        const char *text = row >= 0 ? wfm_result_get(t->r, row, column) : NULL;

        wfm_json_raw(j, text ? text : missing, strlen(text ? text : missing));
    }
    wfm_json_array_end(j);
}

/* The series' name; of a repository "CONFIG: throughput …". */
static void write_name(const trends_t *t, wfm_json_t *j, const char *field, int row)
{
    int config = config_column(t) + 1;

    wfm_json_text(j);
    if (t->chart.repo) {
        wfm_json_text_add(j, wfm_result_get(t->r, row, config),
                          wfm_result_length(t->r, row, config));
        wfm_json_text_add(j, ": ", 2);
    }
    api_chart_add_name(&t->chart, j, field, t->r, row, 1);
    wfm_json_text_end(j);
}

static int has_values(const trends_t *t, const series_t *s, int column)
{
    for (int row = s->first; row <= s->last; row++)
        if (wfm_result_get(t->r, row, column))
            return 1;
    return 0;
}

static void write_config(const trends_t *t, wfm_json_t *j, int row)
{
    int column = config_column(t);

    wfm_json_name(j, "config_id");
    api_value(j, API_INT, wfm_result_get(t->r, row, column), wfm_result_length(t->r, row, column));
    column++;
    wfm_json_name(j, "config_name");
    api_value(j, API_TEXT, wfm_result_get(t->r, row, column), wfm_result_length(t->r, row, column));
}

static void write_series(const trends_t *t, wfm_json_t *j, int field, const series_t *s)
{
    const char *name = APR_ARRAY_IDX(t->chart.fields, field, const char *);
    int column = column_of(t, field);

    if (!has_values(t, s, column))
        return;
    wfm_json_object(j);
    wfm_json_name(j, "name");
    write_name(t, j, name, s->first);
    wfm_json_name(j, "field");
    wfm_json_string(j, name);
    if (t->chart.repo)
        write_config(t, j, s->first);
    api_chart_dimensions(&t->chart, j, t->r, s->first, 1);
    wfm_json_name(j, "values");
    write_column(t, j, s, column, "null");
    wfm_json_name(j, "counts");
    write_column(t, j, s, column + 1, "0");
    wfm_json_object_end(j);
}

static void write_all_series(const trends_t *t, wfm_json_t *j)
{
    wfm_json_name(j, "series");
    wfm_json_array(j);
    for (int field = 0; field < t->chart.fields->nelts; field++) {
        for (int first = 0; first < t->points.n && j->out->status == APR_SUCCESS;) {
            series_t s = series_of(t, first);

            write_series(t, j, field, &s);
            first = s.last + 1;
        }
    }
    wfm_json_array_end(j);
}

static void write_stamps(const trends_t *t, wfm_json_t *j)
{
    char text[WFM_TIME_TEXT];

    wfm_json_name(j, "timestamps");
    wfm_json_array(j);
    for (int i = 0; i < t->points.nstamps; i++)
        wfm_json_string_n(j, text, wfm_time_format(t->points.stamps[i], text));
    wfm_json_array_end(j);
}

wfm_error_t *api_metrics_trends(wfm_request_t *rq)
{
    trends_t t = {0};
    wfm_result_t *r;
    wfm_json_t j;

    WFM_TRY(chart_of(rq, &t.chart));
    WFM_TRY(api_chart_run(rq, build, &r));
    t.r = r;
    WFM_TRY(find_points(&t));
    if (count_cells(&t) > MAX_CELLS)
        return api_chart_too_much(rq, MAX_CELLS, "values");
    api_begin(rq, &j);
    write_stamps(&t, &j);
    write_all_series(&t, &j);
    wfm_json_name(&j, "interval");
    wfm_json_string(&j, wfm_args_text(&rq->body, "interval"));
    api_end(&j);
    return NULL;
}
