/*
 * ingest_told.h - all that becomes of a result file, as text.
 */
#ifndef WFM_TEST_INGEST_TOLD_H
#define WFM_TEST_INGEST_TOLD_H

#include "ingest/file.h"
#include "unit.h"

/** Its columns, its rows, what is said of it; or "error: …". It is read whole, and then in pieces:
 * unless it is large, of one byte each, a small one cut at every byte; it must be the same. */
const char *ingest_told(wfm_format_e format, const char *text, apr_size_t len);

#endif
