/*
 * test_config_rows.c - configs as rows: list, create, read, replace, delete. What changes single
 * fields (PATCH) is test_configs.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>
#include <unistd.h>

#define ROW                                                                                        \
    "id,name,description,runner_set_namespace,runner_set_name,runner_set_uid,github_owner,"        \
    "github_repo,workflow_filter,branch_filter,file_patterns,metric_schema_id,enabled,"            \
    "last_processed_workload_uid,last_checked_at,cluster_name,created_at,updated_at,"              \
    "display_settings"

/* A runner set that no other test uses. */
static const char *fresh_set(void)
{
    return db_text(DB_A, "SELECT gen_random_uuid()", 0);
}

static const char *body(const char *name, const char *set, const char *more)
{
    return strf("{\"name\":\"%s\",\"runner_set_namespace\":\"arc\",\"runner_set_name\":\"%s\","
                "\"github_owner\":\"ROCm\",\"github_repo\":\"bench\",\"file_patterns\":"
                "[\"**/summary.csv\"]%s}",
                name, set, more);
}

static http_response_t *create(const char *json)
{
    return http_json("POST", "/configs", json);
}

static http_response_t *get(apr_int64_t config)
{
    return http_get(strf("/configs/" ID, config));
}

static http_response_t *put(apr_int64_t config, const char *json)
{
    return http_json("PUT", strf("/configs/" ID, config), json);
}

static const char *column(apr_int64_t config, const char *name)
{
    return db_text(DB_A, strf("SELECT (%s)::text FROM github_workflow_configs WHERE id = $1", name),
                   1, strf(ID, config));
}

/* 201 with the new id, which is returned; query is what Location ends in. */
static apr_int64_t created_at(const http_response_t *res, const char *cluster, const char *base,
                              const char *query)
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

static apr_int64_t created(const http_response_t *res)
{
    return created_at(res, "cluster-a", API_BASE, "");
}

static const char *conflict(const char *set, apr_int64_t holder, const char *name)
{
    return strf("the runner set 'arc/%s' is bound already to config " ID " ('%s')", set, holder,
                name);
}

/* ---- create ---- */

static void test_create(void)
{
    const char *set = fresh_set();
    apr_int64_t id = created(create(body("first", set, "")));
    http_response_t *res = get(id);

    expect_success(res);
    expect_keys(res, "data", ROW);
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
    expect_str(column(id, "created_at > now() - interval '1 minute'"), "true");
    expect_str(column(id, "updated_at = created_at"), "true");
}

static void test_create_with_everything(void)
{
    const char *set = fresh_set();
    apr_int64_t id = created(
        create(body("caf\xc3\xa9 \\\"x\\\"", set,
                    ",\"description\":\"\",\"runner_set_uid\":\"u-1\",\"workflow_filter\":\"w*\","
                    "\"branch_filter\":\"main\",\"enabled\":false,\"unknown\":{\"x\":[1]},"
                    "\"display_settings\":{\"chart\":{\"y\":[1.50,null]}}")));
    http_response_t *res = get(id);

    expect_text(res, "data.name", "caf\xc3\xa9 \"x\"");
    expect_text(res, "data.description", "");
    expect_text(res, "data.runner_set_uid", "u-1");
    expect_text(res, "data.workflow_filter", "w*");
    expect_text(res, "data.branch_filter", "main");
    expect_json(res, "data.enabled", "false");
    expect_json(res, "data.display_settings", "{\"chart\":{\"y\":[1.50,null]}}");
    expect_contains(res->body, "1.50");
    expect_json(res, "data.file_patterns", "[\"**/summary.csv\"]");
    expect_str(column(id, "jsonb_typeof(file_patterns)"), "array");
}

