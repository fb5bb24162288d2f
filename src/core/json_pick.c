/*
 * json_pick.c - the scan over an object's text, and the unescaping of its strings.
 */
#include "json_pick.h"
#include "json_string.h"
#include <apr_hash.h>
#include <string.h>

struct wfm_pick_t {
    apr_pool_t *pool;
    apr_hash_t *places; /* a name's place among the names, as a pointer into them */
    const char *const *names;
    int count;
    char *scratch; /* of unescaped text */
    apr_size_t size;
};

wfm_pick_t *wfm_pick_make(apr_pool_t *p, const apr_array_header_t *names)
{
    wfm_pick_t *k = apr_pcalloc(p, sizeof *k);

    k->pool = p;
    k->places = apr_hash_make(p);
    k->names = (const char *const *)names->elts;
    k->count = names->nelts;
    for (int i = 0; i < k->count; i++)
        apr_hash_set(k->places, k->names[i], APR_HASH_KEY_STRING, &k->names[i]);
    return k;
}

static const char *skip_blank(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
        s++;
    return s;
}

/* From the opening quote to behind the closing one. */
static const char *skip_string(const char *s, const char *end)
{
    for (s++; s < end && *s != '"'; s++)
        if (*s == '\\')
            s++;
    return s < end ? s + 1 : end;
}

static const char *trim_blank(const char *start, const char *end)
{
    while (end > start && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n' || end[-1] == '\r'))
        end--;
    return end;
}

/* To behind the value that starts here: up to the comma or bracket that is not its own. */
static const char *skip_value(const char *s, const char *end)
{
    int depth = 0;

    while (s < end) {
        switch (*s) {
        case '"':
            s = skip_string(s, end);
            if (!depth)
                return s;
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (!depth)
                return s;
            if (!--depth)
                return s + 1;
            break;
        case ',':
            if (!depth)
                return s;
            break;
        }
        s++;
    }
    return end;
}

/* The value of \uXXXX's digits; what is no digit counts as 0. */
static unsigned hex4(const char *s)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++) {
        char c = s[i];

        v = v << 4 | (c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                      : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                      : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                             : 0);
    }
    return v;
}

/* The code point of a \u whose digits start at *s; a pair of surrogates is one. */
static unsigned code_point(const char **s, const char *end)
{
    unsigned c = hex4(*s);

    *s += 4;
    if (c >= 0xD800 && c < 0xDC00 && end - *s >= 6 && (*s)[0] == '\\' && (*s)[1] == 'u') {
        unsigned low = hex4(*s + 2);

        if (low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            *s += 6;
        }
    }
    return c;
}

static wfm_json_slice_t unescape(wfm_pick_t *k, const char *s, const char *end)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char *o;

    if ((apr_size_t)(end - s) > k->size) { /* no escape is shorter than what it stands for */
        k->size = 2 * (apr_size_t)(end - s);
        k->scratch = apr_palloc(k->pool, k->size);
    }
    for (o = k->scratch; s < end;) {
        const char *escape;

        if (*s != '\\' || end - s < 2) {
            *o++ = *s++;
        } else if (s[1] == 'u' && end - s >= 6) {
            s += 2;
            o = wfm_json_put(o, code_point(&s, end));
        } else {
            escape = memchr(from, s[1], sizeof from - 1);
            *o++ = escape ? to[escape - from] : s[1];
            s += 2;
        }
    }
    return (wfm_json_slice_t){k->scratch, (apr_size_t)(o - k->scratch)};
}

/* What stands between a string's quotes; most have no escape. */
static wfm_json_slice_t string_text(wfm_pick_t *k, const char *s, const char *end)
{
    s++;
    if (end > s && end[-1] == '"')
        end--;
    if (!memchr(s, '\\', (apr_size_t)(end - s)))
        return (wfm_json_slice_t){s, (apr_size_t)(end - s)};
    return unescape(k, s, end);
}

void wfm_pick_members(wfm_pick_t *k, const char *text, apr_size_t len, wfm_json_slice_t *values)
{
    const char *end = text + len, *s = skip_blank(text, end);

    memset(values, 0, (apr_size_t)k->count * sizeof *values);
    if (s >= end || *s != '{')
        return;
    s = skip_blank(s + 1, end);
    while (s < end && *s == '"') {
        const char *key = s, *value, *const * name;
        wfm_json_slice_t plain;

        s = skip_string(s, end);
        plain = string_text(k, key, s);
        name = apr_hash_get(k->places, plain.data, (apr_ssize_t)plain.len);
        s = skip_blank(s, end);
        if (s < end && *s == ':')
            s++;
        value = skip_blank(s, end);
        s = skip_value(value, end);
        if (name)
            values[name - k->names] =
                (wfm_json_slice_t){value, (apr_size_t)(trim_blank(value, s) - value)};
        s = skip_blank(s, end);
        if (s < end && *s == ',')
            s = skip_blank(s + 1, end);
    }
}

wfm_json_slice_t wfm_pick_text(wfm_pick_t *k, wfm_json_slice_t value)
{
    if (!value.data || !value.len || *value.data == 'n')
        return (wfm_json_slice_t){NULL, 0};
    if (*value.data != '"')
        return value;
    return string_text(k, value.data, value.data + value.len);
}
