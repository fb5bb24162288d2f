/*
 * test_protection.c - who gets in: docs/operating.md's blocks as they stand there, alone and
 * together, and the example hosts, against every kind of visitor and request.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <string.h>

#define HERE      "127.0.0.1"
#define ELSEWHERE "127.0.0.2"
/* NAME:secret */
#define LOGIN "Authorization: Basic TkFNRTpzZWNyZXQ="
#define WRONG "Authorization: Basic TkFNRTp3cm9uZw=="

typedef struct visitor_t {
    const char *what, *from, *login;
} visitor_t;

static const visitor_t visitors[] = {
    {"nobody, here", HERE, NULL},
    {"nobody, elsewhere", ELSEWHERE, NULL},
    {"a user, here", HERE, LOGIN},
    {"a user, elsewhere", ELSEWHERE, LOGIN},
    {"a wrong password, here", HERE, WRONG},
    {"a wrong password, elsewhere", ELSEWHERE, WRONG},
};

static const struct {
    const char *method, *path, *body;
    int reads;
} requests[] = {
    {"GET", "/runs", NULL, 1},
    {"HEAD", "/runs", NULL, 1},
    {"OPTIONS", "/configs/999999999", NULL, 1},
    {"GET", "/configs/999999999/export", NULL, 1},
    {"GET", "/configs/999999999/metrics/query", NULL, 1}, /* 405 */
    {"POST", "/configs/999999999/metrics/query", "{}", 1},
    {"POST", "/configs/999999999/metrics/aggregate", "{\"metric_field\":\"x\"}", 1},
    {"POST", "/configs/999999999/metrics/trends", "{\"metric_fields\":[\"x\"]}", 1},
    {"POST", "/configs/999999999/schemas/preview", "{\"sample_files\":[{\"content\":\"a\"}]}", 1},
    {"POST", "/repositories/o/r/metrics/trends", "{\"metric_fields\":[\"x\"]}", 1},
    {"POST", "/configs/999999999/schemas", "{}", 0},
    {"POST", "/configs/999999999/schemas/regenerate", "{}", 0},
    {"POST", "/runs/999999999/retry", NULL, 0},
    {"POST", "/configs/999999999/runs/batch-retry", NULL, 0},
    {"POST", "/configs", "{}", 0},
    {"POST", "/runs/999999999/retry?x=/configs/1/metrics/query", NULL, 0},
    {"PUT", "/configs/999999999", "{}", 0},
    {"PATCH", "/configs/999999999", "{}", 0},
    {"DELETE", "/configs/999999999", NULL, 0},
};

enum { ADDRESSES, NOBODY_WRITES, USERS_WRITE, CORS_LOGIN, BLOCKS };

static const char *const names[BLOCKS] = {"addresses", "nobody-writes", "users-write",
                                          "cors-login"};

static int user(const visitor_t *v)
{
    return v->login && !strcmp(v->login, LOGIN);
}

/* What the sentence above a block says. */
static int block_lets(int block, const visitor_t *v, size_t rq)
{
    switch (block) {
    case ADDRESSES:
        return !strcmp(v->from, HERE);
    case NOBODY_WRITES:
        return requests[rq].reads;
    case USERS_WRITE:
        return requests[rq].reads || user(v);
    default:
        return !strcmp(requests[rq].method, "OPTIONS") || user(v);
    }
}

/* A block as it is pasted, with this machine's addresses and files. */
static const char *block_text(int block)
{
    const char *text = side_recipe(names[block]);

    if (block == ADDRESSES)
        text = side_replace(text, "10.0.0.0/8", HERE);
    if (block == USERS_WRITE || block == CORS_LOGIN)
        text = side_replace(text, "/etc/apache2/wfmetrics.users", strf("%s/users", fixture_dir()));
    return text;
}

static void write_users(void)
{
    const char *output;
    int status = fixture_shell(
        strf("printf 'NAME:%%s\\n' \"$(openssl passwd -apr1 secret)\" > %s/users", fixture_dir()),
        &output);

    expect(status == 0, "%s", output);
}

/* Is a request let in? A write of something that is not there is then its own 404 or 400. */
static int lets_in(int port, const char *host, const visitor_t *v, size_t rq)
{
    http_response_t *res = http_send(&(http_request_t){.port = port,
                                                       .host = host,
                                                       .from = v->from,
                                                       .method = requests[rq].method,
                                                       .path = requests[rq].path,
                                                       .body = requests[rq].body,
                                                       .headers = {JSON_TYPE, v->login}});

    expect(res->status == 200 || (res->status >= 400 && res->status < 500), "%s on %s: %ld %s",
           res->what, host, res->status, res->body);
    return res->status != 401 && res->status != 403;
}

/* Sequences of blocks: each alone, each pair in both orders, all in two orders. */
static int sequences(int list[][BLOCKS])
{
    int n = 0;

    for (int a = 0; a < BLOCKS; a++) {
        memcpy(list[n++], ((int[BLOCKS]){a, -1, -1, -1}), sizeof list[0]);
        for (int b = 0; b < BLOCKS; b++)
            if (b != a)
                memcpy(list[n++], ((int[BLOCKS]){a, b, -1, -1}), sizeof list[0]);
    }
    memcpy(list[n++], ((int[BLOCKS]){0, 1, 2, 3}), sizeof list[0]);
    memcpy(list[n++], ((int[BLOCKS]){3, 2, 1, 0}), sizeof list[0]);
    return n;
}

