/*
 * export_rows.c - owns how an export's row is written, as CSV or as a JSON object.
 *
 * Most of a row has been written before: its dimensions in the last run, its run's columns, its
 * instant and its file in the row above. What was written for them is kept and copied.
 */
#include "../core/json_pick.h"
#include "../core/memo.h"
#include "../core/time.h"
#include "export.h"
#include "saved.h"
#include <apr_strings.h>

/* What is kept of dimensions: a run has some dozens of them, a few hundred bytes each. */
#define KEPT_BYTES      (256 * 1024)
#define KEPT_RUNS_BYTES (16 * 1024) /* of runs: few are alive at once */

#define FILE_BYTES 256                    /* longer paths are written anew in every row */
#define TAIL_BYTES (6 * FILE_BYTES + 256) /* every byte an escape, two keys and an instant */

struct export_rows_t {
    const export_t *x;
    wfm_out_t *out;
    int fields;          /* dimensions and metrics */
    apr_int64_t *rows;   /* written so far, the request's */
    int more;            /* there was one behind the limit */
    const char *fault;   /* what is wrong with a row, for the log or for the client: */
    const char *large;   /* what it has too much of */
    const char **before; /* JSON: what stands before each value: {"Op": or ,"Model": */
    wfm_csv_t csv;
    wfm_json_t json;
    wfm_pick_t *pick_dimensions, *pick_metrics;
    wfm_json_slice_t *values; /* room for the larger of the two */
    wfm_value_t *texts;       /* room for any array */
    wfm_memo_t *dimensions;   /* what was written for a row's dimensions */
    wfm_memo_t *runs;         /* and for its run */
    /* The last row's instant and file, and what was written for them. */
    char instant[8], file[FILE_BYTES], tail[TAIL_BYTES];
    apr_size_t file_len, tail_len; /* tail_len 0: nothing is kept */
};

/* ---- cells ---- */

static void json_text(export_rows_t *r, int field, const char *text, apr_size_t len)
{
    wfm_out_str(r->out, r->before[field]);
    if (!text)
        wfm_out_mem(r->out, "null", 4);
    else if (*text == '"' || *text == '{' || *text == '[')
        wfm_json_splice(r->out, text, len);
    else /* a number or a word */
        wfm_out_mem(r->out, text, len);
}

static void json_string(export_rows_t *r, int field, const char *text, apr_size_t len)
{
    wfm_out_str(r->out, r->before[field]);
    if (text)
        wfm_json_quote(r->out, text, len);
    else
        wfm_out_mem(r->out, "null", 4);
}

/* A value as PostgreSQL's text of it (CSV) or its JSON text; NULL: absent. */
static void cell(export_rows_t *r, int field, const char *text, apr_size_t len)
{
    if (r->x->format == EXPORT_CSV)
        wfm_csv_cell(&r->csv, text, len);
    else
        json_text(r, field, text, len);
}

/* The fields of one object, from the field number `first` on. */
static void object_cells(export_rows_t *r, wfm_pick_t *pick, int first, int n, wfm_value_t object)
{
    /* a jsonb's binary form is its text behind the form's number */
    if (object.len)
        wfm_pick_members(pick, object.data + 1, object.len - 1, r->values);
    else
        wfm_pick_members(pick, "", 0, r->values);
    for (int i = 0; i < n; i++) {
        wfm_json_slice_t value = r->values[i];

        if (r->x->format == EXPORT_CSV)
            value = wfm_pick_text(pick, value);
        cell(r, first + i, value.data, value.len);
    }
}

static int take_array(export_rows_t *r, wfm_value_t array, int n)
{
    if (array.data && wfm_value_array(&array, r->texts, n))
        return 1;
    r->fault = "a row of an export has not the columns asked for";
    return 0;
}

static void array_cells(export_rows_t *r, int first, int n, wfm_value_t array)
{
    if (!take_array(r, array, n))
        return;
    for (int i = 0; i < n; i++)
        cell(r, first + i, r->texts[i].data, r->texts[i].len);
}

/* What is larger must not look as if it were whole, or absent. */
static int fits(export_rows_t *r, wfm_value_t object, const char *what)
{
    if (object.len != 1 && object.len <= EXPORT_MOST_BYTES)
        return 1;
    r->large = what;
    return 0;
}

static int cell_fits(export_rows_t *r, wfm_value_t text)
{
    if (text.len <= EXPORT_MOST_CELL)
        return 1;
    r->large = "a metric of more than 40 kB";
    return 0;
}

/* ---- a row's parts ---- */

