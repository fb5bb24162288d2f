/*
 * notices.c - owns what the operator is told: how many connections there can be, that the server
 * has fewer, and that summaries are there but not used. What was told is kept with the counters, in
 * memory that all children share.
 */
#include "notices.h"
#include "../core/version.h"
#include "config.h"
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>

APLOG_USE_MODULE(wfmetrics);

static int children(void)
{
    int n = 0;

    ap_mpm_query(AP_MPMQ_MAX_DAEMONS, &n);
    return n;
}

/* Of all children together, at one PostgreSQL or (NULL) all. Hosts that share a pool are counted
 * once. */
static int most(apr_pool_t *p, server_rec *main_server, const char *where)
{
    apr_hash_t *pools = apr_hash_make(p);
    int sum = 0;

    for (server_rec *s = main_server; s; s = s->next) {
        const char *key;

        if (!wfm_cluster(s) || (where && strcmp(wfm_server_config(s)->where, where) != 0))
            continue;
        key = wfm_pgsql_pool_key(p, s);
        if (!apr_hash_get(pools, key, APR_HASH_KEY_STRING))
            sum += wfm_pgsql_most(s, children(), wfm_is_threaded());
        apr_hash_set(pools, key, APR_HASH_KEY_STRING, s);
    }
    return sum;
}

void wfm_notices_start(apr_pool_t *pconf, server_rec *main_server)
{
    int all = most(pconf, main_server, NULL);
    int clusters = (int)apr_hash_count(wfm_server_config(main_server)->clusters);
    const char *each = "one connection each for a pool";

    for (server_rec *s = main_server; s; s = s->next)
        if (wfm_cluster(s))
            wfm_server_config(s)->where = wfm_pgsql_where(pconf, s);
    for (server_rec *s = main_server; s; s = s->next) {
        if (!wfm_cluster(s))
            continue;
        wfm_server_config(s)->connections = most(pconf, main_server, wfm_server_config(s)->where);
        wfm_counters_notice(wfm_meter(s)->counters, WFM_NOTICE_ROOM,
                            wfm_is_threaded() ? (apr_uint32_t)wfm_pgsql_most(s, 1, 1) : 1);
    }
    if (wfm_is_threaded() && children() > 0)
        each = apr_psprintf(pconf, "DBDMax %d over all clusters", all / children());
    if (clusters)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, main_server,
                     "wfmetrics: %s; %d cluster(s); at most %d database connections "
                     "(%d children, %s)",
                     WFM_PRODUCT, clusters, all, children(), each);
}

_Static_assert(WFM_SUMMARIES_UNKNOWN == 0 && WFM_SUMMARIES_IN_USE == WFM_NOTICED_IN_USE,
               "the figures know these two");

static void summaries_found(server_rec *s, wfm_summaries_e state)
{
    const char *advice = wfm_summaries_advice(state);
    apr_uint32_t before =
        wfm_counters_notice(wfm_meter(s)->counters, WFM_NOTICE_SUMMARIES, (apr_uint32_t)state);

    if (before == (apr_uint32_t)state)
        return;
    if (advice)
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, s,
            "wfmetrics: cluster=%s: the summaries are not used (%s), so answers about much "
            "data are slower: %s",
            wfm_cluster(s), wfm_summaries_text(state), advice);
    else if (state == WFM_SUMMARIES_IN_USE && wfm_summaries_advice((wfm_summaries_e)before))
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                     "wfmetrics: cluster=%s: the summaries are used again", wfm_cluster(s));
}

static void unclean_found(server_rec *s, apr_uint32_t days, apr_uint32_t seconds)
{
    wfm_counters_notice(wfm_meter(s)->counters, WFM_NOTICE_UNCLEAN, days);
    wfm_counters_notice(wfm_meter(s)->counters, WFM_NOTICE_OLDEST, seconds);
}

/* Once for a PostgreSQL, however many clusters are there: their count is the same. */
static void connections_found(server_rec *s, int max)
{
    const wfm_server_config_t *c = wfm_server_config(s);
    int wanted = c->connections, told = 0;

    if (wanted <= max)
        return;
    for (server_rec *o = ap_server_conf; o; o = o->next)
        if (wfm_is_first_host(ap_server_conf, o) && !strcmp(wfm_server_config(o)->where, c->where))
            told |= wfm_counters_notice(wfm_meter(o)->counters, WFM_NOTICE_CONNECTIONS, 1) != 0;
    if (!told)
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, s,
            "wfmetrics: cluster=%s: its PostgreSQL has %d connections for such roles "
            "(max_connections less those reserved), but this httpd may ask it for %d: lower "
            "DBDMax or the number of children, or raise max_connections",
            wfm_cluster(s), max, wanted);
}

const wfm_db_observer_t *wfm_notices_observer(void)
{
    static const wfm_db_observer_t observer = {summaries_found, unclean_found, connections_found};

    return &observer;
}