static const char *sequence_name(const int *blocks)
{
    const char *name = "";

    for (int i = 0; i < BLOCKS && blocks[i] >= 0; i++)
        name = strf("%s%s.", name, names[blocks[i]]);
    return strf("%stest", name);
}

static const char *sequence_host(int port, const int *blocks)
{
    const char *name = sequence_name(blocks), *text = "";

    for (int i = 0; i < BLOCKS && blocks[i] >= 0; i++)
        text = strf("%s%s", text, block_text(blocks[i]));
    return strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "%s</VirtualHost>\n", port, name,
                fixture_sockets(), name, name, text);
}

static void check_host(int port, const int *blocks)
{
    const char *host = sequence_name(blocks);

    for (size_t v = 0; v < countof(visitors); v++) {
        for (size_t rq = 0; rq < countof(requests); rq++) {
            int expected = 1, found = lets_in(port, host, &visitors[v], rq);

            for (int i = 0; i < BLOCKS && blocks[i] >= 0; i++)
                expected &= block_lets(blocks[i], &visitors[v], rq);
            expect(found == expected, "%s: %s %s by %s is %s", host, requests[rq].method,
                   requests[rq].path, visitors[v].what, found ? "let in" : "refused");
        }
    }
}

static void test_blocks(void)
{
    int list[32][BLOCKS], n = sequences(list), port = side_free_port();
    const char *hosts = "";

    write_users();
    for (int i = 0; i < n; i++)
        hosts = strf("%s%s", hosts, sequence_host(port, list[i]));
    if (side_start(port, hosts) == 0)
        for (int i = 0; i < n; i++)
            check_host(port, list[i]);
    side_stop();
}

/* An example host as it is, but for its port, database and addresses. */
static const char *example(const char *file, const char *db, int port)
{
    const char *text = side_file(strf("conf/vhosts/%s", file));

    text = side_replace(text, "*:80>", strf("*:%d>", port));
    text = side_replace(text, "host=/run/postgresql", strf("host=%s", fixture_sockets()));
    return side_replace(text, db, DB_A);
}

/* The network is this machine's second address; "local" is its first alone, here. */
static void test_examples(void)
{
    int port = side_free_port();
    const char *east = example("mi325-east.conf", "lens_mi325_east", port);
    const char *west = example("mi300-west.conf", "lens_mi300_west", port);

    east = side_replace(east, "10.0.0.0/8 127.0.0.1 ::1", HERE);
    west = side_replace(west, "10.0.0.0/8", ELSEWHERE);
    west = side_replace(west, "Require local", "Require ip " HERE);
    if (side_start(port, strf("%s%s", east, west)) == 0) {
        for (size_t v = 0; v < 2; v++) {
            for (size_t rq = 0; rq < countof(requests); rq++) {
                int here = !strcmp(visitors[v].from, HERE);

                expect_int(lets_in(port, "mi325-east.example.com", &visitors[v], rq), here);
                expect_int(lets_in(port, "mi300-west.example.com", &visitors[v], rq),
                           here || requests[rq].reads);
            }
        }
    }
    side_stop();
}

/* For a load balancer, below a block that asks for a login, or lets in other addresses only. */
static void test_health(void)
{
    int port = side_free_port(), all[] = {ADDRESSES, CORS_LOGIN, -1, -1};
    const char *host = sequence_host(port, all), *name = sequence_name(all);
    http_request_t health = {.port = port, .host = name, .from = ELSEWHERE, .path = "/health"};
    http_request_t runs = {.port = port, .host = name, .from = ELSEWHERE, .path = "/runs"};

    write_users();
    host = side_replace(host, "</VirtualHost>", strf("%s</VirtualHost>", side_recipe("health")));
    if (side_start(port, host) == 0) {
        expect_status(http_send(&health), 200);
        health.method = "HEAD";
        expect_status(http_send(&health), 200);
        expect_status(http_send(&runs), 403);
        runs.path = "/health/../runs";
        expect_status(http_send(&runs), 403);
    }
    side_stop();
}

/* One config's path is not the config: what docs/security.md warns of. */
static void test_one_config(void)
{
    int port = side_free_port();
    apr_int64_t config = seed_config(DB_A, "secret"), run = seed_run(DB_A, config, "failed");
    apr_int64_t schema = seed_schema(DB_A, config, 1, 1, "[]", "[]");
    const char *paths[] = {strf("/runs?config_id=" ID, config), strf("/runs/" ID, run),
                           strf("/schemas/" ID, schema)};
    http_request_t rq = {.port = port, .host = "one.test", .path = strf("/configs/" ID, config)};

    if (side_start(port, strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "<Location \"" API_BASE
                              "\">\nSetHandler wfmetrics\n</Location>\n"
                              "<Location \"" API_BASE "/configs/" ID "\">\nRequire all denied\n"
                              "</Location>\n</VirtualHost>\n",
                              port, "one.test", fixture_sockets(), "one", "one", config)) == 0) {
        expect_status(http_send(&rq), 403);
        for (size_t i = 0; i < countof(paths); i++) {
            rq.path = paths[i];
            expect_success(http_send(&rq));
        }
    }
    side_stop();
}

SUITE(protection) = {
    {"the documented blocks, alone and together", test_blocks},
    {"the example hosts", test_examples},
    {"health without a login", test_health},
    {"a path does not separate configs", test_one_config},
    CU_TEST_INFO_NULL,
};
