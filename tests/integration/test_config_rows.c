/*
 * test_config_rows.c - configs as rows: create and list. What replaces and deletes them is
 * test_config_changes.c's, what changes single fields (PATCH) test_configs.c's.
 */
#include "../support/suite.h"
#include "config_row.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

/* ---- create ---- */

static void test_create(void)
{
    const char *set = config_fresh_set();
    apr_int64_t id = expect_config_created(config_post(config_body("first", set, "")));
    http_response_t *res = config_get(id);

    expect_success(res);
    expect_keys(res, "data", CONFIG_ROW);
    expect_json(res, "data.id", strf(ID, id));
    expect_text(res, "data.name", "first");
    expect_json(res, "data.description", "null");
    expect_text(res, "data.runner_set_namespace", "arc");
    expect_text(res, "data.runner_set_name", set);
    expect_json(res, "data.runner_set_uid", "null");
    expect_text(res, "data.github_owner", "ROCm");
    expect_text(res, "data.github_repo", "bench");
    expect_json(res, "data.workflow_filter", "null");
    expect_json(res, "data.branch_filter", "null");
    expect_json(res, "data.file_patterns", "[\"**/summary.csv\"]");
    expect_json(res, "data.metric_schema_id", "null");
    expect_json(res, "data.enabled", "true");
    expect_json(res, "data.last_processed_workload_uid", "null");
    expect_json(res, "data.last_checked_at", "null");
    expect_text(res, "data.cluster_name", "cluster-a");
    expect_json(res, "data.display_settings", "{}");
    expect_str(config_column(id, "created_at > now() - interval '1 minute'"), "true");
    expect_str(config_column(id, "updated_at = created_at"), "true");
}

static void test_create_with_everything(void)
{
    const char *set = config_fresh_set();
    apr_int64_t id = expect_config_created(config_post(
        config_body("caf\xc3\xa9 \\\"x\\\"", set,
                    ",\"description\":\"\",\"runner_set_uid\":\"u-1\",\"workflow_filter\":\"w*\","
                    "\"branch_filter\":\"main\",\"enabled\":false,\"unknown\":{\"x\":[1]},"
                    "\"display_settings\":{\"chart\":{\"y\":[1.50,null]}}")));
    http_response_t *res = config_get(id);

    expect_text(res, "data.name", "caf\xc3\xa9 \"x\"");
    expect_text(res, "data.description", "");
    expect_text(res, "data.runner_set_uid", "u-1");
    expect_text(res, "data.workflow_filter", "w*");
    expect_text(res, "data.branch_filter", "main");
    expect_json(res, "data.enabled", "false");
    expect_json(res, "data.display_settings", "{\"chart\":{\"y\":[1.50,null]}}");
    expect_contains(res->body, "1.50");
    expect_json(res, "data.file_patterns", "[\"**/summary.csv\"]");
    expect_str(config_column(id, "jsonb_typeof(file_patterns)"), "array");
}

/* Where the tree lies elsewhere, Location does too, and leads to the config. */
static void test_location_below_a_base_path(void)
{
    http_request_t rq = {.host = HOST_LENS,
                         .method = "POST",
                         .base = "/lens" API_BASE,
                         .path = "/configs",
                         .body = config_body("lens", config_fresh_set(), ""),
                         .headers = {JSON_TYPE}};
    http_response_t *res = http_send(&rq);

    expect_config_created_at(res, "cluster-lens", "/lens" API_BASE, "");
    rq = (http_request_t){.host = HOST_LENS, .base = "", .path = http_header(res, "Location")};
    if (rq.path)
        expect_text(http_send(&rq), "data.name", "lens");
}

static void test_create_in_another_cluster(void)
{
    const char *set = config_fresh_set();
    http_response_t *res =
        http_json("POST", "/configs?cluster=cluster-b", config_body("to b", set, ""));
    apr_int64_t id = expect_config_created_at(res, "cluster-b", API_BASE, "?cluster=cluster-b");

    expect_str(db_text(DB_B,
                       "SELECT cluster_name FROM github_workflow_configs WHERE id = $1"
                       " AND runner_set_name = $2",
                       2, strf(ID, id), set),
               "cluster-b");
    http_request_t rq = {.base = "", .path = http_header(res, "Location")};
    if (rq.path)
        expect_text(http_send(&rq), "data.name", "to b");
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_configs WHERE"
                      " runner_set_name = $1",
                      1, set),
               0);
}

