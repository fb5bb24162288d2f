/*
 * routes.c - turns the templates of the API's paths into paths of real objects.
 */
#include "routes.h"
#include "db.h"
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

objects_t seed_objects(const char *name)
{
    objects_t o = {.config = seed_config(DB_A, name)};
    apr_int64_t compared;

    db_run(DB_A,
           "UPDATE github_workflow_configs SET cluster_name = '', github_repo = 'objects'"
           " WHERE id = $1",
           1, strf(ID, o.config)); /* of a repository that every cluster of the database has */
    o.schema = seed_schema(DB_A, o.config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    o.run = seed_run(DB_A, o.config, "failed");
    db_run(DB_A,
           "INSERT INTO wfm_backfill_tasks (config_id, status, start_time, end_time, started_at,"
           " completed_at) VALUES ($1, 'completed', '2025-01-01Z', '2025-01-02Z', now(), now())",
           1, strf(ID, o.config));
    for (int i = 0; i < 9; i++)
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) VALUES ($1, $2, $3, now(), '{\"Op\": \"GEMM\"}',"
               " jsonb_build_object('throughput', $4::int))",
               4, strf(ID, o.config), strf(ID, o.run), strf(ID, o.schema), strf("%d", i));
    compared = db_int(DB_A,
                      "INSERT INTO github_workflow_runs (config_id, workload_uid, status,"
                      " head_branch) VALUES ($1, gen_random_uuid(), 'completed', 'objects')"
                      " RETURNING id",
                      1, strf(ID, o.config));
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) VALUES ($1, $2, $3, now(), '{\"Op\": \"GEMM\"}',"
           " '{\"throughput\":9}')",
           3, strf(ID, o.config), strf(ID, compared), strf(ID, o.schema));
    return o;
}

/* A template of the route table as a path of these objects. */
const char *route_path(const char *template, const objects_t *o)
{
    apr_int64_t id = !strncmp(template, "/runs", 5)      ? o->run
                     : !strncmp(template, "/schemas", 8) ? o->schema
                                                         : o->config;
    const char *path = "", *s = template;

    while (*s) {
        const char *slash = strchr(s + 1, '/');
        int len = slash ? (int)(slash - s) : (int)strlen(s);
        const char *segment = strf("%.*s", len, s);

        if (!strcmp(segment, "/:id"))
            segment = strf("/" ID, id);
        else if (!strcmp(segment, "/:owner"))
            segment = "/ROCm";
        else if (!strcmp(segment, "/:repo"))
            segment = "/objects";
        else if (segment[1] == ':')
            segment = "/Op";
        path = strf("%s%s", path, segment);
        s += len;
    }
    if (strstr(path, "/acknowledge")) /* what DELETE needs */
        return strf("%s?field=throughput&dimensions=%%7B%%7D&run_id=1", path);
    if (strstr(path, "/compare"))
        return strf("%s?base_branch=objects&head_branch=objects", path);
    return strstr(path, "/values") && !strstr(path, "/Op/") ? strf("%s?dimension=Op", path) : path;
}

/* The paths of all GET rows: array of const char *. */
apr_array_header_t *route_reads(const objects_t *o)
{
    apr_array_header_t *paths = described_templates("GET");

    for (int i = 0; i < paths->nelts; i++)
        APR_ARRAY_IDX(paths, i, const char *) =
            route_path(APR_ARRAY_IDX(paths, i, const char *), o);
    return paths;
}
