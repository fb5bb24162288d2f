/*
 * test_admission.c - places are never given out twice, never lost, and exports leave room.
 *
 * Deadlines are either past (no waiting at all) or a minute away (never reached), so that nothing
 * here depends on how fast the machine is.
 */
#include "db/admission.h"
#include "unit.h"
#include <apr_atomic.h>
#include <apr_thread_proc.h>

#define THREADS 8
#define ROUNDS  500

static apr_time_t past(void)
{
    return apr_time_now() - 1;
}

static apr_time_t far(void)
{
    return apr_time_now() + apr_time_from_sec(60);
}

static wfm_admission_t *admission(int max, int max_exports)
{
    wfm_admission_t *a = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_admission_create(&a, unit_pool(), max, max_exports), APR_SUCCESS);
    return a;
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

static void test_exports_leave_room(void)
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

static void test_the_last_answer_is_remembered(void)
{
    wfm_admission_t *a = admission(1, 1);
    apr_time_t before = apr_time_now();

    expect_int(wfm_admission_last_answer(a), 0);
    wfm_admission_answered(a);
    CU_ASSERT(wfm_admission_last_answer(a) >= before);
}

/** What the threads of a crowd share. */
typedef struct crowd_t {
    wfm_admission_t *a;
    apr_uint32_t max;
    volatile apr_uint32_t in, acquiring; /* who is there now */
    volatile apr_uint32_t refused, too_many;
} crowd_t;

static void *APR_THREAD_FUNC visit_often(apr_thread_t *thread, void *data)
{
    crowd_t *c = data;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        if (wfm_admission_enter(c->a, WFM_ADMIT_SMALL, far()) != APR_SUCCESS) {
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
        wfm_admission_leave(c->a, WFM_ADMIT_SMALL);
    }
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void test_a_crowd(void)
{
    crowd_t c = {.a = admission(3, 1), .max = 3};
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
    for (i = 0; i < 3; i++)
        expect_int(wfm_admission_enter(c.a, WFM_ADMIT_SMALL, past()), APR_SUCCESS);
    expect_int(wfm_admission_enter(c.a, WFM_ADMIT_SMALL, past()), APR_TIMEUP);
}

CU_TestInfo admission_tests[] = {
    {"places are counted", test_places_are_counted},
    {"exports leave room", test_exports_leave_room},
    {"an export that timed out gives its share back",
     test_an_export_that_timed_out_gives_its_share_back},
    {"one acquires at a time", test_one_acquires_at_a_time},
    {"a probe takes what nobody wants", test_a_probe_takes_what_nobody_wants},
    {"the last answer is remembered", test_the_last_answer_is_remembered},
    {"a crowd", test_a_crowd},
    CU_TEST_INFO_NULL,
};
