/*
 * test_runners.c - GET /configs/:id/runners: which of Lens' workloads are a config's finished
 * runners, and which of them have a run; in databases of several generations, and in those that
 * have no table of workloads.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include "side.h"
#include <string.h>

#define DB_GENERATION "lens_runners"
#define SINCE         "since=2025-01-01T00:00:00Z"
#define NONE                                                                                       \
    "this database has no table gpu_workload, in which Lens lists the runners: none are known"

static http_response_t *runners(apr_int64_t config, const char *query)
{
    return http_get(strf("/configs/" ID "/runners?%s", config, query));
}

/* The uids of the answer, in its order, each behind a blank; those that have a run with a plus. */
static const char *uids(const http_response_t *res)
{
    const char *list = "";

    expect_success(res);
    for (int i = 0; i < json_length_at(res, "data.runners"); i++)
        list = strf(
            "%s %s%s", list,
            json_object_get_string(json_at(res, strf("data.runners.%d.uid", i), NULL)),
            json_object_get_boolean(json_at(res, strf("data.runners.%d.processed", i), NULL)) ? "+"
                                                                                              : "");
    return list;
}

static void add_run(const char *dbname, const char *config, const char *uid)
{
    db_run(dbname, "INSERT INTO github_workflow_runs (config_id, workload_uid) VALUES ($1, $2)", 2,
           config, uid);
}

static void change(const char *uid, const char *what)
{
    db_run(DB_A, strf("UPDATE gpu_workload SET %s WHERE uid = $1", what), 1, uid);
}

static void test_answer(void)
{
    apr_int64_t config = seed_config(DB_A, "runners"), other = seed_config(DB_A, "others");
    http_response_t *res;

    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, "r", 3);
    lens_add_runners(DB_A, other, "o", 2);
    add_run(DB_A, strf(ID, config), "r-2");
    add_run(DB_A, strf(ID, other), "r-1"); /* of another config */
    res = runners(config, SINCE);
    expect_str(uids(res), " r-3 r-2+ r-1");
    expect_keys(res, "data", "runners,total,limit");
    expect_json(res, "data.total", "3");
    expect_json(res, "data.limit", "100");
    expect_json(res, "data.runners.1",
                strf("{\"uid\":\"r-2\",\"name\":\"runner-2\",\"namespace\":\"ns\","
                     "\"started_at\":\"2024-12-31T23:51:00Z\",\"completed_at\":"
                     "\"2025-01-01T00:01:00Z\",\"github_run_id\":9000000002,"
                     "\"github_job_id\":402,\"workflow_name\":\"Benchmark\",\"branch\":\"main\","
                     "\"processed\":true}"));
    /* ranges include their ends */
    expect_str(uids(runners(config, "since=2025-01-01T00:01:00Z")), " r-3 r-2+");
    expect_str(uids(runners(config, "since=2025-01-01T01:01:00.000001%2B01:00")), " r-3");
    res = runners(config, SINCE "&limit=2");
    expect_str(uids(res), " r-3 r-2+");
    expect_json(res, "data.total", "3");
    expect_json(res, "data.limit", "2");
    expect_json(runners(config, SINCE "&limit=5000"), "data.limit", "1000");
    lens_drop_workloads(DB_A);
}

/* For 24 hours, unless somebody says since when; those that end at the same instant by uid. */
static void test_since(void)
{
    apr_int64_t config = seed_config(DB_A, "since");

    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, "s", 4);
    change("s-1", "end_at = now() - interval '25 hours'");
    change("s-2", "end_at = now() - interval '23 hours'");
    change("s-3", "end_at = (SELECT end_at FROM gpu_workload WHERE uid = 's-2')");
    change("s-4", "end_at = now() - interval '1 hour'");
    expect_str(uids(runners(config, "")), " s-4 s-2 s-3");
    expect_str(uids(runners(config, SINCE)), " s-4 s-2 s-3 s-1");
    expect_json(runners(config, "since=2999-01-01T00:00:00Z"), "data",
                "{\"runners\":[],\"total\":0,\"limit\":100}");
    lens_drop_workloads(DB_A);
}

