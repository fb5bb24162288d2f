/*
 * time.c - calendar arithmetic, and the two text forms of an instant.
 */
#include "time.h"
#include <apr_strings.h>

#define SECOND     APR_INT64_C(1000000) /* in microseconds */
#define MINUTE     (60 * SECOND)
#define DAY        (86400 * SECOND)
#define PG_EPOCH   (10957 * DAY)                        /* 2000-01-01 */
#define FIRST      (APR_INT64_C(-62135596800) * SECOND) /* 0001-01-01T00:00:00Z */
#define AFTER_LAST (APR_INT64_C(253402300800) * SECOND) /* 10000-01-01T00:00:00Z */

/** Days since 1970-01-01 of a civil date. */
static apr_int64_t days_from_civil(apr_int64_t y, int m, int d)
{
    apr_int64_t era, yoe, doy;

    y -= m <= 2; /* years start in March, so that a leap day is a year's last */
    era = (y >= 0 ? y : y - 399) / 400;
    yoe = y - era * 400;
    doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(apr_int64_t days, apr_int64_t *y, int *m, int *d)
{
    apr_int64_t z = days + 719468;
    apr_int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = (int)(z - era * 146097);
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;

    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2);
}

/* ---- reading ---- */

/** What is left to read. Each reader returns 1 and moves on, or 0. */
typedef struct reader_t {
    const char *s;
    const char *end;
} reader_t;

static int is_digit(const reader_t *c)
{
    return c->s < c->end && *c->s >= '0' && *c->s <= '9';
}

static int read_char(reader_t *c, char wanted)
{
    if (c->s == c->end || *c->s != wanted)
        return 0;
    c->s++;
    return 1;
}

/** Exactly n digits, of a value between low and high. */
static int read_number(reader_t *c, int n, int low, int high, int *v)
{
    for (*v = 0; n > 0; n--) {
        if (!is_digit(c))
            return 0;
        *v = *v * 10 + (*c->s++ - '0');
    }
    return *v >= low && *v <= high;
}

static int read_date(reader_t *c, apr_int64_t *days)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y, m, d, leap;

    if (!read_number(c, 4, 0, 9999, &y) || !read_char(c, '-') || !read_number(c, 2, 1, 12, &m) ||
        !read_char(c, '-') || !read_number(c, 2, 1, 31, &d))
        return 0;
    leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (d > month_days[m - 1] + (leap && m == 2))
        return 0;
    *days = days_from_civil(y, m, d);
    return 1;
}

/** HH:MM:SS and a fraction; a 60th second is read here and judged by the caller. */
static int read_clock(reader_t *c, wfm_time_t *t, int *second, int *inexact)
{
    wfm_time_t unit = SECOND;
    int h, m;

    if (!read_number(c, 2, 0, 23, &h) || !read_char(c, ':') || !read_number(c, 2, 0, 59, &m) ||
        !read_char(c, ':') || !read_number(c, 2, 0, 60, second))
        return 0;
    *t = (h * 60 + m) * MINUTE + *second * SECOND;
    *inexact = 0;
    if (!read_char(c, '.'))
        return 1;
    if (!is_digit(c))
        return 0;
    for (; is_digit(c); c->s++) {
        unit /= 10; /* 0 from the seventh digit on */
        *t += (*c->s - '0') * unit;
        *inexact |= unit == 0 && *c->s != '0';
    }
    return 1;
}

/** The sign of an offset: 1, -1, or 0 when there is none. */
static int read_sign(reader_t *c)
{
    return read_char(c, '+') ? 1 : read_char(c, '-') ? -1 : 0;
}

static int in_range(wfm_time_t t)
{
    return t >= FIRST && t < AFTER_LAST;
}

int wfm_time_parse(const char *s, apr_size_t len, wfm_time_t *t, int *inexact)
{
    reader_t c = {s, s + len};
    int second, cut, sign, h = 0, m = 0;
    apr_int64_t days;
    wfm_time_t v;

    if (!read_date(&c, &days) || !(read_char(&c, 'T') || read_char(&c, 't')) ||
        !read_clock(&c, &v, &second, &cut))
        return 0;
    if (!read_char(&c, 'Z') && !read_char(&c, 'z')) {
        if ((sign = read_sign(&c)) == 0 || !read_number(&c, 2, 0, 23, &h) || !read_char(&c, ':') ||
            !read_number(&c, 2, 0, 59, &m))
            return 0;
        v -= sign * (h * 60 + m) * MINUTE;
    }
    v += days * DAY;
    if (c.s != c.end || !in_range(v))
        return 0;
    /* A leap second ends an hour of UTC; as its 60th second it has carried into the next hour. */
    if (second == 60 && (v - FIRST) % (60 * MINUTE) >= SECOND)
        return 0;
    *t = v;
    if (inexact)
        *inexact = cut;
    return 1;
}

