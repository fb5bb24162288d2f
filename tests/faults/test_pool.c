/*
 * test_pool.c - more requests than connections, exports that want all of them, clients that do not
 * read.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "big.h"
#include "fault.h"
#include "suites.h"
#include <string.h>
#include <unistd.h>

/* They wait for each other, and all are served. */
static void test_queue(void)
{
    load_plan_t plan = {.host = HOST_SHORT, .ops = "rrp", .clients = 20, .pause_ms = 1};
    load_tally_t t;
    load_t *load;

    fault_begin("20 clients, 4 connections");
    load = fault_load(&plan);
    fault_hit();
    sleep((unsigned)fault_scale(6, 2));
    fault_lifted();
    fault_end();
    t = load_tally(load, "rp", 0, 0);
    expect(t.refused == 0, "%d of %d requests were refused", t.refused, t.sent);
}

/* The connections are taken for longer than anybody waits: the rest are told so before. */
static void test_bounded_wait(void)
{
    http_request_t rqs[12];
    http_response_t **res;
    double last_busy = 0, first_late = 1000;
    int late = 0, busy = 0;
    PGconn *lock = db_open(DB_A);

    fault_begin("12 requests, 4 connections that hang");
    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_runs");
    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.host = HOST_SHORT, .path = strf("/runs?limit=%d", (int)i + 1)};
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++) {
        late += res[i]->status == 504;
        if (res[i]->status == 504 && res[i]->seconds < first_late)
            first_late = res[i]->seconds;
        if (res[i]->status != 503)
            continue;
        busy++;
        expect_error(res[i], 5030, "the database is busy");
        expect_header(res[i], "Retry-After", "1");
        if (res[i]->seconds > last_busy)
            last_busy = res[i]->seconds;
    }
    expect_int(late, 4);
    expect_int(busy, 8);
    expect(last_busy < first_late, "the last 503 came after %.1f s, the first 504 after %.1f s",
           last_busy, first_late);
    expect_contains(fault_log(), "no connection became free within WfmetricsAcquireTimeout");
    fault_lifted();
    db_close(lock);
    expect_success(http_send(&rqs[0]));
    fault_end();
}

/* Exports whose clients do not read have all that exports may have, and no more. */
static void test_exports(void)
{
    load_plan_t plan = {.host = HOST_SHORT, .ops = "rrp", .clients = 6, .pause_ms = 2};
    http_request_t another = {.host = HOST_SHORT, .path = big_export("")};
    int fds[2];
    load_tally_t t;
    load_t *load;

    fault_begin("exports that nobody reads; small requests beside");
    load = fault_load(&plan);
    for (size_t i = 0; i < countof(fds); i++)
        fds[i] = big_open(HOST_SHORT);
    fault_hit();
    for (int i = 0; i < 3; i++)
        expect_error(http_send(&another), 5030, "too many exports are running");
    expect_contains(fault_log(), "WfmetricsMaxExports reached");
    sleep((unsigned)fault_scale(6, 2));
    for (size_t i = 0; i < countof(fds); i++)
        close(fds[i]);
    fault_lifted();
    fault_end();
    t = load_tally(load, "rp", 0, 0);
    expect(t.refused == 0, "%d of %d small requests were refused", t.refused, t.sent);
    another.path = strf("%.*s?limit=10", (int)strcspn(another.path, "?"), another.path);
    expect_status(http_send(&another), 200);
}

/* Each reads a kilobyte a second: exports, and an answer of some megabytes. */
static void test_slow_readers(void)
{
    int seconds = fault_scale(60, 10), fds[5], before, during;
    load_plan_t plan = {.ops = "rrp", .clients = 4, .pause_ms = 2};
    apr_time_t since;
    load_t *load;

    fault_begin("clients that read at 1 KB/s; small requests beside");
    big_export("");
    load = fault_load(&plan);
    since = apr_time_now();
    sleep((unsigned)seconds / 2);
    before = load_count_ok(load, 'r', since);
    for (size_t i = 0; i < countof(fds); i++)
        fds[i] = big_open(HOST_A);
    fault_hit();
    since = apr_time_now();
    for (int s = 0; s < seconds; s++) {
        sleep(1);
        for (size_t i = 0; i < countof(fds); i++)
            expect(big_read(fds[i], 1024) > 0, "a slow reader's answer ended after %d s", s);
    }
    during = load_count_ok(load, 'r', since);
    for (size_t i = 0; i < countof(fds); i++)
        close(fds[i]);
    fault_lifted();
    fault_end();
    expect(during > before, "%d answers in %d s without, %d in %d s beside slow readers", before,
           seconds / 2, during, seconds);
    fault_note("%d answers a second without them, %d beside them", before / (seconds / 2),
               during / seconds);
    expect_int(load_tally(load, "rp", 0, 0).refused, 0);
}

SUITE(pool) = {
    {"a queue", test_queue},
    {"a bounded wait", test_bounded_wait},
    {"exports leave connections", test_exports},
    {"slow readers", test_slow_readers},
    CU_TEST_INFO_NULL,
};
