/*
 * test_run_rows.c - runs as rows: one run, a config's runs, batch-retry. The list of all runs and
 * the retry of one are test_runs.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define ROW                                                                                        \
    "id,config_id,config_name,workload_uid,workload_name,workload_namespace,github_run_id,"        \
    "github_run_number,github_job_id,head_sha,head_branch,workflow_name,status,trigger_source,"    \
    "files_found,files_processed,metrics_count,workload_started_at,workload_completed_at,"         \
    "collection_started_at,collection_completed_at,error_message,retry_count,created_at,"          \
    "updated_at"

static http_response_t *list(apr_int64_t config, const char *query)
{
    return http_get(strf("/configs/" ID "/runs%s", config, query));
}

static http_response_t *batch_retry(apr_int64_t config)
{
    return http_json("POST", strf("/configs/" ID "/runs/batch-retry", config), NULL);
}

/* ---- one run ---- */

static void test_get(void)
{
    apr_int64_t config = seed_config(DB_A, "the config");
    apr_int64_t run = seed_run(DB_A, config, "failed");
    http_response_t *res = http_get(strf("/runs/" ID, run));

    expect_success(res);
    expect_keys(res, "data", ROW);
    expect_json(res, "data.id", strf(ID, run));
    expect_text(res, "data.config_name", "the config");
    expect_text(res, "data.status", "failed");
    expect_json(res, "data.error_message", "null");
    /* the same row as the list's */
    expect_json(http_get(strf("/runs?config_id=" ID, config)), "data.runs.0",
                json_object_to_json_string(json_at(res, "data", NULL)));
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id = $1", 1, strf(ID, config));
    res = http_get(strf("/runs/" ID, run));
    expect_success(res);
    expect_json(res, "data.config_name", "null");
    expect_error(http_get("/runs/999999999"), 4040, "run not found");
}

/* ---- a config's runs ---- */

static apr_int64_t seed_series(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);

    db_run(
        DB_A,
        "INSERT INTO github_workflow_runs (config_id, workload_uid, status, trigger_source,"
        " created_at) SELECT $1::bigint, 'w' || i,"
        " (ARRAY['pending','collecting','extracting','completed','failed','skipped'])[i % 6 + 1],"
        " (ARRAY['realtime','backfill','manual'])[i % 3 + 1],"
        " '2025-01-01T00:00:00Z'::timestamptz + i * interval '24 hours'"
        " FROM generate_series(0, 24) i",
        1, strf(ID, config));
    return config;
}

static void test_list(void)
{
    static const struct {
        const char *query, *total;
    } cases[] = {
        {"", "25"},
        {"?status=failed", "4"},
        {"?status=pending&trigger_source=realtime", "5"},
        {"?status=pending&trigger_source=manual", "0"},
        {"?trigger_source=manual", "8"},
        {"?start_date=2025-01-24T00:00:00Z", "2"},
        {"?end_date=2025-01-02T05:30:00%2B05:30", "2"},
        {"?start_date=2025-01-02T00:00:00Z&end_date=2025-01-02T00:00:00Z", "1"},
        {"?config_id=1", "25"}, /* the path's config, whatever else is said */
    };
    apr_int64_t config = seed_series("runs");

    seed_series("other");
    for (size_t i = 0; i < countof(cases); i++) {
        http_response_t *res = list(config, cases[i].query);
        expect_success(res);
        expect_keys(res, "data", "runs,total,offset,limit,next_cursor");
        expect_json(res, "data.total", cases[i].total);
        for (int r = 0; r < json_length_at(res, "data.runs"); r++)
            expect_json(res, strf("data.runs.%d.config_id", r), strf(ID, config));
    }
    expect_keys(list(config, ""), "data.runs.0", ROW);
    expect_text(list(config, ""), "data.runs.0.workload_uid", "w24");
    expect_int(json_length_at(list(config, ""), "data.runs"), 20);
    expect_json(list(seed_config(DB_A, "none"), ""), "data",
                "{\"runs\":[],\"total\":0,\"offset\":0,\"limit\":20,\"next_cursor\":null}");
    expect_error(list(999999999, ""), 4040, "config not found");
}

static void test_list_pages(void)
{
    apr_int64_t config = seed_series("pages");

    for (int offset = 0; offset <= 30; offset += 6) {
        http_response_t *res = list(config, strf("?limit=6&offset=%d", offset));
        int left = 25 - offset < 0 ? 0 : 25 - offset;

        expect_json(res, "data.total", "25");
        expect_json(res, "data.offset", strf("%d", offset));
        expect_json(res, "data.limit", "6");
        expect_int(json_length_at(res, "data.runs"), left > 6 ? 6 : left);
        if (left > 0)
            expect_text(res, "data.runs.0.workload_uid", strf("w%d", 24 - offset));
    }
    expect_json(list(config, "?limit=101"), "data.limit", "100");
}

