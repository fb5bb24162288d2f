/*
 * test_doubt.c - whatever goes wrong with the summaries, who writes does not notice it, and who
 * reads is not told anything wrong: what may have been missed is doubted until maintenance has made
 * sure.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "summed.h"
#include <string.h>

#define INSERT_METRIC                                                                              \
    "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, dimensions,"    \
    " metrics) "
#define ONE_METRIC                                                                                 \
    INSERT_METRIC "VALUES (1, 1, 1, '2025-03-02T01:00:00Z', '{\"Op\": \"doubt\"}', '{\"t\": 9}')"

static const char *state(void)
{
    return db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0);
}

static void compare_often(const char *what)
{
    for (int i = 0; i < 3; i++)
        summed_compare(what);
}

/* All is folded, and the module's sessions know it. */
static void begin_trusted(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "SELECT test.insert_metrics('doubt', 60), test.insert_runs('doubt', 30)", 0);
    summed_restore_trust();
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(state(), "in use");
    summed_end_sessions();
    summed_compare("folding all");
}

static void maintain(void)
{
    db_run(DB_SUMS, "SELECT wfm_maintain()", 0);
}

/* Maintenance makes them trusted again, of which the module's next sessions take notice. */
static void expect_trust_returns(const char *what)
{
    summed_restore_trust();
    summed_end_sessions();
    compare_often(strf("%s, and maintenance", what));
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    compare_often(strf("%s, and folding all", what));
}

/* ---- what goes wrong with a mark ---- */

static const char *const writes[] = {
    ONE_METRIC,
    "UPDATE github_workflow_metrics SET metrics = '{\"t\": 77}' WHERE source_file LIKE 'doubt%'",
    "DELETE FROM github_workflow_metrics WHERE source_file LIKE 'doubt%' AND random() < 0.3",
    "COPY github_workflow_metrics (config_id, run_id, schema_id, timestamp, dimensions, metrics)"
    " FROM PROGRAM 'echo 2,1,1,2025-03-03T01:00:00Z,{},{}' (FORMAT csv)",
    "INSERT INTO github_workflow_runs (config_id, workload_uid, workload_name, status, created_at)"
    " VALUES (1, gen_random_uuid(), 'doubt', 'failed', '2025-03-02Z')",
    "UPDATE github_workflow_runs SET status = 'failed' WHERE workload_name = 'doubt'",
    "DELETE FROM github_workflow_runs WHERE workload_name = 'doubt' AND random() < 0.3",
};

static const struct {
    const char *what, *begin, *end;
} faults[] = {
    {"a constraint", "ALTER TABLE wfm_marks ADD CONSTRAINT test_no CHECK (false) NOT VALID",
     "ALTER TABLE wfm_marks DROP CONSTRAINT test_no"},
    {"a table that is gone", "ALTER TABLE wfm_marks RENAME TO gone",
     "ALTER TABLE gone RENAME TO wfm_marks"},
    {"a column that is gone", "ALTER TABLE wfm_marks RENAME day TO gone",
     "ALTER TABLE wfm_marks RENAME gone TO day"},
    {"functions that are gone",
     "ALTER FUNCTION wfm_day(timestamptz) RENAME TO gone;"
     " ALTER FUNCTION wfm_raise_doubt() RENAME TO gone2",
     "ALTER FUNCTION gone(timestamptz) RENAME TO wfm_day;"
     " ALTER FUNCTION gone2() RENAME TO wfm_raise_doubt"},
    {"a function that a reader needs, too", "ALTER FUNCTION wfm_day(timestamptz) RENAME TO gone",
     "ALTER FUNCTION gone(timestamptz) RENAME TO wfm_day"},
};

static void run_writes(PGconn *writer)
{
    for (size_t i = 0; i < countof(writes); i++)
        db_run_on(writer, writes[i]);
}

/* Nobody's statement fails, and doubt outlives a ROLLBACK; trust comes back after the writer's end.
 */
static void fail_marks(const char *what, const char *begin, const char *end)
{
    PGconn *writer, *mender;

    begin_trusted();
    writer = db_open(DB_SUMS);
    db_run_on(writer, begin);
    db_run_on(writer, "BEGIN");
    run_writes(writer);
    compare_often(strf("%s, and a writer is open", what));
    db_run_on(writer, "ROLLBACK");
    db_run_on(writer, "BEGIN");
    run_writes(writer);
    mender = db_open(DB_SUMS);
    db_run_on(mender, end);
    db_close(mender);
    expect_str(state(), "in doubt");
    maintain();
    expect_str(state(), "in doubt"); /* who missed a mark is still there */
    maintain();
    expect_str(state(), "in doubt");
    compare_often(what);
    db_run_on(writer, "COMMIT");
    compare_often(what);
    expect_str(state(), "in doubt");
    expect_trust_returns(what);
    db_close(writer);
}

