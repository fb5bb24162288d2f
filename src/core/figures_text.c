/*
 * figures_text.c - owns how the figures look to Prometheus: the text format 0.0.4, and OpenMetrics
 * 1.0, which names families without the samples' ending and has a line at its end.
 */
#include "figures.h"
#include "version.h"
#include <stdio.h>
#include <string.h>

/* What the writer of samples needs. */
typedef struct writer_t {
    wfm_out_t *out;
    int openmetrics;
    const char *cluster;
} writer_t;

static void write_escaped(wfm_out_t *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            wfm_out_char(out, '\\');
        if (*text == '\n')
            wfm_out_str(out, "\\n");
        else
            wfm_out_char(out, *text);
    }
}

static void write_label(wfm_out_t *out, const char *name, const char *value)
{
    wfm_out_char(out, ',');
    wfm_out_str(out, name);
    wfm_out_str(out, "=\"");
    write_escaped(out, value);
    wfm_out_char(out, '"');
}

/* Seconds, with as many digits as it takes but one behind the point at least: so OpenMetrics wants
 * the bounds of buckets. */
static void write_seconds(wfm_out_t *out, apr_uint64_t microseconds)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%" APR_UINT64_T_FMT ".%06d", microseconds / 1000000,
                       (int)(microseconds % 1000000));

    while (text[len - 1] == '0' && text[len - 2] != '.')
        len--;
    wfm_out_mem(out, text, (apr_size_t)len);
}

static void write_bound(wfm_out_t *out, int bucket)
{
    wfm_out_str(out, ",le=\"");
    if (bucket < WFM_BUCKETS - 1)
        write_seconds(out, (apr_uint64_t)wfm_bucket_bounds[bucket]);
    else
        wfm_out_str(out, "+Inf");
    wfm_out_char(out, '"');
}

static void write_sample(void *ctx, const wfm_figure_t *figure, const wfm_sample_t *s)
{
    const writer_t *w = ctx;

    wfm_out_str(w->out, figure->name);
    wfm_out_str(w->out, s->suffix);
    wfm_out_str(w->out, "{cluster=\"");
    write_escaped(w->out, w->cluster);
    wfm_out_char(w->out, '"');
    if (s->method) {
        write_label(w->out, "method", s->method);
        write_label(w->out, "route", s->path);
    }
    if (s->kind)
        write_label(w->out, "kind", s->kind->label);
    if (s->status)
        write_label(w->out, "status", s->status);
    if (s->bucket >= 0)
        write_bound(w->out, s->bucket);
    wfm_out_str(w->out, "} ");
    if (s->is_time)
        write_seconds(w->out, s->value);
    else
        wfm_out_int64(w->out, (apr_int64_t)s->value);
    wfm_out_char(w->out, '\n');
}

static const struct {
    const char *name, *suffix; /* that OpenMetrics' family is named without */
    const char *classic;       /* in 0.0.4 */
} types[] = {
    [WFM_FIGURE_INFO] = {"info", "_info", "gauge"},
    [WFM_FIGURE_COUNTER] = {"counter", "_total", "counter"},
    [WFM_FIGURE_GAUGE] = {"gauge", "", "gauge"},
    [WFM_FIGURE_SUMMARY] = {"summary", "", "summary"},
    [WFM_FIGURE_HISTOGRAM] = {"histogram", "", "histogram"},
};

static void write_about(const writer_t *w, const char *what, const wfm_figure_t *f,
                        const char *text)
{
    apr_size_t len = strlen(f->name);

    if (w->openmetrics)
        len -= strlen(types[f->type].suffix);
    wfm_out_str(w->out, what);
    wfm_out_mem(w->out, f->name, len);
    wfm_out_char(w->out, ' ');
    wfm_out_str(w->out, text);
    wfm_out_char(w->out, '\n');
}

static void write_family(writer_t *w, const wfm_figure_t *f, const wfm_figures_of_t *of, int n,
                         const wfm_route_t *routes, int nroutes)
{
    write_about(w, "# HELP ", f, f->help);
    write_about(w, "# TYPE ", f, w->openmetrics ? types[f->type].name : types[f->type].classic);
    if (w->openmetrics && f->is_time)
        write_about(w, "# UNIT ", f, "seconds");
    if (f->type == WFM_FIGURE_INFO) {
        wfm_out_str(w->out, f->name);
        wfm_out_str(w->out, "{version=\"" WFM_VERSION "\"} 1\n");
    }
    for (int i = 0; i < n && f->type != WFM_FIGURE_INFO; i++) {
        w->cluster = of[i].cluster;
        wfm_figure_samples(f, of[i].counters, routes, nroutes, write_sample, w);
    }
}

void wfm_figures_write(wfm_out_t *out, int openmetrics, const wfm_figures_of_t *of, int n,
                       const wfm_route_t *routes, int nroutes)
{
    writer_t w = {.out = out, .openmetrics = openmetrics};

    for (int i = 0; i < wfm_figures_count && out->status == APR_SUCCESS; i++)
        write_family(&w, &wfm_figures[i], of, n, routes, nroutes);
    if (openmetrics)
        wfm_out_str(out, "# EOF\n");
}
