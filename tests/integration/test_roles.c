/*
 * test_roles.c - whoever runs the migrations and the role's script: what they make belongs to the
 * tables' owner, is where his tables are, and is not made twice.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define OWNER "lens_owner"

/* Names of all that is there of ours and belongs to somebody else than the owner. */
#define NOT_THE_OWNERS                                                                             \
    "SELECT string_agg(o.name, ' ' ORDER BY o.name) FROM ("                                        \
    " SELECT relname AS name, relowner AS owner FROM pg_class WHERE relname ~ '^(wfm|github)_'"    \
    " UNION ALL SELECT proname, proowner FROM pg_proc WHERE proname ~ '^wfm_') o"                  \
    " WHERE o.owner <> '" OWNER "'::regrole"
#define OURS                                                                                       \
    "SELECT count(*) FROM (SELECT relname FROM pg_class WHERE relname ~ '^(wfm|github)_'"          \
    " UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^wfm_') o"

static int psql(const char *user, const char *dbname, const char *args, const char **output)
{
    return fixture_shell(
        strf("psql -X -q -h %s -U %s -d %s %s", fixture_sockets(), user, dbname, args), output);
}

static void expect_psql(const char *user, const char *dbname, const char *args)
{
    const char *output;
    int status = psql(user, dbname, args, &output);

    expect(status == 0, "psql -U %s %s: %s", user, args, output);
}

static void expect_psql_fails(const char *user, const char *dbname, const char *args,
                              const char *sentence)
{
    const char *output;
    int status = psql(user, dbname, args, &output);

    expect(status != 0, "psql -U %s %s: it succeeded: %s", user, args, output);
    expect_contains(output, sentence);
}

/* As the README has it. */
static int migrate(const char *user, const char *dbname, const char **output)
{
    return fixture_shell(strf("cat %s/src/db/schema/*.sql | psql -X -q -v ON_ERROR_STOP=1 -h %s"
                              " -U %s -d %s",
                              fixture_root(), fixture_sockets(), user, dbname),
                         output);
}

static void expect_migrates(const char *user, const char *dbname)
{
    const char *output;
    int status = migrate(user, dbname, &output);

    expect(status == 0, "%s cannot migrate %s: %s", user, dbname, output);
}

static const char *file(const char *name)
{
    return strf("-f %s/src/db/%s", fixture_root(), name);
}

static const char *grant_to(const char *role)
{
    return strf("-v role=%s -f %s/src/db/roles/api_role.sql", role, fixture_root());
}

static void make_role(const char *name)
{
    db_run("postgres", strf("DROP ROLE IF EXISTS %s", name), 0);
    db_run("postgres", strf("CREATE ROLE %s LOGIN", name), 0);
}

/* A database of the owner's, with the tables that Lens makes. */
static void make_database(const char *dbname)
{
    if (db_int("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = '" OWNER "'", 0) == 0)
        make_role(OWNER);
    db_run("postgres", strf("CREATE DATABASE %s OWNER " OWNER, dbname), 0);
    expect_psql(OWNER, dbname, file("schema/001_tables.sql"));
}

static void drop_database(const char *dbname)
{
    db_run("postgres", strf("DROP DATABASE %s", dbname), 0);
}

/* A run with its rows comes, as its collector writes it; then the module has it folded. */
static void use_it(const char *dbname)
{
    expect_psql(OWNER, dbname,
                "-c 'INSERT INTO github_workflow_configs (id, name, runner_set_namespace,"
                " runner_set_name, github_owner, github_repo) VALUES (7, 1, 2, 3, 4, 5)'");
    expect_psql(OWNER, dbname,
                "-c \"INSERT INTO github_workflow_metrics (config_id, run_id, schema_id,"
                " timestamp, dimensions, metrics) SELECT 7, 1, 1, '2025-01-01', '{\\\"Op\\\":"
                "\\\"GEMM\\\"}', '{\\\"x\\\":1}' FROM generate_series(1, 68)\"");
    expect_psql("wfmetrics", dbname, "-c 'SELECT wfm_maintain(7)'");
    expect_int(db_int(dbname, "SELECT sum(n) FROM wfm_metric_days WHERE config_id = 7", 0), 68);
    expect_psql("wfmetrics", dbname, "-c 'SELECT * FROM wfm_metric_days'");
    expect_psql("wfmetrics", dbname,
                "-c 'DELETE FROM github_workflow_metrics WHERE config_id = 7' -c 'DELETE FROM "
                "github_workflow_configs'");
}

