/*
 * counters.c - owns the layout of the shared memory and its atomic accesses.
 *
 * Every access is relaxed: counters say nothing about each other, and a reader that sees one a
 * little earlier than another is no worse off.
 */
#include "counters.h"
#include "error.h"
#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_strings.h>

#define BOARD_KEY "mod_wfmetrics:board"

struct wfm_counters_t {
    int cells;
    wfm_totals_t totals;
    apr_uint32_t notices[WFM_NOTICES];
    apr_uint32_t in_flight[]; /* a cell each */
};

struct wfm_board_t {
    apr_pool_t *pool;
    apr_hash_t *clusters; /* name -> wfm_counters_t */
    int cells;
    apr_uint32_t *owners; /* shared: the process of each cell, 0: free; the first is everybody's */
};

#define ADD(counter, n) ((void)__atomic_fetch_add(&(counter), (n), __ATOMIC_RELAXED))
#define READ(counter)   __atomic_load_n(&(counter), __ATOMIC_RELAXED)

/* Zeroed memory that this process and its children see, for as long as the pool lives. */
static apr_status_t share(void **memory, apr_pool_t *p, apr_size_t size)
{
    apr_shm_t *shm;
    apr_status_t rv = apr_shm_create(&shm, size, NULL, p);

    if (rv != APR_SUCCESS)
        return rv;
    *memory = memset(apr_shm_baseaddr_get(shm), 0, size);
    return APR_SUCCESS;
}

apr_status_t wfm_board_open(wfm_board_t **out, apr_pool_t *pool, int processes)
{
    apr_status_t rv;
    wfm_board_t *board;
    void *found = NULL;

    apr_pool_userdata_get(&found, BOARD_KEY, pool);
    if ((*out = found))
        return APR_SUCCESS;
    board = apr_pcalloc(pool, sizeof *board);
    board->pool = pool;
    board->clusters = apr_hash_make(pool);
    board->cells = 1 + processes;
    rv = share((void **)&board->owners, pool, (apr_size_t)board->cells * sizeof(apr_uint32_t));
    if (rv != APR_SUCCESS)
        return rv;
    *out = board;
    return apr_pool_userdata_set(board, BOARD_KEY, NULL, pool);
}

apr_status_t wfm_board_counters(wfm_counters_t **out, wfm_board_t *board, const char *name)
{
    apr_status_t rv;
    void *memory;

    if ((*out = apr_hash_get(board->clusters, name, APR_HASH_KEY_STRING))) {
        for (int i = 0; i < WFM_NOTICES; i++)
            wfm_counters_notice(*out, (wfm_notice_e)i, 0);
        return APR_SUCCESS;
    }
    rv = share(&memory, board->pool,
               sizeof(wfm_counters_t) + (apr_size_t)board->cells * sizeof(apr_uint32_t));
    if (rv != APR_SUCCESS)
        return rv;
    *out = memory;
    (*out)->cells = board->cells;
    apr_hash_set(board->clusters, apr_pstrdup(board->pool, name), APR_HASH_KEY_STRING, *out);
    return APR_SUCCESS;
}

int wfm_board_enter(wfm_board_t *board, apr_uint32_t pid)
{
    for (int i = 1; i < board->cells; i++) {
        apr_uint32_t nobody = 0;

        if (__atomic_compare_exchange_n(&board->owners[i], &nobody, pid, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            return i;
    }
    return 0;
}

void wfm_board_leave(wfm_board_t *board, apr_uint32_t pid)
{
    int cell = 1;

    while (cell < board->cells && READ(board->owners[cell]) != pid)
        cell++;
    if (cell == board->cells)
        return;
    for (apr_hash_index_t *i = apr_hash_first(NULL, board->clusters); i; i = apr_hash_next(i)) {
        wfm_counters_t *counters;

        apr_hash_this(i, NULL, NULL, (void **)&counters);
        __atomic_store_n(&counters->in_flight[cell], 0, __ATOMIC_RELAXED);
    }
    /* only now may another process have it */
    __atomic_store_n(&board->owners[cell], 0, __ATOMIC_RELEASE);
}

void wfm_meter_begin(const wfm_meter_t *meter)
{
    ADD(meter->counters->in_flight[meter->cell], 1);
}

void wfm_meter_end(const wfm_meter_t *meter)
{
    ADD(meter->counters->in_flight[meter->cell], (apr_uint32_t)-1);
}

void wfm_meter_count(const wfm_meter_t *meter, const wfm_count_t *count)
{
    wfm_totals_t *t = &meter->counters->totals;

    ADD(t->requests, 1);
    if (count->status)
        ADD(t->errors[wfm_counters_kind(count->status)], 1);
    if (count->broken)
        ADD(t->broken, 1);
    if (count->rows)
        ADD(t->rows, (apr_uint64_t)count->rows);
    if (count->waited)
        ADD(t->waited, (apr_uint64_t)count->waited);
}

void wfm_counters_read(const wfm_counters_t *counters, wfm_totals_t *totals,
                       apr_uint32_t *in_flight)
{
    const wfm_totals_t *t = &counters->totals;

    totals->requests = READ(t->requests);
    for (int kind = 0; kind < WFM_KINDS; kind++)
        totals->errors[kind] = READ(t->errors[kind]);
    totals->broken = READ(t->broken);
    totals->rows = READ(t->rows);
    totals->waited = READ(t->waited);
    *in_flight = 0;
    for (int i = 0; i < counters->cells; i++)
        *in_flight += READ(counters->in_flight[i]);
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
