/*
 * test_ingest_json.c - JSON that is none, that is another's, that is too much.
 */
#include "ingest_told.h"
#include <apr_strings.h>
#include <string.h>

typedef struct case_t {
    wfm_format_e format;
    const char *text, *error;
} case_t;

static void check(const case_t *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *told = ingest_told(cases[i].format, cases[i].text, strlen(cases[i].text));

        expect_str(apr_psprintf(unit_pool(), "%s: %s", cases[i].text, told),
                   apr_psprintf(unit_pool(), "%s: error: %s\n", cases[i].text, cases[i].error));
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases))

static void test_no_json(void)
{
    static const case_t cases[] = {
        {WFM_FORMAT_JSON, "", "the file is empty"},
        {WFM_FORMAT_JSON, " \n", "the file is empty"},
        {WFM_FORMAT_JSON, "\xef\xbb\xbf", "the file is empty"},
        {WFM_FORMAT_JSON, "\xef\xbb",
         "line 1, byte 1: invalid JSON; expected is an array of objects"},
        {WFM_FORMAT_JSON, "\xff\xfe[",
         "line 1, byte 1: invalid JSON; expected is an array of objects; it looks like UTF-16, and"
         " must be UTF-8"},
        {WFM_FORMAT_JSON, "a,b\n1,2\n",
         "line 1, byte 1: invalid JSON; expected is an array of objects"},
        {WFM_FORMAT_JSON, "12", "line 1, byte 1: expected is an array of objects"},
        {WFM_FORMAT_JSON, "[1]", "line 1, byte 2: expected is an array of objects"},
        {WFM_FORMAT_JSON, "[{\"a\":1},[]]",
         "line 1, byte 10: no json: expected is an array of objects"},
        {WFM_FORMAT_JSON, "[{\"a\":1}", "line 1, byte 9: the file ends too early"},
        {WFM_FORMAT_JSON, "[{\"a\":1},\n {\"b", "line 2, byte 5: the file ends too early"},
        {WFM_FORMAT_JSON, "[{\"a\":tru", "line 1, byte 10: the file ends too early"},
        {WFM_FORMAT_JSON, "[{\"a\":tru}]", "line 1, byte 10: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":truer}]", "line 1, byte 11: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":None}]", "line 1, byte 7: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":01}]", "line 1, byte 8: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":+1}]", "line 1, byte 7: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":1 2}]", "line 1, byte 9: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\" 1}]", "line 1, byte 7: invalid JSON"},
        {WFM_FORMAT_JSON, "[{a:1}]", "line 1, byte 3: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":1,}]", "line 1, byte 9: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":1},]", "line 1, byte 10: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":1]", "line 1, byte 8: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":[}]}]", "line 1, byte 8: invalid JSON"},
        {WFM_FORMAT_JSON, "[]]", "line 1, byte 3: invalid JSON"},
        {WFM_FORMAT_JSON, "[] []",
         "line 1, byte 4: more behind the JSON's end (an object a line is ndjson)"},
        {WFM_FORMAT_JSON, "{\"a\":1}\n{\"a\":2}\n",
         "line 2, byte 1: more behind the JSON's end (an object a line is ndjson)"},
        {WFM_FORMAT_JSON, "[{\"a\":\"x\ny\"}]", "line 1, byte 9: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":\"\\x\"}]", "line 1, byte 9: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":\"\\u0000\"}]", "line 1, byte 13: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":\"\\ud800\"}]", "line 1, byte 14: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":\"b\xe4\"}]", "line 1, byte 10: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"\xe4\":1}]", "line 1, byte 5: invalid JSON"},
        {WFM_FORMAT_JSON, "[{\"a\":1,\n\"b\":2,\"\\u0061\":3}]",
         "line 2, byte 16: the name 'a' twice in one object"},
        {WFM_FORMAT_JSON, "[{\"a.b\":1,\"a\":{\"b\":2}}]",
         "line 1, byte 20: the name 'a.b' twice in one object"},
    };

    CHECK(cases);
    expect_str(ingest_told(WFM_FORMAT_JSON, "[{\"a\":\"\0\"}]", 11),
               "error: line 1, byte 8: invalid JSON\n");
}

