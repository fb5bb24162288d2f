/*
 * compare_csv.c - owns a comparison's answer as CSV: a row for each series, written as an export
 * writes its rows.
 */
#include "../core/text.h"
#include "compare.h"
#include "saved.h"
#include <apr_strings.h>
#include <math.h>

/* Behind the dimensions. A dimension of such a name comes first; the column has a prefix then. */
static const char *const columns[] = {
    "field",    "base_n",          "base_mean",   "base_stddev", "base_min",
    "base_max", "base_median",     "head_n",      "head_mean",   "head_stddev",
    "head_min", "head_max",        "head_median", "difference",  "change_percent",
    "pvalue",   "pvalue_adjusted", "direction",   "verdict"};

static void set_headers(const compare_t *c, int shown)
{
    wfm_request_t *rq = c->chart.rq;

    rq->content_type = "text/csv; charset=utf-8";
    api_saved_as(rq, "comparison", "csv");
    apr_table_setn(rq->headers, "Wfmetrics-Truncated", shown < c->series->nelts ? "true" : "false");
}

static void write_text(wfm_csv_t *csv, const char *text)
{
    wfm_csv_cell(csv, text, text ? strlen(text) : 0);
}

static void write_number(wfm_csv_t *csv, double v)
{
    char text[API_DOUBLE_TEXT];

    write_text(csv, api_double_text(v, text) ? text : NULL);
}

static void write_header(const compare_t *c, wfm_csv_t *csv)
{
    for (int i = 0; i < c->chart.groups->nelts; i++)
        write_text(csv, APR_ARRAY_IDX(c->chart.groups, i, const char *));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *name = columns[i];

        while (wfm_names_hold(c->chart.groups, name))
            name = apr_pstrcat(c->chart.rq->pool, "compared.", name, NULL);
        write_text(csv, name);
    }
    wfm_csv_row_end(csv);
}

static void write_figures(const compare_t *c, wfm_csv_t *csv, const compare_series_t *s,
                          compare_side_e side)
{
    compare_figures_t f;

    api_compare_figures(c, s, side, &f);
    write_number(csv, f.n ? f.n : NAN);
    write_number(csv, f.n ? f.mean : NAN);
    write_number(csv, f.n < 2 ? NAN : f.stddev);
    write_number(csv, f.n ? f.min : NAN);
    write_number(csv, f.n ? f.max : NAN);
    write_number(csv, f.n ? f.median : NAN);
}

static void write_series(const compare_t *c, wfm_csv_t *csv, const compare_series_t *s)
{
    int row = api_compare_row(s);

    for (int i = 0; i < c->chart.groups->nelts; i++)
        wfm_csv_cell(csv, wfm_result_get(c->values, row, COMPARE_GROUPS + i),
                     wfm_result_length(c->values, row, COMPARE_GROUPS + i));
    write_text(csv, APR_ARRAY_IDX(c->chart.fields, s->field, const char *));
    write_figures(c, csv, s, COMPARE_BASE);
    write_figures(c, csv, s, COMPARE_HEAD);
    write_number(csv, s->difference);
    write_number(csv, s->percent);
    write_number(csv, s->pvalue);
    write_number(csv, s->adjusted);
    write_text(csv, api_direction_word(c->directions[s->field]));
    write_text(csv, api_compare_verdicts[s->verdict]);
    wfm_csv_row_end(csv);
}

/* All series, unless the client says how many. */
void api_compare_write_csv(const compare_t *c)
{
    wfm_request_t *rq = c->chart.rq;
    int shown = c->is_limited && c->limit < c->series->nelts ? c->limit : c->series->nelts;
    wfm_csv_t csv;

    set_headers(c, shown);
    api_saved_csv(rq, &csv);
    write_header(c, &csv);
    for (int i = 0; i < shown && rq->out->status == APR_SUCCESS; i++)
        write_series(c, &csv, &APR_ARRAY_IDX(c->series, i, compare_series_t));
}
