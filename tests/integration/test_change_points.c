/*
 * test_change_points.c - POST /configs/:id/metrics/changes: one point a run, in the order of time,
 * and since when they are others. That the change points are the right ones is
 * tests/unit/test_changes.c's business.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DB_GENERATION "lens_changes"

/* Ten runs around 100, ten around 90: values[i] belongs to run i. */
static const double values[] = {100, 101, 99,   100.5, 99.5, 100, 100.2, 99.8, 101, 99,
                                90,  91,  89.5, 90,    90.5, 89,  90,    90.2, 91,  89};

static http_response_t *changes_of(apr_int64_t config, const char *more)
{
    return http_json("POST", strf("/configs/" ID "/metrics/changes", config),
                     strf("{\"metric_fields\":[\"v\"]%s}", more));
}

/* A run of a commit, with a row for each of its metrics, at the time and a second later each. */
static apr_int64_t add_run(apr_int64_t config, const char *at, const char *branch, const char *sha)
{
    return db_int(DB_A,
                  "INSERT INTO github_workflow_runs (config_id, workload_uid, status, head_sha,"
                  " head_branch, workload_started_at) VALUES ($1, gen_random_uuid()::text,"
                  " 'completed', $2, $3, $4) RETURNING id",
                  4, strf(ID, config), sha, branch, at);
}

static void add_row(apr_int64_t config, apr_int64_t run, const char *at, const char *dimensions,
                    const char *metrics)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) VALUES ($1, $2, 1, $3, $4, $5)",
           5, strf(ID, config), strf(ID, run), at, dimensions, metrics);
}

static const char *day(int i)
{
    return strf("2025-01-%02dT08:00:00Z", i + 1);
}

/* The twenty runs, a day each, put in from the last to the first; the id of the first. */
static apr_int64_t add_runs(apr_int64_t config, const char *dimensions, const char *metric)
{
    apr_int64_t run = 0;

    for (int i = (int)countof(values) - 1; i >= 0; i--) {
        run = add_run(config, day(i), "main", strf("sha%d", i));
        add_row(config, run, day(i), dimensions, strf("{\"%s\":%g}", metric, values[i] - 1));
        add_row(config, run, strf("2025-02-%02dT08:00:00Z", 28 - i), dimensions,
                strf("{\"%s\":%g}", metric, values[i] + 1));
    }
    return run;
}

static void expect_near(const http_response_t *res, const char *path, double expected)
{
    json_object *value = json_at(res, path, NULL);
    double actual = value ? strtod(json_object_to_json_string(value), NULL) : NAN;

    expect(fabs(actual - expected) <= 1e-9 * fabs(expected), "%s is %.17g, not %.17g", path, actual,
           expected);
}

static void test_the_answer(void)
{
    apr_int64_t config = seed_config(DB_A, "changes"), first;

    first = add_runs(config, "{\"Op\":\"GEMM\"}", "v");
    http_response_t *res = changes_of(config, ",\"group_by\":[\"Op\"]");
    expect_success(res);
    expect_keys(res, "data", "series,window_len,max_pvalue,min_change");
    expect_json(res, "data.window_len", "50");
    expect_json(res, "data.max_pvalue", "0.001");
    expect_json(res, "data.min_change", "0");
    expect_int(json_length_at(res, "data.series"), 1);
    expect_keys(res, "data.series.0", "name,field,dimensions,n,changes");
    expect_text(res, "data.series.0.name", "v (Op=GEMM)");
    expect_text(res, "data.series.0.field", "v");
    expect_json(res, "data.series.0.dimensions", "{\"Op\":\"GEMM\"}");
    expect_json(res, "data.series.0.n", "20");
    expect_int(json_length_at(res, "data.series.0.changes"), 1);
    expect_keys(res, "data.series.0.changes.0",
                "index,timestamp,run_id,head_sha,previous_run_id,previous_head_sha,mean_before,"
                "mean_after,stddev_before,stddev_after,change_percent,pvalue,direction,verdict");
    expect_json(res, "data.series.0.changes.0.index", "10");
    expect_text(res, "data.series.0.changes.0.timestamp", "2025-01-11T08:00:00Z");
    expect_json(res, "data.series.0.changes.0.run_id", strf(ID, first - 10));
    expect_text(res, "data.series.0.changes.0.head_sha", "sha10");
    expect_json(res, "data.series.0.changes.0.previous_run_id", strf(ID, first - 9));
    expect_text(res, "data.series.0.changes.0.previous_head_sha", "sha9");
    expect_near(res, "data.series.0.changes.0.mean_before", 100);
    expect_near(res, "data.series.0.changes.0.mean_after", 90.02);
    expect_near(res, "data.series.0.changes.0.stddev_before", 0.6767569726275452);
    expect_near(res, "data.series.0.changes.0.stddev_after", 0.6734983296193096);
    expect_near(res, "data.series.0.changes.0.change_percent", -9.98);
    expect_near(res, "data.series.0.changes.0.pvalue", 1.4419126950308923e-17);
    expect_json(res, "data.series.0.changes.0.direction", "null");
    expect_text(res, "data.series.0.changes.0.verdict", "changed");
}

