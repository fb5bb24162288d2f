/*
 * test_acknowledged.c - POST and DELETE /configs/:id/changes/acknowledge: what was looked into, and
 * what of the list of changes it covers.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include "steps.h"
#include <string.h>

#define DB_GENERATION "lens_acknowledged"
#define SINCE         "since=2025-01-01T00:00:00Z"
#define GEMM          "{\"Op\":\"GEMM\",\"n\":\"32\"}"

static http_response_t *list(apr_int64_t config, const char *query)
{
    return http_get(strf("/configs/" ID "/changes?%s", config, query));
}

static http_response_t *acknowledge(apr_int64_t config, const char *body)
{
    return http_json("POST", strf("/configs/" ID "/changes/acknowledge", config), body);
}

/* @param more members behind run_id, after a comma */
static http_response_t *acknowledge_gemm(apr_int64_t config, apr_int64_t run, const char *more)
{
    return acknowledge(
        config, strf("{\"field\":\"v\",\"dimensions\":" GEMM ",\"run_id\":" ID "%s}", run, more));
}

static http_response_t *take_back(apr_int64_t config, const char *query)
{
    return http_json("DELETE", strf("/configs/" ID "/changes/acknowledge?%s", config, query), NULL);
}

static http_response_t *take_back_gemm(apr_int64_t config, apr_int64_t run)
{
    return take_back(config, strf("field=v&dimensions=%s&run_id=" ID, http_escape(GEMM), run));
}

static apr_int64_t stored(apr_int64_t config)
{
    return db_int(DB_A, "SELECT count(*) FROM wfm_acknowledged_changes WHERE config_id = $1", 1,
                  strf(ID, config));
}

/* Thirty runs, a day each: GEMM falls at run 10, and rises at run 20; Attention falls at run 10. */
static apr_int64_t seed(const char *name, apr_int64_t *first)
{
    apr_int64_t config = steps_config(name, "[\"Op\",\"n\"]", "[\"v\",\"w\"]");

    *first = steps_runs(config, 30, "2025-01-01T08:00:00Z", "1 day", "main");
    steps_rows(config, *first, 20, "{\"Op\":\"GEMM\",\"n\":32}", STEP("v", 100, 90, 10));
    steps_rows(config, *first + 20, 10, "{\"Op\":\"GEMM\",\"n\":32}", STEP("v", 110, 110, 10));
    steps_rows(config, *first, 30, "{\"Op\":\"Attention\"}", STEP("v", 50, 40, 10));
    return config;
}

/* ---- the way there, and back ---- */

static void test_there_and_back(void)
{
    apr_int64_t first, config = seed("acknowledge", &first);
    http_response_t *res = list(config, SINCE);

    expect_json(res, "data.total", "3");
    expect_lacks(res->body, "\"acknowledged\"");
    res = acknowledge_gemm(config, first + 10, ",\"note\":\"a new compiler \\u2713\"");
    expect_success(res);
    expect_keys(res, "data", "acknowledged");
    expect_keys(res, "data.acknowledged", "note,at,by");
    expect_text(res, "data.acknowledged.note", "a new compiler ✓");
    expect_json(res, "data.acknowledged.by", "null");
    expect_text(res, "data.acknowledged.at",
                db_text(DB_A,
                        "SELECT to_json(acknowledged_at AT TIME ZONE 'UTC') #>> '{}' || 'Z' FROM"
                        " wfm_acknowledged_changes WHERE config_id = $1",
                        1, strf(ID, config)));
    expect_json(list(config, SINCE), "data.total", "2");
    expect_json(list(config, SINCE "&acknowledged=false"), "data.total", "2");
    res = list(config, SINCE "&acknowledged=true");
    expect_json(res, "data.total", "3");
    expect(!json_at(res, "data.changes.0.acknowledged", NULL), "the rise is another one");
    for (int i = 1; i <= 2; i++)
        if (!strcmp(json_object_get_string(
                        json_at(res, strf("data.changes.%d.dimensions.Op", i), NULL)),
                    "GEMM"))
            expect_text(res, strf("data.changes.%d.acknowledged.note", i), "a new compiler ✓");
        else
            expect(!json_at(res, strf("data.changes.%d.acknowledged", i), NULL), "another series");
    /* again: said anew, not twice */
    expect_json(acknowledge_gemm(config, first + 10, ""), "data.acknowledged.note", "null");
    expect_int(stored(config), 1);
    res = take_back_gemm(config, first + 10);
    expect_success(res);
    expect_json(res, "data", "{\"deleted\":true}");
    expect_json(list(config, SINCE), "data.total", "3");
    expect_error(take_back_gemm(config, first + 10), 4040, "no such change is acknowledged");
}

