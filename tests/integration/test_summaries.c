/*
 * test_summaries.c - every answer with the summaries equals the one without.
 *
 * One database, two hosts: sums.test's role reads the summaries, rows.test's may not and answers
 * from the rows alone. Writers work at random, in transactions that overlap, are rolled back, fold,
 * and read repeatably; after each step both hosts are asked the same.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "summed.h"
#include <apr_thread_proc.h>
#include <stdlib.h>
#include <string.h>

#define WRITERS 3

/* ---- writers ---- */

static const char *const works[] = {
    "SELECT test.insert_run('%s')",
    "SELECT test.insert_run('%s')",
    "SELECT test.insert_metrics('%s', 1 + floor(random() * 40)::bigint)",
    "SELECT test.insert_metrics('%s', 3000)",
    "SELECT test.update_metrics('%s')",
    "SELECT test.move_metrics('%s')",
    "UPDATE github_workflow_metrics SET metrics = metrics || '{\"l\": 7}'"
    " WHERE source_file LIKE '%s%%' AND jsonb_typeof(metrics) = 'object'",
    "DELETE FROM github_workflow_metrics WHERE source_file LIKE '%s%%' AND random() < 0.1",
    "DELETE FROM github_workflow_metrics WHERE source_file LIKE '%s%%' AND \"timestamp\" > "
    "'2025-03-07Z'",
    "SELECT test.insert_runs('%s', 1)",
    "SELECT test.insert_runs('%s', 300)",
    "SELECT test.update_runs('%s')",
    "DELETE FROM github_workflow_runs WHERE workload_name = '%s' AND random() < 0.2",
    "SELECT test.fold(c, 1000), '%s' FROM generate_series(1, 3) c",
    "SELECT test.fold(c, 1), '%s' FROM generate_series(1, 3) c",
    "SELECT wfm_maintain(c), '%s' FROM generate_series(1, 3) c",
    "SELECT wfm_maintain(), '%s'",
};

typedef struct writer_t {
    const char *name;
    PGconn *conn;
    int open; /* in a transaction */
} writer_t;

/* One step of a writer; what it did. */
static const char *step(writer_t *w)
{
    const char *sql;

    if (!w->open && !summed_dice(3)) {
        sql = SUMMED_PICK("BEGIN", "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ");
        w->open = 1;
    } else if (w->open && !summed_dice(3)) {
        sql = SUMMED_PICK("COMMIT", "COMMIT", "ROLLBACK");
        w->open = 0;
    } else if (w->open && !summed_dice(5)) {
        sql = strf("SAVEPOINT s; %s; ROLLBACK TO s",
                   strf(works[summed_dice(countof(works))], w->name));
    } else {
        sql = strf(works[summed_dice(countof(works))], w->name);
    }
    db_run_on(w->conn, sql);
    return strf("%s: %s", w->name, sql);
}

/* All writers at rest: rows are gone at once. */
static const char *truncate_all(writer_t *writers)
{
    for (int i = 0; i < WRITERS; i++)
        if (writers[i].open)
            db_run_on(writers[i].conn, "COMMIT");
    for (int i = 0; i < WRITERS; i++)
        writers[i].open = 0;
    db_run_on(writers[0].conn, "TRUNCATE github_workflow_metrics; TRUNCATE github_workflow_runs");
    return "TRUNCATE";
}

static void test_overlapping(void)
{
    static const char *const names[] = {"w1", "w2", "w3"};
    writer_t writers[WRITERS];
    unsigned seed = summed_seed();

    summed_make();
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (writer_t){names[i], db_open(DB_SUMS), 0};
        db_run_on(writers[i].conn,
                  strf("SELECT setseed(%u.0 / 1000000 / %d)", seed % 1000000, i + 1));
    }
    for (int i = 0; i < 150; i++)
        summed_compare(i && i % 60 == 0 ? truncate_all(writers)
                                        : step(&writers[summed_dice(WRITERS)]));
}

/* ---- at the same time ---- */

