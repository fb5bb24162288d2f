/*
 * hall.h - how many processes of httpd may be at the databases at once, where every child is one
 * thread (prefork).
 *
 * There a database that hangs takes whole processes, and no child knows of the others. So they
 * share places in memory, fewer than there may be processes. A process that dies in its place loses
 * it: those that look for one find it dead.
 *
 * Made by the parent, inherited by its children; one thread a process uses it. Where a child has
 * many threads, admission.h does the same for each child.
 * Times are core/clock.h's.
 */
#ifndef WFM_GATE_HALL_H
#define WFM_GATE_HALL_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_time.h>

typedef struct wfm_hall_t wfm_hall_t;

/** @param places at least 1 */
apr_status_t wfm_hall_create(wfm_hall_t **hall, apr_pool_t *p, int places);

/**
 * Take a place. Whoever has one already has it once more.
 * @return APR_SUCCESS, or APR_ENOSPC: none became free within a moment (or by the deadline)
 */
apr_status_t wfm_hall_enter(wfm_hall_t *hall, apr_time_t deadline);

/** Give it back. */
void wfm_hall_leave(wfm_hall_t *hall);

#endif
