/*
 * json_string.c - decodes a JSON string's escapes.
 */
#include "json_string.h"
#include <stdlib.h>
#include <string.h>

/* The four digits of a \u escape. */
static unsigned long read_unit(const char *s)
{
    char digits[5];

    memcpy(digits, s, 4);
    digits[4] = '\0';
    return strtoul(digits, NULL, 16);
}

char *wfm_json_put(char *o, unsigned long c)
{
    if (c < 0x80) {
        *o++ = (char)c;
        return o;
    }
    if (c < 0x800) {
        *o++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *o++ = (char)(0xE0 | c >> 12);
        } else {
            *o++ = (char)(0xF0 | c >> 18);
            *o++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *o++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *o++ = (char)(0x80 | (c & 0x3F));
    return o;
}

/* What follows a backslash. @return what follows that */
static const char *put_escape(const char *s, char **o)
{
    static const char names[] = "bfnrt", bytes[] = "\b\f\n\r\t";
    const char *name = strchr(names, *s);
    unsigned long c;

    if (*s != 'u') {
        *(*o)++ = name ? bytes[name - names] : *s;
        return s + 1;
    }
    c = read_unit(s + 1);
    s += 5;
    if (c >= 0xD800 && c <= 0xDBFF) { /* the other half follows */
        c = 0x10000 + ((c - 0xD800) << 10) + (read_unit(s + 2) - 0xDC00);
        s += 6;
    }
    *o = wfm_json_put(*o, c);
    return s;
}

char *wfm_json_unescape(char *to, const char *s, const char *end)
{
    while (s < end) {
        const char *escape = memchr(s, '\\', (size_t)(end - s));
        size_t n = (size_t)((escape ? escape : end) - s);

        memcpy(to, s, n);
        to += n;
        s += n;
        if (escape)
            s = put_escape(s + 1, &to);
    }
    return to;
}
