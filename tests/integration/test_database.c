/*
 * test_database.c - what the project does to a database: migrations, the API's role, and that the
 * statements of GET /runs find indexes to use.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <stdlib.h>
#include <string.h>

/* All columns with type, default and nullability; without the names that sequences happen to have.
 */
#define COLUMNS                                                                                    \
    "SELECT string_agg(concat_ws(' ', table_name, column_name, data_type,"                         \
    " character_maximum_length, is_nullable, regexp_replace(column_default, '^nextval.*', "        \
    "'serial')),"                                                                                  \
    " E'\\n' ORDER BY table_name, column_name) FROM information_schema.columns"                    \
    " WHERE table_name LIKE 'github_workflow_%'"

#define INDEXES                                                                                    \
    "SELECT string_agg(indexdef, E'\\n' ORDER BY indexdef) FROM pg_indexes"                        \
    " WHERE tablename LIKE 'github_workflow_%'"

static int migrate(const char *dbname, const char **output)
{
    return fixture_shell(
        strf("for f in %s/src/db/schema/*.sql; do %s pg-psql %s %s -f $f || exit 1;"
             " done",
             fixture_root(), fixture_servers_sh(), fixture_dir(), dbname),
        output);
}

static void expect_migrates(const char *dbname)
{
    const char *output;
    int status = migrate(dbname, &output);

    expect(status == 0, "the migrations failed: %s", output);
}

/* The tables as a first release had them: every column that has neither a default nor may be null.
 */
static void make_old_database(const char *dbname)
{
    db_run("postgres", strf("CREATE DATABASE %s", dbname), 0);
    db_run(dbname,
           "CREATE TABLE github_workflow_configs (id BIGSERIAL PRIMARY KEY,"
           " name VARCHAR(255) NOT NULL, runner_set_namespace VARCHAR(255) NOT NULL,"
           " runner_set_name VARCHAR(255) NOT NULL, github_owner VARCHAR(255) NOT NULL,"
           " github_repo VARCHAR(255) NOT NULL)",
           0);
    db_run(dbname,
           "CREATE TABLE github_workflow_runs (id BIGSERIAL PRIMARY KEY,"
           " config_id BIGINT NOT NULL, workload_uid VARCHAR(255) NOT NULL,"
           " error_message TEXT)",
           0);
    db_run(dbname,
           "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
           " runner_set_name, github_owner, github_repo) VALUES ('kept', 'n', 's', 'o', 'r')",
           0);
    db_run(dbname,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, error_message)"
           " SELECT 1, 'w' || i, '' FROM generate_series(1, 50) i",
           0);
}

static void test_old_database(void)
{
    const char *rows = "SELECT (SELECT md5(string_agg(concat_ws(',', id, name, github_repo), ';'))"
                       " FROM github_workflow_configs) || (SELECT md5(string_agg(concat_ws(',', id,"
                       " config_id, workload_uid, error_message), ';' ORDER BY id))"
                       " FROM github_workflow_runs)";
    const char *before, *indexes;

    make_old_database("lens_old");
    before = db_text("lens_old", rows, 0);
    expect_migrates("lens_old");
    expect_str(db_text("lens_old", rows, 0), before);
    expect_str(db_text("lens_old", COLUMNS, 0), db_text(DB_B, COLUMNS, 0));
    expect_str(db_text("lens_old", "SELECT status FROM github_workflow_runs WHERE id = 1", 0),
               "pending");
    indexes = db_text("lens_old", INDEXES, 0);
    expect_migrates("lens_old");
    expect_str(db_text("lens_old", rows, 0), before);
    expect_str(db_text("lens_old", INDEXES, 0), indexes);
    db_run("postgres", "DROP DATABASE lens_old", 0);
}

