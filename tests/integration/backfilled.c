/*
 * backfilled.c - starts backfill tasks, and looks at what became of them.
 */
#include "backfilled.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"

const char *backfill_path(apr_int64_t config, const char *rest)
{
    return strf("/configs/" ID "/backfill%s", config, rest);
}

http_response_t *backfill_start(apr_int64_t config, const char *body)
{
    return http_json("POST", backfill_path(config, ""), body);
}

apr_int64_t backfill_runs(const char *dbname, apr_int64_t config)
{
    return db_int(dbname, "SELECT count(*) FROM github_workflow_runs WHERE config_id = $1", 1,
                  strf(ID, config));
}

/* A config with so many runners, whose uids begin with the name. */
apr_int64_t backfill_seed(const char *name, int n)
{
    apr_int64_t config = seed_config(DB_A, name);

    lens_drop_workloads(DB_A);
    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, name, n);
    return config;
}

void expect_backfill(apr_int64_t config, const char *status, int total, int processed, int failed)
{
    http_response_t *res = http_get(backfill_path(config, "/status"));

    expect_success(res);
    expect_text(res, "data.status", status);
    expect_int(json_int_at(res, "data.total"), total);
    expect_int(json_int_at(res, "data.processed"), processed);
    expect_int(json_int_at(res, "data.failed"), failed);
}

void expect_backfill_started(const http_response_t *res, const char *message, const char *status)
{
    expect_status(res, 202);
    expect_keys(res, "data", "message,task_id,config_id,status");
    expect_json(res, "meta.code", "2000");
    expect_text(res, "data.message", message);
    expect_text(res, "data.status", status);
}
