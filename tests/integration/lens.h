/*
 * lens.h - databases as Lens has them: its generations of our tables, and its table of workloads.
 */
#ifndef WFM_TEST_LENS_H
#define WFM_TEST_LENS_H

#include <apr.h>

#define LENS_NEWEST 5 /* generation */

/** Create the database with the first generation's four tables, brought up to another one, before
 * any other migration. */
void lens_create(const char *dbname, int generation);

/** Run the migrations whose names match (grep) in it, and give the API's role its rights, that to
 * store results among them. */
void lens_migrate(const char *dbname, const char *which);
void lens_grant(const char *dbname);

void lens_drop(const char *dbname);

/** A config g of the runner set ns/set and the repository o/r; in a new database it is 1. */
void lens_add_config(const char *dbname);

/** A database of a generation, which the API's role may use, with config 1 and a completed run of
 * it (which where it can has no config of its own) of branch main and commit s, with a row: v is 1.
 */
void lens_create_with_row(const char *dbname, int generation);

/** Start a side httpd (side.h) with one host for it, named after it. @return the port, 0: failed */
int lens_host(const char *dbname);

/** Make the table of workloads, which the API's role may read; drop it. */
void lens_make_workloads(const char *dbname);
void lens_drop_workloads(const char *dbname);

/**
 * Runners of a config, finished one a minute from 2025-01-01T00:00:00Z on, the first at 00:00:00;
 * the uids are PREFIX-1 and so on.
 */
void lens_add_runners(const char *dbname, apr_int64_t config, const char *prefix, int n);

#endif
