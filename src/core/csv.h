/*
 * csv.h - CSV cells and rows (RFC 4180 quoting, LF line ends) on wfm_out_t.
 *
 * The formula guard follows OWASP "CSV Injection": a text cell that starts with = + - @ TAB or CR
 * is run as a formula by spreadsheets, unless it is a number; it is made harmless with a leading '.
 */
#ifndef WFM_CORE_CSV_H
#define WFM_CORE_CSV_H

#include "out.h"

typedef struct wfm_csv_t {
    wfm_out_t *out;
    int guard;  /**< the formula guard is on */
    int column; /**< cells written to this row so far */
} wfm_csv_t;

void wfm_csv_init(wfm_csv_t *c, wfm_out_t *out, int guard);

/**
 * Append a cell. NULL text is an absent value: nothing between the commas. An empty text is written
 * as "" (two quotes), so that the two can be told apart. Quoted when it has a comma, quote, CR or
 * LF, or starts or ends with a space or tab.
 */
void wfm_csv_cell(wfm_csv_t *c, const char *text, apr_size_t len);

/** End the row with LF. */
void wfm_csv_row_end(wfm_csv_t *c);

/** Would a spreadsheet run this text as a formula? (first byte = + - @ TAB CR, and not a number) */
int wfm_csv_is_formula(const char *text, apr_size_t len);

#endif
