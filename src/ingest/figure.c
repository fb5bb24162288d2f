/*
 * figure.c - reads a number into its digits and the place of its point, and writes it as JSON.
 */
#include "figure.h"
#include <apr_strings.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What stands before the exponent, separators that take several bytes as one: */
#define GROUP_SPACE 'n'
#define GROUP_QUOTE '\''

typedef struct token_t {
    char s[WFM_FIGURE_DIGITS + 64];
    int n;
} token_t;

static apr_size_t blank_at(const char *s, const char *end)
{
    if (s < end && (*s == ' ' || *s == '\t'))
        return 1;
    if (end - s >= 2 && !memcmp(s, "\xc2\xa0", 2))
        return 2;
    return end - s >= 3 && !memcmp(s, "\xe2\x80\xaf", 3) ? 3 : 0;
}

static const char *skip_blanks(const char *s, const char *end)
{
    apr_size_t n;

    while ((n = blank_at(s, end)))
        s += n;
    return s;
}

static int is_digit(const char *s, const char *end)
{
    return s < end && *s >= '0' && *s <= '9';
}

static const char *read_sign(const char *s, const char *end, int *negative)
{
    *negative = 0;
    if (s < end && (*s == '+' || *s == '-')) {
        *negative = *s == '-';
        return s + 1;
    }
    if (end - s >= 3 && !memcmp(s, "\xe2\x88\x92", 3)) {
        *negative = 1;
        return s + 3;
    }
    return s;
}

/* A separator of thousands that is neither point nor comma; a digit must follow. */
static char group_at(const char *s, const char *end, apr_size_t *n)
{
    *n = 1;
    if (s < end && *s == '\'')
        return is_digit(s + 1, end) ? GROUP_QUOTE : '\0';
    *n = s < end && *s != ' ' && *s != '\t' ? blank_at(s, end) : 0;
    return *n && is_digit(s + *n, end) ? GROUP_SPACE : '\0';
}

/* Digits and what may stand between them. NULL: it is too long. */
static const char *read_token(const char *s, const char *end, token_t *token)
{
    apr_size_t n = 1;
    char c;

    for (token->n = 0;; s += n) {
        n = 1;
        if (is_digit(s, end) || (s < end && (*s == '.' || *s == ',')))
            c = *s;
        else if (!token->n || !(c = group_at(s, end, &n)))
            return s;
        if (token->n == (int)sizeof token->s - 1)
            return NULL;
        token->s[token->n++] = c;
        token->s[token->n] = '\0';
    }
}

static int digits_at(const char *s)
{
    const char *start = s;

    while (*s >= '0' && *s <= '9')
        s++;
    return (int)(s - start);
}

/* @return the text behind the whole part, NULL: it is none. */
static const char *read_whole(const char *s, char group, wfm_figure_t *f, int *grouped)
{
    int n = digits_at(s);
    char used = s[n];

    *grouped = 0;
    if (n > WFM_FIGURE_DIGITS || (n > 1 && *s == '0'))
        return NULL;
    memcpy(f->digits, s, (size_t)n);
    f->n = n;
    s += n;
    if (!*s || (used != group && used != GROUP_SPACE && used != GROUP_QUOTE))
        return s;
    if (n < 1 || n > 3 || f->digits[0] == '0')
        return NULL;
    for (*grouped = 1; *s == used; s += 4) {
        if (digits_at(s + 1) != 3 || f->n + 3 > WFM_FIGURE_DIGITS)
            return NULL;
        memcpy(f->digits + f->n, s + 1, 3);
        f->n += 3;
    }
    return s;
}

static int read_digits(const token_t *token, wfm_reading_e reading, wfm_figure_t *f, int *grouped)
{
    char mark = reading == WFM_POINT_IS_DECIMAL ? '.' : ',';
    const char *s = read_whole(token->s, mark == '.' ? ',' : '.', f, grouped);
    int n;

    if (!s)
        return 0;
    f->exponent = 0;
    if (*s == mark) {
        n = digits_at(++s);
        if (f->n + n > WFM_FIGURE_DIGITS)
            return 0;
        memcpy(f->digits + f->n, s, (size_t)n);
        f->n += n;
        f->exponent = -n;
        s += n;
    }
    f->digits[f->n] = '\0';
    return f->n > 0 && !*s;
}

