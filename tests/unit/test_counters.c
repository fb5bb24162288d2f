/*
 * test_counters.c - what several processes count at once adds up, and survives each of them.
 */
#include "core/counters.h"
#include "unit.h"
#include <apr_thread_proc.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 4
#define ROUNDS    20000

static const wfm_route_t rows[] = {{.method = WFM_GET, .path = "/a"},
                                   {.method = WFM_POST, .path = "/a/:id"}};

static wfm_registry_t *registry_of(int processes, int nroutes)
{
    wfm_registry_t *b = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_registry_open(&b, unit_pool(), processes, unit_pool(), rows, nroutes),
                          APR_SUCCESS);
    return b;
}

static wfm_registry_t *registry(int processes)
{
    return registry_of(processes, 2);
}

static wfm_counters_t *counters(wfm_registry_t *b, const char *name)
{
    wfm_counters_t *c = NULL;

    CU_ASSERT_EQUAL_FATAL(wfm_registry_counters(&c, b, name), APR_SUCCESS);
    return c;
}

static apr_uint32_t in_flight(const wfm_counters_t *c)
{
    return wfm_counters_gauge(c, WFM_GAUGE_IN_FLIGHT);
}

static void begin(const wfm_meter_t *meter)
{
    wfm_meter_gauge(meter, WFM_GAUGE_IN_FLIGHT, 1);
}

static apr_uint64_t errors(const wfm_counters_t *c, wfm_error_kind_e kind)
{
    return wfm_counters_total(c, WFM_TOTAL_ERRORS + kind);
}

/* As in the parent after a graceful restart: the same registry, the same clusters. */
static void test_a_restart_counts_on(void)
{
    wfm_registry_t *b = registry(2);

    CU_ASSERT_PTR_EQUAL(registry(7), b);
    CU_ASSERT_PTR_EQUAL(counters(b, "one"), counters(registry(7), "one"));
    CU_ASSERT_PTR_NOT_EQUAL(counters(b, "one"), counters(b, "two"));
}

/* A module that counts other things finds none of this one's memory. */
static void test_another_table_has_a_registry_of_its_own(void)
{
    wfm_registry_t *b = registry(2);

    CU_ASSERT_PTR_NOT_EQUAL(registry_of(2, 1), b);
    CU_ASSERT_PTR_EQUAL(registry_of(2, 2), b);
    CU_ASSERT_PTR_NOT_EQUAL(counters(registry_of(2, 1), "one"), counters(b, "one"));
}

static void test_a_request_is_counted(void)
{
    wfm_meter_t meter = {counters(registry(1), "one"), 1};
    wfm_answers_t a;

    begin(&meter);
    expect_int(in_flight(meter.counters), 1);
    wfm_meter_gauge(&meter, WFM_GAUGE_IN_FLIGHT, -1);
    wfm_meter_count(&meter, &(wfm_count_t){.status = 200, .rows = 5, .waited = 7});
    wfm_meter_count(&meter,
                    &(wfm_count_t){.status = 504, .failed = 1, .broken = 1, .rows = 2, .took = 20});
    wfm_meter_count(&meter, &(wfm_count_t){.status = 404, .failed = 1, .route = 2, .took = 3});
    expect_int(in_flight(meter.counters), 0);
    expect_int(wfm_counters_answers(meter.counters, 0, &a), 2);
    expect_int(a.by_class[0], 1);
    expect_int(a.by_class[1] + a.by_class[2], 0);
    expect_int(a.by_class[3], 1);
    expect_int(a.took, 20);
    expect_int(wfm_counters_answers(meter.counters, 1, &a), 0);
    expect_int(wfm_counters_answers(meter.counters, 2, &a), 1); /* it had no row */
    expect_int(a.by_class[2], 1);
    expect_int(errors(meter.counters, WFM_KIND_TIMEOUT), 1);
    expect_int(errors(meter.counters, WFM_KIND_NOT_FOUND), 1);
    expect_int(errors(meter.counters, WFM_KIND_INTERNAL), 0);
    expect_int(wfm_counters_total(meter.counters, WFM_TOTAL_BROKEN), 1);
    expect_int(wfm_counters_total(meter.counters, WFM_TOTAL_ROWS), 7);
    expect_int(wfm_counters_total(meter.counters, WFM_TOTAL_WAITS), 1);
    expect_int(wfm_counters_total(meter.counters, WFM_TOTAL_WAITED), 7);
}

