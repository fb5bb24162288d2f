/*
 * test_compare_formats.c - GET /configs/:id/compare as CSV and as Markdown: they say what JSON
 * says, and what is data stays data.
 */
#include "../support/suite.h"
#include "compared.h"
#include "csv.h"
#include "db.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *path_of(apr_int64_t config, const char *query)
{
    return strf("/configs/" ID "/compare?%s", config, query);
}

static const char *const verdicts[] = {"regression", "changed", "improvement", "undetermined",
                                       "missing",    "new",     "unchanged"};

/* Series that rise, fall, stay, come and go, of three metrics. */
static apr_int64_t seed_all(void)
{
    apr_int64_t config = seed_config(DB_A, "formats"), run = 0;

    for (int r = 0; r < 4; r++) {
        run = compared_run(config, r < 2 ? "base" : "head", strf("%d23456789", r));
        db_run(DB_A, "UPDATE github_workflow_runs SET github_run_id = 1000 + $2 WHERE id = $1", 2,
               strf(ID, run), strf("%d", r));
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) SELECT $1, $2, 1, '2025-01-01T00:00:00Z',"
               " jsonb_build_object('s', s, 'verdict', 'v'), jsonb_build_object(m, 100 + $3::int %"
               " 2 * 0.1 + $3::int / 2 * s) FROM generate_series(-8, 8) s,"
               " unnest('{time_ms,rate_GB/s,v}'::text[]) m WHERE s <> CASE WHEN $3::int < 2 THEN 8"
               " ELSE -8 END",
               3, strf(ID, config), strf(ID, run), strf("%d", r));
    }
    compared_row(config, run, "2025-01-01T00:00:00Z", "{\"s\":\"one\"}", "{\"v\":1}");
    compared_row(config, run - 3, "2025-01-01T00:00:00Z", "{\"s\":\"one\"}", "{\"v\":2}");
    return config;
}

/* ---- CSV ---- */

static const char *text_of(const http_response_t *res, const char *path)
{
    json_object *value = json_at(res, path, NULL);

    return value ? json_object_get_string(value) : NULL;
}

/* A cell says what JSON says at the path: text for text, absent for null. */
static void expect_cell(const csv_table_t *t, int row, int column, const http_response_t *res,
                        const char *path)
{
    const char *cell = csv_cell(t, row, column), *json = text_of(res, path);

    expect(!cell == !json && (!cell || !strcmp(cell, json)), "row %d: %s is %s in CSV, %s in JSON",
           row, path, cell ? cell : "absent", json ? json : "null");
}

static void test_csv_says_the_same(void)
{
    static const char *const columns[] = {
        "dimensions.s", "dimensions.verdict", "field",    "base.n",          "base.mean",
        "base.stddev",  "base.min",           "base.max", "base.median",     "head.n",
        "head.mean",    "head.stddev",        "head.min", "head.max",        "head.median",
        "difference",   "change_percent",     "pvalue",   "pvalue_adjusted", "direction",
        "verdict"};
    apr_int64_t config = seed_all();
    const char *sides = "base_branch=base&head_branch=head";
    http_response_t *json = compared(config, sides);
    http_response_t *csv = compared(config, strf("%s&format=csv", sides));
    csv_table_t *t = csv_read(csv->body, csv->len);
    int n = json_length_at(json, "data.series");

    expect_status(csv, 200);
    if (!expect(t && !t->ragged, "it is no CSV: %s", csv->body))
        return;
    expect_int(t->columns, countof(columns));
    expect_int(t->rows, n + 1);
    expect_contains(csv->body, "s,verdict,field,base_n,base_mean,base_stddev,base_min,base_max,"
                               "base_median,head_n,head_mean,head_stddev,head_min,head_max,"
                               "head_median,difference,change_percent,pvalue,pvalue_adjusted,"
                               "direction,compared.verdict\n");
    for (int row = 0; row < n; row++)
        for (size_t i = 0; i < countof(columns); i++)
            expect_cell(t, row + 1, (int)i, json, strf("data.series.%d.%s", row, columns[i]));
    for (size_t i = 0; i < countof(verdicts); i++)
        expect_contains(csv->body, strf(",%s\n", verdicts[i]));
}

