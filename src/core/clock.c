/*
 * clock.c - owns the one use of CLOCK_MONOTONIC and of pthread's locks.
 */
#include "clock.h"
#include <pthread.h>
#include <time.h>

#define SECOND APR_USEC_PER_SEC

struct wfm_lock_t {
    pthread_mutex_t mutex;
};

struct wfm_cond_t {
    pthread_cond_t cond;
};

apr_time_t wfm_clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND + now.tv_nsec / 1000;
}

static apr_status_t destroy_lock(void *lock)
{
    return pthread_mutex_destroy(&((wfm_lock_t *)lock)->mutex);
}

apr_status_t wfm_lock_create(wfm_lock_t **out, apr_pool_t *p)
{
    wfm_lock_t *lock = apr_pcalloc(p, sizeof *lock);
    apr_status_t rv = pthread_mutex_init(&lock->mutex, NULL);

    if (rv == APR_SUCCESS)
        apr_pool_cleanup_register(p, lock, destroy_lock, apr_pool_cleanup_null);
    *out = lock;
    return rv;
}

void wfm_lock(wfm_lock_t *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

void wfm_unlock(wfm_lock_t *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

static apr_status_t destroy_cond(void *cond)
{
    return pthread_cond_destroy(&((wfm_cond_t *)cond)->cond);
}

apr_status_t wfm_cond_create(wfm_cond_t **out, apr_pool_t *p)
{
    wfm_cond_t *cond = apr_pcalloc(p, sizeof *cond);
    pthread_condattr_t by;
    apr_status_t rv = pthread_condattr_init(&by);

    *out = cond;
    if (rv != APR_SUCCESS)
        return rv;
    rv = pthread_condattr_setclock(&by, CLOCK_MONOTONIC);
    if (rv == APR_SUCCESS)
        rv = pthread_cond_init(&cond->cond, &by);
    pthread_condattr_destroy(&by);
    if (rv == APR_SUCCESS)
        apr_pool_cleanup_register(p, cond, destroy_cond, apr_pool_cleanup_null);
    return rv;
}

apr_status_t wfm_cond_wait(wfm_cond_t *cond, wfm_lock_t *lock, apr_time_t deadline)
{
    struct timespec at = {.tv_sec = deadline / SECOND, .tv_nsec = deadline % SECOND * 1000};

    if (deadline <= wfm_clock_now())
        return APR_TIMEUP;
    pthread_cond_timedwait(&cond->cond, &lock->mutex, &at);
    return APR_SUCCESS;
}

void wfm_cond_signal(wfm_cond_t *cond)
{
    pthread_cond_signal(&cond->cond);
}

void wfm_cond_broadcast(wfm_cond_t *cond)
{
    pthread_cond_broadcast(&cond->cond);
}
