/*
 * test_partitions.c - databases whose tables are partitioned, or of another schema and owner. Each
 * stands in the place of the one that two hosts serve, one with the summaries and one without.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "moved.h"
#include "summed.h"
#include <stdlib.h>
#include <string.h>

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
    moved_make();
    moved_migrate(DB_MOVED, "001");
    for (size_t i = 0; i < countof(partitioned); i++)
        db_run(DB_MOVED, partitioned[i], 0);
    moved_finish(DB_MOVED);
    summed_put(DB_MOVED);
    moved_fill(DB_SUMS);
}

static void test_partitions(void)
{
    make_partitioned();
    for (size_t i = 0; i < countof(moves); i++) {
        moved_begin();
        db_run(DB_SUMS, moves[i], 0);
        expect_moved_right(moves[i]);
    }
    moved_migrate(DB_SUMS, "."); /* again, with all of it there */
    expect_moved_right("partitions, and the migrations");
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
    moved_begin();
    for (size_t i = 0; i < countof(far); i++) {
        db_run(DB_SUMS, far[i], 0);
        if (strstr(far[i], "EXTENSION"))
            db_run(DB_SUMS,
                   strf("CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s',"
                        " dbname '" DB_SUMS "')",
                        fixture_sockets()),
                   0);
    }
    moved_compare("a foreign partition");
    moved_maintain();
    db_run(DB_SUMS, INTO_FOREIGN, 0);
    db_run(DB_SUMS, "UPDATE github_workflow_metrics SET run_id = 2 WHERE config_id = 1", 0);
    db_run(DB_SUMS, "DELETE FROM github_workflow_metrics WHERE id % 7 = 0", 0);
    moved_compare("a foreign partition, and maintenance");
    expect_str(moved_state(), "in doubt");
    db_run(DB_SUMS, "DROP FOREIGN TABLE m4", 0);
    db_run(DB_SUMS,
           "ALTER TABLE github_workflow_metrics ATTACH PARTITION m3 FOR VALUES FROM"
           " ('2025-03-06Z') TO (MAXVALUE)",
           0);
    moved_migrate(DB_SUMS, "004");
    expect_moved_right("a foreign partition that has gone");
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
    moved_begin();
    reader = db_open(DB_SUMS);
    admin = db_open(DB_SUMS);
    db_run_on(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ;"
                      " SELECT count(*) FROM github_workflow_metrics");
    PQsendQuery(admin, "ALTER TABLE github_workflow_metrics DETACH PARTITION m2 CONCURRENTLY");
    expect_int(summed_wait(is_pending), 1);
    moved_compare("a partition that is about to go");
    moved_maintain();
    moved_compare("a partition that is about to go, and maintenance");
    db_run_on(reader, "COMMIT");
    while (PQgetResult(admin))
        ;
    db_close(reader);
    db_close(admin);
    expect_moved_right("a partition that went");
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
    moved_make();
    moved_migrate(DB_MOVED, "001");
    db_run(DB_MOVED, "CREATE SCHEMA \"lens keep\" AUTHORIZATION " OWNER, 0);
    db_run("postgres", "ALTER DATABASE " DB_MOVED " SET search_path = \"lens keep\", public", 0);
    for (size_t i = 0; i < countof(tables); i++) {
        db_run(DB_MOVED,
               strf("ALTER TABLE public.github_workflow_%s SET SCHEMA \"lens keep\"", tables[i]),
               0);
        db_run(DB_MOVED, strf("ALTER TABLE github_workflow_%s OWNER TO " OWNER, tables[i]), 0);
    }
    db_run(DB_MOVED,
           "GRANT USAGE ON SCHEMA \"lens keep\" TO " COLLECTOR ", wfmetrics, wfmetrics_rows", 0);
    db_run(DB_MOVED,
           "GRANT SELECT, INSERT, UPDATE, DELETE ON github_workflow_configs, github_workflow_runs,"
           " github_workflow_metric_schemas, github_workflow_metrics TO " COLLECTOR,
           0);
    db_run(DB_MOVED, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \"lens keep\" TO " COLLECTOR, 0);
    moved_finish(DB_MOVED);
    db_run(DB_MOVED, "GRANT USAGE ON SCHEMA test TO " COLLECTOR, 0);
    db_run(DB_MOVED, "REVOKE ALL ON SEQUENCE \"lens keep\".wfm_doubt FROM PUBLIC, " COLLECTOR, 0);
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
    moved_migrate(DB_SUMS, "004"); /* hands the rest over */
    moved_begin();
    db_run(DB_SUMS, "DROP TRIGGER wfm_inserted ON m2", 0);
    moved_fill(DB_SUMS);
    moved_compare("a partition of another owner");
    conn = db_open(DB_SUMS);
    PQsetNoticeProcessor(conn, count_notice, &said);
    for (int i = 0; i < 3; i++)
        db_run_on(conn, "SELECT wfm_maintain(), wfm_maintain(1)");
    db_close(conn);
    expect_int(said, 1);
    expect_str(moved_state(), "in doubt");
    expect_int(db_int(DB_SUMS, "SELECT count(*) FROM wfm_marks WHERE \"of\" = 'r'", 0), 0);
    moved_compare("a partition of another owner, and maintenance");
    db_run(DB_SUMS, "ALTER TABLE m2 OWNER TO " OWNER, 0);
    expect_moved_right("a partition that has changed its owner");
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
    moved_begin();
    conn = db_open(DB_SUMS);
    for (size_t i = 0; i < countof(steps); i++)
        db_run_on(conn, steps[i]);
    db_close(conn);
    moved_compare("a new owner's partition");
    moved_migrate(DB_SUMS, "004"); /* hands the rest over */
    expect_moved_right("a new owner's partition");
    moved_begin();
    conn = db_open(DB_SUMS);
    for (size_t i = 0; i < countof(own); i++)
        db_run_on(conn, own[i]);
    db_close(conn);
    expect_str(moved_state(), "in use");
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
    summed_put(DB_MOVED);
    moved_begin();
    collect();
    expect_str(moved_state(), "in use");
    expect_moved_right("a collector without rights");
    moved_begin();
    db_run(DB_SUMS, "REVOKE ALL ON wfm_marks FROM " OWNER, 0);
    collect();
    expect_str(moved_state(), "in doubt");
    moved_compare("an owner without rights");
    db_run(DB_SUMS, "GRANT ALL ON wfm_marks TO " OWNER, 0);
    expect_moved_right("an owner who has his rights again");
    summed_put_back();
    db_run("postgres", "DROP ROLE " COLLECTOR, 0);
    db_run("postgres", "DROP ROLE " OWNER, 0);
}

SUITE(partitions) = {
    {"partitions", test_partitions},
    {"a foreign partition", test_foreign},
    {"a partition that is about to go", test_pending},
    {"a partition of another owner", test_partition_of_another},
    {"a new owner", test_new_owner},
    {"another owner", test_owned},
    CU_TEST_INFO_NULL,
};
