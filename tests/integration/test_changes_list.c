/*
 * test_changes_list.c - GET /configs/:id/changes: what has changed lately, over all series of the
 * active schema. That the change points are the right ones is tests/unit/test_changes.c's business.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include "steps.h"
#include <stdlib.h>
#include <string.h>

#define DB_GENERATION "lens_change_list"

/* ---- data ---- */

static http_response_t *list(apr_int64_t config, const char *query)
{
    return http_get(strf("/configs/" ID "/changes?%s", config, query));
}

#define SINCE "since=2025-01-01T00:00:00Z"

/* Twenty runs, a day each from 2025-01-01 on; GEMM falls at run 10, Attention rises at run 12. */
static apr_int64_t two_steps(const char *name, apr_int64_t *first)
{
    apr_int64_t config = steps_config(name, "[\"Op\",\"n\"]", "[\"throughput_tflops\"]");

    *first = steps_runs(config, 20, "2025-01-01T08:00:00Z", "1 day", "main");
    steps_rows(config, *first, 20, "{\"Op\":\"GEMM\",\"n\":32}",
               STEP("throughput_tflops", 100, 90, 10));
    steps_rows(config, *first, 20, "{\"Op\":\"Attention\"}", STEP("throughput_tflops", 50, 60, 12));
    return config;
}

/* ---- the answer ---- */

static void test_the_answer(void)
{
    apr_int64_t first, config = two_steps("change list", &first);
    http_response_t *res = list(config, SINCE);

    expect_success(res);
    expect_keys(res, "data", "changes,total,limit,since,points_from,schema_id,next_cursor");
    expect_json(res, "data.total", "2");
    expect_json(res, "data.limit", "100");
    expect_text(res, "data.since", "2025-01-01T00:00:00Z");
    expect_json(res, "data.points_from", "null");
    expect(json_int_at(res, "data.schema_id") > 0, "which schema");
    expect_json(res, "data.next_cursor", "null");
    expect_int(json_length_at(res, "data.changes"), 2);
    expect_keys(res, "data.changes.0",
                "name,field,dimensions,timestamp,run_id,head_sha,previous_run_id,previous_head_sha,"
                "mean_before,mean_after,stddev_before,stddev_after,change_percent,pvalue,direction,"
                "verdict");
    expect_text(res, "data.changes.0.name", "throughput_tflops (Op=Attention, n=null)");
    expect_text(res, "data.changes.0.field", "throughput_tflops");
    expect_json(res, "data.changes.0.dimensions", "{\"Op\":\"Attention\",\"n\":null}");
    expect_text(res, "data.changes.0.timestamp", "2025-01-13T08:00:00Z");
    expect_json(res, "data.changes.0.run_id", strf(ID, first + 12));
    expect_text(res, "data.changes.0.head_sha", "sha12");
    expect_json(res, "data.changes.0.previous_run_id", strf(ID, first + 11));
    expect_text(res, "data.changes.0.previous_head_sha", "sha11");
    expect_text(res, "data.changes.0.direction", "higher");
    expect_text(res, "data.changes.0.verdict", "improvement");
    expect_json(res, "data.changes.1.dimensions", "{\"Op\":\"GEMM\",\"n\":\"32\"}");
    expect_text(res, "data.changes.1.verdict", "regression");
    expect_json(res, "data.changes.1.run_id", strf(ID, first + 10));
}

/* The figures are those of metrics/changes, digit by digit. */
static void test_as_of_series(void)
{
    apr_int64_t first, config = two_steps("as of series", &first);
    http_response_t *of_list = list(config, SINCE);
    http_response_t *of_series =
        http_json("POST", strf("/configs/" ID "/metrics/changes", config),
                  "{\"metric_fields\":[\"throughput_tflops\"],\"group_by\":[\"Op\",\"n\"]}");
    static const char *const keys[] = {"timestamp",      "run_id",        "mean_before",
                                       "mean_after",     "stddev_before", "stddev_after",
                                       "change_percent", "pvalue",        "previous_run_id"};

    for (size_t i = 0; i < countof(keys); i++)
        for (int s = 0; s < 2; s++)
            expect_json(of_list, strf("data.changes.%d.%s", s, keys[i]),
                        json_object_to_json_string(json_at(
                            of_series, strf("data.series.%d.changes.0.%s", s, keys[i]), NULL)));
}

