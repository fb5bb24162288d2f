/*
 * slots.h - how many processes of httpd may be at the databases at once, where every child is one
 * thread (prefork).
 *
 * There a database that hangs takes whole processes, and no child knows of the others. So they
 * share slots in memory, fewer than there may be processes. A process that dies in its slot loses
 * it: those that look for one find it dead.
 *
 * Made by the parent, inherited by its children; one thread a process uses it. Where a child has
 * many threads, admission.h does the same for each child.
 * Times are core/clock.h's.
 */
#ifndef WFM_GATE_SLOTS_H
#define WFM_GATE_SLOTS_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_time.h>

typedef struct wfm_slots_t wfm_slots_t;

/** @param n at least 1 */
apr_status_t wfm_slots_create(wfm_slots_t **slots, apr_pool_t *p, int n);

/**
 * Take a slot. Whoever has one already has it once more.
 * @return APR_SUCCESS, or APR_ENOSPC: none became free within a moment (or by the deadline)
 */
apr_status_t wfm_slots_take(wfm_slots_t *slots, apr_time_t deadline);

/** Give it back. */
void wfm_slots_return(wfm_slots_t *slots);

#endif
