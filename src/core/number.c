/*
 * number.c - which JSON numbers are passed on.
 */
#include "number.h"
#include <apr_strings.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS 400 /* a double's exact decimal expansion may have some 300 */

/** "0", "-0.00", "0e5": but numeric counts the places of a zero too, so no 0e-99999. */
static int is_zero(const char *digits)
{
    const char *exponent = digits + strspn(digits, "-0.");

    return strlen(exponent) <= strlen("e-999");
}

/**
 * May PostgreSQL's numeric take it? It holds far more than a double, but not everything that JSON
 * can write (1e999999, or 20 000 digits), and its complaint would come after the validation.
 */
static int is_moderate(json_object *v, const char *digits)
{
    double value = json_object_get_double(v);

    return strlen(digits) <= MAX_DIGITS && isfinite(value) && (value != 0 || is_zero(digits));
}

const char *wfm_number_text(apr_pool_t *p, json_object *v, const char **text)
{
    *text = apr_pstrdup(p, json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN));
    if (json_object_is_type(v, json_type_int))
        return NULL;
    if (json_object_is_type(v, json_type_double))
        return is_moderate(v, *text) ? NULL : "must not hold a number beyond the range of a double";
    return "must be a number";
}

typedef struct decimal_t {
    const char *s; /* digits, a point perhaps, digits */
    long whole;    /* digits before the point */
    long places;   /* and after it */
    long exponent;
} decimal_t;

static decimal_t read_decimal(const char *s)
{
    decimal_t d = {.s = s, .whole = (long)strspn(s, "0123456789")};
    const char *rest = s + d.whole;

    if (*rest == '.') {
        d.places = (long)strspn(rest + 1, "0123456789");
        rest += 1 + d.places;
    }
    d.exponent = *rest ? strtol(rest + 1, NULL, 10) : 0;
    return d;
}

/** The digit at a place counted from the first one; zeros go on at both ends. */
static char digit(const decimal_t *d, long at)
{
    if (at < 0 || at >= d->whole + d->places)
        return '0';
    return at < d->whole ? d->s[at] : d->s[at + 1];
}

/** What numeric_in and numeric_out do. The exponent is a double's, so this is short. */
static const char *without_exponent(apr_pool_t *p, const char *text)
{
    decimal_t d = read_decimal(text + (*text == '-'));
    long point = d.whole + d.exponent, at = 0;
    long shown = d.places > d.exponent ? d.places - d.exponent : 0;
    char *out = apr_palloc(p, (apr_size_t)(labs(point) + shown) + 4), *o = out;

    if (*text == '-' && text[1 + strspn(text + 1, "0.")] >= '1' &&
        text[1 + strspn(text + 1, "0.")] <= '9') /* a zero has no sign */
        *o++ = '-';
    while (at < point - 1 && digit(&d, at) == '0')
        at++;
    if (point <= 0)
        *o++ = '0';
    for (; at < point; at++)
        *o++ = digit(&d, at);
    if (shown)
        *o++ = '.';
    for (at = point; at < point + shown; at++)
        *o++ = digit(&d, at);
    *o = '\0';
    return out;
}

const char *wfm_number_jsonb(apr_pool_t *p, json_object *v, const char **text)
{
    const char *fault = wfm_number_text(p, v, text);

    if (!fault)
        *text = without_exponent(p, *text);
    return fault;
}

const char *wfm_number_shortest(apr_pool_t *p, const char *text)
{
    char *out = apr_pstrdup(p, without_exponent(p, text)), *end = out + strlen(out);

    if (strchr(out, '.')) {
        while (end[-1] == '0')
            end--;
        end -= end[-1] == '.';
        *end = '\0';
    }
    return out;
}
