/*
 * test_result_bodies.c - POST /configs/:id/results: how the file arrives. Whatever its client does,
 * all of it is stored, or nothing; and until it is all there, no connection is held.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#define CSV   "Content-Type: text/csv"
#define GZIP  "Content-Encoding: gzip"
#define FILE1 "Op,v\nGEMM,1.5\nConv,2.5\n"
#define QUERY "github_run_id=1&source_file=a.csv"

/* Opened by the first test, looked at by the last: it has sent nothing for ten seconds. */
static int silent = -1;

static const char *target(apr_int64_t config)
{
    return strf("/configs/" ID "/results?" QUERY, config);
}

static apr_int64_t rows_of(apr_int64_t config)
{
    return db_int(DB_A, "SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1", 1,
                  strf(ID, config));
}

static void expect_nothing(apr_int64_t config)
{
    expect_int(rows_of(config), 0);
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1", 1,
                      strf(ID, config)),
               0);
}

/* The head of a request, with these lines, and what follows it. */
static const char *raw(apr_int64_t config, const char *lines, const char *body)
{
    return strf("POST " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\n" CSV "\r\n%s\r\n%s",
                target(config), lines, body);
}

static int open_raw(const char *text)
{
    return http_raw_open(text, strlen(text));
}

static void test_silence_begins(void)
{
    silent = open_raw(raw(seed_config(DB_A, "silent"), "Content-Length: 100\r\n", "Op,v\n"));
    expect(silent >= 0, "no connection");
}

/* ---- gzip ---- */

static const char *zipped(const char *text, apr_size_t len, apr_size_t *made)
{
    z_stream z = {0};
    apr_size_t room = len + 1000;
    char *out = apr_palloc(fixture_pool(), room);

    deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (unsigned char *)text;
    z.avail_in = (unsigned)len;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)room;
    expect_int(deflate(&z, Z_FINISH), Z_STREAM_END);
    *made = z.total_out;
    deflateEnd(&z);
    return out;
}

static http_request_t zipped_request(apr_int64_t config, const char *host, const char *text)
{
    http_request_t rq = {
        .method = "POST", .host = host, .path = target(config), .headers = {CSV, GZIP}};

    rq.body = zipped(text, strlen(text), &rq.body_len);
    return rq;
}

static void test_gzip(void)
{
    static const char *const names[] = {GZIP, "Content-Encoding: x-gzip",
                                        "Content-Encoding: GZip, identity"};
    static const char *const hosts[] = {HOST_A, HOST_RESULTS}; /* the second one has a filter */
    apr_int64_t config = seed_config(DB_A, "gzip");

    for (size_t h = 0; h < countof(hosts); h++) {
        http_request_t rq = zipped_request(config, hosts[h], FILE1);
        http_response_t *res = http_send(&rq);

        expect_status(res, h ? 200 : 201);
        expect_json(res, "data.rows", "2");
    }
    for (size_t i = 0; i < countof(names); i++) {
        http_request_t rq = zipped_request(config, HOST_A, FILE1);

        rq.headers[1] = names[i];
        rq.chunked = 1;
        expect_json(http_send(&rq), "data.replaced", "2");
    }
}

static void test_bad_gzip(void)
{
    static const char *const others[] = {"Content-Encoding: br", "Content-Encoding: deflate",
                                         "Content-Encoding: gzip, gzip",
                                         "Content-Encoding: gzip, br"};
    apr_int64_t config = seed_config(DB_A, "bad gzip");
    http_request_t rq = zipped_request(config, HOST_A, FILE1);
    http_response_t *res;

    rq.body_len -= 9;
    expect_error(http_send(&rq), 4000, "the gzip body ends in the middle");
    rq.body = FILE1;
    rq.body_len = 0;
    expect_error(http_send(&rq), 4000, "the body is no gzip, or is damaged");
    rq = zipped_request(config, HOST_A, FILE1);
    rq.headers[1] = NULL;
    expect_error(http_send(&rq), 4000,
                 "line 1, column 1: the cell holds a NUL byte; it looks like gzip, of which"
                 " Content-Encoding: gzip must tell");
    for (size_t i = 0; i < countof(others); i++) {
        rq.headers[1] = others[i];
        res = http_send(&rq);
        expect_error(res, 4150, "the body must come without a content coding, or in gzip");
        expect_header(res, "Accept-Encoding", "gzip, identity");
    }
    expect_nothing(config);
}

