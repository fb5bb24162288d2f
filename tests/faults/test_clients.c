/*
 * test_clients.c - clients that leave, dawdle, or send without end; and that a client of any
 * protocol sees that its export broke.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "big.h"
#include "fault.h"
#include "suites.h"
#include <apr_lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const load_plan_t others = {.ops = "rpf", .clients = 3, .pause_ms = 5};

#define HEAD(method, path, headers)                                                                \
    method " " API_BASE path " HTTP/1.1\r\nHost: " HOST_A "\r\n" headers "\r\n"
#define JSON "Content-Type: application/json\r\n"

/* Closes a connection with a reset, or in the ordinary way. */
static void leave(int fd, int with_reset)
{
    struct linger discard = {.l_onoff = 1, .l_linger = 0};

    if (with_reset)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &discard, sizeof(discard));
    close(fd);
}

/* No statement of a client that left goes on. */
static int database_rests(void)
{
    for (int i = 0; i < 400; i++) {
        if (db_int("postgres",
                   "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'cluster-%'"
                   " AND state <> 'idle'",
                   0) == 0)
            return 1;
        usleep(50000);
    }
    return 0;
}

/* ---- leaving ---- */

static void test_leaving(void)
{
    const char *whole = strf(HEAD("GET", "%s", ""), big_export(""));
    const char *const stages[] = {
        "G",
        "GET " API_BASE "/ru",
        "GET " API_BASE "/runs HTTP/1.1\r\nHo",
        HEAD("POST", "/configs/1/metrics/query", JSON "Content-Length: 50\r\n"),
        HEAD("POST", "/configs/1/metrics/query", JSON "Content-Length: 50\r\n") "{\"start\":",
        HEAD("POST", "/configs/1/metrics/query", JSON "Transfer-Encoding: chunked\r\n") "5\r\n{\"s",
        HEAD("PATCH", "/configs/1", JSON "Content-Length: 22\r\n") "{\"description\":\"left\"}",
        HEAD("GET", "/runs?limit=100", ""),
        whole,
    };

    fault_begin("clients that leave at every stage");
    fault_load(&others);
    fault_hit();
    for (int round = 0; round < fault_scale(40, 10); round++) {
        for (size_t i = 0; i < countof(stages); i++) {
            int fd = http_raw_open(stages[i], strlen(stages[i]));

            if (stages[i] == whole && round % 3 == 0)
                big_read(fd, 1 + round * 1000); /* leave in the middle of the answer */
            leave(fd, round % 2);
        }
    }
    fault_lifted();
    fault_end();
    expect(database_rests(), "a statement outlived its client");
    /* An export more than there may be is no fault; nothing else may be in the log. */
    expect_lacks(fault_log(), "status=500");
    expect_lacks(fault_log(), "status=504");
}

/* ---- dawdling ---- */

/* A body that comes more slowly than a byte a second: httpd's RequestReadTimeout ends it. */
static void test_slow_bodies(void)
{
    const char *head = HEAD("POST", "/configs/1/metrics/query", JSON "Content-Length: 50\r\n");
    int fds[8], over = 0;

    fault_begin("bodies slower than a byte a second");
    fault_load(&others);
    fault_hit();
    for (size_t i = 0; i < countof(fds); i++)
        fds[i] = http_raw_open(head, strlen(head));
    for (int s = 0; s < 4 && !over; s++) {
        usleep(1500000);
        for (size_t i = 0; i < countof(fds); i++)
            over |= send(fds[i], "{", 1, MSG_NOSIGNAL) != 1;
    }
    fault_lifted();
    for (size_t i = 0; i < countof(fds); i++) {
        const char *answer = http_raw_rest(fds[i]);

        expect_contains(answer, "HTTP/1.1 408 ");
        expect_contains(answer, "{\"meta\":{\"code\":4080,");
    }
    fault_end();
    expect_lacks(fault_log(), "status=50");
}

/* ---- sending without end ---- */

/* Sends chunks until httpd has had enough. */
static const char *send_endless(const char *chunk, int n)
{
    const char *head =
        HEAD("POST", "/configs/1/metrics/query", JSON "Transfer-Encoding: chunked\r\n");
    int fd = http_raw_open(head, strlen(head));

    for (int i = 0; i < n; i++)
        if (send(fd, chunk, strlen(chunk), MSG_NOSIGNAL) < 0)
            break;
    shutdown(fd, SHUT_WR);
    return http_raw_rest(fd);
}

static void expect_answer(const char *answer, const char *status)
{
    /* httpd closes while the client still sends: the answer may be lost in a reset, as the protocol
     * has it. */
    if (!*answer)
        return;
    expect_contains(answer, strf("HTTP/1.1 %s ", status));
    expect_contains(answer, strf("{\"meta\":{\"code\":%s0,", status));
}

