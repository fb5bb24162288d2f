/*
 * fuzz_csv.c - cells written as CSV, read back by libcsv: each is what it was, or has an apostrophe
 * because it would run as a formula.
 *
 * The input is cut at bytes 1 (the next cell) and 2 (the next row); a cell that is byte 3 alone is
 * an absent one.
 */
#include "core/csv.h"
#include "fuzz.h"
#include <csv.h>
#include <stdlib.h>
#include <string.h>

typedef struct table_t {
    const char *data, *end; /* what is still to be compared */
    int guard, rows, cells; /* rows so far, cells of this one */
} table_t;

static apr_size_t cell_length(const char *s, const char *end)
{
    const char *at = s;

    while (at < end && *at != 1 && *at != 2)
        at++;
    return (apr_size_t)(at - s);
}

static int is_absent(const char *s, apr_size_t len)
{
    return len == 1 && *s == 3;
}

/* What a spreadsheet takes for a number, by strtod, without the forms that only C knows. */
static int is_plain_number(const char *s, apr_size_t len)
{
    char text[64], *end;

    if (len >= sizeof text || memchr(s, '\0', len))
        return 0;
    memcpy(text, s, len);
    text[len] = '\0';
    if (strspn(text, "+-.0123456789eE") != len)
        return 0;
    strtod(text, &end);
    return *end == '\0' && end != text;
}

static void next_cell(table_t *t)
{
    t->cells++;
    t->data += cell_length(t->data, t->end);
    t->data += t->data < t->end;
}

static void on_cell(void *cell, size_t len, void *ctx)
{
    table_t *t = ctx;
    const char *wanted = t->data, *got = cell;
    apr_size_t n = cell_length(wanted, t->end);

    must((got == NULL) == is_absent(wanted, n)); /* absent and empty differ */
    if (!got)
        n = 0;
    if (t->guard && len == n + 1 && len > 1 && got[0] == '\'') {
        must(memchr("=+-@\t\r", wanted[0], 6) != NULL); /* no apostrophe without a reason */
        must(len > 63 || !is_plain_number(wanted, n));
        got++;
        len--;
    }
    must(len == n && (!n || !memcmp(got, wanted, n)));
    if (t->guard && n && n < 64 && got == cell && memchr("=+-@\t\r", wanted[0], 6))
        must(is_plain_number(wanted, n)); /* it would run as a formula */
    next_cell(t);
}

static void on_row(int c, void *ctx)
{
    table_t *t = ctx;

    must(c == '\n');
    if (!t->cells) { /* an empty line is a row of one absent cell */
        must(is_absent(t->data, cell_length(t->data, t->end)));
        next_cell(t);
    }
    t->cells = 0;
    t->rows++;
}

static int write_rows(fuzz_sink_t *sink, const char *data, apr_size_t len, int guard)
{
    const char *end = data + len;
    wfm_csv_t csv;
    int rows = 0;

    wfm_csv_init(&csv, &sink->out, guard);
    for (;;) {
        apr_size_t n = cell_length(data, end);

        wfm_csv_cell(&csv, is_absent(data, n) ? NULL : data, is_absent(data, n) ? 0 : n);
        data += n;
        if (data == end || *data == 2) {
            wfm_csv_row_end(&csv);
            rows++;
        }
        if (data == end)
            return rows;
        data++;
    }
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    table_t table = {data, data + len, (int)(len & 1), 0, 0};
    fuzz_sink_t *sink = fuzz_sink(p);
    struct csv_parser parser;
    const char *text;
    int rows;

    if (!len)
        return;
    rows = write_rows(sink, data, len, table.guard);
    text = fuzz_written(sink);
    must(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL) == 0);
    csv_parse(&parser, text, sink->len, on_cell, on_row, &table);
    must(csv_error(&parser) == CSV_SUCCESS);
    must(csv_fini(&parser, on_cell, on_row, &table) == 0);
    csv_free(&parser);
    must(table.data == table.end);
    must(table.rows == rows);
}
