/*
 * compare_values.c - owns the values of a comparison: the SQL that makes them, and their figures.
 *
 * The result has a row for each group of a side, with an array of values for each field: the runs'
 * means, or where the side is one run its rows. They come in any order; figures are made of them in
 * ascending order, so that the same values have the same figures to the last digit.
 */
#include "../core/pages.h"
#include "../stats/spread.h"
#include "compare.h"
#include <apr_strings.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Most rows and bytes of the result, most series, and most values of a side of one: with what it
 * takes to look at them a comparison must stay below 32 MB. */
#define MAX_ROWS   75000
#define MAX_SERIES 100000
#define MAX_MIB    12
#define MAX_VALUES 250000

const char *const api_compare_units[] = {"run", "row", NULL};

const char *api_compare_unit(const compare_side_t *side)
{
    return api_compare_units[side->runs == 1];
}

/* ---- the statement ---- */

/* @param format of a number, perhaps twice */
static void add_numbered(wfm_sql_t *q, const char *format, int n)
{
    for (int i = 0; i < n; i++)
        wfm_sql_add(q, apr_psprintf(q->pool, format, i, i));
}

/*
 * A side's rows, with groups g0 …, what the metrics are, v0 …, and of what a value is the mean: the
 * run, or the row alone. || with nothing: an object that is stored compressed is taken out once,
 * and not for each of its members.
 */
