/*
 * db.c - libpq calls, on a connection that a test keeps, and the rows that tests start from.
 */
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <apr_strings.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARAMS 12

/* The running test's; to connect costs a hundred times what most statements do. */
static struct {
    PGconn *conn;
    apr_pool_t *pool;
    const char *dbname;
} kept;

static apr_status_t close_conn(void *conn)
{
    if (kept.conn == conn)
        kept.conn = NULL;
    PQfinish(conn);
    return APR_SUCCESS;
}

PGconn *db_open(const char *dbname)
{
    const char *dsn = apr_psprintf(
        fixture_pool(), "host=%s user=postgres options='-c client_min_messages=warning' dbname=%s",
        fixture_sockets(), dbname);
    PGconn *conn = PQconnectdb(dsn);

    expect(PQstatus(conn) == CONNECTION_OK, "connecting to %s: %s", dbname, PQerrorMessage(conn));
    apr_pool_cleanup_register(fixture_pool(), conn, close_conn, apr_pool_cleanup_null);
    return conn;
}

void db_close(PGconn *conn)
{
    apr_pool_cleanup_run(fixture_pool(), conn, close_conn);
}

void db_run_on(PGconn *conn, const char *sql)
{
    PGresult *r = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(r);

    expect(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s", sql,
           PQerrorMessage(conn));
    PQclear(r);
}

/* PostgreSQL says nothing unasked but that it leaves. */
static int is_open(PGconn *conn)
{
    struct pollfd p = {.fd = PQsocket(conn), .events = POLLIN};

    return PQstatus(conn) == CONNECTION_OK && poll(&p, 1, 0) == 0;
}

/* Of a name with parameters behind it libpq chooses the server, each time anew. */
static int is_kept(const char *dbname)
{
    return !strcmp(kept.dbname, dbname) && !strchr(dbname, ' ') && is_open(kept.conn);
}

static PGconn *keep(const char *dbname)
{
    if (kept.conn && !is_kept(dbname))
        apr_pool_cleanup_run(kept.pool, kept.conn, close_conn);
    if (!kept.conn) {
        kept.pool = fixture_pool();
        kept.dbname = apr_pstrdup(kept.pool, dbname);
        kept.conn = db_open(dbname);
    }
    return kept.conn;
}

static const char *run(const char *dbname, const char *sql, int n, va_list ap)
{
    PGconn *conn = keep(dbname);
    const char *params[MAX_PARAMS];
    const char *value = NULL;
    PGresult *r;

    for (int i = 0; i < n; i++)
        params[i] = va_arg(ap, const char *);
    r = PQexecParams(conn, sql, n, NULL, params, NULL, NULL, 0);
    expect(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s",
           sql, PQerrorMessage(conn));
    if (PQntuples(r) > 0 && !PQgetisnull(r, 0, 0))
        value = apr_pstrdup(fixture_pool(), PQgetvalue(r, 0, 0));
    PQclear(r);
    return value;
}

void db_run(const char *dbname, const char *sql, int n, ...)
{
    va_list ap;

    va_start(ap, n);
    run(dbname, sql, n, ap);
    va_end(ap);
}

const char *db_text(const char *dbname, const char *sql, int n, ...)
{
    va_list ap;
    const char *value;

    va_start(ap, n);
    value = run(dbname, sql, n, ap);
    va_end(ap);
    return value;
}

apr_int64_t db_int(const char *dbname, const char *sql, int n, ...)
{
    va_list ap;
    const char *value;

    va_start(ap, n);
    value = run(dbname, sql, n, ap);
    va_end(ap);
    return value ? apr_atoi64(value) : -1;
}

const char *db_fingerprint(const char *dbname)
{
    return db_text(dbname,
                   "SELECT concat_ws(' ',"
                   " (SELECT count(*) || md5(string_agg(t::text, ',' ORDER BY id))"
                   "    FROM github_workflow_configs t),"
                   " (SELECT count(*) || md5(string_agg(t::text, ',' ORDER BY id))"
                   "    FROM github_workflow_metric_schemas t),"
                   " (SELECT count(*) || md5(string_agg(t::text, ',' ORDER BY id))"
                   "    FROM github_workflow_runs t),"
                   " (SELECT count(*) || ' ' || sum(m.id) FROM github_workflow_metrics m"
                   "    JOIN github_workflow_configs c ON c.id = m.config_id))",
                   0);
}

static const char *number(apr_int64_t v)
{
    return apr_psprintf(fixture_pool(), "%" APR_INT64_T_FMT, v);
}

apr_int64_t seed_config(const char *dbname, const char *name)
{
    return db_int(dbname,
                  "INSERT INTO github_workflow_configs (name, description, runner_set_namespace,"
                  " runner_set_name, github_owner, github_repo, file_patterns, cluster_name)"
                  " VALUES ($1, 'seeded', 'ns', gen_random_uuid()::text, 'ROCm', 'bench',"
                  " '[\"**/summary.csv\"]', 'test') RETURNING id",
                  1, name);
}

apr_int64_t seed_run(const char *dbname, apr_int64_t config_id, const char *status)
{
    return db_int(dbname,
                  "INSERT INTO github_workflow_runs (config_id, workload_uid, status)"
                  " VALUES ($1, gen_random_uuid()::text, $2) RETURNING id",
                  2, number(config_id), status);
}

apr_int64_t seed_schema(const char *dbname, apr_int64_t config_id, int version, int active,
                        const char *dimension_fields, const char *metric_fields)
{
    return db_int(dbname,
                  "INSERT INTO github_workflow_metric_schemas (config_id, name, version, fields,"
                  " dimension_fields, metric_fields, is_active, generated_by)"
                  " VALUES ($1, 'schema', $2, '[{\"name\":\"Op\",\"type\":\"string\"}]', $3, $4,"
                  " $5, 'user') RETURNING id",
                  5, number(config_id), number(version), dimension_fields, metric_fields,
                  active ? "t" : "f");
}

apr_int64_t seed_metric(const char *dbname, apr_int64_t config_id, const char *timestamp,
                        const char *dimensions, const char *metrics, const char *source_file)
{
    return db_int(dbname,
                  "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                  " source_file, dimensions, metrics) VALUES ($1, 1, 1, $2, $3, $4, $5)"
                  " RETURNING id",
                  5, number(config_id), timestamp, source_file, dimensions, metrics);
}
