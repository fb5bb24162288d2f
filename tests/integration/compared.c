/*
 * compared.c - makes runs to compare, and compares them.
 */
#include "compared.h"
#include "db.h"

apr_int64_t compared_run(apr_int64_t config, const char *branch, const char *sha)
{
    return db_int(DB_A,
                  "INSERT INTO github_workflow_runs (config_id, workload_uid, status, head_branch,"
                  " head_sha) VALUES ($1, gen_random_uuid()::text, 'completed', $2, $3)"
                  " RETURNING id",
                  3, strf(ID, config), branch, sha);
}

void compared_row(apr_int64_t config, apr_int64_t run, const char *at, const char *dimensions,
                  const char *metrics)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) VALUES ($1, $2, 1, $3, $4, $5)",
           5, strf(ID, config), strf(ID, run), at, dimensions, metrics);
}

apr_int64_t compared_value(apr_int64_t config, int day, const char *branch, const char *sha,
                           const char *v)
{
    apr_int64_t run = compared_run(config, branch, sha);

    compared_row(config, run, strf("2025-01-%02dT08:00:00Z", day), "{}", strf("{\"v\":%s}", v));
    return run;
}

http_response_t *compared(apr_int64_t config, const char *query)
{
    return http_get(strf("/configs/" ID "/compare?%s", config, query));
}

const char *compared_runs(const http_response_t *res, const char *side)
{
    const char *runs = "";
    int n = json_length_at(res, strf("data.%s.runs", side));

    for (int i = 0; i < n; i++)
        runs = strf("%s%s" ID, runs, i ? "," : "",
                    json_int_at(res, strf("data.%s.runs.%d.run_id", side, i)));
    return runs;
}