/* Where the tree lies elsewhere, Location does too, and leads to the config. */
static void test_location_below_a_base_path(void)
{
    http_request_t rq = {.host = HOST_LENS,
                         .method = "POST",
                         .base = "/lens" API_BASE,
                         .path = "/configs",
                         .body = body("lens", fresh_set(), ""),
                         .headers = {JSON_TYPE}};
    http_response_t *res = http_send(&rq);

    created_at(res, "cluster-lens", "/lens" API_BASE, "");
    rq = (http_request_t){.host = HOST_LENS, .base = "", .path = http_header(res, "Location")};
    if (rq.path)
        expect_text(http_send(&rq), "data.name", "lens");
}

static void test_create_in_another_cluster(void)
{
    const char *set = fresh_set();
    http_response_t *res = http_json("POST", "/configs?cluster=cluster-b", body("to b", set, ""));
    apr_int64_t id = created_at(res, "cluster-b", API_BASE, "?cluster=cluster-b");

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
    const char *set = fresh_set();
    apr_int64_t id = created(create(body("holder", set, "")));
    const char *before = db_fingerprint(DB_A);

    expect_error(create(body("second", set, "")), 4090, conflict(set, id, "holder"));
    expect_str(db_fingerprint(DB_A), before);
    db_run(DB_A, "UPDATE github_workflow_configs SET cluster_name = '' WHERE id = $1", 1,
           strf(ID, id));
    expect_error(create(body("third", set, "")), 4090, conflict(set, id, "holder"));
    /* another cluster's config is not in the way */
    db_run(DB_A, "UPDATE github_workflow_configs SET cluster_name = 'elsewhere' WHERE id = $1", 1,
           strf(ID, id));
    created(create(body("fourth", set, "")));
}

static void test_concurrent_creations(void)
{
    const char *set = fresh_set();
    http_request_t rqs[16];
    http_response_t **answers;
    apr_int64_t winner = -1;
    int made = 0;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){.method = "POST",
                                  .path = "/configs",
                                  .body = body(strf("racer %d", (int)i), set, ""),
                                  .headers = {JSON_TYPE}};
    answers = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++) {
        if (answers[i]->status == 201) {
            winner = created(answers[i]);
            made++;
        }
    }
    expect_int(made, 1);
    for (size_t i = 0; i < countof(rqs); i++)
        if (answers[i]->status != 201)
            expect_error(answers[i], 4090, conflict(set, winner, column(winner, "name")));
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
    json_object *json = json_literal(body("wrong", "nowhere", ""));
    const char *text;

    json_remove(json, field);
    text = json_object_to_json_string(json);
    return strf("%.*s,\"%s\":%s}", (int)strlen(text) - 1, text, field, value);
}

