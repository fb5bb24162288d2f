/*
 * clock.h - time that never jumps, and waiting by it.
 *
 * The wall's clock is set by hand, by NTP, or by a virtual machine that wakes up: a deadline by it
 * comes an hour early or late. Whatever is a duration, an age or a deadline in this module is by
 * this clock; the wall's is for what a client reads. APR's conditions wait by the wall's clock, and
 * its mutexes do not show what is inside: so here are both, each tied to a pool.
 */
#ifndef WFM_CORE_CLOCK_H
#define WFM_CORE_CLOCK_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_time.h>

/** Microseconds since some moment in the past. An apr_time_t of this clock means nothing to any
 * other. */
apr_time_t wfm_clock_now(void);

typedef struct wfm_lock_t wfm_lock_t;
typedef struct wfm_cond_t wfm_cond_t;

apr_status_t wfm_lock_create(wfm_lock_t **lock, apr_pool_t *p);
void wfm_lock(wfm_lock_t *lock);
void wfm_unlock(wfm_lock_t *lock);

apr_status_t wfm_cond_create(wfm_cond_t **cond, apr_pool_t *p);

/**
 * Wait under the lock, until woken or until the deadline.
 * @return APR_TIMEUP if the deadline had passed before; a wake-up proves nothing: look again
 */
apr_status_t wfm_cond_wait(wfm_cond_t *cond, wfm_lock_t *lock, apr_time_t deadline);

/** Wake one who waits, or all. */
void wfm_cond_signal(wfm_cond_t *cond);
void wfm_cond_broadcast(wfm_cond_t *cond);

#endif
