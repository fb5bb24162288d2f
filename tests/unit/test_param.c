/*
 * test_param.c - path variables and query parameters: each type's good and bad forms, with the
 * exact message.
 */
#include "core/param.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

#define LIST   "must be a comma-separated list or a JSON array of names"
#define TIME   "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"
#define TEXT   "must be percent-encoded UTF-8 text without NUL"
#define OFFSET "must be an integer between 0 and 9223372036854775807"

static const char *const statuses[] = {"pending", "failed", "skipped", NULL};
static const char *const formats[] = {"csv", "json", NULL};

static const wfm_bounds_t change = {0, 1e6, 2, 0};

static const wfm_param_spec_t specs[] = {
    {"id", WFM_PARAM_ID, WFM_PARAM_PATH, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"dimension", WFM_PARAM_TEXT, WFM_PARAM_PATH, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"config_id", WFM_PARAM_ID, 0, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"offset", WFM_PARAM_OFFSET, 0, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"change", WFM_PARAM_NUMBER, 0, 0, 0, NULL, NULL, 0, NULL, &change},
    {"limit", WFM_PARAM_LIMIT, 0, 20, 100, NULL, NULL, 0, NULL, NULL},
    {"status", WFM_PARAM_ENUM, 0, -1, 0, statuses, NULL, 0, NULL, NULL},
    {"format", WFM_PARAM_ENUM, 0, 0, 0, formats, NULL, 0, NULL, NULL},
    {"enabled", WFM_PARAM_BOOL, 0, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"start", WFM_PARAM_TIME, WFM_PARAM_RANGE_START, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"end", WFM_PARAM_TIME, WFM_PARAM_RANGE_END, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"head_start", WFM_PARAM_TIME, WFM_PARAM_RANGE_START, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"head_end", WFM_PARAM_TIME, WFM_PARAM_RANGE_END, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"runs", WFM_PARAM_IDS, 0, 0, 3, NULL, NULL, 0, NULL, NULL},
    {"cluster", WFM_PARAM_TEXT, 0, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"metric_fields", WFM_PARAM_NAMES, 0, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"groups", WFM_PARAM_NAMES, WFM_PARAM_EMPTY, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"dimensions", WFM_PARAM_DIMENSIONS, 0, 0, 0, NULL, NULL, 0, NULL, NULL},
    {"rows", WFM_PARAM_LIMIT, WFM_PARAM_EXPORT_LIMIT, 10000, 0, NULL, NULL, 0, NULL, NULL},
    {NULL, WFM_PARAM_ID, 0, 0, 0, NULL, NULL, 0, NULL, NULL},
};
static const wfm_limits_t limits = {.export_max_rows = 1000000, .max_body = 1048576};
static const wfm_path_value_t path[] = {{"7", 1}, {"Op", 2}};

static wfm_args_t args;

static wfm_error_t *parse(const char *query)
{
    wfm_error_t *err = NULL;

    wfm_params_parse(unit_pool(), specs, path, query, &limits, &args, &err);
    expect_int(args.n, 19);
    return err;
}

static void expect_good(const char *query)
{
    wfm_error_t *err = parse(query);

    expect_str(err ? err->message : NULL, NULL);
}

/** This query has one fault. */
static void expect_bad(const char *query, const char *field, const char *message)
{
    wfm_error_t *err = parse(query);

    expect_fault(err, field, message);
    expect_int(err && err->fields ? err->fields->nelts : 0, 1);
    expect_int(wfm_args_is_set(&args, field), 0);
}