/* The series' other changes, other series and other metrics stay; so does one of the other
 * direction at the same place. */
static void test_what_it_covers(void)
{
    apr_int64_t first, config = seed("covers", &first);

    expect_success(acknowledge_gemm(config, first + 20, ""));
    expect_json(list(config, SINCE), "data.total", "2");
    expect_success(acknowledge(config, strf("{\"field\":\"v\",\"dimensions\":{\"Op\":\"Attention\","
                                            "\"n\":null},\"run_id\":" ID "}",
                                            first + 10)));
    expect_json(list(config, SINCE), "data.total", "1");
    /* what fell at run 20 rises there now */
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET metrics = jsonb_build_object('v', 50 + run_id % 3 *"
           " 0.1) WHERE config_id = $1 AND run_id >= $2::bigint AND dimensions ->> 'Op' = 'GEMM'",
           2, strf(ID, config), strf(ID, first + 20));
    expect_json(list(config, SINCE "&verdict=changed"), "data.total", "2");
    expect_json(list(config, SINCE "&acknowledged=true"), "data.total", "3");
}

/* A change's point moves because more data comes: up to three points it stays acknowledged. */
static void test_moves(void)
{
    apr_int64_t first, config = seed("moves", &first);

    expect_success(acknowledge_gemm(config, first + 10, ",\"note\":\"x\""));
    expect_json(list(config, SINCE), "data.total", "2");
    for (int by = 1; by <= 4; by++) {
        /* so many runs that were before it are behind it, by their values */
        db_run(
            DB_A,
            "UPDATE github_workflow_metrics SET metrics = jsonb_build_object('v', 90 + run_id % 3"
            " * 0.1) WHERE config_id = $1 AND run_id = $2::bigint AND dimensions ->> 'Op' ="
            " 'GEMM'",
            2, strf(ID, config), strf(ID, first + 10 - by));
        http_response_t *res = list(config, SINCE "&acknowledged=true");
        int kept = 0;

        for (int i = 0; i < 3; i++)
            kept += json_at(res, strf("data.changes.%d.acknowledged", i), NULL) != NULL;
        expect_int(kept, by <= 3);
    }
}

/* A run within three points names the change; one further away does not. What is near to two is the
 * nearer one's. */
static void test_near_runs(void)
{
    apr_int64_t first, config = seed("near", &first);
    static const int away[] = {-3, 3};

    for (size_t i = 0; i < countof(away); i++) {
        expect_success(acknowledge_gemm(config, first + 10 + away[i], ""));
        expect_int(db_int(DB_A, "SELECT run_id FROM wfm_acknowledged_changes WHERE config_id = $1",
                          1, strf(ID, config)),
                   first + 10);
        expect_success(take_back_gemm(config, first + 10 - away[i]));
    }
    expect_error(acknowledge_gemm(config, first + 6, ""), 4040,
                 "the series has no change within 3 points of this run");
    expect_error(acknowledge_gemm(config, first + 14, ""), 4040,
                 "the series has no change within 3 points of this run");
    expect_error(acknowledge_gemm(config, 999999999, ""), 4040,
                 "the series has no change within 3 points of this run");
    expect_success(acknowledge_gemm(config, first + 10, ""));
    expect_error(take_back_gemm(config, first + 14), 4040, "no such change is acknowledged");
    expect_int(stored(config), 1);
}

