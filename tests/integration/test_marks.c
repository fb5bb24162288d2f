/*
 * test_marks.c - what a writer's transaction leaves behind: one mark for each day of a config that
 * it touched, however it writes, and nothing that fails it; and what is folded of it, and goes
 * again.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "summed.h"
#include <string.h>

#define METRIC(config, at)                                                                         \
    "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, dimensions,"    \
    " metrics) VALUES (" config ", 1, 1, '" at "', '{\"Op\": \"mark\"}', '{\"t\": 9}')"
#define RUN(config, at)                                                                            \
    "INSERT INTO github_workflow_runs (config_id, workload_uid, workload_name, created_at)"        \
    " VALUES (" config ", gen_random_uuid(), 'mark', '" at "')"

static void begin_clean(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(db_int(DB_SUMS, "SELECT count(*) FROM wfm_marks", 0), 0);
}

static void compare_often(const char *what)
{
    for (int i = 0; i < 3; i++)
        summed_compare(what);
}

/* "m1@2025-03-02 r0@…": each mark that is there, in order. */
static const char *marks(void)
{
    return db_text(DB_SUMS,
                   "SELECT coalesce(string_agg(\"of\" || config_id || '@' || CASE WHEN"
                   " isfinite(day) THEN to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD') ELSE"
                   " day::text END, ' ' ORDER BY \"of\", config_id, day), '') FROM wfm_marks",
                   0);
}

/* What a session does, of which these marks remain; then all is folded, and right. */
static void expect_marks(const char *sql, const char *expected)
{
    PGconn *writer;

    begin_clean();
    writer = db_open(DB_SUMS);
    db_run_on(writer, sql);
    expect_str(marks(), expected);
    expect_str(db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0), "in use");
    compare_often(sql);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(marks(), "");
    compare_often(sql);
    db_close(writer);
}

#define EACH_ROW                                                                                   \
    "DO $$BEGIN FOR i IN 1..68 LOOP " METRIC("1", "2025-03-02T01:00:00Z") "; END LOOP; END$$"

static void test_one(void)
{
    expect_marks(EACH_ROW, "m1@2025-03-02");
    expect_marks(
        "BEGIN; " RUN("1", "2025-03-02Z") "; " EACH_ROW "; UPDATE github_workflow_runs SET"
                                          " status = 'failed' WHERE workload_name = 'mark'; COMMIT",
        "m1@2025-03-02 r1@2025-03-02");
    expect_marks("BEGIN; SAVEPOINT s; " METRIC("1", "2025-03-02Z") "; ROLLBACK TO s; COMMIT", "");
    expect_marks("BEGIN; SAVEPOINT s; " METRIC("1", "2025-03-02Z") "; ROLLBACK TO s; " METRIC(
                     "1", "2025-03-02Z") "; COMMIT",
                 "m1@2025-03-02");
    expect_marks(
        "BEGIN; SAVEPOINT s; " METRIC("1", "2025-03-02Z") "; RELEASE s; SAVEPOINT s; " METRIC(
            "1", "2025-03-02Z") "; ROLLBACK TO s; COMMIT",
        "m1@2025-03-02");
    expect_marks("BEGIN; " METRIC("1", "2025-03-02Z") "; SELECT wfm_maintain(1); " METRIC(
                     "1", "2025-03-02Z") "; COMMIT",
                 "m1@2025-03-02");
    expect_marks("BEGIN; " RUN("1", "2025-03-02Z") "; SELECT wfm_maintain(); " RUN(
                     "1", "2025-03-02Z") "; COMMIT",
                 "r1@2025-03-02");
    expect_marks("BEGIN; " METRIC("1", "2025-03-02Z") "; SAVEPOINT s; SELECT wfm_maintain(1);"
                                                      " ROLLBACK TO s; " METRIC(
                                                          "1", "2025-03-02Z") "; COMMIT",
                 "m1@2025-03-02");
    expect_marks("BEGIN; " METRIC("1", "2025-03-02Z") "; COMMIT AND CHAIN; " METRIC(
                     "1", "2025-03-02Z") "; COMMIT",
                 "m1@2025-03-02 m1@2025-03-02");
}

