/*
 * value.c - what a declared input may be, type by type.
 */
#include "value.h"
#include "dimfilter.h"
#include "json.h"
#include "list.h"
#include "metricfilter.h"
#include "text.h"
#include "zone.h"
#include <apr_strings.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct text_t {
    const char *s;
    apr_size_t len;
} text_t;

typedef const char *(*check_fn)(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                const text_t *in, wfm_arg_t *arg);

static apr_int64_t limit_max(const wfm_validation_t *v, const wfm_param_spec_t *spec)
{
    return spec->flags & WFM_PARAM_EXPORT_LIMIT ? v->limits->export_max_rows : spec->max;
}

static const char *expect_at_most(apr_pool_t *p, apr_int64_t max)
{
    return apr_psprintf(p, "must be an integer between 1 and %" APR_INT64_T_FMT, max);
}

static const char *check_id(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                            const text_t *in, wfm_arg_t *arg)
{
    /* One object, one URL: a <Location> that protects /configs/2 must not be passed by /configs/02.
     */
    if (wfm_text_int64(in->s, in->len, &arg->i) != 1 || arg->i < 1 || *in->s == '0')
        return spec->max ? expect_at_most(v->p, spec->max) : "must be a positive integer";
    return spec->max && arg->i > spec->max ? expect_at_most(v->p, spec->max) : NULL;
}

static const char *check_offset(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                const text_t *in, wfm_arg_t *arg)
{
    (void)v;
    (void)spec;
    if (wfm_text_int64(in->s, in->len, &arg->i) != 1 || arg->i < 0)
        return "must be an integer between 0 and 9223372036854775807";
    return NULL;
}

/** Lowered to the maximum, however many digits: beyond int64, wfm_text_int64 leaves INT64_MAX. */
static const char *check_limit(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               const text_t *in, wfm_arg_t *arg)
{
    apr_int64_t max = limit_max(v, spec);

    if (wfm_text_int64(in->s, in->len, &arg->i) == 0 || arg->i < 1)
        return expect_at_most(v->p, max);
    if (arg->i > max)
        arg->i = max;
    return NULL;
}

static const char *check_number(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                const text_t *in, wfm_arg_t *arg)
{
    static const char digits[] = "0123456789+-.eE"; /* strtod reads "inf" and "0x1p3", too */
    const wfm_bounds_t *b = spec->bounds;
    char *end = NULL, least[32], most[32];

    arg->d = strspn(in->s, digits) == in->len && in->len ? strtod(in->s, &end) : NAN;
    if (end != in->s + in->len || !(arg->d >= b->least && arg->d <= b->most) ||
        (b->whole && arg->d != floor(arg->d))) {
        snprintf(least, sizeof least, "%.15g", b->least); /* APR's own makes 1.e+6 of a million */
        snprintf(most, sizeof most, "%.15g", b->most);
        return apr_psprintf(v->p, "must be %s between %s and %s",
                            b->whole ? "an integer" : "a number", least, most);
    }
    if (b->whole)
        arg->i = (apr_int64_t)arg->d;
    return NULL;
}

/** "a, b, c"; of the values whose bit is set. */
static const char *list_values(apr_pool_t *p, const char *const *values, unsigned bits,
                               const char *between)
{
    apr_array_header_t *list = wfm_text_new(p);

    for (int i = 0; values[i]; i++) {
        if (!(bits & 1u << i))
            continue;
        wfm_text_append(list, *wfm_text_get(list) ? between : "");
        wfm_text_append(list, values[i]);
    }
    return wfm_text_get(list);
}

static const char *check_enum(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                              const text_t *in, wfm_arg_t *arg)
{
    const char *const *values = spec->values;
    int i;

    for (i = 0; values[i]; i++) {
        if (strcmp(values[i], in->s) == 0) {
            arg->i = i;
            return NULL;
        }
    }
    if ((spec->flags & WFM_PARAM_OPEN) && in->len) {
        arg->i = -1;
        return NULL;
    }
    return apr_pstrcat(v->p, "must be one of ", list_values(v->p, values, ~0u, ", "), NULL);
}

static const char *check_bool(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                              const text_t *in, wfm_arg_t *arg)
{
    (void)v;
    (void)spec;
    arg->i = strcmp(in->s, "true") == 0;
    if (!arg->i && strcmp(in->s, "false") != 0)
        return "must be true or false";
    return NULL;
}

static const char *check_time(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                              const text_t *in, wfm_arg_t *arg)
{
    (void)v;
    (void)spec;
    if (!wfm_time_parse(in->s, in->len, &arg->t, &arg->inexact))
        return "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z";
    return NULL;
}

