/*
 * mapping.h - from a tool's row to a record: by the tool's rules.
 */
#ifndef WFM_INGEST_MAPPING_H
#define WFM_INGEST_MAPPING_H

#include "tools.h"

typedef struct wfm_mapping_t wfm_mapping_t;

wfm_mapping_t *wfm_mapping_create(apr_pool_t *p, const wfm_tool_t *tool, wfm_columns_t *columns,
                                  wfm_notes_t *notes);

/** @param record what becomes of the row, valid until the next one; without a cell: nothing
 * @return NULL, or a 400 */
wfm_error_t *wfm_mapping_record(wfm_mapping_t *m, wfm_flat_t *row, wfm_record_t *record);

#endif
