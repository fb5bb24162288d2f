/*
 * test_preconditions.c - If-Match and If-None-Match: which version of a row a tag names, and that a
 * write that names another one stores nothing. That every read has a tag is test_edge.c's.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>
#include <unistd.h>

#define UNMATCHED "none of the tags in If-Match is the current one"

static const char *config_path(apr_int64_t config)
{
    return strf("/configs/" ID, config);
}

/* (curl takes a header without a value away, unless it is written like this) */
static const char *if_match(const char *tag)
{
    return *tag ? apr_pstrcat(fixture_pool(), "If-Match: ", tag, NULL) : "If-Match;";
}

static http_response_t *send_if(const char *method, const char *path, const char *body,
                                const char *condition)
{
    return http_send(&(http_request_t){
        .method = method, .path = path, .body = body, .headers = {JSON_TYPE, condition}});
}

static const char *tag_of(const char *path)
{
    const char *tag = http_header(http_get(path), "ETag");

    expect(tag != NULL, "%s has no tag", path);
    return tag ? tag : "\"none\"";
}

/* V of a tag; "": it has none. */
static const char *version_in(const char *tag)
{
    const char *dash = strchr(tag, '-');

    return dash ? strf("%.*s", (int)(dash - tag - 1), tag + 1) : "";
}

static const char *version_of(const char *table, apr_int64_t id)
{
    return db_text(DB_A, strf("SELECT xmin::text FROM github_workflow_%s WHERE id = $1", table), 1,
                   strf(ID, id));
}

static const char *name_of(apr_int64_t config)
{
    return db_text(DB_A, "SELECT name FROM github_workflow_configs WHERE id = $1", 1,
                   strf(ID, config));
}

/* A body of PUT that leaves the runner set as seed_config made it. */
static const char *whole(apr_int64_t config, const char *name)
{
    return strf("{\"name\":\"%s\",\"runner_set_namespace\":\"%s\",\"runner_set_name\":\"%s\","
                "\"github_owner\":\"ROCm\",\"github_repo\":\"bench\",\"file_patterns\":[\"*\"]}",
                name,
                db_text(DB_A,
                        "SELECT runner_set_namespace FROM github_workflow_configs WHERE id"
                        " = $1",
                        1, strf(ID, config)),
                db_text(DB_A, "SELECT runner_set_name FROM github_workflow_configs WHERE id = $1",
                        1, strf(ID, config)));
}

/* ---- tags ---- */

static void test_tags_of_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "tags of rows");
    apr_int64_t schema = seed_schema(DB_A, config, 1, 1, "[\"Op\"]", "[\"t\"]");
    apr_int64_t run = seed_run(DB_A, config, "failed");

    expect_str(version_in(tag_of(config_path(config))), version_of("configs", config));
    expect_str(version_in(tag_of(strf("/configs/" ID "/schemas/active", config))),
               version_of("metric_schemas", schema));
    expect_str(version_in(tag_of(strf("/schemas/" ID, schema))),
               version_of("metric_schemas", schema));
    expect_str(version_in(tag_of(strf("/runs/" ID, run))), version_of("runs", run));
    expect_str(version_in(tag_of("/runs?limit=1")), ""); /* a list has none */
}

/* Any change of the row by anybody makes the tag another one; a lock does not. */
static void test_what_changes_a_tag(void)
{
    apr_int64_t config = seed_config(DB_A, "what changes a tag");
    const char *path = config_path(config), *first = tag_of(path), *second;
    PGconn *conn = db_open(DB_A);

    db_run_on(conn, strf("BEGIN; SELECT FROM github_workflow_configs WHERE id = " ID " FOR UPDATE",
                         config));
    expect_str(tag_of(path), first);
    db_run_on(conn, "COMMIT");
    db_close(conn);
    expect_str(tag_of(path), first);
    db_run(DB_A, "VACUUM (FREEZE) github_workflow_configs", 0); /* no change of any row */
    expect_str(tag_of(path), first);
    db_run(DB_A, "UPDATE github_workflow_configs SET last_checked_at = now() WHERE id = $1", 1,
           strf(ID, config));
    second = tag_of(path);
    expect(strcmp(first, second) != 0, "the collector's change left the tag as it was");
    expect_error(send_if("PATCH", path, "{\"name\":\"x\"}", if_match(first)), 4120, UNMATCHED);
    /* even one that changes no value */
    db_run(DB_A, "UPDATE github_workflow_configs SET name = name WHERE id = $1", 1,
           strf(ID, config));
    expect(strcmp(tag_of(path), second) != 0, "a change of nothing left the tag as it was");
    expect_status(send_if("GET", path, NULL, strf("If-None-Match: %s", second)), 200);
}