/* Other kinds, other namespaces, other scale sets and what still runs are not among them. */
static void test_which(void)
{
    apr_int64_t config = seed_config(DB_A, "which");

    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, "w", 9);
    change("w-1", "kind = 'Pod'");
    change("w-2", "namespace = 'elsewhere'");
    change("w-3", "labels = '{\"actions.github.com/scale-set-name\":\"other\"}'");
    change("w-4", "end_at = NULL");
    change("w-5", "labels = '[1]', annotations = '3'");
    change("w-6", "deleted_at = now()");
    change("w-7", "labels = '{}', parent_uid = 'set-uid'");
    change("w-8", "labels = '{}', parent_uid = ''");
    change("w-9", "labels = '{}', parent_uid = 'another'");
    expect_str(uids(runners(config, SINCE)), " w-6");
    db_run(DB_A, "UPDATE github_workflow_configs SET runner_set_uid = '' WHERE id = $1", 1,
           strf(ID, config));
    expect_str(uids(runners(config, SINCE)), " w-6");
    db_run(DB_A, "UPDATE github_workflow_configs SET runner_set_uid = 'set-uid' WHERE id = $1", 1,
           strf(ID, config));
    expect_str(uids(runners(config, SINCE)), " w-7 w-6");
    lens_drop_workloads(DB_A);
}

/* What Lens read from annotations may be anything. */
static void test_annotations(void)
{
    static const struct {
        const char *annotations, *id;
    } cases[] = {
        {"{}", "null"},
        {"null", "null"},
        {"[\"actions.github.com/run-id\"]", "null"},
        {"{\"actions.github.com/run-id\":null}", "null"},
        {"{\"actions.github.com/run-id\":\"\"}", "null"},
        {"{\"actions.github.com/run-id\":\"12x\"}", "null"},
        {"{\"actions.github.com/run-id\":\"-1\"}", "null"},
        {"{\"actions.github.com/run-id\":\" 1\"}", "null"},
        {"{\"actions.github.com/run-id\":\"1\\n\"}", "null"},
        {"{\"actions.github.com/run-id\":\"9223372036854775808\"}", "null"},
        {"{\"actions.github.com/run-id\":\"99999999999999999999999999\"}", "null"},
        {"{\"actions.github.com/run-id\":\"9223372036854775807\"}", "9223372036854775807"},
        {"{\"actions.github.com/run-id\":17}", "17"},
        {"{\"actions.github.com/run-id\":\"017\"}", "17"},
    };
    apr_int64_t config = seed_config(DB_A, "annotations");
    http_response_t *res;

    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, "a", 1);
    for (size_t i = 0; i < countof(cases); i++) {
        change("a-1", strf("annotations = '%s'", cases[i].annotations));
        res = runners(config, SINCE);
        expect_success(res);
        expect_json(res, "data.runners.0.github_run_id", cases[i].id);
        expect_json(res, "data.runners.0.branch", "null");
    }
    change("a-1", "annotations = jsonb_build_object('actions.github.com/branch', repeat('ü', 2000),"
                  " 'actions.github.com/workflow-name', E'\"<\\t\\\\')");
    res = runners(config, SINCE);
    expect_text(res, "data.runners.0.workflow_name", "\"<\t\\");
    expect_int((int)strlen(json_object_get_string(json_at(res, "data.runners.0.branch", NULL))),
               2000); /* a thousand characters */
    lens_drop_workloads(DB_A);
}

static void test_wrong_inputs(void)
{
    static const char limit[] = "must be an integer between 1 and 1000";
    static const char time[] = "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z";
    static const struct {
        const char *query, *field, *message;
    } cases[] = {
        {"limit=0", "limit", limit},        {"limit=-1", "limit", limit},
        {"limit=x", "limit", limit},        {"limit=", "limit", limit},
        {"since=", "since", time},          {"since=now", "since", time},
        {"since=yesterday", "since", time}, {"since=2025-01-01", "since", time},
    };
    apr_int64_t config = seed_config(DB_A, "wrong");

    for (size_t i = 0; i < countof(cases); i++)
        expect_field(runners(config, cases[i].query), cases[i].field, cases[i].message);
    expect_status(runners(config, SINCE "&" SINCE), 400);
    expect_status(http_get("/configs/x/runners"), 400);
    expect_error(http_json("POST", strf("/configs/" ID "/runners", config), "{}"), 4050,
                 "method not allowed");
}

