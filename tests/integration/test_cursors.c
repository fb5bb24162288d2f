/*
 * test_cursors.c - lists walked by next_cursor: each row once, in the list's order, whatever comes
 * in between; and cursors that are not the list's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define IS_CURSOR "must be the next_cursor of an answer to the same filters and order"
#define NO_OFFSET "must not be given together with offset"

/* A list: a GET of a path with a query, or a POST of a body without its closing brace. */
typedef struct list_t {
    const char *path, *body, *key;
} list_t;

static http_response_t *ask(const list_t *l, const char *cursor, const char *more)
{
    if (l->body)
        return http_json("POST", l->path,
                         cursor ? strf("%s%s,\"cursor\":\"%s\"}", l->body, more, cursor)
                                : strf("%s%s}", l->body, more));
    return http_get(cursor ? strf("%s%s&cursor=%s", l->path, more, cursor)
                           : strf("%s%s", l->path, more));
}

static const char *limit_of(const list_t *l, int limit)
{
    return strf(l->body ? ",\"limit\":%d" : "&limit=%d", limit);
}

static const char *text_at(const http_response_t *res, const char *path)
{
    return apr_pstrdup(fixture_pool(), json_object_get_string(json_at(res, path, NULL)));
}

static void add_ids(apr_array_header_t *ids, const http_response_t *res, const char *key)
{
    int n = json_length_at(res, strf("data.%s", key));

    for (int i = 0; i < n; i++)
        APR_ARRAY_PUSH(ids, apr_int64_t) = json_int_at(res, strf("data.%s.%d.id", key, i));
}

/* What is done between one page and the next. */
typedef void (*between_fn)(void *ctx);

/* The ids of all pages. */
static apr_array_header_t *walk(const list_t *l, int limit, between_fn between, void *ctx)
{
    apr_array_header_t *ids = apr_array_make(fixture_pool(), 100, sizeof(apr_int64_t));
    const char *cursor = NULL;

    for (int page = 0; page < 1000; page++) {
        http_response_t *res = ask(l, cursor, limit_of(l, limit));
        int found = 0, before = ids->nelts;

        if (!expect_success(res))
            break;
        add_ids(ids, res, l->key);
        expect_int(json_int_at(res, "data.limit"), limit);
        json_at(res, "data.total", &found);
        expect(found, "no total");
        expect(!cursor == (json_at(res, "data.total", NULL) != NULL), "total: %.200s", res->body);
        expect(!cursor == (json_at(res, "data.offset", NULL) != NULL), "offset: %.200s", res->body);
        json_at(res, "data.next_cursor", &found);
        expect(found, "no next_cursor: %.200s", res->body);
        cursor = text_at(res, "data.next_cursor");
        if (!cursor)
            break;
        expect_int(ids->nelts - before, limit);
        if (between)
            between(ctx);
    }
    return ids;
}

static void check_ids(const char *what, const apr_array_header_t *ids, const char *sql,
                      apr_int64_t config)
{
    const char *expected =
        db_text(DB_A,
                strf("SELECT coalesce(string_agg(id::text, ' ' ORDER BY n), '') FROM (SELECT id,"
                     " row_number() OVER (ORDER BY %s) n FROM %s) t",
                     strchr(sql, '|') + 1, apr_pstrndup(fixture_pool(), sql, strcspn(sql, "|"))),
                1, strf(ID, config));
    const char *actual = "";

    for (int i = 0; i < ids->nelts; i++)
        actual = strf("%s%s" ID, actual, i ? " " : "", APR_ARRAY_IDX(ids, i, apr_int64_t));
    expect(!strcmp(actual, expected), "%s:\n%s\nexpected\n%s", what, actual, expected);
}

/* Rows that share instants, lie at the ends of what an instant can be, and whose numbers are equal,
 * absent, no numbers, or differ in the twentieth digit only. */
static apr_int64_t seed_ties(apr_int64_t *run_id)
{
    apr_int64_t config = seed_config(DB_A, "ties"), run = seed_run(DB_A, config, "completed");

    /* other suites have rows of runs that they made up */
    db_run(DB_A, "DELETE FROM github_workflow_metrics WHERE run_id = $1", 1, strf(ID, run));
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics, raw_data) SELECT $1, $2, 1, (ARRAY["
           "'2025-01-01 00:00:00Z', '2025-01-01 00:00:00.000001Z', '2025-01-01 00:00:00.1Z',"
           " 'infinity', '-infinity', '0044-03-15 BC', '12025-01-01'])[1 + i % 7]::timestamptz,"
           " jsonb_build_object('Op', i % 3),"
           " CASE i % 5 WHEN 0 THEN '{}' WHEN 1 THEN jsonb_build_object('a', i % 4)"
           " WHEN 2 THEN '{\"a\": \"N/A\"}' WHEN 3 THEN jsonb_build_object('a',"
           " 0.10000000000000000001 * (i % 3)) ELSE jsonb_build_object('a', -i) END,"
           " '{\"x\": 1}' FROM generate_series(1, 60) i",
           2, strf(ID, config), strf(ID, run));
    if (run_id)
        *run_id = run;
    return config;
}

