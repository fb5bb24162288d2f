/*
 * test_time.c - instants against the C library's calendar (timegm, gmtime_r), and the forms
 * refused.
 */
#include "core/time.h"
#include "unit.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define US   APR_INT64_C(1000000)
#define FROM APR_INT64_C(-62135596800) /* seconds: 0001-01-01T00:00:00Z */
#define TO   APR_INT64_C(253402300799) /* seconds: 9999-12-31T23:59:59Z */

/** Parse; the instant, or -1 for "refused" (no test uses that instant). */
static wfm_time_t parse(const char *s, int *inexact)
{
    wfm_time_t t = -2; /* accepted, but nothing stored */

    return wfm_time_parse(s, strlen(s), &t, inexact) ? t : -1;
}

static const char *format(wfm_time_t t)
{
    char text[WFM_TIME_TEXT];
    apr_size_t len = wfm_time_format(t, text);

    expect_int((apr_int64_t)len, (apr_int64_t)strlen(text));
    return apr_pstrdup(unit_pool(), text);
}

/** What the C library makes of an instant, with years of four digits. */
static const char *library_text(apr_int64_t seconds, const char *separator)
{
    time_t when = (time_t)seconds;
    struct tm tm;

    gmtime_r(&when, &tm);
    return apr_psprintf(unit_pool(), "%04d-%02d-%02d%s%02d:%02d:%02d", tm.tm_year + 1900,
                        tm.tm_mon + 1, tm.tm_mday, separator, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/** One instant with some fraction and offset through every function here. */
static void check_instant(apr_int64_t seconds, int us, int offset)
{
    apr_pool_t *p = unit_pool();
    wfm_time_t t = seconds * US + us, parsed = -1;
    const char *plain = library_text(seconds, "T"), *fraction = "", *zone = "Z", *text;
    char out[WFM_TIME_TEXT];
    int inexact = 1;

    if (us) {
        fraction = apr_psprintf(p, ".%06d", us);
        while (fraction[strlen(fraction) - 1] == '0')
            fraction = apr_pstrndup(p, fraction, strlen(fraction) - 1);
    }
    expect_str(format(t), apr_pstrcat(p, plain, fraction, "Z", NULL));
    wfm_time_format_seconds(t, out);
    expect_str(out, apr_pstrcat(p, plain, "Z", NULL));
    text = apr_pstrcat(p, library_text(seconds, " "), fraction, "+00", NULL);
    expect_str(wfm_time_bind(p, t), text);
    expect_int(wfm_time_parse_pg(text, strlen(text), &parsed), 1);
    expect_int(parsed, t);

    if (offset)
        zone = apr_psprintf(p, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60,
                            abs(offset) % 60);
    text = apr_pstrcat(p, library_text(seconds + offset * 60, "T"), fraction, zone, NULL);
    expect_int(parse(text, &inexact), t);
    expect_int(inexact, 0);
}

static void test_random_instants(void)
{
    apr_uint64_t state = 42;
    int i;

    for (i = 0; i < 5000; i++) {
        /* A day's distance from either end, so that the offset stays within four-digit years. */
        apr_int64_t span = TO - FROM - 2 * 86400;
        apr_int64_t seconds =
            FROM + 86400 + (apr_int64_t)(unit_random(&state) % (apr_uint64_t)span);
        int us = unit_random(&state) % 3 ? (int)(unit_random(&state) % 1000000) : 0;
        int offset = (int)(unit_random(&state) % 2879) - 1439;

        check_instant(seconds, us, offset);
    }
}

static void test_boundary_instants(void)
{
    static const apr_int64_t seconds[] = {
        FROM,        TO,          0,           -1,         1,          86399,      86400, -86400,
        -86401,      951782399,   951782400,   951868800,  4107542399, 4107542400, /* 2000, 2100 */
        -2208988800, -2203891201, -2203891200, 1735689600, 1735689599, 2147483648,
    };
    unsigned i;

    for (i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        check_instant(seconds[i], 0, 0);
        check_instant(seconds[i], 1, 0);
        check_instant(seconds[i], 100000, 0);
        check_instant(seconds[i], 999999, 0);
    }
}

/** Every year's turn of February and of the year: the same days exist, and at the same instants. */
static void test_every_year(void)
{
    static const int days[][2] = {{1, 1}, {2, 28}, {2, 29}, {2, 30}, {3, 1}, {12, 31}, {12, 32}};
    int year, wrong = 0;
    unsigned i;

    for (year = 1; year <= 9999; year++) {
        for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
            struct tm tm = {
                .tm_year = year - 1900, .tm_mon = days[i][0] - 1, .tm_mday = days[i][1]};
            apr_int64_t seconds = timegm(&tm);
            int exists = tm.tm_mday == days[i][1]; /* timegm moves on from a day that is none */
            char text[WFM_TIME_TEXT], back[WFM_TIME_TEXT];
            wfm_time_t t = 0;

            apr_snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year, days[i][0],
                         days[i][1]);
            wrong += wfm_time_parse(text, strlen(text), &t, NULL) != exists;
            if (!exists)
                continue;
            wfm_time_format(t, back);
            wrong += t != seconds * US || strcmp(back, text) != 0;
        }
    }
    expect_int(wrong, 0);
}

