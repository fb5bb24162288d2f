/*
 * steps.h - series that change at a run, for tests of changes.
 */
#ifndef WFM_TEST_STEPS_H
#define WFM_TEST_STEPS_H

#include <apr.h>

/** A config with an active schema of these names, JSON arrays. */
apr_int64_t steps_config(const char *name, const char *dimensions, const char *metrics);

/** So many runs, `every` apart, from an instant on. @return the first one's id; they ascend */
apr_int64_t steps_runs(apr_int64_t config, int n, const char *from, const char *every,
                       const char *branch);

/**
 * A row for each of n runs from one on, at their time.
 * @param metrics SQL of an object, in which i is the run's number, from 0 on
 */
void steps_rows(apr_int64_t config, apr_int64_t first, int n, const char *dimensions,
                const char *metrics);

/** Such SQL: a value with a little noise that is another one from run `at` on. */
#define STEP(key, before, after, at)                                                               \
    "jsonb_build_object('" key "', CASE WHEN i < " #at " THEN " #before " ELSE " #after            \
    " END + (i * 7 % 5) * 0.1)"

#endif