/* A change back, two runs later, is another one: also when one of them is taken back. */
static void test_there_and_back_again(void)
{
    apr_int64_t config = steps_config("spike", "[\"Op\",\"n\"]", "[\"v\"]"), first;

    first = steps_runs(config, 60, "2025-01-01T00:00:00Z", "1 day", "main");
    steps_rows(config, first, 60, "{\"Op\":\"GEMM\",\"n\":32}",
               "jsonb_build_object('v', CASE WHEN i < 30 THEN 100 WHEN i < 33 THEN 200 ELSE 150 END"
               " + (i * 7 % 5) * 0.1)");
    expect_json(list(config, SINCE), "data.total", "2");
    expect_success(acknowledge_gemm(config, first + 30, ",\"note\":\"up\""));
    expect_success(acknowledge_gemm(config, first + 33, ",\"note\":\"down\""));
    expect_json(list(config, SINCE), "data.changes", "[]");
    expect_success(take_back_gemm(config, first + 33));
    http_response_t *res = list(config, SINCE);
    expect_json(res, "data.total", "1");
    expect_json(res, "data.changes.0.run_id", strf(ID, first + 33));
    expect_success(take_back_gemm(config, first + 31));
    expect_json(list(config, SINCE), "data.total", "2");
}

/* The run is gone, and its rows: the place is known by its time. */
static void test_gone_run(void)
{
    apr_int64_t first, config = seed("gone run", &first);

    expect_success(acknowledge_gemm(config, first + 10, ""));
    db_run(DB_A, "DELETE FROM github_workflow_metrics WHERE run_id = $1", 1, strf(ID, first + 10));
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE id = $1", 1, strf(ID, first + 10));
    expect_json(list(config, SINCE), "data.total", "2");
    expect_success(take_back_gemm(config, first + 10));
    expect_json(list(config, SINCE), "data.total", "3");
}

/* A schema without its dimension has other series; what was acknowledged comes back with it. */
static void test_other_schema(void)
{
    apr_int64_t first, config = seed("other schema", &first);

    expect_success(acknowledge_gemm(config, first + 10, ""));
    seed_schema(DB_A, config, 2, 1, "[\"Op\"]", "[\"v\"]");
    expect_json(list(config, SINCE), "data.total", "3");
    expect_field(acknowledge_gemm(config, first + 10, ""), "dimensions",
                 "names 'n', which is no dimension of the active schema");
    seed_schema(DB_A, config, 3, 1, "[\"new\",\"n\",\"Op\"]", "[\"v\"]");
    expect_json(list(config, SINCE), "data.total", "2");
    seed_schema(DB_A, config, 4, 1, "[\"Op\"]", "[\"w\"]");
    expect_success(take_back_gemm(config, first + 10)); /* by its own run */
    expect_int(stored(config), 0);
}

/* Of a branch's list, and of one that reaches back further than its own default. */
static void test_of_a_list(void)
{
    apr_int64_t config = steps_config("of a list", "[]", "[\"v\"]"), first, other;
    const char *body = "{\"field\":\"v\",\"dimensions\":{},\"run_id\":" ID "%s}";

    first = steps_runs(config, 20, "2025-01-01T00:00:00Z", "1 day", "main");
    steps_rows(config, first, 20, "{}", STEP("v", 100, 90, 10));
    other = steps_runs(config, 20, "2025-01-01T00:00:01Z", "1 day", "side");
    steps_rows(config, other, 20, "{}", STEP("v", 300, 500, 10));
    expect_error(acknowledge(config, strf(body, first + 10, ",\"head_branch\":\"none\"")), 4040,
                 "the series has no change within 3 points of this run");
    expect_success(
        acknowledge(config, strf(body, first + 10,
                                 ",\"head_branch\":\"main\",\"since\":\"2025-01-02T00:00:00Z\"")));
    expect_json(list(config, SINCE "&head_branch=main"), "data.changes", "[]");
    expect_json(list(config, SINCE "&head_branch=side"), "data.total", "1"); /* it rises */
    expect_success(take_back(
        config, strf("field=v&dimensions=%%7B%%7D&run_id=" ID "&head_branch=main", first + 10)));
}

/* Recent ones, by the default of `since`. */
static void test_recent(void)
{
    apr_int64_t first, config = seed("recent", &first);

    db_run(DB_A,
           "UPDATE github_workflow_metrics SET timestamp = timestamp + (now() - interval '31 days'"
           " - '2025-01-01T08:00:00Z'::timestamptz) WHERE config_id = $1",
           1, strf(ID, config));
    expect_json(list(config, ""), "data.total", "3");
    expect_success(acknowledge_gemm(config, first + 10, ""));
    expect_json(list(config, ""), "data.total", "2");
    expect_success(take_back(
        config, strf("field=v&dimensions[Op]=GEMM&dimensions[n]=32&run_id=" ID, first + 10)));
    expect_json(list(config, ""), "data.total", "3");
}

