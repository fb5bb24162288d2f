/*
 * csv.c - quoting of CSV cells, and the guard against formulas.
 */
#include "csv.h"

void wfm_csv_init(wfm_csv_t *c, wfm_out_t *out, int guard)
{
    c->out = out;
    c->guard = guard;
    c->column = 0;
}

static const char *skip_digits(const char *s, const char *end)
{
    while (s < end && *s >= '0' && *s <= '9')
        s++;
    return s;
}

/** [+-]? (digits [. digits?] | . digits) ([eE] [+-]? digits)?  and nothing else */
static int is_number(const char *s, apr_size_t len)
{
    const char *end = s + len, *start;
    apr_size_t digits;

    if (s < end && (*s == '+' || *s == '-'))
        s++;
    start = s;
    s = skip_digits(s, end);
    digits = (apr_size_t)(s - start);
    if (s < end && *s == '.') {
        start = ++s;
        s = skip_digits(s, end);
        digits += (apr_size_t)(s - start);
    }
    if (digits == 0)
        return 0;
    if (s < end && (*s == 'e' || *s == 'E')) {
        s++;
        if (s < end && (*s == '+' || *s == '-'))
            s++;
        start = s;
        s = skip_digits(s, end);
        if (s == start)
            return 0;
    }
    return s == end;
}

int wfm_csv_is_formula(const char *text, apr_size_t len)
{
    return len > 0 && memchr("=+-@\t\r", text[0], 6) && !is_number(text, len);
}

static int is_edge_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* One look-up a byte: an export asks this of every byte of its strings. */
static const unsigned char quoted_bytes[256] = {[','] = 1, ['"'] = 1, ['\r'] = 1, ['\n'] = 1};

static int needs_quotes(const char *s, apr_size_t len)
{
    apr_size_t i;

    if (len == 0 || is_edge_blank(s[0]) || is_edge_blank(s[len - 1]))
        return 1;
    for (i = 0; i < len; i++)
        if (quoted_bytes[(unsigned char)s[i]])
            return 1;
    return 0;
}

static void quoted(wfm_out_t *o, int apostrophe, const char *s, apr_size_t len)
{
    const char *end = s + len, *q;

    wfm_out_char(o, '"');
    if (apostrophe)
        wfm_out_char(o, '\'');
    while ((q = memchr(s, '"', (apr_size_t)(end - s)))) {
        wfm_out_mem(o, s, (apr_size_t)(q + 1 - s));
        wfm_out_char(o, '"');
        s = q + 1;
    }
    wfm_out_mem(o, s, (apr_size_t)(end - s));
    wfm_out_char(o, '"');
}

void wfm_csv_cell(wfm_csv_t *c, const char *text, apr_size_t len)
{
    int apostrophe;

    if (c->column++)
        wfm_out_char(c->out, ',');
    if (!text)
        return;
    apostrophe = c->guard && wfm_csv_is_formula(text, len);
    if (needs_quotes(text, len)) {
        quoted(c->out, apostrophe, text, len);
        return;
    }
    if (apostrophe)
        wfm_out_char(c->out, '\'');
    wfm_out_mem(c->out, text, len);
}

void wfm_csv_row_end(wfm_csv_t *c)
{
    wfm_out_char(c->out, '\n');
    c->column = 0;
}
