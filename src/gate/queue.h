/*
 * queue.h - requests that wait for admission, in the order in which they came. No lock of its own.
 */
#ifndef WFM_GATE_QUEUE_H
#define WFM_GATE_QUEUE_H

#include "../core/clock.h"
#include "admission.h"

/** A request that waits, first for a thread of the bound, then for a place. Whoever leaves moves it
 * on. */
typedef struct wfm_waiter_t {
    wfm_cond_t *turn;
    wfm_admission_t *pool;
    struct wfm_queue_t *queue; /**< that it stands in; NULL: it has its place */
    struct wfm_waiter_t *next; /**< behind it in the queue, or unused too */
} wfm_waiter_t;

typedef struct wfm_queue_t {
    wfm_waiter_t *first, **last;
} wfm_queue_t;

void wfm_queue_init(wfm_queue_t *q);

void wfm_queue_append(wfm_queue_t *q, wfm_waiter_t *w);

/** The first waiter of the pool (NULL: of any), taken out of the queue, or NULL. */
wfm_waiter_t *wfm_queue_take_first(wfm_queue_t *q, const wfm_admission_t *a);

/** Take a waiter out of the queue that it stands in. */
void wfm_queue_leave(wfm_waiter_t *w);

#endif