#define NUMBER "CASE jsonb_typeof(metrics -> 'a') WHEN 'number' THEN (metrics -> 'a')::numeric END"
#define ROWS   "github_workflow_metrics WHERE config_id = $1::bigint"

static void test_metrics(void)
{
    apr_int64_t run, config = seed_ties(&run);
    const char *query = strf("/configs/" ID "/metrics/query", config);
    const struct {
        list_t list;
        const char *sql;
    } cases[] = {
        {{strf("/configs/" ID "/metrics?x=1", config), NULL, "metrics"},
         ROWS "|\"timestamp\" DESC, id"},
        {{strf("/runs/" ID "/metrics?x=1", run), NULL, "metrics"}, ROWS "|\"timestamp\" DESC, id"},
        {{query, "{\"sort_order\":\"asc\"", "metrics"}, ROWS "|\"timestamp\", id"},
        {{query, "{\"dimensions\":{\"Op\":1}", "metrics"},
         ROWS " AND dimensions ->> 'Op' = '1'|\"timestamp\" DESC, id"},
        {{query, "{\"sort_by\":\"a\"", "metrics"}, ROWS "|" NUMBER " DESC NULLS LAST, id"},
        {{query, "{\"sort_by\":\"a\",\"sort_order\":\"asc\"", "metrics"},
         ROWS "|" NUMBER " NULLS LAST, id"},
        {{query, "{\"sort_by\":\"none\"", "metrics"}, ROWS "|id"},
        {{query, "{\"sort_by\":\"a\",\"metric_filters\":{\"a\":{\"gte\":0}}", "metrics"},
         ROWS " AND " NUMBER " >= 0|" NUMBER " DESC, id"},
    };
    static const int limits[] = {1, 7, 59, 60, 1000};

    for (size_t i = 0; i < countof(cases); i++)
        for (size_t n = 0; n < countof(limits); n++)
            check_ids(strf("%s %s by %d", cases[i].list.path,
                           cases[i].list.body ? cases[i].list.body : "", limits[n]),
                      walk(&cases[i].list, limits[n], NULL, NULL), cases[i].sql, config);
}

static void test_runs_and_schemas(void)
{
    apr_int64_t config = seed_config(DB_A, "pages");
    const struct {
        list_t list;
        const char *sql;
    } cases[] = {
        {{strf("/runs?config_id=" ID, config), NULL, "runs"},
         "github_workflow_runs WHERE config_id = $1|id DESC"},
        {{strf("/configs/" ID "/runs?status=failed", config), NULL, "runs"},
         "github_workflow_runs WHERE config_id = $1 AND status = 'failed'|id DESC"},
        {{strf("/configs/" ID "/runs?start_date=2020-01-01T00:00:00Z", config), NULL, "runs"},
         "github_workflow_runs WHERE config_id = $1|id DESC"},
        {{strf("/configs/" ID "/schemas?x=1", config), NULL, "schemas"},
         "github_workflow_metric_schemas WHERE config_id = $1|version DESC, id DESC"},
    };

    for (int i = 0; i < 23; i++) {
        seed_run(DB_A, config, i % 3 ? "failed" : "completed");
        seed_schema(DB_A, config, i + 1, i == 4, "[]", "[]");
    }
    for (size_t i = 0; i < countof(cases); i++)
        for (int limit = 1; limit <= 24; limit += 5)
            check_ids(strf("%s by %d", cases[i].list.path, limit),
                      walk(&cases[i].list, limit, NULL, NULL), cases[i].sql, config);
}