/* ---- size ---- */

/* A file of exactly that many bytes. */
static const char *file_of(apr_size_t len)
{
    char *text = apr_palloc(fixture_pool(), len + 1);

    memset(text, 'x', len);
    memcpy(text, "Op,v\n", 5);
    memcpy(text + len - 3, ",1\n", 3);
    text[len] = '\0';
    return text;
}

static void test_sizes(void)
{
    apr_int64_t config = seed_config(DB_A, "sizes");
    http_request_t rq = {
        .method = "POST", .host = HOST_TINY, .path = target(config), .headers = {CSV}};
    const char *head = strf("POST " API_BASE "%s HTTP/1.1\r\nHost: " HOST_TINY
                            "\r\nConnection: close\r\nContent-Length: 4097\r\n\r\n",
                            target(config));

    for (rq.chunked = 0; rq.chunked < 2; rq.chunked++) {
        rq.body = file_of(4097);
        expect_error(http_send(&rq), 4130, "the body is larger than 4096 bytes");
        rq.body = file_of(100000);
        expect_error(http_send(&rq), 4130, "the body is larger than 4096 bytes");
    }
    expect_contains(http_raw(head, strlen(head)), "the body is larger than 4096 bytes");
    rq = zipped_request(config, HOST_TINY, file_of(4097)); /* what it inflates to counts */
    expect_error(http_send(&rq), 4130, "the body is larger than 4096 bytes");
    expect_nothing(config);
    rq = zipped_request(config, HOST_TINY, file_of(4096));
    expect_status(http_send(&rq), 201);
}

static void test_bomb(void)
{
    apr_size_t len = 4 * 1024 * 1024;
    apr_int64_t config = seed_config(DB_A, "bomb");
    http_request_t rq = {.method = "POST",
                         .path = strf("%s&format=ndjson", target(config)),
                         .body = memset(apr_palloc(fixture_pool(), len), '\n', len),
                         .headers = {CSV, GZIP}};

    rq.body = zipped(rq.body, len, &rq.body_len);
    expect_error(http_send(&rq), 4130, "the body inflates to too many times its size");
    expect_nothing(config);
}

/* Gzip that inflates to nothing, again and again: what comes counts as well. */
static void test_hollow(void)
{
    apr_int64_t config = seed_config(DB_A, "hollow");
    http_request_t rq = {.method = "POST",
                         .host = HOST_TINY,
                         .path = target(config),
                         .headers = {CSV, GZIP},
                         .chunked = 1};
    apr_size_t len;
    const char *nothing = zipped("", 0, &len);
    char *body = apr_palloc(fixture_pool(), 300 * len);

    for (apr_size_t i = 0; i < 300; i++)
        memcpy(body + i * len, nothing, len);
    rq.body = body;
    rq.body_len = 300 * len;
    expect_error(http_send(&rq), 4130, "the body is larger than 4096 bytes");
    rq.body_len = 200 * len;
    expect_error(http_send(&rq), 4000, "the file is empty");
    expect_nothing(config);
}

/* ---- time ---- */

