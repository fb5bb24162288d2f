/*
 * test_moved.c - databases that came here in another way than by the migrations alone: restored,
 * replicated, partitioned, of another schema and owner, of a former edition. Each stands in the
 * place of the one that two hosts serve, one with the summaries and one without.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "summed.h"
#include <apr_thread_proc.h>
#include <stdlib.h>
#include <string.h>

#define MOVED "lens_moved"

static void shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
}

static void migrate(const char *dbname, const char *upto)
{
    shell(strf("for f in $(ls %s/src/db/schema/*.sql | grep '%s'); do %s pg-psql %s %s -f $f"
               " || exit 1; done",
               fixture_root(), upto, fixture_servers_sh(), fixture_dir(), dbname));
}

static void file(const char *dbname, const char *path)
{
    shell(strf("%s pg-psql %s %s -v role=wfmetrics -f %s/%s", fixture_servers_sh(), fixture_dir(),
               dbname, fixture_root(), path));
}

static const char *state(void)
{
    return db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0);
}

static void compare_often(const char *what)
{
    for (int i = 0; i < 10; i++)
        summed_compare(what);
}

/* Until there is no more to do. */
static void maintain(void)
{
    int n = 0;

    while (n < 20 && !strcmp(db_text(DB_SUMS, "SELECT wfm_maintain()::text", 0), "true"))
        n++;
    expect_int(n < 20, 1);
}

/* Right at once; right and trusted after maintenance; right when all is folded. */
static void expect_right(const char *what)
{
    compare_often(what);
    summed_restore_trust();
    summed_end_sessions();
    compare_often(strf("%s, and maintenance", what));
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    compare_often(strf("%s, and folding", what));
}

static void fill(const char *dbname)
{
    db_run(dbname,
           "SELECT test.insert_metrics('moved', 300), test.insert_run('moved'),"
           " test.insert_runs('moved', 50)",
           0);
}

/* ---- dumps ---- */

static void restore(const char *encoding, const char *from, const char *arguments)
{
    db_run("postgres",
           strf("CREATE DATABASE " MOVED " TEMPLATE template0 ENCODING '%s' LOCALE 'C'", encoding),
           0);
    if (*arguments) { /* into what the migrations made */
        migrate(MOVED, ".");
        file(MOVED, "tests/integration/summaries.sql");
        file(MOVED, "src/db/roles/api_role.sql");
        db_run(MOVED, "TRUNCATE github_workflow_configs, github_workflow_metric_schemas", 0);
        db_run(MOVED, "CALL wfm_fold_all()", 0);
    }
    shell(strf("cd / && pg_dump -h %s -U postgres %s %s | psql -X -q -v ON_ERROR_STOP=1 -h %s -U"
               " postgres -d " MOVED,
               fixture_sockets(), arguments, from, fixture_sockets()));
}

static void test_dump(void)
{
    summed_make();
    summed_seed();
    fill(DB_SUMS);
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    fill(DB_SUMS); /* and marks */
    db_run(DB_SUMS,
           "UPDATE wfm_state SET seen = (SELECT last_value FROM wfm_doubt), fence ="
           " '1000000000000'",
           0); /* of an older server */
    restore("UTF8", DB_SUMS, "");
    summed_put(MOVED);
    expect_str(state(), "in doubt");
    expect_right("a restored dump");
    summed_put_back();
}

#define LEFT_AS_OTHERS                                                                             \
    "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'wfm\\_%' AND tgenabled = 'O'"

static void test_dump_of_rows(void)
{
    summed_make();
    summed_seed();
    fill(DB_SUMS);
    restore("UTF8", DB_SUMS, "--data-only -t 'github_workflow_*'");
    summed_put(MOVED);
    expect_right("restored rows");
    summed_put_back();
    restore("UTF8", DB_SUMS, "--data-only --disable-triggers -t 'github_workflow_*'");
    summed_put(MOVED);
    expect_int(db_int(DB_SUMS, LEFT_AS_OTHERS, 0) > 0, 1);
    expect_right("rows restored without triggers"); /* maintenance has put them right */
    expect_int(db_int(DB_SUMS, LEFT_AS_OTHERS, 0), 0);
    summed_put_back();
}

