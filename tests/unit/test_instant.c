/*
 * test_instant.c - the time of a row: the forms that are taken, and nothing else.
 */
#include "ingest/instant.h"
#include "unit.h"
#include <string.h>

static void expect_instant(const char *text, const char *rfc3339)
{
    char buf[WFM_TIME_TEXT] = "";
    wfm_time_t t;

    if (wfm_instant_read(text, strlen(text), &t))
        wfm_time_format(t, buf);
    unit_expect_str(__FILE__, __LINE__, text, buf, rfc3339);
}

static void test_forms(void)
{
    static const char noon[] = "2025-01-31T12:00:00Z";

    expect_instant("2025-01-31T12:00:00Z", noon);
    expect_instant("2025-01-31t12:00:00z", noon);
    expect_instant("2025-01-31T13:00:00+01:00", noon);
    expect_instant("2025-01-31 05:30:00-06:30", noon);
    expect_instant("2025-01-31 12:00:00", noon);
    expect_instant("2025-01-31T12:00", noon);
    expect_instant("2025-01-31 12:00", noon);
    expect_instant("2025-01-31 12:00:00.25", "2025-01-31T12:00:00.25Z");
    expect_instant("2025-01-31", "2025-01-31T00:00:00Z");
    expect_instant("2025-01-31T13:00+01:00", noon);
    expect_instant("2025-01-31T07:00:00-0500", noon);
    expect_instant("2025-01-31 13:00:00 +0100", noon);
    expect_instant("2025-01-31 12:00:00 UTC", noon);
    expect_instant("2025-01-31 12:00:00.5 GMT", "2025-01-31T12:00:00.5Z");
    expect_instant("2025-01-31 12:00 Z", noon);
    expect_instant("2025/01/31 12:00:00.123", "2025-01-31T12:00:00.123Z");
    expect_instant("2025/01/31", "2025-01-31T00:00:00Z");
    expect_instant("20250131-120000", noon);
    expect_instant("20250131_120000", noon);
    expect_instant("20250131T120000Z", noon);
    expect_instant("20250131T130000+0100", noon);
    expect_instant("20250131 120000", noon);
    expect_instant("20250131", "2025-01-31T00:00:00Z");
    expect_instant("2025-01-31 12:00:00+00", noon);
    expect_instant("2025-01-31 12:00:00.25-03", "2025-01-31T15:00:00.25Z");
    expect_instant("2025-01-31 12:00:00,25", "2025-01-31T12:00:00.25Z");
    expect_instant("20250131120000", noon);
    expect_instant("1738324800", noon);
    expect_instant("1738324800.5", "2025-01-31T12:00:00.5Z");
    expect_instant("1738324800.1234567", "2025-01-31T12:00:00.123456Z");
    expect_instant("1738324800000", noon);
    expect_instant("1738324800000000", noon);
    expect_instant("1738324800123456789", "2025-01-31T12:00:00.123456Z");
    expect_instant("100000000000000000", "1973-03-03T09:46:40Z");
    expect_instant("9223372036854775807", "2262-04-11T23:47:16.854775Z");
    expect_instant("99999999999", "5138-11-16T09:46:39Z");
    expect_instant("100000000000", "1973-03-03T09:46:40Z");
    expect_instant("0", "1970-01-01T00:00:00Z");
}

static void test_others(void)
{
    static const char long_fraction[] =
        "2025-01-31T12:00:00.000000000000000000000000000000000000000000000000000000000Z";
    static const char *const others[] = {"",
                                         "now",
                                         "yesterday",
                                         "infinity",
                                         "2025-02-30",
                                         "2025-13-01 00:00:00",
                                         "2025-01-31T25:00:00Z",
                                         "2025-01-31T",
                                         "2025-01-31x12:00:00",
                                         "2025-01-31T12",
                                         "2025-01-31 12:00.5",
                                         "2025-01-31 12:00:00 CET",
                                         "2025-01-31 12:00:00 ",
                                         "2025-01-31 12:00:00  Z",
                                         "2025-01-31 12:00:00.Z",
                                         "2025-01-31 12:00:00+1",
                                         "2025-01-31 12:00:00+01:00:00",
                                         "2025-01-31 12:00:00+2500",
                                         "2025-01-31 120000",
                                         "2025-01/31",
                                         "2025-01-31Z",
                                         "20251331",
                                         "20250230",
                                         "20250131-12:00:00",
                                         "20250131-12000",
                                         "20250131-250000",
                                         "20250131x120000",
                                         "20250131-",
                                         "2025-01-31T12:00:00ZZ",
                                         "31.01.2025",
                                         "01/31/2025",
                                         "-1",
                                         "1738324800.",
                                         "1738324800,5",
                                         "1738324800000.5",
                                         "1738324800s",
                                         ".5",
                                         "1e9",
                                         "9223372036854775808",
                                         "12345678901234567890",
                                         "20251331120000",
                                         "20250131250000",
                                         "20250131120000Z",
                                         "2025-01-31 12:00:00,",
                                         "2025-01-31 12:00:00.5,5",
                                         "2025-01-31 12:00:00+010",
                                         long_fraction};
    wfm_time_t t;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (wfm_instant_read(others[i], strlen(others[i]), &t))
            expect_str(others[i], "no instant");
    CU_ASSERT(!wfm_instant_read("2025-01-31\0T12:00:00Z", 21, &t));
}

static void test_looks(void)
{
    static const char *const marked[] = {"2025-01-31", "2025-01-31T12:00:00Z", "2025/01/31 12:00",
                                         "2025-02-30", "2025-01-31 12:00:00 CET"};
    static const char *const bare[] = {"20250131", "20250131-120000", "20250131T120000Z"};
    static const char *const none[] = {"",         "2025",        "1738324800",  "20250131120000",
                                       "20251331", "20250131-12", "2025-01-31x", "2025-01-31T",
                                       "2025-01-3"};

    for (size_t i = 0; i < sizeof marked / sizeof *marked; i++)
        expect_int(wfm_instant_looks(marked[i], strlen(marked[i])), WFM_INSTANT_MARKED);
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        expect_int(wfm_instant_looks(bare[i], strlen(bare[i])), WFM_INSTANT_BARE);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        expect_int(wfm_instant_looks(none[i], strlen(none[i])), WFM_INSTANT_NONE);
}

SUITE(instant) = {
    {"the forms that are taken", test_forms},
    {"nothing else is", test_others},
    {"what looks like one", test_looks},
    CU_TEST_INFO_NULL,
};
