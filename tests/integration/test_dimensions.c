/*
 * test_dimensions.c - GET /configs/:id/dimensions/:dimension/values.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

static http_response_t *values(apr_int64_t config, const char *dimension, const char *query)
{
    return http_get(
        strf("/configs/" ID "/dimensions/%s/values%s", config, http_escape(dimension), query));
}

static void seed_row(apr_int64_t config, const char *day, const char *dimensions)
{
    seed_metric(DB_A, config, strf("2025-01-%sT00:00:00Z", day), dimensions, "{}", NULL);
}

static void test_distinct_and_sorted(void)
{
    apr_int64_t config = seed_config(DB_A, "values");
    apr_int64_t other = seed_config(DB_A, "other");
    http_response_t *res;

    seed_row(config, "01", "{\"Op\":\"b\"}");
    seed_row(config, "02", "{\"Op\":\"a\"}");
    seed_row(config, "03", "{\"Op\":\"b\"}");
    seed_row(config, "03", "{\"Op\":\"B\"}");
    seed_row(config, "03", "{\"Op\":\"\"}");
    seed_row(config, "03", "{\"Op\":\"\xc3\xa9\"}");
    seed_row(config, "03", "{\"Op\":\"\xf0\x9f\x9a\x80\"}");
    seed_row(config, "03", "{\"Op\":\"\xef\xbf\xbd\"}");
    seed_row(config, "03", "{\"Op\":null}");
    seed_row(config, "03", "{\"Else\":\"c\"}");
    seed_row(other, "03", "{\"Op\":\"not mine\"}");
    res = values(config, "Op", "");
    expect_success(res);
    expect_keys(res, "data", "dimension,values,total");
    expect_text(res, "data.dimension", "Op");
    expect_json(res, "data.values",
                "[\"\",\"B\",\"a\",\"b\",\"\xc3\xa9\",\"\xef\xbf\xbd\",\"\xf0\x9f\x9a\x80\"]");
    expect_json(res, "data.total", "7");
    /* without a whole day: from the rows, whose order is the database's own */
    res = values(config, "Op", "?start=2025-01-03T00:00:00Z&end=2025-01-03T01:00:00Z");
    expect_json(res, "data.values",
                "[\"\",\"B\",\"b\",\"\xc3\xa9\",\"\xef\xbf\xbd\",\"\xf0\x9f\x9a\x80\"]");
}

static void test_numbers_are_strings(void)
{
    apr_int64_t config = seed_config(DB_A, "numbers");

    seed_row(config, "01", "{\"batch_size\":32}");
    seed_row(config, "01", "{\"batch_size\":\"32\"}");
    seed_row(config, "01", "{\"batch_size\":4}");
    seed_row(config, "01", "{\"batch_size\":1.50}");
    seed_row(config, "01", "{\"batch_size\":123456789012345678901234567890}");
    seed_row(config, "01", "{\"batch_size\":true}");
    expect_json(values(config, "batch_size", ""), "data.values",
                "[\"1.50\",\"123456789012345678901234567890\",\"32\",\"4\",\"true\"]");
}

static void test_none(void)
{
    apr_int64_t config = seed_config(DB_A, "empty");
    http_response_t *res = values(config, "Op", "");

    expect_success(res);
    expect_json(res, "data", "{\"dimension\":\"Op\",\"values\":[],\"total\":0}");
    seed_row(config, "01", "{\"Op\":null}");
    expect_json(values(config, "Op", ""), "data.values", "[]");
    expect_json(values(config, "op", ""), "data.total", "0");
    expect_error(values(999999999, "Op", ""), 4040, "config not found");
}

static void test_range(void)
{
    apr_int64_t config = seed_config(DB_A, "range");

    for (int day = 1; day <= 9; day++)
        seed_row(config, strf("0%d", day), strf("{\"Op\":\"d%d\"}", day));
    expect_json(values(config, "Op", "?start=2025-01-03T00:00:00Z&end=2025-01-05T00:00:00Z"),
                "data.values", "[\"d3\",\"d4\",\"d5\"]");
    expect_json(values(config, "Op", "?start=2025-01-08T00:00:01Z"), "data.values", "[\"d9\"]");
    expect_json(values(config, "Op", "?end=2025-01-01T01:00:00%2B01:00"), "data.values",
                "[\"d1\"]");
    expect_field(values(config, "Op", "?start=2025-01-02T00:00:00Z&end=2025-01-01T00:00:00Z"),
                 "start", "must not be after end");
    expect_field(values(config, "Op", "?start=now"), "start",
                 "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z");
    expect_field(values(config, "Op", "?end="), "end",
                 "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z");
}

