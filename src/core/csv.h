/*
 * csv.h - CSV cells and rows (RFC 4180 quoting, LF line ends) on wfm_out_t.
 *
 * The formula guard follows OWASP "CSV Injection": a text cell that starts with = + - @ TAB or CR,
 * or with the full-width form of one of the first four, is run as a formula by spreadsheets; it is
 * made harmless with a leading '. What is a number to them is none:
 *
 *   number  = "-" / sign ( plain [ exponent / "%" ] / grouped [ "%" ] )
 *   sign    = "+" / "-"
 *   plain   = digits [ point [ digits ] ] / point digits
 *   grouped = 1 to 3 digits, then once or more ( group 3 digits ) [ point [ digits ] ]
 *   exponent = ( "e" / "E" ) [ sign ] digits
 *
 * A point is "." and a group is "," ; where cells are separated by semicolons, as in spreadsheets
 * whose decimal mark is the comma, it may be the other way round, too. A dash alone is how people
 * write that there is nothing. Nothing that is written with these characters alone computes or
 * calls anything.
 *
 * The guard looks at a cell's beginning, as a spreadsheet does that was told the right delimiter.
 */
#ifndef WFM_CORE_CSV_H
#define WFM_CORE_CSV_H

#include "out.h"

typedef struct wfm_csv_t {
    wfm_out_t *out;
    char delimiter;
    unsigned char quoted; /**< which bytes need quotes: a bit of csv.c's table */
    int guard;            /**< the formula guard is on */
    int column;           /**< cells written to this row so far */
    int begun;            /**< something stands before the next cell */
} wfm_csv_t;

/** @param delimiter , or ; or TAB */
void wfm_csv_init(wfm_csv_t *c, wfm_out_t *out, char delimiter, int guard);

/**
 * Append a cell. NULL text is an absent value: nothing between the delimiters. An empty text is
 * written as "" (two quotes), so that the two can be told apart. Quoted when it has the delimiter,
 * a quote, CR or LF, or starts or ends with a space or tab; the first of all, too, when readers
 * would take the beginning of the file for something else: ID (Excel: a SYLK file), a byte order
 * mark (which they would take away), sep= (Excel: the delimiter) or # (a comment).
 */
void wfm_csv_cell(wfm_csv_t *c, const char *text, apr_size_t len);

/** End the row with LF. */
void wfm_csv_row_end(wfm_csv_t *c);

/** Would a spreadsheet run this text as a formula? */
int wfm_csv_is_formula(const wfm_csv_t *c, const char *text, apr_size_t len);

#endif
