/*
 * test_media.c - the charset of a Content-Type, the codings of a Content-Encoding.
 */
#include "core/media.h"
#include "unit.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void test_charset(void)
{
    static const char *const utf8[] = {
        "application/json",
        "application/json;",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
        "application/json; Charset=Utf-8 ; x=y",
        "application/json; x=\"a;charset=latin1\"; charset=utf-8",
        "application/json; charset=us-ascii",
        "application/json; charset=utf8",
        "application/json; version=1",
        "application/json; charset",
        "application/json; xcharset=latin1",
        "application/json; ;; charset=utf-8",
    };
    static const char *const others[] = {
        "application/json; charset=utf-16",
        "application/json; charset=utf-8x",
        "application/json; charset=utf",
        "application/json; charset=",
        "application/json; charset=\"\"",
        "application/json; charset=\"iso-8859-1",
        "application/json;CHARSET=ISO-8859-1;x=y",
        "application/json; x=y;charset=\"iso-8859-1\"",
        "application/json; charset=utf-8; charset=utf-16",
    };

    for (size_t i = 0; i < COUNT(utf8); i++)
        expect_int(wfm_media_is_utf8(utf8[i]), 1);
    for (size_t i = 0; i < COUNT(others); i++)
        expect_int(wfm_media_is_utf8(others[i]), 0);
}

static void test_type(void)
{
    expect_int(wfm_media_is("text/csv", "text/csv"), 1);
    expect_int(wfm_media_is("\tText/CSV ;a=b", "text/csv"), 1);
    expect_int(wfm_media_is("text/csvx", "text/csv"), 0);
    expect_int(wfm_media_is("text/cs", "text/csv"), 0);
    expect_int(wfm_media_is("text/csv,a/b", "text/csv"), 0);
    expect_int(wfm_media_is("", "text/csv"), 0);
}

static void test_codings(void)
{
    static const char *const none[] = {
        "", " ", ",", "identity", " IDENTITY\t", "identity, identity", ", identity,"};
    static const char *const some[] = {"gzip",           "identity, gzip", "gzip,identity", "br",
                                       "identityx",      "iden",           "x-gzip",        "*",
                                       "identity gzip,", "\"identity\""};

    for (size_t i = 0; i < COUNT(none); i++)
        expect_int(wfm_media_is_identity(none[i]), 1);
    for (size_t i = 0; i < COUNT(some); i++)
        expect_int(wfm_media_is_identity(some[i]), 0);
}

static void test_gzip(void)
{
    static const char *const gzip[] = {"gzip", "x-gzip", " GZip ", "identity, gzip", "gzip,,"};
    static const char *const others[] = {"", "identity", "gzip, gzip", "gzip, br", "br", "gzipx"};

    for (size_t i = 0; i < COUNT(gzip); i++)
        expect_int(wfm_media_is_gzip(gzip[i]), 1);
    for (size_t i = 0; i < COUNT(others); i++)
        expect_int(wfm_media_is_gzip(others[i]), 0);
}

#define OPEN "application/openmetrics-text"

static void test_wishes(void)
{
    static const struct {
        const char *accept;
        int quality, named; /* of OPEN, version 1.0.0 */
    } cases[] = {
        {NULL, 1000, 0},
        {"", 0, 0},
        {"*/*", 1000, 0},
        {"application/*", 1000, 0},
        {"application/*;q=0.2, */*", 200, 0},
        {OPEN, 1000, 1},
        {"APPLICATION/OpenMetrics-TEXT", 1000, 1},
        {OPEN ";version=1.0.0", 1000, 1},
        {OPEN " ; version=\"1.0.0\" ; q=0.5 , text/plain", 500, 1},
        {OPEN ";version=0.0.1", 0, 0},
        {OPEN ";version=0.0.1;q=0.9," OPEN ";version=1.0.0;q=0.4", 400, 1},
        {OPEN ";version=1.0.0;escaping=allow-utf-8;q=0.6," OPEN ";version=0.0.1;q=0.5,*/*;q=0.2",
         600, 1},
        {"*/*, " OPEN ";q=0", 0, 1}, /* anything but this */
        {OPEN ";q=0.1," OPEN ";q=0.30", 300, 1},
        {OPEN ";q=1.000", 1000, 1},
        {OPEN ";q=0.001", 1, 1},
        {OPEN ";", 1000, 1}, /* a semicolon without a parameter is none */
        {OPEN "; ;q=0.5 ; , */*", 500, 1},
        {OPEN ";note=\"a,b;c\\\"\";q=0.7", 700, 1},
        /* what is malformed says nothing */
        {OPEN ";q=2", 0, 0},
        {OPEN ";q=1.1", 0, 0},
        {OPEN ";q=-1", 0, 0},
        {OPEN ";q=0.1234", 0, 0},
        {OPEN ";q=", 0, 0},
        {OPEN ";q", 0, 0},
        {OPEN " x", 0, 0},
        {OPEN "x", 0, 0},
        {"application", 0, 0},
        {"*", 0, 0},
        {"application/openmetrics", 0, 0},
        {"text/plain", 0, 0},
        {",,;,=,\",;q=1", 0, 0},
        {OPEN ";version=\"1.0.0", 1000, 1},
        {"x;a=\"," OPEN, 0, 0}, /* inside quotes that do not end */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        wfm_media_preference_t preference = wfm_media_preference(cases[i].accept, OPEN, "1.0.0");

        if (preference.quality != cases[i].quality || preference.named != cases[i].named)
            expect_str(cases[i].accept, "another preference");
        expect_int(preference.quality, cases[i].quality);
        expect_int(preference.named, cases[i].named);
    }
}

static void test_json(void)
{
    static const char *const json[] = {"application/json",
                                       "APPLICATION/JSON",
                                       "application/json; charset=utf-8",
                                       "application/json;charset=UTF-8",
                                       "application/json ; q=1",
                                       " application/json",
                                       "application/merge-patch+json",
                                       "application/vnd.api+JSON;v=1"};
    static const char *const other[] = {"",
                                        "text/plain",
                                        "text/json",
                                        "application/x-www-form-urlencoded",
                                        "application/jsonp",
                                        "application/xml+jsonx",
                                        "application/+json",
                                        "application/json+xml",
                                        "application/json x",
                                        "application/",
                                        "json",
                                        "application/xml; x=+json",
                                        "multipart/form-data"};
    unsigned i;

    for (i = 0; i < sizeof(json) / sizeof(json[0]); i++)
        expect_int(wfm_media_is_json(json[i]), 1);
    for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        expect_int(wfm_media_is_json(other[i]), 0);
    expect_int(wfm_media_is_json(NULL), 0);
}

SUITE(media) = {
    {"JSON", test_json},       {"what Accept wants", test_wishes}, {"a media type", test_type},
    {"charset", test_charset}, {"content codings", test_codings},  {"gzip alone", test_gzip},
    CU_TEST_INFO_NULL,
};
