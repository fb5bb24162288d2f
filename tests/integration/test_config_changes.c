/*
 * test_config_changes.c - configs are replaced (PUT) and deleted.
 */
#include "../support/suite.h"
#include "config_row.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>
#include <unistd.h>

/* ---- replace ---- */

/* The frontend reads the row, changes a field, and sends all of it back. */
static void test_put_whole_row_back(void)
{
    static const char *const changed[] = {"name", "updated_at"};
    apr_int64_t id = expect_config_created(config_post(
        config_body("before", config_fresh_set(),
                    ",\"description\":\"d\",\"runner_set_uid\":\"u\",\"workflow_filter\":\"w\","
                    "\"branch_filter\":\"b\",\"enabled\":false")));

    db_run(
        DB_A,
        "UPDATE github_workflow_configs SET last_processed_workload_uid = 'uid', metric_schema_id"
        " = 5, last_checked_at = '2025-01-01T00:00:00Z', created_at = '2025-01-01T00:00:00Z',"
        " updated_at = '2025-01-01T00:00:00Z' WHERE id = $1",
        1, strf(ID, id));
    http_response_t *before = config_get(id);
    json_object *row = json_at(before, "data", NULL);
    if (!expect_success(before))
        return;
    json_object_object_add(row, "name", json_object_new_string("after"));
    json_object_object_add(row, "active_schema", json_object_new_object());
    http_response_t *res = config_put(id, json_object_to_json_string(row));
    expect_success(res);
    expect_keys(res, "data", CONFIG_ROW);
    expect_text(res, "data.name", "after");
    json_remove(row, "active_schema");
    for (size_t i = 0; i < countof(changed); i++) {
        json_remove(row, changed[i]);
        json_remove(json_at(res, "data", NULL), changed[i]);
    }
    expect_json(res, "data", json_object_to_json_string(row));
    expect_str(config_column(id, "updated_at > now() - interval '1 minute'"), "true");
    expect_str(config_column(id, "name"), "after");
}

/* What a PUT does not give is gone, except whether the config is enabled. */
static void test_put_replaces(void)
{
    const char *set = config_fresh_set(), *moved = config_fresh_set();
    apr_int64_t id =
        expect_config_created(config_post(config_body("old", set,
                                                      ",\"description\":\"d\",\"enabled\":false,"
                                                      "\"branch_filter\":\"main\"")));
    http_response_t *res = config_put(id, config_body("new", moved, ""));

    expect_success(res);
    expect_json(res, "data.description", "null");
    expect_json(res, "data.branch_filter", "null");
    expect_json(res, "data.enabled", "false");
    expect_text(res, "data.runner_set_name", moved);
    expect_text(res, "data.cluster_name", "cluster-a");
    expect_json(config_put(id, config_body("new", moved, ",\"enabled\":true")), "data.enabled",
                "true");
    /* the set that it left is free, by the same cluster's rules */
    expect_config_created(config_post(config_body("next", set, "")));
    expect_error(config_put(999999999, config_body("x", config_fresh_set(), "")), 4040,
                 "config not found");
    expect_error(config_put(999999999, config_body("x", set, "")), 4040, "config not found");
}

/* Not given, or null, they stay; {} takes them away. */
static void test_display_settings(void)
{
    const char *set = config_fresh_set();
    apr_int64_t id = expect_config_created(
        config_post(config_body("shown", set, ",\"display_settings\":{\"a\":1}")));
    const char *deep = "1";

    expect_json(config_put(id, config_body("shown", set, "")), "data.display_settings",
                "{\"a\":1}");
    expect_json(config_put(id, config_body("shown", set, ",\"display_settings\":null")),
                "data.display_settings", "{\"a\":1}");
    expect_json(config_put(id, config_body("shown", set, ",\"display_settings\":{\"b\":{}}")),
                "data.display_settings", "{\"b\":{}}");
    expect_json(http_get(strf("/configs?github_owner=ROCm&name=shown")),
                "data.configs.0.display_settings", "{\"b\":{}}");
    expect_json(config_put(id, config_body("shown", set, ",\"display_settings\":{}")),
                "data.display_settings", "{}");
    for (int i = 0; i < 40; i++)
        deep = strf("{\"a\":%s}", deep);
    expect_error(config_put(id, config_body("shown", set, strf(",\"display_settings\":%s", deep))),
                 4000, "JSON is nested deeper than 32 levels");
    db_run(DB_A,
           "UPDATE github_workflow_configs SET display_settings ="
           " jsonb_build_object('a', repeat('y', 2000000)) WHERE id = $1",
           1, strf(ID, id));
    expect_json(config_get(id), "data.display_settings", "null");
    expect_json(config_get(id), "data.left_out", "[\"display_settings\"]");
    expect_field(http_json("PATCH", strf("/configs/" ID, id), "{\"display_settings\":{}}"),
                 "display_settings", "is not a known field");
    expect_success(config_put(id, config_body("shown", set, ",\"display_settings\":{}")));
}

