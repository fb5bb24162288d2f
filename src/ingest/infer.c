/*
 * infer.c - owns what is counted of each column, and the decision.
 */
#include "infer.h"
#include "../core/text.h"
#include "instant.h"
#include "words.h"
#include <apr_strings.h>
#include <string.h>

#define EPOCH_DIGITS 10 /* of seconds from the year 2001 on */

void wfm_infer_init(wfm_inference_t *inference, apr_pool_t *p, const wfm_columns_t *columns)
{
    *inference = (wfm_inference_t){.pool = p, .columns = columns};
    inference->inferred = apr_array_make(p, 1, sizeof(wfm_inferred_t));
}

static wfm_inferred_t *column_at(const wfm_inference_t *inference, int at)
{
    return &APR_ARRAY_IDX(inference->inferred, at, wfm_inferred_t);
}

/* (an array that grows leaves what it was in the pool) */
static void know_columns(wfm_inference_t *inference)
{
    int n = inference->columns->names->nelts;

    if (!inference->inferred->nelts && n)
        inference->inferred = apr_array_make(inference->pool, n, sizeof(wfm_inferred_t));
    for (int i = inference->inferred->nelts; i < n; i++)
        APR_ARRAY_PUSH(inference->inferred, wfm_inferred_t) =
            (wfm_inferred_t){.name = wfm_columns_name(inference->columns, i),
                             .role = wfm_columns_role(inference->columns, i),
                             .format = wfm_columns_unit(inference->columns, i)};
}

/* ---- cells ---- */

static void see_instant(wfm_seen_t *seen, const wfm_cell_t *cell)
{
    wfm_instant_e looks = wfm_instant_looks(cell->text, cell->len);

    seen->instants += looks == WFM_INSTANT_MARKED;
    seen->epochs += looks == WFM_INSTANT_BARE;
}

/* (More than wfm_figure_whole holds: nanoseconds; with a fraction, too: time.time() of Python's.
 * Most numbers are told by their length.) */
static int is_epoch(const wfm_figure_t *figure)
{
    return figure->n + figure->exponent >= EPOCH_DIGITS && !figure->negative && !figure->unit &&
           wfm_figure_places(figure) >= EPOCH_DIGITS;
}

static void see_count(wfm_seen_t *seen, const wfm_figure_t *figure)
{
    apr_int64_t value;

    if (figure->unit || !wfm_figure_whole(figure, &value))
        value = -1;
    if (seen->values == 1)
        seen->counts_from = value == 0 || value == 1 ? value : -1;
    seen->counted += seen->counts_from >= 0 && value == seen->counts_from + seen->counted;
    seen->epochs += is_epoch(figure);
}

static void see_odd(wfm_inference_t *inference, wfm_seen_t *seen, int reading,
                    const wfm_record_t *record, const wfm_cell_t *cell)
{
    if (seen->odd[reading])
        return;
    seen->odd[reading] = wfm_text_short(inference->pool, cell->text);
    seen->odd_line[reading] = record->line;
}

/* It has a mark: is it one number, whoever reads it? */
static void see_mark(wfm_inference_t *inference, wfm_seen_t *seen, const wfm_record_t *record,
                     const wfm_cell_t *cell, const int *is, const wfm_figure_t *figures)
{
    if (!is[0] || !is[1]) {
        seen->settles++;
        return;
    }
    if (wfm_figures_equal(&figures[0], &figures[1]))
        return;
    seen->either++;
    if (!seen->two) {
        seen->two = wfm_text_short(inference->pool, cell->text);
        seen->two_line = record->line;
    }
}

/* What a number tells of its column, under a reading. */
static void see_number(wfm_seen_t *seen, int reading, const wfm_figure_t *figure)
{
    seen->numbers[reading]++;
    seen->whole[reading] += wfm_figure_is_whole(figure);
    seen->commas |= figure->commas;
    seen->points |= figure->points;
    if (figure->unit && !seen->unit[reading])
        seen->unit[reading] = figure->unit;
}

/* Under both readings; a number of JSON's, and what has neither mark, has but one. */
static void read_cell(const wfm_cell_t *cell, wfm_figure_t figures[2], int is[2])
{
    is[0] = wfm_figure_read(cell->text, cell->len, WFM_POINT_IS_DECIMAL, &figures[0]);
    if (cell->kind != WFM_CELL_NUMBER && strpbrk(cell->text, ".,")) {
        is[1] = wfm_figure_read(cell->text, cell->len, WFM_COMMA_IS_DECIMAL, &figures[1]);
        return;
    }
    is[1] = is[0];
    if (is[0])
        figures[1] = figures[0];
}