static void test_defaults(void)
{
    static const char *const empty[] = {NULL, "", "&", "&&"};
    unsigned i;

    for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        expect_good(empty[i]);
        expect_int(wfm_args_int(&args, "id"), 7);
        expect_int(wfm_args_is_set(&args, "id"), 1);
        expect_str(wfm_args_text(&args, "dimension"), "Op");
        expect_int(wfm_args_int(&args, "offset"), 0);
        expect_int(wfm_args_int(&args, "limit"), 20);
        expect_int(wfm_args_is_set(&args, "limit"), 0);
        expect_int(wfm_args_int(&args, "status"), -1);
        expect_str(wfm_args_text(&args, "status"), NULL);
        expect_int(wfm_args_int(&args, "format"), 0);
        expect_str(wfm_args_text(&args, "format"), "csv");
        expect_int(wfm_args_int(&args, "rows"), 10000);
        expect_int(wfm_args_is_set(&args, "config_id"), 0);
        expect_str(wfm_args_text(&args, "cluster"), NULL);
        CU_ASSERT_PTR_NULL(wfm_args_get(&args, "metric_fields")->names);
        CU_ASSERT_PTR_NULL(wfm_args_get(&args, "dimensions")->json);
    }
}

static void test_good_values(void)
{
    expect_good("config_id=9223372036854775807&offset=5&limit=100&status=failed&format=json"
                "&enabled=true&cluster=mi300-west&rows=12");
    expect_int(wfm_args_int(&args, "config_id"), APR_INT64_MAX);
    expect_int(wfm_args_int(&args, "offset"), 5);
    expect_int(wfm_args_int(&args, "limit"), 100);
    expect_int(wfm_args_is_set(&args, "limit"), 1);
    expect_int(wfm_args_int(&args, "status"), 1);
    expect_str(wfm_args_text(&args, "status"), "failed");
    expect_int(wfm_args_int(&args, "format"), 1);
    expect_int(wfm_args_int(&args, "enabled"), 1);
    expect_str(wfm_args_text(&args, "cluster"), "mi300-west");
    expect_int((apr_int64_t)wfm_args_get(&args, "cluster")->len, 10);
    expect_int(wfm_args_int(&args, "rows"), 12);
    expect_good("enabled=false");
    expect_int(wfm_args_int(&args, "enabled"), 0);
    expect_int(wfm_args_is_set(&args, "enabled"), 1);
}

static void test_id(void)
{
    static const char *const bad[] = {"",     "0",    "-1",   "abc",  "1.5", "1e3",
                                      "+1",   "%2B1", "%201", "1%20", "0x1", "9223372036854775808",
                                      "null", "1,2",  "true", "01",   "00",  "0009"};
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_bad(apr_pstrcat(unit_pool(), "config_id=", bad[i], NULL), "config_id",
                   "must be a positive integer");
}

static void test_offset(void)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "abc",
                                      "1.5",
                                      "9223372036854775808",
                                      "-99999999999999999999",
                                      "99999999999999999999"};
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_bad(apr_pstrcat(unit_pool(), "offset=", bad[i], NULL), "offset", OFFSET);
    expect_good("offset=9223372036854775807");
    expect_int(wfm_args_int(&args, "offset"), APR_INT64_MAX);
}

static void test_number(void)
{
    static const char *const bad[] = {"",     "abc", "-1",       "1000001", "NaN",  "inf",   "0x10",
                                      "1,5",  "1 ",  "%201",     "1e",      "--1",  "1e400", "true",
                                      "null", ".",   "infinity", "1e+",     "1.5.2"};
    static const char *const good[] = {"0", "-0", "2.5", "1e6", "1000000", "1e-320", "%2B2", ".5"};

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_bad(apr_pstrcat(unit_pool(), "change=", bad[i], NULL), "change",
                   "must be a number between 0 and 1000000");
    for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        expect_good(apr_pstrcat(unit_pool(), "change=", good[i], NULL));
    CU_ASSERT_EQUAL(wfm_args_number(&args, "change"), 0.5);
    expect_good("");
    CU_ASSERT_EQUAL(wfm_args_number(&args, "change"), 2);
}

