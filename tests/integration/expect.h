/*
 * expect.h - assertions that say what was expected and what came.
 *
 * CUnit prints the text of a failed assertion; these put both sides into it. All go on after a
 * failure and return whether the expectation held.
 */
#ifndef WFM_TEST_EXPECT_H
#define WFM_TEST_EXPECT_H

#include "http.h"
#include "json.h"
#include <CUnit/CUnit.h>

typedef struct expect_at_t {
    const char *file;
    int line;
} expect_at_t;

#define EXPECT_HERE ((expect_at_t){__FILE__, __LINE__})

/** A test is counted one assertion more, which holds. @return 1 */
int expect_holds(expect_at_t at);

/** One that does not, for the reason of a printf text. @return 0 */
int expect_fails(expect_at_t at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Fails the test with a printf text unless ok. What goes into the text is not looked at before. */
#define expect_that(at, ok, ...) ((ok) ? expect_holds(at) : expect_fails(at, __VA_ARGS__))

#define expect(ok, ...) expect_that(EXPECT_HERE, (ok), __VA_ARGS__)

#define expect_int(actual, expected) expect_int_at(EXPECT_HERE, #actual, (actual), (expected))
#define expect_str(actual, expected) expect_str_at(EXPECT_HERE, #actual, (actual), (expected))
#define expect_contains(text, part)  expect_contains_at(EXPECT_HERE, #text, (text), (part))
#define expect_lacks(text, part)     expect_lacks_at(EXPECT_HERE, #text, (text), (part))
#define expect_status(res, status)   expect_status_at(EXPECT_HERE, (res), (status))
#define expect_success(res)          expect_success_at(EXPECT_HERE, (res))
#define expect_header(res, n, value) expect_header_at(EXPECT_HERE, (res), (n), (value))
#define expect_text(res, path, text) expect_text_at(EXPECT_HERE, (res), (path), (text))
#define expect_json(res, path, text) expect_json_at(EXPECT_HERE, (res), (path), (text))
#define expect_error(res, code, msg) expect_error_at(EXPECT_HERE, (res), (code), (msg))
#define expect_field(res, name, msg) expect_field_at(EXPECT_HERE, (res), (name), (msg))
#define expect_keys(res, path, keys) expect_keys_at(EXPECT_HERE, (res), (path), (keys))

int expect_int_at(expect_at_t at, const char *what, apr_int64_t actual, apr_int64_t expected);
int expect_str_at(expect_at_t at, const char *what, const char *actual, const char *expected);
int expect_contains_at(expect_at_t at, const char *what, const char *text, const char *part);
int expect_lacks_at(expect_at_t at, const char *what, const char *text, const char *part);
int expect_status_at(expect_at_t at, const http_response_t *res, long status);

/** 200 with {"meta":{"code":2000},"data":{...}} and nothing else, as JSON, not to be cached. */
int expect_success_at(expect_at_t at, const http_response_t *res);

/** A header's exact value; NULL: it must be absent. */
int expect_header_at(expect_at_t at, const http_response_t *res, const char *name,
                     const char *value);

/** The value at a path ("data.runs.0.status") is this string. */
int expect_text_at(expect_at_t at, const http_response_t *res, const char *path, const char *text);

/** The value at a path equals this JSON, types included. */
int expect_json_at(expect_at_t at, const http_response_t *res, const char *path, const char *json);

/** The error envelope with this code (status is code / 10) and message, and nothing else. */
int expect_error_at(expect_at_t at, const http_response_t *res, int code, const char *message);

/** A validation error (4000) that names this field with this message. */
int expect_field_at(expect_at_t at, const http_response_t *res, const char *field,
                    const char *message);

/** The object at a path has exactly these keys, given in order and separated by commas. */
int expect_keys_at(expect_at_t at, const http_response_t *res, const char *path, const char *keys);

/** The value at a path, NULL when there is none. A JSON null is NULL too; *found tells them apart.
 */
json_object *json_at(const http_response_t *res, const char *path, int *found);
apr_int64_t json_int_at(const http_response_t *res, const char *path);
int json_length_at(const http_response_t *res, const char *path);

#endif
