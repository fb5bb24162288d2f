/*
 * test_repositories.c - GET /repositories and GET /repositories/:owner/:repo. What the summaries
 * have to do with it is compared in test_summaries.c, too.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include "summed.h"
#include <string.h>

/* A config of a repository, of cluster-a's. */
static apr_int64_t seed_of(const char *owner, const char *repo, const char *name)
{
    return db_int(DB_A,
                  "INSERT INTO github_workflow_configs (name, runner_set_namespace,"
                  " runner_set_name, github_owner, github_repo) VALUES ($1, 'ns',"
                  " gen_random_uuid()::text, $2, $3) RETURNING id",
                  3, name, owner, repo);
}

/* A run with GitHub's id (NULL: none), created on that day of 2025. */
static apr_int64_t seed_github_run(apr_int64_t config, const char *status, const char *github_run,
                                   const char *day)
{
    return db_int(DB_A,
                  "INSERT INTO github_workflow_runs (config_id, workload_uid, status,"
                  " github_run_id, created_at) VALUES ($1, gen_random_uuid()::text, $2, $3,"
                  " ('2025-' || $4 || 'T00:00:00Z')::timestamptz) RETURNING id",
                  4, strf(ID, config), status, github_run, day);
}

static void seed_metrics(apr_int64_t config, int n)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp)"
           " SELECT $1, 1, 1, '2025-01-01Z' FROM generate_series(1, $2::int)",
           2, strf(ID, config), strf("%d", n));
}

static http_response_t *list_of(const char *owner)
{
    return http_get(strf("/repositories?github_owner=%s", http_escape(owner)));
}

static http_response_t *one(const char *owner, const char *repo)
{
    return http_get(strf("/repositories/%s/%s", http_escape(owner), http_escape(repo)));
}

/* ---- the list ---- */

static void test_list(void)
{
    apr_int64_t a = seed_of("list", "one", "a"), b = seed_of("list", "one", "b");
    http_response_t *res;

    seed_of("list", "bare", "without runs");
    seed_github_run(a, "completed", "1", "01-02");
    seed_github_run(a, "failed", "1", "01-03");
    seed_github_run(b, "completed", "2", "01-05");
    seed_github_run(b, "workload_running", NULL, "01-04"); /* the newest by its id */
    seed_metrics(a, 3);
    seed_metrics(b, 2);
    res = list_of("list");
    expect_success(res);
    expect_keys(res, "data", "repositories,total,offset,limit");
    expect_keys(res, "data.repositories.0",
                "github_owner,github_repo,configs,runs,metrics,last_run_at");
    expect_json(res, "data.repositories",
                "[{\"github_owner\":\"list\",\"github_repo\":\"bare\",\"configs\":1,\"runs\":{},"
                "\"metrics\":0,\"last_run_at\":null},"
                "{\"github_owner\":\"list\",\"github_repo\":\"one\",\"configs\":2,\"runs\":"
                "{\"failed\":1,\"completed\":2,\"workload_running\":1},\"metrics\":5,"
                "\"last_run_at\":\"2025-01-04T00:00:00Z\"}]");
    expect_json(res, "data.total", "2");
    expect_json(res, "data.offset", "0");
    expect_json(res, "data.limit", "100");
}

/* By code point, whatever the database's locale; GitHub tells no case apart, this does. */
static void test_order(void)
{
    static const char *const repos[] = {"b", "B", "a-b", "a", "ab", "\xc3\xa9", "Z", "a b/c"};
    static const char *const sorted[] = {"B", "Z", "a", "a b/c", "a-b", "ab", "b", "\xc3\xa9"};
    http_response_t *res;

    for (size_t i = 0; i < countof(repos); i++)
        seed_of("order", repos[i], "x");
    seed_of("Order", "b", "x");
    res = list_of("order");
    expect_json(res, "data.total", "8");
    for (size_t i = 0; i < countof(sorted); i++)
        expect_text(res, strf("data.repositories.%d.github_repo", (int)i), sorted[i]);
    for (size_t i = 0; i < countof(sorted); i++) {
        http_response_t *page =
            http_get(strf("/repositories?github_owner=order&limit=1&offset=%d", (int)i));
        expect_json(page, "data.total", "8");
        expect_int(json_length_at(page, "data.repositories"), 1);
        expect_text(page, "data.repositories.0.github_repo", sorted[i]);
        expect_text(one("order", sorted[i]), "data.github_repo", sorted[i]);
    }
    res = http_get("/repositories?github_owner=order&offset=8");
    expect_json(res, "data.repositories", "[]");
    expect_json(res, "data.total", "8");
    expect_json(http_get("/repositories?github_owner=order&offset=9223372036854775807"),
                "data.repositories", "[]");
    expect_json(http_get("/repositories?github_owner=order&limit=9999"), "data.limit", "1000");
}