/* The version in force is told on every page, also where it is on none. */
static void test_current_version(void)
{
    apr_int64_t config = seed_config(DB_A, "versions");
    const char *path = strf("/configs/" ID "/schemas", config), *next;
    http_response_t *res;

    for (int v = 1; v <= 5; v++)
        seed_schema(DB_A, config, v, v == 2 || v == 4, "[]", "[]");
    res = http_get(strf("%s?limit=2", path));
    expect_keys(res, "data", "schemas,total,offset,limit,next_cursor,current_version");
    expect_json(res, "data.total", "5");
    expect_json(res, "data.schemas.0.version", "5");
    expect_json(res, "data.current_version", "4");
    next = text_at(res, "data.next_cursor");
    res = http_get(strf("%s?limit=2&cursor=%s", path, next));
    expect_json(res, "data.schemas.0.version", "3");
    expect_json(res, "data.current_version", "4");
    res = http_get(strf("%s?offset=4", path));
    expect_int(json_length_at(res, "data.schemas"), 1);
    expect_json(res, "data.current_version", "4");
    res = http_get(strf("%s?offset=50", path));
    expect_int(json_length_at(res, "data.schemas"), 0);
    expect_json(res, "data.total", "5");
    expect_json(res, "data.current_version", "4");
    expect_json(res, "data.next_cursor", "null");
    expect_field(http_get(strf("%s?limit=0", path)), "limit",
                 "must be an integer between 1 and 1000");
    expect_json(http_get(strf("%s?limit=5000", path)), "data.limit", "1000");
    db_run(DB_A, "DELETE FROM github_workflow_metric_schemas WHERE config_id = $1", 1,
           strf(ID, config));
    res = http_get(strf("%s?limit=2&cursor=%s", path, next));
    expect_success(res);
    expect_json(res, "data.schemas", "[]");
    expect_json(res, "data.current_version", "0");
}

/* Runs come in, and a page's last row goes, while somebody reads on. */
static void change_runs(void *ctx)
{
    apr_int64_t config = *(apr_int64_t *)ctx;

    seed_run(DB_A, config, "pending");
    db_run(DB_A,
           "UPDATE github_workflow_runs SET updated_at = now() WHERE config_id = $1 AND status ="
           " 'pending'",
           1, strf(ID, config));
}

static void test_changes_between_pages(void)
{
    apr_int64_t config = seed_config(DB_A, "changing");
    const list_t list = {strf("/runs?config_id=" ID, config), NULL, "runs"};
    http_response_t *res;
    const char *next;

    for (int i = 0; i < 20; i++)
        seed_run(DB_A, config, "completed");
    check_ids("runs that were there before", walk(&list, 3, change_runs, &config),
              "github_workflow_runs WHERE config_id = $1 AND status = 'completed'|id DESC", config);
    res = http_get(strf("%s&status=completed&limit=5", list.path));
    next = text_at(res, "data.next_cursor");
    db_run(DB_A, "DELETE FROM github_workflow_runs WHERE id = $1", 1,
           strf(ID, json_int_at(res, "data.runs.4.id")));
    res = http_get(strf("%s&status=completed&limit=100&cursor=%s", list.path, next));
    expect_int(json_length_at(res, "data.runs"), 15);
}

static void check_refused(const list_t *l, const char *cursor, const char *why)
{
    expect_field(ask(l, cursor, ""), "cursor", why);
}