static void test_runner_set_is_bound(void)
{
    const char *set = config_fresh_set();
    apr_int64_t id = expect_config_created(config_post(config_body("holder", set, "")));
    const char *before = db_fingerprint(DB_A);

    expect_error(config_post(config_body("second", set, "")), 4090,
                 config_conflict(set, id, "holder"));
    expect_str(db_fingerprint(DB_A), before);
    db_run(DB_A, "UPDATE github_workflow_configs SET cluster_name = '' WHERE id = $1", 1,
           strf(ID, id));
    expect_error(config_post(config_body("third", set, "")), 4090,
                 config_conflict(set, id, "holder"));
    /* another cluster's config is not in the way */
    db_run(DB_A, "UPDATE github_workflow_configs SET cluster_name = 'elsewhere' WHERE id = $1", 1,
           strf(ID, id));
    expect_config_created(config_post(config_body("fourth", set, "")));
}

static void test_concurrent_creations(void)
{
    const char *set = config_fresh_set();
    http_request_t rqs[16];
    http_response_t **answers;
    apr_int64_t winner = -1;
    int made = 0;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.method = "POST",
                                  .path = "/configs",
                                  .body = config_body(strf("racer %d", (int)i), set, ""),
                                  .headers = {JSON_TYPE}};
    answers = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++) {
        if (answers[i]->status == 201) {
            winner = expect_config_created(answers[i]);
            made++;
        }
    }
    expect_int(made, 1);
    for (size_t i = 0; i < countof(rqs); i++)
        if (answers[i]->status != 201)
            expect_error(answers[i], 4090,
                         config_conflict(set, winner, config_column(winner, "name")));
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_configs WHERE"
                      " runner_set_name = $1",
                      1, set),
               1);
}

/* ---- wrong bodies ---- */

static const char *const required[] = {"name",         "runner_set_namespace", "runner_set_name",
                                       "github_owner", "github_repo",          "file_patterns"};

/* A good body with one field's value replaced. */
static const char *with(const char *field, const char *value)
{
    json_object *json = json_literal(config_body("wrong", "nowhere", ""));
    const char *text;

    json_remove(json, field);
    text = json_object_to_json_string(json);
    return strf("%.*s,\"%s\":%s}", (int)strlen(text) - 1, text, field, value);
}

static void check_wrong(const char *field, const char *value, const char *message)
{
    const char *json = with(field, value);
    http_response_t *answers[] = {config_post(json), config_put(1, json)};

    for (size_t i = 0; i < countof(answers); i++) {
        expect_field(answers[i], field, message);
        expect_int(json_length_at(answers[i], "errors"), 1);
    }
}

static void test_wrong_fields(void)
{
    static const char *const optional[] = {"runner_set_uid", "workflow_filter", "branch_filter"};
    const char *before = db_fingerprint(DB_A);
    const char *long_text = strf("\"%0256d\"", 0);

    for (size_t i = 0; i < countof(required); i++) {
        check_wrong(required[i], "null", "is required");
        if (strcmp(required[i], "file_patterns") == 0)
            continue;
        check_wrong(required[i], "\"\"", "must not be blank");
        check_wrong(required[i], "\" \\t\"", "must not be blank");
        check_wrong(required[i], "5", "must be a string");
        check_wrong(required[i], "[\"x\"]", "must be a string");
        check_wrong(required[i], long_text, "must be at most 255 characters");
    }
    for (size_t i = 0; i < countof(optional); i++) {
        check_wrong(optional[i], "true", "must be a string");
        check_wrong(optional[i], long_text, "must be at most 255 characters");
    }
    check_wrong("description", "{}", "must be a string");
    check_wrong("enabled", "\"true\"", "must be true or false");
    check_wrong("enabled", "1", "must be true or false");
    check_wrong("file_patterns", "\"*.csv\"", "must be an array of non-blank strings");
    check_wrong("file_patterns", "[\"a\",\"\"]", "must be an array of non-blank strings");
    check_wrong("file_patterns", "[1]", "must be an array of non-blank strings");
    check_wrong("display_settings", "[]", "must be an object");
    check_wrong("display_settings", "\"{}\"", "must be an object");
    check_wrong("display_settings", "1", "must be an object");
    check_wrong("display_settings", "false", "must be an object");
    check_wrong("display_settings", "{\"a\":[{\"b\":1e999999}]}",
                "must not hold a number beyond the range of a double");
    expect_str(db_fingerprint(DB_A), before);
}

