/*
 * config.c - owns the directives: parsing, defaults, merging; the start of a child; and which
 * cluster a request is for. Whether it all works together is config_check.c's.
 */
#include "config.h"
#include "../core/text.h"
#include "../core/version.h"
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <unistd.h>

APLOG_USE_MODULE(wfmetrics);

#define UNSET (-1)

#define DEFAULT_MAX_BODY          1048576
#define DEFAULT_EXPORT_MAX_ROWS   1000000
#define DEFAULT_ACQUIRE_TIMEOUT   2000
#define DEFAULT_STATEMENT_TIMEOUT 15000
#define DEFAULT_EXPORT_TIMEOUT    300000

/* Characters of github_workflow_configs.cluster_name. */
#define MAX_NAME 255

/* Most of any time, in milliseconds: a day. PostgreSQL's own limit is INT_MAX. */
#define MAX_MS 86400000

wfm_server_config_t *wfm_server_config(server_rec *s)
{
    return ap_get_module_config(s->module_config, &wfmetrics_module);
}

const char *wfm_cluster(server_rec *s)
{
    const wfm_server_config_t *c = wfm_server_config(s);

    return c->server == s ? c->cluster : NULL;
}

const wfm_meter_t *wfm_meter(server_rec *s)
{
    return wfm_cluster(s) ? &wfm_server_config(s)->meter : NULL;
}

/* ---- create and merge ---- */

void *wfm_server_config_create(apr_pool_t *p, server_rec *s)
{
    wfm_server_config_t *c = apr_pcalloc(p, sizeof *c);

    c->server = s;
    c->db.acquire_timeout = UNSET;
    c->db.statement_timeout = UNSET;
    c->db.export_timeout = UNSET;
    c->db.max_exports = UNSET;
    c->max_threads = UNSET;
    return c;
}

static int inherit(int own, int base)
{
    return own != UNSET ? own : base;
}

void *wfm_server_config_merge(apr_pool_t *p, void *basev, void *addv)
{
    const wfm_server_config_t *base = basev, *add = addv;
    wfm_server_config_t *c = apr_pcalloc(p, sizeof *c);

    c->server = add->server;
    c->cluster = add->cluster; /* a name belongs to one host */
    c->serves = add->serves ? add->serves : base->serves;
    c->serves_all = add->serves ? add->serves_all : base->serves_all;
    c->db.acquire_timeout = inherit(add->db.acquire_timeout, base->db.acquire_timeout);
    c->db.statement_timeout = inherit(add->db.statement_timeout, base->db.statement_timeout);
    c->db.export_timeout = inherit(add->db.export_timeout, base->db.export_timeout);
    c->db.max_exports = inherit(add->db.max_exports, base->db.max_exports);
    return c;
}

void *wfm_dir_config_create(apr_pool_t *p, char *path)
{
    wfm_dir_config_t *c = apr_pcalloc(p, sizeof *c);

    (void)path;
    c->read_only = UNSET;
    c->csv_guard = UNSET;
    c->limits.export_max_rows = UNSET;
    c->limits.max_body = UNSET;
    return c;
}

void *wfm_dir_config_merge(apr_pool_t *p, void *basev, void *addv)
{
    const wfm_dir_config_t *base = basev, *add = addv;
    wfm_dir_config_t *c = apr_pmemdup(p, add, sizeof *add);

    if (!c->base_path)
        c->base_path = base->base_path;
    c->read_only = inherit(add->read_only, base->read_only);
    c->csv_guard = inherit(add->csv_guard, base->csv_guard);
    if (c->limits.export_max_rows == UNSET)
        c->limits.export_max_rows = base->limits.export_max_rows;
    if (c->limits.max_body == UNSET)
        c->limits.max_body = base->limits.max_body;
    if (!c->origins.list)
        c->origins = base->origins;
    return c;
}

void wfm_server_config_defaults(wfm_server_config_t *c)
{
    c->db.acquire_timeout = inherit(c->db.acquire_timeout, DEFAULT_ACQUIRE_TIMEOUT);
    c->db.statement_timeout = inherit(c->db.statement_timeout, DEFAULT_STATEMENT_TIMEOUT);
    c->db.export_timeout = inherit(c->db.export_timeout, DEFAULT_EXPORT_TIMEOUT);
}

