/*
 * test_run_filters.c - which runs a list is about: what finds a run from GitHub's side, and
 * statuses that only the database knows.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define STATUSES                                                                                   \
    "must be one of pending, collecting, extracting, completed, failed, skipped, "                 \
    "workload_pending, workload_running, collection_pending, collection_running"
#define SOURCES "must be one of realtime, backfill, manual"

/* A run of a config; the texts are as SQL has them. */
static void seed(apr_int64_t config, const char *uid, const char *branch, const char *sha,
                 const char *run_id, const char *workflow, const char *workload)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, head_branch, head_sha,"
           " github_run_id, workflow_name, workload_name) VALUES ($1, $2, $3, $4, $5, $6, $7)",
           7, strf(ID, config), uid, branch, sha, run_id, workflow, workload);
}

static apr_int64_t seed_runs(void)
{
    apr_int64_t config = seed_config(DB_A, "run filters");

    seed(config, "w1", "main", "abc123", "9007199254740993", "Nightly Bench", "gemm-Runner-1");
    seed(config, "w2", "main", "def456", "2", "nightly", "gemm_runner%2");
    seed(config, "w3", "feature/a+b", "abc123", "2", NULL, "att\\n");
    seed(config, "w4", NULL, NULL, NULL, NULL, NULL);
    return config;
}

/* The uids of the list's runs, newest first. */
static const char *uids(apr_int64_t config, const char *query)
{
    http_response_t *res = http_get(strf("/configs/" ID "/runs?%s", config, query));
    const char *list = "";

    expect_success(res);
    for (int i = 0; i < json_length_at(res, "data.runs"); i++)
        list =
            strf("%s%s", list,
                 json_object_get_string(json_at(res, strf("data.runs.%d.workload_uid", i), NULL)));
    expect_int(json_int_at(res, "data.total"), (apr_int64_t)strlen(list) / 2);
    expect_str(json_object_get_string(json_at(
                   http_get(strf("/runs?config_id=" ID "&%s", config, query)), "data", NULL)),
               json_object_get_string(json_at(res, "data", NULL)));
    return list;
}

static void test_by_what_github_knows(void)
{
    static const struct {
        const char *query, *uids;
    } cases[] = {
        {"head_branch=main", "w2w1"},
        {"head_branch=feature/a%2Bb", "w3"},
        {"head_branch=Main", ""},
        {"head_branch=mai", ""},
        {"head_branch=main%25", ""},
        {"head_sha=abc123", "w3w1"},
        {"head_sha=abc", ""},
        {"head_sha=abc123&head_branch=main", "w1"},
        {"github_run_id=9007199254740993", "w1"},
        {"github_run_id=2", "w3w2"},
        {"github_run_id=9223372036854775807", ""},
        {"workflow_name=nightly", "w2"},
        {"workflow_name=Nightly+Bench", "w1"},
        {"workload_name=RUNNER", "w2w1"}, /* a part of it, whatever the case */
        {"workload_name=%25", "w2"},      /* and never a pattern */
        {"workload_name=_", "w2"},
        {"workload_name=%5C", "w3"},
        {"workload_name=gemm&status=pending&head_branch=main&limit=5", "w2w1"},
        {"workload_name=nothing", ""},
        /* empty boxes of a form */
        {"head_branch=&head_sha=&workflow_name=&workload_name=&runner_set=", "w4w3w2w1"},
        {"head_branch='%3B--", ""},
    };
    apr_int64_t config = seed_runs();

    for (size_t i = 0; i < countof(cases); i++)
        expect(!strcmp(uids(config, cases[i].query), cases[i].uids), "%s: expected %s, got %s",
               cases[i].query, cases[i].uids, uids(config, cases[i].query));
}

static void test_pages(void)
{
    apr_int64_t config = seed_runs();

    for (int i = 0; i < 50; i++)
        seed(config, strf("p%02d", i), i % 2 ? "odd" : "even", NULL, NULL, NULL, NULL);
    for (int offset = 0; offset < 30; offset += 10) {
        http_response_t *res = http_get(
            strf("/configs/" ID "/runs?head_branch=odd&limit=10&offset=%d", config, offset));
        expect_json(res, "data.total", "25");
        expect_text(res, "data.runs.0.workload_uid", strf("p%02d", 49 - 2 * offset));
        expect_int(json_length_at(res, "data.runs"), offset == 20 ? 5 : 10);
    }
}

