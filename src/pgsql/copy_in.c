/*
 * copy_in.c - owns how rows come into a table: lines of COPY's text format, in pieces of 64 KB.
 *
 * libpq keeps what the server does not take yet, however much that is: so each piece is waited for
 * until it has gone. An error that the server meets on the way is read at the end: it throws away
 * what still comes, and libpq does not look before.
 */
#include "private.h"
#include <apr_strings.h>
#include <string.h>

#define PIECE (64 * 1024)

typedef struct copy_in_t {
    wfm_db_t *db;
    const wfm_stmt_t *stmt;
    char *piece;
    apr_size_t len;
} copy_in_t;

static wfm_error_t *wait_for_server(copy_in_t *in)
{
    apr_status_t rv = wfm_db_wait_input(in->db, in->stmt);

    if (rv == APR_EOF)
        return wfm_db_failed(in->db, in->stmt, NULL);
    return rv == APR_SUCCESS ? NULL : wfm_db_gave_up(in->db, rv, in->stmt);
}

/* @param done what libpq said: 1: it has it; 0: it has no room, to be asked again; -1: it failed */
static wfm_error_t *settle(copy_in_t *in, int done)
{
    if (done < 0)
        return wfm_db_failed(in->db, in->stmt, NULL);
    return done ? NULL : wait_for_server(in);
}

static wfm_error_t *put_piece(copy_in_t *in)
{
    int done = 0;

    if (wfm_db_is_client_gone(in->db, in->stmt))
        return wfm_db_gave_up(in->db, APR_ECONNABORTED, in->stmt);
    while (!done) {
        done = PQputCopyData(in->db->conn, in->piece, (int)in->len);
        WFM_TRY(settle(in, done));
    }
    in->len = 0;
    return NULL;
}

/* Another one will follow. */
static wfm_error_t *put_and_wait(copy_in_t *in)
{
    int unsent;

    WFM_TRY(put_piece(in));
    while ((unsent = PQflush(in->db->conn)) > 0)
        WFM_TRY(wait_for_server(in));
    return settle(in, unsent ? -1 : 1);
}

static wfm_error_t *put(copy_in_t *in, const char *data, apr_size_t len)
{
    while (len) {
        apr_size_t n = PIECE - in->len;

        if (n > len)
            n = len;
        memcpy(in->piece + in->len, data, n);
        in->len += n;
        data += n;
        len -= n;
        if (in->len == PIECE)
            WFM_TRY(put_and_wait(in));
    }
    return NULL;
}

static wfm_error_t *next_line(const wfm_lines_t *lines, wfm_value_t *line)
{
    return lines->next(lines->ctx, &line->data, &line->len);
}

static wfm_error_t *put_lines(copy_in_t *in, const char *before, const wfm_lines_t *lines,
                              apr_int64_t *n)
{
    apr_size_t before_len = strlen(before);
    wfm_value_t line;

    WFM_TRY(lines->rewind(lines->ctx));
    for (*n = 0;; ++*n) {
        WFM_TRY(next_line(lines, &line));
        if (!line.len)
            return in->len ? put_piece(in) : NULL;
        WFM_TRY(put(in, before, before_len));
        WFM_TRY(put(in, line.data, line.len));
    }
}

/* @param why the rows are not to stay; NULL: they are */
static wfm_error_t *end(copy_in_t *in, const char *why)
{
    int done = 0;

    while (!done) {
        done = PQputCopyEnd(in->db->conn, why);
        WFM_TRY(settle(in, done));
    }
    return wfm_db_collect(in->db, in->stmt, NULL);
}

static wfm_error_t *begin(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    wfm_error_t *err = NULL;
    apr_status_t rv;
    PGresult *pg;

    WFM_TRY(wfm_db_send(db, stmt, stmt->sql));
    rv = wfm_db_wait_result(db, stmt);
    if (rv != APR_SUCCESS)
        return wfm_db_gave_up(db, rv, stmt);
    pg = PQgetResult(db->conn);
    if (PQresultStatus(pg) != PGRES_COPY_IN)
        err = wfm_db_failed(db, stmt, pg);
    PQclear(pg);
    if (err && !db->broken)
        (void)wfm_db_rest(db, stmt);
    db->stale = NULL; /* it was not prepared, whatever the error's code is */
    return err;
}

wfm_error_t *wfm_db_copy_in(wfm_db_t *db, const wfm_stmt_t *stmt, const char *before,
                            const wfm_lines_t *lines, apr_int64_t *n)
{
    copy_in_t in = {.db = db, .stmt = stmt};
    apr_pool_t *pool; /* it may have to be done again */
    wfm_error_t *err;

    WFM_TRY(begin(db, stmt));
    apr_pool_create(&pool, db->pool);
    in.piece = apr_palloc(pool, PIECE);
    err = put_lines(&in, before, lines, n);
    if (!err)
        err = end(&in, NULL);
    else if (!db->broken)
        (void)end(&in, "there will be no more rows");
    apr_pool_destroy(pool);
    return err;
}
