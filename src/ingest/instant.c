/*
 * instant.c - brings what files write into the form of RFC 3339, or counts from 1970.
 */
#include "instant.h"
#include <apr_strings.h>
#include <string.h>

#define MOST_BYTES 64

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static apr_size_t count_digits(const char *s, apr_size_t len)
{
    apr_size_t n = 0;

    while (n < len && is_digit(s[n]))
        n++;
    return n;
}

/* What stands behind date and time: "Z", "+01:00". */
static int has_offset(const char *text, apr_size_t len)
{
    return memchr(text + 10, 'Z', len - 10) || memchr(text + 10, 'z', len - 10) ||
           memchr(text + 10, '+', len - 10) || memchr(text + 10, '-', len - 10);
}

static int read_calendar(const char *s, apr_size_t len, wfm_time_t *t)
{
    char text[MOST_BYTES + sizeof ":00Z"];
    int offset = has_offset(s, len);
    const char *seconds = len == strlen("2025-01-31T12:00") && !offset ? ":00" : "";

    if (len == 10)
        apr_snprintf(text, sizeof text, "%.10sT00:00:00Z", s);
    else
        apr_snprintf(text, sizeof text, "%.10s%c%.*s%s%s", s, s[10] == ' ' ? 'T' : s[10],
                     (int)len - 11, s + 11, seconds, offset ? "" : "Z");
    return wfm_time_parse(text, strlen(text), t, NULL);
}

/* Up to 17 digits, and perhaps a fraction of seconds. */
static int read_count(const char *s, apr_size_t len, wfm_time_t *t)
{
    apr_size_t whole = count_digits(s, len), fraction = 0;
    apr_int64_t n = 0;

    if (!whole || whole > 17)
        return 0;
    for (apr_size_t i = 0; i < whole; i++)
        n = n * 10 + (s[i] - '0');
    if (whole < len) {
        if (s[whole] != '.' || whole > 11)
            return 0;
        fraction = count_digits(s + whole + 1, len - whole - 1);
        if (!fraction || whole + 1 + fraction != len)
            return 0;
    } else if (whole > 11) {
        *t = whole > 14 ? n : n * 1000;
        return 1;
    }
    for (apr_size_t i = 0; i < 6; i++)
        n = n * 10 + (i < fraction ? s[whole + 1 + i] - '0' : 0);
    *t = n;
    return 1;
}

int wfm_instant_read(const char *text, apr_size_t len, wfm_time_t *t)
{
    if (len > MOST_BYTES || memchr(text, '\0', len))
        return 0;
    if (len >= 10 && text[4] == '-')
        return read_calendar(text, len, t);
    return read_count(text, len, t);
}
