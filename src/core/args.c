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