static const char *check_text(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                              const text_t *in, wfm_arg_t *arg)
{
    (void)arg;
    if ((spec->flags & WFM_PARAM_NOT_BLANK) && wfm_text_is_blank(in->s, in->len))
        return "must not be blank";
    if (spec->max && wfm_text_length(in->s, in->len) > (apr_size_t)spec->max)
        return apr_psprintf(v->p, "must be at most %" APR_INT64_T_FMT " characters", spec->max);
    return NULL;
}

static const char *check_name(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                              const text_t *in, wfm_arg_t *arg)
{
    (void)v;
    (void)spec;
    (void)arg;
    return in->len > WFM_NAME_MAX ? "must be at most 1000 bytes" : NULL;
}

static const char *check_zone(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                              const text_t *in, wfm_arg_t *arg)
{
    (void)v;
    (void)spec;
    (void)arg;
    return wfm_zone_is_name(in->s, in->len) ? NULL : WFM_ZONE_EXPECTED;
}

/**
 * A text that is JSON is taken for JSON. What only begins like it, is a name that begins with a
 * bracket.
 */
static const char *check_names(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               const text_t *in, wfm_arg_t *arg)
{
    static const char wanted[] = "must be a comma-separated list or a JSON array of names";
    json_object *json = NULL;
    int may_be_empty = (spec->flags & WFM_PARAM_EMPTY) != 0;

    if (in->len == 0 && !may_be_empty)
        return wanted;
    arg->names = apr_array_make(v->p, 8, sizeof(const char *));
    if (in->len == 0)
        return NULL;
    if (in->s[0] == '[' && !wfm_json_parse(v->p, in->s, in->len, &json)) {
        if (!wfm_list_read(v->p, json, 0, arg->names) || (!arg->names->nelts && !may_be_empty))
            return wanted;
    } else {
        arg->whole = in->len <= WFM_NAME_MAX ? in->s : NULL;
        if (!wfm_list_split(v->p, in->s, arg->names)) {
            apr_array_clear(arg->names);
            APR_ARRAY_PUSH(arg->names, const char *) = in->s;
        }
    }
    for (int i = 0; i < arg->names->nelts; i++)
        if (strlen(APR_ARRAY_IDX(arg->names, i, const char *)) > WFM_NAME_MAX)
            return WFM_NAME_TOO_LONG;
    return NULL;
}

const char *wfm_value_check_ids(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                wfm_arg_t *arg)
{
    int fits = arg->names->nelts && arg->names->nelts <= spec->max;

    for (int i = 0; fits && i < arg->names->nelts; i++) {
        const char *id = APR_ARRAY_IDX(arg->names, i, const char *);
        apr_int64_t value;

        fits = wfm_text_int64(id, strlen(id), &value) == 1 && value > 0 && *id != '0';
    }
    if (fits)
        return NULL;
    arg->names = NULL;
    return apr_psprintf(v->p,
                        "must be a comma-separated list or a JSON array of at most "
                        "%" APR_INT64_T_FMT " positive integers",
                        spec->max);
}

static const char *check_ids(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                             const text_t *in, wfm_arg_t *arg)
{
    json_object *json = NULL;

    arg->names = apr_array_make(v->p, 8, sizeof(const char *));
    if (in->len && in->s[0] == '[') {
        if (wfm_json_parse(v->p, in->s, in->len, &json) ||
            !wfm_list_read(v->p, json, 1, arg->names))
            apr_array_clear(arg->names);
    } else if (!wfm_list_split(v->p, in->s, arg->names)) {
        apr_array_clear(arg->names);
    }
    return wfm_value_check_ids(v, spec, arg);
}

const char *wfm_value_check_filter(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                   json_object *json, wfm_arg_t *arg)
{
    if (!json_object_is_type(json, json_type_object))
        return "must be a JSON object";
    arg->json = json;
    arg->set = 1;
    /* The faults go straight to *err; the handler takes the object apart again when it needs it. */
    if (spec->type == WFM_PARAM_DIMENSIONS)
        wfm_dimfilter_parse(v->p, spec->name, json, v->err);
    else
        wfm_metricfilter_parse(v->p, spec->name, json, v->err);
    return NULL;
}

static const char *check_filter(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                const text_t *in, wfm_arg_t *arg)
{
    json_object *json = NULL;
    wfm_error_t *err = wfm_json_parse(v->p, in->s, in->len, &json);

    if (err)
        return apr_pstrcat(v->p, "must be a JSON object: ", err->message, NULL);
    return wfm_value_check_filter(v, spec, json, arg);
}

