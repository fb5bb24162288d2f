/*
 * unit.h - what the unit tests share: a pool a test, assertions that show both sides, a sink that
 * keeps what was written, repeatable pseudo-random numbers.
 */
#ifndef WFM_TEST_UNIT_H
#define WFM_TEST_UNIT_H

#include "../support/suite.h"
#include "core/error.h"
#include "core/out.h"
#include <apr_pools.h>

/** The running test's pool; emptied after it. */
apr_pool_t *unit_pool(void);

/* main.c gives these to CUnit as the set-up and tear-down of every test. */
void unit_set_up(void);
void unit_tear_down(void);

#define expect_str(actual, expected)                                                               \
    unit_expect_str(__FILE__, __LINE__, #actual, (actual), (expected))
#define expect_int(actual, expected)                                                               \
    unit_expect_int(__FILE__, __LINE__, #actual, (actual), (expected))
#define expect_fault(err, field, message)                                                          \
    unit_expect_fault(__FILE__, __LINE__, (err), (field), (message))

/** Equal texts, or both NULL. */
void unit_expect_str(const char *file, int line, const char *what, const char *actual,
                     const char *expected);

void unit_expect_int(const char *file, int line, const char *what, apr_int64_t actual,
                     apr_int64_t expected);

/** A 400 that says exactly this of this field, and says it of that field once. */
void unit_expect_fault(const char *file, int line, const wfm_error_t *err, const char *field,
                       const char *message);

/** A wfm_out_t that keeps what was flushed. */
typedef struct unit_sink_t {
    wfm_out_t out;
    char buf[4096];
    apr_size_t buf_size; /**< how much of buf the out uses */
    char *text;          /**< what was flushed, NUL-terminated */
    apr_size_t len;
    int flushes, pushes;
    apr_status_t answer; /**< what the flush function returns */
} unit_sink_t;

/** Make one with a buffer of that many bytes (at most 4096). */
unit_sink_t *unit_sink(apr_size_t buf_size);

/** Flush; everything written so far. */
const char *unit_written(unit_sink_t *sink);

/** Does the function end in a failed assert? (tried in a child process) */
int unit_asserts(void (*function)(void));

/** The next number of a fixed sequence (SplitMix64), so that a failure comes again. */
apr_uint64_t unit_random(apr_uint64_t *state);

#endif
