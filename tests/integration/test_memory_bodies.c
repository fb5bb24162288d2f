/*
 * test_memory_bodies.c - bounded in bytes: what a body costs a child, whatever it holds.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "memory.h"
#include <string.h>

static http_request_t chart(apr_int64_t config, const char *which, const char *body)
{
    return (http_request_t){.method = "POST",
                            .path = strf("/configs/" ID "/metrics/%s", config, which),
                            .body = body,
                            .timeout_ms = 120000L * fixture_patience(),
                            .headers = {JSON_TYPE}};
}

/* A text so many times, separated by commas. */
static const char *repeated(const char *text, int n)
{
    apr_size_t len = strlen(text);
    char *list = apr_palloc(fixture_pool(), (len + 1) * (apr_size_t)n + 1), *o = list;

    for (int i = 0; i < n; i++) {
        memcpy(o, text, len);
        o += len;
        *o++ = ',';
    }
    o[-1] = '\0';
    return list;
}

/* A MiB of the smallest values there are, which json-c would make 260 MB of. */
static void test_bodies_of_many_values(void)
{
    apr_int64_t config = seed_config(DB_A, "bodies");
    const char *many = repeated("{}", 340000);
    http_request_t rq = chart(config, "query", strf("{\"x\":[%s]}", many));

    expect_memory(&rq, 400);
    rq = chart(config, "query", strf("{\"dimensions\":{\"a\":[%s]}}", many));
    expect_error(expect_memory(&rq, 400), 4000, "JSON of more than 20000 values");
    /* as many as there may be, where they are declared */
    rq = chart(config, "query", strf("{\"dimensions\":{\"a\":[%s]}}", repeated("{}", 19990)));
    expect_memory(&rq, 400);
    rq = chart(config, "query", strf("{\"dimensions\":{\"a\":[%s]}}", repeated("{\"b\":1}", 9990)));
    expect_memory(&rq, 400);
    rq = chart(config, "query", strf("{\"dimensions\":{\"a\":[%s]}}", repeated("[]", 19990)));
    expect_memory(&rq, 400);
    rq = chart(config, "query",
               strf("{\"dimensions\":{\"a\":[%s]}}",
                    repeated("\"0123456789012345678901234567890123456789\"", 19990)));
    expect_memory(&rq, 200);
}

static void test_bodies_of_one_value(void)
{
    apr_int64_t config = seed_config(DB_A, "bodies");
    char *text = apr_palloc(fixture_pool(), 1000001);
    http_request_t rq;

    memset(text, 'x', 1000000);
    text[1000000] = '\0';
    rq = chart(config, "query", strf("{\"x\":\"%s\"}", text));
    expect_memory(&rq, 200);
    rq = chart(config, "query", strf("{\"dimensions\":{\"a\":\"%s\"}}", text));
    memory_fill_connections(&rq);
    expect_memory(&rq, 200);
    rq = chart(config, "query", strf("{\"sort_by\":\"%s\"}", text));
    expect_memory(&rq, 400);
    rq = chart(config, "query", strf("{\"%s\":1}", text));
    expect_memory(&rq, 200);
}

SUITE(memory_bodies) = {
    {"bodies of many values", test_bodies_of_many_values},
    {"bodies of one value", test_bodies_of_one_value},
    CU_TEST_INFO_NULL,
};
