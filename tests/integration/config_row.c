/*
 * config_row.c - makes configs over HTTP, and looks at their rows.
 */
#include "config_row.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"

/* A runner set that no other test uses. */
const char *config_fresh_set(void)
{
    return db_text(DB_A, "SELECT gen_random_uuid()", 0);
}

const char *config_body(const char *name, const char *set, const char *more)
{
    return strf("{\"name\":\"%s\",\"runner_set_namespace\":\"arc\",\"runner_set_name\":\"%s\","
                "\"github_owner\":\"ROCm\",\"github_repo\":\"bench\",\"file_patterns\":"
                "[\"**/summary.csv\"]%s}",
                name, set, more);
}

http_response_t *config_post(const char *json)
{
    return http_json("POST", "/configs", json);
}

http_response_t *config_get(apr_int64_t config)
{
    return http_get(strf("/configs/" ID, config));
}

http_response_t *config_put(apr_int64_t config, const char *json)
{
    return http_json("PUT", strf("/configs/" ID, config), json);
}

const char *config_column(apr_int64_t config, const char *name)
{
    return db_text(DB_A, strf("SELECT (%s)::text FROM github_workflow_configs WHERE id = $1", name),
                   1, strf(ID, config));
}

/* 201 with the new id, which is returned; query is what Location ends in. */
apr_int64_t expect_config_created_at(const http_response_t *res, const char *cluster,
                                     const char *base, const char *query)
{
    apr_int64_t id;

    if (!expect_status(res, 201))
        return -1;
    expect_keys(res, "", "meta,data");
    expect_json(res, "meta", "{\"code\":2000}");
    expect_keys(res, "data", "config_id,cluster_name");
    expect_text(res, "data.cluster_name", cluster);
    id = json_int_at(res, "data.config_id");
    expect_header(res, "Location", strf("%s/configs/" ID "%s", base, id, query));
    expect_header(res, "Content-Type", "application/json");
    expect_header(res, "Cache-Control", "no-cache");
    return id;
}

apr_int64_t expect_config_created(const http_response_t *res)
{
    return expect_config_created_at(res, "cluster-a", API_BASE, "");
}

const char *config_conflict(const char *set, apr_int64_t holder, const char *name)
{
    return strf("the runner set 'arc/%s' is bound already to config " ID " ('%s')", set, holder,
                name);
}
