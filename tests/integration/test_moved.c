/*
 * test_moved.c - databases that came here in another way than by the migrations alone: restored,
 * replicated, of a former edition. Each stands in the place of the one that two hosts serve, one
 * with the summaries and one without. Partitions and owners are test_partitions.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "moved.h"
#include "summed.h"
#include <apr_thread_proc.h>
#include <stdlib.h>
#include <string.h>

/* ---- dumps ---- */

static void restore(const char *encoding, const char *from, const char *arguments)
{
    db_run(
        "postgres",
        strf("CREATE DATABASE " DB_MOVED " TEMPLATE template0 ENCODING '%s' LOCALE 'C'", encoding),
        0);
    if (*arguments) { /* into what the migrations made */
        moved_migrate(DB_MOVED, ".");
        moved_file(DB_MOVED, "tests/integration/summaries.sql");
        moved_file(DB_MOVED, "src/db/roles/api_role.sql");
        db_run(DB_MOVED, "TRUNCATE github_workflow_configs, github_workflow_metric_schemas", 0);
        db_run(DB_MOVED, "CALL wfm_fold_all()", 0);
    }
    moved_shell(
        strf("cd / && pg_dump -h %s -U postgres %s %s | psql -X -q -v ON_ERROR_STOP=1 -h %s -U"
             " postgres -d " DB_MOVED,
             fixture_sockets(), arguments, from, fixture_sockets()));
}

static void test_dump(void)
{
    summed_make();
    summed_seed();
    moved_fill(DB_SUMS);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    moved_fill(DB_SUMS); /* and marks */
    db_run(DB_SUMS,
           "UPDATE wfm_state SET seen = (SELECT last_value FROM wfm_doubt), fence ="
           " '1000000000000'",
           0); /* of an older server */
    restore("UTF8", DB_SUMS, "");
    summed_put(DB_MOVED);
    expect_str(moved_state(), "in doubt");
    expect_moved_right("a restored dump");
    summed_put_back();
}

#define LEFT_AS_OTHERS                                                                             \
    "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'wfm\\_%' AND tgenabled = 'O'"

static void test_dump_of_rows(void)
{
    summed_make();
    summed_seed();
    moved_fill(DB_SUMS);
    restore("UTF8", DB_SUMS, "--data-only -t 'github_workflow_*'");
    summed_put(DB_MOVED);
    expect_moved_right("restored rows");
    summed_put_back();
    restore("UTF8", DB_SUMS, "--data-only --disable-triggers -t 'github_workflow_*'");
    summed_put(DB_MOVED);
    expect_int(db_int(DB_SUMS, LEFT_AS_OTHERS, 0) > 0, 1);
    expect_moved_right("rows restored without triggers"); /* maintenance has put them right */
    expect_int(db_int(DB_SUMS, LEFT_AS_OTHERS, 0), 0);
    summed_put_back();
}

static void test_dump_of_latin(void)
{
    summed_make();
    summed_seed();
    db_run("postgres", "CREATE DATABASE lens_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
           0);
    moved_migrate("lens_latin", ".");
    moved_file("lens_latin", "tests/integration/summaries.sql");
    moved_file("lens_latin", "src/db/roles/api_role.sql");
    moved_fill("lens_latin");
    db_run(
        "lens_latin",
        "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
        " source_file, dimensions, metrics) SELECT 1, i, 1, '2025-03-02Z', E'd\\u00e9j\\u00e0.csv',"
        " jsonb_build_object('Op', E'\\u00fcber' || i % 3, E'gr\\u00f6\\u00dfe', i),"
        " jsonb_build_object('t', i, E'z\\u00e4hler', i) FROM generate_series(1, 40) i",
        0);
    db_run("lens_latin", "CALL wfm_fold_all()", 0);
    restore("UTF8", "lens_latin", "");
    db_run("postgres", "DROP DATABASE lens_latin", 0);
    summed_put(DB_MOVED);
    expect_str(moved_state(), "in doubt");
    expect_moved_right("a dump from another encoding");
    summed_put_back();
}

