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

static wfm_direction_e of_field(json_object *field)
{
    const char *direction = member(field, "direction"), *unit = member(field, "unit");

    if (!strcmp(direction, "higher"))
        return WFM_HIGHER_IS_BETTER;
    if (!strcmp(direction, "lower"))
        return WFM_LOWER_IS_BETTER;
    return of_unit(wfm_unit_of_cell(unit, strlen(unit), 1));
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

int api_double_text(double v, char text[API_DOUBLE_TEXT])
{
    if (!isfinite(v))
        return 0;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, API_DOUBLE_TEXT, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    return 1;
}

void api_double(wfm_json_t *j, double v)
{
    char text[API_DOUBLE_TEXT];

    if (api_double_text(v, text))
        wfm_json_raw(j, text, strlen(text));
    else
        wfm_json_null(j);
}
