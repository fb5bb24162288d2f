/*
 * param.c - reads the query string, and turns texts into the declared types.
 */
#include "param.h"
#include "body.h"
#include "dimfilter.h"
#include "text.h"
#include <apr_strings.h>

#define NOT_TEXT "must be percent-encoded UTF-8 text without NUL"

/** What is validated against one spec. */
typedef struct input_t {
    const wfm_param_spec_t *spec;
    wfm_arg_t *arg;
    const char *raw; /* value in the query string, still encoded */
    apr_size_t raw_len;
    int count;     /* how often the query string has it */
    const char *s; /* the value, decoded; NULL if it is no text */
    apr_size_t len;
    int inexact; /* TIME: the value was rounded down */
} input_t;

typedef struct context_t {
    apr_pool_t *p;
    const wfm_limits_t *limits;
    wfm_error_t **err;
} context_t;

static int is_text(const char *s, apr_size_t len)
{
    return !memchr(s, '\0', len) && wfm_text_is_utf8(s, len);
}

/* ---- the query string ---- */

/** Note name=value with the input of that name; names that nobody declared are none of our
 * business. */
static void note_pair(context_t *cx, input_t *inputs, int n, const char *pair, apr_size_t len)
{
    const char *equals = memchr(pair, '=', len), *name;
    apr_size_t raw_name_len = equals ? (apr_size_t)(equals - pair) : len, name_len;
    int i;

    name = wfm_text_decode(cx->p, pair, raw_name_len, 1, &name_len);
    if (!name)
        return;
    for (i = 0; i < n; i++) {
        input_t *in = &inputs[i];

        if ((in->spec->flags & WFM_PARAM_PATH) || strlen(in->spec->name) != name_len ||
            memcmp(in->spec->name, name, name_len) != 0)
            continue;
        in->count++;
        in->raw = equals ? equals + 1 : "";
        in->raw_len = equals ? len - raw_name_len - 1 : 0;
        return;
    }
}

static void read_query(context_t *cx, input_t *inputs, int n, const char *query)
{
    while (query && *query) {
        apr_size_t len = strcspn(query, "&");

        note_pair(cx, inputs, n, query, len);
        query += len;
        query += *query == '&';
    }
}

/* ---- one value ---- */

static void fault(context_t *cx, const input_t *in, const char *message)
{
    wfm_error_field(cx->err, cx->p, in->spec->name, "%s", message);
}

static apr_int64_t limit_max(const context_t *cx, const wfm_param_spec_t *spec)
{
    return spec->flags & WFM_PARAM_EXPORT_LIMIT ? cx->limits->export_max_rows : spec->max;
}

static const char *check_id(context_t *cx, input_t *in)
{
    (void)cx;
    if (wfm_text_int64(in->s, in->len, &in->arg->i) != 1 || in->arg->i < 1)
        return "must be a positive integer";
    return NULL;
}

static const char *check_offset(context_t *cx, input_t *in)
{
    (void)cx;
    if (wfm_text_int64(in->s, in->len, &in->arg->i) != 1 || in->arg->i < 0)
        return "must be an integer between 0 and 9223372036854775807";
    return NULL;
}

/** Lowered to the maximum, however many digits: beyond int64, wfm_text_int64 leaves INT64_MAX. */
static const char *check_limit(context_t *cx, input_t *in)
{
    apr_int64_t max = limit_max(cx, in->spec);

    if (wfm_text_int64(in->s, in->len, &in->arg->i) == 0 || in->arg->i < 1)
        return apr_psprintf(cx->p, "must be an integer between 1 and %" APR_INT64_T_FMT, max);
    if (in->arg->i > max)
        in->arg->i = max;
    return NULL;
}

static const char *check_enum(context_t *cx, input_t *in)
{
    const char *const *values = in->spec->values;
    const char *list = "";
    int i;

    for (i = 0; values[i]; i++) {
        if (strcmp(values[i], in->s) == 0) {
            in->arg->i = i;
            return NULL;
        }
    }
    for (i = 0; values[i]; i++)
        list = apr_pstrcat(cx->p, list, i ? ", " : "", values[i], NULL);
    return apr_pstrcat(cx->p, "must be one of ", list, NULL);
}

static const char *check_bool(context_t *cx, input_t *in)
{
    (void)cx;
    in->arg->i = strcmp(in->s, "true") == 0;
    if (!in->arg->i && strcmp(in->s, "false") != 0)
        return "must be true or false";
    return NULL;
}

static const char *check_time(context_t *cx, input_t *in)
{
    (void)cx;
    if (!wfm_time_parse(in->s, in->len, &in->arg->t, &in->inexact))
        return "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z";
    return NULL;
}

static const char *check_text(context_t *cx, input_t *in)
{
    (void)cx;
    (void)in;
    return NULL;
}

static int has_name(const apr_array_header_t *names, const char *name)
{
    int i;

    for (i = 0; i < names->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(names, i, const char *), name) == 0)
            return 1;
    return 0;
}