/* What ends in the middle, or is left, leaves nothing. */
static void test_cut_short(void)
{
    static const char *const lines[] = {"Content-Length: 100\r\n",
                                        "Transfer-Encoding: chunked\r\n"};
    static const char *const bodies[] = {FILE1, "8\r\nOp,v\nx,1\r\n"};

    for (size_t i = 0; i < countof(lines); i++) {
        apr_int64_t config = seed_config(DB_A, "cut short");
        int fd = open_raw(raw(config, lines[i], bodies[i]));

        shutdown(fd, SHUT_WR);
        expect_contains(http_raw_rest(fd),
                        "\"code\":4000,\"message\":\"the body ended before it was complete\"");
        close(open_raw(raw(config, lines[i], bodies[i])));
        expect_nothing(config);
    }
    expect_contains(
        http_raw_rest(open_raw(raw(seed_config(DB_A, "no chunk"), "Transfer-Encoding: chunked\r\n",
                                   "8\r\nOp,v\nx,1\r\nzz\r\n"))),
        "\"code\":4000");
}

/* Until so many requests have come, besides the one that asks. @return its answer */
static http_response_t *wait_in_flight(int n)
{
    static const char name[] = "wfmetrics_requests_in_flight{cluster=\"cluster-a\"} ";
    http_response_t *res;
    const char *line;

    do {
        res = http_get("/metrics/prometheus");
        line = strstr(res->body, name);
    } while (!line || atoi(line + strlen(name)) <= n);
    return res;
}

/* Clients that send a byte now and then. */
static void test_slow_clients(void)
{
    apr_int64_t config = seed_config(DB_A, "slow");
    int n = fixture_threaded() ? 20 : 3, fds[20], idle = 0;
    http_response_t *res = NULL;

    for (int i = 0; i < n; i++)
        fds[i] = open_raw(raw(config, "Content-Length: 100\r\n", "Op,v\n"));
    for (int i = 0; i < n; i++)
        expect_int(write(fds[i], "x", 1), 1);
    /* maintenance has a connection and a lock now and then, but never for long */
    for (int i = 0; i < 100 && !idle; i++) {
        res = wait_in_flight(n);
        idle = strstr(res->body, "wfmetrics_connections_in_use{cluster=\"cluster-a\"} 0\n") &&
               !db_int(DB_A, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", 0);
        expect_contains(res->body, "wfmetrics_connection_waiting{cluster=\"cluster-a\"} 0\n");
    }
    expect(idle, "connections or locks are held while nothing comes:\n%s", res->body);
    expect_success(http_get("/runs?limit=1"));
    for (int i = 0; i < n; i++)
        close(fds[i]);
    expect_nothing(config);
}

/* Of so many rows of four bytes. */
static const char *small_rows(apr_size_t n)
{
    char *text = apr_palloc(fixture_pool(), 5 + 4 * n + 1);

    memcpy(text, "Op,v\n", 5);
    for (apr_size_t i = 0; i < n; i++)
        memcpy(text + 5 + 4 * i, "x,1\n", 4);
    text[5 + 4 * n] = '\0';
    return text;
}

/* The temporary disk has no room for more: here, since httpd may write no larger file. First for
 * what is sent, then for the rows that are made of it. */
static void test_no_room(void)
{
    int port = side_free_port();
    apr_int64_t config = seed_config(DB_A, "no room");
    http_request_t rq = {.method = "POST",
                         .port = port,
                         .host = "full.test",
                         .path = target(config),
                         .body = file_of(900000),
                         .headers = {CSV}};
    const char *host =
        strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "%s</VirtualHost>\n", port, "full.test",
             fixture_sockets(), "full.test", "full.test", side_recipe("results"));

    if (side_start_limited("ulimit -f 1600", port, host) == 0) { /* blocks of 512 bytes */
        for (int i = 0; i < 2; i++) {
            http_response_t *res = http_send(&rq);

            expect_error(res, 5030,
                         "there is no room now for what was sent; nothing has been stored");
            expect_header(res, "Retry-After", "30");
            expect_contains(side_log(), "(TMPDIR): write: File too large");
            expect_nothing(config);
            rq.body = small_rows(100000);
        }
        rq.body = file_of(500000);
        expect_status(http_send(&rq), 201);
    }
    side_stop();
}