static void test_csv_headers(void)
{
    apr_int64_t config = seed_all();
    const char *sides = "base_branch=base&head_branch=head&format=csv";
    http_response_t *res = compared(config, sides), *head;

    expect_header(res, "Content-Type", "text/csv; charset=utf-8");
    expect_contains(http_header(res, "Content-Disposition"),
                    strf("attachment; filename=\"comparison-config-" ID "-20", config));
    expect_header(res, "Accept-Ranges", "none");
    expect_header(res, "Wfmetrics-Truncated", "false");
    expect_header(res, "Wfmetrics-Verdict", "regression");
    head = http_send(&(http_request_t){.method = "HEAD", .path = path_of(config, sides)});
    expect_header(head, "Content-Disposition", http_header(res, "Content-Disposition"));
    expect_header(head, "Wfmetrics-Verdict", "regression");
    expect_header(head, "ETag", http_header(res, "ETag"));
    res = compared(config, strf("%s&limit=2", sides));
    expect_header(res, "Wfmetrics-Truncated", "true");
    expect_int(csv_read(res->body, res->len)->rows, 3);
    res = compared(config, strf("%s&delimiter=semicolon&bom=true&verdict=new", sides));
    expect_contains(res->body, "\xEF\xBB\xBFs;verdict;field;");
    expect_contains(res->body, "\n8;v;");
    expect_lacks(res->body, "regression");
}

/* Formulas, quotes, line ends, nulls: as an export writes them. */
static void test_csv_cells(void)
{
    apr_int64_t config = seed_config(DB_A, "cells"), run = compared_run(config, "b", NULL);
    const char *query = "base_branch=b&head_branch=b&format=csv";

    compared_row(config, run, "2025-01-01T00:00:00Z",
                 "{\"a\":\"=1+1\",\"b\":\"x, \\\"y\\\"\\nz\",\"c\":null}", "{\"+v\":-1.5}");
    http_response_t *res = compared(config, query);
    csv_table_t *t = csv_read(res->body, res->len);

    expect_contains(res->body, "\n'=1+1,\"x, \"\"y\"\"\nz\",,'+v,1,-1.5,,-1.5,");
    expect_str(csv_cell(t, 1, 2), NULL);
    expect_contains(
        http_send(&(http_request_t){.host = HOST_PLAIN, .path = path_of(config, query)})->body,
        "\n=1+1,");
}

static void test_wrong_inputs(void)
{
    static const struct {
        const char *query, *field, *message;
    } wrong[] = {
        {"format=xml", "format", "must be one of json, csv, markdown"},
        {"format=", "format", "must be one of json, csv, markdown"},
        {"delimiter=tab", "delimiter", "is for format=csv only"},
        {"format=markdown&bom=true", "bom", "is for format=csv only"},
        {"format=csv&delimiter=x", "delimiter", "must be one of comma, semicolon, tab"},
        {"format=csv&cursor=x", "cursor", "is for format=json only"},
        {"format=markdown&cursor=", "cursor", "is for format=json only"},
    };

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(compared(1, strf("base_run=1&head_run=2&%s", wrong[i].query)), wrong[i].field,
                     wrong[i].message);
    expect_error(
        compared(seed_all(), "base_run=999999999&head_branch=head&format=markdown"), 4040,
        "base (base_run) has no run 999999999 that is completed and has metric rows of this"
        " config");
}

/* ---- Markdown ---- */

