/*
 * json_check.c - a recursive descent over JSON's grammar that builds nothing.
 *
 * Every reader stops on the first byte that cannot stand there, which is the position that the
 * client is told.
 */
#include "json_check.h"
#include "text.h"
#include <string.h>

typedef struct reader_t {
    const char *s;
    const char *end;
    int levels;        /* of nesting still allowed */
    apr_size_t values; /* still allowed */
    int too_deep;      /* it stands on a bracket too many */
    int too_many;      /* or on a value too many */
} reader_t;

static int check_value(reader_t *c);

static int at(const reader_t *c, char wanted)
{
    return c->s < c->end && *c->s == wanted;
}

static int take(reader_t *c, char wanted)
{
    if (!at(c, wanted))
        return 0;
    c->s++;
    return 1;
}

static void skip_space(reader_t *c)
{
    while (at(c, ' ') || at(c, '\t') || at(c, '\n') || at(c, '\r'))
        c->s++;
}

static int check_literal(reader_t *c, const char *word)
{
    for (; *word; word++)
        if (!take(c, *word))
            return 0;
    return 1;
}

/** One digit or more. */
static int check_digits(reader_t *c)
{
    const char *start = c->s;

    while (c->s < c->end && *c->s >= '0' && *c->s <= '9')
        c->s++;
    return c->s > start;
}

static int check_number(reader_t *c)
{
    take(c, '-');
    if (!take(c, '0') && !check_digits(c)) /* nothing may follow a leading zero */
        return 0;
    if (take(c, '.') && !check_digits(c))
        return 0;
    if (take(c, 'e') || take(c, 'E')) {
        if (!take(c, '+'))
            take(c, '-');
        return check_digits(c);
    }
    return 1;
}

static int hex_value(const reader_t *c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *d = c->s < c->end && *c->s ? strchr(digits, *c->s) : NULL;

    if (!d)
        return -1;
    return (int)(d - digits) < 16 ? (int)(d - digits) : (int)(d - digits) - 6;
}

/**
 * The four digits after \u. A high surrogate's must be followed by a low one's; `low` says that
 * this is the one that follows.
 */
static int check_unit(reader_t *c, int low)
{
    int i, digit, unit = 0, is_low;

    for (i = 0; i < 4; i++, c->s++) {
        if ((digit = hex_value(c)) < 0)
            return 0;
        unit = unit << 4 | digit;
        is_low = unit >= 0xDC && unit <= 0xDF;
        if ((i == 0 && low && unit != 0xD) || (i == 1 && low != is_low) || (i == 3 && unit == 0))
            return 0;
    }
    if (unit >= 0xD800 && unit <= 0xDBFF)
        return take(c, '\\') && take(c, 'u') && check_unit(c, 1);
    return 1;
}

static int check_escape(reader_t *c)
{
    if (take(c, 'u'))
        return check_unit(c, 0);
    if (c->s == c->end || *c->s == '\0' || !strchr("\"\\/bfnrt", *c->s))
        return 0;
    c->s++;
    return 1;
}

static int check_string(reader_t *c)
{
    apr_size_t n;

    if (!take(c, '"'))
        return 0;
    while (c->s < c->end && (unsigned char)*c->s >= 0x20) {
        if (take(c, '"'))
            return 1;
        if (take(c, '\\')) {
            if (!check_escape(c))
                return 0;
            continue;
        }
        n = 1;
        if ((unsigned char)*c->s >= 0x80 &&
            !wfm_text_sequence(c->s, (apr_size_t)(c->end - c->s), &n)) {
            c->s += n;
            return 0;
        }
        c->s += n;
    }
    return 0;
}

static int check_member(reader_t *c)
{
    if (!check_string(c))
        return 0;
    skip_space(c);
    return take(c, ':') && check_value(c);
}

/** An array's or object's inside, after its opening bracket and up to the closing one. */
static int check_items(reader_t *c, char close, int (*check_item)(reader_t *))
{
    skip_space(c);
    if (take(c, close))
        return 1;
    for (;;) {
        skip_space(c);
        if (!check_item(c))
            return 0;
        skip_space(c);
        if (take(c, close))
            return 1;
        if (!take(c, ','))
            return 0;
    }
}

static int check_container(reader_t *c)
{
    int ok;

    if (c->levels == 0) {
        c->too_deep = 1;
        return 0;
    }
    c->levels--;
    ok = take(c, '{') ? check_items(c, '}', check_member)
                      : take(c, '[') && check_items(c, ']', check_value);
    c->levels++;
    return ok;
}

static int check_value(reader_t *c)
{
    skip_space(c);
    if (c->s == c->end)
        return 0;
    if (c->values == 0) {
        c->too_many = 1;
        return 0;
    }
    c->values--;
    switch (*c->s) {
    case '{':
    case '[':
        return check_container(c);
    case '"':
        return check_string(c);
    case 't':
        return check_literal(c, "true");
    case 'f':
        return check_literal(c, "false");
    case 'n':
        return check_literal(c, "null");
    default:
        return check_number(c);
    }
}

wfm_json_verdict_e wfm_json_check(const char *text, apr_size_t len, int max_depth, apr_size_t *at)
{
    return wfm_json_check_bounded(text, len, max_depth, APR_SIZE_MAX, at);
}

wfm_json_verdict_e wfm_json_check_bounded(const char *text, apr_size_t len, int max_depth,
                                          apr_size_t max_values, apr_size_t *at)
{
    reader_t c = {.s = text, .end = text + len, .levels = max_depth, .values = max_values};

    if (check_value(&c)) {
        skip_space(&c);
        if (c.s == c.end)
            return WFM_JSON_VALID;
    }
    *at = (apr_size_t)(c.s - text);
    if (c.too_many)
        return WFM_JSON_TOO_MANY;
    return c.too_deep ? WFM_JSON_TOO_DEEP : WFM_JSON_INVALID;
}
