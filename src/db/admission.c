/*
 * admission.c - owns the counters and the waiting; knows neither connections nor requests.
 *
 * One lock for all pools of a child: what happens under it is a few additions.
 */
#include "admission.h"
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

/* A database that works makes room within milliseconds: who finds none waits as long as others go,
 * and so long after the last one went. Where nobody goes, nobody waits for room for a while,
 * because threads that wait for it serve nobody. */
#define PATIENCE apr_time_from_msec(100)
#define REFUSAL  apr_time_from_sec(1)

/* A thread that waits for a place. There are as many of them as there is room in the crowd. */
typedef struct waiter_t {
    apr_thread_cond_t *turn;
    int has_place;         /* somebody who left has passed his place on */
    struct waiter_t *next; /* behind it in the queue, or unused too */
} waiter_t;

struct wfm_crowd_t {
    apr_thread_mutex_t *lock; /* of the crowd and of all its pools */
    apr_thread_cond_t *room;  /* somebody went */
    int own;                  /* room that each pool has for itself */
    int common, common_in;    /* room beyond that, and how many are in it */
    waiter_t *unused;
    int hoping;        /* threads that wait for room */
    apr_uint32_t gone; /* how often common room became free */
};

struct wfm_admission_t {
    wfm_crowd_t *crowd;
    waiter_t *first, **last;  /* who waits for a place, in the order in which they came */
    apr_thread_cond_t *turn;  /* mod_dbd's acquire became free */
    apr_thread_cond_t *probe; /* a probe has ended */
    int max, max_exports;
    int here;                /* of the crowd: those with a place, and those that wait for one */
    int in, exports;         /* places taken, in all and by exports */
    int acquiring;           /* a thread is inside mod_dbd's acquire */
    apr_uint32_t gone;       /* how often room of its own became free */
    apr_time_t refuse_until; /* nobody waits for room until then */
    int probing;             /* one of the places is a probe's */
    apr_time_t answered;     /* when the database last did */
};

apr_status_t wfm_crowd_create(wfm_crowd_t **out, apr_pool_t *p, int room, int pools)
{
    wfm_crowd_t *c = apr_pcalloc(p, sizeof *c);
    apr_status_t rv = apr_thread_mutex_create(&c->lock, APR_THREAD_MUTEX_DEFAULT, p);

    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&c->room, p);
    for (int i = 0; i < room && rv == APR_SUCCESS; i++) {
        waiter_t *w = apr_pcalloc(p, sizeof *w);

        rv = apr_thread_cond_create(&w->turn, p);
        w->next = c->unused;
        c->unused = w;
    }
    c->own = room / (2 * pools);
    if (c->own == 0 && pools < room)
        c->own = 1;
    c->common = room - c->own * pools;
    *out = c;
    return rv;
}

apr_status_t wfm_admission_create(wfm_admission_t **out, apr_pool_t *p, wfm_crowd_t *crowd, int max,
                                  int max_exports)
{
    wfm_admission_t *a = apr_pcalloc(p, sizeof *a);
    apr_status_t rv = apr_thread_cond_create(&a->turn, p);

    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&a->probe, p);
    a->crowd = crowd;
    a->max = max;
    a->max_exports = max_exports;
    a->last = &a->first;
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
    apr_thread_cond_timedwait(cond, a->crowd->lock, left);
    return APR_SUCCESS;
}

static int has_room(const wfm_admission_t *a)
{
    return a->here < a->crowd->own || a->crowd->common_in < a->crowd->common;
}

/* Changes when somebody goes whose room is of use to this pool. */
static apr_uint32_t gone(const wfm_admission_t *a)
{
    return a->gone + a->crowd->gone;
}

/* Wait for room or for a sign that there will be some; 0: nobody goes. */
static int is_moving(wfm_admission_t *a, apr_time_t deadline)
{
    apr_uint32_t before = gone(a);

    while (!has_room(a) && gone(a) == before &&
           wait_until(a, a->crowd->room, deadline) == APR_SUCCESS)
        ;
    return gone(a) != before;
}

/* The wait for room: until the deadline where others go, a moment where nobody does. */
static void hope_for_room(wfm_admission_t *a, apr_time_t deadline)
{
    apr_time_t now = apr_time_now();
    int moving = 1;

    if (now < a->refuse_until)
        return;
    a->crowd->hoping++;
    while (!has_room(a) && moving && now < deadline) {
        moving = is_moving(a, deadline < now + PATIENCE ? deadline : now + PATIENCE);
        now = apr_time_now();
    }
    a->crowd->hoping--;
    if (!has_room(a) && !moving)
        a->refuse_until = now + REFUSAL;
}

static apr_status_t take_room(wfm_admission_t *a)
{
    if (!has_room(a))
        return APR_ENOSPC;
    if (a->here >= a->crowd->own)
        a->crowd->common_in++;
    a->here++;
    return APR_SUCCESS;
}

static apr_status_t join_crowd(wfm_admission_t *a, apr_time_t deadline)
{
    if (!has_room(a))
        hope_for_room(a, deadline);
    return take_room(a);
}

static void leave_crowd(wfm_admission_t *a)
{
    a->here--;
    if (a->here >= a->crowd->own) {
        a->crowd->common_in--;
        a->crowd->gone++;
    } else {
        a->gone++;
    }
    if (a->crowd->hoping) /* all of them: room of its own is of use to this pool only */
        apr_thread_cond_broadcast(a->crowd->room);
}

