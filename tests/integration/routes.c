/*
 * routes.c - reads src/api/routes.c, whose rows begin with "{WFM_", method and template.
 */
#include "routes.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

objects_t seed_objects(const char *name)
{
    objects_t o = {.config = seed_config(DB_A, name)};

    o.schema = seed_schema(DB_A, o.config, 1, 1, "[\"Op\"]", "[\"throughput\"]");
    o.run = seed_run(DB_A, o.config, "failed");
    for (int i = 0; i < 9; i++)
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) VALUES ($1, $2, $3, now(), '{\"Op\": \"GEMM\"}',"
               " jsonb_build_object('throughput', $4::int))",
               4, strf(ID, o.config), strf(ID, o.run), strf(ID, o.schema), strf("%d", i));
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
        else if (segment[1] == ':')
            segment = "/Op";
        path = strf("%s%s", path, segment);
        s += len;
    }
    return strstr(path, "/values") && !strstr(path, "/Op/") ? strf("%s?dimension=Op", path) : path;
}

/* The templates of a method's rows in src/api/routes.c: array of const char *. */
apr_array_header_t *route_templates(const char *method, int at_least)
{
    apr_array_header_t *templates = apr_array_make(fixture_pool(), 32, sizeof(const char *));
    const char *rows;
    char *state, *row;

    fixture_shell(strf("sed -n 's/^ *{WFM_%s, *\"\\([^\"]*\\)\".*/\\1/p' %s/src/api/routes.c",
                       method, fixture_root()),
                  &rows);
    for (row = apr_strtok(apr_pstrdup(fixture_pool(), rows), "\n", &state); row;
         row = apr_strtok(NULL, "\n", &state))
        APR_ARRAY_PUSH(templates, const char *) = row;
    expect(templates->nelts >= at_least, "only %d rows of %s in\n%s", templates->nelts, method,
           rows);
    return templates;
}

/* The paths of all GET rows: array of const char *. */
apr_array_header_t *route_reads(const objects_t *o)
{
    apr_array_header_t *paths = route_templates("GET", 17);

    for (int i = 0; i < paths->nelts; i++)
        APR_ARRAY_IDX(paths, i, const char *) =
            route_path(APR_ARRAY_IDX(paths, i, const char *), o);
    return paths;
}
