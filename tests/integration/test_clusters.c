/*
 * test_clusters.c - ?cluster=NAME: which hosts serve which cluster, and from which database.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

static http_response_t *get_from(const char *host, const char *path)
{
    return http_send(&(http_request_t){.host = host, .path = path});
}

/* Configs that stand only in the database of cluster-b, so that an answer shows where it is from.
 */
static apr_int64_t config_in_b(const char *name)
{
    db_run(DB_B,
           "SELECT setval('github_workflow_configs_id_seq',"
           " greatest(500000, last_value)) FROM github_workflow_configs_id_seq",
           0);
    return seed_config(DB_B, name);
}

static void test_own_cluster(void)
{
    apr_int64_t config = seed_config(DB_A, "own");

    seed_run(DB_A, config, "failed");
    const char *const paths[] = {strf("/runs?config_id=" ID, config),
                                 strf("/runs?cluster=&config_id=" ID, config),
                                 strf("/runs?cluster=cluster-a&config_id=" ID, config)};
    for (size_t i = 0; i < countof(paths); i++) {
        http_response_t *res = http_get(paths[i]);
        expect_success(res);
        expect_json(res, "data.total", "1");
        expect_text(res, "data.runs.0.config_name", "own");
    }
}

/* All six endpoints, through the host of cluster-a. */
static void test_other_cluster(void)
{
    apr_int64_t config = config_in_b("in b");
    apr_int64_t run = seed_run(DB_B, config, "failed");
    const char *const gone[] = {strf("/configs/" ID "/schemas/active", config),
                                strf("/configs/" ID "/dimensions/Op/values", config),
                                strf("/configs/" ID "/export", config)};
    http_response_t *res;

    seed_schema(DB_B, config, 3, 1, "[\"Op\"]", "[\"throughput\"]");
    seed_metric(DB_B, config, "2025-01-01T00:00:00Z", "{\"Op\":\"GEMM\"}", "{\"throughput\":1}",
                NULL);
    for (size_t i = 0; i < countof(gone); i++)
        expect_error(http_get(gone[i]), 4040, "config not found");
    expect_json(http_get(strf("%s?cluster=cluster-b", gone[0])), "data.version", "3");
    expect_json(http_get(strf("%s?cluster=cluster-b", gone[1])), "data.values", "[\"GEMM\"]");
    expect_contains(http_get(strf("%s?cluster=cluster-b", gone[2]))->body, "\nGEMM,1,2025-01-01");
    expect_text(http_get(strf("/runs?cluster=cluster-b&config_id=" ID, config)),
                "data.runs.0.config_name", "in b");
    res = http_json("POST", strf("/runs/" ID "/retry?cluster=cluster-b", run), NULL);
    expect_success(res);
    expect_str(
        db_text(DB_B, "SELECT status FROM github_workflow_runs WHERE id = $1", 1, strf(ID, run)),
        "pending");
    expect_error(http_json("PATCH", strf("/configs/" ID, config), "{}"), 4040, "config not found");
    res = http_json("PATCH", strf("/configs/" ID "?cluster=cluster-b", config), "{\"name\":\"n\"}");
    expect_success(res);
    expect_str(db_text(DB_B, "SELECT name FROM github_workflow_configs WHERE id = $1", 1,
                       strf(ID, config)),
               "n");
}

/* The same id in both databases: a write reaches the one that was named, and only that. */
static void test_write_reaches_the_named_one(void)
{
    const char *id = strf(ID, config_in_b("twin b"));
    const char *name = "SELECT name FROM github_workflow_configs WHERE id = $1";

    db_run(DB_A,
           "INSERT INTO github_workflow_configs (id, name, runner_set_namespace,"
           " runner_set_name, github_owner, github_repo) VALUES ($1, 'twin a', 'ns', $2,"
           " 'o', 'r')",
           2, id, strf("twin-%s", id));
    expect_success(
        http_json("PATCH", strf("/configs/%s?cluster=cluster-b", id), "{\"name\":\"written\"}"));
    expect_str(db_text(DB_A, name, 1, id), "twin a");
    expect_str(db_text(DB_B, name, 1, id), "written");
    expect_success(http_json("PATCH", strf("/configs/%s", id), "{\"name\":\"mine\"}"));
    expect_str(db_text(DB_A, name, 1, id), "mine");
    expect_str(db_text(DB_B, name, 1, id), "written");
}

static void test_refused(void)
{
    static const char *const paths[] = {"/runs", "/configs/1/schemas/active",
                                        "/configs/1/dimensions/Op/values", "/configs/1/export"};

    for (size_t i = 0; i < countof(paths); i++) {
        expect_error(get_from(HOST_B, strf("%s?cluster=cluster-a", paths[i])), 4030,
                     "cluster 'cluster-a' is not served here");
        expect_error(get_from(HOST_B, strf("%s?cluster=mi999", paths[i])), 4040,
                     "unknown cluster 'mi999'");
    }
    expect_error(http_get("/runs?cluster=cluster-ro"), 4030,
                 "cluster 'cluster-ro' is not served here");
    const char *before = db_fingerprint(DB_A);
    http_request_t rq = {.host = HOST_B,
                         .method = "PATCH",
                         .path = "/configs/1?cluster=cluster-a",
                         .body = "{\"name\":\"stolen\"}",
                         .headers = {JSON_TYPE}};
    expect_error(http_send(&rq), 4030, "cluster 'cluster-a' is not served here");
    rq = (http_request_t){
        .host = HOST_B, .method = "POST", .path = "/runs/1/retry?cluster=cluster-a"};
    expect_error(http_send(&rq), 4030, "cluster 'cluster-a' is not served here");
    expect_str(db_fingerprint(DB_A), before);
}

