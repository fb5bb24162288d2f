/*
 * status.c - owns how the figures look on mod_status' page. Which there are, core/figures.h says.
 *
 * ?auto has a line for each figure, "WfmetricsRequests[mi325-east]: 12", and for each row of the
 * route table that was asked for, "WfmetricsRequests[mi325-east,GET+%2fruns,2xx]: 12". Names are
 * URL-encoded there, so that they hold neither a colon nor a space nor a comma, whatever they are.
 */
#include "status.h"
#include "../api/api.h"
#include "../core/figures.h"
#include "../core/version.h"
#include "config.h"
#include <apr_strings.h>
#include <http_core.h>
#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

/* A cluster that is shown. */
typedef struct shown_t {
    request_rec *r;
    const char *name, *summaries;
    const wfm_counters_t *counters;
    apr_array_header_t *cells; /* of cell_t: its row of the table */
} shown_t;

typedef struct cell_t {
    const char *title, *text;
} cell_t;

/* Of each cluster's first host. */
static apr_array_header_t *shown_clusters(request_rec *r)
{
    apr_array_header_t *all = apr_array_make(r->pool, 4, sizeof(shown_t));

    for (server_rec *s = ap_server_conf; s; s = s->next) {
        const wfm_counters_t *counters = wfm_server_config(s)->meter.counters;

        if (!wfm_is_first_host(ap_server_conf, s) || !counters)
            continue;
        APR_ARRAY_PUSH(all, shown_t) = (shown_t){
            .r = r,
            .name = wfm_cluster(s),
            .summaries = wfm_summaries_text(
                (wfm_summaries_e)wfm_counters_noticed(counters, WFM_NOTICE_SUMMARIES)),
            .counters = counters,
        };
    }
    return all;
}

static void each_sample(shown_t *shown, const wfm_figure_t *f, wfm_sample_fn fn)
{
    wfm_figure_samples(f, shown->counters, wfm_routes, wfm_routes_count, fn, shown);
}

static apr_uint64_t in_units(const wfm_figure_t *f, const wfm_sample_t *s)
{
    return s->is_time ? s->value / (apr_uint64_t)f->per : s->value;
}

static const char *number(apr_pool_t *p, apr_uint64_t n)
{
    return apr_psprintf(p, "%" APR_UINT64_T_FMT, n);
}

static apr_uint64_t requests(const wfm_counters_t *counters)
{
    wfm_answers_t answers;
    apr_uint64_t n = 0;

    for (int i = 0; i <= wfm_routes_count; i++)
        n += wfm_counters_answers(counters, i, &answers);
    return n;
}

/* ---- ?auto ---- */

static void write_line(void *ctx, const wfm_figure_t *f, const wfm_sample_t *s)
{
    const shown_t *shown = ctx;
    int is_count = !strcmp(s->suffix, "_count");
    const char *key = is_count ? f->count_key : f->key;
    apr_pool_t *p = shown->r->pool;

    if (s->bucket >= 0 || !key)
        return;
    ap_rprintf(shown->r, "Wfmetrics%s%s[%s", key, s->kind ? s->kind->key : "",
               ap_escape_urlencoded(p, shown->name));
    if (s->method)
        ap_rprintf(shown->r, ",%s+%s", s->method, ap_escape_urlencoded(p, s->path));
    if (s->status)
        ap_rprintf(shown->r, ",%s", s->status);
    ap_rprintf(shown->r, "]: %s\n", number(p, in_units(f, s)));
}

static void write_auto(shown_t *shown)
{
    const char *name = ap_escape_urlencoded(shown->r->pool, shown->name);

    ap_rprintf(shown->r, "WfmetricsSummaries[%s]: %s\n", name, shown->summaries);
    ap_rprintf(shown->r, "WfmetricsRequests[%s]: %s\n", name,
               number(shown->r->pool, requests(shown->counters)));
    for (int i = 0; i < wfm_figures_count; i++)
        each_sample(shown, &wfm_figures[i], write_line);
}

/* ---- the table of clusters ---- */

static void add_cell(shown_t *shown, const char *title, const char *text)
{
    APR_ARRAY_PUSH(shown->cells, cell_t) = (cell_t){title, text};
}

static void add_sample(void *ctx, const wfm_figure_t *f, const wfm_sample_t *s)
{
    shown_t *shown = ctx;
    const char *title = s->kind                        ? s->kind->title
                        : !strcmp(s->suffix, "_count") ? f->count_title
                                                       : f->title;

    add_cell(shown, title, number(shown->r->pool, in_units(f, s)));
}