/* On a database that is in use: nothing changes, nobody waits. */
static void test_again(void)
{
    apr_int64_t config = seed_config(DB_B, "migrated again");
    const char *columns = db_text(DB_B, COLUMNS, 0), *indexes = db_text(DB_B, INDEXES, 0);
    const char *before;

    seed_run(DB_B, config, "failed");
    seed_metric(DB_B, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    before = db_fingerprint(DB_B);
    PGconn *reader = db_open(DB_B);
    db_run_on(reader, "BEGIN");
    db_run_on(reader, "SELECT count(*) FROM github_workflow_runs");
    expect_migrates(DB_B);
    db_run_on(reader, "COMMIT");
    expect_str(db_fingerprint(DB_B), before);
    expect_str(db_text(DB_B, COLUMNS, 0), columns);
    expect_str(db_text(DB_B, INDEXES, 0), indexes);
}

/* An index whose building was interrupted is built anew, not taken for a good one. */
static void test_invalid_index(void)
{
    const char *valid = "SELECT bool_and(indisvalid)::text FROM pg_index WHERE indexrelid ="
                        " 'wfm_runs_config_id'::regclass";

    db_run(DB_B,
           "UPDATE pg_index SET indisvalid = false"
           " WHERE indexrelid = 'wfm_runs_config_id'::regclass",
           0);
    expect_str(db_text(DB_B, valid, 0), "false");
    expect_migrates(DB_B);
    expect_str(db_text(DB_B, valid, 0), "true");
}

static void test_tables(void)
{
    const char *columns = db_text(DB_A, COLUMNS, 0);

    expect_contains(columns, "github_workflow_configs name character varying 255 NO\n");
    expect_contains(columns, "github_workflow_configs file_patterns jsonb NO '[]'::jsonb\n");
    expect_contains(columns, "github_workflow_configs enabled boolean NO true\n");
    expect_contains(columns, "github_workflow_configs cluster_name character varying 255 NO ''");
    expect_contains(columns, "github_workflow_runs head_sha character varying 64 YES\n");
    expect_contains(columns, "github_workflow_runs github_run_number integer YES\n");
    expect_contains(columns, "github_workflow_runs status character varying 50 NO 'pending'");
    expect_contains(columns,
                    "github_workflow_runs trigger_source character varying 50 NO 'realtime'");
    expect_contains(columns, "github_workflow_runs created_at timestamp with time zone NO now()\n");
    expect_contains(columns, "github_workflow_metric_schemas version integer NO 1");
    expect_contains(columns, "github_workflow_metrics id bigint NO serial\n");
    expect_contains(columns, "github_workflow_metrics source_file character varying 1024 YES\n");
    expect_contains(columns, "github_workflow_metrics raw_data jsonb YES\n");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM information_schema.columns"
                      " WHERE table_name LIKE 'github_workflow_%'",
                      0),
               19 + 24 + 12 + 10);
}

/* The role that httpd connects as has these rights and no others. */
static void test_role(void)
{
    const char *rights =
        "SELECT string_agg(t || ' ' || p, ',' ORDER BY t COLLATE \"C\", p) FROM"
        " unnest(ARRAY['configs','metric_schemas','runs','metrics']) t,"
        " unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) p"
        " WHERE has_table_privilege('wfmetrics', 'github_workflow_' || t, p)";

    expect_str(db_text(DB_A, rights, 0),
               "configs DELETE,configs INSERT,configs SELECT,configs UPDATE,"
               "metric_schemas DELETE,metric_schemas INSERT,metric_schemas SELECT,"
               "metric_schemas UPDATE,metrics DELETE,metrics INSERT,metrics SELECT,"
               "runs DELETE,runs INSERT,runs SELECT,runs UPDATE");
    expect_str(db_text(DB_A,
                       "SELECT concat_ws(' ', rolcanlogin, rolsuper, rolcreatedb,"
                       " rolcreaterole, rolreplication, rolbypassrls) FROM pg_roles"
                       " WHERE rolname = 'wfmetrics'",
                       0),
               "t f f f f f");
    expect_str(
        db_text(DB_A, "SELECT has_schema_privilege('wfmetrics', 'public', 'CREATE')::text", 0),
        "false");
    /* Whoever may execute a trigger's function may make it one of his own tables'. All may execute
     * one, so that whoever owns the tables can make partitions: it looks whose rows it is told of.
     */
    expect_str(db_text(DB_A,
                       "SELECT string_agg(DISTINCT proname, ',' ORDER BY proname) FROM pg_proc"
                       " WHERE prosecdef AND has_function_privilege('wfmetrics', oid, 'EXECUTE')",
                       0),
               "wfm_maintain,wfm_missed");
    expect_str(db_text(DB_A,
                       "SELECT string_agg(proname, ',') FROM pg_proc WHERE prosecdef"
                       " AND has_function_privilege('public', oid, 'EXECUTE')",
                       0),
               "wfm_missed");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'S', 'i')"
                      " AND relowner = 'wfmetrics'::regrole",
                      0),
               0);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM pg_stat_activity WHERE usename <> 'wfmetrics'"
                      " AND application_name LIKE 'cluster-%' AND datname = current_database()",
                      0),
               0);
}

/* Have auto_explain write the plans of cluster-a's new connections to PostgreSQL's log. */
static void explain_plans(int on)
{
    const char *database = "ALTER ROLE wfmetrics IN DATABASE " DB_A;

    if (on) {
        db_run(DB_A, strf("%s SET session_preload_libraries = 'auto_explain'", database), 0);
        db_run(DB_A, strf("%s SET auto_explain.log_min_duration = 0", database), 0);
        db_run(DB_A, strf("%s SET auto_explain.log_analyze = on", database), 0);
    } else {
        db_run(DB_A, strf("%s RESET ALL", database), 0);
    }
    db_run("postgres",
           "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
           " WHERE application_name = 'cluster-a'",
           0);
}