static void test_limit(void)
{
    static const char *const bad[] = {"",    "0",   "-1", "abc", "1.5", "-99999999999999999999",
                                      "1e2", "all", "NaN"};
    static const char *const lowered[] = {"101", "1000000", "9223372036854775807",
                                          "9223372036854775808",
                                          "99999999999999999999999999999999999999"};
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expect_bad(apr_pstrcat(unit_pool(), "limit=", bad[i], NULL), "limit",
                   "must be an integer between 1 and 100");
        expect_bad(apr_pstrcat(unit_pool(), "rows=", bad[i], NULL), "rows",
                   "must be an integer between 1 and 1000000");
    }
    for (i = 0; i < sizeof(lowered) / sizeof(lowered[0]); i++) {
        expect_good(apr_pstrcat(unit_pool(), "limit=", lowered[i], NULL));
        expect_int(wfm_args_int(&args, "limit"), 100);
    }
    expect_good("limit=1&rows=1000001");
    expect_int(wfm_args_int(&args, "limit"), 1);
    expect_int(wfm_args_int(&args, "rows"), 1000000);
}

static void test_ceiling_below_the_default(void)
{
    static const wfm_limits_t low = {.export_max_rows = 500, .max_body = 1048576};
    wfm_error_t *err = NULL;

    wfm_params_parse(unit_pool(), specs, path, NULL, &low, &args, &err);
    CU_ASSERT_PTR_NULL(err);
    expect_int(wfm_args_int(&args, "rows"), 500);
    expect_int(wfm_args_int(&args, "limit"), 20);
    wfm_params_parse(unit_pool(), specs, path, "rows=0", &low, &args, &err);
    expect_fault(err, "rows", "must be an integer between 1 and 500");
}

static void test_enum_and_bool(void)
{
    static const char *const bad[] = {"",  "Failed", "faile",         "failed%20",
                                      "x", "1",      "pending,failed"};
    static const char *const not_bool[] = {"", "1", "0", "TRUE", "yes", "on", "truex", "null"};
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_bad(apr_pstrcat(unit_pool(), "status=", bad[i], NULL), "status",
                   "must be one of pending, failed, skipped");
    for (i = 0; i < sizeof(not_bool) / sizeof(not_bool[0]); i++)
        expect_bad(apr_pstrcat(unit_pool(), "enabled=", not_bool[i], NULL), "enabled",
                   "must be true or false");
}

static void test_time(void)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "yesterday",
                                      "infinity",
                                      "2025-01-31",
                                      "1738324800",
                                      "2025-02-30T00:00:00Z",
                                      "2025-01-31T12:00:00",
                                      "2025-01-31T12:00:00+02:00" /* its plus is a space */};
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_bad(apr_pstrcat(unit_pool(), "start=", bad[i], NULL), "start", TIME);
    expect_good("start=2025-01-31T12:00:00%2B02:00&end=2025-01-31T10:00:00.5Z");
    expect_int(wfm_args_get(&args, "start")->t, APR_INT64_C(1738317600000000));
    expect_int(wfm_args_get(&args, "end")->t, APR_INT64_C(1738317600500000));
}

static void test_range(void)
{
    expect_good("start=2025-01-31T12:00:00Z&end=2025-01-31T12:00:00Z");
    expect_good("start=2025-01-31T12:00:00%2B02:00&end=2025-01-31T11:00:00Z");
    expect_fault(parse("start=2025-01-31T12:00:01Z&end=2025-01-31T12:00:00Z"), "start",
                 "must not be after end");
    expect_fault(parse("end=2025-01-31T12:00:00Z&start=2025-01-31T12:00:00.000001Z"), "start",
                 "must not be after end");
    /* A bad end is one fault, not two. */
    expect_bad("start=2025-01-31T12:00:01Z&end=x", "end", TIME);
}

