/*
 * inputs.c - owns how a handler finds its inputs and binds them, and how a statement that was put
 * together for a request is run.
 */
#include "../core/text.h"
#include "../core/time.h"
#include "api.h"
#include <apr_strings.h>

const wfm_arg_t *api_find(const wfm_request_t *rq, const char *name)
{
    const wfm_arg_t *arg = wfm_args_find(&rq->body, name);

    return arg ? arg : wfm_args_find(&rq->params, name);
}

static const wfm_arg_t *given(const wfm_request_t *rq, const char *name)
{
    const wfm_arg_t *arg = api_find(rq, name);

    return arg && arg->set ? arg : NULL;
}

static const char *int_text(apr_pool_t *p, const wfm_arg_t *arg)
{
    return arg ? apr_psprintf(p, "%" APR_INT64_T_FMT, arg->i) : NULL;
}

const char *api_bind_int(wfm_request_t *rq, const char *name)
{
    return int_text(rq->pool, api_find(rq, name));
}

const char *api_bind_given_int(wfm_request_t *rq, const char *name)
{
    return int_text(rq->pool, given(rq, name));
}

const char *api_bind_time(wfm_request_t *rq, const char *name)
{
    const wfm_arg_t *arg = given(rq, name);

    return arg ? wfm_time_bind(rq->pool, arg->t) : NULL;
}

api_range_t api_range(const wfm_request_t *rq, const char *start, const char *end)
{
    const wfm_arg_t *s = given(rq, start), *e = given(rq, end);

    return (api_range_t){s ? &s->t : NULL, e ? &e->t : NULL};
}

const char *api_bind_bool(wfm_request_t *rq, const char *name)
{
    const wfm_arg_t *arg = given(rq, name);

    return arg ? (arg->i ? "true" : "false") : NULL;
}

const char *api_bind_choice(wfm_request_t *rq, const char *name)
{
    const wfm_arg_t *arg = api_find(rq, name);

    return arg ? arg->s : NULL;
}

const char *api_bind_filled(wfm_request_t *rq, const char *name)
{
    const wfm_arg_t *arg = given(rq, name);

    return arg && arg->len ? arg->s : NULL;
}

const char *api_whole_name(const wfm_arg_t *arg)
{
    return arg->whole && !wfm_names_hold(arg->names, arg->whole) ? arg->whole : NULL;
}

const char *api_bind_names(wfm_request_t *rq, const wfm_arg_t *arg)
{
    apr_array_header_t *names;

    if (!arg->names)
        return NULL;
    names = apr_array_copy(rq->pool, arg->names);
    if (api_whole_name(arg))
        APR_ARRAY_PUSH(names, const char *) = api_whole_name(arg);
    return wfm_sql_array(rq->pool, names);
}

/* How many rows lie in a range, or are a run's, decides about a plan. */
static int chooses_plan(const wfm_request_t *rq)
{
    static const char *const names[] = {"start", "end", "start_date", "end_date", "run_id"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (given(rq, names[i]))
            return 1;
    return 0;
}

wfm_error_t *api_run(wfm_request_t *rq, const wfm_sql_t *q, wfm_result_t **result)
{
    wfm_stmt_t stmt = wfm_sql_stmt(q);

    stmt.plan_anew |= !q->plan_kept && chooses_plan(rq);
    return wfm_db_query(&rq->db, &stmt, q->params->nelts, wfm_sql_params(q), result);
}