/* No row: no mark. Many days, many configs, none, and what is outside of all calendars. */
static void test_days(void)
{
    expect_marks("UPDATE github_workflow_metrics SET metrics = '{}' WHERE false", "");
    expect_marks("DELETE FROM github_workflow_runs WHERE false", "");
    expect_marks("INSERT INTO github_workflow_runs SELECT * FROM github_workflow_runs WHERE false",
                 "");
    expect_marks("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp)"
                 " SELECT c, 1, 1, t FROM generate_series(1, 2) c, unnest('{2025-03-02T23:59:59.9"
                 "99999Z,2025-03-03T00:00:00Z,infinity,-infinity,0044-03-15 00:00:00+00"
                 " BC}'::timestamptz[]) t",
                 "m1@-infinity m1@2025-03-02 m1@2025-03-03 m1@10000-01-01"
                 " m2@-infinity m2@2025-03-02 m2@2025-03-03 m2@10000-01-01");
    expect_marks("ALTER TABLE github_workflow_runs ALTER config_id DROP NOT NULL; " RUN(
                     "NULL", "2025-03-02Z"),
                 "r0@2025-03-02");
    expect_marks("BEGIN; " RUN("0", "2025-03-02Z") "; " RUN("NULL", "2025-03-02Z") "; COMMIT",
                 "r0@2025-03-02");
    expect_marks("UPDATE github_workflow_runs SET config_id = 1 WHERE config_id IS NULL",
                 "r0@2025-03-02 r1@2025-03-02");
    expect_marks("DELETE FROM github_workflow_runs WHERE config_id = 0", "r0@2025-03-02");
}

#define WITH_ID                                                                                    \
    "INSERT INTO github_workflow_metrics (id, config_id, run_id, schema_id, timestamp) VALUES "
/* Which PostgreSQL 14 does in two statements. */
#define MERGE                                                                                      \
    "DO $do$BEGIN IF current_setting('server_version_num')::int >= 150000 THEN EXECUTE $$MERGE"    \
    " INTO github_workflow_metrics m USING (VALUES (99999998::bigint), (99999997)) v (id) ON m.id" \
    " = v.id WHEN MATCHED THEN UPDATE SET timestamp = '2025-03-06Z' WHEN NOT MATCHED THEN INSERT"  \
    " (id, config_id, run_id, schema_id, timestamp) VALUES (v.id, 1, 1, 1, '2025-03-07Z')$$; ELSE" \
    " UPDATE github_workflow_metrics SET timestamp = '2025-03-06Z' WHERE id = 99999998; " WITH_ID  \
    "(99999997, 1, 1, 1, '2025-03-07Z'); END IF; END$do$"

/* Other ways to write. */
static void test_ways(void)
{
    expect_marks(WITH_ID "(99999999, 1, 1, 1, '2025-03-02Z')", "m1@2025-03-02");
    expect_marks(WITH_ID "(99999999, 1, 1, 1, '2025-03-05Z') ON CONFLICT (id) DO NOTHING", "");
    expect_marks(WITH_ID "(99999999, 1, 1, 1, '2025-03-05Z') ON CONFLICT (id) DO UPDATE SET"
                         " config_id = 3 WHERE false",
                 "");
    expect_marks(WITH_ID "(99999999, 1, 1, 1, '2025-03-05Z') ON CONFLICT (id) DO UPDATE SET"
                         " config_id = 3, timestamp = '2025-03-04Z'",
                 "m1@2025-03-02 m3@2025-03-04");
    expect_marks(
        "WITH gone AS (DELETE FROM github_workflow_metrics WHERE id = 99999999 RETURNING *)"
        " INSERT INTO github_workflow_metrics SELECT 99999998, 2, run_id, schema_id,"
        " timestamp FROM gone",
        "m2@2025-03-04 m3@2025-03-04");
    expect_marks(MERGE, "m1@2025-03-07 m2@2025-03-04 m2@2025-03-06");
    expect_marks(
        "CREATE OR REPLACE FUNCTION test.own() RETURNS VOID LANGUAGE plpgsql SET search_path"
        " = test, public SET \"wfm.marked\" = 'mine' SET datestyle = 'German' SET"
        " timezone = 'Asia/Tokyo' AS $$BEGIN " METRIC("1", "2025-03-02Z") "; " METRIC(
            "1", "2025-03-02Z") "; END$$; SELECT test.own()",
        "m1@2025-03-02");
    expect_marks("BEGIN; SET LOCAL session_replication_role = replica; " METRIC(
                     "1", "2025-03-02Z") "; " RUN("1", "2025-03-02Z") "; COMMIT",
                 "m1@2025-03-02 r1@2025-03-02");
    expect_marks("BEGIN; SET LOCAL search_path = pg_temp; CREATE TABLE wfm_marks (gone int);"
                 " INSERT INTO public.github_workflow_metrics (config_id, run_id, schema_id,"
                 " timestamp) VALUES (1, 1, 1, '2025-03-02Z'); COMMIT",
                 "m1@2025-03-02");
}