static void check_wrong(const char *field, const char *value, const char *message)
{
    const char *json = with(field, value);
    http_response_t *answers[] = {create(json), put(1, json)};

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
    http_response_t *answers[] = {create("{}"), put(1, "{}")};

    for (size_t i = 0; i < countof(answers); i++) {
        expect_int(json_length_at(answers[i], "errors"), (int)countof(required));
        for (size_t f = 0; f < countof(required); f++)
            expect_field(answers[i], required[f], "is required");
    }
    expect_error(create("[]"), 4000, "the body must be a JSON object");
    expect_error(create("{\"name\":\"x\""), 4000, "invalid JSON at byte 11");
    expect_error(create(NULL), 4000, "invalid JSON at byte 0");
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
    const char *owner = fresh_set(); /* keeps other tests' configs out */
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
    const char *owner = fresh_set();
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
    expect_keys(res, "data.configs.0", ROW);
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

/* ---- replace ---- */

/* The frontend reads the row, changes a field, and sends all of it back. */
static void test_put_whole_row_back(void)
{
    static const char *const changed[] = {"name", "updated_at"};
    apr_int64_t id = created(
        create(body("before", fresh_set(),
                    ",\"description\":\"d\",\"runner_set_uid\":\"u\",\"workflow_filter\":\"w\","
                    "\"branch_filter\":\"b\",\"enabled\":false")));

    db_run(
        DB_A,
        "UPDATE github_workflow_configs SET last_processed_workload_uid = 'uid', metric_schema_id"
        " = 5, last_checked_at = '2025-01-01T00:00:00Z', created_at = '2025-01-01T00:00:00Z',"
        " updated_at = '2025-01-01T00:00:00Z' WHERE id = $1",
        1, strf(ID, id));
    http_response_t *before = get(id);
    json_object *row = json_at(before, "data", NULL);
    if (!expect_success(before))
        return;
    json_object_object_add(row, "name", json_object_new_string("after"));
    json_object_object_add(row, "active_schema", json_object_new_object());
    http_response_t *res = put(id, json_object_to_json_string(row));
    expect_success(res);
    expect_keys(res, "data", ROW);
    expect_text(res, "data.name", "after");
    json_remove(row, "active_schema");
    for (size_t i = 0; i < countof(changed); i++) {
        json_remove(row, changed[i]);
        json_remove(json_at(res, "data", NULL), changed[i]);
    }
    expect_json(res, "data", json_object_to_json_string(row));
    expect_str(column(id, "updated_at > now() - interval '1 minute'"), "true");
    expect_str(column(id, "name"), "after");
}

/* What a PUT does not give is gone, except whether the config is enabled. */
static void test_put_replaces(void)
{
    const char *set = fresh_set(), *moved = fresh_set();
    apr_int64_t id = created(create(body("old", set,
                                         ",\"description\":\"d\",\"enabled\":false,"
                                         "\"branch_filter\":\"main\"")));
    http_response_t *res = put(id, body("new", moved, ""));

    expect_success(res);
    expect_json(res, "data.description", "null");
    expect_json(res, "data.branch_filter", "null");
    expect_json(res, "data.enabled", "false");
    expect_text(res, "data.runner_set_name", moved);
    expect_text(res, "data.cluster_name", "cluster-a");
    expect_json(put(id, body("new", moved, ",\"enabled\":true")), "data.enabled", "true");
    /* the set that it left is free, by the same cluster's rules */
    created(create(body("next", set, "")));
    expect_error(put(999999999, body("x", fresh_set(), "")), 4040, "config not found");
    expect_error(put(999999999, body("x", set, "")), 4040, "config not found");
}

/* Not given, or null, they stay; {} takes them away. */
static void test_display_settings(void)
{
    const char *set = fresh_set();
    apr_int64_t id = created(create(body("shown", set, ",\"display_settings\":{\"a\":1}")));
    const char *deep = "1";

    expect_json(put(id, body("shown", set, "")), "data.display_settings", "{\"a\":1}");
    expect_json(put(id, body("shown", set, ",\"display_settings\":null")), "data.display_settings",
                "{\"a\":1}");
    expect_json(put(id, body("shown", set, ",\"display_settings\":{\"b\":{}}")),
                "data.display_settings", "{\"b\":{}}");
    expect_json(http_get(strf("/configs?github_owner=ROCm&name=shown")),
                "data.configs.0.display_settings", "{\"b\":{}}");
    expect_json(put(id, body("shown", set, ",\"display_settings\":{}")), "data.display_settings",
                "{}");
    for (int i = 0; i < 40; i++)
        deep = strf("{\"a\":%s}", deep);
    expect_error(put(id, body("shown", set, strf(",\"display_settings\":%s", deep))), 4000,
                 "JSON is nested deeper than 32 levels");
    db_run(DB_A,
           "UPDATE github_workflow_configs SET display_settings ="
           " jsonb_build_object('a', repeat('y', 2000000)) WHERE id = $1",
           1, strf(ID, id));
    expect_json(get(id), "data.display_settings", "null");
    expect_json(get(id), "data.left_out", "[\"display_settings\"]");
    expect_field(http_json("PATCH", strf("/configs/" ID, id), "{\"display_settings\":{}}"),
                 "display_settings", "is not a known field");
    expect_success(put(id, body("shown", set, ",\"display_settings\":{}")));
}

static void test_put_of_a_bound_runner_set(void)
{
    const char *set = fresh_set(), *own = fresh_set();
    apr_int64_t holder = created(create(body("holder", set, "")));
    apr_int64_t id = created(create(body("mine", own, "")));
    const char *before = db_fingerprint(DB_A);

    expect_error(put(id, body("mine", set, "")), 4090, conflict(set, holder, "holder"));
    expect_str(db_fingerprint(DB_A), before);
    db_run(DB_A, "UPDATE github_workflow_configs SET cluster_name = '' WHERE id = $1", 1,
           strf(ID, holder));
    expect_error(put(id, body("mine", set, "")), 4090, conflict(set, holder, "holder"));
    expect_success(put(id, body("still mine", own, "")));
}

/* Two configs that reach for one set at once: one gets it. */
static void test_concurrent_puts(void)
{
    const char *set = fresh_set();
    http_request_t rqs[10];
    int won = 0;

    for (size_t i = 0; i < countof(rqs); i++) {
        apr_int64_t id = created(create(body("racer", fresh_set(), "")));
        rqs[i] = (http_request_t){.method = "PUT",
                                  .path = strf("/configs/" ID, id),
                                  .body = body("racer", set, ""),
                                  .headers = {JSON_TYPE}};
    }
    http_response_t **answers = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++) {
        won += answers[i]->status == 200;
        if (answers[i]->status != 200)
            expect_status(answers[i], 409);
    }
    expect_int(won, 1);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_configs WHERE"
                      " runner_set_name = $1",
                      1, set),
               1);
}

