/*
 * test_results_store.c - results in the database: what a run, its rows, its schema and its config
 * are then; several sendings at once, beside a collector, beside a deletion; all or nothing; in
 * databases of several generations, partitioned, in another schema, with policies, in LATIN1.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "held.h"
#include "lens.h"
#include "side.h"
#include <apr_thread_proc.h>
#include <string.h>

#define CSV     "Content-Type: text/csv"
#define TWO     "Op,throughput\nGEMM,157.25\nAttention,1103\n"
#define ONE     "Op,throughput\nGEMM,1\n"
#define RUNS    "github_workflow_runs"
#define CONFIGS "github_workflow_configs"
#define SCHEMAS "github_workflow_metric_schemas"
#define ROWS    "github_workflow_metrics"

/* Where results are sent. */
typedef struct place_t {
    int port; /* 0: the fixture's */
    const char *host, *dbname;
} place_t;

static const place_t here = {0, NULL, DB_A};

static http_request_t sending(const place_t *at, apr_int64_t config, const char *query,
                              const char *body)
{
    return (http_request_t){.port = at->port,
                            .host = at->host,
                            .method = "POST",
                            .path = strf("/configs/" ID "/results?%s", config, query),
                            .body = body,
                            .headers = {body ? CSV : NULL}};
}

static http_response_t *send_to(const place_t *at, apr_int64_t config, const char *query,
                                const char *body)
{
    http_request_t rq = sending(at, config, query, body);

    return http_send(&rq);
}

static http_response_t *send_file(apr_int64_t config, const char *query, const char *body)
{
    return send_to(&here, config, query, body);
}

static apr_int64_t run_of(const http_response_t *res)
{
    return json_int_at(res, "data.run_id");
}

/* Columns of a run, as one text. */
#define expect_run(at, run, columns, values)                                                       \
    expect_str(db_text((at)->dbname,                                                               \
                       "SELECT concat_ws('|', " columns ") FROM " RUNS " WHERE id = $1", 1,        \
                       strf(ID, run)),                                                             \
               values)

static apr_int64_t rows_of(const place_t *at, apr_int64_t run)
{
    return db_int(at->dbname, "SELECT count(*) FROM " ROWS " WHERE run_id = $1", 1, strf(ID, run));
}

static apr_int64_t runs_of(const place_t *at, apr_int64_t config)
{
    return db_int(at->dbname, "SELECT count(*) FROM " RUNS " WHERE config_id = $1", 1,
                  strf(ID, config));
}

/* ---- what is written ---- */

#define NAMES                                                                                      \
    "workload_uid, workload_name, github_run_id, github_run_number, github_job_id, head_sha,"      \
    " head_branch, workflow_name"
#define COUNTERS    "status, trigger_source, files_found, files_processed, metrics_count"
#define UTC(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')"
#define TIMES       UTC("workload_started_at") ", " UTC("workload_completed_at")

static void test_new_run(void)
{
    apr_int64_t config = seed_config(DB_A, "store new"), run;
    http_response_t *res = send_file(
        config,
        "github_run_id=9000000000&run_attempt=2&job=bench&github_run_number=7&github_job_id=8"
        "&head_sha=abc&head_branch=main&workflow_name=W&workload_name=pod&source_file=a.csv"
        "&started_at=2025-01-02T03:04:05Z&completed_at=2025-01-02T03:05:00.5Z",
        TWO);

    expect_status(res, 201);
    expect_json(res, "data.rows", "2");
    expect_json(res, "data.replaced", "0");
    run = run_of(res);
    expect_run(&here, run, NAMES, "github-9000000000-2-bench|pod|9000000000|7|8|abc|main|W");
    expect_run(&here, run, COUNTERS, "completed|manual|1|1|2");
    expect_run(&here, run, TIMES, "2025-01-02 03:04:05.000|2025-01-02 03:05:00.500");
    expect_run(&here, run,
               "retry_count, error_message IS NULL, collection_started_at <="
               " collection_completed_at",
               "0|t|t");
    expect_str(db_text(DB_A,
                       "SELECT string_agg(concat_ws(' ', source_file, dimensions, metrics,"
                       " " UTC("timestamp") ", config_id = $2), '|' ORDER BY id) FROM " ROWS
                                            " WHERE run_id = $1",
                       2, strf(ID, run), strf(ID, config)),
               "a.csv {\"Op\": \"GEMM\"} {\"throughput\": 157.25} 2025-01-02 03:05:00.500 t|"
               "a.csv {\"Op\": \"Attention\"} {\"throughput\": 1103} 2025-01-02 03:05:00.500 t");
}