/* ---- points ---- */

static void test_points(void)
{
    apr_int64_t config = seed_config(DB_A, "points"), a, b, c;

    /* the order of ids is not that of time; two at one instant; one without a commit; one without
     * rows; one that is gone */
    b = add_run(config, day(2), "main", "b");
    c = add_run(config, day(2), "main", NULL);
    a = add_run(config, day(1), "main", "a");
    add_run(config, day(0), "main", "no rows");
    add_row(config, c, day(2), "{}", "{\"v\":3}");
    add_row(config, b, day(2), "{}", "{\"v\":1.50}");
    add_row(config, b, day(9), "{}", "{\"v\":2}");
    add_row(config, b, day(9), "{}", "{\"v\":\"NaN\"}");
    add_row(config, b, day(9), "{}", "{\"w\":5}");
    add_row(config, a, day(1), "{}", "{\"v\":0.10}");
    add_row(config, 999999999, day(4), "{}", "{\"v\":-1e-3}");
    http_response_t *res = changes_of(config, ",\"points\":true");
    expect_success(res);
    expect_json(res, "data.series.0.changes", "[]");
    expect_json(res, "data.series.0.points",
                strf("[{\"timestamp\":\"%s\",\"run_id\":" ID
                     ",\"head_sha\":\"a\",\"value\":0.1},{\"timestamp\":\"%s\",\"run_id\":" ID
                     ",\"head_sha\":\"b\",\"value\":1.75},{\"timestamp\":\"%s\",\"run_id\":" ID
                     ",\"head_sha\":null,\"value\":3},{\"timestamp\":\"%s\",\"run_id\":999999999"
                     ",\"head_sha\":null,\"value\":-0.001}]",
                     day(1), a, day(2), b, day(2), c, day(4)));
    expect_lacks(changes_of(config, ",\"points\":false")->body, "points");
}

/* Where each run seems to have one row of a series they are read in another way: the series is the
 * same, also where an older run has two, and where the newest has. */
static void test_rows_of_a_run(void)
{
    static const char *const body = ",\"group_by\":[\"Op\"],\"points\":true";
    apr_int64_t config = seed_config(DB_A, "rows of a run"), first = 0;

    for (int i = 0; i < 20; i++) {
        apr_int64_t run = add_run(config, day(i), "main", strf("sha%d", i));

        first = first ? first : run;
        add_row(config, run, day(i), "{\"Op\":\"a\"}",
                strf("{\"v\":%d.50}", i < 12 ? i % 3 : 40 + i));
        add_row(config, run, day(i), "{}", strf("{\"v\":%d}", 7 + i % 2));
    }
    http_response_t *res = changes_of(config, body);
    expect_int(json_length_at(res, "data.series"), 2);
    expect_json(res, "data.series.0.changes.0.index", "12");
    expect_json(res, "data.series.0.points.13.value", "53.5");
    expect_text(res, "data.series.0.points.13.timestamp", day(13));
    const char *of_a = json_object_to_json_string(json_at(res, "data.series.0", NULL)),
               *of_none = json_object_to_json_string(json_at(res, "data.series.1", NULL));

    add_row(config, first, day(3), "{}", "{\"v\":17}");
    res = changes_of(config, body);
    expect_json(res, "data.series.0", of_a);
    expect_json(res, "data.series.1.n", "20");
    expect_json(res, "data.series.1.points.0.value", "12");

    db_run(DB_A, "DELETE FROM github_workflow_metrics WHERE metrics = '{\"v\":17}'", 0);
    add_row(config, first + 19, day(25), "{\"Op\":\"b\"}", "{\"v\":3}");
    add_row(config, first + 19, day(26), "{\"Op\":\"b\"}", "{\"v\":4}");
    res = changes_of(config, body);
    expect_json(res, "data.series.0", of_a);
    expect_json(res, "data.series.1.points.0.value", "3.5");
    expect_json(res, "data.series.2", of_none);
}

