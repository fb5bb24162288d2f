/*
 * clusters.c - owns GET /clusters: which clusters may be asked for here. No database is asked.
 */
#include "../core/etag.h"
#include "../core/text.h"
#include "api.h"
#include <apr_strings.h>

/* A tag stands for what is answered: the names, in their order, and what is said of each. */
static apr_uint64_t digest(wfm_request_t *rq, const apr_array_header_t *clusters)
{
    apr_array_header_t *text = wfm_text_new(rq->pool);

    for (int i = 0; i < clusters->nelts; i++) {
        const api_cluster_t *c = &APR_ARRAY_IDX(clusters, i, api_cluster_t);

        wfm_text_append(text,
                        apr_psprintf(rq->pool, "%" APR_SIZE_T_FMT ":%s%d%d%d", strlen(c->name),
                                     c->name, c->own, c->read_only, c->takes_results));
    }
    return wfm_etag_digest(wfm_text_get(text), (apr_size_t)text->nelts);
}

static void write_cluster(wfm_json_t *j, const api_cluster_t *c)
{
    wfm_json_object(j);
    wfm_json_name(j, "name");
    wfm_json_string(j, c->name);
    wfm_json_name(j, "own");
    wfm_json_bool(j, c->own);
    wfm_json_name(j, "read_only");
    wfm_json_bool(j, c->read_only);
    wfm_json_name(j, "takes_results");
    wfm_json_bool(j, c->takes_results);
    wfm_json_object_end(j);
}

wfm_error_t *api_clusters_list(wfm_request_t *rq)
{
    const apr_array_header_t *clusters = rq->served(rq);
    wfm_json_t j;

    if (api_digest_not_modified(rq, digest(rq, clusters)))
        return NULL;
    api_begin(rq, &j);
    wfm_json_name(&j, "clusters");
    wfm_json_array(&j);
    for (int i = 0; i < clusters->nelts; i++)
        write_cluster(&j, &APR_ARRAY_IDX(clusters, i, api_cluster_t));
    wfm_json_array_end(&j);
    api_end(&j);
    return NULL;
}
