/*
 * param.c - reads the query string, and turns texts into the declared types. What brackets behind
 * a name mean is brackets.c's.
 */
#include "param.h"
#include "brackets.h"
#include "text.h"
#include <apr_strings.h>

#define NOT_TEXT "must be percent-encoded UTF-8 text without NUL"

/** What is validated against one spec. */
typedef struct input_t {
    const wfm_param_spec_t *spec;
    wfm_arg_t *arg;
    const char *raw; /* value in the query string, still encoded */
    apr_size_t raw_len;
    int count;                    /* how often the query string has it */
    apr_array_header_t *brackets; /* of wfm_bracket_t: where it has brackets behind it; or NULL */
    int broken;                   /* one of these is no text */
    const char *s;                /* the value, decoded; NULL if it is no text */
    apr_size_t len;
} input_t;

static int is_text(const char *s, apr_size_t len)
{
    return !memchr(s, '\0', len) && wfm_text_is_utf8(s, len);
}

/* ---- the query string ---- */

static input_t *find_input(input_t *inputs, int n, const char *name, apr_size_t len)
{
    for (int i = 0; i < n; i++)
        if (!(inputs[i].spec->flags & WFM_PARAM_PATH) && strlen(inputs[i].spec->name) == len &&
            memcmp(inputs[i].spec->name, name, len) == 0)
            return &inputs[i];
    return NULL;
}

/** Note what brackets behind a parameter's name say. */
static void note_bracket(const wfm_validation_t *v, input_t *in, const char *path,
                         apr_size_t path_len, const char *raw, apr_size_t raw_len)
{
    wfm_bracket_t pair = {.path = path};

    pair.value = wfm_text_decode(v->p, raw, raw_len, 1, &pair.len);
    if (!pair.value || !is_text(pair.value, pair.len) || !is_text(path, path_len)) {
        in->broken = 1;
        return;
    }
    if (!in->brackets)
        in->brackets = apr_array_make(v->p, 4, sizeof pair);
    APR_ARRAY_PUSH(in->brackets, wfm_bracket_t) = pair;
}

/** Note name=value with the input of that name; names that nobody declared are none of our
 * business. */
static void note_pair(const wfm_validation_t *v, input_t *inputs, int n, const char *pair,
                      apr_size_t len)
{
    const char *equals = memchr(pair, '=', len), *raw = equals ? equals + 1 : "", *name, *bracket;
    apr_size_t raw_name_len = equals ? (apr_size_t)(equals - pair) : len, name_len;
    apr_size_t raw_len = equals ? len - raw_name_len - 1 : 0;
    input_t *in;

    name = wfm_text_decode(v->p, pair, raw_name_len, 1, &name_len);
    if (!name)
        return;
    if ((in = find_input(inputs, n, name, name_len))) {
        in->count++;
        in->raw = raw;
        in->raw_len = raw_len;
        return;
    }
    bracket = memchr(name, '[', name_len);
    if (bracket && (in = find_input(inputs, n, name, (apr_size_t)(bracket - name))))
        note_bracket(v, in, bracket, name_len - (apr_size_t)(bracket - name), raw, raw_len);
}

static void read_query(const wfm_validation_t *v, input_t *inputs, int n, const char *query)
{
    while (query && *query) {
        apr_size_t len = strcspn(query, "&");

        note_pair(v, inputs, n, query, len);
        query += len;
        query += *query == '&';
    }
}

/* ---- one value ---- */

/** Decode and check one input that the client gave. @return what is wrong with it */
static const char *check_input(const wfm_validation_t *v, input_t *in)
{
    if (in->count > 1)
        return "must be given only once";
    if (in->count && (in->brackets || in->broken))
        return apr_psprintf(v->p, "must be given either as %s=… or as %s[…]=…, not both",
                            in->spec->name, in->spec->name);
    if (in->broken)
        return NOT_TEXT;
    if (in->brackets)
        return wfm_brackets_check(v, in->spec, in->brackets, in->arg);
    if (in->count == 1)
        in->s = wfm_text_decode(v->p, in->raw, in->raw_len, 1, &in->len);
    if (!in->s || !is_text(in->s, in->len))
        return NOT_TEXT;
    return wfm_value_check(v, in->spec, in->s, in->len, in->arg);
}

void wfm_params_parse(apr_pool_t *p, const wfm_param_spec_t *specs, const wfm_path_value_t *path,
                      const char *query, const wfm_limits_t *limits, wfm_args_t *args,
                      wfm_error_t **err)
{
    wfm_validation_t v = {p, limits, err};
    const char *message;
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
    read_query(&v, inputs, n, query);
    for (i = 0; i < n; i++) {
        if (specs[i].flags & WFM_PARAM_PATH) {
            inputs[i].s = path->s;
            inputs[i].len = path->len;
            path++;
        } else if (!inputs[i].count && !inputs[i].brackets && !inputs[i].broken) {
            wfm_value_default(&v, &specs[i], &args->args[i]);
            if (specs[i].flags & WFM_PARAM_REQUIRED)
                wfm_error_field(err, p, specs[i].name, "is required");
            continue;
        }
        message = check_input(&v, &inputs[i]);
        if (!message && specs[i].type == WFM_PARAM_NAMES)
            message = wfm_value_check_names(&v, &specs[i], inputs[i].arg);
        if (message)
            wfm_error_field(err, p, specs[i].name, "%s", message);
    }
    wfm_value_check_range(&v, specs, args);
    wfm_value_check_company(&v, specs, args);
}
