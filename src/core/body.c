/*
 * body.c - builds json-c objects that their pool frees, and checks them against declared fields.
 */
#include "body.h"
#include "json_check.h"
#include "text.h"
#include <apr_lib.h>
#include <apr_strings.h>
#include <limits.h>

static apr_status_t put_object(void *data)
{
    json_object_put(data);
    return APR_SUCCESS;
}

/** Let json-c build the value of a text that is known to be JSON. */
static wfm_error_t *build(apr_pool_t *p, const char *text, int len, json_object **out)
{
    json_tokener *tok = json_tokener_new_ex(WFM_BODY_DEPTH + 1);
    enum json_tokener_error why;

    if (!tok)
        return wfm_error_internal(p, "json-c: no tokener");
    *out = json_tokener_parse_ex(tok, text, len);
    why = json_tokener_get_error(tok);
    if (why ==
        json_tokener_continue) { /* a number at the end: only the NUL tells that it is over */
        *out = json_tokener_parse_ex(tok, "", 1);
        why = json_tokener_get_error(tok);
    }
    json_tokener_free(tok);
    if (why != json_tokener_success)
        return wfm_error_internal(p, "json-c refused valid JSON: %s", json_tokener_error_desc(why));
    apr_pool_cleanup_register(p, *out, put_object, apr_pool_cleanup_null);
    return NULL;
}

wfm_error_t *wfm_json_parse(apr_pool_t *p, const char *text, apr_size_t len, json_object **out)
{
    apr_size_t at = 0;

    *out = NULL;
    if (len > INT_MAX) /* json-c counts in int */
        return wfm_error_make(p, WFM_PAYLOAD_TOO_LARGE, "JSON text is too large");
    switch (wfm_json_check(text, len, WFM_BODY_DEPTH, &at)) {
    case WFM_JSON_VALID:
        return build(p, text, (int)len, out);
    case WFM_JSON_TOO_DEEP:
        return wfm_error_make(p, WFM_BAD_REQUEST, "JSON is nested deeper than %d levels",
                              WFM_BODY_DEPTH);
    default:
        return wfm_error_make(p, WFM_BAD_REQUEST, "invalid JSON at byte %" APR_SIZE_T_FMT, at);
    }
}

int wfm_body_is_json_type(const char *content_type)
{
    static const char tree[] = "application/";
    const char *s = content_type, *end;
    apr_size_t len;

    if (!s)
        return 0;
    while (*s == ' ' || *s == '\t')
        s++;
    if (strncasecmp(s, tree, sizeof(tree) - 1) != 0)
        return 0;
    s += sizeof(tree) - 1;
    len = strcspn(s, "; \t");
    end = s + len;
    end += strspn(end, " \t");
    if (*end != '\0' && *end != ';')
        return 0;
    return (len == 4 && strncasecmp(s, "json", 4) == 0) ||
           (len > 5 && strncasecmp(s + len - 5, "+json", 5) == 0);
}

static void check_text(apr_pool_t *p, const wfm_field_spec_t *spec, json_object *v, wfm_arg_t *arg,
                       wfm_error_t **err)
{
    const char *s = json_object_get_string(v);
    apr_size_t len = (apr_size_t)json_object_get_string_len(v);

    if (!json_object_is_type(v, json_type_string)) {
        wfm_error_field(err, p, spec->name, "must be a string");
    } else if ((spec->flags & WFM_FIELD_NOT_BLANK) && wfm_text_is_blank(s, len)) {
        wfm_error_field(err, p, spec->name, "must not be blank");
    } else if (spec->max && wfm_text_length(s, len) > spec->max) {
        wfm_error_field(err, p, spec->name, "must be at most %" APR_SIZE_T_FMT " characters",
                        spec->max);
    } else {
        arg->set = 1;
        arg->s = apr_pstrmemdup(p, s, len);
        arg->len = len;
    }
}

/** Is this an array of strings, none of them blank? */
static int is_text_array(json_object *v)
{
    apr_size_t n, i;

    if (!json_object_is_type(v, json_type_array))
        return 0;
    n = json_object_array_length(v);
    for (i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(v, i);

        if (!json_object_is_type(item, json_type_string) ||
            wfm_text_is_blank(json_object_get_string(item),
                              (apr_size_t)json_object_get_string_len(item)))
            return 0;
    }
    return 1;
}

static void check_text_array(apr_pool_t *p, const wfm_field_spec_t *spec, json_object *v,
                             wfm_arg_t *arg, wfm_error_t **err)
{
    const char *text;

    if (!is_text_array(v)) {
        wfm_error_field(err, p, spec->name, "must be an array of non-blank strings");
        return;
    }
    text = json_object_to_json_string_length(
        v, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &arg->len);
    arg->set = 1;
    arg->s = apr_pstrmemdup(p, text, arg->len);
}

static void check_field(apr_pool_t *p, const wfm_field_spec_t *spec, json_object *v, wfm_arg_t *arg,
                        wfm_error_t **err)
{
    arg->name = spec->name;
    if (!v) { /* absent, or null: json-c has no object for it */
        if (spec->flags & WFM_FIELD_REQUIRED)
            wfm_error_field(err, p, spec->name, "is required");
        return;
    }
    arg->json = v;
    switch (spec->type) {
    case WFM_FIELD_BOOL:
        if (!json_object_is_type(v, json_type_boolean)) {
            wfm_error_field(err, p, spec->name, "must be true or false");
            break;
        }
        arg->set = 1;
        arg->i = json_object_get_boolean(v);
        break;
    case WFM_FIELD_TEXT:
        check_text(p, spec, v, arg, err);
        break;
    case WFM_FIELD_TEXT_ARRAY:
        check_text_array(p, spec, v, arg, err);
        break;
    }
}

static int is_declared(const wfm_field_spec_t *fields, const char *name)
{
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return 1;
    return 0;
}

wfm_error_t *wfm_body_validate(apr_pool_t *p, const wfm_body_spec_t *spec, json_object *json,
                               wfm_args_t *args, wfm_error_t **err)
{
    json_object *v;
    int i;

    args->n = 0;
    while (spec->fields[args->n].name)
        args->n++;
    args->args = apr_pcalloc(p, ((apr_size_t)args->n + 1) * sizeof(wfm_arg_t));
    if (!json_object_is_type(json, json_type_object))
        return wfm_error_make(p, WFM_BAD_REQUEST, "the body must be a JSON object");
    for (i = 0; i < args->n; i++) {
        v = NULL;
        json_object_object_get_ex(json, spec->fields[i].name, &v);
        check_field(p, &spec->fields[i], v, &args->args[i], err);
    }
    if (spec->unknown == WFM_UNKNOWN_IGNORED)
        return NULL;
    json_object_object_foreach(json, key, value)
    {
        (void)value;
        if (!is_declared(spec->fields, key))
            wfm_error_field(err, p, key, "is not a known field");
    }
    return NULL;
}
