/*
 * description.c - owns what the API says about itself: GET /openapi.json (which openapi.c makes)
 * and GET of the tree's root. No database is asked.
 */
#include "../core/etag.h"
#include "../core/version.h"
#include "api.h"
#include "openapi.h"
#include <apr_strings.h>

wfm_error_t *api_description_get(wfm_request_t *rq)
{
    const api_document_t *description = rq->description;

    if (api_digest_not_modified(rq, description->digest))
        return NULL;
    apr_table_setn(rq->headers, "Content-Length",
                   apr_psprintf(rq->pool, "%" APR_SIZE_T_FMT, description->len));
    wfm_out_mem(rq->out, description->text, description->len);
    return NULL;
}

wfm_error_t *api_root_get(wfm_request_t *rq)
{
    const char *path = apr_pstrcat(rq->pool, rq->base_path, "/openapi.json", NULL);
    const char *all = apr_pstrcat(rq->pool, WFM_PRODUCT, " ", path, " ", rq->cluster, NULL);
    wfm_json_t j;

    if (api_digest_not_modified(rq, wfm_etag_digest(all, strlen(all))))
        return NULL;
    api_begin(rq, &j);
    wfm_json_name(&j, "name");
    wfm_json_string(&j, "mod_wfmetrics");
    wfm_json_name(&j, "version");
    wfm_json_string(&j, WFM_VERSION);
    wfm_json_name(&j, "cluster");
    wfm_json_string(&j, rq->cluster);
    wfm_json_name(&j, "openapi");
    wfm_json_string(&j, path);
    api_end(&j);
    return NULL;
}
