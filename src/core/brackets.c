/*
 * brackets.c - puts parameters that are written with brackets together: a list of names or ids, or
 * the JSON object that a filter on dimensions is.
 */
#include "brackets.h"
#include "json.h"
#include "text.h"
#include <apr_strings.h>
#include <string.h>

#define DEEPEST 3 /* [Op][not][] */

/** [] or [12] */
static int is_index(const char *inside)
{
    return inside[strspn(inside, "0123456789")] == '\0';
}

/**
 * Cut "[a][b]" into what the brackets hold.
 * @return how many there are; 0: it is something else
 */
static int cut(apr_pool_t *p, const char *path, const char *parts[DEEPEST])
{
    apr_size_t len = strlen(path);
    char *s, *next;
    int n = 0;

    if (len < 2 || path[0] != '[' || path[len - 1] != ']')
        return 0;
    s = apr_pstrmemdup(p, path + 1, len - 2);
    for (; s; s = next) {
        next = strstr(s, "][");
        if (next) {
            *next = '\0';
            next += 2;
        }
        if (n == DEEPEST)
            return 0;
        parts[n++] = s;
    }
    return n;
}

/* ---- lists of names, or of ids ---- */

static const char *check_names(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               const apr_array_header_t *pairs, wfm_arg_t *arg)
{
    const char *parts[DEEPEST], *fault;

    arg->names = apr_array_make(v->p, pairs->nelts, sizeof(const char *));
    for (int i = 0; i < pairs->nelts; i++) {
        const wfm_bracket_t *pair = &APR_ARRAY_IDX(pairs, i, wfm_bracket_t);

        if (cut(v->p, pair->path, parts) != 1 || !is_index(parts[0]))
            return apr_psprintf(v->p, "must be written %s=a,b or %s[]=a&%s[]=b or as a JSON array",
                                spec->name, spec->name, spec->name);
        if (pair->len > WFM_NAME_MAX)
            return WFM_NAME_TOO_LONG;
        wfm_names_add(arg->names, pair->value);
    }
    if (spec->type == WFM_PARAM_IDS && (fault = wfm_value_check_ids(v, spec, arg)))
        return fault;
    arg->set = 1;
    return NULL;
}

/* ---- filters on dimensions ---- */

static json_object *member(json_object *object, const char *name)
{
    json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return value;
}

/** The value alone, once; @return is there room for it? */
static int set_value(json_object *object, const char *name, json_object *value)
{
    if (member(object, name)) {
        json_object_put(value);
        return 0;
    }
    return json_object_object_add(object, name, value) == 0;
}

/** The value as one more of an array. */
static int add_item(json_object *object, const char *name, json_object *value)
{
    json_object *array = member(object, name);

    if (!array) {
        array = json_object_new_array();
        json_object_object_add(object, name, array);
    }
    if (!json_object_is_type(array, json_type_array)) {
        json_object_put(value);
        return 0;
    }
    return json_object_array_add(array, value) == 0;
}

/** The object of a dimension's {"not":…}; NULL if the dimension has another form. */
static json_object *negated(json_object *filter, const char *dimension)
{
    json_object *inside = member(filter, dimension);

    if (!inside) {
        inside = json_object_new_object();
        json_object_object_add(filter, dimension, inside);
    }
    return json_object_is_type(inside, json_type_object) ? inside : NULL;
}

static const char *add_pair(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                            json_object *filter, const wfm_bracket_t *pair)
{
    const char *parts[DEEPEST], *name;
    int n = cut(v->p, pair->path, parts), negative = n > 1 && !strcmp(parts[1], "not"), item;
    json_object *value, *holder = filter;

    item = n == 2 + negative;
    if (n == 0 || n > 2 + negative || (item && !is_index(parts[n - 1])))
        return apr_psprintf(v->p,
                            "must be written %s[NAME]=value, %s[NAME][]=value, %s[NAME][not]=value "
                            "or as a JSON object",
                            spec->name, spec->name, spec->name);
    name = parts[0];
    if (negative) {
        holder = negated(filter, name);
        name = "not";
    }
    value = json_object_new_string_len(pair->value, (int)pair->len);
    if (!holder)
        json_object_put(value);
    if (!holder || !(item ? add_item : set_value)(holder, name, value))
        return apr_pstrcat(v->p, "\"", wfm_text_short(v->p, parts[0]),
                           "\" must be given only once, or each time with []", NULL);
    return NULL;
}

static const char *check_dimensions(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                                    const apr_array_header_t *pairs, wfm_arg_t *arg)
{
    json_object *filter = json_object_new_object();

    wfm_json_own(v->p, filter);
    for (int i = 0; i < pairs->nelts; i++) {
        const char *fault = add_pair(v, spec, filter, &APR_ARRAY_IDX(pairs, i, wfm_bracket_t));

        if (fault)
            return fault;
    }
    return wfm_value_check_filter(v, spec, filter, arg);
}

const char *wfm_brackets_check(const wfm_validation_t *v, const wfm_param_spec_t *spec,
                               const apr_array_header_t *pairs, wfm_arg_t *arg)
{
    switch (spec->type) {
    case WFM_PARAM_NAMES:
    case WFM_PARAM_IDS:
        return check_names(v, spec, pairs, arg);
    case WFM_PARAM_DIMENSIONS:
        return check_dimensions(v, spec, pairs, arg);
    default:
        return apr_psprintf(v->p, "takes one value and no brackets: write %s=value", spec->name);
    }
}
