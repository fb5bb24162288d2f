/*
 * fault.h - one fault at a time: requests before, during and after it, and its row of the table.
 *
 *     fault_begin("PostgreSQL stopped and started");
 *     fault_load(&plan);        clients in the background, and all kinds of requests work
 *     fault_hit();              from now on
 *     …                         what breaks
 *     fault_lifted();           from now on it should work again
 *     fault_end();              it does: stops the clients, audits their writes, adds the row
 *
 * A request that a test sends by itself counts, too; an assertion that fails counts as a wrong
 * answer.
 */
#ifndef WFM_FAULTS_FAULT_H
#define WFM_FAULTS_FAULT_H

#include "load.h"

/** The short round, of FAULTS_ROUND=short, does less of the same. */
int fault_scale(int full, int in_short_round);

void fault_begin(const char *name);

/** Start a load, and wait until every kind of its requests has been answered. */
load_t *fault_load(const load_plan_t *plan);

void fault_hit(void);
void fault_lifted(void);

/** When that was. */
apr_time_t fault_hit_at(void);
apr_time_t fault_lifted_at(void);

/** Where no load is on: ask until an answer comes as it should be. */
void fault_await_recovery(void);

/** What httpd's error log got since fault_begin. */
const char *fault_log(void);

/** The loads go on until all kinds of requests are answered; httpd comes to rest. */
void fault_end(void);

/** A remark (printf format) to the row that was added last. */
void fault_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** All rows, to stdout. */
void fault_print_table(void);

/** Wait until httpd serves nobody; 0: some thread hangs. */
int fault_httpd_rests(void);

#endif
