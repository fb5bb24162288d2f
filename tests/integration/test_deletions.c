/*
 * test_deletions.c - DELETE of a config whose metric rows go afterwards: out of sight at once, by
 * whatever path; then away, with what the summaries kept of them, and with what a collector wrote
 * that did not know.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>
#include <unistd.h>

#define ROWS 5000

static apr_int64_t seed(const char *name, apr_int64_t *run)
{
    apr_int64_t config = seed_config(DB_A, name);

    seed_schema(DB_A, config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    *run = seed_run(DB_A, config, "completed");
    db_run(DB_A,
           strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " dimensions, metrics) SELECT $1, $2, 1, '2025-01-01Z'::timestamptz"
                " + i * interval '10 min', '{\"Op\":\"GEMM\"}', '{\"throughput\":1}'"
                " FROM generate_series(1, %d) i",
                ROWS),
           2, strf(ID, config), strf(ID, *run));
    return config;
}

static apr_int64_t left(const char *table, apr_int64_t config)
{
    return db_int(DB_A, strf("SELECT count(*) FROM %s WHERE config_id = $1", table), 1,
                  strf(ID, config));
}

/* Maintenance is done once a minute, and at once where something was deleted in its child. */
static void hasten(void)
{
    expect_success(http_json("DELETE", strf("/configs/" ID, seed_config(DB_A, "hasten")), NULL));
}

static void await_none(const char *table, apr_int64_t config)
{
    if (left(table, config) > 0)
        hasten();
    for (int i = 0; i < 900 && left(table, config) > 0; i++)
        usleep(100000 * fixture_patience());
    expect(left(table, config) == 0, "%s has " ID " rows of config " ID, table, left(table, config),
           config);
}

static const http_request_t *paths(apr_int64_t config, apr_int64_t run, int *n)
{
    static const struct {
        const char *method, *path, *body;
    } all[] = {
        {"GET", "", NULL},
        {"GET", "/runs", NULL},
        {"GET", "/schemas", NULL},
        {"GET", "/schemas/active", NULL},
        {"GET", "/metrics", NULL},
        {"GET", "/metrics?start=2025-01-01T12:00:00Z", NULL},
        {"GET", "/stats", NULL},
        {"GET", "/summary", NULL},
        {"GET", "/dimensions", NULL},
        {"GET", "/dimensions/Op/values", NULL},
        {"GET", "/fields", NULL},
        {"GET", "/export", NULL},
        {"GET", "/export?format=ndjson", NULL},
        {"POST", "/metrics/query", "{}"},
        {"POST", "/metrics/query", "{\"dimensions\":{\"Op\":\"GEMM\"}}"},
        {"POST", "/metrics/aggregate", "{\"metric_field\":\"throughput\",\"interval\":\"1d\"}"},
        {"POST", "/metrics/aggregate", "{\"metric_field\":\"throughput\",\"interval\":\"1h\"}"},
        {"POST", "/metrics/trends",
         "{\"metric_fields\":[\"throughput\"],\"interval\":\"1d\",\"group_by\":[\"Op\"]}"},
        {"POST", "/runs/batch-retry", NULL},
    };
    http_request_t *rqs = apr_pcalloc(fixture_pool(), sizeof *rqs * (countof(all) + 2));

    for (*n = 0; *n < (int)countof(all); ++*n)
        rqs[*n] = (http_request_t){.method = all[*n].method,
                                   .path = strf("/configs/" ID "%s", config, all[*n].path),
                                   .body = all[*n].body,
                                   .headers = {all[*n].body ? JSON_TYPE : NULL}};
    rqs[(*n)++] = (http_request_t){.path = strf("/runs/" ID "/metrics", run)};
    rqs[(*n)++] = (http_request_t){.path = strf("/runs/" ID, run)};
    return rqs;
}

static void expect_all(const http_request_t *rqs, int n, long status)
{
    for (int i = 0; i < n; i++)
        expect_status(http_send(&rqs[i]), status);
}

/* Somebody reads, so that no row can go; none is seen all the same, with the summaries and without.
 */
static void test_out_of_sight(void)
{
    apr_int64_t run, config = seed("out of sight", &run);
    PGconn *reader = db_open(DB_A);
    const http_request_t *rqs;
    int n;

    rqs = paths(config, run, &n);
    expect_all(rqs, n, 200);
    db_run_on(reader, "BEGIN; LOCK TABLE github_workflow_metrics IN SHARE MODE");
    expect_success(http_json("DELETE", strf("/configs/" ID, config), NULL));
    expect_int(left("github_workflow_metrics", config), ROWS);
    expect_int(left("wfm_deleted_configs", config), 1);
    expect_all(rqs, n, 404);
    expect_json(http_get(strf("/runs?config_id=" ID, config)), "data.total", "0");
    expect_error(http_json("DELETE", strf("/configs/" ID, config), NULL), 4040, "config not found");
    db_run_on(reader, "ROLLBACK");
    db_close(reader);
    await_none("github_workflow_metrics", config);
    expect_all(rqs, n, 404);
}

/* What the summaries kept of it goes, too. */
static void test_summaries_go(void)
{
    static const char *const kept[] = {"wfm_marks", "wfm_metric_days", "wfm_metric_totals",
                                       "wfm_metric_names"};
    apr_int64_t run, config = seed("summaries", &run);

    db_run(DB_A, "CALL wfm_fold_all()", 0);
    expect(left("wfm_metric_days", config) > 0, "nothing was summed up");
    expect_success(http_json("DELETE", strf("/configs/" ID, config), NULL));
    await_none("github_workflow_metrics", config);
    for (size_t i = 0; i < countof(kept); i++)
        await_none(kept[i], config);
}