/* Only runs of `since` or later, though points reach back further; by default of the last 30 days,
 * counted from a day's start. */
static void test_since(void)
{
    apr_int64_t first, config = two_steps("changes since", &first);

    expect_json(list(config, "since=2025-01-13T08:00:00Z"), "data.total", "1");
    expect_json(list(config, "since=2025-01-13T08:00:00.000001Z"), "data.changes", "[]");
    expect_json(list(config, "since=2025-01-13T09:30:00%2B01:30"), "data.total", "1");
    expect_json(list(config, "since=9999-12-31T23:59:59Z"), "data.changes", "[]");
    expect_json(list(config, "since=0001-01-01T00:00:00Z"), "data.total", "2");
    expect_json(list(config, ""), "data.changes", "[]");
    expect_text(list(config, ""), "data.since",
                db_text(DB_A,
                        "SELECT to_char((now() AT TIME ZONE 'UTC')::date - 30,"
                        " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
                        0));
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET timestamp = timestamp + (now() - interval '29 days'"
           " - '2025-01-13T08:00:00Z'::timestamptz) WHERE config_id = $1",
           1, strf(ID, config));
    expect_json(list(config, ""), "data.total", "1");
}

/* ---- where points begin ---- */

/* At the start of the month in which the run began that is a hundred runs before `since`; where
 * there are fewer, with the first one. It is the same for each day of a month, and so are the
 * change points. */
static void test_border(void)
{
    apr_int64_t config = steps_config("border", "[]", "[\"v\"]"), first;
    const char *same = NULL;

    /* every six hours from 2025-01-01 on: 124 of January, 112 of February, … */
    first = steps_runs(config, 480, "2025-01-01T00:00:00Z", "6 hours", "main");
    steps_rows(config, first, 480, "{}",
               "jsonb_build_object('v', 100 + (i * 37 % 11) * 0.05 - (i / 61) * 3)");
    expect_json(list(config, "since=2025-01-25T00:00:00Z"), "data.points_from", "null");
    expect_text(list(config, "since=2025-01-26T00:00:00Z"), "data.points_from",
                "2025-01-01T00:00:00Z");
    expect_text(list(config, "since=2025-02-25T18:00:00Z"), "data.points_from",
                "2025-01-01T00:00:00Z");
    expect_text(list(config, "since=2025-02-25T18:00:01Z"), "data.points_from",
                "2025-02-01T00:00:00Z");
    for (int day = 1; day <= 25; day += 6) {
        http_response_t *res = list(config, strf("since=2025-02-%02dT00:00:00Z", day));
        const char *newest = json_object_to_json_string(json_at(res, "data.changes.0", NULL));

        if (!same)
            same = newest;
        expect_str(newest, same);
    }
    /* across the border, too, where nothing is near a threshold */
    for (int day = 20; day <= 28; day += 2) {
        http_response_t *res = list(config, strf("since=2025-02-%02dT00:00:00Z", day));

        expect_json(res, "data.changes.0.run_id",
                    json_object_to_json_string(json_at(list(config, "since=2025-02-01T00:00:00Z"),
                                                       "data.changes.0.run_id", NULL)));
    }
}