static void test_odd_names(void)
{
    expect_error(http_get("/runs?cluster=Cluster-A"), 4040, "unknown cluster 'Cluster-A'");
    expect_error(http_get("/runs?cluster=a%22b%3C%5C"), 4040, "unknown cluster 'a\"b<\\'");
    expect_error(http_get("/runs?cluster=%C3%A9%20x"), 4040, "unknown cluster '\xc3\xa9 x'");
    expect_error(http_get("/runs?cluster=*"), 4040, "unknown cluster '*'");
    expect_field(http_get("/runs?cluster=cluster-a&cluster=cluster-b"), "cluster",
                 "must be given only once");
    expect_field(http_get("/runs?cluster=%ff"), "cluster",
                 "must be percent-encoded UTF-8 text without NUL");
}

/* The cluster is decided before the inputs are looked at. */
static void test_order(void)
{
    expect_error(http_get("/runs?cluster=mi999&limit=0"), 4040, "unknown cluster 'mi999'");
    expect_error(http_json("PATCH", "/configs/x?cluster=cluster-ro", "nonsense"), 4030,
                 "cluster 'cluster-ro' is not served here");
    expect_error(http_get("/nope?cluster=mi999"), 4040, "no such endpoint");
    expect_error(http_json("DELETE", "/runs?cluster=mi999", NULL), 4050, "method not allowed");
}

static void test_star_serves_all(void)
{
    apr_int64_t config = config_in_b("starred");
    http_response_t *res =
        get_from(HOST_ALL, strf("/runs?limit=1&cluster=cluster-b&config_id=" ID, config));

    expect_success(res);
    expect_success(get_from(HOST_ALL, "/runs?cluster=cluster-a"));
    expect_success(get_from(HOST_ALL, "/runs?cluster=cluster-all"));
    expect_error(get_from(HOST_ALL, "/runs?cluster=mi999"), 4040, "unknown cluster 'mi999'");
    res =
        get_from(HOST_ALL, strf("/configs/" ID "/dimensions/Op/values?cluster=cluster-b", config));
    expect_success(res);
}

/* A read-only host stays read-only for the cluster that it serves besides its own. */
static void test_read_only_for_others(void)
{
    http_request_t rq = {
        .host = HOST_RO, .method = "POST", .path = "/runs/1/retry?cluster=cluster-b"};

    expect_error(http_send(&rq), 4030, "this API is read-only here");
    expect_success(get_from(HOST_RO, "/runs?cluster=cluster-b"));
}

static void test_default_host(void)
{
    apr_int64_t config = seed_config(DB_A, "default host");

    expect_success(
        get_from("unknown.example", strf("/configs/" ID "/dimensions/Op/values", config)));
}

/* A fault of the cluster's is one of all the faults. */
static void test_faults_together(void)
{
    http_response_t *res = http_get("/runs?cluster=cluster-a&cluster=cluster-b&limit=0");

    expect_int(json_length_at(res, "errors"), 2);
    expect_field(res, "cluster", "must be given only once");
    expect_field(res, "limit", "must be an integer between 1 and 100");
}

/* The main server's cluster is not that of a host without any: there the API is not at home. */
static void test_host_without_cluster(void)
{
    static const char *const paths[] = {"/runs", "/configs/1", "/nope", ""};
    http_request_t rq = {.host = HOST_BARE, .base = "/inherited", .path = "/runs"};
    apr_off_t mark = fixture_log_mark();
    http_response_t *res;

    for (size_t i = 0; i < countof(paths); i++) {
        res = get_from(HOST_BARE, paths[i]);
        expect_status(res, 404);
        expect(res->json == NULL, "expected httpd's own page, got %s", res->body);
    }
    expect_error(http_send(&rq), 5000, "internal error");
    expect_contains(fixture_log_since(mark), "declares no WfmetricsCluster");
    rq.host = HOST_B; /* the location is the main server's, the cluster the host's */
    rq.path = "/runs?cluster=cluster-b";
    expect_success(http_send(&rq));
    expect_success(get_from(HOST_ALL, "/runs?cluster=cluster-main"));
}

/* ---- GET /clusters ---- */

#define ROW(name, own, read_only, takes_results)                                                   \
    "{\"name\":\"" name "\",\"own\":" #own ",\"read_only\":" #read_only                            \
    ",\"takes_results\":" #takes_results "}"
#define ONE(name, own, read_only) ROW(name, own, read_only, false)

