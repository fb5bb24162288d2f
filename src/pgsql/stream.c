/*
 * stream.c - owns how a statement's rows are streamed.
 *
 * As COPY in its binary form: libpq hands on a row as one piece of memory, where its single-row
 * mode makes a result of each, with a copy of the columns' descriptions, for half of all that the
 * client's side costs. COPY takes no parameters, so here values are escaped by libpq and stand in
 * the statement.
 */
#include "../db/filter.h"
#include "copy.h"
#include "private.h"
#include <apr_time.h>
#include <poll.h>

static apr_status_t free_literal(void *literal)
{
    PQfreemem(literal);
    return APR_SUCCESS;
}

static wfm_error_t *make_literal(wfm_db_t *db, const char *value, const char **literal)
{
    char *escaped;

    *literal = "NULL";
    if (!value)
        return NULL;
    escaped = PQescapeLiteral(db->conn, value, strlen(value));
    if (!escaped) /* not UTF-8, which the validation has seen to, or no memory */
        return wfm_error_internal(db->pool, "libpq cannot quote a value");
    apr_pool_cleanup_register(db->pool, escaped, free_literal, apr_pool_cleanup_null);
    *literal = escaped;
    return NULL;
}

static wfm_error_t *copy_statement(wfm_db_t *db, const wfm_stmt_t *stmt, int n,
                                   const char *const *params, const char **sql)
{
    const char **literals = apr_palloc(db->pool, sizeof *literals * (apr_size_t)(n + 1));

    for (int i = 0; i < n; i++)
        WFM_TRY(make_literal(db, params[i], &literals[i]));
    *sql = wfm_sql_copy(db->pool, stmt->sql, n, literals);
    return NULL;
}

/* A result that is not of the expected kind is a failure. */
static wfm_error_t *take_result(wfm_db_t *db, const wfm_stmt_t *stmt, ExecStatusType expected)
{
    apr_status_t rv = wfm_db_wait_result(db, stmt);
    wfm_error_t *err = NULL;
    PGresult *pg;

    if (rv != APR_SUCCESS)
        return wfm_db_gave_up(db, rv, stmt);
    pg = PQgetResult(db->conn);
    if (PQresultStatus(pg) != expected)
        err = wfm_db_failed(db, stmt, pg);
    PQclear(pg);
    return err;
}

/*
 * The server sends some dozens of rows at a time. To wake a thread that waits for them costs it
 * about as much as to make ten of them; so a stream that has begun lets them gather for a moment,
 * which is shorter than they take to fill the socket's buffer.
 */
#define MOMENT     100 /* microseconds */
#define FIRST_ROWS 100 /* which are waited for in the usual way */

static void let_gather(wfm_db_t *db)
{
    struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};

    if (poll(&fd, 1, 0) == 0)
        apr_sleep(MOMENT);
}

/* A row, as one message in `message`; NULL: there are no more, or the statement failed. */
static wfm_error_t *next_message(wfm_db_t *db, const wfm_stmt_t *stmt, apr_int64_t rows,
                                 char **message, int *len)
{
    while ((*len = PQgetCopyData(db->conn, message, 1)) == 0) {
        apr_status_t rv;

        if (rows > FIRST_ROWS)
            let_gather(db);
        rv = wfm_db_wait_input(db, stmt);
        if (rv == APR_EOF)
            return wfm_db_failed(db, stmt, NULL);
        if (rv != APR_SUCCESS)
            return wfm_db_gave_up(db, rv, stmt);
    }
    return *len == -2 ? wfm_db_failed(db, stmt, NULL) : NULL;
}

/* The rows of a message. @return nonzero: no more are wanted */
static int hand_over(wfm_copy_t *copy, const char *data, const char *end, wfm_db_row_fn row,
                     void *ctx, int *malformed)
{
    int found, stop = 0;

    while (!stop && (found = wfm_copy_next(copy, &data, end)) > 0)
        stop = row(ctx, copy->values);
    *malformed = !stop && found < 0;
    return stop;
}

wfm_error_t *wfm_db_stream(wfm_db_t *db, const wfm_stmt_t *stmt, int n, const char *const *params,
                           wfm_db_row_fn row, void *ctx)
{
    wfm_copy_t copy;
    apr_int64_t messages = 0;
    const char *sql;

    WFM_TRY(copy_statement(db, stmt, n, params, &sql));
    WFM_TRY(wfm_db_send(db, stmt, sql));
    WFM_TRY(take_result(db, stmt, PGRES_COPY_OUT));
    wfm_copy_init(&copy, db->pool);
    for (;;) {
        int len, stop, malformed;
        char *message;

        WFM_TRY(next_message(db, stmt, messages++, &message, &len));
        if (!message) {
            /* After the last row the statement may still fail, and the connection must come to
             * rest. */
            WFM_TRY(take_result(db, stmt, PGRES_COMMAND_OK));
            return wfm_db_rest(db, stmt);
        }
        stop = hand_over(&copy, message, message + len, row, ctx, &malformed);
        PQfreemem(message);
        if (stop || malformed) {
            db->broken = 1;
            return malformed ? wfm_error_internal(db->pool, "COPY sent what is no row") : NULL;
        }
    }
}