/* Where runs are rare a hundred of them are years; those of other branches do not count for one. */
static void test_border_of_rare_runs(void)
{
    apr_int64_t config = steps_config("rare", "[]", "[\"v\"]"), first;

    first = steps_runs(config, 150, "2020-01-01T00:00:00Z", "7 days", "main");
    steps_rows(config, first, 150, "{}", STEP("v", 100, 90, 140));
    first = steps_runs(config, 40, "2022-10-01T00:00:00Z", "1 day", "side");
    steps_rows(config, first, 40, "{}", STEP("v", 100, 50, 20));
    /* runs without rows are none */
    steps_runs(config, 100, "2022-11-01T00:00:00Z", "1 hour", "main");
    expect_text(list(config, "since=2022-11-01T00:00:00Z&head_branch=main"), "data.points_from",
                "2020-12-01T00:00:00Z");
    expect_json(list(config, "since=2022-11-01T00:00:00Z&head_branch=side"), "data.points_from",
                "null");
    expect_text(list(config, "since=2022-11-01T00:00:00Z"), "data.points_from",
                "2021-07-01T00:00:00Z");
    expect_json(list(config, "since=2022-01-01T00:00:00Z&head_branch=main"), "data.total", "1");
    expect_text(list(config, "since=2022-01-01T00:00:00Z&head_branch=side"),
                "data.changes.0.head_sha", "sha20");
    expect_json(list(config, "since=2022-01-01T00:00:00Z&head_branch="), "data.limit", "100");
    expect_json(list(config, "since=2022-01-01T00:00:00Z&head_branch=Side"), "data.changes", "[]");
}

/* A run's rows may have many instants: it is one run all the same. */
static void test_border_of_long_runs(void)
{
    apr_int64_t config = steps_config("long", "[]", "[\"v\"]"), first;

    first = steps_runs(config, 110, "2025-01-30T00:00:00Z", "1 hour", "main");
    for (int i = 0; i < 5; i++)
        steps_rows(config, first, 110, "{}", "'{\"v\":1}'");
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET timestamp = timestamp + id % 7 * interval '1 minute'"
           " WHERE config_id = $1",
           1, strf(ID, config));
    /* the run of 2025-02-03T13:00 is the last one */
    expect_text(list(config, "since=2025-02-04T00:00:00Z"), "data.points_from",
                "2025-01-01T00:00:00Z");
    expect_json(list(config, "since=2025-02-03T03:00:00Z"), "data.points_from", "null");
}

/* ---- which series ---- */

/* All metrics of the active schema, by all its dimensions, and nothing else that rows hold. */
static void test_of_the_active_schema(void)
{
    apr_int64_t config = steps_config("active", "[\"a\"]", "[\"v\",\"w\"]"), first;

    first = steps_runs(config, 20, "2025-01-01T00:00:00Z", "1 day", "main");
    steps_rows(config, first, 20, "{\"a\":1,\"b\":1}",
               STEP("v", 10, 20, 10) " || " STEP("x", 10, 20, 10) " || " STEP("w", 90, 10, 10));
    seed_schema(DB_A, config, 2, 0, "[\"b\"]", "[\"x\"]");
    http_response_t *res = list(config, SINCE);
    expect_json(res, "data.total", "2");
    expect_text(res, "data.changes.0.name", "v (a=1)"); /* of one run: in the schema's order */
    expect_text(res, "data.changes.1.name", "w (a=1)");
    seed_schema(DB_A, config, 3, 1, "[{\"name\":\"b\",\"type\":\"int\"},7]",
                "[{\"name\":\"x\",\"unit\":\"ms\"}]");
    res = list(config, SINCE);
    expect_json(res, "data.total", "1");
    expect_text(res, "data.changes.0.name", "x (b=1)");
    expect_text(res, "data.changes.0.verdict", "changed");
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET fields = '[{\"name\":\"x\",\"unit\":\"ms\"}]'"
           " WHERE config_id = $1 AND version = 3",
           1, strf(ID, config));
    expect_text(list(config, SINCE), "data.changes.0.verdict", "regression");
    seed_schema(DB_A, config, 4, 1, "[]", "[]");
    expect_json(list(config, SINCE), "data.changes", "[]");
}

/* Several runs on one day, runs of one commit, runs without rows, a metric that comes or goes,
 * texts in place of numbers: a series has one point a run that has a number for it. */
