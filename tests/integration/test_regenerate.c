/*
 * test_regenerate.c - POST /configs/:id/schemas/regenerate: the schema that sample files or the
 * newest rows would have, stored. What is what in files is the unit suites' (ingest_files …).
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include <string.h>

#define DB_GENERATION          "lens_regenerate"
#define FILE_OF(path, content) "{\"path\":\"" path "\",\"content\":\"" content "\"}"
#define FILES(list)            "{\"sample_files\":[" list "]}"
#define SUMMARY                "Op,batch_size,throughput\\nGEMM,32,157.25\\nAttention,64,N/A\\n"
#define ONE_OR_MORE            "must be an array of 1 to 20 objects, each with a content"
#define NO_ROWS                "the config has no metric rows to infer a schema from: send sample_files"

static const char *path_of(apr_int64_t config)
{
    return strf("/configs/" ID "/schemas/regenerate", config);
}

static http_response_t *regenerate(apr_int64_t config, const char *body)
{
    return http_json("POST", path_of(config), body);
}

static apr_int64_t schemas_of(apr_int64_t config)
{
    return db_int(DB_A, "SELECT count(*) FROM github_workflow_metric_schemas WHERE config_id = $1",
                  1, strf(ID, config));
}

/* A row of so many hours ago. @param raw_data JSON */
static void add_row(apr_int64_t config, int hours, const char *dimensions, const char *metrics,
                    const char *raw_data)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics, raw_data) VALUES ($1, 1, 1, now() - interval '1 hour' * $2::int,"
           " $3::jsonb, $4::jsonb, $5::jsonb)",
           5, strf(ID, config), strf("%d", hours), dimensions, metrics, raw_data);
}

static void test_files(void)
{
    apr_int64_t config = seed_config(DB_A, "files");
    apr_int64_t active = seed_schema(DB_A, config, 4, 1, "[\"x\"]", "[\"y\"]");
    http_response_t *res = regenerate(config, FILES(FILE_OF("out/summary.csv", SUMMARY)));
    const char *id;

    expect_status(res, 201);
    expect_keys(res, "data", "schema_id,version,name,fields,explanation");
    expect_json(res, "data.version", "5");
    expect_text(res, "data.name", "inferred from out/summary.csv");
    expect_json(res, "data.fields",
                "[{\"name\":\"Op\",\"type\":\"string\"},{\"name\":\"batch_size\",\"type\":\"int\"},"
                "{\"name\":\"throughput\",\"type\":\"float\",\"direction\":\"higher\"}]");
    expect_text(res, "data.explanation",
                "Op: dimension, since 'GEMM' (line 2) is no number.\nbatch_size: dimension, since "
                "whole numbers, and its name is one of parameters.\nthroughput: metric, since its "
                "values are numbers; better is higher.");
    id = strf(ID, json_int_at(res, "data.schema_id"));
    expect_header(res, "Location", strf(API_BASE "/schemas/%s", id));
    res = http_get(strf("/schemas/%s", id));
    expect_json(res, "data.is_active", "false");
    expect_text(res, "data.generated_by", "system");
    expect_text(res, "data.generation_sample_file", "out/summary.csv");
    expect_json(res, "data.dimension_fields", "[\"Op\",\"batch_size\"]");
    expect_json(res, "data.metric_fields", "[\"throughput\"]");
    expect_int(json_int_at(http_get(strf("/configs/" ID "/schemas/active", config)), "data.id"),
               active);
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1", 1,
                      strf(ID, config)),
               0);
    expect_json(regenerate(config, FILES("{\"content\":\"a\\n1\\n\",\"path\":null,\"x\":1}")),
                "data.version", "6");
}

/* All or nothing: each file that cannot be read says why. */
static void test_bad_files(void)
{
    apr_int64_t config = seed_config(DB_A, "bad files");
    http_response_t *res =
        regenerate(config, FILES(FILE_OF("a.csv", "a,b\\n\\\"x,1\\n") "," FILE_OF(
                               "b.csv", "") "," FILE_OF("d.csv", "Op,v\\nx,1\\n")));

    expect_field(res, "sample_files", "a.csv: line 2, column 1: a quote that does not end");
    expect_json(res, "errors.1.message", "\"b.csv: the file is empty\"");
    expect_int(json_length_at(res, "errors"), 2);
    expect_field(regenerate(config, FILES(FILE_OF("a.csv", "a,b\\n,N/A\\n"))), "sample_files",
                 "have no column with a value");
    expect_int(schemas_of(config), 0);
}

/* What rows have among dimensions or metrics is that, whatever it looks like; raw_data is inferred,
 * where the others have nothing of the name. */
