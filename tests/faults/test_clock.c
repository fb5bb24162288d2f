/*
 * test_clock.c - the wall's clock jumps by an hour (libfaketime, in httpd alone) while requests
 * wait: none gives up early, and none waits until that hour has passed again.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "fault.h"
#include "suites.h"
#include <apr_date.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As faketime's manual has it: "+1h". */
static void set_clock(const char *offset)
{
    FILE *f = fopen(strf("%s/faketime", fixture_dir()), "w");

    expect(f && fputs(offset, f) >= 0 && fclose(f) == 0, "the clock could not be set");
}

/* How far httpd's clock is from this process's, in seconds. */
static int offset_of_httpd(void)
{
    const char *date = http_header(http_json("OPTIONS", "/runs", NULL), "Date");

    return date ? (int)((apr_date_parse_http(date) - apr_time_now()) / APR_USEC_PER_SEC) : 0;
}

static void restart(const char *environment)
{
    setenv("WFM_HTTPD_ENV", environment, 1);
    expect_int(fixture_restart_httpd("event"), 0);
}

static void fake_clock(void)
{
    const char *library;

    expect_int(fixture_shell("ls /usr/lib/*/faketime/libfaketimeMT.so.1", &library), 0);
    set_clock("+0");
    restart(strf("LD_PRELOAD=%.*s FAKETIME_TIMESTAMP_FILE=%s/faketime FAKETIME_NO_CACHE=1"
                 " FAKETIME_DONT_FAKE_MONOTONIC=1",
                 (int)strcspn(library, "\n"), library, fixture_dir()));
}

static int waiting(const char *application)
{
    return (int)db_int(DB_A,
                       "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                       " AND application_name = $1",
                       1, application);
}

/* More requests than connections, which wait for a lock; no two are the same question. */
static void ask(const char *host, const char *application, int *fds, int n, int connections)
{
    for (int i = 0; i < n; i++) {
        const char *request = strf("GET " API_BASE "/runs?limit=%d HTTP/1.1\r\nHost: %s\r\n"
                                   "Connection: close\r\n\r\n",
                                   i + 1, host);

        fds[i] = http_raw_open(request, strlen(request));
    }
    for (int i = 0; i < 200 && waiting(application) < connections; i++)
        usleep(50000);
    expect_int(waiting(application), connections);
    usleep(300000); /* the others wait for a connection by now */
}

static int count_status(int *fds, int n, const char *status)
{
    int found = 0;

    for (int i = 0; i < n; i++)
        found += strstr(http_raw_rest(fds[i]), status) != NULL;
    return found;
}

/* Their times are 10 and 20 seconds, of which hardly one has passed. */
static void nobody_gives_up(const char *offset, int seconds)
{
    int fds[14];
    PGconn *lock = db_open(DB_A);

    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_runs");
    ask(HOST_A, "cluster-a", fds, countof(fds), 10);
    set_clock(offset);
    expect(abs(offset_of_httpd() - seconds) < 60, "httpd's clock is %d s off", offset_of_httpd());
    usleep(300000);
    db_close(lock);
    expect_int(count_status(fds, countof(fds), " 200 OK\r\n"), countof(fds));
    set_clock("+0");
}

/* Times of one and four seconds end, and not in an hour. */
static void everybody_is_told(const char *offset)
{
    int fds[6];
    PGconn *lock = db_open(DB_A);

    db_run_on(lock, "BEGIN");
    db_run_on(lock, "LOCK TABLE github_workflow_runs");
    ask(HOST_SHORT, "cluster-short", fds, countof(fds), 4);
    set_clock(offset);
    expect_int(fixture_servers("pg-freeze", ""), 0); /* nor does PostgreSQL end anything */
    expect_int(count_status(fds, countof(fds), " 50"), countof(fds));
    expect_int(fixture_servers("pg-thaw", ""), 0);
    db_close(lock);
    set_clock("+0");
}

static void test_jumps(void)
{
    fault_begin("the clock jumps an hour, both ways");
    fake_clock();
    expect_success(http_get("/runs?limit=1"));
    fault_hit();
    nobody_gives_up("+1h", 3600);
    nobody_gives_up("-1h", -3600);
    everybody_is_told("-1h");
    everybody_is_told("+1h");
    expect_contains(fault_log(), "no connection became free within WfmetricsAcquireTimeout");
    expect_contains(fault_log(), "status=504 sqlstate=- ");
    fault_lifted();
    fault_await_recovery();
    restart("");
    fault_end();
}

SUITE(clock) = {
    {"the clock jumps an hour, both ways", test_jumps},
    CU_TEST_INFO_NULL,
};
