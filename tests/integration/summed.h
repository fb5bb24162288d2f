/*
 * summed.h - one database (lens_sums), two hosts: one answers with the summaries, the other from
 * the rows alone. Whatever happened to the database, both are to answer the same.
 */
#ifndef WFM_TEST_SUMMED_H
#define WFM_TEST_SUMMED_H

#include "fixture.h"

#define DB_SUMS "lens_sums"

/** The database, with what is needed to write to it at random (summaries.sql), where it is missing.
 */
void summed_make(void);

/** Seed what is random, and say how: WFM_SEED does the same again. */
unsigned summed_seed(void);
int summed_dice(int n); /**< from 0 to n - 1 */
const char *summed_pick(const char *const *list, size_t n);
#define SUMMED_PICK(...)                                                                           \
    summed_pick((const char *const[]){__VA_ARGS__}, countof(((const char *const[]){__VA_ARGS__})))

/** Ask both hosts questions of every kind; what has happened is for the message. */
void summed_compare(const char *what);

/** The same of one config alone, while others may be written to. */
void summed_compare_config(const char *what, int config);

/** The module's sessions end, and new ones look at what is there. */
void summed_end_sessions(void);

/** Run a file below src/db. */
void summed_psql(const char *file);

/** Run the migrations that make the summaries, again. */
void summed_migrate(void);

/** Put another database in that one's place, and it back into its own; what stood there meanwhile
 * is dropped. */
void summed_put(const char *name);
void summed_put_back(void);

/** Wait until it returns something. @return that, or 0: it did not in a minute and a half */
int summed_wait(int (*something)(void));

/** Maintain until the summaries are in use. That takes as long as a transaction is open which may
 * have missed a mark, in whatever database of the server: another one's maintenance may be one. */
void summed_restore_trust(void);

#endif
