/*
 * test_results.c - POST /configs/:id/results: a file becomes the rows of a run. What a run is made
 * of, and what is refused; what becomes of the file's columns is test_result_columns.c's, how the
 * body arrives test_result_bodies.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <stdlib.h>
#include <string.h>

#define CSV     "Content-Type: text/csv"
#define SUMMARY "Op,batch_size,throughput\nGEMM,32,157.25\nAttention,64,N/A\n"
#define FILE_19 "github_run_id=19&source_file=summary.csv"
#define FORMATS                                                                                    \
    "csv, tsv, json, ndjson, pytest-benchmark, google-benchmark, hyperfine, jmh, "                 \
    "github-action-benchmark, bencher"

static http_request_t request(apr_int64_t config, const char *query)
{
    return (http_request_t){.method = "POST",
                            .path = strf("/configs/" ID "/results?%s", config, query),
                            .body = SUMMARY,
                            .headers = {CSV}};
}

static http_response_t *send_file(apr_int64_t config, const char *query, const char *body)
{
    http_request_t rq = request(config, query);

    rq.body = body;
    return http_send(&rq);
}

/* All rows of a config, as text. */
static const char *rows_of(apr_int64_t config)
{
    return db_text(DB_A,
                   "SELECT string_agg(concat_ws(' ', r.workload_uid, m.source_file, m.dimensions,"
                   " m.metrics, m.raw_data), '; ' ORDER BY m.id) FROM github_workflow_metrics m"
                   " JOIN github_workflow_runs r ON r.id = m.run_id WHERE m.config_id = $1",
                   1, strf(ID, config));
}

static void test_answer(void)
{
    apr_int64_t config = seed_config(DB_A, "results");
    http_response_t *res = send_file(config, FILE_19, SUMMARY);
    apr_int64_t run = json_int_at(res, "data.run_id"), schema = json_int_at(res, "data.schema_id");

    expect_status(res, 201);
    expect_header(res, "Location", strf(API_BASE "/runs/" ID, run));
    expect_header(res, "ETag", NULL);
    expect_json(
        res, "data",
        strf("{\"run_id\":" ID ",\"schema_id\":" ID ",\"rows\":2,\"replaced\":0,"
             "\"dimension_fields\":[\"Op\",\"batch_size\"],\"metric_fields\":"
             "[\"throughput\"],\"unknown_columns\":[],\"warnings\":[],"
             "\"warning_count\":0,\"explanation\":"
             "\"Op: dimension, since 'GEMM' (line 2) is no number.\\n"
             "batch_size: dimension, since whole numbers, and its name is one of parameters."
             "\\nthroughput: metric, since its values are numbers; better is higher.\"}",
             run, schema));
    expect_str(rows_of(config),
               "github-19-1- summary.csv {\"Op\": \"GEMM\", \"batch_size\": 32} {\"throughput\": "
               "157.25}; github-19-1- summary.csv {\"Op\": \"Attention\", \"batch_size\": 64} {} "
               "{\"throughput\": \"N/A\"}");
    res = http_get(strf("/configs/" ID "/schemas/active", config));
    expect_json(res, "data.id", strf(ID, schema));
    expect_json(res, "data.version", "1");
    expect_text(res, "data.name", "inferred from summary.csv");
    expect_text(res, "data.generated_by", "system");
    expect_json(res, "data.fields",
                "[{\"name\":\"Op\",\"type\":\"string\"},{\"name\":\"batch_size\",\"type\":\"int\"},"
                "{\"name\":\"throughput\",\"type\":\"float\",\"direction\":\"higher\"}]");
    res = http_get(strf("/runs/" ID, run));
    expect_text(res, "data.status", "completed");
    expect_text(res, "data.trigger_source", "manual");
    expect_json(res, "data.metrics_count", "2");
    expect_json(res, "data.files_found", "1");
    expect_json(res, "data.files_processed", "1");
}

