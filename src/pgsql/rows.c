/*
 * rows.c - owns how a statement's rows are taken: one by one, as they come, into a result
 * of bounded size. libpq's own collects all of them first, however many there are.
 *
 * A result that is full ends the statement: its connection is closed at the lease's return, which
 * ends the backend at once. To read on to the end would take as long as the rows that nobody wants.
 */
#include "../core/time.h"
#include "private.h"

static wfm_error_t *too_large(wfm_db_t *db, const wfm_stmt_t *stmt)
{
    wfm_error_t *err = wfm_error_internal(db->pool, "a result is larger than its statement allows");

    err->statement = wfm_db_label(stmt);
    if (stmt->effect == WFM_WRITES)
        wfm_db_outcome_unknown(db, err);
    return err;
}

#define TIMESTAMPTZ 1184 /* its OID, in every database */

/* Text of an instant in another form than that of our sessions would be read as none. */
static int are_times(const PGresult *pg, const wfm_value_t *values)
{
    for (int c = 0; c < PQnfields(pg); c++)
        if (PQftype(pg, c) == TIMESTAMPTZ && values[c].data &&
            !wfm_time_is_pg(values[c].data, values[c].len))
            return 0;
    return 1;
}

/* @return has it been added? */
static int add_row(wfm_db_t *db, wfm_taking_t *t, const PGresult *pg, int row)
{
    for (int c = 0; c < PQnfields(pg); c++)
        t->values[c] = (wfm_value_t){PQgetisnull(pg, row, c) ? NULL : PQgetvalue(pg, row, c),
                                     (apr_size_t)PQgetlength(pg, row, c)};
    if (!are_times(pg, t->values)) {
        t->err = wfm_session_changed(db, t->stmt);
        return 0;
    }
    switch (wfm_result_add(t->result, t->values)) {
    case WFM_RESULT_ADDED:
        return 1;
    case WFM_RESULT_FULL:
        if (!t->stmt->max_bytes || t->stmt->effect == WFM_WRITES)
            t->err = too_large(db, t->stmt);
        break;
    case WFM_RESULT_NO_MEMORY:
        t->err = wfm_error_internal(db->pool, "no memory for a result");
        break;
    }
    db->broken = 1;
    return 0;
}

static void add_rows(wfm_db_t *db, wfm_taking_t *t, const PGresult *pg)
{
    apr_size_t most = t->stmt->max_bytes ? t->stmt->max_bytes : WFM_DB_MAX_BYTES;

    if (!t->result) {
        t->result = wfm_result_create(db->pool, PQnfields(pg), most);
        t->values = apr_palloc(db->pool, sizeof *t->values * (apr_size_t)PQnfields(pg));
    }
    if (!t->result) {
        t->err = wfm_error_internal(db->pool, "no memory for a result");
        return;
    }
    for (int row = 0; row < PQntuples(pg) && add_row(db, t, pg, row); row++)
        ;
}

/* Any but the first failure is a consequence. */
static void take(wfm_db_t *db, wfm_taking_t *t, const PGresult *pg)
{
    ExecStatusType status = PQresultStatus(pg);

    if (t->err)
        return;
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        if (!t->unwanted)
            add_rows(db, t, pg);
        t->came = t->any = 1;
        return;
    }
    t->err = wfm_db_failed(db, t->stmt, pg);
    /* The result comes before the commit: what was lost in between is anybody's guess. */
    if (t->any && t->stmt->effect == WFM_WRITES && db->resend)
        wfm_db_outcome_unknown(db, t->err);
}

void wfm_db_take(wfm_db_t *db, wfm_taking_t *t)
{
    apr_status_t rv = APR_SUCCESS;
    PGresult *pg;

    t->result = NULL;
    t->came = 0;
    PQsetSingleRowMode(db->conn);
    while (!db->broken && (rv = wfm_db_wait_result(db, t->stmt)) == APR_SUCCESS &&
           (pg = PQgetResult(db->conn))) {
        take(db, t, pg);
        PQclear(pg);
    }
    if (rv != APR_SUCCESS)
        t->err = wfm_db_gave_up(db, rv, t->stmt);
    else if (!t->err && !t->came)
        t->err = wfm_db_failed(db, t->stmt, NULL);
    if (t->err && t->result) {
        wfm_result_release(t->result, db->pool);
        t->result = NULL;
    }
}
