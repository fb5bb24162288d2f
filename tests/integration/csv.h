/*
 * csv.h - CSV read by libcsv, a parser that shares nothing with the module's writer.
 */
#ifndef WFM_TEST_CSV_H
#define WFM_TEST_CSV_H

#include <apr_pools.h>

typedef struct csv_table_t {
    int rows, columns;  /* all rows, the header included; columns of the first row */
    int ragged;         /* a row had another number of columns */
    const char **cells; /* rows * columns; NULL for a cell that is empty and not quoted */
} csv_table_t;

/** Parse; NULL when the text is not well-formed CSV. */
csv_table_t *csv_read(const char *text, apr_size_t len);

/** The same with another delimiter than the comma. */
csv_table_t *csv_read_delimited(const char *text, apr_size_t len, char delimiter);

/** A cell; "(no such cell)" outside of the table. */
const char *csv_cell(const csv_table_t *t, int row, int column);

#endif