static void test_classes(void)
{
    static const struct {
        int status, class;
    } cases[] = {{200, 0}, {201, 0}, {304, 1}, {400, 2}, {499, 2}, {500, 3}, {504, 3}};
    wfm_meter_t meter = {counters(registry(1), "one"), 1};
    wfm_answers_t before, after;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wfm_counters_answers(meter.counters, 0, &before);
        wfm_meter_count(&meter, &(wfm_count_t){.status = cases[i].status});
        wfm_counters_answers(meter.counters, 0, &after);
        for (int c = 0; c < WFM_CLASSES; c++)
            expect_int(after.by_class[c] - before.by_class[c], c == cases[i].class);
    }
}

/* A bucket holds its upper bound; what is beyond all of them has one, too. */
static void test_buckets(void)
{
    wfm_meter_t meter = {counters(registry(1), "one"), 1};
    wfm_answers_t a;

    CU_ASSERT_EQUAL(wfm_bucket_bounds[0], apr_time_from_msec(1));
    CU_ASSERT_EQUAL(wfm_bucket_bounds[WFM_BUCKETS - 2], apr_time_from_sec(60));
    for (int i = 0; i < WFM_BUCKETS - 1; i++) {
        CU_ASSERT(i == 0 || wfm_bucket_bounds[i] > wfm_bucket_bounds[i - 1]);
        wfm_meter_count(&meter, &(wfm_count_t){.status = 200, .took = wfm_bucket_bounds[i]});
        wfm_meter_count(&meter, &(wfm_count_t){.status = 200, .took = wfm_bucket_bounds[i] + 1});
    }
    wfm_meter_count(&meter, &(wfm_count_t){.status = 200, .took = 0});
    wfm_meter_count(&meter, &(wfm_count_t){.status = 200, .took = apr_time_from_sec(86400)});
    expect_int(wfm_counters_answers(meter.counters, 0, &a), 2 * WFM_BUCKETS);
    for (int i = 0; i < WFM_BUCKETS; i++)
        expect_int(a.by_duration[i], 2);
}

