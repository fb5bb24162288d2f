/*
 * test_runs.c - GET /runs and POST /runs/:id/retry.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

static const char *const statuses[] = {"pending",   "collecting", "extracting",
                                       "completed", "failed",     "skipped"};

static http_response_t *list(apr_int64_t config, const char *more)
{
    return http_get(strf("/runs?config_id=" ID "%s", config, more));
}

static const char *column(apr_int64_t run, const char *name)
{
    return db_text(DB_A, strf("SELECT (%s)::text FROM github_workflow_runs WHERE id = $1", name), 1,
                   strf(ID, run));
}

static void test_every_column(void)
{
    apr_int64_t config = seed_config(DB_A, "columns");
    apr_int64_t run = seed_run(DB_A, config, "completed");
    http_response_t *res;

    db_run(DB_A,
           "UPDATE github_workflow_runs SET workload_uid = 'uid', workload_name = 'w\"\xc3\xa9',"
           " workload_namespace = 'ns', github_run_id = 9223372036854775807,"
           " github_run_number = 42, github_job_id = 7, head_sha = 'abc', head_branch = 'main',"
           " workflow_name = 'bench', trigger_source = 'manual', files_found = 2,"
           " files_processed = 1, metrics_count = 68,"
           " workload_started_at = '2025-01-31T23:30:00+05:30',"
           " workload_completed_at = '2025-01-31T12:00:00.5Z',"
           " collection_started_at = '2025-01-31T12:00:00.123456Z',"
           " collection_completed_at = '2024-02-29T23:59:59.000010-08:00',"
           " error_message = 'e\\n\ttab', retry_count = 3,"
           " created_at = '2025-07-01T00:00:00Z', updated_at = '1999-12-31T23:59:59Z'"
           " WHERE id = $1",
           1, strf(ID, run));
    res = list(config, "");
    expect_success(res);
    json_object *expected = json_literal(
        "{\"config_name\":\"columns\",\"workload_uid\":\"uid\",\"workload_name\":\"w\\\"\xc3\xa9\","
        "\"workload_namespace\":\"ns\",\"github_run_id\":9223372036854775807,"
        "\"github_run_number\":42,\"github_job_id\":7,\"head_sha\":\"abc\",\"head_branch\":"
        "\"main\","
        "\"workflow_name\":\"bench\",\"status\":\"completed\",\"trigger_source\":\"manual\","
        "\"files_found\":2,\"files_processed\":1,\"metrics_count\":68,"
        "\"workload_started_at\":\"2025-01-31T18:00:00Z\","
        "\"workload_completed_at\":\"2025-01-31T12:00:00.5Z\","
        "\"collection_started_at\":\"2025-01-31T12:00:00.123456Z\","
        "\"collection_completed_at\":\"2024-03-01T07:59:59.00001Z\","
        "\"error_message\":\"e\\\\n\\ttab\",\"retry_count\":3,"
        "\"created_at\":\"2025-07-01T00:00:00Z\",\"updated_at\":\"1999-12-31T23:59:59Z\"}");
    json_object_object_add(expected, "id", json_object_new_int64(run));
    json_object_object_add(expected, "config_id", json_object_new_int64(config));
    expect_json(res, "data.runs.0", json_object_to_json_string(expected));
    expect_keys(res, "data.runs.0",
                "id,config_id,config_name,workload_uid,workload_name,workload_namespace,"
                "github_run_id,github_run_number,github_job_id,head_sha,head_branch,workflow_name,"
                "status,trigger_source,files_found,files_processed,metrics_count,"
                "workload_started_at,workload_completed_at,collection_started_at,"
                "collection_completed_at,error_message,retry_count,created_at,updated_at");
}

static void test_nulls(void)
{
    static const char *const nullable[] = {"workload_name",
                                           "workload_namespace",
                                           "github_run_id",
                                           "github_run_number",
                                           "github_job_id",
                                           "head_sha",
                                           "head_branch",
                                           "workflow_name",
                                           "error_message",
                                           "workload_started_at",
                                           "workload_completed_at",
                                           "collection_started_at",
                                           "collection_completed_at"};
    apr_int64_t config = seed_config(DB_A, "nulls");
    apr_int64_t run = seed_run(DB_A, config, "pending");

    for (size_t i = 0; i < countof(nullable); i++)
        db_run(DB_A, strf("UPDATE github_workflow_runs SET %s = NULL WHERE id = $1", nullable[i]),
               1, strf(ID, run));
    http_response_t *res = list(config, "");
    for (size_t i = 0; i < countof(nullable); i++)
        expect_json(res, strf("data.runs.0.%s", nullable[i]), "null");
    db_run(DB_A,
           "UPDATE github_workflow_runs SET error_message = '', workload_name = ''"
           " WHERE id = $1",
           1, strf(ID, run));
    res = list(config, "");
    expect_json(res, "data.runs.0.error_message", "null");
    expect_text(res, "data.runs.0.workload_name", "");
}

/* RFC 3339 cannot say these; the answer must not be an error, nor year 1. */
static void test_instants_beyond_rfc3339(void)
{
    apr_int64_t config = seed_config(DB_A, "instants");
    apr_int64_t run = seed_run(DB_A, config, "pending");

    db_run(DB_A,
           "UPDATE github_workflow_runs SET workload_started_at = 'infinity',"
           " workload_completed_at = '-infinity',"
           " collection_started_at = '0044-03-15 12:00:00+00 BC',"
           " collection_completed_at = '0001-01-01T00:00:00Z' WHERE id = $1",
           1, strf(ID, run));
    http_response_t *res = list(config, "");
    expect_success(res);
    expect_json(res, "data.runs.0.workload_started_at", "null");
    expect_json(res, "data.runs.0.workload_completed_at", "null");
    expect_json(res, "data.runs.0.collection_started_at", "null");
    expect_text(res, "data.runs.0.collection_completed_at", "0001-01-01T00:00:00Z");
}

