/*
 * test_repository_trends.c - POST /repositories/:owner/:repo/metrics/trends: what each config's own
 * trends are, aligned. That those are right is test_trends.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

static apr_int64_t seed_of(const char *repo, const char *name)
{
    return db_int(DB_A,
                  "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                  " runner_set_name, github_owner, github_repo) VALUES ($1, 'ns',"
                  " gen_random_uuid()::text, 'trends', $2) RETURNING id",
                  2, name, repo);
}

static http_response_t *trends(const char *repo, const char *body)
{
    return http_json("POST", strf("/repositories/trends/%s/metrics/trends", repo), body);
}

/* Rows of some weeks, with holes, and text in place of numbers. */
static void seed_random(apr_int64_t config, int n)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1 + (random() * 2)::int, '2025-01-01Z'::timestamptz"
           " + random() * interval '40 days', CASE WHEN random() < 0.1 THEN '{}' ELSE"
           " jsonb_build_object('Op', 'k' || (random() * 3)::int, 'n', (random() * 2)::int) END,"
           " CASE WHEN random() < 0.1 THEN '{\"t\": \"N/A\"}' ELSE jsonb_build_object('t',"
           " round(random()::numeric * 100, 2), CASE WHEN random() < 0.5 THEN 'l' ELSE 'm' END,"
           " (random() * 9)::int) END FROM generate_series(1, $2::int)",
           2, strf(ID, config), strf("%d", n));
}

/* Where a text stands in an array of texts, or -1. */
static int place_of(json_object *texts, const char *text)
{
    for (int i = 0; i < json_length(texts); i++)
        if (!strcmp(json_text(json_item(texts, i)), text))
            return i;
    return -1;
}

static int same(json_object *a, json_object *b)
{
    return !strcmp(json_object_to_json_string(a), json_object_to_json_string(b));
}

/* A config's series in the repository's answer, or NULL. */
static json_object *find_series(http_response_t *of_all, apr_int64_t config, json_object *series)
{
    json_object *list = json_at(of_all, "data.series", NULL);

    for (int i = 0; i < json_length(list); i++) {
        json_object *s = json_item(list, i);

        if (json_object_get_int64(json_member(s, "config_id")) == config &&
            same(json_member(s, "field"), json_member(series, "field")) &&
            same(json_member(s, "dimensions"), json_member(series, "dimensions")))
            return s;
    }
    return NULL;
}

/* Where the config has a stamp both have the same value; elsewhere there is none. */
static void compare_values(http_response_t *of_all, http_response_t *of_one, json_object *whole,
                           json_object *part)
{
    json_object *stamps = json_at(of_one, "data.timestamps", NULL);
    json_object *all = json_at(of_all, "data.timestamps", NULL);

    expect_int(json_length(json_member(whole, "values")), json_length(all));
    expect_int(json_length(json_member(whole, "counts")), json_length(all));
    for (int i = 0; i < json_length(all); i++) {
        int at = place_of(stamps, json_text(json_item(all, i)));
        json_object *value = json_item(json_member(whole, "values"), i);
        json_object *count = json_item(json_member(whole, "counts"), i);

        expect(at < 0 ? !value && !json_object_get_int64(count)
                      : same(value, json_item(json_member(part, "values"), at)) &&
                            same(count, json_item(json_member(part, "counts"), at)),
               "another value at %s", json_text(json_item(all, i)));
    }
    for (int i = 0; i < json_length(stamps); i++)
        expect(place_of(all, json_text(json_item(stamps, i))) >= 0, "no stamp %s",
               json_text(json_item(stamps, i)));
}