static void test_accepted_forms(void)
{
    wfm_time_t noon = parse("2025-01-31T12:00:00Z", NULL);

    expect_int(noon, APR_INT64_C(1738324800) * US);
    expect_int(parse("2025-01-31t12:00:00z", NULL), noon);
    expect_int(parse("2025-01-31T12:00:00.000Z", NULL), noon);
    expect_int(parse("2025-01-31T12:00:00+00:00", NULL), noon);
    expect_int(parse("2025-01-31T12:00:00-00:00", NULL), noon);
    expect_int(parse("2025-01-31T14:00:00+02:00", NULL), noon);
    expect_int(parse("2025-01-31T06:30:00-05:30", NULL), noon);
    expect_int(parse("2025-02-01T11:59:00+23:59", NULL), noon);
    expect_int(parse("2025-01-31T12:00:00.5Z", NULL), noon + 500000);
    expect_int(parse("2025-01-31T12:00:00.000001Z", NULL), noon + 1);
}

static void test_leap_second(void)
{
    wfm_time_t next = parse("2017-01-01T00:00:00Z", NULL);

    expect_int(parse("2016-12-31T23:59:60Z", NULL), next);
    expect_int(parse("2016-12-31T23:59:60.25Z", NULL), next + 250000);
    expect_int(parse("2017-01-01T05:29:60+05:30", NULL), next);
    expect_int(parse("2016-12-31T23:58:60Z", NULL), -1);
    expect_int(parse("2017-01-01T05:59:60+05:30", NULL), -1);
    expect_int(parse("2016-12-31T23:59:61Z", NULL), -1);
    expect_int(parse("9999-12-31T23:59:60Z", NULL), -1); /* it is in the year 10000 */
}

static void test_fraction_finer_than_a_microsecond(void)
{
    wfm_time_t t = parse("2025-01-31T12:00:00.123456Z", NULL);
    int inexact = 0;

    expect_int(parse("2025-01-31T12:00:00.1234567Z", &inexact), t);
    expect_int(inexact, 1);
    expect_int(parse("2025-01-31T12:00:00.123456000000000000000000000Z", &inexact), t);
    expect_int(inexact, 0);
    expect_int(parse("2025-01-31T12:00:00.1234560000000000000000001Z", &inexact), t);
    expect_int(inexact, 1);
    /* Before 1970 the floor is still the earlier one. */
    expect_int(parse("1969-12-31T23:59:59.9999999Z", &inexact), -1); /* which is -1 us itself */
    expect_int(inexact, 1);
}

static const char *const refused[] = {
    "",
    "now",
    "infinity",
    "today",
    "2025-01-31",
    "2025-01-31T12:00:00",
    "2025-01-31 12:00:00Z",
    "2025-01-31T12:00Z",
    "2025-01-31T12:00:00.Z",
    "2025-01-31T12:00:00,5Z",
    "2025-01-31T12:00:00+02",
    "2025-01-31T12:00:00+0200",
    "2025-01-31T12:00:00 02:00",
    "2025-01-31T12:00:00+24:00",
    "2025-01-31T12:00:00+02:60",
    "2025-01-31T12:00:00+2:00",
    "2025-01-31T24:00:00Z",
    "2025-01-31T12:60:00Z",
    "2025-13-01T00:00:00Z",
    "2025-00-01T00:00:00Z",
    "2025-01-00T00:00:00Z",
    "2025-04-31T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "0000-12-31T23:59:59Z",
    "0001-01-01T00:00:00+00:01", /* in UTC, year 0 */
    "9999-12-31T23:59:59-00:01", /* in UTC, year 10000 */
    "10000-01-01T00:00:00Z",
    "25-01-31T12:00:00Z",
    "+2025-01-31T12:00:00Z",
    "-2025-01-31T12:00:00Z",
    "2025-1-31T12:00:00Z",
    " 2025-01-31T12:00:00Z",
    "2025-01-31T12:00:00Z ",
    "2025-01-31T12:00:00ZZ",
    "2025-01-31T12:00:00Z+00:00",
    "2025-01-31T1a:00:00Z",
    "1738324800",
    "20250131T120000Z",
    "2025-W05-5T12:00:00Z",
};

