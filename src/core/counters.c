/*
 * counters.c - owns the layout of the shared memory and its atomic accesses.
 *
 * Every access is relaxed: counters say nothing about each other, and a reader that sees one a
 * little earlier than another is no worse off.
 */
#include "counters.h"
#include "error.h"
#include "etag.h"
#include "text.h"
#include "version.h"
#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_strings.h>

const apr_time_t wfm_bucket_bounds[WFM_BUCKETS - 1] = {
    1000,   2500,    5000,    10000,   25000,    50000,    100000,  250000,
    500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000};

/* A line of the processor's cache each: what one process counts does not slow another one. */
typedef struct cell_t {
    _Alignas(64) apr_uint32_t gauges[WFM_GAUGES];
} cell_t;

struct wfm_counters_t {
    const wfm_registry_t *registry;
    cell_t *cells;         /* one a process; behind this in the same memory */
    wfm_answers_t *routes; /* one a row, and one for what had none; behind those */
    apr_uint64_t totals[WFM_TOTALS];
    apr_uint32_t notices[WFM_NOTICES];
};

struct wfm_registry_t {
    apr_pool_t *pool;
    apr_hash_t *clusters; /* name -> wfm_counters_t */
    int cells, routes;
    apr_uint32_t *owners; /* shared: the process of each cell, 0: free; the first is everybody's */
};

#define ADD(counter, n) ((void)__atomic_fetch_add(&(counter), (n), __ATOMIC_RELAXED))
#define READ(counter)   __atomic_load_n(&(counter), __ATOMIC_RELAXED)

/* Zeroed memory that this process and its children see, for as long as the pool lives; it begins
 * with a cache line, which apr_shm's does not. */
static apr_status_t share(void **memory, apr_pool_t *p, apr_size_t size)
{
    apr_shm_t *shm;
    apr_status_t rv = apr_shm_create(&shm, size + sizeof(cell_t), NULL, p);

    if (rv != APR_SUCCESS)
        return rv;
    *memory = (void *)APR_ALIGN((apr_uintptr_t)apr_shm_baseaddr_get(shm), sizeof(cell_t));
    memset(*memory, 0, size);
    return APR_SUCCESS;
}

/* Names the layout and the meaning of each place in it. After an upgrade a graceful restart loads
 * the new module beside the old one's memory. */
static const char *registry_key(apr_pool_t *p, const wfm_route_t *routes, int nroutes)
{
    apr_array_header_t *rows = wfm_text_new(p);

    for (int i = 0; i < nroutes; i++)
        wfm_text_append(rows, apr_psprintf(p, "%d%s ", routes[i].method, routes[i].path));
    return apr_psprintf(p,
                        "mod_wfmetrics:registry " WFM_VERSION " %d %d %d %d %" APR_UINT64_T_HEX_FMT,
                        WFM_TOTALS, WFM_GAUGES, WFM_NOTICES, WFM_BUCKETS,
                        wfm_etag_digest(wfm_text_get(rows), (apr_size_t)rows->nelts));
}

apr_status_t wfm_registry_open(wfm_registry_t **out, apr_pool_t *pool, int processes,
                               apr_pool_t *scratch, const wfm_route_t *routes, int nroutes)
{
    const char *key = registry_key(scratch, routes, nroutes);
    wfm_registry_t *registry;
    apr_status_t rv;
    void *found = NULL;

    apr_pool_userdata_get(&found, key, pool);
    if ((*out = found))
        return APR_SUCCESS;
    registry = apr_pcalloc(pool, sizeof *registry);
    registry->pool = pool;
    registry->clusters = apr_hash_make(pool);
    registry->cells = 1 + processes;
    registry->routes = nroutes + 1;
    rv =
        share((void **)&registry->owners, pool, (apr_size_t)registry->cells * sizeof(apr_uint32_t));
    if (rv != APR_SUCCESS)
        return rv;
    *out = registry;
    return apr_pool_userdata_set(registry, key, NULL, pool);
}

/* The parts of one segment, each where a cache line begins. @return its size */
static apr_size_t lay_out(const wfm_registry_t *registry, apr_size_t *cells, apr_size_t *routes)
{
    *cells = APR_ALIGN(sizeof(wfm_counters_t), sizeof(cell_t));
    *routes = *cells + (apr_size_t)registry->cells * sizeof(cell_t);
    return *routes + (apr_size_t)registry->routes * sizeof(wfm_answers_t);
}

apr_status_t wfm_registry_counters(wfm_counters_t **out, wfm_registry_t *registry, const char *name)
{
    apr_size_t cells, routes, size = lay_out(registry, &cells, &routes);
    apr_status_t rv;
    void *memory;

    if ((*out = apr_hash_get(registry->clusters, name, APR_HASH_KEY_STRING))) {
        for (int i = 0; i < WFM_NOTICES; i++)
            wfm_counters_notice(*out, (wfm_notice_e)i, 0);
        return APR_SUCCESS;
    }
    rv = share(&memory, registry->pool, size);
    if (rv != APR_SUCCESS)
        return rv;
    *out = memory;
    (*out)->registry = registry;
    (*out)->cells = (cell_t *)((char *)memory + cells);
    (*out)->routes = (wfm_answers_t *)((char *)memory + routes);
    apr_hash_set(registry->clusters, apr_pstrdup(registry->pool, name), APR_HASH_KEY_STRING, *out);
    return APR_SUCCESS;
}