static void test_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "rows");
    http_response_t *res;

    add_row(config, 3, "{\"Op\":\"GEMM\",\"7\":7,\"both\":1}", "{\"throughput\":157.25}",
            "{\"gpus\":8,\"spread\":\"0.5\",\"throughput\":\"157.25 TFLOPS\"}");
    add_row(config, 1, "{\"Op\":\"Attention\",\"7\":8,\"gone\":null}",
            "{\"batch_size\":64,\"both\":2,\"odd\":\"?\"}",
            "{\"throughput\":\"N/A\",\"host\":\"n1\",\"nested\":{\"a\":1},\"list\":[1],\"no\":null,"
            "\"when\":\"2025-01-31\"}");
    add_row(seed_config(DB_A, "another"), 1, "{\"foreign\":1}", "{\"value\":1}", "{}");
    res = regenerate(config, "{}");
    expect_status(res, 201);
    expect_text(res, "data.name", "inferred from the newest rows");
    expect_json(res, "data.version", "1");
    expect_json(res, "data.fields",
                "[{\"name\":\"7\",\"type\":\"int\"},{\"name\":\"Op\",\"type\":\"string\"},"
                "{\"name\":\"both\",\"type\":\"int\"},{\"name\":\"batch_size\",\"type\":\"float\"},"
                "{\"name\":\"odd\",\"type\":\"float\"},"
                "{\"name\":\"throughput\",\"type\":\"float\",\"direction\":\"higher\"},"
                "{\"name\":\"host\",\"type\":\"string\"},{\"name\":\"gpus\",\"type\":\"int\"},"
                "{\"name\":\"spread\",\"type\":\"float\"}]");
    expect_text(res, "data.explanation",
                "7: dimension, since rows have it among their dimensions.\n"
                "Op: dimension, since rows have it among their dimensions.\n"
                "both: dimension, since rows have it among their dimensions.\n"
                "batch_size: metric, since rows have it among their metrics.\n"
                "odd: metric, since rows have it among their metrics.\n"
                "throughput: metric, since rows have it among their metrics; better is higher.\n"
                "host: dimension, since 'n1' is no number.\n"
                "when: left out, since it holds instants.\n"
                "gpus: dimension, since whole numbers, and its name is one of parameters.\n"
                "spread: metric, since its values are numbers.");
    res = http_get(strf("/schemas/" ID, json_int_at(res, "data.schema_id")));
    expect_json(res, "data.generation_sample_file", "null");
    expect_json(res, "data.dimension_fields", "[\"7\",\"Op\",\"both\",\"host\",\"gpus\"]");
    expect_json(res, "data.metric_fields", "[\"batch_size\",\"odd\",\"throughput\",\"spread\"]");
}

/* The rows are in the units of the schema in force, and whoever said a direction knew it. */
static void test_units(void)
{
    apr_int64_t config = seed_config(DB_A, "units");
    http_response_t *res;

    add_row(config, 1, "{\"Op\":\"x\"}", "{\"wait\":1,\"level\":2,\"time_us\":3,\"odd\":4}",
            "null");
    seed_schema(DB_A, config, 1, 0, "[]", "[]");
    seed_schema(DB_A, config, 2, 1, "[]", "[]");
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET fields = CASE version WHEN 2 THEN $2 ELSE"
           " '[{\"name\":\"level\",\"unit\":\"s\"}]' END::jsonb WHERE config_id = $1",
           2, strf(ID, config),
           "[{\"name\":\"wait\",\"unit\":\"ms\",\"direction\":\"higher\"},\"level\",{\"name\":"
           "\"Op\",\"unit\":\"ms\"},{\"name\":\"time_us\",\"direction\":1},{\"name\":\"none\"},{},"
           "{\"name\":\"odd\",\"unit\":\"bananas\",\"direction\":\"lower\"},null,[1]]");
    res = regenerate(config, NULL);
    expect_status(res, 201);
    expect_json(res, "data.version", "3");
    expect_json(
        res, "data.fields",
        "[{\"name\":\"Op\",\"type\":\"string\"},{\"name\":\"level\",\"type\":\"float\"},{\"name\":"
        "\"odd\",\"type\":\"float\",\"direction\":\"lower\"},{\"name\":\"time_us\",\"type\":"
        "\"float\",\"unit\":\"us\",\"direction\":\"lower\"},{\"name\":\"wait\",\"type\":\"float\","
        "\"unit\":\"ms\",\"direction\":\"higher\"}]");
}

/* A thousand rows, 1600 names, names that can be asked for; what is no object has no names. */
static void test_bounds(void)
{
    apr_int64_t config = seed_config(DB_A, "bounds");
    http_response_t *res;

    add_row(config, 2000, "{\"too old\":\"x\"}", "{\"v\":1}", "null");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics, raw_data) SELECT $1, 1, 1, now() - interval '1 hour' * n, '[1]',"
           " CASE n WHEN 1000 THEN jsonb_build_object('last', 1, repeat('n', 1001), 1,"
           " repeat('n', 1000), 1) ELSE '\"x\"' END, '7' FROM generate_series(1, 1000) n",
           1, strf(ID, config));
    res = regenerate(config, "{}");
    expect_status(res, 201);
    expect_int(json_length_at(res, "data.fields"), 2);
    expect_text(res, "data.fields.0.name", "last");
    config = seed_config(DB_A, "many names");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1, now(), '{}', jsonb_object_agg('m' || n, n) FROM"
           " generate_series(1, 1700) n",
           1, strf(ID, config));
    res = regenerate(config, "{}");
    expect_status(res, 201);
    expect_int(json_length_at(res, "data.fields"), 1600);
    /* more than 8 MiB of cells: the newest rows */
    config = seed_config(DB_A, "many bytes");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics, raw_data) SELECT $1, 1, 1, now() - interval '1 hour' * r, '{}',"
           " jsonb_build_object('v' || r, 1), (SELECT jsonb_object_agg(repeat('n', 900) || n,"
           " repeat('x', 1000)) FROM generate_series(1, 100) n) FROM generate_series(1, 200) r",
           1, strf(ID, config));
    res = regenerate(config, "{}");
    expect_status(res, 201);
    expect_contains(res->body, "\"v1\"");
    expect_lacks(res->body, "\"v200\"");
}

