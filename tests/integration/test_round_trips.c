/*
 * test_round_trips.c - what the endpoints cost: the statements that PostgreSQL logs for each, and
 * the scans in their plans.
 *
 * The API's role is made to log its statements and plans in sessions to come, and its sessions are
 * ended, so that the module opens new ones. The log is the server's own and written as it happens.
 */
#include "../support/suite.h"
#include "compared.h"
#include "db.h"
#include "described.h"
#include "expect.h"
#include "fixture.h"
#include "lens.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const settings[][2] = {
    {"log_statement", "'all'"},
    {"session_preload_libraries", "'auto_explain'"},
    {"auto_explain.log_min_duration", "0"},
    {"auto_explain.log_analyze", "on"},
    {"auto_explain.log_buffers", "on"},
    {"auto_explain.log_timing", "off"},
    {"auto_explain.log_settings", "on"},
};

static void end_sessions(void)
{
    db_run(DB_A,
           "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename ="
           " 'wfmetrics'",
           0);
}

/* Sessions log from here on, and the first of them is open. */
static void start_logging(void)
{
    for (size_t i = 0; i < countof(settings); i++)
        db_run(DB_A, strf("ALTER ROLE wfmetrics SET %s = %s", settings[i][0], settings[i][1]), 0);
    end_sessions();
    expect_success(http_get("/runs?limit=1"));
}

static void stop_logging(void)
{
    for (size_t i = 0; i < countof(settings); i++)
        db_run(DB_A, strf("ALTER ROLE wfmetrics RESET %s", settings[i][0]), 0);
    end_sessions();
}

static const char *log_path(void)
{
    const char *home;

    fixture_shell(strf("cat %s/pg.home", fixture_dir()), &home);
    return strf("%.*s/log", (int)strcspn(home, "\n"), home);
}

/* Prints the log without the sessions in which maintenance, which runs beside the requests, shows.
 */
#define WITHOUT_MAINTENANCE                                                                        \
    "awk 'match($0, /\\[[0-9]+\\] /) { pid = substr($0, RSTART, RLENGTH) }"                        \
    " { line[NR] = $0; of[NR] = pid } /execute (maintain|deleted_|backfill_open)/ { apart[pid] = " \
    "1 }"                                                                                          \
    " END { for (i = 1; i <= NR; i++) if (!(of[i] in apart)) print line[i] }'"

/* Is the request made in vain a second time? */
static int only_reads(const http_request_t *rq)
{
    return !rq->method || !strcmp(rq->method, "GET") || strstr(rq->path, "/metrics/") != NULL;
}

/* What the request made PostgreSQL log. Where its session is one that maintenance has just had,
 * too, there is nothing to be seen of it: a request that only reads is sent again. */
static const char *logged(const http_request_t *rq, long status)
{
    const char *path = log_path(), *text;

    for (int tries = 0; tries < 5; tries++) {
        struct stat st = {0};

        stat(path, &st);
        expect_status(http_send(rq), status);
        fixture_shell(
            strf("tail -c +" ID " %s | " WITHOUT_MAINTENANCE, (apr_int64_t)st.st_size + 1, path),
            &text);
        if (*text || !only_reads(rq))
            break;
    }
    return text;
}

static int occurrences(const char *text, const char *part)
{
    int n = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* Statements that the module sent, whichever way: simple ones, and executions of prepared ones;
 * setting a session up, what opens a transaction in the same round trip and what ends one apart. */
static int statements(const char *log)
{
    static const char *const apart[] = {"statement: SET ",
                                        "statement: SELECT state, unclean",
                                        "statement: ROLLBACK",
                                        "execute snapshot_begin: ",
                                        "execute snapshot_settings: ",
                                        "execute transact_begin: ",
                                        "execute transact_settings: "};
    int n = occurrences(log, "LOG:  statement: ") + occurrences(log, "LOG:  execute ");

    for (size_t i = 0; i < countof(apart); i++)
        n -= occurrences(log, apart[i]);
    return n;
}

static void check(const char *method, const char *path, const char *body, long status, int most)
{
    http_request_t rq = {
        .method = method, .path = path, .body = body, .headers = {body ? JSON_TYPE : NULL}};
    const char *log = logged(&rq, status);
    int n = statements(log);

    expect(n >= (most > 0) && n <= most, "%s %s sent %d statements, expected at most %d:\n%s",
           method, path, n, most, log);
}

static apr_int64_t seed_rows(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1, '2025-01-01T00:00:00Z'::timestamptz + i *"
           " interval '1 hour', jsonb_build_object('Op', i % 4), jsonb_build_object('a', i, 'b',"
           " i, 'c', i, 'd', i, 'e', i) FROM generate_series(1, 200) i",
           1, strf(ID, config));
    return config;
}

