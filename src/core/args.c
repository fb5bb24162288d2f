/*
 * args.c - looks validated inputs up by name. A route has a handful: a linear search is the index.
 */
#include "args.h"
#include <assert.h>
#include <string.h>

const wfm_arg_t *wfm_args_find(const wfm_args_t *a, const char *name)
{
    int i;

    for (i = 0; i < a->n; i++)
        if (strcmp(a->args[i].name, name) == 0)
            return &a->args[i];
    return NULL;
}

const wfm_arg_t *wfm_args_get(const wfm_args_t *a, const char *name)
{
    const wfm_arg_t *arg = wfm_args_find(a, name);

    assert(arg && "the route does not declare this name");
    return arg;
}

int wfm_args_is_set(const wfm_args_t *a, const char *name)
{
    return wfm_args_get(a, name)->set;
}

apr_int64_t wfm_args_int(const wfm_args_t *a, const char *name)
{
    return wfm_args_get(a, name)->i;
}

const char *wfm_args_text(const wfm_args_t *a, const char *name)
{
    return wfm_args_get(a, name)->s;
}

wfm_args_t wfm_args_join(apr_pool_t *p, const wfm_args_t *a, const wfm_args_t *b,
                         const char *message, wfm_error_t **err)
{
    wfm_args_t both = {apr_palloc(p, (apr_size_t)(a->n + b->n) * sizeof(wfm_arg_t)), a->n};

    memcpy(both.args, a->args, (apr_size_t)a->n * sizeof(wfm_arg_t));
    for (int i = 0; i < b->n; i++) {
        const wfm_arg_t *arg = &b->args[i];
        wfm_arg_t *same = (wfm_arg_t *)wfm_args_find(&both, arg->name);

        if (!same)
            both.args[both.n++] = *arg;
        else if (same->set && arg->set)
            wfm_error_field(err, p, arg->name, "%s", message);
        else if (arg->set)
            *same = *arg;
    }
    return both;
}

double wfm_args_number(const wfm_args_t *a, const char *name)
{
    return wfm_args_get(a, name)->d;
}
