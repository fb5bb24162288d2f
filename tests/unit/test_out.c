/*
 * test_out.c - bytes come out as they went in, whatever the buffer, and a failure sticks.
 */
#include "unit.h"
#include <apr_strings.h>

static void test_nothing_flushes_nothing(void)
{
    unit_sink_t *sink = unit_sink(64);

    expect_str(unit_written(sink), "");
    expect_int(sink->flushes, 0);
    expect_int(sink->out.flushed, 0);
}

static void test_waits_until_full(void)
{
    unit_sink_t *sink = unit_sink(64);
    int i;

    for (i = 0; i < 64; i++)
        wfm_out_char(&sink->out, 'a');
    expect_int(sink->flushes, 0);
    wfm_out_char(&sink->out, 'b');
    expect_int(sink->flushes, 1);
    expect_int(sink->out.flushed, 64);
    expect_int(sink->out.len, 1);
    expect_int((apr_int64_t)strlen(unit_written(sink)), 65);
    expect_int(sink->out.flushed, 65);
}

/** Pieces of every length, against buffers of several sizes: what comes out is what went in. */
static void test_any_length_any_buffer(void)
{
    static const apr_size_t sizes[] = {64, 65, 100, 4096};
    unsigned k;

    for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        unit_sink_t *sink = unit_sink(sizes[k]);
        char expected[300 * 301 / 2 + 1], *e = expected;
        int len, i;

        for (len = 0; len <= 300; len++) {
            for (i = 0; i < len; i++)
                e[i] = (char)('a' + (len + i) % 26);
            wfm_out_mem(&sink->out, e, (apr_size_t)len);
            e += len;
        }
        *e = '\0';
        CU_ASSERT_STRING_EQUAL(unit_written(sink), expected);
        expect_int(sink->out.flushed, e - expected);
    }
}

static void test_str(void)
{
    unit_sink_t *sink = unit_sink(64);

    wfm_out_str(&sink->out, "");
    wfm_out_str(&sink->out, "caf\xC3\xA9");
    expect_str(unit_written(sink), "caf\xC3\xA9");
}

static void test_int64(void)
{
    static const apr_int64_t values[] = {
        0, 1, -1, 9, 10, -10, 99, 100, 1000, -999, APR_INT64_MAX, APR_INT64_MIN};
    unsigned i;

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        unit_sink_t *sink = unit_sink(64);

        wfm_out_int64(&sink->out, values[i]);
        expect_str(unit_written(sink), apr_psprintf(unit_pool(), "%" APR_INT64_T_FMT, values[i]));
    }
}

static void test_failure_sticks(void)
{
    unit_sink_t *sink = unit_sink(64);
    char big[200];

    memset(big, 'x', sizeof(big));
    sink->answer = APR_ECONNABORTED;
    wfm_out_mem(&sink->out, big, sizeof(big));
    expect_int(sink->out.status, APR_ECONNABORTED);
    expect_int(sink->flushes, 1); /* and not once more for the rest */
    sink->answer = APR_SUCCESS;
    wfm_out_mem(&sink->out, big, sizeof(big));
    wfm_out_str(&sink->out, "more");
    expect_int(wfm_out_flush(&sink->out), APR_ECONNABORTED);
    expect_int(sink->flushes, 1);
    expect_int(sink->out.flushed, 0);
    expect_str(sink->text, "");
}

/** Not before the buffer is full, unless it is told to; and only then all the way. */
static void test_push(void)
{
    unit_sink_t *sink = unit_sink(100);

    wfm_out_push(&sink->out);
    expect_int(sink->flushes, 0);
    wfm_out_str(&sink->out, "0123456789");
    expect_int(wfm_out_push(&sink->out), APR_SUCCESS);
    expect_int(sink->flushes, 1);
    expect_int(sink->pushes, 1);
    expect_int(sink->out.flushed, 10);
    for (int i = 0; i < 100; i++)
        wfm_out_char(&sink->out, 'x');
    expect_int(sink->flushes, 1);
    wfm_out_char(&sink->out, 'x');
    expect_int(sink->out.flushed, 110);
    expect_int(sink->pushes, 1);
}

static void test_since(void)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_out_mark_t mark;
    apr_size_t len;

    wfm_out_str(&sink->out, "before");
    mark = wfm_out_mark(&sink->out);
    CU_ASSERT_PTR_NOT_NULL(wfm_out_since(&sink->out, mark, &len));
    expect_int(len, 0);
    wfm_out_str(&sink->out, "since");
    expect_str(apr_pstrmemdup(unit_pool(), wfm_out_since(&sink->out, mark, &len), 5), "since");
    expect_int(len, 5);
    for (int i = 0; i < 64; i++)
        wfm_out_char(&sink->out, 'x');
    CU_ASSERT_PTR_NULL(wfm_out_since(&sink->out, mark, &len));
    mark = wfm_out_mark(&sink->out);
    sink->answer = APR_ECONNABORTED;
    wfm_out_flush(&sink->out);
    CU_ASSERT_PTR_NULL(wfm_out_since(&sink->out, mark, &len));
}

SUITE(out) = {
    {"nothing flushes nothing", test_nothing_flushes_nothing},
    {"waits until full", test_waits_until_full},
    {"any length, any buffer", test_any_length_any_buffer},
    {"str", test_str},
    {"int64", test_int64},
    {"a failure sticks", test_failure_sticks},
    {"push", test_push},
    {"since a mark", test_since},
    CU_TEST_INFO_NULL,
};
