/*
 * csv_reader.c - libcsv, and what it leaves open: which delimiter, where in the file, UTF-8,
 * bounds.
 *
 * libcsv (strict, since otherwise a quote in the middle of a cell swallows what follows) calls back
 * for cells and rows, but knows no lines. So it gets what ends with a line's end in pieces of its
 * own: a call back belongs to the line that the piece ends.
 */
#include "csv_reader.h"
#include "../core/text.h"
#include "bytes.h"
#include "csv_delimiter.h"
#include "csv_tool.h"
#include <apr_strings.h>
#include <csv.h>

#define MARK "\xef\xbb\xbf"

/* What the reader is at. */
typedef enum stage_e {
    AT_MARK,  /* is there a byte order mark? */
    AT_FIRST, /* the first row is gathered, to find the delimiter */
    AT_ROWS
} stage_e;

struct wfm_csv_reader_t {
    apr_pool_t *p;
    struct csv_parser parser;
    char delimiter;
    stage_e stage;
    apr_array_header_t *first; /* of char: what is held back, and first row */
    int quoted;                /* the first row's end so far is inside quotes */
    int may_be_json;           /* it begins with a bracket */
    wfm_columns_t *columns;
    wfm_notes_t *notes;
    wfm_record_fn record;
    void *ctx;
    wfm_error_t *err;
    int named;                 /* the columns' names have been read */
    int width;                 /* how many they are */
    wfm_csv_tool_t *tool;      /* whose file it is; NULL: nobody's */
    apr_int64_t line;          /* that is read, from 1 */
    int after_cr;              /* its end was a CR: a LF belongs to it */
    int in_row;                /* something of a row has been read */
    apr_int64_t row_line;      /* where the row began */
    apr_int64_t cell_line;     /* where the cell began that is being read */
    apr_size_t row_bytes;      /* of the row, so far */
    apr_array_header_t *text;  /* of char: the row's cells, each with a NUL behind it */
    apr_array_header_t *cells; /* of wfm_cell_t; `len` is right, the text comes later */
};

static apr_status_t free_parser(void *data)
{
    csv_free(data);
    return APR_SUCCESS;
}

wfm_csv_reader_t *wfm_csv_reader_create(apr_pool_t *p, char delimiter, wfm_columns_t *columns,
                                        wfm_notes_t *notes, wfm_record_fn record, void *ctx)
{
    wfm_csv_reader_t *r = apr_pcalloc(p, sizeof *r);

    r->p = p;
    r->delimiter = delimiter;
    r->columns = columns;
    r->notes = notes;
    r->record = record;
    r->ctx = ctx;
    r->line = r->cell_line = 1;
    r->first = apr_array_make(p, 256, sizeof(char));
    r->text = apr_array_make(p, 1024, sizeof(char));
    r->cells = apr_array_make(p, 16, sizeof(wfm_cell_t));
    csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_blk_size(&r->parser, 8192);
    apr_pool_cleanup_register(p, &r->parser, free_parser, apr_pool_cleanup_null);
    return r;
}

char wfm_csv_reader_delimiter(const wfm_csv_reader_t *r)
{
    return r->delimiter;
}

/* ---- errors ---- */

static void fail(wfm_csv_reader_t *r, apr_int64_t line, const char *what)
{
    if (!r->err)
        r->err =
            wfm_error_make(r->p, WFM_BAD_REQUEST, "line %" APR_INT64_T_FMT ", column %d: %s%s",
                           line, r->cells->nelts + 1, what,
                           r->may_be_json ? "; expected is CSV, and the file looks like JSON" : "");
}

/* ---- the columns ---- */

/* pandas writes an index without a name, and reads it back by such a one. */
static int is_nameless(const char *name)
{
    return !*name || !strncmp(name, "Unnamed: ", strlen("Unnamed: "));
}

/* A name that is free: with the column's number behind it, "v (3)". */
static const char *free_name(const wfm_csv_reader_t *r, const char *name)
{
    char tried[WFM_NAME_MAX + 16];
    int n = r->columns->names->nelts + 1;

    do
        apr_snprintf(tried, sizeof tried, "%s (%d)", name, n++);
    while (wfm_columns_find(r->columns, tried, strlen(tried)) >= 0);
    return apr_pstrdup(r->p, tried);
}

static void add_column(wfm_csv_reader_t *r, const char *name)
{
    int at = r->columns->names->nelts;
    const char *used = name;

    if (is_nameless(name))
        used = apr_psprintf(r->p, "column %d", at + 1);
    if (wfm_columns_find(r->columns, used, strlen(used)) >= 0) {
        used = free_name(r, used);
        wfm_note(r->notes,
                 "line %" APR_INT64_T_FMT ", column %d: a further one of the name '%s'"
                 " is called '%s'",
                 r->row_line, at + 1, wfm_text_short(r->p, name), wfm_text_short(r->p, used));
    }
    wfm_columns_add(r->columns, used, strlen(used), WFM_ROLE_OPEN);
}