static void write_dimensions(export_rows_t *r, wfm_value_t value)
{
    int n = r->x->dimensions->nelts;
    wfm_out_mark_t mark;
    const char *written;
    apr_size_t len;

    written = value.data ? wfm_memo_get(r->dimensions, value.data, value.len, &len) : NULL;
    if (written) {
        wfm_out_mem(r->out, written, len);
        r->csv.column += n;
        return;
    }
    if (!fits(r, value, "more than 1 MB of dimensions"))
        return;
    mark = wfm_out_mark(r->out);
    if (r->x->dimension_form == EXPORT_WHOLE)
        object_cells(r, r->pick_dimensions, 0, n, value);
    else
        array_cells(r, 0, n, value);
    written = value.data ? wfm_out_since(r->out, mark, &len) : NULL;
    if (written)
        wfm_memo_put(r->dimensions, value.data, value.len, written, len);
}

static void write_metrics(export_rows_t *r, const wfm_value_t *value)
{
    int first = r->x->dimensions->nelts, n = r->x->metrics->nelts;

    for (int i = 0; r->x->metric_form == EXPORT_CELLS && i < n; i++, value++)
        if (cell_fits(r, *value))
            cell(r, first + i, value->data, value->len);
    if (!n || r->x->metric_form == EXPORT_CELLS || !fits(r, *value, "more than 1 MB of metrics"))
        return;
    if (r->x->metric_form == EXPORT_WHOLE)
        object_cells(r, r->pick_metrics, first, n, *value);
    else
        array_cells(r, first, n, *value);
}

/* ids are numbers, the rest are texts */
static void run_cells(export_rows_t *r, wfm_value_t array)
{
    const apr_array_header_t *names = r->x->included;

    if (!take_array(r, array, names->nelts))
        return;
    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        wfm_value_t value = r->texts[i];

        if (r->x->format == EXPORT_CSV || !strcmp(name + strlen(name) - 3, "_id"))
            cell(r, r->fields + 2 + i, value.data, value.len);
        else
            json_string(r, r->fields + 2 + i, value.data, value.len);
    }
}

static void write_run(export_rows_t *r, wfm_value_t array)
{
    apr_size_t len;
    const char *written = wfm_memo_get(r->runs, array.data, array.len, &len);
    wfm_out_mark_t mark = wfm_out_mark(r->out);

    if (written) {
        wfm_out_mem(r->out, written, len);
        return;
    }
    run_cells(r, array);
    written = r->fault ? NULL : wfm_out_since(r->out, mark, &len);
    if (written)
        wfm_memo_put(r->runs, array.data, array.len, written, len);
}

static void encode_tail(export_rows_t *r, wfm_value_t instant, wfm_value_t file)
{
    char text[WFM_TIME_TEXT];
    apr_size_t len = 0;
    wfm_time_t t;

    if (instant.data && wfm_time_parse_pg_binary(instant.data, instant.len, &t))
        len = wfm_time_format_seconds(t, text); /* else 'infinity' or the like */
    if (r->x->format == EXPORT_CSV) {
        wfm_csv_cell(&r->csv, len ? text : NULL, len);
        wfm_csv_cell(&r->csv, file.data, file.len);
        return;
    }
    json_string(r, r->fields, len ? text : NULL, len);
    json_string(r, r->fields + 1, file.data, file.len);
}

static void keep_tail(export_rows_t *r, wfm_value_t instant, wfm_value_t file, wfm_out_mark_t mark)
{
    apr_size_t len;
    const char *written = wfm_out_since(r->out, mark, &len);

    if (!written || len > sizeof r->tail)
        return;
    memcpy(r->instant, instant.data, sizeof r->instant);
    memcpy(r->file, file.data, file.len);
    memcpy(r->tail, written, len);
    r->file_len = file.len;
    r->tail_len = len;
}

/* Instant and file. */
static void write_tail(export_rows_t *r, wfm_value_t instant, wfm_value_t file)
{
    int can_keep = instant.len == sizeof r->instant && file.data && file.len <= sizeof r->file;
    wfm_out_mark_t mark;

    if (can_keep && r->tail_len && file.len == r->file_len &&
        !memcmp(file.data, r->file, file.len) &&
        !memcmp(instant.data, r->instant, sizeof r->instant)) {
        wfm_out_mem(r->out, r->tail, r->tail_len);
        return;
    }
    r->tail_len = 0;
    mark = wfm_out_mark(r->out);
    encode_tail(r, instant, file);
    if (can_keep)
        keep_tail(r, instant, file, mark);
}