/* What a write answers is a tag that the next one may name, and GET's. */
static void test_tags_of_writes(void)
{
    apr_int64_t config = seed_config(DB_A, "tags of writes");
    const char *path = config_path(config), *tag = tag_of(path);
    http_response_t *res = send_if("PATCH", path, "{\"name\":\"one\"}", if_match(tag));

    expect_success(res);
    expect_keys(res, "data", "id,name,enabled,updated_at");
    expect_header(res, "Vary", "Accept-Encoding");
    tag = http_header(res, "ETag");
    expect_str(tag, tag_of(path));
    res = send_if("PUT", path, whole(config, "two"), if_match(tag));
    expect_success(res);
    expect_header(res, "Vary", "Accept-Encoding");
    tag = http_header(res, "ETag");
    expect_str(tag, tag_of(path));
    res = send_if("PATCH", path, "{}", if_match(tag));
    expect_success(res);
    expect_header(res, "ETag", tag); /* nothing has changed */
    expect_text(res, "data.name", "two");
    expect_success(send_if("DELETE", path, NULL, if_match(tag)));
    res = http_json("POST", "/configs",
                    strf("{\"name\":\"new\",\"runner_set_namespace\":\"%s\",\"runner_set_name\":"
                         "\"s\",\"github_owner\":\"o\",\"github_repo\":\"r\",\"file_patterns\":[]}",
                         db_text(DB_A, "SELECT gen_random_uuid()", 0)));
    expect_status(res, 201);
    expect_header(res, "ETag", tag_of(config_path(json_int_at(res, "data.config_id"))));
}

static void make_large(apr_int64_t config)
{
    db_run(DB_A,
           "UPDATE github_workflow_configs SET file_patterns = jsonb_build_array(repeat('y',"
           " 2000000)) WHERE id = $1",
           1, strf(ID, config));
}

static apr_int64_t bytes_of_patterns(apr_int64_t config)
{
    return db_int(DB_A,
                  "SELECT octet_length(file_patterns::text) FROM github_workflow_configs"
                  " WHERE id = $1",
                  1, strf(ID, config));
}

/* What is too large to be answered has a tag as any row, stays as it is where it is not given, and
 * is repaired by giving it. A PUT of the row as it came, where it is null, does not lose it. */
static void test_left_out(void)
{
    apr_int64_t config = seed_config(DB_A, "left out");
    const char *path = config_path(config), *tag;
    http_response_t *res;
    int found;

    make_large(config);
    res = http_get(path);
    tag = http_header(res, "ETag");
    expect_json(res, "data.left_out", "[\"file_patterns\"]");
    res =
        send_if("PUT", path, json_object_to_json_string(json_at(res, "data", NULL)), if_match(tag));
    expect_field(res, "file_patterns", "is required");
    expect_int(res->status, 400);
    res = send_if("PATCH", path, "{\"name\":\"patched\"}", if_match(tag));
    expect_success(res);
    expect_int(bytes_of_patterns(config), 2000004);
    res = send_if("PUT", path, whole(config, "put"), if_match(http_header(res, "ETag")));
    expect_success(res);
    expect_json(res, "data.file_patterns", "[\"*\"]");
    json_at(http_get(path), "data.left_out", &found);
    expect_int(found, 0);
    make_large(config);
    expect_success(send_if("PATCH", path, "{\"file_patterns\":[\"a\"]}", if_match(tag_of(path))));
    expect_json(http_get(path), "data.file_patterns", "[\"a\"]");
    expect_text(http_get(path), "data.name", "put");
}

/* ---- which tags let a write happen ---- */

