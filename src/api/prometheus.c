/*
 * prometheus.c - owns GET /metrics/prometheus: the figures of the clusters that may be asked for
 * here, streamed. They stand in memory: no database is asked, so no scrape waits for one.
 */
#include "../core/figures.h"
#include "../core/media.h"
#include "api.h"

/* Only who names OpenMetrics gets it. */
static int wants_openmetrics(const char *accept)
{
    wfm_media_preference_t open =
        wfm_media_preference(accept, "application/openmetrics-text", "1.0.0");

    return open.named && open.quality > 0 &&
           open.quality >= wfm_media_preference(accept, "text/plain", "0.0.4").quality;
}

wfm_error_t *api_prometheus_scrape(wfm_request_t *rq)
{
    const apr_array_header_t *clusters = rq->served(rq);
    apr_array_header_t *of = apr_array_make(rq->pool, clusters->nelts, sizeof(wfm_figures_of_t));
    int openmetrics = wants_openmetrics(rq->accept);

    for (int i = 0; i < clusters->nelts; i++) {
        const api_cluster_t *c = &APR_ARRAY_IDX(clusters, i, api_cluster_t);

        APR_ARRAY_PUSH(of, wfm_figures_of_t) = (wfm_figures_of_t){c->name, c->counters};
    }
    rq->content_type = openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                   : "text/plain; version=0.0.4; charset=utf-8";
    apr_table_setn(rq->headers, "Vary", "Accept");
    wfm_figures_write(rq->out, openmetrics, (const wfm_figures_of_t *)of->elts, of->nelts,
                      rq->routes, rq->nroutes);
    return NULL;
}