/* A cursor is of one list: config, filters, order and cluster. */
static void test_of_another_list(void)
{
    apr_int64_t config = seed_ties(NULL), other = seed_ties(NULL);
    const char *query = strf("/configs/" ID "/metrics/query", config), *next, *get;
    const list_t lists[] = {
        {query, "{\"sort_by\":\"a\"", "metrics"},
        {query, "{\"sort_order\":\"asc\"", "metrics"},
        {query, "{\"dimensions\":{\"Op\":2}", "metrics"},
        {query, "{\"schema_id\":1", "metrics"},
        {query, "{\"start\":\"2025-01-01T00:00:00Z\"", "metrics"},
        {strf("/configs/" ID "/metrics/query", other), "{\"dimensions\":{\"Op\":1}", "metrics"},
        {strf("/configs/" ID "/metrics?x=1", config), NULL, "metrics"},
        {strf("/configs/" ID "/runs?x=1", config), NULL, "runs"},
        {strf("/configs/" ID "/schemas?x=1", config), NULL, "schemas"},
        {"/runs?x=1", NULL, "runs"},
    };
    static const char *const same[] = {
        "\"dimensions\":{\"Op\":\"1\"}",
        "\"dimensions\":{\"none\":[],\"Op\":[1,\"1\"]},\"metric_filters\":{}",
    };
    http_request_t elsewhere = {.host = HOST_ALL};
    http_response_t *res;

    next = text_at(http_json("POST", query, "{\"dimensions\":{\"Op\":1},\"limit\":5}"),
                   "data.next_cursor");
    for (size_t i = 0; i < countof(lists); i++)
        check_refused(&lists[i], next, IS_CURSOR);
    /* what is the same list: another limit, raw_data, a default, an instant written otherwise */
    res = http_json("POST", query,
                    strf("{\"dimensions\":{\"Op\":1},\"limit\":2,\"raw_data\":false,\"cursor\":"
                         "\"%s\"}",
                         next));
    expect_success(res);
    expect_success(http_json("POST", query,
                             strf("{\"dimensions\":{\"Op\":1},\"sort_by\":\"timestamp\","
                                  "\"sort_order\":\"desc\",\"cursor\":\"%s\"}",
                                  next)));
    for (size_t i = 0; i < countof(same); i++)
        expect_success(http_json("POST", query, strf("{%s,\"cursor\":\"%s\"}", same[i], next)));
    get = strf("/configs/" ID "/metrics?limit=5&start=", config);
    next = text_at(http_get(strf("%s2025-01-01T00:00:00Z", get)), "data.next_cursor");
    expect_success(http_get(strf("%s2025-01-01T01:00:00%%2B01:00&cursor=%s", get, next)));
    elsewhere.path = strf("%s2025-01-01T00:00:00Z&cursor=%s", get, next);
    expect_field(http_send(&elsewhere), "cursor", IS_CURSOR); /* cluster-all: the same database */
    expect_success(http_get(strf("%s&cluster=cluster-a", elsewhere.path)));
}

static void test_malformed(void)
{
    static const char *const bad[] = {"",     "null",   "0",     "abc",  "AAAA",
                                      "MSAw", "%2F%2F", "a%20b", "MQ==", "%C3%A4"};
    apr_int64_t run, config = seed_ties(&run);
    const char *paths[] = {
        strf("/configs/" ID "/metrics", config), strf("/configs/" ID "/runs", config),
        strf("/configs/" ID "/schemas", config), "/runs", strf("/runs/" ID "/metrics", run)};
    const char *query = strf("/configs/" ID "/metrics/query", config), *next;

    for (size_t i = 0; i < countof(bad); i++) {
        for (size_t p = 0; p < countof(paths); p++)
            expect_field(http_get(strf("%s?cursor=%s", paths[p], bad[i])), "cursor", IS_CURSOR);
        if (!strchr(bad[i], '%'))
            expect_field(http_json("POST", query, strf("{\"cursor\":\"%s\"}", bad[i])), "cursor",
                         IS_CURSOR);
    }
    expect_field(http_json("POST", query, "{\"cursor\":1}"), "cursor", "must be a string");
    expect_success(http_json("POST", query, "{\"cursor\":null}"));
    next = text_at(http_get(strf("%s?limit=5", paths[0])), "data.next_cursor");
    expect_field(http_get(strf("%s?offset=0&cursor=%s", paths[0], next)), "cursor", NO_OFFSET);
    expect_field(http_get(strf("%s?offset=5&cursor=x", paths[3])), "cursor", NO_OFFSET);
    expect_field(http_get(strf("%s?cursor=%s&cursor=%s", paths[0], next, next)), "cursor",
                 "must be given only once");
    expect_field(http_json("POST", query, "{\"cursor\":\"x\",\"offset\":0}"), "cursor", NO_OFFSET);
    /* a config that is gone is a 404 with a good cursor, and a 400 with a bad one */
    db_run(DB_A, "DELETE FROM github_workflow_metrics WHERE config_id = $1", 1, strf(ID, config));
    expect_success(http_get(strf("%s?cursor=%s", paths[0], next)));
    db_run(DB_A, "DELETE FROM github_workflow_configs WHERE id = $1", 1, strf(ID, config));
    expect_error(http_get(strf("%s?cursor=%s", paths[0], next)), 4040, "config not found");
    expect_field(http_get(strf("%s?cursor=x", paths[0])), "cursor", IS_CURSOR);
}

/* An offset's page has a cursor to go on with. */
static void test_from_an_offset(void)
{
    apr_int64_t config = seed_ties(NULL);
    const char *path = strf("/configs/" ID "/metrics", config), *next;
    http_response_t *all = http_get(path), *res = http_get(strf("%s?offset=10&limit=5", path));

    next = text_at(res, "data.next_cursor");
    res = http_get(strf("%s?limit=5&cursor=%s", path, next));
    expect_int(json_int_at(res, "data.metrics.0.id"), json_int_at(all, "data.metrics.15.id"));
    expect_json(http_get(strf("%s?offset=55&limit=5", path)), "data.next_cursor", "null");
    expect_json(http_get(strf("%s?offset=60&limit=5", path)), "data.next_cursor", "null");
    expect_json(http_get(strf("%s?limit=60", path)), "data.next_cursor", "null");
}