/* The rows of a run and file are those of the last sending. */
static void test_again(void)
{
    apr_int64_t config = seed_config(DB_A, "results again");
    http_response_t *res = send_file(config, FILE_19, SUMMARY);
    apr_int64_t run = json_int_at(res, "data.run_id");
    const char *other = "github_run_id=19&source_file=other.csv";

    expect_status(send_file(config, other, "Op,throughput\nGEMM,1\n"), 200);
    res = send_file(config, FILE_19, "Op,throughput\nConv,5\n");
    expect_success(res);
    expect_header(res, "Location", NULL);
    expect_int(json_int_at(res, "data.run_id"), run);
    expect_json(res, "data.rows", "1");
    expect_json(res, "data.replaced", "2");
    expect_str(rows_of(config),
               "github-19-1- other.csv {\"Op\": \"GEMM\"} {\"throughput\": 1}; github-19-1- "
               "summary.csv {\"Op\": \"Conv\"} {\"throughput\": 5}");
    expect_json(http_get(strf("/runs/" ID, run)), "data.metrics_count", "2");
    res = send_file(config, FILE_19, "Op,throughput\n"); /* a header alone: no rows */
    expect_success(res);
    expect_json(res, "data.rows", "0");
    expect_json(res, "data.replaced", "1");
    expect_json(res, "data.warnings", "[\"the file has no rows\"]");
}

/* ---- the run ---- */

#define RUN                                                                                        \
    "SELECT concat_ws('|', workload_uid, github_run_id, github_run_number, github_job_id,"         \
    " workflow_name, workload_name, head_sha, head_branch, status, error_message,"                 \
    " workload_started_at = '2025-01-01T00:00Z', workload_completed_at = '2025-01-01T01:00Z')"     \
    " FROM github_workflow_runs WHERE config_id = $1 ORDER BY id DESC LIMIT 1"

static const char *run_of(apr_int64_t config)
{
    return db_text(DB_A, RUN, 1, strf(ID, config));
}

static apr_int64_t count_runs(apr_int64_t config)
{
    return db_int(DB_A, "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1", 1,
                  strf(ID, config));
}

static http_response_t *send_headed(apr_int64_t config, const char *query, const char *json)
{
    http_request_t rq = request(config, query);

    rq.headers[1] = strf("Wfmetrics-Run: %s", json);
    return http_send(&rq);
}

/* By query or by header: the same run; what is not said is kept. */
static void test_run(void)
{
    apr_int64_t config = seed_config(DB_A, "a run");
    static const char all[] = "github-7-2-bench|7|11|13|CI|job|0a|fix/#1|completed|t|t";

    expect_status(send_file(config,
                            "github_run_id=7&run_attempt=2&job=bench&github_run_number=11"
                            "&github_job_id=13&workflow_name=CI&workload_name=job&head_sha=0a"
                            "&head_branch=fix%2F%231&started_at=2025-01-01T00:00:00Z"
                            "&completed_at=2025-01-01T02:00:00%2B01:00&source_file=a.csv",
                            SUMMARY),
                  201);
    expect_str(run_of(config), all);
    expect_success(send_file(config, "workload_uid=github-7-2-bench&source_file=a.csv", SUMMARY));
    expect_str(run_of(config), all);
    expect_int(count_runs(config), 1);
    expect_str(db_text(DB_A,
                       "SELECT DISTINCT timestamp = '2025-01-01T01:00Z' FROM "
                       "github_workflow_metrics WHERE config_id"
                       " = $1",
                       1, strf(ID, config)),
               "t");
    config = seed_config(DB_A, "a run in a header");
    expect_status(
        send_headed(config, "job=bench",
                    "{\"github_run_id\":7,\"run_attempt\":2,\"github_run_number\":11,"
                    "\"github_job_id\":13,\"workflow_name\":\"CI\",\"workload_name\":"
                    "\"job\",\"head_sha\":\"0a\",\"head_branch\":\"fix/#1\",\"started_at\":"
                    "\"2025-01-01T00:00:00Z\",\"completed_at\":\"2025-01-01T01:00:00Z\","
                    "\"source_file\":\"a.csv\",\"strict\":null}"),
        201);
    expect_str(run_of(config), all);
}