static void test_limit(void)
{
    apr_int64_t config = seed_config(DB_A, "limit");
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions) SELECT $1::bigint, 1, 1, now(),"
           " jsonb_build_object('n', lpad(i::text, 5, '0'))"
           " FROM generate_series(1, 10050) i",
           1, strf(ID, config));
    res = values(config, "n", "");
    expect_int(json_length_at(res, "data.values"), 100);
    expect_json(res, "data.total", "null"); /* more than 10 000 are not counted */
    expect_text(res, "data.values.99", "00100");
    expect_int(json_length_at(values(config, "n", "?limit=3"), "data.values"), 3);
    res = values(config, "n", "?limit=20000");
    expect_int(json_length_at(res, "data.values"), 10000);
    expect_json(res, "data.total", "null");
    expect_text(values(config, "n", "?limit=3&offset=10046"), "data.values.2", "10049");
    expect_json(values(config, "n", "?limit=3&offset=10049"), "data.values", "[\"10050\"]");
    expect_json(values(config, "n", "?limit=10000&offset=9223372036854775807"), "data.values",
                "[]");
    res = values(config, "n", "?q=0&start=2020-01-01T00:00:00Z&offset=9223372036854775807");
    expect_json(res, "data.values", "[]");
    db_run(DB_A,
           "DELETE FROM github_workflow_metrics WHERE config_id = $1"
           " AND dimensions ->> 'n' > '10000'",
           1, strf(ID, config));
    expect_json(values(config, "n", "?limit=1"), "data.total", "10000");
    expect_json(values(config, "n", "?q=99&limit=1"), "data.total", "280");
    expect_field(values(config, "n", "?limit=0"), "limit",
                 "must be an integer between 1 and 10000");
    expect_field(values(config, "n", "?limit=x"), "limit",
                 "must be an integer between 1 and 10000");
}

static void test_pages(void)
{
    apr_int64_t config = seed_config(DB_A, "value pages");

    for (int i = 0; i < 25; i++)
        seed_row(config, "01", strf("{\"n\":\"v%02d\"}", i));
    for (int offset = 0; offset <= 30; offset += 10) {
        http_response_t *res = values(config, "n", strf("?limit=10&offset=%d", offset));
        int left = offset > 25 ? 0 : 25 - offset;

        expect_json(res, "data.total", "25");
        expect_int(json_length_at(res, "data.values"), left > 10 ? 10 : left);
        if (left)
            expect_text(res, "data.values.0", strf("v%02d", offset));
    }
    expect_field(values(config, "n", "?offset=-1"), "offset",
                 "must be an integer between 0 and 9223372036854775807");
    expect_field(values(config, "n", "?offset="), "offset",
                 "must be an integer between 0 and 9223372036854775807");
}

