/*
 * paths.c - owns which requests are the API's, and the path as the client encoded it.
 */
#include "paths.h"
#include "config.h"
#include <ap_expr.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(wfmetrics);

/*
 * In request_config: the path as the client encoded it. httpd's own walks (<Location>) see the
 * decoded form, as everywhere; only an encoded slash stays encoded in it.
 */
typedef struct path_t {
    const char *encoded;
    const char *decoded; /* what r->uri was made; a rewriter may have changed it since */
} path_t;

/* NULL: the path came another way (a rewrite), or has been rewritten; then r->uri is all there is.
 */
const char *wfm_path_encoded(request_rec *r)
{
    const path_t *path = ap_get_module_config(r->request_config, &wfmetrics_module);

    return path && !strcmp(path->decoded, r->uri) ? path->encoded : NULL;
}

/* What follows the base path; NULL when the path is not below it. */
const char *wfm_path_below(const char *path, const char *base)
{
    apr_size_t len = strlen(base);

    if (strncmp(path, base, len) || (path[len] && path[len] != '/'))
        return NULL;
    return path + len;
}

static int has_handler(request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *name = core->handler, *fault = NULL;

    if (core->expr_handler)
        name = ap_expr_str_exec(r, core->expr_handler, &fault);
    return name && !fault && !strcmp(name, WFM_HANDLER);
}

/* A request line that httpd refused has no r->uri yet. */
static const char *request_path(request_rec *r)
{
    const char *line = r->the_request ? strchr(r->the_request, ' ') : NULL;

    return r->uri ? r->uri : (line ? line + 1 : "");
}

static int is_below_base(request_rec *r)
{
    wfm_dir_config_t conf;
    const char *path = request_path(r);

    wfm_dir_config(r, &conf);
    return wfm_path_below(apr_pstrmemdup(r->pool, path, strcspn(path, "? ")), conf.base_path) !=
           NULL;
}

int wfm_is_api(request_rec *r)
{
    return is_below_base(r) && (has_handler(r) || wfm_cluster(r->server));
}

int wfm_pre_translate(request_rec *r)
{
    path_t *path;
    char *decoded;

    if (!r->uri || !is_below_base(r) || !has_handler(r))
        return DECLINED;
    path = apr_palloc(r->pool, sizeof *path);
    path->encoded = r->uri;
    decoded = apr_pstrdup(r->pool, r->uri);
    if (ap_unescape_url_keep2f(decoded, 0) == OK) /* else a NUL, which the validation will refuse */
        r->uri = decoded;
    path->decoded = apr_pstrdup(r->pool, r->uri);
    ap_set_module_config(r->request_config, &wfmetrics_module, path);
    return DONE; /* httpd decodes nothing more */
}

int wfm_translate(request_rec *r)
{
    if (!wfm_path_encoded(r))
        return DECLINED;
    r->filename =
        apr_pstrdup(r->pool, WFM_HANDLER); /* other modules expect one; it names no file */
    return OK;
}

int wfm_map_to_storage(request_rec *r)
{
    return wfm_path_encoded(r) ? OK : DECLINED;
}