static void see_cell(wfm_inference_t *inference, wfm_seen_t *seen, const wfm_record_t *record,
                     const wfm_cell_t *cell)
{
    wfm_figure_t figures[2];
    int is[2];

    if (cell->kind == WFM_CELL_ABSENT || cell->kind == WFM_CELL_LIST ||
        wfm_figure_is_missing(cell->text, cell->len))
        return;
    seen->values++;
    see_instant(seen, cell);
    read_cell(cell, figures, is);
    for (int reading = WFM_POINT_IS_DECIMAL; reading <= WFM_COMMA_IS_DECIMAL; reading++) {
        if (is[reading])
            see_number(seen, reading, &figures[reading]);
        else
            see_odd(inference, seen, reading, record, cell);
    }
    if (is[0])
        see_count(seen, &figures[0]);
    if ((is[0] && (figures[0].commas || figures[0].points)) ||
        (is[1] && (figures[1].commas || figures[1].points)))
        see_mark(inference, seen, record, cell, is, figures);
}

wfm_error_t *wfm_infer_record(void *ctx, const wfm_record_t *record)
{
    wfm_inference_t *inference = ctx;

    know_columns(inference);
    inference->records++;
    for (int i = 0; i < record->n; i++) {
        const wfm_cell_t *cell = &record->cells[i];

        see_cell(inference, &column_at(inference, cell->column)->seen, record, cell);
    }
    return NULL;
}

/* ---- readings ---- */

static int is_numbers(const wfm_seen_t *seen, wfm_reading_e reading)
{
    return seen->values && seen->numbers[reading] == seen->values;
}

/* Has the file, although its cells are separated by semicolons, a decimal point? Some column is
 * numbers with it only, and none with a comma only. */
static wfm_reading_e reading_of_file(const wfm_inference_t *inference, char delimiter)
{
    int points = 0, commas = 0;

    if (delimiter != ';')
        return WFM_POINT_IS_DECIMAL;
    for (int i = 0; i < inference->inferred->nelts; i++) {
        const wfm_seen_t *seen = &column_at(inference, i)->seen;
        int point = is_numbers(seen, WFM_POINT_IS_DECIMAL);
        int comma = is_numbers(seen, WFM_COMMA_IS_DECIMAL);

        points |= point && !comma;
        commas |= comma && !point;
    }
    return points && !commas ? WFM_POINT_IS_DECIMAL : WFM_COMMA_IS_DECIMAL;
}

static void choose_reading(wfm_inferred_t *c, wfm_reading_e of_file)
{
    c->reading = of_file;
    if (of_file == WFM_COMMA_IS_DECIMAL && !is_numbers(&c->seen, of_file) &&
        is_numbers(&c->seen, WFM_POINT_IS_DECIMAL))
        c->reading = WFM_POINT_IS_DECIMAL;
}

/* Elsewhere than between semicolons a point alone says nothing else than a decimal point. */
static void note_two_readings(const wfm_inferred_t *c, char delimiter, wfm_notes_t *notes)
{
    const wfm_seen_t *seen = &c->seen;
    const char *as =
        c->reading == WFM_COMMA_IS_DECIMAL ? "the comma were decimal" : "the point were decimal";

    if (c->what == WFM_LEFT_OUT || !is_numbers(seen, c->reading) || seen->settles ||
        !seen->either || (delimiter != ';' && !seen->commas))
        return;
    wfm_note(notes,
             "line %" APR_INT64_T_FMT ", column '%s': '%s' can be read in two ways, and so can"
             " every number of the column; it is read as if %s",
             seen->two_line, wfm_text_short(notes->pool, c->name), seen->two, as);
}

/* ---- classes ---- */

static void set_class(wfm_inferred_t *c, wfm_class_e what, const char *why)
{
    c->what = what;
    c->why = why;
}

static int counts_rows(const wfm_seen_t *seen, apr_int64_t records)
{
    return seen->counts_from >= 0 && seen->counted == records;
}

static int is_nameless(const wfm_inferred_t *c)
{
    const char *number = c->name + strlen("column ");

    return !strncmp(c->name, "column ", strlen("column ")) && *number &&
           !number[strspn(number, "0123456789")];
}

static const char *why_no_metric(apr_pool_t *p, const wfm_inferred_t *c)
{
    return apr_psprintf(p, "'%s' (line %" APR_INT64_T_FMT ") is no number", c->seen.odd[c->reading],
                        c->seen.odd_line[c->reading]);
}

static void classify_by_role(wfm_inferred_t *c)
{
    if (c->role == WFM_ROLE_DIMENSION)
        set_class(c, WFM_DIMENSION, "the file's format says so");
    else if (c->role == WFM_ROLE_METRIC)
        set_class(c, WFM_METRIC, "the file's format says so");
    else
        set_class(c, WFM_LEFT_OUT, "the file's format has it beside what was measured");
}

/* Was it set? What has a unit was measured, but for sizes in bytes: of messages, of blocks. Whole
 * numbers without a name are what the rows go by: the index of a table that was sorted or filtered,
 * or turned (a row for each batch size). */
static int is_setting(const wfm_inferred_t *c)
{
    const wfm_unit_t *unit = wfm_unit_in_brackets(c->name);

    if (c->seen.whole[c->reading] != c->seen.values ||
        !(wfm_name_is_parameter(c->name) || is_nameless(c)))
        return 0;
    if (!unit)
        unit = c->seen.unit[c->reading];
    return !unit || (unit->family == WFM_UNIT_BYTES && wfm_name_is_size(c->name));
}

