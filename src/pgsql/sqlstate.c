/*
 * sqlstate.c - owns the table SQLSTATE -> HTTP status and message.
 */
#include "sqlstate.h"
#include <apr_strings.h>
#include <string.h>

static const char unavailable[] = "the database is unavailable";
static const char internal[] = "internal error";

static const char migrate[] = WFM_HINT_MIGRATE, grant[] = WFM_HINT_GRANT;

/* First match wins; a prefix of two characters is a class. */
static const struct {
    const char *prefix;
    int status;
    int retry_after; /* seconds */
    const char *message;
    const char *hint; /* for the operator, added to the log line */
} table[] = {
    {"57014", WFM_TIMEOUT, 0, "the database took too long to answer", NULL},
    {"55P03", WFM_UNAVAILABLE, 1, "the database is busy",
     "somebody else holds a lock for long"}, /* NOWAIT, lock_timeout */
    {"22P05", WFM_BAD_REQUEST, 0, "the database's encoding lacks a character of what was sent",
     NULL},
    {"22001", WFM_BAD_REQUEST, 0, "a text that was sent is longer than the database's column",
     "it is narrower than Lens' tables have it, or counts bytes"},
    {"23505", WFM_CONFLICT, 0, "the object exists already", NULL},
    {"40001", WFM_UNAVAILABLE, 1, "the database is busy", NULL}, /* serialization failure */
    {"40P01", WFM_UNAVAILABLE, 1, "the database is busy", NULL}, /* deadlock */
    {"25006", WFM_UNAVAILABLE, 5, "the database accepts no writes at the moment",
     "the server is a standby or default_transaction_read_only is on"},
    {"57P", WFM_UNAVAILABLE, 1, unavailable, NULL}, /* shut down, crashed, starting up */
    {"53", WFM_UNAVAILABLE, 5, unavailable, NULL},  /* connections, memory, disk */
    {"58", WFM_UNAVAILABLE, 5, unavailable, "PostgreSQL cannot read or write its files"},
    {"08", WFM_UNAVAILABLE, 1, unavailable, NULL},
    {"42P01", WFM_INTERNAL, 0, internal, migrate},
    {"42703", WFM_INTERNAL, 0, internal, migrate},
    {"42501", WFM_INTERNAL, 0, internal, grant},
    {"", WFM_INTERNAL, 0, internal, NULL},
};

wfm_error_t *wfm_sqlstate_error(apr_pool_t *p, const char *sqlstate, const char *statement,
                                const char *detail)
{
    const char *code = sqlstate && *sqlstate ? sqlstate : "08006"; /* connection_failure */
    wfm_error_t *err;
    size_t i = 0;

    while (strncmp(code, table[i].prefix, strlen(table[i].prefix)))
        i++;
    err = wfm_error_make(p, table[i].status, "%s", table[i].message);
    err->retry_after = table[i].retry_after;
    err->statement = statement;
    err->detail = table[i].hint
                      ? apr_pstrcat(p, detail ? detail : "", " (", table[i].hint, ")", NULL)
                      : detail;
    if (sqlstate)
        apr_cpystrn(err->sqlstate, sqlstate, sizeof err->sqlstate);
    return err;
}