/* It began no later than it was over, also where one of the times was said before. */
static void test_times_apart(void)
{
    apr_int64_t config = seed_config(DB_A, "store times"), run;
    http_response_t *res = send_file(config,
                                     "workload_uid=u&source_file=a.csv&started_at=2025-01-02"
                                     "T03:00:00Z&completed_at=2025-01-02T04:00:00Z",
                                     TWO);

    run = run_of(res);
    send_file(config, "workload_uid=u&source_file=a.csv&started_at=2025-01-02T05:00:00Z", TWO);
    expect_run(&here, run, TIMES, "2025-01-02 04:00:00.000|2025-01-02 04:00:00.000");
    send_file(config, "workload_uid=u&source_file=a.csv&completed_at=2025-01-02T02:00:00Z", TWO);
    expect_run(&here, run, TIMES, "2025-01-02 02:00:00.000|2025-01-02 02:00:00.000");
    send_file(config, "workload_uid=u&status=failed&started_at=2025-01-02T05:00:00Z", NULL);
    expect_run(&here, run, TIMES, "2025-01-02 02:00:00.000|2025-01-02 02:00:00.000");
    res = send_file(config, "workload_uid=v&status=failed&started_at=2999-01-02T05:00:00Z", NULL);
    expect_run(&here, run_of(res), "workload_started_at = workload_completed_at", "t");
}

/* The schema that none was, and the config's note of it. */
static void test_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "store schema"), schema;
    http_response_t *res = send_file(config, "workload_uid=a&source_file=dir/s.csv", TWO);

    expect_status(res, 201);
    schema = json_int_at(res, "data.schema_id");
    expect_str(db_text(DB_A,
                       "SELECT concat_ws('|', s.version, s.is_active, s.generated_by,"
                       " s.generation_sample_file, c.metric_schema_id = s.id, c.last_checked_at"
                       " > now() - interval '1 hour') FROM github_workflow_metric_schemas s JOIN"
                       " github_workflow_configs c ON c.id = s.config_id WHERE s.id = $1",
                       1, strf(ID, schema)),
               "1|t|system|dir/s.csv|t|t");
    expect_int(
        json_int_at(send_file(config, "workload_uid=b&source_file=s.csv", TWO), "data.schema_id"),
        schema);
    /* versions that are not active: the next one */
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET is_active = false, version = 7 WHERE id = $1",
           1, strf(ID, schema));
    schema =
        json_int_at(send_file(config, "workload_uid=c&source_file=s.csv", TWO), "data.schema_id");
    expect_int(db_int(DB_A, "SELECT version FROM github_workflow_metric_schemas WHERE id = $1", 1,
                      strf(ID, schema)),
               8);
}

