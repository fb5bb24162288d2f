/*
 * db.h - the tests' own way to the databases: libpq as the superuser, past the module.
 *
 * A test's calls share a connection for as long as they are about one database, and the test lasts:
 * in one that is asked for after another, or after PostgreSQL has been stopped, the session is new.
 * A statement that fails is a failure of the test.
 */
#ifndef WFM_TEST_DB_H
#define WFM_TEST_DB_H

#include <apr_pools.h>
#include <libpq-fe.h>

PGconn *db_open(const char *dbname);
void db_close(PGconn *conn);

/** Run on an open connection; n text parameters follow (NULL is SQL NULL). */
void db_run_on(PGconn *conn, const char *sql);

/** Run one statement; n text parameters (const char *) follow, NULL is SQL NULL. */
void db_run(const char *dbname, const char *sql, int n, ...);

/** The first value of the first row, NULL when it is NULL or there is none. */
const char *db_text(const char *dbname, const char *sql, int n, ...);
apr_int64_t db_int(const char *dbname, const char *sql, int n, ...);

/** How many rows a table of the database has, all four tables together, and a digest of them. The
 * metric rows of configs that are gone are not among them: maintenance takes them when it can. */
const char *db_fingerprint(const char *dbname);

/* Rows that tests start from; each returns the new id. */
apr_int64_t seed_config(const char *dbname, const char *name);
apr_int64_t seed_run(const char *dbname, apr_int64_t config_id, const char *status);
/** dimension_fields and metric_fields as JSON arrays. */
apr_int64_t seed_schema(const char *dbname, apr_int64_t config_id, int version, int active,
                        const char *dimension_fields, const char *metric_fields);
/** timestamp in RFC 3339; dimensions and metrics as JSON objects; source_file may be NULL. */
apr_int64_t seed_metric(const char *dbname, apr_int64_t config_id, const char *timestamp,
                        const char *dimensions, const char *metrics, const char *source_file);

#endif