static void test_refused_forms(void)
{
    unsigned i;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        wfm_time_t t = 77;
        int inexact = 55;

        if (wfm_time_parse(refused[i], strlen(refused[i]), &t, &inexact))
            expect_str(refused[i], "(refused)");
        expect_int(t, 77); /* and nothing was stored */
        expect_int(inexact, 55);
    }
    expect_int(parse("0000-12-31T23:59:00-00:01", NULL), FROM * US);
    expect_int(parse("9999-12-31T23:59:59.999999Z", NULL), TO * US + 999999);
}

static void test_every_cut_is_refused(void)
{
    static const char text[] = "2025-01-31T12:00:00.125+02:00";
    wfm_time_t t;
    apr_size_t len;

    for (len = 0; len < sizeof(text) - 1; len++)
        expect_int(wfm_time_parse(text, len, &t, NULL), 0);
    expect_int(wfm_time_parse(text, len, &t, NULL), 1);
    expect_int(wfm_time_parse(text, sizeof(text), &t, NULL), 0); /* a NUL follows */
}

static wfm_time_t parse_pg(const char *s)
{
    wfm_time_t t = -2;

    return wfm_time_parse_pg(s, strlen(s), &t) ? t : -1;
}

static void test_postgresql_text(void)
{
    wfm_time_t noon = parse("2025-01-31T12:00:00Z", NULL);

    expect_int(parse_pg("2025-01-31 12:00:00+00"), noon);
    expect_int(parse_pg("2025-01-31 12:00:00.25+00"), noon + 250000);
    expect_int(parse_pg("2025-01-31 17:30:00+05:30"), noon);
    expect_int(parse_pg("2025-01-31 07:00:00-05"), noon);
    /* Local mean times of the 19th century: New York's offset is -04:56:02. */
    expect_int(parse_pg("1850-01-01 07:03:58-04:56:02"), parse("1850-01-01T12:00:00Z", NULL));
    expect_int(parse_pg("0001-01-01 00:00:00+00"), FROM * US);
}

static void test_postgresql_text_refused(void)
{
    static const char *const bad[] = {
        "",
        "infinity",
        "-infinity",
        "0044-03-15 12:00:00+00 BC",
        "10000-01-01 00:00:00+00",
        "294276-12-31 23:59:59+00",
        "9999-12-31 23:30:00-01",
        "0001-01-01 00:30:00+01",
        "2025-01-31T12:00:00+00",
        "2025-01-31 12:00:00",
        "2025-01-31 12:00:00+0",
        "2025-01-31 12:00:00+00:",
        "2025-01-31 12:00:00+00:00:",
        "2025-01-31 12:00:00+00:00:00:00",
        "2025-01-31 12:00:00Z",
        "2025-01-31 12:00:60+00",
        "2025-01-31",
        "Fri Jan 31 12:00:00 2025 UTC",
    };
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        wfm_time_t t = 77;

        if (wfm_time_parse_pg(bad[i], strlen(bad[i]), &t))
            expect_str(bad[i], "(refused)");
        expect_int(t, 77);
    }
}

/* Eight bytes, big-endian, microseconds since 2000-01-01. */
static int parse_binary(apr_int64_t since_2000, wfm_time_t *t)
{
    char data[8];

    for (int i = 0; i < 8; i++)
        data[i] = (char)((apr_uint64_t)since_2000 >> (56 - 8 * i));
    return wfm_time_parse_pg_binary(data, sizeof data, t);
}

static void test_postgresql_binary(void)
{
    static const struct {
        apr_int64_t since_2000;
        const char *text;
    } instants[] = {
        {0, "2000-01-01T00:00:00Z"},
        {1, "2000-01-01T00:00:00.000001Z"},
        {-1, "1999-12-31T23:59:59.999999Z"},
        {APR_INT64_C(791640000) * 1000000, "2025-01-31T12:00:00Z"},
        {APR_INT64_C(252455615999999999), "9999-12-31T23:59:59.999999Z"},
        {APR_INT64_C(-63082281600) * 1000000, "0001-01-01T00:00:00Z"},
    };
    char text[WFM_TIME_TEXT];
    wfm_time_t t;

    for (unsigned i = 0; i < sizeof instants / sizeof instants[0]; i++) {
        expect_int(parse_binary(instants[i].since_2000, &t), 1);
        wfm_time_format(t, text);
        expect_str(text, instants[i].text);
    }
}