/* @return how many series the config has */
static int compare_config(http_response_t *of_all, apr_int64_t config, const char *name,
                          const char *body)
{
    http_response_t *of_one =
        http_json("POST", strf("/configs/" ID "/metrics/trends", config), body);
    json_object *list = json_at(of_one, "data.series", NULL);

    for (int i = 0; i < json_length(list); i++) {
        json_object *part = json_item(list, i), *whole = find_series(of_all, config, part);

        if (!expect(whole != NULL, "no series of " ID ": %s", config,
                    json_object_to_json_string(part)))
            continue;
        expect_str(json_text(json_member(whole, "config_name")), name);
        expect_str(json_text(json_member(whole, "name")),
                   strf("%s: %s", name, json_text(json_member(part, "name"))));
        compare_values(of_all, of_one, whole, part);
    }
    return json_length(list);
}

#define FIELDS "\"metric_fields\":[\"t\",\"l\",\"never\"]"

static const char *const bodies[] = {
    "{" FIELDS "}",
    "{" FIELDS ",\"group_by\":[\"Op\"]}",
    "{" FIELDS ",\"group_by\":[\"Op\",\"n\",\"nothing\"],\"interval\":\"1w\"}",
    "{" FIELDS ",\"interval\":\"1M\",\"schema_id\":2}",
    "{" FIELDS ",\"interval\":\"6h\",\"dimensions\":{\"Op\":[\"k1\",null]}}",
    "{" FIELDS ",\"interval\":\"1h\",\"group_by\":[\"Op\"],\"timezone\":\"Asia/Kolkata\"}",
    "{" FIELDS ",\"start\":\"2025-01-03T11:00:00Z\",\"end\":\"2025-01-20T05:00:00Z\"}",
    "{" FIELDS ",\"start\":\"2025-01-03T11:00:00Z\",\"dimensions\":{\"n\":{\"not\":1}},"
    "\"group_by\":[\"n\"]}",
};

static void test_each_config(void)
{
    static const char *const names[] = {"first", "second \"quoted\"", "nightly \xe5\xa4\x9c",
                                        "empty"};
    apr_int64_t configs[countof(names)];

    for (size_t i = 0; i < countof(names); i++) {
        configs[i] = seed_of("each", names[i]);
        if (i < 3)
            seed_random(configs[i], 60);
    }
    for (int folded = 0; folded < 2; folded++) {
        for (size_t b = 0; b < countof(bodies); b++) {
            http_response_t *res = trends("each", bodies[b]);
            int series = 0;

            expect_success(res);
            expect_keys(res, "data", "timestamps,series,interval");
            for (size_t i = 0; i < countof(names); i++)
                series += compare_config(res, configs[i], names[i], bodies[b]);
            expect(series > 2, "%s: hardly anything", bodies[b]);
            expect_int(json_length_at(res, "data.series"), series);
        }
        db_run(DB_A, "CALL wfm_fold_all()", 0);
    }
}

/* Field by field, in each of them the configs by id, in each of those the groups. */
static void test_order(void)
{
    apr_int64_t a = seed_of("order", "z"), b = seed_of("order", "a");
    http_response_t *res;

    seed_metric(DB_A, b, "2025-01-03T05:00:00Z", "{\"Op\":\"x\"}", "{\"t\":5,\"l\":1}", NULL);
    seed_metric(DB_A, a, "2025-01-01T05:00:00Z", "{\"Op\":\"y\"}", "{\"t\":1.50}", NULL);
    seed_metric(DB_A, a, "2025-01-01T06:00:00Z", "{\"Op\":\"x\"}", "{\"t\":2}", NULL);
    res = trends("order", "{\"metric_fields\":[\"t\",\"l\"],\"group_by\":[\"Op\"]}");
    expect_keys(res, "data.series.0", "name,field,config_id,config_name,dimensions,values,counts");
    expect_json(
        res, "data",
        strf("{\"timestamps\":[\"2025-01-01T00:00:00Z\",\"2025-01-03T00:00:00Z\"],\"series\":["
             "{\"name\":\"z: t (Op=x)\",\"field\":\"t\",\"config_id\":" ID
             ",\"config_name\":\"z\",\"dimensions\":{\"Op\":\"x\"},\"values\":[2,null],"
             "\"counts\":[1,0]},"
             "{\"name\":\"z: t (Op=y)\",\"field\":\"t\",\"config_id\":" ID
             ",\"config_name\":\"z\",\"dimensions\":{\"Op\":\"y\"},\"values\":[1.5,null],"
             "\"counts\":[1,0]},"
             "{\"name\":\"a: t (Op=x)\",\"field\":\"t\",\"config_id\":" ID
             ",\"config_name\":\"a\",\"dimensions\":{\"Op\":\"x\"},\"values\":[null,5],"
             "\"counts\":[0,1]},"
             "{\"name\":\"a: l (Op=x)\",\"field\":\"l\",\"config_id\":" ID
             ",\"config_name\":\"a\",\"dimensions\":{\"Op\":\"x\"},\"values\":[null,1],"
             "\"counts\":[0,1]}],\"interval\":\"1d\"}",
             a, a, b, b));
}