static void add_rows(const compare_t *c, const compare_side_t *side, wfm_sql_t *q)
{
    wfm_sql_texts(q, "SELECT ", side == c->sides ? "0" : "1", " AS side, ",
                  side->runs == 1 ? "m.id" : "m.run_id", " AS one");
    for (int i = 0; i < c->chart.groups->nelts; i++) {
        wfm_sql_add(q, ", (m.dimensions ->> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(c->chart.groups, i, const char *), "text");
        wfm_sql_add(q, apr_psprintf(q->pool, ") COLLATE \"C\" AS g%d", i));
    }
    for (int i = 0; i < c->chart.fields->nelts; i++) {
        wfm_sql_add(q, ", m.metrics -> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(c->chart.fields, i, const char *), "text");
        wfm_sql_add(q, apr_psprintf(q->pool, " AS v%d", i));
    }
    wfm_sql_add(q, " FROM (SELECT m.id, m.run_id, m.dimensions || '{}' AS dimensions, m.metrics ||"
                   " '{}' AS metrics FROM github_workflow_metrics m WHERE m.config_id = ");
    wfm_sql_bind(q, side->selection.id, "bigint");
    api_where_metrics(&side->selection, q);
    wfm_sql_add(q, " AND " WFM_SQL_TIME_SAYABLE " OFFSET 0) m");
}

/* The rows of both with their numbers, a0 …. OFFSET 0: what a metric is is looked for once, not
 * wherever it is named. */
static void add_numbers(const compare_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, "(SELECT side, one");
    add_numbered(q, ", g%d", c->chart.groups->nelts);
    for (int i = 0; i < c->chart.fields->nelts; i++) {
        const char *value = apr_psprintf(q->pool, "v%d", i);

        wfm_sql_add(q,
                    apr_psprintf(q->pool, ", " WFM_NUMBER("%s") " AS a%d", value, value, value, i));
    }
    wfm_sql_add(q, " FROM ((");
    add_rows(c, &c->sides[COMPARE_BASE], q);
    wfm_sql_add(q, " OFFSET 0) UNION ALL (");
    add_rows(c, &c->sides[COMPARE_HEAD], q);
    wfm_sql_add(q, " OFFSET 0)) r) n");
}

/* Each side's values, by groups. */
static void add_values(const compare_t *c, wfm_sql_t *q)
{
    if (c->sides[COMPARE_BASE].runs == 1 && c->sides[COMPARE_HEAD].runs == 1) {
        add_numbers(c, q);
        return;
    }
    wfm_sql_add(q, "(SELECT side");
    add_numbered(q, ", g%d", c->chart.groups->nelts);
    add_numbered(q, ", trim_scale(avg(a%d)) AS a%d", c->chart.fields->nelts);
    wfm_sql_add(q, " FROM ");
    add_numbers(c, q);
    wfm_sql_add(q, " GROUP BY side, one");
    add_numbered(q, ", g%d", c->chart.groups->nelts);
    wfm_sql_add(q, ") v");
}

static void build(const compare_t *c, wfm_sql_t *q)
{
    int groups = c->chart.groups->nelts, fields = c->chart.fields->nelts;

    wfm_sql_add(q, "SELECT side");
    api_chart_texts(&c->chart, q, "true");
    add_numbered(q, ", a%d", fields);
    wfm_sql_add(q, ", too_long FROM (SELECT side");
    add_numbered(q, ", g%d", groups);
    for (int i = 0; i < fields; i++)
        wfm_sql_add(q, apr_psprintf(q->pool,
                                    ", (array_agg(a%d) FILTER (WHERE a%d IS NOT NULL))::text AS"
                                    " a%d",
                                    i, i, i));
    api_chart_too_long(&c->chart, q);
    wfm_sql_add(q, " FROM ");
    add_values(c, q);
    wfm_sql_add(q, " GROUP BY side");
    add_numbered(q, ", g%d", groups);
    wfm_sql_add(q, ") s ORDER BY ");
    add_numbered(q, "g%d COLLATE \"C\", ", groups);
    wfm_sql_add(q, "side LIMIT ");
    wfm_sql_int(q, MAX_ROWS + 1);
    q->max_bytes = MAX_MIB * 1024 * 1024;
}

static wfm_error_t *too_much(const compare_t *c, int most, const char *of)
{
    return wfm_error_make(c->chart.rq->pool, WFM_BAD_REQUEST,
                          "there would be more than %d %s to compare: choose fewer dimensions for "
                          "group_by, fewer metric_fields, or some values of dimensions, or fewer "
                          "runs",
                          most, of);
}

wfm_error_t *api_compare_read(compare_t *c)
{
    wfm_result_t *values;
    wfm_sql_t q;

    wfm_sql_init(&q, c->chart.rq->pool);
    build(c, &q);
    WFM_TRY(api_run(c->chart.rq, &q, &values));
    c->values = values;
    if (wfm_result_rows(values) > MAX_ROWS)
        return too_much(c, MAX_ROWS, "groups of both sides");
    if (wfm_result_is_cut(values))
        return too_much(c, MAX_MIB, "MiB of values");
    return api_chart_check_groups(c->chart.rq, values);
}

/* ---- series ---- */

enum { SIDE, GROUPS = COMPARE_GROUPS };

static int side_of(const compare_t *c, int row)
{
    return *wfm_result_get(c->values, row, SIDE) == '1';
}

static int column_of(const compare_t *c, int field)
{
    return GROUPS + c->chart.groups->nelts + field;
}

static int same_groups(const compare_t *c, int a, int b)
{
    for (int i = GROUPS; i < column_of(c, 0); i++) {
        const char *x = wfm_result_get(c->values, a, i), *y = wfm_result_get(c->values, b, i);

        if (!x != !y || (x && strcmp(x, y) != 0))
            return 0;
    }
    return 1;
}

static int has_values(const compare_t *c, int row, int field)
{
    return row >= 0 && wfm_result_get(c->values, row, column_of(c, field)) != NULL;
}

/* How many values the longest array has. */
static int most_values(const compare_t *c)
{
    int most = 0;

    for (int row = 0; row < wfm_result_rows(c->values); row++)
        for (int f = 0; f < c->chart.fields->nelts; f++) {
            const char *text = wfm_result_get(c->values, row, column_of(c, f));
            int n = text != NULL;

            while (text && (text = strchr(text, ',')))
                text++, n++;
            most = n > most ? n : most;
        }
    return most;
}

/* The series of the groups that these rows have, -1: the side has no such row. */
static void add_series(compare_t *c, int base, int head)
{
    for (int f = 0; f < c->chart.fields->nelts; f++) {
        compare_series_t *s;

        if (!has_values(c, base, f) && !has_values(c, head, f))
            continue;
        s = apr_array_push(c->series);
        *s = (compare_series_t){
            .rows = {has_values(c, base, f) ? base : -1, has_values(c, head, f) ? head : -1},
            .field = f};
    }
}

wfm_error_t *api_compare_series(compare_t *c)
{
    int rows = wfm_result_rows(c->values), most = most_values(c);

    if (most > MAX_VALUES)
        return too_much(c, MAX_VALUES, "values of one series");
    c->series = apr_array_make(c->chart.rq->pool, 64, sizeof(compare_series_t));
    c->room = wfm_pages_or_pool(c->chart.rq->pool, ((apr_size_t)most + 1) * sizeof *c->room);
    for (int row = 0; row < rows && c->series->nelts <= MAX_SERIES; row++) {
        int is_head = side_of(c, row);

        if (!is_head && row + 1 < rows && side_of(c, row + 1) && same_groups(c, row, row + 1)) {
            add_series(c, row, row + 1);
            row++;
        } else {
            add_series(c, is_head ? -1 : row, is_head ? row : -1);
        }
    }
    return c->series->nelts > MAX_SERIES ? too_much(c, MAX_SERIES, "series") : NULL;
}

int api_compare_row(const compare_series_t *s)
{
    return s->rows[COMPARE_HEAD] >= 0 ? s->rows[COMPARE_HEAD] : s->rows[COMPARE_BASE];
}

/* ---- values ---- */

static int in_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The values of a side's row, ascending, in the room. @return how many */
static int values_of(const compare_t *c, int row, int field)
{
    const char *text = row < 0 ? NULL : wfm_result_get(c->values, row, column_of(c, field));
    int n = 0;

    while (text && *text && *text != '}') { /* "{157.3,160}" */
        char *end;

        c->room[n++] = strtod(text + 1, &end);
        text = end;
    }
    qsort(c->room, (size_t)n, sizeof *c->room, in_order);
    return n;
}

/* What is so large, or small, that its squares are none is brought near 1. @return by which power
 * of two it was divided */
static int scale(double *x, int n)
{
    double most = fmax(fabs(x[0]), fabs(x[n - 1]));
    int exponent = 0;

    if (!isfinite(most) || (most > 1e-100 && most < 1e100))
        return 0;
    frexp(most, &exponent);
    for (int i = 0; i < n; i++)
        x[i] = ldexp(x[i], -exponent);
    return exponent;
}

/* Where all values are one, there is no rounding in its mean. */
void api_compare_figures(const compare_t *c, const compare_series_t *s, compare_side_e side,
                         compare_figures_t *f)
{
    int n = values_of(c, s->rows[side], s->field), exponent;
    double *x = c->room, mean;

    *f = (compare_figures_t){.n = n};
    if (!n)
        return;
    exponent = scale(x, n);
    mean = x[0] == x[n - 1] ? x[0] : stats_mean(x, n);
    f->min = ldexp(x[0], exponent);
    f->max = ldexp(x[n - 1], exponent);
    f->median = ldexp((x[(n - 1) / 2] + x[n / 2]) / 2, exponent);
    f->mean = ldexp(mean, exponent);
    if (n > 1 && (x[0] != x[n - 1] || !isfinite(mean)))
        f->stddev = ldexp(sqrt(stats_squares(x, n, mean) / (n - 1)), exponent);
}
