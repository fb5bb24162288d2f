/*
 * counters.h - what was asked of each cluster and what became of it, over all processes.
 *
 * Owns the shared memory: one segment a cluster, anonymous, made in the parent and inherited by its
 * children. The board holds the segments by the clusters' names and lives as long as the server's
 * process, so a graceful restart counts on, and children of the old generation count into the same
 * memory as those of the new one. Who counts when is the edge's affair, how it is shown status.c's.
 *
 * A request costs a few atomic additions. Totals only grow. What is in flight is counted in a cell
 * of each process, so that the requests of a child that crashed do not stay in flight for ever.
 */
#ifndef WFM_CORE_COUNTERS_H
#define WFM_CORE_COUNTERS_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_time.h>

/** What became of a request that failed, see wfm_counters_kind. */
typedef enum wfm_error_kind_e {
    WFM_KIND_REQUEST, /**< the request was wrong: 4xx that stands nowhere below */
    WFM_KIND_FORBIDDEN,
    WFM_KIND_NOT_FOUND,
    WFM_KIND_CONFLICT,
    WFM_KIND_CLIENT_GONE, /**< nobody waited for the answer, or for all of it */
    WFM_KIND_INTERNAL,
    WFM_KIND_UNAVAILABLE,
    WFM_KIND_TIMEOUT,
    WFM_KINDS
} wfm_error_kind_e;

/** Totals of a cluster since the server's start. */
typedef struct wfm_totals_t {
    apr_uint64_t requests;
    apr_uint64_t errors[WFM_KINDS];
    apr_uint64_t broken; /**< errors that came after the answer had begun */
    apr_uint64_t rows;   /**< exported */
    apr_uint64_t waited; /**< microseconds that requests waited for a connection */
} wfm_totals_t;

/** A request that is over. */
typedef struct wfm_count_t {
    int status; /**< HTTP status of its error, 0: none */
    int broken; /**< the answer had begun */
    apr_int64_t rows;
    apr_interval_time_t waited;
} wfm_count_t;

typedef struct wfm_board_t wfm_board_t;       /**< all clusters */
typedef struct wfm_counters_t wfm_counters_t; /**< one cluster, in shared memory */

/** A cluster's counters as one process uses them. */
typedef struct wfm_meter_t {
    wfm_counters_t *counters;
    int cell;
} wfm_meter_t;

/**
 * The board that lives in this pool, made at the first call.
 * @param pool      the server process' own, which survives restarts
 * @param processes most processes that count at once
 */
apr_status_t wfm_board_open(wfm_board_t **board, apr_pool_t *pool, int processes);

/** A cluster's counters, made at the first call with its name. In the parent only, at each start:
 * what was told its operator is told anew. */
apr_status_t wfm_board_counters(wfm_counters_t **counters, wfm_board_t *board, const char *name);

/** In a new process: its cell. Where none is free it is 0, which such processes share. */
int wfm_board_enter(wfm_board_t *board, apr_uint32_t pid);

/** In the parent: a process is dead. What it had in flight is not any more. */
void wfm_board_leave(wfm_board_t *board, apr_uint32_t pid);

/** A request is in flight, or no longer. */
void wfm_meter_begin(const wfm_meter_t *meter);
void wfm_meter_end(const wfm_meter_t *meter);

/** Count a request that is over. */
void wfm_meter_count(const wfm_meter_t *meter, const wfm_count_t *count);

/** The totals so far, and how many requests are in flight now. */
void wfm_counters_read(const wfm_counters_t *counters, wfm_totals_t *totals,
                       apr_uint32_t *in_flight);

/** What is told once a start, by whichever process notices it first, with what was noticed. */
typedef enum wfm_notice_e {
    WFM_NOTICE_SUMMARIES,
    WFM_NOTICE_UNCLEAN, /**< days that are not summed up */
    WFM_NOTICE_OLDEST,  /**< and for how many seconds the oldest has not been */
    WFM_NOTICE_CONNECTIONS,
    WFM_NOTICES
} wfm_notice_e;

/** Note what was noticed last. @return what was before; 0: nothing */
apr_uint32_t wfm_counters_notice(wfm_counters_t *counters, wfm_notice_e what, apr_uint32_t value);
apr_uint32_t wfm_counters_noticed(const wfm_counters_t *counters, wfm_notice_e what);

/** How an error's status is counted. */
wfm_error_kind_e wfm_counters_kind(int status);

#endif