static void take_names(wfm_csv_reader_t *r)
{
    apr_array_header_t *names = apr_array_make(r->p, r->cells->nelts, sizeof(const char *));
    const char *name = r->text->elts;

    for (int i = 0; i < r->cells->nelts; i++) {
        apr_size_t len = APR_ARRAY_IDX(r->cells, i, wfm_cell_t).len;

        if (len > WFM_NAME_MAX - sizeof " (1600)") {
            r->cells->nelts = i;
            fail(r, r->row_line, "the column's name is too long");
            return;
        }
        APR_ARRAY_PUSH(names, const char *) = apr_pstrmemdup(r->p, name, len);
        name += len + 1;
    }
    r->named = 1;
    r->width = names->nelts;
    r->tool = wfm_csv_tool_of(r->p, names, r->columns, r->notes);
    for (int i = 0; i < names->nelts && !r->tool; i++)
        add_column(r, APR_ARRAY_IDX(names, i, const char *));
}

/* ---- rows ---- */

/* Cells that no column is for are left out; empty ones, which a delimiter at the end makes, without
 * a word. */
static void check_width(wfm_csv_reader_t *r)
{
    int n = r->width, has = r->cells->nelts;

    while (has > n && !APR_ARRAY_IDX(r->cells, has - 1, wfm_cell_t).len)
        has--;
    if (has != n)
        wfm_note(r->notes, "line %" APR_INT64_T_FMT ": %d cells, where there are %d columns",
                 r->row_line, has, n);
    if (has > n)
        has = n;
    r->cells->nelts = has;
}

static void hand_over(wfm_csv_reader_t *r, wfm_record_t *record)
{
    const wfm_record_t row = *record;

    if (r->tool)
        r->err = wfm_csv_tool_record(r->tool, &row, record);
    if (!r->err && record->n)
        r->err = r->record(r->ctx, record);
}

/* Spreadsheets write rows that were cleared, or only coloured, as delimiters alone: no row, as a
 * blank line is none. (Of empty cells only their NULs are there.) */
static int is_blank_row(const wfm_csv_reader_t *r)
{
    return r->text->nelts == r->cells->nelts;
}

static void take_row(wfm_csv_reader_t *r)
{
    wfm_record_t record;
    const char *text = r->text->elts;

    if (is_blank_row(r))
        return;
    check_width(r);
    for (int i = 0; i < r->cells->nelts; i++) {
        wfm_cell_t *cell = &APR_ARRAY_IDX(r->cells, i, wfm_cell_t);

        cell->text = text;
        cell->kind = cell->len ? WFM_CELL_TEXT : WFM_CELL_ABSENT;
        text += cell->len + 1;
    }
    record = (wfm_record_t){r->row_line, r->cells->nelts, (const wfm_cell_t *)r->cells->elts};
    hand_over(r, &record);
}

static void on_row(int c, void *ctx)
{
    wfm_csv_reader_t *r = ctx;

    (void)c;
    if (r->err)
        return;
    if (r->named)
        take_row(r);
    else
        take_names(r);
    r->in_row = 0;
    r->row_bytes = 0;
    apr_array_clear(r->text);
    apr_array_clear(r->cells);
}

static void on_cell(void *data, size_t len, void *ctx)
{
    wfm_csv_reader_t *r = ctx;
    int at = r->cells->nelts;

    if (r->err)
        return;
    if (at == WFM_RECORD_COLUMNS)
        fail(r, r->cell_line, "a row of more than 1600 columns");
    else if (len && memchr(data, '\0', len))
        fail(r, r->cell_line, "the cell holds a NUL byte");
    else if (!wfm_text_is_utf8(data, len))
        fail(r, r->cell_line, "the cell is not UTF-8");
    if (r->err)
        return;
    wfm_bytes_append(r->text, data, len);
    APR_ARRAY_PUSH(r->text, char) = '\0';
    APR_ARRAY_PUSH(r->cells, wfm_cell_t) = (wfm_cell_t){.column = at, .len = len};
    r->cell_line = r->line;
}

/* ---- pieces ---- */

/* Blanks before a row belong to none. (A tab is a cell's end in a file of tabs.) */
static apr_size_t skip_blanks(const wfm_csv_reader_t *r, const char *s, apr_size_t len)
{
    apr_size_t n = 0;

    while (n < len &&
           (s[n] == ' ' || s[n] == '\r' || s[n] == '\n' || (s[n] == '\t' && r->delimiter != '\t')))
        n++;
    return n;
}