/* ---- bounded in bytes ---- */

static void test_left_out(void)
{
    apr_int64_t config = seed_config(DB_A, "large fields"), row, schema;
    http_response_t *res;

    /* a string of n characters is n + 2 bytes: 1 MiB is there, a byte more is not */
    row = db_int(DB_A,
                 "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                 " dimensions, metrics, raw_data) VALUES ($1, 1, 1, now(), '{}',"
                 " jsonb_build_object('a', 1e131000), to_jsonb(repeat('x', 1048574))),"
                 " ($1, 1, 1, now() - interval '1 s', to_jsonb(repeat('x', 1048575)),"
                 " (SELECT jsonb_object_agg(i, 1e131000) FROM generate_series(1, 9) i),"
                 " to_jsonb(repeat('x', 5000000))) RETURNING id",
                 1, strf(ID, config));
    res = http_get(strf("/configs/" ID "/metrics", config));
    expect_success(res);
    expect_int(json_int_at(res, "data.metrics.0.id"), row);
    expect_keys(res, "data.metrics.0",
                "id,config_id,run_id,schema_id,timestamp,collected_at,source_file,dimensions,"
                "metrics,raw_data,created_at");
    expect_int(strlen(text_at(res, "data.metrics.0.raw_data")), 1048574);
    expect_json(res, "data.metrics.1.left_out", "[\"dimensions\",\"metrics\",\"raw_data\"]");
    expect_json(res, "data.metrics.1.dimensions", "null");
    expect_json(res, "data.metrics.1.metrics", "null");
    expect_json(res, "data.metrics.1.raw_data", "null");
    schema = seed_schema(DB_A, config, 1, 1, "[]", "[]");
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET fields = to_jsonb(repeat('y', 2000000)),"
           " generation_sample_file = repeat('z', 2000000) WHERE id = $1",
           1, strf(ID, schema));
    res = http_get(strf("/schemas/" ID, schema));
    expect_json(res, "data.fields", "null");
    expect_json(res, "data.left_out", "[\"fields\",\"generation_sample_file\"]");
    expect_json(http_get(strf("/configs/" ID "/schemas/active", config)), "data.left_out",
                "[\"fields\"]");
    expect_json(http_get(strf("/configs/" ID "/schemas", config)), "data.schemas.0.left_out",
                "[\"fields\",\"generation_sample_file\"]");
    db_run(DB_A,
           "UPDATE github_workflow_configs SET file_patterns = to_jsonb(repeat('y', 2000000)),"
           " description = repeat('d', 2000000), cluster_name = '' WHERE id = $1",
           1, strf(ID, config));
    res = http_get(strf("/configs/" ID, config));
    expect_json(res, "data.file_patterns", "null");
    expect_json(res, "data.description", "null");
    expect_json(res, "data.left_out", "[\"description\",\"file_patterns\"]");
    res = http_get("/configs?name=large%20fields");
    expect_json(res, "data.configs.0.left_out", "[\"description\",\"file_patterns\"]");
}

/* Fewer rows than the limit, and a cursor; each row once all the same. */
static void test_bounded_answers(void)
{
    apr_int64_t config = seed_config(DB_A, "large pages");
    const list_t list = {strf("/configs/" ID "/metrics?limit=1000", config), NULL, "metrics"};
    apr_array_header_t *ids = apr_array_make(fixture_pool(), 100, sizeof(apr_int64_t));
    const char *cursor = NULL;
    int pages = 0;

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics, raw_data) SELECT $1, 1, 1, '2025-01-01Z'::timestamptz + i / 7 *"
           " interval '1 hour', '{}', '{}', to_jsonb(repeat('x', 20000 * i)) FROM"
           " generate_series(1, 50) i",
           1, strf(ID, config));
    do {
        http_response_t *res = ask(&list, cursor, "");

        if (!expect_success(res))
            return;
        expect(res->len <= 8 * 1024 * 1024, "%" APR_SIZE_T_FMT " bytes", res->len);
        expect(json_length_at(res, "data.metrics") > 0, "an empty page");
        add_ids(ids, res, "metrics");
        cursor = text_at(res, "data.next_cursor");
        pages++;
    } while (cursor && pages < 60);
    expect(pages >= 4 && pages <= 6, "%d pages", pages);
    check_ids("all rows", ids, ROWS "|\"timestamp\" DESC, id", config);
    /* the connection that was ended in the middle is as good as new */
    expect_json(http_get(strf("/configs/" ID "/metrics?limit=1", config)), "data.total", "50");
    expect_int(json_length_at(http_get(strf("/configs/" ID "/metrics?raw_data=false", config)),
                              "data.metrics"),
               50);
}