int wfm_registry_enter(wfm_registry_t *registry, apr_uint32_t pid)
{
    for (int i = 1; i < registry->cells; i++) {
        apr_uint32_t nobody = 0;

        if (__atomic_compare_exchange_n(&registry->owners[i], &nobody, pid, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            return i;
    }
    return 0;
}

void wfm_registry_leave(wfm_registry_t *registry, apr_uint32_t pid)
{
    int cell = 1;

    while (cell < registry->cells && READ(registry->owners[cell]) != pid)
        cell++;
    if (cell == registry->cells)
        return;
    for (apr_hash_index_t *i = apr_hash_first(NULL, registry->clusters); i; i = apr_hash_next(i)) {
        wfm_counters_t *counters;

        apr_hash_this(i, NULL, NULL, (void **)&counters);
        for (int g = 0; g < WFM_GAUGES; g++)
            __atomic_store_n(&counters->cells[cell].gauges[g], 0, __ATOMIC_RELAXED);
    }
    /* only now may another process have it */
    __atomic_store_n(&registry->owners[cell], 0, __ATOMIC_RELEASE);
}

void wfm_meter_gauge(const wfm_meter_t *meter, wfm_gauge_e gauge, int by)
{
    ADD(meter->counters->cells[meter->cell].gauges[gauge], (apr_uint32_t)by);
}

void wfm_meter_add(const wfm_meter_t *meter, wfm_total_e total, apr_uint64_t n)
{
    ADD(meter->counters->totals[total], n);
}

static int class_of(int status)
{
    int class = status / 100 - 2;

    return class < 0 ? 0 : class < WFM_CLASSES ? class : WFM_CLASSES - 1;
}

static int bucket_of(apr_interval_time_t took)
{
    int i = 0;

    while (i < WFM_BUCKETS - 1 && took > wfm_bucket_bounds[i])
        i++;
    return i;
}

void wfm_meter_count(const wfm_meter_t *meter, const wfm_count_t *count)
{
    wfm_answers_t *answers = &meter->counters->routes[count->route];

    ADD(answers->by_class[class_of(count->status)], 1);
    ADD(answers->by_duration[bucket_of(count->took)], 1);
    ADD(answers->took, (apr_uint64_t)count->took);
    if (count->failed)
        wfm_meter_add(meter, WFM_TOTAL_ERRORS + wfm_counters_kind(count->status), 1);
    if (count->broken)
        wfm_meter_add(meter, WFM_TOTAL_BROKEN, 1);
    if (count->rows)
        wfm_meter_add(meter, WFM_TOTAL_ROWS, (apr_uint64_t)count->rows);
    if (count->ingested)
        wfm_meter_add(meter, WFM_TOTAL_INGESTED, (apr_uint64_t)count->ingested);
    if (count->waited) {
        wfm_meter_add(meter, WFM_TOTAL_WAITS, 1);
        wfm_meter_add(meter, WFM_TOTAL_WAITED, (apr_uint64_t)count->waited);
    }
}

apr_uint64_t wfm_counters_total(const wfm_counters_t *counters, wfm_total_e total)
{
    return READ(counters->totals[total]);
}

apr_uint32_t wfm_counters_gauge(const wfm_counters_t *counters, wfm_gauge_e gauge)
{
    apr_uint32_t sum = 0;

    for (int i = 0; i < counters->registry->cells; i++)
        sum += READ(counters->cells[i].gauges[gauge]);
    return sum;
}

int wfm_counters_processes(const wfm_counters_t *counters)
{
    int n = 0;

    for (int i = 1; i < counters->registry->cells; i++)
        n += READ(counters->registry->owners[i]) != 0;
    return n;
}

apr_uint64_t wfm_counters_answers(const wfm_counters_t *counters, int route, wfm_answers_t *answers)
{
    const wfm_answers_t *now = &counters->routes[route];
    apr_uint64_t n = 0;

    for (int i = 0; i < WFM_CLASSES; i++)
        n += answers->by_class[i] = READ(now->by_class[i]);
    for (int i = 0; i < WFM_BUCKETS; i++)
        answers->by_duration[i] = READ(now->by_duration[i]);
    answers->took = READ(now->took);
    return n;
}

apr_uint32_t wfm_counters_notice(wfm_counters_t *counters, wfm_notice_e what, apr_uint32_t value)
{
    return __atomic_exchange_n(&counters->notices[what], value, __ATOMIC_RELAXED);
}

apr_uint32_t wfm_counters_noticed(const wfm_counters_t *counters, wfm_notice_e what)
{
    return READ(counters->notices[what]);
}

wfm_error_kind_e wfm_counters_kind(int status)
{
    switch (status) {
    case WFM_FORBIDDEN:
        return WFM_KIND_FORBIDDEN;
    case WFM_NOT_FOUND:
        return WFM_KIND_NOT_FOUND;
    case WFM_CONFLICT:
        return WFM_KIND_CONFLICT;
    case WFM_CLIENT_GONE:
        return WFM_KIND_CLIENT_GONE;
    case WFM_UNAVAILABLE:
        return WFM_KIND_UNAVAILABLE;
    case WFM_TIMEOUT:
        return WFM_KIND_TIMEOUT;
    default:
        return status >= 500 ? WFM_KIND_INTERNAL : WFM_KIND_REQUEST;
    }
}
