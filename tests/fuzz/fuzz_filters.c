/*
 * fuzz_filters.c - filters on dimensions and metrics: what is taken out of the JSON is what was in
 * it.
 */
#include "core/body.h"
#include "core/dimfilter.h"
#include "core/json_check.h"
#include "core/metricfilter.h"
#include "fuzz.h"
#include <string.h>

static int is_number_text(const char *text)
{
    apr_size_t at;

    return (*text == '-' || (*text >= '0' && *text <= '9')) &&
           wfm_json_check(text, strlen(text), 1, &at) == WFM_JSON_VALID;
}

/* Scalars of a filter's value; -1: something that is none. */
static int count_scalars(json_object *v)
{
    int n = 0;

    switch (json_object_get_type(v)) {
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(v); i++) {
            json_object *item = json_object_array_get_idx(v, i);
            json_type type = json_object_get_type(item);

            if (type == json_type_array || type == json_type_object)
                return -1;
            n++;
        }
        return n;
    case json_type_object:
        if (json_object_object_length(v) != 1 || !json_object_object_get_ex(v, "not", &v) ||
            json_object_is_type(v, json_type_object))
            return -1;
        return count_scalars(v);
    default:
        return 1;
    }
}

static void check_dimensions(apr_pool_t *p, json_object *json)
{
    wfm_error_t *err = NULL;
    apr_array_header_t *dims = wfm_dimfilter_parse(p, "dimensions", json, &err);
    int filtering = 0, scalars = 0, found = 0, nulls = 0;

    must(!dims == (err != NULL));
    if (err)
        fuzz_check_error(err);
    if (!json_object_is_type(json, json_type_object) || err)
        return;
    json_object_object_foreach(json, key, value)
    {
        int n = count_scalars(value);

        (void)key;
        must(n >= 0);
        filtering += n > 0;
        scalars += n;
    }
    must(dims->nelts == filtering && filtering <= WFM_DIMFILTER_MAX);
    for (int i = 0; i < dims->nelts; i++) {
        const wfm_dim_t *dim = &APR_ARRAY_IDX(dims, i, wfm_dim_t);

        must(json_object_object_get_ex(json, dim->name, NULL));
        found += dim->texts->nelts;
        nulls += dim->absent;
    }
    must(found <= scalars && found + nulls <= scalars && (found == scalars || nulls));
}

static void check_metrics(apr_pool_t *p, json_object *json)
{
    wfm_error_t *err = NULL;
    apr_array_header_t *filters = wfm_metricfilter_parse(p, "metric_filters", json, &err);
    int operands = 0;

    must(!filters == (err != NULL));
    if (err) {
        fuzz_check_error(err);
        return;
    }
    json_object_object_foreach(json, key, value)
    {
        (void)key;
        operands +=
            json_object_is_type(value, json_type_object) ? json_object_object_length(value) : 1;
    }
    must(filters->nelts == operands);
    for (int i = 0; i < filters->nelts; i++) {
        const wfm_metric_filter_t *f = &APR_ARRAY_IDX(filters, i, wfm_metric_filter_t);

        must(json_object_object_get_ex(json, f->field, NULL));
        must(f->op >= WFM_GTE && f->op <= WFM_NE);
        must(is_number_text(f->number) && strlen(f->number) <= 400);
    }
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    json_object *json;

    if (wfm_json_parse(p, data, len, &json) || !json)
        return;
    check_dimensions(p, json);
    if (json_object_is_type(json, json_type_object))
        check_metrics(p, json);
}