static void test_put_of_a_bound_runner_set(void)
{
    const char *set = config_fresh_set(), *own = config_fresh_set();
    apr_int64_t holder = expect_config_created(config_post(config_body("holder", set, "")));
    apr_int64_t id = expect_config_created(config_post(config_body("mine", own, "")));
    const char *before = db_fingerprint(DB_A);

    expect_error(config_put(id, config_body("mine", set, "")), 4090,
                 config_conflict(set, holder, "holder"));
    expect_str(db_fingerprint(DB_A), before);
    db_run(DB_A, "UPDATE github_workflow_configs SET cluster_name = '' WHERE id = $1", 1,
           strf(ID, holder));
    expect_error(config_put(id, config_body("mine", set, "")), 4090,
                 config_conflict(set, holder, "holder"));
    expect_success(config_put(id, config_body("still mine", own, "")));
}

/* Two configs that reach for one set at once: one gets it. */
static void test_concurrent_puts(void)
{
    const char *set = config_fresh_set();
    http_request_t rqs[10];
    int won = 0;

    for (size_t i = 0; i < countof(rqs); i++) {
        apr_int64_t id =
            expect_config_created(config_post(config_body("racer", config_fresh_set(), "")));
        rqs[i] = (http_request_t){.method = "PUT",
                                  .path = strf("/configs/" ID, id),
                                  .body = config_body("racer", set, ""),
                                  .headers = {JSON_TYPE}};
    }
    http_response_t **answers = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++) {
        won += answers[i]->status == 200;
        if (answers[i]->status != 200)
            expect_status(answers[i], 409);
    }
    expect_int(won, 1);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_configs WHERE"
                      " runner_set_name = $1",
                      1, set),
               1);
}

/* ---- delete ---- */

static apr_int64_t seed_with_children(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);

    seed_schema(DB_A, config, 1, 1, "[]", "[]");
    seed_schema(DB_A, config, 2, 0, "[]", "[]");
    seed_run(DB_A, config, "failed");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{}", "{}", NULL);
    return config;
}

/* Rows of a config in the four tables; with sign "<>", of all others. */
static const char *rows(apr_int64_t config, const char *sign)
{
    return db_text(DB_A,
                   strf("SELECT concat_ws(' ',"
                        " (SELECT count(*) FROM github_workflow_configs WHERE id %s $1),"
                        " (SELECT count(*) FROM github_workflow_metric_schemas WHERE config_id %s"
                        " $1), (SELECT count(*) FROM github_workflow_runs WHERE config_id %s $1),"
                        " (SELECT count(*) FROM github_workflow_metrics WHERE config_id %s $1))",
                        sign, sign, sign, sign),
                   1, strf(ID, config));
}

/* The metric rows, which nobody sees any more, go after the rest. */
static void expect_gone(apr_int64_t config)
{
    expect_contains(rows(config, "="), "0 0 0 ");
    for (int i = 0; i < 600 && strcmp(rows(config, "="), "0 0 0 0") != 0; i++)
        usleep(200000);
    expect_str(rows(config, "="), "0 0 0 0");
}

static void test_delete(void)
{
    apr_int64_t config = seed_with_children("to go");
    const char *others;

    seed_with_children("to stay");
    others = rows(config, "<>");
    expect_str(rows(config, "="), "1 2 1 2");
    http_response_t *res = http_json("DELETE", strf("/configs/" ID, config), NULL);
    expect_success(res);
    expect_json(res, "data", "{\"deleted\":true}");
    expect_gone(config);
    expect_str(rows(config, "<>"), others);
    expect_error(http_json("DELETE", strf("/configs/" ID, config), NULL), 4040, "config not found");
    expect_error(config_get(config), 4040, "config not found");
}

