/*
 * moved.c - makes and compares databases that take the place of the summed one.
 */
#include "moved.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "summed.h"
#include <string.h>

void moved_shell(const char *command)
{
    const char *output;
    int status = fixture_shell(command, &output);

    expect(status == 0, "%s: %s", command, output);
}

void moved_migrate(const char *dbname, const char *upto)
{
    moved_shell(strf("for f in $(ls %s/src/db/schema/*.sql | grep '%s'); do %s pg-psql %s %s -f $f"
                     " || exit 1; done",
                     fixture_root(), upto, fixture_servers_sh(), fixture_dir(), dbname));
}

void moved_file(const char *dbname, const char *path)
{
    moved_shell(strf("%s pg-psql %s %s -v role=wfmetrics -f %s/%s", fixture_servers_sh(),
                     fixture_dir(), dbname, fixture_root(), path));
}

const char *moved_state(void)
{
    return db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0);
}

void moved_compare(const char *what)
{
    for (int i = 0; i < 4; i++)
        summed_compare(what);
}

/* Until there is no more to do. */
void moved_maintain(void)
{
    int n = 0;

    while (n < 20 && !strcmp(db_text(DB_SUMS, "SELECT wfm_maintain()::text", 0), "true"))
        n++;
    expect_int(n < 20, 1);
}

/* Right at once; right and trusted after maintenance; right when all is folded. */
void expect_moved_right(const char *what)
{
    moved_compare(what);
    summed_restore_trust();
    summed_end_sessions();
    moved_compare(strf("%s, and maintenance", what));
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    moved_compare(strf("%s, and folding", what));
}

void moved_fill(const char *dbname)
{
    db_run(dbname,
           "SELECT test.insert_metrics('moved', 300), test.insert_run('moved'),"
           " test.insert_runs('moved', 50)",
           0);
}

void moved_make(void)
{
    summed_make(); /* and the roles */
    summed_seed();
    db_run("postgres", "CREATE DATABASE " DB_MOVED, 0);
}

void moved_finish(const char *dbname)
{
    moved_migrate(dbname, ".");
    moved_file(dbname, "tests/integration/summaries.sql");
    moved_file(dbname, "src/db/roles/api_role.sql");
}

void moved_begin(void)
{
    summed_restore_trust();
    db_run(DB_SUMS, "CALL wfm_fold_all()", 0);
    expect_str(moved_state(), "in use");
    summed_end_sessions();
    moved_compare("folding all");
}
