/*
 * test_maintenance.c - the summaries are maintained: days are folded when they are over, late rows,
 * and what goes wrong with it.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "summed.h"
#include <apr_thread_proc.h>
#include <string.h>

/* Config 4 has new rows of two days that are over, and of today. */
static void write_days(const char *month)
{
    db_run(DB_SUMS,
           strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " metrics) SELECT 4, i, 1, d, '{\"t\": 1}' FROM generate_series(1, 5) i,"
                " unnest('{%s-02Z,%s-03Z,now}'::timestamptz[]) d",
                month, month),
           0);
}

/* Changes of days of config 4 that are over, or are not. */
static int count_changes(int over)
{
    return (int)db_int(DB_SUMS,
                       strf("SELECT count(*) FROM wfm_marks WHERE \"of\" = 'm' AND config_id = 4"
                            " AND (day < now() - interval '24 hours') = %s",
                            over ? "true" : "false"),
                       0);
}

static int is_folded(void)
{
    return count_changes(1) == 0;
}

/* Children that begin with maintenance. */
static void maintain_soon(void)
{
    summed_end_sessions();
    expect_int(fixture_servers("httpd-graceful", ""), 0);
}

/* Nobody folds by hand, those who write do not, and nobody asks either. */
static void test_maintained(void)
{
    summed_make();
    summed_seed();
    write_days("2025-05");
    expect_int(count_changes(1), 2);
    maintain_soon();
    expect_int(summed_wait(is_folded), 1);
    for (int i = 0; i < 4; i++)
        summed_compare("maintain");
}

static void maintain_here(void)
{
    db_run(DB_SUMS, "SELECT wfm_maintain(c) FROM generate_series(1, 5) c", 0);
}

/* A day that has just been folded is not folded again for every row that comes late. */
static void test_late_rows(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    db_run(DB_SUMS,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, metrics)"
           " SELECT config_id, run_id, schema_id, timestamp, '{\"t\": 1}' FROM"
           " github_workflow_metrics WHERE config_id = 4 ORDER BY timestamp LIMIT 1",
           0);
    db_run(DB_SUMS, "UPDATE wfm_metric_days SET folded_at = now(), n = n + 1000000", 0);
    maintain_here();
    expect_int(count_changes(1), 1);
    db_run(DB_SUMS, "UPDATE wfm_metric_days SET n = n - 1000000", 0);
    for (int i = 0; i < 5; i++)
        summed_compare("a late row");
    db_run(DB_SUMS, "UPDATE wfm_metric_days SET folded_at = now() - interval '1 hour'", 0);
    maintain_here();
    expect_int(count_changes(1), 0);
    for (int i = 0; i < 4; i++)
        summed_compare("a late row that is folded");
}

/* A clock that was set back does not keep a day from being folded. */
static void test_future(void)
{
    summed_make();
    summed_seed();
    write_days("2025-07");
    maintain_here();
    db_run(DB_SUMS, "UPDATE wfm_metric_days SET folded_at = now() + interval '1 year'", 0);
    write_days("2025-07");
    maintain_here();
    expect_int(count_changes(1) + count_changes(0), 0);
    summed_compare("days that were folded in the future");
}

/* Values that are too long for an index, or as many as rows, are read from the rows; others of the
 * same days are not. */
static void test_unlisted(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions) SELECT 4, 1, 1, '2025-08-01Z', jsonb_build_object('Op', repeat('x', 1000 +"
           " i % 2), 'batch', i, 'rare', i % 2) FROM generate_series(1, 1500) i",
           0);
    maintain_here();
    expect_int(count_changes(1), 0);
    expect_str(db_text(DB_SUMS,
                       "SELECT string_agg(concat(kind, key), ' ' ORDER BY kind, key, value) FROM"
                       " wfm_metric_names WHERE config_id = 4 AND day = '2025-08-01Z'",
                       0),
               "nOp nbatch nrare vrare vrare xOp xbatch");
    for (int i = 0; i < 8; i++)
        summed_compare("values that are not listed");
}

