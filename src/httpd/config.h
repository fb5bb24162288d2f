/*
 * config.h - directives, what they mean together, and the clusters of this httpd.
 */
#ifndef WFM_HTTPD_CONFIG_H
#define WFM_HTTPD_CONFIG_H

#include "../core/counters.h"
#include "../core/origin.h"
#include "../core/param.h"
#include "../core/route.h"
#include "../pgsql/pgsql.h"
#include <ap_mpm.h>
#include <http_config.h>
#include <httpd.h>

#define WFM_HANDLER   "wfmetrics"
#define WFM_BASE_PATH "/v1/github-workflow-metrics" /**< where nothing else is said */

/** Per virtual host. */
typedef struct wfm_server_config_t {
    server_rec *server;         /**< whose configuration it is, see wfm_cluster */
    const char *cluster;        /**< WfmetricsCluster, NULL: none; never inherited */
    const char *where;          /**< equal for clusters of one PostgreSQL */
    int connections;            /**< the worst case of that one, of all clusters */
    apr_array_header_t *serves; /**< of const char *: WfmetricsServeClusters, NULL: not said */
    int serves_all;             /**< it names '*' */
    wfm_db_settings_t db;       /**< -1: not said, until the configuration is checked */
    int max_threads;            /**< main server only: WfmetricsMaxThreads, -1: not said */
    wfm_slots_t *slots;         /**< main server only, NULL where children have many threads */
    apr_hash_t *clusters;       /**< main server only: name -> server_rec, the first host */
    wfm_db_source_t *source;    /**< this cluster's database, made in each child */
    wfm_meter_t meter;          /**< its counters; the cell is each child's own */
    wfm_registry_t *registry;   /**< main server only: all counters */
    const wfm_router_t *router; /**< of the API, the same in every host; and its description */
    const struct api_document_t *description;
    /** main server only: of the databases; NULL: nobody does it */
    struct wfm_maintenance_t *maintenance;
} wfm_server_config_t;

/** Per location. */
typedef struct wfm_dir_config_t {
    const char *base_path; /**< NULL: not said */
    int read_only;         /**< -1: not said */
    int ingest;            /**< -1: not said */
    int csv_guard;         /**< -1: not said */
    wfm_limits_t limits;   /**< -1: not said */
    wfm_origins_t origins; /**< of pages that may write; list NULL: not said */
} wfm_dir_config_t;

extern const command_rec wfm_directives[];

void *wfm_server_config_create(apr_pool_t *p, server_rec *s);
void *wfm_server_config_merge(apr_pool_t *p, void *base, void *add);
void *wfm_dir_config_create(apr_pool_t *p, char *path);
void *wfm_dir_config_merge(apr_pool_t *p, void *base, void *add);

/** Fill in what no directive says. */
void wfm_server_config_defaults(wfm_server_config_t *c);

/** Hook: refuse what cannot work, with a sentence that says what to write. Runs in configtest too.
 */
int wfm_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);

/** Of a host without any directive of this module it is the main server's, unmerged. */
wfm_server_config_t *wfm_server_config(server_rec *s);

/** The cluster that this very host declares; NULL: none. */
const char *wfm_cluster(server_rec *s);

/** Does this very host declare a cluster, as the first of those that do? */
int wfm_is_first_host(server_rec *main_server, server_rec *s);

/** Has a child many threads? */
int wfm_is_threaded(void);

/** The counters of the cluster that this very host declares; NULL: none. */
const wfm_meter_t *wfm_meter(server_rec *s);

/** The location's settings with defaults filled in. */
void wfm_dir_config(request_rec *r, wfm_dir_config_t *out);

/**
 * A host whose database a request is for.
 * @param name value of ?cluster=, NULL or "": the host's own
 * @param err  404 unknown, 403 not served here
 */
server_rec *wfm_cluster_server(request_rec *r, const char *name, wfm_error_t **err);

/** The hosts, each the first of its cluster, whose clusters may be asked for at this one: its own
 * cluster first, the others by name. Array of server_rec *. */
apr_array_header_t *wfm_clusters_served(apr_pool_t *p, server_rec *host);

#endif
