/*
 * fuzz_csv.c - cells written as CSV, read back by libcsv: each is what it was, or has an apostrophe
 * because it would run as a formula. The input's length chooses the delimiter and the guard.
 *
 * The input is cut at bytes 1 (the next cell) and 2 (the next row); a cell that is byte 3 alone is
 * an absent one.
 */
#include "core/csv.h"
#include "fuzz.h"
#include <csv.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

typedef struct table_t {
    const char *data, *end; /* what is still to be compared */
    int guard, rows, cells; /* rows so far, cells of this one */
    char delimiter;
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

static int matches(const char *pattern, const char *text)
{
    regex_t regex;
    int found;

    must(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
    found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

/* What a spreadsheet takes for a number, by regular expressions. */
static int is_plain_number(const char *s, apr_size_t len, char delimiter)
{
    char text[64];

    if (len >= sizeof text || memchr(s, '\0', len))
        return 0;
    memcpy(text, s, len);
    text[len] = '\0';
    return matches("^-$|^[+-]([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+|%)?$", text) ||
           matches("^[+-][0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?%?$", text) ||
           (delimiter == ';' &&
            (matches("^[+-]([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+|%)?$", text) ||
             matches("^[+-][0-9]{1,3}([.][0-9]{3})+(,[0-9]*)?%?$", text)));
}

static int starts_formula(const char *s, apr_size_t len)
{
    return memchr("=+-@\t\r", *s, 6) ||
           (len >= 3 && (!memcmp(s, "\xEF\xBC\x9D", 3) || !memcmp(s, "\xEF\xBC\x8B", 3) ||
                         !memcmp(s, "\xEF\xBC\x8D", 3) || !memcmp(s, "\xEF\xBC\xA0", 3)));
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
        must(starts_formula(wanted, n)); /* no apostrophe without a reason */
        must(len > 63 || !is_plain_number(wanted, n, t->delimiter));
        got++;
        len--;
    }
    must(len == n && (!n || !memcmp(got, wanted, n)));
    if (t->guard && n && n < 64 && got == cell && starts_formula(wanted, n))
        must(is_plain_number(wanted, n, t->delimiter)); /* it would run as a formula */
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

static int write_rows(fuzz_sink_t *sink, const char *data, apr_size_t len, const table_t *table)
{
    const char *end = data + len;
    wfm_csv_t csv;
    int rows = 0;

    wfm_csv_init(&csv, &sink->out, table->delimiter, table->guard);
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
    table_t table = {
        .data = data, .end = data + len, .guard = (int)(len & 1), .delimiter = ",;\t"[len / 2 % 3]};
    fuzz_sink_t *sink = fuzz_sink(p);
    struct csv_parser parser;
    const char *text;
    int rows;

    if (!len)
        return;
    rows = write_rows(sink, data, len, &table);
    text = fuzz_written(sink);
    must(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL) == 0);
    csv_set_delim(&parser, (unsigned char)table.delimiter);
    csv_parse(&parser, text, sink->len, on_cell, on_row, &table);
    must(csv_error(&parser) == CSV_SUCCESS);
    must(csv_fini(&parser, on_cell, on_row, &table) == 0);
    csv_free(&parser);
    must(table.data == table.end);
    must(table.rows == rows);
}