static void test_by_runner_set(void)
{
    apr_int64_t config = seed_runs(), other = seed_config(DB_A, "another runner set");
    const char *name = strf("set %% " ID, config);

    db_run(DB_A, "UPDATE github_workflow_configs SET runner_set_name = $1 WHERE id = $2", 2, name,
           strf(ID, config));
    seed(other, "o1", NULL, NULL, NULL, NULL, NULL);
    expect_str(uids(config, strf("runner_set=set+%%25+" ID, config)), "w4w3w2w1");
    expect_str(uids(other, strf("runner_set=set+%%25+" ID, config)), "");
    expect_json(http_get(strf("/runs?runner_set=set+%%25+" ID, config)), "data.total", "4");
    /* a table whose runs name their runner set themselves */
    db_run(DB_A, "ALTER TABLE github_workflow_runs ADD COLUMN runner_set_name varchar(255)", 0);
    db_run(DB_A, "UPDATE github_workflow_runs SET runner_set_name = $1 WHERE config_id = $2", 2,
           name, strf(ID, other));
    expect_str(uids(other, strf("runner_set=set+%%25+" ID, config)), "o1");
    expect_json(http_get(strf("/runs?runner_set=set+%%25+" ID, config)), "data.total", "5");
    expect_str(uids(config, strf("runner_set=set+%%25+" ID "&head_sha=def456", config)), "w2");
    db_run(DB_A, "ALTER TABLE github_workflow_runs DROP COLUMN runner_set_name", 0);
    expect_str(uids(other, strf("runner_set=set+%%25+" ID, config)), "");
}

static void test_statuses(void)
{
    static const char *const generation_5[] = {"workload_pending", "workload_running",
                                               "collection_pending", "collection_running"};
    apr_int64_t config = seed_config(DB_A, "statuses");

    for (size_t i = 0; i < countof(generation_5); i++) {
        expect_json(http_get(strf("/configs/" ID "/runs?status=%s", config, generation_5[i])),
                    "data.total", "0");
        seed_run(DB_A, config, generation_5[i]);
        expect_json(http_get(strf("/configs/" ID "/runs?status=%s", config, generation_5[i])),
                    "data.total", "1");
    }
    expect_field(http_get("/runs?status=odd+one"), "status", STATUSES);
    expect_field(http_get("/runs?trigger_source=webhook"), "trigger_source", SOURCES);
    expect_field(http_get("/runs?status="), "status", STATUSES);
    seed_run(DB_A, config, "odd one");
    db_run(DB_A, "UPDATE github_workflow_runs SET trigger_source = 'webhook' WHERE config_id = $1",
           1, strf(ID, config));
    expect_json(http_get("/runs?status=odd+one"), "data.total", "1");
    expect_json(http_get("/runs?status=odd+one&trigger_source=webhook"), "data.total", "1");
    expect_json(http_get("/runs?trigger_source=webhook"), "data.total", "5");
    /* and it is one of the valid ones */
    http_response_t *res = http_get("/runs?status=even&trigger_source=cron");
    expect_int(json_length_at(res, "errors"), 2);
    expect_field(res, "status", STATUSES ", odd one");
    expect_field(res, "trigger_source", SOURCES ", webhook");
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE config_id = $1", 1, strf(ID, config));
    expect_field(http_get("/runs?status=odd+one"), "status", STATUSES);
}

static void test_wrong_filters(void)
{
    static const char *const ids[] = {"0", "-1", "x", "1.0", "", "9223372036854775808", "1,2"};
    static const char *const texts[] = {"head_branch", "head_sha", "workflow_name", "workload_name",
                                        "runner_set"};

    for (size_t i = 0; i < countof(ids); i++)
        expect_field(http_get(strf("/runs?github_run_id=%s", ids[i])), "github_run_id",
                     "must be a positive integer");
    for (size_t i = 0; i < countof(texts); i++) {
        expect_field(http_get(strf("/runs?%s=%%00", texts[i])), texts[i],
                     "must be percent-encoded UTF-8 text without NUL");
        expect_field(http_get(strf("/runs?%s=%%FF", texts[i])), texts[i],
                     "must be percent-encoded UTF-8 text without NUL");
        expect_field(http_get(strf("/runs?%s=a&%s=b", texts[i], texts[i])), texts[i],
                     "must be given only once");
        expect_field(http_get(strf("/runs?%s[]=a", texts[i])), texts[i],
                     strf("takes one value and no brackets: write %s=value", texts[i]));
    }
}

SUITE(run_filters) = {
    {"by what GitHub knows of a run", test_by_what_github_knows},
    {"filtered pages", test_pages},
    {"by runner set", test_by_runner_set},
    {"statuses and sources", test_statuses},
    {"wrong filters, each by name", test_wrong_filters},
    CU_TEST_INFO_NULL,
};
