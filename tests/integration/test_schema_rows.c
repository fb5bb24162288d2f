/*
 * test_schema_rows.c - schemas as rows: list, create, read, activate. The one in force is
 * test_schemas.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <stdio.h>
#include <string.h>

#define ROW                                                                                        \
    "id,config_id,name,version,fields,dimension_fields,metric_fields,is_active,generated_by,"      \
    "generation_sample_file,created_at,updated_at,record_count,first_seen_at,last_seen_at"
#define CREATIONS 20

static http_response_t *create(apr_int64_t config, const char *json)
{
    return http_json("POST", strf("/configs/" ID "/schemas", config), json);
}

static http_response_t *list(apr_int64_t config)
{
    return http_get(strf("/configs/" ID "/schemas", config));
}

static http_response_t *get(apr_int64_t schema)
{
    return http_get(strf("/schemas/" ID, schema));
}

static http_response_t *activate(apr_int64_t schema)
{
    return http_json("POST", strf("/schemas/" ID "/activate", schema), NULL);
}

/* The versions that are active, "3" where all is well. */
static const char *active(apr_int64_t config)
{
    return db_text(DB_A,
                   "SELECT string_agg(version::text, ' ' ORDER BY version) FROM"
                   " github_workflow_metric_schemas WHERE config_id = $1 AND is_active",
                   1, strf(ID, config));
}

static apr_int64_t created(const http_response_t *res, int version)
{
    if (!expect_status(res, 201))
        return -1;
    expect_json(res, "meta", "{\"code\":2000}");
    expect_keys(res, "", "meta,data");
    expect_keys(res, "data", "schema_id,version");
    expect_header(res, "Location",
                  strf(API_BASE "/schemas/" ID, json_int_at(res, "data.schema_id")));
    if (version)
        expect_int(json_int_at(res, "data.version"), version);
    return json_int_at(res, "data.schema_id");
}

/* A table that does not say how much a schema was used has it counted from the rows: instants that
 * RFC 3339 cannot say are counted, and neither the first nor the last. */
static void test_counted(void)
{
    apr_int64_t config = seed_config(DB_A, "counted"), ids[2];
    const char *of = "data.schemas.1.";

    for (int i = 0; i < 2; i++)
        ids[i] = created(create(config, "{\"name\":\"s\",\"fields\":[]}"), i + 1);
    expect_json(get(ids[0]), "data.record_count", "0");
    expect_json(get(ids[0]), "data.first_seen_at", "null");
    expect_json(get(ids[0]), "data.last_seen_at", "null");
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp) SELECT "
           "$1::bigint,"
           " 1, $2::bigint, unnest('{2025-03-01T11:00Z, 2025-03-01T10:00:00.25Z, 2025-03-04T09:00Z,"
           " 2025-03-04T08:00Z, 20000-01-01 00:00+00, -infinity}'::timestamptz[]) UNION ALL"
           " SELECT $1::bigint, 1, $3::bigint, '2025-02-01Z' UNION ALL SELECT $1::bigint + 1, 1, "
           "$2::bigint, '2025-01-01Z'",
           3, strf(ID, config), strf(ID, ids[0]), strf(ID, ids[1]));
    for (int i = 0; i < 2; i++) {
        http_response_t *res = i ? get(ids[0]) : list(config);

        expect_success(res);
        expect_json(res, strf("%srecord_count", i ? "data." : of), "6");
        expect_text(res, strf("%sfirst_seen_at", i ? "data." : of), "2025-03-01T10:00:00.25Z");
        expect_text(res, strf("%slast_seen_at", i ? "data." : of), "2025-03-04T09:00:00Z");
    }
    expect_json(get(ids[1]), "data.record_count", "1");
    expect_text(get(ids[1]), "data.first_seen_at", "2025-02-01T00:00:00Z");
}