/* What is left without its config (no foreign key forbids it) is not a delete's to remove. */
static void test_delete_of_nothing(void)
{
    apr_int64_t config = seed_with_children("gone");

    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id = $1", 1, strf(ID, config));
    expect_error(http_json("DELETE", strf("/configs/" ID, config), NULL), 4040, "config not found");
    expect_str(rows(config, "="), "0 2 1 2");
}

static void test_delete_that_fails(void)
{
    apr_int64_t config = seed_with_children("locked");
    http_request_t rq = {
        .host = HOST_TINY, .method = "DELETE", .path = strf("/configs/" ID, config)};
    PGconn *conn = db_open(DB_A);
    http_response_t *res;

    db_run_on(conn, "BEGIN; LOCK TABLE github_workflow_metrics IN SHARE MODE");
    res = http_send(&rq);
    expect(res->status == 503 || res->status == 504, "%s: %ld", res->what, res->status);
    db_run_on(conn, "ROLLBACK");
    db_close(conn);
    expect_str(rows(config, "="), "1 2 1 2");
    expect_success(http_send(&rq));
    expect_str(rows(config, "="), "0 0 0 0");
}

/* A writer that holds the config, or a run, is not waited for with anything held: for a moment it
 * is asked again, then the client is told. What it has committed by then is the config's, too. */
static void test_delete_beside_a_writer(void)
{
    apr_int64_t config = seed_with_children("busy");
    const char *path = strf("/configs/" ID, config);
    const char *request = strf("DELETE " API_BASE "%s HTTP/1.1\r\nHost: a.test\r\n"
                               "Connection: close\r\n\r\n",
                               path);
    PGconn *conn = db_open(DB_A);
    http_response_t *res;
    int fd;

    db_run_on(conn, strf("BEGIN; UPDATE github_workflow_runs SET status = 'pending'"
                         " WHERE config_id = " ID "; INSERT INTO github_workflow_runs (config_id,"
                         " workload_uid) VALUES (" ID ", 'late'); INSERT INTO"
                         " github_workflow_metric_schemas (config_id, name, version)"
                         " VALUES (" ID ", 'late', 3); INSERT INTO github_workflow_metrics"
                         " (config_id, run_id, schema_id, timestamp) VALUES (" ID ", 1, 1, now())",
                         config, config, config, config));
    res = http_json("DELETE", path, NULL);
    expect_error(res, 5030, "the database is busy");
    expect_header(res, "Retry-After", "1");
    expect_str(rows(config, "="), "1 2 1 2");
    fd = http_raw_open(request, strlen(request));
    usleep(200000); /* it has been asked once, most likely */
    db_run_on(conn, "COMMIT");
    db_close(conn);
    expect_contains(http_raw_rest(fd), " 200 OK\r\n");
    expect_gone(config);
}

/* A config without a cluster's name and one of the cluster may share a runner set in a deployed
 * database: each can still be edited. */
static void test_put_of_a_shared_runner_set(void)
{
    const char *set = config_fresh_set();
    apr_int64_t ids[2];

    for (int i = 0; i < 2; i++) {
        ids[i] = seed_config(DB_A, i ? "named" : "nameless");
        db_run(DB_A,
               "UPDATE github_workflow_configs SET runner_set_namespace = 'arc',"
               " runner_set_name = $2, cluster_name = $3 WHERE id = $1",
               3, strf(ID, ids[i]), set, i ? "cluster-a" : "");
    }
    for (int i = 0; i < 2; i++) {
        http_response_t *res =
            http_json("PUT", strf("/configs/" ID, ids[i]), config_body("edited", set, ""));
        expect_success(res);
        expect_text(res, "data.name", "edited");
    }
}

SUITE(config_changes) = {
    {"the whole row sent back changes what was changed", test_put_whole_row_back},
    {"a replacement leaves nothing of the old", test_put_replaces},
    {"display settings", test_display_settings},
    {"a replacement with a bound runner set is a conflict", test_put_of_a_bound_runner_set},
    {"of concurrent replacements one wins", test_concurrent_puts},
    {"delete takes what is the config's, nothing else", test_delete},
    {"delete of no config removes nothing", test_delete_of_nothing},
    {"a delete that fails removes nothing", test_delete_that_fails},
    {"a delete beside a writer", test_delete_beside_a_writer},
    {"PUT of a shared runner set", test_put_of_a_shared_runner_set},
    CU_TEST_INFO_NULL,
};