static const char *check_names(context_t *cx, input_t *in)
{
    static const char blanks[] = " \t\r\n";
    const char *s = in->s, *name;
    apr_size_t len;

    in->arg->names = apr_array_make(cx->p, 8, sizeof(const char *));
    for (;; s++) {
        s += strspn(s, blanks);
        len = strcspn(s, ",");
        name = s;
        s += len;
        while (len > 0 && strchr(blanks, name[len - 1]))
            len--;
        if (len == 0)
            return "must be a comma-separated list of names";
        name = apr_pstrmemdup(cx->p, name, len);
        if (!has_name(in->arg->names, name))
            APR_ARRAY_PUSH(in->arg->names, const char *) = name;
        if (*s == '\0')
            return NULL;
    }
}

static const char *check_dimensions(context_t *cx, input_t *in)
{
    json_object *json = NULL;
    wfm_error_t *err = wfm_json_parse(cx->p, in->s, in->len, &json);

    if (err)
        return apr_pstrcat(cx->p, "must be a JSON object: ", err->message, NULL);
    if (!json_object_is_type(json, json_type_object))
        return "must be a JSON object";
    in->arg->json = json;
    /* The faults go straight to *err; the handler takes the object apart again when it needs it. */
    wfm_dimfilter_parse(cx->p, in->spec->name, json, cx->err);
    return NULL;
}

/** The value is text: is it the declared type's? Returns what it must be, NULL when it is that. */
static const char *check_type(context_t *cx, input_t *in)
{
    static const char *(*const checks[])(context_t *, input_t *) = {
        [WFM_PARAM_ID] = check_id,
        [WFM_PARAM_OFFSET] = check_offset,
        [WFM_PARAM_LIMIT] = check_limit,
        [WFM_PARAM_ENUM] = check_enum,
        [WFM_PARAM_BOOL] = check_bool,
        [WFM_PARAM_TIME] = check_time,
        [WFM_PARAM_TEXT] = check_text,
        [WFM_PARAM_NAMES] = check_names,
        [WFM_PARAM_DIMENSIONS] = check_dimensions,
    };

    return checks[in->spec->type](cx, in);
}

static void set_default(context_t *cx, input_t *in)
{
    const wfm_param_spec_t *spec = in->spec;

    switch (spec->type) {
    case WFM_PARAM_OFFSET:
        in->arg->i = spec->def;
        break;
    case WFM_PARAM_LIMIT: /* a directive's ceiling may lie below the default */
        in->arg->i = spec->def < limit_max(cx, spec) ? spec->def : limit_max(cx, spec);
        break;
    case WFM_PARAM_ENUM:
        in->arg->i = spec->def;
        in->arg->s = spec->def >= 0 ? spec->values[spec->def] : NULL;
        in->arg->len = in->arg->s ? strlen(in->arg->s) : 0;
        break;
    default:
        break;
    }
}

/** Decode and check one input that the client gave. */
static void check_input(context_t *cx, input_t *in)
{
    const char *message;

    if (in->count > 1) {
        fault(cx, in, "must be given only once");
        return;
    }
    if (in->count == 1)
        in->s = wfm_text_decode(cx->p, in->raw, in->raw_len, 1, &in->len);
    if (!in->s || !is_text(in->s, in->len)) {
        fault(cx, in, NOT_TEXT);
        return;
    }
    if ((message = check_type(cx, in))) {
        fault(cx, in, message);
        return;
    }
    in->arg->set = 1;
    in->arg->s = in->s;
    in->arg->len = in->len;
}

/**
 * Start and end in order? Only then is an inexact start rounded up: both lie on whole microseconds
 * now, and a start that was rounded first could seem to be after an end within the same one.
 */
static void check_range(context_t *cx, input_t *inputs, int n)
{
    input_t *start = NULL, *end = NULL;
    int i;

    for (i = 0; i < n; i++) {
        if (inputs[i].arg->set && (inputs[i].spec->flags & WFM_PARAM_RANGE_START))
            start = &inputs[i];
        if (inputs[i].arg->set && (inputs[i].spec->flags & WFM_PARAM_RANGE_END))
            end = &inputs[i];
    }
    if (start && end && start->arg->t > end->arg->t)
        wfm_error_field(cx->err, cx->p, start->spec->name, "must not be after %s", end->spec->name);
    if (start)
        start->arg->t += start->inexact;
}

void wfm_params_parse(apr_pool_t *p, const wfm_param_spec_t *specs, const wfm_path_value_t *path,
                      const char *query, const wfm_limits_t *limits, wfm_args_t *args,
                      wfm_error_t **err)
{
    context_t cx = {p, limits, err};
    input_t *inputs;
    int i, n = 0;

    while (specs[n].name)
        n++;
    inputs = apr_pcalloc(p, ((apr_size_t)n + 1) * sizeof(*inputs));
    args->n = n;
    args->args = apr_pcalloc(p, ((apr_size_t)n + 1) * sizeof(wfm_arg_t));
    for (i = 0; i < n; i++) {
        inputs[i].spec = &specs[i];
        inputs[i].arg = &args->args[i];
        inputs[i].arg->name = specs[i].name;
    }
    read_query(&cx, inputs, n, query);
    for (i = 0; i < n; i++) {
        if (specs[i].flags & WFM_PARAM_PATH) {
            inputs[i].s = path->s;
            inputs[i].len = path->len;
            path++;
        } else if (inputs[i].count == 0) {
            set_default(&cx, &inputs[i]);
            continue;
        }
        check_input(&cx, &inputs[i]);
    }
    check_range(&cx, inputs, n);
}
