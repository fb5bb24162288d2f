/*
 * config.c - owns the directives: parsing, defaults, merging. Whether it all works together is
 * config_check.c's, what is made of it startup.c's.
 */
#include "config.h"
#include "../core/text.h"
#include <apr_strings.h>
#include <http_core.h>

APLOG_USE_MODULE(wfmetrics);

#define UNSET (-1)

#define DEFAULT_MAX_BODY          1048576
#define DEFAULT_MAX_UPLOAD        67108864
#define DEFAULT_EXPORT_MAX_ROWS   1000000
#define DEFAULT_ACQUIRE_TIMEOUT   2000
#define DEFAULT_STATEMENT_TIMEOUT 15000
#define DEFAULT_EXPORT_TIMEOUT    300000
#define DEFAULT_INGEST_TIMEOUT    300000

/* Characters of github_workflow_configs.cluster_name. */
#define MAX_NAME 255

/* Most of any time, in milliseconds: a day. PostgreSQL's own limit is INT_MAX. */
#define MAX_MS 86400000

wfm_server_config_t *wfm_server_config(server_rec *s)
{
    return ap_get_module_config(s->module_config, &wfmetrics_module);
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
    c->db.ingest_timeout = UNSET;
    c->db.max_ingests = UNSET;
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
    c->db.ingest_timeout = inherit(add->db.ingest_timeout, base->db.ingest_timeout);
    c->db.max_ingests = inherit(add->db.max_ingests, base->db.max_ingests);
    return c;
}

void *wfm_dir_config_create(apr_pool_t *p, char *path)
{
    wfm_dir_config_t *c = apr_pcalloc(p, sizeof *c);

    (void)path;
    c->read_only = UNSET;
    c->ingest = UNSET;
    c->csv_guard = UNSET;
    c->limits.export_max_rows = UNSET;
    c->limits.max_body = UNSET;
    c->limits.max_upload = UNSET;
    return c;
}

void *wfm_dir_config_merge(apr_pool_t *p, void *basev, void *addv)
{
    const wfm_dir_config_t *base = basev, *add = addv;
    wfm_dir_config_t *c = apr_pmemdup(p, add, sizeof *add);

    if (!c->base_path)
        c->base_path = base->base_path;
    c->read_only = inherit(add->read_only, base->read_only);
    c->ingest = inherit(add->ingest, base->ingest);
    c->csv_guard = inherit(add->csv_guard, base->csv_guard);
    if (c->limits.export_max_rows == UNSET)
        c->limits.export_max_rows = base->limits.export_max_rows;
    if (c->limits.max_body == UNSET)
        c->limits.max_body = base->limits.max_body;
    if (c->limits.max_upload == UNSET)
        c->limits.max_upload = base->limits.max_upload;
    if (!c->origins.list)
        c->origins = base->origins;
    return c;
}

void wfm_server_config_defaults(wfm_server_config_t *c)
{
    c->db.acquire_timeout = inherit(c->db.acquire_timeout, DEFAULT_ACQUIRE_TIMEOUT);
    c->db.statement_timeout = inherit(c->db.statement_timeout, DEFAULT_STATEMENT_TIMEOUT);
    c->db.export_timeout = inherit(c->db.export_timeout, DEFAULT_EXPORT_TIMEOUT);
    c->db.ingest_timeout = inherit(c->db.ingest_timeout, DEFAULT_INGEST_TIMEOUT);
}

