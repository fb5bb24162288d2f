/*
 * hall.c - owns the places in shared memory: each holds the process id of who is in it, or 0.
 *
 * No lock, so that a process that dies can leave none behind.
 */
#include "hall.h"
#include "../core/clock.h"
#include <apr_atomic.h>
#include <apr_shm.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* As in admission.c: a database that works makes room within milliseconds; where the wait was in
 * vain, this process waits no more for a while. */
#define PATIENCE apr_time_from_msec(100)
#define REFUSAL  apr_time_from_sec(1)
#define LOOK     apr_time_from_msec(5) /* there is no way to be woken */

struct wfm_hall_t {
    volatile apr_uint32_t *places; /* shared */
    int n;
    /* this process's own */
    int mine;  /* its place */
    int depth; /* how often it has entered */
    apr_time_t refuse_until;
};

apr_status_t wfm_hall_create(wfm_hall_t **out, apr_pool_t *p, int places)
{
    wfm_hall_t *hall = apr_pcalloc(p, sizeof *hall);
    apr_shm_t *shm;
    apr_status_t rv = apr_shm_create(&shm, (apr_size_t)places * sizeof(apr_uint32_t), NULL, p);

    if (rv != APR_SUCCESS)
        return rv;
    hall->places = apr_shm_baseaddr_get(shm);
    hall->n = places;
    for (int i = 0; i < places; i++)
        hall->places[i] = 0;
    *out = hall;
    return APR_SUCCESS;
}

static int is_dead(apr_uint32_t pid)
{
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* A place that is free, or whose owner is dead. */
static int take_one(wfm_hall_t *hall, int also_dead)
{
    apr_uint32_t me = (apr_uint32_t)getpid();

    for (int i = 0; i < hall->n; i++) {
        apr_uint32_t owner = apr_atomic_read32(&hall->places[i]);

        if (owner != 0 && !(also_dead && is_dead(owner)))
            continue;
        if (apr_atomic_cas32(&hall->places[i], me, owner) == owner) {
            hall->mine = i;
            return 1;
        }
    }
    return 0;
}

static int wait_for_one(wfm_hall_t *hall, apr_time_t deadline)
{
    apr_time_t now = wfm_clock_now();
    int found;

    if (now < hall->refuse_until)
        return 0;
    if (deadline > now + PATIENCE)
        deadline = now + PATIENCE;
    while (!(found = take_one(hall, 1)) && wfm_clock_now() < deadline)
        apr_sleep(LOOK);
    if (!found)
        hall->refuse_until = wfm_clock_now() + REFUSAL;
    return found;
}

apr_status_t wfm_hall_enter(wfm_hall_t *hall, apr_time_t deadline)
{
    if (hall->depth == 0 && !take_one(hall, 0) && !wait_for_one(hall, deadline))
        return APR_ENOSPC;
    hall->depth++;
    return APR_SUCCESS;
}

void wfm_hall_leave(wfm_hall_t *hall)
{
    if (--hall->depth == 0)
        apr_atomic_set32(&hall->places[hall->mine], 0);
}