static void end_row(export_rows_t *r)
{
    if (r->x->format == EXPORT_CSV) {
        wfm_csv_row_end(&r->csv);
        return;
    }
    wfm_out_char(r->out, '}');
    if (r->x->format == EXPORT_NDJSON)
        wfm_out_char(r->out, '\n');
}

/* Who knows which row it is can leave it out. */
static const char *too_large(export_rows_t *r, wfm_value_t instant)
{
    char text[WFM_TIME_TEXT];
    apr_size_t len = 0;
    wfm_time_t t;

    if (instant.data && wfm_time_parse_pg_binary(instant.data, instant.len, &t))
        len = wfm_time_format_seconds(t, text);
    return apr_psprintf(r->x->rq->pool, "a row of %.*s has %s: leave it out with start and end%s",
                        (int)len, text, r->large,
                        strstr(r->large, "metric") ? ", or choose other metric_fields" : "");
}

int api_export_row(void *rows, const wfm_value_t *row)
{
    export_rows_t *r = rows;
    const wfm_value_t *others = row + EXPORT_COLUMN_OTHERS, *run = NULL;

    if (*r->rows == r->x->limit) {
        r->more = 1;
        return 0; /* the last one */
    }
    if (r->x->format == EXPORT_JSON)
        wfm_json_foreign(&r->json);
    if (r->x->included->nelts)
        run = others++;
    if (r->x->dimensions->nelts)
        write_dimensions(r, *others++);
    write_metrics(r, others);
    write_tail(r, row[EXPORT_COLUMN_TIME], row[EXPORT_COLUMN_FILE]);
    if (run)
        write_run(r, *run);
    end_row(r);
    if (r->large)
        r->fault = too_large(r, row[EXPORT_COLUMN_TIME]);
    if (r->fault)
        return 1;
    if (++*r->rows == EXPORT_FIRST_ROWS && !r->x->few)
        wfm_out_push(r->out);
    return r->out->status != APR_SUCCESS;
}

/* ---- before and behind the rows ---- */

static void csv_begin(export_rows_t *r)
{
    const char **names;
    int n;

    api_saved_csv(r->x->rq, &r->csv);
    names = api_export_names(r->x, &n);
    for (int i = 0; i < n; i++)
        wfm_csv_cell(&r->csv, names[i], strlen(names[i]));
    wfm_csv_row_end(&r->csv);
}

export_rows_t *api_export_begin(const export_t *x)
{
    apr_pool_t *p = x->rq->pool;
    export_rows_t *r = apr_pcalloc(p, sizeof *r);
    apr_size_t room;

    r->x = x;
    r->out = x->rq->out;
    r->rows = &x->rq->exported;
    r->fields = x->dimensions->nelts + x->metrics->nelts;
    room = (apr_size_t)(r->fields + x->included->nelts + 1);
    r->values = apr_palloc(p, sizeof *r->values * room);
    r->texts = apr_palloc(p, sizeof *r->texts * room);
    r->pick_dimensions = wfm_pick_make(p, x->dimensions);
    r->pick_metrics = wfm_pick_make(p, x->metrics);
    r->dimensions = wfm_memo_make(p, KEPT_BYTES);
    r->runs = wfm_memo_make(p, KEPT_RUNS_BYTES);
    if (x->format == EXPORT_CSV) {
        csv_begin(r);
        return r;
    }
    r->before = api_export_keys(x);
    if (x->format == EXPORT_JSON) {
        api_begin(x->rq, &r->json);
        wfm_json_key(&r->json, "rows");
        wfm_json_array(&r->json);
    }
    return r;
}

/* Whether rows were left out is known by now. */
static int is_truncated(const export_rows_t *r)
{
    return r->x->truncated == EXPORT_UNKNOWN ? r->more : r->x->truncated == EXPORT_TRUNCATED;
}

wfm_error_t *api_export_end(export_rows_t *r)
{
    wfm_request_t *rq = r->x->rq;

    if (r->large)
        return wfm_error_make(rq->pool, WFM_BAD_REQUEST, "%s", r->fault);
    if (r->fault)
        return wfm_error_internal(rq->pool, "%s", r->fault);
    if (r->x->format == EXPORT_JSON) {
        wfm_json_array_end(&r->json);
        wfm_json_name(&r->json, "truncated");
        wfm_json_bool(&r->json, is_truncated(r));
        api_end(&r->json);
    } else if (wfm_args_int(&rq->params, "truncated")) {
        wfm_out_str(r->out, is_truncated(r) ? "{\"truncated\":true}\n" : "{\"truncated\":false}\n");
    }
    return NULL;
}