const char *wfm_value_check(const wfm_validation_t *v, const wfm_param_spec_t *spec, const char *s,
                            apr_size_t len, wfm_arg_t *arg)
{
    static const check_fn checks[] = {
        [WFM_PARAM_ID] = check_id,
        [WFM_PARAM_OFFSET] = check_offset,
        [WFM_PARAM_LIMIT] = check_limit,
        [WFM_PARAM_NUMBER] = check_number,
        [WFM_PARAM_ENUM] = check_enum,
        [WFM_PARAM_BOOL] = check_bool,
        [WFM_PARAM_TIME] = check_time,
        [WFM_PARAM_TEXT] = check_text,
        [WFM_PARAM_NAME] = check_name,
        [WFM_PARAM_ZONE] = check_zone,
        [WFM_PARAM_NAMES] = check_names,
        [WFM_PARAM_IDS] = check_ids,
        [WFM_PARAM_DIMENSIONS] = check_filter,
        [WFM_PARAM_METRIC_FILTERS] = check_filter,
        [WFM_PARAM_TEXT_ARRAY] = NULL, /* only a body has arrays */
        [WFM_PARAM_NAME_ARRAY] = NULL,
        [WFM_PARAM_OBJECT] = NULL,
        [WFM_PARAM_FILES] = NULL,
        [WFM_PARAM_FIELD_PATCHES] = NULL,
        [WFM_PARAM_FIELD_ARRAY] = NULL,
    };
    const text_t in = {s, len};
    const char *message = checks[spec->type](v, spec, &in, arg);

    if (!message) {
        arg->set = 1;
        arg->s = s;
        arg->len = len;
    }
    return message;
}

void wfm_value_default(const wfm_validation_t *v, const wfm_param_spec_t *spec, wfm_arg_t *arg)
{
    switch (spec->type) {
    case WFM_PARAM_OFFSET:
        arg->i = spec->def;
        break;
    case WFM_PARAM_LIMIT: /* a directive's ceiling may lie below the default */
        arg->i = spec->def < limit_max(v, spec) ? spec->def : limit_max(v, spec);
        break;
    case WFM_PARAM_BOOL:
        arg->i = spec->def == WFM_PARAM_TRUE;
        break;
    case WFM_PARAM_NUMBER:
        arg->d = spec->bounds->def;
        arg->i = spec->bounds->whole ? (apr_int64_t)arg->d : 0;
        break;
    case WFM_PARAM_NAME: /* said or not, it is the same */
        arg->s = spec->values ? spec->values[spec->def] : NULL;
        arg->len = arg->s ? strlen(arg->s) : 0;
        break;
    case WFM_PARAM_ENUM:
        arg->i = spec->def;
        arg->s = spec->def >= 0 ? spec->values[spec->def] : NULL;
        arg->len = arg->s ? strlen(arg->s) : 0;
        break;
    default:
        break;
    }
}

/**
 * Start and end in order? Only then is an inexact start rounded up: both lie on whole microseconds
 * now, and a start that was rounded first could seem to be after an end within the same one.
 */
void wfm_value_check_range(const wfm_validation_t *v, const wfm_param_spec_t *specs,
                           wfm_args_t *args)
{
    wfm_arg_t *start = NULL;

    for (int i = 0; i < args->n; i++) {
        wfm_arg_t *arg = &args->args[i];

        if (specs[i].flags & WFM_PARAM_RANGE_START)
            start = arg;
        if (!start || !(specs[i].flags & WFM_PARAM_RANGE_END))
            continue;
        if (start->set && arg->set && start->t > arg->t)
            wfm_error_field(v->err, v->p, start->name, "must not be after %s", arg->name);
        if (start->set)
            start->t += start->inexact;
        start = NULL;
    }
}

const char *wfm_value_check_names(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                  const wfm_arg_t *arg)
{
    for (int i = 0; spec->values && i < arg->names->nelts; i++)
        if (!wfm_texts_hold(spec->values, APR_ARRAY_IDX(arg->names, i, const char *)))
            return apr_pstrcat(v->p, "must be names out of ",
                               list_values(v->p, spec->values, ~0u, ", "), NULL);
    return NULL;
}

void wfm_value_check_company(const wfm_validation_t *v, const wfm_param_spec_t *specs,
                             const wfm_args_t *args)
{
    for (int i = 0; i < args->n; i++) {
        const wfm_arg_t *arg = &args->args[i];
        int other = 0;

        if (!specs[i].only_with || !arg->set || (!arg->i && specs[i].type != WFM_PARAM_TEXT))
            continue;
        while (strcmp(specs[other].name, specs[i].only_with) != 0)
            other++;
        if (args->args[other].s && !(specs[i].only_values & 1u << args->args[other].i))
            wfm_error_field(v->err, v->p, arg->name, "is for %s=%s only", specs[other].name,
                            list_values(v->p, specs[other].values, specs[i].only_values, " or "));
    }
}