/* No Lens: an empty list that says so; and 404 where there is no config. */
static void test_without_table(void)
{
    apr_int64_t config = seed_config(DB_A, "without");

    lens_drop_workloads(DB_A);
    expect_json(runners(config, ""), "data",
                "{\"runners\":[],\"total\":0,\"limit\":100,\"message\":\"" NONE "\"}");
    expect_error(runners(999999999, ""), 4040, "config not found");
    lens_make_workloads(DB_A);
    expect_json(runners(config, ""), "data", "{\"runners\":[],\"total\":0,\"limit\":100}");
    expect_error(runners(999999999, ""), 4040, "config not found");
    /* The role may not read it: the log says what to do. */
    db_run(DB_A, "REVOKE SELECT ON gpu_workload FROM wfmetrics", 0);
    apr_off_t mark = fixture_log_mark();
    expect_error(runners(config, ""), 5000, "internal error");
    expect_contains(fixture_log_since(mark), "grant the role its rights");
    lens_drop_workloads(DB_A);
}

static void test_head_and_tag(void)
{
    apr_int64_t config = seed_config(DB_A, "tag");
    http_request_t rq = {.path = strf("/configs/" ID "/runners?" SINCE, config)};
    http_response_t *res;

    lens_make_workloads(DB_A);
    lens_add_runners(DB_A, config, "t", 1);
    res = http_send(&rq);
    expect_success(res);
    rq.headers[0] = strf("If-None-Match: %s", http_header(res, "ETag"));
    expect_status(http_send(&rq), 304);
    add_run(DB_A, strf(ID, config), "t-1");
    expect_str(uids(http_send(&rq)), " t-1+");
    rq.headers[0] = NULL;
    rq.method = "HEAD";
    res = http_send(&rq);
    expect_status(res, 200);
    expect_int((int)res->len, 0);
    expect(http_header(res, "ETag") != NULL, "HEAD has no ETag");
    rq.method = "GET";
    rq.host = HOST_RO; /* one may look there */
    expect_str(uids(http_send(&rq)), " t-1+");
    lens_drop_workloads(DB_A);
}

/* A run that its collector has made without a config, or before the config, is the runner's. */
static void check_runner_sets(int port)
{
    http_request_t rq = {.port = port, .host = DB_GENERATION, .path = "/configs/1/runners?" SINCE};

    db_run(DB_GENERATION,
           "INSERT INTO github_workflow_runs (runner_set_id, runner_set_namespace, runner_set_name,"
           " config_id, workload_uid) VALUES (5, 'ns', 'set', NULL, 'g-1'), (5, 'ns', 'set', 0,"
           " 'g-2'), (6, 'ns', 'other', NULL, 'g-3')",
           0);
    /* which set it is, its runs say, or the config */
    expect_str(uids(http_send(&rq)), " g-4+ g-3 g-2+ g-1+");
    db_run(DB_GENERATION, "UPDATE github_workflow_configs SET runner_set_id = 6", 0);
    expect_str(uids(http_send(&rq)), " g-4+ g-3+ g-2 g-1");
}

static void test_generations(void)
{
    static const int generations[] = {1, 3, 5};

    for (size_t i = 0; i < countof(generations); i++) {
        int port;

        lens_create(DB_GENERATION, generations[i]);
        lens_make_workloads(DB_GENERATION);
        lens_migrate(DB_GENERATION, ".");
        lens_grant(DB_GENERATION);
        lens_add_config(DB_GENERATION);
        lens_add_runners(DB_GENERATION, 1, "g", 4);
        add_run(DB_GENERATION, "1", "g-4");
        if ((port = lens_host(DB_GENERATION))) {
            http_request_t rq = {
                .port = port, .host = DB_GENERATION, .path = "/configs/1/runners?" SINCE};

            expect_str(uids(http_send(&rq)), " g-4+ g-3 g-2 g-1");
            if (generations[i] >= 3)
                check_runner_sets(port);
        }
        side_stop();
        lens_drop(DB_GENERATION);
    }
}

SUITE(runners) = {
    {"what a runner is", test_answer},
    {"since when", test_since},
    {"which workloads they are", test_which},
    {"annotations of any kind", test_annotations},
    {"wrong inputs", test_wrong_inputs},
    {"a database without workloads", test_without_table},
    {"HEAD and entity tag", test_head_and_tag},
    {"generations of Lens", test_generations},
    CU_TEST_INFO_NULL,
};