/* A run that a collector made, and other jobs and attempts. */
static void test_which_run(void)
{
    static const char *const others[] = {"github_run_id=7&job=a", "github_run_id=7&run_attempt=2",
                                         "github_run_id=8", "workload_uid=8"};
    apr_int64_t config = seed_config(DB_A, "which run"), run = seed_run(DB_A, config, "pending");

    db_run(DB_A, "UPDATE github_workflow_runs SET workload_uid = 'github-7-1-' WHERE id = $1", 1,
           strf(ID, run));
    expect_int(
        json_int_at(send_file(config, "github_run_id=7&source_file=a", SUMMARY), "data.run_id"),
        run);
    expect_text(http_get(strf("/runs/" ID, run)), "data.status", "completed");
    for (size_t i = 0; i < countof(others); i++)
        expect_status(send_file(config, strf("%s&source_file=a", others[i]), SUMMARY), 201);
    expect_int(count_runs(config), 1 + (int)countof(others));
}

/* A step that failed says so, with or without a file. */
static void test_failed(void)
{
    apr_int64_t config = seed_config(DB_A, "failed");
    http_request_t rq = request(config, "github_run_id=7&status=failed");
    http_response_t *res;

    rq.body = NULL;
    rq.headers[0] = "Wfmetrics-Run: {\"error_message\":\"out of memory\"}";
    res = http_send(&rq);
    expect_status(res, 201);
    expect_json(res, "data",
                strf("{\"run_id\":" ID ",\"schema_id\":null,\"rows\":0,\"replaced\":0,"
                     "\"dimension_fields\":[],\"metric_fields\":[],\"unknown_columns\":[],"
                     "\"warnings\":[],\"warning_count\":0,\"explanation\":null}",
                     json_int_at(res, "data.run_id")));
    res = http_get(strf("/runs/" ID, json_int_at(res, "data.run_id")));
    expect_text(res, "data.status", "failed");
    expect_text(res, "data.error_message", "out of memory");
    expect_success(send_file(config, "github_run_id=7&source_file=a.csv", SUMMARY));
    res = http_get(strf("/configs/" ID "/runs", config));
    expect_text(res, "data.runs.0.status", "completed");
    expect_json(res, "data.runs.0.error_message", "null");
    /* an empty file, of a step that failed, touches no rows */
    expect_json(send_file(config, "github_run_id=7&status=failed&source_file=a.csv", ""),
                "data.replaced", "0");
    expect_json(send_file(config, "github_run_id=7&status=failed&source_file=a.csv", SUMMARY),
                "data.replaced", "2");
    expect_text(http_get(strf("/configs/" ID "/runs", config)), "data.runs.0.status", "failed");
}

/* ---- what is refused ---- */