static void test_marks_fail(void)
{
    for (size_t i = 0; i < countof(faults); i++)
        fail_marks(faults[i].what, faults[i].begin, faults[i].end);
}

/* What a transaction did that was rolled back: the doubt stays. */
static void test_rolled_back(void)
{
    begin_trusted();
    db_run(DB_SUMS, faults[0].begin, 0);
    db_run(DB_SUMS,
           "DO $$BEGIN " ONE_METRIC "; RAISE 'no'; EXCEPTION WHEN raise_exception THEN"
           " NULL; END$$",
           0);
    expect_str(state(), "in doubt");
    db_run(DB_SUMS, faults[0].end, 0);
    expect_trust_returns("a writer who was rolled back");
}

/* Somebody holds the table of marks: who writes does not wait for him. */
static void test_locked(void)
{
    PGconn *holder, *writer;

    begin_trusted();
    holder = db_open(DB_SUMS);
    writer = db_open(DB_SUMS);
    db_run_on(writer, "SET statement_timeout = '30s'"); /* it would wait for ever */
    db_run_on(holder, "BEGIN; LOCK TABLE wfm_marks IN ACCESS EXCLUSIVE MODE");
    db_run_on(writer, "BEGIN");
    run_writes(writer);
    db_run_on(holder, "ROLLBACK");
    expect_str(state(), "in doubt");
    maintain(); /* no statement of the writer failed, so none has moved a snapshot's xmax on */
    expect_str(state(), "in doubt");
    compare_often("marks that are locked");
    db_run_on(writer, "COMMIT");
    compare_often("marks that were locked");
    expect_trust_returns("marks that were locked");
    db_close(holder);
    db_close(writer);
}

/* The writer is the last who got a number, and none that is higher has come to its end. */
static void test_last_number(void)
{
    PGconn *writer;

    begin_trusted();
    writer = db_open(DB_SUMS);
    db_run_on(writer, "BEGIN; CREATE TEMPORARY TABLE t ON COMMIT DROP AS SELECT 1;"
                      " SELECT wfm_raise_doubt()");
    maintain();
    expect_str(state(), "in doubt");
    maintain();
    expect_str(state(), "in doubt");
    db_run_on(writer, "COMMIT");
    expect_trust_returns("the last number");
    db_close(writer);
}

/* What is left of lost tables is not trusted, nor what was never written to a new one. */
static void lose(const char *what, const char *drop)
{
    begin_trusted();
    db_run(DB_SUMS, ONE_METRIC, 0);
    db_run(DB_SUMS, "UPDATE github_workflow_runs SET status = 'failed' WHERE random() < 0.1", 0);
    db_run(DB_SUMS, drop, 0);
    for (int i = 0; i < 2; i++)
        db_run(DB_SUMS, ONE_METRIC, 0);
    compare_often(what);
    summed_migrate();
    summed_psql("roles/api_role.sql");
    expect_str(state(), "in use");
    summed_end_sessions();
    compare_often(strf("%s, and the migration", what));
}

static void test_lost(void)
{
    lose("marks that are lost", "DROP TABLE wfm_marks");
    lose("doubt that is lost", "DROP SEQUENCE wfm_doubt CASCADE");
    lose("a state that is lost", "DROP TABLE wfm_state CASCADE");
    lose("days that are lost", "DROP TABLE wfm_metric_days");
    lose("counts that are lost", "DROP TABLE wfm_run_counts");
    lose("all but the triggers", "DROP TABLE wfm_marks, wfm_state, wfm_metric_days,"
                                 " wfm_metric_totals, wfm_metric_names, wfm_run_counts CASCADE");
    lose("functions", "DROP FUNCTION wfm_watch(regclass, text), wfm_raise_doubt()");
}

/* A state that a restore has doubled, or whose fence is another server's, is made anew. */
static void test_state_of_another(void)
{
    static const char *const states[] = {"INSERT INTO wfm_state SELECT * FROM wfm_state",
                                         "UPDATE wfm_state SET fence = '1000000000', ground = '?'",
                                         "DELETE FROM wfm_state"};

    for (size_t i = 0; i < countof(states); i++) {
        begin_trusted();
        db_run(DB_SUMS, states[i], 0);
        expect_str(state(), "in doubt");
        compare_often(states[i]);
        expect_trust_returns(states[i]);
    }
}

