/*
 * test_admission.c - places are never given out twice, never lost, and exports leave some.
 *
 * Deadlines are either past (no waiting at all) or a minute away (never reached), so that nothing
 * here depends on how fast the machine is.
 */
#include "core/clock.h"
#include "gate/admission.h"
#include "unit.h"
#include <apr_atomic.h>
#include <apr_thread_proc.h>

#define THREADS 8
#define ROUNDS  500

static apr_time_t past(void)
{
    return wfm_clock_now() - 1;
}

static apr_time_t far(void)
{
    return wfm_clock_now() + apr_time_from_sec(60);
}

static wfm_threads_t *threads(int n, int pools)
{
    wfm_threads_t *c = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_threads_create(&c, unit_pool(), n, pools), APR_SUCCESS);
    return c;
}

static wfm_admission_t *admission_in(wfm_threads_t *c, int max, int max_exports)
{
    wfm_admission_t *a = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_admission_create(&a, unit_pool(), c, max, max_exports, 2),
                          APR_SUCCESS);
    return a;
}

/* With threads for everybody. */
static wfm_admission_t *admission(int max, int max_exports)
{
    return admission_in(threads(100, 1), max, max_exports);
}

static void test_places_are_counted(void)
{
    wfm_admission_t *a = admission(2, 1);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS); /* free: no wait */
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_TIMEUP);
    wfm_admission_leave(a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_TIMEUP);
}

static void test_exports_leave_places(void)
{
    wfm_admission_t *a = admission(3, 1);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, far()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, far()), APR_EBUSY); /* told at once */
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    wfm_admission_leave(a, WFM_ADMIT_EXPORT);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_SUCCESS);
}

static void test_an_export_that_timed_out_gives_its_share_back(void)
{
    wfm_admission_t *a = admission(1, 1);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_TIMEUP);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_TIMEUP); /* not EBUSY */
    wfm_admission_leave(a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_SUCCESS);
}

static void test_more_exports_than_places_wait(void)
{
    wfm_admission_t *a = admission(1, 2);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_TIMEUP); /* not EBUSY */
    wfm_admission_leave(a, WFM_ADMIT_EXPORT);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_SUCCESS);
}

/* Two of these store results at once. */
static void test_results_leave_places_and_wait(void)
{
    wfm_admission_t *a = admission(4, 1);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_INGEST, far()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_INGEST, far()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_INGEST, past()), APR_EBUSY);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_SUCCESS);
    wfm_admission_leave(a, WFM_ADMIT_INGEST);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_INGEST, past()), APR_SUCCESS);
}

static void test_results_that_find_no_place_give_their_share_back(void)
{
    wfm_admission_t *a = admission(1, 1);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    for (int i = 0; i < 3; i++)
        expect_int(wfm_admission_enter(a, WFM_ADMIT_INGEST, past()), APR_TIMEUP); /* not EBUSY */
    wfm_admission_leave(a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_INGEST, past()), APR_SUCCESS);
}

static void test_one_acquires_at_a_time(void)
{
    wfm_admission_t *a = admission(2, 1);

    expect_int(wfm_admission_acquire_begin(a, past()), APR_SUCCESS);
    expect_int(wfm_admission_acquire_begin(a, past()), APR_TIMEUP);
    wfm_admission_acquire_end(a);
    expect_int(wfm_admission_acquire_begin(a, past()), APR_SUCCESS);
}

static void test_a_probe_takes_what_nobody_wants(void)
{
    wfm_admission_t *a = admission(2, 1);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_PROBE, far()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_PROBE, past()), APR_TIMEUP); /* one at a time */
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_TIMEUP);
    wfm_admission_leave(a, WFM_ADMIT_PROBE);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_PROBE, far()), APR_EBUSY); /* told at once */
    wfm_admission_leave(a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_PROBE, past()), APR_SUCCESS);
}

