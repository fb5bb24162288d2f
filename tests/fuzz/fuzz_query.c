/*
 * fuzz_query.c - query strings and path variables against declared parameters of every type.
 */
#include "core/param.h"
#include "core/text.h"
#include "fuzz.h"
#include <string.h>

static const char *const choices[] = {"csv", "json", NULL};

static const wfm_param_spec_t specs[] = {
    {.name = "id", .type = WFM_PARAM_ID, .flags = WFM_PARAM_PATH},
    {.name = "dimension", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_PATH},
    {.name = "run_id", .type = WFM_PARAM_ID},
    {.name = "offset", .type = WFM_PARAM_OFFSET},
    {.name = "limit", .type = WFM_PARAM_LIMIT, .flags = WFM_PARAM_EXPORT_LIMIT, .def = 10000},
    {.name = "format", .type = WFM_PARAM_ENUM, .values = choices, .def = 0},
    {.name = "enabled", .type = WFM_PARAM_BOOL},
    {.name = "start", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_START},
    {.name = "end", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_END},
    {.name = "name", .type = WFM_PARAM_TEXT, .max = 5},
    {.name = "metric_fields", .type = WFM_PARAM_NAMES},
    {.name = "runs", .type = WFM_PARAM_IDS, .max = 3},
    {.name = "dimensions", .type = WFM_PARAM_DIMENSIONS},
    {.name = NULL},
};

/* How often the query has the parameter, written without escapes: at least so often it was given.
 */
static int count_plain(const char *query, const char *name)
{
    apr_size_t len = strlen(name);
    int n = 0;

    for (const char *at = query; at; at = strchr(at, '&')) {
        at += *at == '&';
        n += !strncmp(at, name, len) && (at[len] == '=' || at[len] == '&' || !at[len]);
    }
    return n;
}

static void check_values(const wfm_args_t *args)
{
    const wfm_arg_t *start = wfm_args_get(args, "start"), *end = wfm_args_get(args, "end");
    const wfm_arg_t *name = wfm_args_get(args, "name"), *format = wfm_args_get(args, "format");
    const wfm_arg_t *list = wfm_args_get(args, "metric_fields");

    must(wfm_args_int(args, "id") > 0);
    must(!wfm_args_is_set(args, "run_id") || wfm_args_int(args, "run_id") > 0);
    must(wfm_args_int(args, "offset") >= 0);
    must(wfm_args_int(args, "limit") >= 1 && wfm_args_int(args, "limit") <= 500);
    must((format->i == 0 || format->i == 1) && !strcmp(format->s, choices[format->i]));
    must(!start->set || !end->set || start->t <= end->t + start->inexact);
    must(!name->set || wfm_text_length(name->s, name->len) <= 5);
    must(!list->set || list->names->nelts > 0);
    for (int i = 0; list->set && i < list->names->nelts; i++) {
        const char *item = APR_ARRAY_IDX(list->names, i, const char *);

        must(strlen(item) <= WFM_NAME_MAX);
        must(!list->whole || list->names->nelts == 1 ||
             (*item && !strchr(item, ',') && !strchr(" \t\r\n", *item)));
        for (int k = 0; k < i; k++)
            must(strcmp(item, APR_ARRAY_IDX(list->names, k, const char *)) != 0);
    }
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    const wfm_limits_t limits = {.export_max_rows = 500, .max_body = 1000};
    const char *slash = len ? memchr(data, '/', len) : NULL;
    apr_size_t first = slash ? (apr_size_t)(slash - data) : 0;
    const char *query = fuzz_text(p, data + (slash ? first + 1 : 0), len - (slash ? first + 1 : 0));
    wfm_path_value_t path[2] = {{fuzz_text(p, data, first), first}, {"Op", 2}};
    wfm_error_t *err = NULL;
    wfm_args_t args;

    wfm_params_parse(p, specs, path, query, &limits, &args, &err);
    must(args.n == (int)(sizeof specs / sizeof *specs) - 1);
    if (err)
        fuzz_check_error(err);
    else
        check_values(&args);
    for (int i = 0; i < args.n; i++) {
        const wfm_arg_t *arg = &args.args[i];
        int plain = specs[i].flags & WFM_PARAM_PATH ? 0 : count_plain(query, specs[i].name);

        must(plain < 2 || fuzz_names_field(err, specs[i].name));
        must(plain < 1 || arg->set || fuzz_names_field(err, specs[i].name));
        must(!arg->set || !arg->s ||
             (strlen(arg->s) == arg->len && fuzz_is_utf8(arg->s, arg->len)));
    }
}
