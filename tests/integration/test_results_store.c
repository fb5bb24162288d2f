/*
 * test_results_store.c - results in the database: what a run, its rows, its schema and its config
 * are then; all or nothing. Several sendings at once are test_results_at_once.c's, other databases
 * test_results_databases.c's.
 */
#include "../support/suite.h"
#include "fixture.h"
#include "held.h"
#include "side.h"
#include "stored.h"

/* ---- what is written ---- */

#define NAMES                                                                                      \
    "workload_uid, workload_name, github_run_id, github_run_number, github_job_id, head_sha,"      \
    " head_branch, workflow_name"
#define UTC(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')"
#define TIMES       UTC("workload_started_at") ", " UTC("workload_completed_at")

static void test_new_run(void)
{
    apr_int64_t config = seed_config(DB_A, "store new"), run;
    http_response_t *res = stored_file(
        config,
        "github_run_id=9000000000&run_attempt=2&job=bench&github_run_number=7&github_job_id=8"
        "&head_sha=abc&head_branch=main&workflow_name=W&workload_name=pod&source_file=a.csv"
        "&started_at=2025-01-02T03:04:05Z&completed_at=2025-01-02T03:05:00.5Z",
        STORED_TWO);

    expect_status(res, 201);
    expect_json(res, "data.rows", "2");
    expect_json(res, "data.replaced", "0");
    run = stored_run(res);
    expect_run(&stored_here, run, NAMES, "github-9000000000-2-bench|pod|9000000000|7|8|abc|main|W");
    expect_run(&stored_here, run, STORED_COUNTERS, "completed|manual|1|1|2");
    expect_run(&stored_here, run, TIMES, "2025-01-02 03:04:05.000|2025-01-02 03:05:00.500");
    expect_run(&stored_here, run,
               "retry_count, error_message IS NULL, collection_started_at <="
               " collection_completed_at",
               "0|t|t");
    expect_str(db_text(DB_A,
                       "SELECT string_agg(concat_ws(' ', source_file, dimensions, metrics,"
                       " " UTC("timestamp") ", config_id = $2), '|' ORDER BY id) FROM " STORED_ROWS
                                            " WHERE run_id = $1",
                       2, strf(ID, run), strf(ID, config)),
               "a.csv {\"Op\": \"GEMM\"} {\"throughput\": 157.25} 2025-01-02 03:05:00.500 t|"
               "a.csv {\"Op\": \"Attention\"} {\"throughput\": 1103} 2025-01-02 03:05:00.500 t");
}

/* It began no later than it was over, also where one of the times was said before. */
static void test_times_apart(void)
{
    apr_int64_t config = seed_config(DB_A, "store times"), run;
    http_response_t *res = stored_file(config,
                                       "workload_uid=u&source_file=a.csv&started_at=2025-01-02"
                                       "T03:00:00Z&completed_at=2025-01-02T04:00:00Z",
                                       STORED_TWO);

    run = stored_run(res);
    stored_file(config, "workload_uid=u&source_file=a.csv&started_at=2025-01-02T05:00:00Z",
                STORED_TWO);
    expect_run(&stored_here, run, TIMES, "2025-01-02 04:00:00.000|2025-01-02 04:00:00.000");
    stored_file(config, "workload_uid=u&source_file=a.csv&completed_at=2025-01-02T02:00:00Z",
                STORED_TWO);
    expect_run(&stored_here, run, TIMES, "2025-01-02 02:00:00.000|2025-01-02 02:00:00.000");
    stored_file(config, "workload_uid=u&status=failed&started_at=2025-01-02T05:00:00Z", NULL);
    expect_run(&stored_here, run, TIMES, "2025-01-02 02:00:00.000|2025-01-02 02:00:00.000");
    res = stored_file(config, "workload_uid=v&status=failed&started_at=2999-01-02T05:00:00Z", NULL);
    expect_run(&stored_here, stored_run(res), "workload_started_at = workload_completed_at", "t");
}

