/*
 * test_promises.c - what docs/security.md says of the log, of roles that may only read, and of what
 * is the operator's to configure.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "side.h"
#include <string.h>

/* A client's line ends make no line of the log's, wherever they stand. */
static void test_log_lines(void)
{
    static const char *const paths[] = {
        "/runs/1%0A%5Bforged%5D",
        "/runs?status=x%0A%5Bforged%5D",
        "/runs?cluster=%0D%0A%5Bforged%5D",
        "/runs?limit=%0A%5Bforged%5D",
        "/configs/1/dimensions/%0A%5Bforged%5D/values",
        "/configs/1/export?metric_fields=%0A%5Bforged%5D",
    };
    apr_off_t mark = fixture_log_mark();

    for (size_t i = 0; i < countof(paths); i++)
        http_get(paths[i]);
    http_send(&(http_request_t){.path = "/configs",
                                .method = "POST",
                                .body = "{\"\\n[forged]\":1}",
                                .headers = {JSON_TYPE, "Origin: http://x\t[forged]"}});
    expect_contains(fixture_log_since(mark), "forged");
    expect_lacks(fixture_log_since(mark), "\n[forged]");
    expect_lacks(fixture_log_since(mark), "\r");
}

static void test_reading_role(void)
{
    int port = side_free_port();
    apr_int64_t config = seed_config(DB_A, "read only by its role");
    const char *path = strf("/configs/" ID, config);
    const char *before;
    http_request_t rq = {.port = port, .host = "reader"};
    const char *reads[] = {path, "/runs", strf("%s/export", path), strf("%s/stats", path)};

    db_run(DB_A, "CREATE ROLE api_reader LOGIN", 0);
    db_run(DB_A,
           "GRANT SELECT ON github_workflow_configs, github_workflow_runs,"
           " github_workflow_metric_schemas, github_workflow_metrics TO api_reader",
           0);
    before = db_fingerprint(DB_A);
    if (side_start(port, strf("<VirtualHost *:%d>\n%s<Location " API_BASE ">\n"
                              "SetHandler wfmetrics\n</Location>\n</VirtualHost>\n",
                              port,
                              side_replace(strf(SIDE_CLUSTER, "reader", fixture_sockets(), "reader",
                                                "reader"),
                                           "user=wfmetrics", "user=api_reader"))) == 0) {
        for (size_t i = 0; i < countof(reads); i++) {
            rq.path = reads[i];
            expect_status(http_send(&rq), 200);
        }
        rq.path = path;
        rq.method = "DELETE";
        expect_error(http_send(&rq), 5000, "internal error");
        rq.method = "PATCH";
        rq.body = "{\"enabled\":false}";
        rq.headers[0] = JSON_TYPE;
        expect_error(http_send(&rq), 5000, "internal error");
        expect_contains(side_log(),
                        "grant the role its rights: " WFM_SHAREDIR "/roles/api_role.sql");
    }
    side_stop();
    expect_str(db_fingerprint(DB_A), before);
    db_run(DB_A, "DROP OWNED BY api_reader", 0);
    db_run(DB_A, "DROP ROLE api_reader", 0);
}

/* A name that an attacker leads to this server finds the first host, if that has no API. */
static void test_unknown_names(void)
{
    int port = side_free_port();
    http_request_t rq = {.port = port, .host = "evil.example", .path = "/runs"};

    if (side_start(port, strf("<VirtualHost *:%d>\nServerName nobody.example.com\n</VirtualHost>\n"
                              "<VirtualHost *:%d>\n" SIDE_CLUSTER "%s</VirtualHost>\n",
                              port, port, "api.example.com", fixture_sockets(), "x", "x",
                              "<Location " API_BASE ">\nSetHandler wfmetrics\n</Location>\n")) ==
        0) {
        http_response_t *res = http_send(&rq);

        expect_status(res, 404);
        expect_contains(res->body, "<html>");
        rq.host = "api.example.com";
        expect_success(http_send(&rq));
    }
    side_stop();
}

/* Why mod_info is warned of. */
static void test_mod_info(void)
{
    int port = side_free_port();
    const char *output;

    if (side_start(port, strf("LoadModule info_module ${MODULES}/mod_info.so\n"
                              "<Location /server-info>\nSetHandler server-info\n</Location>\n"
                              "<VirtualHost *:%d>\n%s</VirtualHost>\n",
                              port,
                              side_replace(strf(SIDE_CLUSTER, "x", fixture_sockets(), "x", "x"),
                                           "user=wfmetrics", "user=wfmetrics password=seen"))) ==
        0) {
        fixture_shell(strf("curl -s http://127.0.0.1:%d/server-info?config", port), &output);
        expect_contains(output, "password=seen");
    }
    side_stop();
}

/* What docs/operating.md says of the process's environment, and of a tree in the wrong place. */
static void test_surroundings(void)
{
    int port = side_free_port();
    http_request_t rq = {
        .port = port, .host = "root", .base = "", .path = "/lens" API_BASE "/runs"};
    http_response_t *res;

    if (side_start(port, strf("<VirtualHost *:%d>\n" SIDE_CLUSTER "<Location />\n"
                              "SetHandler wfmetrics\n</Location>\n"
                              "Header always set X-Timeout expr=%%{osenv:PGCONNECT_TIMEOUT}\n"
                              "</VirtualHost>\n",
                              port, "root", fixture_sockets(), "root", "root")) == 0) {
        res = http_send(&rq);
        expect_error(res, 4040, "no such endpoint");
        expect_header(res, "X-Timeout", "2");
        expect_contains(side_log(), "'/lens" API_BASE "/runs' is not below '" API_BASE
                                    "': write WfmetricsBasePath in this location");
    }
    side_stop();
}

SUITE(promises) = {
    {"a client writes no line of the log", test_log_lines},
    {"a role that may only read", test_reading_role},
    {"a first host for unknown names", test_unknown_names},
    {"mod_info shows passwords", test_mod_info},
    {"the environment, and a path in the wrong place", test_surroundings},
    CU_TEST_INFO_NULL,
};
