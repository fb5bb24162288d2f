/*
 * infer.h - what a file's columns are: dimensions, metrics, or neither; decided when all records
 * are there, from figures of fixed size about each column. The same file gives the same answer.
 *
 * A column is, by the first line that fits it:
 *
 * 1. what the file's format says, also when it has no value in this file;
 * 2. left out, when it has no value: nothing but empty cells, marks such as n/a, and arrays;
 * 3. left out, when it has no name and counts its rows, from 0 or 1: an index;
 * 4. left out, when its values are instants (2025-01-31, 2025-01-31T12:00:00Z), or, under a name
 *    such as timestamp, numbers from 1 000 000 000 on or dates without marks (20250131,
 *    20250131-120000);
 * 5. a dimension, when a value is no number, or it is named as a label is (version, id …);
 * 6. a dimension, when its values are whole, it is named as a parameter is (batch_size, M …) or
 *    not at all, and neither brackets behind the name nor its cells have a unit: with one it was
 * measured (gpu [%]). A size in bytes was set all the same (message_size (KB));
 * 7. a metric.
 *
 * Where semicolons stand between the cells the comma is decimal, unless a column's numbers are
 * numbers with a decimal point only; elsewhere it separates thousands. The unit is that of the
 * column's name, else the first one of its cells.
 */
#ifndef WFM_INGEST_INFER_H
#define WFM_INGEST_INFER_H

#include "columns.h"
#include "figure.h"

typedef enum wfm_class_e { WFM_LEFT_OUT, WFM_DIMENSION, WFM_METRIC } wfm_class_e;

/** What is known of a column's cells. */
typedef struct wfm_seen_t {
    apr_int64_t values;           /**< cells that say something */
    apr_int64_t numbers[2];       /**< of them, under each reading */
    apr_int64_t whole[2];         /**< of those */
    apr_int64_t settles;          /**< cells that are a number under one reading alone, or the same
                                       under both although they have a mark */
    apr_int64_t either;           /**< cells with a mark that are two numbers */
    apr_int64_t instants, epochs; /**< texts; and numbers as large, dates without marks */
    apr_int64_t counted;          /**< how far it counts its rows */
    apr_int64_t counts_from;      /**< 0 or 1; -1: it does not */
    int points, commas;           /**< its numbers are written with them */
    const wfm_unit_t *unit[2];    /**< the first one, under each reading */
    const char *odd[2];           /**< the first cell that is no number, cut */
    apr_int64_t odd_line[2];
    const char *two; /**< the first cell that is two numbers */
    apr_int64_t two_line;
} wfm_seen_t;

/** A column, and how its cells are read. Who knows better may change it before rows are made. */
typedef struct wfm_inferred_t {
    const char *name;
    wfm_role_e role;          /**< what the format says */
    const wfm_unit_t *format; /**< and the unit, for when there is no value; NULL: none */
    wfm_class_e what;
    const char *why;        /**< in words, for people */
    int whole;              /**< a dimension of whole numbers */
    wfm_reading_e reading;  /**< of its numbers */
    const wfm_unit_t *unit; /**< its numbers are converted to it; NULL: it has none */
    const wfm_unit_t *bare; /**< the unit of cells that say none */
    wfm_direction_e direction;
    int said; /**< somebody knew better: see wfm_infer_say */
    wfm_seen_t seen;
} wfm_inferred_t;

typedef struct wfm_inference_t {
    apr_pool_t *pool;
    const wfm_columns_t *columns;
    apr_array_header_t *inferred; /**< of wfm_inferred_t, by a column's place */
    apr_int64_t records;
} wfm_inference_t;

void wfm_infer_init(wfm_inference_t *inference, apr_pool_t *p, const wfm_columns_t *columns);

/** Look at one more record: a wfm_record_fn, whose ctx is the wfm_inference_t. @return NULL */
wfm_error_t *wfm_infer_record(void *inference, const wfm_record_t *record);

/**
 * That were all: decide.
 * @param delimiter between the cells; 0: it was no CSV
 * @param notes     as wfm_infer_note; NULL: not yet
 */
void wfm_infer_decide(wfm_inference_t *inference, char delimiter, wfm_notes_t *notes);

/** Somebody knows better what the column is: its class, and with it the unit, are as he says. */
void wfm_infer_say(wfm_inferred_t *c, wfm_class_e what, const char *why);

/** Note what can be read in two ways, and, where nobody said what it is, what might have been a
 * metric. */
void wfm_infer_note(const wfm_inference_t *inference, char delimiter, wfm_notes_t *notes);

#endif
