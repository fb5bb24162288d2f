/*
 * test_disk.c - PostgreSQL runs, but its files or its tables are not as they should be.
 *
 * A disk that can only be read: taking the right to write from a database's files lets PostgreSQL
 * fail at the same place, with the same SQLSTATE, as a file system that the kernel has remounted;
 * but it needs no mount. A full disk: a table's file is made a link to /dev/full.
 */
#include "../integration/db.h"
#include "../integration/expect.h"
#include "../integration/fixture.h"
#include "fault.h"
#include "suites.h"
#include <string.h>
#include <unistd.h>

static http_request_t disk_request(const char *method, const char *path, const char *body)
{
    return (http_request_t){.host = HOST_DISK,
                            .method = method,
                            .path = path,
                            .body = body,
                            .headers = {body ? JSON_TYPE : NULL}};
}

static http_response_t *ask(const char *method, const char *path, const char *body)
{
    http_request_t rq = disk_request(method, path, body);

    return http_send(&rq);
}

/* Nothing of what the operator must know may reach the client. */
static void expect_discreet(const http_response_t *res)
{
    static const char *const secrets[] = {"/",      "lens_", "wfmetrics", "denied", "SELECT",
                                          "column", "space", "relation",  "file"};

    for (size_t i = 0; i < countof(secrets); i++)
        expect_lacks(res->body, secrets[i]);
}

static void expect_refused(const http_response_t *res, const char *message)
{
    expect_error(res, 5030, message);
    expect(http_header(res, "Retry-After") != NULL, "no Retry-After");
    expect_discreet(res);
}

/* Files are opened by backends: new ones have to open them again. */
static void disconnect(void)
{
    db_run("postgres",
           "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
           " WHERE datname = '" DB_DISK "'",
           0);
}

static const char *database_dir(void)
{
    return strf(
        "%s/data/base/%s", fixture_sockets(),
        db_text("postgres", "SELECT oid::text FROM pg_database WHERE datname = '" DB_DISK "'", 0));
}

static void test_read_only(void)
{
    apr_int64_t config = seed_config(DB_DISK, "read-only");
    const char *path = strf("/configs/" ID, config);
    const char *body = "{\"description\":\"written\"}";

    fault_begin("the cluster accepts no writes (25006)");
    db_run("postgres", "ALTER DATABASE " DB_DISK " SET default_transaction_read_only = on", 0);
    disconnect();
    expect_success(ask("GET", path, NULL));
    expect_refused(ask("PATCH", path, body), "the database accepts no writes at the moment");
    expect_refused(ask("DELETE", path, NULL), "the database accepts no writes at the moment");
    expect_success(ask("GET", path, NULL));
    expect_contains(fault_log(), "sqlstate=25006");
    db_run("postgres", "ALTER DATABASE " DB_DISK " RESET default_transaction_read_only", 0);
    disconnect();
    fault_lifted();
    expect_success(ask("PATCH", path, body));
    fault_end();
}

/* Shared buffers would answer for the files. */
static void drop_buffers(void)
{
    expect_int(fixture_servers("pg-restart", "fast"), 0);
}

static void test_files_read_only(void)
{
    apr_int64_t config = seed_config(DB_DISK, "files read-only");
    const char *path = strf("/configs/" ID, config), *dir = database_dir();
    const char *body = "{\"description\":\"written\"}";
    const char *files = "SELECT string_agg(pg_relation_filenode(oid)::text, ' ') FROM pg_class"
                        " WHERE relname LIKE 'github_workflow_%'";

    fault_begin("the cluster's files cannot be written (42501)");
    files = db_text(DB_DISK, files, 0);
    expect_success(ask("PATCH", path, body));
    drop_buffers();
    expect_int(fixture_shell(strf("cd %s && chmod a-w %s", dir, files), NULL), 0);
    expect_refused(ask("PATCH", path, body), "the database is unavailable");
    expect_refused(ask("GET", path, NULL), "the database is unavailable");
    expect_contains(fault_log(), "sqlstate=42501");
    expect_lacks(fault_log(), "api_role.sql"); /* it is not the role's rights */
    expect_int(fixture_shell(strf("cd %s && chmod u+w %s", dir, files), NULL), 0);
    fault_lifted();
    expect_success(ask("PATCH", path, body));
    fault_end();
}

