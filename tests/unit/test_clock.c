/*
 * test_clock.c - the clock that never jumps, and waiting by it. That it does not is
 * tests/faults/test_clock.c's, where the wall's clock does.
 */
#include "core/clock.h"
#include "unit.h"
#include <apr_thread_proc.h>

static void test_never_back(void)
{
    apr_time_t before = wfm_clock_now();

    CU_ASSERT(before > 0);
    for (int i = 0; i < 1000; i++) {
        apr_time_t now = wfm_clock_now();

        CU_ASSERT(now >= before);
        before = now;
    }
}

typedef struct pair_t {
    wfm_lock_t *lock;
    wfm_cond_t *cond;
    int said;
} pair_t;

static pair_t pair(void)
{
    pair_t p = {0};

    CU_ASSERT_EQUAL_FATAL(wfm_lock_create(&p.lock, unit_pool()), APR_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(wfm_cond_create(&p.cond, unit_pool()), APR_SUCCESS);
    return p;
}

static void test_deadline(void)
{
    pair_t p = pair();
    apr_time_t deadline = wfm_clock_now() + 20000;

    wfm_lock(p.lock);
    expect_int(wfm_cond_wait(p.cond, p.lock, deadline - 60000), APR_TIMEUP);
    while (wfm_cond_wait(p.cond, p.lock, deadline) == APR_SUCCESS)
        ;
    CU_ASSERT(wfm_clock_now() >= deadline);
    wfm_unlock(p.lock);
}

static void *APR_THREAD_FUNC say(apr_thread_t *thread, void *data)
{
    pair_t *p = data;

    (void)thread;
    wfm_lock(p->lock);
    p->said = 1;
    wfm_cond_broadcast(p->cond);
    wfm_unlock(p->lock);
    return NULL;
}

static void test_woken(void)
{
    pair_t p = pair();
    apr_thread_t *thread;
    apr_status_t rv;

    wfm_lock(p.lock);
    CU_ASSERT_EQUAL_FATAL(apr_thread_create(&thread, NULL, say, &p, unit_pool()), APR_SUCCESS);
    while (!p.said)
        CU_ASSERT_EQUAL_FATAL(
            wfm_cond_wait(p.cond, p.lock, wfm_clock_now() + apr_time_from_sec(60)), APR_SUCCESS);
    wfm_unlock(p.lock);
    apr_thread_join(&rv, thread);
}

SUITE(clock) = {
    {"it never goes back", test_never_back},
    {"a deadline", test_deadline},
    {"woken", test_woken},
    CU_TEST_INFO_NULL,
};