static void test_endless_bodies(void)
{
    char *chunk = apr_pcalloc(fixture_pool(), 4096 + 16);
    http_request_t curl = {.method = "POST",
                           .path = "/configs/1/metrics/query",
                           .body = apr_pcalloc(fixture_pool(), 2 * 1024 * 1024),
                           .body_len = 2 * 1024 * 1024,
                           .chunked = 1,
                           .headers = {JSON_TYPE}};
    apr_off_t mark;

    memcpy(chunk, "1000\r\n", 6);
    memset(chunk + 6, ' ', 4096);
    memcpy(chunk + 6 + 4096, "\r\n", 2);
    memset((char *)curl.body, ' ', curl.body_len);
    fault_begin("chunked bodies beyond the limit");
    fault_load(&others);
    fault_hit();
    for (int i = 0; i < fault_scale(10, 3); i++) {
        expect_answer(send_endless(chunk, 1000), "413");
        expect_answer(send_endless("fffffffffffffff\r\n {", 1), "400");
        expect_answer(send_endless("ffffffffffffffffff\r\n {", 1), "413"); /* more than 2^63 */
        expect_answer(send_endless("-1\r\n {", 1), "400");
        expect_answer(send_endless("zz\r\n {", 1), "400");
        expect_error(http_send(&curl), 4130, "the body is larger than 1048576 bytes");
    }
    /* In HTTP/2 the answer comes with a RST_STREAM(NO_ERROR), which some versions of curl take for
     * a failure. */
    curl.http2 = 1;
    mark = fixture_log_mark();
    http_send(&curl);
    expect_contains(fixture_log_since(mark), "status=413 ");
    fault_lifted();
    fault_end();
    expect_lacks(fault_log(), "status=50");
}

/* ---- broken exports ---- */

static int exports_killed(void)
{
    return (int)db_int("postgres",
                       "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                       " WHERE application_name = 'cluster-a' AND state = 'active'",
                       0);
}

/* Its client reads nothing meanwhile, so the export goes on until it is killed. */
static void kill_exports(void)
{
    int killed = exports_killed();

    for (int i = 0; !killed && i < 100; i++) {
        usleep(50000);
        killed = exports_killed();
    }
    expect(killed, "no export was running: %s",
           db_text("postgres",
                   "SELECT string_agg(concat_ws('|', application_name, state, query_start, now(),"
                   " left(query, 60)), E'\\n') FROM pg_stat_activity",
                   0));
}

static int kill_at_first(void *ctx, const char *data, apr_size_t len)
{
    int *pieces = ctx;

    (void)data;
    (void)len;
    if ((*pieces)++ == 0)
        kill_exports();
    return 0;
}

/* How a client of each protocol sees it. */
static CURLcode how_it_looks(const http_request_t *rq)
{
    if (rq->http10)
        return CURLE_RECV_ERROR; /* reset */
    return rq->http2 && fixture_threaded() ? CURLE_HTTP2_STREAM : CURLE_PARTIAL_FILE;
}

static void test_broken_exports(void)
{
    static const char *const formats[] = {"", "&format=json", "&format=ndjson"};
    static const char *const encodings[] = {NULL, "Accept-Encoding: gzip"};

    fault_begin("exports broken: HTTP/1.1, 1.0, 2, with and without deflate");
    for (int protocol = 0; protocol < 3; protocol++) {
        for (size_t i = 0; i < countof(formats) * countof(encodings); i++) {
            int pieces = 0;
            http_request_t rq = {.path = big_export(formats[i / 2]),
                                 .http10 = protocol == 1,
                                 .http2 = protocol == 2,
                                 .headers = {encodings[i % 2]}};
            http_response_t *res = http_stream(&rq, kill_at_first, &pieces);

            expect(res->curl == how_it_looks(&rq) && res->status == 200 && pieces > 0,
                   "HTTP/%s %s %s: curl %d, status %ld",
                   protocol == 1   ? "1.0"
                   : protocol == 2 ? "2"
                                   : "1.1",
                   formats[i / 2], encodings[i % 2] ? "gzip" : "", (int)res->curl, res->status);
            expect_success(http_get("/runs?limit=1"));
        }
    }
    expect_contains(fault_log(), "route=\"GET /configs/:id/export\" status=503 ");
    fault_end();
}

/* What comes on a socket until it is closed; big. */
static apr_size_t read_all(int fd, char *buf, apr_size_t size)
{
    apr_size_t len = 0;
    ssize_t n;

    while (len < size && (n = read(fd, buf + len, size - len)) > 0)
        len += (apr_size_t)n;
    return len;
}

/* Three requests in one packet. The second one breaks: the first is whole, the third unanswered. */
static void test_pipelining(void)
{
    const char *small = "GET " API_BASE "/runs?limit=1 HTTP/1.1\r\nHost: " HOST_A "\r\n\r\n";
    const char *text = strf("%sGET " API_BASE "%s HTTP/1.1\r\nHost: " HOST_A "\r\n\r\n%s", small,
                            big_export(""), small);
    apr_size_t size = 64 * 1024 * 1024, len;
    char *buf = apr_palloc(fixture_pool(), size + 1);
    int answers = 0, fd;

    fault_begin("pipelined requests around a broken export");
    fd = http_raw_open(text, strlen(text));
    expect_int(big_read(fd, 4096), 4096); /* the export has begun */
    kill_exports();
    len = read_all(fd, buf, size);
    close(fd);
    buf[len] = '\0';
    expect(len > 0 && strncmp(buf + len - 5, "0\r\n\r\n", 5), "the export looks complete");
    expect(!strstr(buf, "HTTP/1.1 200 "), "something was answered after the broken export");

    text = strf("%s%s%s%s", small, small, small,
                "GET " API_BASE "/runs?limit=1 HTTP/1.1\r\nHost: " HOST_A
                "\r\nConnection: close\r\n\r\n");
    for (const char *at = http_raw(text, strlen(text)); (at = strstr(at, "HTTP/1.1 200 ")); at++)
        answers++;
    expect_int(answers, 4);
    fault_end();
}

SUITE(clients) = {
    {"leaving", test_leaving},
    {"slow bodies", test_slow_bodies},
    {"endless bodies", test_endless_bodies},
    {"broken exports", test_broken_exports},
    {"pipelining", test_pipelining},
    CU_TEST_INFO_NULL,
};