int wfm_time_parse_pg(const char *s, apr_size_t len, wfm_time_t *t)
{
    reader_t c = {s, s + len};
    int second, cut, sign, h, m = 0, offset_s = 0;
    apr_int64_t days;
    wfm_time_t v;

    if (!read_date(&c, &days) || !read_char(&c, ' ') || !read_clock(&c, &v, &second, &cut) ||
        second == 60 || (sign = read_sign(&c)) == 0 || !read_number(&c, 2, 0, 99, &h))
        return 0;
    if (read_char(&c, ':')) {
        if (!read_number(&c, 2, 0, 59, &m))
            return 0;
        if (read_char(&c, ':') && !read_number(&c, 2, 0, 59, &offset_s))
            return 0;
    }
    v += days * DAY - sign * ((h * 60 + m) * MINUTE + offset_s * SECOND);
    if (c.s != c.end || !in_range(v))
        return 0;
    *t = v;
    return 1;
}

int wfm_time_parse_pg_binary(const char *data, apr_size_t len, wfm_time_t *t)
{
    apr_uint64_t bits = 0;
    wfm_time_t v;

    if (len != 8)
        return 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | (unsigned char)data[i];
    v = (wfm_time_t)bits;
    /* looked at before it is added to: PostgreSQL's range, infinities aside, is wider than ours */
    if (v < FIRST - PG_EPOCH || v >= AFTER_LAST - PG_EPOCH)
        return 0;
    *t = v + PG_EPOCH;
    return 1;
}

/* ---- writing ---- */

/** v with at least `width` digits, zeros in front. */
static char *put_number(char *out, apr_int64_t v, int width)
{
    char text[20], *s = text + sizeof(text);

    for (; v > 0 || width > 0; v /= 10, width--)
        *--s = (char)('0' + v % 10);
    while (s < text + sizeof(text))
        *out++ = *s++;
    return out;
}

/** Date, separator, time of day; *fraction gets the microseconds that were not written. */
static char *put_instant(char *out, wfm_time_t t, char separator, int *fraction)
{
    apr_int64_t days = t / DAY, y;
    apr_int64_t rest = t % DAY;
    int m, d, s;

    if (rest < 0) {
        rest += DAY;
        days--;
    }
    civil_from_days(days, &y, &m, &d);
    out = put_number(out, y, 4);
    *out++ = '-';
    out = put_number(out, m, 2);
    *out++ = '-';
    out = put_number(out, d, 2);
    *out++ = separator;
    s = (int)(rest / SECOND);
    out = put_number(out, s / 3600, 2);
    *out++ = ':';
    out = put_number(out, s / 60 % 60, 2);
    *out++ = ':';
    *fraction = (int)(rest % SECOND);
    return put_number(out, s % 60, 2);
}

static char *put_fraction(char *out, int fraction)
{
    if (fraction == 0)
        return out;
    *out++ = '.';
    out = put_number(out, fraction, 6);
    while (out[-1] == '0')
        out--;
    return out;
}

apr_size_t wfm_time_format(wfm_time_t t, char *out)
{
    int fraction;
    char *s = put_instant(out, t, 'T', &fraction);

    s = put_fraction(s, fraction);
    *s++ = 'Z';
    *s = '\0';
    return (apr_size_t)(s - out);
}

apr_size_t wfm_time_format_seconds(wfm_time_t t, char *out)
{
    int fraction;
    char *s = put_instant(out, t, 'T', &fraction);

    *s++ = 'Z';
    *s = '\0';
    return (apr_size_t)(s - out);
}

const char *wfm_time_bind(apr_pool_t *p, wfm_time_t t)
{
    char text[WFM_TIME_TEXT], *s;
    int fraction;

    s = put_instant(text, t, ' ', &fraction);
    s = put_fraction(s, fraction);
    *s = '\0';
    return apr_pstrcat(p, text, "+00", NULL);
}

/* "2025-01-31 12:00:00[.ffffff]+00": PostgreSQL cuts off trailing zeros of a fraction as we do. */
static int is_usual(const char *s, apr_size_t len)
{
    static const char shape[] = "0000-00-00 00:00:00";
    apr_size_t size = sizeof shape - 1, end = len - 3;

    if (len < size + 3 || memcmp(s + end, "+00", 3) || (end != size && s[size] != '.'))
        return 0;
    for (apr_size_t i = 0; i < end; i++) {
        int digit = s[i] >= '0' && s[i] <= '9';

        if (i < size ? (shape[i] == '0' ? !digit : s[i] != shape[i]) : (i > size && !digit))
            return 0;
    }
    return len <= size + 3 + 7;
}

int wfm_time_is_pg(const char *s, apr_size_t len)
{
    apr_size_t year = 0;

    if ((len == 8 && !memcmp(s, "infinity", 8)) || (len == 9 && !memcmp(s, "-infinity", 9)))
        return 1;
    while (year < len && s[year] >= '0' && s[year] <= '9')
        year++;
    if (len > 3 && !memcmp(s + len - 3, " BC", 3))
        len -= 3;
    return year >= 4 && len >= year + 13 && s[year] == '-' && !memcmp(s + len - 3, "+00", 3);
}

apr_size_t wfm_time_format_pg(const char *s, apr_size_t len, char *out)
{
    wfm_time_t t;

    if (!is_usual(s, len))
        return wfm_time_parse_pg(s, len, &t) ? wfm_time_format(t, out) : 0;
    memcpy(out, s, len - 3);
    out[10] = 'T';
    out[len - 3] = 'Z';
    out[len - 2] = '\0';
    return len - 2;
}