/* So that cluster-a's host counts it. */
static void put_in_repository(apr_int64_t config, const char *owner, const char *repo)
{
    db_run(DB_A,
           "UPDATE github_workflow_configs SET cluster_name = '', github_owner = $2,"
           " github_repo = $3 WHERE id = $1",
           3, strf(ID, config), owner, repo);
}

/* No summary counts the rows of this. */
#define UNKNOWN                                                                                    \
    "start=2025-01-01T00:00:00Z&end=2025-01-01T12:00:00Z&dimensions=%%7B%%22Op%%22:1%%7D"

static void check_readers(apr_int64_t config, apr_int64_t schema, apr_int64_t run)
{
    apr_int64_t compared = compared_value(config, 1, "round", NULL, "1");
    const struct {
        const char *path;
        int most;
    } gets[] = {
        {"/configs", 1},
        {strf("/configs/" ID, config), 1},
        {strf("/configs/" ID "/runs", config), 1},
        {strf("/configs/" ID "/schemas", config), 1},
        {strf("/configs/" ID "/schemas/active", config), 1},
        {strf("/configs/" ID "/schemas/changes", config), 2}, /* an empty list: as below */
        {strf("/configs/" ID "/metrics", config), 1},
        {strf("/configs/" ID "/stats", config), 1},
        {strf("/configs/" ID "/summary", config), 1},
        {strf("/configs/" ID "/dimensions", config), 1},
        {strf("/configs/" ID "/dimensions/Op/values", config), 1},
        {strf("/configs/" ID "/values?dimension=Op&q=1", config), 1},
        {strf("/configs/" ID "/fields", config), 1},
        {strf("/configs/" ID "/compare?base_run=" ID "&head_branch=round", config, compared), 2},
        {strf("/configs/" ID "/export", config), 4},
        {strf("/configs/" ID "/export?metric_fields=a,b", config), 5},
        {strf("/configs/" ID "/export?include=run_id,head_sha", config), 4},
        /* whether rows are left out: counted, unknown, and asked of the rows' own statement */
        {strf("/configs/" ID "/export?limit=10001", config), 4},
        {strf("/configs/" ID "/export?limit=10001&" UNKNOWN, config), 3},
        {strf("/configs/" ID "/export?limit=10001&format=json&" UNKNOWN, config), 3},
        {strf("/configs/" ID "/export?dimensions=%%7B%%22Op%%22:1%%7D", config), 4},
        {strf("/configs/" ID "/runners", config), 1},
        /* what is asked for, how the newest run's rows are, and the points */
        {strf("/configs/" ID "/changes", config), 3},
        {strf("/configs/" ID "/backfill/tasks", config), 2}, /* an empty list: is there a config? */
        {strf("/schemas/" ID, schema), 1},
        {"/runs", 1},
        {strf("/runs/" ID, run), 1},
        {"/repositories", 1},
        {"/repositories/round/trips", 1},
        {"/", 0},
        {"/openapi.json", 0},
        {"/clusters", 0},
        {"/metrics/prometheus", 0},
        {"/health", 2},                         /* the tables are looked at now and then */
        {strf("/runs/" ID "/metrics", run), 2}, /* an empty list: does the run exist? */
    };

    for (size_t i = 0; i < countof(gets); i++)
        check("GET", gets[i].path, NULL, 200, gets[i].most);
}

/* What is asked by a body. */
static void check_queries(apr_int64_t config)
{
    check("POST", strf("/configs/" ID "/metrics/query", config),
          "{\"sort_by\":\"a\",\"dimensions\":{\"Op\":[\"1\",2]}}", 200, 1);
    check("POST", strf("/configs/" ID "/metrics/aggregate", config),
          "{\"metric_field\":\"a\",\"group_by\":[\"Op\"]}", 200, 1);
    check("POST", strf("/configs/" ID "/metrics/trends", config), "{\"metric_fields\":[\"a\"]}",
          200, 1);
    check("POST", strf("/configs/" ID "/metrics/changes", config),
          "{\"metric_fields\":[\"a\"],\"group_by\":[\"Op\"]}", 200, 2);
    check("POST", "/repositories/round/trips/metrics/trends", "{\"metric_fields\":[\"a\"]}", 200,
          1);
    check("POST", strf("/configs/" ID "/metrics/query", config), "{\"schema_id\":99}", 200, 2);
    check("POST", strf("/configs/" ID "/schemas/preview", config),
          "{\"sample_files\":[{\"content\":\"a,b\\nx,1\"}]}", 200, 1);
}

