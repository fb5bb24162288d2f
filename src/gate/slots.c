/*
 * slots.c - owns the slots in shared memory: each holds the process id of who is in it, or 0.
 *
 * No lock, so that a process that dies can leave none behind.
 */
#include "slots.h"
#include "../core/clock.h"
#include <apr_atomic.h>
#include <apr_shm.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* As in places.c: a database that works frees one within milliseconds; where the wait was in
 * vain, this process waits no more for a while. */
#define SHORT_WAIT apr_time_from_msec(100)
#define REFUSAL    apr_time_from_sec(1)
#define LOOK       apr_time_from_msec(5) /* there is no way to be woken */

struct wfm_slots_t {
    volatile apr_uint32_t *owners; /* shared */
    int n;
    /* this process's own */
    int mine;  /* its slot */
    int depth; /* how often it has taken it */
    apr_time_t refuse_until;
};

apr_status_t wfm_slots_create(wfm_slots_t **out, apr_pool_t *p, int n)
{
    wfm_slots_t *slots = apr_pcalloc(p, sizeof *slots);
    apr_shm_t *shm;
    apr_status_t rv = apr_shm_create(&shm, (apr_size_t)n * sizeof(apr_uint32_t), NULL, p);

    if (rv != APR_SUCCESS)
        return rv;
    slots->owners = apr_shm_baseaddr_get(shm);
    slots->n = n;
    for (int i = 0; i < n; i++)
        slots->owners[i] = 0;
    *out = slots;
    return APR_SUCCESS;
}

static int is_dead(apr_uint32_t pid)
{
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* A slot that is free, or whose owner is dead. */
static int take_one(wfm_slots_t *slots, int also_dead)
{
    apr_uint32_t me = (apr_uint32_t)getpid();

    for (int i = 0; i < slots->n; i++) {
        apr_uint32_t owner = apr_atomic_read32(&slots->owners[i]);

        if (owner != 0 && !(also_dead && is_dead(owner)))
            continue;
        if (apr_atomic_cas32(&slots->owners[i], me, owner) == owner) {
            slots->mine = i;
            return 1;
        }
    }
    return 0;
}

static int wait_for_one(wfm_slots_t *slots, apr_time_t deadline)
{
    apr_time_t now = wfm_clock_now();
    int found;

    if (now < slots->refuse_until)
        return 0;
    if (deadline > now + SHORT_WAIT)
        deadline = now + SHORT_WAIT;
    while (!(found = take_one(slots, 1)) && wfm_clock_now() < deadline)
        apr_sleep(LOOK);
    if (!found)
        slots->refuse_until = wfm_clock_now() + REFUSAL;
    return found;
}

apr_status_t wfm_slots_take(wfm_slots_t *slots, apr_time_t deadline)
{
    if (slots->depth == 0 && !take_one(slots, 0) && !wait_for_one(slots, deadline))
        return APR_ENOSPC;
    slots->depth++;
    return APR_SUCCESS;
}

void wfm_slots_return(wfm_slots_t *slots)
{
    if (--slots->depth == 0)
        apr_atomic_set32(&slots->owners[slots->mine], 0);
}