static const char *plan_of(const char *path)
{
    const char *log = strf("%s/log", fixture_sockets()), *size, *output;

    fixture_shell(strf("stat -c %%s %s", log), &size);
    expect_success(http_get(path));
    fixture_shell(strf("tail -c +%d %s", atoi(size) + 1, log), &output);
    expect_contains(output, "github_workflow_runs");
    return output;
}

/* No sort of more rows than a page has and the one that tells whether another follows, and no scan
 * of the whole table unless all rows are meant.
 */
static void check_plan(const char *query, int may_scan)
{
    const char *plan = plan_of(strf("/runs?limit=100%s", query));

    for (const char *sort = plan; (sort = strstr(sort, "Sort  (cost")); sort++) {
        const char *input = strstr(sort, "->"); /* a sort under a limit shows what is read of it */
        const char *actual = input ? strstr(input, "(actual") : NULL;
        const char *rows = actual ? strstr(actual, "rows=") : NULL;
        expect(rows && atoi(rows + 5) <= 101, "%s sorts: %.3000s", query, plan);
    }
    expect(may_scan || !strstr(plan, "Seq Scan on github_workflow_runs"),
           "%s scans the table: %.3000s", query, plan);
}

static void test_plans_of_runs(void)
{
    apr_int64_t small = seed_config(DB_A, "small"), large = seed_config(DB_A, "large");

    for (int i = 0; i < 5; i++)
        seed_run(DB_A, small, "completed");
    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, status, created_at)"
           " SELECT $1::bigint, 'big' || i, CASE WHEN i % 1000 = 0 THEN 'extracting'"
           " ELSE 'completed' END, '2020-01-01T00:00:00Z'::timestamptz + i * interval '1 minute'"
           " FROM generate_series(1, 100000) i",
           1, strf(ID, large));
    db_run(DB_A, "VACUUM ANALYZE github_workflow_runs", 0);
    explain_plans(1);
    check_plan("", 1);
    check_plan("&status=extracting", 0);
    check_plan(strf("&config_id=" ID, small), 0);
    check_plan(strf("&config_id=" ID "&status=extracting", large), 0);
    check_plan("&start_date=2020-01-02T00:00:00Z&end_date=2020-01-02T01:00:00Z", 0);
    check_plan("&end_date=2020-01-01T01:00:00Z", 0);
    /* most of the table matches: counting it may scan, reading the page must not sort */
    check_plan("&start_date=2020-01-10T00:00:00Z", 1);
    check_plan("&start_date=2020-01-10T00:00:00Z&end_date=2020-02-20T00:00:00Z&status=completed",
               1);
    check_plan("&status=completed", 1);
    check_plan(strf("&config_id=" ID, large), 1);
    check_plan("&trigger_source=realtime", 1);
    explain_plans(0);
    expect_json(http_get("/runs?start_date=2020-01-02T00:00:00Z&end_date=2020-01-02T01:00:00Z"),
                "data.total", "61");
    expect_int(
        json_length_at(http_get(strf("/runs?offset=99999&config_id=" ID, large)), "data.runs"), 1);
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE config_id = $1", 1, strf(ID, large));
}

/* A collector has the runs when their columns come: the migration fails, and has locked nothing
 * that the collector wants next. */
static void test_old_database_in_use(void)
{
    const char *output;
    PGconn *collector;
    int status;

    make_old_database("lens_busy");
    collector = db_open("lens_busy");
    db_run_on(collector, "BEGIN");
    db_run_on(collector, "UPDATE github_workflow_runs SET workload_uid = workload_uid || 'x'");
    status = migrate("lens_busy", &output);
    expect(status != 0, "it succeeded: %s", output);
    expect_contains(output, "canceling statement due to lock timeout");
    /* what was free has been done, and is free again */
    expect_int(db_int("lens_busy",
                      "SELECT count(*) FROM information_schema.columns"
                      " WHERE table_name = 'github_workflow_configs'",
                      0),
               19);
    db_run_on(collector, "UPDATE github_workflow_configs SET last_checked_at = now()");
    db_run_on(collector, "COMMIT");
    db_close(collector);
    expect_migrates("lens_busy");
    db_run("postgres", "DROP DATABASE lens_busy WITH (FORCE)", 0);
}

SUITE(database) = {
    {"the tables", test_tables},
    {"an older database is migrated, its rows stay", test_old_database},
    {"an older database is migrated beside a collector", test_old_database_in_use},
    {"migrations may be run again", test_again},
    {"a remnant of an index is built anew", test_invalid_index},
    {"the role has no more rights than it needs", test_role},
    {"GET /runs neither sorts nor scans the table", test_plans_of_runs},
    CU_TEST_INFO_NULL,
};