/* Files of one run beside each other, and one of them again; a file that says nothing new. */
static void test_files(void)
{
    apr_int64_t config = seed_config(DB_A, "store files"), run;
    http_response_t *res = send_file(config, "workload_uid=u&source_file=a.csv", TWO);

    run = run_of(res);
    expect_status(res, 201);
    res = send_file(config, "workload_uid=u&source_file=b%09%5C.csv&head_branch=b", TWO);
    expect_status(res, 200);
    expect_int(run_of(res), run);
    expect_json(res, "data.replaced", "0");
    expect_run(&here, run, COUNTERS ", head_branch", "completed|manual|2|2|4|b");
    res = send_file(config, "workload_uid=u&source_file=b%09%5C.csv", ONE);
    expect_json(res, "data.replaced", "2");
    expect_json(res, "data.rows", "1");
    expect_run(&here, run, COUNTERS ", head_branch", "completed|manual|2|2|3|b");
    expect_str(db_text(DB_A,
                       "SELECT string_agg(source_file, '|' ORDER BY id) FROM " ROWS
                       " WHERE run_id = $1",
                       1, strf(ID, run)),
               "a.csv|a.csv|b\t\\.csv");
    expect_int(db_int(DB_A,
                      "SELECT count(DISTINCT timestamp) FROM " ROWS " r JOIN " RUNS
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

    run = db_int(DB_A,
                 "INSERT INTO " RUNS " (config_id, workload_uid, workload_name, github_run_id,"
                 " head_sha, head_branch, status, trigger_source, error_message, retry_count,"
                 " files_found, workload_started_at) VALUES ($1, 'w', 'pod', 5, 'old', 'main',"
                 " 'failed', 'realtime', 'broken', 2, 5, '2025-01-01Z') RETURNING id",
                 1, strf(ID, config));
    db_run(DB_A,
           "INSERT INTO " ROWS " (config_id, run_id, schema_id, timestamp, source_file)"
           " VALUES ($1, $2, 1, '2025-01-01Z', 'its.csv'), ($1, $2, 1, '2025-01-01Z', NULL)",
           2, strf(ID, config), strf(ID, run));
    res = send_file(config,
                    "workload_uid=w&source_file=a.csv&head_sha=new"
                    "&completed_at=2025-01-01T01:00:00Z",
                    TWO);
    expect_status(res, 200);
    expect_int(run_of(res), run);
    expect_run(&here, run, NAMES, "w|pod|5|new|main");
    expect_run(&here, run, COUNTERS, "completed|realtime|5|2|4");
    expect_run(&here, run, TIMES, "2025-01-01 00:00:00.000|2025-01-01 01:00:00.000");
    expect_run(&here, run, "retry_count, error_message IS NULL", "2|t");
    expect_int(rows_of(&here, run), 4);
    expect_int(runs_of(&here, config), 1);
}

/* A step that failed says so, with a run or without. */
static void test_failed(void)
{
    apr_int64_t config = seed_config(DB_A, "store failed"), run;
    http_request_t rq = sending(&here, config, "workload_uid=f&status=failed", NULL);
    http_response_t *res;

    rq.headers[0] = "Wfmetrics-Run: {\"error_message\":\"out of memory\"}";
    res = http_send(&rq);
    expect_status(res, 201);
    run = run_of(res);
    expect_run(&here, run, COUNTERS ", error_message", "failed|manual|0|0|0|out of memory");
    expect_status(send_file(config, "workload_uid=f&source_file=a.csv", TWO), 200);
    expect_run(&here, run, COUNTERS ", error_message IS NULL", "completed|manual|1|1|2|t");
    res = http_send(&rq);
    expect_status(res, 200);
    expect_int(run_of(res), run);
    expect_run(&here, run, COUNTERS ", error_message", "failed|manual|1|1|2|out of memory");
    expect_int(rows_of(&here, run), 2);
}

/* ---- at once ---- */

#define MANY 8

static void test_same_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "store same");
    http_request_t rq = sending(&here, config, "workload_uid=u&source_file=a.csv", TWO);
    http_request_t rqs[MANY];
    http_response_t **res;
    int created = 0;

    for (int i = 0; i < MANY; i++)
        rqs[i] = rq;
    res = http_send_all(rqs, MANY);
    for (int i = 0; i < MANY; i++) {
        created += res[i]->status == 201;
        expect(res[i]->status == 201 || res[i]->status == 200, "%ld: %s", res[i]->status,
               res[i]->body);
        expect_int(run_of(res[i]), run_of(res[0]));
    }
    expect_int(created, 1);
    expect_int(runs_of(&here, config), 1);
    expect_int(rows_of(&here, run_of(res[0])), 2);
    expect_run(&here, run_of(res[0]), COUNTERS, "completed|manual|1|1|2");
}

/* The first sendings of a config: one schema, whichever of them it is, and nobody is refused. */
static void test_first_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "store first");
    http_request_t rqs[MANY];
    http_response_t **res;

    for (int i = 0; i < MANY; i++)
        rqs[i] = sending(&here, config, strf("workload_uid=u%d&source_file=a.csv", i), TWO);
    res = http_send_all(rqs, MANY);
    for (int i = 0; i < MANY; i++) {
        expect_status(res[i], 201);
        expect_json(res[i], "data.rows", "2");
    }
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_metric_schemas WHERE config_id = $1", 1,
                      strf(ID, config)),
               1);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM " ROWS " r JOIN github_workflow_metric_schemas s ON"
                      " s.id = r.schema_id WHERE r.config_id = $1",
                      1, strf(ID, config)),
               2 * MANY);
}