/* The schema that none was, and the config's note of it. */
static void test_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "store schema"), schema;
    http_response_t *res = stored_file(config, "workload_uid=a&source_file=dir/s.csv", STORED_TWO);

    expect_status(res, 201);
    schema = json_int_at(res, "data.schema_id");
    expect_str(db_text(DB_A,
                       "SELECT concat_ws('|', s.version, s.is_active, s.generated_by,"
                       " s.generation_sample_file, c.metric_schema_id = s.id, c.last_checked_at"
                       " > now() - interval '1 hour') FROM github_workflow_metric_schemas s JOIN"
                       " github_workflow_configs c ON c.id = s.config_id WHERE s.id = $1",
                       1, strf(ID, schema)),
               "1|t|system|dir/s.csv|t|t");
    expect_int(json_int_at(stored_file(config, "workload_uid=b&source_file=s.csv", STORED_TWO),
                           "data.schema_id"),
               schema);
    /* versions that are not active: the next one */
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET is_active = false, version = 7 WHERE id = $1",
           1, strf(ID, schema));
    schema = json_int_at(stored_file(config, "workload_uid=c&source_file=s.csv", STORED_TWO),
                         "data.schema_id");
    expect_int(db_int(DB_A, "SELECT version FROM github_workflow_metric_schemas WHERE id = $1", 1,
                      strf(ID, schema)),
               8);
}

/* Files of one run beside each other, and one of them again; a file that says nothing new. */
static void test_files(void)
{
    apr_int64_t config = seed_config(DB_A, "store files"), run;
    http_response_t *res = stored_file(config, "workload_uid=u&source_file=a.csv", STORED_TWO);

    run = stored_run(res);
    expect_status(res, 201);
    res = stored_file(config, "workload_uid=u&source_file=b%09%5C.csv&head_branch=b", STORED_TWO);
    expect_status(res, 200);
    expect_int(stored_run(res), run);
    expect_json(res, "data.replaced", "0");
    expect_run(&stored_here, run, STORED_COUNTERS ", head_branch", "completed|manual|2|2|4|b");
    res = stored_file(config, "workload_uid=u&source_file=b%09%5C.csv", STORED_ONE);
    expect_json(res, "data.replaced", "2");
    expect_json(res, "data.rows", "1");
    expect_run(&stored_here, run, STORED_COUNTERS ", head_branch", "completed|manual|2|2|3|b");
    expect_str(db_text(DB_A,
                       "SELECT string_agg(source_file, '|' ORDER BY id) FROM " STORED_ROWS
                       " WHERE run_id = $1",
                       1, strf(ID, run)),
               "a.csv|a.csv|b\t\\.csv");
    expect_int(db_int(DB_A,
                      "SELECT count(DISTINCT timestamp) FROM " STORED_ROWS " r JOIN " STORED_RUNS
                      " u ON u.id = r.run_id AND r.timestamp = u.workload_completed_at"
                      " WHERE run_id = $1",
                      1, strf(ID, run)),
               1);
}

/* What a collector has made is the same run: it keeps what is not said. */
static void test_known_run(void)
{
    apr_int64_t config = seed_config(DB_A, "store known"), run;
    http_response_t *res;

    run =
        db_int(DB_A,
               "INSERT INTO " STORED_RUNS " (config_id, workload_uid, workload_name, github_run_id,"
               " head_sha, head_branch, status, trigger_source, error_message, retry_count,"
               " files_found, workload_started_at) VALUES ($1, 'w', 'pod', 5, 'old', 'main',"
               " 'failed', 'realtime', 'broken', 2, 5, '2025-01-01Z') RETURNING id",
               1, strf(ID, config));
    db_run(DB_A,
           "INSERT INTO " STORED_ROWS " (config_id, run_id, schema_id, timestamp, source_file)"
           " VALUES ($1, $2, 1, '2025-01-01Z', 'its.csv'), ($1, $2, 1, '2025-01-01Z', NULL)",
           2, strf(ID, config), strf(ID, run));
    res = stored_file(config,
                      "workload_uid=w&source_file=a.csv&head_sha=new"
                      "&completed_at=2025-01-01T01:00:00Z",
                      STORED_TWO);
    expect_status(res, 200);
    expect_int(stored_run(res), run);
    expect_run(&stored_here, run, NAMES, "w|pod|5|new|main");
    expect_run(&stored_here, run, STORED_COUNTERS, "completed|realtime|5|2|4");
    expect_run(&stored_here, run, TIMES, "2025-01-01 00:00:00.000|2025-01-01 01:00:00.000");
    expect_run(&stored_here, run, "retry_count, error_message IS NULL", "2|t");
    expect_int(stored_rows(&stored_here, run), 4);
    expect_int(stored_runs(&stored_here, config), 1);
}

