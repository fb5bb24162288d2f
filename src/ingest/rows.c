/*
 * rows.c - writes records by what their columns are.
 */
#include "rows.h"
#include "../core/json_writer.h"
#include "../core/text.h"
#include "bytes.h"
#include <apr_strings.h>

/* One of a row's objects, written member by member; its memory is used again for the next row. */
typedef struct object_t {
    apr_array_header_t *text; /* of char */
    char buf[1024];
    wfm_out_t out;
    wfm_json_t json;
    int members;
} object_t;

struct wfm_rows_t {
    apr_pool_t *p;
    const wfm_inference_t *inference;
    wfm_notes_t *notes;
    wfm_row_fn row;
    void *ctx;
    object_t dimensions, metrics, raw_data;
    wfm_row_t made;
};

static apr_status_t keep(void *ctx, const char *data, apr_size_t len, int push)
{
    (void)push;
    wfm_bytes_append(ctx, data, len);
    return APR_SUCCESS;
}

static void begin(object_t *o)
{
    apr_array_clear(o->text);
    wfm_out_init(&o->out, o->buf, sizeof o->buf, keep, o->text);
    wfm_json_init(&o->json, &o->out);
    wfm_json_object(&o->json);
    o->members = 0;
}

static void put_key(object_t *o, const char *name)
{
    wfm_json_key(&o->json, name);
    o->members++;
}

static wfm_json_text_t end(object_t *o)
{
    wfm_json_object_end(&o->json);
    wfm_out_flush(&o->out);
    return (wfm_json_text_t){o->text->elts, (apr_size_t)o->text->nelts};
}

wfm_rows_t *wfm_rows_create(apr_pool_t *p, const wfm_inference_t *inference, wfm_notes_t *notes,
                            wfm_row_fn row, void *ctx)
{
    wfm_rows_t *rows = apr_palloc(p, sizeof *rows);

    rows->p = p;
    rows->inference = inference;
    rows->notes = notes;
    rows->row = row;
    rows->ctx = ctx;
    rows->dimensions.text = apr_array_make(p, 1024, sizeof(char));
    rows->metrics.text = apr_array_make(p, 1024, sizeof(char));
    rows->raw_data.text = apr_array_make(p, 1024, sizeof(char));
    return rows;
}

/* ---- cells ---- */

static void put_raw(wfm_rows_t *rows, const wfm_inferred_t *c, const wfm_cell_t *cell)
{
    put_key(&rows->raw_data, c->name);
    if (cell->kind == WFM_CELL_LIST)
        wfm_json_raw(&rows->raw_data.json, cell->text, cell->len);
    else
        wfm_json_string_n(&rows->raw_data.json, cell->text, cell->len);
}

/* @return does it say all that the cell says? */
static int put_number(object_t *o, const wfm_inferred_t *c, const wfm_figure_t *figure,
                      const wfm_cell_t *cell, int foreign)
{
    char text[WFM_FIGURE_TEXT];
    apr_size_t len = wfm_figure_text(figure, text);

    put_key(o, c->name);
    wfm_json_raw(&o->json, text, len);
    return (cell->kind == WFM_CELL_NUMBER && !foreign) ||
           (len == cell->len && !memcmp(text, cell->text, len));
}

static void note_cell(wfm_rows_t *rows, const wfm_record_t *record, const wfm_inferred_t *c,
                      const wfm_cell_t *cell, const char *what)
{
    if (!wfm_note_wanted(rows->notes))
        return;
    wfm_note(rows->notes, "line %" APR_INT64_T_FMT ", column '%s': '%s' %s", record->line,
             wfm_text_short(rows->p, c->name), wfm_text_short(rows->p, cell->text), what);
}

static const wfm_unit_t *unit_of(const wfm_figure_t *figure, const wfm_inferred_t *c)
{
    return figure->unit ? figure->unit : c->bare;
}

