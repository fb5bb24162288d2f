/*
 * exports.c - exports, and a config to export.
 */
#include "exports.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"

http_response_t *export(apr_int64_t config, const char *query)
{
    return http_get(strf("/configs/" ID "/export%s", config, query));
}

const char *export_body(apr_int64_t config, const char *query)
{
    http_response_t *res = export(config, query);

    expect_status(res, 200);
    return res->body;
}

csv_table_t *export_table(apr_int64_t config, const char *query)
{
    http_response_t *res = export(config, query);
    csv_table_t *t;

    expect_status(res, 200);
    t = csv_read(res->body, res->len);
    expect(t && !t->ragged, "not a table: %.500s", res->body);
    return t;
}

const char *export_filter(const char *json)
{
    return strf("?dimensions=%s", http_escape(json));
}

apr_int64_t export_bench(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);

    seed_schema(DB_A, config, 1, 1, "[\"Op\",\"Backend:Stage\"]", "[\"throughput\",\"latency\"]");
    return config;
}
