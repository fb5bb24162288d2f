/*
 * status.c - owns how the counters look on mod_status' page. What they count is core/counters.h's.
 *
 * ?auto has a line for each figure, "WfmetricsRequests[mi325-east]: 12". The cluster's name is
 * URL-encoded there, so that it holds neither a colon nor a space, whatever it is.
 */
#include "status.h"
#include "../core/version.h"
#include "config.h"
#include <apr_strings.h>
#include <http_core.h>
#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

#define FIGURES (7 + WFM_KINDS)

typedef struct figure_t {
    const char *key;   /* ?auto */
    const char *title; /* HTML */
    apr_uint64_t value;
} figure_t;

/* In the order of wfm_error_kind_e. */
static const struct {
    const char *key;
    const char *title;
} kinds[WFM_KINDS] = {
    {"ErrorsRequest", "bad request"},     {"ErrorsForbidden", "forbidden"},
    {"ErrorsNotFound", "not found"},      {"ErrorsConflict", "conflict"},
    {"ErrorsClientGone", "client gone"},  {"ErrorsInternal", "internal"},
    {"ErrorsUnavailable", "unavailable"}, {"ErrorsTimeout", "timeout"},
};

static void gather(const wfm_counters_t *counters, figure_t *f)
{
    wfm_totals_t t;
    apr_uint32_t in_flight;

    wfm_counters_read(counters, &t, &in_flight);
    *f++ = (figure_t){"Requests", "requests", t.requests};
    *f++ = (figure_t){"InFlight", "in flight", in_flight};
    for (int i = 0; i < WFM_KINDS; i++)
        *f++ = (figure_t){kinds[i].key, kinds[i].title, t.errors[i]};
    *f++ = (figure_t){"AnswersBroken", "answers broken off", t.broken};
    *f++ = (figure_t){"RowsExported", "rows exported", t.rows};
    *f++ = (figure_t){"WaitMs", "ms waited for a connection", t.waited / 1000};
    *f++ = (figure_t){"SummariesUncleanDays", "days to be summed up",
                      wfm_counters_noticed(counters, WFM_NOTICE_UNCLEAN)};
    *f++ = (figure_t){"SummariesUncleanSeconds", "seconds since the oldest was changed",
                      wfm_counters_noticed(counters, WFM_NOTICE_OLDEST)};
}

/* Are the summaries used, or why not: what a child has found last. */
static const char *summaries(server_rec *s)
{
    return wfm_summaries_text(
        (wfm_summaries_e)wfm_counters_noticed(wfm_meter(s)->counters, WFM_NOTICE_SUMMARIES));
}

static void write_auto(request_rec *r, server_rec *s, const figure_t *figures)
{
    const char *name = ap_escape_urlencoded(r->pool, wfm_cluster(s));

    ap_rprintf(r, "WfmetricsSummaries[%s]: %s\n", name, summaries(s));
    for (int i = 0; i < FIGURES; i++)
        ap_rprintf(r, "Wfmetrics%s[%s]: %" APR_UINT64_T_FMT "\n", figures[i].key, name,
                   figures[i].value);
}

static void write_row(request_rec *r, server_rec *s, const figure_t *figures)
{
    ap_rprintf(r, "<tr><td>%s</td><td>%s</td>", ap_escape_html(r->pool, wfm_cluster(s)),
               summaries(s));
    for (int i = 0; i < FIGURES; i++)
        ap_rprintf(r, "<td>%" APR_UINT64_T_FMT "</td>", figures[i].value);
    ap_rputs("</tr>\n", r);
}

static void write_line(request_rec *r, server_rec *s, const figure_t *figures)
{
    ap_rprintf(r, "<p><b>%s</b>: summaries %s", ap_escape_html(r->pool, wfm_cluster(s)),
               summaries(s));
    for (int i = 0; i < FIGURES; i++)
        ap_rprintf(r, ", %s %" APR_UINT64_T_FMT, figures[i].title, figures[i].value);
    ap_rputs("</p>\n", r);
}

static void write_head(request_rec *r, const figure_t *figures)
{
    ap_rputs("<table border=\"0\"><tr><th>cluster</th><th>summaries</th>", r);
    for (int i = 0; i < FIGURES; i++)
        ap_rprintf(r, "<th>%s</th>", figures[i].title);
    ap_rputs("</tr>\n", r);
}

int wfm_status(request_rec *r, int flags)
{
    int table = !(flags & (AP_STATUS_SHORT | AP_STATUS_NOTABLE)), clusters = 0;

    for (server_rec *s = ap_server_conf; s; s = s->next) {
        figure_t figures[FIGURES];

        if (!wfm_is_first_host(ap_server_conf, s) || !wfm_server_config(s)->meter.counters)
            continue;
        gather(wfm_server_config(s)->meter.counters, figures);
        if (!clusters++)
            ap_rputs(flags & AP_STATUS_SHORT ? "WfmetricsVersion: " WFM_VERSION "\n"
                                             : "<hr />\n<h2>" WFM_PRODUCT
                                               ": clusters, since the server's start</h2>\n",
                     r);
        if (clusters == 1 && table)
            write_head(r, figures);
        if (flags & AP_STATUS_SHORT)
            write_auto(r, s, figures);
        else if (table)
            write_row(r, s, figures);
        else
            write_line(r, s, figures);
    }
    if (clusters && table)
        ap_rputs("</table>\n", r);
    return clusters ? OK : DECLINED;
}
