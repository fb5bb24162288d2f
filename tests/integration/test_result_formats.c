/*
 * test_result_formats.c - POST /configs/:id/results: the files of benchmark tools, JSON, and what
 * is not what it is said to be. How they are read is the unit suites' (ingest_files, ingest_json).
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <string.h>

#define JSON "Content-Type: application/json"

static http_response_t *send_as(apr_int64_t config, const char *type, const char *query,
                                const char *body)
{
    return http_send(&(http_request_t){
        .method = "POST",
        .path = strf("/configs/" ID "/results?github_run_id=1&source_file=a%s", config, query),
        .body = body,
        .headers = {type}});
}

/* The config's rows, as text. */
static const char *rows_of(apr_int64_t config)
{
    return db_text(DB_A,
                   "SELECT string_agg(concat_ws(' ', dimensions, metrics, raw_data), '; ' ORDER BY"
                   " id) FROM github_workflow_metrics WHERE config_id = $1",
                   1, strf(ID, config));
}

/* As the tools wrote them; who they are of is told by what is in them. */
static void test_tools(void)
{
    static const struct {
        const char *file;
        int rows, metrics, warnings;
    } files[] = {
        {"pytest.json", 3, 10, 0},  {"google.json", 9, 8, 1}, {"hyperfine.json", 4, 7, 0},
        {"jmh.json", 2, 7, 0},      {"action.json", 8, 6, 1}, {"bencher.json", 2, 4, 0},
        {"pytest.csv", 3, 7, 0},    {"google.csv", 8, 6, 1},  {"google-repetitions.csv", 7, 6, 0},
        {"hyperfine.csv", 4, 7, 0}, {"jmh.csv", 16, 15, 0}};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        apr_int64_t config = seed_config(DB_A, files[i].file);
        http_response_t *res =
            send_as(config, strstr(files[i].file, ".csv") ? "Content-Type: text/csv" : JSON, "",
                    side_file(strf("tests/ingest/files/%s", files[i].file)));

        expect_status(res, 201);
        expect_json(res, "data.rows", strf("%d", files[i].rows));
        expect_int(json_length_at(res, "data.metric_fields"), files[i].metrics);
        expect_json(res, "data.warning_count", strf("%d", files[i].warnings));
        expect_json(res, "data.unknown_columns", "[]"); /* what is kept beside is none */
        expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1",
                          1, strf(ID, config)),
                   files[i].rows);
    }
}

/* The next file may have another unit: the schema's is kept. */
static void test_unit_of_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "unit of schema");

    expect_status(
        send_as(config, JSON, "",
                "{\"benchmarks\":[{\"name\":\"a\",\"real_time\":2.50,\"time_unit\":\"us\"}]}"),
        201);
    expect_success(
        send_as(config, JSON, "&format=google-benchmark",
                "{\"benchmarks\":[{\"name\":\"a\",\"real_time\":7,\"time_unit\":\"ns\"}]}"));
    expect_str(rows_of(config),
               "{\"name\": \"a\"} {\"real_time\": 0.007} {\"real_time\": \"7 ns\"}");
}

/* What JSON can say, and a database cannot hold as a number; lists; half a pair of surrogates is
 * refused before. */
static void test_json(void)
{
    apr_int64_t config = seed_config(DB_A, "json");
    http_response_t *res = send_as(
        config, "Content-Type: application/x-ndjson", "",
        "{\"Op\":\"\\ud83d\\ude80\\u0001\\\\\\t\",\"v\":12345678901234567890.125,\"l\":[1e999999,"
        "NaN,"
        "{\"a\":\"\\n\"}]}\n{\"Op\":true,\"v\":NaN,\"l\":1e999999}\n{\"Op\":null,\"v\":-0.0}\n");

    expect_status(res, 201);
    expect_json(res, "data.warnings", "[]");
    expect_str(rows_of(config),
               "{\"Op\": \"\xf0\x9f\x9a\x80\\u0001\\\\\\t\"} {\"v\": 12345678901234567890.125} "
               "{\"l\": [\"1e999999\", \"NaN\", {\"a\": \"\\n\"}]}; "
               "{\"l\": \"1e999999\", \"Op\": \"true\"} {} {\"v\": \"NaN\"}; {} {\"v\": 0.0}");
}

static void test_refused(void)
{
    static const struct {
        const char *query, *body, *message;
    } wrong[] = {
        {"", "", "the file is empty"},
        {"", "a,b\n1,2\n", "line 1, byte 1: invalid JSON; expected is an array of objects"},
        {"", "[{\"v\":1},\n{\"v\":2}", "line 2, byte 8: the file ends too early"},
        {"", "[{\"v\":1,\"v\":2}]", "line 1, byte 13: the name 'v' twice in one object"},
        {"", "[{\"v\":\"\\u0000\"}]", "line 1, byte 13: invalid JSON"},
        {"", "[{\"v\":\"\xe4\"}]", "line 1, byte 9: invalid JSON"},
        {"&format=hyperfine", "[{\"v\":1}]",
         "line 1, byte 1: no hyperfine: expected is an object with an array \"results\" of objects"
         " with \"command\" and \"mean\""},
        {"&format=ndjson", "{\"v\":1}\n[2]\n",
         "line 2, byte 1: no ndjson: expected is an object a line"},
    };
    apr_int64_t config = seed_config(DB_A, "refused");

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_error(send_as(config, JSON, wrong[i].query, wrong[i].body), 4000, wrong[i].message);
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1", 1,
                      strf(ID, config)),
               0);
}

SUITE(result_formats) = {
    {"files as the tools wrote them", test_tools},
    {"another unit than the schema's", test_unit_of_schema},
    {"what JSON can say", test_json},
    {"what is not what it is said to be", test_refused},
    CU_TEST_INFO_NULL,
};