/* As docs/operating.md has it: nothing of ours is left, and the four tables are. */
static void expect_uninstalls(const char *dbname)
{
    const char *output;
    int status = fixture_shell(strf("for f in $(ls -r %s/src/db/undo/*.sql); do psql -X -q -h %s"
                                    " -U postgres -d %s -f $f || exit 1; done",
                                    fixture_root(), fixture_sockets(), dbname),
                               &output);

    expect(status == 0, "the undo scripts: %s", output);
    expect_int(db_int(dbname,
                      "SELECT (SELECT count(*) FROM pg_class WHERE relname LIKE 'wfm\\_%')"
                      " + (SELECT count(*) FROM pg_proc WHERE proname LIKE 'wfm\\_%')"
                      " + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'wfm\\_%')",
                      0),
               0);
    expect_int(db_int(dbname,
                      "SELECT count(*) FROM pg_class WHERE relname LIKE 'github_%'"
                      " AND relkind = 'r'",
                      0),
               4);
}

static void test_superuser(void)
{
    const char *output, *dump = strf("%s/owner.sql", fixture_dir());
    int status;

    make_database("roles_a");
    expect_migrates("postgres", "roles_a");
    expect_psql("postgres", "roles_a", grant_to("wfmetrics"));
    expect_str(db_text("roles_a", NOT_THE_OWNERS, 0), NULL);
    use_it("roles_a");
    status = fixture_shell(
        strf("pg_dump -h %s -U " OWNER " -f %s roles_a", fixture_sockets(), dump), &output);
    expect(status == 0, "the owner's pg_dump: %s", output);
    db_run("postgres", "CREATE DATABASE roles_restored OWNER " OWNER, 0);
    expect_psql(OWNER, "roles_restored", strf("-v ON_ERROR_STOP=1 -f %s", dump));
    expect_migrates(OWNER, "roles_restored");
    expect_str(db_text("roles_restored", NOT_THE_OWNERS, 0), NULL);
    expect_int(db_int("roles_restored", OURS, 0), db_int("roles_a", OURS, 0));
    drop_database("roles_restored");

    /* What an installation before this rule has: the next run hands it over. */
    db_run("roles_a", "ALTER TABLE wfm_metric_days OWNER TO postgres", 0);
    db_run("roles_a", "ALTER FUNCTION wfm_written() OWNER TO postgres", 0);
    db_run("roles_a", "ALTER PROCEDURE wfm_fold_all() OWNER TO postgres", 0);
    /* beside who writes: it waits for nobody for long */
    PGconn *writer = db_open("roles_a");
    db_run_on(writer, "BEGIN");
    db_run_on(writer, "INSERT INTO wfm_metric_days VALUES (1, now(), 1, 1, '{}', '{}')");
    status = migrate("postgres", "roles_a", &output);
    expect(status != 0, "it has waited, or did not need to: %s", output);
    expect_contains(output, "canceling statement due to lock timeout");
    db_run_on(writer, "ROLLBACK");
    db_close(writer);
    expect_migrates("postgres", "roles_a");
    expect_str(db_text("roles_a", NOT_THE_OWNERS, 0), NULL);
    use_it("roles_a");
    expect_uninstalls("roles_a");
    drop_database("roles_a");
}

/* Where Lens has made only some of the tables, its owner gets the others, too. */
static void test_some_tables(void)
{
    make_database("roles_some");
    db_run("roles_some", "DROP TABLE github_workflow_metrics, github_workflow_runs", 0);
    expect_migrates("postgres", "roles_some");
    expect_str(db_text("roles_some", NOT_THE_OWNERS, 0), NULL);
    drop_database("roles_some");

    db_run("postgres", "CREATE DATABASE roles_none", 0);
    expect_migrates("postgres", "roles_none");
    expect_int(db_int("roles_none",
                      "SELECT count(*) FROM pg_class WHERE relname ~ '^(wfm|github)_'"
                      " AND relowner <> 'postgres'::regrole",
                      0),
               0);
    drop_database("roles_none");

    /* Lens has made none yet, but the database is its. */
    db_run("postgres", "CREATE DATABASE roles_none OWNER " OWNER, 0);
    expect_migrates("postgres", "roles_none");
    expect(db_int("roles_none", OURS, 0) > 0, "nothing was made");
    expect_str(db_text("roles_none", NOT_THE_OWNERS, 0), NULL);
    expect_migrates(OWNER, "roles_none");
    drop_database("roles_none");
}

