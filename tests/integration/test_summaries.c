/*
 * test_summaries.c - every answer with the summaries equals the one without.
 *
 * One database, two hosts: sums.test's role reads the summaries, rows.test's may not and answers
 * from the rows alone. Writers work at random, in transactions that overlap, are rolled back, fold,
 * and read repeatably; after each step both hosts are asked the same. Their maintenance is
 * test_maintenance.c's.
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
    for (int i = 0; i < 75; i++)
        summed_compare(i && i % 30 == 0 ? truncate_all(writers)
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
    for (int i = 0; i < 15; i++)
        summed_compare("writers at the same time");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    for (int i = 0; i < 8; i++)
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
    for (int i = 0; i < 10; i++)
        summed_compare("making them over old rows");
    db_run(DB_SUMS, "SELECT test.insert_metrics('later', 100), test.update_metrics('later')", 0);
    summed_migrate();
    for (int i = 0; i < 4; i++)
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
    for (int i = 0; i < 4; i++)
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
    for (int i = 0; i < 4; i++)
        summed_compare("switching a trigger off");
    summed_psql("undo/004_summaries.sql");
    make_again();
    for (int i = 0; i < 4; i++)
        summed_compare("making them anew");
}

SUITE(summaries) = {
    {"overlapping transactions", test_overlapping},
    {"writers at the same time", test_concurrent},
    {"made over rows that are there", test_later},
    {"those of a former version", test_former},
    {"days in detail", test_detailed},
    {"without statistics", test_unknown},
    {"serializable writers", test_serializable},
    {"rows that pass by", test_passed_by},
    {"not to be trusted", test_untrusted},
    CU_TEST_INFO_NULL,
};
