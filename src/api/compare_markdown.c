/*
 * compare_markdown.c - owns a comparison's answer as Markdown: what a workflow puts into its
 * summary or a comment. It is read on GitHub: a sentence with the verdict, a table of what changed,
 * the worst first, and what did not, folded.
 *
 * Names and values are data. They stand in <code>, where GitHub neither mentions nor links anybody,
 * and what Markdown or HTML would read in them are entities, which are text to both.
 */
#include "../core/text.h"
#include "compare.h"
#include <apr_lib.h>
#include <apr_strings.h>
#include <math.h>
#include <stdio.h>

#define MOST_ROWS  50  /* of a table */
#define MOST_RUNS  10  /* that are named, of a side */
#define MOST_BYTES 300 /* of a series' name */
#define SHA_SHOWN  7

/* ---- texts ---- */

/* Between letters Markdown reads nothing in _; GitHub makes links of what has :// or begins with
 * www. */
static int is_plain(const char *text, apr_size_t len, apr_size_t i)
{
    unsigned char c = (unsigned char)text[i];

    if (c == '_')
        return i > 0 && i + 1 < len && apr_isalnum(text[i - 1]) && apr_isalnum(text[i + 1]);
    if (c == ':')
        return i + 1 == len || text[i + 1] != '/';
    if (c == 'w' || c == 'W')
        return i + 2 >= len || apr_tolower(text[i + 1]) != 'w' || apr_tolower(text[i + 2]) != 'w';
    return c >= 0x80 || apr_isalnum(c) || (c && strchr(" .,;=()-+%/", c));
}

static void write_escaped(wfm_out_t *out, const char *text, apr_size_t len)
{
    char entity[24];

    for (apr_size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (is_plain(text, len, i)) {
            wfm_out_char(out, text[i]);
        } else if (c < ' ' || c == 0x7f) {
            wfm_out_char(out, ' ');
        } else {
            /* entities do not keep it from making mail addresses links: these have a name before it
             */
            snprintf(entity, sizeof entity, "%s&#%d;", c == '@' ? "<!-- -->" : "", c);
            wfm_out_str(out, entity);
        }
    }
}

static void write_format(wfm_out_t *out, const char *format, double v)
{
    char text[64];

    snprintf(text, sizeof text, format, v);
    wfm_out_str(out, text);
}

/* A part of a path: what no name on GitHub has is written with %. */
static void write_segment(wfm_out_t *out, const char *text)
{
    char escape[4];

    for (; text && *text; text++) {
        if (apr_isalnum(*text) || strchr("-._", *text)) {
            wfm_out_char(out, *text);
        } else {
            snprintf(escape, sizeof escape, "%%%02X", (unsigned char)*text);
            wfm_out_str(out, escape);
        }
    }
}

/* ---- the runs ---- */

static const char *column(const compare_t *c, int row, int column)
{
    const char *text = wfm_result_get(c->found, row, column);

    return text ? text : "";
}

/* A run by its commit, or its id, with a link to where GitHub ran it. */
static void write_run(const compare_t *c, wfm_out_t *out, int row)
{
    const char *run = column(c, row, COMPARE_GITHUB_RUN_ID), *sha = column(c, row, COMPARE_SHA);
    const char *owner = column(c, 0, COMPARE_OWNER), *repo = column(c, 0, COMPARE_REPO);
    int linked = *run && *owner && *repo;

    wfm_out_str(out, linked ? "[<code>" : "<code>");
    if (*sha)
        write_escaped(out, sha, wfm_text_cut(sha, strlen(sha), SHA_SHOWN));
    else
        wfm_out_str(out, column(c, row, COMPARE_RUN_ID));
    wfm_out_str(out, "</code>");
    if (!linked)
        return;
    wfm_out_str(out, "](https://github.com/");
    write_segment(out, owner);
    wfm_out_char(out, '/');
    write_segment(out, repo);
    wfm_out_str(out, "/actions/runs/");
    wfm_out_str(out, run);
    wfm_out_char(out, ')');
}

/* The newest ones come first. */
static void write_side(const compare_t *c, wfm_out_t *out, const compare_side_t *side,
                       const char *title)
{
    int shown = side->runs < MOST_RUNS ? side->runs : MOST_RUNS;

    wfm_out_str(out, title);
    if (side->runs == 1) {
        wfm_out_str(out, "the rows of one run: ");
    } else {
        wfm_out_str(out, "the means of ");
        wfm_out_int64(out, side->runs);
        wfm_out_str(out, " runs: ");
    }
    for (int i = 0; i < shown; i++) {
        wfm_out_str(out, i ? ", " : "");
        write_run(c, out, side->first + side->runs - 1 - i);
    }
    wfm_out_str(out, shown < side->runs ? ", …\n" : "\n");
}

/* ---- tables ---- */

