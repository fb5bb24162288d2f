/*
 * test_streams.c - exports of a million rows: constant memory, and failures that the client sees.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "memory.h"
#include <apr_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS 1000000

/* The config with the million rows; made by whoever asks first. */
static const char *big_export(const char *query)
{
    const char *name = "SELECT id FROM github_workflow_configs WHERE name = 'a million rows'";
    apr_int64_t config = db_int(DB_A, name, 0);

    if (config < 0) {
        config = seed_config(DB_A, "a million rows");
        seed_schema(DB_A, config, 1, 1, "[\"Op\",\"Backend:Stage\",\"batch_size\"]",
                    "[\"throughput\"]");
        db_run(
            DB_A,
            "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
            " source_file, dimensions, metrics) SELECT $1::bigint, i / 68, 1,"
            " '2025-01-01T00:00:00Z'::timestamptz + i / 34 * interval '1 minute',"
            " 'bench/summary.csv', jsonb_build_object('Op', 'Attention-FP8',"
            " 'Backend:Stage', 'Aiter/CK:Fwd', 'batch_size', i % 64),"
            " jsonb_build_object('throughput', 157 + i % 946) FROM generate_series(1, $2::int) i",
            2, strf(ID, config), strf("%d", ROWS));
        db_run(DB_A, "ANALYZE github_workflow_metrics", 0);
    }
    return strf("/configs/" ID "/export?limit=%d%s", config, ROWS, query);
}

/* What a stream does at its first piece, and what it saw. */
typedef struct watch_t {
    void (*then)(void);
    apr_size_t lines, bytes;
    char last;
} watch_t;

static int watch(void *ctx, const char *data, apr_size_t len)
{
    watch_t *w = ctx;

    if (w->bytes == 0 && w->then)
        w->then();
    w->bytes += len;
    w->last = data[len - 1];
    for (const char *at = data; (at = memchr(at, '\n', data + len - at)); at++)
        w->lines++;
    return 0;
}

static void expect_next_works(void)
{
    expect_success(http_get("/runs?limit=1"));
    watch_t w = {0};
    const char *path = big_export("");
    path = strf("%.*s?limit=10", (int)strcspn(path, "?"), path);
    expect_status(http_stream(&(http_request_t){.path = path}, watch, &w), 200);
    expect_int(w.lines, 11);
}

static void test_all_rows(void)
{
    static const char *const formats[] = {"csv", "json", "ndjson"};

    for (size_t i = 0; i < countof(formats); i++) {
        watch_t w = {0};
        http_request_t rq = {.path = big_export(strf("&format=%s", formats[i])),
                             .timeout_ms = 120000 * fixture_patience()};
        http_response_t *res = http_stream(&rq, watch, &w);
        expect_status(res, 200);
        expect_header(res, "Transfer-Encoding", "chunked");
        expect_int(w.lines, i == 0 ? ROWS + 1 : i == 1 ? 0 : ROWS);
        expect_int(w.last, i == 1 ? '}' : '\n');
    }
}

/* HTTP/1.0 ends a body by closing: a complete one must not look like a broken one. */
static void test_http10(void)
{
    static const char *const formats[] = {"csv", "ndjson"};

    for (size_t i = 0; i < countof(formats); i++) {
        watch_t w = {0};
        http_request_t rq = {.path = big_export(strf("&format=%s", formats[i])),
                             .http10 = 1,
                             .timeout_ms = 120000 * fixture_patience()};
        http_response_t *res = http_stream(&rq, watch, &w);
        expect_int(res->curl, CURLE_OK);
        expect_status(res, 200);
        expect_header(res, "Transfer-Encoding", NULL);
        expect_int(w.lines, i == 0 ? ROWS + 1 : ROWS);
    }
}

static void test_constant_memory(void)
{
    static const char *const formats[] = {"csv", "json"};

    for (size_t i = 0; i < countof(formats); i++) {
        http_request_t rq = {.path = big_export(strf("&format=%s", formats[i])),
                             .timeout_ms = 120000 * fixture_patience()};
        apr_array_header_t *pids = fixture_httpd_children();
        long before[64];
        watch_t w = {0};

        expect(pids->nelts > 0 && pids->nelts <= 64, "httpd has %d children", pids->nelts);
        expect_next_works();
        for (int c = 0; c < pids->nelts; c++) {
            memory_reset_peak(APR_ARRAY_IDX(pids, c, pid_t));
            before[c] = memory_kb(APR_ARRAY_IDX(pids, c, pid_t), "VmRSS");
        }
        expect_status(http_stream(&rq, watch, &w), 200);
        expect(w.bytes > 50000000, "only %ld bytes came", (long)w.bytes);
        for (int c = 0; c < pids->nelts; c++) {
            long peak = memory_kb(APR_ARRAY_IDX(pids, c, pid_t), "VmHWM");
            /* The kernel counts pages by thread and adds up now and then: the peak may look a
             * little lower than what was there before. */
            expect(before[c] > 0 && peak > 0 && peak - before[c] < 8 * 1024,
                   "%s: a child grew from %ld kB to %ld kB", formats[i], before[c], peak);
        }
    }
}

static void kill_backend(void)
{
    expect(db_int("postgres",
                  "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                  " WHERE application_name = 'cluster-a' AND state = 'active'",
                  0) > 0,
           "no export was running");
}

static void stop_postgres(void)
{
    expect(fixture_servers("pg-stop", "immediate") == 0, "PostgreSQL did not stop");
}

