/*
 * csv_reader.h - CSV as people have it, read by pieces: however the file is cut, the records are
 * the same.
 *
 * The first row names the columns. A byte order mark and a line "sep=;" before it are passed by. A
 * line ends with LF, CRLF or CR; blank lines are no rows; blanks around cells without quotes do not
 * count. What stands between the cells is the one of tab, semicolon and comma that the first row
 * has most of outside quotes, in this order where it has as many.
 *
 * An error says line and column (the cell's number in its row, from 1): a quote that does not end
 * or stands in the middle of a cell, text that is not UTF-8 or holds a NUL, a row that is too long
 * or too wide, a column's name that is too long.
 */
#ifndef WFM_INGEST_CSV_READER_H
#define WFM_INGEST_CSV_READER_H

#include "columns.h"

typedef struct wfm_csv_reader_t wfm_csv_reader_t;

/**
 * @param delimiter between the cells; 0: look at the first row
 * @param columns   receives the file's
 * @param notes     rows with too few or too many cells, columns without a name or of a name twice
 */
wfm_csv_reader_t *wfm_csv_reader_create(apr_pool_t *p, char delimiter, wfm_columns_t *columns,
                                        wfm_notes_t *notes, wfm_record_fn record, void *ctx);

/** Read on. @return NULL, a 400, or what `record` returned; then there is no more to be read */
wfm_error_t *wfm_csv_reader_feed(wfm_csv_reader_t *r, const char *data, apr_size_t len);

/** That was all. @return as above */
wfm_error_t *wfm_csv_reader_end(wfm_csv_reader_t *r);

/** What stands between the cells; known with the first record. */
char wfm_csv_reader_delimiter(const wfm_csv_reader_t *r);

#endif
