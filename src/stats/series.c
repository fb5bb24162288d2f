/*
 * series.c - owns which instants series share.
 */
#include "series.h"
#include "../core/pages.h"
#include <stdlib.h>
#include <string.h>

int series_points_init(series_points_t *p, apr_pool_t *pool, int instants)
{
    memset(p, 0, sizeof *p);
    if (instants <= 0)
        return 1;
    p->at = wfm_pages(pool, 2 * (apr_size_t)instants * sizeof(wfm_time_t));
    if (!p->at)
        return 0;
    p->stamps = p->at + instants;
    return 1;
}

static int compare_times(const void *a, const void *b)
{
    wfm_time_t x = *(const wfm_time_t *)a, y = *(const wfm_time_t *)b;

    return x < y ? -1 : x > y;
}

void series_points_sort(series_points_t *p, int instants)
{
    if (instants <= 0)
        return;
    memcpy(p->stamps, p->at, (apr_size_t)instants * sizeof(wfm_time_t));
    qsort(p->stamps, (apr_size_t)instants, sizeof(wfm_time_t), compare_times);
    for (int i = 0; i < instants; i++)
        if (!p->nstamps || p->stamps[p->nstamps - 1] != p->stamps[i])
            p->stamps[p->nstamps++] = p->stamps[i];
}