static void test_refused(void)
{
    static const char *const wrong[] = {"[]", "{}", "\"x\"", "[1]", "[{}]", "[{\"content\":1}]"};
    apr_int64_t config = seed_config(DB_A, "refused"), gone = 999999999;
    http_request_t read_only = {.method = "POST",
                                .path = path_of(config),
                                .host = HOST_RO,
                                .body = "{}",
                                .headers = {JSON_TYPE}};

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(regenerate(config, strf("{\"sample_files\":%s}", wrong[i])), "sample_files",
                     ONE_OR_MORE);
    expect_error(regenerate(config, "[]"), 4000, "the body must be a JSON object");
    expect_error(regenerate(config, "{"), 4000, "invalid JSON at byte 1");
    expect_error(regenerate(config, " "), 4000, "invalid JSON at byte 1");
    expect_error(regenerate(config, NULL), 4090, NO_ROWS);
    expect_error(regenerate(config, "{\"sample_files\":null}"), 4090, NO_ROWS);
    add_row(config, 1, "{}", "{\"v\":null}", "null");
    expect_error(regenerate(config, "{}"), 4090, NO_ROWS);
    add_row(gone, 1, "{}", "{\"v\":1}", "null");
    expect_error(regenerate(gone, "{}"), 4040, "config not found");
    expect_error(regenerate(gone, FILES(FILE_OF("a.csv", "a\\n1\\n"))), 4040, "config not found");
    expect_status(http_json("POST", "/configs/x/schemas/regenerate", "{}"), 400);
    expect_error(http_get(path_of(config)), 4050, "method not allowed");
    expect_status(http_send(&read_only), 403);
    expect_int(schemas_of(config), 0);
}

/* Each its own version, beside those that users create. */
static void test_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "at once");
    http_request_t rqs[9];
    http_response_t **res;

    add_row(config, 1, "{\"Op\":\"x\"}", "{\"v\":1}", "null");
    for (int i = 0; i < 9; i++) {
        static const char *const bodies[] = {"{}", FILES(FILE_OF("a.csv", "a\\n1\\n")),
                                             "{\"name\":\"s\",\"fields\":[]}"};

        rqs[i] = (http_request_t){.method = "POST",
                                  .path = i % 3 == 2 ? strf("/configs/" ID "/schemas", config)
                                                     : path_of(config),
                                  .body = bodies[i % 3],
                                  .headers = {JSON_TYPE, "Connection: close"}};
    }
    res = http_send_all(rqs, 9);
    for (int i = 0; i < 9; i++)
        expect_status(res[i], 201);
    expect_int(db_int(DB_A,
                      "SELECT count(DISTINCT version) FROM github_workflow_metric_schemas WHERE"
                      " config_id = $1 AND version BETWEEN 1 AND 9",
                      1, strf(ID, config)),
               9);
}

/* Where schemas have columns more, they have their defaults. */
static void test_generations(void)
{
    static const int generations[] = {1, 4, LENS_NEWEST};

    for (size_t i = 0; i < countof(generations); i++) {
        int port;

        lens_create(DB_GENERATION, generations[i]);
        lens_migrate(DB_GENERATION, ".");
        lens_grant(DB_GENERATION);
        lens_add_config(DB_GENERATION);
        db_run(DB_GENERATION,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) VALUES (1, 1, 1, now(), '{\"Op\":\"x\"}', '{\"v\":1}')",
               0);
        if ((port = lens_host(DB_GENERATION))) {
            http_request_t rq = {.port = port,
                                 .host = DB_GENERATION,
                                 .method = "POST",
                                 .path = "/configs/1/schemas/regenerate"};

            expect_status(http_send(&rq), 201);
            expect_json(http_send(&rq), "data.version", "2");
            rq.method = "GET";
            rq.path = "/schemas/2";
            expect_json(http_send(&rq), "data.metric_fields", "[\"v\"]");
        }
        side_stop();
        lens_drop(DB_GENERATION);
    }
}

SUITE(regenerate) = {
    {"of files", test_files},
    {"of files that cannot be read", test_bad_files},
    {"of the newest rows", test_rows},
    {"units and directions of the schema in force", test_units},
    {"bounds", test_bounds},
    {"what is refused", test_refused},
    {"several at once", test_at_once},
    {"generations of Lens", test_generations},
    CU_TEST_INFO_NULL,
};
