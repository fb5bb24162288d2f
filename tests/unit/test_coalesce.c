/*
 * test_coalesce.c - who asks, who waits for whom, and that no answer is older than its question.
 *
 * The longest wait is either nothing or a minute, so that nothing here depends on how fast the
 * machine is. Whether a thread waits is seen by the bound of threads, of which it takes one.
 */
#include "core/clock.h"
#include "gate/coalesce.h"
#include "unit.h"
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#define THREADS 8
#define ROUNDS  300

static wfm_admission_t *threads(int n)
{
    wfm_admission_t *a = NULL;
    wfm_threads_t *c = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_threads_create(&c, unit_pool(), n, 1), APR_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(wfm_admission_create(&a, unit_pool(), c, n, 1, 1), APR_SUCCESS);
    return a;
}

static wfm_coalescer_t *coalescer(wfm_admission_t *a, int seconds)
{
    wfm_coalescer_t *c = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_coalescer_create(&c, unit_pool(), a, apr_time_from_sec(seconds)),
                          APR_SUCCESS);
    return c;
}

/* Of a thread's own pool. */
static wfm_question_t question(const char *key)
{
    wfm_question_t q = {.key = key, .len = strlen(key)};

    apr_pool_create(&q.pool, unit_pool());
    return q;
}

static void *copy(void *answer, apr_pool_t *follower)
{
    return apr_pstrdup(follower, answer);
}

static void test_one_after_another(void)
{
    wfm_coalescer_t *c = coalescer(threads(9), 60);
    wfm_question_t q = question("a"), other = question("b");

    for (int i = 0; i < 3; i++) {
        expect_int(wfm_coalesce_join(c, &q), WFM_COALESCE_LEAD);
        expect_int(wfm_coalesce_join(c, &other), WFM_COALESCE_LEAD);
        wfm_coalesce_answer(c, &other, i ? "x" : NULL, copy);
        wfm_coalesce_answer(c, &q, "x", copy);
    }
}

/* Who is the first to wait does not wait longer than he may. */
static void test_longest_wait(void)
{
    wfm_coalescer_t *c = coalescer(threads(9), 0);
    wfm_question_t q[3] = {question("a"), question("a"), question("a")};

    for (int i = 0; i < 3; i++)
        expect_int(wfm_coalesce_join(c, &q[i]), WFM_COALESCE_LEAD);
    for (int i = 0; i < 3; i++)
        wfm_coalesce_answer(c, &q[i], "x", copy);
    expect_int(wfm_coalesce_join(c, &q[0]), WFM_COALESCE_LEAD);
}

/* Who leads is at the database; one who waited has a thread, whoever else wants it. */
static void visit(wfm_admission_t *a, const wfm_question_t *q)
{
    if (q->has_thread &&
        wfm_admission_enter(a, WFM_ADMIT_LEADER, wfm_clock_now() + apr_time_from_sec(60)) ==
            APR_SUCCESS)
        wfm_admission_leave(a, WFM_ADMIT_LEADER);
}

/** A thread with a question. */
typedef struct asker_t {
    wfm_coalescer_t *c;
    wfm_admission_t *a;
    wfm_question_t q;
    const char *answer; /* that he gives when he leads; NULL: none */
    wfm_coalesce_e role;
    apr_thread_t *thread;
} asker_t;

static void *APR_THREAD_FUNC ask(apr_thread_t *thread, void *data)
{
    asker_t *asker = data;

    do /* again where the test, which looks whether there is a thread, was in the way */
        asker->role = wfm_coalesce_join(asker->c, &asker->q);
    while (asker->role == WFM_COALESCE_ALONE && !asker->q.answered);
    if (asker->role == WFM_COALESCE_LEAD) {
        visit(asker->a, &asker->q);
        wfm_coalesce_answer(asker->c, &asker->q, (void *)asker->answer, copy);
    }
    (void)thread; /* which ends by returning: apr_thread_exit leaves the stack to the sanitizer */
    return NULL;
}

static void start(asker_t *asker, wfm_coalescer_t *c, wfm_admission_t *a, const char *key,
                  const char *answer)
{
    *asker = (asker_t){.c = c, .a = a, .q = question(key), .answer = answer};
    CU_ASSERT_EQUAL_FATAL(apr_thread_create(&asker->thread, NULL, ask, asker, unit_pool()),
                          APR_SUCCESS);
}

static void join(asker_t *asker)
{
    apr_status_t rv;

    apr_thread_join(&rv, asker->thread);
}

/* Until all threads are taken: so many wait. */
static void wait_until_full(wfm_admission_t *a)
{
    while (wfm_admission_take_thread(a) == APR_SUCCESS) {
        wfm_admission_return_thread(a);
        apr_thread_yield();
    }
}

static void expect_empty(wfm_admission_t *a, int n)
{
    for (int i = 0; i < n; i++)
        expect_int(wfm_admission_take_thread(a), APR_SUCCESS);
    for (int i = 0; i < n; i++)
        wfm_admission_return_thread(a);
}