static void test_gaps(void)
{
    apr_int64_t config = steps_config("gaps", "[]", "[\"v\",\"late\",\"early\",\"never\"]"), first;

    first = steps_runs(config, 40, "2025-01-01T00:00:00Z", "1 hour", "main");
    db_run(DB_A, "UPDATE github_workflow_runs SET head_sha = 'same' WHERE config_id = $1", 1,
           strf(ID, config));
    steps_rows(config, first, 20, "{}", STEP("v", 10, 20, 10) " || '{\"early\":5}'");
    steps_rows(config, first + 20, 10, "{}",
               "jsonb_build_object('v', CASE WHEN i % 2 = 0 THEN to_jsonb('NaN'::text) ELSE '20.2'"
               " END, 'late', i % 2, 'never', 'N/A')");
    steps_rows(config, first + 20, 10, "{}", "'{\"v\":null}'");
    http_response_t *res = list(config, SINCE);
    expect_json(res, "data.total", "1");
    expect_json(res, "data.changes.0.run_id", strf(ID, first + 10));
    expect_text(res, "data.changes.0.head_sha", "same");
    expect_text(res, "data.changes.0.previous_head_sha", "same");
}

static void test_verdicts(void)
{
    apr_int64_t first, config = two_steps("verdicts of list", &first);

    expect_json(list(config, SINCE "&verdict=regression"), "data.total", "1");
    expect_json(list(config, SINCE "&verdict=regression"), "data.changes.0.dimensions.Op",
                "\"GEMM\"");
    expect_json(list(config, SINCE "&verdict=improvement"), "data.changes.0.dimensions.Op",
                "\"Attention\"");
    expect_json(list(config, SINCE "&verdict=changed"), "data.changes", "[]");
}

/* ---- control ---- */

#define CONTROL(json) SINCE "&exclude_control=" json
#define REFERENCE     "%7B%22GPU%22:%22reference%22%7D"

static void test_control(void)
{
    apr_int64_t config = steps_config("control", "[\"Op\",\"GPU\"]", "[\"v\",\"w\"]"), first;

    first = steps_runs(config, 40, "2025-01-01T00:00:00Z", "1 day", "main");
    /* a falls at the same run as its reference, b while its reference rises, c has none */
    steps_rows(config, first, 40, "{\"Op\":\"a\",\"GPU\":\"x\"}", STEP("v", 100, 90, 20));
    steps_rows(config, first, 40, "{\"Op\":\"a\",\"GPU\":\"reference\"}", STEP("v", 50, 40, 20));
    steps_rows(config, first, 40, "{\"Op\":\"b\",\"GPU\":\"x\"}", STEP("v", 100, 90, 20));
    steps_rows(config, first, 40, "{\"Op\":\"b\",\"GPU\":\"reference\"}", STEP("v", 50, 60, 20));
    steps_rows(config, first, 40, "{\"Op\":\"c\"}", STEP("v", 100, 90, 20));
    /* d at another run than its reference, e in another field */
    steps_rows(config, first, 40, "{\"Op\":\"d\",\"GPU\":\"x\"}", STEP("v", 100, 90, 21));
    steps_rows(config, first, 40, "{\"Op\":\"d\",\"GPU\":\"reference\"}", STEP("v", 50, 40, 20));
    steps_rows(config, first, 40, "{\"Op\":\"e\",\"GPU\":\"x\"}", STEP("v", 100, 90, 20));
    steps_rows(config, first, 40, "{\"Op\":\"e\",\"GPU\":\"reference\"}", STEP("w", 50, 40, 20));
    expect_json(list(config, SINCE), "data.total", "9");
    http_response_t *res = list(config, CONTROL(REFERENCE));
    expect_json(res, "data.total", "2");
    expect_text(res, "data.changes.0.name", "v (Op=d, GPU=x)");
    expect_text(res, "data.changes.1.name", "v (Op=b, GPU=x)");
    expect_json(list(config, SINCE "&exclude_control[GPU]=reference"), "data.total", "2");
    expect_json(list(config, SINCE "&exclude_control[GPU][]=reference"), "data.total", "2");
    expect_json(list(config, CONTROL("%7B%7D")), "data.total", "9");
    expect_json(list(config, CONTROL("%7B%22GPU%22:%5B%5D%7D")), "data.total", "9");
    expect_json(list(config, CONTROL("%7B%22GPU%22:%22none%22%7D")), "data.total", "9");
    expect_json(list(config, CONTROL(REFERENCE) "&verdict=changed"), "data.total", "2");
    /* every dimension is named: every control series of the field is the control */
    expect_json(list(config, CONTROL("%7B%22GPU%22:%22reference%22,%22Op%22:%22a%22%7D")),
                "data.total", "3");
    /* rows that lack the dimension; all are control */
    expect_json(list(config, CONTROL("%7B%22GPU%22:null%7D")), "data.total", "3");
    expect_json(list(config, CONTROL("%7B%22GPU%22:%7B%22not%22:%22none%22%7D%7D")), "data.changes",
                "[]");
    expect_field(list(config, CONTROL("%7B%22gpu%22:1%7D")), "exclude_control",
                 "names 'gpu', which is no dimension of the active schema");
}

