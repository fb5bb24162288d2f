/*
 * test_httpd.c - httpd under each of its MPMs: graceful restarts under load, and a long run.
 * Neither fails a request, and neither leaves anything behind.
 */
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "fault.h"
#include "process.h"
#include "suites.h"
#include <string.h>
#include <unistd.h>

static void restart_gracefully(void)
{
    apr_off_t mark = fixture_log_mark();

    expect(fixture_servers("httpd-graceful", "") == 0, "httpd did not restart");
    for (int i = 0; i < 400 && !strstr(fixture_log_since(mark), "resuming normal"); i++)
        usleep(50000);
    expect_contains(fixture_log_since(mark), "resuming normal operations");
}

/* No growth: what a restart takes for good, it takes at each. The bounds are less than a megabyte
 * and less than one descriptor for each restart. */
static void expect_no_growth(process_use_t before, process_use_t after, const char *what, int times)
{
    expect(after.rss_kb - before.rss_kb < times * 256 + 2048, "%s grew from %ld to %ld kB", what,
           before.rss_kb, after.rss_kb);
    expect(after.fds - before.fds < times, "%s had %d descriptors, then %d", what, before.fds,
           after.fds);
}

static void graceful_under(const char *mpm)
{
    load_plan_t plan = {.ops = "rpsxfr", .clients = 4, .pause_ms = 5};
    int restarts = fault_scale(20, 5);
    process_use_t parent, children, parent_after, children_after;
    load_t *load;

    expect_int(fixture_restart_httpd(mpm), 0);
    fault_begin(strf("%d graceful restarts under load (%s)", restarts, mpm));
    load = fault_load(&plan);
    restart_gracefully(); /* the first ones allocate what all of them use */
    restart_gracefully();
    process_settle();
    children = process_children();
    parent = process_parent();
    fault_hit();
    for (int i = 0; i < restarts; i++) {
        restart_gracefully();
        usleep(200000);
    }
    fault_lifted();
    process_settle();
    children_after = process_children();
    parent_after = process_parent();
    fault_end();
    expect_int(load_tally(load, plan.ops, 0, 0).refused, 0);
    expect_no_growth(parent, parent_after, "the parent", restarts);
    expect(children_after.connections <= 10 * children_after.processes,
           "%d database connections of %d children", children_after.connections,
           children_after.processes);
    expect_int(children_after.processes, children.processes);
    fault_note("parent %ld -> %ld kB, %d -> %d descriptors; database connections %d -> %d",
               parent.rss_kb, parent_after.rss_kb, parent.fds, parent_after.fds,
               children.connections, children_after.connections);
}

/* Until so many requests are answered, or the time for them is over: what a slow machine has done
 * by then must do. */
static void soak_until(load_t *load, int requests, apr_time_t deadline)
{
    while (load_count_all_ok(load) < requests && apr_time_now() < deadline)
        usleep(100000);
}

static void soak_under(const char *mpm, int requests, int most_seconds)
{
    load_plan_t plan = {.ops = "rfrbrfxrrp", .clients = 6, .keepalive = 1};
    process_use_t first = {0}, now = {0};
    apr_time_t start;
    long most = 0;
    load_t *load;

    expect_int(fixture_restart_httpd(mpm), 0);
    fault_begin(strf("%d mixed requests (%s)", requests, mpm));
    load = fault_load(&plan);
    start = apr_time_now();
    for (int tenth = 1; tenth <= 10; tenth++) {
        soak_until(load, requests / 10 * tenth,
                   start + apr_time_from_sec(most_seconds) / 10 * tenth);
        now = process_children();
        if (tenth == 1)
            first = now;
        if (now.rss_kb > most)
            most = now.rss_kb;
    }
    fault_lifted();
    fault_end();
    /* malloc has up to eight arenas a processor, each of which keeps what it has needed once; not
     * all have been used after a tenth. */
    expect(most < first.rss_kb + first.rss_kb / 8 + 12 * 1024,
           "resident: %ld kB after a tenth, then %ld", first.rss_kb, most);
    expect(now.fds < first.fds + 16, "%d descriptors after a tenth, then %d", first.fds, now.fds);
    fault_note("resident %ld kB after a tenth, at most %ld kB from then on; %d processes%s",
               first.rss_kb, most, now.processes,
               load_count_all_ok(load) < requests ? "; ended by the clock" : "");
}

static void test_graceful_worker(void)
{
    graceful_under("worker");
}

static void test_graceful_prefork(void)
{
    graceful_under("prefork");
}

static void test_graceful_event(void)
{
    graceful_under("event");
}

static void test_soak_worker(void)
{
    soak_under("worker", fault_scale(30000, 5000), 45);
}

static void test_soak_prefork(void)
{
    soak_under("prefork", fault_scale(30000, 5000), 45);
}

static void test_soak_event(void)
{
    soak_under("event", fault_scale(500000, 20000), fault_scale(330, 60));
}

/* event comes last: it is what the other suites run under. */
SUITE(httpd) = {
    {"graceful restarts: worker", test_graceful_worker},
    {"a long run: worker", test_soak_worker},
    {"graceful restarts: prefork", test_graceful_prefork},
    {"a long run: prefork", test_soak_prefork},
    {"graceful restarts: event", test_graceful_event},
    {"a long run: event", test_soak_event},
    CU_TEST_INFO_NULL,
};