/* ---- what is wrong ---- */

/* A series is one, and said by one value for each dimension: a filter's other forms are none. */
static void refuse_filters(apr_int64_t config)
{
    static const char *const not_one[] = {"{\"Op\":[]}", "{\"Op\":[\"a\",\"b\"]}",
                                          "{\"Op\":[\"a\",null]}", "{\"Op\":{\"not\":\"a\"}}"};
    const char *one =
        "must have one value, or null, for each dimension, as the list of changes has them";

    for (size_t i = 0; i < countof(not_one); i++) {
        expect_field(acknowledge(config, strf("{\"field\":\"v\",\"dimensions\":%s,\"run_id\":1}",
                                              not_one[i])),
                     "dimensions", one);
        expect_field(
            take_back(config, strf("field=v&run_id=1&dimensions=%s", http_escape(not_one[i]))),
            "dimensions", one);
    }
}

static void refuse_read_only(void)
{
    expect_error(http_send(&(http_request_t){.method = "POST",
                                             .host = HOST_RO,
                                             .path = "/configs/1/changes/acknowledge",
                                             .body = "{}",
                                             .headers = {JSON_TYPE}}),
                 4030, "this API is read-only here");
    expect_error(http_send(&(http_request_t){.method = "DELETE",
                                             .host = HOST_RO,
                                             .path = "/configs/1/changes/acknowledge"}),
                 4030, "this API is read-only here");
}

static void test_wrong_inputs(void)
{
    static const char *const wrong[][3] = {
        {"field", "{\"dimensions\":{},\"run_id\":1}", "is required"},
        {"dimensions", "{\"field\":\"v\",\"run_id\":1}", "is required"},
        {"run_id", "{\"field\":\"v\",\"dimensions\":{}}", "is required"},
        {"field", "{\"field\":1,\"dimensions\":{},\"run_id\":1}", "must be a string"},
        {"run_id", "{\"field\":\"v\",\"dimensions\":{},\"run_id\":0}",
         "must be a positive integer"},
        {"run_id", "{\"field\":\"v\",\"dimensions\":{},\"run_id\":\"1\"}",
         "must be a positive integer"},
        {"note", "{\"field\":\"v\",\"dimensions\":{},\"run_id\":1,\"note\":7}", "must be a string"},
        {"notes", "{\"field\":\"v\",\"dimensions\":{},\"run_id\":1,\"notes\":\"x\"}",
         "is not a known field"},
        {"dimensions", "{\"field\":\"v\",\"dimensions\":[],\"run_id\":1}", "must be a JSON object"},
        {"since", "{\"field\":\"v\",\"dimensions\":{},\"run_id\":1,\"since\":\"x\"}",
         "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"},
        {"head_branch", "{\"field\":\"v\",\"dimensions\":{},\"run_id\":1,\"head_branch\":1}",
         "must be a string"},
    };
    apr_int64_t first, config = seed("wrong", &first);

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(acknowledge(config, wrong[i][1]), wrong[i][0], wrong[i][2]);
    refuse_filters(config);
    expect_field(acknowledge(config, strf("{\"field\":\"v\",\"dimensions\":{},\"run_id\":1,"
                                          "\"note\":\"%s\"}",
                                          apr_psprintf(fixture_pool(), "%01001d", 0))),
                 "note", "must be at most 1000 characters");
    expect_field(acknowledge(config, "{\"field\":\"x\",\"dimensions\":{},\"run_id\":1}"), "field",
                 "names 'x', which is no metric of the active schema");
    expect_field(take_back(config, "field=v&dimensions=%7B%7D"), "run_id", "is required");
    expect_field(take_back(config, "field=v&run_id=1"), "dimensions", "is required");
    expect_field(take_back(config, "dimensions=%7B%7D&run_id=1"), "field", "is required");
    expect_error(acknowledge(999999999, "{\"field\":\"v\",\"dimensions\":{},\"run_id\":1}"), 4040,
                 "config not found");
    expect_error(take_back(999999999, "field=v&dimensions=%7B%7D&run_id=1"), 4040,
                 "config not found");
    db_run(DB_A, "DELETE FROM github_workflow_metric_schemas WHERE config_id = $1", 1,
           strf(ID, config));
    expect_error(acknowledge_gemm(config, first + 10, ""), 4040,
                 "no active schema found for this config");
    expect_int(stored(config), 0);
    refuse_read_only();
}