/* A metric that appears late or vanishes has the runs that have it; one that no row has, no series.
 */
static void test_metrics_that_come_and_go(void)
{
    apr_int64_t config = seed_config(DB_A, "come and go");

    for (int i = 0; i < 5; i++) {
        apr_int64_t run = add_run(config, day(i), "main", "same commit");

        add_row(config, run, day(i), "{\"Op\":\"a\"}",
                strf("{\"v\":%d%s%s}", i, i < 2 ? ",\"early\":1" : "", i > 3 ? ",\"late\":7" : ""));
        add_row(config, run, day(i), "{}", "{\"v\":\"N/A\",\"late\":\"inf\"}");
    }
    http_response_t *res = http_json(
        "POST", strf("/configs/" ID "/metrics/changes", config),
        "{\"metric_fields\":[\"v\",\"early\",\"none\",\"late\"],\"group_by\":[\"Op\",\"x\"],"
        "\"points\":true}");
    expect_success(res);
    expect_int(json_length_at(res, "data.series"), 3);
    expect_text(res, "data.series.0.name", "v (Op=a, x=null)");
    expect_json(res, "data.series.0.n", "5");
    expect_text(res, "data.series.1.field", "early");
    expect_json(res, "data.series.1.n", "2");
    expect_text(res, "data.series.2.field", "late");
    expect_text(res, "data.series.2.points.0.timestamp", day(4));
    expect_json(res, "data.series.2.dimensions", "{\"Op\":\"a\",\"x\":null}");
}

/* What doubles cannot compute with is still shown. */
static void test_extreme_values(void)
{
    apr_int64_t config = seed_config(DB_A, "extreme changes");

    for (int i = 0; i < 10; i++) {
        apr_int64_t run = add_run(config, day(i), "main", NULL);

        add_row(config, run, day(i), "{}", strf("{\"v\":%s}", i < 5 ? "1e200" : "1e400"));
    }
    http_response_t *res = changes_of(config, ",\"points\":true");
    expect_success(res);
    expect_json(res, "data.series.0.changes", "[]");
    expect_int(json_length_at(res, "data.series.0.points"), 10);
    expect_lacks(res->body, "inf");
}

/* Zeros before, something after: a change of no percentage. */
static void test_from_zero(void)
{
    apr_int64_t config = seed_config(DB_A, "from zero");

    for (int i = 0; i < 20; i++)
        add_row(config, add_run(config, day(i), "main", NULL), day(i), "{}",
                strf("{\"v\":%d}", i < 10 ? 0 : 5));
    http_response_t *res = changes_of(config, "");
    expect_json(res, "data.series.0.changes.0.index", "10");
    expect_json(res, "data.series.0.changes.0.change_percent", "null");
    expect_json(res, "data.series.0.changes.0.pvalue", "0");
    expect_json(res, "data.series.0.changes.0.stddev_after", "0");
}

/* ---- direction ---- */