static void test_create(void)
{
    apr_int64_t config = seed_config(DB_A, "schemas");
    apr_int64_t first = created(create(config, "{\"name\":\"one\",\"fields\":[\"Op\"]}"), 1);
    http_response_t *res = get(first);

    expect_success(res);
    expect_keys(res, "data", ROW);
    expect_json(res, "data.config_id", strf(ID, config));
    expect_text(res, "data.name", "one");
    expect_json(res, "data.version", "1");
    expect_json(res, "data.fields", "[\"Op\"]");
    expect_json(res, "data.dimension_fields", "[]");
    expect_json(res, "data.metric_fields", "[]");
    expect_json(res, "data.is_active", "true");
    expect_text(res, "data.generated_by", "user");
    expect_json(res, "data.generation_sample_file", "null");
    apr_int64_t second = created(
        create(config, "{\"name\":\"tw\xc3\xb6\",\"fields\":[{\"name\":\"Op\",\"type\":\"string\"},"
                       "\"v\"],\"dimension_fields\":[\"Op\",\"a'\\\"b\"],\"metric_fields\":"
                       "[\"v\"],\"is_active\":true,\"id\":7,\"version\":99}"),
        2);
    res = get(second);
    expect_text(res, "data.name", "tw\xc3\xb6");
    expect_json(res, "data.version", "2");
    expect_json(res, "data.fields", "[{\"name\":\"Op\",\"type\":\"string\"},\"v\"]");
    expect_json(res, "data.dimension_fields", "[\"Op\",\"a'\\\"b\"]");
    expect_json(res, "data.metric_fields", "[\"v\"]");
    expect_str(active(config), "2");
    created(create(config, "{\"name\":\"draft\",\"fields\":[],\"is_active\":false}"), 3);
    expect_str(active(config), "2");
    expect_int(db_int(DB_A, "SELECT metric_schema_id FROM github_workflow_configs WHERE id = $1", 1,
                      strf(ID, config)),
               second);
    expect_error(create(999999999, "{\"name\":\"x\",\"fields\":[]}"), 4040, "config not found");
}

/* One more than the highest there is, also where versions are missing. */
static void test_next_version(void)
{
    apr_int64_t config = seed_config(DB_A, "versions"), other = seed_config(DB_A, "other");

    seed_schema(DB_A, config, 7, 0, "[]", "[]");
    seed_schema(DB_A, config, 3, 1, "[]", "[]");
    seed_schema(DB_A, other, 40, 1, "[]", "[]");
    created(create(config, "{\"name\":\"x\",\"fields\":[]}"), 8);
    expect_str(active(config), "8");
    expect_str(active(other), "40");
}

static void test_list(void)
{
    apr_int64_t config = seed_config(DB_A, "list");

    expect_json(list(config), "data",
                "{\"schemas\":[],\"total\":0,\"offset\":0,\"limit\":100,\"next_cursor\":null,"
                "\"current_version\":0}");
    seed_schema(DB_A, config, 2, 1, "[\"Op\"]", "[\"v\"]");
    seed_schema(DB_A, config, 10, 0, "[]", "[]");
    seed_schema(DB_A, config, 1, 1, "[]", "[]");
    seed_schema(DB_A, seed_config(DB_A, "other"), 3, 1, "[]", "[]");
    http_response_t *res = list(config);
    expect_success(res);
    expect_keys(res, "data", "schemas,total,offset,limit,next_cursor,current_version");
    expect_json(res, "data.total", "3");
    expect_json(res, "data.current_version", "2");
    expect_keys(res, "data.schemas.0", ROW);
    expect_json(res, "data.schemas.0.version", "10");
    expect_json(res, "data.schemas.1.version", "2");
    expect_json(res, "data.schemas.2.version", "1");
    expect_json(res, "data.schemas.1.dimension_fields", "[\"Op\"]");
    expect_error(list(999999999), 4040, "config not found");
}

static void test_get(void)
{
    apr_int64_t config = seed_config(DB_A, "get");
    apr_int64_t schema = seed_schema(DB_A, config, 4, 0, "[\"Op\"]", "[\"v\"]");

    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET generated_by = NULL, generation_sample_file ="
           " 'a,b', created_at = '2025-01-31T12:00:00+05:30', updated_at ="
           " '2025-01-31T12:00:00.5Z' WHERE id = $1",
           1, strf(ID, schema));
    http_response_t *res = get(schema);
    expect_success(res);
    expect_json(
        res, "data",
        strf(
            "{\"id\":" ID ",\"config_id\":" ID ",\"name\":\"schema\",\"version\":4,"
            "\"fields\":[{\"name\":\"Op\",\"type\":\"string\"}],\"dimension_fields\":"
            "[\"Op\"],\"metric_fields\":[\"v\"],\"is_active\":false,\"generated_by\":"
            "null,\"generation_sample_file\":\"a,b\",\"created_at\":"
            "\"2025-01-31T06:30:00Z\",\"updated_at\":\"2025-01-31T12:00:00.5Z\",\"record_count\":0,"
            "\"first_seen_at\":null,\"last_seen_at\":null}",
            schema, config));
    expect_error(get(999999999), 4040, "schema not found");
}

/* ---- activate ---- */

