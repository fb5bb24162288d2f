/*
 * no_database.c - a database port that nobody may call: it lets the route table be linked without a
 * server. Handlers are tested against the real one, in tests/integration.
 */
#include "db/db.h"
#include <stdlib.h>

wfm_error_t *wfm_db_query(const wfm_db_caller_t *caller, const wfm_stmt_t *stmt, int nparams,
                          const char *const *params, wfm_result_t **result)
{
    (void)caller, (void)stmt, (void)nparams, (void)params, (void)result;
    abort();
}

wfm_error_t *wfm_db_probe(const wfm_db_caller_t *caller, wfm_db_health_t *health)
{
    (void)caller, (void)health;
    abort();
}

wfm_error_t *wfm_db_batch(const wfm_db_caller_t *caller, const wfm_step_t *steps, int n,
                          wfm_result_t **result)
{
    (void)caller, (void)steps, (void)n, (void)result;
    abort();
}

wfm_error_t *wfm_db_snapshot(const wfm_db_caller_t *caller, int filtered, const wfm_step_t *first,
                             wfm_db_work_fn work, void *ctx)
{
    (void)caller, (void)filtered, (void)first, (void)work, (void)ctx;
    abort();
}

wfm_error_t *wfm_db_run(wfm_db_t *db, const wfm_stmt_t *stmt, int nparams,
                        const char *const *params, wfm_result_t **result)
{
    (void)db, (void)stmt, (void)nparams, (void)params, (void)result;
    abort();
}

wfm_error_t *wfm_db_stream(wfm_db_t *db, const wfm_stmt_t *stmt, int nparams,
                           const char *const *params, wfm_db_row_fn row, void *ctx)
{
    (void)db, (void)stmt, (void)nparams, (void)params, (void)row, (void)ctx;
    abort();
}

wfm_error_t *wfm_db_has_summaries(const wfm_db_caller_t *caller, int *yes)
{
    (void)caller, (void)yes;
    abort();
}

wfm_error_t *wfm_db_deletes_later(const wfm_db_caller_t *caller, int *yes)
{
    (void)caller, (void)yes;
    abort();
}

wfm_error_t *wfm_db_keeps_tasks(const wfm_db_caller_t *caller, int *yes)
{
    (void)caller, (void)yes;
    abort();
}

wfm_error_t *wfm_db_knows_acknowledged(const wfm_db_caller_t *caller, int *yes)
{
    (void)caller, (void)yes;
    abort();
}

int wfm_db_is_maintained(const wfm_db_caller_t *caller)
{
    (void)caller;
    abort();
}

void wfm_db_hasten(const wfm_db_caller_t *caller)
{
    (void)caller;
    abort();
}

wfm_summaries_e wfm_db_summaries(const wfm_db_caller_t *caller)
{
    (void)caller;
    abort();
}

void wfm_db_unclean(const wfm_db_caller_t *caller, apr_uint32_t *days, apr_uint32_t *seconds)
{
    (void)caller;
    (void)days;
    (void)seconds;
    abort();
}

void wfm_db_distrust_summaries(const wfm_db_caller_t *caller, const wfm_error_t *err)
{
    (void)caller;
    (void)err;
    abort();
}

wfm_error_t *wfm_db_transact(const wfm_db_caller_t *caller, const wfm_step_t *first, int n,
                             wfm_db_work_fn work, void *ctx)
{
    (void)caller, (void)first, (void)n, (void)work, (void)ctx;
    abort();
}

wfm_error_t *wfm_db_copy_in(wfm_db_t *db, const wfm_stmt_t *stmt, const char *before,
                            const wfm_lines_t *lines, apr_int64_t *n)
{
    (void)db, (void)stmt, (void)before, (void)lines, (void)n;
    abort();
}

wfm_error_t *wfm_db_commit(wfm_db_t *db, const wfm_step_t *last, int n)
{
    (void)db, (void)last, (void)n;
    abort();
}