/* @return what follows; without an exponent that is s */
static const char *read_exponent(const char *s, const char *end, wfm_figure_t *f)
{
    const char *at = s + 1;
    int negative, exponent = 0;

    if (s == end || (*s != 'e' && *s != 'E'))
        return s;
    negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (!is_digit(at, end))
        return s;
    for (; is_digit(at, end); at++)
        exponent = exponent < 10000 ? 10 * exponent + (*at - '0') : exponent;
    f->exponent += negative ? -exponent : exponent;
    return at;
}

static int leading_zeros(const wfm_figure_t *f)
{
    int n = 0;

    while (f->digits[n] == '0')
        n++;
    return n;
}

static int is_zero(const wfm_figure_t *f)
{
    return leading_zeros(f) == f->n;
}

int wfm_figure_places(const wfm_figure_t *f)
{
    return is_zero(f) ? 0 : f->n - leading_zeros(f) + f->exponent;
}

/* A double holds it, neither as infinite nor as zero. (Without a point every locale reads it.) */
static int is_moderate(const wfm_figure_t *f)
{
    int first = f->n - leading_zeros(f) + f->exponent;
    char text[WFM_FIGURE_DIGITS + 32];
    double value;

    if (is_zero(f) || (first <= 300 && first > -300))
        return 1;
    snprintf(text, sizeof text, "%se%d", f->digits, f->exponent);
    value = strtod(text, NULL);
    return isfinite(value) && value > 0;
}