static void check_writers(apr_int64_t config, apr_int64_t schema, apr_int64_t run)
{
    const char *set = db_text(DB_A, "SELECT gen_random_uuid()", 0);
    const char *body = strf("{\"name\":\"x\",\"runner_set_namespace\":\"ns\",\"runner_set_name\":"
                            "\"%s\",\"github_owner\":\"o\",\"github_repo\":\"r\","
                            "\"file_patterns\":[]}",
                            set);

    check("POST", "/configs", body, 201, 1);
    check("POST", "/configs", body, 409, 2);
    check("PUT", strf("/configs/" ID, config), body, 409, 2);
    check("PATCH", strf("/configs/" ID, config), "{\"name\":\"y\"}", 200, 1);
    /* what is asked for, and its points */
    check("POST", strf("/configs/" ID "/changes/acknowledge", config),
          "{\"field\":\"a\",\"dimensions\":{},\"run_id\":1}", 404, 3);
    check("DELETE",
          strf("/configs/" ID "/changes/acknowledge?field=a&dimensions=%%7B%%7D&run_id=1", config),
          NULL, 404, 2);
    check("POST", strf("/configs/" ID "/schemas", config), "{\"name\":\"s\",\"fields\":[]}", 201,
          2);
    check("POST", strf("/configs/" ID "/schemas/regenerate", config), NULL, 201, 3);
    check("POST", strf("/configs/" ID "/schemas/regenerate", config),
          "{\"sample_files\":[{\"content\":\"a,b\\nx,1\"}]}", 201, 2);
    check("PATCH", strf("/schemas/" ID, schema),
          "{\"fields\":[{\"name\":\"a\",\"direction\":\"lower\"}]}", 200, 2);
    check("POST", strf("/schemas/" ID "/activate", schema), NULL, 200, 2);
    check("POST", strf("/runs/" ID "/retry", run), NULL, 200, 1);
    check("POST", strf("/configs/" ID "/runs/batch-retry", config), NULL, 200, 2);
    /* the task, then its first portion: three statements, one round trip */
    check("POST", strf("/configs/" ID "/backfill", config),
          "{\"start_time\":\"2025-01-01T00:00:00Z\",\"end_time\":\"2025-01-02T00:00:00Z\"}", 202,
          4);
    check("GET", strf("/configs/" ID "/backfill/status", config), NULL, 200, 1);
    check("GET", strf("/configs/" ID "/backfill/tasks", config), NULL, 200, 1);
    check("POST", strf("/configs/" ID "/backfill/cancel", config), NULL, 404, 1);
    /* where they go; lock and what is there; rows; what is written last: four round trips */
    check("POST",
          strf("/configs/" ID "/results?workload_uid=u&source_file=a.csv&format=csv", config),
          "Op,v\nx,1\n", 201, 7);
    check("DELETE", strf("/configs/" ID, config), NULL, 200, 4);
}

static void test_statements(void)
{
    apr_int64_t config = seed_rows("statements");
    apr_int64_t schema = seed_schema(DB_A, config, 1, 1, "[]", "[\"a\"]");
    apr_int64_t run = seed_run(DB_A, config, "failed");

    put_in_repository(config, "round", "trips");

    described_forget();
    lens_make_workloads(DB_A);
    start_logging();
    check_readers(config, schema, run);
    check_queries(config);
    check_writers(config, schema, run);
    stop_logging();
    lens_drop_workloads(DB_A);
    expect_str(described_missing(), ""); /* a new endpoint's round trips are counted here */
}