/* ---- how much, how many at once ---- */

static void test_at_once(void)
{
    apr_int64_t first, config = seed("acknowledged at once", &first);
    http_request_t rqs[6];
    http_response_t **res;

    for (size_t i = 0; i < countof(rqs); i++)
        rqs[i] = (http_request_t){
            .method = "POST",
            .path = strf("/configs/" ID "/changes/acknowledge", config),
            .body = strf("{\"field\":\"v\",\"dimensions\":" GEMM ",\"run_id\":" ID "}", first + 10),
            .headers = {JSON_TYPE}};
    res = http_send_all(rqs, countof(rqs));
    for (size_t i = 0; i < countof(rqs); i++)
        expect_status(res[i], 200);
    expect_int(stored(config), 1);
}

static void test_too_many(void)
{
    apr_int64_t first, config = seed("many acknowledged", &first);

    db_run(DB_A,
           "INSERT INTO wfm_acknowledged_changes (config_id, field, dimensions, run_id, at, rise,"
           " note) SELECT $1, 'v', '" GEMM "', $2::bigint + 100 + i, now(), true, repeat('x', 900)"
           " FROM generate_series(1, 9999) i",
           2, strf(ID, config), strf(ID, first));
    expect_success(acknowledge_gemm(config, first + 10, ""));
    expect_json(list(config, SINCE), "data.total", "2");
    expect_error(acknowledge(config, strf("{\"field\":\"v\",\"dimensions\":{\"Op\":\"Attention\"},"
                                          "\"run_id\":" ID "}",
                                          first + 10)),
                 4090, "10000 changes of this config are acknowledged: take some back");
    expect_success(acknowledge_gemm(config, first + 10, ""));
    db_run(DB_A, "DELETE FROM wfm_acknowledged_changes WHERE config_id = $1", 1, strf(ID, config));
}

/* ---- with its config ---- */

static void test_deleted_with_its_config(void)
{
    apr_int64_t first, config = seed("deleted acknowledged", &first), other = seed("left", &first);

    expect_success(acknowledge_gemm(other, first + 10, ""));
    db_run(DB_A,
           "INSERT INTO wfm_acknowledged_changes (config_id, field, dimensions, run_id, at, rise)"
           " VALUES ($1, 'v', '{}', 1, now(), true), (999999998, 'v', '{}', 1, now(), true)",
           1, strf(ID, config));
    expect_error(http_send(&(http_request_t){.method = "DELETE",
                                             .path = strf("/configs/" ID, config),
                                             .headers = {"If-Match: \"1-x\""}}),
                 4120, "none of the tags in If-Match is the current one");
    expect_int(stored(config), 1);
    expect_success(http_json("DELETE", strf("/configs/" ID, config), NULL));
    expect_int(stored(config), 0);
    expect_int(stored(other), 1);
    expect_success(acknowledge_gemm(other, first + 10, "")); /* forgets those without a config */
    expect_int(stored(999999998), 0);
}

/* Without its migration, or the right to it: nothing is acknowledged, and all else goes on. */
static void test_without_migration(void)
{
    apr_int64_t first, config = seed("no table", &first), gone = seed("gone config", &first);
    apr_off_t mark;

    config = seed("no table", &first);
    expect_success(acknowledge_gemm(config, first + 10, ""));
    for (int revoked = 0; revoked < 2; revoked++) {
        mark = fixture_log_mark();
        db_run(DB_A,
               revoked ? "REVOKE ALL ON wfm_acknowledged_changes FROM wfmetrics"
                       : "ALTER TABLE wfm_acknowledged_changes RENAME TO hidden",
               0);
        expect_json(list(config, SINCE), "data.total", "3");
        expect_json(list(config, SINCE "&acknowledged=true"), "data.total", "3");
        expect_error(acknowledge_gemm(config, first + 10, ""), 5000, "internal error");
        expect_error(take_back_gemm(config, first + 10), 5000, "internal error");
        expect_contains(fixture_log_since(mark),
                        revoked ? "grant the role its rights" : "run the migrations");
        if (!revoked)
            expect_success(http_json("DELETE", strf("/configs/" ID, gone), NULL));
        db_run(DB_A,
               revoked ? "GRANT SELECT, INSERT, UPDATE, DELETE ON wfm_acknowledged_changes TO"
                         " wfmetrics"
                       : "ALTER TABLE hidden RENAME TO wfm_acknowledged_changes",
               0);
    }
    db_run(DB_A,
           "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename ="
           " 'wfmetrics'",
           0);
    expect_success(list(config, SINCE)); /* whose session looks what there is */
    expect_json(list(config, SINCE), "data.total", "2");
}