void wfm_dir_config(request_rec *r, wfm_dir_config_t *out)
{
    *out = *(wfm_dir_config_t *)ap_get_module_config(r->per_dir_config, &wfmetrics_module);
    if (!out->base_path)
        out->base_path = WFM_BASE_PATH;
    if (out->read_only == UNSET)
        out->read_only = 0;
    if (out->csv_guard == UNSET)
        out->csv_guard = 1;
    if (out->limits.export_max_rows == UNSET)
        out->limits.export_max_rows = DEFAULT_EXPORT_MAX_ROWS;
    if (out->limits.max_body == UNSET)
        out->limits.max_body = DEFAULT_MAX_BODY;
}

/* ---- directives ---- */

static const char *set_cluster(cmd_parms *cmd, void *dir, const char *name)
{
    wfm_server_config_t *c = wfm_server_config(cmd->server);

    (void)dir;
    if (!strcmp(name, "*") || wfm_text_is_blank(name, strlen(name)) ||
        !wfm_text_is_utf8(name, strlen(name)) || wfm_text_length(name, strlen(name)) > MAX_NAME)
        return "WfmetricsCluster takes the name of a cluster, such as mi325-east: "
               "UTF-8, at most 255 characters, neither blank nor *";
    if (c->cluster)
        return apr_psprintf(cmd->pool, "WfmetricsCluster is given twice in one host: %s and %s",
                            c->cluster, name);
    c->cluster = name;
    return NULL;
}

static const char *add_served(cmd_parms *cmd, void *dir, const char *name)
{
    wfm_server_config_t *c = wfm_server_config(cmd->server);

    (void)dir;
    if (!*name)
        return "WfmetricsServeClusters takes names of clusters, or *";
    if (!c->serves)
        c->serves = apr_array_make(cmd->pool, 4, sizeof(const char *));
    APR_ARRAY_PUSH(c->serves, const char *) = name;
    if (!strcmp(name, "*"))
        c->serves_all = 1;
    return NULL;
}

/* "/." or "/..": httpd takes them out of every request's path. */
static int has_dot_segment(const char *path)
{
    for (const char *s = strstr(path, "/."); s; s = strstr(s + 1, "/.")) {
        const char *end = s + 2 + (s[2] == '.');

        if (*end == '/' || *end == '\0')
            return 1;
    }
    return 0;
}

static const char *set_base_path(cmd_parms *cmd, void *dir, const char *path)
{
    wfm_dir_config_t *c = dir;
    apr_size_t len = strlen(path);

    if (path[0] != '/' || strpbrk(path, "?#%") || strstr(path, "//") || has_dot_segment(path))
        return apr_psprintf(cmd->pool, "WfmetricsBasePath must be a path such as %s, not '%s'",
                            WFM_BASE_PATH, path);
    while (len > 0 && path[len - 1] == '/') /* "/" itself becomes "": the API at the root */
        len--;
    c->base_path = apr_pstrmemdup(cmd->pool, path, len);
    return NULL;
}

static const char *set_read_only(cmd_parms *cmd, void *dir, int on)
{
    (void)cmd;
    ((wfm_dir_config_t *)dir)->read_only = on;
    return NULL;
}

static const char *set_csv_guard(cmd_parms *cmd, void *dir, int on)
{
    (void)cmd;
    ((wfm_dir_config_t *)dir)->csv_guard = on;
    return NULL;
}

static const char *add_origin(cmd_parms *cmd, void *dir, const char *text)
{
    wfm_origins_t *origins = &((wfm_dir_config_t *)dir)->origins;
    const char *origin = wfm_origin_parse(cmd->pool, text);

    if (!origins->list)
        origins->list = apr_array_make(cmd->pool, 4, sizeof(const char *));
    if (!strcmp(text, "*"))
        origins->any = 1;
    else if (origin)
        APR_ARRAY_PUSH(origins->list, const char *) = origin;
    else
        return apr_psprintf(cmd->pool,
                            "WfmetricsAllowOrigin takes origins such as https://lens.example.com "
                            "(scheme, host and port, no path), or *, not '%s'",
                            text);
    return NULL;
}

static const char *parse_number(cmd_parms *cmd, const char *text, apr_int64_t min, apr_int64_t max,
                                apr_int64_t *out)
{
    char *end;

    errno = 0;
    *out = apr_strtoi64(text, &end, 10);
    if (errno || end == text || *end || *out < min || *out > max)
        return apr_psprintf(cmd->pool,
                            "%s must be an integer between %" APR_INT64_T_FMT
                            " and %" APR_INT64_T_FMT ", not '%s'",
                            cmd->cmd->name, min, max, text);
    return NULL;
}