/* One scan of the metric rows, whatever the number of fields, groups and dimensions. */
static void test_scans(void)
{
    static const struct {
        const char *method, *path, *body;
    } cases[] = {
        {"POST", "metrics/trends",
         "{\"metric_fields\":[\"a\",\"b\",\"c\",\"d\",\"e\"],\"group_by\":[\"Op\",\"x\"]}"},
        {"POST", "metrics/trends", "{\"metric_fields\":[\"a\"]}"},
        {"POST", "metrics/trends",
         "{\"metric_fields\":[\"a\"],\"fill\":true,\"interval\":\"1h\",\"timezone\":\"Asia/"
         "Tokyo\"}"},
        {"POST", "metrics/changes",
         "{\"metric_fields\":[\"a\",\"b\"],\"group_by\":[\"Op\",\"x\"],\"head_branch\":\"m\"}"},
        {"POST", "metrics/aggregate",
         "{\"metric_field\":\"a\",\"agg_func\":\"p99\",\"group_by\":[\"Op\",\"x\"]}"},
        {"GET", "dimensions", NULL},
        {"GET", "fields", NULL},
        {"GET", "stats", NULL},
    };
    apr_int64_t config = seed_rows("scans");

    start_logging();
    for (size_t i = 0; i < countof(cases); i++) {
        http_request_t rq = {.method = cases[i].method,
                             .path = strf("/configs/" ID "/%s", config, cases[i].path),
                             .body = cases[i].body,
                             .headers = {cases[i].body ? JSON_TYPE : NULL}};
        const char *log = logged(&rq, 200);
        /* of changes it is looked first which run is the newest, how its rows are, and whether
         * there are not too many */
        int most = strcmp(cases[i].path, "metrics/changes") ? 1 : 4;
        int scans = occurrences(log, " on github_workflow_metrics ");

        expect(scans <= most, "%s %s scans the metrics %d times:\n%s", cases[i].method, rq.path,
               scans, log);
    }
    stop_logging();
}

/* ---- flat as the data grows ---- */

/* Buffers that a request's statement touched: the plan's first line of them is that of the whole.
 */
static apr_int64_t buffers(const char *method, const char *path, const char *body)
{
    http_request_t rq = {
        .method = method, .path = path, .body = body, .headers = {body ? JSON_TYPE : NULL}};
    const char *log = logged(&rq, 200), *plan = strstr(log, "plan:"), *at;
    apr_int64_t n = 0;

    at = plan ? strstr(plan, "Buffers: shared") : NULL;
    expect(at != NULL, "%s %s has no plan with buffers:\n%s", method, path, log);
    for (const char *end = at ? at + strcspn(at, "\n") : NULL;
         at && (at = strpbrk(at, "=")) && at < end;)
        if (!strncmp(at - 3, "hit", 3) || !strncmp(at - 4, "read", 4))
            n += apr_strtoi64(at + 1, (char **)&at, 10);
        else
            at++;
    return n;
}

/* The buffers of a request once all is as maintenance and autovacuum leave it before long. Both are
 * done again while there are more than so many: the server's own maintenance may hold a day, or a
 * snapshot that is older than the rows, at that moment. */
static apr_int64_t maintained(const char *method, const char *path, const char *body,
                              apr_int64_t most)
{
    apr_int64_t n = most + 1;

    for (int i = 0; i < 10 && n > most; i++) {
        usleep(i ? 500000 : 0); /* whoever holds something is gone before long, too */
        db_run(DB_A, "CALL wfm_fold_all()", 0);
        db_run(DB_A, "VACUUM (ANALYZE)", 0);
        buffers(method, path, body); /* functions are planned anew then: catalogs */
        n = buffers(method, path, body);
    }
    return n;
}

/* Sixty days of ten kinds of rows, `each` of a kind a day. */
static apr_int64_t seed_days(const char *name, int each)
{
    apr_int64_t config = seed_config(DB_A, name);

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics) SELECT $1, d, 1, '2024-01-01T00:00:00Z'::timestamptz"
           " + d * interval '24 hours' + n * interval '1 second', 'a.csv', jsonb_build_object('Op',"
           " n % 10), jsonb_build_object('a', n) FROM generate_series(1, 60) d, generate_series(1,"
           " 10 * $2::int) n",
           2, strf(ID, config), strf("%d", each));
    db_run(DB_A, "CALL wfm_fold_all()", 0);
    db_run(DB_A, "VACUUM (ANALYZE)", 0); /* as autovacuum does before long */
    return config;
}

