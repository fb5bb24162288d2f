/*
 * jmh.h - what is particular in a row of JMH's CSV.
 */
#ifndef WFM_INGEST_JMH_H
#define WFM_INGEST_JMH_H

#include "flat.h"

/** Call a row's members as its JSON does. There a benchmark is one object; here each of its
 * secondary metrics has a row of its own, "org.example.Copy:gc.alloc.rate". */
wfm_error_t *wfm_jmh_prepare_csv(wfm_flat_t *row, wfm_notes_t *notes);

#endif