/* Owners by their bytes, too: of all that there are each one comes behind the one before. */
static void test_order_of_owners(void)
{
    const char *last_owner = "", *last_repo = "";
    json_object *all;
    int found;

    seed_of("sorted", "x", "x");
    seed_of("Unsorted", "x", "x");
    all = json_at(http_get("/repositories?limit=1000"), "data.repositories", &found);
    for (int i = 0; i < json_length(all); i++) {
        const char *owner = json_text(json_member(json_item(all, i), "github_owner"));
        const char *repo = json_text(json_member(json_item(all, i), "github_repo"));
        int by_owner = strcmp(last_owner, owner);

        expect(by_owner < 0 || (by_owner == 0 && strcmp(last_repo, repo) < 0),
               "'%s' '%s' in front of '%s' '%s'", last_owner, last_repo, owner, repo);
        last_owner = owner;
        last_repo = repo;
    }
    expect(strcmp(last_owner, "Unsorted") >= 0, "the last one is '%s'", last_owner);
}

static void test_filters(void)
{
    static const struct {
        const char *query;
        int total;
    } cases[] = {
        {"github_owner=filter%25d", 2},
        {"github_owner=filter", 0},
        {"github_owner=FILTER%25d", 0},
        {"github_owner=filter%25d&q=", 2},
        {"q=ilter%25D/ON", 1},
        {"q=%25d/", 2},
        {"q=filter_d", 0},
        {"q=r%25d/o", 1},
        {"github_owner=filter%25d&q=two", 1},
        {"github_owner=%27;--", 0},
        {"github_owner=filter%25d&unknown=1", 2},
    };

    seed_of("filter%d", "one", "x");
    seed_of("filter%d", "two", "x");
    for (size_t i = 0; i < countof(cases); i++)
        expect_json(http_get(strf("/repositories?%s", cases[i].query)), "data.total",
                    strf("%d", cases[i].total));
    expect(json_int_at(http_get("/repositories?github_owner="), "data.total") > 2,
           "an empty filter leaves something out");
}

static void test_wrong_inputs(void)
{
    static const struct {
        const char *query, *field, *message;
    } cases[] = {
        {"limit=0", "limit", "must be an integer between 1 and 1000"},
        {"limit=x", "limit", "must be an integer between 1 and 1000"},
        {"limit=", "limit", "must be an integer between 1 and 1000"},
        {"limit=1.5", "limit", "must be an integer between 1 and 1000"},
        {"offset=-1", "offset", "must be an integer between 0 and 9223372036854775807"},
        {"offset=9223372036854775808", "offset",
         "must be an integer between 0 and 9223372036854775807"},
        {"offset=1&offset=1", "offset", "must be given only once"},
        {"q=%ff", "q", "must be percent-encoded UTF-8 text without NUL"},
        {"q=%00", "q", "must be percent-encoded UTF-8 text without NUL"},
        {"github_owner=%", "github_owner", "must be percent-encoded UTF-8 text without NUL"},
        {"github_owner=a&github_owner=b", "github_owner", "must be given only once"},
    };
    char name[257];
    http_response_t *res;

    for (size_t i = 0; i < countof(cases); i++)
        expect_field(http_get(strf("/repositories?%s", cases[i].query)), cases[i].field,
                     cases[i].message);
    memset(name, 'x', sizeof name);
    name[256] = '\0';
    expect_field(one(name, "r"), "owner", "must be at most 255 characters");
    expect_field(one("o", name), "repo", "must be at most 255 characters");
    name[255] = '\0';
    expect_error(one(name, name), 4040, "repository not found");
    res = http_get("/repositories/%ff/a%00b");
    expect_field(res, "owner", "must be percent-encoded UTF-8 text without NUL");
    expect_field(res, "repo", "must be percent-encoded UTF-8 text without NUL");
    expect_int(json_length_at(res, "errors"), 2);
}

