/*
 * steps.c - makes runs and rows whose values change.
 */
#include "steps.h"
#include "db.h"
#include "fixture.h"

apr_int64_t steps_config(const char *name, const char *dimensions, const char *metrics)
{
    apr_int64_t config = seed_config(DB_A, name);

    seed_schema(DB_A, config, 1, 1, dimensions, metrics);
    return config;
}

apr_int64_t steps_runs(apr_int64_t config, int n, const char *from, const char *every,
                       const char *branch)
{
    return db_int(
        DB_A,
        "WITH r AS (INSERT INTO github_workflow_runs (config_id, workload_uid, status,"
        " head_sha, head_branch, workload_started_at) SELECT $1, gen_random_uuid()::text,"
        " 'completed', 'sha' || i, $2, $3::timestamptz + i * $4::interval FROM"
        " generate_series(0, $5::int - 1) i ORDER BY i RETURNING id) SELECT min(id) FROM r",
        5, strf(ID, config), branch, from, every, strf("%d", n));
}

void steps_rows(apr_int64_t config, apr_int64_t first, int n, const char *dimensions,
                const char *metrics)
{
    db_run(DB_A,
           strf("INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                " dimensions, metrics) SELECT $1, r.id, 1, r.workload_started_at, $2, %s FROM"
                " github_workflow_runs r CROSS JOIN LATERAL (SELECT r.id - $3::bigint AS i) x"
                " WHERE r.id BETWEEN $3::bigint AND $3::bigint + $4::bigint - 1",
                metrics),
           4, strf(ID, config), dimensions, strf(ID, first), strf("%d", n));
}
