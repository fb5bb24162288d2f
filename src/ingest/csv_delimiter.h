/*
 * csv_delimiter.h - what stands between the cells of a CSV file.
 */
#ifndef WFM_INGEST_CSV_DELIMITER_H
#define WFM_INGEST_CSV_DELIMITER_H

#include <apr.h>

/** The one that the first row has most of outside quotes: tab, semicolon, comma. */
char wfm_csv_find_delimiter(const char *row, apr_size_t len);

/** Is it Excel's line that says the delimiter: "sep=;"? */
int wfm_csv_says_delimiter(const char *row, apr_size_t len);

#endif