/* Two files of one run at once are counted both. */
static void test_files_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "store files at once");
    http_request_t rqs[MANY];
    http_response_t **res;

    expect_status(send_file(config, "workload_uid=first&source_file=a.csv", TWO), 201);
    for (int i = 0; i < MANY; i++)
        rqs[i] = sending(&here, config, strf("workload_uid=u&source_file=%d.csv", i), TWO);
    res = http_send_all(rqs, MANY);
    expect_run(&here, run_of(res[0]), COUNTERS,
               strf("completed|manual|%d|%d|%d", MANY, MANY, 2 * MANY));
}

/* ---- while the rows come in ---- */

/* Somebody who does something while the rows come in. */
typedef struct other_t {
    PGconn *conn;
    const char *sql;
    int came; /* the rows did */
} other_t;

static void *APR_THREAD_FUNC meanwhile(apr_thread_t *thread, void *data)
{
    other_t *other = data;

    (void)thread;
    other->came = held_wait(other->conn) != 0;
    PQclear(PQexec(other->conn, other->sql));
    held_release(other->conn);
    return NULL;
}

/* @param sql what happens between the first and the last statement of the sending */
static http_response_t *send_while(http_request_t rq, const char *sql)
{
    other_t other = {held_begin(DB_A, ROWS), sql, 0};
    apr_thread_t *thread;
    http_response_t *res;
    apr_status_t rv;

    apr_thread_create(&thread, NULL, meanwhile, &other, fixture_pool());
    res = http_send(&rq);
    apr_thread_join(&rv, thread);
    expect(other.came, "no rows came in");
    held_end(DB_A, other.conn);
    return res;
}

/* A collector makes the same run meanwhile: it does not wait, and its run is the one. */
static void test_collector(void)
{
    apr_int64_t config = seed_config(DB_A, "store collector"), run;
    http_response_t *res =
        send_while(sending(&here, config, "workload_uid=u&source_file=a.csv", TWO),
                   strf("INSERT INTO " RUNS " (config_id, workload_uid, workload_name) VALUES (" ID
                        ", 'u', 'its')",
                        config));

    expect_status(res, 200);
    run = run_of(res);
    expect_int(runs_of(&here, config), 1);
    expect_run(&here, run, "workload_name, " COUNTERS, "its|completed|realtime|1|1|2");
    expect_int(rows_of(&here, run), 2);
    expect_int(
        db_int(DB_A, "SELECT count(*) FROM " ROWS " WHERE config_id = $1", 1, strf(ID, config)), 2);
    /* and deletes it while it is sent again */
    res = send_while(sending(&here, config, "workload_uid=u&source_file=a.csv", TWO),
                     strf("DELETE FROM " RUNS " WHERE config_id = " ID, config));
    expect_status(res, 201);
    expect_int(runs_of(&here, config), 1);
    expect_int(rows_of(&here, run_of(res)), 2);
}

/* It has the run's row for longer than the API waits while it holds others: nothing is stored, and
 * the collector goes on. */
static void test_held_run(void)
{
    apr_int64_t config = seed_config(DB_A, "store held"), run;
    PGconn *collector = db_open(DB_A);
    http_response_t *res = send_file(config, "workload_uid=u&source_file=a.csv", TWO);

    run = run_of(res);
    db_run_on(collector, "BEGIN");
    db_run_on(collector, strf("UPDATE " RUNS " SET status = 'extracting' WHERE id = " ID, run));
    res = send_file(config, "workload_uid=u&source_file=a.csv", ONE);
    expect_error(res, 5030, "the database is busy");
    expect(http_header(res, "Retry-After") != NULL, "no Retry-After");
    db_run_on(
        collector,
        strf("UPDATE github_workflow_configs SET last_checked_at = now() WHERE id = " ID, config));
    db_run_on(collector, "COMMIT");
    expect_int(rows_of(&here, run), 2);
    /* the config's row alone is waited for by nobody */
    db_run_on(collector, "BEGIN");
    db_run_on(
        collector,
        strf("UPDATE github_workflow_configs SET last_checked_at = now() WHERE id = " ID, config));
    expect_status(send_file(config, "workload_uid=u&source_file=a.csv", ONE), 200);
    db_run_on(collector, "COMMIT");
    db_close(collector);
    expect_int(rows_of(&here, run), 1);
}