/* A list may have several ranges, each of its own. */
static void test_two_ranges(void)
{
    expect_good("start=2025-02-01T00:00:00Z&head_end=2025-01-01T00:00:00Z");
    expect_good("head_start=2025-02-01T00:00:00Z&end=2025-01-01T00:00:00Z");
    expect_good("start=2025-02-01T00:00:00Z&head_start=2025-01-31T12:00:00.0000001Z");
    expect_int(wfm_args_get(&args, "head_start")->t, APR_INT64_C(1738324800000001));
    expect_fault(parse("end=2025-03-01T00:00:00Z&head_start=2025-02-01T00:00:00Z&head_end="
                       "2025-01-01T00:00:00Z"),
                 "head_start", "must not be after head_end");
    expect_int(parse("start=2025-02-01T00:00:00Z&end=2025-01-01T00:00:00Z&head_start="
                     "2025-02-01T00:00:00Z&head_end=2025-01-01T00:00:00Z")
                   ->fields->nelts,
               2);
}

static void test_no_names(void)
{
    static const char *const none[] = {"groups=", "groups=[]", "groups=[+]"};

    for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
        expect_good(none[i]);
        expect_int(wfm_args_is_set(&args, "groups"), 1);
        expect_int(wfm_args_get(&args, "groups")->names->nelts, 0);
    }
    expect_good("groups=,");
    expect_str(APR_ARRAY_IDX(wfm_args_get(&args, "groups")->names, 0, const char *), ",");
    expect_bad("groups=[1]", "groups", "must be a comma-separated list or a JSON array of names");
}

static void expect_ids(const char *query, const char *ids)
{
    expect_good(query);
    expect_str(apr_array_pstrcat(unit_pool(), wfm_args_get(&args, "runs")->names, '|'), ids);
}

static void test_ids(void)
{
    static const char *const bad[] = {"",
                                      "0",
                                      "-1",
                                      "%2B1",
                                      "1,",
                                      ",1",
                                      "1,,2",
                                      "1.5",
                                      "1e3",
                                      "01",
                                      "x",
                                      "1;2",
                                      "1+2",
                                      "[",
                                      "[]",
                                      "[1",
                                      "[0]",
                                      "[\"x\"]",
                                      "[1.5]",
                                      "[true]",
                                      "[[1]]",
                                      "{}",
                                      "\"1\"",
                                      "1,2,3,4",
                                      "[1,2,3,4]",
                                      "9223372036854775808",
                                      "[9223372036854775808]",
                                      "1,99999999999999999999"};

    expect_ids("runs=7", "7");
    expect_ids("runs=7,9223372036854775807", "7|9223372036854775807");
    expect_ids("runs=+7+,%208,7", "7|8");
    expect_ids("runs=[7,+%228%22]", "7|8");
    expect_ids("runs[]=7&runs[1]=8", "7|8");
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_bad(apr_pstrcat(unit_pool(), "runs=", bad[i], NULL), "runs",
                   "must be a comma-separated list or a JSON array of at most 3 positive integers");
    expect_bad("runs[]=7&runs[]=x", "runs",
               "must be a comma-separated list or a JSON array of at most 3 positive integers");
    expect_bad("runs[a]=7", "runs",
               "must be written runs=a,b or runs[]=a&runs[]=b or as a JSON array");
}

static void test_range_rounds_inwards(void)
{
    const apr_int64_t noon = APR_INT64_C(1738324800000000);

    expect_good("start=2025-01-31T12:00:00.0000001Z");
    expect_int(wfm_args_get(&args, "start")->t, noon + 1);
    expect_good("start=2025-01-31T12:00:00.0000000Z");
    expect_int(wfm_args_get(&args, "start")->t, noon);
    expect_good("end=2025-01-31T12:00:00.0000019Z");
    expect_int(wfm_args_get(&args, "end")->t, noon + 1);
    /* Within one microsecond: no stored instant lies there, which is no fault of the client's. */
    expect_good("start=2025-01-31T12:00:00.0000001Z&end=2025-01-31T12:00:00.0000002Z");
    expect_int(wfm_args_get(&args, "start")->t, noon + 1);
    expect_int(wfm_args_get(&args, "end")->t, noon);
}

