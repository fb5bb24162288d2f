/*
 * dimfilter.c - takes a filter on dimensions apart into texts and JSON scalars.
 */
#include "dimfilter.h"
#include "text.h"
#include <apr_strings.h>
#include <math.h>

#define MAX_DIGITS 400 /* a double's exact decimal expansion may have some 300 */

/**
 * json-c clamps integers that do not fit to the ends of its range. The clamped value would match
 * other rows than the client meant, so the ends, which may be clamped, are refused with the rest.
 */
static int may_be_clamped(json_object *v)
{
    return json_object_get_int64(v) == APR_INT64_MIN ||
           json_object_get_uint64(v) > (apr_uint64_t)APR_INT64_MAX;
}

/**
 * May PostgreSQL's numeric take it? It holds far more than a double, but not everything that JSON
 * can write (1e999999, or 20 000 digits), and its complaint would come after the validation.
 */
static int is_moderate(json_object *v, const char *digits)
{
    double value = json_object_get_double(v);

    return strlen(digits) <= MAX_DIGITS && isfinite(value) &&
           (value != 0 || !digits[strspn(digits, "-0.")]); /* not rounded to 0, and no 0e999999 */
}

/** Add one scalar to the dimension; returns what is wrong with it, NULL when all is well. */
static const char *add_scalar(apr_pool_t *p, wfm_dim_t *dim, json_object *v)
{
    const char *text = json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN);

    switch (json_object_get_type(v)) {
    case json_type_string:
        APR_ARRAY_PUSH(dim->texts, const char *) = apr_pstrdup(p, json_object_get_string(v));
        return NULL;
    case json_type_int:
        if (may_be_clamped(v))
            return "must not hold an integer beyond 64 bits";
        break;
    case json_type_double: /* json-c keeps the digits that the client wrote */
        if (!is_moderate(v, text))
            return "must not hold a number beyond the range of a double";
        break;
    case json_type_boolean:
        break;
    default:
        return "must be a string, number or boolean, or an array of these";
    }
    APR_ARRAY_PUSH(dim->jsons, const char *) = apr_pstrdup(p, text);
    return NULL;
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
    dims = apr_array_make(p, 4, sizeof(wfm_dim_t));
    json_object_object_foreach(obj, key, value)
    {
        wfm_dim_t dim = {apr_pstrdup(p, key), apr_array_make(p, 2, sizeof(const char *)),
                         apr_array_make(p, 2, sizeof(const char *))};
        const char *fault = add_values(p, &dim, value);

        if (fault) {
            wfm_error_field(err, p, field, "\"%s\" %s", wfm_text_short(p, key), fault);
            faulty = 1;
        } else if (dim.texts->nelts + dim.jsons->nelts > 0) {
            APR_ARRAY_PUSH(dims, wfm_dim_t) = dim;
        }
    }
    return faulty ? NULL : dims;
}