/* ---- pages ---- */

/* Thirty series, ten change at each of three runs. */
static apr_int64_t many_steps(const char *name, apr_int64_t *first)
{
    apr_int64_t config = steps_config(name, "[\"n\"]", "[\"v\"]");

    *first = steps_runs(config, 30, "2025-01-01T00:00:00Z", "1 day", "main");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, r.id, 1, r.workload_started_at, jsonb_build_object("
           "'n', n), jsonb_build_object('v', CASE WHEN r.id - $2::bigint < 10 + n % 3 THEN 100"
           " ELSE 90 END + (r.id * 7 % 5) * 0.1) FROM github_workflow_runs r, generate_series(1,"
           " 30) n WHERE r.config_id = $1",
           2, strf(ID, config), strf(ID, *first));
    return config;
}

static void test_pages(void)
{
    apr_int64_t first, config = many_steps("pages of changes", &first);
    const char *next = "", *all = "", *paged = "";
    http_response_t *res = list(config, SINCE);

    expect_json(res, "data.total", "30");
    for (int i = 0; i < 30; i++) {
        expect_json(res, strf("data.changes.%d.run_id", i), strf(ID, first + 12 - i / 10));
        all = strf(
            "%s %s", all,
            json_object_to_json_string(json_at(res, strf("data.changes.%d.dimensions", i), NULL)));
    }
    for (int page = 0; page < 5 && next; page++) {
        res = list(config, strf(SINCE "&limit=7%s%s", *next ? "&cursor=" : "", next));
        expect_json(res, "data.total", page ? "null" : "30");
        expect_json(res, "data.limit", "7");
        expect_int(json_length_at(res, "data.changes"), page < 4 ? 7 : 2);
        for (int i = 0; i < json_length_at(res, "data.changes"); i++)
            paged = strf("%s %s", paged,
                         json_object_to_json_string(
                             json_at(res, strf("data.changes.%d.dimensions", i), NULL)));
        next = json_object_get_string(json_at(res, "data.next_cursor", NULL));
    }
    expect_str(paged, all);
    expect(!next, "there is no page behind the last one");
}

/* What comes, or goes, between two pages moves nothing else. */
static void test_between_pages(void)
{
    apr_int64_t first, config = many_steps("between pages", &first);
    http_response_t *res = list(config, SINCE "&limit=15");
    const char *rest = "", *next = json_object_get_string(json_at(res, "data.next_cursor", NULL));

    for (int i = 15; i < 30; i++)
        rest = strf("%s %s", rest,
                    json_object_to_json_string(
                        json_at(list(config, SINCE), strf("data.changes.%d.name", i), NULL)));
    /* the page's last one is gone, a series is new in front of all, and one at its run */
    db_run(DB_A,
           "DELETE FROM github_workflow_metrics WHERE config_id = $1 AND dimensions ->> 'n' = $2",
           2, strf(ID, config),
           json_object_get_string(json_at(res, "data.changes.14.dimensions.n", NULL)));
    steps_rows(config, first, 30, "{\"n\":\"new\"}", STEP("v", 100, 90, 20));
    res = list(config, strf(SINCE "&limit=100&cursor=%s", next));
    expect_int(json_length_at(res, "data.changes"), 15);
    for (int i = 0; i < 15; i++)
        expect_contains(
            rest, json_object_to_json_string(json_at(res, strf("data.changes.%d.name", i), NULL)));
}