typedef struct crew_t {
    const char *sockets;
    const char *name;
    int number;
    char fault[500];
} crew_t;

static void *APR_THREAD_FUNC work_on(apr_thread_t *thread, void *data)
{
    crew_t *crew = data;
    unsigned state = (unsigned)crew->number;
    char sql[500];
    PGconn *conn;

    (void)thread;
    apr_snprintf(sql, sizeof sql, "host=%s dbname=" DB_SUMS " user=postgres", crew->sockets);
    conn = PQconnectdb(sql);
    for (int i = 0; i < 60 && !*crew->fault; i++) {
        PGresult *r;

        apr_snprintf(sql, sizeof sql, works[rand_r(&state) % countof(works)], crew->name);
        r = PQexec(conn, sql);
        if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
            apr_cpystrn(crew->fault, PQerrorMessage(conn), sizeof crew->fault);
        PQclear(r);
    }
    PQfinish(conn);
    return NULL;
}

static void test_concurrent(void)
{
    static const char *const names[] = {"c1", "c2", "c3", "c4"};
    apr_thread_t *threads[countof(names)];
    crew_t crew[countof(names)];
    apr_status_t ended;

    summed_make();
    summed_seed();
    for (size_t i = 0; i < countof(names); i++) {
        crew[i] = (crew_t){fixture_sockets(), names[i], (int)random(), ""};
        expect_int(apr_thread_create(&threads[i], NULL, work_on, &crew[i], fixture_pool()),
                   APR_SUCCESS);
    }
    for (size_t i = 0; i < countof(names); i++) {
        apr_thread_join(&ended, threads[i]);
        expect_str(crew[i].fault, "");
    }
    for (int i = 0; i < 40; i++)
        summed_compare("writers at the same time");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    for (int i = 0; i < 20; i++)
        summed_compare("folding all");
}

/* ---- the migration ---- */

static void make_again(void)
{
    summed_migrate();
    summed_psql("roles/api_role.sql");
    summed_end_sessions();
}

/* Made anew over rows that are there, and run once more. */
static void test_later(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "SELECT test.insert_metrics('later', 500)", 0);
    summed_psql("undo/004_summaries.sql");
    expect_int(
        db_int(DB_SUMS, "SELECT count(*) FROM pg_class WHERE relname LIKE 'wfm\\_metric\\_%'", 0),
        0);
    summed_compare("taking the summaries away"); /* from sessions that knew them */
    make_again();
    for (int i = 0; i < 30; i++)
        summed_compare("making them over old rows");
    db_run(DB_SUMS, "SELECT test.insert_metrics('later', 100), test.update_metrics('later')", 0);
    summed_migrate();
    for (int i = 0; i < 10; i++)
        summed_compare("making them again");
}

/* Summaries that a former version made are not read, and are made anew. */
static void test_former(void)
{
    const char *output;
    PGconn *reader;

    summed_make();
    summed_seed();
    summed_compare("knowing the summaries");
    db_run(DB_SUMS, "ALTER TABLE wfm_metric_days RENAME COLUMN sets TO detailed", 0);
    for (int i = 0; i < 5; i++)
        summed_compare("another version's summaries"); /* from sessions that knew this one's */
    db_run(DB_SUMS, "ALTER TABLE wfm_metric_days RENAME COLUMN detailed TO sets", 0);
    summed_psql("undo/004_summaries.sql");
    summed_psql("../../tests/integration/first_edition.sql");
    summed_psql("roles/api_role.sql");
    summed_end_sessions();
    for (int i = 0; i < 5; i++)
        summed_compare("the first edition's summaries");
    reader = db_open(DB_SUMS); /* whom the migration must wait for */
    PQsendQuery(reader, "SELECT pg_sleep(1.5), (SELECT count(*) FROM wfm_metric_days)");
    expect_int(fixture_shell(
                   strf("cd / && cat %s/src/db/schema/*.sql | %s pg-psql %s " DB_SUMS, /* README */
                        fixture_root(), fixture_servers_sh(), fixture_dir()),
                   &output),
               0);
    db_close(reader);
    make_again();
    expect_int(
        db_int(DB_SUMS, "SELECT count(*) FROM pg_class WHERE relname = 'wfm_run_changes'", 0), 0);
    expect_str(db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0), "in use");
    for (int i = 0; i < 10; i++)
        summed_compare("making a former version's anew");
}