static void test_postgresql_binary_refused(void)
{
    wfm_time_t t = 77;

    expect_int(parse_binary(APR_INT64_MAX, &t), 0);     /* infinity */
    expect_int(parse_binary(APR_INT64_MIN, &t), 0);     /* -infinity */
    expect_int(parse_binary(APR_INT64_MAX - 1, &t), 0); /* its microseconds since 1970 overflow */
    expect_int(parse_binary(APR_INT64_C(9223371331199999999), &t), 0); /* the year 294276 */
    expect_int(parse_binary(APR_INT64_MIN + 1, &t), 0);
    expect_int(parse_binary(APR_INT64_C(252455616000000000), &t), 0);
    expect_int(parse_binary(APR_INT64_C(-63082281600) * 1000000 - 1, &t), 0);
    expect_int(wfm_time_parse_pg_binary("1234567", 7, &t), 0);
    expect_int(t, 77);
}

/** What PostgreSQL prints, of every shape: the same as taken apart and put together. */
static void test_format_pg(void)
{
    static const char *const texts[] = {"2025-01-31 12:00:00+00",
                                        "2025-01-31 12:00:00.9+00",
                                        "0001-01-01 00:00:00.000001+00",
                                        "9999-12-31 23:59:59.999999+00",
                                        "2025-01-31 12:00:00+05:30",
                                        "2025-01-31 12:00:00.5-08",
                                        "10000-01-01 00:00:00+00",
                                        "0044-03-15 00:00:00+00 BC",
                                        "infinity",
                                        "-infinity",
                                        "",
                                        "+00",
                                        "2025-01-31 12:00:00",
                                        "2025-01-31T12:00:00+00",
                                        "2025-01-31 12:00:00x1+00",
                                        "2025-01-31 12:00:00.1234567+00"};

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char out[WFM_TIME_TEXT], expected[WFM_TIME_TEXT];
        apr_size_t len = wfm_time_format_pg(texts[i], strlen(texts[i]), out), size = 0;
        wfm_time_t t;

        if (wfm_time_parse_pg(texts[i], strlen(texts[i]), &t))
            size = wfm_time_format(t, expected);
        expect_int(len, size);
        if (len && size)
            expect_str(out, expected);
    }
    expect_int(wfm_time_format_pg("2025-01-31 12:00:00.5+00", 24, (char[WFM_TIME_TEXT]){0}), 22);
}

/* Of a session as it should be, and of what a session says whose settings were changed. */
static void test_is_pg(void)
{
    static const char *const ours[] = {
        "2025-01-31 12:00:00+00",
        "2025-01-31 12:00:00.5+00",
        "0001-01-01 00:00:00+00",
        "0044-03-15 12:00:00+00 BC",
        "12025-01-31 12:00:00+00",
        "infinity",
        "-infinity",
        "294276-12-31 23:59:59.999999+00",
    };
    static const char *const others[] = {
        "31.01.2025 12:00:00 UTC",
        "01/31/2025 12:00:00 UTC",
        "Fri Jan 31 12:00:00 2025 UTC",
        "2025-01-31 17:30:00+05:30",
        "2025-01-31 07:00:00-05",
        "2025-01-31 12:00:00",
        "2025-01-31T12:00:00Z",
        "",
        "now",
        "15.03.0044 12:00:00 UTC BC",
        "202-01-31 12:00:00+00",
        "2025-01-31+00",
        "infinity ",
        "2025",
        "+00",
    };

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        expect_str(wfm_time_is_pg(ours[i], strlen(ours[i])) ? ours[i] : "(no)", ours[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        expect_str(wfm_time_is_pg(others[i], strlen(others[i])) ? "(yes)" : others[i], others[i]);
}

SUITE(time) = {
    {"an instant as our sessions say it", test_is_pg},
    {"random instants", test_random_instants},
    {"boundary instants", test_boundary_instants},
    {"every year", test_every_year},
    {"accepted forms", test_accepted_forms},
    {"leap second", test_leap_second},
    {"a fraction finer than a microsecond", test_fraction_finer_than_a_microsecond},
    {"refused forms", test_refused_forms},
    {"every cut is refused", test_every_cut_is_refused},
    {"PostgreSQL's text", test_postgresql_text},
    {"PostgreSQL's text refused", test_postgresql_text_refused},
    {"PostgreSQL's binary form", test_postgresql_binary},
    {"PostgreSQL's binary form refused", test_postgresql_binary_refused},
    {"what PostgreSQL prints", test_format_pg},
    CU_TEST_INFO_NULL,
};