static void classify(const wfm_inference_t *inference, wfm_inferred_t *c)
{
    const wfm_seen_t *seen = &c->seen;
    int numbers = is_numbers(seen, c->reading);

    if (c->role != WFM_ROLE_OPEN)
        classify_by_role(c);
    else if (!seen->values)
        set_class(c, WFM_LEFT_OUT, "it has no values");
    else if (is_nameless(c) && counts_rows(seen, inference->records))
        set_class(c, WFM_LEFT_OUT, "it has no name and counts the rows");
    else if (seen->instants == seen->values ||
             (wfm_name_is_time(c->name) && seen->epochs == seen->values))
        set_class(c, WFM_LEFT_OUT, "it holds instants");
    else if (!numbers)
        set_class(c, WFM_DIMENSION, why_no_metric(inference->pool, c));
    else if (wfm_name_is_label(c->name))
        set_class(c, WFM_DIMENSION, "its name is one of labels");
    else if (is_setting(c))
        set_class(c, WFM_DIMENSION,
                  is_nameless(c) ? "whole numbers, and it has no name"
                                 : "whole numbers, and its name is one of parameters");
    else
        set_class(c, WFM_METRIC, "its values are numbers");
    c->whole = c->what == WFM_DIMENSION && numbers && !wfm_name_is_label(c->name) &&
               seen->whole[c->reading] == seen->values && !seen->unit[c->reading];
}

static void find_unit(wfm_inferred_t *c)
{
    int torn;
    wfm_direction_e by_name = wfm_name_direction(c->name, &torn), by_unit;

    c->unit = c->bare = NULL;
    c->direction = WFM_DIRECTION_UNKNOWN;
    if (c->what != WFM_METRIC)
        return;
    c->unit = wfm_unit_of_name(c->name);
    if (!c->unit)
        c->unit = c->seen.values ? c->seen.unit[c->reading] : c->format;
    c->bare = c->unit;
    by_unit = c->unit ? c->unit->direction : WFM_DIRECTION_UNKNOWN;
    if (!torn && (by_unit == WFM_DIRECTION_UNKNOWN || by_unit == by_name ||
                  by_name == WFM_DIRECTION_UNKNOWN))
        c->direction = by_unit ? by_unit : by_name;
}

/* Most of its values are numbers, yet it is none: the sender will want to know. */
static void note_odd(const wfm_inferred_t *c, wfm_notes_t *notes)
{
    const wfm_seen_t *seen = &c->seen;
    const char *name = wfm_text_short(notes->pool, c->name);

    if (c->what != WFM_DIMENSION || c->role != WFM_ROLE_OPEN || is_numbers(seen, c->reading) ||
        wfm_name_is_label(c->name) || wfm_name_is_parameter(c->name))
        return;
    if (c->reading == WFM_POINT_IS_DECIMAL && is_numbers(seen, WFM_COMMA_IS_DECIMAL))
        wfm_note(notes,
                 "column '%s' is a dimension, but would be a metric if the comma were decimal"
                 " ('%s', line %" APR_INT64_T_FMT "), as it is between semicolons",
                 name, seen->odd[c->reading], seen->odd_line[c->reading]);
    else if (2 * seen->numbers[c->reading] > seen->values)
        wfm_note(notes,
                 "column '%s' is a dimension, since '%s' (line %" APR_INT64_T_FMT
                 ") is no number, although most of its values are",
                 name, seen->odd[c->reading], seen->odd_line[c->reading]);
}

void wfm_infer_decide(wfm_inference_t *inference, char delimiter, wfm_notes_t *notes)
{
    wfm_reading_e of_file;

    know_columns(inference);
    of_file = reading_of_file(inference, delimiter);
    for (int i = 0; i < inference->inferred->nelts; i++) {
        wfm_inferred_t *c = column_at(inference, i);

        c->said = 0;
        choose_reading(c, of_file);
        classify(inference, c);
        find_unit(c);
    }
    if (notes)
        wfm_infer_note(inference, delimiter, notes);
}

void wfm_infer_say(wfm_inferred_t *c, wfm_class_e what, const char *why)
{
    const wfm_seen_t *seen = &c->seen;

    set_class(c, what, why);
    c->said = 1;
    c->whole = what == WFM_DIMENSION && seen->values && !wfm_name_is_label(c->name) &&
               seen->whole[c->reading] == seen->values && !seen->unit[c->reading];
    find_unit(c);
}

void wfm_infer_note(const wfm_inference_t *inference, char delimiter, wfm_notes_t *notes)
{
    for (int i = 0; i < inference->inferred->nelts; i++) {
        const wfm_inferred_t *c = column_at(inference, i);

        note_two_readings(c, delimiter, notes);
        if (!c->said)
            note_odd(c, notes);
    }
}