/* What the active schema (none where NULL) says of the metric, and what a fall of it is then. */
static void check_verdict(const char *metric, const char *fields, const char *direction,
                          const char *verdict)
{
    apr_int64_t config = seed_config(DB_A, "direction");

    add_runs(config, "{}", metric);
    if (fields) {
        apr_int64_t schema = seed_schema(DB_A, config, 1, 1, "[]", "[]");

        seed_schema(DB_A, config, 2, 0, "[]", "[]");
        db_run(DB_A, "UPDATE github_workflow_metric_schemas SET fields = $2 WHERE id = $1", 2,
               strf(ID, schema), fields);
    }
    http_response_t *res = http_json("POST", strf("/configs/" ID "/metrics/changes", config),
                                     strf("{\"metric_fields\":[\"%s\"]}", metric));
    expect_json(res, "data.series.0.changes.0.direction",
                direction ? strf("\"%s\"", direction) : "null");
    expect_text(res, "data.series.0.changes.0.verdict", verdict);
}

static void test_directions(void)
{
    check_verdict("v", "[\"x\",{\"name\":\"v\",\"direction\":\"higher\",\"unit\":\"ms\"}]",
                  "higher", "regression");
    check_verdict("v", "[{\"name\":\"v\",\"direction\":\"lower\"}]", "lower", "improvement");
    check_verdict("v", "[{\"name\":\"v\",\"unit\":\"ms\"}]", "lower", "improvement");
    check_verdict("v", "[{\"name\":\"v\",\"unit\":\"GB/s\",\"direction\":\"up\"}]", "higher",
                  "regression");
    check_verdict("v", "[{\"name\":\"v\",\"unit\":7,\"direction\":null},{\"name\":3},1]", NULL,
                  "changed");
    check_verdict("v", "{\"v\":1}", NULL, "changed");
    check_verdict("v", "[{\"name\":\"v\",\"unit\":\"bytes\"}]", "lower", "improvement");
    check_verdict("memory_MiB", NULL, "lower", "improvement");
    check_verdict("v", "[{\"name\":\"v\",\"unit\":\"MiB\",\"direction\":\"higher\"}]", "higher",
                  "regression");
    check_verdict("time_us", NULL, "lower", "improvement");
    check_verdict("speed (TFLOPS)", "[\"speed (TFLOPS)\"]", "higher", "regression");
    check_verdict("v", NULL, NULL, "changed");
}

/* ---- which rows ---- */

static void test_selection(void)
{
    apr_int64_t config = seed_config(DB_A, "selection of changes"), run;

    add_runs(config, "{\"Op\":\"a\"}", "v");
    run = add_run(config, day(5), "side", "other");
    add_row(config, run, day(5), "{\"Op\":\"b\"}", "{\"v\":1000}");
    db_run(DB_A, "UPDATE github_workflow_metrics SET schema_id = 7 WHERE run_id = $1", 1,
           strf(ID, run));
    expect_json(changes_of(config, ""), "data.series.0.n", "21");
    expect_json(changes_of(config, ",\"head_branch\":\"\""), "data.series.0.n", "21");
    expect_json(changes_of(config, ",\"head_branch\":\"main\""), "data.series.0.n", "20");
    expect_json(changes_of(config, ",\"head_branch\":\"side\""), "data.series.0.n", "1");
    expect_json(changes_of(config, ",\"head_branch\":\"Main\""), "data.series", "[]");
    expect_json(changes_of(config, ",\"dimensions\":{\"Op\":[\"a\"]}"), "data.series.0.n", "20");
    expect_json(changes_of(config, ",\"schema_id\":7"), "data.series.0.n", "1");
    expect_json(changes_of(config, ",\"start\":\"2025-01-03T08:00:00Z\",\"end\":\""
                                   "2025-01-04T08:00:00Z\""),
                "data.series.0.n", "2");
}

static void test_options(void)
{
    apr_int64_t config = seed_config(DB_A, "options of changes");

    add_runs(config, "{}", "v");
    expect_int(json_length_at(changes_of(config, ",\"min_change\":9"), "data.series.0.changes"), 1);
    expect_int(json_length_at(changes_of(config, ",\"min_change\":12"), "data.series.0.changes"),
               0);
    expect_int(json_length_at(changes_of(config, ",\"max_pvalue\":0"), "data.series.0.changes"), 0);
    expect(json_length_at(changes_of(config, ",\"max_pvalue\":0.9"), "data.series.0.changes") > 1,
           "nearly everything is no chance");
    expect_json(changes_of(config, ",\"window_len\":1000"), "data.window_len", "1000");
}

