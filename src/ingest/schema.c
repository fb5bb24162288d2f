/*
 * schema.c - applies to an inference what is known.
 */
#include "schema.h"
#include "../core/text.h"
#include <apr_strings.h>

void wfm_schema_init(wfm_schema_t *schema, apr_pool_t *p)
{
    schema->fields = apr_hash_make(p);
}

wfm_schema_field_t *wfm_schema_field(wfm_schema_t *schema, const char *name, apr_size_t len)
{
    apr_pool_t *p = apr_hash_pool_get(schema->fields);
    wfm_schema_field_t *field = apr_hash_get(schema->fields, name, (apr_ssize_t)len);

    if (!field) {
        field = apr_palloc(p, sizeof *field);
        *field = (wfm_schema_field_t){WFM_LEFT_OUT, -1, NULL};
        apr_hash_set(schema->fields, apr_pstrmemdup(p, name, len), (apr_ssize_t)len, field);
    }
    return field;
}

static wfm_inferred_t *column_at(const wfm_inference_t *inference, int at)
{
    return &APR_ARRAY_IDX(inference->inferred, at, wfm_inferred_t);
}

static const wfm_schema_field_t *field_of(const wfm_schema_t *schema, const wfm_inferred_t *c)
{
    return apr_hash_get(schema->fields, c->name, APR_HASH_KEY_STRING);
}

static void apply(const wfm_schema_field_t *field, wfm_inferred_t *c)
{
    if (!field || field->what == WFM_LEFT_OUT) {
        wfm_infer_say(c, WFM_LEFT_OUT, "the schema has no such column");
        return;
    }
    wfm_infer_say(c, field->what, "the schema says so");
    if (field->what == WFM_DIMENSION && field->whole >= 0)
        c->whole = field->whole;
}

void wfm_schema_apply(const wfm_schema_t *schema, wfm_inference_t *inference)
{
    for (int i = 0; i < inference->inferred->nelts; i++) {
        wfm_inferred_t *c = column_at(inference, i);

        apply(field_of(schema, c), c);
    }
}

/* What is stored by one schema must be in one unit, whichever file it is of: a file's first unit
 * says nothing here. */
void wfm_schema_units(const wfm_schema_t *schema, wfm_inference_t *inference)
{
    for (int i = 0; i < inference->inferred->nelts; i++) {
        wfm_inferred_t *c = column_at(inference, i);
        const wfm_schema_field_t *field = field_of(schema, c);
        const wfm_unit_t *of_name = wfm_unit_of_name(c->name);

        if (c->what != WFM_METRIC)
            continue;
        c->unit = field && field->unit ? field->unit : of_name;
        c->bare = of_name ? of_name : c->unit;
    }
}

void wfm_schema_overrule(wfm_inference_t *inference, wfm_class_e what,
                         const apr_array_header_t *names)
{
    for (int i = 0; i < inference->inferred->nelts; i++) {
        wfm_inferred_t *c = column_at(inference, i);

        if (wfm_names_hold(names, c->name))
            wfm_infer_say(c, what, "its sender says so");
        else if (c->what == what)
            wfm_infer_say(c, WFM_LEFT_OUT, "its sender does not name it");
    }
}