static const char *set_max_body(cmd_parms *cmd, void *dir, const char *text)
{
    wfm_dir_config_t *c = dir;

    return parse_number(cmd, text, 1, 1073741824, &c->limits.max_body);
}

static const char *set_export_max_rows(cmd_parms *cmd, void *dir, const char *text)
{
    wfm_dir_config_t *c = dir;

    return parse_number(cmd, text, 1, APR_INT64_C(1000000000000), &c->limits.export_max_rows);
}

static const char *set_server_number(cmd_parms *cmd, const char *text, int min, int max, int *field)
{
    apr_int64_t v;
    const char *fault = parse_number(cmd, text, min, max, &v);

    if (!fault)
        *field = (int)v;
    return fault;
}

static const char *set_max_exports(cmd_parms *cmd, void *dir, const char *text)
{
    (void)dir;
    return set_server_number(cmd, text, 1, 10000, &wfm_server_config(cmd->server)->db.max_exports);
}

static const char *set_max_threads(cmd_parms *cmd, void *dir, const char *text)
{
    const char *fault = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)dir;
    return fault ? fault
                 : set_server_number(cmd, text, 1, 100000,
                                     &wfm_server_config(cmd->server)->max_threads);
}

static const char *set_acquire_timeout(cmd_parms *cmd, void *dir, const char *text)
{
    (void)dir;
    return set_server_number(cmd, text, 1, MAX_MS,
                             &wfm_server_config(cmd->server)->db.acquire_timeout);
}

static const char *set_statement_timeout(cmd_parms *cmd, void *dir, const char *text)
{
    (void)dir;
    return set_server_number(cmd, text, 0, MAX_MS,
                             &wfm_server_config(cmd->server)->db.statement_timeout);
}

static const char *set_export_timeout(cmd_parms *cmd, void *dir, const char *text)
{
    (void)dir;
    return set_server_number(cmd, text, 0, MAX_MS,
                             &wfm_server_config(cmd->server)->db.export_timeout);
}

#define IN_SERVER   RSRC_CONF
#define IN_LOCATION (RSRC_CONF | ACCESS_CONF)

const command_rec wfm_directives[] = {
    AP_INIT_TAKE1("WfmetricsCluster", set_cluster, NULL, IN_SERVER,
                  "Name of the cluster whose database this host's DBD settings reach"),
    AP_INIT_ITERATE("WfmetricsServeClusters", add_served, NULL, IN_SERVER,
                    "Other clusters that ?cluster= may select here, or *"),
    AP_INIT_TAKE1("WfmetricsBasePath", set_base_path, NULL, IN_LOCATION,
                  "Where the API's tree of paths starts"),
    AP_INIT_FLAG("WfmetricsReadOnly", set_read_only, NULL, IN_LOCATION, "On: every write is 403"),
    AP_INIT_TAKE1("WfmetricsMaxBody", set_max_body, NULL, IN_LOCATION,
                  "Largest request body in bytes"),
    AP_INIT_TAKE1("WfmetricsExportMaxRows", set_export_max_rows, NULL, IN_LOCATION,
                  "Ceiling of an export's limit, in rows"),
    AP_INIT_FLAG("WfmetricsCsvFormulaGuard", set_csv_guard, NULL, IN_LOCATION,
                 "On: text that a spreadsheet would run as a formula is made harmless"),
    AP_INIT_ITERATE("WfmetricsAllowOrigin", add_origin, NULL, IN_LOCATION,
                    "Origins, besides the host's own, whose pages may write, or *"),
    AP_INIT_TAKE1("WfmetricsMaxExports", set_max_exports, NULL, IN_SERVER,
                  "Exports at once in one child process"),
    AP_INIT_TAKE1("WfmetricsMaxThreads", set_max_threads, NULL, RSRC_CONF,
                  "How many threads of one child may be at the databases or wait for them"),
    AP_INIT_TAKE1("WfmetricsAcquireTimeout", set_acquire_timeout, NULL, IN_SERVER,
                  "Milliseconds a request waits for its turn at the database"),
    AP_INIT_TAKE1("WfmetricsStatementTimeout", set_statement_timeout, NULL, IN_SERVER,
                  "Milliseconds a statement may take, 0: no limit"),
    AP_INIT_TAKE1("WfmetricsExportTimeout", set_export_timeout, NULL, IN_SERVER,
                  "Milliseconds an export's statement may take, 0: no limit"),
    {.name = NULL},
};

/* ---- start ---- */

