/*
 * clusters.c - owns which hosts make up which cluster, and which cluster a request is for.
 *
 * Several hosts may declare one cluster (a pair of :80 and :443, a read-only twin). They have one
 * pool of connections and one set of counters; each has a source of its own, with its own timeouts.
 * The first of them stands for the cluster where it is a matter of the cluster, not of a host.
 */
#include "../core/text.h"
#include "config.h"
#include <http_main.h>
#include <stdlib.h>

const char *wfm_cluster(server_rec *s)
{
    const wfm_server_config_t *c = wfm_server_config(s);

    return c->server == s ? c->cluster : NULL;
}

int wfm_is_first_host(server_rec *main_server, server_rec *s)
{
    const char *name = wfm_cluster(s);

    return name &&
           apr_hash_get(wfm_server_config(main_server)->clusters, name, APR_HASH_KEY_STRING) == s;
}

const wfm_meter_t *wfm_meter(server_rec *s)
{
    return wfm_cluster(s) ? &wfm_server_config(s)->meter : NULL;
}

int wfm_is_threaded(void)
{
    int threaded = 0;

    ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded);
    return threaded != 0;
}

static int serves(const wfm_server_config_t *c, const char *name)
{
    return c->serves_all || (c->serves && wfm_names_hold(c->serves, name));
}

server_rec *wfm_cluster_server(request_rec *r, const char *name, wfm_error_t **err)
{
    const wfm_server_config_t *own = wfm_server_config(r->server);
    apr_hash_t *clusters = wfm_server_config(ap_server_conf)->clusters;
    server_rec *s;

    if (!name || !*name || (wfm_cluster(r->server) && !strcmp(name, wfm_cluster(r->server)))) {
        if (!wfm_cluster(r->server))
            *err =
                wfm_error_internal(r->pool, "this host serves the wfmetrics handler, but declares "
                                            "no WfmetricsCluster");
        return r->server;
    }
    s = apr_hash_get(clusters, name, APR_HASH_KEY_STRING);
    if (!s)
        *err = wfm_error_make(r->pool, WFM_NOT_FOUND, "unknown cluster '%s'", name);
    else if (!serves(own, name))
        *err = wfm_error_make(r->pool, WFM_FORBIDDEN, "cluster '%s' is not served here", name);
    return s;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(wfm_cluster(*(server_rec *const *)a), wfm_cluster(*(server_rec *const *)b));
}

apr_array_header_t *wfm_clusters_served(apr_pool_t *p, server_rec *host)
{
    apr_array_header_t *served = apr_array_make(p, 4, sizeof(server_rec *));
    const wfm_server_config_t *conf = wfm_server_config(host);
    const char *own = wfm_cluster(host);
    size_t first = own != NULL;

    if (own)
        APR_ARRAY_PUSH(served, server_rec *) = host;
    for (server_rec *s = ap_server_conf; s; s = s->next)
        if (wfm_is_first_host(ap_server_conf, s) && serves(conf, wfm_cluster(s)) &&
            !(own && !strcmp(wfm_cluster(s), own)))
            APR_ARRAY_PUSH(served, server_rec *) = s;
    qsort(served->elts + first * sizeof(server_rec *), (size_t)served->nelts - first,
          sizeof(server_rec *), by_name);
    return served;
}
