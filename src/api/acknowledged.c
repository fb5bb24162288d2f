/*
 * acknowledged.c - finds the series of acknowledged changes, and how far they are from others.
 */
#include "acknowledged.h"
#include "../core/json.h"
#include <apr_hash.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

struct api_acks_t {
    const api_run_points_t *points;
    apr_hash_t *newest; /* of api_ack_t, by the series' digest */
};

/* Of one, as the statement says it. */
enum { ID, FIELD, DIMENSIONS, RUN, AT, RISE, NOTE, BY, WHEN };

static const char *text(json_object *ack, int column)
{
    return json_object_get_string(json_object_array_get_idx(ack, (size_t)column));
}

/* @return 0: it has a dimension that no series has */
static int series_of(const api_run_points_t *p, json_object *dimensions, apr_uint64_t *series)
{
    const apr_array_header_t *groups = p->chart.groups;
    int found = 0;

    *series = 0;
    for (int i = 0; i < groups->nelts; i++) {
        json_object *value = NULL;

        found += json_object_object_get_ex(dimensions, APR_ARRAY_IDX(groups, i, const char *),
                                           &value) != 0;
        *series = api_run_points_mix(*series, json_object_get_string(value));
    }
    return found == json_object_object_length(dimensions);
}

static wfm_time_t time_of(json_object *ack, int column)
{
    const char *at = text(ack, column);
    wfm_time_t t = 0;

    if (at)
        wfm_time_parse(at, strlen(at), &t, NULL);
    return t;
}

/* The run itself, or where it would be. */
static int run_of(const api_run_points_t *p, json_object *ack)
{
    int run = api_run_points_number(p, apr_atoi64(text(ack, RUN)));

    return run ? run : api_run_points_since(p, time_of(ack, AT));
}

/* They come from the oldest to the newest one. */
static void add(void *ctx, json_object *item)
{
    api_acks_t *acks = ctx;
    apr_pool_t *p = acks->points->chart.rq->pool;
    apr_uint64_t series, key;
    api_ack_t *ack;

    if (!series_of(acks->points, json_object_array_get_idx(item, DIMENSIONS), &series))
        return;
    key = api_run_points_mix(series, text(item, FIELD));
    ack = apr_palloc(p, sizeof *ack);
    *ack = (api_ack_t){.id = apr_pstrdup(p, text(item, ID)),
                       .note = apr_pstrdup(p, text(item, NOTE)),
                       .by = apr_pstrdup(p, text(item, BY)),
                       .when = time_of(item, WHEN),
                       .rise = json_object_get_boolean(json_object_array_get_idx(item, RISE)),
                       .run = run_of(acks->points, item),
                       .older = apr_hash_get(acks->newest, &key, sizeof key)};
    apr_hash_set(acks->newest, apr_pmemdup(p, &key, sizeof key), sizeof key, ack);
}

api_acks_t *api_acks_make(const api_asked_t *asked, const api_run_points_t *points)
{
    apr_pool_t *p = points->chart.rq->pool;
    const char *known = wfm_result_get(asked->r, 0, ASKED_KNOWN);
    api_acks_t *acks = apr_palloc(p, sizeof *acks);

    *acks = (api_acks_t){points, apr_hash_make(p)};
    if (known)
        wfm_json_each(p, known, wfm_result_length(asked->r, 0, ASKED_KNOWN), add, acks);
    return acks;
}

const api_ack_t *api_acks_of(const api_acks_t *acks, int row, int field)
{
    apr_uint64_t key =
        api_run_points_mix(api_run_points_series(acks->points, row),
                           APR_ARRAY_IDX(acks->points->chart.fields, field, const char *));

    return apr_hash_get(acks->newest, &key, sizeof key);
}

int api_ack_distance(const api_change_points_t *c, int points, int index, int run)
{
    int first = 0, last = points;

    while (first < last) {
        int middle = first + (last - first) / 2;

        if (c->at[middle].run < run)
            first = middle + 1;
        else
            last = middle;
    }
    return abs(first - index);
}

void api_ack_write(wfm_json_t *j, const char *note, wfm_time_t when, const char *by)
{
    char at[WFM_TIME_TEXT];

    wfm_json_object(j);
    wfm_json_name(j, "note");
    wfm_json_string(j, note);
    wfm_json_name(j, "at");
    wfm_json_string_n(j, at, wfm_time_format(when, at));
    wfm_json_name(j, "by");
    wfm_json_string(j, by);
    wfm_json_object_end(j);
}