static void test_config_gone(void)
{
    apr_int64_t config = seed_config(DB_A, "gone");

    seed_run(DB_A, config, "failed");
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id = $1", 1, strf(ID, config));
    http_response_t *res = list(config, "");
    expect_success(res);
    expect_json(res, "data.total", "1");
    expect_json(res, "data.runs.0.config_name", "null");
    expect_json(res, "data.runs.0.config_id", strf(ID, config));
}

/* 25 runs of a config: status by i % 6, source by i % 3, one a day from 2025-01-01T00:00Z on. */
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

static void test_filters_and_totals(void)
{
    static const char *const sources[] = {"realtime", "backfill", "manual"};
    apr_int64_t config = seed_series("filters");

    seed_series("another");
    for (size_t s = 0; s < countof(statuses); s++) {
        http_response_t *res = list(config, strf("&limit=2&status=%s", statuses[s]));
        expect_json(res, "data.total", s == 0 ? "5" : "4");
        expect_int(json_length_at(res, "data.runs"), 2);
        expect_text(res, "data.runs.0.status", statuses[s]);
        expect_text(res, "data.runs.1.status", statuses[s]);
    }
    for (size_t s = 0; s < countof(sources); s++) {
        http_response_t *res = list(config, strf("&limit=1&trigger_source=%s", sources[s]));
        expect_json(res, "data.total", s == 0 ? "9" : "8");
        expect_text(res, "data.runs.0.trigger_source", sources[s]);
    }
    expect_json(list(config, "&status=failed&trigger_source=backfill"), "data.total", "4");
    expect_json(list(config, "&status=failed&trigger_source=manual"), "data.total", "0");
    expect_json(list(config, "&status=failed&start_date=2025-01-10T00:00:00Z"
                             "&end_date=2025-01-12T00:00:00Z"),
                "data.total", "1");
    expect_json(list(config, ""), "data.total", "25");
    expect_json(list(999999999, ""), "data.total", "0");
    expect_json(list(999999999, ""), "data.runs", "[]");
    http_response_t *all = http_get("/runs?status=collecting&limit=1");
    expect_int(
        json_int_at(all, "data.total"),
        db_int(DB_A, "SELECT count(*) FROM github_workflow_runs WHERE status = 'collecting'", 0));
    all = http_get("/runs?limit=1");
    expect_int(json_int_at(all, "data.total"),
               db_int(DB_A, "SELECT count(*) FROM github_workflow_runs", 0));
}

/* Ranges include both ends, whatever the offset they are written with. */
static void test_date_ranges(void)
{
    static const struct {
        const char *range, *total;
    } cases[] = {
        {"&start_date=2025-01-01T00:00:00Z&end_date=2025-01-25T00:00:00Z", "25"},
        {"&start_date=2025-01-02T00:00:00Z&end_date=2025-01-02T00:00:00Z", "1"},
        {"&start_date=2025-01-02T00:00:00.000001Z&end_date=2025-01-03T00:00:00Z", "1"},
        {"&start_date=2025-01-02T00:00:00.0000001Z&end_date=2025-01-03T00:00:00Z", "1"},
        {"&start_date=2025-01-02T00:00:00Z&end_date=2025-01-02T23:59:59.999999999Z", "1"},
        {"&start_date=2025-01-02T05:30:00%2B05:30&end_date=2025-01-01T16:00:00-08:00", "1"},
        {"&start_date=2025-01-24T00:00:01Z", "1"},
        {"&end_date=2025-01-01T00:00:00Z", "1"},
        {"&end_date=2024-12-31T23:59:59Z", "0"},
        {"&start_date=9999-12-31T23:59:59Z", "0"},
    };
    apr_int64_t config = seed_series("ranges");

    for (size_t i = 0; i < countof(cases); i++)
        expect_json(list(config, cases[i].range), "data.total", cases[i].total);
    expect_field(list(config, "&start_date=2025-01-02T00:00:00Z&end_date=2025-01-01T00:00:00Z"),
                 "start_date", "must not be after end_date");
}