/* One is at the database, three wait: one of them asks, the others have his answer. */
static void three_wait(const char *answer)
{
    wfm_admission_t *a = threads(3);
    wfm_coalescer_t *c = coalescer(a, 60);
    wfm_question_t first = question("a"), late = question("a");
    int leaders = 0, answered = 0, alone = 0;
    asker_t askers[3];

    expect_int(wfm_coalesce_join(c, &first), WFM_COALESCE_LEAD);
    for (int i = 0; i < 3; i++)
        start(&askers[i], c, a, "a", answer);
    wait_until_full(a);
    expect_int(wfm_coalesce_join(c, &late),
               WFM_COALESCE_ALONE); /* there is no thread to wait with */
    wfm_coalesce_answer(c, &first, "of the first", copy);
    for (int i = 0; i < 3; i++) {
        join(&askers[i]);
        leaders += askers[i].role == WFM_COALESCE_LEAD;
        alone += askers[i].role == WFM_COALESCE_ALONE;
        answered += askers[i].role == WFM_COALESCE_ANSWERED;
        if (askers[i].role == WFM_COALESCE_ANSWERED)
            expect_str(askers[i].q.answer, answer);
    }
    expect_int(leaders, answer ? 1 : 3); /* without an answer, another one asks */
    expect_int(answered, answer ? 2 : 0);
    expect_int(alone, 0);
    expect_empty(a, 3);
    expect_int(wfm_coalesce_join(c, &first), WFM_COALESCE_LEAD);
}

static void test_one_asks_for_all(void)
{
    three_wait("of the second");
}

static void test_no_answer(void)
{
    three_wait(NULL);
}

/* Questions of the same hash ("Ab" and "BA" are) are not the same. */
static void test_same_hash(void)
{
    wfm_admission_t *a = threads(1);
    wfm_coalescer_t *c = coalescer(a, 60);
    wfm_question_t first = question("Ab"), other = question("BA");
    asker_t asker;

    expect_int(wfm_coalesce_join(c, &first), WFM_COALESCE_LEAD);
    start(&asker, c, a, "Ab", "x");
    wait_until_full(a);
    expect_int(wfm_coalesce_join(c, &other), WFM_COALESCE_ALONE);
    wfm_coalesce_answer(c, &first, "x", copy);
    join(&asker);
    expect_int(asker.role, WFM_COALESCE_LEAD);
}

static int yes(void *ctx)
{
    (void)ctx;
    return 1;
}

/* A client that has left is waited for by nobody, and waits for nobody. */
static void test_gone(void)
{
    wfm_admission_t *a = threads(2);
    wfm_coalescer_t *c = coalescer(a, 60);
    wfm_question_t first = question("a");
    asker_t leads, leaves;

    expect_int(wfm_coalesce_join(c, &first), WFM_COALESCE_LEAD);
    start(&leads, c, a, "a", "x");
    while (!wfm_admission_take_thread(a) && !wfm_admission_take_thread(a)) { /* until he waits */
        wfm_admission_return_thread(a);
        wfm_admission_return_thread(a);
        apr_thread_yield();
    }
    wfm_admission_return_thread(a);
    leaves = (asker_t){.c = c, .q = question("a")};
    leaves.q.is_gone = yes;
    expect_int(wfm_coalesce_join(c, &leaves.q), WFM_COALESCE_GONE);
    wfm_coalesce_answer(c, &first, "x", copy);
    join(&leads);
    expect_int(leads.role, WFM_COALESCE_LEAD);
    expect_empty(a, 2);
}

/** What the threads of a rush share. */
typedef struct rush_t {
    wfm_coalescer_t *c;
    wfm_admission_t *a;
    volatile apr_uint32_t version, stale;
} rush_t;

typedef struct runner_t {
    rush_t *rush;
    apr_pool_t *pool;
    apr_thread_t *thread;
} runner_t;

static void *copy_version(void *answer, apr_pool_t *follower)
{
    return apr_pmemdup(follower, answer, sizeof(apr_uint32_t));
}

/* Change what is asked for, then ask: the answer must not be older than one's own change. */
static void *APR_THREAD_FUNC change_and_ask(apr_thread_t *thread, void *data)
{
    runner_t *self = data;
    rush_t *rush = self->rush;

    for (int i = 0; i < ROUNDS; i++) {
        wfm_question_t q = {.pool = self->pool, .key = "version", .len = 7};
        apr_uint32_t mine = apr_atomic_inc32(&rush->version) + 1, seen = 0;
        wfm_coalesce_e role = wfm_coalesce_join(rush->c, &q);

        if (role == WFM_COALESCE_ANSWERED) {
            seen = *(apr_uint32_t *)q.answer;
        } else {
            seen = apr_atomic_read32(&rush->version);
            visit(rush->a, &q);
        }
        if (role == WFM_COALESCE_LEAD)
            wfm_coalesce_answer(rush->c, &q, i % 7 ? &seen : NULL, copy_version);
        if (seen < mine)
            apr_atomic_inc32(&rush->stale);
    }
    (void)thread; /* which ends by returning: apr_thread_exit leaves the stack to the sanitizer */
    return NULL;
}

static void rush(int seconds, int n)
{
    wfm_admission_t *a = threads(n);
    rush_t all = {.c = coalescer(a, seconds), .a = a};
    runner_t runners[THREADS];

    for (int i = 0; i < THREADS; i++) {
        runners[i] = (runner_t){.rush = &all};
        apr_pool_create(&runners[i].pool, unit_pool());
    }
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(
            apr_thread_create(&runners[i].thread, NULL, change_and_ask, &runners[i], unit_pool()),
            APR_SUCCESS);
    for (int i = 0; i < THREADS; i++) {
        apr_status_t rv;

        apr_thread_join(&rv, runners[i].thread);
    }
    expect_int(all.stale, 0);
    expect_int(all.version, THREADS * ROUNDS);
    expect_empty(a, n);
}

static void test_a_rush(void)
{
    rush(60, 100);
    rush(0, 100);
    rush(60, 3);
}

SUITE(coalesce) = {
    {"one after another", test_one_after_another},
    {"the longest wait", test_longest_wait},
    {"one asks for all", test_one_asks_for_all},
    {"no answer", test_no_answer},
    {"the same hash", test_same_hash},
    {"a client that has left", test_gone},
    {"a rush", test_a_rush},
    CU_TEST_INFO_NULL,
};
