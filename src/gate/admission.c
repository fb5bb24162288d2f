/*
 * admission.c - owns who may have a place, and what for; knows neither connections nor requests.
 *
 * One lock for all pools of a child: what happens under it is a few additions.
 */
#include "admission.h"
#include "../core/clock.h"
#include "places.h"

apr_status_t wfm_threads_create(wfm_threads_t **out, apr_pool_t *p, int n, int pools)
{
    wfm_threads_t *c = apr_pcalloc(p, sizeof *c);
    apr_status_t rv = wfm_lock_create(&c->lock, p);

    if (rv == APR_SUCCESS)
        rv = apr_pool_create(&c->pool, p);
    wfm_queue_init(&c->for_thread);
    c->own = n / (2 * pools);
    if (c->own == 0 && pools < n)
        c->own = 1;
    c->common = n - c->own * pools;
    *out = c;
    return rv;
}

apr_status_t wfm_admission_create(wfm_admission_t **out, apr_pool_t *p, wfm_threads_t *threads,
                                  int max, int max_exports, int max_ingests)
{
    wfm_admission_t *a = apr_pcalloc(p, sizeof *a);
    apr_status_t rv = wfm_cond_create(&a->turn, p);

    if (rv == APR_SUCCESS)
        rv = wfm_cond_create(&a->probe, p);
    a->threads = threads;
    a->max = max;
    a->max_exports = max_exports;
    a->max_ingests = max_ingests;
    wfm_queue_init(&a->for_place);
    wfm_queue_init(&a->for_ingest);
    *out = a;
    return rv;
}

/* Whoever waits longest may go on to a place. @return whom to wake */
static wfm_waiter_t *pass_ingest_on(wfm_admission_t *a)
{
    wfm_waiter_t *w = wfm_queue_take_first(&a->for_ingest, NULL);

    if (!w)
        a->ingests--;
    return w;
}

/* A small file takes some milliseconds, so the next one waits for it, as it does for a place.
 * @param of_ingest whom to wake, beside *next */
static apr_status_t enter_ingest(wfm_admission_t *a, apr_time_t deadline, wfm_waiter_t **next,
                                 wfm_waiter_t **of_ingest)
{
    int waits = a->ingests == a->max_ingests;
    apr_status_t rv;

    if (!waits) {
        a->ingests++; /* nobody waits: this is passed on, too */
    } else if (wfm_places_take_thread(a) != APR_SUCCESS) {
        return APR_ENOSPC;
    } else {
        rv = wfm_places_wait_in(&a->for_ingest, a, deadline, next);
        if (rv != APR_SUCCESS)
            return rv == APR_TIMEUP ? APR_EBUSY : rv;
    }
    rv = wfm_places_take(a, waits, deadline, next);
    if (rv != APR_SUCCESS)
        *of_ingest = pass_ingest_on(a);
    return rv;
}

/* A probe waits for the one before it, but never for a place: where there is none, requests have
 * them all. */
static apr_status_t enter_probe(wfm_admission_t *a, apr_time_t deadline, wfm_waiter_t **next)
{
    apr_status_t rv = APR_SUCCESS;

    if (wfm_places_take_thread(a) != APR_SUCCESS)
        return APR_EBUSY;
    while (a->probing && rv == APR_SUCCESS)
        rv = wfm_places_wait(a, a->probe, deadline);
    if (!a->probing)
        rv = a->in < a->max ? APR_SUCCESS : APR_EBUSY;
    if (rv == APR_SUCCESS) {
        a->probing = 1;
        a->in++;
    } else {
        *next = wfm_places_return_thread(a);
    }
    return rv;
}

int wfm_admission_has_maintenance(int max)
{
    return max >= 3;
}

/* Takes no thread of the bound: its own serves no requests. */
static apr_status_t enter_idle(wfm_admission_t *a)
{
    if (!wfm_admission_has_maintenance(a->max - a->in))
        return APR_EBUSY;
    a->in++;
    return APR_SUCCESS;
}