static void test_owner(void)
{
    make_database("roles_b");
    db_run("postgres", "DROP ROLE IF EXISTS wfm_reader", 0);
    expect_migrates(OWNER, "roles_b");
    expect_str(db_text("roles_b", NOT_THE_OWNERS, 0), NULL);
    expect_psql_fails(OWNER, "roles_b", grant_to("wfm_reader"),
                      "There is no role \"wfm_reader\", and " OWNER " may not make one.");
    expect_psql_fails(OWNER, "roles_b", grant_to("wfm_reader"), "sudo -u postgres psql");
    make_role("wfm_reader");
    expect_psql(OWNER, "roles_b", grant_to("wfm_reader"));
    expect_psql("wfm_reader", "roles_b", "-c 'SELECT * FROM github_workflow_configs'");
    expect_psql(OWNER, "roles_b", grant_to("wfmetrics"));
    use_it("roles_b");
    expect_psql(OWNER, "roles_b", file("undo/004_summaries.sql"));

    /* What the owner of the tables alone cannot grant is said, and not passed over. */
    db_run("postgres", "ALTER DATABASE roles_b OWNER TO postgres", 0);
    db_run("roles_b", "REVOKE CONNECT ON DATABASE roles_b FROM PUBLIC, wfm_reader", 0);
    db_run("roles_b", "GRANT CONNECT ON DATABASE roles_b TO " OWNER, 0);
    expect_psql_fails(OWNER, "roles_b", grant_to("wfm_reader"),
                      "Role \"wfm_reader\" may not connect to database \"roles_b\"");
    expect_psql("postgres", "roles_b", grant_to("wfm_reader"));
    drop_database("roles_b");
    db_run("postgres", "DROP ROLE wfm_reader", 0);
}

#define METRICS "github_workflow_metrics"

/* The right to write metric rows is one that is asked for. */
static void test_ingest(void)
{
    const char *insert = "-c \"INSERT INTO " METRICS " (config_id, run_id, schema_id, timestamp)"
                         " VALUES (1, 1, 1, '2025-01-01')\"";

    make_database("roles_i");
    make_role("wfm_sender");
    expect_migrates("postgres", "roles_i");
    expect_psql(OWNER, "roles_i", grant_to("wfm_sender"));
    expect_psql_fails("wfm_sender", "roles_i", insert, "permission denied");
    expect_psql(OWNER, "roles_i", strf("-v ingest=1 %s", grant_to("wfm_sender")));
    expect_psql("wfm_sender", "roles_i", insert);
    expect_psql("wfm_sender", "roles_i", "-c 'DELETE FROM " METRICS "'");
    expect_psql_fails("wfm_sender", "roles_i", "-c 'UPDATE " METRICS " SET run_id = 2'",
                      "permission denied");
    expect_psql_fails("wfm_sender", "roles_i", "-c 'TRUNCATE " METRICS "'", "permission denied");
    expect_psql_fails("wfm_sender", "roles_i", "-c \"SELECT setval('" METRICS "_id_seq', 1)\"",
                      "permission denied");
    expect_psql(OWNER, "roles_i", grant_to("wfm_sender")); /* takes nothing */
    expect_psql("wfm_sender", "roles_i", insert);
    drop_database("roles_i");
    db_run("postgres", "DROP ROLE wfm_sender", 0);
}

#define BACKUP "lens_backup"

static void expect_dumps(const char *dbname)
{
    const char *output;
    int status = fixture_shell(strf("pg_dump -h %s -U " BACKUP " -f %s/backup.sql %s",
                                    fixture_sockets(), fixture_dir(), dbname),
                               &output);

    expect(status == 0, "pg_dump: %s", output);
}

