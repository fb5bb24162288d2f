/*
 * test_schema_fields.c - PATCH /schemas/:id: what a schema's fields say of direction, unit and
 * description, the only part of it that may change.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static apr_int64_t seed(const char *fields, const char *dimensions, const char *metrics)
{
    apr_int64_t config = seed_config(DB_A, "fields of a schema");
    apr_int64_t schema = seed_schema(DB_A, config, 1, 1, dimensions, metrics);

    db_run(DB_A, "UPDATE github_workflow_metric_schemas SET fields = $2 WHERE id = $1", 2,
           strf(ID, schema), fields);
    return schema;
}

static http_response_t *patch(apr_int64_t schema, const char *fields)
{
    return http_json("PATCH", strf("/schemas/" ID, schema), strf("{\"fields\":%s}", fields));
}

static void test_the_answer(void)
{
    apr_int64_t schema =
        seed("[\"Op\",{\"name\":\"time\",\"type\":\"float\",\"scale\":1.50},\"other\"]", "[\"Op\"]",
             "[\"time\",\"speed\"]");
    const char *before = db_text(DB_A,
                                 "SELECT updated_at::text FROM github_workflow_metric_schemas"
                                 " WHERE id = $1",
                                 1, strf(ID, schema));
    http_response_t *res =
        patch(schema, "[{\"name\":\"time\",\"direction\":\"lower\",\"unit\":\"ms\"},{\"name\":"
                      "\"speed\",\"direction\":\"higher\",\"unit\":null},{\"name\":\"Op\","
                      "\"description\":\"the \\\"kernel\\\" é\"}]");
    const char *fields =
        "[{\"name\":\"Op\",\"description\":\"the \\\"kernel\\\" é\"},{\"name\":\"time\",\"type\":"
        "\"float\",\"scale\":1.50,\"direction\":\"lower\",\"unit\":\"ms\"},\"other\",{\"name\":"
        "\"speed\",\"direction\":\"higher\"}]";

    expect_success(res);
    expect_json(res, "data.id", strf(ID, schema));
    expect_json(res, "data.fields", fields);
    expect_contains(res->body, "1.50");
    expect_json(res, "data.metric_fields", "[\"time\",\"speed\"]");
    expect_json(res, "data.version", "1");
    http_response_t *got = http_get(strf("/schemas/" ID, schema));
    expect_str(got->body, res->body);
    expect_header(got, "ETag", http_header(res, "ETag"));
    expect(strcmp(before, db_text(DB_A,
                                  "SELECT updated_at::text FROM"
                                  " github_workflow_metric_schemas WHERE id = $1",
                                  1, strf(ID, schema))) != 0,
           "updated_at stayed");
    /* what is not given stays, what is empty is stored */
    res = patch(schema, "[{\"name\":\"time\",\"direction\":\"\",\"unit\":null}]");
    expect_json(res, "data.fields.1",
                "{\"name\":\"time\",\"type\":\"float\",\"scale\":1.50,\"direction\":\"\",\"unit\":"
                "\"ms\"}");
}

/* Names are data. */
static void test_any_name(void)
{
    apr_int64_t schema = seed("[\"\",\"a, b\",\"it's \\\"q\\\"\",\"通义\",\"100%\"]", "[]", "[]");

    http_response_t *res =
        patch(schema, "[{\"name\":\"\",\"unit\":\"s\"},{\"name\":\"a, b\",\"unit\":"
                      "\"s\"},{\"name\":\"it's \\\"q\\\"\",\"unit\":\"s\"},{\"name\":"
                      "\"通义\",\"unit\":\"s\"},{\"name\":\"100%\",\"unit\":\"s\"}]");
    for (int i = 0; i < 5; i++)
        expect_text(res, strf("data.fields.%d.unit", i), "s");
    expect_int(json_length_at(res, "data.fields"), 5);
}