static void test_inputs(void)
{
    static const struct {
        const char *query, *field, *message;
    } cases[] = {
        {"source_file=a", "github_run_id", "is required where workload_uid is not"},
        {"github_run_id=1", "source_file", "is required"},
        {"github_run_id=1&source_file=+", "source_file", "must not be blank"},
        {"workload_uid=&source_file=a", "workload_uid", "must not be blank"},
        {"github_run_id=0&source_file=a", "github_run_id", "must be a positive integer"},
        {"github_run_id=1.5&source_file=a", "github_run_id", "must be a positive integer"},
        {FILE_19 "&run_attempt=0", "run_attempt", "must be an integer between 1 and 2147483647"},
        {FILE_19 "&run_attempt=2147483648", "run_attempt",
         "must be an integer between 1 and 2147483647"},
        {FILE_19 "&github_run_number=x", "github_run_number",
         "must be an integer between 1 and 2147483647"},
        {FILE_19 "&github_job_id=-1", "github_job_id", "must be a positive integer"},
        {FILE_19 "&workflow_name=", "workflow_name", "must not be blank"},
        {FILE_19 "&workload_name=%20", "workload_name", "must not be blank"},
        {FILE_19 "&head_sha=", "head_sha", "must not be blank"},
        {FILE_19 "&head_branch=", "head_branch", "must not be blank"},
        {FILE_19 "&status=pending", "status", "must be one of completed, failed"},
        {FILE_19 "&started_at=now", "started_at",
         "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {FILE_19 "&completed_at=2025-01-31", "completed_at",
         "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {FILE_19 "&started_at=2025-01-02T00:00:00Z&completed_at=2025-01-01T00:00:00Z", "started_at",
         "must not be after completed_at"},
        {FILE_19 "&dimensions=", "dimensions",
         "must be a comma-separated list or a JSON array of names"},
        {FILE_19 "&metrics=", "metrics", "must be a comma-separated list or a JSON array of names"},
        {FILE_19 "&dimensions=Op,no+such", "dimensions",
         "names no column of the file: 'no such'; it has Op, batch_size, throughput"},
        {FILE_19 "&metrics=tput", "metrics",
         "names no column of the file: 'tput'; it has Op, batch_size, throughput"},
        {FILE_19 "&metrics=throughput,Op&dimensions=Op", "metrics",
         "must not name what dimensions names: 'Op'"},
        {FILE_19 "&timestamp_column=when", "timestamp_column",
         "names no column of the file: 'when'; it has Op, batch_size, throughput"},
        {FILE_19 "&strict=yes", "strict", "must be true or false"},
        {FILE_19 "&strict=yes&format=xlsx", "format", "must be one of " FORMATS},
        {FILE_19 "&format=", "format", "must be one of " FORMATS},
        {FILE_19 "&source_file=b", "source_file", "must be given only once"},
    };
    apr_int64_t config = seed_config(DB_A, "wrong inputs");

    for (size_t i = 0; i < countof(cases); i++)
        expect_field(send_file(config, cases[i].query, SUMMARY), cases[i].field, cases[i].message);
    expect_field(send_file(config, strf("workload_uid=%0*d&source_file=a", 256, 7), SUMMARY),
                 "workload_uid", "must be at most 255 characters");
    expect_field(send_file(config, strf(FILE_19 "&head_sha=%0*d", 65, 7), SUMMARY), "head_sha",
                 "must be at most 64 characters");
    expect_field(send_file(config, strf("workload_uid=1&source_file=%0*d", 1025, 7), SUMMARY),
                 "source_file", "must be at most 1024 characters");
    expect_field(send_file(config, strf(FILE_19 "&job=%0*d", 201, 7), SUMMARY), "job",
                 "must be at most 200 characters");
    expect_int(count_runs(config), 0);
}

static void test_header(void)
{
    static const struct {
        const char *json, *field, *message;
    } cases[] = {
        {"[]", "Wfmetrics-Run", "must be a JSON object"},
        {"", "Wfmetrics-Run", "must be a JSON object: invalid JSON at byte 0"},
        {"{\"head_sha\":}", "Wfmetrics-Run", "must be a JSON object: invalid JSON at byte 12"},
        {"{\"head_sha\":\"\xff\"}", "Wfmetrics-Run", "must be a JSON object: it is not UTF-8"},
        {"{\"id\":1}", "id", "is not a known field"},
        {"{\"github_run_id\":19}", "github_run_id",
         "must not be given here and in the header Wfmetrics-Run"},
        {"{\"github_run_number\":\"7\"}", "github_run_number",
         "must be an integer between 1 and 2147483647"},
        {"{\"dimensions\":\"Op\"}", "dimensions", "must be an array of at most 1600 names"},
        {"{\"error_message\":\"x\"}", "error_message", "is for status=failed only"},
        {"{\"head_branch\":7}", "head_branch", "must be a string"},
        {"{\"job\":\"a\",\"job\":\"b\"}", "job", "must be given only once"},
    };
    apr_int64_t config = seed_config(DB_A, "wrong headers");

    for (size_t i = 0; i < countof(cases); i++) {
        http_request_t rq = request(config, FILE_19);

        /* (libcurl's form of an empty header) */
        rq.headers[1] =
            *cases[i].json ? strf("Wfmetrics-Run: %s", cases[i].json) : "Wfmetrics-Run;";
        expect_field(http_send(&rq), cases[i].field, cases[i].message);
    }
    expect_int(count_runs(config), 0);
}