/* Who may read the four tables can dump the database as before, and not spoil what is kept. */
static void test_backup(void)
{
    static const char *const grantees[] = {BACKUP, "PUBLIC"};

    for (size_t i = 0; i < countof(grantees); i++) {
        make_database("roles_d");
        make_role(BACKUP);
        db_run("roles_d", strf("GRANT SELECT ON ALL TABLES IN SCHEMA public TO %s", grantees[i]),
               0);
        db_run("roles_d", strf("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO %s", grantees[i]),
               0);
        expect_dumps("roles_d");
        expect_migrates("postgres", "roles_d");
        expect_psql("postgres", "roles_d", grant_to("wfmetrics"));
        use_it("roles_d");
        expect_dumps("roles_d");
        expect_psql_fails(BACKUP, "roles_d", "-c 'SELECT wfm_raise_doubt()'", "permission denied");
        expect_psql_fails(BACKUP, "roles_d", "-c \"SELECT nextval('wfm_doubt')\"",
                          "permission denied");
        expect_psql_fails(BACKUP, "roles_d", "-c 'DELETE FROM wfm_marks'", "permission denied");
        expect_psql_fails(BACKUP, "roles_d", "-c 'SELECT wfm_maintain()'", "permission denied");
        expect_migrates(OWNER, "roles_d"); /* again */
        drop_database("roles_d");
    }
    /* some tables are not all; and policies are for those who do not see all */
    make_database("roles_d");
    db_run("roles_d", "GRANT SELECT ON github_workflow_metrics TO " BACKUP, 0);
    db_run("roles_d", "GRANT INSERT ON github_workflow_runs TO " BACKUP, 0);
    expect_migrates("postgres", "roles_d");
    expect_psql_fails(BACKUP, "roles_d", "-c 'SELECT * FROM wfm_marks'", "permission denied");
    db_run("roles_d", "GRANT SELECT ON github_workflow_runs TO " BACKUP, 0);
    db_run("roles_d", "ALTER TABLE github_workflow_runs ENABLE ROW LEVEL SECURITY", 0);
    expect_migrates("postgres", "roles_d");
    expect_psql_fails(BACKUP, "roles_d", "-c 'SELECT * FROM wfm_marks'", "permission denied");
    drop_database("roles_d");
    db_run("postgres", "DROP ROLE " BACKUP, 0);
}

/* Three runs of the summaries' migration at once, each after the other. */
static void test_at_once(void)
{
    const char *output;
    int status;

    make_database("roles_e");
    expect_migrates("postgres", "roles_e");
    expect_psql(OWNER, "roles_e", file("undo/004_summaries.sql"));
    status = fixture_shell(
        strf("for i in 1 2 3; do cat %s/src/db/schema/004*.sql | psql -X -q -v ON_ERROR_STOP=1 -h"
             " %s -U postgres -d roles_e & all=\"$all $!\"; done;"
             " for one in $all; do wait $one || exit 1; done",
             fixture_root(), fixture_sockets()),
        &output);
    expect(status == 0, "three migrations at once: %s", output);
    expect_str(db_text("roles_e", NOT_THE_OWNERS, 0), NULL);
    expect_str(db_text("roles_e", "SELECT state FROM wfm_summaries_status()", 0), "in use");
    drop_database("roles_e");
}

/* Where functions are not everybody's to execute, the summaries are the API's to read all the same;
 * and how a database's transactions are isolated does not matter to the migrations. */
static void test_defaults(void)
{
    make_database("lens_hardened");
    db_run("lens_hardened",
           "ALTER DEFAULT PRIVILEGES FOR ROLE postgres, " OWNER
           " REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
           0);
    db_run("lens_hardened",
           "ALTER DATABASE lens_hardened SET default_transaction_isolation = 'serializable'", 0);
    expect_migrates("postgres", "lens_hardened");
    db_run("lens_hardened", "ALTER DATABASE lens_hardened RESET ALL", 0);
    expect_psql("postgres", "lens_hardened", grant_to("wfmetrics"));
    expect_psql("wfmetrics", "lens_hardened",
                "-v ON_ERROR_STOP=1 -c 'SELECT * FROM wfm_summaries_status()' -c \"SELECT * FROM"
                " wfm_unclean('m', 7)\" -c \"SELECT wfm_day(now()), wfm_day_end(now()),"
                " wfm_object('{}')\"");
    use_it("lens_hardened");
    drop_database("lens_hardened");
}

static void test_no_tables(void)
{
    db_run("postgres", "CREATE DATABASE roles_empty", 0);
    expect_psql_fails("postgres", "roles_empty", grant_to("wfmetrics"), "Run the migrations first");
    drop_database("roles_empty");
}