/* What two days look like is not what they are; nor is what somebody says that he has marked. */
static void test_settings(void)
{
    expect_marks(
        "BEGIN; SET LOCAL datestyle = 'SQL, MDY'; " METRIC(
            "1",
            "2025-01-02T00:00:00Z") "; SET LOCAL datestyle = 'SQL, DMY'; " METRIC("1",
                                                                                  "2025-02-01T00:"
                                                                                  "00:00Z") "; "
                                                                                            "COMMI"
                                                                                            "T",
        "m1@2025-01-02 m1@2025-02-01");
    expect_marks(
        "BEGIN; SET LOCAL datestyle = 'SQL'; SET LOCAL timezone = 'ABC+12'; " RUN(
            "1", "2025-01-02T00:00:00Z") "; SET LOCAL timezone = 'ABC-12'; " RUN("1",
                                                                                 "2025-01-01T00:00:"
                                                                                 "00Z") "; COMMIT",
        "r1@2025-01-01 r1@2025-01-02");
    expect_marks("SET wfm.marked = '1 1 0;'; SET wfm.replicated = 'x'; " METRIC(
                     "1", "2025-03-02Z") "; RESET wfm.marked",
                 "m1@2025-03-02");
    expect_marks(
        "BEGIN; " METRIC("1", "2025-03-02Z") "; RESET ALL; " METRIC("1", "2025-03-02Z") "; COMMIT",
        "m1@2025-03-02 m1@2025-03-02");
    expect_marks("SET \"plpgsql.variable_conflict\" = use_variable; SET standard_conforming_strings"
                 " = off; SET transform_null_equals = on; SET lock_timeout = 1; SET"
                 " default_transaction_isolation = 'serializable'; " METRIC("1", "2025-03-02Z"),
                 "m1@2025-03-02");
}

/* Transactions that see what was there at their beginning. */
static void write_isolated(const char *level)
{
    PGconn *a, *b;

    begin_clean();
    a = db_open(DB_SUMS);
    b = db_open(DB_SUMS);
    for (int i = 0; i < 3; i++) {
        db_run_on(a, strf("BEGIN ISOLATION LEVEL %s", level));
        db_run_on(b, strf("BEGIN ISOLATION LEVEL %s", level));
        db_run_on(a, METRIC("1", "2025-03-02Z") "; " RUN("1", "2025-03-02Z"));
        db_run_on(b, METRIC("1", "2025-03-02Z") "; " RUN("1", "2025-03-02Z"));
        db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
        db_run_on(a, "SELECT wfm_maintain(), wfm_maintain(1); COMMIT");
        summed_compare(level);
        db_run_on(b, METRIC("1", "2025-03-02Z") "; COMMIT");
        expect_str(marks(), "m1@2025-03-02 m1@2025-03-02 r1@2025-03-02 r1@2025-03-02");
        compare_often(level);
        db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
        expect_str(marks(), "");
        compare_often(level);
    }
    db_close(a);
    db_close(b);
}