static void test_list_wrong_parameters(void)
{
    http_response_t *res = list(1, "?status=&trigger_source=&start_date=1&end_date=&limit=0"
                                   "&offset=-1&github_run_id=x");

    expect_int(json_length_at(res, "errors"), 7);
    expect_field(res, "status",
                 "must be one of pending, collecting, extracting, completed, failed, skipped, "
                 "workload_pending, workload_running, collection_pending, collection_running");
    expect_field(res, "trigger_source", "must be one of realtime, backfill, manual");
    expect_field(res, "github_run_id", "must be a positive integer");
    expect_field(res, "start_date", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z");
    expect_field(res, "end_date", "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z");
    expect_field(res, "limit", "must be an integer between 1 and 100");
    expect_field(res, "offset", "must be an integer between 0 and 9223372036854775807");
    expect_field(list(1, "?start_date=2025-01-02T00:00:00Z&end_date=2025-01-01T00:00:00Z"),
                 "start_date", "must not be after end_date");
}

/* ---- batch-retry ---- */

/* Runs of a config that look as a retry leaves them. */
static apr_int64_t reset_runs(apr_int64_t config)
{
    return db_int(DB_A,
                  "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1"
                  " AND status = 'pending' AND error_message IS NULL AND retry_count = 0"
                  " AND collection_started_at IS NULL AND collection_completed_at IS NULL"
                  " AND updated_at > now() - interval '1 minute'",
                  1, strf(ID, config));
}

/* The runs that a retry must leave alone. */
static const char *others(apr_int64_t config)
{
    return db_text(DB_A,
                   "SELECT count(*) || md5(string_agg(t::text, ',' ORDER BY id)) FROM"
                   " github_workflow_runs t WHERE NOT (config_id = $1 AND workload_uid LIKE 'w%')",
                   1, strf(ID, config));
}

static void test_batch_retry(void)
{
    apr_int64_t config = seed_config(DB_A, "batch"), other = seed_config(DB_A, "other");
    const char *before;

    for (int i = 0; i < 5; i++)
        db_run(DB_A,
               "INSERT INTO github_workflow_runs (config_id, workload_uid, status, error_message,"
               " retry_count, collection_started_at, collection_completed_at, updated_at) VALUES"
               " ($1, 'w' || $2, 'failed', 'boom', 3, now(), now(), '2025-01-01T00:00:00Z')",
               2, strf(ID, config), strf("%d", i));
    seed_run(DB_A, config, "completed");
    seed_run(DB_A, config, "skipped");
    seed_run(DB_A, other, "failed");
    before = others(config);
    http_response_t *res = batch_retry(config);
    expect_success(res);
    expect_keys(res, "data", "message,retried,skipped,total");
    expect_json(res, "data",
                "{\"message\":\"Failed runs reset to pending\",\"retried\":5,\"skipped\":0,"
                "\"total\":5}");
    expect_int(reset_runs(config), 5);
    expect_str(others(config), before);
    expect_json(batch_retry(config), "data",
                "{\"message\":\"No failed runs to retry\",\"retried\":0,\"skipped\":0,"
                "\"total\":0}");
    expect_error(batch_retry(999999999), 4040, "config not found");
}

static void test_batch_retry_with_a_form(void)
{
    apr_int64_t config = seed_config(DB_A, "form");
    http_request_t rq = {.method = "POST",
                         .path = strf("/configs/" ID "/runs/batch-retry", config),
                         .headers = {"Content-Type: application/x-www-form-urlencoded"}};

    seed_run(DB_A, config, "failed");
    expect_json(http_send(&rq), "data.retried", "1");
    seed_run(DB_A, config, "failed");
    rq.body = "ids=1";
    expect_json(http_send(&rq), "data.retried", "1");
}

/* However many ask at once, a run is reset once. */
static void test_concurrent_batch_retries(void)
{
    apr_int64_t config = seed_config(DB_A, "concurrent");
    http_request_t rqs[12];
    apr_int64_t retried = 0;

    for (int i = 0; i < 30; i++)
        seed_run(DB_A, config, "failed");
    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.method = "POST",
                                  .path = strf("/configs/" ID "/runs/batch-retry", config)};
    http_response_t **answers = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++)
        if (expect_success(answers[i]))
            retried += json_int_at(answers[i], "data.retried");
    expect_int(retried, 30);
}

SUITE(run_rows) = {
    {"one run", test_get},
    {"a config's runs", test_list},
    {"a config's runs, page by page", test_list_pages},
    {"wrong parameters, each by name", test_list_wrong_parameters},
    {"batch-retry resets what failed, nothing else", test_batch_retry},
    {"batch-retry with a form's content type", test_batch_retry_with_a_form},
    {"of concurrent batch-retries each run is one's", test_concurrent_batch_retries},
    CU_TEST_INFO_NULL,
};