static void test_deleted_meanwhile(void)
{
    apr_int64_t config = seed_config(DB_A, "store deleted");
    http_response_t *res =
        send_while(sending(&here, config, "workload_uid=u&source_file=a.csv", TWO),
                   strf("DELETE FROM github_workflow_configs WHERE id = " ID, config));

    expect_error(res, 4040, "config not found");
    expect_int(runs_of(&here, config), 0);
    expect_int(db_int(DB_A,
                      "SELECT (SELECT count(*) FROM " ROWS " WHERE config_id = $1) + (SELECT"
                      " count(*) FROM github_workflow_metric_schemas WHERE config_id = $1)",
                      1, strf(ID, config)),
               0);
}

static void *APR_THREAD_FUNC in_front(apr_thread_t *thread, void *data)
{
    const other_t *other = data;

    (void)thread;
    PQclear(PQexec(other->conn, other->sql));
    return NULL;
}

/* @param sql what happens when the rows are made, and before the first statement sees anything */
static http_response_t *send_behind(apr_int64_t config, const char *body, const char *sql)
{
    other_t other = {db_open(DB_A),
                     strf("DO $$BEGIN FOR i IN 1..3000 LOOP EXIT WHEN EXISTS (SELECT FROM pg_locks"
                          " WHERE locktype = 'advisory' AND NOT granted); PERFORM pg_sleep(0.01);"
                          " END LOOP; END$$; %s; COMMIT",
                          sql),
                     0};
    apr_thread_t *thread;
    http_response_t *res;
    apr_status_t rv;

    db_run_on(other.conn, "BEGIN");
    db_run_on(
        other.conn,
        strf("SELECT pg_advisory_xact_lock(hashtextextended('wfm_results u', " ID "))", config));
    apr_thread_create(&thread, NULL, in_front, &other, fixture_pool());
    res = send_file(config, "workload_uid=u&source_file=a.csv", body);
    apr_thread_join(&rv, thread);
    db_close(other.conn);
    return res;
}

/* The active schema's unit is another one meanwhile: the rows are made anew, in that. */
static void test_unit_meanwhile(void)
{
    apr_int64_t config = seed_config(DB_A, "store unit");
    http_response_t *res =
        send_file(config, "workload_uid=u&source_file=a.csv", "Op,time\nA,5 ms\n");
    apr_int64_t schema = json_int_at(res, "data.schema_id");

    res = send_behind(config, "Op,time\nA,2 s\n",
                      strf("UPDATE github_workflow_metric_schemas SET fields ="
                           " replace(fields::text, '\"ms\"', '\"s\"')::jsonb WHERE id = " ID,
                           schema));
    expect_status(res, 200);
    expect_int(json_int_at(res, "data.schema_id"), schema);
    expect_str(
        db_text(DB_A,
                "SELECT string_agg(m.metrics::text, ' ') || min(s.fields->1->>'unit') FROM " ROWS
                " m JOIN github_workflow_metric_schemas s ON s.id = m.schema_id"
                " WHERE m.config_id = $1",
                1, strf(ID, config)),
        "{\"time\": 2}s");
}

/* A schema becomes active meanwhile: the rows are made anew, by that one. */
static void test_schema_meanwhile(void)
{
    apr_int64_t config = seed_config(DB_A, "store moved");
    http_response_t *res = send_while(
        sending(&here, config, "workload_uid=u&source_file=a.csv", TWO),
        strf("INSERT INTO github_workflow_metric_schemas (config_id, name,"
             " dimension_fields, metric_fields) VALUES (" ID ", 'its', '[]', '[\"throughput\"]')",
             config));

    expect_status(res, 201);
    expect_json(res, "data.unknown_columns", "[\"Op\"]");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM " ROWS " r JOIN github_workflow_metric_schemas s ON"
                      " s.id = r.schema_id AND s.name = 'its' WHERE r.config_id = $1 AND"
                      " dimensions = '{}'",
                      1, strf(ID, config)),
               2);
}

/* ---- all or nothing ---- */

/* Without a right nothing is stored, and the log says what to run. */
static void expect_missed(apr_int64_t config, const char *right)
{
    apr_off_t mark = fixture_log_mark();
    const char *before = db_fingerprint(DB_A);

    db_run(DB_A, strf("REVOKE %s FROM wfmetrics", right), 0);
    expect_error(send_file(config, "workload_uid=u&source_file=a.csv", TWO), 5000,
                 "internal error");
    expect_contains(fixture_log_since(mark), "sqlstate=42501");
    expect_contains(fixture_log_since(mark), "api_role.sql -v ingest=1");
    db_run(DB_A, strf("GRANT %s TO wfmetrics", right), 0);
    expect_str(db_fingerprint(DB_A), before);
}

