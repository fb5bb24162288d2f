/*
 * compare_json.c - owns a comparison's answer in JSON.
 */
#include "compare.h"
#include <math.h>

static void write_column(const compare_t *c, wfm_json_t *j, const char *key, int row, int column,
                         api_kind_e kind)
{
    wfm_json_key(j, key);
    api_value(j, kind, wfm_result_get(c->found, row, column),
              wfm_result_length(c->found, row, column));
}

static void write_side(const compare_t *c, wfm_json_t *j, const compare_side_t *side)
{
    wfm_json_key(j, side->name);
    wfm_json_object(j);
    wfm_json_name(j, "unit");
    wfm_json_string(j, api_compare_unit(side));
    wfm_json_name(j, "runs");
    wfm_json_array(j);
    for (int row = side->first; row < side->first + side->runs; row++) {
        wfm_json_object(j);
        write_column(c, j, "run_id", row, COMPARE_RUN_ID, API_INT);
        write_column(c, j, "timestamp", row, COMPARE_AT, API_TIME);
        write_column(c, j, "github_run_id", row, COMPARE_GITHUB_RUN_ID, API_INT);
        write_column(c, j, "head_sha", row, COMPARE_SHA, API_TEXT);
        write_column(c, j, "head_branch", row, COMPARE_BRANCH, API_TEXT);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
    wfm_json_object_end(j);
}

static void write_figures(const compare_t *c, wfm_json_t *j, const compare_series_t *s,
                          compare_side_e side)
{
    compare_figures_t f;

    wfm_json_key(j, c->sides[side].name);
    api_compare_figures(c, s, side, &f);
    if (!f.n) {
        wfm_json_null(j);
        return;
    }
    wfm_json_object(j);
    wfm_json_name(j, "n");
    wfm_json_int64(j, f.n);
    api_double(j, "mean", f.mean);
    api_double(j, "stddev", f.n < 2 ? NAN : f.stddev);
    api_double(j, "min", f.min);
    api_double(j, "max", f.max);
    api_double(j, "median", f.median);
    wfm_json_object_end(j);
}

static void write_series(const compare_t *c, wfm_json_t *j, const compare_series_t *s)
{
    const char *field = APR_ARRAY_IDX(c->chart.fields, s->field, const char *);
    int row = api_compare_row(s);

    wfm_json_object(j);
    wfm_json_name(j, "name");
    wfm_json_text(j);
    api_chart_add_name(&c->chart, j, field, c->values, row, COMPARE_GROUPS);
    wfm_json_text_end(j);
    wfm_json_name(j, "field");
    wfm_json_string(j, field);
    api_chart_dimensions(&c->chart, j, c->values, row, COMPARE_GROUPS);
    write_figures(c, j, s, COMPARE_BASE);
    write_figures(c, j, s, COMPARE_HEAD);
    api_double(j, "difference", s->difference);
    api_double(j, "change_percent", s->percent);
    api_double(j, "pvalue", s->pvalue);
    api_double(j, "pvalue_adjusted", s->adjusted);
    wfm_json_name(j, "direction");
    wfm_json_string(j, api_direction_word(c->directions[s->field]));
    wfm_json_name(j, "verdict");
    wfm_json_string(j, api_compare_verdicts[s->verdict]);
    wfm_json_object_end(j);
}

/* Most bytes of a series: names and values stand twice, and each byte may be \uXXXX. */
static apr_size_t most_bytes(const compare_t *c, const compare_series_t *s)
{
    apr_size_t most = 1024 + 12 * strlen(APR_ARRAY_IDX(c->chart.fields, s->field, const char *));

    for (int i = 0; i < c->chart.groups->nelts; i++)
        most += 12 * (strlen(APR_ARRAY_IDX(c->chart.groups, i, const char *)) + 8 +
                      wfm_result_length(c->values, api_compare_row(s), COMPARE_GROUPS + i));
    return most;
}

/* @return the first series that is not on the page */
static int write_page(const compare_t *c, wfm_json_t *j)
{
    const wfm_out_t *out = j->out;
    apr_off_t begin = out->flushed + (apr_off_t)out->len;
    int i = c->from;

    wfm_json_name(j, "series");
    wfm_json_array(j);
    for (; i < c->series->nelts && i - c->from < c->limit; i++) {
        const compare_series_t *s = &APR_ARRAY_IDX(c->series, i, compare_series_t);

        if (i > c->from &&
            out->flushed + (apr_off_t)(out->len + most_bytes(c, s)) - begin > API_LIST_BYTES)
            break;
        write_series(c, j, s);
    }
    wfm_json_array_end(j);
    return i;
}

static void write_summary(const compare_t *c, wfm_json_t *j)
{
    wfm_json_name(j, "summary");
    wfm_json_object(j);
    for (int i = 0; i < COMPARE_VERDICTS; i++) {
        wfm_json_key(j, api_compare_verdicts[i]);
        wfm_json_int64(j, c->counts[i]);
    }
    wfm_json_object_end(j);
}

void api_compare_write_json(const compare_t *c)
{
    wfm_json_t j;
    int next;

    api_begin(c->chart.rq, &j);
    write_side(c, &j, &c->sides[COMPARE_BASE]);
    write_side(c, &j, &c->sides[COMPARE_HEAD]);
    api_texts(&j, "group_by", c->chart.groups);
    api_texts(&j, "metric_fields", c->chart.fields);
    api_double(&j, "min_change", c->min_change);
    api_double(&j, "max_pvalue", c->max_pvalue);
    wfm_json_name(&j, "verdict");
    wfm_json_string(&j, c->verdict);
    write_summary(c, &j);
    next = write_page(c, &j);
    wfm_json_name(&j, "total");
    wfm_json_int64(&j, c->series->nelts);
    wfm_json_name(&j, "limit");
    wfm_json_int64(&j, c->limit);
    wfm_json_name(&j, "next_cursor");
    wfm_json_string(&j, next < c->series->nelts ? api_compare_cursor(c, next - 1) : NULL);
    api_end(&j);
}
