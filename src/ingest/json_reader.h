/*
 * json_reader.h - JSON, lines of it, and the files of benchmark tools, read by pieces: however the
 * file is cut, the records are the same. tools.h says which files there are.
 *
 * A member is a column. What an object in the object has is a column of its own, called by both
 * names with a dot between; an array is raw_data. null is absent. A file that is one object is one
 * row, unless there are objects in its arrays: then it is something else, and refused.
 *
 * An error says line and byte (from 1): what is no JSON, a name twice in one object, a record that
 * is too long, one that is no object.
 */
#ifndef WFM_INGEST_JSON_READER_H
#define WFM_INGEST_JSON_READER_H

#include "tools.h"

typedef struct wfm_json_reader_t wfm_json_reader_t;

/**
 * @param lines an object a line
 * @param tool  the file is its; NULL: look
 */
wfm_json_reader_t *wfm_json_reader_create(apr_pool_t *p, int lines, const wfm_tool_t *tool,
                                          wfm_columns_t *columns, wfm_notes_t *notes,
                                          wfm_record_fn record, void *ctx);

/** Read on. @return NULL, a 400, or what `record` returned; then there is no more to be read */
wfm_error_t *wfm_json_reader_feed(wfm_json_reader_t *r, const char *data, apr_size_t len);

/** That was all. @return as above */
wfm_error_t *wfm_json_reader_end(wfm_json_reader_t *r);

#endif