/* ---- delete ---- */

static apr_int64_t seed_with_children(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);

    seed_schema(DB_A, config, 1, 1, "[]", "[]");
    seed_schema(DB_A, config, 2, 0, "[]", "[]");
    seed_run(DB_A, config, "failed");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{}", "{}", NULL);
    return config;
}

/* Rows of a config in the four tables; with sign "<>", of all others. */
static const char *rows(apr_int64_t config, const char *sign)
{
    return db_text(DB_A,
                   strf("SELECT concat_ws(' ',"
                        " (SELECT count(*) FROM github_workflow_configs WHERE id %s $1),"
                        " (SELECT count(*) FROM github_workflow_metric_schemas WHERE config_id %s"
                        " $1), (SELECT count(*) FROM github_workflow_runs WHERE config_id %s $1),"
                        " (SELECT count(*) FROM github_workflow_metrics WHERE config_id %s $1))",
                        sign, sign, sign, sign),
                   1, strf(ID, config));
}

/* The metric rows, which nobody sees any more, go after the rest. */
static void expect_gone(apr_int64_t config)
{
    expect_contains(rows(config, "="), "0 0 0 ");
    for (int i = 0; i < 600 && strcmp(rows(config, "="), "0 0 0 0") != 0; i++)
        usleep(200000);
    expect_str(rows(config, "="), "0 0 0 0");
}

static void test_delete(void)
{
    apr_int64_t config = seed_with_children("to go");
    const char *others;

    seed_with_children("to stay");
    others = rows(config, "<>");
    expect_str(rows(config, "="), "1 2 1 2");
    http_response_t *res = http_json("DELETE", strf("/configs/" ID, config), NULL);
    expect_success(res);
    expect_json(res, "data", "{\"deleted\":true}");
    expect_gone(config);
    expect_str(rows(config, "<>"), others);
    expect_error(http_json("DELETE", strf("/configs/" ID, config), NULL), 4040, "config not found");
    expect_error(get(config), 4040, "config not found");
}

/* What is left without its config (no foreign key forbids it) is not a delete's to remove. */
static void test_delete_of_nothing(void)
{
    apr_int64_t config = seed_with_children("gone");

    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id = $1", 1, strf(ID, config));
    expect_error(http_json("DELETE", strf("/configs/" ID, config), NULL), 4040, "config not found");
    expect_str(rows(config, "="), "0 2 1 2");
}

