/*
 * export_rows.c - owns how an export's row is written, as CSV or as a JSON object.
 *
 * Most of a row has been written before: its dimensions in the last run, its instant and its file
 * in the row above. What was written for them is kept and copied.
 */
#include "../core/csv.h"
#include "../core/json_pick.h"
#include "../core/memo.h"
#include "../core/time.h"
#include "../db/pgcopy.h"
#include "export.h"
#include <apr_strings.h>

/* What is kept of dimensions: a run has some dozens of them, a few hundred bytes each. */
#define KEPT_BYTES (256 * 1024)

#define FILE_BYTES 256                    /* longer paths are written anew in every row */
#define TAIL_BYTES (6 * FILE_BYTES + 256) /* every byte an escape, two keys and an instant */

struct export_rows_t {
    apr_pool_t *pool;
    wfm_out_t *out;
    export_format_e format;
    const export_columns_t *columns;
    int fields;          /* dimensions and metrics */
    apr_int64_t *rows;   /* written so far, the request's */
    int malformed;       /* a row was not what the statement asks for */
    const char **before; /* JSON: what stands before each value: {"Op": or ,"Model": */
    wfm_csv_t csv;
    wfm_json_t json;
    wfm_pick_t *pick_dimensions, *pick_metrics;
    wfm_json_slice_t *values; /* room for the larger of the two */
    wfm_value_t *texts;       /* room for the dimensions */
    wfm_memo_t *dimensions;   /* what was written for a row's dimensions */
    /* The last row's instant and file, and what was written for them. */
    char instant[8], file[FILE_BYTES], tail[TAIL_BYTES];
    apr_size_t file_len, tail_len; /* tail_len 0: nothing is kept */
};

static const char *name_of(const apr_array_header_t *names, int i)
{
    return APR_ARRAY_IDX(names, i, const char *);
}

/* ---- cells ---- */

/* A value as PostgreSQL's JSON text; NULL: absent. */
static void json_cell(export_rows_t *x, int field, const char *text, apr_size_t len)
{
    wfm_out_str(x->out, x->before[field]);
    if (text)
        wfm_out_mem(x->out, text, len);
    else
        wfm_out_mem(x->out, "null", 4);
}

/* The fields of one object, from the field number `first` on. */
static void object_cells(export_rows_t *x, wfm_pick_t *pick, int first, int n, const char *text,
                         apr_size_t len)
{
    wfm_pick_members(pick, text ? text : "", len, x->values);
    for (int i = 0; i < n; i++) {
        wfm_json_slice_t value = x->values[i];

        if (x->format == EXPORT_CSV) {
            value = wfm_pick_text(pick, value);
            wfm_csv_cell(&x->csv, value.data, value.len);
        } else {
            json_cell(x, first + i, value.data, value.len);
        }
    }
}

static void array_cells(export_rows_t *x, int n, const wfm_value_t *array)
{
    if (!array->data || !wfm_pgcopy_array(array, x->texts, n)) {
        x->malformed = 1;
        return;
    }
    for (int i = 0; i < n; i++)
        wfm_csv_cell(&x->csv, x->texts[i].data, x->texts[i].len);
}

static void write_dimensions(export_rows_t *x, const wfm_value_t *value)
{
    int n = x->columns->dimensions->nelts;
    wfm_out_mark_t mark;
    const char *written;
    apr_size_t len;

    written = value->data ? wfm_memo_get(x->dimensions, value->data, value->len, &len) : NULL;
    if (written) {
        wfm_out_mem(x->out, written, len);
        x->csv.column += n;
        return;
    }
    mark = wfm_out_mark(x->out);
    if (x->columns->whole_dimensions)
        object_cells(x, x->pick_dimensions, 0, n, value->data, value->len);
    else
        array_cells(x, n, value);
    written = value->data ? wfm_out_since(x->out, mark, &len) : NULL;
    if (written)
        wfm_memo_put(x->dimensions, value->data, value->len, written, len);
}