/* Many sets of a config that PostgreSQL has no statistics of. (Once it took a loop over all of them
 * for each; this test was slow.) */
static void test_unknown(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT 5, 1, 1, '2025-03-02Z', jsonb_build_object('k', i / 2),"
           " jsonb_build_object('a', i, 'b', i, 'c', i, 'd', i, 'e', i)"
           " FROM generate_series(0, 7999) i",
           0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_int(db_int(DB_SUMS,
                      "SELECT count(*) FROM wfm_metric_totals t JOIN wfm_metric_days d USING"
                      " (config_id, day, schema_id) CROSS JOIN LATERAL unnest(d.sets, t.set_n,"
                      " t.set_total) s (dimensions, n, total) WHERE config_id = 5 AND s.n = 2"
                      " AND s.total = 4 * (s.dimensions ->> 'k')::int + 1",
                      0),
               5 * 4000);
}

/* Where a day's rows share their dimensions by two or more, its sums are kept by dimensions: those
 * of every field in the order of the day's sets. */
static void test_detailed(void)
{
    summed_make();
    summed_seed();
    db_run(
        DB_SUMS,
        "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
        " dimensions, metrics) SELECT 4, i, 1, '2025-03-02Z'::timestamptz + day * interval '1 day',"
        " jsonb_build_object('Op', 'k' || i % (3 + 2 * day)),"
        " jsonb_build_object(CASE WHEN i % 3 = 0 THEN 't' ELSE 'l' END, i)"
        " FROM generate_series(0, 1) day, generate_series(1, 6) i",
        0);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(db_text(DB_SUMS,
                       "SELECT string_agg(coalesce(cardinality(sets)::text, 'none'), ' ' ORDER"
                       " BY day) FROM wfm_metric_days WHERE config_id = 4",
                       0),
               "3 none");
    expect_str(
        db_text(DB_SUMS,
                "SELECT string_agg(t.field || s.dimensions || s.n || ',' ||"
                " coalesce(s.total, -1), ' ' ORDER BY t.field, s.dimensions) FROM"
                " wfm_metric_totals t JOIN wfm_metric_days d USING (config_id, day, schema_id)"
                " CROSS JOIN LATERAL unnest(d.sets, t.set_n, t.set_total) s (dimensions, n,"
                " total) WHERE config_id = 4",
                0),
        "l{\"Op\": \"k0\"}0,-1 l{\"Op\": \"k1\"}2,5 l{\"Op\": \"k2\"}2,7"
        " t{\"Op\": \"k0\"}2,9 t{\"Op\": \"k1\"}0,-1 t{\"Op\": \"k2\"}0,-1");
    expect_int(db_int(DB_SUMS,
                      "SELECT count(*) FROM wfm_metric_totals t JOIN wfm_metric_days d USING"
                      " (config_id, day, schema_id) WHERE cardinality(t.set_n) IS DISTINCT FROM"
                      " cardinality(d.sets) OR d.sets IS NOT NULL AND t.n <>"
                      " (SELECT sum(n) FROM unnest(t.set_n) n)",
                      0),
               0);
}

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
    for (int i = 0; i < 10; i++)
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
    for (int i = 0; i < 10; i++)
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
    for (int i = 0; i < 20; i++)
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
    for (int i = 0; i < 10; i++)
        summed_compare("a writer who began before a TRUNCATE");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    for (int i = 0; i < 10; i++)
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
    for (int i = 0; i < 10; i++)
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
    for (int i = 0; i < 10; i++)
        summed_compare("a fold goes on");
    expect_int(folding(), first);
    expect_int(fixture_servers("httpd-graceful", ""), 0);
    expect_int(summed_wait(is_other), 1);
    slow_folds("0");
    summed_end_sessions();
    db_run(DB_SUMS, "DROP TRIGGER test_slow ON wfm_metric_days", 0);
}

