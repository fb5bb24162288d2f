/*
 * queue.c - owns the order of those who wait.
 */
#include "queue.h"

void wfm_queue_init(wfm_queue_t *q)
{
    q->first = NULL;
    q->last = &q->first;
}

void wfm_queue_append(wfm_queue_t *q, wfm_waiter_t *w)
{
    w->queue = q;
    w->next = NULL;
    *q->last = w;
    q->last = &w->next;
}

static wfm_waiter_t *take_out(wfm_queue_t *q, wfm_waiter_t **at)
{
    wfm_waiter_t *w = *at;

    *at = w->next;
    if (q->last == &w->next)
        q->last = at;
    w->queue = NULL;
    return w;
}

wfm_waiter_t *wfm_queue_take_first(wfm_queue_t *q, const wfm_admission_t *a)
{
    wfm_waiter_t **at = &q->first;

    while (*at && a && (*at)->pool != a)
        at = &(*at)->next;
    return *at ? take_out(q, at) : NULL;
}

void wfm_queue_leave(wfm_waiter_t *w)
{
    wfm_waiter_t **at = &w->queue->first;

    while (*at != w)
        at = &(*at)->next;
    take_out(w->queue, at);
}