/* How often is the part in the text? */
static int count(const char *text, const char *part)
{
    int n = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* As C prints it: APR leaves out a 0 before the point. */
static const char *printed(const char *format, double v)
{
    char text[64];

    snprintf(text, sizeof text, format, v);
    return apr_pstrdup(fixture_pool(), text);
}

static void expect_row(const http_response_t *json, const http_response_t *res, int i)
{
    json_object *percent = json_at(json, strf("data.series.%d.change_percent", i), NULL);
    json_object *p = json_at(json, strf("data.series.%d.pvalue_adjusted", i), NULL);
    const char *end = strf(" | %s | %s | %s |\n",
                           percent ? printed("%+.2f %%", json_object_get_double(percent)) : "",
                           p ? printed("%.2g", json_object_get_double(p)) : "",
                           text_of(json, strf("data.series.%d.verdict", i)));
    const char *name = strf("<code>%s (s=%s, ", text_of(json, strf("data.series.%d.field", i)),
                            text_of(json, strf("data.series.%d.dimensions.s", i)));
    const char *row = strstr(res->body, name);

    if (expect(row != NULL, "Markdown lacks %s", name))
        expect(strncmp(row + strcspn(row, "\n") + 1 - strlen(end), end, strlen(end)) == 0,
               "%s ends in \"%.*s\", not in \"%s\"", name, (int)strcspn(row, "\n"), row, end);
}

static void test_markdown_says_the_same(void)
{
    apr_int64_t config = seed_all();
    const char *sides = "base_branch=base&head_branch=head&metric_fields=time_ms,v";
    http_response_t *json = compared(config, sides);
    http_response_t *res = compared(config, strf("%s&format=markdown", sides));

    expect_status(res, 200);
    expect_header(res, "Content-Type", "text/markdown; charset=utf-8");
    expect_header(res, "Wfmetrics-Verdict", "regression");
    expect_header(res, "Content-Disposition", NULL);
    expect(!strncmp(res->body, "**Regression**: ", 16), "it begins with %.80s", res->body);
    expect_contains(res->body, strf("%s regression, %s changed, %s improvement, ",
                                    text_of(json, "data.summary.regression"),
                                    text_of(json, "data.summary.changed"),
                                    text_of(json, "data.summary.improvement")));
    expect_contains(res->body,
                    "- Base: the means of 2 runs: "
                    "[<code>1234567</code>](https://github.com/ROCm/bench/actions/runs/1001), "
                    "[<code>0234567</code>](https://github.com/ROCm/bench/actions/runs/1000)\n"
                    "- Head: the means of 2 runs: ");
    for (int i = 0; i < json_length_at(json, "data.series"); i++)
        expect_row(json, res, i);
    expect_contains(res->body, strf("<details><summary>%s unchanged</summary>\n\n| series |",
                                    text_of(json, "data.summary.unchanged")));
    expect_int(count(res->body, "|---|"), 2 * 2);
}

/* Fifty rows of a table, the rest is counted. */
static void test_markdown_is_short(void)
{
    apr_int64_t config = seed_config(DB_A, "short");

    for (int r = 0; r < 4; r++) {
        apr_int64_t run = compared_run(config, r < 2 ? "base" : "head", NULL);

        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) SELECT $1, $2, 1, '2025-01-01T00:00:00Z',"
               " jsonb_build_object('s', s, 'long', repeat('x', 1000)), jsonb_build_object('v', 1 +"
               " CASE WHEN s <= 70 THEN $3::int / 2 ELSE 0 END) FROM generate_series(1, 150) s",
               3, strf(ID, config), strf(ID, run), strf("%d", r));
    }
    http_response_t *res = compared(config, "base_branch=base&head_branch=head&format=markdown");
    expect_int(count(res->body, "\n| <code>"), 100);
    expect_contains(res->body, "\n… and 20 more.\n");
    expect_contains(res->body, "<summary>80 unchanged</summary>");
    expect_contains(res->body, "\n… and 30 more.\n");
    expect_contains(res->body, "xxx…</code>");
    expect(res->len < 60000, "it has %d bytes", (int)res->len);
    res = compared(config, "base_branch=base&head_branch=head&format=markdown&limit=3");
    expect_int(count(res->body, "\n| <code>"), 6);
    res = compared(config, "base_branch=base&head_branch=head&format=markdown&verdict=changed");
    expect_lacks(res->body, "<details>");
    expect_contains(res->body, "**Changed**: 70 changed, 80 unchanged.");
}