static void write_metrics(export_rows_t *x, const wfm_value_t *value)
{
    int first = x->columns->dimensions->nelts, n = x->columns->metrics->nelts;

    if (n && x->columns->whole_metrics) {
        /* A jsonb's binary form is its text behind the form's number. */
        if (value->len)
            object_cells(x, x->pick_metrics, first, n, value->data + 1, value->len - 1);
        else
            object_cells(x, x->pick_metrics, first, n, NULL, 0);
        return;
    }
    for (int i = 0; i < n; i++, value++) {
        if (x->format == EXPORT_CSV)
            wfm_csv_cell(&x->csv, value->data, value->len);
        else
            json_cell(x, first + i, value->data, value->len);
    }
}

/* ---- the row's end ---- */

static void json_string(export_rows_t *x, int field, const char *text, apr_size_t len)
{
    wfm_out_str(x->out, x->before[field]);
    if (text)
        wfm_json_quote(x->out, text, len);
    else
        wfm_out_mem(x->out, "null", 4);
}

static void encode_tail(export_rows_t *x, wfm_value_t instant, wfm_value_t file)
{
    char text[WFM_TIME_TEXT];
    apr_size_t len = 0;
    wfm_time_t t;

    if (instant.data && wfm_time_parse_pg_binary(instant.data, instant.len, &t))
        len = wfm_time_format_seconds(t, text); /* else 'infinity' or the like */
    if (x->format == EXPORT_CSV) {
        wfm_csv_cell(&x->csv, len ? text : NULL, len);
        wfm_csv_cell(&x->csv, file.data, file.len);
        wfm_csv_row_end(&x->csv);
        return;
    }
    json_string(x, x->fields, len ? text : NULL, len);
    json_string(x, x->fields + 1, file.data, file.len);
    wfm_out_char(x->out, '}');
    if (x->format == EXPORT_NDJSON)
        wfm_out_char(x->out, '\n');
}

static void keep_tail(export_rows_t *x, wfm_value_t instant, wfm_value_t file, wfm_out_mark_t mark)
{
    apr_size_t len;
    const char *written = wfm_out_since(x->out, mark, &len);

    if (!written || len > sizeof x->tail)
        return;
    memcpy(x->instant, instant.data, sizeof x->instant);
    memcpy(x->file, file.data, file.len);
    memcpy(x->tail, written, len);
    x->file_len = file.len;
    x->tail_len = len;
}

/* Instant and file. */
static void write_tail(export_rows_t *x, wfm_value_t instant, wfm_value_t file)
{
    int can_keep = instant.len == sizeof x->instant && file.data && file.len <= sizeof x->file;
    wfm_out_mark_t mark;

    if (can_keep && x->tail_len && file.len == x->file_len &&
        !memcmp(file.data, x->file, file.len) &&
        !memcmp(instant.data, x->instant, sizeof x->instant)) {
        wfm_out_mem(x->out, x->tail, x->tail_len);
        x->csv.column = 0;
        return;
    }
    x->tail_len = 0;
    mark = wfm_out_mark(x->out);
    encode_tail(x, instant, file);
    if (can_keep)
        keep_tail(x, instant, file, mark);
}

int api_export_row(void *rows, const wfm_value_t *row)
{
    export_rows_t *x = rows;
    const wfm_value_t *objects = row + EXPORT_COLUMN_OBJECTS;

    if (x->format == EXPORT_JSON)
        wfm_json_foreign(&x->json);
    if (x->columns->dimensions->nelts) {
        write_dimensions(x, objects++);
    }
    write_metrics(x, objects);
    write_tail(x, row[EXPORT_COLUMN_TIME], row[EXPORT_COLUMN_FILE]);
    if (x->malformed)
        return 1;
    if (++*x->rows == EXPORT_FIRST_ROWS)
        wfm_out_push(x->out);
    return x->out->status != APR_SUCCESS;
}

/* ---- before and behind the rows ---- */

