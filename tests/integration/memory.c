/*
 * memory.c - watches the resident size of httpd's children, and its peak, in /proc.
 */
#include "memory.h"
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CHILDREN 64
#define MOST_PEAK_KB  (32 * 1024)
#define MOST_LEFT_KB  (4 * 1024)
#define MOST_OWED_KB  (16 * 1024) /* what connections and threads come to keep once */
#define MORE          5
#define THREADS       64 /* of a child, see httpd.conf */

typedef struct children_t {
    int n;
    pid_t pids[MOST_CHILDREN];
    long before[MOST_CHILDREN];
} children_t;

long memory_kb(pid_t pid, const char *field)
{
    FILE *f = fopen(strf("/proc/%d/status", (int)pid), "r");
    char line[256];
    long kb = -1;

    while (f && fgets(line, sizeof(line), f))
        if (!strncmp(line, field, strlen(field)))
            kb = atol(line + strlen(field) + 1);
    if (f)
        fclose(f);
    return kb;
}

void memory_reset_peak(pid_t pid)
{
    FILE *f = fopen(strf("/proc/%d/clear_refs", (int)pid), "w");

    if (f) {
        fputs("5", f); /* that is what it means */
        fclose(f);
    }
}

void memory_fill_connections(const http_request_t *rq)
{
    http_request_t rqs[32];

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = *rq;
    http_send_all(rqs, (int)countof(rqs));
}

/* All threads at once, so that each has what it keeps: a stack, its part of the heap, a pool. */
static void warm_up(void)
{
    http_request_t rqs[2 * THREADS];

    for (int i = 0; i < 2 * THREADS; i++)
        rqs[i] = (http_request_t){.method = "POST",
                                  .path = "/configs/999999999/metrics/trends",
                                  .body = "{\"metric_fields\":[\"v\"]}",
                                  .headers = {JSON_TYPE}};
    http_send_all(rqs, 2 * THREADS);
}

/* Those that stay: one that a restart has told to end may not be gone yet. */
static apr_array_header_t *find_children(void)
{
    apr_array_header_t *pids = fixture_httpd_children();

    for (int i = 0; i < 600 && fixture_threaded() && pids->nelts != 1; i++) {
        apr_sleep(apr_time_from_msec(100));
        pids = fixture_httpd_children();
    }
    return pids;
}

static void begin(children_t *c)
{
    apr_array_header_t *pids;

    warm_up();
    pids = find_children();
    c->n = pids->nelts < MOST_CHILDREN ? pids->nelts : MOST_CHILDREN;
    for (int i = 0; i < c->n; i++) {
        c->pids[i] = APR_ARRAY_IDX(pids, i, pid_t);
        memory_reset_peak(c->pids[i]);
        c->before[i] = memory_kb(c->pids[i], "VmRSS");
    }
}

/* A client has its answer before the child has let go of what it took for it. */
static void settle(const children_t *c)
{
    for (int i = 0; i < c->n; i++)
        for (int tries = 0;
             tries < 100 && memory_kb(c->pids[i], "VmRSS") - c->before[i] > MOST_LEFT_KB; tries++)
            apr_sleep(apr_time_from_msec(50));
}

/* An instrument takes memory of its own. */
static void check(expect_at_t at, const children_t *c, const char *field, long most,
                  const char *what)
{
    for (int i = 0; i < c->n; i++) {
        long now = memory_kb(c->pids[i], field);

        if (getenv("WFM_SHOW_MEMORY"))
            printf("%s: %s %+ld kB\n", what, field, now - c->before[i]);
        expect_that(at,
                    c->before[i] > 0 && now > 0 && now - c->before[i] <= most * fixture_patience(),
                    "%s: a child's %s went from %ld kB to %ld kB", what, field, c->before[i], now);
    }
}

/* Its status, without keeping the body: a server's memory is looked at, not this program's. */
static int drop(void *ctx, const char *data, apr_size_t len)
{
    (void)data;
    *(apr_size_t *)ctx += len;
    return 0;
}

/* An instrument looks at how the memory is used: it has seen that soon. */
static void send_more(const http_request_t *rq)
{
    apr_size_t bytes = 0;

    for (int i = 0; i < (fixture_patience() > 1 ? 1 : MORE); i++)
        http_stream(rq, drop, &bytes);
}

static int has_grown(const children_t *c)
{
    for (int i = 0; i < c->n; i++)
        if (memory_kb(c->pids[i], "VmRSS") - c->before[i] > MOST_LEFT_KB)
            return 1;
    return 0;
}

/* From what is resident now. */
static void look_again(children_t *c)
{
    for (int i = 0; i < c->n; i++)
        c->before[i] = memory_kb(c->pids[i], "VmRSS");
}

http_response_t *expect_memory_at(expect_at_t at, const http_request_t *rq, long status)
{
    http_response_t *res;
    apr_size_t bytes = 0;
    children_t children;

    begin(&children);
    if (status == 200)
        res = http_stream(rq, drop, &bytes);
    else
        res = http_send(rq);
    expect_status_at(at, res, status);
    check(at, &children, "VmHWM", MOST_PEAK_KB, res->what);
    send_more(rq);
    settle(&children);
    if (has_grown(&children)) {
        check(at, &children, "VmRSS", MOST_OWED_KB, res->what);
        look_again(&children);
        send_more(rq);
        settle(&children);
    }
    check(at, &children, "VmRSS", MOST_LEFT_KB, res->what);
    return res;
}
