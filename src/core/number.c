/*
 * number.c - which JSON numbers are passed on.
 */
#include "number.h"
#include <apr_strings.h>
#include <math.h>
#include <string.h>

#define MAX_DIGITS 400 /* a double's exact decimal expansion may have some 300 */

/**
 * json-c clamps integers that do not fit to the ends of its range. The clamped value would match
 * other rows than the client meant, so the ends, which may be clamped, are refused with the rest.
 */
static int may_be_clamped(json_object *v)
{
    return json_object_get_int64(v) == APR_INT64_MIN ||
           json_object_get_uint64(v) > (apr_uint64_t)APR_INT64_MAX;
}

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
        return may_be_clamped(v) ? "must not hold an integer beyond 64 bits" : NULL;
    if (json_object_is_type(v, json_type_double))
        return is_moderate(v, *text) ? NULL : "must not hold a number beyond the range of a double";
    return "must be a number";
}
