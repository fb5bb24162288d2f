/*
 * rows.h - records become rows: dimensions, metrics and raw_data, as JSON objects.
 *
 * A metric is a number, with the digits that the file has, in the column's unit. A dimension is the
 * text of its cell, or a whole number where it is a parameter. An empty cell is in neither.
 * raw_data has, of every cell whose text is not in dimensions or metrics as it stands, the text.
 */
#ifndef WFM_INGEST_ROWS_H
#define WFM_INGEST_ROWS_H

#include "infer.h"

typedef struct wfm_json_text_t {
    const char *text; /**< NULL: there is none */
    apr_size_t len;
} wfm_json_text_t;

/** A row, valid during the call. */
typedef struct wfm_row_t {
    apr_int64_t line;
    wfm_json_text_t dimensions, metrics;
    wfm_json_text_t raw_data; /**< none: all of the record is in the other two */
} wfm_row_t;

/** Takes a row. An error ends the reading. */
typedef wfm_error_t *(*wfm_row_fn)(void *ctx, const wfm_row_t *row);

typedef struct wfm_rows_t wfm_rows_t;

/** @param notes receives the cells of metrics that are no numbers, or of another kind of unit, or
 * of one where the column has none */
wfm_rows_t *wfm_rows_create(apr_pool_t *p, const wfm_inference_t *inference, wfm_notes_t *notes,
                            wfm_row_fn row, void *ctx);

/** Make a row of a record: a wfm_record_fn, whose ctx is the wfm_rows_t. */
wfm_error_t *wfm_rows_record(void *rows, const wfm_record_t *record);

#endif