static void test_delete_that_fails(void)
{
    apr_int64_t config = seed_with_children("locked");
    http_request_t rq = {
        .host = HOST_TINY, .method = "DELETE", .path = strf("/configs/" ID, config)};
    PGconn *conn = db_open(DB_A);
    http_response_t *res;

    db_run_on(conn, "BEGIN; LOCK TABLE github_workflow_metrics IN SHARE MODE");
    res = http_send(&rq);
    expect(res->status == 503 || res->status == 504, "%s: %ld", res->what, res->status);
    db_run_on(conn, "ROLLBACK");
    db_close(conn);
    expect_str(rows(config, "="), "1 2 1 2");
    expect_success(http_send(&rq));
    expect_str(rows(config, "="), "0 0 0 0");
}

/* A writer that holds the config, or a run, is not waited for with anything held: for a moment it
 * is asked again, then the client is told. What it has committed by then is the config's, too. */
static void test_delete_beside_a_writer(void)
{
    apr_int64_t config = seed_with_children("busy");
    const char *path = strf("/configs/" ID, config);
    const char *request = strf("DELETE " API_BASE "%s HTTP/1.1\r\nHost: a.test\r\n"
                               "Connection: close\r\n\r\n",
                               path);
    PGconn *conn = db_open(DB_A);
    http_response_t *res;
    int fd;

    db_run_on(conn, strf("BEGIN; UPDATE github_workflow_runs SET status = 'pending'"
                         " WHERE config_id = " ID "; INSERT INTO github_workflow_runs (config_id,"
                         " workload_uid) VALUES (" ID ", 'late'); INSERT INTO"
                         " github_workflow_metric_schemas (config_id, name, version)"
                         " VALUES (" ID ", 'late', 3); INSERT INTO github_workflow_metrics"
                         " (config_id, run_id, schema_id, timestamp) VALUES (" ID ", 1, 1, now())",
                         config, config, config, config));
    res = http_json("DELETE", path, NULL);
    expect_error(res, 5030, "the database is busy");
    expect_header(res, "Retry-After", "1");
    expect_str(rows(config, "="), "1 2 1 2");
    fd = http_raw_open(request, strlen(request));
    usleep(200000); /* it has been asked once, most likely */
    db_run_on(conn, "COMMIT");
    db_close(conn);
    expect_contains(http_raw_rest(fd), " 200 OK\r\n");
    expect_gone(config);
}

/* A config without a cluster's name and one of the cluster may share a runner set in a deployed
 * database: each can still be edited. */
static void test_put_of_a_shared_runner_set(void)
{
    const char *set = fresh_set();
    apr_int64_t ids[2];

    for (int i = 0; i < 2; i++) {
        ids[i] = seed_config(DB_A, i ? "named" : "nameless");
        db_run(DB_A,
               "UPDATE github_workflow_configs SET runner_set_namespace = 'arc',"
               " runner_set_name = $2, cluster_name = $3 WHERE id = $1",
               3, strf(ID, ids[i]), set, i ? "cluster-a" : "");
    }
    for (int i = 0; i < 2; i++) {
        http_response_t *res =
            http_json("PUT", strf("/configs/" ID, ids[i]), body("edited", set, ""));
        expect_success(res);
        expect_text(res, "data.name", "edited");
    }
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
    {"the whole row sent back changes what was changed", test_put_whole_row_back},
    {"a replacement leaves nothing of the old", test_put_replaces},
    {"display settings", test_display_settings},
    {"a replacement with a bound runner set is a conflict", test_put_of_a_bound_runner_set},
    {"of concurrent replacements one wins", test_concurrent_puts},
    {"delete takes what is the config's, nothing else", test_delete},
    {"delete of no config removes nothing", test_delete_of_nothing},
    {"a delete that fails removes nothing", test_delete_that_fails},
    {"a delete beside a writer", test_delete_beside_a_writer},
    {"PUT of a shared runner set", test_put_of_a_shared_runner_set},
    CU_TEST_INFO_NULL,
};