/* ---- a replica ---- */

#define SOURCE "lens_source"

static int has_synchronized(void)
{
    return db_int(DB_SUMS, "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate = 'r'", 0) ==
           2;
}

static int has_arrived(void)
{
    return db_int(DB_SUMS, "SELECT count(*) FROM github_workflow_runs WHERE workload_name = 'late'",
                  0) == 5;
}

static void subscribe(void)
{
    db_run(SOURCE, "CREATE PUBLICATION two FOR TABLE github_workflow_runs, github_workflow_metrics",
           0);
    db_run(SOURCE, "SELECT pg_create_logical_replication_slot('moved', 'pgoutput')", 0);
    db_run(DB_SUMS,
           strf("CREATE SUBSCRIPTION moved CONNECTION 'host=%s user=postgres dbname=" SOURCE
                "' PUBLICATION two WITH (create_slot = false, slot_name = 'moved')",
                fixture_sockets()),
           0);
}

static void replicate(void)
{
    subscribe();
    expect_int(summed_wait(has_synchronized), 1);
    moved_compare("the first rows of a subscription");
    db_run(SOURCE,
           "SELECT test.update_metrics('moved'), test.update_runs('moved'),"
           " test.insert_metrics('moved', 50)",
           0);
    db_run(SOURCE, "DELETE FROM github_workflow_metrics WHERE random() < 0.2", 0);
    db_run(SOURCE, "SELECT test.insert_runs('late', 5)", 0);
    expect_int(summed_wait(has_arrived), 1);
    moved_compare("rows of a subscription");
    moved_maintain();
    expect_str(moved_state(), "in doubt");
    moved_compare("rows of a subscription, and maintenance");
    db_run(DB_SUMS, "ALTER SUBSCRIPTION moved DISABLE", 0);
    db_run(DB_SUMS, "ALTER SUBSCRIPTION moved SET (slot_name = NONE)", 0);
    db_run(DB_SUMS, "DROP SUBSCRIPTION moved", 0);
}

static void test_replica(void)
{
    moved_make();
    db_run("postgres", "CREATE DATABASE " SOURCE, 0);
    moved_finish(SOURCE);
    moved_fill(SOURCE);
    moved_finish(DB_MOVED);
    summed_put(DB_MOVED);
    moved_begin();
    replicate();
    expect_str(moved_state(), "in doubt");
    expect_moved_right("a promoted replica");
    summed_put_back();
    db_run("postgres",
           "SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE"
           " slot_name = 'moved'",
           0);
    db_run(SOURCE, "SELECT pg_drop_replication_slot('moved')", 0);
    db_run("postgres", "DROP DATABASE " SOURCE " WITH (FORCE)", 0);
}

/* ---- from one edition to the other ---- */

typedef struct work_t {
    const char *dsn, *command; /* of each thread one of them */
    volatile apr_uint32_t ended;
    int written;
    char fault[500];
} work_t;

/* A collector, who knows nothing of the migration, and waits for half a minute at most. */
static void *APR_THREAD_FUNC collect_on(apr_thread_t *thread, void *data)
{
    static const char write[] =
        "SET statement_timeout = '30s'; BEGIN; SELECT test.insert_runs_of_4();"
        " INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, dimensions,"
        " metrics) SELECT 4, i, 1, '2025-03-02Z', '{\"Op\": \"w\"}', '{\"t\": 1}' FROM"
        " generate_series(1, 68) i; UPDATE github_workflow_metrics SET metrics = '{\"t\": 2}' WHERE"
        " config_id = 4 AND random() < 0.1; DELETE FROM github_workflow_metrics WHERE config_id = 4"
        " AND random() < 0.05; COMMIT";
    work_t *work = data;
    PGconn *conn = PQconnectdb(work->dsn);

    (void)thread;
    while (!work->ended && !*work->fault) {
        PGresult *r = PQexec(conn, write);

        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            apr_cpystrn(work->fault, PQerrorMessage(conn), sizeof work->fault);
        PQclear(r);
        work->written++;
        apr_sleep(apr_time_from_msec(5));
    }
    PQfinish(conn);
    return NULL;
}

