/*
 * metricfilter.c - takes a filter on metric values apart into comparisons.
 */
#include "metricfilter.h"
#include "json.h"
#include "number.h"
#include "text.h"
#include <apr_lib.h>
#include <apr_strings.h>

static const char *const operators[][2] = {
    [WFM_GTE] = {"gte", ">="}, [WFM_GT] = {"gt", ">"}, [WFM_LTE] = {"lte", "<="},
    [WFM_LT] = {"lt", "<"},    [WFM_EQ] = {"eq", "="}, [WFM_NE] = {"ne", "!="},
};

#define OPERATORS (sizeof operators / sizeof operators[0])

#define FILTER                                                                                     \
    "must be a number or an object with gte, gt, lte, lt, eq or ne (or >=, >, <=, <, =, !=)"

/** A text that JSON would take for a number, as that number; anything else as it is. */
static json_object *unquoted(apr_pool_t *p, json_object *v)
{
    const char *text;
    json_object *number;

    if (!json_object_is_type(v, json_type_string))
        return v;
    text = json_object_get_string(v);
    if ((*text != '-' && !apr_isdigit(*text)) || !apr_isdigit(text[strlen(text) - 1]) ||
        wfm_json_parse(p, text, (apr_size_t)json_object_get_string_len(v), &number))
        return v;
    return number;
}

static const char *add(apr_pool_t *p, apr_array_header_t *filters, const char *field,
                       wfm_compare_e op, json_object *v)
{
    wfm_metric_filter_t *f;
    const char *number, *fault = wfm_number_text(p, unquoted(p, v), &number);

    if (fault)
        return fault;
    f = apr_array_push(filters);
    f->field = apr_pstrdup(p, field);
    f->op = op;
    f->number = number;
    return NULL;
}

static const char *add_operator(apr_pool_t *p, apr_array_header_t *filters, const char *field,
                                const char *name, json_object *v)
{
    for (unsigned op = 0; op < OPERATORS; op++)
        if (!strcmp(operators[op][0], name) || !strcmp(operators[op][1], name))
            return add(p, filters, field, (wfm_compare_e)op, v);
    return FILTER;
}

static const char *add_field(apr_pool_t *p, apr_array_header_t *filters, const char *field,
                             json_object *v)
{
    const char *fault = NULL;

    if (!json_object_is_type(v, json_type_object)) {
        v = unquoted(p, v);
        return json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double)
                   ? add(p, filters, field, WFM_EQ, v)
                   : FILTER;
    }
    json_object_object_foreach(v, name, operand)
    {
        if (!fault)
            fault = add_operator(p, filters, field, name, operand);
    }
    return fault;
}

apr_array_header_t *wfm_metricfilter_parse(apr_pool_t *p, const char *name, json_object *obj,
                                           wfm_error_t **err)
{
    apr_array_header_t *filters;
    int faulty = 0;

    if (!obj)
        return NULL;
    if (json_object_object_length(obj) > WFM_METRICFILTER_MAX) {
        wfm_error_field(err, p, name, "must have at most %d fields", WFM_METRICFILTER_MAX);
        return NULL;
    }
    filters = apr_array_make(p, 4, sizeof(wfm_metric_filter_t));
    json_object_object_foreach(obj, field, value)
    {
        const char *fault = strlen(field) > WFM_NAME_MAX ? "is a name of more than 1000 bytes"
                                                         : add_field(p, filters, field, value);

        if (fault) {
            wfm_error_field(err, p, name, "\"%s\" %s", wfm_text_short(p, field), fault);
            faulty = 1;
        }
    }
    return faulty ? NULL : filters;
}