static void test_cursors(void)
{
    apr_int64_t first, config = many_steps("cursors of changes", &first);
    const char *bad = "must be the next_cursor of an answer to the same filters and order";
    const char *next =
        json_object_get_string(json_at(list(config, SINCE "&limit=7"), "data.next_cursor", NULL));
    static const char *const others[] = {"since=2025-01-02T00:00:00Z", SINCE "&verdict=changed",
                                         SINCE "&head_branch=main", CONTROL("%7B%22n%22:1%7D"), ""};

    expect_success(
        list(config, strf("since=2025-01-01T01:00:00%%2B01:00&limit=3&cursor=%s", next)));
    expect_success(
        list(config, strf(SINCE "&head_branch=&exclude_control=%%7B%%7D&cursor=%s", next)));
    for (size_t i = 0; i < countof(others); i++)
        expect_field(list(config, strf("%s&cursor=%s", others[i], next)), "cursor", bad);
    expect_field(list(config, SINCE "&cursor=x"), "cursor", bad);
    expect_field(list(config, SINCE "&cursor="), "cursor", bad);
    expect_field(http_get(strf("/configs/1/changes?" SINCE "&cursor=%s", next)), "cursor", bad);
}

/* Names of a megabyte: an answer has at most 8 MiB, and goes on with the next one. */
static void test_large_answer(void)
{
    apr_int64_t config = steps_config("large changes", "[\"n\"]", "[\"v\"]"), first;
    const char *next = "";
    int n = 0, pages = 0;

    first = steps_runs(config, 20, "2025-01-01T00:00:00Z", "1 day", "main");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, r.id, 1, r.workload_started_at, jsonb_build_object("
           "'n', n || repeat('x', 240000)), jsonb_build_object('v', CASE WHEN r.id - $2::bigint <"
           " 10 THEN 100 ELSE 90 END + (r.id * 7 % 5) * 0.1) FROM github_workflow_runs r,"
           " generate_series(1, 20) n WHERE r.config_id = $1",
           2, strf(ID, config), strf(ID, first));
    for (; next && pages < 20; pages++) {
        http_response_t *res = list(config, strf(SINCE "%s%s", *next ? "&cursor=" : "", next));

        expect_status(res, 200);
        expect(res->len <= 8 * 1024 * 1024, "%d bytes", (int)res->len);
        n += json_length_at(res, "data.changes");
        next = json_object_get_string(json_at(res, "data.next_cursor", NULL));
    }
    expect_int(n, 20);
    expect(pages > 1 && pages < 5, "%d pages", pages);
}

/* ---- what is wrong, and what is not there ---- */

