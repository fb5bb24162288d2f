/*
 * verdict.c - better or worse.
 */
#include "verdict.h"
#include "../core/json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const api_directions[] = {"higher", "lower", NULL};
const char *const api_change_verdicts[] = {"regression", "improvement", "changed", NULL};

typedef struct directions_t {
    const apr_array_header_t *names;
    wfm_direction_e *of; /* each name's */
} directions_t;

static const char *member(json_object *field, const char *name)
{
    const char *text = wfm_json_member_text(field, name);

    return text ? text : "";
}

/* What takes bytes had better take fewer, though a column of them may be a parameter. */
static wfm_direction_e of_unit(const wfm_unit_t *unit)
{
    if (!unit)
        return WFM_DIRECTION_UNKNOWN;
    return unit->family == WFM_UNIT_BYTES ? WFM_LOWER_IS_BETTER : unit->direction;
}

wfm_direction_e api_direction_of(json_object *field)
{
    const char *direction = member(field, "direction");

    if (!strcmp(direction, "higher"))
        return WFM_HIGHER_IS_BETTER;
    return strcmp(direction, "lower") ? WFM_DIRECTION_UNKNOWN : WFM_LOWER_IS_BETTER;
}

static wfm_direction_e of_field(json_object *field)
{
    wfm_direction_e direction = api_direction_of(field);
    const char *unit = member(field, "unit");

    return direction ? direction : of_unit(wfm_unit_of_cell(unit, strlen(unit), 1));
}

static void see_field(void *ctx, json_object *field)
{
    directions_t *d = ctx;

    if (!json_object_is_type(field, json_type_object))
        return;
    for (int i = 0; i < d->names->nelts; i++)
        if (!strcmp(member(field, "name"), APR_ARRAY_IDX(d->names, i, const char *)) && !d->of[i])
            d->of[i] = of_field(field);
}

const wfm_direction_e *api_directions_of(apr_pool_t *p, const apr_array_header_t *names,
                                         const char *fields, apr_size_t len)
{
    directions_t d = {names,
                      apr_pcalloc(p, ((apr_size_t)names->nelts + 1) * sizeof(wfm_direction_e))};

    if (fields)
        wfm_json_each(p, fields, len, see_field, &d);
    for (int i = 0; i < names->nelts; i++)
        if (!d.of[i])
            d.of[i] = of_unit(wfm_unit_of_name(APR_ARRAY_IDX(names, i, const char *)));
    return d.of;
}

const char *api_direction_word(wfm_direction_e direction)
{
    return direction ? api_directions[direction == WFM_LOWER_IS_BETTER] : NULL;
}

const char *api_change_verdict(wfm_direction_e direction, double before, double after)
{
    if (!direction)
        return api_change_verdicts[2];
    return api_change_verdicts[(after > before) == (direction == WFM_HIGHER_IS_BETTER)];
}

double api_change_percent(double before, double after)
{
    return before == 0 ? NAN : (after - before) / fabs(before) * 100;
}
