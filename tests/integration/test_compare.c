/*
 * test_compare.c - GET /configs/:id/compare: what it says of two sets of runs, beside SciPy's
 * figures. Which runs a side has is test_compare_sides.c's.
 */
#include "../support/suite.h"
#include "compared.h"
#include "db.h"
#include "side.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BASE_RUNS 10
#define HEAD_RUNS 8

/* ---- beside SciPy ---- */

enum {
    NAME,
    FIELD,
    BASE,
    HEAD,
    BASE_FIGURES,
    HEAD_FIGURES,
    DIFFERENCE,
    PERCENT,
    PVALUE,
    ADJUSTED,
    VERDICT,
    COLUMNS
};

/* A line's columns; 0: it is a comment. */
static int cut(char *line, char *columns[COLUMNS])
{
    if (*line == '#')
        return 0;
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        line += strcspn(line, ";");
        if (*line)
            *line++ = '\0';
    }
    return 1;
}

/* A row for each value of a side. */
static void add_values(json_object *rows, char *const columns[COLUMNS], int side, int first)
{
    char *rest = apr_pstrdup(fixture_pool(), columns[side]), *value;

    for (int run = first; (value = apr_strtok(rest, " ", &rest)); run++) {
        json_object *row = json_object_new_object();

        json_object_object_add(row, "run", json_object_new_int(run));
        json_object_object_add(row, "s", json_object_new_string(columns[NAME]));
        json_object_object_add(row, "f", json_object_new_string(columns[FIELD]));
        json_object_object_add(row, "v", json_object_new_string(value));
        json_object_array_add(rows, row);
    }
}

/* Ten runs of branch base, eight of branch head, and the recorded values in them. */
static apr_int64_t seed_recorded(char *text)
{
    apr_int64_t config = seed_config(DB_A, "recorded"), first = 0;
    json_object *rows = json_object_new_array();
    char *line, *columns[COLUMNS];

    for (int i = 0; i < BASE_RUNS + HEAD_RUNS; i++) {
        apr_int64_t run = compared_run(config, i < BASE_RUNS ? "base" : "head", NULL);

        first = first ? first : run;
    }
    while ((line = apr_strtok(text, "\n", &text))) {
        if (!cut(line, columns))
            continue;
        add_values(rows, columns, BASE, 0);
        add_values(rows, columns, HEAD, BASE_RUNS);
    }
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, $2::bigint + r.run, 1, '2025-01-01T00:00:00Z',"
           " jsonb_build_object('s', r.s), jsonb_build_object(r.f, r.v::numeric)"
           " FROM jsonb_to_recordset($3) r (run int, s text, f text, v text)",
           3, strf(ID, config), strf(ID, first), json_object_to_json_string(rows));
    json_object_put(rows);
    return config;
}

/* The series of a dimension's value and a field in an answer; NULL: there is none. */
static json_object *find_by(const http_response_t *res, const char *dimension, const char *name,
                            const char *field)
{
    json_object *series = json_at(res, "data.series", NULL), *s, *of, *dimensions;

    for (size_t i = 0; series && i < json_object_array_length(series); i++) {
        s = json_object_array_get_idx(series, i);
        json_object_object_get_ex(s, "dimensions", &dimensions);
        json_object_object_get_ex(dimensions, dimension, &of);
        if (strcmp(json_object_get_string(of), name) != 0)
            continue;
        json_object_object_get_ex(s, "field", &of);
        if (!strcmp(json_object_get_string(of), field))
            return s;
    }
    return NULL;
}

/* A p-value is near in proportion; the rest to what its mean is. */
static void expect_number(const char *what, json_object *object, const char *key, const char *text,
                          double scale)
{
    json_object *value;
    double actual, expected = strtod(text, NULL);

    expect(json_object_object_get_ex(object, key, &value), "%s has no %s", what, key);
    if (!strcmp(text, "-") || !value) {
        expect(!strcmp(text, "-") && !value, "%s: %s is %s, not %s", what, key,
               json_object_to_json_string(value), text);
        return;
    }
    actual = strtod(json_object_to_json_string(value), NULL);
    expect(fabs(actual - expected) <= 1e-9 * fmax(fabs(expected), scale), "%s: %s is %.17g, not %s",
           what, key, actual, text);
}

static void expect_figures(const char *what, json_object *series, const char *side, char *text)
{
    static const char *const keys[] = {"n", "mean", "stddev", "min", "max", "median"};
    json_object *figures;
    char *number;

    json_object_object_get_ex(series, side, &figures);
    if (!strcmp(text, "-")) {
        expect(!figures, "%s has a %s", what, side);
        return;
    }
    for (size_t i = 0; i < countof(keys) && (number = apr_strtok(text, " ", &text)); i++)
        expect_number(strf("%s, %s", what, side), figures, keys[i], number, 1e-3);
}