static void test_wrong_inputs(void)
{
    static const char *const wrong[][3] = {
        {"since", "since=yesterday", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {"since", "since=", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {"since", "since=2025-01-01", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {"since", SINCE "&" SINCE, "must be given only once"},
        {"verdict", "verdict=new", "must be one of regression, improvement, changed"},
        {"verdict", "verdict=Regression", "must be one of regression, improvement, changed"},
        {"limit", "limit=0", "must be an integer between 1 and 1000"},
        {"limit", "limit=x", "must be an integer between 1 and 1000"},
        {"exclude_control", "exclude_control=x", "must be a JSON object: invalid JSON at byte 0"},
        {"exclude_control", "exclude_control=%5B%5D", "must be a JSON object"},
        {"exclude_control", "exclude_control=%7B%22a%22:%7B%22b%22:1%7D%7D",
         "\"a\" must be a string, number, boolean or null, an array of these, or {\"not\": …}"},
        {"exclude_control", "exclude_control%5Ba%5D=1&exclude_control=%7B%7D",
         "must be given either as exclude_control=… or as exclude_control[…]=…, not both"},
    };

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(http_get(strf("/configs/1/changes?%s", wrong[i][1])), wrong[i][0],
                     wrong[i][2]);
    expect_json(http_get("/configs/1/changes?limit=5000"), "data.limit", "1000");
    expect_json(http_get("/configs/1/changes?offset=-1&x=y"), "data.limit", "100");
    expect_status(http_get("/configs/0/changes"), 400);
}

static void test_nothing(void)
{
    apr_int64_t config = seed_config(DB_A, "no list of changes");
    http_response_t *res = list(config, SINCE);

    /* no schema; then one, but no rows; one row alone */
    expect_json(res, "data.changes", "[]");
    expect_json(res, "data.total", "0");
    expect_json(res, "data.schema_id", "null");
    seed_schema(DB_A, config, 1, 0, "[]", "[\"v\"]");
    expect_json(list(config, SINCE), "data.schema_id", "null");
    seed_schema(DB_A, config, 2, 1, "[]", "[\"v\"]");
    res = list(config, SINCE);
    expect_json(res, "data.changes", "[]");
    expect(json_int_at(res, "data.schema_id") > 0, "there is a schema");
    steps_rows(config, steps_runs(config, 1, "2025-01-01T00:00:00Z", "1 day", NULL), 1, "{}",
               "'{\"v\":1}'");
    expect_json(list(config, SINCE), "data.changes", "[]");
    expect_error(list(999999999, SINCE), 4040, "config not found");
    /* rows of a config that is gone */
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) VALUES (999999998, 1, 1, now(), '{}', '{\"v\":1}')",
           0);
    expect_error(list(999999998, SINCE), 4040, "config not found");
}

/* The tag is that of what the list is made of. */
static void test_tag(void)
{
    apr_int64_t first, config = two_steps("tag of changes", &first);
    const char *path = strf("/configs/" ID "/changes?" SINCE, config);
    const char *tag = http_header(http_get(path), "ETag");
    http_request_t rq = {.path = path, .headers = {strf("If-None-Match: %s", tag)}};
    http_response_t *res;

    expect_status(http_send(&rq), 304);
    rq.method = "HEAD";
    expect_status(http_send(&rq), 304);
    res = http_send(&(http_request_t){.method = "HEAD", .path = path});
    expect_status(res, 200);
    expect_header(res, "ETag", tag);
    rq.method = NULL;
    steps_rows(config, first + 19, 1, "{\"Op\":\"GEMM\"}", "'{\"throughput_tflops\":1}'");
    expect_status(http_send(&rq), 200);
}

/* ---- bounds ---- */

/* Names of a schema: each is a column. */
static void test_wide_schema(void)
{
    static const char *const many =
        "UPDATE github_workflow_metric_schemas SET metric_fields = (SELECT jsonb_agg('v' || i) FROM"
        " generate_series(1, $2::int) i), dimension_fields = (SELECT jsonb_agg('d' || i) FROM"
        " generate_series(1, 100) i) WHERE config_id = $1";
    apr_int64_t config = steps_config("wide", "[]", "[]"), first;

    first = steps_runs(config, 20, "2025-01-01T00:00:00Z", "1 day", "main");
    steps_rows(config, first, 20, "{\"d100\":1}", STEP("v900", 10, 20, 10));
    db_run(DB_A, many, 2, strf(ID, config), "900");
    http_response_t *res = list(config, SINCE);
    expect_json(res, "data.total", "1");
    expect_text(res, "data.changes.0.field", "v900");
    db_run(DB_A, many, 2, strf(ID, config), "901");
    expect_error(list(config, SINCE), 4000,
                 "the active schema has more than 1000 dimensions and metrics: ask for those of"
                 " interest with metrics/changes");
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET metric_fields = jsonb_build_array("
           "repeat('x', 1001), 'v900', repeat('y', 2000000)) WHERE config_id = $1",
           1, strf(ID, config));
    expect_status(list(config, SINCE), 400);
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET metric_fields = jsonb_build_array("
           "repeat('x', 1001), 'v900') WHERE config_id = $1",
           1, strf(ID, config));
    expect_json(list(config, SINCE), "data.total", "1");
}

/* More numbers than may be in memory at once; most of them are not there. */
static void test_many_numbers(void)
{
    apr_int64_t config = steps_config("many numbers", "[\"d\"]", "[]"), first;

    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET metric_fields = (SELECT jsonb_agg('v' || i)"
           " FROM generate_series(1, 200) i) WHERE config_id = $1",
           1, strf(ID, config));
    first = steps_runs(config, 100, "2025-01-01T00:00:00Z", "1 hour", "main");
    for (int i = 0; i < 60; i++)
        steps_rows(config, first, 100, strf("{\"d\":%d}", i), STEP("v200", 10, 20, 80));
    http_response_t *res = list(config, SINCE);
    expect_json(res, "data.total", "60");
    expect_json(res, "data.changes.59.run_id", strf(ID, first + 80));
    expect_json(res, "data.changes.59.previous_run_id", strf(ID, first + 79));
    expect_json(res, "data.changes.59.mean_before", "10.2");
}

static void test_too_much(void)
{
    apr_int64_t config = steps_config("many series", "[\"n\"]", "[\"f1\",\"f2\"]");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1, '2025-01-01T00:00:00Z',"
           " jsonb_build_object('n', n), '{\"f1\":1,\"f2\":1}' FROM generate_series(1, 51000) n",
           1, strf(ID, config));
    expect_error(list(config, SINCE), 4000,
                 "there would be more than 100000 series to look at: ask for a later since, or for"
                 " one head_branch");
}