static void test_schema(void)
{
    const char *elsewhere = "SELECT count(*) FROM pg_class WHERE relname ~ '^(wfm|github)_'"
                            " AND relnamespace <> 'lens'::regnamespace";

    make_database("roles_s");
    db_run("roles_s", "CREATE SCHEMA lens AUTHORIZATION " OWNER, 0);
    db_run("roles_s", "ALTER TABLE github_workflow_configs SET SCHEMA lens", 0);
    db_run("roles_s", "ALTER TABLE github_workflow_runs SET SCHEMA lens", 0);
    db_run("roles_s", "ALTER TABLE github_workflow_metrics SET SCHEMA lens", 0);
    db_run("roles_s", "ALTER TABLE github_workflow_metric_schemas SET SCHEMA lens", 0);
    expect_migrates("postgres", "roles_s");
    for (const char *const *f =
             (const char *const[]){"001_tables", "002_columns", "003_indexes",
                                   "004_summaries_1_tables", "004_summaries_2_reading",
                                   "004_summaries_3_writing", "004_summaries_4_folding",
                                   "005_deleted", "006_backfill", "007_acknowledged", NULL};
         *f; f++)
        expect_psql(OWNER, "roles_s", file(strf("schema/%s.sql", *f)));
    expect_int(db_int("roles_s", elsewhere, 0), 0);
    expect_str(db_text("roles_s", NOT_THE_OWNERS, 0), NULL);
    expect_psql("postgres", "roles_s", grant_to("wfmetrics"));
    expect_psql("wfmetrics", "roles_s",
                "-c 'INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                " runner_set_name, github_owner, github_repo) VALUES (1, 2, 3, 4, 5)'");
    expect_psql("wfmetrics", "roles_s", "-c 'SELECT wfm_maintain(7)'");
    db_run("roles_s", "ALTER ROLE wfmetrics IN DATABASE roles_s RESET search_path", 0);
    {
        const char *output;

        expect_int(psql(OWNER, "roles_s", grant_to("wfmetrics"), &output), 0);
        expect_contains(output, "The tables are in schema lens, which the search path of role"
                                " \"wfmetrics\" does not lead to.");
        expect_contains(output, "write into DBDParams: options=-csearch_path=lens\n");
    }
    db_run("roles_s", "CREATE SCHEMA other", 0);
    db_run("roles_s", "CREATE TABLE other.github_workflow_configs (id INT)", 0);
    expect_psql_fails("postgres", "roles_s", file("schema/001_tables.sql"),
                      "github_workflow_configs is in several schemas (lens, other)");
    expect_migrates("postgres", "'dbname=roles_s options=-csearch_path=lens'");
    expect_psql("postgres", "roles_s", "-c 'DROP TABLE other.github_workflow_configs'");
    expect_uninstalls("roles_s");
    drop_database("roles_s");
}

/* A database from before PostgreSQL 15, whose owner made the tables with everybody's right. */
static void test_open_schema(void)
{
    const char *output;
    int status;

    make_role("lens_old");
    db_run("postgres", "CREATE DATABASE roles_o", 0);
    db_run("roles_o", "GRANT CREATE ON SCHEMA public TO PUBLIC", 0);
    expect_psql("lens_old", "roles_o", file("schema/001_tables.sql"));
    status = migrate("postgres", "roles_o", &output);
    expect(status != 0, "it succeeded: %s", output);
    expect_contains(output, "Write: GRANT CREATE ON SCHEMA public TO lens_old;\n");
    expect_contains(output, "       REVOKE CREATE ON SCHEMA public FROM PUBLIC;\n");
    db_run("roles_o", "GRANT CREATE ON SCHEMA public TO lens_old", 0);
    db_run("roles_o", "REVOKE CREATE ON SCHEMA public FROM PUBLIC", 0);
    expect_migrates("postgres", "roles_o");
    expect_migrates("lens_old", "roles_o");
    expect_psql("lens_old", "roles_o", "-c 'CREATE TABLE mine (i INT)'");
    drop_database("roles_o");
    db_run("postgres", "DROP ROLE lens_old", 0);
}

static const char *indexes(const char *dbname)
{
    return db_text(dbname,
                   "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes"
                   " WHERE tablename LIKE 'github_%' AND indexname !~ '(_pkey|_key)$'",
                   0);
}