static void check_recorded(const http_response_t *res, char *columns[COLUMNS])
{
    const char *what = strf("%s (%s)", columns[FIELD], columns[NAME]);
    json_object *series = find_by(res, "s", columns[NAME], columns[FIELD]), *verdict;

    if (!expect(series != NULL, "there is no %s", what))
        return;
    expect_figures(what, series, "base", columns[BASE_FIGURES]);
    expect_figures(what, series, "head", columns[HEAD_FIGURES]);
    expect_number(what, series, "difference", columns[DIFFERENCE], 1e-3);
    expect_number(what, series, "change_percent", columns[PERCENT], 1e-3);
    expect_number(what, series, "pvalue", columns[PVALUE], 0);
    expect_number(what, series, "pvalue_adjusted", columns[ADJUSTED], 0);
    json_object_object_get_ex(series, "verdict", &verdict);
    expect(!strcmp(json_object_get_string(verdict), columns[VERDICT]), "%s is %s, not %s", what,
           json_object_get_string(verdict), columns[VERDICT]);
}

/* Each verdict as often as SciPy has it. */
static void expect_counts(const http_response_t *res, apr_table_t *counts)
{
    static const char *const words[] = {"regression", "changed", "improvement", "undetermined",
                                        "missing",    "new",     "unchanged"};

    expect_keys(res, "data.summary",
                "regression,changed,improvement,undetermined,missing,new,unchanged");
    for (size_t i = 0; i < countof(words); i++) {
        const char *n = apr_table_get(counts, words[i]);

        expect(n != NULL, "nothing recorded is %s", words[i]);
        expect_json(res, strf("data.summary.%s", words[i]), n ? n : "0");
    }
}

static void test_scipy(void)
{
    const char *text = side_file("tests/stats/comparison.txt");
    apr_int64_t config = seed_recorded(apr_pstrdup(fixture_pool(), text));
    char *rest = apr_pstrdup(fixture_pool(), text), *line, *columns[COLUMNS];
    apr_table_t *counts = apr_table_make(fixture_pool(), 8);
    http_response_t *res = compared(config, "base_branch=base&head_branch=head&limit=1000");
    int lines = 0;

    expect_success(res);
    while ((line = apr_strtok(rest, "\n", &rest))) {
        const char *n;

        if (!cut(line, columns))
            continue;
        lines++;
        check_recorded(res, columns);
        n = apr_table_get(counts, columns[VERDICT]);
        apr_table_set(counts, columns[VERDICT], strf("%d", 1 + (n ? atoi(n) : 0)));
    }
    expect(lines > 80, "%d lines are recorded", lines);
    expect_int(json_length_at(res, "data.series"), lines);
    expect_json(res, "data.total", strf("%d", lines));
    expect_counts(res, counts);
    expect_text(res, "data.verdict", "regression");
    expect_header(res, "Wfmetrics-Verdict", "regression");
}

/* ---- the answer ---- */

static void test_the_answer(void)
{
    apr_int64_t config = seed_config(DB_A, "compare"), a, b, c;

    a = compared_run(config, "main", "sha a");
    b = compared_run(config, "main", NULL);
    c = compared_run(config, NULL, "sha c");
    db_run(DB_A, "UPDATE github_workflow_runs SET github_run_id = 77 WHERE id = $1", 1,
           strf(ID, a));
    compared_row(config, b, "2025-01-02T08:00:00Z", "{\"Op\":\"GEMM\"}", "{\"v\":10}");
    compared_row(config, a, "2025-01-01T08:00:00.5Z", "{\"Op\":\"GEMM\"}", "{\"v\":12}");
    compared_row(config, c, "2025-01-03T08:00:00Z", "{\"Op\":\"GEMM\"}", "{\"v\":22}");
    compared_row(config, c, "2025-01-03T09:00:00Z", "{\"Op\":\"GEMM\"}", "{\"v\":24}");
    http_response_t *res =
        compared(config, strf("base_run=" ID "," ID "&head_run=" ID "&min_change=1.5", b, a, c));
    expect_success(res);
    expect_keys(res, "data",
                "base,head,group_by,metric_fields,min_change,max_pvalue,verdict,summary,series,"
                "total,limit,next_cursor");
    expect_json(res, "data.base",
                strf("{\"unit\":\"run\",\"runs\":[{\"run_id\":" ID
                     ",\"timestamp\":\"2025-01-01T08:00:00.5Z\",\"github_run_id\":77,\"head_sha\":"
                     "\"sha a\",\"head_branch\":\"main\"},{\"run_id\":" ID
                     ",\"timestamp\":\"2025-01-02T08:00:00Z\",\"github_run_id\":null,\"head_sha\":"
                     "null,\"head_branch\":\"main\"}]}",
                     a, b));
    expect_text(res, "data.head.unit", "row");
    expect_json(res, "data.group_by", "[\"Op\"]");
    expect_json(res, "data.metric_fields", "[\"v\"]");
    expect_json(res, "data.min_change", "1.5");
    expect_json(res, "data.max_pvalue", "0.05");
    expect_json(res, "data.limit", "100");
    expect_json(res, "data.next_cursor", "null");
    expect_keys(res, "data.series.0",
                "name,field,dimensions,base,head,difference,change_percent,pvalue,pvalue_adjusted,"
                "direction,verdict");
    expect_text(res, "data.series.0.name", "v (Op=GEMM)");
    expect_text(res, "data.series.0.field", "v");
    expect_json(res, "data.series.0.dimensions", "{\"Op\":\"GEMM\"}");
    expect_keys(res, "data.series.0.base", "n,mean,stddev,min,max,median");
    expect_json(res, "data.series.0.base.mean", "11");
    expect_json(res, "data.series.0.head.n", "2");
    expect_json(res, "data.series.0.head.median", "23");
    expect_json(res, "data.series.0.difference", "12");
    expect_json(res, "data.series.0.direction", "null");
    expect_text(res, "data.series.0.verdict", "changed");
}

