/*
 * test_publications.c - databases that are published: what the migrations make is sent to no
 * subscriber that lacks it. The fixture's PostgreSQL is the publisher, one of its own the
 * subscriber, which knows the first generation's four tables and nothing else.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "summed.h"
#include <string.h>

#define DB_PUBLISHED "lens_published"

/* ---- the subscriber ---- */

static const char *shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
    return output;
}

static const char *subscriber(const char *command, const char *args)
{
    return shell(
        strf("%s pg-%s %s/subscriber %s", fixture_servers_sh(), command, fixture_dir(), args));
}

static const char *there(const char *sql)
{
    return subscriber("psql", strf(DB_PUBLISHED " -Atc \"%s\" 2>&1", sql));
}

static void migrate_there(const char *which)
{
    subscriber("psql",
               strf(DB_PUBLISHED " $(ls %s/src/db/schema/*.sql | grep '%s' | sed 's/^/-f /')",
                    fixture_root(), which));
}

#define FIRST_GENERATION "ALTER TABLE github_workflow_configs DROP display_settings"

static void start_subscriber(void)
{
    shell(strf("PG_SETTINGS='fsync=off wal_retrieve_retry_interval=100ms' %s pg-init"
               " %s/subscriber",
               fixture_servers_sh(), fixture_dir()));
    subscriber("start", "");
}

static void make(const char *publication)
{
    lens_create(DB_PUBLISHED, 1);
    subscriber("psql", "postgres -c 'DROP DATABASE IF EXISTS " DB_PUBLISHED " WITH (FORCE)'"
                       " -c 'CREATE DATABASE " DB_PUBLISHED "' 2>&1");
    migrate_there("001");
    there(FIRST_GENERATION);
    if (*publication)
        db_run(DB_PUBLISHED, strf("CREATE PUBLICATION all_of_it %s", publication), 0);
}

static void subscribe(void)
{
    there(strf("CREATE SUBSCRIPTION lens CONNECTION 'host=%s user=postgres dbname=" DB_PUBLISHED
               "' PUBLICATION all_of_it",
               fixture_sockets()));
}

static int is_let_go(void)
{
    return !db_int("postgres", "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'lens'",
                   0);
}

static void drop(void)
{
    there("DROP SUBSCRIPTION IF EXISTS lens");
    expect_int(summed_wait(is_let_go), 1);
    lens_drop(DB_PUBLISHED);
}

/* ---- a collector, who knows nothing of it ---- */

static int written;

static void collect(void)
{
    const char *n = strf("%d", ++written);

    db_run(DB_PUBLISHED,
           "INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name,"
           " github_owner, github_repo) VALUES ('c', 'n', $1, 'o', 'r')",
           1, n);
    db_run(DB_PUBLISHED,
           "INSERT INTO github_workflow_runs (config_id, workload_uid) VALUES (1, $1)", 1, n);
    db_run(DB_PUBLISHED,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp) SELECT 1,"
           " max(id), 1, '2025-03-01Z' FROM github_workflow_runs",
           0);
    db_run(DB_PUBLISHED, "UPDATE github_workflow_runs SET status = 'failed'", 0);
    db_run(DB_PUBLISHED,
           "DELETE FROM github_workflow_metrics WHERE run_id = (SELECT min(run_id) FROM"
           " github_workflow_metrics)",
           0);
}

#define ROWS                                                                                       \
    "SELECT count(*) || ' ' || (SELECT count(*) FROM github_workflow_runs WHERE status = 'failed'" \
    ") || ' ' || (SELECT count(*) FROM github_workflow_metrics) FROM github_workflow_configs"

static int has_arrived(void)
{
    return !strcmp(strf("%s\n", db_text(DB_PUBLISHED, ROWS, 0)), there(ROWS));
}

/* All arrives, and nothing has stopped what brings it. */
static void expect_arrived(void)
{
    expect_int(summed_wait(has_arrived), 1);
    expect_str(there("SELECT sum(apply_error_count + sync_error_count) FROM"
                     " pg_stat_subscription_stats"),
               "0\n");
}

/* What the API writes, besides what a collector does. */
static void serve(void)
{
    static const char *const writes[] = {
        "INSERT INTO wfm_deleted_configs VALUES (77)",
        "UPDATE wfm_deleted_configs SET deleted_at = now()",
        "DELETE FROM wfm_deleted_configs",
        "INSERT INTO wfm_backfill_tasks (config_id, start_time, end_time) VALUES (1, now(), now())",
        "UPDATE wfm_backfill_tasks SET status = 'completed'",
        "DELETE FROM wfm_backfill_tasks",
        ("INSERT INTO wfm_acknowledged_changes (config_id, field, dimensions, run_id, at, rise)"
         " VALUES (1, 'v', '{}', 1, now(), true)"),
        "UPDATE wfm_acknowledged_changes SET note = 'x'",
        "DELETE FROM wfm_acknowledged_changes",
        "CALL wfm_fold_all()",
        "SELECT wfm_maintain(), wfm_maintain(1)",
    };

    for (size_t i = 0; i < countof(writes); i++)
        db_run(DB_PUBLISHED, writes[i], 0);
}

