/*
 * test_sqlstate.c - what a SQLSTATE becomes for the client, and that PostgreSQL's text stays
 * inside.
 */
#include "pgsql/sqlstate.h"
#include "unit.h"
#include <string.h>

static void test_statuses(void)
{
    static const struct {
        const char *sqlstate;
        int status;
        int retry;
    } rows[] = {
        {"57014", 504, 0}, {"55P03", 503, 1}, {"23505", 409, 0}, {"57P01", 503, 1},
        {"57P03", 503, 1}, {"53300", 503, 1}, {"08006", 503, 1}, {"08001", 503, 1},
        {"40001", 503, 1}, {"40P01", 503, 1}, {NULL, 503, 1},    {"", 503, 1},
        {"53100", 503, 1}, {"58030", 503, 1}, {"42P01", 500, 0}, {"42501", 500, 0},
        {"22P02", 500, 0}, {"XX000", 500, 0}, {"22P05", 400, 0}, {"22001", 400, 0},
    };
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        wfm_error_t *err =
            wfm_sqlstate_error(unit_pool(), rows[i].sqlstate, "run_retry", "secret \"relation\"");

        expect_int(err->status, rows[i].status);
        expect_int(err->retry_after > 0, rows[i].retry);
        expect_str(err->sqlstate, rows[i].sqlstate ? rows[i].sqlstate : "");
        expect_str(err->statement, "run_retry");
        CU_ASSERT_PTR_NULL(strstr(err->message, "secret"));
        CU_ASSERT_PTR_NULL(err->fields);
        CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, "secret \"relation\""));
    }
}

static void test_the_operator_is_told_what_to_do(void)
{
    const char *migrate =
        "d (run the migrations: " WFM_SHAREDIR "/schema/*.sql, in the sources src/db/schema/*.sql)";

    expect_str(wfm_sqlstate_error(unit_pool(), "42P01", "s", "d")->detail, migrate);
    expect_str(wfm_sqlstate_error(unit_pool(), "42703", "s", "d")->detail, migrate);
    expect_str(wfm_sqlstate_error(unit_pool(), "42501", "s", NULL)->detail,
               " (grant the role its rights: " WFM_SHAREDIR
               "/roles/api_role.sql, in the sources src/db/roles/api_role.sql)");
    expect_str(wfm_sqlstate_error(unit_pool(), "XX000", "s", NULL)->detail, NULL);
}

SUITE(sqlstate) = {
    {"statuses", test_statuses},
    {"the operator is told what to do", test_the_operator_is_told_what_to_do},
    CU_TEST_INFO_NULL,
};