void wfm_dir_config(request_rec *r, wfm_dir_config_t *out)
{
    *out = *(wfm_dir_config_t *)ap_get_module_config(r->per_dir_config, &wfmetrics_module);
    if (!out->base_path)
        out->base_path = WFM_BASE_PATH;
    if (out->read_only == UNSET)
        out->read_only = 0;
    if (out->ingest == UNSET)
        out->ingest = 0;
    if (out->csv_guard == UNSET)
        out->csv_guard = 1;
    if (out->limits.export_max_rows == UNSET)
        out->limits.export_max_rows = DEFAULT_EXPORT_MAX_ROWS;
    if (out->limits.max_body == UNSET)
        out->limits.max_body = DEFAULT_MAX_BODY;
    if (out->limits.max_upload == UNSET)
        out->limits.max_upload = DEFAULT_MAX_UPLOAD;
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

/* A number that a directive sets: its field's offset, and what it may be. */
typedef struct number_t {
    apr_size_t offset;
    apr_int64_t min, max;
    int context; /* GLOBAL_ONLY, or 0 */
} number_t;

static const char *parse_number(cmd_parms *cmd, const char *text, apr_int64_t *out)
{
    const number_t *n = cmd->info;
    char *end;

    errno = 0;
    *out = apr_strtoi64(text, &end, 10);
    if (errno || end == text || *end || *out < n->min || *out > n->max)
        return apr_psprintf(cmd->pool,
                            "%s must be an integer between %" APR_INT64_T_FMT
                            " and %" APR_INT64_T_FMT ", not '%s'",
                            cmd->cmd->name, n->min, n->max, text);
    return ap_check_cmd_context(cmd, (unsigned)n->context);
}

/* Of an int of the host. */
static const char *set_server_number(cmd_parms *cmd, void *dir, const char *text)
{
    const number_t *n = cmd->info;
    apr_int64_t v;
    const char *fault = parse_number(cmd, text, &v);

    (void)dir;
    if (!fault)
        *(int *)((char *)wfm_server_config(cmd->server) + n->offset) = (int)v;
    return fault;
}

/* Of a limit of the location. */
static const char *set_location_number(cmd_parms *cmd, void *dir, const char *text)
{
    const number_t *n = cmd->info;

    return parse_number(cmd, text, (apr_int64_t *)((char *)dir + n->offset));
}

#define SERVER(field)   APR_OFFSETOF(wfm_server_config_t, field)
#define LOCATION(field) APR_OFFSETOF(wfm_dir_config_t, field)

static const number_t max_body = {LOCATION(limits.max_body), 1, 1073741824, 0};
static const number_t max_upload = {LOCATION(limits.max_upload), 1, APR_INT64_C(1099511627776), 0};
static const number_t export_max_rows = {LOCATION(limits.export_max_rows), 1,
                                         APR_INT64_C(1000000000000), 0};
static const number_t max_exports = {SERVER(db.max_exports), 1, 10000, 0};
static const number_t max_ingests = {SERVER(db.max_ingests), 1, 10000, 0};
static const number_t max_threads = {SERVER(max_threads), 1, 100000, GLOBAL_ONLY};
static const number_t acquire_timeout = {SERVER(db.acquire_timeout), 1, MAX_MS, 0};
static const number_t statement_timeout = {SERVER(db.statement_timeout), 0, MAX_MS, 0};
static const number_t export_timeout = {SERVER(db.export_timeout), 0, MAX_MS, 0};
static const number_t ingest_timeout = {SERVER(db.ingest_timeout), 0, MAX_MS, 0};

/* httpd's table has room for what is not constant; nobody writes there. */
#define NUMBER(n)   ((void *)&(n))
#define FLAG(field) ((void *)LOCATION(field))

#define IN_SERVER   RSRC_CONF
#define IN_LOCATION (RSRC_CONF | ACCESS_CONF)

const command_rec wfm_directives[] = {
    AP_INIT_TAKE1("WfmetricsCluster", set_cluster, NULL, IN_SERVER,
                  "Name of the cluster whose database this host's DBD settings reach"),
    AP_INIT_ITERATE("WfmetricsServeClusters", add_served, NULL, IN_SERVER,
                    "Other clusters that ?cluster= may select here, or *"),
    AP_INIT_TAKE1("WfmetricsBasePath", set_base_path, NULL, IN_LOCATION,
                  "Where the API's tree of paths starts"),
    AP_INIT_FLAG("WfmetricsReadOnly", ap_set_flag_slot, FLAG(read_only), IN_LOCATION,
                 "On: every write is 403"),
    AP_INIT_TAKE1("WfmetricsMaxBody", set_location_number, NUMBER(max_body), IN_LOCATION,
                  "Largest request body in bytes"),
    AP_INIT_FLAG("WfmetricsIngest", ap_set_flag_slot, FLAG(ingest), IN_LOCATION,
                 "On: results may be sent here, also where WfmetricsReadOnly is On"),
    AP_INIT_TAKE1("WfmetricsMaxUpload", set_location_number, NUMBER(max_upload), IN_LOCATION,
                  "Largest result file in bytes, after inflating"),
    AP_INIT_TAKE1("WfmetricsExportMaxRows", set_location_number, NUMBER(export_max_rows),
                  IN_LOCATION, "Ceiling of an export's limit, in rows"),
    AP_INIT_FLAG("WfmetricsCsvFormulaGuard", ap_set_flag_slot, FLAG(csv_guard), IN_LOCATION,
                 "On: text that a spreadsheet would run as a formula is made harmless"),
    AP_INIT_ITERATE("WfmetricsAllowOrigin", add_origin, NULL, IN_LOCATION,
                    "Origins, besides the host's own, whose pages may write, or *"),
    AP_INIT_TAKE1("WfmetricsMaxExports", set_server_number, NUMBER(max_exports), IN_SERVER,
                  "Exports at once in one child process"),
    AP_INIT_TAKE1("WfmetricsMaxIngests", set_server_number, NUMBER(max_ingests), IN_SERVER,
                  "Result files that are stored at once in one child process"),
    AP_INIT_TAKE1("WfmetricsMaxThreads", set_server_number, NUMBER(max_threads), RSRC_CONF,
                  "How many threads of one child may be at the databases or wait for them"),
    AP_INIT_TAKE1("WfmetricsAcquireTimeout", set_server_number, NUMBER(acquire_timeout), IN_SERVER,
                  "Milliseconds a request waits for its turn at the database"),
    AP_INIT_TAKE1("WfmetricsStatementTimeout", set_server_number, NUMBER(statement_timeout),
                  IN_SERVER, "Milliseconds a statement may take, 0: no limit"),
    AP_INIT_TAKE1("WfmetricsExportTimeout", set_server_number, NUMBER(export_timeout), IN_SERVER,
                  "Milliseconds an export's statement may take, 0: no limit"),
    AP_INIT_TAKE1("WfmetricsIngestTimeout", set_server_number, NUMBER(ingest_timeout), IN_SERVER,
                  "Milliseconds to store a result file, 0: no limit"),
    {.name = NULL},
};
