/*
 * figures.c - owns the table, and what each of its figures is now.
 *
 * Numbers are read where they are written, one by one: no copy is made, and nobody is held up.
 */
#include "figures.h"

/* ---- where the numbers come from ---- */

static int total(const wfm_counters_t *c, int which, apr_uint64_t *value)
{
    *value = wfm_counters_total(c, (wfm_total_e)which);
    return 1;
}

static int gauge(const wfm_counters_t *c, int which, apr_uint64_t *value)
{
    *value = wfm_counters_gauge(c, (wfm_gauge_e)which);
    return 1;
}

static int connections_free(const wfm_counters_t *c, int which, apr_uint64_t *value)
{
    apr_uint64_t room = (apr_uint64_t)wfm_counters_processes(c) *
                        wfm_counters_noticed(c, WFM_NOTICE_ROOM),
                 used = wfm_counters_gauge(c, (wfm_gauge_e)which);

    *value = room > used ? room - used : 0; /* maintenance has one beside those of requests */
    return 1;
}

/* Where nobody has looked since httpd's start, nothing is known of days, either. */
static int in_use(const wfm_counters_t *c, int which, apr_uint64_t *value)
{
    apr_uint32_t state = wfm_counters_noticed(c, (wfm_notice_e)which);

    *value = state == WFM_NOTICED_IN_USE;
    return state != 0;
}

static int unclean(const wfm_counters_t *c, int which, apr_uint64_t *value)
{
    *value = wfm_counters_noticed(c, (wfm_notice_e)which);
    return wfm_counters_noticed(c, WFM_NOTICE_SUMMARIES) != 0;
}

static int age(const wfm_counters_t *c, int which, apr_uint64_t *value)
{
    int known = unclean(c, which, value);

    *value *= 1000000;
    return known;
}

/* ---- the table ---- */

const wfm_figure_t wfm_figures[] = {
    {.name = "wfmetrics_build_info",
     .help = "The version of mod_wfmetrics; always 1.",
     .type = WFM_FIGURE_INFO,
     .key = "Version"},
    {.name = "wfmetrics_requests_total",
     .help = "Requests that are over, by the row of the route table and the class of the status.",
     .type = WFM_FIGURE_COUNTER,
     .by = WFM_BY_ROUTE_STATUS,
     .key = "Requests",
     .title = "requests"},
    {.name = "wfmetrics_request_duration_seconds",
     .help = "Time from the beginning of a request to the end of its answer.",
     .type = WFM_FIGURE_HISTOGRAM,
     .by = WFM_BY_ROUTE,
     .is_time = 1,
     .key = "DurationMs",
     .per = 1000},
    {.name = "wfmetrics_requests_in_flight",
     .help = "Requests that run now.",
     .type = WFM_FIGURE_GAUGE,
     .value = gauge,
     .which = WFM_GAUGE_IN_FLIGHT,
     .key = "InFlight",
     .title = "in flight"},
    {.name = "wfmetrics_errors_total",
     .help = "Requests that failed, by what went wrong.",
     .type = WFM_FIGURE_COUNTER,
     .by = WFM_BY_KIND,
     .value = total,
     .which = WFM_TOTAL_ERRORS,
     .key = "Errors"},
    {.name = "wfmetrics_answers_broken_total",
     .help = "Answers that broke off after they had begun.",
     .type = WFM_FIGURE_COUNTER,
     .value = total,
     .which = WFM_TOTAL_BROKEN,
     .key = "AnswersBroken",
     .title = "answers broken off"},
    {.name = "wfmetrics_exports_total",
     .help = "Exports that got a connection.",
     .type = WFM_FIGURE_COUNTER,
     .value = total,
     .which = WFM_TOTAL_EXPORTS,
     .key = "Exports",
     .title = "exports"},
    {.name = "wfmetrics_exports_running",
     .help = "Exports that have a connection now.",
     .type = WFM_FIGURE_GAUGE,
     .value = gauge,
     .which = WFM_GAUGE_EXPORTS,
     .key = "ExportsRunning",
     .title = "exports that run"},
    {.name = "wfmetrics_exported_rows_total",
     .help = "Rows that exports wrote, also where they did not reach their end.",
     .type = WFM_FIGURE_COUNTER,
     .value = total,
     .which = WFM_TOTAL_ROWS,
     .key = "RowsExported",
     .title = "rows exported"},
    {.name = "wfmetrics_ingested_rows_total",
     .help = "Rows of result files that were stored.",
     .type = WFM_FIGURE_COUNTER,
     .value = total,
     .which = WFM_TOTAL_INGESTED,
     .key = "RowsIngested",
     .title = "rows ingested"},
    {.name = "wfmetrics_connection_wait_seconds",
     .help = "Time that requests waited for a connection to the database, connecting included.",
     .type = WFM_FIGURE_SUMMARY,
     .is_time = 1,
     .value = total,
     .which = WFM_TOTAL_WAITED,
     .count = WFM_TOTAL_WAITS,
     .key = "WaitMs",
     .title = "ms waited for a connection",
     .count_key = "Waits",
     .count_title = "requests that asked for one",
     .per = 1000},
    {.name = "wfmetrics_connection_waiting",
     .help = "Requests that wait for a connection to the database now.",
     .type = WFM_FIGURE_GAUGE,
     .value = gauge,
     .which = WFM_GAUGE_WAITING,
     .key = "Waiting",
     .title = "waiting for one"},
    {.name = "wfmetrics_connections_in_use",
     .help = "Connections to the database that are in use.",
     .type = WFM_FIGURE_GAUGE,
     .value = gauge,
     .which = WFM_GAUGE_CONNECTIONS,
     .key = "ConnectionsInUse",
     .title = "connections in use"},
    {.name = "wfmetrics_connections_free",
     .help = "Connections that the processes of httpd may use beyond those in use.",
     .type = WFM_FIGURE_GAUGE,
     .value = connections_free,
     .which = WFM_GAUGE_CONNECTIONS,
     .key = "ConnectionsFree",
     .title = "free"},
    {.name = "wfmetrics_coalesced_requests_total",
     .help = "Questions to the database that an equal one at the same time asked for them.",
     .type = WFM_FIGURE_COUNTER,
     .value = total,
     .which = WFM_TOTAL_COALESCED,
     .key = "Coalesced",
     .title = "coalesced"},
    {.name = "wfmetrics_summaries_in_use",
     .help = "Are the database's summaries used? Absent until somebody has looked.",
     .type = WFM_FIGURE_GAUGE,
     .value = in_use,
     .which = WFM_NOTICE_SUMMARIES,
     .key = "SummariesInUse"},
    {.name = "wfmetrics_summaries_unclean",
     .help = "Days of configs that are still to be summed up.",
     .type = WFM_FIGURE_GAUGE,
     .value = unclean,
     .which = WFM_NOTICE_UNCLEAN,
     .key = "SummariesUncleanDays",
     .title = "days to be summed up"},
    {.name = "wfmetrics_summaries_oldest_unclean_seconds",
     .help = "For how long the oldest of these days has not been summed up.",
     .type = WFM_FIGURE_GAUGE,
     .is_time = 1,
     .value = age,
     .which = WFM_NOTICE_OLDEST,
     .key = "SummariesUncleanSeconds",
     .title = "seconds since the oldest was changed",
     .per = 1000000},
};
const int wfm_figures_count = sizeof wfm_figures / sizeof *wfm_figures;