/* ---- where ---- */

/* By whom: httpd's user. Databases of Lens, the newest's runs without a config. */
static void test_generations(void)
{
    static const int generations[] = {1, LENS_NEWEST};

    for (size_t i = 0; i < countof(generations); i++) {
        http_request_t rq = {.method = "POST",
                             .host = DB_GENERATION,
                             .path = "/configs/1/changes/acknowledge",
                             .body = "{\"field\":\"v\",\"dimensions\":{},\"run_id\":10}",
                             .headers = {JSON_TYPE}};

        lens_create(DB_GENERATION, generations[i]);
        lens_migrate(DB_GENERATION, "007");
        lens_grant(DB_GENERATION);
        lens_add_config(DB_GENERATION);
        seed_schema(DB_GENERATION, 1, 1, 1, "[]", "[\"v\"]");
        db_run(DB_GENERATION,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " metrics) SELECT 1, i, 1, '2025-01-01T00:00:00Z'::timestamptz + i * interval '1 h',"
               " jsonb_build_object('v', CASE WHEN i < 10 THEN 100 ELSE 90 END + i % 3)"
               " FROM generate_series(1, 20) i",
               0);
        if ((rq.port = lens_host(DB_GENERATION))) {
            expect_success(http_send(&rq));
            expect_json(http_send(&(http_request_t){.port = rq.port,
                                                    .host = DB_GENERATION,
                                                    .path = "/configs/1/changes?" SINCE}),
                        "data.changes", "[]");
        }
        side_stop();
        lens_drop(DB_GENERATION);
    }
}

/* Whom httpd lets in, it knows. */
static void test_by_whom(void)
{
    apr_int64_t first, config = seed("by whom", &first);
    int port = side_free_port();
    const char *users = strf("%s/acknowledgers", fixture_dir());
    http_request_t rq = {
        .port = port,
        .host = "side",
        .method = "POST",
        .path = strf("/configs/" ID "/changes/acknowledge", config),
        .body = strf("{\"field\":\"v\",\"dimensions\":" GEMM ",\"run_id\":" ID "}", first + 10),
        .headers = {JSON_TYPE,
                    "Authorization: Basic xI9zYTpzZWNyZXQ="}}; /* \xc4\x8f: d with caron */

    fixture_shell(
        strf("printf '\\304\\217sa:%%s\\n' \"$(openssl passwd -apr1 secret)\" > %s", users), NULL);
    if (side_start(port, strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "<Location " API_BASE ">\n"
                              "SetHandler wfmetrics\nAuthType Basic\nAuthName m\nAuthUserFile %s\n"
                              "Require valid-user\n</Location>\n</VirtualHost>\n",
                              port, "side", fixture_sockets(), "side", "side", users)) == 0) {
        expect_text(http_send(&rq), "data.acknowledged.by", "ďsa");
        expect_contains(list(config, SINCE "&acknowledged=true")->body, "\"by\":\"ďsa\"");
    }
    side_stop();
}

SUITE(acknowledged) = {
    {"there and back", test_there_and_back},
    {"what it covers", test_what_it_covers},
    {"a point that moves", test_moves},
    {"near runs", test_near_runs},
    {"there and back again", test_there_and_back_again},
    {"a run that is gone", test_gone_run},
    {"another schema", test_other_schema},
    {"of a list", test_of_a_list},
    {"recent ones", test_recent},
    {"wrong inputs", test_wrong_inputs},
    {"at once", test_at_once},
    {"too many", test_too_many},
    {"deleted with its config", test_deleted_with_its_config},
    {"without its migration", test_without_migration},
    {"generations", test_generations},
    {"by whom", test_by_whom},
    CU_TEST_INFO_NULL,
};