/* A step that failed says so, with a run or without. */
static void test_failed(void)
{
    apr_int64_t config = seed_config(DB_A, "store failed"), run;
    http_request_t rq = stored_request(&stored_here, config, "workload_uid=f&status=failed", NULL);
    http_response_t *res;

    rq.headers[0] = "Wfmetrics-Run: {\"error_message\":\"out of memory\"}";
    res = http_send(&rq);
    expect_status(res, 201);
    run = stored_run(res);
    expect_run(&stored_here, run, STORED_COUNTERS ", error_message",
               "failed|manual|0|0|0|out of memory");
    expect_status(stored_file(config, "workload_uid=f&source_file=a.csv", STORED_TWO), 200);
    expect_run(&stored_here, run, STORED_COUNTERS ", error_message IS NULL",
               "completed|manual|1|1|2|t");
    res = http_send(&rq);
    expect_status(res, 200);
    expect_int(stored_run(res), run);
    expect_run(&stored_here, run, STORED_COUNTERS ", error_message",
               "failed|manual|1|1|2|out of memory");
    expect_int(stored_rows(&stored_here, run), 2);
}

/* ---- all or nothing ---- */

/* Without a right nothing is stored, and the log says what to run. */
static void expect_missed(apr_int64_t config, const char *right)
{
    apr_off_t mark = fixture_log_mark();
    const char *before = db_fingerprint(DB_A);

    db_run(DB_A, strf("REVOKE %s FROM wfmetrics", right), 0);
    expect_error(stored_file(config, "workload_uid=u&source_file=a.csv", STORED_TWO), 5000,
                 "internal error");
    expect_contains(fixture_log_since(mark), "sqlstate=42501");
    expect_contains(fixture_log_since(mark), "api_role.sql -v ingest=1");
    db_run(DB_A, strf("GRANT %s TO wfmetrics", right), 0);
    expect_str(db_fingerprint(DB_A), before);
}

static void test_no_right(void)
{
    static const char *const rights[] = {"SELECT ON " STORED_CONFIGS,
                                         "UPDATE ON " STORED_CONFIGS,
                                         "USAGE ON SEQUENCE " STORED_RUNS "_id_seq",
                                         "SELECT ON " STORED_RUNS,
                                         "INSERT ON " STORED_RUNS,
                                         "USAGE ON SEQUENCE " STORED_SCHEMAS "_id_seq",
                                         "SELECT ON " STORED_SCHEMAS,
                                         "INSERT ON " STORED_SCHEMAS,
                                         "USAGE ON SEQUENCE " STORED_ROWS "_id_seq",
                                         "SELECT ON " STORED_ROWS,
                                         "INSERT ON " STORED_ROWS,
                                         "DELETE ON " STORED_ROWS};
    apr_int64_t config = seed_config(DB_A, "store rights");

    for (size_t i = 0; i < countof(rights); i++)
        expect_missed(config, rights[i]);
    expect_status(stored_file(config, "workload_uid=u&source_file=a.csv", STORED_TWO), 201);
    expect_missed(config, "UPDATE ON " STORED_RUNS);
}

/* Connections that died while idle, and statements that a session has forgotten, are nobody's
 * matter. */