static void test_names(void)
{
    apr_array_header_t *names;

    expect_good("metric_fields=throughput,+latency+,throughput,a%2Cb,%C3%A9t%C3%A9");
    names = wfm_args_get(&args, "metric_fields")->names;
    expect_str(apr_array_pstrcat(unit_pool(), names, '|'),
               "throughput|latency|a|b|\xC3\xA9t\xC3\xA9");
    expect_good("metric_fields=one");
    expect_int(wfm_args_get(&args, "metric_fields")->names->nelts, 1);
    expect_good("metric_fields=two+words");
    expect_str(APR_ARRAY_IDX(wfm_args_get(&args, "metric_fields")->names, 0, const char *),
               "two words");
    expect_bad("metric_fields=", "metric_fields", LIST);
}

/** The names, and the text that may be one name. */
static void expect_names(const char *query, const char *list, const char *whole)
{
    const wfm_arg_t *arg;

    expect_good(query);
    arg = wfm_args_get(&args, "metric_fields");
    expect_str(apr_array_pstrcat(unit_pool(), arg->names, '|'), list);
    expect_str(arg->whole, whole);
}

static void test_a_name_may_hold_commas(void)
{
    expect_names("metric_fields=latency+(p50,+p99)", "latency (p50|p99)", "latency (p50, p99)");
    expect_names("metric_fields=+a+", "a", " a ");
    /* no list: it can only be one name */
    expect_names("metric_fields=,", ",", ",");
    expect_names("metric_fields=a,", "a,", "a,");
    expect_names("metric_fields=,a", ",a", ",a");
    expect_names("metric_fields=a,+,b", "a, ,b", "a, ,b");
    expect_names("metric_fields=+", " ", " ");
}

static void test_names_as_json(void)
{
    static const char *const wrong[] = {"[]", "[1]", "[\"a\",null]", "[[\"a\"]]", "[{}]"};

    expect_names("metric_fields=[\"latency+(p50,+p99)\",\"b\",\"b\"]", "latency (p50, p99)|b",
                 NULL);
    expect_names("metric_fields=[\"\",\"+a+\",\"[]\"]", "| a |[]", NULL);
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_bad(apr_pstrcat(unit_pool(), "metric_fields=", wrong[i], NULL), "metric_fields",
                   LIST);
    /* a name may begin with a bracket, too */
    expect_names("metric_fields=[ms]+latency,b", "[ms] latency|b", "[ms] latency,b");
    expect_names("metric_fields=[ms]", "[ms]", "[ms]");
    expect_names("metric_fields=\"a\",{}", "\"a\"|{}", "\"a\",{}");
}

static void test_dimensions(void)
{
    json_object *json, *op;

    expect_good("dimensions=%7B%22Op%22:%5B%22GEMM%22,%22a%2Bb%22%5D,%22n%22:32%7D");
    json = wfm_args_get(&args, "dimensions")->json;
    CU_ASSERT_TRUE_FATAL(json_object_object_get_ex(json, "Op", &op));
    expect_str(json_object_get_string(json_object_array_get_idx(op, 1)), "a+b");
    expect_good("dimensions=%7B%7D");
    CU_ASSERT_PTR_NOT_NULL(wfm_args_get(&args, "dimensions")->json);
    expect_bad("dimensions={\"}", "dimensions", "must be a JSON object: invalid JSON at byte 3");
    expect_bad("dimensions=", "dimensions", "must be a JSON object: invalid JSON at byte 0");
    expect_bad("dimensions=[]", "dimensions", "must be a JSON object");
    expect_bad("dimensions=null", "dimensions", "must be a JSON object");
    expect_bad("dimensions=Op", "dimensions", "must be a JSON object: invalid JSON at byte 0");
    expect_fault(parse("dimensions={\"Op\":{}}"), "dimensions",
                 "\"Op\" must be a string, number, boolean or null, an array of these, or "
                 "{\"not\": …}");
}