/* Take a waiter out of the queue, wherever it stands. */
static void leave_queue(wfm_admission_t *a, waiter_t *w)
{
    waiter_t **at = &a->first;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    if (a->last == &w->next)
        a->last = at;
}

/* First come, first served: else one of many may never have its turn. */
static apr_status_t take_place(wfm_admission_t *a, apr_time_t deadline)
{
    apr_status_t rv = APR_SUCCESS;
    waiter_t *w;

    if (a->in < a->max) { /* nobody waits: places are passed on */
        a->in++;
        return APR_SUCCESS;
    }
    w = a->crowd->unused;
    a->crowd->unused = w->next;
    w->has_place = 0;
    w->next = NULL;
    *a->last = w;
    a->last = &w->next;
    while (!w->has_place && rv == APR_SUCCESS)
        rv = wait_until(a, w->turn, deadline);
    if (!w->has_place)
        leave_queue(a, w);
    else
        rv = APR_SUCCESS; /* it may have come at the last moment */
    w->next = a->crowd->unused;
    a->crowd->unused = w;
    return rv;
}

/* The place goes to who has waited longest. */
static void pass_place_on(wfm_admission_t *a)
{
    waiter_t *w = a->first;

    if (!w) {
        a->in--;
        return;
    }
    a->first = w->next;
    if (!a->first)
        a->last = &a->first;
    w->has_place = 1;
    apr_thread_cond_signal(w->turn);
}

/* A probe waits for the one before it, but never for a place: where there is none, requests have
 * them all. */
static apr_status_t enter_probe(wfm_admission_t *a, apr_time_t deadline)
{
    apr_status_t rv = APR_SUCCESS;

    if (!has_room(a))
        return APR_EBUSY;
    rv = join_crowd(a, deadline);
    while (a->probing && rv == APR_SUCCESS)
        rv = wait_until(a, a->probe, deadline);
    if (!a->probing)
        rv = a->in < a->max ? APR_SUCCESS : APR_EBUSY;
    if (rv == APR_SUCCESS) {
        a->probing = 1;
        a->in++;
    } else {
        leave_crowd(a);
    }
    return rv;
}

apr_status_t wfm_admission_enter(wfm_admission_t *a, wfm_admission_class_e cls, apr_time_t deadline)
{
    int is_export = cls == WFM_ADMIT_EXPORT;
    apr_status_t rv;

    apr_thread_mutex_lock(a->crowd->lock);
    if (cls == WFM_ADMIT_PROBE) {
        rv = enter_probe(a, deadline);
        apr_thread_mutex_unlock(a->crowd->lock);
        return rv;
    }
    if (is_export && a->exports >= a->max_exports) {
        apr_thread_mutex_unlock(a->crowd->lock);
        return APR_EBUSY;
    }
    a->exports += is_export; /* counted while it waits: a queue of exports is no use to anybody */
    rv = cls == WFM_ADMIT_ATTENDANT ? APR_SUCCESS : join_crowd(a, deadline);
    if (rv == APR_SUCCESS) {
        rv = take_place(a, deadline);
        if (rv != APR_SUCCESS)
            leave_crowd(a);
    }
    if (rv != APR_SUCCESS)
        a->exports -= is_export;
    apr_thread_mutex_unlock(a->crowd->lock);
    return rv;
}

void wfm_admission_leave(wfm_admission_t *a, wfm_admission_class_e cls)
{
    apr_thread_mutex_lock(a->crowd->lock);
    a->exports -= cls == WFM_ADMIT_EXPORT;
    leave_crowd(a);
    pass_place_on(a);
    if (cls == WFM_ADMIT_PROBE) {
        a->probing = 0;
        apr_thread_cond_signal(a->probe);
    }
    apr_thread_mutex_unlock(a->crowd->lock);
}

apr_status_t wfm_admission_attend(wfm_admission_t *a)
{
    apr_status_t rv;

    apr_thread_mutex_lock(a->crowd->lock);
    rv = take_room(a);
    apr_thread_mutex_unlock(a->crowd->lock);
    return rv;
}

void wfm_admission_depart(wfm_admission_t *a)
{
    apr_thread_mutex_lock(a->crowd->lock);
    leave_crowd(a);
    apr_thread_mutex_unlock(a->crowd->lock);
}

void wfm_admission_answered(wfm_admission_t *a)
{
    apr_time_t now = apr_time_now();

    apr_thread_mutex_lock(a->crowd->lock);
    a->answered = now;
    apr_thread_mutex_unlock(a->crowd->lock);
}

apr_time_t wfm_admission_last_answer(wfm_admission_t *a)
{
    apr_time_t answered;

    apr_thread_mutex_lock(a->crowd->lock);
    answered = a->answered;
    apr_thread_mutex_unlock(a->crowd->lock);
    return answered;
}

apr_status_t wfm_admission_acquire_begin(wfm_admission_t *a, apr_time_t deadline)
{
    apr_status_t rv = APR_SUCCESS;

    apr_thread_mutex_lock(a->crowd->lock);
    while (a->acquiring && rv == APR_SUCCESS)
        rv = wait_until(a, a->turn, deadline);
    if (!a->acquiring) {
        a->acquiring = 1;
        rv = APR_SUCCESS;
    }
    apr_thread_mutex_unlock(a->crowd->lock);
    return rv;
}

void wfm_admission_acquire_end(wfm_admission_t *a)
{
    apr_thread_mutex_lock(a->crowd->lock);
    a->acquiring = 0;
    apr_thread_cond_signal(a->turn);
    apr_thread_mutex_unlock(a->crowd->lock);
}
