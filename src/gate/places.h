/*
 * places.h - the threads and places of admission, and who waits for them: for src/gate alone.
 *
 * All is under the lock of the threads. Whoever returns or passes on something is told whom to
 * wake, which he does when he has left the lock.
 */
#ifndef WFM_GATE_PLACES_H
#define WFM_GATE_PLACES_H

#include "queue.h"

struct wfm_threads_t {
    wfm_lock_t *lock;       /* of this and of all pools that share it */
    int own;                /* so many each pool has for itself */
    int common, common_in;  /* threads beyond that, and how many are taken */
    wfm_queue_t for_thread; /* who waits for one */
    apr_uint32_t freed;     /* how often a common one became free */
    apr_pool_t *pool;       /* of the waiters, as many as ever waited at once */
    wfm_waiter_t *unused;
};

struct wfm_admission_t {
    wfm_threads_t *threads;
    wfm_queue_t for_place;  /* who waits for a place */
    wfm_queue_t for_ingest; /* who waits until fewer store results */
    wfm_cond_t *turn;       /* mod_dbd's acquire became free */
    wfm_cond_t *probe;      /* a probe has ended */
    int max, max_exports, max_ingests;
    int here;                /* threads: of those with a place, and of those that wait for one */
    int in;                  /* places taken */
    int exports, ingests;    /* that have one, or wait for it */
    int acquiring;           /* a thread is inside mod_dbd's acquire */
    apr_uint32_t freed;      /* how often one of its own became free */
    apr_time_t refuse_until; /* nobody waits for a thread until then */
    int probing;             /* one of the places is a probe's */
    apr_time_t answered;     /* when the database last did */
};

/** Wait under the lock; APR_TIMEUP once the deadline has passed. A wake-up proves nothing: look
 * again. */
apr_status_t wfm_places_wait(wfm_admission_t *a, wfm_cond_t *cond, apr_time_t deadline);

/** After the lock is free, so that it need not wait for that as well. If it has gone on by itself
 * meanwhile, another one wakes for nothing. @param w NULL: nobody */
void wfm_places_wake(wfm_waiter_t *w);

/** @return APR_SUCCESS, or at once APR_ENOSPC */
apr_status_t wfm_places_take_thread(wfm_admission_t *a);

/** The thread goes to who has waited longest: if it is the pool's own, in this pool. @return whom
 * to wake: a place was free for him, too */
wfm_waiter_t *wfm_places_return_thread(wfm_admission_t *a);

/**
 * Stand in a queue until it is one's turn. First come, first served: else one of many may never
 * have its turn. Who does not get it has no thread any more.
 * @param next whom to wake
 */
apr_status_t wfm_places_wait_in(wfm_queue_t *q, wfm_admission_t *a, apr_time_t deadline,
                                wfm_waiter_t **next);

/** @param has_thread already */
apr_status_t wfm_places_take(wfm_admission_t *a, int has_thread, apr_time_t deadline,
                             wfm_waiter_t **next);

/** The place goes to who has waited longest. @return whom to wake */
wfm_waiter_t *wfm_places_pass_on(wfm_admission_t *a);

#endif