/* How many threads of a child (where each has but one: how many children) may be at the databases.
 * By default three quarters: the others serve what needs no database, whatever happens. */
static int max_threads(server_rec *main_server, int query)
{
    int said = wfm_server_config(main_server)->max_threads, all = 1;

    if (said != UNSET)
        return said;
    ap_mpm_query(query, &all);
    return all > 3 ? all - all / 4 : (all > 0 ? all : 1);
}

static int is_threaded(void)
{
    int threaded = 0;

    ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded);
    return threaded != 0;
}

static void make_hall(apr_pool_t *pconf, server_rec *main_server)
{
    wfm_server_config_t *c = wfm_server_config(main_server);
    int places = max_threads(main_server, AP_MPMQ_MAX_DAEMONS);
    apr_status_t rv = wfm_hall_create(&c->hall, pconf, places);

    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, main_server,
                     "wfmetrics: without shared memory WfmetricsMaxThreads is not in force");
}

/* The counters live in the process' own pool: a restart clears pconf, and children of before it
 * count on. */
static apr_status_t make_counters(server_rec *main_server)
{
    wfm_server_config_t *main_conf = wfm_server_config(main_server);
    apr_status_t rv;
    int children = 0;

    ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &children);
    /* twice: at a graceful restart there may be two generations */
    rv = wfm_board_open(&main_conf->board, main_server->process->pool, 2 * children);
    for (server_rec *s = main_server; s && rv == APR_SUCCESS; s = s->next)
        if (wfm_cluster(s))
            rv = wfm_board_counters(&wfm_server_config(s)->meter.counters, main_conf->board,
                                    wfm_cluster(s));
    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_EMERG, rv, main_server,
                     "wfmetrics: no shared memory for the counters");
    return rv;
}

int wfm_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *main_server)
{
    int children = 0, each = 0, clusters = 0;

    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK; /* all of it is done once more */
    if (make_counters(main_server) != APR_SUCCESS)
        return HTTP_INTERNAL_SERVER_ERROR;
    if (!is_threaded())
        make_hall(pconf, main_server);
    ap_mpm_query(AP_MPMQ_MAX_DAEMONS, &children);
    for (server_rec *s = main_server; s; s = s->next) {
        if (wfm_cluster(s)) {
            clusters++;
            each += wfm_db_pgsql_max(s);
        }
    }
    if (clusters)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, main_server,
                     "wfmetrics: %s; %d cluster(s); at most %d database connections "
                     "(%d children, DBDMax %d over all clusters)",
                     WFM_PRODUCT, clusters, children * each, children, each);
    return OK;
}

static apr_status_t make_shared(wfm_db_shared_t *shared, apr_pool_t *pchild,
                                server_rec *main_server)
{
    const wfm_server_config_t *c = wfm_server_config(main_server);
    int clusters = (int)apr_hash_count(c->clusters);

    shared->admissions = apr_hash_make(pchild);
    shared->hall = c->hall;
    return wfm_crowd_create(&shared->crowd, pchild, max_threads(main_server, AP_MPMQ_MAX_THREADS),
                            clusters ? clusters : 1);
}

void wfm_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    wfm_db_shared_t shared = {0};
    apr_status_t made = make_shared(&shared, pchild, main_server);
    int cell = wfm_board_enter(wfm_server_config(main_server)->board, (apr_uint32_t)getpid());

    wfm_db_pgsql_child_init(pchild);
    for (server_rec *s = main_server; s; s = s->next) {
        wfm_server_config_t *c = wfm_server_config(s);
        apr_status_t rv = made;

        if (!wfm_cluster(s))
            continue;
        c->meter.cell = cell;
        if (rv == APR_SUCCESS)
            rv = wfm_db_pgsql_source(&c->source, pchild, s, &c->db, &shared);
        if (rv != APR_SUCCESS)
            ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                         "wfmetrics: cluster '%s' cannot be served by this child", c->cluster);
    }
}

void wfm_child_status(server_rec *s, pid_t pid, ap_generation_t generation, int slot,
                      mpm_child_status state)
{
    (void)generation;
    (void)slot;
    if (state == MPM_CHILD_EXITED && wfm_server_config(s)->board)
        wfm_board_leave(wfm_server_config(s)->board, (apr_uint32_t)pid);
}

/* ---- which cluster ---- */

static int serves(const wfm_server_config_t *c, const char *name)
{
    for (int i = 0; c->serves && !c->serves_all && i < c->serves->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(c->serves, i, const char *), name))
            return 1;
    return c->serves_all;
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
