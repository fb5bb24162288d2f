/*
 * instant.c - brings what files write into the form of RFC 3339, or counts from 1970.
 */
#include "instant.h"
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#define MOST_BYTES 64
#define DAY_DIGITS 8                     /* 20250131 */
#define LATEST     "9223372036854775807" /* nanoseconds */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static apr_size_t count_digits(const char *s, const char *end)
{
    const char *start = s;

    while (s < end && is_digit(*s))
        s++;
    return (apr_size_t)(s - start);
}

/* @param form '0' is a digit, others are themselves */
static int begins(const char *s, const char *end, const char *form)
{
    for (; *form; s++, form++)
        if (s == end || (*form == '0' ? !is_digit(*s) : *s != *form))
            return 0;
    return 1;
}

static int is_form(const char *s, const char *end, const char *form)
{
    return begins(s, end, form) && (apr_size_t)(end - s) == strlen(form);
}

static int is_marked(const char *s, const char *end)
{
    return begins(s, end, "0000-00-00") || begins(s, end, "0000/00/00");
}

/* Of 14 digits a count would be of milliseconds after the year 2286. */
static int is_digits_alone(const char *s, const char *end)
{
    return is_form(s, end, "00000000000000");
}

/* "20250131-120000": without marks. Behind a date alone nothing stands. */
static int is_bare(const char *s, const char *end)
{
    return is_form(s, end, "00000000") ||
           (end - s > DAY_DIGITS && begins(s, end, "00000000") && strchr("-_Tt ", s[DAY_DIGITS]) &&
            begins(s + DAY_DIGITS + 1, end, "000000"));
}

/* ---- calendars ---- */

/* The time of the day, as RFC 3339 has it. @return what follows; NULL: it is none */
static const char *read_clock(const char *s, const char *end, int bare, char *clock)
{
    apr_size_t n;

    if (bare) {
        apr_snprintf(clock, MOST_BYTES, "%.2s:%.2s:%.2s", s, s + 2, s + 4);
        return s + strlen("120000");
    }
    if (!begins(s, end, "00:00"))
        return NULL;
    n = strlen("00:00");
    if (!begins(s, end, "00:00:00")) {
        apr_snprintf(clock, MOST_BYTES, "%.5s:00", s);
        return s + n;
    }
    n = strlen("00:00:00");
    if (begins(s + n, end, ".0") || begins(s + n, end, ",0"))
        n += 1 + count_digits(s + n + 1, end);
    apr_snprintf(clock, MOST_BYTES, "%.*s", (int)n, s);
    if (clock[strlen("00:00:00")] == ',')
        clock[strlen("00:00:00")] = '.';
    return s + n;
}

/* All that follows: the offset. @return 0: it is none */
static int read_offset(const char *s, const char *end, char offset[8])
{
    static const char *const utc[] = {"Z", "UTC", "GMT"};

    memcpy(offset, "Z", 2);
    if (s == end)
        return 1;
    s += *s == ' ' && end - s > 1;
    for (int i = 0; i < 3; i++)
        if (strlen(utc[i]) == (apr_size_t)(end - s) &&
            !strncasecmp(utc[i], s, (apr_size_t)(end - s)))
            return 1;
    if (*s != '+' && *s != '-')
        return 0;
    if (is_form(s + 1, end, "00:00"))
        apr_snprintf(offset, 8, "%.6s", s);
    else if (is_form(s + 1, end, "0000"))
        apr_snprintf(offset, 8, "%.3s:%.2s", s, s + 3);
    else if (is_form(s + 1, end, "00"))
        apr_snprintf(offset, 8, "%.3s:00", s);
    else
        return 0;
    return 1;
}

static int read_calendar(const char *s, const char *end, int bare, wfm_time_t *t)
{
    char text[2 * MOST_BYTES], clock[MOST_BYTES] = "00:00:00", offset[8] = "Z";
    const char *month = s + (bare ? 4 : 5), *day = month + (bare ? 2 : 3), *at = day + 2;

    if (at < end) {
        at += !is_digits_alone(s, end);
        if ((!bare && !strchr("Tt ", at[-1])) || !(at = read_clock(at, end, bare, clock)) ||
            !read_offset(at, end, offset))
            return 0;
    }
    apr_snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%s%s", s, month, day, clock, offset);
    return wfm_time_parse(text, strlen(text), t, NULL);
}

/* ---- counts ---- */

/* What is counted is told by how many digits there are. */
static wfm_time_t in_microseconds(apr_int64_t n, apr_size_t digits)
{
    return digits > 17 ? n / 1000 : digits > 14 ? n : n * 1000;
}

/* Up to 19 digits, and perhaps a fraction of seconds. */
static int read_count(const char *s, const char *end, wfm_time_t *t)
{
    apr_size_t len = (apr_size_t)(end - s), whole = count_digits(s, end), fraction = 0;
    apr_int64_t n = 0;

    if (!whole || whole > strlen(LATEST) ||
        (whole == strlen(LATEST) && memcmp(s, LATEST, whole) > 0))
        return 0;
    for (apr_size_t i = 0; i < whole; i++)
        n = n * 10 + (s[i] - '0');
    if (whole < len) {
        if (s[whole] != '.' || whole > 11)
            return 0;
        fraction = count_digits(s + whole + 1, end);
        if (!fraction || whole + 1 + fraction != len)
            return 0;
    } else if (whole > 11) {
        *t = in_microseconds(n, whole);
        return 1;
    }
    for (apr_size_t i = 0; i < 6; i++)
        n = n * 10 + (i < fraction ? s[whole + 1 + i] - '0' : 0);
    *t = n;
    return 1;
}

int wfm_instant_read(const char *text, apr_size_t len, wfm_time_t *t)
{
    const char *end = text + len;

    if (len > MOST_BYTES || memchr(text, '\0', len))
        return 0;
    if (is_marked(text, end) || is_bare(text, end) || is_digits_alone(text, end))
        return read_calendar(text, end, !is_marked(text, end), t);
    return read_count(text, end, t);
}

wfm_instant_e wfm_instant_looks(const char *text, apr_size_t len)
{
    const char *end = text + len, *clock = text + strlen("2025-01-31T");
    wfm_time_t t;

    if (len < DAY_DIGITS || !is_digit(*text)) /* most cells */
        return WFM_INSTANT_NONE;
    if (is_marked(text, end))
        return clock > end ||
                       ((clock[-1] == 'T' || clock[-1] == ' ') && begins(clock, end, "00:00"))
                   ? WFM_INSTANT_MARKED
                   : WFM_INSTANT_NONE;
    return is_bare(text, end) && wfm_instant_read(text, len, &t) ? WFM_INSTANT_BARE
                                                                 : WFM_INSTANT_NONE;
}
