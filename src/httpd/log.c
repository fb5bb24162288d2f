/*
 * log.c - owns what the logs say of a request. The item %{NAME}^WJ of a LogFormat writes one thing
 * as JSON, a string or null: httpd's own items escape in a way that JSON has not. It costs nothing
 * where no log has it.
 */
#include "log.h"
#include "../core/clock.h"
#include "../core/logtext.h"
#include "../core/trace.h"
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <mod_log_config.h>

APLOG_USE_MODULE(wfmetrics);

#define NOTE_CLUSTER "wfmetrics-cluster"
#define NOTE_ROUTE   "wfmetrics-route"

/* What %L says in the access log. httpd makes it with the first line that is logged about a
 * request; this line is often the first, and needs it before. A subrequest's is that of the whole.
 */
static const char *log_id(request_rec *r)
{
    request_rec *whole = r->main ? r->main : r;

    if (!whole->log_id)
        ap_run_generate_log_id(whole->connection, whole, &whole->log_id);
    return whole->log_id ? whole->log_id : "-";
}

static const char *trace_parent(request_rec *r)
{
    return wfm_trace_parent(r->pool, apr_table_get(r->headers_in, "traceparent"));
}

/* By what the line is found: in the access log, and in the traces of what called. */
static const char *ids(request_rec *r)
{
    const char *trace = trace_parent(r);

    return trace ? apr_pstrcat(r->pool, log_id(r), " traceparent=", trace, NULL) : log_id(r);
}

void wfm_log_error(const wfm_sink_t *sink, const wfm_error_t *err)
{
    const wfm_request_t *rq = sink->rq;
    request_rec *r = sink->r;
    int broken = sink->committed && err->status != WFM_CLIENT_GONE;
    int level = err->status >= 500 || broken ? APLOG_ERR : APLOG_INFO;

    if (!APLOG_R_IS_LEVEL(r, level))
        return;
    ap_log_rerror(APLOG_MARK, level, 0, r,
                  "wfmetrics: cluster=%s route=\"%s %s\" status=%d sqlstate=%s statement=%s "
                  "duration_ms=%" APR_TIME_T_FMT " log_id=%s: %s%s%s",
                  rq->cluster ? rq->cluster : "-", r->method, rq->route ? rq->route->path : "-",
                  err->status, err->sqlstate[0] ? err->sqlstate : "-",
                  err->statement ? err->statement : "-",
                  apr_time_as_msec(wfm_clock_now() - sink->began), ids(r), err->message,
                  err->detail ? ": " : "", err->detail ? err->detail : "");
}

void wfm_log_notes(request_rec *r, const wfm_request_t *rq)
{
    if (rq->cluster)
        apr_table_setn(r->notes, NOTE_CLUSTER, rq->cluster);
    apr_table_setn(r->notes, NOTE_ROUTE, rq->route ? rq->route->path : "other");
}

/* ---- %{NAME}^WJ ---- */

static const char *request_line(request_rec *r)
{
    return r->the_request;
}

static const char *user(request_rec *r)
{
    return r->user;
}

static const char *cluster(request_rec *r)
{
    return apr_table_get(r->notes, NOTE_CLUSTER);
}

static const char *route(request_rec *r)
{
    return apr_table_get(r->notes, NOTE_ROUTE);
}

/* What is none of these is a header of the request's. */
static const struct {
    const char *name;
    const char *(*of)(request_rec *r);
} items[] = {{"request", request_line},
             {"user", user},
             {"cluster", cluster},
             {"route", route},
             {"traceparent", trace_parent}};

static const char *log_item(request_rec *r, char *name)
{
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (!strcmp(name, items[i].name))
            return wfm_log_json(r->pool, items[i].of(r));
    return wfm_log_json(r->pool, apr_table_get(r->headers_in, name));
}

static int register_item(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    APR_OPTIONAL_FN_TYPE(ap_register_log_handler) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_register_log_handler);
    char tag[] = "^WJ";

    (void)plog;
    (void)ptemp;
    if (add) /* else mod_log_config is not loaded */
        add(pconf, apr_pstrdup(pconf, tag), log_item, 0);
    return OK;
}

void wfm_log_register(void)
{
    ap_hook_pre_config(register_item, NULL, NULL, APR_HOOK_MIDDLE);
}