/* A file that is wrong at its beginning is refused while most of it is still to come. */
static void test_refused_early(void)
{
    static const char wrong[] = "Op,v\nx\"y,1\n";
    apr_int64_t config = seed_config(DB_A, "refused early");
    apr_size_t len = 8 * 1024 * 1024;
    char *file = (char *)file_of(len);
    http_request_t rq = {.method = "POST", .path = target(config), .body = file, .headers = {CSV}};

    memcpy(file, wrong, sizeof wrong - 1);
    for (rq.chunked = 0; rq.chunked < 2; rq.chunked++)
        expect_error(http_send(&rq), 4000, "line 2, column 1: a quote in the middle of a cell");
    expect_nothing(config);
}

/* What can be refused is refused before the file is sent. */
static void test_expectation(void)
{
    apr_int64_t config = seed_config(DB_A, "expectation");
    const char *lines = strf("Content-Length: %d\r\nExpect: 100-continue\r\nConnection: close\r\n",
                             (int)strlen(FILE1)),
               *wrong = strf("POST " API_BASE "/configs/" ID "/results HTTP/1.1\r\nHost: " HOST_A
                             "\r\n" CSV "\r\n%s\r\n",
                             config, lines),
               *got = http_raw(wrong, strlen(wrong));
    int fd;

    expect(!strncmp(got, "HTTP/1.1 400 ", 13), "%.200s", got);
    fd = open_raw(raw(config, lines, ""));
    expect_int(write(fd, FILE1, strlen(FILE1)), (apr_int64_t)strlen(FILE1));
    got = http_raw_rest(fd);
    expect(!strncmp(got, "HTTP/1.1 100 ", 13), "%.200s", got);
    expect_contains(got, "HTTP/1.1 201 ");
    expect_int(rows_of(config), 2);
}

/* A connection goes on to the next request. */
static void test_two_on_a_connection(void)
{
    apr_int64_t config = seed_config(DB_A, "two");
    const char *one = raw(config, strf("Content-Length: %d\r\n", (int)strlen(FILE1)), FILE1),
               *two = raw(config,
                          strf("Connection: close\r\nContent-Length: %d\r\n", (int)strlen(FILE1)),
                          FILE1),
               *both = strf("%s%s", one, two), *got = http_raw(both, strlen(both));

    expect_contains(got, "HTTP/1.1 201 ");
    expect_contains(got, "HTTP/1.1 200 ");
}

static void test_http2(void)
{
    apr_int64_t config = seed_config(DB_A, "http2");
    http_request_t rq = {.method = "POST",
                         .http2 = fixture_threaded(),
                         .path = target(config),
                         .body = file_of(900000),
                         .headers = {CSV}};

    expect_status(http_send(&rq), 201);
    expect_int(rows_of(config), 1);
}

static void test_silence_ends(void)
{
    expect_contains(http_raw_rest(silent),
                    "\"code\":4080,\"message\":\"the body did not arrive in time\"");
}

/* CUnit runs them in this order. */
SUITE(result_bodies) = {
    {"a client falls silent", test_silence_begins},
    {"gzip", test_gzip},
    {"what is no gzip, or another coding", test_bad_gzip},
    {"WfmetricsMaxUpload", test_sizes},
    {"a bomb", test_bomb},
    {"gzip of nothing without an end", test_hollow},
    {"a body that ends in the middle leaves nothing", test_cut_short},
    {"slow clients hold no connection", test_slow_clients},
    {"no room for a temporary file", test_no_room},
    {"a file that is refused early", test_refused_early},
    {"what is wrong is said before the file is sent", test_expectation},
    {"two on one connection", test_two_on_a_connection},
    {"HTTP/2, and a file that is spooled", test_http2},
    {"ten seconds without a byte", test_silence_ends},
    CU_TEST_INFO_NULL,
};
