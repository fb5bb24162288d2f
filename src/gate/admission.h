/*
 * admission.h - who may go to the database, and how long to wait for it.
 *
 * The folder src/gate decides who goes to a database and who waits. It knows threads and time, and
 * neither SQL nor connections nor requests: its questions are asked by src/pgsql.
 *
 * mod_dbd's pool waits for ever when it is exhausted, and it connects under the pool's lock, so one
 * hanging connect holds up everybody. Admission stands above the pool: at most `max` requests hold
 * or fetch a connection, at most `max_exports` exports do so or wait for it, at most `max_ingests`
 * store results, one at a time is inside mod_dbd's acquire, and every wait has a deadline.
 *
 * Whoever is at a database or waits for one keeps a thread of httpd from serving anything else. So
 * the pools of a child share a bound of such threads: the requests of all clusters together never
 * have more, whatever the databases do. Half of them are divided among the pools as their own, so
 * that one cluster that hangs takes none from the others; who comes first has the rest.
 *
 * One object a pool and child process, shared by its threads. Lives as long as its APR pool.
 * Times are core/clock.h's.
 */
#ifndef WFM_GATE_ADMISSION_H
#define WFM_GATE_ADMISSION_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_time.h>

typedef struct wfm_threads_t wfm_threads_t;
typedef struct wfm_admission_t wfm_admission_t;

/** What a place is wanted for. */
typedef enum wfm_admission_class_e {
    WFM_ADMIT_SMALL,
    WFM_ADMIT_LEADER, /**< by one who has a thread (wfm_admission_take_thread) and asks for others,
                         too; if he gets no place, he has returned it */
    WFM_ADMIT_EXPORT,
    WFM_ADMIT_INGEST,     /**< to store results: waits for one of their places, too */
    WFM_ADMIT_PROBE,      /**< health: one at a time, and only a place that nobody wants */
    WFM_ADMIT_MAINTENANCE /**< in a thread that serves nobody: only a place beside two free ones */
} wfm_admission_class_e;

/**
 * @param n     most threads of all pools together, at least 1
 * @param pools how many pools there will be at most, at least 1
 */
apr_status_t wfm_threads_create(wfm_threads_t **threads, apr_pool_t *p, int n, int pools);

/**
 * @param max         places in all, at least 1
 * @param max_exports for exports, at least 1; if there are more of them than places, they wait
 * @param max_ingests for those that store results, at least 1
 */
apr_status_t wfm_admission_create(wfm_admission_t **a, apr_pool_t *p, wfm_threads_t *threads,
                                  int max, int max_exports, int max_ingests);

/**
 * Take a place, waiting until the deadline (absolute) for one: first come, first served.
 * @return APR_SUCCESS; APR_EBUSY: exports have all of theirs, a probe found no free place, or
 *         maintenance not three (told at once), or none of those who store results ended in time;
 * APR_ENOSPC: there is no thread (told at once or soon, whatever the deadline); APR_TIMEUP: no
 * place became free in time
 */
apr_status_t wfm_admission_enter(wfm_admission_t *a, wfm_admission_class_e cls,
                                 apr_time_t deadline);

/** Is there ever a place for maintenance, among so many in all? */
int wfm_admission_has_maintenance(int max);

/** Give the place back. */
void wfm_admission_leave(wfm_admission_t *a, wfm_admission_class_e cls);

/**
 * Have a thread without a place: to wait for what another one gets.
 * @return APR_SUCCESS, or at once APR_ENOSPC
 */
apr_status_t wfm_admission_take_thread(wfm_admission_t *a);

/** Return it. */
void wfm_admission_return_thread(wfm_admission_t *a);

/** The database has answered a request, whose connection is as good as new. */
void wfm_admission_answered(wfm_admission_t *a);

/** When it last did; 0: never. */
apr_time_t wfm_admission_last_answer(wfm_admission_t *a);

/**
 * Be the one thread that is inside mod_dbd's acquire.
 * @return APR_SUCCESS, or APR_TIMEUP when it was not one's turn by the deadline
 */
apr_status_t wfm_admission_acquire_begin(wfm_admission_t *a, apr_time_t deadline);

/** Let the next thread in. */
void wfm_admission_acquire_end(wfm_admission_t *a);

#endif
