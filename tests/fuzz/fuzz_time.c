/*
 * fuzz_time.c - RFC 3339 beside the C library's calendar, and every form back and forth.
 */
#include "core/time.h"
#include "fuzz.h"
#include "ingest/instant.h"
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int digits(const char *s, int n)
{
    return (int)strspn(s, "0123456789") >= n;
}

static int is_fixed_part(const char *s)
{
    return digits(s, 4) && s[4] == '-' && digits(s + 5, 2) && s[7] == '-' && digits(s + 8, 2) &&
           (s[10] == 'T' || s[10] == 't') && digits(s + 11, 2) && s[13] == ':' &&
           digits(s + 14, 2) && s[16] == ':' && digits(s + 17, 2);
}

/* Microseconds of the fraction at *s, and whether there was more. */
static int read_fraction(const char **s, int *more)
{
    int micros = 0, n = 0;

    *more = 0;
    if (**s != '.')
        return 0;
    for (++*s; **s >= '0' && **s <= '9'; ++*s, n++) {
        if (n < 6)
            micros = micros * 10 + (**s - '0');
        else
            *more |= **s != '0';
    }
    for (int i = n; i < 6; i++)
        micros *= 10;
    return n ? micros : -1;
}

/* Seconds that an offset is east of UTC; 1: it is none. */
static int read_offset(const char *s)
{
    int h, m;

    if (!strcmp(s, "Z") || !strcmp(s, "z"))
        return 0;
    if (strlen(s) != 6 || !strchr("+-", s[0]) || !digits(s + 1, 2) || s[3] != ':' ||
        !digits(s + 4, 2))
        return 1;
    h = atoi(s + 1);
    m = atoi(s + 4);
    if (h > 23 || m > 59)
        return 1;
    return (s[0] == '-' ? -60 : 60) * (h * 60 + m);
}

/* The instant, by timegm; 0: it is no RFC 3339 between the years 1 and 9999. */
static int other_parse(const char *s, wfm_time_t *t, int *inexact)
{
    struct tm tm = {0}, back;
    int micros, offset, leap;
    time_t seconds;

    if (strlen(s) < 20 || !is_fixed_part(s))
        return 0;
    tm.tm_year = atoi(s) - 1900;
    tm.tm_mon = atoi(s + 5) - 1;
    tm.tm_mday = atoi(s + 8);
    tm.tm_hour = atoi(s + 11);
    tm.tm_min = atoi(s + 14);
    tm.tm_sec = atoi(s + 17);
    leap = tm.tm_sec == 60;
    if (leap)
        tm.tm_sec = 59;
    back = tm;
    s += 19;
    seconds = timegm(&back);
    micros = read_fraction(&s, inexact);
    offset = read_offset(s);
    if (tm.tm_sec > 59 || tm.tm_mon != back.tm_mon || tm.tm_mday != back.tm_mday ||
        tm.tm_hour != back.tm_hour || tm.tm_min != back.tm_min || micros < 0 || offset == 1)
        return 0;
    seconds += leap - offset;
    if (leap && seconds % 3600)
        return 0;
    *t = (wfm_time_t)seconds * 1000000 + micros;
    return *t >= APR_INT64_C(-62135596800000000) && *t < APR_INT64_C(253402300800000000);
}

/* An instant in every form and back. */
static void check_forms(apr_pool_t *p, wfm_time_t t)
{
    char text[WFM_TIME_TEXT], whole[WFM_TIME_TEXT], data[8];
    apr_uint64_t bits = (apr_uint64_t)(t - APR_INT64_C(946684800000000));
    const char *bind = wfm_time_bind(p, t);
    wfm_time_t back = 0;
    int inexact = 1;

    must(wfm_time_format(t, text) == strlen(text));
    must(wfm_time_parse(text, strlen(text), &back, &inexact) && back == t && !inexact);
    must(wfm_time_format_seconds(t, whole) == 20 && !strncmp(whole, text, 19));
    must(wfm_time_parse_pg(bind, strlen(bind), &back) && back == t);
    for (int i = 7; i >= 0; i--, bits >>= 8)
        data[i] = (char)(bits & 255);
    must(wfm_time_parse_pg_binary(data, 8, &back) && back == t);
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    const char *text = fuzz_text(p, data, len);
    wfm_time_t t = 0, other = 0;
    int inexact = 0, other_inexact = 0;
    int ok = wfm_time_parse(data, len, &t, &inexact);

    if (ok && len <= 64) /* the time of a row may be written so, too */
        must(wfm_instant_read(data, len, &other) && other == t);
    else if (wfm_instant_read(data, len, &other))
        check_forms(p, other);
    must(ok == (strlen(text) == len && other_parse(text, &other, &other_inexact)));
    if (ok) {
        must(t == other);
        must(inexact == other_inexact);
        check_forms(p, t);
    }
    if (wfm_time_parse_pg(data, len, &t))
        check_forms(p, t);
    if (wfm_time_parse_pg_binary(data, len, &t))
        check_forms(p, t);
}