/* Our tables: p (logged), u (not), or both. */
static const char *kept(void)
{
    return db_text(DB_PUBLISHED,
                   "SELECT string_agg(DISTINCT relpersistence::text, '') || count(*) FROM pg_class"
                   " WHERE relname LIKE 'wfm\\_%' AND relkind = 'r'",
                   0);
}

static int has_display_settings(void)
{
    return (int)db_int(DB_PUBLISHED,
                       "SELECT count(*) FROM pg_attribute WHERE attrelid ="
                       " 'github_workflow_configs'::regclass AND attname = 'display_settings'",
                       0);
}

static const char *state(void)
{
    return db_text(DB_PUBLISHED, "SELECT state FROM wfm_summaries_status()", 0);
}

static int is_trusted(void)
{
    db_run(DB_PUBLISHED, "SELECT wfm_maintain()", 0);
    return !strcmp(state(), "in use");
}

static void expect_summed(void)
{
    expect_int(summed_wait(is_trusted), 1);
    db_run(DB_PUBLISHED, "CALL wfm_fold_all()", 0);
    expect_int(db_int(DB_PUBLISHED, "SELECT sum(n) FROM wfm_run_counts WHERE level = 3", 0),
               db_int(DB_PUBLISHED, "SELECT count(*) FROM github_workflow_runs", 0));
}

/* ---- cases ---- */

#define BY_NAME                                                                                    \
    "github_workflow_runs, github_workflow_metric_schemas, github_workflow_metrics,"               \
    " github_workflow_configs"

/* The migrations come one by one, beside a collector, and again. */
static void test_kinds(void)
{
    static const struct {
        const char *publication, *kept;
        int display_settings;
    } kinds[] = {
        {"FOR ALL TABLES", "u9", 0},
        {"FOR TABLES IN SCHEMA public", "u9", 0},
        {"FOR TABLE " BY_NAME, "p9", 0},
        {"FOR TABLE " BY_NAME " (id, name, runner_set_namespace, runner_set_name, github_owner,"
         " github_repo)",
         "p9", 1},
    };
    static const char *const files[] = {"001", "002", "003", "004", "005", "006", "007", "."};

    for (size_t k = 0; k < countof(kinds); k++) {
        make(kinds[k].publication);
        collect();
        subscribe();
        for (size_t i = 0; i < countof(files); i++) {
            lens_migrate(DB_PUBLISHED, files[i]);
            collect();
        }
        serve();
        expect_arrived();
        expect_str(kept(), kinds[k].kept);
        expect_int(has_display_settings(), kinds[k].display_settings);
        expect_summed();
        drop();
    }
}

/* What is not logged is empty after a crash, and made anew. */
static void test_crash(void)
{
    make("FOR ALL TABLES");
    lens_migrate(DB_PUBLISHED, ".");
    collect();
    collect();
    expect_summed();
    fixture_servers("pg-kill", "");
    fixture_servers("pg-start", "");
    expect_str(state(), "in doubt");
    collect();
    expect_summed();
    serve();
    drop();
}

/* Publications that come and go when our tables are there. */
static void test_later(void)
{
    const char *output;

    make("");
    collect();
    lens_migrate(DB_PUBLISHED, "00[4567]");
    expect_summed();
    expect_str(kept(), "p9");
    db_run(DB_PUBLISHED, "CREATE PUBLICATION all_of_it FOR ALL TABLES", 0);
    expect(fixture_shell(strf("%s pg-psql %s/subscriber " DB_PUBLISHED
                              " -c \"CREATE SUBSCRIPTION lens CONNECTION 'host=%s user=postgres"
                              " dbname=" DB_PUBLISHED "' PUBLICATION all_of_it\" 2>&1",
                              fixture_servers_sh(), fixture_dir(), fixture_sockets()),
                         &output) != 0,
           "tables that a subscriber lacks are not missed");
    expect_contains(output, "relation \"public.wfm_");
    lens_migrate(DB_PUBLISHED, "00[4567]");
    expect_str(kept(), "u9");
    expect_str(state(), "in use");
    subscribe();
    collect();
    serve();
    expect_arrived();
    db_run(DB_PUBLISHED, "ALTER PUBLICATION all_of_it RENAME TO gone", 0);
    there("DROP SUBSCRIPTION lens");
    db_run(DB_PUBLISHED, "DROP PUBLICATION gone", 0);
    lens_migrate(DB_PUBLISHED, "00[4567]");
    expect_str(kept(), "p9");
    expect_summed();
    drop();
}