/* Nobody's name closes a cell, runs as HTML, mentions anybody or leads anywhere. */
static void test_markdown_is_escaped(void)
{
    apr_int64_t config = seed_config(DB_A, "escaped"), run;

    run = compared_run(config, "b", "@team|x`");
    db_run(DB_A, "UPDATE github_workflow_runs SET github_run_id = 5 WHERE id = $1", 1,
           strf(ID, run));
    db_run(DB_A,
           "UPDATE github_workflow_configs SET github_owner = 'a) [x](//', github_repo ="
           " 'r\u00e9'  WHERE id = $1",
           1, strf(ID, config));
    compared_row(
        config, run, "2025-01-01T00:00:00Z",
        "{\"Op|`\":\"<script>alert(1)</script>\\n\\r| @octocat #1 **b** _i_ a_b "
        "https://x.example/ [l](y) www.x.example WWW.x a@b.co &amp; ![i](z) \\\\ ~~ $x$\"}",
        "{\"v\\u0001\":1}");
    http_response_t *res = compared(config, "base_branch=b&head_branch=b&format=markdown");

    expect_contains(res->body,
                    "| <code>v  (Op&#124;&#96;=&#60;script&#62;alert(1)&#60;/script&#62;  &#124; "
                    "<!-- -->&#64;octocat &#35;1 &#42;&#42;b&#42;&#42; &#95;i&#95; a_b "
                    "https&#58;//x.example/ &#91;l&#93;(y) &#119;ww.x.example "
                    "&#87;WW.x a<!-- -->&#64;b.co &#38;amp; &#33;&#91;i&#93;(z) &#92; "
                    "&#126;&#126; &#36;x&#36;)</code> | 1 | 1 | +0.00 % |  | unchanged |\n");
    expect_contains(res->body, "the rows of one run: [<code><!-- -->&#64;team&#124;x</code>]"
                               "(https://github.com/a%29%20%5Bx%5D%28%2F%2F/r%C3%A9/actions/runs/5)"
                               "\n- Head: ");
    expect_lacks(res->body, "@");
    db_run(DB_A, "UPDATE github_workflow_configs SET github_owner = '' WHERE id = $1", 1,
           strf(ID, config));
    expect_lacks(compared(config, "base_branch=b&head_branch=b&format=markdown")->body, "http:");
    db_run(DB_A, "UPDATE github_workflow_runs SET head_sha = NULL WHERE id = $1", 1, strf(ID, run));
    expect_contains(compared(config, "base_branch=b&head_branch=b&format=markdown")->body,
                    strf("the rows of one run: <code>" ID "</code>\n- Head: ", run));
}

static void test_nothing(void)
{
    apr_int64_t config = seed_config(DB_A, "nothing to compare");

    compared_value(config, 1, "b", NULL, "\"N/A\"");
    http_response_t *res = compared(config, "base_branch=b&head_branch=b&format=markdown");
    expect_contains(res->body, "**Undetermined**: there is nothing to compare.\n");
    expect_lacks(res->body, "|");
    res = compared(config, "base_branch=b&head_branch=b&format=csv");
    expect_int(csv_read(res->body, res->len)->rows, 1);
    expect_json(compared(config, "base_branch=b&head_branch=b"), "data.series", "[]");
}

SUITE(compare_formats) = {
    {"CSV says the same", test_csv_says_the_same},
    {"headers of CSV", test_csv_headers},
    {"cells of CSV", test_csv_cells},
    {"wrong inputs", test_wrong_inputs},
    {"Markdown says the same", test_markdown_says_the_same},
    {"Markdown is short", test_markdown_is_short},
    {"Markdown is escaped", test_markdown_is_escaped},
    {"nothing to compare", test_nothing},
    CU_TEST_INFO_NULL,
};
