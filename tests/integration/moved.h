/*
 * moved.h - a database that came in another way than by the migrations alone, and stands in the
 * place of the one that two hosts serve, one with the summaries and one without (summed.h).
 */
#ifndef WFM_TEST_MOVED_H
#define WFM_TEST_MOVED_H

#define DB_MOVED "lens_moved"

/** Run a command, which must succeed. */
void moved_shell(const char *command);

/** Run the migrations whose names match a pattern of grep's. */
void moved_migrate(const char *dbname, const char *upto);

/** Run a file below the checkout. */
void moved_file(const char *dbname, const char *path);

/** What the summaries say of themselves. */
const char *moved_state(void);

/** Ask both hosts ten times. */
void moved_compare(const char *what);

/** Maintain until there is no more to do. */
void moved_maintain(void);

/** Right at once; right and trusted after maintenance; right when all is folded. */
void expect_moved_right(const char *what);

/** Have random rows. */
void moved_fill(const char *dbname);

/** Make the database, with nothing in it; and finish it, with migrations and rights. */
void moved_make(void);
void moved_finish(const char *dbname);

/** The summaries are in use, and all is folded. */
void moved_begin(void);

#endif
