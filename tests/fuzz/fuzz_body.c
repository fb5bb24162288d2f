/*
 * fuzz_body.c - a body against declared fields of every type: what is accepted keeps every promise,
 * what is not is named.
 */
#include "core/body.h"
#include "core/json_check.h"
#include "core/text.h"
#include "fuzz.h"
#include <string.h>

static const char *const choices[] = {"asc", "desc", NULL};

static const wfm_param_spec_t fields[] = {
    {.name = "id", .type = WFM_PARAM_ID},
    {.name = "offset", .type = WFM_PARAM_OFFSET},
    {.name = "limit", .type = WFM_PARAM_LIMIT, .def = 10, .max = 100},
    {.name = "choice", .type = WFM_PARAM_ENUM, .values = choices, .def = 1},
    {.name = "bool", .type = WFM_PARAM_BOOL},
    {.name = "start", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_START},
    {.name = "end", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_RANGE_END},
    {.name = "text", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_NOT_BLANK, .max = 5},
    {.name = "need", .type = WFM_PARAM_TEXT, .flags = WFM_PARAM_REQUIRED},
    {.name = "names", .type = WFM_PARAM_NAMES, .max = 3},
    {.name = "dims", .type = WFM_PARAM_DIMENSIONS},
    {.name = "filters", .type = WFM_PARAM_METRIC_FILTERS},
    {.name = "texts", .type = WFM_PARAM_TEXT_ARRAY, .max = 4},
    {.name = "object", .type = WFM_PARAM_OBJECT},
    {.name = "fields", .type = WFM_PARAM_FIELD_ARRAY, .max = 4},
    {.name = NULL},
};

static void check_arrays(const wfm_args_t *args)
{
    static const char *const names[] = {"texts", "fields", "object"};
    const wfm_arg_t *list = wfm_args_get(args, "names");

    for (int i = 0; i < 3; i++) {
        const wfm_arg_t *arg = wfm_args_get(args, names[i]);
        apr_size_t at;

        if (!arg->set)
            continue;
        if (i < 2)
            must(json_object_array_length(arg->json) <= 4);
        must(strlen(arg->s) == arg->len);
        must(wfm_json_check(arg->s, arg->len, WFM_JSON_DEPTH, &at) == WFM_JSON_VALID);
    }
    if (!list->set)
        return;
    must(list->names->nelts <= 3);
    for (int i = 0; i < list->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(list->names, i, const char *);

        must(strlen(name) <= WFM_NAME_MAX);
        for (int k = 0; k < i; k++)
            must(strcmp(name, APR_ARRAY_IDX(list->names, k, const char *)) != 0);
    }
}

static void check_scalars(const wfm_args_t *args)
{
    const wfm_arg_t *start = wfm_args_get(args, "start"), *end = wfm_args_get(args, "end");
    const wfm_arg_t *text = wfm_args_get(args, "text"), *choice = wfm_args_get(args, "choice");
    apr_int64_t limit = wfm_args_int(args, "limit");

    must(!wfm_args_is_set(args, "id") || wfm_args_int(args, "id") > 0);
    must(wfm_args_int(args, "offset") >= 0);
    must(limit >= 1 && limit <= 100);
    must(choice->i == 0 || choice->i == 1);
    must(!strcmp(choice->s, choices[choice->i]));
    /* an inexact start is rounded up, by one microsecond at most */
    must(!start->set || !end->set || start->t <= end->t + start->inexact);
    must(!text->set ||
         (!wfm_text_is_blank(text->s, text->len) && wfm_text_length(text->s, text->len) <= 5));
    must(wfm_args_is_set(args, "need"));
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    const wfm_limits_t limits = {.export_max_rows = 100, .max_body = 1000000};
    wfm_body_spec_t spec = {.fields = fields,
                            .unknown = len & 1 ? WFM_UNKNOWN_REFUSED : WFM_UNKNOWN_IGNORED};
    wfm_error_t *err = NULL;
    json_object *json;
    wfm_args_t args;

    if (wfm_json_parse(p, data, len, &json))
        return;
    if (wfm_body_validate(p, &spec, json, &limits, &args, &err)) {
        must(!json_object_is_type(json, json_type_object));
        return;
    }
    if (err)
        fuzz_check_error(err);
    for (int i = 0; i < args.n; i++) {
        json_object *value = NULL;

        must(!strcmp(args.args[i].name, fields[i].name));
        json_object_object_get_ex(json, fields[i].name, &value);
        must(value || !args.args[i].set); /* nothing is given that was not sent */
        must(!value || args.args[i].set || fuzz_names_field(err, fields[i].name) ||
             (err && err->truncated));
    }
    if (!err) {
        check_scalars(&args);
        check_arrays(&args);
    }
}