static int read_unit(const char *s, const char *end, wfm_figure_t *f)
{
    const char *unit = skip_blanks(s, end);

    f->unit = NULL;
    if (unit == end)
        return 1;
    while (end > unit && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    f->unit = wfm_unit_of_cell(unit, (apr_size_t)(end - unit), unit > s);
    return f->unit != NULL;
}

int wfm_figure_read(const char *text, apr_size_t len, wfm_reading_e reading, wfm_figure_t *f)
{
    const char *end = text + len, *s = skip_blanks(text, end), *after;
    token_t token;
    int grouped;

    s = read_sign(s, end, &f->negative);
    s = read_token(s, end, &token);
    if (!s || !token.n || !read_digits(&token, reading, f, &grouped))
        return 0;
    f->commas = strchr(token.s, ',') != NULL;
    f->points = strchr(token.s, '.') != NULL;
    after = read_exponent(s, end, f);
    if ((after > s && grouped) || !is_moderate(f))
        return 0;
    return read_unit(after, end, f);
}

int wfm_figures_equal(const wfm_figure_t *a, const wfm_figure_t *b)
{
    return a->negative == b->negative && a->exponent == b->exponent &&
           !strcmp(a->digits, b->digits);
}

/* ---- whole numbers ---- */

int wfm_figure_is_whole(const wfm_figure_t *f)
{
    int zeros = 0;

    while (zeros < f->n && f->digits[f->n - 1 - zeros] == '0')
        zeros++;
    return zeros == f->n || f->exponent + zeros >= 0;
}

int wfm_figure_whole(const wfm_figure_t *f, apr_int64_t *value)
{
    apr_int64_t magnitude = 0;
    int n = f->n + (f->exponent < 0 ? f->exponent : 0);

    if (!wfm_figure_is_whole(f) || n > 18 || f->exponent > 18 ||
        n + (f->exponent > 0 ? f->exponent : 0) > 18)
        return 0;
    for (int i = 0; i < n; i++)
        magnitude = 10 * magnitude + (f->digits[i] - '0');
    for (int i = 0; i < f->exponent; i++)
        magnitude *= 10;
    *value = f->negative ? -magnitude : magnitude;
    return 1;
}

/* ---- units ---- */

#define CONVERTED_DIGITS 15

/* Its digits become those of the value, which is positive. libc's own printf: apr's loses digits.
 * The point is the locale's; it is passed by. */
static void set_digits(wfm_figure_t *f, double value)
{
    char text[64], *end;

    snprintf(text, sizeof text, "%.*e", CONVERTED_DIGITS - 1, value);
    end = strchr(text, 'e');
    f->digits[0] = text[0];
    memcpy(f->digits + 1, end - (CONVERTED_DIGITS - 1), CONVERTED_DIGITS - 1);
    f->n = CONVERTED_DIGITS;
    f->exponent += atoi(end + 1) - (CONVERTED_DIGITS - 1);
    for (; f->n > 1 && f->digits[f->n - 1] == '0'; f->exponent++)
        f->n--;
    f->digits[f->n] = '\0';
}

/* (The digits alone are converted: whatever the exponent, no step of it leaves a double.) */
int wfm_figure_convert(wfm_figure_t *f, const wfm_unit_t *from, const wfm_unit_t *to)
{
    f->exponent += from->power - to->power;
    if (from->times != to->times && !is_zero(f))
        set_digits(f, strtod(f->digits, NULL) * from->times / to->times);
    return is_moderate(f);
}

/* ---- text ---- */

#define PLAIN_PLACES 40 /* further places are said by an exponent */

static char *put(char *o, const char *s, int n)
{
    memcpy(o, s, (size_t)n);
    return o + n;
}

static char *put_zeros(char *o, int n)
{
    memset(o, '0', (size_t)n);
    return o + n;
}

apr_size_t wfm_figure_text(const wfm_figure_t *f, char text[WFM_FIGURE_TEXT])
{
    const char *digits = f->digits;
    int n = f->n, places = -f->exponent;
    char *o = text;

    if (f->negative)
        *o++ = '-';
    for (; n > 1 && n > places + 1 && *digits == '0'; n--) /* 0.22e2 is no 022 */
        digits++;
    if (places > 0 && places <= n + PLAIN_PLACES) {
        o = n > places ? put(o, digits, n - places) : put(o, "0", 1);
        *o++ = '.';
        o = n > places ? put(o, digits + n - places, places)
                       : put(put_zeros(o, places - n), digits, n);
        *o = '\0';
        return (apr_size_t)(o - text);
    }
    for (; n > 1 && *digits == '0'; n--)
        digits++;
    o = put(o, digits, n);
    if (*digits == '0')
        *o = '\0';
    else if (f->exponent > 0 && f->exponent <= PLAIN_PLACES)
        *(o = put_zeros(o, f->exponent)) = '\0';
    else if (f->exponent)
        o += apr_snprintf(o, 16, "e%d", f->exponent);
    else
        *o = '\0';
    return (apr_size_t)(o - text);
}

int wfm_figure_is_missing(const char *text, apr_size_t len)
{
    static const char *const marks[] = {"",
                                        "-",
                                        "--",
                                        "\xe2\x80\x93",
                                        "\xe2\x80\x94",
                                        "n/a",
                                        "#n/a",
                                        "na",
                                        "nan",
                                        "+nan",
                                        "-nan",
                                        "inf",
                                        "+inf",
                                        "-inf",
                                        "none",
                                        "infinity",
                                        "+infinity",
                                        "-infinity",
                                        "undefined",
                                        "null",
                                        "[n/a]",
                                        "<na>",
                                        "nat",
                                        "n.a.",
                                        "#div/0!",
                                        "[not supported]"};
    const char *end = text + len, *s = skip_blanks(text, end);

    if (s < end && !strchr("-+#[<nNiIuU\xe2", *s)) /* no mark begins so */
        return 0;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i]) == (size_t)(end - s) && !strncasecmp(marks[i], s, (size_t)(end - s)))
            return 1;
    return 0;
}
