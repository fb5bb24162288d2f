/*
 * export.h - what the two halves of the export share: which rows and columns (export.c), and how a
 * row is written (export_rows.c).
 */
#ifndef WFM_API_EXPORT_H
#define WFM_API_EXPORT_H

#include "api.h"

/** In the order of routes.c's list. */
typedef enum export_format_e { EXPORT_CSV, EXPORT_JSON, EXPORT_NDJSON } export_format_e;

typedef struct export_columns_t {
    apr_array_header_t *dimensions; /**< of const char *, each once */
    apr_array_header_t *metrics;    /**< of const char *, each once */
    int whole_dimensions;           /**< they come as the text of their object */
    int whole_metrics;              /**< they come as one jsonb and not one by one */
} export_columns_t;

/**
 * Columns of the rows' statement, in binary form. The dimensions, if there are any: their whole
 * object as text, or the binary form of an array of their texts. Then the metrics: a jsonb, or the
 * texts of ->> (CSV) or -> (JSON), one a metric.
 */
enum { EXPORT_COLUMN_TIME, EXPORT_COLUMN_FILE, EXPORT_COLUMN_OBJECTS };

/** After so many rows the first bytes go out; they do not wait for those behind them. */
#define EXPORT_FIRST_ROWS 16

typedef struct export_rows_t export_rows_t;

/** Write what stands before the rows. The columns must outlive the rows. */
export_rows_t *api_export_begin(wfm_request_t *rq, export_format_e format,
                                const export_columns_t *columns);

/** Write a row: a wfm_db_row_fn. @param rows an export_rows_t */
int api_export_row(void *rows, const wfm_value_t *row);

/** Write what stands behind them. An error: a row was not what the statement asks for. */
wfm_error_t *api_export_end(export_rows_t *rows);

#endif