static void test_wrong_inputs(void)
{
    static const struct {
        const char *field, *more, *message;
    } wrong[] = {
        {"window_len", ",\"window_len\":1", "must be an integer between 2 and 1000"},
        {"window_len", ",\"window_len\":1001", "must be an integer between 2 and 1000"},
        {"window_len", ",\"window_len\":2.5", "must be an integer between 2 and 1000"},
        {"window_len", ",\"window_len\":\"50\"", "must be an integer between 2 and 1000"},
        {"max_pvalue", ",\"max_pvalue\":1.5", "must be a number between 0 and 1"},
        {"max_pvalue", ",\"max_pvalue\":-0.1", "must be a number between 0 and 1"},
        {"min_change", ",\"min_change\":-1", "must be a number between 0 and 1000000"},
        {"min_change", ",\"min_change\":true", "must be a number between 0 and 1000000"},
        {"points", ",\"points\":1", "must be true or false"},
        {"head_branch", ",\"head_branch\":7", "must be a string"},
        {"group_by", ",\"group_by\":\"Op\"", "must be an array of at most 10 names"},
        {"dimensions", ",\"dimensions\":[]", "must be a JSON object"},
        {"schema_id", ",\"schema_id\":0", "must be a positive integer"},
        {"start", ",\"start\":\"x\"", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
    };

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(changes_of(1, wrong[i].more), wrong[i].field, wrong[i].message);
    expect_field(http_json("POST", "/configs/1/metrics/changes", "{}"), "metric_fields",
                 "is required");
    expect_field(http_json("POST", "/configs/1/metrics/changes", "{\"metric_fields\":[]}"),
                 "metric_fields", "must be an array of 1 to 20 names");
}

static void test_nothing(void)
{
    apr_int64_t config = seed_config(DB_A, "no changes");

    expect_json(changes_of(config, ""), "data.series", "[]");
    add_row(config, 1, day(0), "{}", "{\"v\":\"1\"}");
    expect_json(changes_of(config, ",\"points\":true"), "data.series", "[]");
    expect_error(changes_of(999999999, ""), 4040, "config not found");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) VALUES (999999998, 1, 1, now(), '{}', '{\"v\":1}')",
           0);
    expect_error(changes_of(999999998, ""), 4040, "config not found");
}

/* ---- bounds ---- */

#define SLOW_FIELDS 8

/* Values that all differ, so that windows of a thousand are divided to the end, if any p-value will
 * do, and all is merged again, if no change is large enough: seconds of computing, for which the
 * statement has little to read. */
static apr_int64_t add_slow(void)
{
    apr_int64_t config = seed_config(DB_A, "slow changes");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, r, 1, '2025-01-01T00:00:00Z'::timestamptz + r *"
           " interval '1 minute', '{}', (SELECT jsonb_object_agg('f' || f, power(1.1::float8,"
           " r % 1000)) FROM generate_series(1, $2::int) f) FROM generate_series(1, 4000) r",
           2, strf(ID, config), strf("%d", SLOW_FIELDS));
    return config;
}

static const char *fields_body(int fields, const char *more)
{
    const char *names = "";

    for (int i = 1; i <= fields; i++)
        names = strf("%s%s\"f%d\"", names, i > 1 ? "," : "", i);
    return strf("{\"metric_fields\":[%s]%s}", names, more);
}

/* A request for it on its way to a host. */
static int open_slow(apr_int64_t config, const char *host)
{
    const char *body =
        fields_body(SLOW_FIELDS, ",\"window_len\":1000,\"max_pvalue\":1,\"min_change\":1000000");
    const char *text =
        strf("POST " API_BASE "/configs/" ID "/metrics/changes HTTP/1.1\r\nHost: %s\r\n"
             "Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
             config, host, (int)strlen(body), body);

    return http_raw_open(text, strlen(text));
}

static int has_answered(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) > 0;
}

/* Computing ends at the statement timeout, though the statement itself is done soon. */
static void test_takes_too_long(void)
{
    expect_contains(http_raw_rest(open_slow(add_slow(), HOST_TWIN)),
                    "this took too long to compute: narrow the time range, or choose"
                    " fewer groups, a smaller window_len or max_pvalue");
}