/* Is it in another unit than its column? */
static int is_foreign(const wfm_figure_t *figure, const wfm_inferred_t *c)
{
    const wfm_unit_t *from = unit_of(figure, c);

    return from && c->unit && from != c->unit;
}

/* Into the column's unit. @return why it cannot be, or NULL */
static const char *convert(wfm_figure_t *figure, const wfm_inferred_t *c)
{
    const wfm_unit_t *from = unit_of(figure, c);

    if (!is_foreign(figure, c))
        return NULL;
    if (!wfm_units_agree(from, c->unit))
        return "has a unit that the column's is not made of";
    return wfm_figure_convert(figure, from, c->unit)
               ? NULL
               : "is too large or too small in the unit of the column";
}

static int read_number(const wfm_cell_t *cell, const wfm_inferred_t *c, wfm_figure_t *figure)
{
    wfm_reading_e reading = cell->kind == WFM_CELL_NUMBER ? WFM_POINT_IS_DECIMAL : c->reading;

    return cell->kind != WFM_CELL_LIST && wfm_figure_read(cell->text, cell->len, reading, figure);
}

static void write_metric(wfm_rows_t *rows, const wfm_record_t *record, const wfm_inferred_t *c,
                         const wfm_cell_t *cell)
{
    wfm_figure_t figure;
    const char *why;

    if (!read_number(cell, c, &figure)) {
        if (!wfm_figure_is_missing(cell->text, cell->len))
            note_cell(rows, record, c, cell, "is no number");
    } else {
        int lost = figure.unit && !c->unit, foreign = lost || is_foreign(&figure, c);

        if (lost)
            note_cell(rows, record, c, cell,
                      "has a unit, and the schema says none for the column: its number is kept as"
                      " it stands");
        if ((why = convert(&figure, c)))
            note_cell(rows, record, c, cell, why);
        else if (put_number(&rows->metrics, c, &figure, cell, foreign))
            return;
    }
    put_raw(rows, c, cell);
}

static void write_dimension(wfm_rows_t *rows, const wfm_inferred_t *c, const wfm_cell_t *cell)
{
    wfm_figure_t figure;

    if (c->whole && read_number(cell, c, &figure)) {
        apr_int64_t value;

        if (!figure.unit && wfm_figure_whole(&figure, &value)) {
            char text[24];

            apr_snprintf(text, sizeof text, "%" APR_INT64_T_FMT, value);
            put_key(&rows->dimensions, c->name);
            wfm_json_int64(&rows->dimensions.json, value);
            if (cell->kind != WFM_CELL_NUMBER && strcmp(text, cell->text) != 0)
                put_raw(rows, c, cell);
            return;
        }
    }
    put_key(&rows->dimensions, c->name);
    wfm_json_string_n(&rows->dimensions.json, cell->text, cell->len);
}

wfm_error_t *wfm_rows_record(void *ctx, const wfm_record_t *record)
{
    wfm_rows_t *rows = ctx;

    begin(&rows->dimensions);
    begin(&rows->metrics);
    begin(&rows->raw_data);
    for (int i = 0; i < record->n; i++) {
        const wfm_cell_t *cell = &record->cells[i];
        const wfm_inferred_t *c =
            &APR_ARRAY_IDX(rows->inference->inferred, cell->column, wfm_inferred_t);

        if (cell->kind == WFM_CELL_ABSENT)
            continue;
        if (c->what == WFM_METRIC)
            write_metric(rows, record, c, cell);
        else if (c->what == WFM_DIMENSION && cell->kind != WFM_CELL_LIST)
            write_dimension(rows, c, cell);
        else
            put_raw(rows, c, cell);
    }
    rows->made = (wfm_row_t){record->line, end(&rows->dimensions), end(&rows->metrics),
                             end(&rows->raw_data)};
    if (!rows->raw_data.members)
        rows->made.raw_data = (wfm_json_text_t){0};
    return rows->row(rows->ctx, &rows->made);
}
