/*
 * test_locks.c - a collector writes a run, then its config, in transactions, while the API changes
 * what is the config's: the collector is never the one that PostgreSQL ends, and nothing that the
 * API does is done by halves.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <apr_atomic.h>
#include <apr_thread_proc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIGS    6
#define RUNS       40
#define COLLECTORS 3
#define RESULTS    "Op,throughput\nGEMM,1\nAttention,2\n"

typedef struct collector_t {
    volatile apr_uint32_t *stop;
    PGconn *conn;
    unsigned seed;
    apr_int64_t first, last; /* configs */
    int rounds, backwards;   /* schema before config, too */
    char error[400];
} collector_t;

static int run(collector_t *c, const char *sql)
{
    PGresult *r = PQexec(c->conn, sql);
    int ok = PQresultStatus(r) == PGRES_COMMAND_OK;

    if (!ok)
        snprintf(c->error, sizeof c->error, "%s: %s", sql, PQresultErrorMessage(r));
    PQclear(r);
    return ok;
}

/* As Lens' collector: some runs of a config, then the config; now and then its schemas before it.
 */
static void *APR_THREAD_FUNC collect(apr_thread_t *thread, void *data)
{
    collector_t *c = data;
    char sql[600];

    (void)thread;
    while (!apr_atomic_read32(c->stop) && !c->error[0]) {
        long config = (long)c->first + rand_r(&c->seed) % (int)(c->last - c->first + 1);

        snprintf(sql, sizeof sql,
                 "UPDATE github_workflow_runs SET status = 'failed', updated_at = now()"
                 " WHERE config_id = %ld AND id %% %d = %d",
                 config, RUNS, rand_r(&c->seed) % RUNS);
        if (!run(c, "BEGIN") || !run(c, sql))
            break;
        if (rand_r(&c->seed) % 4 == 0) {
            snprintf(sql, sizeof sql,
                     "UPDATE github_workflow_metric_schemas SET updated_at = now()"
                     " WHERE config_id = %ld AND is_active",
                     config);
            if (!run(c, sql))
                break;
        }
        snprintf(sql, sizeof sql,
                 "UPDATE github_workflow_configs SET last_checked_at = now() WHERE id = %ld",
                 config);
        if (!run(c, sql) || !run(c, "COMMIT"))
            break;
        c->rounds++;
    }
    return NULL;
}

static apr_int64_t make_config(int n)
{
    apr_int64_t id = seed_config(DB_A, strf("locks %d", n));

    seed_schema(DB_A, id, 1, 1, "[]", "[]");
    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, status)"
           " SELECT $1, 'w' || i, 'failed' FROM generate_series(1, $2::int) i",
           2, strf(ID, id), strf("%d", RUNS));
    return id;
}

/* 503 says that nothing was done, and when to come again. */
static int was_done(const http_response_t *res, long status)
{
    if (res->status == 503) {
        expect_text(res, "message", "the database is busy");
        expect(http_header(res, "Retry-After") != NULL, "%s: no Retry-After", res->what);
        return 0;
    }
    return expect_status(res, status);
}

typedef struct api_t {
    int retried, created, activated, sent, deleted;
} api_t;

/* All at once on one config, which is deleted in the last round. */
static void use_api(apr_int64_t config, int last, api_t *done)
{
    apr_int64_t schema =
        db_int(DB_A, "SELECT min(id) FROM github_workflow_metric_schemas WHERE config_id = $1", 1,
               strf(ID, config));
    http_request_t rqs[] = {
        {.method = "POST", .path = strf("/configs/" ID "/runs/batch-retry", config)},
        {.method = "POST", .path = strf("/configs/" ID "/runs/batch-retry", config)},
        {.method = "POST",
         .path = strf("/configs/" ID "/schemas", config),
         .body = "{\"name\":\"s\",\"fields\":[{\"name\":\"Op\"}]}",
         .headers = {JSON_TYPE}},
        {.method = "POST", .path = strf("/schemas/" ID "/activate", schema)},
        {.method = "POST",
         .path = strf("/configs/" ID "/results?workload_uid=w%d&source_file=a.csv", config, RUNS),
         .body = RESULTS},
        {.method = "POST",
         .path = strf("/configs/" ID "/results?workload_uid=new&source_file=a.csv", config),
         .body = RESULTS},
    };
    http_response_t **res = http_send_all(rqs, countof(rqs));

    for (int i = 0; i < 2; i++)
        if (was_done(res[i], 200)) {
            expect_int(json_int_at(res[i], "data.retried") + json_int_at(res[i], "data.skipped"),
                       json_int_at(res[i], "data.total"));
            done->retried++;
        }
    done->created += was_done(res[2], 201);
    done->activated += was_done(res[3], 200);
    done->sent += was_done(res[4], 200);
    if (res[5]->status != 201) /* the first time */
        was_done(res[5], 200);
    while (last && !was_done(http_json("DELETE", strf("/configs/" ID, config), NULL), 200))
        ;
    done->deleted += last;
}

