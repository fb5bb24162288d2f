/*
 * logtext.c - writes JSON strings that no reader of a log can be deceived by.
 *
 * httpd's own escaping in logs (\xhh) is not JSON's, and bytes above 127 in a log may be a
 * terminal's commands.
 */
#include "logtext.h"
#include "text.h"
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 6 /* of what a byte becomes: a unit of UTF-16 */

/* The code point of a well-formed sequence. */
static unsigned code_point(const unsigned char *s, apr_size_t n)
{
    static const unsigned masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned c = s[0] & masks[n];

    for (apr_size_t i = 1; i < n; i++)
        c = c << 6 | (s[i] & 0x3f);
    return c;
}

static char *write_unit(char *to, unsigned unit)
{
    return to + snprintf(to, 7, "\\u%04x", unit);
}

static char *write_code_point(char *to, unsigned c)
{
    if (c == '"' || c == '\\')
        *to++ = '\\';
    if (c >= 0x20 && c < 0x7f) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x10000)
        return write_unit(to, c);
    to = write_unit(to, 0xd800 + ((c - 0x10000) >> 10));
    return write_unit(to, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

const char *wfm_log_json(apr_pool_t *p, const char *text)
{
    apr_size_t len = text ? strlen(text) : 0;
    char *json, *to;

    if (!text)
        return "null";
    json = to = apr_palloc(p, len * LONGEST + 4); /* and its end, snprintf's too */
    *to++ = '"';
    for (const char *s = text, *end = text + len; s < end;) {
        apr_size_t n;
        int well_formed = wfm_text_sequence(s, (apr_size_t)(end - s), &n);

        to = write_code_point(to, well_formed ? code_point((const unsigned char *)s, n) : 0xfffd);
        s += n ? n : 1; /* what cannot stand there begins the next one, unless it was the first */
    }
    *to++ = '"';
    *to = '\0';
    return json;
}