static void test_pages(void)
{
    apr_int64_t config = seed_series("pages");
    apr_int64_t seen = APR_INT64_MAX;
    int n = 0;

    for (int offset = 0; offset < 28; offset += 7) {
        http_response_t *res = list(config, strf("&limit=7&offset=%d", offset));
        expect_json(res, "data.total", "25");
        expect_json(res, "data.offset", strf("%d", offset));
        expect_json(res, "data.limit", "7");
        for (int i = 0; i < json_length_at(res, "data.runs"); i++, n++) {
            apr_int64_t id = json_int_at(res, strf("data.runs.%d.id", i));
            expect(id < seen, "run " ID " comes after run " ID, id, seen);
            seen = id;
        }
    }
    expect_int(n, 25);
    http_response_t *res = list(config, "&offset=25");
    expect_json(res, "data.runs", "[]");
    expect_json(res, "data.total", "25");
    res = list(config, "&offset=9223372036854775807");
    expect_success(res);
    expect_json(res, "data.total", "25");
    expect_json(res, "data.offset", "9223372036854775807");
}

static void test_limits(void)
{
    static const char *const bad[] = {"0",    "-1",   "1.5", "ten", "1e2",
                                      "%201", "0x10", "",    "1,2", "-99999999999999999999"};
    apr_int64_t config = seed_series("limits");
    http_response_t *res = list(config, "");

    expect_json(res, "data.limit", "20");
    expect_json(res, "data.offset", "0");
    expect_int(json_length_at(res, "data.runs"), 20);
    expect_json(list(config, "&limit=100"), "data.limit", "100");
    expect_json(list(config, "&limit=101"), "data.limit", "100");
    expect_json(list(config, "&limit=99999999999999999999"), "data.limit", "100");
    expect_int(json_length_at(list(config, "&limit=1"), "data.runs"), 1);
    for (size_t i = 0; i < countof(bad); i++) {
        expect_field(list(config, strf("&limit=%s", bad[i])), "limit",
                     "must be an integer between 1 and 100");
        if (strcmp(bad[i], "0") != 0)
            expect_field(list(config, strf("&offset=%s", bad[i])), "offset",
                         "must be an integer between 0 and 9223372036854775807");
    }
}

static void test_wrong_filters(void)
{
    static const char *const bad_ids[] = {"0", "-1", "x", "1.0", "", "9223372036854775808"};
    static const char *const bad_words[] = {"",          "FAILED", "done", "failed,pending",
                                            "failed%20", "%27;--"};

    for (size_t i = 0; i < countof(bad_ids); i++)
        expect_field(http_get(strf("/runs?config_id=%s", bad_ids[i])), "config_id",
                     "must be a positive integer");
    for (size_t i = 0; i < countof(bad_words); i++) {
        expect_field(http_get(strf("/runs?status=%s", bad_words[i])), "status",
                     "must be one of pending, collecting, extracting, completed, failed, skipped, "
                     "workload_pending, workload_running, collection_pending, collection_running");
        expect_field(http_get(strf("/runs?trigger_source=%s", bad_words[i])), "trigger_source",
                     "must be one of realtime, backfill, manual");
    }
}

static http_response_t *retry(apr_int64_t run)
{
    return http_json("POST", strf("/runs/" ID "/retry", run), NULL);
}