static void test_list(void)
{
    static const struct {
        const char *host, *clusters;
    } cases[] = {
        {HOST_A, ROW("cluster-a", true, false, true) "," ROW("cluster-b", false, false, true)},
        {HOST_B, ONE("cluster-b", true, false)},
        {HOST_RO, ONE("cluster-ro", true, true) "," ONE("cluster-b", false, true)},
        {HOST_TWIN, ONE("cluster-twin", true, false)},
        {HOST_READER, ONE("cluster-twin", true, true)},
        {HOST_ODD, ONE("r&d <two>", true, false)},
        {HOST_NOWHERE, ONE("cluster-nowhere", true, false)}, /* no database is asked */
    };

    for (size_t i = 0; i < countof(cases); i++) {
        http_response_t *res = get_from(cases[i].host, "/clusters");

        expect_success(res);
        expect_json(res, "data", strf("{\"clusters\":[%s]}", cases[i].clusters));
    }
    /* whichever of them is asked */
    expect_json(http_get("/clusters?cluster=cluster-b"), "data.clusters",
                strf("[%s]", cases[0].clusters));
    expect_error(http_get("/clusters?cluster=mi999"), 4040, "unknown cluster 'mi999'");
    expect_error(get_from(HOST_B, "/clusters?cluster=cluster-a"), 4030,
                 "cluster 'cluster-a' is not served here");
    expect_error(http_json("POST", "/clusters", NULL), 4050, "method not allowed");
}

/* What is listed can be asked for, what is not cannot; its own first, the others by name. */
static void test_list_is_what_is_served(void)
{
    http_response_t *res = get_from(HOST_ALL, "/clusters");
    const char *before = "";

    expect_success(res);
    expect_text(res, "data.clusters.0.name", "cluster-all");
    for (int i = 0; i < json_length_at(res, "data.clusters"); i++) {
        json_object *cluster = json_item(json_at(res, "data.clusters", NULL), i);
        const char *name = json_text(json_member(cluster, "name"));

        expect_int(json_object_get_boolean(json_member(cluster, "own")), i == 0);
        expect_status(get_from(HOST_ALL, strf("/clusters?cluster=%s", http_escape(name))), 200);
        expect(i < 2 || strcmp(before, name) < 0, "%s stands behind %s", name, before);
        before = name;
    }
    expect(json_length_at(res, "data.clusters") > 20, "* is not all: %s", res->body);
    expect_contains(res->body, ONE("cluster-main", false, false)); /* the main server's */
    /* twins are one cluster, also where the one that answers is not the first */
    expect(strstr(res->body, "cluster-twin") &&
               !strstr(strstr(res->body, "cluster-twin") + 1, "cluster-twin"),
           "expected cluster-twin once: %s", res->body);
}

static void test_list_has_a_tag(void)
{
    http_request_t rq = {.path = "/clusters"};
    const char *etag = http_header(http_send(&rq), "ETag");

    if (!expect(etag && *etag == '"', "no tag: %s", etag))
        return;
    rq.headers[0] = strf("If-None-Match: %s", etag);
    http_response_t *res = http_send(&rq);
    expect_status(res, 304);
    expect_header(res, "ETag", etag);
    rq.host = HOST_RO;
    res = http_send(&rq);
    expect_success(res);
    expect(strcmp(http_header(res, "ETag"), etag) != 0, "two lists have one tag, %s", etag);
    rq.headers[0] = strf("If-Match: %s", etag);
    expect_error(http_send(&rq), 4120, "none of the tags in If-Match is the current one");
    rq.host = HOST_A;
    expect_success(http_send(&rq));
    rq.method = "HEAD";
    res = http_send(&rq);
    expect_status(res, 200);
    expect_header(res, "ETag", etag);
    expect_int(res->len, 0);
}

/* A host that has none of its own serves those that it inherits, and only by name. */
static void test_list_without_own(void)
{
    http_request_t rq = {.host = HOST_BARE, .base = "/inherited", .path = "/clusters"};

    expect_error(http_send(&rq), 5000, "internal error");
    rq.path = "/clusters?cluster=cluster-b";
    expect_error(http_send(&rq), 4030, "cluster 'cluster-b' is not served here");
}

SUITE(clusters) = {
    {"a host's own cluster: absent, empty, by name", test_own_cluster},
    {"another cluster, on every endpoint", test_other_cluster},
    {"a write reaches the cluster that was named", test_write_reaches_the_named_one},
    {"clusters that are not served or not known", test_refused},
    {"odd names", test_odd_names},
    {"the cluster comes before the inputs", test_order},
    {"* serves every cluster", test_star_serves_all},
    {"read-only also for other clusters", test_read_only_for_others},
    {"the default host", test_default_host},
    {"the cluster's faults and others at once", test_faults_together},
    {"a host without a cluster, beside the main server's", test_host_without_cluster},
    {"GET /clusters", test_list},
    {"GET /clusters lists what is served", test_list_is_what_is_served},
    {"GET /clusters has a tag", test_list_has_a_tag},
    {"GET /clusters where no cluster is the host's own", test_list_without_own},
    CU_TEST_INFO_NULL,
};