static void compare_while(const char *what, const char *sql, const char *undo)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, sql, 0);
    summed_end_sessions();
    for (int i = 0; i < 5; i++)
        summed_compare(what);
    db_run(DB_SUMS, undo, 0);
    summed_end_sessions();
}

/* Rows that this role may not see, or that pass by the triggers in a table below. */
static void test_passed_by(void)
{
    summed_make();
    db_run(DB_SUMS, "CREATE POLICY visible ON github_workflow_runs USING (config_id <> 2)", 0);
    compare_while("hiding runs", "ALTER TABLE github_workflow_runs ENABLE ROW LEVEL SECURITY",
                  "ALTER TABLE github_workflow_runs DISABLE ROW LEVEL SECURITY");
    db_run(DB_SUMS, "DROP POLICY visible ON github_workflow_runs", 0);
    db_run(DB_SUMS, "CREATE TABLE below () INHERITS (github_workflow_metrics)", 0);
    compare_while(
        "writing to a table below",
        "INSERT INTO below SELECT nextval('github_workflow_metrics_id_seq'), config_id, run_id,"
        " schema_id, timestamp, source_file, dimensions, metrics, raw_data, created_at"
        " FROM ONLY github_workflow_metrics LIMIT 50",
        "DROP TABLE below");
    db_run(DB_SUMS, "VACUUM github_workflow_metrics", 0); /* it forgets that it had one */
}

/* Serializable writers do not fail because of each other's summaries. */
static void test_serializable(void)
{
    static const char insert[] =
        "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id,"
        " timestamp, dimensions, metrics) VALUES (1, 1, 1, '2025-03-02Z',"
        " '{\"Op\": \"s\"}', '{\"t\": 1}')";
    PGconn *a, *b;

    summed_make();
    summed_seed();
    a = db_open(DB_SUMS);
    b = db_open(DB_SUMS);
    for (int i = 0; i < 5; i++) {
        db_run_on(a, "BEGIN ISOLATION LEVEL SERIALIZABLE");
        db_run_on(b, "BEGIN ISOLATION LEVEL SERIALIZABLE");
        db_run_on(a, insert);
        db_run_on(b, insert);
        db_run_on(a, "COMMIT");
        db_run_on(b, "COMMIT");
    }
    for (int i = 0; i < 5; i++)
        summed_compare("serializable writers");
}

/* A trigger that is off, and the rows answer. */
static void test_untrusted(void)
{
    summed_make();
    summed_seed();
    db_run(DB_SUMS, "ALTER TABLE github_workflow_metrics DISABLE TRIGGER wfm_inserted", 0);
    summed_end_sessions();
    db_run(DB_SUMS, "SELECT test.insert_metrics('off', 50)", 0);
    for (int i = 0; i < 10; i++)
        summed_compare("switching a trigger off");
    summed_psql("undo/004_summaries.sql");
    make_again();
    for (int i = 0; i < 10; i++)
        summed_compare("making them anew");
}

SUITE(summaries) = {
    {"overlapping transactions", test_overlapping},
    {"writers at the same time", test_concurrent},
    {"made over rows that are there", test_later},
    {"those of a former version", test_former},
    {"days in detail", test_detailed},
    {"without statistics", test_unknown},
    {"days that are over are folded", test_maintained},
    {"late rows", test_late_rows},
    {"days from the future", test_future},
    {"values that are not listed", test_unlisted},
    {"a writer beside TRUNCATE", test_truncated},
    {"all days at once", test_fold_all},
    {"maintenance that fails", test_maintenance_fails},
    {"maintenance that does not end", test_endless},
    {"serializable writers", test_serializable},
    {"rows that pass by", test_passed_by},
    {"not to be trusted", test_untrusted},
    CU_TEST_INFO_NULL,
};