/* Ten times the rows, and not half as many buffers more. */
static void test_flat_metrics(void)
{
    static const struct {
        const char *path, *body;
    } cases[] = {
        {"stats", NULL},
        {"summary", NULL},
        {"summary?start=2024-01-10T00:00:00Z&end=2024-02-10T00:00:00Z", NULL},
        {"fields", NULL},
        {"dimensions", NULL},
        {"dimensions/Op/values", NULL},
        {"values?dimension=Op&q=2", NULL},
        {"dimensions/Op/values?start=2024-01-10T12:00:00Z&end=2024-02-10T12:00:00Z", NULL},
        {"metrics?limit=5", NULL},
        {"metrics/query", "{\"dimensions\":{\"Op\":\"3\"},\"limit\":5}"},
        {"metrics/aggregate", "{\"metric_field\":\"a\",\"group_by\":[\"Op\"]}"},
        {"metrics/trends", "{\"metric_fields\":[\"a\"],\"interval\":\"1w\"}"},
        {"metrics/trends", "{\"metric_fields\":[\"a\"],\"interval\":\"1M\",\"fill\":true}"},
    };
    apr_int64_t few = seed_days("few", 8), many = seed_days("many", 80);

    start_logging();
    for (size_t i = 0; i < countof(cases); i++) {
        const char *method = cases[i].body ? "POST" : "GET";
        const char *path = strf("/configs/" ID "/%s", many, cases[i].path);
        apr_int64_t of_few, of_many, most;

        of_few = buffers(method, strf("/configs/" ID "/%s", few, cases[i].path), cases[i].body);
        most = of_few + of_few / 2 + 40;
        of_many = buffers(method, path, cases[i].body);
        if (of_many > most)
            of_many = maintained(method, path, cases[i].body, most);
        expect(of_many <= most, "%s: " ID " buffers for 4800 rows, " ID " for 48000", cases[i].path,
               of_few, of_many);
    }
    stop_logging();
}

static void add_runs(apr_int64_t config, int n)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_runs (config_id, workload_uid, status, created_at)"
           " SELECT $1, gen_random_uuid(), CASE WHEN i % 50 = 0 THEN 'failed' ELSE 'completed' END,"
           " '2024-01-01T00:00:00Z'::timestamptz + i * interval '40 days' / $2::int"
           " FROM generate_series(1, $2::int) i",
           2, strf(ID, config), strf("%d", n));
    db_run(DB_A, "CALL wfm_fold_all()", 0);
    db_run(DB_A, "VACUUM (ANALYZE)", 0);
}

/* A worker shares what is visited to be left out, as far as the server lets a query have workers;
 * with no setup costs as few rows as these are worth it. */
static void test_filtered_exports(void)
{
    static const struct {
        const char *workers, *filter, *plan, *not_in_plan;
    } cases[] = {
        {"2", "&dimensions=%7B%22Op%22:%223%22%7D", "Workers Planned: 1", " Sort"},
        {"2", "", "Index Scan using", "Gather"},
        {"2", "&dimensions=%7B%22Op%22:[]%7D", "Index Scan using", "Gather"},
        {"0", "&dimensions=%7B%22Op%22:%223%22%7D", "Index Scan using", "Gather"},
    };
    const http_request_t runs = {.path = "/runs?limit=1"};
    apr_int64_t config = seed_days("filtered", 80);

    db_run(DB_A, "ALTER ROLE wfmetrics SET parallel_setup_cost = 0", 0);
    db_run(DB_A, "ALTER ROLE wfmetrics SET parallel_tuple_cost = 0", 0);
    db_run(DB_A, "ALTER ROLE wfmetrics SET min_parallel_index_scan_size = 0", 0);
    for (size_t i = 0; i < countof(cases); i++) {
        http_request_t rq = {.path = strf("/configs/" ID "/export?limit=100000%s&metric_fields=a",
                                          config, cases[i].filter)};
        const char *log, *plan;

        db_run(
            DB_A,
            strf("ALTER ROLE wfmetrics SET max_parallel_workers_per_gather = %s", cases[i].workers),
            0);
        start_logging();
        log = logged(&rq, 200);
        plan = strstr(log, "Query Text: COPY");
        expect(plan && strstr(plan, cases[i].plan) && !strstr(plan, cases[i].not_in_plan),
               "%s with %s workers:\n%s", rq.path, cases[i].workers, log);
        /* what is set for an export ends with it */
        expect(strstr(plan, "enable_sort = 'off'") != NULL, "no settings:\n%s", log);
        log = logged(&runs, 200);
        expect(strstr(log, "Settings: ") && !strstr(log, "enable_sort") &&
                   !strstr(log, "_page_cost"),
               "settings after an export:\n%s", log);
        stop_logging();
    }
    db_run(DB_A, "ALTER ROLE wfmetrics RESET ALL", 0);
    end_sessions();
}