static void test_disk_full(void)
{
    apr_int64_t config = seed_config(DB_DISK, "disk full");
    const char *path = strf("/configs/" ID "/schemas", config), *file;
    const char *body = "{\"name\":\"s\",\"fields\":[{\"name\":\"Op\"}]}";

    fault_begin("the cluster's disk is full (53100)");
    db_run(DB_DISK, "TRUNCATE github_workflow_metric_schemas", 0);
    file = strf(
        "%s/%s", database_dir(),
        db_text(DB_DISK, "SELECT pg_relation_filenode('github_workflow_metric_schemas')::text", 0));
    drop_buffers();
    expect_int(fixture_shell(strf("mv %s %s.kept && ln -s /dev/full %s", file, file, file), NULL),
               0);
    expect_refused(ask("POST", path, body), "the database is unavailable");
    expect_contains(fault_log(), "sqlstate=53100");
    expect_success(ask("GET", strf("/configs/" ID, config), NULL));
    disconnect();
    expect_int(fixture_shell(strf("mv %s.kept %s", file, file), NULL), 0);
    fault_lifted();
    expect_status(ask("POST", path, body), 201);
    fault_end();
}

/* ---- a schema that the migrations have not reached ---- */

/* What the operator reads, and the client does not. */
static void expect_migrations(const http_request_t *rq, const char *sqlstate)
{
    http_response_t *res = http_send(rq);

    expect_error(res, 5000, "internal error");
    expect_discreet(res);
    expect_contains(fault_log(), strf("sqlstate=%s", sqlstate));
    expect_contains(fault_log(), "run the migrations: " WFM_SHAREDIR "/schema/*.sql");
}

static void test_missing_table(void)
{
    apr_int64_t config = seed_config(DB_DISK, "missing table");
    const char *path = strf("/configs/" ID, config);
    struct {
        const char *table;
        http_request_t rq;
    } cases[] = {
        {"configs", disk_request("GET", "/configs", NULL)},
        {"configs", disk_request("PATCH", path, "{\"description\":\"x\"}")},
        {"runs", disk_request("GET", "/runs", NULL)},
        {"runs", disk_request("POST", "/runs/1/retry", NULL)},
        {"metric_schemas", disk_request("GET", strf("%s/schemas/active", path), NULL)},
        {"metrics", disk_request("GET", strf("%s/dimensions/Op/values", path), NULL)},
        {"metrics", disk_request("GET", strf("%s/export", path), NULL)},
        {"runs", disk_request("DELETE", path, NULL)},
    };

    fault_begin("a table is missing");
    for (size_t i = 0; i < countof(cases); i++) {
        const char *table = cases[i].table;

        db_run(DB_DISK, strf("ALTER TABLE github_workflow_%s RENAME TO hidden", table), 0);
        expect_migrations(&cases[i].rq, "42P01");
        db_run(DB_DISK, strf("ALTER TABLE hidden RENAME TO github_workflow_%s", table), 0);
    }
    fault_lifted();
    seed_schema(DB_DISK, config, 1, 1, "[]", "[]");
    for (size_t i = 0; i < countof(cases); i++)
        if (!strstr(cases[i].rq.path, "retry")) /* there is no such run */
            expect_status(http_send(&cases[i].rq), 200);
    fault_end();
}

static void test_missing_column(void)
{
    apr_int64_t config = seed_config(DB_DISK, "missing column");
    const char *path = strf("/configs/" ID, config);
    struct {
        const char *table, *column;
        http_request_t rq;
    } cases[] = {
        {"configs", "file_patterns", disk_request("GET", path, NULL)},
        {"configs", "updated_at", disk_request("PATCH", path, "{\"description\":\"x\"}")},
        {"runs", "retry_count", disk_request("GET", "/runs", NULL)},
        {"runs", "error_message", disk_request("POST", "/runs/1/retry", NULL)},
        {"metric_schemas", "generated_by", disk_request("GET", strf("%s/schemas", path), NULL)},
        {"metrics", "source_file", disk_request("GET", strf("%s/export", path), NULL)},
    };

    fault_begin("a column is missing");
    for (size_t i = 0; i < countof(cases); i++) {
        db_run(DB_DISK,
               strf("ALTER TABLE github_workflow_%s RENAME COLUMN %s TO hidden", cases[i].table,
                    cases[i].column),
               0);
        expect_migrations(&cases[i].rq, "42703");
        db_run(DB_DISK,
               strf("ALTER TABLE github_workflow_%s RENAME COLUMN hidden TO %s", cases[i].table,
                    cases[i].column),
               0);
    }
    fault_lifted();
    for (size_t i = 0; i < countof(cases); i++)
        if (!strstr(cases[i].rq.path, "retry"))
            expect_status(http_send(&cases[i].rq), 200);
    fault_end();
}

SUITE(disk) = {
    {"no writes", test_read_only},
    {"files that cannot be written", test_files_read_only},
    {"a full disk", test_disk_full},
    {"a missing table", test_missing_table},
    {"a missing column", test_missing_column},
    CU_TEST_INFO_NULL,
};
