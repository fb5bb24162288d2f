/*
 * csv.c - libcsv's callbacks into a table in the test's pool.
 */
#include "csv.h"
#include "fixture.h"
#include <apr_tables.h>
#include <csv.h>

typedef struct reader_t {
    csv_table_t table;
    apr_array_header_t *cells;
    int column;
} reader_t;

static void on_cell(void *text, size_t len, void *ctx)
{
    reader_t *r = ctx;

    APR_ARRAY_PUSH(r->cells, const char *) =
        text ? apr_pstrmemdup(fixture_pool(), text, len) : NULL;
    r->column++;
}

static void on_row(int end, void *ctx)
{
    reader_t *r = ctx;

    (void)end;
    if (r->table.rows++ == 0)
        r->table.columns = r->column;
    r->table.ragged |= r->column != r->table.columns;
    r->column = 0;
}

csv_table_t *csv_read(const char *text, apr_size_t len)
{
    return csv_read_delimited(text, len, ',');
}

csv_table_t *csv_read_delimited(const char *text, apr_size_t len, char delimiter)
{
    reader_t *r = apr_pcalloc(fixture_pool(), sizeof(*r));
    struct csv_parser parser;
    int failed;

    r->cells = apr_array_make(fixture_pool(), 64, sizeof(const char *));
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
    csv_set_delim(&parser, (unsigned char)delimiter);
    failed = csv_parse(&parser, text, len, on_cell, on_row, r) != len;
    failed |= csv_fini(&parser, on_cell, on_row, r) != 0;
    csv_free(&parser);
    r->table.cells = (const char **)r->cells->elts;
    return failed ? NULL : &r->table;
}

const char *csv_cell(const csv_table_t *t, int row, int column)
{
    if (!t || row >= t->rows || column >= t->columns || t->ragged)
        return "(no such cell)";
    return t->cells[row * t->columns + column];
}