/* ---- one ---- */

static void test_missing(void)
{
    seed_of("missing", "there", "x");
    expect_success(one("missing", "there"));
    expect_error(one("missing", "x"), 4040, "repository not found");
    expect_error(one("Missing", "there"), 4040, "repository not found");
    expect_error(one("missing", "There"), 4040, "repository not found");
    expect_error(one("missing", "there "), 4040, "repository not found");
    expect_error(one("' OR '1'='1", "$1"), 4040, "repository not found");
    expect_status(http_get("/repositories/missing"), 404);
    expect_status(http_get("/repositories/missing/"), 404);
    expect_status(http_get("/repositories//there"), 404);
    expect_status(http_get("/repositories/missing/there/x"), 404);
}

/* Names are data, whatever a path makes of them otherwise. */
static void test_names(void)
{
    static const char *const names[] = {"a/b",
                                        "100%",
                                        "a+b c",
                                        "%2F",
                                        "\\'\"",
                                        "$1::text",
                                        "\xe9\x80\x9a\xe4\xb9\x89 \xf0\x9f\x9a\x80",
                                        "?#;",
                                        " "};

    for (size_t i = 0; i < countof(names); i++) {
        http_response_t *res;

        seed_of(names[i], names[i], "x");
        res = one(names[i], names[i]);
        expect_success(res);
        expect_text(res, "data.github_owner", names[i]);
        expect_text(res, "data.github_repo", names[i]);
    }
}

static void test_configs(void)
{
    apr_int64_t a = seed_of("own", "er", "a"), b = seed_of("own", "er", "b");
    http_response_t *res;

    db_run(DB_A,
           "UPDATE github_workflow_configs SET enabled = false, workflow_filter = 'w.yml',"
           " last_checked_at = '2025-02-01T00:00:00.5Z' WHERE id = $1",
           1, strf(ID, b));
    seed_github_run(b, "completed", "1", "01-02");
    seed_github_run(b, "pending", "1", "01-03");
    seed_metrics(b, 7);
    res = one("own", "er");
    expect_success(res);
    expect_keys(res, "data",
                "github_owner,github_repo,configs,runs,metrics,last_run_at,config_list,"
                "github_runs");
    expect_keys(res, "data.config_list.0",
                "id,name,enabled,runner_set_namespace,runner_set_name,workflow_filter,"
                "branch_filter,last_checked_at,runs,metrics,last_run_at");
    expect_json(res, "data.configs", "2");
    expect_json(res, "data.runs", "{\"pending\":1,\"completed\":1}");
    expect_json(res, "data.metrics", "7");
    expect_text(res, "data.last_run_at", "2025-01-03T00:00:00Z");
    expect_int(json_length_at(res, "data.config_list"), 2);
    expect_json(res, "data.config_list.0.id", strf(ID, b)); /* the newest first */
    expect_text(res, "data.config_list.0.name", "b");
    expect_json(res, "data.config_list.0.enabled", "false");
    expect_text(res, "data.config_list.0.runner_set_namespace", "ns");
    expect_text(res, "data.config_list.0.workflow_filter", "w.yml");
    expect_json(res, "data.config_list.0.branch_filter", "null");
    expect_text(res, "data.config_list.0.last_checked_at", "2025-02-01T00:00:00.5Z");
    expect_json(res, "data.config_list.0.runs", "{\"pending\":1,\"completed\":1}");
    expect_json(res, "data.config_list.0.metrics", "7");
    expect_text(res, "data.config_list.0.last_run_at", "2025-01-03T00:00:00Z");
    expect_json(res, "data.config_list.1.id", strf(ID, a));
    expect_json(res, "data.config_list.1.enabled", "true");
    expect_json(res, "data.config_list.1.runs", "{}");
    expect_json(res, "data.config_list.1.metrics", "0");
    expect_json(res, "data.config_list.1.last_run_at", "null");
}