/* Columns of the run cost a look at each run, by its key, and not one at each row. */
static void test_included(void)
{
    apr_int64_t config = seed_days("included", 80);
    http_request_t rq = {.path = strf("/configs/" ID "/export?limit=100000&metric_fields=a"
                                      "&include=run_id,head_sha,head_branch",
                                      config)};
    const char *log, *plan, *misses;

    add_runs(config, 20000);
    start_logging();
    log = logged(&rq, 200);
    stop_logging();
    plan = strstr(log, "Query Text: COPY");
    expect(plan && strstr(plan, "Index Scan using github_workflow_runs_pkey") &&
               !strstr(plan, "Seq Scan on github_workflow_runs"),
           "runs are not looked up by their key:\n%s", log);
    /* the first rows are a statement of their own */
    expect_int(occurrences(plan ? plan : "", "Cache Key: m.run_id"), 2);
    for (misses = plan; misses && (misses = strstr(misses, "Misses: ")); misses++)
        expect(atoi(misses + strlen("Misses: ")) <= 60, "looked up %.16s times", misses);
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE config_id = $1", 1, strf(ID, config));
}

/* How many statements n equal requests at once are at the least, of some rounds. */
static int fewest(const char *method, const char *path, long status, int n)
{
    http_request_t rqs[20];
    const char *log_file = log_path(), *text;
    int least = n;

    for (int i = 0; i < n; i++)
        rqs[i] = (http_request_t){.method = method, .path = path, .headers = {"Connection: close"}};
    for (int round = 0; round < 20; round++) {
        struct stat st = {0};
        http_response_t **res;

        stat(log_file, &st);
        res = http_send_all(rqs, n);
        for (int i = 0; i < n; i++)
            expect_status(res[i], status);
        fixture_shell(strf("tail -c +" ID " %s", (apr_int64_t)st.st_size + 1, log_file), &text);
        least = statements(text) < least ? statements(text) : least;
    }
    return least;
}

/* Where threads serve them, one asks for several. */
static void test_shared(void)
{
    apr_int64_t config = seed_config(DB_A, "shared"), run = seed_run(DB_A, config, "completed");
    int gets, retries;

    start_logging();
    gets = fewest("GET", strf("/configs/" ID, config), 200, 20);
    retries = fewest("POST", strf("/runs/" ID "/retry", run), 400, 20);
    stop_logging();
    expect(fixture_threaded() ? gets < 20 : gets == 20, "20 GETs were %d statements", gets);
    expect_int(retries, 20); /* each is a change of its own */
}

static void test_flat_runs(void)
{
    static const char *const paths[] = {
        "/runs",
        "/runs?status=failed",
        "/runs?status=extracting&trigger_source=manual",
        "/runs?start_date=2024-01-10T00:00:00Z&end_date=2024-02-05T12:00:00Z",
        "/repositories?github_owner=flat",
        "/repositories/flat/runs"};
    apr_int64_t before[countof(paths)], after, config = seed_config(DB_A, "flat runs");

    put_in_repository(config, "flat", "runs");
    add_runs(config, 2000);
    db_run(DB_A, "CALL wfm_fold_all()", 0); /* as maintenance does every minute */
    start_logging();
    for (size_t i = 0; i < countof(paths); i++)
        before[i] = buffers("GET", paths[i], NULL);
    add_runs(config, 18000);
    for (size_t i = 0; i < countof(paths); i++) {
        apr_int64_t most = before[i] + before[i] / 2 + 40;

        after = maintained("GET", paths[i], NULL, most);
        expect(after <= most, "%s: " ID " buffers, " ID " with ten times the runs", paths[i],
               before[i], after);
    }
    stop_logging();
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE config_id = $1", 1, strf(ID, config));
}

/* ---- as flat as a list is deep ---- */

static apr_int64_t buffers_after(const char *path, int offset)
{
    http_response_t *res = http_get(strf("%s?limit=10&offset=%d", path, offset));
    const char *cursor = json_object_get_string(json_at(res, "data.next_cursor", NULL));

    return buffers("GET", strf("%s?limit=10&cursor=%s", path, cursor), NULL);
}