static void test_new_sessions(void)
{
    apr_int64_t config = seed_config(DB_A, "store sessions");

    expect_status(stored_file(config, "workload_uid=u&source_file=a.csv", STORED_TWO), 201);
    db_run("postgres",
           "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
           " WHERE application_name LIKE 'cluster-%' AND state = 'idle'",
           0);
    expect_status(stored_file(config, "workload_uid=u&source_file=a.csv", STORED_TWO), 200);
    db_run(DB_A, "ALTER TABLE " STORED_RUNS " ALTER head_branch TYPE text",
           0); /* plans are made anew */
    expect_status(stored_file(config, "workload_uid=u&source_file=a.csv", STORED_ONE), 200);
    db_run(DB_A, "ALTER TABLE " STORED_RUNS " ALTER head_branch TYPE varchar(255)", 0);
    expect_status(stored_file(config, "workload_uid=v&source_file=a.csv", STORED_ONE), 201);
}

/* A row that the table refuses, behind others. */
static void test_refused_row(void)
{
    apr_int64_t config = seed_config(DB_A, "store refused");
    const char *body = STORED_ONE "GEMM,2\nforbidden,3\n", *before = db_fingerprint(DB_A);

    db_run(DB_A,
           "ALTER TABLE " STORED_ROWS
           " ADD CONSTRAINT refused CHECK (dimensions ->> 'Op' <> 'forbidden')",
           0);
    expect_error(stored_file(config, "workload_uid=u&source_file=a.csv", body), 5000,
                 "internal error");
    db_run(DB_A, "ALTER TABLE " STORED_ROWS " DROP CONSTRAINT refused", 0);
    expect_str(db_fingerprint(DB_A), before);
    expect_status(stored_file(config, "workload_uid=u&source_file=a.csv", body), 201);
}

/* One at a time, which waits for a second; two that come meanwhile. */
#define NARROW "WfmetricsMaxIngests 1\nWfmetricsAcquireTimeout 200\nWfmetricsIngestTimeout 1000\n"

static void check_bounds(const stored_at_t *at)
{
    apr_int64_t config = seed_config(DB_A, "store bounds");
    http_request_t rqs[2];
    http_response_t **res;
    PGconn *holder;
    int last;

    expect_status(stored_send(at, config, "workload_uid=u&source_file=a.csv", STORED_TWO), 201);
    holder = held_begin(DB_A, STORED_ROWS);
    for (int i = 0; i < 2; i++)
        rqs[i] =
            stored_request(at, config, strf("workload_uid=w%d&source_file=a.csv", i), STORED_TWO);
    res = http_send_all(rqs, 2);
    last = res[0]->status == 504;
    expect_error(res[!last], 5040, "the database took too long to answer");
    expect_error(res[last], 5030, "too many results are being stored");
    /* a client that leaves: nobody writes for him any more */
    rqs[0].timeout_ms = 300;
    expect(http_send(&rqs[0])->curl == CURLE_OPERATION_TIMEDOUT, "it has not left");
    expect(held_rests(holder), "the statement goes on");
    held_release(holder);
    held_end(DB_A, holder);
    expect_int(stored_runs(&stored_here, config), 1);
    expect_status(stored_send(at, config, "workload_uid=w&source_file=a.csv", STORED_TWO), 201);
}

static void test_bounds(void)
{
    stored_at_t at = {side_free_port(), "narrow", DB_A};

    if (side_start(at.port,
                   strf("<VirtualHost *:%d>\n" SIDE_CLUSTER NARROW "<Location " API_BASE ">\n"
                        "SetHandler wfmetrics\nWfmetricsIngest On\n</Location>\n</VirtualHost>\n",
                        at.port, "narrow", fixture_sockets(), "narrow", "narrow")) == 0)
        check_bounds(&at);
    side_stop();
}

SUITE(results_store) = {
    {"a new run", test_new_run},
    {"it began no later than it was over", test_times_apart},
    {"a schema where none is", test_schema},
    {"several files of a run", test_files},
    {"a run that a collector made", test_known_run},
    {"a step that failed", test_failed},
    {"the role may not", test_no_right},
    {"new sessions, other plans", test_new_sessions},
    {"a row that the table refuses", test_refused_row},
    {"no more at once, no longer, and for nobody who has left", test_bounds},
    CU_TEST_INFO_NULL,
};