static void test_empty_bodies(void)
{
    http_response_t *answers[] = {config_post("{}"), config_put(1, "{}")};

    for (size_t i = 0; i < countof(answers); i++) {
        expect_int(json_length_at(answers[i], "errors"), (int)countof(required));
        for (size_t f = 0; f < countof(required); f++)
            expect_field(answers[i], required[f], "is required");
    }
    expect_error(config_post("[]"), 4000, "the body must be a JSON object");
    expect_error(config_post("{\"name\":\"x\""), 4000, "invalid JSON at byte 11");
    expect_error(config_post(NULL), 4000, "invalid JSON at byte 0");
    http_request_t form = {.method = "POST",
                           .path = "/configs",
                           .body = "name=x",
                           .headers = {"Content-Type: application/x-www-form-urlencoded"}};
    expect_status(http_send(&form), 415);
}

/* ---- list ---- */

static apr_int64_t seed_listed(const char *name, const char *cluster, const char *owner,
                               const char *repo, const char *enabled)
{
    return db_int(DB_A,
                  "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                  " runner_set_name, github_owner, github_repo, cluster_name, enabled)"
                  " VALUES ($1, 'ns', gen_random_uuid()::text, $3, $4, $2, $5) RETURNING id",
                  5, name, cluster, owner, repo, enabled);
}

/* The ids of the list, "3 2 1", and a total to match. */
static const char *listed(const char *query)
{
    http_response_t *res = http_get(strf("/configs%s", query));
    const char *ids = "";

    if (!expect_success(res))
        return NULL;
    expect_keys(res, "data", "configs,total,offset,limit,cluster_name");
    expect_text(res, "data.cluster_name", "cluster-a");
    for (int i = 0; i < json_length_at(res, "data.configs"); i++)
        ids = strf("%s%s" ID, ids, i ? " " : "", json_int_at(res, strf("data.configs.%d.id", i)));
    expect_int(json_int_at(res, "data.total"), json_length_at(res, "data.configs"));
    return ids;
}

static void test_list_filters(void)
{
    const char *owner = config_fresh_set(); /* keeps other tests' configs out */
    apr_int64_t plain = seed_listed("Attn Bench", "cluster-a", owner, "r1", "t");
    apr_int64_t nobody = seed_listed("attn 100%_x", "", owner, "r2", "f");
    apr_int64_t slash = seed_listed("\xc3\x89t\xc3\xa9 a\\b", "cluster-a", owner, "r1", "f");
    const char *by = strf("?github_owner=%s", owner);

    seed_listed("attn elsewhere", "cluster-b", owner, "r1", "t");
    seed_listed("attn 100%_x", "test", owner, "r2", "f");
    expect_str(listed(by), strf(ID " " ID " " ID, slash, nobody, plain));
    expect_str(listed(strf("%s&name=ATTN", by)), strf(ID " " ID, nobody, plain));
    expect_str(listed(strf("%s&name=tn+be", by)), strf(ID, plain));
    expect_str(listed(strf("%s&name=%%25", by)), strf(ID, nobody));
    expect_str(listed(strf("%s&name=0%%25_X", by)), strf(ID, nobody));
    expect_str(listed(strf("%s&name=_", by)), strf(ID, nobody));
    expect_str(listed(strf("%s&name=A%%5CB", by)), strf(ID, slash));
    expect_str(listed(strf("%s&name=%%5C", by)), strf(ID, slash));
    expect_str(listed(strf("%s&name=%%27;--", by)), "");
    expect_str(listed(strf("%s&name=", by)), strf(ID " " ID " " ID, slash, nobody, plain));
    expect_str(listed(strf("%s&enabled=true", by)), strf(ID, plain));
    expect_str(listed(strf("%s&enabled=false", by)), strf(ID " " ID, slash, nobody));
    expect_str(listed(strf("%s&github_repo=r1", by)), strf(ID " " ID, slash, plain));
    expect_str(listed(strf("%s&github_repo=R1", by)), "");
    expect_str(listed(strf("%s&github_repo=r1&enabled=true&name=bench", by)), strf(ID, plain));
    expect_str(listed("?github_owner=nobody"), "");
}

