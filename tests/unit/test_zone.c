/*
 * test_zone.c - what may be the name of a time zone. Which zones there are only a database knows:
 * the integration tests ask for every name that one has.
 */
#include "core/zone.h"
#include "unit.h"
#include <string.h>

static void check(const char *const *names, size_t n, int expected)
{
    for (size_t i = 0; i < n; i++)
        if (wfm_zone_is_name(names[i], strlen(names[i])) != expected)
            expect_str(names[i], expected ? "a name" : "no name");
}

#define CHECK(names, expected) check(names, sizeof(names) / sizeof(*(names)), expected)

static void test_names(void)
{
    static const char *const good[] = {"UTC",
                                       "utc",
                                       "Etc/UTC",
                                       "Europe/Berlin",
                                       "europe/BERLIN",
                                       "America/Argentina/Buenos_Aires",
                                       "America/Port-au-Prince",
                                       "Etc/GMT",
                                       "Etc/GMT0",
                                       "Etc/GMT+0",
                                       "Etc/GMT-0",
                                       "Etc/GMT+12",
                                       "Etc/GMT-14",
                                       "GMT0",
                                       "GMT+0",
                                       "EST5EDT",
                                       "W-SU",
                                       "NZ-CHAT",
                                       "Zulu",
                                       "posix/Europe/Berlin",
                                       "posix/Etc/GMT-14",
                                       "posix/CET",
                                       "Mars/Phobos"};

    CHECK(good, 1);
}

static void test_no_names(void)
{
    static const char *const bad[] = {"",           "CEST",
                                      "PST",        "IST",
                                      "Z",          "now",
                                      "FOO+3",      "FOO3BAR",
                                      "Foo/Bar+3",  "Foo/Bar3",
                                      "EST6EDT",    "EST5",
                                      "GMT+1",      "GMT1",
                                      "+02",        "02:00",
                                      "-3",         "<+03>-3",
                                      "Etc/GMT+13", "Etc/GMT-15",
                                      "Etc/GMT+05", "Etc/GMT-00",
                                      "Etc/GMT1",   "Etc/GMT+1a",
                                      "Etc/GMT+1/", "Etc/GMT+100",
                                      " UTC",       "UTC ",
                                      "UTC\n",      "Europe",
                                      "right/UTC",  "RIGHT/UTC",
                                      "a/../b",     "Europe/K\xc3\xb6ln",
                                      "a'b/c",      "$1/b",
                                      "posix/CEST", "posix/",
                                      "posix/FOO+3"};
    char longest[300];

    CHECK(bad, 0);
    memset(longest, 'a', sizeof longest);
    longest[100] = '/';
    longest[255] = '\0';
    expect_int(wfm_zone_is_name(longest, 255), 1);
    longest[255] = 'a';
    longest[256] = '\0';
    expect_int(wfm_zone_is_name(longest, 256), 0);
    expect_int(wfm_zone_is_name("a/b\0c", 5), 0);
}

static void test_utc(void)
{
    static const char *const utc[] = {"UTC",     "utc",     "Etc/UTC",  "etc/Utc",   "GMT",
                                      "Etc/GMT", "Etc/UCT", "Zulu",     "GMT0",      "Etc/GMT+0",
                                      "GMT-0",   "UCT",     "Etc/Zulu", "Universal", "Greenwich"};
    static const char *const others[] = {"Europe/London", "Etc/GMT+1", "Etc/", "Africa/Abidjan",
                                         "WET",           "",          "UTCx", "posix/UTC"};

    for (size_t i = 0; i < sizeof utc / sizeof *utc; i++)
        expect_int(wfm_zone_is_utc(utc[i]), 1);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        expect_int(wfm_zone_is_utc(others[i]), 0);
}

static void test_abbreviations_of_zones(void)
{
    expect_str(wfm_zone_for_sql("CET"), "Europe/Brussels");
    expect_str(wfm_zone_for_sql("cet"), "Europe/Brussels");
    expect_str(wfm_zone_for_sql("EET"), "Europe/Athens");
    expect_str(wfm_zone_for_sql("Europe/Berlin"), "Europe/Berlin");
    expect_str(wfm_zone_for_sql("posix/CET"), "posix/CET");
}

SUITE(zone) = {
    {"names", test_names},      {"what is none", test_no_names},
    {"names of UTC", test_utc}, {"abbreviations that are names, too", test_abbreviations_of_zones},
    CU_TEST_INFO_NULL,
};
