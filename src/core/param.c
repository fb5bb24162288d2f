/*
 * param.c - reads the query string, and turns texts into the declared types.
 */
#include "param.h"
#include "text.h"

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
} input_t;

static int is_text(const char *s, apr_size_t len)
{
    return !memchr(s, '\0', len) && wfm_text_is_utf8(s, len);
}

/* ---- the query string ---- */

/** Note name=value with the input of that name; names that nobody declared are none of our
 * business. */
static void note_pair(const wfm_validation_t *v, input_t *inputs, int n, const char *pair,
                      apr_size_t len)
{
    const char *equals = memchr(pair, '=', len), *name;
    apr_size_t raw_name_len = equals ? (apr_size_t)(equals - pair) : len, name_len;
    int i;

    name = wfm_text_decode(v->p, pair, raw_name_len, 1, &name_len);
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

static void fault(const wfm_validation_t *v, const input_t *in, const char *message)
{
    wfm_error_field(v->err, v->p, in->spec->name, "%s", message);
}

/** Decode and check one input that the client gave. */
static void check_input(const wfm_validation_t *v, input_t *in)
{
    const char *message;

    if (in->count > 1) {
        fault(v, in, "must be given only once");
        return;
    }
    if (in->count == 1)
        in->s = wfm_text_decode(v->p, in->raw, in->raw_len, 1, &in->len);
    if (!in->s || !is_text(in->s, in->len)) {
        fault(v, in, NOT_TEXT);
        return;
    }
    message = wfm_value_check(v, in->spec, in->s, in->len, in->arg);
    if (message)
        fault(v, in, message);
}

void wfm_params_parse(apr_pool_t *p, const wfm_param_spec_t *specs, const wfm_path_value_t *path,
                      const char *query, const wfm_limits_t *limits, wfm_args_t *args,
                      wfm_error_t **err)
{
    wfm_validation_t v = {p, limits, err};
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
        } else if (inputs[i].count == 0) {
            wfm_value_default(&v, &specs[i], &args->args[i]);
            continue;
        }
        check_input(&v, &inputs[i]);
    }
    wfm_value_check_range(&v, specs, args);
}