static apr_status_t enter(wfm_admission_t *a, wfm_admission_class_e cls, apr_time_t deadline,
                          wfm_waiter_t **next, wfm_waiter_t **of_ingest)
{
    int is_export = cls == WFM_ADMIT_EXPORT;
    apr_status_t rv;

    if (cls == WFM_ADMIT_PROBE)
        return enter_probe(a, deadline, next);
    if (cls == WFM_ADMIT_MAINTENANCE)
        return enter_idle(a);
    if (cls == WFM_ADMIT_INGEST)
        return enter_ingest(a, deadline, next, of_ingest);
    if (is_export && a->exports >= a->max_exports)
        return APR_EBUSY;
    a->exports += is_export; /* counted while it waits: a queue of exports is no use to anybody */
    rv = wfm_places_take(a, cls == WFM_ADMIT_LEADER, deadline, next);
    if (rv != APR_SUCCESS)
        a->exports -= is_export;
    return rv;
}

apr_status_t wfm_admission_enter(wfm_admission_t *a, wfm_admission_class_e cls, apr_time_t deadline)
{
    wfm_waiter_t *next = NULL, *of_ingest = NULL;
    apr_status_t rv;

    wfm_lock(a->threads->lock);
    rv = enter(a, cls, deadline, &next, &of_ingest);
    wfm_unlock(a->threads->lock);
    wfm_places_wake(next);
    wfm_places_wake(of_ingest);
    return rv;
}

void wfm_admission_leave(wfm_admission_t *a, wfm_admission_class_e cls)
{
    wfm_waiter_t *of_room = NULL, *of_place, *of_ingest = NULL;

    wfm_lock(a->threads->lock);
    a->exports -= cls == WFM_ADMIT_EXPORT;
    if (cls == WFM_ADMIT_INGEST)
        of_ingest = pass_ingest_on(a);
    if (cls != WFM_ADMIT_MAINTENANCE)
        of_room = wfm_places_return_thread(a);
    of_place = wfm_places_pass_on(a);
    if (cls == WFM_ADMIT_PROBE) {
        a->probing = 0;
        wfm_cond_broadcast(a->probe); /* who finds no place goes, and tells nobody */
    }
    wfm_unlock(a->threads->lock);
    wfm_places_wake(of_room);
    wfm_places_wake(of_place);
    wfm_places_wake(of_ingest);
}

apr_status_t wfm_admission_take_thread(wfm_admission_t *a)
{
    apr_status_t rv;

    wfm_lock(a->threads->lock);
    rv = wfm_places_take_thread(a);
    wfm_unlock(a->threads->lock);
    return rv;
}

void wfm_admission_return_thread(wfm_admission_t *a)
{
    wfm_waiter_t *next;

    wfm_lock(a->threads->lock);
    next = wfm_places_return_thread(a);
    wfm_unlock(a->threads->lock);
    wfm_places_wake(next);
}

void wfm_admission_answered(wfm_admission_t *a)
{
    apr_time_t now = wfm_clock_now();

    wfm_lock(a->threads->lock);
    a->answered = now;
    wfm_unlock(a->threads->lock);
}

apr_time_t wfm_admission_last_answer(wfm_admission_t *a)
{
    apr_time_t answered;

    wfm_lock(a->threads->lock);
    answered = a->answered;
    wfm_unlock(a->threads->lock);
    return answered;
}

apr_status_t wfm_admission_acquire_begin(wfm_admission_t *a, apr_time_t deadline)
{
    apr_status_t rv = APR_SUCCESS;

    wfm_lock(a->threads->lock);
    while (a->acquiring && rv == APR_SUCCESS)
        rv = wfm_places_wait(a, a->turn, deadline);
    if (!a->acquiring) {
        a->acquiring = 1;
        rv = APR_SUCCESS;
    }
    wfm_unlock(a->threads->lock);
    return rv;
}

void wfm_admission_acquire_end(wfm_admission_t *a)
{
    wfm_lock(a->threads->lock);
    a->acquiring = 0;
    wfm_cond_signal(a->turn);
    wfm_unlock(a->threads->lock);
}
