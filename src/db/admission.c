/*
 * admission.c - owns the counters and the waiting; knows neither connections nor requests.
 */
#include "admission.h"
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct wfm_admission_t {
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *place; /* a place became free */
    apr_thread_cond_t *turn;  /* mod_dbd's acquire became free */
    apr_thread_cond_t *probe; /* a probe has ended */
    int max, max_exports;
    int in, exports; /* places taken, in all and by exports */
    int acquiring;   /* a thread is inside mod_dbd's acquire */
    int probing;     /* one of the places is a probe's */
    apr_time_t answered;
};

apr_status_t wfm_admission_create(wfm_admission_t **out, apr_pool_t *p, int max, int max_exports)
{
    wfm_admission_t *a = apr_pcalloc(p, sizeof *a);
    apr_status_t rv = apr_thread_mutex_create(&a->lock, APR_THREAD_MUTEX_DEFAULT, p);

    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&a->place, p);
    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&a->turn, p);
    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&a->probe, p);
    a->max = max;
    a->max_exports = max_exports;
    *out = a;
    return rv;
}

/* Wait under the lock; APR_TIMEUP once the deadline has passed. A wake-up proves nothing: look
 * again. */
static apr_status_t wait_until(wfm_admission_t *a, apr_thread_cond_t *cond, apr_time_t deadline)
{
    apr_interval_time_t left = deadline - apr_time_now();

    if (left <= 0)
        return APR_TIMEUP;
    apr_thread_cond_timedwait(cond, a->lock, left);
    return APR_SUCCESS;
}

/* A probe waits for the one before it, but never for a place: where there is none, requests have
 * them all. */
static apr_status_t enter_probe(wfm_admission_t *a, apr_time_t deadline)
{
    apr_status_t rv = APR_SUCCESS;

    apr_thread_mutex_lock(a->lock);
    while (a->probing && rv == APR_SUCCESS)
        rv = wait_until(a, a->probe, deadline);
    if (!a->probing) {
        rv = a->in < a->max ? APR_SUCCESS : APR_EBUSY;
        a->probing = rv == APR_SUCCESS;
        a->in += a->probing;
    }
    apr_thread_mutex_unlock(a->lock);
    return rv;
}

apr_status_t wfm_admission_enter(wfm_admission_t *a, wfm_admission_class_e cls, apr_time_t deadline)
{
    int is_export = cls == WFM_ADMIT_EXPORT;
    apr_status_t rv = APR_SUCCESS;

    if (cls == WFM_ADMIT_PROBE)
        return enter_probe(a, deadline);
    apr_thread_mutex_lock(a->lock);
    if (is_export && a->exports >= a->max_exports) {
        apr_thread_mutex_unlock(a->lock);
        return APR_EBUSY;
    }
    a->exports += is_export; /* counted while it waits: a queue of exports is no use to anybody */
    while (a->in >= a->max && rv == APR_SUCCESS)
        rv = wait_until(a, a->place, deadline);
    if (a->in < a->max) { /* it may have become free at the last moment */
        a->in++;
        rv = APR_SUCCESS;
    } else {
        a->exports -= is_export;
    }
    apr_thread_mutex_unlock(a->lock);
    return rv;
}

void wfm_admission_leave(wfm_admission_t *a, wfm_admission_class_e cls)
{
    apr_thread_mutex_lock(a->lock);
    a->in--;
    a->exports -= cls == WFM_ADMIT_EXPORT;
    apr_thread_cond_signal(a->place);
    if (cls == WFM_ADMIT_PROBE) {
        a->probing = 0;
        apr_thread_cond_signal(a->probe);
    }
    apr_thread_mutex_unlock(a->lock);
}

void wfm_admission_answered(wfm_admission_t *a)
{
    apr_time_t now = apr_time_now();

    apr_thread_mutex_lock(a->lock);
    a->answered = now;
    apr_thread_mutex_unlock(a->lock);
}

apr_time_t wfm_admission_last_answer(wfm_admission_t *a)
{
    apr_time_t answered;

    apr_thread_mutex_lock(a->lock);
    answered = a->answered;
    apr_thread_mutex_unlock(a->lock);
    return answered;
}

apr_status_t wfm_admission_acquire_begin(wfm_admission_t *a, apr_time_t deadline)
{
    apr_status_t rv = APR_SUCCESS;

    apr_thread_mutex_lock(a->lock);
    while (a->acquiring && rv == APR_SUCCESS)
        rv = wait_until(a, a->turn, deadline);
    if (!a->acquiring) {
        a->acquiring = 1;
        rv = APR_SUCCESS;
    }
    apr_thread_mutex_unlock(a->lock);
    return rv;
}

void wfm_admission_acquire_end(wfm_admission_t *a)
{
    apr_thread_mutex_lock(a->lock);
    a->acquiring = 0;
    apr_thread_cond_signal(a->turn);
    apr_thread_mutex_unlock(a->lock);
}
