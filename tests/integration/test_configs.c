/*
 * test_configs.c - PATCH /configs/:id.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

static http_response_t *patch(apr_int64_t config, const char *body)
{
    return http_json("PATCH", strf("/configs/" ID, config), body);
}

static const char *column(apr_int64_t config, const char *name)
{
    return db_text(DB_A, strf("SELECT (%s)::text FROM github_workflow_configs WHERE id = $1", name),
                   1, strf(ID, config));
}

static void test_each_field(void)
{
    apr_int64_t config = seed_config(DB_A, "before");
    http_response_t *res = patch(config, "{\"name\":\"after\"}");

    expect_success(res);
    expect_keys(res, "data", "id,name,enabled,updated_at");
    expect_json(res, "data.id", strf(ID, config));
    expect_text(res, "data.name", "after");
    expect_json(res, "data.enabled", "true");
    expect_str(column(config, "name"), "after");
    expect_str(column(config, "description"), "seeded");
    expect_success(patch(config, "{\"description\":\"d\xc3\xa9j\xc3\xa0 \\\"vu\\\"\\n\"}"));
    expect_str(column(config, "description"), "d\xc3\xa9j\xc3\xa0 \"vu\"\n");
    expect_success(patch(config, "{\"file_patterns\":[\"a/*.csv\",\"b\\\"\\\\.csv\"]}"));
    expect_str(column(config, "file_patterns"), "[\"a/*.csv\", \"b\\\"\\\\.csv\"]");
    expect_str(column(config, "jsonb_typeof(file_patterns)"), "array");
    expect_json(patch(config, "{\"enabled\":false}"), "data.enabled", "false");
    expect_str(column(config, "enabled"), "false");
    expect_str(column(config, "name"), "after");
}

/* The values that the Go service could not store. */
static void test_falsy_values(void)
{
    apr_int64_t config = seed_config(DB_A, "falsy");
    http_response_t *res =
        patch(config, "{\"enabled\":false,\"description\":\"\",\"file_patterns\":[]}");

    expect_success(res);
    expect_json(res, "data.enabled", "false");
    expect_str(column(config, "enabled"), "false");
    expect_str(column(config, "description"), "");
    expect_str(column(config, "file_patterns"), "[]");
    expect_json(patch(config, "{\"enabled\":true}"), "data.enabled", "true");
}

static void test_null_leaves(void)
{
    apr_int64_t config = seed_config(DB_A, "null");
    http_response_t *res = patch(config, "{\"name\":null,\"enabled\":null,\"description\":null,"
                                         "\"file_patterns\":null}");

    expect_success(res);
    expect_text(res, "data.name", "null");
    expect_str(column(config, "description"), "seeded");
    expect_str(column(config, "enabled"), "true");
    expect_str(column(config, "file_patterns"), "[\"**/summary.csv\"]");
    expect_success(patch(config, "{\"name\":\"given\",\"description\":null}"));
    expect_str(column(config, "name"), "given");
    expect_str(column(config, "description"), "seeded");
}

/* Neither {} nor a body of nulls touches the row; a change moves updated_at, in UTC. */
static void test_updated_at(void)
{
    apr_int64_t config = seed_config(DB_A, "stamps");
    const char *utc = "to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')";
    const char *row = "md5(t::text) FROM (SELECT xmin, * FROM github_workflow_configs) t";

    db_run(DB_A,
           "UPDATE github_workflow_configs SET updated_at = '2025-01-31T12:00:00.25Z'"
           " WHERE id = $1",
           1, strf(ID, config));
    const char *before = db_text(DB_A, strf("SELECT %s WHERE id = " ID, row, config), 0);
    expect_text(patch(config, "{}"), "data.updated_at", "2025-01-31T12:00:00.25Z");
    expect_text(patch(config, "{\"name\":null}"), "data.updated_at", "2025-01-31T12:00:00.25Z");
    expect_str(db_text(DB_A, strf("SELECT %s WHERE id = " ID, row, config), 0), before);
    http_response_t *res = patch(config, "{\"name\":\"stamps\"}");
    expect_success(res);
    expect_contains(json_object_get_string(json_at(res, "data.updated_at", NULL)),
                    column(config, utc));
    expect_str(column(config, "updated_at > now() - interval '1 minute'"), "true");
}