static void test_retry(void)
{
    apr_int64_t config = seed_config(DB_A, "retry");
    apr_int64_t run = seed_run(DB_A, config, "failed");
    apr_int64_t other = seed_run(DB_A, config, "failed");
    const char *rest = "md5((to_jsonb(t) - '{status,error_message,retry_count,updated_at,"
                       "collection_started_at,collection_completed_at}'::text[])::text)"
                       " FROM github_workflow_runs t WHERE id";

    db_run(DB_A,
           "UPDATE github_workflow_runs SET error_message = 'boom', retry_count = 3,"
           " metrics_count = 68, collection_started_at = now(),"
           " collection_completed_at = now(), workload_started_at = now(),"
           " updated_at = '2025-01-01T00:00:00Z' WHERE config_id = $1",
           1, strf(ID, config));
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp)"
           " VALUES ($1, $2, 1, now())",
           2, strf(ID, config), strf(ID, run));
    const char *before = db_text(DB_A, strf("SELECT %s = " ID, rest, run), 0);
    http_response_t *res = retry(run);
    expect_success(res);
    expect_json(res, "data",
                strf("{\"message\":\"Run reset to pending\",\"run_id\":" ID
                     ",\"previous_status\":\"failed\",\"new_status\":\"pending\"}",
                     run));
    expect_str(column(run, "status"), "pending");
    expect_str(column(run, "error_message"), NULL);
    expect_str(column(run, "retry_count"), "0");
    expect_str(column(run, "collection_started_at"), NULL);
    expect_str(column(run, "collection_completed_at"), NULL);
    expect_str(column(run, "updated_at > now() - interval '1 minute'"), "true");
    expect_str(db_text(DB_A, strf("SELECT %s = " ID, rest, run), 0), before);
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_metrics WHERE run_id = $1", 1,
                      strf(ID, run)),
               1);
    expect_str(column(other, "status || error_message || retry_count"), "failedboom3");
}

static void test_retry_only_failed(void)
{
    apr_int64_t config = seed_config(DB_A, "only failed");

    for (size_t i = 0; i < countof(statuses); i++) {
        if (!strcmp(statuses[i], "failed"))
            continue;
        apr_int64_t run = seed_run(DB_A, config, statuses[i]);
        const char *before = column(run, "md5(github_workflow_runs::text)");
        expect_error(retry(run), 4000, "only failed runs can be retried");
        expect_str(column(run, "md5(github_workflow_runs::text)"), before);
    }
    expect_error(retry(999999999), 4040, "run not found");
    apr_int64_t run = seed_run(DB_A, config, "failed");
    expect_success(retry(run));
    expect_error(retry(run), 4000, "only failed runs can be retried");
}

/* n retries of one run at once. @return how many won; the others must have been refused so */
static int retry_at_once(apr_int64_t run, int n, int code, const char *refusal)
{
    http_request_t rqs[50];
    http_response_t **res;
    int won = 0;

    for (int i = 0; i < n; i++)
        rqs[i] = (http_request_t){.method = "POST",
                                  .path = strf("/runs/" ID "/retry", run),
                                  .headers = {"Connection: close"}}; /* prefork has few children */
    res = http_send_all(rqs, n);
    for (int i = 0; i < n; i++) {
        won += res[i]->status == 200;
        if (res[i]->status != 200)
            expect_error(res[i], code, refusal);
    }
    return won;
}

/* Of 50 retries at once exactly one wins; the others see that the run is not failed any more. */
static void test_concurrent_retries(void)
{
    apr_int64_t config = seed_config(DB_A, "race");

    for (int round = 0; round < 3; round++) {
        apr_int64_t run = seed_run(DB_A, config, "failed");

        expect_int(retry_at_once(run, 50, 4000, "only failed runs can be retried"), 1);
        expect_str(column(run, "status"), "pending");
        expect_int(retry_at_once(run, 50, 4000, "only failed runs can be retried"), 0);
    }
    expect_int(retry_at_once(999999999, 50, 4040, "run not found"), 0);
}

/* Several of them get as far as PostgreSQL, and wait there for one that has the row. */
static void test_retries_behind_a_lock(void)
{
    apr_int64_t run = seed_run(DB_A, seed_config(DB_A, "locked"), "failed");
    PGconn *holder = db_open(DB_A);
    PGresult *pg;

    db_run_on(holder, "BEGIN");
    db_run_on(holder,
              strf("UPDATE github_workflow_runs SET status = 'failed' WHERE id = " ID, run));
    expect(PQsendQuery(holder, "SELECT pg_sleep(0.3); COMMIT"), "%s", PQerrorMessage(holder));
    expect_int(retry_at_once(run, 20, 4000, "only failed runs can be retried"), 1);
    while ((pg = PQgetResult(holder)))
        PQclear(pg);
    expect_str(column(run, "status"), "pending");
    db_close(holder);
}

SUITE(runs) = {
    {"every column", test_every_column},
    {"nulls, and '' for no error", test_nulls},
    {"instants that RFC 3339 cannot say", test_instants_beyond_rfc3339},
    {"a run whose config is gone", test_config_gone},
    {"filters and their totals", test_filters_and_totals},
    {"date ranges include both ends", test_date_ranges},
    {"pages", test_pages},
    {"limit and offset", test_limits},
    {"wrong filters", test_wrong_filters},
    {"retry resets a failed run", test_retry},
    {"retry of anything else", test_retry_only_failed},
    {"50 retries at once", test_concurrent_retries},
    {"retries that wait for a lock", test_retries_behind_a_lock},
    CU_TEST_INFO_NULL,
};
