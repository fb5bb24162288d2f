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

SUITE(media) = {
    {"charset", test_charset},
    {"content codings", test_codings},
    CU_TEST_INFO_NULL,
};
