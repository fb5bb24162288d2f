/*
 * config_check.c - owns the check of the whole configuration.
 *
 * Everything that cannot work is refused here, where `apachectl configtest` sees it (it ends before
 * post_config), never at the first request.
 */
#include "config.h"
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(wfmetrics);

static const char *host_name(apr_pool_t *p, server_rec *s)
{
    const char *name = s->server_hostname ? s->server_hostname : "(main server)";

    if (!s->is_virtual)
        return "the main server";
    return apr_psprintf(p, "host '%s' (%s:%u)", name, s->defn_name ? s->defn_name : "?",
                        s->defn_line_number);
}

static int refuse(server_rec *s, apr_pool_t *p, const char *sentence)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_STARTUP, 0, s, "wfmetrics: %s: %s",
                 host_name(p, s), sentence);
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* What hosts of one cluster have in common; its name if it differs. The values hold passwords. */
static const char *differs(server_rec *a, server_rec *b)
{
    const char *fault = wfm_pgsql_difference(a, b);

    if (!fault && wfm_server_config(a)->db.max_exports != wfm_server_config(b)->db.max_exports)
        fault = "WfmetricsMaxExports";
    if (!fault && wfm_server_config(a)->db.max_ingests != wfm_server_config(b)->db.max_ingests)
        fault = "WfmetricsMaxIngests";
    return fault;
}

/* For a cluster stands the host that an operator wrote first. httpd has the main server first, and
 * then its hosts from the last one to the first. */
static int check_clusters(apr_pool_t *p, server_rec *main_server)
{
    wfm_server_config_t *main_conf = wfm_server_config(main_server);

    main_conf->clusters = apr_hash_make(p);
    for (server_rec *s = main_server; s; s = s->next) {
        wfm_server_config_t *c = wfm_server_config(s);
        server_rec *other;
        const char *fault;

        wfm_server_config_defaults(c);
        if (!wfm_cluster(s))
            continue;
        fault = wfm_pgsql_check(p, main_server, s);
        if (fault)
            return refuse(s, p, fault);
        other = apr_hash_get(main_conf->clusters, c->cluster, APR_HASH_KEY_STRING);
        if (!other || other->is_virtual)
            apr_hash_set(main_conf->clusters, c->cluster, APR_HASH_KEY_STRING, s);
        if (other && (fault = differs(s, other)))
            return refuse(s, p,
                          apr_psprintf(p,
                                       "it declares 'WfmetricsCluster %s', as %s does, but their "
                                       "%s differ: hosts of one cluster share its connections, so "
                                       "write the same in both, or give each a cluster of its own",
                                       c->cluster, host_name(p, other), fault));
    }
    return OK;
}

static int check_served(apr_pool_t *p, server_rec *main_server)
{
    apr_hash_t *clusters = wfm_server_config(main_server)->clusters;

    for (server_rec *s = main_server; s; s = s->next) {
        const wfm_server_config_t *c = wfm_server_config(s);

        for (int i = 0; c->serves && i < c->serves->nelts; i++) {
            const char *name = APR_ARRAY_IDX(c->serves, i, const char *);

            if (strcmp(name, "*") && !apr_hash_get(clusters, name, APR_HASH_KEY_STRING))
                return refuse(
                    s, p,
                    apr_psprintf(p,
                                 "'WfmetricsServeClusters %s' names a cluster that no host "
                                 "declares: write 'WfmetricsCluster %s' in the host whose "
                                 "DBDParams reach its database",
                                 name, name));
        }
    }
    return OK;
}

/* The host that a directive stands in; NULL: the main server's part of the configuration. */
static server_rec *host_of(const ap_directive_t *d, server_rec *main_server)
{
    for (; d; d = d->parent) {
        if (ap_cstr_casecmp(d->directive, "<VirtualHost"))
            continue;
        for (server_rec *s = main_server->next; s; s = s->next)
            if (s->defn_name && !strcmp(s->defn_name, d->filename) &&
                s->defn_line_number == (unsigned)d->line_num)
                return s;
    }
    return NULL;
}

/* The base path that holds where the directive stands: its own section's, else its host's. */
static const char *base_path_at(apr_pool_t *p, const ap_directive_t *d, server_rec *s)
{
    const wfm_dir_config_t *host = ap_get_module_config(s->lookup_defaults, &wfmetrics_module);

    for (const ap_directive_t *n = d->parent ? d->parent->first_child : NULL; n; n = n->next) {
        const char *args = n->args;

        if (!ap_cstr_casecmp(n->directive, "WfmetricsBasePath"))
            return ap_getword_conf(p, &args);
    }
    return host->base_path ? host->base_path : WFM_BASE_PATH;
}

/* Is a path at or below another? Slashes at the end of the upper one do not count. */
static int is_at_or_below(const char *path, const char *upper)
{
    apr_size_t len = strlen(upper);

    while (len > 0 && upper[len - 1] == '/')
        len--;
    return !strncmp(path, upper, len) && (!path[len] || path[len] == '/');
}

/* A <Location> that no path of the API lies in would answer nothing but 404. */
static const char *check_location(apr_pool_t *p, const ap_directive_t *d, server_rec *s)
{
    const char *args, *base;
    char *path;

    if (!d->parent || ap_cstr_casecmp(d->parent->directive, "<Location"))
        return NULL;
    args = d->parent->args;
    path = ap_getword_conf(p, &args);
    path[strcspn(path, ">")] = '\0'; /* the configuration's tree keeps the bracket */
    base = base_path_at(p, d, s);
    if (path[0] != '/') /* another kind of pattern is not for us to judge */
        return NULL;
    if (is_at_or_below(path, base) || is_at_or_below(base, path))
        return NULL;
    return apr_psprintf(
        p,
        "'SetHandler " WFM_HANDLER "' in <Location \"%s\"> (%s:%d) has no path of the "
        "API below it, whose tree starts at '%s': write 'WfmetricsBasePath %s' there",
        path, d->filename, d->line_num, base, path);
}

static int check_handler(apr_pool_t *p, const ap_directive_t *d, server_rec *main_server)
{
    server_rec *s = host_of(d, main_server);
    int declared =
        s ? wfm_cluster(s) != NULL : apr_hash_count(wfm_server_config(main_server)->clusters) > 0;
    const char *fault = check_location(p, d, s ? s : main_server);

    if (!declared)
        fault =
            apr_psprintf(p,
                         "'SetHandler " WFM_HANDLER "' (%s:%d) needs a cluster: write "
                         "'WfmetricsCluster NAME' in the host, beside its DBDriver and DBDParams",
                         d->filename, d->line_num);
    return fault ? refuse(s ? s : main_server, p, fault) : OK;
}

/* SetHandler keeps its argument as an expression, which cannot be asked without a request: so the
 * configuration's own tree is read. */
static int check_handlers(apr_pool_t *p, const ap_directive_t *d, server_rec *main_server)
{
    for (; d; d = d->next) {
        const char *args = d->args;
        int rv = OK;

        if (d->first_child)
            rv = check_handlers(p, d->first_child, main_server);
        else if (!ap_cstr_casecmp(d->directive, "SetHandler") &&
                 !strcmp(ap_getword_conf(p, &args), WFM_HANDLER))
            rv = check_handler(p, d, main_server);
        if (rv != OK)
            return rv;
    }
    return OK;
}

int wfm_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    int rv = check_clusters(pconf, s);

    (void)plog;
    if (rv == OK)
        rv = check_served(ptemp, s);
    if (rv == OK)
        rv = check_handlers(ptemp, ap_conftree, s);
    return rv;
}
