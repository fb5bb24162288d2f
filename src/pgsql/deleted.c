/*
 * deleted.c - owns how the metric rows of deleted configs are deleted: some at a time,
 * after the config itself, of which wfm_deleted_configs (005_deleted.sql) tells.
 *
 * A portion is a transaction: it waits for nobody, and nobody for long. Whoever is interrupted, or
 * one of several httpds that do this at once, leaves nothing that the next one does not find.
 */
#include "../core/clock.h"
#include "../db/statements.h"
#include "private.h"
#include <apr_strings.h>

/* From the newest rows on. Rows deleted before are still in the index: they are not passed through
 * again and again, so the place is remembered. */
static void begin_at_newest(wfm_db_source_t *src)
{
    apr_cpystrn(src->deleting_from, "infinity", sizeof src->deleting_from);
}

/* One transaction. @param n how many rows it has deleted */
static wfm_error_t *delete_some(wfm_db_t *db, const char *config, wfm_stmt_id_e which,
                                apr_int64_t *n, const char **from)
{
    const char *params[] = {config, *from};
    const wfm_step_t steps[] = {
        {wfm_stmt(WFM_STMT_LOCK_BRIEFLY), 0, NULL},
        {wfm_stmt(which), which == WFM_STMT_DELETED_METRICS ? 2 : 1, params}};
    wfm_result_t *result;

    WFM_TRY(wfm_db_run_batch(db, steps, 2, &result));
    *n = apr_atoi64(wfm_result_get(result, 0, 0));
    *from = wfm_result_columns(result) > 1 ? wfm_result_get(result, 0, 1) : NULL;
    return NULL;
}

/* @param left it was not done in time */
static wfm_error_t *delete_metrics(wfm_db_t *db, const char *config, apr_time_t until, int *left)
{
    wfm_db_source_t *src = db->src;
    int whole = !strcmp(src->deleting_from, "infinity");
    const char *from;
    apr_int64_t n;

    for (*left = 1; wfm_clock_now() < until;) {
        from = src->deleting_from;
        WFM_TRY(delete_some(db, config, WFM_STMT_DELETED_METRICS, &n, &from));
        if (n > 0) {
            apr_cpystrn(src->deleting_from, from, sizeof src->deleting_from);
        } else if (whole) {
            *left = 0;
            return NULL;
        } else { /* rows may have come since */
            begin_at_newest(src);
            whole = 1;
        }
    }
    return NULL;
}

/* What a collector has written since, which did not know; and the note itself, when it is old. */
static wfm_error_t *delete_rest(wfm_db_t *db, const char *config)
{
    const char *nothing = NULL;
    apr_int64_t n;

    WFM_TRY(delete_some(db, config, WFM_STMT_DELETED_REST, &n, &nothing));
    return delete_some(db, config, WFM_STMT_DELETED_FORGET, &n, &nothing);
}

wfm_error_t *wfm_delete_later(wfm_db_t *db, apr_time_t until, int *left)
{
    wfm_db_source_t *src = db->src;
    const char *after = apr_psprintf(db->pool, "%" APR_INT64_T_FMT, src->deleting - 1);
    wfm_error_t *first = NULL;
    wfm_result_t *configs;

    *left = 0;
    WFM_TRY(wfm_db_run(db, wfm_stmt(WFM_STMT_DELETED_CONFIGS), 1, &after, &configs));
    for (int i = 0; i < wfm_result_rows(configs) && !db->broken; i++) {
        const char *config = wfm_result_get(configs, i, 0);
        wfm_error_t *err;

        if (apr_atoi64(config) != src->deleting) {
            src->deleting = apr_atoi64(config);
            begin_at_newest(src);
        }
        err = delete_metrics(db, config, until, left);
        if (!err && *left) {
            *left = !first; /* goes on here: at once, or after a failure in a minute */
            return first;
        }
        if (!err)
            err = delete_rest(db, config);
        if (!first)
            first = err;
    }
    *left = 0;
    src->deleting = 0;
    return first;
}