/* A piece without a line's end but at its own end. */
static void parse(wfm_csv_reader_t *r, const char *data, apr_size_t len)
{
    int too_long = 0;

    if (!r->in_row) {
        apr_size_t blank = skip_blanks(r, data, len);

        data += blank;
        len -= blank;
        if (!len)
            return;
        r->in_row = 1;
        r->row_line = r->cell_line = r->line;
    }
    if (len > WFM_RECORD_BYTES - r->row_bytes) {
        len = WFM_RECORD_BYTES - r->row_bytes;
        too_long = 1;
    }
    r->row_bytes += len;
    if (csv_parse(&r->parser, data, len, on_cell, on_row, r) != len)
        fail(r, r->line, "a quote in the middle of a cell");
    else if (too_long)
        fail(r, r->cell_line, "a row of more than 1 MiB");
}

static void count_line(wfm_csv_reader_t *r, char end)
{
    if (end == '\r' || !r->after_cr)
        r->line++;
    r->after_cr = end == '\r';
}

static void parse_lines(wfm_csv_reader_t *r, const char *data, apr_size_t len)
{
    const char *end = data + len;

    while (data < end && !r->err) {
        const char *s = data;

        while (s < end && *s != '\n' && *s != '\r')
            s++;
        if (s > data)
            r->after_cr = 0;
        if (s == end) {
            parse(r, data, (apr_size_t)(s - data));
            return;
        }
        parse(r, data, (apr_size_t)(s + 1 - data));
        count_line(r, *s);
        data = s + 1;
    }
}

/* ---- the beginning ---- */

/* The first row is there, or nothing more comes. */
static void begin_rows(wfm_csv_reader_t *r)
{
    apr_size_t len = (apr_size_t)r->first->nelts;
    const char *s;

    APR_ARRAY_PUSH(r->first, char) = '\0';
    s = r->first->elts;
    r->stage = AT_ROWS;
    r->may_be_json = s[strspn(s, " \t\r\n")] == '[' || s[strspn(s, " \t\r\n")] == '{';
    if (wfm_csv_says_delimiter(s, len)) {
        r->delimiter = s[4];
        csv_set_delim(&r->parser, (unsigned char)r->delimiter);
        r->line = 2;
        r->after_cr = s[len - 1] == '\r';
        return;
    }
    if (!r->delimiter)
        r->delimiter = wfm_csv_find_delimiter(s, len);
    csv_set_delim(&r->parser, (unsigned char)r->delimiter);
    parse_lines(r, s, len);
}

/* Gather up to the end of the first line that is not blank and not inside quotes. @return how much
 * of the data was taken */
static apr_size_t gather_first(wfm_csv_reader_t *r, const char *data, apr_size_t len)
{
    apr_size_t n = 0;

    while (n < len && r->first->nelts < WFM_RECORD_BYTES) {
        char c = data[n++];

        APR_ARRAY_PUSH(r->first, char) = c;
        r->quoted ^= c == '"';
        r->in_row |= !strchr(" \t\r\n", c);
        if ((c == '\n' || c == '\r') && !r->quoted && r->in_row)
            break;
        if (n == len && r->first->nelts < WFM_RECORD_BYTES)
            return n;
    }
    r->in_row = 0;
    begin_rows(r);
    return n;
}

/* @return how much of the data was taken */
static apr_size_t pass_mark(wfm_csv_reader_t *r, const char *data, apr_size_t len)
{
    apr_size_t n = 0;

    while (n < len && r->first->nelts < 3 && data[n] == MARK[r->first->nelts])
        APR_ARRAY_PUSH(r->first, char) = data[n++];
    if (r->first->nelts == 3)
        apr_array_clear(r->first);
    else if (n == len)
        return n;
    r->stage = AT_FIRST;
    return n;
}

wfm_error_t *wfm_csv_reader_feed(wfm_csv_reader_t *r, const char *data, apr_size_t len)
{
    apr_size_t taken = 0;

    if (r->stage == AT_MARK)
        taken = pass_mark(r, data, len);
    if (r->stage == AT_FIRST && taken < len)
        taken += gather_first(r, data + taken, len - taken);
    if (r->stage == AT_ROWS && !r->err)
        parse_lines(r, data + taken, len - taken);
    return r->err;
}

wfm_error_t *wfm_csv_reader_end(wfm_csv_reader_t *r)
{
    if (r->stage != AT_ROWS) {
        r->in_row = 0;
        begin_rows(r);
    }
    if (!r->err && csv_fini(&r->parser, on_cell, on_row, r) != 0)
        fail(r, r->cell_line, "a quote that does not end");
    if (!r->err && !r->named)
        r->err = wfm_error_make(r->p, WFM_BAD_REQUEST, "the file is empty");
    return r->err;
}