static void test_no_right(void)
{
    static const char *const rights[] = {
        "SELECT ON " CONFIGS, "UPDATE ON " CONFIGS, "USAGE ON SEQUENCE " RUNS "_id_seq",
        "SELECT ON " RUNS,    "INSERT ON " RUNS,    "USAGE ON SEQUENCE " SCHEMAS "_id_seq",
        "SELECT ON " SCHEMAS, "INSERT ON " SCHEMAS, "USAGE ON SEQUENCE " ROWS "_id_seq",
        "SELECT ON " ROWS,    "INSERT ON " ROWS,    "DELETE ON " ROWS};
    apr_int64_t config = seed_config(DB_A, "store rights");

    for (size_t i = 0; i < countof(rights); i++)
        expect_missed(config, rights[i]);
    expect_status(send_file(config, "workload_uid=u&source_file=a.csv", TWO), 201);
    expect_missed(config, "UPDATE ON " RUNS);
}

/* Connections that died while idle, and statements that a session has forgotten, are nobody's
 * matter. */
static void test_new_sessions(void)
{
    apr_int64_t config = seed_config(DB_A, "store sessions");

    expect_status(send_file(config, "workload_uid=u&source_file=a.csv", TWO), 201);
    db_run("postgres",
           "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
           " WHERE application_name LIKE 'cluster-%' AND state = 'idle'",
           0);
    expect_status(send_file(config, "workload_uid=u&source_file=a.csv", TWO), 200);
    db_run(DB_A, "ALTER TABLE " RUNS " ALTER head_branch TYPE text", 0); /* plans are made anew */
    expect_status(send_file(config, "workload_uid=u&source_file=a.csv", ONE), 200);
    db_run(DB_A, "ALTER TABLE " RUNS " ALTER head_branch TYPE varchar(255)", 0);
    expect_status(send_file(config, "workload_uid=v&source_file=a.csv", ONE), 201);
}

/* A row that the table refuses, behind others. */
static void test_refused_row(void)
{
    apr_int64_t config = seed_config(DB_A, "store refused");
    const char *body = ONE "GEMM,2\nforbidden,3\n", *before = db_fingerprint(DB_A);

    db_run(DB_A,
           "ALTER TABLE " ROWS " ADD CONSTRAINT refused CHECK (dimensions ->> 'Op' <> 'forbidden')",
           0);
    expect_error(send_file(config, "workload_uid=u&source_file=a.csv", body), 5000,
                 "internal error");
    db_run(DB_A, "ALTER TABLE " ROWS " DROP CONSTRAINT refused", 0);
    expect_str(db_fingerprint(DB_A), before);
    expect_status(send_file(config, "workload_uid=u&source_file=a.csv", body), 201);
}

/* One at a time, which waits for a second; two that come meanwhile. */
#define NARROW "WfmetricsMaxIngests 1\nWfmetricsAcquireTimeout 200\nWfmetricsIngestTimeout 1000\n"

static void check_bounds(const place_t *at)
{
    apr_int64_t config = seed_config(DB_A, "store bounds");
    http_request_t rqs[2];
    http_response_t **res;
    PGconn *holder;
    int last;

    expect_status(send_to(at, config, "workload_uid=u&source_file=a.csv", TWO), 201);
    holder = held_begin(DB_A, ROWS);
    for (int i = 0; i < 2; i++)
        rqs[i] = sending(at, config, strf("workload_uid=w%d&source_file=a.csv", i), TWO);
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
    expect_int(runs_of(&here, config), 1);
    expect_status(send_to(at, config, "workload_uid=w&source_file=a.csv", TWO), 201);
}

static void test_bounds(void)
{
    place_t at = {side_free_port(), "narrow", DB_A};

    if (side_start(at.port,
                   strf("<VirtualHost *:%d>\n" SIDE_CLUSTER NARROW "<Location " API_BASE ">\n"
                        "SetHandler wfmetrics\nWfmetricsIngest On\n</Location>\n</VirtualHost>\n",
                        at.port, "narrow", fixture_sockets(), "narrow", "narrow")) == 0)
        check_bounds(&at);
    side_stop();
}

/* ---- other databases ---- */

#define STORED "lens_stored"

static apr_int64_t make_config(const place_t *at)
{
    return db_int(at->dbname,
                  "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                  " runner_set_name, github_owner, github_repo) VALUES ('n', 's', 't', 'o', 'r')"
                  " RETURNING id",
                  0);
}