static void test_activate(void)
{
    apr_int64_t config = seed_config(DB_A, "activate"), other = seed_config(DB_A, "other");
    apr_int64_t first = seed_schema(DB_A, config, 1, 0, "[]", "[]");

    seed_schema(DB_A, config, 2, 1, "[]", "[]");
    seed_schema(DB_A, config, 3, 1, "[]", "[]");
    seed_schema(DB_A, other, 5, 1, "[]", "[]");
    http_response_t *res = activate(first);
    expect_success(res);
    expect_json(res, "data", "{\"activated\":true}");
    expect_str(active(config), "1");
    expect_str(active(other), "5");
    expect_success(activate(first)); /* again: nothing is different */
    expect_str(active(config), "1");
    expect_json(list(config), "data.current_version", "1");
    expect_json(http_get(strf("/configs/" ID "/schemas/active", config)), "data.id",
                strf(ID, first));
    expect_int(db_int(DB_A, "SELECT metric_schema_id FROM github_workflow_configs WHERE id = $1", 1,
                      strf(ID, config)),
               first);
    expect_error(activate(999999999), 4040, "schema not found");
}

/* What a browser's client sends with a POST that has no body. */
static void test_activate_with_a_form(void)
{
    apr_int64_t config = seed_config(DB_A, "form");
    apr_int64_t schema = seed_schema(DB_A, config, 1, 0, "[]", "[]");
    static const char *const bodies[] = {NULL, "a=b&c=d", "not json"};

    for (size_t i = 0; i < countof(bodies); i++) {
        http_request_t rq = {.method = "POST",
                             .path = strf("/schemas/" ID "/activate", schema),
                             .body = bodies[i],
                             .headers = {"Content-Type: application/x-www-form-urlencoded"}};
        expect_success(http_send(&rq));
        expect_str(active(config), "1");
    }
}

/* ---- concurrency ---- */

static void test_concurrent_creations(void)
{
    apr_int64_t config = seed_config(DB_A, "concurrent");
    http_request_t rqs[CREATIONS];
    int seen[CREATIONS + 1] = {0};

    for (int i = 0; i < CREATIONS; i++)
        rqs[i] = (http_request_t){.method = "POST",
                                  .path = strf("/configs/" ID "/schemas", config),
                                  .body = strf("{\"name\":\"racer %d\",\"fields\":[]}", i),
                                  .headers = {JSON_TYPE}};
    http_response_t **answers = http_send_all(rqs, CREATIONS);
    for (int i = 0; i < CREATIONS; i++) {
        apr_int64_t id = created(answers[i], 0);
        apr_int64_t version = id > 0 ? json_int_at(answers[i], "data.version") : 0;

        if (expect(version >= 1 && version <= CREATIONS, "version " ID " was not to come", version))
            seen[version]++;
        expect_int(db_int(DB_A,
                          "SELECT version FROM github_workflow_metric_schemas WHERE id = $1"
                          " AND name = $2",
                          2, strf(ID, id), strf("racer %d", i)),
                   version);
    }
    for (int version = 1; version <= CREATIONS; version++)
        expect_int(seen[version], 1);
    expect_str(active(config), strf("%d", CREATIONS));
}

static void test_concurrent_activations(void)
{
    apr_int64_t config = seed_config(DB_A, "concurrent");
    http_request_t rqs[CREATIONS];

    for (int i = 0; i < CREATIONS; i++)
        rqs[i] =
            (http_request_t){.method = "POST",
                             .path = strf("/schemas/" ID "/activate",
                                          seed_schema(DB_A, config, i + 1, i == 0, "[]", "[]"))};
    for (int round = 0; round < 3; round++) {
        http_response_t **answers = http_send_all(rqs, CREATIONS);

        for (int i = 0; i < CREATIONS; i++)
            expect_success(answers[i]);
        expect_int(db_int(DB_A,
                          "SELECT count(*) FROM github_workflow_metric_schemas WHERE"
                          " config_id = $1 AND is_active",
                          1, strf(ID, config)),
                   1);
        expect_int(db_int(DB_A,
                          "SELECT count(*) FROM github_workflow_configs c JOIN"
                          " github_workflow_metric_schemas s ON s.id = c.metric_schema_id AND"
                          " s.is_active WHERE c.id = $1",
                          1, strf(ID, config)),
                   1);
    }
}

