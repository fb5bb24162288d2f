/*
 * test_origin.c - what an origin is, and whom a request comes from.
 */
#include "core/origin.h"
#include "unit.h"

static void test_parse(void)
{
    static const char *const cases[][2] = {
        {"https://lens.example.com", "https://lens.example.com"},
        {"HTTPS://Lens.Example.COM:443", "https://lens.example.com"},
        {"http://lens:80", "http://lens"},
        {"http://lens:443", "http://lens:443"},
        {"https://lens:080", "https://lens:80"},
        {"http://127.0.0.1:3000", "http://127.0.0.1:3000"},
        {"http://[::1]:3000", "http://[::1]:3000"},
        {"http://[::FFFF:1.2.3.4]", "http://[::ffff:1.2.3.4]"},
        {"chrome-extension://abcdef", "chrome-extension://abcdef"},
        {"http://a_b", "http://a_b"},
        {"http://h:65535", "http://h:65535"},
    };
    static const char *const none[] = {
        "",
        "null",
        "*",
        "lens.example.com",
        "https://",
        "https:///",
        "https://lens/",
        "http://a/b",
        "http://a?b",
        "http://a#b",
        "http://u@a",
        "http://a:",
        "http://a:0",
        "http://a:65536",
        "http://a:1x",
        "http://[::1",
        "http://[]",
        "http://*.a",
        "http://a b",
        "http://a, http://b",
        " http://a",
        "://a",
        "1http://a",
        "http:/a",
        "http://a:-1",
        "http://\xc3\xa4",
        "http://a:999999",
        "http://[::1]x",
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_str(wfm_origin_parse(unit_pool(), cases[i][0]), cases[i][1]);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        expect_str(wfm_origin_parse(unit_pool(), none[i]), NULL);
}

static int trusted(const char *fetch_site, const char *origin, const char *host)
{
    wfm_provenance_t from = {fetch_site, origin, host};
    wfm_origins_t none = {NULL, 0};

    return wfm_origin_is_trusted(unit_pool(), &from, &none);
}

static void test_no_browser(void)
{
    expect_int(trusted(NULL, NULL, "api"), 1);
    expect_int(trusted(NULL, NULL, NULL), 1);
}

/* A browser's own word goes before what can be guessed from the names. */
static void test_fetch_site(void)
{
    expect_int(trusted("same-origin", "https://lens", "backend:8080"), 1);
    expect_int(trusted("none", NULL, "api"), 1);
    expect_int(trusted("cross-site", NULL, "api"), 0);
    expect_int(trusted("cross-site", "http://api", "api"), 0);
    expect_int(trusted("same-site", "https://a.example.com", "b.example.com"), 0);
    expect_int(trusted("same-origin, cross-site", NULL, "api"), 0);
    expect_int(trusted("Same-Origin", NULL, "api"), 0);
    expect_int(trusted("", NULL, "api"), 0);
}

static void test_origin_and_host(void)
{
    expect_int(trusted(NULL, "http://api", "api"), 1);
    expect_int(trusted(NULL, "http://API:80", "api"), 1);
    expect_int(trusted(NULL, "http://api", "API:80"), 1);
    expect_int(trusted(NULL, "https://api", "api:443"), 1);
    expect_int(trusted(NULL, "http://api:8080", "api:8080"), 1);
    expect_int(trusted(NULL, "http://[::1]:8080", "[::1]:8080"), 1);
    expect_int(trusted(NULL, "http://api:8081", "api:8080"), 0);
    expect_int(trusted(NULL, "http://api", "api:8080"), 0);
    expect_int(trusted(NULL, "http://evil", "api"), 0);
    expect_int(trusted(NULL, "http://api.evil", "api"), 0);
    expect_int(trusted(NULL, "http://evil/api", "api"), 0);
    expect_int(trusted(NULL, "null", "api"), 0);
    expect_int(trusted(NULL, "", "api"), 0);
    expect_int(trusted(NULL, "http://api, http://evil", "api"), 0);
    expect_int(trusted(NULL, "http://api", NULL), 0);
    expect_int(trusted(NULL, "http://api", ""), 0);
}

static void test_allowed(void)
{
    wfm_origins_t listed = {apr_array_make(unit_pool(), 2, sizeof(const char *)), 0};
    wfm_origins_t any = {listed.list, 1};
    wfm_provenance_t from = {"cross-site", "https://LENS.example.com:443", "api"};

    APR_ARRAY_PUSH(listed.list, const char *) = "http://other:3000";
    APR_ARRAY_PUSH(listed.list, const char *) = "https://lens.example.com";
    expect_int(wfm_origin_is_trusted(unit_pool(), &from, &listed), 1);
    from.fetch_site = NULL;
    expect_int(wfm_origin_is_trusted(unit_pool(), &from, &listed), 1);
    from.origin = "http://lens.example.com";
    expect_int(wfm_origin_is_trusted(unit_pool(), &from, &listed), 0);
    from.origin = "null";
    expect_int(wfm_origin_is_trusted(unit_pool(), &from, &listed), 0);
    expect_int(wfm_origin_is_trusted(unit_pool(), &from, &any), 1);
}

SUITE(origin) = {
    {"origins", test_parse},
    {"no browser", test_no_browser},
    {"Sec-Fetch-Site", test_fetch_site},
    {"Origin and Host", test_origin_and_host},
    {"allowed origins", test_allowed},
    CU_TEST_INFO_NULL,
};
