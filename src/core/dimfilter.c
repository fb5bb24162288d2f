/*
 * dimfilter.c - takes a filter on dimensions apart into the texts that it names.
 */
#include "dimfilter.h"
#include "number.h"
#include "text.h"
#include <apr_strings.h>
#include <string.h>

#define SCALAR "must be a string, number, boolean or null, an array of these, or {\"not\": …}"

/** Add one scalar to the dimension; returns what is wrong with it, NULL when all is well. */
static const char *add_scalar(apr_pool_t *p, wfm_dim_t *dim, json_object *v)
{
    const char *text = NULL, *fault = NULL;

    switch (json_object_get_type(v)) {
    case json_type_null: /* json-c has no object for it */
        dim->absent = 1;
        return NULL;
    case json_type_string:
        text = json_object_get_string(v);
        break;
    case json_type_int:
    case json_type_double:
        fault = wfm_number_jsonb(p, v, &text);
        break;
    case json_type_boolean:
        text = json_object_get_boolean(v) ? "true" : "false";
        break;
    default:
        return SCALAR;
    }
    if (!fault)
        APR_ARRAY_PUSH(dim->texts, const char *) = text;
    return fault;
}

static const char *add_values(apr_pool_t *p, wfm_dim_t *dim, json_object *v)
{
    apr_size_t n, i;
    const char *fault = NULL;

    if (!json_object_is_type(v, json_type_array))
        return add_scalar(p, dim, v);
    n = json_object_array_length(v);
    for (i = 0; i < n && !fault; i++)
        fault = add_scalar(p, dim, json_object_array_get_idx(v, i));
    return fault;
}

static const char *add_dimension(apr_pool_t *p, wfm_dim_t *dim, json_object *v)
{
    if (strlen(dim->name) > WFM_NAME_MAX)
        return "is a name of more than 1000 bytes";
    if (json_object_is_type(v, json_type_object)) {
        if (json_object_object_length(v) != 1 || !json_object_object_get_ex(v, "not", &v))
            return SCALAR;
        dim->negative = 1;
    }
    return add_values(p, dim, v);
}

apr_array_header_t *wfm_dimfilter_parse(apr_pool_t *p, const char *field, json_object *obj,
                                        wfm_error_t **err)
{
    apr_array_header_t *dims;
    int faulty = 0;

    if (!obj)
        return NULL;
    if (!json_object_is_type(obj, json_type_object)) {
        wfm_error_field(err, p, field, "must be a JSON object");
        return NULL;
    }
    if (json_object_object_length(obj) > WFM_DIMFILTER_MAX) {
        wfm_error_field(err, p, field, "must have at most %d dimensions", WFM_DIMFILTER_MAX);
        return NULL;
    }
    dims = apr_array_make(p, 4, sizeof(wfm_dim_t));
    json_object_object_foreach(obj, key, value)
    {
        wfm_dim_t dim = {.name = apr_pstrdup(p, key),
                         .texts = apr_array_make(p, 2, sizeof(const char *))};
        const char *fault = add_dimension(p, &dim, value);

        if (fault) {
            wfm_error_field(err, p, field, "\"%s\" %s", wfm_text_short(p, key), fault);
            faulty = 1;
        } else if (dim.texts->nelts || dim.absent) {
            APR_ARRAY_PUSH(dims, wfm_dim_t) = dim;
        }
    }
    return faulty ? NULL : dims;
}

int wfm_dim_passes(const wfm_dim_t *dim, const char *value)
{
    if (!value)
        return dim->absent != dim->negative;
    for (int i = 0; i < dim->texts->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(dim->texts, i, const char *), value))
            return !dim->negative;
    return dim->negative;
}