/* It decides what a change is. */
static void test_verdict(void)
{
    apr_int64_t schema = seed("[\"v\"]", "[]", "[\"v\"]"), config;
    const char *const directions[] = {"higher", "lower"}, *const verdicts[] = {"improvement",
                                                                               "regression"};

    config = db_int(DB_A, "SELECT config_id FROM github_workflow_metric_schemas WHERE id = $1", 1,
                    strf(ID, schema));
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, r, 1, '2025-01-01T00:00:00Z'::timestamptz + r *"
           " interval '1 hour', '{}', jsonb_build_object('v', CASE WHEN r > 10 THEN 20 ELSE 10 END)"
           " FROM generate_series(1, 20) r",
           1, strf(ID, config));
    for (int i = 0; i < 2; i++) {
        expect_success(
            patch(schema, strf("[{\"name\":\"v\",\"direction\":\"%s\"}]", directions[i])));
        http_response_t *res = http_json("POST", strf("/configs/" ID "/metrics/changes", config),
                                         "{\"metric_fields\":[\"v\"]}");
        expect_text(res, "data.series.0.changes.0.direction", directions[i]);
        expect_text(res, "data.series.0.changes.0.verdict", verdicts[i]);
    }
}

static void test_unknown_names(void)
{
    apr_int64_t schema = seed("[\"a\"]", "[]", "[]");
    const char *before = db_fingerprint(DB_A);
    http_response_t *res =
        patch(schema, "[{\"name\":\"a\",\"unit\":\"s\"},{\"name\":\"b\"},{\"name\":\"A\"}]");

    expect_error(
        res, 4000,
        "fields names 'b', which the schema lacks; fields names 'A', which the schema lacks");
    expect_field(res, "fields", "names 'b', which the schema lacks");
    expect_field(res, "fields", "names 'A', which the schema lacks");
    expect_error(patch(999999999, "[{\"name\":\"a\"}]"), 4040, "schema not found");
    expect_str(db_fingerprint(DB_A), before);
}

/* Fields that are no list, as some collectors store them, are none: what only the lists name
 * becomes the first of them. */
static void test_no_list(void)
{
    static const char *const fields[] = {"null", "{\"a\":1}", "7"};

    for (size_t i = 0; i < countof(fields); i++) {
        apr_int64_t schema = seed(fields[i], "[\"Op\"]", "[\"a\"]");

        expect_field(patch(schema, "[{\"name\":\"b\"}]"), "fields",
                     "names 'b', which the schema lacks");
        expect_json(patch(schema, "[{\"name\":\"a\",\"direction\":\"lower\"}]"), "data.fields",
                    "[{\"name\":\"a\",\"direction\":\"lower\"}]");
    }
}

static void test_wrong_inputs(void)
{
    static const char *const wrong[] = {"[]",
                                        "{}",
                                        "\"a\"",
                                        "[\"a\"]",
                                        "[{}]",
                                        "[{\"name\":1}]",
                                        "[{\"name\":null}]",
                                        "[{\"name\":\"a\",\"direction\":\"up\"}]",
                                        "[{\"name\":\"a\",\"direction\":1}]",
                                        "[{\"name\":\"a\",\"unit\":7}]",
                                        "[{\"name\":\"a\",\"description\":[]}]",
                                        "[{\"name\":\"a\",\"type\":\"float\"}]",
                                        "[{\"name\":\"a\"},1]"};
    apr_int64_t schema = seed("[\"a\"]", "[]", "[]");
    const char *path = strf("/schemas/" ID, schema);
    const char *before = db_fingerprint(DB_A);

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(patch(schema, wrong[i]), "fields",
                     "must be an array of 1 to 1600 objects, each with a name and perhaps a"
                     " direction (higher, lower or empty), a unit (at most 255 characters) and a"
                     " description (1000)");
    expect_field(patch(schema, "[{\"name\":\"a\",\"unit\":\"s\"},{\"name\":\"a\"}]"), "fields",
                 "must not name a field twice");
    expect_field(http_json("PATCH", path, "{}"), "fields", "is required");
    expect_field(http_json("PATCH", path, "{\"fields\":null}"), "fields", "is required");
    expect_field(http_json("PATCH", path, "{\"fields\":[{\"name\":\"a\"}],\"name\":\"x\"}"), "name",
                 "is not a known field");
    expect_field(http_json("PATCH", "/schemas/0", "{\"fields\":[{\"name\":\"a\"}]}"), "id",
                 "must be a positive integer");
    expect_str(db_fingerprint(DB_A), before);
}