static void test_maintenance_leaves_places(void)
{
    wfm_admission_t *a = admission(3, 1), *few = admission(2, 1), *crowded;

    expect_int(wfm_admission_enter(a, WFM_ADMIT_MAINTENANCE, far()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_MAINTENANCE, far()), APR_EBUSY); /* told at once */
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    wfm_admission_leave(a, WFM_ADMIT_MAINTENANCE);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_MAINTENANCE, far()), APR_EBUSY);
    wfm_admission_leave(a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_MAINTENANCE, past()), APR_SUCCESS);

    expect_int(wfm_admission_enter(few, WFM_ADMIT_MAINTENANCE, far()), APR_EBUSY);

    crowded = admission_in(threads(1, 1), 4, 1); /* as under prefork */
    for (int i = 0; i < 2; i++) {
        expect_int(wfm_admission_enter(crowded, WFM_ADMIT_MAINTENANCE, far()), APR_SUCCESS);
        expect_int(wfm_admission_enter(crowded, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
        expect_int(wfm_admission_enter(crowded, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
        wfm_admission_leave(crowded, WFM_ADMIT_MAINTENANCE);
        expect_int(wfm_admission_enter(crowded, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
        wfm_admission_leave(crowded, WFM_ADMIT_SMALL);
    }
}

static void test_the_last_answer_is_remembered(void)
{
    wfm_admission_t *a = admission(1, 1);
    apr_time_t before = wfm_clock_now();

    expect_int(wfm_admission_last_answer(a), 0);
    wfm_admission_answered(a);
    CU_ASSERT(wfm_admission_last_answer(a) >= before);
}

/* How many small requests get a place without waiting. */
static int enter_many(wfm_admission_t *a)
{
    int n = 0;

    while (wfm_admission_enter(a, WFM_ADMIT_SMALL, past()) == APR_SUCCESS)
        n++;
    return n;
}

/* All pools together never have more threads than there are, and a pool's own is not another's. */
static void test_threads_are_shared(void)
{
    static const struct {
        int threads, pools, first, second;
    } cases[] = {
        {24, 1, 24, 0}, {24, 2, 18, 6}, {24, 3, 16, 4},
        {4, 2, 3, 1},   {3, 2, 2, 1},   {2, 2, 2, 0}, /* too little for a share of its own */
        {1, 1, 1, 0},   {1, 5, 1, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        wfm_threads_t *c = threads(cases[i].threads, cases[i].pools);
        wfm_admission_t *a = admission_in(c, 100, 1), *b = admission_in(c, 100, 1);

        expect_int(enter_many(a), cases[i].first);
        expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
        if (cases[i].pools == 1)
            continue;
        expect_int(enter_many(b), cases[i].second);
        expect_int(wfm_admission_enter(b, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
        for (int n = 0; n < cases[i].first; n++)
            wfm_admission_leave(a, WFM_ADMIT_SMALL);
        expect_int(enter_many(a), cases[i].first); /* all of it came back */
    }
}

/* Where a thread was waited for in vain, the next is refused at once, however far its deadline. */
static void test_no_thread_is_told_soon(void)
{
    wfm_admission_t *a = admission_in(threads(2, 1), 100, 2);
    apr_time_t start = wfm_clock_now();

    expect_int(enter_many(a), 2);
    for (int i = 0; i < 100; i++)
        expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, far()), APR_ENOSPC);
    CU_ASSERT(wfm_clock_now() - start < apr_time_from_sec(30)); /* the deadline is a minute away */
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, far()), APR_ENOSPC);
    wfm_admission_leave(a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_SUCCESS);
    wfm_admission_leave(a, WFM_ADMIT_EXPORT);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_EXPORT, past()), APR_SUCCESS); /* not EBUSY */
}

/* Who timed out while waiting for a place has no thread. */
static void test_waiting_takes_a_thread(void)
{
    wfm_threads_t *c = threads(2, 2);
    wfm_admission_t *a = admission_in(c, 1, 1), *b = admission_in(c, 1, 1);

    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_TIMEUP);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_TIMEUP);
    expect_int(wfm_admission_enter(b, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(b, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
}

/* A leader has a thread and no place; he may take one whoever else is refused. */
static void test_attending(void)
{
    wfm_admission_t *a = admission_in(threads(2, 1), 1, 1);

    expect_int(wfm_admission_take_thread(a), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()),
               APR_SUCCESS); /* the place is free */
    expect_int(wfm_admission_take_thread(a), APR_ENOSPC);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
    wfm_admission_leave(a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_take_thread(a), APR_SUCCESS); /* both threads are taken */
    expect_int(wfm_admission_enter(a, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_LEADER, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(a, WFM_ADMIT_LEADER, past()), APR_TIMEUP); /* and returns his */
    expect_int(wfm_admission_take_thread(a), APR_SUCCESS);
    wfm_admission_return_thread(a);
    wfm_admission_leave(a, WFM_ADMIT_LEADER);
    expect_int(enter_many(a), 1); /* all of it came back */
    expect_int(wfm_admission_take_thread(a), APR_SUCCESS);
    expect_int(wfm_admission_take_thread(a), APR_ENOSPC);
}

/** Somebody who waits for the only place, and keeps it until he is told to go. */
typedef struct waiter_t {
    wfm_admission_t *a;
    volatile apr_uint32_t may_go;
} waiter_t;

static void *APR_THREAD_FUNC wait_and_stay(apr_thread_t *thread, void *data)
{
    waiter_t *waiter = data;
    apr_status_t rv = wfm_admission_enter(waiter->a, WFM_ADMIT_SMALL, far());

    while (!apr_atomic_read32(&waiter->may_go))
        apr_thread_yield();
    if (rv == APR_SUCCESS)
        wfm_admission_leave(waiter->a, WFM_ADMIT_SMALL);
    apr_thread_exit(thread, rv);
    return NULL;
}

/* Who comes as a place becomes free does not overtake who waits for it. */
static void test_a_place_is_passed_on(void)
{
    waiter_t waiter = {admission_in(threads(2, 1), 1, 1), 0};
    apr_thread_t *thread;
    apr_status_t rv;

    expect_int(wfm_admission_enter(waiter.a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    apr_thread_create(&thread, NULL, wait_and_stay, &waiter, unit_pool());
    while (wfm_admission_enter(waiter.a, WFM_ADMIT_SMALL, past()) != APR_ENOSPC) /* he waits now */
        apr_thread_yield();
    wfm_admission_leave(waiter.a, WFM_ADMIT_SMALL);
    expect_int(wfm_admission_enter(waiter.a, WFM_ADMIT_SMALL, past()), APR_TIMEUP);
    apr_atomic_set32(&waiter.may_go, 1);
    apr_thread_join(&rv, thread);
    expect_int(rv, APR_SUCCESS);
    expect_int(wfm_admission_enter(waiter.a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
}

/* The same with threads: who waits for one gets it, also what another pool leaves of the common
 * one. */
static void pass_room_on(wfm_admission_t *leaves, wfm_admission_t *waits)
{
    waiter_t waiter = {waits, 0};
    apr_thread_t *thread;
    apr_status_t rv;

    expect_int(enter_many(leaves) > 0, 1);
    enter_many(waits);
    apr_thread_create(&thread, NULL, wait_and_stay, &waiter, unit_pool());
    do { /* until he waits */
        apr_thread_yield();
        wfm_admission_leave(leaves, WFM_ADMIT_SMALL);
        rv = wfm_admission_enter(leaves, WFM_ADMIT_SMALL, past());
    } while (rv == APR_SUCCESS);
    expect_int(rv, APR_ENOSPC);
    apr_atomic_set32(&waiter.may_go, 1);
    apr_thread_join(&rv, thread);
    expect_int(rv, APR_SUCCESS);
    expect_int(wfm_admission_enter(leaves, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(waits, WFM_ADMIT_SMALL, past()), APR_ENOSPC);
}

static void test_a_thread_is_passed_on(void)
{
    wfm_threads_t *c = threads(2, 1), *shared = threads(4, 2);
    wfm_admission_t *a = admission_in(c, 5, 1);

    pass_room_on(a, a);
    pass_room_on(admission_in(shared, 5, 1), admission_in(shared, 5, 1));
}

/** What the threads of a rush share. */
typedef struct rush_t {
    wfm_admission_t *a;
    wfm_admission_class_e cls;
    apr_uint32_t max;
    volatile apr_uint32_t in, acquiring; /* who is there now */
    volatile apr_uint32_t refused, too_many;
} rush_t;

static void *APR_THREAD_FUNC visit_often(apr_thread_t *thread, void *data)
{
    rush_t *c = data;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        if (wfm_admission_enter(c->a, c->cls, far()) != APR_SUCCESS) {
            apr_atomic_inc32(&c->refused);
            continue;
        }
        if (apr_atomic_inc32(&c->in) >= c->max)
            apr_atomic_inc32(&c->too_many);
        if (wfm_admission_acquire_begin(c->a, far()) == APR_SUCCESS) {
            if (apr_atomic_inc32(&c->acquiring) >= 1)
                apr_atomic_inc32(&c->too_many);
            apr_thread_yield();
            apr_atomic_dec32(&c->acquiring);
            wfm_admission_acquire_end(c->a);
        } else {
            apr_atomic_inc32(&c->refused);
        }
        apr_atomic_dec32(&c->in);
        wfm_admission_leave(c->a, c->cls);
    }
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

/* More requests than threads, and more threads than places: nobody is refused while places come
 * back. */
static void rush_to(wfm_admission_t *a, wfm_admission_class_e cls, int max)
{
    rush_t c = {.a = a, .cls = cls, .max = (apr_uint32_t)max};
    apr_thread_t *threads[THREADS];
    apr_status_t rv;
    int i;

    for (i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(apr_thread_create(&threads[i], NULL, visit_often, &c, unit_pool()),
                              APR_SUCCESS);
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&rv, threads[i]);
    expect_int(c.refused, 0);
    expect_int(c.too_many, 0);
    /* Every place came back. */
    for (i = 0; i < max; i++)
        expect_int(wfm_admission_enter(c.a, cls, past()), APR_SUCCESS);
    CU_ASSERT_NOT_EQUAL(wfm_admission_enter(c.a, cls, past()), APR_SUCCESS);
}

static void test_a_rush(void)
{
    rush_to(admission(3, 1), WFM_ADMIT_SMALL, 3);
}

static void test_a_rush_for_threads(void)
{
    rush_to(admission_in(threads(3, 1), 5, 1), WFM_ADMIT_SMALL, 3);
}

static void test_a_rush_of_results(void)
{
    rush_to(admission(3, 1), WFM_ADMIT_INGEST, 2);
}

SUITE(admission) = {
    {"places are counted", test_places_are_counted},
    {"exports leave places", test_exports_leave_places},
    {"an export that timed out gives its share back",
     test_an_export_that_timed_out_gives_its_share_back},
    {"more exports than places wait", test_more_exports_than_places_wait},
    {"results leave places, and wait", test_results_leave_places_and_wait},
    {"results that find no place give their share back",
     test_results_that_find_no_place_give_their_share_back},
    {"one acquires at a time", test_one_acquires_at_a_time},
    {"a probe takes what nobody wants", test_a_probe_takes_what_nobody_wants},
    {"maintenance leaves places", test_maintenance_leaves_places},
    {"the last answer is remembered", test_the_last_answer_is_remembered},
    {"threads are shared", test_threads_are_shared},
    {"no thread is told soon", test_no_thread_is_told_soon},
    {"waiting takes a thread", test_waiting_takes_a_thread},
    {"attending", test_attending},
    {"a place is passed on", test_a_place_is_passed_on},
    {"a thread is passed on", test_a_thread_is_passed_on},
    {"a rush", test_a_rush},
    {"a rush for threads", test_a_rush_for_threads},
    {"a rush of results", test_a_rush_of_results},
    CU_TEST_INFO_NULL,
};
