/*
 * test_cover.c - how a range of time is cut into whole days and edges.
 */
#include "api/summaries.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

/* The cover of [start, end] (NULL: open) as "from..to", then each edge as " +lo..hi" or " -lo..hi";
 * "" where it holds no whole day. */
static const char *cover_of(const char *start, const char *end, unsigned flags)
{
    api_range_t range = {NULL, NULL};
    wfm_time_t from, to;
    const char *text;
    api_cover_t cover;

    if (start && wfm_time_parse(start, strlen(start), &from, NULL))
        range.start = &from;
    if (end && wfm_time_parse(end, strlen(end), &to, NULL))
        range.end = &to;
    if (!api_cover(unit_pool(), &range, flags, &cover))
        return "";
    text = apr_pstrcat(unit_pool(), cover.from, "..", cover.to, NULL);
    for (int i = 0; i < 2; i++)
        if (cover.edges[i][0])
            text = apr_pstrcat(unit_pool(), text, cover.minus[i] ? " -" : " +", cover.edges[i][0],
                               "..", cover.edges[i][1], NULL);
    return text;
}

static void test_whole_days(void)
{
    expect_str(cover_of(NULL, NULL, 0), "-infinity..infinity");
    expect_str(cover_of("2025-03-01T00:00:00Z", NULL, 0), "2025-03-01 00:00:00+00..infinity");
    expect_str(cover_of(NULL, "2025-03-01T23:59:59.999999Z", 0),
               "-infinity..2025-03-01 00:00:00+00");
    expect_str(cover_of("2025-03-01T00:00:00Z", "2025-03-01T23:59:59.999999Z", 0),
               "2025-03-01 00:00:00+00..2025-03-01 00:00:00+00");
}

static void test_edges(void)
{
    expect_str(cover_of("2025-03-01T00:00:00.000001Z", "2025-03-03T23:59:59.999998Z", 0),
               "2025-03-02 00:00:00+00..2025-03-02 00:00:00+00"
               " +2025-03-01 00:00:00.000001+00..2025-03-01 23:59:59.999999+00"
               " +2025-03-03 00:00:00+00..2025-03-03 23:59:59.999998+00");
    expect_str(cover_of(NULL, "2025-03-03T00:00:00Z", 0),
               "-infinity..2025-03-02 00:00:00+00"
               " +2025-03-03 00:00:00+00..2025-03-03 00:00:00+00");
    expect_str(cover_of("1969-12-30T18:00:00Z", "1970-01-01T06:00:00Z", 0),
               "1969-12-31 00:00:00+00..1969-12-31 00:00:00+00"
               " +1969-12-30 18:00:00+00..1969-12-30 23:59:59.999999+00"
               " +1970-01-01 00:00:00+00..1970-01-01 06:00:00+00");
}

static void test_no_whole_day(void)
{
    expect_str(cover_of("2025-03-01T00:00:00Z", "2025-03-01T23:59:59Z", 0), "");
    expect_str(cover_of("2025-03-01T00:00:01Z", "2025-03-02T23:59:59Z", 0), "");
    expect_str(cover_of("9999-12-31T00:00:01Z", NULL, 0), "");
    expect_str(cover_of(NULL, "0001-01-01T00:00:00Z", 0), "");
}

/* The smaller part of an edge's day is looked at: added, or taken away from the whole day. */
static void test_subtracted(void)
{
    expect_str(cover_of("2025-03-01T06:00:00Z", "2025-03-01T23:59:59Z", API_COVER_SUBTRACT),
               "2025-03-01 00:00:00+00..2025-03-01 00:00:00+00"
               " -2025-03-01 00:00:00+00..2025-03-01 05:59:59.999999+00"
               " -2025-03-01 23:59:59.000001+00..2025-03-01 23:59:59.999999+00");
    expect_str(cover_of("2025-03-01T18:00:00Z", "2025-03-03T06:00:00Z", API_COVER_SUBTRACT),
               "2025-03-02 00:00:00+00..2025-03-02 00:00:00+00"
               " +2025-03-01 18:00:00+00..2025-03-01 23:59:59.999999+00"
               " +2025-03-03 00:00:00+00..2025-03-03 06:00:00+00");
    expect_str(cover_of("2025-03-01T12:00:00Z", "2025-03-01T18:00:00Z", API_COVER_SUBTRACT), "");
}

static void test_sayable(void)
{
    expect_str(cover_of(NULL, NULL, API_COVER_SAYABLE),
               "0001-01-01 00:00:00+00..9999-12-31 00:00:00+00");
    expect_str(cover_of("2025-03-01T00:00:00Z", NULL, API_COVER_SAYABLE),
               "2025-03-01 00:00:00+00..9999-12-31 00:00:00+00");
}

SUITE(cover) = {
    {"whole days", test_whole_days}, {"edges", test_edges},     {"no whole day", test_no_whole_day},
    {"subtracted", test_subtracted}, {"sayable", test_sayable}, CU_TEST_INFO_NULL,
};
