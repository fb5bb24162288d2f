/*
 * admission.c - owns the counters and the waiting; knows neither connections nor requests.
 *
 * One lock for all pools of a child: what happens under it is a few additions.
 */
#include "admission.h"
#include "../core/clock.h"
#include "queue.h"

/* A database that works frees a thread within milliseconds: who finds none waits as long as
 * somebody goes in such a time. Where nobody does, nobody waits for a thread for a while: those who
 * wait keep threads of httpd, too. */
#define SHORT_WAIT apr_time_from_msec(100)
#define REFUSAL    apr_time_from_sec(1)

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

/* Wait under the lock; APR_TIMEUP once the deadline has passed. A wake-up proves nothing: look
 * again. */
static apr_status_t wait_until(wfm_admission_t *a, wfm_cond_t *cond, apr_time_t deadline)
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

/* After the lock is free, so that it need not wait for that as well. If it has gone on by itself
 * meanwhile, another one wakes for nothing. */
static void wake(wfm_waiter_t *w)
{
    if (w)
        wfm_cond_signal(w->turn);
}

/* ---- threads ---- */

static apr_status_t take_thread(wfm_admission_t *a)
{
    if (!has_thread(a))
        return APR_ENOSPC;
    if (a->here >= a->threads->own)
        a->threads->common_in++;
    a->here++;
    return APR_SUCCESS;
}

/* The thread goes to who has waited longest: if it is the pool's own, in this pool. @return whom to
 * wake: a place was free for him, too */
static wfm_waiter_t *return_thread(wfm_admission_t *a)
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
    take_thread(w->pool);
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
        while (w->queue == for_thread && wait_until(a, w->turn, until) == APR_SUCCESS)
            ;
        moving = freed(a) != before || until == deadline; /* else nobody knows */
        now = wfm_clock_now();
    }
    if (w->queue == for_thread && !moving)
        a->refuse_until = now + REFUSAL;
}

/* ---- places ---- */

/* First come, first served: else one of many may never have its turn. @param next whom to wake */
static apr_status_t wait_in(wfm_queue_t *q, wfm_admission_t *a, apr_time_t deadline,
                            wfm_waiter_t **next)
{
    wfm_queue_t *for_thread = &a->threads->for_thread;
    wfm_waiter_t *w = make_waiter(a);
    apr_status_t rv = APR_SUCCESS;

    if (!w) {
        if (q != for_thread)
            *next = return_thread(a);
        return APR_ENOMEM;
    }
    wfm_queue_append(q, w);
    wait_for_thread(w, deadline);
    while (w->queue && w->queue != for_thread && rv == APR_SUCCESS)
        rv = wait_until(a, w->turn, deadline);
    if (!w->queue) {
        rv = APR_SUCCESS; /* it may have come at the last moment */
    } else if (w->queue == for_thread) {
        wfm_queue_leave(w);
        rv = APR_ENOSPC;
    } else {
        wfm_queue_leave(w);
        *next = return_thread(a);
    }
    recycle(w);
    return rv;
}

/* @param has_thread already */
static apr_status_t take_place(wfm_admission_t *a, int has_thread, apr_time_t deadline,
                               wfm_waiter_t **next)
{
    if (!has_thread && take_thread(a) != APR_SUCCESS)
        return wfm_clock_now() < a->refuse_until
                   ? APR_ENOSPC
                   : wait_in(&a->threads->for_thread, a, deadline, next);
    if (a->in == a->max)
        return wait_in(&a->for_place, a, deadline, next);
    a->in++; /* nobody waits: places are passed on */
    return APR_SUCCESS;
}

/* The place goes to who has waited longest. @return whom to wake */
static wfm_waiter_t *pass_place_on(wfm_admission_t *a)
{
    wfm_waiter_t *w = wfm_queue_take_first(&a->for_place, NULL);

    if (!w)
        a->in--;
    return w;
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
    } else if (take_thread(a) != APR_SUCCESS) {
        return APR_ENOSPC;
    } else {
        rv = wait_in(&a->for_ingest, a, deadline, next);
        if (rv != APR_SUCCESS)
            return rv == APR_TIMEUP ? APR_EBUSY : rv;
    }
    rv = take_place(a, waits, deadline, next);
    if (rv != APR_SUCCESS)
        *of_ingest = pass_ingest_on(a);
    return rv;
}

/* A probe waits for the one before it, but never for a place: where there is none, requests have
 * them all. */
static apr_status_t enter_probe(wfm_admission_t *a, apr_time_t deadline, wfm_waiter_t **next)
{
    apr_status_t rv = APR_SUCCESS;

    if (take_thread(a) != APR_SUCCESS)
        return APR_EBUSY;
    while (a->probing && rv == APR_SUCCESS)
        rv = wait_until(a, a->probe, deadline);
    if (!a->probing)
        rv = a->in < a->max ? APR_SUCCESS : APR_EBUSY;
    if (rv == APR_SUCCESS) {
        a->probing = 1;
        a->in++;
    } else {
        *next = return_thread(a);
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
    rv = take_place(a, cls == WFM_ADMIT_LEADER, deadline, next);
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
    wake(next);
    wake(of_ingest);
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
        of_room = return_thread(a);
    of_place = pass_place_on(a);
    if (cls == WFM_ADMIT_PROBE) {
        a->probing = 0;
        wfm_cond_broadcast(a->probe); /* who finds no place goes, and tells nobody */
    }
    wfm_unlock(a->threads->lock);
    wake(of_room);
    wake(of_place);
    wake(of_ingest);
}

apr_status_t wfm_admission_take_thread(wfm_admission_t *a)
{
    apr_status_t rv;

    wfm_lock(a->threads->lock);
    rv = take_thread(a);
    wfm_unlock(a->threads->lock);
    return rv;
}

void wfm_admission_return_thread(wfm_admission_t *a)
{
    wfm_waiter_t *next;

    wfm_lock(a->threads->lock);
    next = return_thread(a);
    wfm_unlock(a->threads->lock);
    wake(next);
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
        rv = wait_until(a, a->turn, deadline);
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