static const char *long_text(int n, const char *one)
{
    char *text = apr_pcalloc(fixture_pool(), n * strlen(one) + 1);

    for (int i = 0; i < n; i++)
        strcat(text, one);
    return text;
}

static void test_name_lengths(void)
{
    apr_int64_t config = seed_config(DB_A, "lengths");
    const char *emoji = long_text(255, "\xf0\x9f\x98\x80");

    expect_success(patch(config, strf("{\"name\":\"%s\"}", long_text(255, "x"))));
    expect_success(patch(config, strf("{\"name\":\"%s\"}", emoji)));
    expect_str(column(config, "name"), emoji);
    expect_field(patch(config, strf("{\"name\":\"%s\"}", long_text(256, "x"))), "name",
                 "must be at most 255 characters");
    expect_field(patch(config, strf("{\"name\":\"%s\"}", long_text(256, "\xc3\xa9"))), "name",
                 "must be at most 255 characters");
    expect_str(column(config, "name"), emoji);
    expect_success(patch(config, strf("{\"description\":\"%s\"}", long_text(5000, "long "))));
}

static void test_wrong_fields(void)
{
    static const struct {
        const char *body, *field, *message;
    } cases[] = {
        {"{\"enabled\":\"true\"}", "enabled", "must be true or false"},
        {"{\"enabled\":1}", "enabled", "must be true or false"},
        {"{\"enabled\":0}", "enabled", "must be true or false"},
        {"{\"enabled\":[]}", "enabled", "must be true or false"},
        {"{\"name\":1}", "name", "must be a string"},
        {"{\"name\":true}", "name", "must be a string"},
        {"{\"name\":[\"x\"]}", "name", "must be a string"},
        {"{\"name\":{}}", "name", "must be a string"},
        {"{\"name\":\"\"}", "name", "must not be blank"},
        {"{\"name\":\" \\t\\n\"}", "name", "must not be blank"},
        {"{\"name\":\"\xc2\xa0\xe2\x80\x83\"}", "name", "must not be blank"},
        {"{\"description\":1}", "description", "must be a string"},
        {"{\"description\":[]}", "description", "must be a string"},
        {"{\"file_patterns\":\"*.csv\"}", "file_patterns", "must be an array of non-blank strings"},
        {"{\"file_patterns\":{}}", "file_patterns", "must be an array of non-blank strings"},
        {"{\"file_patterns\":[1]}", "file_patterns", "must be an array of non-blank strings"},
        {"{\"file_patterns\":[null]}", "file_patterns", "must be an array of non-blank strings"},
        {"{\"file_patterns\":[\"a\",\"\"]}", "file_patterns",
         "must be an array of non-blank strings"},
        {"{\"file_patterns\":[\" \"]}", "file_patterns", "must be an array of non-blank strings"},
        {"{\"nmae\":\"x\"}", "nmae", "is not a known field"},
        {"{\"id\":1}", "id", "is not a known field"},
        {"{\"Name\":\"x\"}", "Name", "is not a known field"},
        {"{\"\":null}", "", "is not a known field"},
        {"{\"updated_at\":\"2025-01-01T00:00:00Z\"}", "updated_at", "is not a known field"},
    };
    apr_int64_t config = seed_config(DB_A, "wrong");
    const char *before = db_fingerprint(DB_A);

    for (size_t i = 0; i < countof(cases); i++) {
        http_response_t *res = patch(config, cases[i].body);
        expect_field(res, cases[i].field, cases[i].message);
        expect_int(json_length_at(res, "errors"), 1);
    }
    expect_str(db_fingerprint(DB_A), before);
}

