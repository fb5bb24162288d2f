/*
 * health.c - owns GET /health: would a request to this cluster be served now?
 */
#include "../core/version.h"
#include "api.h"
#include <apr_strings.h>
#include <string.h>

static void add_text(wfm_json_t *j, const char *key, const char *text)
{
    wfm_json_key(j, key);
    wfm_json_string(j, text);
}

static void add_count(wfm_request_t *rq, wfm_json_t *j, const char *key, apr_uint32_t n)
{
    const char *text = apr_psprintf(rq->pool, "%u", n);

    wfm_json_key(j, key);
    api_value(j, API_INT, text, strlen(text));
}

/* Whoever watches sees from it whether maintenance comes up to those who write. */
static void add_summaries(wfm_request_t *rq, wfm_json_t *j)
{
    apr_uint32_t days, seconds;

    add_text(j, "summaries", wfm_summaries_text(wfm_db_summaries(&rq->db)));
    wfm_db_unclean(&rq->db, &days, &seconds);
    add_count(rq, j, "summaries_unclean_days", days);
    add_count(rq, j, "summaries_unclean_seconds", seconds);
}

static void add_replica(wfm_json_t *j, const char *lag_ms)
{
    wfm_json_name(j, "replica");
    wfm_json_object(j);
    wfm_json_name(j, "lag_ms");
    api_value(j, API_INT, lag_ms, lag_ms ? strlen(lag_ms) : 0);
    wfm_json_object_end(j);
}

wfm_error_t *api_health_get(wfm_request_t *rq)
{
    wfm_db_health_t health;
    wfm_json_t j;

    WFM_TRY(wfm_db_probe(&rq->db, &health));
    api_begin(rq, &j);
    add_text(&j, "status", health.busy ? "busy" : "ok");
    add_text(&j, "cluster_name", rq->cluster);
    add_text(&j, "version", WFM_VERSION);
    add_summaries(rq, &j);
    if (health.is_replica)
        add_replica(&j, health.lag_ms);
    api_end(&j);
    return NULL;
}