static void *APR_THREAD_FUNC migrate_on(apr_thread_t *thread, void *data)
{
    work_t *work = data;

    (void)thread;
    if (system(work->command) != 0)
        strcpy(work->fault, work->command);
    work->ended = 1;
    return NULL;
}

/* Files are run while a collector writes and others ask. */
static void run_beside(const char *files)
{
    work_t writer = {.dsn = strf("host=%s user=postgres dbname=" DB_SUMS, fixture_sockets())};
    work_t migration = {
        .command = strf("for f in %s; do %s pg-psql %s " DB_SUMS " -v role=wfmetrics -f"
                        " %s/$f > %s/migration.out 2>&1 || exit 1; done",
                        files, fixture_servers_sh(), fixture_dir(), fixture_root(), fixture_dir())};
    const char *output = "";
    apr_thread_t *threads[2];
    apr_status_t ended;

    expect_int(apr_thread_create(&threads[0], NULL, collect_on, &writer, fixture_pool()), 0);
    expect_int(apr_thread_create(&threads[1], NULL, migrate_on, &migration, fixture_pool()), 0);
    while (!migration.ended)
        summed_compare_config(files, 1 + summed_dice(3));
    apr_thread_join(&ended, threads[1]);
    writer.ended = 1;
    apr_thread_join(&ended, threads[0]);
    expect_str(writer.fault, "");
    if (*migration.fault)
        fixture_shell(strf("cat %s/migration.out", fixture_dir()), &output);
    expect(!*migration.fault, "%s: %s", migration.fault, output);
    expect_int(writer.written > 0, 1);
    moved_compare(files);
}

#define FIRST "tests/integration/first_edition.sql src/db/roles/api_role.sql"
#define SECOND                                                                                     \
    "src/db/schema/004_summaries_1_tables.sql src/db/schema/004_summaries_2_reading.sql"           \
    " src/db/schema/004_summaries_3_writing.sql src/db/schema/004_summaries_4_folding.sql"         \
    " src/db/roles/api_role.sql"
#define UNDO "src/db/undo/004_summaries.sql"

static void test_editions(void)
{
    moved_make();
    moved_finish(DB_MOVED);
    db_run(DB_MOVED,
           "CREATE FUNCTION test.insert_runs_of_4() RETURNS VOID LANGUAGE sql AS $$INSERT INTO"
           " github_workflow_runs (config_id, workload_uid, workload_name, created_at) SELECT 4,"
           " gen_random_uuid(), 'w', '2025-03-02Z'$$",
           0);
    /* it grows while others are compared, so it is of no repository that they are of */
    db_run(DB_MOVED, "UPDATE github_workflow_configs SET cluster_name = 'elsewhere' WHERE id = 4",
           0);
    summed_put(DB_MOVED);
    for (int i = 0; i < 5; i++)
        moved_fill(DB_SUMS);
    run_beside(UNDO);
    run_beside(FIRST);
    summed_end_sessions();
    moved_compare("the first edition");
    run_beside(SECOND);
    summed_restore_trust();
    summed_end_sessions();
    moved_compare("the second edition");
    run_beside(SECOND); /* again */
    summed_restore_trust();
    run_beside(UNDO " " FIRST);
    run_beside(UNDO " " SECOND);
    expect_moved_right("editions");
    expect_int(
        db_int(DB_SUMS, "SELECT count(*) FROM pg_class WHERE relname = 'wfm_run_changes'", 0), 0);
    summed_put_back();
}

SUITE(moved) = {
    {"a dump", test_dump},
    {"a dump of the rows", test_dump_of_rows},
    {"a dump from another encoding", test_dump_of_latin},
    {"a replica", test_replica},
    {"from one edition to the other", test_editions},
    CU_TEST_INFO_NULL,
};
