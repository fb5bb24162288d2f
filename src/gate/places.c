/*
 * places.c - owns how threads and places are taken, waited for and passed on.
 */
#include "places.h"

/* A database that works frees a thread within milliseconds: who finds none waits as long as
 * somebody goes in such a time. Where nobody does, nobody waits for a thread for a while: those who
 * wait keep threads of httpd, too. */
#define SHORT_WAIT apr_time_from_msec(100)
#define REFUSAL    apr_time_from_sec(1)

apr_status_t wfm_places_wait(wfm_admission_t *a, wfm_cond_t *cond, apr_time_t deadline)
{
    return wfm_cond_wait(cond, a->threads->lock, deadline);
}

static int has_thread(const wfm_admission_t *a)
{
    return a->here < a->threads->own || a->threads->common_in < a->threads->common;
}

/* Changes when somebody goes whose thread is of use to this pool. */
static apr_uint32_t freed(const wfm_admission_t *a)
{
    return a->freed + a->threads->freed;
}

/* ---- waiters ---- */

static wfm_waiter_t *make_waiter(wfm_admission_t *a)
{
    wfm_threads_t *c = a->threads;
    wfm_waiter_t *w = c->unused;

    if (w) {
        c->unused = w->next;
    } else {
        w = apr_pcalloc(c->pool, sizeof *w);
        if (wfm_cond_create(&w->turn, c->pool) != APR_SUCCESS)
            return NULL;
    }
    w->pool = a;
    return w;
}

static void recycle(wfm_waiter_t *w)
{
    w->next = w->pool->threads->unused;
    w->pool->threads->unused = w;
}

void wfm_places_wake(wfm_waiter_t *w)
{
    if (w)
        wfm_cond_signal(w->turn);
}

/* ---- threads ---- */

apr_status_t wfm_places_take_thread(wfm_admission_t *a)
{
    if (!has_thread(a))
        return APR_ENOSPC;
    if (a->here >= a->threads->own)
        a->threads->common_in++;
    a->here++;
    return APR_SUCCESS;
}

wfm_waiter_t *wfm_places_return_thread(wfm_admission_t *a)
{
    wfm_threads_t *c = a->threads;
    int own = --a->here < c->own;
    wfm_waiter_t *w;

    if (own) {
        a->freed++;
    } else {
        c->common_in--;
        c->freed++;
    }
    w = wfm_queue_take_first(&c->for_thread, own ? a : NULL);
    if (!w)
        return NULL;
    wfm_places_take_thread(w->pool);
    if (w->pool->in < w->pool->max) {
        w->pool->in++;
        return w;
    }
    wfm_queue_append(&w->pool->for_place, w);
    return NULL;
}

/* Wait for a thread: until the deadline where others go, a moment where nobody does. */
static void wait_for_thread(wfm_waiter_t *w, apr_time_t deadline)
{
    wfm_admission_t *a = w->pool;
    wfm_queue_t *for_thread = &a->threads->for_thread;
    apr_time_t now = wfm_clock_now();
    int moving = 1;

    while (w->queue == for_thread && moving && now < deadline) {
        apr_time_t until = now + SHORT_WAIT;
        apr_uint32_t before = freed(a);

        if (until > deadline)
            until = deadline;
        while (w->queue == for_thread && wfm_places_wait(a, w->turn, until) == APR_SUCCESS)
            ;
        moving = freed(a) != before || until == deadline; /* else nobody knows */
        now = wfm_clock_now();
    }
    if (w->queue == for_thread && !moving)
        a->refuse_until = now + REFUSAL;
}

/* ---- places ---- */

apr_status_t wfm_places_wait_in(wfm_queue_t *q, wfm_admission_t *a, apr_time_t deadline,
                                wfm_waiter_t **next)
{
    wfm_queue_t *for_thread = &a->threads->for_thread;
    wfm_waiter_t *w = make_waiter(a);
    apr_status_t rv = APR_SUCCESS;

    if (!w) {
        if (q != for_thread)
            *next = wfm_places_return_thread(a);
        return APR_ENOMEM;
    }
    wfm_queue_append(q, w);
    wait_for_thread(w, deadline);
    while (w->queue && w->queue != for_thread && rv == APR_SUCCESS)
        rv = wfm_places_wait(a, w->turn, deadline);
    if (!w->queue) {
        rv = APR_SUCCESS; /* it may have come at the last moment */
    } else if (w->queue == for_thread) {
        wfm_queue_leave(w);
        rv = APR_ENOSPC;
    } else {
        wfm_queue_leave(w);
        *next = wfm_places_return_thread(a);
    }
    recycle(w);
    return rv;
}

apr_status_t wfm_places_take(wfm_admission_t *a, int has_thread, apr_time_t deadline,
                             wfm_waiter_t **next)
{
    if (!has_thread && wfm_places_take_thread(a) != APR_SUCCESS)
        return wfm_clock_now() < a->refuse_until
                   ? APR_ENOSPC
                   : wfm_places_wait_in(&a->threads->for_thread, a, deadline, next);
    if (a->in == a->max)
        return wfm_places_wait_in(&a->for_place, a, deadline, next);
    a->in++; /* nobody waits: places are passed on */
    return APR_SUCCESS;
}

wfm_waiter_t *wfm_places_pass_on(wfm_admission_t *a)
{
    wfm_waiter_t *w = wfm_queue_take_first(&a->for_place, NULL);

    if (!w)
        a->in--;
    return w;
}