static void test_error_messages(void)
{
    apr_int64_t config = seed_config(DB_A, "messages"), run = seed_run(DB_A, config, "failed");
    static const struct {
        const char *sql;
        int list, one;
    } cases[] = {
        {"repeat('x', 4096)", 4096, 4096},
        {"repeat('x', 4097)", 4096, 4097},
        {"repeat('\u20ac', 2000)", 4095, 6000}, /* three bytes each */
        {"repeat('\U0001F600', 1025)", 4096, 4100},
        {"'a' || repeat('\U0001F600', 1025)", 4093, 4101},
        {"repeat('m', 3000000)", 4096, 3000000},
        {"repeat('m', 4194302)", 4096, 4194302}, /* 4 MiB with its quotes */
    };
    http_response_t *res;

    for (size_t i = 0; i < countof(cases); i++) {
        db_run(
            DB_A,
            strf("UPDATE github_workflow_runs SET error_message = %s WHERE id = $1", cases[i].sql),
            1, strf(ID, run));
        res = http_get(strf("/configs/" ID "/runs", config));
        expect_int(strlen(text_at(res, "data.runs.0.error_message")), cases[i].list);
        res = http_get(strf("/runs/" ID, run));
        expect_int(strlen(text_at(res, "data.error_message")), cases[i].one);
    }
    db_run(DB_A,
           "UPDATE github_workflow_runs SET error_message = repeat('m', 4194303) WHERE id = $1", 1,
           strf(ID, run));
    res = http_get(strf("/runs/" ID, run));
    expect_json(res, "data.error_message", "null");
    expect_json(res, "data.left_out", "[\"error_message\"]");
    db_run(DB_A, "UPDATE github_workflow_runs SET error_message = '' WHERE id = $1", 1,
           strf(ID, run));
    expect_json(http_get(strf("/configs/" ID "/runs", config)), "data.runs.0.error_message",
                "null");
    expect_json(http_get(strf("/runs/" ID, run)), "data.error_message", "null");
}

/* It is neither answered nor read. */
static void test_raw_data(void)
{
    static const char keys[] =
        "id,config_id,run_id,schema_id,timestamp,collected_at,source_file,dimensions,metrics,"
        "created_at";
    apr_int64_t run, config = seed_ties(&run);
    const char *query = strf("/configs/" ID "/metrics/query", config);
    const char *gets[] = {strf("/configs/" ID "/metrics", config),
                          strf("/runs/" ID "/metrics", run)};

    for (size_t i = 0; i < countof(gets); i++) {
        expect_keys(http_get(strf("%s?raw_data=false", gets[i])), "data.metrics.0", keys);
        expect_json(http_get(strf("%s?raw_data=true", gets[i])), "data.metrics.0.raw_data",
                    "{\"x\":1}");
        expect_json(http_get(gets[i]), "data.metrics.0.raw_data", "{\"x\":1}");
        expect_field(http_get(strf("%s?raw_data=no", gets[i])), "raw_data",
                     "must be true or false");
    }
    expect_keys(http_json("POST", query, "{\"raw_data\":false}"), "data.metrics.0", keys);
    expect_json(http_json("POST", query, "{\"raw_data\":true}"), "data.metrics.0.raw_data",
                "{\"x\":1}");
    expect_json(http_json("POST", query, "{}"), "data.metrics.0.raw_data", "{\"x\":1}");
    expect_status(http_json("POST", query, "{\"raw_data\":\"false\"}"), 400);
}

SUITE(cursors) = {
    {"metric rows, each once", test_metrics},
    {"runs and schemas, each once", test_runs_and_schemas},
    {"the version in force", test_current_version},
    {"changes between pages", test_changes_between_pages},
    {"of another list", test_of_another_list},
    {"malformed", test_malformed},
    {"from an offset on", test_from_an_offset},
    {"large fields are left out", test_left_out},
    {"answers are bounded in bytes", test_bounded_answers},
    {"error messages", test_error_messages},
    {"without raw data", test_raw_data},
    CU_TEST_INFO_NULL,
};