/* Creations and activations at once: one lock keeps both in order. */
static void test_concurrent_mix(void)
{
    apr_int64_t config = seed_config(DB_A, "mix");
    http_request_t rqs[CREATIONS];

    for (int i = 0; i < CREATIONS; i++)
        rqs[i] =
            i % 2 ? (http_request_t){.method = "POST",
                                     .path = strf("/configs/" ID "/schemas", config),
                                     .body = "{\"name\":\"x\",\"fields\":[]}",
                                     .headers = {JSON_TYPE}}
                  : (http_request_t){.method = "POST",
                                     .path = strf("/schemas/" ID "/activate",
                                                  seed_schema(DB_A, config, i + 1, 0, "[]", "[]"))};
    http_response_t **answers = http_send_all(rqs, CREATIONS);
    for (int i = 0; i < CREATIONS; i++)
        expect_status(answers[i], i % 2 ? 201 : 200);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_metric_schemas WHERE config_id ="
                      " $1 AND is_active",
                      1, strf(ID, config)),
               1);
}

/* ---- inputs ---- */

/* ["0","1",…] */
static const char *array_of(int n)
{
    char *text = apr_palloc(fixture_pool(), (apr_size_t)n * 8 + 3), *end = text;

    for (int i = 0; i < n; i++)
        end += sprintf(end, "%c\"%d\"", i ? ',' : '[', i);
    strcpy(end, "]");
    return text;
}

static void test_wrong_fields(void)
{
    static const char *const is_field =
        "must be an array of fields, each a name or an object with a name";
    static const char *const is_texts = "must be an array of names";
    static const char *const is_long = "must not hold a name of more than 1000 bytes";
    const struct {
        const char *field, *value, *message;
    } cases[] = {
        {"name", "null", "is required"},
        {"name", "\"\"", "must not be blank"},
        {"name", "7", "must be a string"},
        {"name", strf("\"%0256d\"", 0), "must be at most 255 characters"},
        {"fields", "null", "is required"},
        {"fields", "\"Op\"", is_field},
        {"fields", "{}", is_field},
        {"fields", "[1]", is_field},
        {"fields", "[{}]", is_field},
        {"fields", strf("[\"a\",{\"name\":\"%01001d\"}]", 0), is_long},
        {"fields", strf("[\"%01001d\"]", 0), is_long},
        {"dimension_fields", strf("[\"%01001d\"]", 0), is_long},
        {"fields", "[{\"name\":1}]", is_field},
        {"fields", "[null]", is_field},
        {"dimension_fields", "\"Op\"", is_texts},
        {"dimension_fields", "[1]", is_texts},
        {"dimension_fields", "[{\"name\":\"Op\"}]", is_texts},
        {"metric_fields", "{}", is_texts},
        {"metric_fields", "[null]", is_texts},
        {"fields", "[{\"name\":\"a\",\"in\":[{\"x\":1e999999}]}]",
         "must not hold a number beyond the range of a double"},
        {"fields", array_of(1601), "must have at most 1600 items"},
        {"dimension_fields", array_of(1601), "must have at most 1600 items"},
        {"metric_fields", array_of(1601), "must have at most 1600 items"},
        {"is_active", "1", "must be true or false"},
        {"is_active", "\"true\"", "must be true or false"},
    };
    apr_int64_t config = seed_config(DB_A, "wrong");

    for (size_t i = 0; i < countof(cases); i++) {
        const char *name = strcmp(cases[i].field, "name") ? "\"name\":\"x\"," : "";
        const char *fields = strcmp(cases[i].field, "fields") ? "\"fields\":[]," : "";
        http_response_t *res =
            create(config, strf("{%s%s\"%s\":%s}", name, fields, cases[i].field, cases[i].value));
        expect_field(res, cases[i].field, cases[i].message);
        expect_int(json_length_at(res, "errors"), 1);
    }
    http_response_t *res = create(config, "{}");
    expect_int(json_length_at(res, "errors"), 2);
    expect_field(res, "name", "is required");
    expect_field(res, "fields", "is required");
    expect_json(list(config), "data.total", "0");
}

SUITE(schema_rows) = {
    {"create", test_create},
    {"the next version", test_next_version},
    {"list", test_list},
    {"one schema", test_get},
    {"how much a schema was used", test_counted},
    {"activate", test_activate},
    {"activate with a form's content type", test_activate_with_a_form},
    {"of concurrent creations each has its own version", test_concurrent_creations},
    {"of concurrent activations one stays", test_concurrent_activations},
    {"creations and activations at once", test_concurrent_mix},
    {"wrong fields, each by name", test_wrong_fields},
    CU_TEST_INFO_NULL,
};