/* Whoever has looked before the rows went still sees their names: they must be listed anew. */
static void test_truncated(void)
{
    const char *insert = "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id,"
                         " timestamp, dimensions, metrics) SELECT i, 1, 1, '2025-03-02Z',"
                         " '{\"Op\": \"GEMM\"}', '{\"t\": 1}' FROM generate_series(1, 3) i";
    PGconn *writer;

    summed_make();
    summed_seed();
    db_run(DB_SUMS, insert, 0);
    writer = db_open(DB_SUMS);
    db_run_on(writer, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    db_run_on(writer, "SELECT 1");
    db_run(DB_SUMS, "TRUNCATE github_workflow_metrics", 0);
    db_run_on(writer, insert);
    db_run_on(writer, "COMMIT");
    db_close(writer);
    for (int i = 0; i < 4; i++)
        summed_compare("a writer who began before a TRUNCATE");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    for (int i = 0; i < 4; i++)
        summed_compare("folding after a TRUNCATE");
}

static apr_off_t mark;

static int has_warned(void)
{
    return strstr(fixture_log_since(mark), "sqlstate=23514 statement=maintain") != NULL;
}

/* One config whose summaries cannot be brought up to date holds up no other, and no client. */
static void test_maintenance_fails(void)
{
    mark = fixture_log_mark();
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    db_run(DB_SUMS,
           "ALTER TABLE wfm_metric_days ADD CONSTRAINT test_no CHECK (config_id <> 1) NOT VALID",
           0);
    db_run(DB_SUMS,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, metrics)"
           " VALUES (1, 1, 1, '2025-09-02Z', '{\"t\": 1}')",
           0);
    write_days("2025-09");
    maintain_soon();
    expect_int(summed_wait(is_folded), 1);
    expect_int(summed_wait(has_warned), 1);
    for (int i = 0; i < 4; i++)
        summed_compare("maintenance that fails");
    expect_int((int)db_int(DB_SUMS,
                           "SELECT count(*) FROM wfm_marks WHERE \"of\" = 'm' AND config_id = 1"
                           " AND day = '2025-09-02Z'",
                           0),
               1);
    db_run(DB_SUMS, "ALTER TABLE wfm_metric_days DROP CONSTRAINT test_no", 0);
}

/* It folds what there is when it is called, and ends, however much is written meanwhile. */
static void test_fold_all(void)
{
    summed_make();
    summed_seed();
    write_days("2025-11");
    db_run(DB_SUMS,
           "CREATE FUNCTION test.more() RETURNS TRIGGER LANGUAGE plpgsql AS $$BEGIN"
           " INSERT INTO wfm_marks VALUES ('m', 4, '2025-11-02Z'); RETURN NULL; END$$",
           0);
    db_run(DB_SUMS,
           "CREATE TRIGGER test_more AFTER INSERT ON wfm_metric_days"
           " EXECUTE FUNCTION test.more()",
           0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(count_changes(1) > 0, 1);
    db_run(DB_SUMS, "DROP TRIGGER test_more ON wfm_metric_days", 0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(count_changes(1), 0);
    summed_compare("folding all");
}

static void slow_folds(const char *seconds)
{
    db_run(DB_SUMS,
           strf("CREATE OR REPLACE FUNCTION test.slow() RETURNS TRIGGER LANGUAGE plpgsql AS"
                " $$BEGIN PERFORM pg_sleep(%s); RETURN NULL; END$$",
                seconds),
           0);
}

/* The session that is at a fold, or 0. */
static int folding(void)
{
    return (int)db_int(DB_SUMS,
                       "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE state = 'active'"
                       " AND usename = 'wfmetrics' AND query LIKE '%wfm_maintain%'"
                       " AND wait_event = 'PgSleep'",
                       0);
}

static int first;

static int is_other(void)
{
    return folding() != first;
}

/* While a day is folded, others are served, on connections that were there before; and a child that
 * goes away does not wait for it. */
static void test_endless(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    slow_folds("3600");
    db_run(DB_SUMS,
           "CREATE TRIGGER test_slow AFTER INSERT ON wfm_metric_days"
           " EXECUTE FUNCTION test.slow()",
           0);
    write_days("2025-10");
    maintain_soon();
    first = summed_wait(folding);
    expect_int(first != 0, 1);
    for (int i = 0; i < 4; i++)
        summed_compare("a fold goes on");
    expect_int(folding(), first);
    expect_int(fixture_servers("httpd-graceful", ""), 0);
    expect_int(summed_wait(is_other), 1);
    slow_folds("0");
    summed_end_sessions();
    db_run(DB_SUMS, "DROP TRIGGER test_slow ON wfm_metric_days", 0);
}

SUITE(maintenance) = {
    {"days that are over are folded", test_maintained},
    {"late rows", test_late_rows},
    {"days from the future", test_future},
    {"values that are not listed", test_unlisted},
    {"a writer beside TRUNCATE", test_truncated},
    {"all days at once", test_fold_all},
    {"maintenance that fails", test_maintenance_fails},
    {"maintenance that does not end", test_endless},
    CU_TEST_INFO_NULL,
};