static void test_lines(void)
{
    static const case_t cases[] = {
        {WFM_FORMAT_NDJSON, "", "the file is empty"},
        {WFM_FORMAT_NDJSON, "[{\"a\":1}]",
         "line 1, byte 1: no ndjson: expected is an object a line"},
        {WFM_FORMAT_NDJSON, "{\"a\":1}\n3\n",
         "line 2, byte 1: no ndjson: expected is an object a line"},
        {WFM_FORMAT_NDJSON, "{\"a\":1}{\"a\":2}",
         "line 1, byte 8: no ndjson: a second object in the line"},
        {WFM_FORMAT_NDJSON, "{\"a\":\n1}",
         "line 2, byte 1: no ndjson: the object of the line before has not ended"},
        {WFM_FORMAT_NDJSON, "{\"a\":1\n{\"a\":2}\n", "line 2, byte 1: invalid JSON"},
        {WFM_FORMAT_NDJSON, "{\"a\":1}\n{\"a\"", "line 2, byte 5: the file ends too early"},
        {WFM_FORMAT_NDJSON, "{\"a\":1},\n", "line 1, byte 8: invalid JSON"},
    };

    CHECK(cases);
}

/* What is told of a tool's file is told, too, when the sender says whose it is; of another's it is
 * said what was expected. */
static void test_forced(void)
{
    static const case_t cases[] = {
        {WFM_FORMAT_HYPERFINE, "[{\"a\":1}]",
         "line 1, byte 1: no hyperfine: expected is an object with an array \"results\" of objects"
         " with \"command\" and \"mean\""},
        {WFM_FORMAT_HYPERFINE, "{\"benchmarks\":[]}",
         "line 1, byte 17: no hyperfine: expected is an object with an array \"results\" of objects"
         " with \"command\" and \"mean\""},
        {WFM_FORMAT_HYPERFINE, "{\"results\":{}}",
         "line 1, byte 12: no hyperfine: expected is an object with an array \"results\" of objects"
         " with \"command\" and \"mean\""},
        {WFM_FORMAT_HYPERFINE, "{\"results\":[\n{\"command\":\"a\"}]}",
         "line 2, byte 1: a row of hyperfine without \"mean\""},
        {WFM_FORMAT_HYPERFINE, "{\"results\":[{\"command\":\"a\",\"mean\":1},\n{\"mean\":1}]}",
         "line 2, byte 1: a row of hyperfine without \"command\""},
        {WFM_FORMAT_HYPERFINE, "{\"results\":[],\"results\":[]}",
         "line 1, byte 15: a name twice in one object"},
        {WFM_FORMAT_JMH, "{\"results\":[]}",
         "line 1, byte 1: no jmh: expected is an array of objects with \"benchmark\" and"
         " \"primaryMetric\""},
        {WFM_FORMAT_JMH, "[{\"benchmark\":\"a\",\"primaryMetric\":{}}]",
         "line 1, byte 2: a row of jmh without \"primaryMetric.score\""},
        {WFM_FORMAT_JMH, "[3]",
         "line 1, byte 2: no jmh: expected is an array of objects with \"benchmark\" and"
         " \"primaryMetric\""},
        {WFM_FORMAT_PYTEST_BENCHMARK, "{\"benchmarks\":[{\"name\":\"a\",\"time_unit\":\"s\"}]}",
         "line 1, byte 16: a row of pytest-benchmark without \"fullname\""},
        {WFM_FORMAT_GOOGLE_BENCHMARK, "{\"benchmarks\":[{\"name\":\"a\"}]}",
         "line 1, byte 16: a row of google-benchmark without \"time_unit\""},
        {WFM_FORMAT_GITHUB_ACTION_BENCHMARK, "[{\"name\":\"a\",\"value\":1}]",
         "line 1, byte 2: a row of github-action-benchmark without \"unit\""},
        {WFM_FORMAT_BENCHER, "{\"a\":{\"latency\":3}}",
         "line 1, byte 6: no bencher: expected is an object with an object for each benchmark, of"
         " objects with \"value\" for each measure"},
        {WFM_FORMAT_BENCHER, "{\"a\":1}",
         "line 1, byte 6: no bencher: expected is an object with an object for each benchmark, of"
         " objects with \"value\" for each measure"},
        {WFM_FORMAT_BENCHER, "[]",
         "line 1, byte 1: no bencher: expected is an object with an object for each benchmark, of"
         " objects with \"value\" for each measure"},
        {WFM_FORMAT_JSON, "{\"results\":[{\"mean\":1}]}",
         "line 1, byte 13: what \"results\" holds is of no tool that is known"},
        {WFM_FORMAT_JSON, "{\"a\":1,\"b\":{\"c\":[[{}]]}}",
         "line 1, byte 24: an object with arrays of objects, and of no tool that is known"},
    };

    CHECK(cases);
}

static const char *short_told(wfm_format_e format, const char *text)
{
    return ingest_told(format, text, strlen(text));
}

