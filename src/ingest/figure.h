/*
 * figure.h - numbers as people and programs write them: signs, exponents, thousands, decimal
 * commas, a unit behind. No digit is lost.
 *
 *   number  = [ "+" / "-" / U+2212 ] ( plain [ exponent ] / grouped ) [ blanks unit ]
 *   plain   = digits [ mark [ digits ] ] / mark digits
 *   grouped = 1 to 3 digits, then once or more ( group 3 digits ) [ mark [ digits ] ]
 *
 * The mark is "." and a group is "," ; where the comma is decimal it is the other way round.
 * U+00A0, U+202F and "'" separate groups in both. In a number all groups are separated by the same.
 * A zero before other digits is an identifier's, no number's (007), and what a double could not
 * hold, since it is infinite or zero there, is none either.
 */
#ifndef WFM_INGEST_FIGURE_H
#define WFM_INGEST_FIGURE_H

#include "units.h"

#define WFM_FIGURE_DIGITS 100 /**< more are no number */

typedef enum wfm_reading_e { WFM_POINT_IS_DECIMAL, WFM_COMMA_IS_DECIMAL } wfm_reading_e;

typedef struct wfm_figure_t {
    int negative;
    char digits[WFM_FIGURE_DIGITS + 1]; /**< NUL-terminated, without a point */
    int n;
    int exponent;           /**< the number is digits times 10 to this power */
    int commas, points;     /**< it is written with them */
    const wfm_unit_t *unit; /**< behind it; NULL: none */
} wfm_figure_t;

/** Read a cell, blanks around it aside. @return 0: it is no number */
int wfm_figure_read(const char *text, apr_size_t len, wfm_reading_e reading, wfm_figure_t *figure);

/** Are both the same digits at the same places? */
int wfm_figures_equal(const wfm_figure_t *a, const wfm_figure_t *b);

/** Is it whole (2, 2.0, 2e3)? */
int wfm_figure_is_whole(const wfm_figure_t *figure);

/** How many digits stand before its point (12.5: 2, 2e3: 4, 0.25: 0, 0.025: -1); zero has none. */
int wfm_figure_places(const wfm_figure_t *figure);

/** Its value. @return 0: it is not whole, or of more than 18 digits */
int wfm_figure_whole(const wfm_figure_t *figure, apr_int64_t *value);

/** From one unit to another of the same family: its digits stay where the factor is a power of ten;
 * else there are 15. @return 0: a double could not hold it, and what it is now is nothing */
int wfm_figure_convert(wfm_figure_t *figure, const wfm_unit_t *from, const wfm_unit_t *to);

#define WFM_FIGURE_TEXT 256

/** As JSON writes it; NUL-terminated. @return its length */
apr_size_t wfm_figure_text(const wfm_figure_t *figure, char text[WFM_FIGURE_TEXT]);

/** Does a cell say that there is no number: n/a, nan, inf, -, … (a closed list), or blanks? */
int wfm_figure_is_missing(const char *text, apr_size_t len);

#endif