/* ---- behind the triggers' back ---- */

static const struct {
    const char *what, *sql;
    int stays; /* maintenance does not restore trust by itself */
} passing[] = {
    {"a trigger that was off",
     "ALTER TABLE github_workflow_metrics DISABLE TRIGGER wfm_inserted; " ONE_METRIC
     "; ALTER TABLE github_workflow_metrics ENABLE ALWAYS TRIGGER wfm_inserted",
     0},
    {"a trigger of runs that was off",
     "ALTER TABLE github_workflow_runs DISABLE TRIGGER wfm_updated_old, DISABLE TRIGGER"
     " wfm_updated_new; UPDATE github_workflow_runs SET status = 'failed'; ALTER TABLE"
     " github_workflow_runs ENABLE ALWAYS TRIGGER wfm_updated_old, ENABLE ALWAYS TRIGGER"
     " wfm_updated_new",
     0},
    {"TRUNCATE of metrics", "TRUNCATE github_workflow_metrics", 0},
    {"TRUNCATE of runs", "TRUNCATE github_workflow_runs", 0},
    {"TRUNCATE that was taken back",
     "BEGIN; TRUNCATE github_workflow_metrics, github_workflow_runs; ROLLBACK", 0},
    {"rows that were rewritten",
     "ALTER TABLE github_workflow_metrics ALTER config_id TYPE bigint USING 1 + config_id % 3", 0},
    {"a column in another one's place",
     "ALTER TABLE github_workflow_runs DROP trigger_source, ADD trigger_source VARCHAR(50) NOT NULL"
     " DEFAULT 'manual'",
     0},
    {"a column under another one's name",
     "ALTER TABLE github_workflow_runs RENAME trigger_source TO gone; ALTER TABLE"
     " github_workflow_runs ADD trigger_source VARCHAR(50) NOT NULL DEFAULT 'realtime', DROP gone",
     0},
    {"a table without a log",
     "ALTER TABLE github_workflow_runs SET UNLOGGED; ALTER TABLE github_workflow_runs SET LOGGED",
     0},
    {"a trigger of another name",
     "ALTER TRIGGER wfm_deleted ON github_workflow_metrics RENAME TO other; DELETE FROM"
     " github_workflow_metrics WHERE random() < 0.2; ALTER TRIGGER other ON"
     " github_workflow_metrics RENAME TO wfm_deleted",
     0},
    {"a trigger that is off",
     "ALTER TABLE github_workflow_metrics DISABLE TRIGGER wfm_inserted; " ONE_METRIC, 1},
    {"a trigger that is gone",
     "DROP TRIGGER wfm_updated_old ON github_workflow_runs; UPDATE github_workflow_runs SET"
     " created_at = '2025-03-05Z' WHERE random() < 0.2",
     1},
};

/* All between two requests of sessions that trusted before. */
static void test_behind(void)
{
    for (size_t i = 0; i < countof(passing); i++) {
        PGconn *conn;

        begin_trusted();
        conn = db_open(DB_SUMS);
        db_run_on(conn, passing[i].sql);
        db_close(conn);
        compare_often(passing[i].what);
        if (passing[i].stays) {
            maintain();
            expect(strcmp(state(), "in use") != 0, "%s: trusted", passing[i].what);
            compare_often(passing[i].what);
            summed_migrate();
        }
        expect_trust_returns(passing[i].what);
    }
}

/* Policies hide rows from the module's role from one request to the next; and from whoever folds.
 */
static void test_policies(void)
{
    begin_trusted();
    db_run(DB_SUMS, "CREATE POLICY test_some ON github_workflow_metrics USING (config_id <> 1)", 0);
    db_run(DB_SUMS, "ALTER TABLE github_workflow_metrics ENABLE ROW LEVEL SECURITY", 0);
    compare_often("rows that are hidden");
    summed_end_sessions();
    compare_often("rows that are hidden from new sessions");
    db_run(DB_SUMS, "ALTER TABLE github_workflow_metrics DISABLE ROW LEVEL SECURITY", 0);
    db_run(DB_SUMS, "DROP POLICY test_some ON github_workflow_metrics", 0);
    expect_trust_returns("rows that were hidden");
}

SUITE(doubt) = {
    {"marks that fail", test_marks_fail},
    {"a writer who is rolled back", test_rolled_back},
    {"marks that are locked", test_locked},
    {"the last number", test_last_number},
    {"tables that are lost", test_lost},
    {"the state of another server", test_state_of_another},
    {"behind the triggers' back", test_behind},
    {"rows that are hidden", test_policies},
    CU_TEST_INFO_NULL,
};