/* Names that a tool's rows have anyway, and the sender's own. */
static void test_names(void)
{
    expect_str(
        short_told(WFM_FORMAT_JSON,
                   "{\"results\":[{\"command\":\"a\",\"mean\":1,\"parameters\":{\"mean\":\"2\","
                   "\"x\":\"3\"},\"stddev\":null,\"x\":true}]}"),
        "command: dimension\nmean: metric s lower\nparameters.mean: dimension whole\n"
        "x: dimension whole\nstddev: metric s lower\nx (2): left out\n"
        "{\"command\":\"a\",\"parameters.mean\":2,\"x\":3} {\"mean\":1} "
        "{\"x (2)\":\"true\"}\n");
    expect_str(short_told(WFM_FORMAT_JSON, "{\"results\":[1],\"v\":2}"),
               "results: left out\nv: metric\n{} {\"v\":2} {\"results\":[1]}\n");
    expect_str(short_told(WFM_FORMAT_JSON, "[{\"name\":\"a\",\"unit\":\"s\",\"value\":1,\"b\":2}]"),
               "name: dimension\nunit: dimension\nvalue: metric\nb: dimension whole\n"
               "{\"name\":\"a\",\"unit\":\"s\",\"b\":2} {\"value\":1} null\n");
    expect_str(short_told(WFM_FORMAT_JSON, "[{\"\":3,\"a\":{\"\":4}}]"),
               "column 1: dimension whole\na.: metric\n{\"column 1\":3} {\"a.\":4} null\n");
    expect_str(short_told(WFM_FORMAT_BENCHER, "{}"), "");
}

/* A metric of the format that has no number in this file will have one in another. */
static void test_empty_metrics(void)
{
    expect_str(short_told(WFM_FORMAT_JSON,
                          "{\"results\":[{\"command\":\"a\",\"mean\":1,\"stddev\":null}]}"),
               "command: dimension\nmean: metric s lower\nstddev: metric s lower\n"
               "{\"command\":\"a\"} {\"mean\":1} null\n");
    expect_str(
        short_told(WFM_FORMAT_JSON,
                   "[{\"benchmark\":\"a\",\"primaryMetric\":{\"score\":2,\"scoreError\":\"NaN\","
                   "\"scoreUnit\":\"ms/op\"}}]"),
        "benchmark: dimension\ntime_per_op: metric ms/op lower\n"
        "time_per_op_error: metric ms/op lower\n"
        "{\"benchmark\":\"a\"} {\"time_per_op\":2} {\"time_per_op_error\":\"NaN\"}\n");
    expect_str(short_told(WFM_FORMAT_JSON,
                          "{\"benchmarks\":[{\"fullname\":\"a\",\"group\":null,\"param\":null,"
                          "\"stats\":{\"mean\":1,\"q1\":null,\"q3\":[1]}}]}"),
               "fullname: dimension\nmean: metric s lower\nq1: metric s lower\n"
               "{\"fullname\":\"a\"} {\"mean\":1} null\n");
    expect_str(short_told(WFM_FORMAT_JSON, "[{\"v\":1,\"stddev\":null}]"),
               "v: metric\nstddev: left out\n{} {\"v\":1} null\n");
}

/* As versions before and after those of the files have it. */
static void test_versions(void)
{
    expect_str(
        short_told(WFM_FORMAT_JSON,
                   "{\"benchmarks\":[{\"name\":\"BM_a/n:8/m:2/threads:4/iterations:9\","
                   "\"iterations\":3,\"real_time\":2,\"cpu_time\":1,\"time_unit\":\"ms\"},"
                   "{\"name\":\"BM_b<a::b>/7\",\"run_name\":\"BM_b<a::b>/7\",\"skipped\":true,"
                   "\"skip_message\":\"no\",\"real_time\":0,\"cpu_time\":0,\"time_unit\":\"ms\","
                   "\"label\":\"\"}]}"),
        "iterations: left out\nreal_time: metric ms lower\ncpu_time: metric ms lower\n"
        "name: dimension\nn: dimension whole\nm: dimension whole\nskip_message: left out\n"
        "label: dimension\n"
        "{\"name\":\"BM_a/n:8/m:2/threads:4/iterations:9\",\"n\":8,\"m\":2} "
        "{\"real_time\":2,\"cpu_time\":1} {\"iterations\":\"3\"}\n"
        "{\"name\":\"BM_b<a::b>/7\",\"label\":\"\"} {} {\"skip_message\":\"no\"}\n"
        "warning: line 1: 'BM_b<a::b>/7' did not run, and has no times\n");
    expect_str(
        short_told(WFM_FORMAT_JSON,
                   "{\"benchmarks\":[{\"name\":12,\"aggregate_name\":\"cv\","
                   "\"aggregate_unit\":\"percentage\",\"time_unit\":\"us\",\"real_time\":1}]}"),
        "aggregate: dimension\nreal_time_cv: metric lower\nname: dimension\n"
        "{\"aggregate\":\"cv\",\"name\":\"12\"} {\"real_time_cv\":1} null\n");
    expect_str(short_told(WFM_FORMAT_JMH,
                          "[{\"benchmark\":\"a\",\"primaryMetric\":{\"score\":2,\"scoreUnit\":"
                          "\"widgets/us\"},\"secondaryMetrics\":{\"\xc2\xb7gc.time\":{\"score\":3,"
                          "\"scoreUnit\":\"ms\"}}}]"),
               "benchmark: dimension\nvalue (widgets/us): metric\ngc.time: metric ms lower\n"
               "{\"benchmark\":\"a\"} {\"value (widgets/us)\":2,\"gc.time\":3} null\n");
}