/* Every cluster has the same cells. */
static void gather(shown_t *shown)
{
    shown->cells = apr_array_make(shown->r->pool, 32, sizeof(cell_t));
    add_cell(shown, "cluster", ap_escape_html(shown->r->pool, shown->name));
    add_cell(shown, "summaries", shown->summaries);
    for (int i = 0; i < wfm_figures_count; i++) {
        const wfm_figure_t *f = &wfm_figures[i];
        int before = shown->cells->nelts;

        if (f->by == WFM_BY_ROUTE_STATUS)
            add_cell(shown, f->title, number(shown->r->pool, requests(shown->counters)));
        else if (f->by == WFM_BY_KIND || f->title)
            each_sample(shown, f, add_sample);
        if (f->title && shown->cells->nelts == before)
            add_cell(shown, f->title, "-");
    }
}

static void write_row(const shown_t *shown, const char *tag, int titles)
{
    ap_rputs("<tr>", shown->r);
    for (int i = 0; i < shown->cells->nelts; i++) {
        const cell_t *c = &APR_ARRAY_IDX(shown->cells, i, cell_t);

        ap_rprintf(shown->r, "<%s>%s</%s>", tag, titles ? c->title : c->text, tag);
    }
    ap_rputs("</tr>\n", shown->r);
}

/* Where mod_status is asked for no tables. */
static void write_paragraph(const shown_t *shown)
{
    const cell_t *cells = (const cell_t *)shown->cells->elts;

    ap_rprintf(shown->r, "<p><b>%s</b>: ", cells[0].text);
    for (int i = 1; i < shown->cells->nelts; i++)
        ap_rprintf(shown->r, "%s%s %s", i > 1 ? ", " : "", cells[i].title, cells[i].text);
    ap_rputs("</p>\n", shown->r);
}

/* ---- the table of routes ---- */

static void write_routes(const shown_t *shown)
{
    for (int i = 0; i <= wfm_routes_count; i++) {
        const wfm_route_t *row = i < wfm_routes_count ? &wfm_routes[i] : NULL;
        wfm_answers_t answers;

        if (!wfm_counters_answers(shown->counters, i, &answers))
            continue;
        ap_rprintf(shown->r, "<tr><td>%s</td><td>%s %s</td>",
                   ap_escape_html(shown->r->pool, shown->name),
                   row ? wfm_route_method_name(row->method) : "other", row ? row->path : "");
        for (int class = 0; class < WFM_CLASSES; class ++)
            ap_rprintf(shown->r, "<td>%s</td>", number(shown->r->pool, answers.by_class[class]));
        ap_rprintf(shown->r, "<td>%s</td></tr>\n", number(shown->r->pool, answers.took / 1000));
    }
}

static void write_tables(request_rec *r, const shown_t *clusters, int n)
{
    ap_rputs("<table border=\"0\">", r);
    write_row(clusters, "th", 1);
    for (int i = 0; i < n; i++)
        write_row(&clusters[i], "td", 0);
    ap_rputs("</table>\n<table border=\"0\"><tr><th>cluster</th><th>requests</th><th>2xx</th>"
             "<th>3xx</th><th>4xx</th><th>5xx</th><th>ms in all</th></tr>\n",
             r);
    for (int i = 0; i < n; i++)
        write_routes(&clusters[i]);
    ap_rputs("</table>\n", r);
}

int wfm_status(request_rec *r, int flags)
{
    apr_array_header_t *all = shown_clusters(r);
    shown_t *clusters = (shown_t *)all->elts;

    if (!all->nelts)
        return DECLINED;
    if (flags & AP_STATUS_SHORT) {
        ap_rputs("WfmetricsVersion: " WFM_VERSION "\n", r);
        for (int i = 0; i < all->nelts; i++)
            write_auto(&clusters[i]);
        return OK;
    }
    ap_rputs("<hr />\n<h2>" WFM_PRODUCT ": clusters, since the server's start</h2>\n", r);
    for (int i = 0; i < all->nelts; i++)
        gather(&clusters[i]);
    if (!(flags & AP_STATUS_NOTABLE))
        write_tables(r, clusters, all->nelts);
    else
        for (int i = 0; i < all->nelts; i++)
            write_paragraph(&clusters[i]);
    return OK;
}