/* The indexes that Lens makes itself, and what only looks like one that serves. */
static void test_indexes(void)
{
    make_database("roles_i");
    db_run("roles_i", "CREATE INDEX lens_run ON github_workflow_metrics (run_id)", 0);
    db_run("roles_i",
           "CREATE INDEX lens_time ON github_workflow_metrics (config_id, timestamp DESC, id)"
           " WITH (fillfactor = 90)",
           0);
    db_run("roles_i", "CREATE UNIQUE INDEX lens_config ON github_workflow_runs (config_id, id)", 0);
    db_run("roles_i", "ALTER TABLE github_workflow_runs ADD UNIQUE (status, id)", 0);
    db_run("roles_i",
           "CREATE INDEX lens_created ON github_workflow_runs (created_at DESC, id DESC)", 0);
    db_run("roles_i", "CREATE INDEX lens_github ON github_workflow_runs (config_id, github_run_id)",
           0);
    db_run("roles_i", "CREATE INDEX lens_status ON github_workflow_runs (config_id, status)", 0);
    expect_migrates("postgres", "roles_i");
    expect_str(indexes("roles_i"), "lens_config lens_created lens_github lens_run lens_status"
                                   " lens_time wfm_runs_config_status_id");
    expect_migrates(OWNER, "roles_i");
    expect_str(indexes("roles_i"), "lens_config lens_created lens_github lens_run lens_status"
                                   " lens_time wfm_runs_config_status_id");

    db_run("roles_i", "DROP INDEX lens_run, lens_time, lens_config, lens_created, lens_github", 0);
    db_run("roles_i",
           "CREATE INDEX part ON github_workflow_metrics (run_id)"
           " WHERE config_id = 1",
           0);
    db_run("roles_i", "CREATE INDEX hashed ON github_workflow_metrics USING hash (run_id)", 0);
    db_run("roles_i",
           "CREATE INDEX pattern ON github_workflow_runs (config_id, status"
           " varchar_pattern_ops, id DESC)",
           0);
    db_run("roles_i", "CREATE INDEX remnant ON github_workflow_runs (created_at, id)", 0);
    db_run("roles_i",
           "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'remnant'::regclass", 0);
    expect_migrates("postgres", "roles_i");
    expect_str(indexes("roles_i"),
               "hashed lens_status part pattern remnant wfm_metrics_config_timestamp_id"
               " wfm_metrics_run_id wfm_runs_config_github_run_id wfm_runs_config_id"
               " wfm_runs_config_status_id"
               " wfm_runs_created_at_id");
    drop_database("roles_i");
}

static int migrate_at_once(const char *dbname, const char **output)
{
    return fixture_shell(strf("cat %s/src/db/schema/*.sql | psql -X -q -1 -h %s -U postgres"
                              " -d %s -f -",
                              fixture_root(), fixture_sockets(), dbname),
                         output);
}

/* psql -1, where no index is made concurrently: nobody is to wait for it, unless for a moment. */
static void test_single_transaction(void)
{
    const char *output;
    int status;

    db_run("postgres", "CREATE DATABASE roles_t", 0);
    status = migrate_at_once("roles_t", &output);
    expect(status == 0, "it failed: %s", output);
    expect_str(indexes("roles_t"), indexes(DB_A));
    expect_int(db_int("roles_t", OURS, 0), db_int(DB_A, OURS, 0));
    db_run("roles_t",
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp)"
           " SELECT 1, 1, 1, now() FROM generate_series(1, 10001)",
           0);
    status = migrate_at_once("roles_t", &output);
    expect(status == 0, "it failed: %s", output); /* none is missing */
    db_run("roles_t", "DROP INDEX wfm_runs_status_id", 0);
    status = migrate_at_once("roles_t", &output);
    expect(status == 0, "it failed: %s", output); /* there are few runs */
    db_run("roles_t", "DROP INDEX wfm_metrics_run_id", 0);
    status = migrate_at_once("roles_t", &output);
    expect(status != 0, "it succeeded: %s", output);
    expect_contains(output, "github_workflow_metrics: who writes into this table would wait");
    expect_contains(output, "psql without --single-transaction");
    expect_migrates("postgres", "roles_t");
    expect_str(indexes("roles_t"), indexes(DB_A));
    drop_database("roles_t");
}

SUITE(roles) = {
    {"a superuser migrates, the owner dumps and restores", test_superuser},
    {"tables that are missing become the owner's", test_some_tables},
    {"the owner migrates, and is told what he cannot", test_owner},
    {"the right to store results", test_ingest},
    {"who may read the tables dumps the database", test_backup},
    {"three migrations at once", test_at_once},
    {"a database's own defaults", test_defaults},
    {"the role before the tables", test_no_tables},
    {"tables in another schema", test_schema},
    {"a schema where everybody may create", test_open_schema},
    {"indexes that are there under other names", test_indexes},
    {"a single transaction", test_single_transaction},
    CU_TEST_INFO_NULL,
};