/* The only connection is free meanwhile, and it ends, too, when the client leaves: its own timeout
 * is a minute. */
static void test_client_leaves(void)
{
    const char *gone = "route=\"POST /configs/:id/metrics/changes\" status=499 ";
    apr_off_t mark = fixture_log_mark();
    http_request_t other = {.host = HOST_READER, .path = "/runs?limit=1"};
    int fd = open_slow(add_slow(), HOST_READER);

    usleep(500000);
    expect_status(http_send(&other), 200);
    expect(!has_answered(fd), "it computed nothing");
    close(fd);
    for (int i = 0; i < 600 && !strstr(fixture_log_since(mark), gone); i++)
        usleep(50000);
    expect_contains(fixture_log_since(mark), gone);
}

static void test_too_much(void)
{
    apr_int64_t config = seed_config(DB_A, "many changes");
    const char *group = ",\"group_by\":[\"n\"]";

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1, '2025-01-01T00:00:00Z',"
           " jsonb_build_object('n', n), '{\"f1\":1,\"f2\":1}' FROM generate_series(1, 51000) n",
           1, strf(ID, config));
    expect_error(
        http_json("POST", strf("/configs/" ID "/metrics/changes", config), fields_body(2, group)),
        4000,
        "there would be more than 100000 series to look at: narrow the time range, or"
        " choose fewer groups or fields");
    expect_int(json_length_at(http_json("POST", strf("/configs/" ID "/metrics/changes", config),
                                        fields_body(1, group)),
                              "data.series"),
               51000);
}

/* Points of a thousand digits. */
static void test_large_points(void)
{
    apr_int64_t config = seed_config(DB_A, "large points");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, r, 1, '2025-01-01T00:00:00Z'::timestamptz + r *"
           " interval '1 minute', '{}', (SELECT jsonb_object_agg('f' || f, 10::numeric ^ 998 + r)"
           " FROM generate_series(1, 10) f) FROM generate_series(1, 1300) r",
           1, strf(ID, config));
    expect_error(
        http_json("POST", strf("/configs/" ID "/metrics/changes", config), fields_body(10, "")),
        4000,
        "there would be more than 12 MiB of points to look at: narrow the time range, or"
        " choose fewer groups or fields");
}

/* ---- where ---- */

/* Runs of the newest generation need no config; a host that may not write may ask. */
static void test_generations(void)
{
    static const int generations[] = {1, LENS_NEWEST};

    for (size_t i = 0; i < countof(generations); i++) {
        http_request_t rq = {.method = "POST",
                             .host = DB_GENERATION,
                             .path = "/configs/1/metrics/changes",
                             .body = "{\"metric_fields\":[\"v\"],\"head_branch\":\"main\"}",
                             .headers = {JSON_TYPE}};

        lens_create_with_row(DB_GENERATION, generations[i]);
        if ((rq.port = lens_host(DB_GENERATION)))
            expect_json(http_send(&rq), "data.series.0.n", "1");
        side_stop();
        lens_drop(DB_GENERATION);
    }
    expect_status(http_send(&(http_request_t){.method = "POST",
                                              .host = HOST_RO,
                                              .path = "/configs/999999999/metrics/changes",
                                              .body = "{\"metric_fields\":[\"v\"]}",
                                              .headers = {JSON_TYPE}}),
                  404);
}

SUITE(change_points) = {
    {"the answer", test_the_answer},
    {"points", test_points},
    {"rows of a run", test_rows_of_a_run},
    {"metrics that come and go", test_metrics_that_come_and_go},
    {"extreme values", test_extreme_values},
    {"from zero", test_from_zero},
    {"directions", test_directions},
    {"selection", test_selection},
    {"options", test_options},
    {"wrong inputs", test_wrong_inputs},
    {"nothing", test_nothing},
    {"takes too long", test_takes_too_long},
    {"a client that leaves", test_client_leaves},
    {"too much", test_too_much},
    {"large points", test_large_points},
    {"generations", test_generations},
    CU_TEST_INFO_NULL,
};
