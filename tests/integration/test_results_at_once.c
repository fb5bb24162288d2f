/*
 * test_results_at_once.c - results that are stored at once: several sendings, beside a collector,
 * beside a deletion, while a schema changes.
 */
#include "../support/suite.h"
#include "fixture.h"
#include "held.h"
#include "stored.h"
#include <apr_thread_proc.h>
#include <string.h>

/* ---- at once ---- */

#define MANY 8

static void test_same_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "store same");
    http_request_t rq =
        stored_request(&stored_here, config, "workload_uid=u&source_file=a.csv", STORED_TWO);
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
        expect_int(stored_run(res[i]), stored_run(res[0]));
    }
    expect_int(created, 1);
    expect_int(stored_runs(&stored_here, config), 1);
    expect_int(stored_rows(&stored_here, stored_run(res[0])), 2);
    expect_run(&stored_here, stored_run(res[0]), STORED_COUNTERS, "completed|manual|1|1|2");
}

/* The first sendings of a config: one schema, whichever of them it is, and nobody is refused. */
static void test_first_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "store first");
    http_request_t rqs[MANY];
    http_response_t **res;

    for (int i = 0; i < MANY; i++)
        rqs[i] = stored_request(&stored_here, config, strf("workload_uid=u%d&source_file=a.csv", i),
                                STORED_TWO);
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
                      "SELECT count(*) FROM " STORED_ROWS
                      " r JOIN github_workflow_metric_schemas s ON"
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

    expect_status(stored_file(config, "workload_uid=first&source_file=a.csv", STORED_TWO), 201);
    for (int i = 0; i < MANY; i++)
        rqs[i] = stored_request(&stored_here, config, strf("workload_uid=u&source_file=%d.csv", i),
                                STORED_TWO);
    res = http_send_all(rqs, MANY);
    expect_run(&stored_here, stored_run(res[0]), STORED_COUNTERS,
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
    other_t other = {held_begin(DB_A, STORED_ROWS), sql, 0};
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
    http_response_t *res = send_while(
        stored_request(&stored_here, config, "workload_uid=u&source_file=a.csv", STORED_TWO),
        strf("INSERT INTO " STORED_RUNS " (config_id, workload_uid, workload_name) VALUES (" ID
             ", 'u', 'its')",
             config));

    expect_status(res, 200);
    run = stored_run(res);
    expect_int(stored_runs(&stored_here, config), 1);
    expect_run(&stored_here, run, "workload_name, " STORED_COUNTERS,
               "its|completed|realtime|1|1|2");
    expect_int(stored_rows(&stored_here, run), 2);
    expect_int(db_int(DB_A, "SELECT count(*) FROM " STORED_ROWS " WHERE config_id = $1", 1,
                      strf(ID, config)),
               2);
    /* and deletes it while it is sent again */
    res = send_while(
        stored_request(&stored_here, config, "workload_uid=u&source_file=a.csv", STORED_TWO),
        strf("DELETE FROM " STORED_RUNS " WHERE config_id = " ID, config));
    expect_status(res, 201);
    expect_int(stored_runs(&stored_here, config), 1);
    expect_int(stored_rows(&stored_here, stored_run(res)), 2);
}

/* It has the run's row for longer than the API waits while it holds others: nothing is stored, and
 * the collector goes on. */
static void test_held_run(void)
{
    apr_int64_t config = seed_config(DB_A, "store held"), run;
    PGconn *collector = db_open(DB_A);
    http_response_t *res = stored_file(config, "workload_uid=u&source_file=a.csv", STORED_TWO);

    run = stored_run(res);
    db_run_on(collector, "BEGIN");
    db_run_on(collector,
              strf("UPDATE " STORED_RUNS " SET status = 'extracting' WHERE id = " ID, run));
    res = stored_file(config, "workload_uid=u&source_file=a.csv", STORED_ONE);
    expect_error(res, 5030, "the database is busy");
    expect(http_header(res, "Retry-After") != NULL, "no Retry-After");
    db_run_on(
        collector,
        strf("UPDATE github_workflow_configs SET last_checked_at = now() WHERE id = " ID, config));
    db_run_on(collector, "COMMIT");
    expect_int(stored_rows(&stored_here, run), 2);
    /* the config's row alone is waited for by nobody */
    db_run_on(collector, "BEGIN");
    db_run_on(
        collector,
        strf("UPDATE github_workflow_configs SET last_checked_at = now() WHERE id = " ID, config));
    expect_status(stored_file(config, "workload_uid=u&source_file=a.csv", STORED_ONE), 200);
    db_run_on(collector, "COMMIT");
    db_close(collector);
    expect_int(stored_rows(&stored_here, run), 1);
}

static void test_deleted_meanwhile(void)
{
    apr_int64_t config = seed_config(DB_A, "store deleted");
    http_response_t *res = send_while(
        stored_request(&stored_here, config, "workload_uid=u&source_file=a.csv", STORED_TWO),
        strf("DELETE FROM github_workflow_configs WHERE id = " ID, config));

    expect_error(res, 4040, "config not found");
    expect_int(stored_runs(&stored_here, config), 0);
    expect_int(db_int(DB_A,
                      "SELECT (SELECT count(*) FROM " STORED_ROWS " WHERE config_id = $1) + (SELECT"
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
    res = stored_file(config, "workload_uid=u&source_file=a.csv", body);
    apr_thread_join(&rv, thread);
    db_close(other.conn);
    return res;
}

/* The active schema's unit is another one meanwhile: the rows are made anew, in that. */
static void test_unit_meanwhile(void)
{
    apr_int64_t config = seed_config(DB_A, "store unit");
    http_response_t *res =
        stored_file(config, "workload_uid=u&source_file=a.csv", "Op,time\nA,5 ms\n");
    apr_int64_t schema = json_int_at(res, "data.schema_id");

    res = send_behind(config, "Op,time\nA,2 s\n",
                      strf("UPDATE github_workflow_metric_schemas SET fields ="
                           " replace(fields::text, '\"ms\"', '\"s\"')::jsonb WHERE id = " ID,
                           schema));
    expect_status(res, 200);
    expect_int(json_int_at(res, "data.schema_id"), schema);
    expect_str(
        db_text(
            DB_A,
            "SELECT string_agg(m.metrics::text, ' ') || min(s.fields->1->>'unit') FROM " STORED_ROWS
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
        stored_request(&stored_here, config, "workload_uid=u&source_file=a.csv", STORED_TWO),
        strf("INSERT INTO github_workflow_metric_schemas (config_id, name,"
             " dimension_fields, metric_fields) VALUES (" ID ", 'its', '[]', '[\"throughput\"]')",
             config));

    expect_status(res, 201);
    expect_json(res, "data.unknown_columns", "[\"Op\"]");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM " STORED_ROWS
                      " r JOIN github_workflow_metric_schemas s ON"
                      " s.id = r.schema_id AND s.name = 'its' WHERE r.config_id = $1 AND"
                      " dimensions = '{}'",
                      1, strf(ID, config)),
               2);
}

SUITE(results_at_once) = {
    {"one run and file, several times at once", test_same_at_once},
    {"the first sendings of a config, at once", test_first_at_once},
    {"several files of a run, at once", test_files_at_once},
    {"a collector makes the run meanwhile", test_collector},
    {"a collector holds the run", test_held_run},
    {"the schema's unit changes meanwhile", test_unit_meanwhile},
    {"the config is deleted meanwhile", test_deleted_meanwhile},
    {"a schema becomes active meanwhile", test_schema_meanwhile},
    CU_TEST_INFO_NULL,
};
