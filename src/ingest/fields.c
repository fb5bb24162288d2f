/*
 * fields.c - joins what has been inferred of several files.
 */
#include "fields.h"

void wfm_fields_init(wfm_fields_t *fields, apr_pool_t *p)
{
    fields->list = apr_array_make(p, 16, sizeof(wfm_field_t));
    fields->places = apr_hash_make(p);
}

static wfm_field_t *find(const wfm_fields_t *fields, const char *name)
{
    const int *place = apr_hash_get(fields->places, name, APR_HASH_KEY_STRING);

    return place ? &APR_ARRAY_IDX(fields->list, *place, wfm_field_t) : NULL;
}

static const wfm_inferred_t *column_at(const wfm_inference_t *inference, int at)
{
    return &APR_ARRAY_IDX(inference->inferred, at, wfm_inferred_t);
}

static int has_room(const wfm_fields_t *fields, const wfm_inference_t *inference)
{
    int n = fields->list->nelts;

    for (int i = 0; i < inference->inferred->nelts; i++)
        n += !find(fields, column_at(inference, i)->name);
    return n <= WFM_RECORD_COLUMNS;
}

static void add(wfm_fields_t *fields, const wfm_inferred_t *c)
{
    int *place = apr_palloc(fields->list->pool, sizeof *place);

    *place = fields->list->nelts;
    apr_hash_set(fields->places, c->name, APR_HASH_KEY_STRING, place);
    APR_ARRAY_PUSH(fields->list, wfm_field_t) =
        (wfm_field_t){c->name, c->what, c->why, c->whole, c->unit, c->direction};
}

static int beats(wfm_class_e a, wfm_class_e b)
{
    return a != WFM_LEFT_OUT && (b == WFM_LEFT_OUT || (a == WFM_DIMENSION && b == WFM_METRIC));
}

static void join(wfm_field_t *field, const wfm_inferred_t *c)
{
    if (beats(c->what, field->what)) {
        int whole = c->whole && field->what == WFM_LEFT_OUT;

        *field = (wfm_field_t){field->name, c->what, c->why, whole, c->unit, c->direction};
    } else if (c->what == field->what) {
        field->whole = field->whole && c->whole;
        if (!field->unit)
            field->unit = c->unit;
        if (!field->direction)
            field->direction = c->direction;
    } else if (c->what == WFM_METRIC) { /* its numbers need not be whole */
        field->whole = 0;
    }
}

int wfm_fields_add(wfm_fields_t *fields, const wfm_inference_t *inference)
{
    if (!has_room(fields, inference))
        return 0;
    for (int i = 0; i < inference->inferred->nelts; i++) {
        const wfm_inferred_t *c = column_at(inference, i);
        wfm_field_t *field = find(fields, c->name);

        if (field)
            join(field, c);
        else
            add(fields, c);
    }
    return 1;
}

void wfm_fields_apply(const wfm_fields_t *fields, wfm_inference_t *inference)
{
    for (int i = 0; i < inference->inferred->nelts; i++) {
        wfm_inferred_t *c = &APR_ARRAY_IDX(inference->inferred, i, wfm_inferred_t);
        const wfm_field_t *field = find(fields, c->name);

        c->what = field->what;
        c->whole = field->whole;
        c->unit = field->unit;
        if (!c->bare)
            c->bare = c->unit;
    }
}