static void test_many_configs(void)
{
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name,"
           " github_owner, github_repo) SELECT 'c' || i, 'ns', gen_random_uuid()::text, 'many',"
           " 'configs' FROM generate_series(1, 1002) i",
           0);
    res = one("many", "configs");
    expect_json(res, "data.configs", "1002");
    expect_int(json_length_at(res, "data.config_list"), 1000);
    expect_text(res, "data.config_list.0.name", "c1002");
    expect_text(res, "data.config_list.999.name", "c3");
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE github_owner = 'many'", 0);
}

/* ---- what GitHub ran ---- */

/* A matrix' jobs are runs of several configs. What only some of the runs say, the newest of them
 * says. */
static void test_github_run(void)
{
    apr_int64_t a = seed_of("git", "hub", "a"), b = seed_of("git", "hub", "b");
    apr_int64_t other = seed_of("git", "other", "c");
    apr_int64_t first = seed_github_run(a, "completed", "77", "01-02");
    apr_int64_t second = seed_github_run(b, "completed", "77", "01-04");
    apr_int64_t third = seed_github_run(b, "failed", "77", "01-03");
    http_response_t *res;

    seed_github_run(other, "completed", "77", "01-01");
    seed_github_run(a, "completed", NULL, "01-05"); /* of none of GitHub's */
    seed_github_run(a, "completed", "0", "01-05");
    db_run(DB_A,
           "UPDATE github_workflow_runs SET workflow_name = 'w', head_branch = 'main',"
           " head_sha = 'old', github_run_number = 5, metrics_count = 3,"
           " workload_started_at = created_at - interval '1 hour',"
           " workload_completed_at = created_at, updated_at = '2025-02-01Z' WHERE id = $1",
           1, strf(ID, first));
    db_run(DB_A,
           "UPDATE github_workflow_runs SET head_sha = 'new', metrics_count = 4,"
           " workload_started_at = created_at, updated_at = '2025-02-03Z' WHERE id = $1",
           1, strf(ID, second));
    db_run(DB_A,
           "UPDATE github_workflow_runs SET head_sha = '', head_branch = '',"
           " workload_completed_at = created_at, updated_at = '2025-02-02Z' WHERE id = $1",
           1, strf(ID, third));
    res = one("git", "hub");
    expect_keys(res, "data.github_runs.0",
                "github_run_id,github_run_number,workflow_name,head_branch,head_sha,runs,"
                "metrics_count,config_ids,created_at,started_at,completed_at,updated_at");
    expect_json(
        res, "data.github_runs",
        strf("[{\"github_run_id\":77,\"github_run_number\":5,\"workflow_name\":\"w\","
             "\"head_branch\":\"main\",\"head_sha\":\"new\",\"runs\":{\"failed\":1,"
             "\"completed\":2},\"metrics_count\":7,\"config_ids\":[" ID "," ID "],"
             "\"created_at\":\"2025-01-02T00:00:00Z\",\"started_at\":\"2025-01-01T23:00:00Z\","
             "\"completed_at\":null,\"updated_at\":\"2025-02-03T00:00:00Z\"}]",
             a, b));
    expect_json(res, "data.runs", "{\"failed\":1,\"completed\":4}");
    db_run(DB_A, "UPDATE github_workflow_runs SET workload_completed_at = created_at WHERE id = $1",
           1, strf(ID, second)); /* the last one has ended */
    expect_text(one("git", "hub"), "data.github_runs.0.completed_at", "2025-01-04T00:00:00Z");
}