/* ---- preconditions ---- */

static http_response_t *patch_if(apr_int64_t schema, const char *name, const char *condition)
{
    return http_send(
        &(http_request_t){.method = "PATCH",
                          .path = strf("/schemas/" ID, schema),
                          .body = strf("{\"fields\":[{\"name\":\"%s\",\"unit\":\"s\"}]}", name),
                          .headers = {JSON_TYPE, condition}});
}

static void test_preconditions(void)
{
    apr_int64_t schema = seed("[\"a\"]", "[]", "[]");
    const char *old = http_header(http_get(strf("/schemas/" ID, schema)), "ETag"), *tag;
    const char *unmatched = "none of the tags in If-Match is the current one";

    http_response_t *res = patch_if(schema, "a", strf("If-Match: %s", old));
    expect_success(res);
    tag = http_header(res, "ETag");
    expect_error(patch_if(schema, "a", strf("If-Match: %s", old)), 4120, unmatched);
    /* 400 and 404 come before 412 */
    expect_field(patch_if(schema, "b", strf("If-Match: %s", old)), "fields",
                 "names 'b', which the schema lacks");
    expect_error(patch_if(999999999, "a", strf("If-Match: %s", old)), 4040, "schema not found");
    expect_error(patch_if(schema, "a", strf("If-None-Match: %s", tag)), 4120,
                 "If-None-Match names what is there");
    expect_error(patch_if(schema, "a", "If-None-Match: *"), 4120,
                 "If-None-Match names what is there");
    expect_success(patch_if(schema, "a", "If-Match: *"));
    expect_success(patch_if(schema, "a", strf("If-None-Match: %s", old)));
}

/* Somebody else's patch of another field, which is committed while this one waits, stays. */
static void test_at_once(void)
{
    apr_int64_t schema = seed("[\"a\",\"b\"]", "[]", "[]");
    const char *body = "{\"fields\":[{\"name\":\"b\",\"unit\":\"s\"}]}";
    const char *text = strf("PATCH " API_BASE "/schemas/" ID " HTTP/1.1\r\nHost: " HOST_A "\r\n"
                            "Content-Type: application/json\r\nContent-Length: %d\r\n"
                            "Connection: close\r\n\r\n%s",
                            schema, (int)strlen(body), body);
    PGconn *other = db_open(DB_A);
    int fd, waits = 0;

    db_run_on(other, "BEGIN");
    db_run_on(other, strf("UPDATE github_workflow_metric_schemas SET fields ="
                          " '[{\"name\":\"a\",\"unit\":\"ms\"},\"b\",\"c\"]' WHERE id = " ID,
                          schema));
    fd = http_raw_open(text, strlen(text));
    for (int i = 0; i < 1000 && !waits; i++) {
        usleep(20000);
        waits = (int)db_int(DB_A, "SELECT count(*) FROM pg_locks WHERE NOT granted", 0);
    }
    expect(waits > 0, "it does not wait");
    db_run_on(other, "COMMIT");
    db_close(other);
    expect_contains(http_raw_rest(fd), " 200 OK\r\n");
    expect_json(http_get(strf("/schemas/" ID, schema)), "data.fields",
                "[{\"name\":\"a\",\"unit\":\"ms\"},{\"name\":\"b\",\"unit\":\"s\"},\"c\"]");
}

static void test_read_only_host(void)
{
    apr_int64_t schema = seed("[\"a\"]", "[]", "[]");

    expect_status(http_send(&(http_request_t){.method = "PATCH",
                                              .host = HOST_RO,
                                              .path = strf("/schemas/" ID, schema),
                                              .body = "{\"fields\":[{\"name\":\"a\"}]}",
                                              .headers = {JSON_TYPE}}),
                  403);
}

SUITE(schema_fields) = {
    {"the answer", test_the_answer},
    {"any name", test_any_name},
    {"the verdict of a change", test_verdict},
    {"unknown names", test_unknown_names},
    {"fields that are no list", test_no_list},
    {"wrong inputs", test_wrong_inputs},
    {"preconditions", test_preconditions},
    {"two at once", test_at_once},
    {"a host that may not write", test_read_only_host},
    CU_TEST_INFO_NULL,
};
