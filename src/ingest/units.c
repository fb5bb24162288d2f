/*
 * units.c - owns how a unit stands in a cell and in a name.
 */
#include "unit_list.h"
#include <string.h>
#include <strings.h>

#define UNIT_BYTES 32 /* no spelling is longer */

static int ends_in(const char *s, apr_size_t len, const char *end)
{
    apr_size_t n = strlen(end);

    return len > n && !strncasecmp(s + len - n, end, n);
}

/* "GB/sec" is "GB/s". */
static const wfm_unit_t *find_rate(const char *s, apr_size_t len, unsigned *flags)
{
    static const char *const ends[] = {"/sec", "/second", "/seconds"};
    char rate[UNIT_BYTES];

    for (int i = 0; i < 3; i++)
        if (len < sizeof rate && ends_in(s, len, ends[i])) {
            len -= strlen(ends[i]) - 2;
            memcpy(rate, s, len);
            rate[len - 1] = 's';
            return wfm_unit_find(rate, len, flags);
        }
    return wfm_unit_find(s, len, flags);
}

const wfm_unit_t *wfm_unit_of_cell(const char *text, apr_size_t len, int spaced)
{
    unsigned flags = 0;
    const wfm_unit_t *unit = len < UNIT_BYTES ? find_rate(text, len, &flags) : NULL;

    return spaced || !(flags & WFM_UNIT_SPACED) ? unit : NULL;
}

/* "latency (ms)": what stands in brackets at the end. */
static const char *bracketed(const char *name, apr_size_t *len)
{
    apr_size_t n = strlen(name);
    const char *open;

    if (!n || !strchr(")]", name[n - 1]))
        return NULL;
    open = strrchr(name, name[n - 1] == ')' ? '(' : '[');
    if (!open)
        return NULL;
    *len = (apr_size_t)(name + n - 1 - (open + 1));
    return open + 1;
}

static int is_between(char c)
{
    return c == '_' || c == ' ' || c == '-' || c == '.';
}

/* The last words of a name, from `s` on, as a unit is written: "tokens_per_s" is "tokens/s". */
static const wfm_unit_t *find_words(const char *s, unsigned *flags)
{
    char unit[UNIT_BYTES];
    apr_size_t n = 0;

    while (*s && n < sizeof unit - 1) {
        if (is_between(*s)) {
            if (!strncasecmp(s + 1, "per", 3) && is_between(s[4]))
                s += 4;
            unit[n++] = '/';
            s++;
        } else {
            unit[n++] = *s++;
        }
    }
    if (*s || !n)
        return NULL;
    return find_rate(unit, n, flags);
}

/* Where the last words begin: `words` of them. */
static const char *last_words(const char *name, int words)
{
    const char *s = name + strlen(name);

    while (s > name && (!is_between(s[-1]) || --words > 0))
        s--;
    return s;
}

const wfm_unit_t *wfm_unit_in_brackets(const char *name)
{
    apr_size_t len = 0;
    const char *in = bracketed(name, &len);
    unsigned flags = 0;

    return in && len && len < UNIT_BYTES ? find_rate(in, len, &flags) : NULL;
}

const wfm_unit_t *wfm_unit_of_name(const char *name)
{
    apr_size_t len = 0;
    const char *in = bracketed(name, &len);
    const wfm_unit_t *unit = NULL;
    unsigned flags = 0;

    if (in && len && len < UNIT_BYTES)
        return find_rate(in, len, &flags);
    for (int words = 3; words > 0 && !unit; words--)
        unit = find_words(last_words(name, words), &flags);
    return flags & WFM_UNIT_NO_NAME ? NULL : unit;
}

int wfm_units_agree(const wfm_unit_t *a, const wfm_unit_t *b)
{
    return !strcmp(a->name, b->name) || (a->family != WFM_UNIT_ALONE && a->family == b->family);
}
