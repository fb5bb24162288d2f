/*
 * file.h - a result file: which reader it is for.
 */
#ifndef WFM_INGEST_FILE_H
#define WFM_INGEST_FILE_H

#include "columns.h"

typedef enum wfm_format_e {
    WFM_FORMAT_UNKNOWN,
    WFM_FORMAT_CSV, /**< delimiter by its first row */
    WFM_FORMAT_TSV
} wfm_format_e;

/** The formats' names: what can be read. */
#define WFM_FORMATS "csv, tsv"

/** By what the sender calls it ("csv", ".csv", "text/csv"; NULL or "": he does not say), else by
 * the end of its name, else CSV. */
wfm_format_e wfm_format_of(const char *type, const char *name);

/**
 * Read a whole file, handing over its records.
 * @param delimiter between its cells; 0: it is no CSV
 */
wfm_error_t *wfm_file_read(apr_pool_t *p, wfm_format_e format, const char *text, apr_size_t len,
                           wfm_columns_t *columns, wfm_notes_t *notes, wfm_record_fn record,
                           void *ctx, char *delimiter);

#endif