static void test_dump_of_latin(void)
{
    summed_make();
    summed_seed();
    db_run("postgres", "CREATE DATABASE lens_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
           0);
    migrate("lens_latin", ".");
    file("lens_latin", "tests/integration/summaries.sql");
    file("lens_latin", "src/db/roles/api_role.sql");
    fill("lens_latin");
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
    summed_put(MOVED);
    expect_str(state(), "in doubt");
    expect_right("a dump from another encoding");
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

static void make_moved(void)
{
    summed_make(); /* and the roles */
    summed_seed();
    db_run("postgres", "CREATE DATABASE " MOVED, 0);
}

static void finish(const char *dbname)
{
    migrate(dbname, ".");
    file(dbname, "tests/integration/summaries.sql");
    file(dbname, "src/db/roles/api_role.sql");
}

static void begin_trusted(void)
{
    summed_restore_trust();
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(state(), "in use");
    summed_end_sessions();
    compare_often("folding all");
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
    compare_often("the first rows of a subscription");
    db_run(SOURCE,
           "SELECT test.update_metrics('moved'), test.update_runs('moved'),"
           " test.insert_metrics('moved', 50)",
           0);
    db_run(SOURCE, "DELETE FROM github_workflow_metrics WHERE random() < 0.2", 0);
    db_run(SOURCE, "SELECT test.insert_runs('late', 5)", 0);
    expect_int(summed_wait(has_arrived), 1);
    compare_often("rows of a subscription");
    maintain();
    expect_str(state(), "in doubt");
    compare_often("rows of a subscription, and maintenance");
    db_run(DB_SUMS, "ALTER SUBSCRIPTION moved DISABLE", 0);
    db_run(DB_SUMS, "ALTER SUBSCRIPTION moved SET (slot_name = NONE)", 0);
    db_run(DB_SUMS, "DROP SUBSCRIPTION moved", 0);
}

static void test_replica(void)
{
    make_moved();
    db_run("postgres", "CREATE DATABASE " SOURCE, 0);
    finish(SOURCE);
    fill(SOURCE);
    finish(MOVED);
    summed_put(MOVED);
    begin_trusted();
    replicate();
    expect_str(state(), "in doubt");
    expect_right("a promoted replica");
    summed_put_back();
    db_run("postgres",
           "SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE"
           " slot_name = 'moved'",
           0);
    db_run(SOURCE, "SELECT pg_drop_replication_slot('moved')", 0);
    db_run("postgres", "DROP DATABASE " SOURCE " WITH (FORCE)", 0);
}

/* ---- partitions ---- */

static const char *const partitioned[] = {
    "DROP TABLE github_workflow_metrics",
    "CREATE TABLE github_workflow_metrics (id BIGSERIAL, config_id BIGINT NOT NULL, run_id BIGINT"
    " NOT NULL, schema_id BIGINT NOT NULL, \"timestamp\" TIMESTAMPTZ NOT NULL, source_file"
    " VARCHAR(1024), dimensions JSONB NOT NULL DEFAULT '{}', metrics JSONB NOT NULL DEFAULT '{}',"
    " raw_data JSONB, created_at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (id,"
    " \"timestamp\")) PARTITION BY RANGE (\"timestamp\")",
    "CREATE TABLE m1 PARTITION OF github_workflow_metrics FOR VALUES FROM (MINVALUE) TO"
    " ('2025-03-03Z')",
    "CREATE TABLE m2 PARTITION OF github_workflow_metrics FOR VALUES FROM ('2025-03-03Z') TO"
    " ('2025-03-06Z')",
    "CREATE TABLE m3 PARTITION OF github_workflow_metrics FOR VALUES FROM ('2025-03-06Z') TO"
    " (MAXVALUE)",
};

/* Each between two requests of sessions that trusted before. */
static const char *const moves[] = {
    "SELECT test.insert_metrics('moved', 300), test.update_metrics('moved')",
    "UPDATE m1 SET metrics = '{\"t\": 5}' WHERE random() < 0.2",
    "DELETE FROM m2 WHERE random() < 0.2",
    "INSERT INTO m3 (config_id, run_id, schema_id, timestamp) VALUES (1, 1, 1, '2025-03-07Z')",
    "TRUNCATE m3",
    "ALTER TABLE github_workflow_metrics DETACH PARTITION m1",
    "UPDATE m1 SET config_id = 2, metrics = '{\"t\": 6}'",
    "ALTER TABLE github_workflow_metrics ATTACH PARTITION m1 FOR VALUES FROM (MINVALUE) TO"
    " ('2025-03-03Z')",
    "ALTER TABLE github_workflow_metrics DETACH PARTITION m2 CONCURRENTLY",
    "CREATE TABLE other (LIKE github_workflow_metrics INCLUDING DEFAULTS)",
    "INSERT INTO other SELECT * FROM m2 WHERE random() < 0.5",
    "ALTER TABLE github_workflow_metrics ATTACH PARTITION other FOR VALUES FROM ('2025-03-03Z') TO"
    " ('2025-03-06Z')",
    "UPDATE other SET metrics = '{\"t\": 7}'",
    "DROP TABLE other",
    "CREATE TABLE below (LIKE github_workflow_metrics INCLUDING DEFAULTS) PARTITION BY RANGE"
    " (timestamp)",
    "CREATE TABLE below1 PARTITION OF below FOR VALUES FROM ('2025-03-03Z') TO ('2025-03-04Z')",
    "CREATE TABLE below2 PARTITION OF below DEFAULT",
    "INSERT INTO below SELECT * FROM m2",
    "ALTER TABLE github_workflow_metrics ATTACH PARTITION below FOR VALUES FROM ('2025-03-03Z') TO"
    " ('2025-03-06Z')",
    "UPDATE below1 SET metrics = '{\"t\": 8}'",
    "ALTER TABLE below DETACH PARTITION below1",
    "TRUNCATE below",
};

static void make_partitioned(void)
{
    make_moved();
    migrate(MOVED, "001");
    for (size_t i = 0; i < countof(partitioned); i++)
        db_run(MOVED, partitioned[i], 0);
    finish(MOVED);
    summed_put(MOVED);
    fill(DB_SUMS);
}

static void test_partitions(void)
{
    make_partitioned();
    for (size_t i = 0; i < countof(moves); i++) {
        begin_trusted();
        db_run(DB_SUMS, moves[i], 0);
        expect_right(moves[i]);
    }
    migrate(DB_SUMS, "."); /* again, with all of it there */
    expect_right("partitions, and the migrations");
    summed_put_back();
}

#define INTO_FOREIGN                                                                               \
    "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, dimensions,"    \
    " metrics) VALUES (1, 1, 1, '2025-03-07Z', '{\"Op\": \"far\"}', '{\"t\": 4}')"

/* Into a foreign table nothing can be inserted through one that has triggers with its rows: so they
 * go, and the rows answer. */
static void test_foreign(void)
{
    static const char *const far[] = {
        "ALTER TABLE github_workflow_metrics DROP CONSTRAINT github_workflow_metrics_pkey",
        /* which is published for all that */
        "ALTER TABLE m1 REPLICA IDENTITY FULL",
        "ALTER TABLE m2 REPLICA IDENTITY FULL",
        "ALTER TABLE m3 REPLICA IDENTITY FULL",
        "ALTER TABLE github_workflow_metrics DETACH PARTITION m3",
        "CREATE EXTENSION postgres_fdw",
        "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (user 'postgres', password_required"
        " 'false')",
        "CREATE FOREIGN TABLE m4 PARTITION OF github_workflow_metrics FOR VALUES FROM"
        " ('2025-03-06Z') TO (MAXVALUE) SERVER far OPTIONS (table_name 'm3')",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON m4 TO wfmetrics, wfmetrics_rows",
    };

    make_partitioned();
    begin_trusted();
    for (size_t i = 0; i < countof(far); i++) {
        db_run(DB_SUMS, far[i], 0);
        if (strstr(far[i], "EXTENSION"))
            db_run(DB_SUMS,
                   strf("CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s',"
                        " dbname '" DB_SUMS "')",
                        fixture_sockets()),
                   0);
    }
    compare_often("a foreign partition");
    maintain();
    db_run(DB_SUMS, INTO_FOREIGN, 0);
    db_run(DB_SUMS, "UPDATE github_workflow_metrics SET run_id = 2 WHERE config_id = 1", 0);
    db_run(DB_SUMS, "DELETE FROM github_workflow_metrics WHERE id % 7 = 0", 0);
    compare_often("a foreign partition, and maintenance");
    expect_str(state(), "in doubt");
    db_run(DB_SUMS, "DROP FOREIGN TABLE m4", 0);
    db_run(DB_SUMS,
           "ALTER TABLE github_workflow_metrics ATTACH PARTITION m3 FOR VALUES FROM"
           " ('2025-03-06Z') TO (MAXVALUE)",
           0);
    migrate(DB_SUMS, "004");
    expect_right("a foreign partition that has gone");
    summed_put_back();
}

static int is_pending(void)
{
    return (int)db_int(DB_SUMS, "SELECT count(*) FROM pg_inherits WHERE inhdetachpending", 0);
}

/* New statements see a partition no more that goes when older ones have ended. */
static void test_pending(void)
{
    PGconn *reader, *admin;

    make_partitioned();
    begin_trusted();
    reader = db_open(DB_SUMS);
    admin = db_open(DB_SUMS);
    db_run_on(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ;"
                      " SELECT count(*) FROM github_workflow_metrics");
    PQsendQuery(admin, "ALTER TABLE github_workflow_metrics DETACH PARTITION m2 CONCURRENTLY");
    expect_int(summed_wait(is_pending), 1);
    compare_often("a partition that is about to go");
    maintain();
    compare_often("a partition that is about to go, and maintenance");
    db_run_on(reader, "COMMIT");
    while (PQgetResult(admin))
        ;
    db_close(reader);
    db_close(admin);
    expect_right("a partition that went");
    summed_put_back();
}

/* ---- whose they are ---- */

#define OWNER     "lens_keeper"
#define COLLECTOR "lens_collector"

static void make_role(const char *name)
{
    db_run("postgres", strf("DROP ROLE IF EXISTS %s", name), 0);
    db_run("postgres", strf("CREATE ROLE %s LOGIN", name), 0);
}

/* The tables in a schema of another name, and of another owner than who migrates. */
static void make_owned(void)
{
    static const char *const tables[] = {"configs", "runs", "metric_schemas", "metrics"};

    make_role(OWNER);
    make_role(COLLECTOR);
    make_moved();
    migrate(MOVED, "001");
    db_run(MOVED, "CREATE SCHEMA \"lens keep\" AUTHORIZATION " OWNER, 0);
    db_run(MOVED, "ALTER DATABASE " MOVED " SET search_path = \"lens keep\", public", 0);
    for (size_t i = 0; i < countof(tables); i++) {
        db_run(MOVED,
               strf("ALTER TABLE public.github_workflow_%s SET SCHEMA \"lens keep\"", tables[i]),
               0);
        db_run(MOVED, strf("ALTER TABLE github_workflow_%s OWNER TO " OWNER, tables[i]), 0);
    }
    db_run(MOVED, "GRANT USAGE ON SCHEMA \"lens keep\" TO " COLLECTOR ", wfmetrics, wfmetrics_rows",
           0);
    db_run(MOVED,
           "GRANT SELECT, INSERT, UPDATE, DELETE ON github_workflow_configs, github_workflow_runs,"
           " github_workflow_metric_schemas, github_workflow_metrics TO " COLLECTOR,
           0);
    db_run(MOVED, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"lens keep\" TO " COLLECTOR, 0);
    finish(MOVED);
    db_run(MOVED, "GRANT USAGE ON SCHEMA test TO " COLLECTOR, 0);
    db_run(MOVED, "REVOKE ALL ON SEQUENCE \"lens keep\".wfm_doubt FROM PUBLIC, " COLLECTOR, 0);
}

static void count_notice(void *count, const char *message)
{
    expect_contains(message, "the summaries are in doubt, since their triggers cannot be made");
    ++*(int *)count;
}

/* A partition that is another one's, which the tables' owner cannot watch: maintenance says so
 * once, and does all the rest. */
static void test_partition_of_another(void)
{
    PGconn *conn;
    int said = 0;

    make_role(OWNER);
    make_partitioned();
    db_run(DB_SUMS, "ALTER TABLE github_workflow_metrics OWNER TO " OWNER, 0);
    migrate(DB_SUMS, "004"); /* hands the rest over */
    begin_trusted();
    db_run(DB_SUMS, "DROP TRIGGER wfm_inserted ON m2", 0);
    fill(DB_SUMS);
    compare_often("a partition of another owner");
    conn = db_open(DB_SUMS);
    PQsetNoticeProcessor(conn, count_notice, &said);
    for (int i = 0; i < 3; i++)
        db_run_on(conn, "SELECT wfm_maintain(), wfm_maintain(1)");
    db_close(conn);
    expect_int(said, 1);
    expect_str(state(), "in doubt");
    expect_int(db_int(DB_SUMS, "SELECT count(*) FROM wfm_marks WHERE \"of\" = 'r'", 0), 0);
    compare_often("a partition of another owner, and maintenance");
    db_run(DB_SUMS, "ALTER TABLE m2 OWNER TO " OWNER, 0);
    expect_right("a partition that has changed its owner");
    summed_put_back();
    db_run("postgres", "DROP ROLE " OWNER, 0);
}

/* The partitioned table has become another one's, and the functions have not: he makes partitions
 * as before. Nobody raises doubt by a table of his own. */
static void test_new_owner(void)
{
    static const char *const steps[] = {
        "ALTER TABLE github_workflow_metrics DETACH PARTITION m3",
        "ALTER TABLE github_workflow_metrics OWNER TO " OWNER,
        "GRANT CREATE ON SCHEMA public TO " OWNER,
        "SET ROLE " OWNER,
        "CREATE TABLE m4 PARTITION OF github_workflow_metrics FOR VALUES FROM ('2025-03-06Z') TO"
        " (MAXVALUE)",
        "INSERT INTO github_workflow_metrics (id, config_id, run_id, schema_id, timestamp) VALUES"
        " (-1, 1, 1, 1, '2025-03-07Z')",
    };
    static const char *const own[] = {
        ("SET ROLE " OWNER),
        "CREATE TABLE his (x INT)",
        "CREATE TRIGGER his AFTER INSERT ON his EXECUTE FUNCTION wfm_missed()",
        "CREATE TRIGGER his_too AFTER TRUNCATE ON his EXECUTE FUNCTION wfm_missed()",
        "INSERT INTO his VALUES (1)",
        "TRUNCATE his",
    };
    PGconn *conn;

    make_role(OWNER);
    make_partitioned();
    begin_trusted();
    conn = db_open(DB_SUMS);
    for (size_t i = 0; i < countof(steps); i++)
        db_run_on(conn, steps[i]);
    db_close(conn);
    compare_often("a new owner's partition");
    migrate(DB_SUMS, "004"); /* hands the rest over */
    expect_right("a new owner's partition");
    begin_trusted();
    conn = db_open(DB_SUMS);
    for (size_t i = 0; i < countof(own); i++)
        db_run_on(conn, own[i]);
    db_close(conn);
    expect_str(state(), "in use");
    summed_put_back();
    db_run("postgres", "DROP ROLE " OWNER, 0);
}

static void collect(void)
{
    PGconn *conn = db_open(DB_SUMS);

    db_run_on(conn, "SET ROLE " COLLECTOR);
    db_run_on(conn, "SELECT test.insert_metrics('moved', 50), test.insert_run('moved'),"
                    " test.insert_runs('moved', 20), test.update_metrics('moved'),"
                    " test.update_runs('moved'), test.move_metrics('moved')");
    db_run_on(conn, "DELETE FROM github_workflow_runs WHERE random() < 0.1");
    db_close(conn);
}

/* Who only writes needs no right to the summaries; nor does he fail where their owner has none. */
static void test_owned(void)
{
    make_owned();
    summed_put(MOVED);
    begin_trusted();
    collect();
    expect_str(state(), "in use");
    expect_right("a collector without rights");
    begin_trusted();
    db_run(DB_SUMS, "REVOKE ALL ON wfm_marks FROM " OWNER, 0);
    collect();
    expect_str(state(), "in doubt");
    compare_often("an owner without rights");
    db_run(DB_SUMS, "GRANT ALL ON wfm_marks TO " OWNER, 0);
    expect_right("an owner who has his rights again");
    summed_put_back();
    db_run("postgres", "DROP ROLE " COLLECTOR, 0);
    db_run("postgres", "DROP ROLE " OWNER, 0);
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
    compare_often(files);
}

#define FIRST "tests/integration/first_edition.sql src/db/roles/api_role.sql"
#define SECOND                                                                                     \
    "src/db/schema/004_summaries_1_tables.sql src/db/schema/004_summaries_2_reading.sql"           \
    " src/db/schema/004_summaries_3_writing.sql src/db/schema/004_summaries_4_folding.sql"         \
    " src/db/roles/api_role.sql"
#define UNDO "src/db/undo/004_summaries.sql"

static void test_editions(void)
{
    make_moved();
    finish(MOVED);
    db_run(MOVED,
           "CREATE FUNCTION test.insert_runs_of_4() RETURNS VOID LANGUAGE sql AS $$INSERT INTO"
           " github_workflow_runs (config_id, workload_uid, workload_name, created_at) SELECT 4,"
           " gen_random_uuid(), 'w', '2025-03-02Z'$$",
           0);
    /* it grows while others are compared, so it is of no repository that they are of */
    db_run(MOVED, "UPDATE github_workflow_configs SET cluster_name = 'elsewhere' WHERE id = 4", 0);
    summed_put(MOVED);
    for (int i = 0; i < 5; i++)
        fill(DB_SUMS);
    run_beside(UNDO);
    run_beside(FIRST);
    summed_end_sessions();
    compare_often("the first edition");
    run_beside(SECOND);
    summed_restore_trust();
    summed_end_sessions();
    compare_often("the second edition");
    run_beside(SECOND); /* again */
    summed_restore_trust();
    run_beside(UNDO " " FIRST);
    run_beside(UNDO " " SECOND);
    expect_right("editions");
    expect_int(
        db_int(DB_SUMS, "SELECT count(*) FROM pg_class WHERE relname = 'wfm_run_changes'", 0), 0);
    summed_put_back();
}

SUITE(moved) = {
    {"a dump", test_dump},
    {"a dump of the rows", test_dump_of_rows},
    {"a dump from another encoding", test_dump_of_latin},
    {"a replica", test_replica},
    {"partitions", test_partitions},
    {"a foreign partition", test_foreign},
    {"a partition that is about to go", test_pending},
    {"a partition of another owner", test_partition_of_another},
    {"a new owner", test_new_owner},
    {"another owner", test_owned},
    {"from one edition to the other", test_editions},
    CU_TEST_INFO_NULL,
};
