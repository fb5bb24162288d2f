/*
 * unit.c - the unit tests' helpers. The pool is the one thing that outlives a call.
 */
#include "unit.h"
#include <apr_strings.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASSERTED 86 /* exit code of a child whose assert failed */

static apr_pool_t *test_pool;

apr_pool_t *unit_pool(void)
{
    return test_pool;
}

void unit_set_up(void)
{
    apr_pool_create(&test_pool, NULL);
}

void unit_tear_down(void)
{
    apr_pool_destroy(test_pool);
    test_pool = NULL;
}

static void verdict(const char *file, int line, int ok, const char *text)
{
    CU_assertImplementation(ok, (unsigned)line, text, file, "", CU_FALSE);
}

void unit_expect_str(const char *file, int line, const char *what, const char *actual,
                     const char *expected)
{
    int ok = actual && expected ? strcmp(actual, expected) == 0 : actual == expected;

    verdict(file, line, ok,
            apr_psprintf(test_pool, "%s is \"%s\", not \"%s\"", what, actual ? actual : "(NULL)",
                         expected ? expected : "(NULL)"));
}

void unit_expect_int(const char *file, int line, const char *what, apr_int64_t actual,
                     apr_int64_t expected)
{
    verdict(file, line, actual == expected,
            apr_psprintf(test_pool, "%s is %" APR_INT64_T_FMT ", not %" APR_INT64_T_FMT, what,
                         actual, expected));
}

void unit_expect_fault(const char *file, int line, const wfm_error_t *err, const char *field,
                       const char *message)
{
    const char *said = "(nothing)";
    int i, count = 0;

    for (i = 0; err && err->fields && i < err->fields->nelts; i++) {
        const wfm_field_error_t *f = &APR_ARRAY_IDX(err->fields, i, wfm_field_error_t);

        if (strcmp(f->field, field) == 0) {
            count++;
            said = f->message;
        }
    }
    verdict(file, line, err && err->status == 400 && count == 1 && strcmp(said, message) == 0,
            apr_psprintf(test_pool, "of %s is said (%d times): \"%s\", not \"%s\"", field, count,
                         said, message));
}

static apr_status_t keep(void *ctx, const char *data, apr_size_t len, int push)
{
    unit_sink_t *sink = ctx;
    char *text;

    sink->flushes++;
    sink->pushes += push;
    if (sink->answer != APR_SUCCESS)
        return sink->answer;
    text = apr_palloc(test_pool, sink->len + len + 1);
    memcpy(text, sink->text, sink->len);
    memcpy(text + sink->len, data, len);
    sink->len += len;
    text[sink->len] = '\0';
    sink->text = text;
    return APR_SUCCESS;
}

unit_sink_t *unit_sink(apr_size_t buf_size)
{
    unit_sink_t *sink = apr_pcalloc(test_pool, sizeof(*sink));

    sink->buf_size = buf_size;
    sink->text = apr_pstrdup(test_pool, "");
    wfm_out_init(&sink->out, sink->buf, buf_size, keep, sink);
    return sink;
}

const char *unit_written(unit_sink_t *sink)
{
    wfm_out_flush(&sink->out);
    return sink->text;
}

static void on_abort(int sig)
{
    (void)sig;
    _exit(ASSERTED);
}

int unit_asserts(void (*function)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* assert's own message */
        signal(SIGABRT, on_abort);
        function();
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == ASSERTED;
}

apr_uint64_t unit_random(apr_uint64_t *state)
{
    apr_uint64_t z = *state += APR_UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * APR_UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * APR_UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}
