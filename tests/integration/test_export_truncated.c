/*
 * test_export_truncated.c - an export whose limit leaves rows out says so: before the body, and at
 * the end of JSON and NDJSON.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "exports.h"
#include "fixture.h"
#include <string.h>

#define GEMM "&dimensions=%7B%22Op%22:%22GEMM%22%7D"

/* n rows of Op GEMM, and as many of another, in turns. */
static apr_int64_t seed_rows(const char *name, int n)
{
    apr_int64_t config = export_bench(name);

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics) SELECT $1::bigint, 1, 1,"
           " '2025-01-01Z'::timestamptz - i / 3 * interval '1 second', 'f' || i,"
           " jsonb_build_object('Op', CASE i % 2 WHEN 0 THEN 'GEMM' ELSE 'other' END), '{}'"
           " FROM generate_series(0, $2::int - 1) i",
           2, strf(ID, config), strf("%d", 2 * n));
    return config;
}

static http_response_t *head(apr_int64_t config, const char *query)
{
    return http_send(&(http_request_t){.method = "HEAD",
                                       .path = strf("/configs/" ID "/export%s", config, query)});
}

/* Every format says the same, HEAD too. @param known the header: true, false or unknown */
static void check(apr_int64_t config, const char *query, int rows, const char *known,
                  const char *end)
{
    http_response_t *res = export(config, query);
    const char *line = strf("{\"truncated\":%s}\n", end);

    expect_header(res, "Wfmetrics-Truncated", known);
    expect_int(csv_read(res->body, res->len)->rows, rows + 1);
    res = head(config, query);
    expect_status(res, 200);
    expect_header(res, "Wfmetrics-Truncated", known);
    expect_header(res, "Accept-Ranges", "none");
    expect_int(res->len, 0);
    res = export(config, strf("%s&format=json", query));
    expect_header(res, "Wfmetrics-Truncated", known);
    expect_int(json_length_at(res, "data.rows"), rows);
    expect_json(res, "data.truncated", end);
    expect_keys(res, "data", "rows,truncated");
    res = export(config, strf("%s&format=ndjson", query));
    expect_header(res, "Wfmetrics-Truncated", known);
    expect_lacks(res->body, "truncated");
    res = export(config, strf("%s&format=ndjson&truncated=true", query));
    expect_header(res, "Wfmetrics-Truncated", known);
    expect(res->len >= strlen(line) && !strcmp(res->body + res->len - strlen(line), line),
           "%s ends with %s", query, res->body + res->len - (res->len < 40 ? res->len : 40));
}

/* About each length at which something changes: nothing, one, the first rows, more. */
static void test_lengths(void)
{
    static const int lengths[] = {0, 1, 2, 15, 16, 17, 40};

    for (size_t i = 0; i < countof(lengths); i++) {
        int n = lengths[i];
        apr_int64_t config = seed_rows(strf("truncated %d", n), n);

        for (int limit = 2 * n - 1; limit <= 2 * n + 1; limit++)
            if (limit > 0)
                check(config, strf("?limit=%d", limit), limit < 2 * n ? limit : 2 * n,
                      limit < 2 * n ? "true" : "false", limit < 2 * n ? "true" : "false");
        for (int limit = n - 1; limit <= n + 1; limit++)
            if (limit > 0)
                check(config, strf("?limit=%d%s", limit, GEMM), limit < n ? limit : n,
                      limit < n ? "true" : "false", limit < n ? "true" : "false");
    }
}

/* The selection's rows count, not the config's. */
static void test_selection(void)
{
    apr_int64_t config = seed_rows("truncated selection", 30), other = seed_rows("other rows", 9);

    check(config, "?limit=6&start=2024-12-31T23:59:59Z", 6, "false", "false");
    check(config, "?limit=5&start=2024-12-31T23:59:59Z", 5, "true", "true");
    check(config, "?limit=3&start=2024-12-31T23:59:59Z" GEMM, 3, "false", "false");
    check(config, "?limit=2&start=2024-12-31T23:59:59Z" GEMM, 2, "true", "true");
    check(config, "?limit=1&dimensions=%7B%22Op%22:%22none%22%7D", 0, "false", "false");
    check(config, "?limit=59&dimensions=%7B%22Op%22:[]%7D", 59, "true", "true");
    check(other, "?limit=18&include=run_id", 18, "false", "false");
    check(other, "?limit=17&include=head_sha", 17, "true", "true");
}

/* The rows of a filter are found once and asked for by their ids: they keep their order. */
static void test_order(void)
{
    apr_int64_t config = seed_rows("truncated order", 3000);
    csv_table_t *t = export_table(config, "?limit=2500" GEMM);

    expect_int(t->rows, 2501);
    for (int i = 0; i < 2500; i++)
        expect_str(csv_cell(t, i + 1, 5), strf("f%d", 2 * i));
}

/* Beyond 10 000 the summaries may know; the end always does. */
static void test_beyond(void)
{
    apr_int64_t config = seed_rows("truncated beyond", 10050);

    check(config, "?limit=10000" GEMM, 10000, "true", "true");
    check(config, "?limit=10000", 10000, "true", "true");
    check(config, "?limit=20099", 20099, "true", "true");
    check(config, "?limit=20100", 20100, "false", "false");
    check(config, "?limit=10049" GEMM, 10049, "true", "true");
    check(config, "?limit=10050" GEMM, 10050, "false", "false");
    check(config, "?limit=20010&start=2024-12-31T22:08:21Z&end=2025-01-01T00:00:00Z", 20010, "true",
          "true");
    check(config, "?limit=100000&end=2024-12-31T23:59:59Z", 20097, "false", "false");
}

/* Of a range without a whole day the summaries know nothing, and a filter's rows would have to be
 * counted one by one: only the end can say. */
static void test_unknown(void)
{
    static const char range[] = "start=2024-12-31T22:00:00Z&end=2025-01-01T00:00:00Z";
    apr_int64_t config = seed_rows("truncated unknown", 10050);

    check(config, strf("?limit=10049&%s%s", range, GEMM), 10049, "unknown", "true");
    check(config, strf("?limit=10050&%s%s", range, GEMM), 10050, "unknown", "false");
    check(config, strf("?limit=10051&%s%s", range, GEMM), 10050, "unknown", "false");
    check(config, strf("?limit=10001&include=head_sha&%s%s", range, GEMM), 10001, "unknown",
          "true");
    check(config, strf("?limit=10001&%s&dimensions=%%7B%%22Op%%22:%%22none%%22%%7D", range), 0,
          "unknown", "false");
    /* up to 10000 it is looked up */
    check(config, strf("?limit=10000&%s%s", range, GEMM), 10000, "true", "true");
}

static void test_wrong(void)
{
    apr_int64_t config = export_bench("truncated wrong");

    expect_field(export(config, "?truncated=true"), "truncated",
                 "is for format=json or ndjson only");
    expect_field(export(config, "?truncated=yes&format=ndjson"), "truncated",
                 "must be true or false");
    expect_status(export(config, "?truncated=false"), 200);
    expect_success(export(config, "?truncated=true&format=json"));
    expect_header(export(999999999, ""), "Wfmetrics-Truncated", NULL);
    expect_str(export_body(config, "?truncated=true&format=ndjson"), "{\"truncated\":false}\n");
}

SUITE(export_truncated) = {
    {"lengths", test_lengths}, {"selections", test_selection},
    {"order", test_order},     {"beyond 10000", test_beyond},
    {"unknown", test_unknown}, {"wrong forms", test_wrong},
    CU_TEST_INFO_NULL,
};
