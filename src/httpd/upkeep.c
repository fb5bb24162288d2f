/*
 * upkeep.c - owns when a database's upkeep is done: after an answer. httpd logs a request once all
 * of its answer has been written to the socket, and frees its pool then.
 */
#include "upkeep.h"
#include "config.h"
#include <ap_mpm.h>
#include <http_log.h>

APLOG_USE_MODULE(wfmetrics);

/* In the request's pool: the source whose upkeep is due. */
#define PLANNED "wfmetrics-upkeep"

void wfm_upkeep_plan(request_rec *r, wfm_db_source_t *src)
{
    if (src && wfm_db_tend_due(src, r->request_time))
        apr_pool_userdata_setn(src, PLANNED, NULL, r->pool);
}

/* A child that goes away begins nothing new; and what was not sent by then is torn down when its
 * pools, the source among them, may be gone. */
static int is_stopping(void)
{
    int state;

    return ap_mpm_query(AP_MPMQ_MPM_STATE, &state) == APR_SUCCESS && state == AP_MPMQ_STOPPING;
}

int wfm_upkeep(request_rec *r)
{
    wfm_db_caller_t caller = {.pool = r->pool};
    void *src = NULL;
    wfm_error_t *err;

    apr_pool_userdata_get(&src, PLANNED, r->pool);
    if (!src || is_stopping())
        return DECLINED;
    caller.src = src;
    err = wfm_db_tend(&caller);
    if (err)
        ap_log_rerror(
            APLOG_MARK, err->status == WFM_UNAVAILABLE ? APLOG_DEBUG : APLOG_WARNING, 0, r,
            "wfmetrics: the summaries of cluster %s could not be tended: sqlstate=%s: %s%s%s",
            wfm_cluster(r->server) ? wfm_cluster(r->server) : "-",
            err->sqlstate[0] ? err->sqlstate : "-", err->message, err->detail ? ": " : "",
            err->detail ? err->detail : "");
    return OK;
}
