/*
 * test_secrets.c - the password in DBDParams reaches no log, no answer and no page, whether the
 * database lets the module in or not.
 *
 * The secret hosts of httpd.conf have passwords that hold the marker: secret-in.test gets in, the
 * others fail, each in its own way.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define MARKER "Geheim-7731"

static const char *const failing[] = {
    "secret-nowhere.test", /* no server there */
    "secret-url.test",     /* the same, DBDParams as a URL */
    "secret-nodb.test",    /* no such database */
    "secret-refused.test", /* a wrong password */
};

static void expect_clean(const http_response_t *res)
{
    const apr_array_header_t *headers = apr_table_elts(res->headers);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)headers->elts;

    expect_lacks(res->body, MARKER);
    for (int i = 0; i < headers->nelts; i++)
        expect_lacks(entry[i].val, MARKER);
}

/* A read, a write, an export, health, and what is wrong by itself. */
static void ask(const char *host, int status)
{
    const http_request_t rqs[] = {
        {.host = host, .path = "/runs"},
        {.host = host, .path = "/health"},
        {.host = host, .path = "/runs?limit=0&cluster="},
        {.host = host, .path = "/configs/999999999/export"},
        {.host = host, .method = "POST", .path = "/runs/999999999/retry"},
        {.host = host,
         .method = "PATCH",
         .path = "/configs/999999999",
         .body = "{\"name\":\"x\"}",
         .headers = {JSON_TYPE}},
    };

    for (size_t i = 0; i < countof(rqs); i++) {
        http_response_t *res = http_send(&rqs[i]);

        expect(res->status > 0, "%s: no answer", res->what);
        if (i < 2)
            expect_status(res, status);
        expect_clean(res);
    }
}

/* PostgreSQL asks one role for a password, which is another than DBDParams say. */
static void refuse_passwords(void)
{
    const char *output;
    int status;

    db_run("postgres", "CREATE ROLE locked LOGIN PASSWORD 'another one'", 0);
    status = fixture_shell(
        strf("sed -i '1i local all locked scram-sha-256' %s/data/pg_hba.conf", fixture_sockets()),
        &output);
    expect(status == 0, "%s", output);
    db_run("postgres", "SELECT pg_reload_conf()", 0);
    for (int i = 0; i < 100 && db_int("postgres",
                                      "SELECT count(*) FROM pg_hba_file_rules"
                                      " WHERE 'locked' = ANY (user_name)",
                                      0) == 0;
         i++)
        ;
}

static void test_answers_and_pages(void)
{
    static const char *const pages[] = {"", "?auto", "?notable"};

    refuse_passwords();
    ask("secret-in.test", 200);
    for (size_t i = 0; i < countof(failing); i++)
        ask(failing[i], 503);
    for (size_t i = 0; i < countof(pages); i++) {
        http_response_t *res =
            http_send(&(http_request_t){.base = "", .path = strf("/server-status%s", pages[i])});
        expect_status(res, 200);
        expect_contains(res->body, "secret-nowhere");
        expect_clean(res);
    }
}

/* After all of it: every file that httpd writes, from its start on. */
static void test_logs(void)
{
    const char *output;
    int found = fixture_shell(strf("grep -h " MARKER " %s/*.log %s/httpd.out %s/log", fixture_dir(),
                                   fixture_dir(), fixture_sockets()),
                              &output);

    expect_contains(fixture_log_since(0), "cluster=secret-refused");
    expect_contains(fixture_log_since(0), "password authentication failed");
    expect(found == 1, "grep ended with %d, and found the password here:\n%s", found, output);
}

#define LOAD                                                                                       \
    "LoadModule mpm_${MPM}_module ${MODULES}/mod_mpm_${MPM}.so\n"                                  \
    "LoadModule authz_core_module ${MODULES}/mod_authz_core.so\n"                                  \
    "LoadModule dbd_module ${MODULES}/mod_dbd.so\n"                                                \
    "LoadModule wfmetrics_module ${MODULE}\nListen 127.0.0.1:${PORT}\nServerName x\n"
#define DSN     "DBDriver pgsql\nDBDParams \"host=/nowhere password=" MARKER " %s\"\n"
#define CLUSTER "WfmetricsCluster one\n"

/* What configtest refuses for another reason. */
static void test_configtest(void)
{
    static const char *const confs[] = {
        "DBDMax 0\n" CLUSTER,
        "DBDKeep 3\nDBDMax 2\n" CLUSTER,
        "WfmetricsServeClusters nobody\n" CLUSTER,
        "WfmetricsMaxBody none\n" CLUSTER,
        CLUSTER CLUSTER,
    };
    const char *output, *path;

    for (size_t i = 0; i <= countof(confs); i++) {
        int unreadable = i == countof(confs), status;

        path = fixture_write_conf("secrets.conf",
                                  strf(LOAD DSN "%s", unreadable ? "nonsense" : "dbname=x",
                                       unreadable ? CLUSTER : confs[i]));
        status = fixture_shell(
            strf("%s httpd-test %s %s", fixture_servers_sh(), fixture_dir(), path), &output);
        expect(status != 0, "it passed: %s", output);
        expect_lacks(output, MARKER);
    }
}

SUITE(secrets) = {
    {"a password is in no answer and no page", test_answers_and_pages},
    {"a password is in no log", test_logs},
    {"a password is not in what configtest says", test_configtest},
    CU_TEST_INFO_NULL,
};