static void test_encoding(void)
{
    static const char *const bad[] = {"%",   "%4",        "%zz", "a%",   "%C3",
                                      "%FF", "%ED%A0%80", "%00", "a%00b"};
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expect_bad(apr_pstrcat(unit_pool(), "cluster=", bad[i], NULL), "cluster", TEXT);
        expect_bad(apr_pstrcat(unit_pool(), "limit=", bad[i], NULL), "limit", TEXT);
    }
    expect_good("cluster=a+b%2bc%26%3D%25&limit=%35");
    expect_str(wfm_args_text(&args, "cluster"), "a b+c&=%");
    expect_int(wfm_args_int(&args, "limit"), 5);
    expect_good("cluster=a=b=c"); /* only the first = separates */
    expect_str(wfm_args_text(&args, "cluster"), "a=b=c");
    expect_good("cl%75ster=x");
    expect_str(wfm_args_text(&args, "cluster"), "x");
    expect_good("cluster=caf\xC3\xA9"); /* raw UTF-8, as some clients send it */
    expect_str(wfm_args_text(&args, "cluster"), "caf\xC3\xA9");
    expect_good("cluster=");
    expect_int(wfm_args_is_set(&args, "cluster"), 1);
    expect_str(wfm_args_text(&args, "cluster"), "");
}

static void test_undeclared_is_ignored(void)
{
    expect_good(
        "utm_source=x&_=123&Limit=0&limits=0&=5&%zz=1&foo=%zz&foo=%00&%FF=&a%00=1&&limit=3&");
    expect_int(wfm_args_int(&args, "limit"), 3);
    expect_good("id=9&dimension=x"); /* a path's variable is no query parameter */
    expect_int(wfm_args_int(&args, "id"), 7);
    expect_good("limit%00=0");
    expect_int(wfm_args_int(&args, "limit"), 20);
}

static void test_without_equals_sign(void)
{
    expect_good("flag&cluster");
    expect_str(wfm_args_text(&args, "cluster"), "");
    expect_bad("limit", "limit", "must be an integer between 1 and 100");
}

static void test_given_twice(void)
{
    expect_bad("limit=5&limit=5", "limit", "must be given only once");
    expect_bad("limit=x&li%6dit=5&limit", "limit", "must be given only once");
    expect_bad("cluster=&cluster=", "cluster", "must be given only once");
    expect_bad("start=2025-01-01T00:00:00Z&start=x", "start", "must be given only once");
}

static void test_all_faults_at_once(void)
{
    wfm_error_t *err = parse("limit=0&status=x&offset=-1&start=now&enabled=%zz&config_id=1");

    expect_int(err->status, 400);
    expect_int(err->fields->nelts, 5);
    expect_str(err->message,
               "offset " OFFSET "; limit must be an integer between 1 and 100; "
               "status must be one of pending, failed, skipped; enabled " TEXT "; start " TIME);
    expect_int(wfm_args_int(&args, "config_id"), 1);
}

static void test_path_variables(void)
{
    static const wfm_path_value_t bad[] = {{"0", 1}, {"a\0b", 3}};
    static const wfm_path_value_t undecodable[] = {{NULL, 0}, {"\xFF", 1}};
    static const wfm_path_value_t odd[] = {{"1", 1},
                                           {"'; DROP TABLE x;-- %\\/:\xF0\x9F\x98\x80", 27}};
    wfm_error_t *err = NULL;

    wfm_params_parse(unit_pool(), specs, bad, NULL, &limits, &args, &err);
    expect_fault(err, "id", "must be a positive integer");
    expect_fault(err, "dimension", TEXT);
    err = NULL;
    wfm_params_parse(unit_pool(), specs, undecodable, "limit=0", &limits, &args, &err);
    expect_fault(err, "id", TEXT);
    expect_fault(err, "dimension", TEXT);
    expect_fault(err, "limit", "must be an integer between 1 and 100");
    err = NULL;
    wfm_params_parse(unit_pool(), specs, odd, NULL, &limits, &args, &err);
    CU_ASSERT_PTR_NULL(err);
    expect_str(wfm_args_text(&args, "dimension"), odd[1].s);
}