static http_response_t *send_as(apr_int64_t config, const char *query, const char *type)
{
    http_request_t rq = request(config, query);

    rq.headers[0] = type;
    return http_send(&rq);
}

static void test_formats(void)
{
    static const char *const good[][2] = {
        {"source_file=a.csv", "Content-Type: text/csv; charset=utf-8"},
        {"source_file=a.xyz", "Content-Type: TEXT/CSV"},
        {"source_file=a.csv", NULL},
        {"source_file=a", "Content-Type: text/plain"},
        {"source_file=a.csv", "Content-Type: application/octet-stream"},
        {"source_file=a.csv", "Content-Type: application/x-www-form-urlencoded"},
        {"source_file=a.json&format=csv", "Content-Type: image/png"},
    };
    static const char *const bad[][2] = {
        {"source_file=a.csv", "Content-Type: image/png"},
        {"source_file=a.xlsx", NULL},
        {"source_file=a.xyz", "Content-Type: text/plain"},
    };
    apr_int64_t config = seed_config(DB_A, "formats");

    for (size_t i = 0; i < countof(good); i++)
        expect_json(send_as(config, strf("workload_uid=1&%s", good[i][0]), good[i][1]), "data.rows",
                    "2");
    for (size_t i = 0; i < countof(bad); i++) {
        http_response_t *res = send_as(config, strf("workload_uid=1&%s", bad[i][0]), bad[i][1]);

        expect_status(res, 415);
        expect_contains(res->body, "Content-Type, or format=, must say which of csv, tsv, ");
    }
    expect_error(send_as(config, FILE_19, "Content-Type: text/csv; charset=iso-8859-1"), 4150,
                 "the body must be in UTF-8");
    expect_error(send_as(config, FILE_19 "&format=csv", "Content-Type: Multipart/Form-Data; b=x"),
                 4150,
                 "the body must be the file alone, not a form with it: curl --data-binary @FILE");
}

/* As curl's -d sends a table: its line ends are gone, and with them its rows. */
static void test_line_ends(void)
{
    static const char form[] = "Content-Type: application/x-www-form-urlencoded; charset=utf-8";
    static const char message[] =
        "the file is one line: curl's -d takes line ends away, --data-binary does not";
    apr_int64_t config = seed_config(DB_A, "line ends");
    http_request_t rq = request(config, "workload_uid=1&source_file=a.csv");

    expect_status(http_send(&rq), 201);
    rq.headers[0] = form;
    rq.body = "Op,throughputGEMM,1Conv,2";
    expect_error(http_send(&rq), 4000, message);
    rq = request(config, "workload_uid=1&source_file=a.tsv");
    rq.headers[0] = form;
    rq.body = "Op";
    expect_error(http_send(&rq), 4000, message);
    rq.body = "Op,throughput\n";
    expect_json(http_send(&rq), "data.warnings", "[\"the file has no rows\"]");
    rq.body = "Op,throughput\nGEMM,1";
    expect_json(http_send(&rq), "data.rows", "1");
}

static void test_bad_files(void)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"", "the file is empty"},
        {"Op,v\n\"x,1\n", "line 2, column 1: a quote that does not end"},
        {"Op,v\nx,\xff\n", "line 2, column 2: the cell is not UTF-8"},
        {"Op,v\n", "no column of the file is a metric, so no schema can be made of it; metrics= "
                   "may name those that are: the file has no rows"},
        {"Op\tv\nx\t1,5\n",
         "no column of the file is a metric, so no schema can be made of it; metrics= may name "
         "those that are: column 'v' is a dimension, but would be a metric if the comma were "
         "decimal ('1,5', line 2), as it is between semicolons"},
        {"Results of today\n\nOp,v\nx,1\n",
         "no column of the file is a metric, so no schema can be made of it; metrics= may name "
         "those that are: line 3: 2 cells, where there are 1 columns"},
        {"<html>\n<body>no\n",
         "no column of the file is a metric, so no schema can be made of it; metrics= may name "
         "those that are"},
    };
    apr_int64_t config = seed_config(DB_A, "bad files");

    for (size_t i = 0; i < countof(cases); i++)
        expect_error(send_file(config, FILE_19, cases[i].body), 4000, cases[i].message);
    expect_int(count_runs(config), 0);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_metric_schemas WHERE config_id = $1", 1,
                      strf(ID, config)),
               0);
}

