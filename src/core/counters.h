/*
 * counters.h - what was asked of each cluster and what became of it, over all processes.
 *
 * Owns the shared memory: one segment a cluster, anonymous, made in the parent and inherited by its
 * children. The registry holds the segments by the clusters' names and lives as long as the
 * server's process, so a graceful restart counts on, and children of the old generation count into
 * the same memory as those of the new one. Who counts when is up to src/httpd and
 * src/pgsql, how it is shown to figures.h.
 *
 * A request costs a few atomic additions and no lock. Totals only grow. What is going on now is
 * counted in a cell of each process, so that what a child had in hand that crashed does not stay so
 * for ever.
 */
#ifndef WFM_CORE_COUNTERS_H
#define WFM_CORE_COUNTERS_H

#include "route.h"
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

/** Totals of a cluster since the server's start. Times are microseconds. */
typedef enum wfm_total_e {
    WFM_TOTAL_BROKEN,    /**< errors that came after the answer had begun */
    WFM_TOTAL_EXPORTS,   /**< that got a connection */
    WFM_TOTAL_ROWS,      /**< that exports wrote */
    WFM_TOTAL_INGESTED,  /**< rows of results that were stored */
    WFM_TOTAL_WAITS,     /**< requests that asked for a connection */
    WFM_TOTAL_WAITED,    /**< how long until they had it */
    WFM_TOTAL_COALESCED, /**< questions that another request asked for this one */
    WFM_TOTAL_ERRORS,    /**< the first of WFM_KINDS */
    WFM_TOTALS = WFM_TOTAL_ERRORS + WFM_KINDS
} wfm_total_e;

/** What a cluster's processes have in hand now. */
typedef enum wfm_gauge_e {
    WFM_GAUGE_IN_FLIGHT,   /**< requests */
    WFM_GAUGE_WAITING,     /**< of them, for a connection */
    WFM_GAUGE_CONNECTIONS, /**< in use */
    WFM_GAUGE_EXPORTS,     /**< that have a connection */
    WFM_GAUGES
} wfm_gauge_e;

#define WFM_CLASSES 4  /**< of statuses: 2xx, 3xx, 4xx, 5xx */
#define WFM_BUCKETS 16 /**< of durations, the last without a bound */

/** Upper bounds of all buckets but the last, inclusive, in microseconds. */
extern const apr_time_t wfm_bucket_bounds[WFM_BUCKETS - 1];

/** The requests of one row of the route table. */
typedef struct wfm_answers_t {
    apr_uint64_t by_class[WFM_CLASSES];
    apr_uint64_t by_duration[WFM_BUCKETS]; /**< each in one bucket */
    apr_uint64_t took;                     /**< microseconds, all together */
} wfm_answers_t;

/** A request that is over. */
typedef struct wfm_count_t {
    int route;                /**< its row's number; how many rows there are: it had none */
    int status;               /**< HTTP status, the error's if there was one */
    int failed;               /**< there was */
    int broken;               /**< and the answer had begun */
    apr_int64_t rows;         /**< exported */
    apr_int64_t ingested;     /**< rows of results that were stored */
    apr_interval_time_t took; /**< from its beginning to its end */
    apr_interval_time_t waited;
} wfm_count_t;

typedef struct wfm_registry_t wfm_registry_t; /**< all clusters */
typedef struct wfm_counters_t wfm_counters_t; /**< one cluster, in shared memory */

/** A cluster's counters as one process uses them. */
typedef struct wfm_meter_t {
    wfm_counters_t *counters;
    int cell;
} wfm_meter_t;

/**
 * The registry that lives in this pool, made at the first call. One that another version of the
 * module has made, with other routes or figures, is left to that version's processes.
 * @param pool      the server process' own, which survives restarts
 * @param processes most processes that count at once
 * @param scratch   for what is only needed meanwhile
 * @param routes    the table whose rows are counted
 */
apr_status_t wfm_registry_open(wfm_registry_t **registry, apr_pool_t *pool, int processes,
                               apr_pool_t *scratch, const wfm_route_t *routes, int nroutes);

/** A cluster's counters, made at the first call with its name. In the parent only, at each start:
 * what was told its operator is told anew. */
apr_status_t wfm_registry_counters(wfm_counters_t **counters, wfm_registry_t *registry,
                                   const char *name);

/** In a new process: its cell. Where none is free it is 0, which such processes share. */
int wfm_registry_enter(wfm_registry_t *registry, apr_uint32_t pid);

/** In the parent: a process is dead. What it had in hand it has no more. */
void wfm_registry_leave(wfm_registry_t *registry, apr_uint32_t pid);

/** One more, or one less (by is 1 or -1). */
void wfm_meter_gauge(const wfm_meter_t *meter, wfm_gauge_e gauge, int by);

void wfm_meter_add(const wfm_meter_t *meter, wfm_total_e total, apr_uint64_t n);

/** Count a request that is over. */
void wfm_meter_count(const wfm_meter_t *meter, const wfm_count_t *count);

apr_uint64_t wfm_counters_total(const wfm_counters_t *counters, wfm_total_e total);

/** Of all processes together. */
apr_uint32_t wfm_counters_gauge(const wfm_counters_t *counters, wfm_gauge_e gauge);

/** How many processes count now. */
int wfm_counters_processes(const wfm_counters_t *counters);

/** The requests of a row; behind the last row, of those that had none. @return how many */
apr_uint64_t wfm_counters_answers(const wfm_counters_t *counters, int route,
                                  wfm_answers_t *answers);

/** What processes tell each other: what was found last, most of which the operator is told once a
 * start, by whichever finds it first; and what is wanted. */
typedef enum wfm_notice_e {
    WFM_NOTICE_SUMMARIES, /**< 0: nobody has looked; WFM_NOTICED_IN_USE; else why they are not */
    WFM_NOTICE_UNCLEAN,   /**< days that are not summed up */
    WFM_NOTICE_OLDEST,    /**< and for how many seconds the oldest has not been */
    WFM_NOTICE_CONNECTIONS,
    WFM_NOTICE_ROOM, /**< how many connections a process may have */
    WFM_NOTICE_DUE,  /**< 1: maintenance is due, whatever the clock of the one that does it says */
    WFM_NOTICES
} wfm_notice_e;

#define WFM_NOTICED_IN_USE 1 /**< db/summaries.h's */

/** Note what was noticed last. @return what was before; 0: nothing */
apr_uint32_t wfm_counters_notice(wfm_counters_t *counters, wfm_notice_e what, apr_uint32_t value);
apr_uint32_t wfm_counters_noticed(const wfm_counters_t *counters, wfm_notice_e what);

/** How an error's status is counted. */
wfm_error_kind_e wfm_counters_kind(int status);

#endif