static void csv_names(export_rows_t *x, const apr_array_header_t *names)
{
    for (int i = 0; i < names->nelts; i++)
        wfm_csv_cell(&x->csv, name_of(names, i), strlen(name_of(names, i)));
}

static void csv_begin(export_rows_t *x)
{
    csv_names(x, x->columns->dimensions);
    csv_names(x, x->columns->metrics);
    wfm_csv_cell(&x->csv, "collected_at", strlen("collected_at"));
    wfm_csv_cell(&x->csv, "source_file", strlen("source_file"));
    wfm_csv_row_end(&x->csv);
}

/* A name that an earlier column has already gets a prefix, so that no object has a key twice. */
static const char *unique_key(apr_pool_t *p, const char **keys, int n, const char *name,
                              const char *prefix)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(keys[i], name))
            return unique_key(p, keys, n, apr_pstrcat(p, prefix, name, NULL), prefix);
    return name;
}

static const char *before_value(apr_pool_t *p, const char *key, int first)
{
    apr_size_t size = 6 * strlen(key) + 5; /* every byte an escape; {, two quotes, :, NUL */
    wfm_out_t o;

    wfm_out_init(&o, apr_palloc(p, size + 64), size + 64, NULL, NULL);
    wfm_out_char(&o, first ? '{' : ',');
    wfm_json_quote(&o, key, strlen(key));
    wfm_out_mem(&o, ":", 2);
    return o.buf;
}

static void make_keys(export_rows_t *x, apr_pool_t *p)
{
    const apr_array_header_t *dimensions = x->columns->dimensions, *metrics = x->columns->metrics;
    const char **keys = apr_palloc(p, sizeof(char *) * (apr_size_t)(x->fields + 2));
    int n = 0;

    for (; n < dimensions->nelts; n++)
        keys[n] = name_of(dimensions, n);
    for (int i = 0; i < metrics->nelts; i++, n++)
        keys[n] = unique_key(p, keys, n, name_of(metrics, i), "metrics.");
    keys[n] = unique_key(p, keys, n, "collected_at", "row.");
    n++;
    keys[n] = unique_key(p, keys, n, "source_file", "row.");
    for (int i = 0; i <= n; i++)
        keys[i] = before_value(p, keys[i], i == 0);
    x->before = keys;
}

export_rows_t *api_export_begin(wfm_request_t *rq, export_format_e format,
                                const export_columns_t *columns)
{
    export_rows_t *x = apr_pcalloc(rq->pool, sizeof *x);

    x->pool = rq->pool;
    x->out = rq->out;
    x->rows = &rq->exported;
    x->format = format;
    x->columns = columns;
    x->fields = columns->dimensions->nelts + columns->metrics->nelts;
    x->values = apr_palloc(rq->pool, sizeof *x->values * (apr_size_t)(x->fields + 1));
    x->texts = apr_palloc(rq->pool, sizeof *x->texts * (apr_size_t)(x->fields + 1));
    x->pick_dimensions = wfm_pick_make(rq->pool, columns->dimensions);
    x->pick_metrics = wfm_pick_make(rq->pool, columns->metrics);
    x->dimensions = wfm_memo_make(rq->pool, KEPT_BYTES);
    wfm_csv_init(&x->csv, rq->out, ',', rq->csv_guard);
    if (format == EXPORT_CSV) {
        csv_begin(x);
        return x;
    }
    make_keys(x, rq->pool);
    if (format == EXPORT_JSON) {
        api_begin(rq, &x->json);
        wfm_json_key(&x->json, "rows");
        wfm_json_array(&x->json);
    }
    return x;
}

wfm_error_t *api_export_end(export_rows_t *x)
{
    if (x->malformed)
        return wfm_error_internal(x->pool, "a row of an export has not the columns asked for");
    if (x->format == EXPORT_JSON) {
        wfm_json_array_end(&x->json);
        api_end(&x->json);
    }
    return NULL;
}
