/*
 * bytes.h - bytes that pile up in an array of char.
 */
#ifndef WFM_INGEST_BYTES_H
#define WFM_INGEST_BYTES_H

#include <apr_tables.h>

/** Copy bytes to the end of an array of char. */
void wfm_bytes_append(apr_array_header_t *bytes, const char *data, apr_size_t len);

#endif
