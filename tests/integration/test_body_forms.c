/*
 * test_body_forms.c - content codings, charsets and byte order marks of bodies, and endpoints that
 * take none. Media types, sizes and JSON itself are test_bodies.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "routes.h"
#include <stdlib.h>
#include <string.h>

static http_response_t *patch(const char *host, const char *path, const char *body, apr_size_t len,
                              const char *type, const char *coding)
{
    return http_send(&(http_request_t){.method = "PATCH",
                                       .host = host,
                                       .path = path,
                                       .body = body,
                                       .body_len = len,
                                       .headers = {type, coding}});
}

/* What a shell command prints, which may hold NUL. */
static const char *bytes_of(const char *command, apr_size_t *len)
{
    const char *hex;
    char *bytes;

    fixture_shell(strf("{ %s; } | od -An -v -tx1 | tr -d ' \\n'", command), &hex);
    *len = strlen(hex) / 2;
    bytes = apr_palloc(fixture_pool(), *len + 1);
    for (apr_size_t i = 0; i < *len; i++)
        bytes[i] = (char)strtol(strf("%.2s", hex + 2 * i), NULL, 16);
    bytes[*len] = '\0';
    return bytes;
}

#define UNCODED  "the body must come without a content coding"
#define GZIP     "Content-Encoding: gzip"
#define INFLATES "the body inflates to too many times its size"

static void test_codings(void)
{
    static const char *const refused[] = {GZIP,
                                          "Content-Encoding: br",
                                          "Content-Encoding: deflate",
                                          "Content-Encoding: zstd",
                                          "Content-Encoding: x",
                                          "Content-Encoding: identity, gzip"};
    static const char *const plain[] = {"Content-Encoding: identity", "Content-Encoding: Identity",
                                        "Content-Encoding;", "Content-Encoding: identity, ,"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "codings"));
    apr_size_t len;
    const char *gz = bytes_of("printf '{\"name\":\"inflated\"}' | gzip -c", &len);

    for (size_t i = 0; i < countof(refused); i++) {
        http_response_t *res = patch(HOST_A, path, gz, len, JSON_TYPE, refused[i]);

        expect_error(res, 4150, UNCODED);
        expect_header(res, "Accept-Encoding", "identity");
        expect_error(patch(HOST_A, path, "{}", 2, JSON_TYPE, refused[i]), 4150, UNCODED);
    }
    for (size_t i = 0; i < countof(plain); i++)
        expect_success(patch(HOST_A, path, "{\"name\":\"plain\"}", 0, JSON_TYPE, plain[i]));
    expect_error(http_json("PATCH", path, NULL), 4000, "invalid JSON at byte 0");
}

static void test_inflated(void)
{
    static const char *const taken[] = {GZIP, "Content-Encoding: x-gzip",
                                        "Content-Encoding: identity, gzip",
                                        "Content-Encoding: gzip, identity"};
    static const char *const refused[] = {"Content-Encoding: br, gzip",
                                          "Content-Encoding: gzip, br",
                                          "Content-Encoding: gzip, gzip", "Content-Encoding: br"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "inflated"));
    apr_size_t len;
    const char *gz = bytes_of("printf '{\"name\":\"inflated\"}' | gzip -c", &len);

    for (size_t i = 0; i < countof(taken); i++)
        expect_text(patch(HOST_CROWDED, path, gz, len, JSON_TYPE, taken[i]), "data.name",
                    "inflated");
    for (size_t i = 0; i < countof(refused); i++)
        expect_error(patch(HOST_CROWDED, path, gz, len, JSON_TYPE, refused[i]), 4150, UNCODED);
    expect_error(patch(HOST_CROWDED, path, "no gzip", 0, JSON_TYPE, GZIP), 4000,
                 "the body could not be read");
    expect_error(patch(HOST_CROWDED, path, gz, len - 4, JSON_TYPE, GZIP), 4000,
                 "the body could not be read");
    expect_success(patch(HOST_CROWDED, path, "{}", 2, JSON_TYPE, NULL));
}

/* The bound is that of the bytes that come out. */
static void test_bombs(void)
{
    const char *path = strf("/configs/" ID, seed_config(DB_A, "bombs"));
    apr_size_t len;
    const char *zeros = bytes_of("head -c 20000000 /dev/zero | tr '\\0' ' ' | gzip -9c", &len);

    expect_error(patch(HOST_CROWDED, path, zeros, len, JSON_TYPE, GZIP), 4130, INFLATES);
    zeros = bytes_of("seq 1 300000 | gzip -9c", &len); /* 2 MB in 600 KB */
    expect_error(patch(HOST_CROWDED, path, zeros, len, JSON_TYPE, GZIP), 4130,
                 "the body is larger than 1048576 bytes");
}