/* A part of the value, whatever the case; nothing is a wildcard. */
static void test_search(void)
{
    static const struct {
        const char *q, *values;
    } cases[] = {
        {"", "[\"100%\",\"32\",\"GEMM\",\"GEMM-FP8\",\"a\\\\b\",\"gemm_x\"]"},
        {"gemm", "[\"GEMM\",\"GEMM-FP8\",\"gemm_x\"]"},
        {"EMM-f", "[\"GEMM-FP8\"]"},
        {"%", "[\"100%\"]"},
        {"_", "[\"gemm_x\"]"},
        {"\\", "[\"a\\\\b\"]"},
        {"2", "[\"32\"]"},
        {"g%m", "[]"},
        {"' OR true --", "[]"},
    };
    apr_int64_t config = seed_config(DB_A, "search");

    seed_row(config, "01", "{\"n\":\"GEMM\"}");
    seed_row(config, "01", "{\"n\":\"GEMM-FP8\"}");
    seed_row(config, "01", "{\"n\":\"gemm_x\"}");
    seed_row(config, "01", "{\"n\":\"100%\"}");
    seed_row(config, "01", "{\"n\":\"a\\\\b\"}");
    seed_row(config, "01", "{\"n\":32}");
    for (size_t i = 0; i < countof(cases); i++) {
        http_response_t *res = values(config, "n", strf("?q=%s", http_escape(cases[i].q)));

        expect_json(res, "data.values", cases[i].values);
        expect_int(json_int_at(res, "data.total"), json_length_at(res, "data.values"));
    }
    expect_json(values(config, "n", "?q=gemm&offset=1&limit=1"), "data.values", "[\"GEMM-FP8\"]");
    expect_json(values(config, "n", "?q=gemm&offset=1&limit=1"), "data.total", "3");
    expect_field(values(config, "n", "?q=%00"), "q",
                 "must be percent-encoded UTF-8 text without NUL");
    expect_field(values(config, "n", "?q=%C3"), "q",
                 "must be percent-encoded UTF-8 text without NUL");
    expect_field(values(config, "n", strf("?q=%01001d", 0)), "q",
                 "must be at most 1000 characters");
    expect_field(values(config, "n", "?q=a&q=b"), "q", "must be given only once");
}

/* The same endpoint by another path: for what no path can carry, and for all else. */
static void test_by_query(void)
{
    static const char *const names[] = {"",     ".",       "..",  " ",   " a ",
                                        "a,b",  "[\"a\"]", "a/b", "%2F", "\xf0\x9f\x9a\x80",
                                        "';--", "\t\n"};
    apr_int64_t config = seed_config(DB_A, "by query");

    for (size_t i = 0; i < countof(names); i++)
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions) VALUES ($1, 1, 1, '2025-01-01Z', jsonb_build_object($2::text,"
               " $3::text))",
               3, strf(ID, config), names[i], strf("value of %s", names[i]));
    for (size_t i = 0; i < countof(names); i++) {
        http_response_t *res = http_get(
            strf("/configs/" ID "/values?dimension=%s&q=VALUE", config, http_escape(names[i])));
        expect_success(res);
        expect_keys(res, "data", "dimension,values,total");
        expect_text(res, "data.dimension", names[i]);
        expect_json(res, "data.total", "1");
        expect_text(res, "data.values.0", strf("value of %s", names[i]));
        if (i > 2)
            expect_str(values(config, names[i], "?q=VALUE")->body, res->body);
    }
    expect_json(http_get(strf("/configs/" ID "/values?dimension=", config)), "data.total", "1");
    expect_json(
        http_get(strf("/configs/" ID "/values?dimension=&start=2026-01-01T00:00:00Z", config)),
        "data", "{\"dimension\":\"\",\"values\":[],\"total\":0}");
    expect_field(http_get(strf("/configs/" ID "/values", config)), "dimension", "is required");
    expect_field(http_get(strf("/configs/" ID "/values?dimension[]=a", config)), "dimension",
                 "takes one value and no brackets: write dimension=value");
    expect_error(http_get("/configs/999999999/values?dimension=a"), 4040, "config not found");
}

/* An answer has its bounds in bytes, too: then it has fewer values than it might. */
static void test_long_values(void)
{
    apr_int64_t config = seed_config(DB_A, "long values");
    http_response_t *res;

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions) SELECT $1::bigint, 1, 1, now(), jsonb_build_object('n',"
           " lpad(i::text, 5, '0') || repeat('x', 999995)) FROM generate_series(1, 12) i",
           1, strf(ID, config));
    res = values(config, "n", ""); /* more than the client's reader takes */
    expect_status(res, 200);
    expect(strstr(res->body, "\"00008x") && !strstr(res->body, "\"00009x"), "not eight values");
    expect(strstr(res->body, "x\"],\"total\":12}}") != NULL, "not the total behind them");
    res = values(config, "n", "?offset=9");
    expect_json(res, "data.total", "12");
    expect_int(json_length_at(res, "data.values"), 3);
    expect(strstr(res->body, "\"00010x") != NULL, "not the tenth value");
}

