/*
 * health.c - owns GET /health: would a request to this cluster be served now?
 */
#include "api.h"

wfm_error_t *api_health(wfm_request_t *rq)
{
    wfm_json_t j;
    int busy;

    WFM_TRY(wfm_db_probe(&rq->db, &busy));
    api_begin(rq, &j);
    wfm_json_key(&j, "status");
    wfm_json_string(&j, busy ? "busy" : "ok");
    wfm_json_key(&j, "cluster_name");
    wfm_json_string(&j, rq->cluster);
    api_end(&j);
    return NULL;
}
