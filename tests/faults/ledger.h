/*
 * ledger.h - what the database holds against what the clients were told.
 *
 * Triggers write down every change that is committed, so that a write that was acknowledged can be
 * looked for, one that was refused can be found missing, and none can be found twice.
 */
#ifndef WFM_FAULTS_LEDGER_H
#define WFM_FAULTS_LEDGER_H

#include "load.h"

/** Make the ledger in a database of the PostgreSQL in a directory; 0: it succeeded. */
int ledger_open(const char *dir, const char *dbname);

/** How often the ledger has this token. */
int ledger_count(const char *dbname, const char *token);

/**
 * Compare a load's writes with the ledger: acknowledged ones once, refused ones never, those of
 * unknown outcome at most once; and every config of the load has exactly one active schema and
 * versions without a gap. Says each difference as a failure; returns how many there are.
 */
int ledger_audit(load_t *load);

#endif
