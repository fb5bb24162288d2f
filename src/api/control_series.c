/*
 * control_series.c - finds changes again that control series show.
 */
#include "control_series.h"
#include "../core/dimfilter.h"
#include "../core/etag.h"
#include "../core/text.h"
#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

struct api_control_t {
    const api_run_points_t *points;
    const wfm_dim_t **dims; /* of each group; NULL: the filter does not name it */
    apr_hash_t *seen;       /* of seen_t */
};

typedef enum what_e {
    THERE,  /* a control series of a field and of such other dimensions */
    CHANGE, /* its change at a run */
    ANY     /* that of any control series of the field */
} what_e;

typedef struct seen_t {
    apr_uint64_t rest; /* digest of the other dimensions; of ANY 0 */
    int what, field, run, rise;
} seen_t;

static int index_of(const apr_array_header_t *names, const char *name)
{
    for (int i = 0; i < names->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(names, i, const char *), name))
            return i;
    return -1;
}

wfm_error_t *api_control_make(const api_run_points_t *points, api_control_t **control)
{
    const apr_array_header_t *groups = points->chart.groups, *dims;
    wfm_request_t *rq = points->chart.rq;
    wfm_error_t *err = NULL;
    api_control_t *k;

    *control = NULL;
    dims = wfm_dimfilter_parse(rq->pool, "exclude_control", api_find(rq, "exclude_control")->json,
                               &err);
    if (!dims || !dims->nelts)
        return err;
    *control = k = apr_palloc(rq->pool, sizeof *k);
    *k = (api_control_t){
        .points = points,
        .dims = apr_pcalloc(rq->pool, ((apr_size_t)groups->nelts + 1) * sizeof *k->dims),
        .seen = apr_hash_make(rq->pool)};
    for (int i = 0; i < dims->nelts; i++) {
        const wfm_dim_t *dim = &APR_ARRAY_IDX(dims, i, wfm_dim_t);
        int group = index_of(groups, dim->name);

        if (group >= 0)
            k->dims[group] = dim;
        else
            wfm_error_field(&err, rq->pool, "exclude_control",
                            "names '%s', which is no dimension of the active schema",
                            wfm_text_short(rq->pool, dim->name));
    }
    return err;
}

int api_control_is(const api_control_t *k, int row)
{
    if (!k)
        return 0;
    for (int i = 0; i < k->points->chart.groups->nelts; i++)
        if (k->dims[i] && !wfm_dim_passes(k->dims[i], api_run_points_value(k->points, row, i)))
            return 0;
    return 1;
}

static apr_uint64_t rest_of(const api_control_t *k, int row)
{
    apr_uint64_t rest = 0;

    for (int i = 0; i < k->points->chart.groups->nelts; i++)
        if (!k->dims[i])
            rest = api_run_points_mix(rest, api_run_points_value(k->points, row, i));
    return rest;
}

static void add(api_control_t *k, seen_t key)
{
    if (!apr_hash_get(k->seen, &key, sizeof key))
        apr_hash_set(k->seen, apr_pmemdup(k->points->chart.rq->pool, &key, sizeof key), sizeof key,
                     "");
}

void api_control_add(api_control_t *k, int row, int field)
{
    add(k, (seen_t){rest_of(k, row), THERE, field, 0, 0});
}

void api_control_add_change(api_control_t *k, int row, int field, int run, int rise)
{
    add(k, (seen_t){rest_of(k, row), CHANGE, field, run, rise});
    add(k, (seen_t){0, ANY, field, run, rise});
}

static int has(const api_control_t *k, seen_t key)
{
    return apr_hash_get(k->seen, &key, sizeof key) != NULL;
}

int api_control_shows(const api_control_t *k, int row, int field, int run, int rise)
{
    apr_uint64_t rest;

    if (!k)
        return 0;
    rest = rest_of(k, row);
    if (has(k, (seen_t){rest, THERE, field, 0, 0}))
        return has(k, (seen_t){rest, CHANGE, field, run, rise});
    return has(k, (seen_t){0, ANY, field, run, rise});
}