/* ---- sides ---- */

/* The same runs on both sides: nothing has changed. */
static void test_equal_sides(void)
{
    apr_int64_t config = seed_config(DB_A, "equal"), a, b;

    a = compared_value(config, 1, "b", NULL, "1");
    b = compared_value(config, 2, "b", NULL, "2");
    http_response_t *res = compared(config, strf("base_branch=b&head_run=" ID "," ID, a, b));
    expect_text(res, "data.verdict", "unchanged");
    expect_json(res, "data.series.0.difference", "0");
    expect_json(res, "data.series.0.change_percent", "0");
    expect_json(res, "data.series.0.pvalue", "1");
    expect_json(compared(config, "base_branch=b&head_branch=b&min_change=0&max_pvalue=1"),
                "data.summary.unchanged", "1");
    res = compared(config, strf("base_run=" ID "&head_run=" ID, a, a));
    expect_text(res, "data.base.unit", "row");
    expect_json(res, "data.series.0.base.n", "1");
    expect_json(res, "data.series.0.base.stddev", "null");
    expect_json(res, "data.series.0.pvalue", "null");
    expect_text(res, "data.series.0.verdict", "unchanged");
}

/* A side of one run is its rows, one of several runs their means. */
static void test_units(void)
{
    apr_int64_t config = seed_config(DB_A, "units"), a = compared_run(config, "a", NULL);

    for (int i = 0; i < 6; i++)
        compared_row(config, a, "2025-01-01T00:00:00Z", "{}", strf("{\"v\":%d}", i));
    compared_row(config, a, "2025-01-01T00:00:00Z", "{}", "{\"v\":\"NaN\"}");
    compared_row(config, compared_value(config, 2, "b", NULL, "10"), "2025-01-02T09:00:00Z", "{}",
                 "{\"v\":20}");
    compared_value(config, 3, "b", NULL, "31");
    http_response_t *res = compared(config, "base_branch=a&head_branch=b");
    expect_text(res, "data.base.unit", "row");
    expect_text(res, "data.head.unit", "run");
    expect_json(res, "data.series.0.base.n", "6");
    expect_json(res, "data.series.0.base.mean", "2.5");
    expect_json(res, "data.series.0.base.median", "2.5");
    expect_json(res, "data.series.0.head.n", "2");
    expect_json(res, "data.series.0.head.mean", "23");
    expect_json(res, "data.series.0.head.min", "15");
}

static apr_int64_t add_pair(apr_int64_t config, const char *branch, const char *a, const char *b)
{
    compared_value(config, 1, branch, NULL, a);
    return compared_value(config, 2, branch, NULL, b);
}