/* The newest 20 of all configs together, each with all of its runs, however old those are. */
static void test_newest(void)
{
    apr_int64_t a = seed_of("new", "est", "a"), b = seed_of("new", "est", "b");
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, github_run_id)"
           " SELECT CASE WHEN i % 3 = 0 OR i > 200 THEN $1::bigint ELSE $2::bigint END,"
           " gen_random_uuid()::text, 1 + (i * 7) % 100 FROM generate_series(1, 300) i",
           2, strf(ID, a), strf(ID, b));
    res = one("new", "est");
    expect_int(json_length_at(res, "data.github_runs"), 20);
    for (int i = 0; i < 20; i++) {
        expect_json(res, strf("data.github_runs.%d.github_run_id", i), strf("%d", 100 - i));
        expect_json(res, strf("data.github_runs.%d.runs", i), "{\"pending\":3}");
    }
    expect_json(res, "data.github_runs.0.github_run_number", "null");
    expect_json(res, "data.github_runs.0.head_sha", "null");
}

/* ---- which configs ---- */

/* Only the cluster's own, as in GET /configs; and an empty name is no repository's. */
static void test_belonging(void)
{
    apr_int64_t gone = seed_of("belong", "gone", "x");

    seed_of("belong", "own", "x");
    seed_of("", "to nobody", "x");
    seed_of("belong", "", "x");
    db_run(DB_A,
           "INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name,"
           " github_owner, github_repo, cluster_name) VALUES"
           " ('x', 'ns', gen_random_uuid()::text, 'belong', 'foreign', 'elsewhere'),"
           " ('x', 'ns', gen_random_uuid()::text, 'belong', 'own', 'elsewhere'),"
           " ('x', 'ns', gen_random_uuid()::text, 'belong', 'own', 'cluster-a')",
           0);
    expect_json(list_of("belong"), "data.total", "2");
    expect_success(http_json("DELETE", strf("/configs/" ID, gone), NULL));
    expect_json(list_of("belong"), "data.total", "1");
    expect_json(list_of("belong"), "data.repositories.0.configs", "2");
    expect_error(one("belong", "gone"), 4040, "repository not found");
    expect_error(one("belong", "foreign"), 4040, "repository not found");
    expect_json(one("belong", "own"), "data.configs", "2");
    expect_json(http_get("/repositories?q=to%20nobody"), "data.total", "0");
}

static const char *count_text(apr_int64_t config, const char *status)
{
    http_response_t *res = http_get(strf("/configs/" ID "/stats", config));

    return strf(ID, json_int_at(res, strf("data.%s", status)));
}

/* Each config's figures are those of its own endpoint, and the repository's their sum. */
static void test_sums(void)
{
    static const char *const names[] = {"pending", "completed", "failed"};
    apr_int64_t configs[4], sums[countof(names)] = {0}, metrics = 0;
    http_response_t *res;

    for (size_t i = 0; i < countof(configs); i++) {
        configs[i] = seed_of("sums", "up", "x");
        db_run(DB_A,
               "INSERT INTO github_workflow_runs (config_id, workload_uid, status, created_at)"
               " SELECT $1, gen_random_uuid()::text, (ARRAY['pending', 'completed', 'failed'])"
               "[1 + (random() * 2)::int], '2025-01-01Z'::timestamptz + random() * interval '5"
               " days' FROM generate_series(1, 5 + (random() * 50)::int)",
               1, strf(ID, configs[i]));
        seed_metrics(configs[i], 1 + (int)i * 10);
    }
    res = one("sums", "up");
    for (size_t i = 0; i < countof(configs); i++) {
        const char *of = strf("data.config_list.%d", (int)(countof(configs) - 1 - i));

        for (size_t k = 0; k < countof(names); k++) {
            const char *n = count_text(configs[i], strf("%s_runs", names[k]));

            /* a status that does not occur is left out */
            if (strcmp(n, "0") != 0)
                expect_json(res, strf("%s.runs.%s", of, names[k]), n);
            sums[k] += apr_atoi64(n);
        }
        metrics += json_int_at(res, strf("%s.metrics", of));
        expect_json(res, strf("%s.metrics", of), count_text(configs[i], "total_metrics"));
    }
    for (size_t k = 0; k < countof(names); k++)
        expect_json(res, strf("data.runs.%s", names[k]), strf(ID, sums[k]));
    expect_json(res, "data.metrics", strf(ID, metrics));
}

/* ---- HTTP ---- */