static void test_marks(void)
{
    static const char *const good[] = {"\xef\xbb\xbf{\"name\":\"marked\"}",
                                       "\xef\xbb\xbf \n{\"name\":\"marked\"}"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "marks"));

    for (size_t i = 0; i < countof(good); i++)
        expect_text(http_json("PATCH", path, good[i]), "data.name", "marked");
    expect_error(http_json("PATCH", path, "\xef\xbb\xbf\xef\xbb\xbf{}"), 4000,
                 "invalid JSON at byte 3");
    expect_error(http_json("PATCH", path, "\xef\xbb\xbf"), 4000, "invalid JSON at byte 3");
    expect_error(http_json("PATCH", path, "\xef\xbb\xbf{\"name\":}"), 4000,
                 "invalid JSON at byte 11");
    expect_error(http_json("PATCH", path, " \xef\xbb\xbf{}"), 4000, "invalid JSON at byte 1");
    expect_error(http_json("PATCH", path, "{}\xef\xbb\xbf"), 4000, "invalid JSON at byte 2");
    expect_status(http_get(strf("/configs/" ID "/export?dimensions=%%EF%%BB%%BF%%7B%%7D",
                                seed_config(DB_A, "mark in a query"))),
                  400);
}

static void test_charsets(void)
{
    static const char *const refused[] = {"Content-Type: application/json; charset=iso-8859-1",
                                          "Content-Type: application/json; charset=utf-16",
                                          "Content-Type: application/json;charset=\"UTF-32\""};
    static const char *const taken[] = {"Content-Type: application/json; charset=\"UTF-8\"",
                                        "Content-Type: application/json;charset=us-ascii",
                                        "Content-Type: application/json; version=2"};
    const char *path = strf("/configs/" ID, seed_config(DB_A, "charsets"));
    static const char *const encodings[] = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE"};

    for (size_t i = 0; i < countof(refused); i++)
        expect_error(patch(HOST_A, path, "{}", 2, refused[i], NULL), 4150,
                     "the body must be in UTF-8");
    for (size_t i = 0; i < countof(taken); i++)
        expect_success(patch(HOST_A, path, "{}", 2, taken[i], NULL));
    for (size_t i = 0; i < countof(encodings); i++) {
        apr_size_t len;
        const char *body =
            bytes_of(strf("printf '{\"name\":\"wide\"}' | iconv -t %s", encodings[i]), &len);

        http_response_t *res = patch(HOST_A, path, body, len, JSON_TYPE, NULL);
        expect_status(res, 400);
        expect_contains(res->body, "\"message\":\"invalid JSON at byte ");
    }
}

/* A POST that takes no body takes any: of any type, coding, charset and size, chunked or not. */
static void test_no_body_taken(void)
{
    static const char *const headers[] = {"Content-Type: image/png", GZIP,
                                          "Content-Type: application/json; charset=utf-16",
                                          "Content-Encoding: br", NULL};
    objects_t o = seed_objects("no body taken");

    for (size_t h = 0; h < countof(headers); h++)
        for (int chunked = 0; chunked < 2; chunked++) {
            apr_int64_t run = seed_run(DB_A, o.config, "failed");
            const char *paths[] = {strf("/runs/" ID "/retry", run),
                                   strf("/schemas/" ID "/activate", o.schema),
                                   strf("/configs/" ID "/runs/batch-retry", o.config)};

            for (size_t i = 0; i < countof(paths); i++) {
                http_request_t rq = {.method = "POST",
                                     .host = h % 2 ? HOST_CROWDED : HOST_A,
                                     .path = paths[i],
                                     .chunked = chunked,
                                     .body = "\x1f\x8b no {JSON",
                                     .headers = {headers[h]}};
                expect_success(http_send(&rq));
            }
        }
}

SUITE(body_forms) = {
    {"content codings that nobody takes off", test_codings},
    {"a coding that a filter takes off", test_inflated},
    {"bodies that inflate", test_bombs},
    {"byte order marks", test_marks},
    {"charsets", test_charsets},
    {"a POST that takes no body takes any", test_no_body_taken},
    CU_TEST_INFO_NULL,
};