static void test_forms(void)
{
    apr_int64_t config = seed_config(DB_A, "forms");
    const char *path = config_path(config), *tag = tag_of(path), *version = version_in(tag);
    const char *bare = strf("%.*s", (int)strlen(tag) - 2, tag + 1);
    const char *refused[] = {
        "",
        ",",
        "x",
        bare,
        strf("\"%s", bare),
        strf("W/%s", tag),
        strf("W/\"%s-gzip\"", bare),
        strf("\"%s\"", version),
        strf("\"1%s\"", bare),
        "\"1-0000000000000000\"",
        "\"0000000000000000\"",
        strf("%s x", tag),
        strf("x, %s", tag),
        strf("*, %s", tag),
        strf("%s, *", tag),
        strf("%s, \"", tag),
        "\"-\"",
        strf("\"%s'); DROP TABLE x; --\"", version),
        strf("\"{%s}-0\"", version),
    };
    const char *good[] = {
        "%s", "*", "\"x\", %s", "%s,\"x\"", "W/\"x\" , %s ,", " , %s",
    };

    for (size_t i = 0; i < countof(refused); i++) {
        expect_error(send_if("PATCH", path, "{\"name\":\"refused\"}", if_match(refused[i])), 4120,
                     UNMATCHED);
        expect_error(send_if("PATCH", path, "{}", if_match(refused[i])), 4120, UNMATCHED);
        expect_error(send_if("PUT", path, whole(config, "refused"), if_match(refused[i])), 4120,
                     UNMATCHED);
        expect_error(send_if("DELETE", path, NULL, if_match(refused[i])), 4120, UNMATCHED);
        expect_error(send_if("GET", path, NULL, if_match(refused[i])), 4120, UNMATCHED);
    }
    expect_str(tag_of(path), tag);
    for (size_t i = 0; i < countof(good); i++) {
        const char *header = if_match(strstr(good[i], "%s") ? strf(good[i], tag_of(path)) : "*");

        expect_success(send_if("GET", path, NULL, header));
        expect_success(send_if("PATCH", path, "{}", header));
        expect_success(send_if("PATCH", path, strf("{\"name\":\"good %d\"}", (int)i), header));
        expect_str(name_of(config), strf("good %d", (int)i));
    }
}

/* The digest is the answer's, not the row's: writes compare the version alone, reads all of it. */
static void test_version_alone(void)
{
    apr_int64_t config = seed_config(DB_A, "version alone");
    const char *path = config_path(config);
    const char *other = strf("\"%s-ffffffffffffffff\"", version_in(tag_of(path)));

    expect_error(send_if("GET", path, NULL, if_match(other)), 4120, UNMATCHED);
    expect_status(send_if("HEAD", path, NULL, if_match(other)), 412);
    expect_success(send_if("GET", path, NULL, strf("If-None-Match: %s", other)));
    expect_success(send_if("PATCH", path, "{\"name\":\"x\"}", if_match(other)));
}

/* A client that had the answer compressed sends the tag that the filter made of it. */
static void test_suffixes(void)
{
    apr_int64_t config = seed_config(DB_A, "suffixes");
    const char *path = config_path(config), *tag;
    http_request_t rq = {.path = path, .headers = {"Accept-Encoding: gzip"}};

    tag = http_header(http_send(&rq), "ETag");
    expect_contains(tag, "-gzip\"");
    rq.headers[1] = if_match(tag);
    expect_status(http_send(&rq), 200);
    expect_success(send_if("GET", path, NULL, if_match(tag)));
    expect_success(send_if("PATCH", path, "{\"name\":\"gzip\"}", if_match(tag)));
    tag = tag_of(path);
    expect_success(send_if("PATCH", path, "{\"name\":\"br\"}",
                           if_match(strf("%.*s-br\"", (int)strlen(tag) - 1, tag))));
    tag = tag_of(path);
    expect_error(send_if("PATCH", path, "{\"name\":\"br\"}",
                         if_match(strf("W/%.*s-br\"", (int)strlen(tag) - 1, tag))),
                 4120, UNMATCHED);
}

static void test_several_lines(void)
{
    apr_int64_t config = seed_config(DB_A, "several lines");
    const char *path = config_path(config);
    http_request_t rq = {.method = "PATCH",
                         .path = path,
                         .body = "{\"name\":\"joined\"}",
                         .headers = {JSON_TYPE, "If-Match: \"1-0\"", if_match(tag_of(path))}};

    expect_success(http_send(&rq));
    rq.headers[2] = if_match("\"2-0\"");
    expect_error(http_send(&rq), 4120, UNMATCHED);
}

/* ---- two editors ---- */

/* n requests with the same tag at once. @return how many were made; the others are 412 */
static int race(const http_request_t *rqs, int n, int *winner)
{
    http_response_t **res = http_send_all(rqs, n);
    int won = 0;

    for (int i = 0; i < n; i++) {
        if (res[i]->status == 200) {
            won++;
            *winner = i;
        } else {
            expect_error(res[i], 4120, UNMATCHED);
        }
    }
    return won;
}

