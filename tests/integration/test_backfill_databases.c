/*
 * test_backfill_databases.c - backfill tasks in databases of several generations, with a key that
 * tells runs apart and without one; and whichever child does the rest.
 */
#include "../support/suite.h"
#include "backfilled.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include <unistd.h>

#define DB_GENERATION "lens_backfill"

static http_response_t *start_at(int port)
{
    http_request_t rq = {.port = port,
                         .host = DB_GENERATION,
                         .method = "POST",
                         .path = "/configs/1/backfill",
                         .body = "{" BACKFILL_DAY "}",
                         .headers = {JSON_TYPE}};

    return http_send(&rq);
}

/* Runs of the runner set that have no config, or another one, are the same runs; those that are
 * made name the runner set. */
static void check_runner_sets(int port)
{
    db_run(DB_GENERATION,
           "INSERT INTO github_workflow_runs (runner_set_id, runner_set_namespace, runner_set_name,"
           " config_id, workload_uid) VALUES (5, 'ns', 'set', NULL, 'g-1'), (5, 'ns', 'set', 0,"
           " 'g-2'), (5, 'ns', 'set', 7, 'g-3'), (6, 'ns', 'other', NULL, 'g-4')",
           0);
    expect_backfill_started(start_at(port), "Backfill completed; runs made: 2", "completed");
    expect_int(db_int(DB_GENERATION,
                      "SELECT count(*) FROM github_workflow_runs WHERE config_id = 1 AND"
                      " trigger_source = 'backfill' AND status = 'pending' AND runner_set_id = 5"
                      " AND runner_set_namespace = 'ns' AND runner_set_name = 'set'",
                      0),
               2);
    /* a config that says its runner set, and one whose runner set nobody knows */
    db_run(DB_GENERATION, "UPDATE github_workflow_configs SET runner_set_id = 9", 0);
    lens_add_runners(DB_GENERATION, 1, "h", 3);
    expect_backfill_started(start_at(port), "Backfill completed; runs made: 6", "completed");
    db_run(DB_GENERATION,
           "UPDATE github_workflow_configs SET runner_set_id = NULL,"
           " runner_set_name = 'unknown'",
           0);
    lens_add_runners(DB_GENERATION, 1, "i", 3);
    expect_backfill_started(start_at(port), "Backfill completed; runs made: 3", "completed");
    expect_backfill_started(start_at(port), "Backfill completed; runs made: 0", "completed");
}

static void test_generations(void)
{
    static const int generations[] = {1, 3, 5};

    for (size_t i = 0; i < countof(generations); i++) {
        int port;

        lens_create(DB_GENERATION, generations[i]);
        lens_make_workloads(DB_GENERATION);
        lens_migrate(DB_GENERATION, ".");
        lens_grant(DB_GENERATION);
        lens_add_config(DB_GENERATION);
        lens_add_runners(DB_GENERATION, 1, "g", 5);
        /* runs are looked up by key, which is made where there is none */
        expect_int(
            db_int(DB_GENERATION,
                   "SELECT count(*) FROM pg_class WHERE relname = 'wfm_runs_config_workload'", 0),
            generations[i] >= 3);
        if ((port = lens_host(DB_GENERATION))) {
            if (generations[i] >= 3)
                check_runner_sets(port);
            else
                expect_backfill_started(start_at(port), "Backfill completed; runs made: 5",
                                        "completed");
        }
        side_stop();
        lens_drop(DB_GENERATION);
    }
}

/* Whichever child the request comes to, the one that does the rest is told, which would else not
 * look for a minute. In a database that no other httpd maintains. */
static void test_other_child(void)
{
    int port = side_free_port(), open = 1;

    lens_create(DB_GENERATION, 1);
    lens_make_workloads(DB_GENERATION);
    lens_migrate(DB_GENERATION, ".");
    lens_grant(DB_GENERATION);
    lens_add_config(DB_GENERATION);
    lens_add_runners(DB_GENERATION, 1, "g", 1100);
    if (side_start(port, strf("<IfModule !mpm_prefork_module>\nServerLimit 3\nStartServers 3\n"
                              "ThreadsPerChild 4\nMaxRequestWorkers 12\n</IfModule>\n"
                              "<VirtualHost *:%d>\nServerName " DB_GENERATION "\nDBDriver pgsql\n"
                              "DBDParams \"host=%s dbname=" DB_GENERATION " user=wfmetrics"
                              " connect_timeout=2\"\nDBDMin 0\nDBDMax 3\nWfmetricsCluster x\n"
                              "<Location " API_BASE ">\nSetHandler wfmetrics\n</Location>\n"
                              "</VirtualHost>\n",
                              port, fixture_sockets())) == 0) {
        sleep(2); /* the round that comes first is over */
        expect_text(start_at(port), "data.status", "in_progress");
        for (int i = 0; open && i < 400 * fixture_patience(); i++) {
            usleep(100000);
            open = db_int(DB_GENERATION,
                          "SELECT count(*) FROM wfm_backfill_tasks WHERE status = 'in_progress'",
                          0) > 0;
        }
        expect_int(open, 0);
    }
    side_stop();
    lens_drop(DB_GENERATION);
}

/* No key of the newest generation tells runs apart whose runner set nobody knows. */
static void test_without_key(void)
{
    http_request_t rqs[6];
    http_response_t **res;
    int port;

    lens_create(DB_GENERATION, LENS_NEWEST);
    lens_make_workloads(DB_GENERATION);
    lens_migrate(DB_GENERATION, ".");
    lens_grant(DB_GENERATION);
    lens_add_config(DB_GENERATION);
    lens_add_runners(DB_GENERATION, 1, "g", 900);
    if ((port = lens_host(DB_GENERATION))) {
        for (size_t i = 0; i < countof(rqs); i++)
            rqs[i] = (http_request_t){.port = port,
                                      .host = DB_GENERATION,
                                      .method = "POST",
                                      .path = "/configs/1/backfill",
                                      .body = "{" BACKFILL_DAY "}",
                                      .headers = {JSON_TYPE, "Connection: close"}};
        res = http_send_all(rqs, countof(rqs));
        for (size_t i = 0; i < countof(rqs); i++)
            expect_status(res[i], 202);
        expect_int(db_int(DB_GENERATION, "SELECT count(*) FROM github_workflow_runs", 0), 900);
    }
    side_stop();
    lens_drop(DB_GENERATION);
}

SUITE(backfill_databases) = {
    {"generations of Lens", test_generations},
    {"whichever child does the rest", test_other_child},
    {"several at once, without a key", test_without_key},
    CU_TEST_INFO_NULL,
};