static void check_reading(const char *path)
{
    http_request_t rq = {.path = path};
    http_response_t *res = http_send(&rq);
    const char *tag = http_header(res, "ETag");

    expect_success(res);
    expect(tag != NULL, "%s has no ETag", path);
    rq.headers[0] = strf("If-None-Match: %s", tag);
    expect_status(http_send(&rq), 304);
    rq.headers[0] = NULL;
    rq.method = "HEAD";
    res = http_send(&rq);
    expect_status(res, 200);
    expect_header(res, "ETag", tag);
    rq.method = "OPTIONS";
    expect_header(http_send(&rq), "Allow", "GET, HEAD, OPTIONS");
    rq.method = "POST";
    res = http_send(&rq);
    expect_error(res, 4050, "method not allowed");
    expect_header(res, "Allow", "GET, HEAD, OPTIONS");
    rq = (http_request_t){.path = path, .host = HOST_RO};
    expect_success(http_send(&rq));
}

static void test_http(void)
{
    apr_int64_t config = seed_of("h", "ttp", "x");
    const char *tag;

    check_reading("/repositories?github_owner=h");
    check_reading("/repositories/h/ttp");
    tag = http_header(http_get("/repositories/h/ttp"), "ETag");
    seed_run(DB_A, config, "completed");
    expect(strcmp(tag, http_header(http_get("/repositories/h/ttp"), "ETag")) != 0,
           "a new run does not change the tag");
}

/* ---- summaries, generations ---- */

/* With the summaries, without, and in doubt. */
static void test_summaries(void)
{
    static const char *const paths[] = {"/repositories", "/repositories/owner/repo"};

    summed_make();
    summed_seed();
    db_run(DB_SUMS, "SELECT test.insert_metrics('repositories', 500)", 0);
    db_run(DB_SUMS, "SELECT test.insert_runs('repositories', 500)", 0);
    for (int i = 0; i < 4; i++)
        summed_compare("writing");
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    for (size_t i = 0; i < countof(paths); i++) {
        http_request_t rq = {.path = paths[i], .host = HOST_SUMS};
        const char *sums = http_send(&rq)->body;

        rq.host = HOST_ROWS;
        expect_str(http_send(&rq)->body, sums);
        db_run(DB_SUMS, "SELECT setval('wfm_doubt', nextval('wfm_doubt') + 1000)", 0);
        rq.host = HOST_SUMS;
        expect_str(http_send(&rq)->body, sums);
        summed_restore_trust();
    }
}

/* The newest generation's runs may be without a config, or of config 0: of no repository. */
static void test_without_config(void)
{
    apr_int64_t config = seed_of("gen", "three", "x");

    db_run(DB_A, "ALTER TABLE github_workflow_runs ALTER config_id DROP NOT NULL", 0);
    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, github_run_id)"
           " VALUES (NULL, 'gen', 5), (0, 'gen', 5), ($1, 'gen', 5)",
           1, strf(ID, config));
    expect_json(one("gen", "three"), "data.runs", "{\"pending\":1}");
    expect_json(one("gen", "three"), "data.github_runs.0.runs", "{\"pending\":1}");
    expect_json(list_of("gen"), "data.repositories.0.runs", "{\"pending\":1}");
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE workload_uid = 'gen'", 0);
    db_run(DB_A, "ALTER TABLE github_workflow_runs ALTER config_id SET NOT NULL", 0);
}

SUITE(repositories) = {
    {"the list", test_list},
    {"its order and its pages", test_order},
    {"the order of owners", test_order_of_owners},
    {"its filters", test_filters},
    {"each input's wrong forms", test_wrong_inputs},
    {"what is not there", test_missing},
    {"names", test_names},
    {"configs of one", test_configs},
    {"more configs than are listed", test_many_configs},
    {"a run of GitHub's", test_github_run},
    {"the newest of GitHub's", test_newest},
    {"which configs belong to it", test_belonging},
    {"sums of what the configs have", test_sums},
    {"methods, tags, a read-only host", test_http},
    {"with and without the summaries", test_summaries},
    {"runs without a config", test_without_config},
    CU_TEST_INFO_NULL,
};