/* What a double cannot hold is null, and nothing is said of it; what is no number is not there. */
static void test_extreme_values(void)
{
    apr_int64_t config = seed_config(DB_A, "extreme");
    http_response_t *res;

    add_pair(config, "huge", "1e400", "1e401");
    add_pair(config, "most", "1.7e308", "1.6e308");
    add_pair(config, "least", "-1.7e308", "-1.6e308");
    add_pair(config, "one", "1", "1.25");
    add_pair(config, "none", "\"inf\"", "null");
    add_pair(config, "beyond", "1e1000", "-1e1001");
    res = compared(config, "base_branch=huge&head_branch=one");
    expect_json(
        res, "data.series.0.base",
        "{\"n\":2,\"mean\":null,\"stddev\":null,\"min\":null,\"max\":null,\"median\":null}");
    expect_json(res, "data.series.0.change_percent", "null");
    expect_text(res, "data.series.0.verdict", "undetermined");
    res = compared(config, "base_branch=most&head_branch=least");
    expect_json(res, "data.series.0.base.max", "1.7e+308");
    expect_json(res, "data.series.0.base.mean", "1.6499999999999999e+308");
    expect_json(res, "data.series.0.base.median", "1.6499999999999999e+308");
    expect_json(res, "data.series.0.difference", "null");
    expect_text(res, "data.series.0.verdict", "undetermined");
    expect_lacks(res->body, "inf");
    expect_lacks(res->body, "nan");
    res = compared(config, "base_branch=none&head_branch=one");
    expect_text(res, "data.series.0.verdict", "new");
    res = compared(config, "base_branch=one&head_branch=beyond");
    expect_text(res, "data.series.0.verdict", "missing");
    res = compared(config, "base_branch=huge&head_branch=least&format=markdown");
    expect_lacks(res->body, "inf");
    expect_lacks(res->body, "nan");
    expect_lacks(compared(config, "base_branch=huge&head_branch=most&format=csv")->body, "inf");
}

/* Large or small, the same values in proportion come to the same. */
static void test_proportions(void)
{
    static const char *const powers[] = {"", "e-200", "e-300", "e160", "e300"};
    apr_int64_t config = seed_config(DB_A, "proportions"), run;
    http_response_t *res;

    for (int i = 0; i < 6; i++) {
        run = compared_run(config, i < 3 ? "base" : "head", NULL);
        for (size_t p = 0; p < countof(powers); p++)
            compared_row(config, run, "2025-01-01T00:00:00Z", strf("{\"p\":\"%s\"}", powers[p]),
                         strf("{\"time_ms\":%d.%d%s}", 1 + i % 3, i / 3 * 5, powers[p]));
    }
    res = compared(config, "base_branch=base&head_branch=head");
    expect_int(json_length_at(res, "data.series"), countof(powers));
    for (size_t p = 0; p < countof(powers); p++) {
        json_object *series = find_by(res, "p", powers[p], "time_ms");

        expect_number(powers[p], series, "pvalue", "0.5733922538253555", 0);
        expect_number(powers[p], series, "change_percent", "25", 0);
        expect_contains(json_object_to_json_string(series), "\"unchanged\"");
        json_object_object_get_ex(series, "base", &series);
        expect_number(powers[p], series, "stddev", strf("1%s", powers[p]), 0);
    }
}

/* ---- how much ---- */

/* A run of so many series of one metric. */
static apr_int64_t seed_series(int series)
{
    apr_int64_t config = seed_config(DB_A, "many series");

    for (int i = 0; i < 2; i++)
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) SELECT $1, $2, 1, '2025-01-01T00:00:00Z',"
               " jsonb_build_object('n', n), '{\"v\":1,\"w\":2,\"x\":3}'"
               " FROM generate_series(1, $3::int) n",
               3, strf(ID, config), strf(ID, compared_run(config, i ? "head" : "base", NULL)),
               strf("%d", series));
    return config;
}

static void test_too_much(void)
{
    apr_int64_t config = seed_series(34000);
    const char *sides = "base_branch=base&head_branch=head";

    expect_error(compared(config, sides), 4000,
                 "there would be more than 100000 series to compare: choose fewer dimensions for"
                 " group_by, fewer metric_fields, or some values of dimensions, or fewer runs");
    http_response_t *res = compared(config, strf("%s&metric_fields=v", sides));
    expect_json(res, "data.total", "34000");
    expect_json(res, "data.summary.unchanged", "34000");
    expect_int(json_length_at(res, "data.series"), 100);
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT config_id, run_id, 1, timestamp, '{\"n\":0}',"
           " metrics FROM github_workflow_metrics, generate_series(1, 8) WHERE config_id = $1 AND"
           " run_id = (SELECT min(run_id) FROM github_workflow_metrics WHERE config_id = $1)",
           1, strf(ID, config));
    expect_error(compared(config, strf("%s&metric_fields=v", sides)), 4000,
                 "there would be more than 250000 values of one series to compare: choose fewer"
                 " dimensions for group_by, fewer metric_fields, or some values of dimensions, or"
                 " fewer runs");
}

SUITE(compare) = {
    {"the answer", test_the_answer},
    {"beside SciPy", test_scipy},
    {"equal sides", test_equal_sides},
    {"units", test_units},
    {"extreme values", test_extreme_values},
    {"proportions", test_proportions},
    {"too much", test_too_much},
    CU_TEST_INFO_NULL,
};