static void write_name(const compare_t *c, wfm_out_t *out, const compare_series_t *s)
{
    apr_array_header_t *name = wfm_text_new(c->chart.rq->pool);
    const char *text;

    wfm_text_append(name, APR_ARRAY_IDX(c->chart.fields, s->field, const char *));
    for (int i = 0; i < c->chart.groups->nelts && name->nelts < MOST_BYTES; i++) {
        const char *value = wfm_result_get(c->values, api_compare_row(s), COMPARE_GROUPS + i);

        wfm_text_append(name, i ? ", " : " (");
        wfm_text_append(name, APR_ARRAY_IDX(c->chart.groups, i, const char *));
        wfm_text_append(name, "=");
        wfm_text_append(name, value ? value : "null");
    }
    wfm_text_append(name, c->chart.groups->nelts ? ")" : "");
    text = wfm_text_get(name);
    wfm_out_str(out, "<code>");
    write_escaped(out, text, wfm_text_cut(text, strlen(text), MOST_BYTES));
    wfm_out_str(out, strlen(text) > MOST_BYTES ? "…</code>" : "</code>");
}

static void write_mean(const compare_t *c, wfm_out_t *out, const compare_series_t *s,
                       compare_side_e side)
{
    compare_figures_t f;

    api_compare_figures(c, s, side, &f);
    wfm_out_str(out, " | ");
    if (f.n && isfinite(f.mean))
        write_format(out, "%.6g", f.mean);
    if (f.n > 1 && isfinite(f.stddev))
        write_format(out, " ± %.2g", f.stddev);
}

static void write_row(const compare_t *c, wfm_out_t *out, const compare_series_t *s)
{
    wfm_out_str(out, "| ");
    write_name(c, out, s);
    write_mean(c, out, s, COMPARE_BASE);
    write_mean(c, out, s, COMPARE_HEAD);
    wfm_out_str(out, " | ");
    if (isfinite(s->percent))
        write_format(out, fabs(s->percent) < 1e6 ? "%+.2f %%" : "%+.3g %%", s->percent);
    wfm_out_str(out, " | ");
    if (!isnan(s->adjusted))
        write_format(out, "%.2g", s->adjusted);
    wfm_out_str(out, " | ");
    wfm_out_str(out, api_compare_verdicts[s->verdict]);
    wfm_out_str(out, " |\n");
}

/* The series from `from` on that have not changed, or that have: such stand together. */
static int table(const compare_t *c, wfm_out_t *out, int from, int unchanged)
{
    int most = c->is_limited && c->limit < MOST_ROWS ? c->limit : MOST_ROWS, end = from;

    while (end < c->series->nelts && (APR_ARRAY_IDX(c->series, end, compare_series_t).verdict ==
                                      COMPARE_UNCHANGED) == unchanged)
        end++;
    if (end == from)
        return end;
    if (unchanged) {
        wfm_out_str(out, "\n<details><summary>");
        wfm_out_int64(out, end - from);
        wfm_out_str(out, " unchanged</summary>\n");
    }
    wfm_out_str(out, "\n| series | base | head | change | adjusted p | verdict |\n"
                     "|---|---:|---:|---:|---:|---|\n");
    for (int i = from; i < end && i < from + most; i++)
        write_row(c, out, &APR_ARRAY_IDX(c->series, i, compare_series_t));
    if (end - from > most) {
        wfm_out_str(out, "\n… and ");
        wfm_out_int64(out, end - from - most);
        wfm_out_str(out, " more.\n");
    }
    wfm_out_str(out, unchanged ? "\n</details>\n" : "");
    return end;
}

/* ---- the whole ---- */

/* **Regression**: 1 regression, 4 unchanged. */
static void write_sentence(const compare_t *c, wfm_out_t *out)
{
    const char *before = ": ";

    wfm_out_str(out, "**");
    wfm_out_char(out, (char)apr_toupper(*c->verdict));
    wfm_out_str(out, c->verdict + 1);
    wfm_out_str(out, "**");
    for (int i = 0; i < COMPARE_VERDICTS; i++) {
        if (!c->counts[i])
            continue;
        wfm_out_str(out, before);
        wfm_out_int64(out, c->counts[i]);
        wfm_out_char(out, ' ');
        wfm_out_str(out, api_compare_verdicts[i]);
        before = ", ";
    }
    wfm_out_str(out, *before == ':' ? ": there is nothing to compare.\n\n" : ".\n\n");
}

void api_compare_write_markdown(const compare_t *c)
{
    wfm_out_t *out = c->chart.rq->out;

    c->chart.rq->content_type = "text/markdown; charset=utf-8";
    write_sentence(c, out);
    write_side(c, out, &c->sides[COMPARE_BASE], "- Base: ");
    write_side(c, out, &c->sides[COMPARE_HEAD], "- Head: ");
    wfm_out_str(out, "\nWhat differs by less than ");
    write_format(out, "%.15g", c->min_change);
    wfm_out_str(out, " %, or with an adjusted p-value above ");
    write_format(out, "%.15g", c->max_pvalue);
    wfm_out_str(out, ", is unchanged.\n");
    table(c, out, table(c, out, 0, 0), 1);
}