/* The same everywhere: a run is made, brought up to date, and its rows are those of one sending. */
static apr_int64_t check_place(const place_t *at, apr_int64_t config)
{
    http_response_t *res = send_to(at, config, "workload_uid=u&source_file=a.csv", TWO);
    apr_int64_t run;

    expect_status(res, 201);
    run = run_of(res);
    res = send_to(at, config, "workload_uid=u&source_file=b.csv", ONE);
    expect_status(res, 200);
    res = send_to(at, config, "workload_uid=u&source_file=a.csv", ONE);
    expect_status(res, 200);
    expect_json(res, "data.replaced", "2");
    expect_int(run_of(res), run);
    expect_run(at, run, COUNTERS, "completed|manual|2|2|2");
    expect_int(rows_of(at, run), 2);
    return run;
}

static place_t start(const char *dbname)
{
    lens_grant(dbname);
    return (place_t){lens_host(dbname), dbname, dbname};
}

static void stop(void)
{
    side_stop();
    lens_drop(STORED);
}

static void test_first_generation(void)
{
    place_t at;

    lens_create(STORED, 1);
    at = start(STORED);
    if (at.port)
        check_place(&at, make_config(&at));
    stop();
}

/* Runs name their runner set, and a runner set's run may be no config's yet; schemas count. */
static void check_newest(const place_t *at)
{
    apr_int64_t config = make_config(at), run;
    http_response_t *res;

    db_run(at->dbname, "UPDATE github_workflow_configs SET runner_set_id = 5", 0);
    run = check_place(at, config);
    expect_run(at, run, "runner_set_id, runner_set_name, runner_set_namespace, collection_status",
               "5|t|s|completed");
    expect_str(db_text(at->dbname,
                       "SELECT concat_ws('|', record_count, first_seen_at <= last_seen_at,"
                       " last_seen_at > now() AT TIME ZONE 'UTC' - interval '1 hour')"
                       " FROM github_workflow_metric_schemas",
                       0),
               "2|t|t");
    run = db_int(at->dbname,
                 "INSERT INTO " RUNS " (runner_set_id, workload_uid, config_id, status)"
                 " VALUES (5, 'loose', NULL, 'workload_running') RETURNING id",
                 0);
    res = send_to(at, config, "workload_uid=loose&source_file=a.csv", TWO);
    expect_status(res, 200);
    expect_int(run_of(res), run);
    expect_run(at, run, "config_id = 1, " COUNTERS, "t|completed|realtime|1|1|2");
    res = send_to(at, config, "workload_uid=bad&status=failed", NULL);
    expect_status(res, 201);
    expect_run(at, run_of(res), "status, collection_status", "failed|failed");
}

static void test_newest_generation(void)
{
    place_t at;

    lens_create(STORED, LENS_NEWEST);
    at = start(STORED);
    if (at.port)
        check_newest(&at);
    stop();
}

/* A time of which there is no partition: is it the sender's, or the server's? */
static void check_no_partition(const place_t *at)
{
    static const char message[] =
        "the database takes no row of such a time (timestamp_column, completed_at), or a rule of"
        " its refuses a row; nothing has been stored";
    const char *before;

    db_run(STORED, "ALTER TABLE lens." ROWS " DETACH PARTITION public.old", 0);
    before = db_fingerprint(STORED);
    expect_error(
        send_to(at, 1, "workload_uid=p&source_file=a.csv&completed_at=2020-01-01T00:00:00Z", TWO),
        4000, message);
    expect_error(send_to(at, 1, "workload_uid=p&source_file=a.csv&timestamp_column=t",
                         "Op,t,throughput\nGEMM,2026-01-01,1\nConv,2020-01-01,2\n"),
                 4000, message);
    db_run(STORED, "ALTER TABLE lens." ROWS " DETACH PARTITION public.new", 0);
    expect_error(send_to(at, 1, "workload_uid=p&source_file=a.csv", TWO), 5000, "internal error");
    expect_str(db_fingerprint(STORED), before);
}

