/*
 * ingest.h - what the fuzz targets of result files share.
 */
#ifndef WFM_FUZZ_INGEST_H
#define WFM_FUZZ_INGEST_H

#include "ingest/file.h"

/** Read a file whole and in pieces, the first one as long as said: the same must become of it, and
 * its rows must be JSON. @return what becomes of it, as text; "error: …" if it is refused */
const char *fuzz_ingest_told(apr_pool_t *p, wfm_format_e format, const char *data, apr_size_t len,
                             unsigned piece);

#endif