/* A transfer that was cut must look cut. */
static void expect_broken(const http_response_t *res, const watch_t *w, const http_request_t *rq)
{
    int expected = rq->http10                        ? CURLE_RECV_ERROR /* reset */
                   : rq->http2 && fixture_threaded() ? CURLE_HTTP2_STREAM
                                                     : CURLE_PARTIAL_FILE;

    expect(res->curl == (CURLcode)expected && res->status == 200 && w->bytes > 0,
           "expected curl code %d, got %d (status %ld, %ld bytes)", expected, (int)res->curl,
           res->status, (long)w->bytes);
}

/* All formats, protocols and encodings: tests/faults. Not compressed, because all of that (6 MB)
 * has room in the windows and buffers between the two: on a busy machine nothing would be left to
 * kill. */
static void test_backend_killed(void)
{
    static const struct {
        const char *query, *header;
        int http2, http10;
    } cases[] = {{"", NULL, 0, 0},
                 {"&format=json", NULL, 1, 0},
                 {"&format=ndjson", "Connection: keep-alive", 0, 1}};

    for (size_t i = 0; i < countof(cases); i++) {
        watch_t w = {.then = kill_backend};
        http_request_t rq = {.path = big_export(cases[i].query),
                             .http2 = cases[i].http2,
                             .http10 = cases[i].http10,
                             .headers = {cases[i].header}};
        apr_off_t mark = fixture_log_mark();
        expect_broken(http_stream(&rq, watch, &w), &w, &rq);
        expect_contains(fixture_log_since(mark), "route=\"GET /configs/:id/export\"");
        expect_contains(fixture_log_since(mark), "status=503 ");
        expect_next_works();
    }
}

static void test_postgres_killed(void)
{
    watch_t w = {.then = stop_postgres};
    http_request_t rq = {.path = big_export("")};

    expect_broken(http_stream(&rq, watch, &w), &w, &rq);
    expect_status(http_get("/runs?limit=1"), 503);
    expect(fixture_servers("pg-start", "") == 0, "PostgreSQL did not start");
    expect_next_works();
}

static void outwait_export_timeout(void)
{
    sleep(3);
}

/* The export's own time (2 s on this host) is over in the middle: cut, not complete. */
static void test_timeout_under_way(void)
{
    watch_t w = {.then = outwait_export_timeout};
    http_request_t rq = {.host = HOST_PLAIN, .path = big_export("")};
    apr_off_t mark = fixture_log_mark();

    expect_broken(http_stream(&rq, watch, &w), &w, &rq);
    expect_contains(fixture_log_since(mark), "status=504 ");
    rq.path = "/runs?limit=1";
    expect_success(http_send(&rq));
}

/* The statement of a client that left must be gone within a second. */
static int export_is_gone(int milliseconds)
{
    const char *running =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cluster-a'"
        " AND (state = 'active' OR state LIKE 'idle in transaction%')";

    for (; milliseconds > 0; milliseconds -= 50) {
        if (db_int("postgres", running, 0) == 0)
            return 1;
        usleep(50000);
    }
    return 0;
}

static void test_client_leaves(void)
{
    static const char *const queries[] = {"", "&format=json"};

    for (int round = 0; round < 6; round++) {
        const char *head = strf("GET " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\n\r\n",
                                big_export(queries[round % 2]));
        int fd = http_raw_open(head, strlen(head));
        char buf[65536];
        expect(read(fd, buf, sizeof(buf)) > 0, "no answer");
        expect(!export_is_gone(50), "the export is over before the client leaves");
        close(fd);
        expect(export_is_gone(1000 * fixture_patience()), "the statement outlived its client");
    }
    expect_next_works();
}

/* Many clients that leave at once leave nothing behind. */
static void test_clients_leave_together(void)
{
    const char *head =
        strf("GET " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\n\r\n", big_export(""));
    int fds[5];
    char buf[65536];

    for (size_t i = 0; i < countof(fds); i++)
        fds[i] = http_raw_open(head, strlen(head));
    for (size_t i = 0; i < countof(fds); i++)
        expect(read(fds[i], buf, sizeof(buf)) > 0, "no answer");
    for (size_t i = 0; i < countof(fds); i++)
        close(fds[i]);
    expect(export_is_gone(1000 * fixture_patience()), "a statement outlived its client");
    for (int i = 0; i < 5; i++)
        expect_next_works();
}

static void restart_httpd(void)
{
    expect(fixture_servers("httpd-graceful", "") == 0, "httpd did not restart");
}

/* A graceful restart lets an export that runs come to its end. */
static void test_graceful_restart(void)
{
    apr_off_t mark = fixture_log_mark();
    watch_t w = {.then = restart_httpd};
    http_request_t rq = {.path = big_export(""), .timeout_ms = 120000 * fixture_patience()};

    expect_status(http_stream(&rq, watch, &w), 200);
    expect_int(w.lines, ROWS + 1);
    expect_next_works();
    expect_lacks(fixture_log_since(mark), "exit signal");
}

SUITE(streams) = {
    {"all rows in every format", test_all_rows},
    {"all rows over HTTP/1.0", test_http10},
    {"constant memory", test_constant_memory},
    {"the backend is killed in the middle", test_backend_killed},
    {"PostgreSQL is killed in the middle", test_postgres_killed},
    {"the export's time is over in the middle", test_timeout_under_way},
    {"the client leaves", test_client_leaves},
    {"many clients leave at once", test_clients_leave_together},
    {"graceful restart during an export", test_graceful_restart},
    CU_TEST_INFO_NULL,
};