/* Prepared by one session, to be committed by another one. */
static void test_prepared(void)
{
    PGconn *writer;

    begin_clean();
    writer = db_open(DB_SUMS);
    db_run_on(writer, "BEGIN; " METRIC("1", "2025-03-02Z") "; PREPARE TRANSACTION 'kept'");
    db_run_on(writer, METRIC("1", "2025-03-02Z"));
    expect_str(marks(), "m1@2025-03-02");
    db_run(DB_SUMS, "SELECT wfm_maintain(1)", 0);
    db_run_on(writer, "BEGIN; " RUN("1", "2025-03-02Z") "; SELECT wfm_raise_doubt();"
                                                        " PREPARE TRANSACTION 'doubt'");
    db_run_on(writer, "COMMIT PREPARED 'kept'");
    expect_str(marks(), "m1@2025-03-02");
    db_run(DB_SUMS, "SELECT wfm_restore_trust()", 0);
    expect_str(db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0), "in doubt");
    db_run_on(writer, "COMMIT PREPARED 'doubt'");
    db_close(writer);
    compare_often("prepared transactions");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0), "in use");
    summed_end_sessions();
    compare_often("prepared transactions, and folding");
}

static void test_isolated(void)
{
    write_isolated("REPEATABLE READ");
    write_isolated("SERIALIZABLE");
}

