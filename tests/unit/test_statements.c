/*
 * test_statements.c - every row of the table of fixed SQL is whole and says the truth about itself.
 */
#include "db/statements.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static void test_names(void)
{
    int i, k;

    for (i = 0; i < WFM_STMT_COUNT; i++) {
        const wfm_stmt_t *stmt = wfm_stmt(i);

        CU_ASSERT_PTR_NOT_NULL_FATAL(stmt->name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(stmt->sql);
        for (k = 0; k < i; k++)
            CU_ASSERT_STRING_NOT_EQUAL(stmt->name, wfm_stmt(k)->name);
    }
}

/** A statement that is wrongly said to read would be sent twice when its connection is lost.
 * (Upkeep calls a function that writes; it may be.) */
static void test_effects(void)
{
    int i;

    for (i = 0; i < WFM_STMT_COUNT; i++) {
        const wfm_stmt_t *stmt = wfm_stmt(i);
        int writes = strstr(stmt->sql, "UPDATE ") || strstr(stmt->sql, "INSERT ") ||
                     strstr(stmt->sql, "DELETE ") || !strcmp(stmt->sql, "COMMIT");

        expect_str(writes == (stmt->effect == WFM_WRITES) ? stmt->name : "(another effect)",
                   stmt->name);
    }
}

/** One command each, whose parameters are numbered without a gap. */
static void test_form(void)
{
    int i, n, last;

    for (i = 0; i < WFM_STMT_COUNT; i++) {
        const char *sql = wfm_stmt(i)->sql;

        CU_ASSERT_PTR_NULL(strchr(sql, ';'));
        for (last = 0, n = 1; n < 100; n++)
            if (strstr(sql, apr_psprintf(unit_pool(), "$%d::", n)))
                last = n;
        for (n = 1; n <= last; n++)
            CU_ASSERT_PTR_NOT_NULL(strstr(sql, apr_psprintf(unit_pool(), "$%d::", n)));
    }
}

/* The columns of a table's alias that a statement's text names. */
static void expect_probed(const char *sql, const char *alias)
{
    const char *probe = wfm_stmt(WFM_STMT_PROBE_TABLES)->sql;
    int n = 0;

    for (const char *at = sql; (at = strstr(at, alias)); n++) {
        const char *name;

        at += strlen(alias);
        if (!strncmp(at, "xmin", 4)) /* which every table has */
            continue;
        name = apr_pstrmemdup(unit_pool(), at, strspn(at, "abcdefghijklmnopqrstuvwxyz_"));
        expect_str(strstr(probe, name) ? name : "(not asked for)", name);
    }
    CU_ASSERT(n > 10);
}

/* A health check asks for every column that a row is answered with. */
static void test_probed(void)
{
    expect_probed(WFM_SQL_CONFIG_COLUMNS, "c.");
    expect_probed(wfm_stmt(WFM_STMT_RUN_GET)->sql, "r.");
}

SUITE(statements) = {
    {"what a health check asks for", test_probed},
    {"names", test_names},
    {"effects", test_effects},
    {"form", test_form},
    CU_TEST_INFO_NULL,
};