/* A reader of its own kind, who is not asked which tables he wants. */
static void test_slot(void)
{
    make("");
    db_run(DB_PUBLISHED, "SELECT pg_create_logical_replication_slot('lens', 'test_decoding')", 0);
    lens_migrate(DB_PUBLISHED, ".");
    collect();
    serve();
    expect_str(kept(), "u9");
    expect_int(has_display_settings(), 0);
    expect_int(db_int(DB_PUBLISHED,
                      "SELECT count(*) FROM pg_logical_slot_get_changes('lens', NULL, NULL) WHERE"
                      " data LIKE '%wfm%' OR data LIKE '%display_settings%'",
                      0),
               0);
    db_run(DB_PUBLISHED, "SELECT pg_drop_replication_slot('lens')", 0);
    drop();
}

/* ---- what must be there ---- */

static const char *refused(const char *file, const char *variables)
{
    const char *output = "";
    int status =
        fixture_shell(strf("%s pg-psql %s " DB_PUBLISHED " %s -f %s/src/db/schema/%s 2>&1",
                           fixture_servers_sh(), fixture_dir(), variables, fixture_root(), file),
                      &output);

    expect(status != 0, "%s is not refused: %s", file, output);
    return output;
}

static void known(const char *file)
{
    shell(strf("%s pg-psql %s " DB_PUBLISHED " -v publications=known -f %s/src/db/schema/%s 2>&1",
               fixture_servers_sh(), fixture_dir(), fixture_root(), file));
}

static const char *const unfit[] = {"", "-v publications=", "-v publications=unknown",
                                    "-v publications=KNOWN"};

/* No table of the four is made where whoever is sent its rows may lack it. */
static void test_tables(void)
{
    make("FOR ALL TABLES");
    db_run(DB_PUBLISHED, "DROP TABLE github_workflow_metric_schemas", 0);
    there("DROP TABLE github_workflow_metric_schemas");
    subscribe();
    for (size_t i = 0; i < countof(unfit); i++) {
        const char *output = refused("001_tables.sql", unfit[i]);

        expect_contains(output, "No tables: they would be sent to all who are sent what changes in"
                                " database " DB_PUBLISHED);
        expect_contains(output, "psql -v publications=known");
    }
    expect_int(
        db_int(DB_PUBLISHED, "SELECT count(to_regclass('github_workflow_metric_schemas'))", 0), 0);
    migrate_there("001");
    known("001_tables.sql");
    seed_schema(DB_PUBLISHED, 1, 1, 1, "[]", "[]");
    collect();
    expect_arrived();
    drop();
}

/* Nor a column that the API needs; one that it can do without comes where it is said to be known.
 */
static void test_columns(void)
{
    make("FOR TABLE " BY_NAME);
    there("ALTER TABLE github_workflow_runs DROP head_sha");
    db_run(DB_PUBLISHED, "ALTER TABLE github_workflow_runs DROP head_sha", 0);
    subscribe();
    for (size_t i = 0; i < countof(unfit); i++) {
        const char *output = refused("002_columns.sql", unfit[i]);

        expect_contains(output, "WARNING:  github_workflow_configs lacks the column"
                                " display_settings, which is not added");
        expect_contains(output, "ERROR:  github_workflow_runs lacks the column head_sha, which is"
                                " not added");
        expect_contains(output, "psql -v publications=known");
    }
    expect_int(has_display_settings(), 0);
    migrate_there("002");
    known("002_columns.sql");
    collect();
    db_run(DB_PUBLISHED, "UPDATE github_workflow_configs SET display_settings = '{\"known\": 1}'",
           0);
    db_run(DB_PUBLISHED, "UPDATE github_workflow_runs SET head_sha = 'abc'", 0);
    collect();
    expect_arrived();
    expect_str(there("SELECT count(*) > 0 FROM github_workflow_runs r, github_workflow_configs c"
                     " WHERE r.head_sha = 'abc' AND c.display_settings <> '{}'"),
               "t\n");
    drop();
}

static void stop_subscriber(void)
{
    subscriber("destroy", "");
}

SUITE(publications) = {
    {"the subscriber starts", start_subscriber},
    {"kinds of publications", test_kinds},
    {"a crash of the publisher", test_crash},
    {"publications that come and go", test_later},
    {"a reader of everything", test_slot},
    {"tables that a subscriber must have", test_tables},
    {"columns that a subscriber must have", test_columns},
    {"the subscriber stops", stop_subscriber},
    CU_TEST_INFO_NULL,
};