static void test_collectors(void)
{
    volatile apr_uint32_t stop = 0;
    collector_t collectors[COLLECTORS] = {{0}};
    apr_thread_t *threads[COLLECTORS];
    apr_int64_t configs[CONFIGS];
    api_t done = {0};
    apr_status_t rv;

    for (int i = 0; i < CONFIGS; i++)
        configs[i] = make_config(i);
    for (int i = 0; i < COLLECTORS; i++) {
        collectors[i] = (collector_t){.stop = &stop,
                                      .conn = db_open(DB_A),
                                      .seed = 4711 + (unsigned)i,
                                      .first = configs[0],
                                      .last = configs[CONFIGS - 1]};
        apr_thread_create(&threads[i], NULL, collect, &collectors[i], fixture_pool());
    }
    for (int i = 0; i < CONFIGS; i++)
        for (int round = 0; round < 5; round++)
            use_api(configs[i], round == 4, &done);
    apr_atomic_set32(&stop, 1);
    for (int i = 0; i < COLLECTORS; i++) {
        apr_thread_join(&rv, threads[i]);
        expect(!collectors[i].error[0], "a collector failed: %s", collectors[i].error);
        expect(collectors[i].rounds > 0, "a collector did nothing");
        db_close(collectors[i].conn);
    }
    expect(done.retried && done.created && done.activated && done.sent,
           "of 60, 30, 30 and 30: %d %d %d %d", done.retried, done.created, done.activated,
           done.sent);
    expect_int(done.deleted, CONFIGS);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_runs WHERE config_id BETWEEN $1 AND $2",
                      2, strf(ID, configs[0]), strf(ID, configs[CONFIGS - 1])),
               0);
}

/* Runs that somebody holds are left to him, and said. */
static void test_batch_retry_skips(void)
{
    apr_int64_t config = make_config(0);
    const char *path = strf("/configs/" ID "/runs/batch-retry", config);
    PGconn *conn = db_open(DB_A);
    http_response_t *res;

    db_run_on(conn, strf("BEGIN; SELECT FROM github_workflow_runs WHERE config_id = " ID
                         " AND workload_uid IN ('w1', 'w2', 'w3') FOR UPDATE;"
                         " SELECT FROM github_workflow_configs WHERE id = " ID " FOR UPDATE",
                         config, config));
    res = http_json("POST", path, NULL);
    expect_success(res);
    expect_json(res, "data",
                strf("{\"message\":\"Failed runs reset to pending\",\"retried\":%d,\"skipped\":3,"
                     "\"total\":%d}",
                     RUNS - 3, RUNS));
    expect_json(http_json("POST", path, NULL), "data",
                "{\"message\":\"Every failed run is in use\",\"retried\":0,\"skipped\":3,"
                "\"total\":3}");
    db_run_on(conn, "ROLLBACK");
    db_close(conn);
    expect_json(http_json("POST", path, NULL), "data.retried", "3");
}

/* A schema that somebody holds is not waited for while the config is held. */
static void test_schemas_do_not_wait(void)
{
    apr_int64_t config = make_config(0);
    http_request_t rq = {.method = "POST",
                         .path = strf("/configs/" ID "/schemas", config),
                         .body = "{\"name\":\"s\",\"fields\":[{\"name\":\"Op\"}]}",
                         .headers = {JSON_TYPE}};
    PGconn *conn = db_open(DB_A);
    http_response_t *res;

    db_run_on(conn, strf("BEGIN; SELECT FROM github_workflow_metric_schemas WHERE config_id = " ID
                         " FOR UPDATE",
                         config));
    res = http_send(&rq);
    expect_error(res, 5030, "the database is busy");
    expect_header(res, "Retry-After", "1");
    db_run_on(conn, strf("UPDATE github_workflow_configs SET name = name WHERE id = " ID "; COMMIT",
                         config));
    db_close(conn);
    expect_status(http_send(&rq), 201);
}

SUITE(locks) = {
    {"collectors beside everything that locks", test_collectors},
    {"batch-retry skips what is held", test_batch_retry_skips},
    {"schemas that are held", test_schemas_do_not_wait},
    CU_TEST_INFO_NULL,
};
