/*
 * mod_wfmetrics.c - the module's record and its hooks; nothing else.
 *
 * Reading order: src/api/routes.c (the endpoints), one src/api/ file, src/db/sql/,
 * src/httpd/.
 */
#include "src/httpd/config.h"
#include "src/httpd/errors.h"
#include "src/httpd/log.h"
#include "src/httpd/maintenance.h"
#include "src/httpd/notmodified.h"
#include "src/httpd/paths.h"
#include "src/httpd/request.h"
#include "src/httpd/startup.h"
#include "src/httpd/status.h"
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>

static void register_hooks(apr_pool_t *p)
{
    /* After mod_rewrite, so that its rules keep their say over the API's paths. */
    static const char *const after_rewrite[] = {"mod_rewrite.c", NULL};
    /* Before mod_dbd: its child_init may connect already. */
    static const char *const before_dbd[] = {"mod_dbd.c", NULL};
    /* Before mod_watchdog: its post_config starts what has been registered by then. */
    static const char *const before_watchdog[] = {"mod_watchdog.c", NULL};

    (void)p;
    wfm_errors_register();
    wfm_log_register();
    wfm_notmodified_register();
    ap_hook_check_config(wfm_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(wfm_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(wfm_request_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(wfm_maintenance_post_config, NULL, before_watchdog, APR_HOOK_MIDDLE);
    ap_hook_child_init(wfm_child_init, NULL, before_dbd, APR_HOOK_FIRST);
    ap_hook_child_init(wfm_maintenance_child_init, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_child_status(wfm_child_status, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_pre_translate_name(wfm_pre_translate, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(wfm_translate, after_rewrite, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(wfm_map_to_storage, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_insert_error_filter(wfm_insert_error_filter, NULL, NULL, APR_HOOK_LAST);
    ap_hook_handler(wfm_handler, NULL, NULL, APR_HOOK_MIDDLE);
    APR_OPTIONAL_HOOK(ap, status_hook, wfm_status, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The one symbol that httpd looks up; everything else is hidden. */
extern module __attribute__((visibility("default"))) AP_MODULE_DECLARE_DATA wfmetrics_module;

AP_DECLARE_MODULE(wfmetrics) = {
    STANDARD20_MODULE_STUFF,  wfm_dir_config_create, /* per-location configuration */
    wfm_dir_config_merge,                            /* and its merging */
    wfm_server_config_create,                        /* per-server configuration */
    wfm_server_config_merge,                         /* and its merging */
    wfm_directives,                                  /* directives */
    register_hooks,                                  /* hooks */
    AP_MODULE_FLAG_NONE,
};