/* A page after a cursor reads its rows, not those before them; also where all share an instant. */
static void test_depth(void)
{
    apr_int64_t days = seed_days("deep", 80), tied = seed_config(DB_A, "tied");
    const char *paths[] = {strf("/configs/" ID "/metrics", days),
                           strf("/configs/" ID "/metrics", tied),
                           strf("/configs/" ID "/runs", days)};

    add_runs(days, 20000);
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1, '2024-01-01T00:00:00Z', '{}', '{}'"
           " FROM generate_series(1, 20000)",
           1, strf(ID, tied));
    db_run(DB_A, "VACUUM (ANALYZE)", 0);
    start_logging();
    for (size_t i = 0; i < countof(paths); i++) {
        apr_int64_t first = buffers_after(paths[i], 0), deep = buffers_after(paths[i], 19000);

        expect(deep <= first + 8, "%s: " ID " buffers behind 10 rows, " ID " behind 19010",
               paths[i], first, deep);
    }
    stop_logging();
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE config_id = $1", 1, strf(ID, days));
}

/* ---- the twelfth time ---- */

/* A statement that was prepared may be planned without its values from the sixth time on: then the
 * plan is one for any range, or any status. */
static void check_twelve(const char *method, const char *path, const char *body)
{
    apr_int64_t first = 0, last = 0;

    end_sessions();
    expect_success(http_get("/runs?limit=1"));
    for (int i = 1; i <= 12; i++) {
        apr_int64_t n = buffers(method, path, body);

        /* the first five are planned with their values; what runs beside requests is logged, too */
        if (i <= 3)
            first = n > first ? n : first;
        else if (i >= 11)
            last = i == 11 || n < last ? n : last;
    }
    if (getenv("WFM_SHOW_BUFFERS"))
        printf("\n| %s %s %s | " ID " | " ID " |", method, path, body ? body : "", first, last);
    /* another plan may read twice as much of a table that other suites have filled; one that is
     * made for the wrong range or status reads many times as much */
    expect(last <= 3 * first + 8, "%s %s %s: " ID " buffers, the twelfth time " ID, method, path,
           body ? body : "", first, last);
}

/* What is asked twelve times: a config's GETs, and POSTs about its metrics. */
#define HOUR  "start=2024-01-20T00:00:00Z&end=2024-01-20T00:10:00Z"
#define WIDE  "start=2024-01-03T00:00:00Z&end=2024-02-25T12:00:00Z"
#define WIDER "\"start\":\"2024-01-03T00:00:00Z\",\"end\":\"2024-02-25T12:00:00Z\""
#define RANGE "\"start\":\"2024-01-20T00:00:00Z\",\"end\":\"2024-01-20T00:10:00Z\""
static const char *const gets[] = {
    "",
    "/stats",
    "/summary",
    "/summary?" HOUR,
    "/runs",
    "/runs?status=failed",
    "/runs?status=extracting",
    "/runs?start_date=2024-01-20T00:00:00Z&end_date=2024-01-20T01:00:00Z",
    "/runs?head_branch=rare",
    "/schemas",
    "/schemas/active",
    "/schemas/changes",
    "/changes?since=2024-02-20T00:00:00Z",
    "/metrics",
    "/metrics?" HOUR,
    "/metrics?start=2024-01-20T00:00:00Z",
    "/metrics?" WIDE,
    "/metrics?schema_id=1&" WIDE,
    "/dimensions?" WIDE,
    "/summary?" WIDE,
    "/dimensions/Op/values?" WIDE,
    "/runs?start_date=2024-01-03T00:00:00Z&end_date=2024-02-05T12:00:00Z",
    "/metrics?end=2024-01-02T01:00:00Z",
    "/metrics?run_id=7",
    "/metrics?schema_id=1&" HOUR,
    "/metrics?offset=20&" HOUR,
    "/dimensions",
    "/dimensions?" HOUR,
    "/dimensions/Op/values",
    "/dimensions/Op/values?" HOUR,
    "/fields"};
