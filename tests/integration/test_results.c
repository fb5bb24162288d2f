/*
 * test_results.c - POST /configs/:id/results: a file becomes the rows of a run. What a run is made
 * of, and what is refused; what becomes of the file's columns is test_result_columns.c's, how the
 * body arrives test_result_bodies.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define CSV     "Content-Type: text/csv"
#define SUMMARY "Op,batch_size,throughput\nGEMM,32,157.25\nAttention,64,N/A\n"
#define FILE_19 "github_run_id=19&source_file=summary.csv"

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
    expect_json(res, "data",
                strf("{\"run_id\":" ID ",\"schema_id\":" ID ",\"rows\":2,\"replaced\":0,"
                     "\"dimension_fields\":[\"Op\",\"batch_size\"],\"metric_fields\":"
                     "[\"throughput\"],\"unknown_columns\":[],\"warnings\":[],"
                     "\"warning_count\":0}",
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
}

SUITE(results) = {
    {"the answer, the run, the schema", test_answer},
    {"a file that is sent again takes the place of its rows", test_again},
    CU_TEST_INFO_NULL,
};