static void test_two_editors(void)
{
    apr_int64_t config = seed_config(DB_A, "two editors");
    const char *path = config_path(config);

    for (int round = 0; round < 40; round++) {
        const char *same = if_match(tag_of(path));
        http_request_t rqs[6];
        int n = round % 2 ? 6 : 2, winner = -1;

        for (int i = 0; i < n; i++) {
            const char *name = strf("round %d editor %d", round, i);
            int put = (round + i) % 3 == 0;

            rqs[i] = (http_request_t){.method = put ? "PUT" : "PATCH",
                                      .path = path,
                                      .body = put ? whole(config, name)
                                                  : strf("{\"name\":\"%s\"}", name),
                                      .headers = {JSON_TYPE, same}};
        }
        expect_int(race(rqs, n, &winner), 1);
        expect_str(name_of(config), strf("round %d editor %d", round, winner));
    }
}

/* Not even two who want the same both win. */
static void test_two_of_one_mind(void)
{
    apr_int64_t config = seed_config(DB_A, "one mind");
    const char *path = config_path(config);
    int winner;

    for (int round = 0; round < 10; round++) {
        http_request_t rqs[4];

        for (int i = 0; i < 4; i++)
            rqs[i] = (http_request_t){.method = "PATCH",
                                      .path = path,
                                      .body = "{\"enabled\":true}",
                                      .headers = {JSON_TYPE, if_match(tag_of(path))}};
        expect_int(race(rqs, 4, &winner), 1);
    }
}

/* One edits, one deletes: a deletion that comes first leaves nothing to be edited. */
static void test_editor_and_deleter(void)
{
    for (int round = 0; round < 20; round++) {
        apr_int64_t config = seed_config(DB_A, "edited or deleted");
        const char *path = config_path(config), *same = if_match(tag_of(path));
        http_request_t rqs[] = {{.method = "DELETE", .path = path, .headers = {same}},
                                {.method = "PATCH",
                                 .path = path,
                                 .body = "{\"name\":\"edited\"}",
                                 .headers = {JSON_TYPE, same}}};
        http_response_t **res = http_send_all(rqs, 2);

        if (res[0]->status == 200) {
            expect_status(res[0], 200);
            expect_error(res[1], 4040, "config not found");
            expect_status(http_get(path), 404);
        } else {
            expect_error(res[0], 4120, UNMATCHED);
            expect_success(res[1]);
            expect_str(name_of(config), "edited");
        }
    }
}

/* Has the module run into the lock? A deletion does not wait for it, but tries again. */
static int is_tried(const char *since)
{
    return db_int(DB_A,
                  "SELECT count(*) FROM pg_stat_activity WHERE usename = 'wfmetrics' AND"
                  " (wait_event_type = 'Lock' OR query LIKE '%NOWAIT%' AND query_start > $1)",
                  1, since) > 0;
}

/* Sent while another transaction holds the row; what comes once that has ended. */
static const char *answer_behind(apr_int64_t config, const char *method, const char *body,
                                 const char *held, const char *end)
{
    const char *request =
        strf("%s " API_BASE "/configs/" ID " HTTP/1.1\r\nHost: a.test\r\n" JSON_TYPE
             "\r\nIf-Match: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
             method, config, tag_of(config_path(config)), (int)strlen(body), body);
    const char *since = db_text(DB_A, "SELECT clock_timestamp()", 0);
    PGconn *conn = db_open(DB_A);
    int fd;

    db_run_on(conn, strf("BEGIN; %s", strf(held, config)));
    fd = http_raw_open(request, strlen(request));
    for (int i = 0; i < 1000 && !is_tried(since); i++)
        usleep(10000);
    db_run_on(conn, end);
    db_close(conn);
    return http_raw_rest(fd);
}

/* The statement that writes compares what it finds when it gets the lock. */
static void test_behind_a_lock(void)
{
    static const char *const edit =
        "UPDATE github_workflow_configs SET name = 'theirs' WHERE id = " ID;
    static const char *const lock =
        "SELECT FROM github_workflow_configs WHERE id = " ID " FOR UPDATE";
    static const char *const methods[] = {"PATCH", "PUT", "DELETE"};

    for (size_t i = 0; i < countof(methods); i++) {
        apr_int64_t config = seed_config(DB_A, "behind a lock");
        const char *body = i == 1 ? whole(config, "mine") : i ? "" : "{\"name\":\"mine\"}";

        expect_contains(answer_behind(config, methods[i], body, edit, "COMMIT"), "\"code\":4120");
        expect_str(name_of(config), "theirs");
        expect_contains(answer_behind(config, methods[i], body, edit, "ROLLBACK"), "\"code\":2000");
        if (i == 2)
            config = seed_config(DB_A, "behind a lock");
        expect_contains(answer_behind(config, methods[i], body, lock, "COMMIT"), "\"code\":2000");
    }
}