static char *repeated(const char *head, apr_size_t n, const char *piece, const char *tail)
{
    apr_size_t h = strlen(head), len = strlen(piece), t = strlen(tail);
    char *text = apr_palloc(unit_pool(), h + n * len + t + 1);

    memcpy(text, head, h);
    for (apr_size_t i = 0; i < n; i++)
        memcpy(text + h + i * len, piece, len);
    memcpy(text + h + n * len, tail, t + 1);
    return text;
}

static char *wide(int n)
{
    char *text = apr_palloc(unit_pool(), 32 * (apr_size_t)n + 8), *s = text;

    s += sprintf(s, "[{");
    for (int i = 0; i < n; i++)
        s += sprintf(s, "%s\"c%d\":%d", i ? "," : "", i, i);
    sprintf(s, "}]");
    return text;
}

#define MIB (1024 * 1024)

static void test_bounds(void)
{
    const char *numbers =
        repeated("{\"benchmarks\":[{\"fullname\":\"a\",\"stats\":{\"mean\":1,\"data\":["
                 "0",
                 MIB, ",1", "]}}]}");
    const char *found;

    expect_str(short_told(WFM_FORMAT_JSON, repeated("[{\"a\":\"", MIB, "x", "\"}]")),
               "error: line 1, byte 7: more than 1 MiB in one value\n");
    expect_str(short_told(WFM_FORMAT_JSON, repeated("[{\"a\":\"", MIB - 3, "x", "\"}]")),
               "error: line 1, byte 7: a record of more than 1 MiB\n");
    found = short_told(WFM_FORMAT_JSON, repeated("[{\"a\":\"", MIB - 100, "x", "\"}]"));
    CU_ASSERT_PTR_NULL(strstr(found, "error"));
    expect_str(short_told(WFM_FORMAT_NDJSON, repeated("{\"a\":[0", MIB / 2, ",1", "]}")),
               "error: line 1, byte 1048577: a record of more than 1 MiB\n");
    expect_str(short_told(WFM_FORMAT_JSON, repeated("[{\"a\":[0", MIB / 2, ",1", "]}]")),
               "error: line 1, byte 1048578: a record of more than 1 MiB\n");
    expect_str(
        short_told(WFM_FORMAT_JSON, numbers),
        "fullname: dimension\nmean: metric s lower\n{\"fullname\":\"a\"} {\"mean\":1} null\n");
    CU_ASSERT_PTR_NULL(strstr(short_told(WFM_FORMAT_JSON, wide(1600)), "error"));
    expect_str(short_told(WFM_FORMAT_JSON, wide(1601)),
               "error: line 1, byte 2: no column is left for 'c1600': there are 1600 at most\n");
    expect_str(short_told(WFM_FORMAT_JSON, repeated("[{\"", 985, "n", "\":1}]")),
               "error: line 1, byte 3: the name is too long\n");
    expect_str(short_told(WFM_FORMAT_JSON, repeated("[{\"a\":{\"", 983, "n", "\":1}}]")),
               "error: line 1, byte 8: the name is too long\n");
    CU_ASSERT_PTR_NULL(
        strstr(short_told(WFM_FORMAT_JSON, repeated("[{\"", 984, "n", "\":1}]")), "error"));
    CU_ASSERT_PTR_NULL(
        strstr(short_told(WFM_FORMAT_JSON, repeated("[{\"a\":{\"", 982, "n", "\":1}}]")), "error"));
    expect_str(short_told(WFM_FORMAT_JSON, repeated("[{\"a\":", 30, "[", "1")),
               "error: line 1, byte 38: the file ends too early\n");
    expect_str(short_told(WFM_FORMAT_JSON, repeated("[{\"a\":", 31, "[", "1")),
               "error: line 1, byte 37: JSON is nested deeper than 32 levels\n");
}

SUITE(ingest_json) = {
    {"what is no JSON, and where", test_no_json},
    {"an object a line", test_lines},
    {"formats that are said, and files that are another's", test_forced},
    {"names of tools, and names of senders", test_names},
    {"metrics without a number", test_empty_metrics},
    {"other versions of the tools", test_versions},
    {"bounds", test_bounds},
    CU_TEST_INFO_NULL,
};