/* The buckets between the first and the last of all configs. */
static void test_fill(void)
{
    apr_int64_t a = seed_of("fill", "a"), b = seed_of("fill", "b");

    seed_metric(DB_A, a, "2025-01-01T05:00:00Z", "{}", "{\"t\":1}", NULL);
    seed_metric(DB_A, b, "2025-01-04T05:00:00Z", "{}", "{\"t\":2}", NULL);
    for (int folded = 0; folded < 2; folded++) {
        http_response_t *res = trends("fill", "{\"metric_fields\":[\"t\"],\"fill\":true}");

        expect_json(res, "data.timestamps",
                    "[\"2025-01-01T00:00:00Z\",\"2025-01-02T00:00:00Z\",\"2025-01-03T00:00:00Z\","
                    "\"2025-01-04T00:00:00Z\"]");
        expect_int(json_length_at(res, "data.series"), 2);
        expect_json(res, "data.series.0.values", "[1,null,null,null]");
        expect_json(res, "data.series.1.values", "[null,null,null,2]");
        expect_json(res, "data.series.1.config_id", strf(ID, b));
        db_run(DB_A, "CALL wfm_fold_all()", 0);
    }
}

/* Only configs of the cluster, and that are there. */
static void test_belonging(void)
{
    apr_int64_t own = seed_of("belong", "own"), foreign = seed_of("belong", "foreign");
    apr_int64_t gone = seed_of("belong", "gone");

    db_run(DB_A, "UPDATE github_workflow_configs SET cluster_name = 'elsewhere' WHERE id = $1", 1,
           strf(ID, foreign));
    seed_metric(DB_A, own, "2025-01-01T05:00:00Z", "{}", "{\"t\":1}", NULL);
    seed_metric(DB_A, foreign, "2025-01-02T05:00:00Z", "{}", "{\"t\":1}", NULL);
    seed_metric(DB_A, gone, "2025-01-03T05:00:00Z", "{}", "{\"t\":1}", NULL);
    expect_int(json_length_at(trends("belong", "{\"metric_fields\":[\"t\"]}"), "data.series"), 2);
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id = $1", 1, strf(ID, gone));
    for (int folded = 0; folded < 2; folded++) {
        http_response_t *res = trends("belong", "{\"metric_fields\":[\"t\"]}");

        expect_int(json_length_at(res, "data.series"), 1);
        expect_json(res, "data.timestamps", "[\"2025-01-01T00:00:00Z\"]");
        db_run(DB_A, "CALL wfm_fold_all()", 0);
    }
}

static void test_nothing(void)
{
    http_response_t *res;

    seed_of("nothing", "x");
    res = trends("nothing", "{\"metric_fields\":[\"t\"],\"interval\":\"1w\"}");
    expect_success(res);
    expect_json(res, "data", "{\"timestamps\":[],\"series\":[],\"interval\":\"1w\"}");
    expect_error(trends("missing", "{\"metric_fields\":[\"t\"]}"), 4040, "repository not found");
    expect_error(trends("Nothing", "{\"metric_fields\":[\"t\"]}"), 4040, "repository not found");
}