/* Partitioned by time, in another schema, with policies that apply to the API's role. */
static void test_policies(void)
{
    place_t at;

    lens_create(STORED, 2);
    db_run(STORED, "DROP TABLE " ROWS, 0);
    db_run(STORED,
           "CREATE TABLE " ROWS " (id BIGSERIAL, config_id BIGINT NOT NULL, run_id BIGINT NOT NULL,"
           " schema_id BIGINT NOT NULL, timestamp TIMESTAMPTZ NOT NULL, source_file VARCHAR(1024),"
           " dimensions JSONB NOT NULL DEFAULT '{}', metrics JSONB NOT NULL DEFAULT '{}', raw_data"
           " JSONB, created_at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (id, timestamp))"
           " PARTITION BY RANGE (timestamp)",
           0);
    db_run(STORED,
           "CREATE TABLE old PARTITION OF " ROWS " FOR VALUES FROM (MINVALUE) TO ('2025-01-01')",
           0);
    db_run(STORED,
           "CREATE TABLE new PARTITION OF " ROWS " FOR VALUES FROM ('2025-01-01') TO (MAXVALUE)",
           0);
    db_run(STORED, "CREATE SCHEMA lens", 0);
    db_run(STORED, "ALTER TABLE github_workflow_configs SET SCHEMA lens", 0);
    db_run(STORED, "ALTER TABLE " RUNS " SET SCHEMA lens", 0);
    db_run(STORED, "ALTER TABLE " ROWS " SET SCHEMA lens", 0);
    db_run(STORED, "ALTER TABLE github_workflow_metric_schemas SET SCHEMA lens", 0);
    lens_migrate(STORED, ".");
    db_run(STORED, "ALTER DATABASE " STORED " SET search_path = lens", 0);
    at = start(STORED);
    if (at.port) {
        check_place(&at, make_config(&at));
        db_run(STORED, "DELETE FROM " RUNS, 0);
        db_run(STORED, "ALTER TABLE " ROWS " ENABLE ROW LEVEL SECURITY", 0);
        db_run(STORED, "CREATE POLICY few ON " ROWS " USING (config_id < 100)", 0);
        check_place(&at, 1);
        db_run(STORED, "ALTER TABLE " ROWS " DISABLE ROW LEVEL SECURITY", 0);
        db_run(STORED, "DELETE FROM " ROWS, 0);
        check_no_partition(&at);
    }
    stop();
}

static void test_latin(void)
{
    place_t at;
    http_response_t *res;

    db_run("postgres", "CREATE DATABASE " STORED " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
           0);
    lens_migrate(STORED, ".");
    at = start(STORED);
    if (at.port) {
        apr_int64_t config = make_config(&at);

        res = send_to(&at, config, "workload_uid=u&source_file=a.csv", "\xc3\x9c,t\n\xc3\xa4,1\n");
        expect_status(res, 201);
        expect_str(db_text(STORED, "SELECT dimensions::text FROM " ROWS, 0),
                   "{\"\xc3\x9c\": \"\xc3\xa4\"}");
        res = send_to(&at, config, "workload_uid=v&source_file=a.csv", "\xc3\x9c,t\n\xd0\x96,1\n");
        expect_error(res, 4000, "the database's encoding lacks a character of what was sent");
        expect_int(db_int(STORED, "SELECT count(*) FROM " RUNS, 0), 1);
        expect_status(send_to(&at, config, "workload_uid=v&source_file=\xd0\x96", ONE), 400);
    }
    stop();
}

SUITE(results_store) = {
    {"a new run", test_new_run},
    {"it began no later than it was over", test_times_apart},
    {"a schema where none is", test_schema},
    {"several files of a run", test_files},
    {"a run that a collector made", test_known_run},
    {"a step that failed", test_failed},
    {"one run and file, several times at once", test_same_at_once},
    {"the first sendings of a config, at once", test_first_at_once},
    {"several files of a run, at once", test_files_at_once},
    {"a collector makes the run meanwhile", test_collector},
    {"a collector holds the run", test_held_run},
    {"the schema's unit changes meanwhile", test_unit_meanwhile},
    {"the config is deleted meanwhile", test_deleted_meanwhile},
    {"a schema becomes active meanwhile", test_schema_meanwhile},
    {"the role may not", test_no_right},
    {"new sessions, other plans", test_new_sessions},
    {"a row that the table refuses", test_refused_row},
    {"no more at once, no longer, and for nobody who has left", test_bounds},
    {"the first generation", test_first_generation},
    {"the newest generation", test_newest_generation},
    {"partitions, another schema, policies", test_policies},
    {"a database in LATIN1", test_latin},
    CU_TEST_INFO_NULL,
};
