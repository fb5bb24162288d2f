/*
 * csv.c - quoting of CSV cells, and the guard against formulas.
 */
#include "csv.h"
#include <strings.h>

/* Which bytes need quotes, a bit for each delimiter. One look-up a byte: an export asks this of
 * every byte of its strings. */
enum { WITH_COMMA = 1, WITH_SEMICOLON = 2, WITH_TAB = 4, WITH_ANY = 7 };

static const unsigned char quoted_bytes[256] = {
    [','] = WITH_COMMA, [';'] = WITH_SEMICOLON, ['\t'] = WITH_TAB,
    ['"'] = WITH_ANY,   ['\r'] = WITH_ANY,      ['\n'] = WITH_ANY,
};

void wfm_csv_init(wfm_csv_t *c, wfm_out_t *out, char delimiter, int guard)
{
    c->out = out;
    c->delimiter = delimiter;
    c->quoted = quoted_bytes[(unsigned char)delimiter];
    c->guard = guard;
    c->column = 0;
    c->begun = 0;
}

/* ---- formulas ---- */

/* Bytes that a formula starts with; 0xEF may be the first of a full-width one. */
static const unsigned char formula_starts[256] = {
    ['='] = 1, ['+'] = 1, ['-'] = 1, ['@'] = 1, ['\t'] = 1, ['\r'] = 1, [0xEF] = 1,
};

static int is_sign(char c)
{
    return c == '+' || c == '-';
}

static const char *skip_digits(const char *s, const char *end)
{
    while (s < end && *s >= '0' && *s <= '9')
        s++;
    return s;
}

/* The groups of three digits behind the first digits; s itself where there are none. */
static const char *skip_groups(const char *s, const char *end, char group)
{
    while (s < end && *s == group && skip_digits(s + 1, end) == s + 4)
        s += 4;
    return s;
}

/* An exponent; s itself where there is none. */
static const char *skip_exponent(const char *s, const char *end)
{
    const char *digits = s + 1;

    if (s == end || (*s != 'e' && *s != 'E'))
        return s;
    if (digits < end && is_sign(*digits))
        digits++;
    end = skip_digits(digits, end);
    return end > digits ? end : s;
}

/* csv.h's number, behind its sign. */
static int is_number(const char *s, const char *end, char point, char group)
{
    const char *integer = s, *groups = skip_digits(s, end), *rest = skip_groups(groups, end, group);
    apr_size_t digits = (apr_size_t)(rest - integer);
    int grouped = rest > groups;

    if (grouped && (groups == integer || groups - integer > 3))
        return 0;
    if (rest < end && *rest == point) {
        s = rest + 1;
        rest = skip_digits(s, end);
        digits += (apr_size_t)(rest - s);
    }
    if (!digits)
        return 0;
    if (rest < end && *rest == '%')
        return rest + 1 == end;
    return (grouped ? rest : skip_exponent(rest, end)) == end;
}

static int is_full_width(const char *s, apr_size_t len)
{
    return len >= 3 && s[1] == '\xBC' && memchr("\x9D\x8B\x8D\xA0", s[2], 4);
}

int wfm_csv_is_formula(const wfm_csv_t *c, const char *text, apr_size_t len)
{
    const char *end = text + len;

    if (!len || !formula_starts[(unsigned char)*text])
        return 0;
    if (*text == '\xEF')
        return is_full_width(text, len);
    if (!is_sign(*text))
        return 1;
    if (len == 1)
        return *text == '+';
    return !is_number(text + 1, end, '.', ',') &&
           !(c->delimiter == ';' && is_number(text + 1, end, ',', '.'));
}

/* ---- quotes ---- */

static int is_edge_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int starts_with(const char *s, apr_size_t len, const char *start)
{
    apr_size_t n = strlen(start);

    return len >= n && !memcmp(s, start, n);
}

/* Would a reader take a file that starts with this for something else? */
static int is_mistakable(const char *s, apr_size_t len)
{
    return starts_with(s, len, "ID") || starts_with(s, len, "\xEF\xBB\xBF") || *s == '#' ||
           (len >= 4 && !strncasecmp(s, "sep=", 4));
}

static int needs_quotes(const wfm_csv_t *c, const char *s, apr_size_t len)
{
    apr_size_t i;

    if (len == 0 || is_edge_blank(s[0]) || is_edge_blank(s[len - 1]))
        return 1;
    for (i = 0; i < len; i++)
        if (quoted_bytes[(unsigned char)s[i]] & c->quoted)
            return 1;
    return !c->begun && is_mistakable(s, len);
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

static void write_text(wfm_csv_t *c, const char *text, apr_size_t len)
{
    int apostrophe = c->guard && wfm_csv_is_formula(c, text, len);

    if (needs_quotes(c, text, len)) {
        quoted(c->out, apostrophe, text, len);
        return;
    }
    if (apostrophe)
        wfm_out_char(c->out, '\'');
    wfm_out_mem(c->out, text, len);
}

void wfm_csv_cell(wfm_csv_t *c, const char *text, apr_size_t len)
{
    if (c->column++)
        wfm_out_char(c->out, c->delimiter);
    if (text)
        write_text(c, text, len);
    c->begun = 1;
}

void wfm_csv_row_end(wfm_csv_t *c)
{
    wfm_out_char(c->out, '\n');
    c->column = 0;
}