/* A collector that does not know writes on. */
static void test_late_rows(void)
{
    apr_int64_t run, config = seed("late", &run), late;

    expect_success(http_json("DELETE", strf("/configs/" ID, config), NULL));
    late = seed_run(DB_A, config, "completed");
    seed_metric(DB_A, config, "2031-01-01T00:00:00Z", "{}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    expect_error(http_get(strf("/configs/" ID "/runs", config)), 4040, "config not found");
    expect_error(http_get(strf("/configs/" ID "/metrics", config)), 4040, "config not found");
    await_none("github_workflow_metrics", config);
    await_none("github_workflow_runs", config);
    expect_error(http_get(strf("/runs/" ID, late)), 4040, "run not found");
    /* it stays noted for a day, for whoever writes later still */
    expect_int(left("wfm_deleted_configs", config), 1);
    db_run(DB_A, "UPDATE wfm_deleted_configs SET deleted_at = now() - interval '25 hours'", 0);
    await_none("wfm_deleted_configs", config);
}

/* A config that is there again, from a backup, keeps its rows. */
static void test_restored(void)
{
    apr_int64_t run, config = seed("restored", &run);

    db_run(DB_A, "INSERT INTO wfm_deleted_configs VALUES ($1)", 1, strf(ID, config));
    await_none("wfm_deleted_configs", config);
    expect_int(left("github_workflow_metrics", config), ROWS);
    expect_int(left("github_workflow_runs", config), 1);
}

/* A day after a deletion nobody is expected to write any more. Where rows are left then, as after a
 * weekend without httpd, and another httpd is at them, this one takes nothing away that tells of
 * them. */
static void test_another_httpd(void)
{
    apr_int64_t run, config = seed("another", &run), next = seed("next", &run);
    PGconn *another = db_open(DB_A);

    db_run_on(
        another,
        strf("SELECT pg_advisory_lock(hashtextextended('wfm_deleted_configs', " ID "))", config));
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id IN ($1, $2)", 2, strf(ID, config),
           strf(ID, next));
    db_run(DB_A,
           "INSERT INTO wfm_deleted_configs SELECT unnest(ARRAY[$1, $2]::bigint[]), now() - "
           "interval '3 days'",
           2, strf(ID, config), strf(ID, next));
    hasten();
    await_none("wfm_deleted_configs", next); /* which comes after it */
    expect_int(left("github_workflow_metrics", next), 0);
    expect_int(left("github_workflow_metrics", config), ROWS);
    expect_int(left("wfm_deleted_configs", config), 1);
    db_close(another);
    hasten();
    await_none("wfm_deleted_configs", config);
    expect_int(left("github_workflow_metrics", config), 0);
    expect_int(left("github_workflow_runs", config), 0);
}

/* Other clusters have the same database, and each tells for itself. */
static int warnings(apr_off_t mark)
{
    const char *at = fixture_log_since(mark);
    int n = 0;

    while ((at = strstr(at, "cluster=cluster-a: some maintenance could not be done"))) {
        at++;
        n++;
    }
    return n;
}

/* What cannot be done is tried again, and the log told, once a minute and not once a second. */
static void test_held_up(void)
{
    apr_int64_t run, config = seed("held up", &run);
    apr_off_t mark = fixture_log_mark();
    PGconn *reader = db_open(DB_A);

    db_run_on(reader, "BEGIN; LOCK TABLE github_workflow_metrics IN SHARE MODE");
    expect_success(http_json("DELETE", strf("/configs/" ID, config), NULL));
    for (int i = 0; i < 900 && warnings(mark) == 0; i++)
        usleep(100000 * fixture_patience());
    expect_int(warnings(mark), 1);
    sleep(3);
    expect_int(warnings(mark), 1);
    db_run_on(reader, "ROLLBACK");
    db_close(reader);
    await_none("github_workflow_metrics", config);
}

/* Without the table, or without the right to it, all goes in one statement. */
static void test_without(void)
{
    static const char *const spoil[] = {"ALTER TABLE wfm_deleted_configs RENAME TO hidden",
                                        "REVOKE INSERT ON wfm_deleted_configs FROM wfmetrics"};
    static const char *const mend[] = {"ALTER TABLE hidden RENAME TO wfm_deleted_configs",
                                       "GRANT INSERT ON wfm_deleted_configs TO wfmetrics"};

    for (size_t i = 0; i < countof(spoil); i++) {
        apr_int64_t run, config = seed("without", &run);

        db_run(DB_A, spoil[i], 0);
        expect_success(http_json("DELETE", strf("/configs/" ID, config), NULL));
        expect_int(left("github_workflow_metrics", config), 0);
        db_run(DB_A, mend[i], 0);
    }
}

SUITE(deletions) = {
    {"out of sight at once", test_out_of_sight},
    {"what the summaries kept of it", test_summaries_go},
    {"rows that come later", test_late_rows},
    {"a config that is there again", test_restored},
    {"another httpd is at it", test_another_httpd},
    {"held up", test_held_up},
    {"without a table to remember", test_without},
    CU_TEST_INFO_NULL,
};
