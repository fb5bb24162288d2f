/*
 * test_memory_results.c - a result file costs a child the same, whatever its size.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES (64 * 1024 * 1024)
#define ROW_BYTES  16384

/* Rows of some cells, most of one that is long: so that PostgreSQL has little to do. */
static const char *file_of(apr_size_t len)
{
    static const char head[] = "Op,note,v\n";
    char *text = apr_palloc(fixture_pool(), len + ROW_BYTES + 1), *end = text;

    memcpy(end, head, sizeof head - 1);
    for (end += sizeof head - 1; end + ROW_BYTES < text + len; end += ROW_BYTES) {
        memset(end, 'n', ROW_BYTES);
        memcpy(end, "GEMM,", 5);
        memcpy(end + ROW_BYTES - 5, ",1.5\n", 5);
    }
    *end = '\0';
    return text;
}

static http_response_t *send_file(apr_int64_t config, const char *body)
{
    return http_send(&(http_request_t){
        .method = "POST",
        .path = strf("/configs/" ID "/results?workload_uid=u&source_file=a", config),
        .body = body,
        .timeout_ms = 120000L * fixture_patience(),
        .headers = {"Content-Type: text/csv"}});
}

/* The child that grew most, since the peaks were reset. */
static long growth(const apr_array_header_t *children, const long *before)
{
    long most = 0;

    for (int i = 0; i < children->nelts; i++) {
        long grown = memory_kb(APR_ARRAY_IDX(children, i, pid_t), "VmHWM") - before[i];

        if (grown > most)
            most = grown;
    }
    return most;
}

static void test_large_file(void)
{
    const char *large = file_of(FILE_BYTES), *small = file_of(1024 * 1024);
    apr_int64_t config = seed_config(DB_A, "large file");
    apr_array_header_t *children;
    long before[64];

    for (int i = 0; i < 8; i++) /* every thread, or most of them, has had one */
        send_file(config, small);
    children = fixture_httpd_children();
    for (int i = 0; i < children->nelts; i++) {
        pid_t pid = APR_ARRAY_IDX(children, i, pid_t);

        memory_reset_peak(pid);
        before[i] = memory_kb(pid, "VmRSS");
    }
    expect_json(send_file(config, large), "data.rows", strf("%d", FILE_BYTES / ROW_BYTES - 1));
    if (getenv("WFM_SHOW_MEMORY"))
        printf("%+ld kB ", growth(children, before));
    expect(growth(children, before) <= 8 * 1024, "a child grew by %ld kB",
           growth(children, before));
}

/* The largest record there may be, each byte of which is six in JSON, and one of names that are
 * longer than their cells. */
static void test_large_records(void)
{
    apr_int64_t config = seed_config(DB_A, "large records");
    apr_size_t len = 1024 * 1024 - 100;
    char *cell = apr_pcalloc(fixture_pool(), len + 1), *names, *end;
    http_request_t rq = {.method = "POST",
                         .path =
                             strf("/configs/" ID "/results?workload_uid=u&source_file=a", config),
                         .timeout_ms = 120000L * fixture_patience(),
                         .headers = {"Content-Type: text/csv"}};

    memset(cell, 1, len);
    rq.body = strf("Op,v\n\"%s\",1\n", cell);
    expect_status(http_send(&rq), 201);
    expect_memory(&rq, 200);
    names = end = apr_palloc(fixture_pool(), 1024 * 1024);
    for (int i = 0; i < 1000; i++)
        end += sprintf(end, "%0*d,", 985, i);
    strcpy(end, "v\n");
    rq.path = strf("%s&metrics=v", rq.path);
    rq.body = strf("%s%s1\n", names, (char *)memset(apr_pcalloc(fixture_pool(), 2001), ',', 1000));
    expect_memory(&rq, 200);
}

SUITE(memory_results) = {
    {"large records", test_large_records},
    {"64 MiB", test_large_file},
    CU_TEST_INFO_NULL,
};