static void test_kinds(void)
{
    static const struct {
        int status;
        wfm_error_kind_e kind;
    } cases[] = {
        {400, WFM_KIND_REQUEST},     {405, WFM_KIND_REQUEST},   {413, WFM_KIND_REQUEST},
        {403, WFM_KIND_FORBIDDEN},   {404, WFM_KIND_NOT_FOUND}, {409, WFM_KIND_CONFLICT},
        {499, WFM_KIND_CLIENT_GONE}, {500, WFM_KIND_INTERNAL},  {502, WFM_KIND_INTERNAL},
        {503, WFM_KIND_UNAVAILABLE}, {504, WFM_KIND_TIMEOUT},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_int(wfm_counters_kind(cases[i].status), cases[i].kind);
}

static void test_cells(void)
{
    wfm_registry_t *b = registry(2);
    wfm_meter_t dead = {counters(b, "one"), wfm_registry_enter(b, 101)};
    wfm_meter_t alive = {dead.counters, wfm_registry_enter(b, 102)};

    CU_ASSERT(dead.cell > 0 && alive.cell > 0 && dead.cell != alive.cell);
    expect_int(wfm_registry_enter(b, 103), 0); /* none is left */
    begin(&dead);
    begin(&alive);
    wfm_meter_gauge(&dead, WFM_GAUGE_CONNECTIONS, 1);
    expect_int(in_flight(dead.counters), 2);
    expect_int(wfm_counters_processes(dead.counters), 2);
    wfm_registry_leave(b, 999); /* not one of ours */
    expect_int(in_flight(dead.counters), 2);
    wfm_registry_leave(b, 101);
    expect_int(in_flight(dead.counters), 1);
    expect_int(wfm_counters_gauge(dead.counters, WFM_GAUGE_CONNECTIONS), 0);
    expect_int(wfm_counters_processes(dead.counters), 1);
    expect_int(wfm_registry_enter(b, 104), dead.cell);
}

static void count_often(wfm_registry_t *b, wfm_counters_t *c)
{
    wfm_meter_t meter = {c, wfm_registry_enter(b, (apr_uint32_t)getpid())};

    for (int i = 0; i < ROUNDS; i++) {
        begin(&meter);
        wfm_meter_count(&meter,
                        &(wfm_count_t){.status = 503, .failed = 1, .route = i % 2, .rows = 3});
        wfm_meter_gauge(&meter, WFM_GAUGE_IN_FLIGHT, -1);
    }
    begin(&meter); /* and dies in the middle of a request */
    _exit(0);
}

static void test_processes(void)
{
    wfm_registry_t *b = registry(PROCESSES);
    wfm_counters_t *c = counters(b, "one");
    pid_t pids[PROCESSES];
    wfm_answers_t a;

    for (int i = 0; i < PROCESSES; i++)
        if ((pids[i] = fork()) == 0)
            count_often(b, c);
    for (int i = 0; i < PROCESSES; i++)
        expect_int(waitpid(pids[i], NULL, 0), pids[i]);
    for (int route = 0; route < 2; route++) {
        expect_int(wfm_counters_answers(c, route, &a), PROCESSES * ROUNDS / 2);
        expect_int(a.by_class[3], PROCESSES * ROUNDS / 2);
        expect_int(a.by_duration[0], PROCESSES * ROUNDS / 2);
    }
    expect_int(errors(c, WFM_KIND_UNAVAILABLE), PROCESSES * ROUNDS);
    expect_int(wfm_counters_total(c, WFM_TOTAL_ROWS), 3 * PROCESSES * ROUNDS);
    expect_int(in_flight(c), PROCESSES);
    for (int i = 0; i < PROCESSES; i++)
        wfm_registry_leave(b, (apr_uint32_t)pids[i]);
    expect_int(in_flight(c), 0);
}

/* As several threads of a child do, while another one reads. */
static void *APR_THREAD_FUNC count_in_a_thread(apr_thread_t *thread, void *data)
{
    for (int i = 0; i < 500; i++) {
        begin(data);
        wfm_meter_count(data, &(wfm_count_t){.status = 200, .took = i, .waited = 1});
        wfm_meter_gauge(data, WFM_GAUGE_IN_FLIGHT, -1);
    }
    (void)thread; /* which ends by returning: apr_thread_exit leaves the stack to the sanitizer */
    return NULL;
}

static void test_threads(void)
{
    wfm_meter_t meter = {counters(registry(1), "one"), 1};
    apr_thread_t *threads[3];
    apr_status_t rv;
    wfm_answers_t a;

    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL_FATAL(
            apr_thread_create(&threads[i], NULL, count_in_a_thread, &meter, unit_pool()),
            APR_SUCCESS);
    for (int i = 0; i < 100; i++)
        CU_ASSERT(wfm_counters_answers(meter.counters, 0, &a) <= 1500);
    for (int i = 0; i < 3; i++)
        apr_thread_join(&rv, threads[i]);
    expect_int(wfm_counters_answers(meter.counters, 0, &a), 1500);
    expect_int(a.took, 3 * 499 * 500 / 2);
    expect_int(wfm_counters_total(meter.counters, WFM_TOTAL_WAITED), 1500);
    expect_int(in_flight(meter.counters), 0);
}

/* Whoever notices first is told that nobody has; a start begins anew. */
static void test_notices(void)
{
    wfm_registry_t *b = registry(2);
    wfm_counters_t *c = counters(b, "a");

    expect_int(wfm_counters_noticed(c, WFM_NOTICE_SUMMARIES), 0);
    expect_int(wfm_counters_notice(c, WFM_NOTICE_SUMMARIES, 3), 0);
    expect_int(wfm_counters_notice(c, WFM_NOTICE_SUMMARIES, 5), 3);
    expect_int(wfm_counters_noticed(c, WFM_NOTICE_SUMMARIES), 5);
    expect_int(wfm_counters_noticed(c, WFM_NOTICE_CONNECTIONS), 0);
    CU_ASSERT_PTR_EQUAL(counters(b, "a"), c);
    expect_int(wfm_counters_noticed(c, WFM_NOTICE_SUMMARIES), 0);
}

SUITE(counters) = {
    {"what was told", test_notices},
    {"a restart counts on", test_a_restart_counts_on},
    {"another table has a registry of its own", test_another_table_has_a_registry_of_its_own},
    {"a request is counted", test_a_request_is_counted},
    {"classes of statuses", test_classes},
    {"buckets of durations", test_buckets},
    {"kinds of errors", test_kinds},
    {"a dead process has nothing in flight", test_cells},
    {"several processes at once", test_processes},
    {"several threads at once", test_threads},
    CU_TEST_INFO_NULL,
};