static const struct {
    const char *path, *body;
} posts[] = {
    {"query", "{}"},
    {"query", "{" RANGE "}"},
    {"query", "{" RANGE ",\"sort_order\":\"asc\"}"},
    {"query", "{" WIDER "}"},
    {"query", "{" WIDER ",\"sort_order\":\"asc\"}"},
    {"query", "{" WIDER ",\"dimensions\":{\"Op\":3}}"},
    {"aggregate", "{\"metric_field\":\"a\"," WIDER "}"},
    {"trends", "{\"metric_fields\":[\"a\"],\"group_by\":[\"Op\"]," WIDER "}"},
    {"query", "{" RANGE ",\"dimensions\":{\"Op\":3}}"},
    {"query", "{" RANGE ",\"sort_by\":\"a\"}"},
    {"query", "{\"start\":\"2024-01-20T00:00:00Z\"}"},
    {"query", "{\"dimensions\":{\"Op\":3},\"limit\":5}"},
    {"query", "{\"metric_filters\":{\"a\":{\"gte\":700}}}"},
    {"aggregate", "{\"metric_field\":\"a\"," RANGE "}"},
    {"aggregate", "{\"metric_field\":\"a\",\"group_by\":[\"Op\"]}"},
    {"aggregate", "{\"metric_field\":\"a\",\"agg_func\":\"p90\"," RANGE "}"},
    {"trends", "{\"metric_fields\":[\"a\"]}"},
    {"trends", "{\"metric_fields\":[\"a\"],\"group_by\":[\"Op\"]," RANGE "}"},
    {"trends", "{\"metric_fields\":[\"a\"],\"interval\":\"1M\",\"fill\":true}"},
    {"trends", "{\"metric_fields\":[\"a\"],\"interval\":\"1h\",\"fill\":true,"
               "\"timezone\":\"Asia/Kolkata\"," RANGE "}"},
    {"aggregate", "{\"metric_field\":\"a\",\"timezone\":\"Europe/Berlin\",\"group_by\":[\"Op\"],"
                  "\"dimensions\":{\"Op\":3}," WIDER "}"},
};

/* A config with most of the rows and one with few, a status that one run in a thousand has. */
static void test_twelve_times(void)
{
    apr_int64_t config = seed_days("twelve", 80), run;

    seed_schema(DB_A, config, 1, 1, "[]", "[\"a\"]");
    add_runs(config, 20000);
    run = db_int(DB_A,
                 "UPDATE github_workflow_runs SET status = 'extracting', head_branch = 'rare'"
                 " WHERE id IN (SELECT id FROM github_workflow_runs WHERE config_id = $1"
                 " ORDER BY id LIMIT 20) RETURNING id",
                 1, strf(ID, config));
    db_run(DB_A, "CALL wfm_fold_all()", 0);
    db_run(DB_A, "VACUUM (ANALYZE)", 0);
    start_logging();
    for (size_t i = 0; i < countof(gets); i++)
        check_twelve("GET", strf("/configs/" ID "%s", config, gets[i]), NULL);
    for (size_t i = 0; i < countof(posts); i++)
        check_twelve("POST", strf("/configs/" ID "/metrics/%s", config, posts[i].path),
                     posts[i].body);
    check_twelve("GET", "/configs", NULL);
    put_in_repository(config, "twelve", "times");
    check_twelve("GET", "/repositories?github_owner=twelve", NULL);
    check_twelve("GET", "/repositories/twelve/times", NULL);
    check_twelve("POST", "/repositories/twelve/times/metrics/trends",
                 "{\"metric_fields\":[\"a\"],\"group_by\":[\"Op\"]," WIDER "}");
    check_twelve("POST", "/repositories/twelve/times/metrics/trends",
                 "{\"metric_fields\":[\"a\"]," RANGE "}");
    check_twelve("GET", "/runs", NULL);
    check_twelve("GET", "/runs?status=extracting", NULL);
    check_twelve("GET", strf("/runs/" ID, run), NULL);
    check_twelve("GET", strf("/runs/" ID "/metrics", run), NULL);
    stop_logging();
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE config_id = $1", 1, strf(ID, config));
}

SUITE(round_trips) = {
    {"at most two statements an endpoint", test_statements},
    {"equal requests at once share a statement", test_shared},
    {"one scan of the metrics", test_scans},
    {"metrics: flat as the data grows", test_flat_metrics},
    {"runs: flat as the data grows", test_flat_runs},
    {"a filtered export shares its scan", test_filtered_exports},
    {"an export looks a run up once", test_included},
    {"cursors: flat as a list is deep", test_depth},
    {"the twelfth time is as the first", test_twelve_times},
    CU_TEST_INFO_NULL,
};