/* Of every type that a query can have: absent is a fault of its own, a wrong form another one, and
 * an empty value is a value. */
static void test_required(void)
{
    static const wfm_param_spec_t needed[] = {
        {.name = "id", .type = WFM_PARAM_ID, .flags = WFM_PARAM_REQUIRED},
        {.name = "kind", .type = WFM_PARAM_ENUM, .flags = WFM_PARAM_REQUIRED, .values = statuses},
        {.name = "fill", .type = WFM_PARAM_BOOL, .flags = WFM_PARAM_REQUIRED},
        {.name = "since", .type = WFM_PARAM_TIME, .flags = WFM_PARAM_REQUIRED},
        {.name = "dimension", .type = WFM_PARAM_NAME, .flags = WFM_PARAM_REQUIRED},
        {.name = "fields", .type = WFM_PARAM_NAMES, .flags = WFM_PARAM_REQUIRED},
        {.name = "where", .type = WFM_PARAM_DIMENSIONS, .flags = WFM_PARAM_REQUIRED},
        {.name = NULL},
    };
    static const struct {
        const char *query, *name, *message;
    } wrong[] = {
        {"id=0", "id", "must be a positive integer"},
        {"id=", "id", "must be a positive integer"},
        {"kind=", "kind", "must be one of pending, failed, skipped"},
        {"fill", "fill", "must be true or false"},
        {"since=now", "since", TIME},
        {"dimension=%00", "dimension", TEXT},
        {"dimension=a&dimension=b", "dimension", "must be given only once"},
        {"dimension[]=a", "dimension", "takes one value and no brackets: write dimension=value"},
        {"fields=", "fields", LIST},
        {"where=1", "where", "must be a JSON object"},
    };
    wfm_error_t *err = NULL;

    wfm_params_parse(unit_pool(), needed, NULL, "ID=1&Kind=failed", &limits, &args, &err);
    for (const wfm_param_spec_t *s = needed; s->name; s++)
        expect_fault(err, s->name, "is required");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        err = NULL;
        wfm_params_parse(unit_pool(), needed, NULL, wrong[i].query, &limits, &args, &err);
        expect_fault(err, wrong[i].name, wrong[i].message);
    }
    err = NULL;
    wfm_params_parse(unit_pool(), needed, NULL,
                     "id=1&kind=failed&fill=false&since=2025-01-31T12:00:00Z&dimension=&fields[]=a"
                     "&where[Op]=a",
                     &limits, &args, &err);
    expect_str(err ? err->message : NULL, NULL);
}

SUITE(param) = {
    {"defaults", test_defaults},
    {"good values", test_good_values},
    {"id", test_id},
    {"offset", test_offset},
    {"number", test_number},
    {"limit", test_limit},
    {"a ceiling below the default", test_ceiling_below_the_default},
    {"enumeration and boolean", test_enum_and_bool},
    {"time", test_time},
    {"range", test_range},
    {"a range rounds inwards", test_range_rounds_inwards},
    {"two ranges", test_two_ranges},
    {"ids", test_ids},
    {"no names", test_no_names},
    {"names", test_names},
    {"a name may hold commas", test_a_name_may_hold_commas},
    {"names as JSON", test_names_as_json},
    {"dimensions", test_dimensions},
    {"encoding", test_encoding},
    {"undeclared is ignored", test_undeclared_is_ignored},
    {"without an equals sign", test_without_equals_sign},
    {"given twice", test_given_twice},
    {"all faults at once", test_all_faults_at_once},
    {"path variables", test_path_variables},
    {"required", test_required},
    CU_TEST_INFO_NULL,
};