static void test_list_pages(void)
{
    const char *owner = config_fresh_set();
    apr_int64_t ids[25];
    int seen = 0;

    for (int i = 0; i < 25; i++)
        ids[i] = seed_listed("page", "cluster-a", owner, "r", "t");
    for (int offset = 0; offset <= 28; offset += 7) {
        http_response_t *res =
            http_get(strf("/configs?github_owner=%s&limit=7&offset=%d", owner, offset));
        expect_json(res, "data.total", "25");
        expect_json(res, "data.offset", strf("%d", offset));
        expect_json(res, "data.limit", "7");
        for (int i = 0; i < json_length_at(res, "data.configs"); i++, seen++)
            expect_int(json_int_at(res, strf("data.configs.%d.id", i)), ids[24 - seen]);
    }
    expect_int(seen, 25);
    http_response_t *res = http_get(strf("/configs?github_owner=%s", owner));
    expect_int(json_length_at(res, "data.configs"), 20);
    expect_json(res, "data.limit", "20");
    expect_keys(res, "data.configs.0", CONFIG_ROW);
    expect_json(http_get("/configs?limit=101"), "data.limit", "100");
}

static void test_list_of_another_cluster(void)
{
    apr_int64_t id = db_int(DB_B,
                            "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                            " runner_set_name, github_owner, github_repo, cluster_name) VALUES"
                            " ('in b', 'ns', gen_random_uuid()::text, 'o', 'r', 'cluster-b')"
                            " RETURNING id",
                            0);
    http_response_t *res = http_get("/configs?cluster=cluster-b&name=in+b&limit=1");

    expect_success(res);
    expect_text(res, "data.cluster_name", "cluster-b");
    expect_json(res, "data.configs.0.id", strf(ID, id));
    expect_error(http_get("/configs?cluster=nobody"), 4040, "unknown cluster 'nobody'");
}

static void test_list_wrong_parameters(void)
{
    static const char *const bad[] = {"", "1", "yes", "TRUE", "true%20"};

    for (size_t i = 0; i < countof(bad); i++)
        expect_field(http_get(strf("/configs?enabled=%s", bad[i])), "enabled",
                     "must be true or false");
    expect_field(http_get("/configs?limit=0"), "limit", "must be an integer between 1 and 100");
    expect_field(http_get("/configs?offset=x"), "offset",
                 "must be an integer between 0 and 9223372036854775807");
    expect_field(http_get("/configs?name=a&name=b"), "name", "must be given only once");
}

SUITE(config_rows) = {
    {"create", test_create},
    {"create with every field", test_create_with_everything},
    {"Location below another base path", test_location_below_a_base_path},
    {"create in another cluster", test_create_in_another_cluster},
    {"a bound runner set is a conflict that names its config", test_runner_set_is_bound},
    {"of concurrent creations one wins", test_concurrent_creations},
    {"wrong fields, each by name", test_wrong_fields},
    {"bodies that are none", test_empty_bodies},
    {"the list's filters", test_list_filters},
    {"the list's pages", test_list_pages},
    {"the list of another cluster", test_list_of_another_cluster},
    {"the list's wrong parameters", test_list_wrong_parameters},
    CU_TEST_INFO_NULL,
};