/* ---- what comes before ---- */

static void test_order(void)
{
    apr_int64_t config = seed_config(DB_A, "order"), other = seed_config(DB_A, "other");
    apr_int64_t done = seed_run(DB_A, config, "completed");
    const char *path = config_path(config), *wrong = "If-Match: \"1-0\"";
    const char *set = whole(other, "bound");
    http_request_t rq = {.method = "PATCH", .path = path, .body = "{}", .headers = {wrong}};

    expect_status(send_if("PATCH", path, "{", wrong), 400);
    expect_status(send_if("PATCH", path, "{\"name\":1}", wrong), 400);
    expect_status(send_if("GET", "/runs?limit=0", NULL, wrong), 400);
    expect_error(send_if("POST", strf("/runs/" ID "/retry", done), NULL, wrong), 4000,
                 "only failed runs can be retried");
    expect_error(send_if("PATCH", "/configs/999999999", "{}", wrong), 4040, "config not found");
    expect_error(send_if("PATCH", "/configs/999999999", "{\"name\":\"x\"}", wrong), 4040,
                 "config not found");
    expect_error(send_if("PUT", "/configs/999999999", set, wrong), 4040, "config not found");
    expect_error(send_if("PUT", "/configs/999999999", set, "If-Match: *"), 4040,
                 "config not found");
    expect_error(send_if("DELETE", "/configs/999999999", NULL, wrong), 4040, "config not found");
    expect_error(send_if("GET", "/configs/999999999", NULL, wrong), 4040, "config not found");
    expect_error(send_if("GET", "/configs/999999999", NULL, "If-Match: *"), 4040,
                 "config not found");
    expect_error(send_if("GET", "/nope", NULL, wrong), 4040, "no such endpoint");
    expect_error(send_if("DELETE", "/runs", NULL, wrong), 4050, "method not allowed");
    rq.headers[1] = "Content-Type: text/plain";
    expect_status(http_send(&rq), 415);
    rq.host = HOST_RO;
    expect_error(http_send(&rq), 4030, "this API is read-only here");
    expect_error(send_if("PUT", path, set, wrong), 4120, UNMATCHED);
    expect_status(send_if("PUT", path, set, if_match(tag_of(path))), 409);
    expect_status(send_if("PUT", path, set, "If-Match: *"), 409);
    expect_status(send_if("OPTIONS", path, NULL, wrong), 200); /* about no representation */
}

/* ---- writes that have no tag ---- */

static void test_other_writes(void)
{
    apr_int64_t config = seed_config(DB_A, "other writes");
    apr_int64_t schema = seed_schema(DB_A, config, 1, 0, "[\"Op\"]", "[\"t\"]");
    apr_int64_t run = seed_run(DB_A, config, "failed");
    const char *fresh = strf("{\"name\":\"n\",\"runner_set_namespace\":\"%s\",\"runner_set_name\":"
                             "\"s\",\"github_owner\":\"o\",\"github_repo\":\"r\","
                             "\"file_patterns\":[]}",
                             db_text(DB_A, "SELECT gen_random_uuid()", 0));
    const struct {
        const char *path, *body, *absent;
    } writes[] = {
        {"/configs", fresh, NULL},
        {strf("/configs/" ID "/schemas", config), "{\"name\":\"s\",\"fields\":[\"t\"]}",
         "/configs/999999999/schemas"},
        {strf("/schemas/" ID "/activate", schema), NULL, "/schemas/999999999/activate"},
        {strf("/runs/" ID "/retry", run), NULL, "/runs/999999999/retry"},
        {strf("/configs/" ID "/runs/batch-retry", config), NULL,
         "/configs/999999999/runs/batch-retry"},
    };
    const char *before = db_fingerprint(DB_A);
    const char *tags[] = {tag_of(config_path(config)), tag_of(strf("/runs/" ID, run)), "W/\"x\"",
                          "x", ""};

    for (size_t i = 0; i < countof(writes); i++) {
        for (size_t t = 0; t < countof(tags); t++)
            expect_error(send_if("POST", writes[i].path, writes[i].body, if_match(tags[t])), 4120,
                         UNMATCHED);
        if (!writes[i].absent)
            continue;
        expect_status(send_if("POST", writes[i].absent, writes[i].body, if_match(tags[0])), 404);
        expect_status(send_if("POST", writes[i].absent, writes[i].body, "If-Match: *"), 404);
    }
    expect_str(db_fingerprint(DB_A), before);
    for (size_t i = 0; i < countof(writes); i++) {
        http_response_t *res = send_if("POST", writes[i].path, writes[i].body, "If-Match: *");

        expect(res->status == 200 || res->status == 201, "%s answers %ld: %s", res->what,
               res->status, res->body);
    }
}