static const wfm_kind_t kinds[WFM_KINDS] = {
    [WFM_KIND_REQUEST] = {"request", "Request", "bad request"},
    [WFM_KIND_FORBIDDEN] = {"forbidden", "Forbidden", "forbidden"},
    [WFM_KIND_NOT_FOUND] = {"not_found", "NotFound", "not found"},
    [WFM_KIND_CONFLICT] = {"conflict", "Conflict", "conflict"},
    [WFM_KIND_CLIENT_GONE] = {"client_gone", "ClientGone", "client gone"},
    [WFM_KIND_INTERNAL] = {"internal", "Internal", "internal"},
    [WFM_KIND_UNAVAILABLE] = {"unavailable", "Unavailable", "unavailable"},
    [WFM_KIND_TIMEOUT] = {"timeout", "Timeout", "timeout"},
};

static const char *const classes[WFM_CLASSES] = {"2xx", "3xx", "4xx", "5xx"};

/* ---- samples ---- */

/* Whom samples are told. */
typedef struct listener_t {
    const wfm_figure_t *figure;
    wfm_sample_fn fn;
    void *ctx;
} listener_t;

static void tell(const listener_t *l, wfm_sample_t *sample, const char *suffix, int is_time,
                 apr_uint64_t value)
{
    sample->suffix = suffix;
    sample->is_time = is_time;
    sample->value = value;
    l->fn(l->ctx, l->figure, sample);
}

static void tell_statuses(const listener_t *l, wfm_sample_t *sample, const wfm_answers_t *answers)
{
    for (int i = 0; i < WFM_CLASSES; i++) {
        sample->status = classes[i];
        tell(l, sample, "", 0, answers->by_class[i]);
    }
}

/* Each bucket holds those before it as well. The count is theirs, so that the two agree however
 * many requests end meanwhile. */
static void tell_histogram(const listener_t *l, wfm_sample_t *sample, const wfm_answers_t *answers)
{
    apr_uint64_t n = 0;

    for (int i = 0; i < WFM_BUCKETS; i++) {
        sample->bucket = i;
        tell(l, sample, "_bucket", 0, n += answers->by_duration[i]);
    }
    sample->bucket = -1;
    tell(l, sample, "_sum", 1, answers->took);
    tell(l, sample, "_count", 0, n);
}

static void tell_routes(const listener_t *l, const wfm_counters_t *counters,
                        const wfm_route_t *routes, int nroutes)
{
    for (int i = 0; i <= nroutes; i++) {
        wfm_sample_t sample = {.method =
                                   i < nroutes ? wfm_route_method_name(routes[i].method) : "other",
                               .path = i < nroutes ? routes[i].path : "other",
                               .bucket = -1};
        wfm_answers_t answers;

        if (!wfm_counters_answers(counters, i, &answers))
            continue;
        if (l->figure->by == WFM_BY_ROUTE)
            tell_histogram(l, &sample, &answers);
        else
            tell_statuses(l, &sample, &answers);
    }
}

void wfm_figure_samples(const wfm_figure_t *f, const wfm_counters_t *counters,
                        const wfm_route_t *routes, int nroutes, wfm_sample_fn fn, void *ctx)
{
    const listener_t l = {f, fn, ctx};
    wfm_sample_t sample = {.bucket = -1};
    apr_uint64_t value;

    if (f->by == WFM_BY_ROUTE || f->by == WFM_BY_ROUTE_STATUS) {
        tell_routes(&l, counters, routes, nroutes);
    } else if (f->by == WFM_BY_KIND) {
        for (int i = 0; i < WFM_KINDS; i++) {
            sample.kind = &kinds[i];
            f->value(counters, f->which + i, &value);
            tell(&l, &sample, "", 0, value);
        }
    } else if (f->value && f->value(counters, f->which, &value)) {
        tell(&l, &sample, f->type == WFM_FIGURE_SUMMARY ? "_sum" : "", f->is_time, value);
        if (f->type == WFM_FIGURE_SUMMARY && f->value(counters, f->count, &value))
            tell(&l, &sample, "_count", 0, value);
    }
}