static void test_wrong_inputs(void)
{
    static const struct {
        const char *body, *field, *message;
    } cases[] = {
        {"{}", "metric_fields", "is required"},
        {"{\"metric_fields\":[\"t\"],\"interval\":\"2d\"}", "interval",
         "must be one of 1h, 6h, 1d, 1w, 1M"},
        {"{\"metric_fields\":[\"t\"],\"group_by\":\"Op\"}", "group_by",
         "must be an array of at most 10 names"},
        {"{\"metric_fields\":[\"t\"],\"schema_id\":0}", "schema_id", "must be a positive integer"},
        {"{\"metric_fields\":[\"t\"],\"fill\":1}", "fill", "must be true or false"},
    };
    http_response_t *res;

    seed_metric(DB_A, seed_of("wrong", "x"), "2025-01-03T05:00:00Z", "{}", "{\"t\":1}", NULL);
    for (size_t i = 0; i < countof(cases); i++)
        expect_field(trends("wrong", cases[i].body), cases[i].field, cases[i].message);
    res = trends("wrong", "{\"metric_fields\":[\"t\"],\"timezone\":\"Europe/Nowhere\"}");
    expect_status(res, 400);
    expect_text(res, "errors.0.field", "timezone");
    res = trends("%ff", "{}");
    expect_field(res, "repo", "must be percent-encoded UTF-8 text without NUL");
    expect_field(res, "metric_fields", "is required");
}

/* Bounds are those of the whole answer, not of each config's. */
static void test_bounds(void)
{
    static const char body[] = "{\"metric_fields\":[\"t\"],\"interval\":\"1h\"}";
    apr_int64_t configs[] = {seed_of("bounds", "a"), seed_of("bounds", "b")};

    for (size_t i = 0; i < countof(configs); i++) {
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " metrics) SELECT $1, 1, 1, '2015-01-01Z'::timestamptz + i * interval '1 hour',"
               " '{\"t\":1}' FROM generate_series(1, 50001) i",
               1, strf(ID, configs[i]));
        expect_success(http_json("POST", strf("/configs/" ID "/metrics/trends", configs[i]), body));
    }
    expect_error(trends("bounds", body), 4000,
                 "the answer would have more than 100000 rows: narrow the time range, or choose a"
                 " longer interval or fewer groups");
    for (size_t i = 0; i < countof(configs); i++)
        db_run(DB_A, "DELETE FROM github_workflow_metrics WHERE config_id = $1", 1,
               strf(ID, configs[i]));
}

static void test_http(void)
{
    http_request_t rq = {.method = "POST",
                         .host = HOST_RO,
                         .path = "/repositories/trends/http/metrics/trends",
                         .body = "{\"metric_fields\":[\"t\"]}",
                         .headers = {JSON_TYPE}};
    http_response_t *res;

    seed_of("http", "x");
    expect_success(http_send(&rq)); /* it only reads */
    rq.method = "GET";
    rq.body = NULL;
    res = http_send(&rq);
    expect_error(res, 4050, "method not allowed");
    expect_header(res, "Allow", "OPTIONS, POST");
    rq.method = "OPTIONS";
    expect_header(http_send(&rq), "Allow", "OPTIONS, POST");
}

SUITE(repository_trends) = {
    {"what each config's own are", test_each_config},
    {"order and form", test_order},
    {"buckets in between", test_fill},
    {"which configs belong to it", test_belonging},
    {"nothing to show, no repository", test_nothing},
    {"each input's wrong forms", test_wrong_inputs},
    {"bounds", test_bounds},
    {"methods, a read-only host", test_http},
    CU_TEST_INFO_NULL,
};