static void test_all_wrong_fields_at_once(void)
{
    apr_int64_t config = seed_config(DB_A, "all wrong");
    http_response_t *res =
        patch(config, "{\"name\":\"\",\"enabled\":\"no\",\"description\":{},\"file_patterns\":[3],"
                      "\"x\":1,\"y\":null}");

    expect_int(json_length_at(res, "errors"), 6);
    expect_field(res, "name", "must not be blank");
    expect_field(res, "enabled", "must be true or false");
    expect_field(res, "description", "must be a string");
    expect_field(res, "file_patterns", "must be an array of non-blank strings");
    expect_field(res, "x", "is not a known field");
    expect_field(res, "y", "is not a known field");
    expect_str(column(config, "name"), "all wrong");
}

/* Text is data: none of it may reach the SQL. */
static void test_hostile_text(void)
{
    static const char *const texts[] = {"'; DROP TABLE github_workflow_configs; --",
                                        "$1 $2 %s %d %% \\", "<script>alert(1)</script>",
                                        "\xf0\x9f\x9a\x80 \xe2\x80\xae \xc2\xa0x"};
    apr_int64_t config = seed_config(DB_A, "hostile");

    for (size_t i = 0; i < countof(texts); i++) {
        json_object *body = json_object_new_object();
        json_object_object_add(body, "name", json_object_new_string(texts[i]));
        json_object_object_add(body, "description", json_object_new_string(texts[i]));
        http_response_t *res = patch(config, json_object_to_json_string(body));
        json_object_put(body);
        expect_success(res);
        expect_text(res, "data.name", texts[i]);
        expect_str(column(config, "name"), texts[i]);
        expect_str(column(config, "description"), texts[i]);
    }
}

static void test_missing_config(void)
{
    expect_error(http_json("PATCH", "/configs/999999999", "{\"name\":\"x\"}"), 4040,
                 "config not found");
    expect_error(http_json("PATCH", "/configs/999999999", "{}"), 4040, "config not found");
}

/* Two patches of different fields at once: both survive, again and again. */
static void test_concurrent_patches(void)
{
    apr_int64_t config = seed_config(DB_A, "concurrent");
    const char *path = strf("/configs/" ID, config);

    for (int round = 0; round < 10; round++) {
        const char *name = strf("name %d", round), *description = strf("description %d", round);
        http_request_t rqs[8];
        for (int i = 0; i < 8; i++)
            rqs[i] = (http_request_t){.method = "PATCH",
                                      .path = path,
                                      .body = i % 2 ? strf("{\"name\":\"%s\"}", name)
                                                    : strf("{\"description\":\"%s\"}", description),
                                      .headers = {JSON_TYPE}};
        http_response_t **res = http_send_all(rqs, 8);
        for (int i = 0; i < 8; i++)
            expect_success(res[i]);
        expect_str(column(config, "name"), name);
        expect_str(column(config, "description"), description);
    }
}

/* A name given twice in one object: the last one counts, or it is refused; never the first. */
static void test_repeated_key(void)
{
    apr_int64_t config = seed_config(DB_A, "repeated");
    http_response_t *res = patch(config, "{\"name\":\"first\",\"name\":\"last\"}");

    expect_success(res);
    expect_str(column(config, "name"), "last");
}

SUITE(configs) = {
    {"each field is stored and the others stay", test_each_field},
    {"false, empty text and the empty list are stored", test_falsy_values},
    {"null leaves a field as it is", test_null_leaves},
    {"only a change moves updated_at", test_updated_at},
    {"lengths count characters", test_name_lengths},
    {"each field's wrong forms", test_wrong_fields},
    {"all wrong fields at once", test_all_wrong_fields_at_once},
    {"hostile text", test_hostile_text},
    {"a config that is missing", test_missing_config},
    {"concurrent patches of different fields", test_concurrent_patches},
    {"a key given twice", test_repeated_key},
    CU_TEST_INFO_NULL,
};