/* Who may, and where. */
static void test_access(void)
{
    apr_int64_t config = seed_config(DB_A, "access");
    http_request_t rq = request(config, FILE_19);

    rq.host = HOST_B;
    expect_error(http_send(&rq), 4030,
                 "results are not taken here: WfmetricsIngest On would allow it");
    rq.host = HOST_RO;
    expect_error(http_send(&rq), 4030,
                 "results are not taken here: WfmetricsIngest On would allow it");
    rq.host = HOST_RESULTS;
    expect_status(http_send(&rq), 201);
    rq.headers[1] = "Origin: https://evil.example";
    for (int i = 0; i < 2; i++, rq.headers[0] = "Content-Type: text/plain")
        expect_error(http_send(&rq), 4030,
                     "requests from pages of another origin may not change anything here");
    rq = request(config, FILE_19);
    rq.headers[1] = "If-Match: \"1-0000000000000000\"";
    expect_status(http_send(&rq), 412);
    rq = request(config, FILE_19 "&cluster=cluster-b"); /* there is no such config there */
    rq.path = strf("/configs/999999999/results?" FILE_19 "&cluster=cluster-b");
    expect_error(http_send(&rq), 4040, "config not found");
    rq.path = "/configs/999999999/results?" FILE_19;
    expect_error(http_send(&rq), 4040, "config not found");
    rq.path = "/configs/999999999/results?workload_uid=1&status=failed";
    rq.body = NULL;
    expect_error(http_send(&rq), 4040, "config not found");
}

/* Two at once are one after the other: the rows of one, one run, one schema. */
static void test_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "at once");
    http_request_t rqs[8];
    http_response_t **all;
    int created = 0;

    for (int i = 0; i < (int)countof(rqs); i++) {
        rqs[i] = request(config, FILE_19);
        rqs[i].body = strf("Op,v\nx,%d\ny,%d\n", i, i);
    }
    all = http_send_all(rqs, (int)countof(rqs));
    for (int i = 0; i < (int)countof(rqs); i++) {
        expect(all[i]->status == 200 || all[i]->status == 201, "%ld: %s", all[i]->status,
               all[i]->body);
        created += all[i]->status == 201;
    }
    expect_int(created, 1);
    expect_int(db_int(DB_A,
                      "SELECT count(*) * 10 + count(DISTINCT metrics) FROM github_workflow_metrics"
                      " WHERE config_id = $1",
                      1, strf(ID, config)),
               21);
    expect_int(count_runs(config), 1);
    expect_int(json_length_at(http_get(strf("/configs/" ID "/schemas", config)), "data.schemas"),
               1);
}

static void test_figures(void)
{
    static const char name[] = "wfmetrics_ingested_rows_total{cluster=\"cluster-a\"} ";
    const char *before = strstr(http_get("/metrics/prometheus")->body, name);

    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    expect_status(send_file(seed_config(DB_A, "figures"), FILE_19, SUMMARY), 201);
    expect_contains(http_get("/metrics/prometheus")->body,
                    strf("%s%d\n", name, atoi(before + strlen(name)) + 2));
}

SUITE(results) = {
    {"the answer, the run, the schema", test_answer},
    {"a file that is sent again takes the place of its rows", test_again},
    {"what is said of a run", test_run},
    {"which run it is", test_which_run},
    {"a step that failed", test_failed},
    {"wrong inputs", test_inputs},
    {"a wrong header", test_header},
    {"which format a file has", test_formats},
    {"files whose line ends are gone", test_line_ends},
    {"files that cannot be read", test_bad_files},
    {"who may send, and where", test_access},
    {"several at once", test_at_once},
    {"rows are counted", test_figures},
    CU_TEST_INFO_NULL,
};
