/*
 * google.h - what is particular in a row of Google Benchmark.
 */
#ifndef WFM_INGEST_GOOGLE_H
#define WFM_INGEST_GOOGLE_H

#include "flat.h"

/**
 * Make a row's members what the rules are for: parameters out of the name are args.NAME, an
 * aggregate that is a ratio has names of its own, and what did not run has no times.
 */
wfm_error_t *wfm_google_prepare(wfm_flat_t *row, wfm_notes_t *notes);

/** The same of a row of CSV, in which names alone tell aggregates and threads. */
wfm_error_t *wfm_google_prepare_csv(wfm_flat_t *row, wfm_notes_t *notes);

#endif
