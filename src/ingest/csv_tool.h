/*
 * csv_tool.h - the CSV files of benchmark tools: told by the header, and read by the same rules as
 * their JSON.
 */
#ifndef WFM_INGEST_CSV_TOOL_H
#define WFM_INGEST_CSV_TOOL_H

#include "columns.h"

typedef struct wfm_csv_tool_t wfm_csv_tool_t;

/** Whose file has this header (of const char *)? NULL: nobody's, and no column has been added. */
wfm_csv_tool_t *wfm_csv_tool_of(apr_pool_t *p, const apr_array_header_t *names,
                                wfm_columns_t *columns, wfm_notes_t *notes);

/**
 * @param row    its cells by the places of the header's names
 * @param record what becomes of it, valid until the next one; without a cell: nothing
 * @return NULL, or a 400
 */
wfm_error_t *wfm_csv_tool_record(wfm_csv_tool_t *t, const wfm_record_t *row, wfm_record_t *record);

#endif