/* ---- where ---- */

/* Runs of the newest generation need no config; a host that may not write may ask. */
static void test_generations(void)
{
    static const int generations[] = {1, LENS_NEWEST};

    for (size_t i = 0; i < countof(generations); i++) {
        http_request_t rq = {.host = DB_GENERATION,
                             .path = "/configs/1/changes?" SINCE "&head_branch=main"};

        lens_create(DB_GENERATION, generations[i]);
        lens_grant(DB_GENERATION);
        lens_add_config(DB_GENERATION);
        seed_schema(DB_GENERATION, 1, 1, 1, "[]", "[\"v\"]");
        db_run(DB_GENERATION,
               "INSERT INTO github_workflow_runs (config_id, workload_uid, head_branch)"
               " SELECT $1::bigint, i, 'main' FROM generate_series(1, 20) i",
               1, generations[i] >= 3 ? NULL : "1");
        db_run(DB_GENERATION,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " metrics) SELECT 1, i, 1, '2025-01-01T00:00:00Z'::timestamptz + i * interval '1 h',"
               " jsonb_build_object('v', CASE WHEN i < 10 THEN 100 ELSE 90 END + i % 3)"
               " FROM generate_series(1, 20) i",
               0);
        if ((rq.port = lens_host(DB_GENERATION)))
            expect_json(http_send(&rq), "data.changes.0.run_id", "10");
        side_stop();
        lens_drop(DB_GENERATION);
    }
    expect_status(
        http_send(&(http_request_t){.host = HOST_RO, .path = "/configs/999999999/changes"}), 404);
}

SUITE(changes_list) = {
    {"the answer", test_the_answer},
    {"as of series", test_as_of_series},
    {"since", test_since},
    {"the border", test_border},
    {"the border of rare runs", test_border_of_rare_runs},
    {"the border of long runs", test_border_of_long_runs},
    {"of the active schema", test_of_the_active_schema},
    {"gaps", test_gaps},
    {"verdicts", test_verdicts},
    {"control series", test_control},
    {"pages", test_pages},
    {"between pages", test_between_pages},
    {"cursors", test_cursors},
    {"a large answer", test_large_answer},
    {"wrong inputs", test_wrong_inputs},
    {"nothing", test_nothing},
    {"the tag", test_tag},
    {"a wide schema", test_wide_schema},
    {"many numbers", test_many_numbers},
    {"too much", test_too_much},
    {"generations", test_generations},
    CU_TEST_INFO_NULL,
};
