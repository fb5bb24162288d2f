/*
 * test_results.c - results on their way into the database, when it dies, has no room or takes too
 * long: nothing of them is stored, the client knows, and the next sending is.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "../integration/held.h"
#include "fault.h"
#include "suites.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#define ROWS 4000 /* more than one piece of a COPY */
#define CSV  "Content-Type: text/csv"

static const char *body(void)
{
    char *text = apr_palloc(fixture_pool(), 64 * ROWS), *end = text;

    end += sprintf(end, "Op,latency,throughput\n");
    for (int i = 0; i < ROWS; i++)
        end += sprintf(end, "GEMM-%d,%d.5,%d\n", i % 7, i, 100 + i);
    return text;
}

static const char *path_of(apr_int64_t config)
{
    return strf("/configs/" ID "/results?workload_uid=u&source_file=a.csv", config);
}

static http_response_t *send_to(const char *host, apr_int64_t config)
{
    http_request_t rq = {
        .host = host, .method = "POST", .path = path_of(config), .body = body(), .headers = {CSV}};

    return http_send(&rq);
}

/* Send without waiting for the answer. */
static int send_raw(apr_int64_t config)
{
    const char *csv = body(),
               *text = strf("POST " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\n" CSV
                            "\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
                            path_of(config), (int)strlen(csv), csv);

    return http_raw_open(text, strlen(text));
}

static void expect_stored(apr_int64_t config, http_response_t *res)
{
    expect_status(res, 201);
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1", 1,
                      strf(ID, config)),
               ROWS);
}

/* At the moment when the first rows come (into the metrics), or the run's own row at the end. */
static void end_backend(const char *name, const char *table, int with_crash, const char *message)
{
    apr_int64_t config = seed_config(DB_A, name), pid;
    const char *before = db_fingerprint(DB_A), *answer;
    PGconn *holder = held_begin(DB_A, table);
    int fd;

    fault_begin(name);
    fd = send_raw(config);
    pid = held_wait(holder);
    expect(pid > 0, "nothing came");
    if (with_crash)
        expect_int(kill((pid_t)pid, SIGKILL), 0);
    else
        db_run("postgres", "SELECT pg_terminate_backend($1::int, 5000)", 1, strf(ID, pid));
    answer = http_raw_rest(fd);
    expect_contains(answer, "HTTP/1.1 503 ");
    expect_contains(answer, "Retry-After: ");
    expect_contains(answer, strf("\"%s\"", message));
    if (with_crash)
        fault_await_recovery();
    held_end(DB_A, holder);
    fault_lifted();
    expect_str(db_fingerprint(DB_A), before);
    expect_stored(config, send_to(HOST_A, config));
    fault_end();
}

#define UNAVAILABLE "the database is unavailable"

static void test_killed(void)
{
    end_backend("backend killed while results come in", "github_workflow_metrics", 0, UNAVAILABLE);
}

static void test_crashed(void)
{
    end_backend("backend crashed (SIGKILL) while results come in", "github_workflow_metrics", 1,
                UNAVAILABLE);
}

static void test_crashed_at_end(void)
{
    end_backend("backend crashed (SIGKILL) at the end of results", "github_workflow_runs", 1,
                UNAVAILABLE ": the change may or may not have been made");
}

static void test_deadline(void)
{
    apr_int64_t config = seed_config(DB_A, "results too slow");
    const char *before = db_fingerprint(DB_A);
    PGconn *holder = held_begin(DB_A, "github_workflow_metrics");

    fault_begin("results take longer than WfmetricsIngestTimeout");
    expect_error(send_to(HOST_SHORT, config), 5040, "the database took too long to answer");
    expect_contains(fault_log(), "sqlstate=57014");
    held_end(DB_A, holder);
    fault_lifted();
    expect_str(db_fingerprint(DB_A), before);
    expect_stored(config, send_to(HOST_SHORT, config));
    fault_end();
}

static void test_no_room(void)
{
    apr_int64_t config = seed_config(DB_DISK, "results without room");
    http_response_t *res;
    const char *file;

    fault_begin("no room for the rows of results (53100)");
    expect_status(send_to(HOST_DISK, config), 201);
    db_run(DB_DISK, "TRUNCATE github_workflow_metrics", 0);
    file = strf(
        "%s/data/base/%s/%s", fixture_sockets(),
        db_text("postgres", "SELECT oid::text FROM pg_database WHERE datname = '" DB_DISK "'", 0),
        db_text(DB_DISK, "SELECT pg_relation_filenode('github_workflow_metrics')::text", 0));
    expect_int(fixture_servers("pg-restart", "fast"), 0); /* files are opened anew */
    expect_int(fixture_shell(strf("mv %s %s.kept && ln -s /dev/full %s", file, file, file), NULL),
               0);
    res = send_to(HOST_DISK, config);
    expect_error(res, 5030, UNAVAILABLE);
    expect(http_header(res, "Retry-After") != NULL, "no Retry-After");
    expect_contains(fault_log(), "sqlstate=53100");
    db_run("postgres",
           "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = "
           "'" DB_DISK "'",
           0);
    expect_int(fixture_shell(strf("mv %s.kept %s", file, file), NULL), 0);
    fault_lifted();
    expect_int(db_int(DB_DISK, "SELECT count(*) FROM github_workflow_metrics", 0), 0);
    expect_status(send_to(HOST_DISK, config), 200);
    fault_end();
}

SUITE(results) = {
    {"a backend that is killed", test_killed},
    {"a crash", test_crashed},
    {"a crash at the end", test_crashed_at_end},
    {"too slow", test_deadline},
    {"no room", test_no_room},
    CU_TEST_INFO_NULL,
};