/* As many runs of a day as before, but others: the list finds them. */
static void test_other_runs(void)
{
    begin_clean();
    db_run(DB_SUMS, RUN("3", "2024-02-02Z"), 0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    db_run(DB_SUMS,
           "SELECT setval('github_workflow_runs_id_seq', 100000 +"
           " nextval('github_workflow_runs_id_seq'))",
           0);
    db_run(DB_SUMS, "DELETE FROM github_workflow_runs WHERE created_at = '2024-02-02Z'", 0);
    db_run(DB_SUMS, RUN("3", "2024-02-02Z"), 0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(db_int(DB_SUMS,
                      "SELECT count(*) FROM wfm_run_counts c JOIN github_workflow_runs r ON"
                      " c.day = r.created_at AND r.id BETWEEN c.low_id AND c.high_id WHERE"
                      " r.created_at = '2024-02-02Z'",
                      0),
               2);
    compare_often("other runs");
}

/* ---- everything kept goes with the day ---- */

#define KEPT                                                                                       \
    "SELECT (SELECT count(*) FROM wfm_metric_days WHERE %s) + (SELECT count(*) FROM"               \
    " wfm_metric_totals WHERE %s) + (SELECT count(*) FROM wfm_metric_names WHERE %s) + (SELECT"    \
    " count(*) FROM wfm_run_counts WHERE level = 0 AND %s) + (SELECT count(*) FROM wfm_marks"      \
    " WHERE %s)"

static int kept(const char *where)
{
    return (int)db_int(DB_SUMS, strf(KEPT, where, where, where, where, where), 0);
}

static void test_retention(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "SELECT test.insert_metrics('kept', 300), test.insert_runs('kept', 100)", 0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(kept("day < '2025-03-05Z'") > 0, 1);
    db_run(DB_SUMS, "DELETE FROM github_workflow_metrics WHERE timestamp < '2025-03-05Z'", 0);
    db_run(DB_SUMS, "DELETE FROM github_workflow_runs WHERE created_at < '2025-03-05Z'", 0);
    compare_often("retention");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(kept("day < '2025-03-05Z'"), 0);
    expect_int(kept("day >= '2025-03-05Z'") > 0, 1);
    compare_often("retention and folding");
}

static const char *config;

static int is_gone(void)
{
    return db_int(DB_SUMS,
                  strf("SELECT count(*) FROM github_workflow_metrics WHERE config_id = %s", config),
                  0) == 0;
}

/* A config that is deleted over HTTP takes all that is kept of it along. */
static void test_deleted(void)
{
    http_request_t rq = {.method = "DELETE", .host = HOST_SUMS};

    begin_clean();
    config = db_text(DB_SUMS,
                     "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                     " runner_set_name, github_owner, github_repo) VALUES ('gone', 'ns',"
                     " gen_random_uuid(), 'o', 'r') RETURNING id::text",
                     0);
    db_run(DB_SUMS,
           strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " dimensions, metrics) SELECT %s, i, 1, '2025-03-01Z'::timestamptz + i * interval"
                " '1 hour', test.dimensions(), test.metrics() FROM generate_series(1, 200) i",
                config),
           0);
    db_run(DB_SUMS,
           strf("INSERT INTO github_workflow_runs (config_id, workload_uid, created_at) SELECT %s,"
                " i, '2025-03-01Z' FROM generate_series(1, 20) i",
                config),
           0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(kept(strf("config_id = %s", config)) > 0, 1);
    rq.path = strf("/configs/%s", config);
    expect_success(http_send(&rq));
    expect_int(summed_wait(is_gone), 1);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(kept(strf("config_id = %s", config)), 0);
    expect_int((int)db_int(DB_SUMS,
                           strf("SELECT count(*) FROM wfm_run_counts WHERE config_id = %s", config),
                           0),
               0);
    compare_often("a deleted config");
}

/* A day is too large that has more than 100 rows. */
#define LOWER_MOST                                                                                 \
    "DO $$BEGIN EXECUTE replace(replace(pg_get_functiondef('wfm_metrics_fold'::regproc),"          \
    " '5000001', '101'), '5000000', '100'); END$$"
#define LARGE_DAY                                                                                  \
    "SELECT folded_at::text FROM wfm_metric_days WHERE config_id = 77 AND schema_id = 0"

/* As the health and the figures have it: days to be summed up, and whether one waits. */
static const char *status(void)
{
    return db_text(DB_SUMS,
                   "SELECT concat_ws(' ', state, unclean, oldest IS NOT NULL)"
                   " FROM wfm_summaries_status()",
                   0);
}

/* It is read from its rows and waits for nothing, so that no alert fires for ever; with fewer rows
 * it is folded. */
static void test_large_day(void)
{
    begin_clean();
    db_run(DB_SUMS, LOWER_MOST, 0);
    db_run(DB_SUMS,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT 1, i % 3 + 1, 1, '2025-07-02Z', '{\"Op\": \"large\"}',"
           " jsonb_build_object('t', i) FROM generate_series(1, 300) i",
           0);
    expect_str(status(), "in use 1 t");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(marks(), "m1@2025-07-02");
    expect_str(status(), "in use 0 f");
    compare_often("a large day");
    db_run(DB_SUMS, RUN("1", "2025-07-02Z"), 0); /* of the same day, and no metric row */
    expect_str(status(), "in use 1 t");
    db_run(DB_SUMS,
           "DELETE FROM github_workflow_metrics WHERE timestamp = '2025-07-02Z' AND id % 4 <> 0",
           0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(marks(), "");
    expect_str(status(), "in use 0 f");
    compare_often("a large day that is none any more");
    summed_migrate();
}

/* Its rows are counted once, however many portions the other days are folded in. */
static void test_large_day_last(void)
{
    const char *noted;

    begin_clean();
    db_run(DB_SUMS, LOWER_MOST, 0);
    db_run(DB_SUMS,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT 77, 1, 1, t, '{}', '{}' FROM generate_series(1, 200) i,"
           " unnest(CASE WHEN i <= 20 THEN '{2025-07-01Z,2025-07-02Z,2025-07-03Z,2025-07-04Z}'"
           " ELSE '{2025-07-04Z}' END::timestamptz[]) t",
           0);
    for (int i = 0; i < 3; i++) {
        expect_int(db_int(DB_SUMS, "SELECT wfm_metrics_fold(77, 20, true)", 0), 20);
        if (i == 0)
            noted = db_text(DB_SUMS, LARGE_DAY, 0);
        expect_str(db_text(DB_SUMS, LARGE_DAY, 0), noted);
    }
    expect_str(marks(), "m77@2025-07-04");
    expect_int(db_int(DB_SUMS, "SELECT wfm_metrics_fold(77, 20, true)", 0), 0);
    expect(strcmp(db_text(DB_SUMS, LARGE_DAY, 0), noted) != 0, "it was not looked at again");
    db_run(DB_SUMS, "DELETE FROM github_workflow_metrics WHERE config_id = 77", 0);
    summed_migrate();
}

SUITE(marks) = {
    {"one a transaction", test_one},
    {"days and configs", test_days},
    {"ways to write", test_ways},
    {"settings of the writer", test_settings},
    {"isolated writers", test_isolated},
    {"prepared transactions", test_prepared},
    {"as many runs, but others", test_other_runs},
    {"retention", test_retention},
    {"a deleted config", test_deleted},
    {"a large day", test_large_day},
    {"a large day is counted last", test_large_day_last},
    CU_TEST_INFO_NULL,
};