/* ---- If-None-Match ---- */

/* None of the writes makes what its path names: one that wants it absent finds it, or nothing. */
static void test_none_match_of_writes(void)
{
    apr_int64_t config = seed_config(DB_A, "none match");
    const char *path = config_path(config), *tag = tag_of(path);
    const char *named[] = {"If-None-Match: *", strf("If-None-Match: %s", tag),
                           strf("If-None-Match: \"x\", W/%s", tag)};

    for (size_t i = 0; i < countof(named); i++) {
        expect_error(send_if("PUT", path, whole(config, "x"), named[i]), 4120,
                     "If-None-Match names what is there");
        expect_error(send_if("PATCH", path, "{\"name\":\"x\"}", named[i]), 4120,
                     "If-None-Match names what is there");
        expect_error(send_if("DELETE", path, NULL, named[i]), 4120,
                     "If-None-Match names what is there");
        expect_status(send_if("PUT", "/configs/999999999", whole(config, "x"), named[i]), 404);
    }
    expect_str(tag_of(path), tag);
    expect_success(send_if("PATCH", path, "{\"name\":\"x\"}", "If-None-Match: \"y\""));
}

/* If-Match comes first. */
static void test_both(void)
{
    const char *path = config_path(seed_config(DB_A, "both")), *tag = tag_of(path);
    http_request_t rq = {.path = path, .headers = {if_match(tag), strf("If-None-Match: %s", tag)}};
    http_response_t *res = http_send(&rq);

    expect_status(res, 304);
    expect_header(res, "ETag", tag);
    expect_header(res, "Vary", "Accept-Encoding");
    rq.headers[0] = "If-Match: \"x\"";
    expect_error(http_send(&rq), 4120, UNMATCHED);
}

/* A stream that is longer than what is held back for its status. */
static void test_streams(void)
{
    apr_int64_t config = seed_config(DB_A, "streams");
    const char *path = strf("/configs/" ID "/export?limit=9000", config);

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, 1, 1, now() - i * interval '1 s',"
           " jsonb_build_object('Op', i), jsonb_build_object('a', i) FROM generate_series(1, 9000)"
           " i",
           1, strf(ID, config));
    expect_error(send_if("GET", path, NULL, if_match("\"x\"")), 4120, UNMATCHED);
    expect_status(send_if("HEAD", path, NULL, if_match("\"x\"")), 412);
    expect_status(send_if("GET", path, NULL, "If-Match: *"), 200);
    expect_error(send_if("GET", strf("%s&format=json", path), NULL, if_match("\"x\"")), 4120,
                 UNMATCHED);
}

SUITE(preconditions) = {
    {"the tag of a row has its version", test_tags_of_rows},
    {"what changes a tag, and what does not", test_what_changes_a_tag},
    {"a write's answer has the tag that GET's has", test_tags_of_writes},
    {"a row with a field that was left out", test_left_out},
    {"forms of If-Match", test_forms},
    {"writes compare the version, reads the whole tag", test_version_alone},
    {"suffixes of compressed answers", test_suffixes},
    {"several header lines are one list", test_several_lines},
    {"of editors with one tag, one wins", test_two_editors},
    {"also of those who want the same", test_two_of_one_mind},
    {"an editor and one who deletes", test_editor_and_deleter},
    {"a change that is committed while the write waits", test_behind_a_lock},
    {"what comes before 412, and what after", test_order},
    {"writes that have no tag", test_other_writes},
    {"If-None-Match of writes", test_none_match_of_writes},
    {"If-Match comes before If-None-Match", test_both},
    {"streams", test_streams},
    CU_TEST_INFO_NULL,
};
