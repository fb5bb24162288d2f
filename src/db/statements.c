/*
 * statements.c - owns the table of fixed SQL. Every statement is one command, so it is atomic by
 * itself; those that need a lock first are run as a batch.
 */
#include "statements.h"

/* A statement does not say how much its rows may be: it leaves that to the port. */
static const wfm_stmt_t statements[WFM_STMT_COUNT] = {
#include "made/table.h"
};

const wfm_stmt_t *wfm_stmt(wfm_stmt_id_e id)
{
    return &statements[id];
}