/* A dimension's name is data: it is found whatever it holds, and reads or writes nothing else. */
static void test_any_name(void)
{
    static const char *const names[] = {"Backend:Stage",
                                        "Backend/Stage",
                                        "it's",
                                        "say \"hi\"",
                                        "100%",
                                        "%s %n %d %%",
                                        "a\\b",
                                        "';--",
                                        "x'); DROP TABLE github_workflow_metrics; --",
                                        "$1",
                                        "?",
                                        "a&b=c#d",
                                        "+plus and space",
                                        "tab\tnew\nline",
                                        "\xf0\x9f\x9a\x80",
                                        "\xc3\xa9t\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac",
                                        "{a,b}",
                                        "values",
                                        "%2F"};
    apr_int64_t config = seed_config(DB_A, "names");
    const char *before;

    for (size_t i = 0; i < countof(names); i++)
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions) VALUES ($1, 1, 1, now(), jsonb_build_object($2::text, $3::text))",
               3, strf(ID, config), names[i], strf("value of %s", names[i]));
    before = db_fingerprint(DB_A);
    for (size_t i = 0; i < countof(names); i++) {
        http_response_t *res = values(config, names[i], "");
        expect_success(res);
        expect_text(res, "data.dimension", names[i]);
        expect_text(res, "data.values.0", strf("value of %s", names[i]));
        expect_json(res, "data.total", "1");
    }
    expect_str(db_fingerprint(DB_A), before);
}

static void test_hostile_names_find_nothing(void)
{
    static const char *const names[] = {"Op' OR '1'='1",
                                        ("Op') UNION SELECT name FROM"
                                         " github_workflow_configs --"),
                                        "Op%",
                                        "_p",
                                        "O*",
                                        "\"Op\""};
    apr_int64_t config = seed_config(DB_A, "hostile");
    const char *before;

    seed_row(config, "01", "{\"Op\":\"GEMM\"}");
    before = db_fingerprint(DB_A);
    for (size_t i = 0; i < countof(names); i++) {
        http_response_t *res = values(config, names[i], "");
        expect_success(res);
        expect_json(res, "data.values", "[]");
        expect_text(res, "data.dimension", names[i]);
    }
    expect_str(db_fingerprint(DB_A), before);
}

static void test_encoding_of_names(void)
{
    apr_int64_t config = seed_config(DB_A, "encoding");
    const char *path = strf("/configs/" ID "/dimensions", config);

    seed_row(config, "01",
             "{\"a/b\":\"slash\",\"a%2Fb\":\"text\",\"a+b\":\"plus\",\"a b\":\"space\"}");
    expect_text(http_get(strf("%s/a%%2Fb/values", path)), "data.values.0", "slash");
    expect_text(http_get(strf("%s/a%%2fb/values", path)), "data.values.0", "slash");
    expect_text(http_get(strf("%s/a%%252Fb/values", path)), "data.values.0", "text");
    expect_text(http_get(strf("%s/a+b/values", path)), "data.values.0", "plus");
    expect_text(http_get(strf("%s/a%%20b/values", path)), "data.values.0", "space");
    expect_error(http_get(strf("%s/a/b/values", path)), 4040, "no such endpoint");
    expect_field(http_get(strf("%s/a%%00b/values", path)), "dimension",
                 "must be percent-encoded UTF-8 text without NUL");
    expect_field(http_get(strf("%s/%%ff/values", path)), "dimension",
                 "must be percent-encoded UTF-8 text without NUL");
}

SUITE(dimensions) = {
    {"distinct, sorted by code point, the config's own", test_distinct_and_sorted},
    {"numbers come as strings", test_numbers_are_strings},
    {"none", test_none},
    {"start and end", test_range},
    {"limit and total", test_limit},
    {"pages", test_pages},
    {"search", test_search},
    {"by query", test_by_query},
    {"long values", test_long_values},
    {"any name is found", test_any_name},
    {"hostile names find nothing", test_hostile_names_find_nothing},
    {"encoded slashes, plus, percent, NUL", test_encoding_of_names},
    CU_TEST_INFO_NULL,
};
