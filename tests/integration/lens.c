/*
 * lens.c - see lens.h.
 */
#include "lens.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"

/* From our tables to Lens' first ones, and what it adds to them, generation by generation. */
static const struct {
    int generation;
    const char *sql;
} additions[] = {
    {1, "ALTER TABLE github_workflow_configs DROP display_settings"},
    {2, "ALTER TABLE github_workflow_configs ADD display_settings JSONB NOT NULL DEFAULT '{}'"},
    {3, "ALTER TABLE github_workflow_configs ADD runner_set_id BIGINT"},
    {3, "ALTER TABLE github_workflow_runs ADD runner_set_id BIGINT, ADD runner_set_name"
        " VARCHAR(255), ADD runner_set_namespace VARCHAR(255), ALTER config_id DROP NOT NULL,"
        " DROP CONSTRAINT github_workflow_runs_config_id_workload_uid_key"},
    {3, "CREATE UNIQUE INDEX idx_github_workflow_runs_runner_set_workload"
        " ON github_workflow_runs (runner_set_id, workload_uid)"},
    {4, "ALTER TABLE github_workflow_metric_schemas ADD schema_hash VARCHAR(64) NOT NULL"
        " DEFAULT '', ADD is_wide_table BOOLEAN NOT NULL DEFAULT FALSE,"
        " ADD date_columns JSONB NOT NULL DEFAULT '[]',"
        " ADD record_count BIGINT NOT NULL DEFAULT 0,"
        " ADD first_seen_at TIMESTAMP, ADD last_seen_at TIMESTAMP"},
    {4, "CREATE UNIQUE INDEX idx_schema_config_hash ON github_workflow_metric_schemas (config_id,"
        " schema_hash) WHERE schema_hash <> ''"},
    {5, "ALTER TABLE github_workflow_runs ADD workflow_status VARCHAR(50),"
        " ADD workflow_conclusion VARCHAR(50), ADD collection_status VARCHAR(50),"
        " ADD current_job_name VARCHAR(255), ADD current_step_name VARCHAR(255),"
        " ADD progress_percent INT DEFAULT 0, ADD last_synced_at TIMESTAMP"},
};

static void shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
}

static void psql(const char *dbname, const char *file)
{
    shell(strf("%s pg-psql %s %s -v ingest=1 -f %s/%s", fixture_servers_sh(), fixture_dir(), dbname,
               fixture_root(), file));
}

void lens_migrate(const char *dbname, const char *which)
{
    shell(strf("%s pg-psql %s %s $(ls %s/src/db/schema/*.sql | grep '%s' | sed 's/^/-f /')",
               fixture_servers_sh(), fixture_dir(), dbname, fixture_root(), which));
}

void lens_create(const char *dbname, int generation)
{
    db_run("postgres", strf("CREATE DATABASE %s", dbname), 0);
    lens_migrate(dbname, "001");
    for (size_t i = 0; i < countof(additions); i++)
        if (additions[i].generation <= generation)
            db_run(dbname, additions[i].sql, 0);
}

void lens_grant(const char *dbname)
{
    psql(dbname, "src/db/roles/api_role.sql");
}

void lens_drop(const char *dbname)
{
    db_run("postgres", strf("DROP DATABASE %s WITH (FORCE)", dbname), 0);
}

void lens_add_config(const char *dbname)
{
    db_run(dbname,
           "INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name,"
           " github_owner, github_repo) VALUES ('g', 'ns', 'set', 'o', 'r')",
           0);
}

void lens_create_with_row(const char *dbname, int generation)
{
    lens_create(dbname, generation);
    lens_grant(dbname);
    lens_add_config(dbname);
    db_run(dbname,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, status, head_branch,"
           " head_sha) VALUES ($1, 'u', 'completed', 'main', 's')",
           1, generation >= 3 ? NULL : "1");
    db_run(dbname,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " metrics) VALUES (1, 1, 1, now(), '{\"v\":1}')",
           0);
}

int lens_host(const char *dbname)
{
    int port = side_free_port();
    const char *cluster =
        side_replace(strf(SIDE_CLUSTER, dbname, fixture_sockets(), dbname, dbname), "dbname=" DB_A,
                     strf("dbname=%s", dbname));

    return side_start(
               port, strf("<VirtualHost *:%d>\n%s<Location " API_BASE ">\n"
                          "SetHandler wfmetrics\nWfmetricsIngest On\n</Location>\n</VirtualHost>\n",
                          port, cluster)) == 0
               ? port
               : 0;
}

void lens_make_workloads(const char *dbname)
{
    psql(dbname, "tests/support/gpu_workload.sql");
    db_run(dbname, "GRANT SELECT ON gpu_workload TO wfmetrics", 0);
}

void lens_drop_workloads(const char *dbname)
{
    db_run(dbname, "DROP TABLE IF EXISTS gpu_workload", 0);
}

void lens_add_runners(const char *dbname, apr_int64_t config, const char *prefix, int n)
{
    db_run(
        dbname,
        "INSERT INTO gpu_workload (kind, namespace, name, uid, created_at, end_at, labels,"
        " annotations) SELECT 'EphemeralRunner', c.runner_set_namespace, 'runner-' || i,"
        " $2 || '-' || i, t - interval '10 min', t,"
        " jsonb_build_object('actions.github.com/scale-set-name', c.runner_set_name),"
        " jsonb_build_object('actions.github.com/run-id', (9000000000 + i)::text,"
        " 'actions.github.com/job-id', (400 + i)::text, 'actions.github.com/workflow-name',"
        " 'Benchmark', 'actions.github.com/branch', 'main')"
        " FROM github_workflow_configs c, generate_series(1, $3::int) i,"
        " LATERAL (SELECT '2025-01-01T00:00:00Z'::timestamptz + (i - 1) * interval '1 min') _ (t)"
        " WHERE c.id = $1::bigint",
        3, strf(ID, config), prefix, strf("%d", n));
}
