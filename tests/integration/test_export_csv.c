/*
 * test_export_csv.c - the cells of an export in CSV.
 */
#include "../support/suite.h"
#include "csv.h"
#include "db.h"
#include "expect.h"
#include "exports.h"
#include "fixture.h"
#include <string.h>

static void seed_pair(apr_int64_t config, const char *key, const char *value)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions) VALUES ($1, 1, 1, '2025-01-01T00:00:00Z', $3::text,"
           " jsonb_build_object($2::text, $3::text))",
           3, strf(ID, config), key, value);
}

/* What libcsv reads back equals what is stored. */
static void test_round_trip(void)
{
    static const char *const texts[] = {"plain",
                                        "comma, inside",
                                        "\"quoted\"",
                                        "\"",
                                        "\"\"",
                                        "two\nlines",
                                        "cr\rhere",
                                        "crlf\r\nhere",
                                        "",
                                        " leading",
                                        "trailing ",
                                        "\xe2\x80\xa8 ls",
                                        "\xf0\x9f\x9a\x80",
                                        "a;b",
                                        "\\N",
                                        "back\\slash",
                                        "null",
                                        ("\xef\xbb\xbf"
                                         "bom"),
                                        "tab\tinside",
                                        ",",
                                        "\n",
                                        "%s%n",
                                        "\x01\x7f"};
    apr_int64_t config = seed_config(DB_A, "round trip");
    csv_table_t *t;

    seed_schema(DB_A, config, 1, 1, "[\"text, \\\"quoted\\\"\"]", "[]");
    for (size_t i = 0; i < countof(texts); i++)
        seed_pair(config, "text, \"quoted\"", texts[i]);
    t = export_table(config, "");
    expect_int(t->rows, countof(texts) + 1);
    expect_int(t->columns, 3);
    expect_str(csv_cell(t, 0, 0), "text, \"quoted\"");
    for (size_t i = 0; i < countof(texts); i++) {
        expect_str(csv_cell(t, i + 1, 0), texts[i]);
        expect_str(csv_cell(t, i + 1, 1), "2025-01-01T00:00:00Z");
        expect_str(csv_cell(t, i + 1, 2), texts[i]);
    }
}

/* NULL, an absent key and JSON null are empty; an empty text is "". */
static void test_null_and_empty(void)
{
    apr_int64_t config = export_bench("null and empty");

    seed_metric(DB_A, config, "2025-01-03T00:00:00Z", "{\"Op\":null}", "{\"throughput\":null}",
                NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"Op\":\"\"}", "{\"throughput\":\"\"}", "");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    csv_table_t *t = export_table(config, "");
    for (int row = 1; row <= 3; row++) {
        const char *expected = row == 2 ? "" : NULL;
        expect_str(csv_cell(t, row, 0), expected);
        expect_str(csv_cell(t, row, 2), expected);
        expect_str(csv_cell(t, row, 5), expected);
    }
}

/* JSONB that is not a scalar or not an object must not fail the export. */
static void test_odd_values(void)
{
    apr_int64_t config = export_bench("odd values");

    seed_metric(DB_A, config, "2025-01-04T00:00:00Z", "{\"Op\":32}", "{\"throughput\":\"N/A\"}",
                NULL);
    seed_metric(DB_A, config, "2025-01-03T00:00:00Z", "{\"Op\":true}",
                "{\"throughput\":123456789012345678901234567890.10}", NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"Op\":[1,\"a\"]}",
                "{\"throughput\":{\"k\":[]}}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "[]", "null", NULL);
    csv_table_t *t = export_table(config, "");
    expect_int(t->rows, 5);
    expect_str(csv_cell(t, 1, 0), "32");
    expect_str(csv_cell(t, 1, 2), "N/A");
    expect_str(csv_cell(t, 2, 0), "true");
    expect_str(csv_cell(t, 2, 2), "123456789012345678901234567890.10");
    expect_str(csv_cell(t, 3, 0), "[1, \"a\"]");
    expect_str(csv_cell(t, 3, 2), "{\"k\": []}");
    expect_str(csv_cell(t, 4, 0), NULL);
    expect_str(csv_cell(t, 4, 2), NULL);
}

static void test_formulas(void)
{
    static const struct {
        const char *stored, *guarded;
    } cases[] = {{"=1+1", "'=1+1"},
                 {"+SUM(A1)", "'+SUM(A1)"},
                 {"-2+3", "'-2+3"},
                 {"@cmd", "'@cmd"},
                 {"\tx", "'\tx"},
                 {"\rx", "'\rx"},
                 {"=\"a,b\"", "'=\"a,b\""},
                 {"-1.5", "-1.5"},
                 {"+1e9", "+1e9"},
                 {"-", "-"},
                 {"-3.24%", "-3.24%"},
                 {"-1,234.5", "-1,234.5"},
                 {"+1.05%", "+1.05%"},
                 {"-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"},
                 {"\xEF\xBC\x9D\x31", "'\xEF\xBC\x9D\x31"},
                 {"1=1", "1=1"},
                 {"'=1", "'=1"},
                 {"-1.5x", "'-1.5x"},
                 {"--1", "'--1"}};
    apr_int64_t config = seed_config(DB_A, "formulas");
    csv_table_t *t;

    seed_schema(DB_A, config, 1, 1, "[\"=cell\"]", "[]");
    for (size_t i = 0; i < countof(cases); i++)
        seed_pair(config, "=cell", cases[i].stored);
    t = export_table(config, "");
    expect_str(csv_cell(t, 0, 0), "'=cell");
    for (size_t i = 0; i < countof(cases); i++) {
        expect_str(csv_cell(t, i + 1, 0), cases[i].guarded);
        expect_str(csv_cell(t, i + 1, 2), cases[i].guarded);
    }
    http_response_t *res = http_send(
        &(http_request_t){.host = HOST_PLAIN, .path = strf("/configs/" ID "/export", config)});
    t = csv_read(res->body, res->len);
    expect_str(csv_cell(t, 0, 0), "=cell");
    for (size_t i = 0; i < countof(cases); i++)
        expect_str(csv_cell(t, i + 1, 0), cases[i].stored);
    res = export(config, "?format=json");
    expect_text(res, "data.rows.0.=cell", "=1+1");
}

/* A header row wider than any buffer, and a cell larger than the sink's. */
static void test_large_cells(void)
{
    apr_int64_t config = export_bench("large cells");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions) SELECT $1::bigint, 1, 1, '2025-01-01T00:00:00Z',"
           " jsonb_build_object('Op', repeat('x,\"', 100000 * i)) FROM generate_series(1, 3) i",
           1, strf(ID, config));
    csv_table_t *t = export_table(config, "");
    expect_int(t->rows, 4);
    for (int i = 1; i <= 3; i++) {
        const char *cell = csv_cell(t, i, 0);
        expect_int(strlen(cell), 300000 * i);
        expect_str(cell + 300000 * i - 6, "x,\"x,\"");
    }
}

/* What a file may not start with. */
static void test_first_cell(void)
{
    static const struct {
        const char *field, *starts;
    } cases[] = {
        {"ID", "\"ID\","}, {"ID_1", "\"ID_1\","}, {"\xEF\xBB\xBFOp", "\"\xEF\xBB\xBFOp\","},
        {"Id", "Id,"},     {"Op", "Op,"},         {"sep=", "\"sep=\","},
        {"#", "\"#\","},   {"-", "-,"},           {"", "\"\","},
    };

    for (size_t i = 0; i < countof(cases); i++) {
        apr_int64_t config = seed_config(DB_A, strf("first cell %d", (int)i));

        seed_schema(DB_A, config, 1, 1, strf("[\"%s\"]", cases[i].field), "[\"ID\"]");
        seed_pair(config, cases[i].field, "ID");
        const char *text = export_body(config, "");
        expect(!strncmp(text, cases[i].starts, strlen(cases[i].starts)), "%s: %.40s",
               cases[i].field, text);
        expect_contains(text, "\nID,,"); /* only at the very beginning */
        csv_table_t *t = export_table(config, "");
        expect_str(csv_cell(t, 0, 0), cases[i].field);
    }
}

static void test_bom(void)
{
    apr_int64_t config = export_bench("bom");
    const char *plain, *only = "is for format=csv only";

    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"\xc3\xa9\"}", "{}", NULL);
    plain = export_body(config, "");
    expect_str(export_body(config, "?bom=false"), plain);
    expect_str(export_body(config, "?bom=true"), strf("\xEF\xBB\xBF%s", plain));
    expect_str(export_body(config, "?bom=true&format=csv&delimiter=tab"),
               strf("\xEF\xBB\xBF%s", export_body(config, "?delimiter=tab")));
    expect_field(export(config, "?bom=true&format=json"), "bom", only);
    expect_field(export(config, "?format=ndjson&bom=true"), "bom", only);
    expect_success(export(config, "?bom=false&format=json"));
    expect_field(export(config, "?bom=1"), "bom", "must be true or false");
    expect_field(export(config, "?bom="), "bom", "must be true or false");
    expect_int(json_length_at(export(config, "?bom=true&format=xml"), "errors"), 1);
}

static void test_delimiters(void)
{
    static const char *const names[] = {"comma", "semicolon", "tab"};
    static const char characters[] = {',', ';', '\t'};
    static const char *const texts[] = {"a,b", "a;b", "a\tb", "=1", "-1,5", "-1.234,5", ";", "\""};
    apr_int64_t config = seed_config(DB_A, "delimiters");

    seed_schema(DB_A, config, 1, 1, "[\"x,y\"]", "[\"x;y\",\"x\\ty\"]");
    for (size_t i = 0; i < countof(texts); i++)
        seed_pair(config, "x,y", texts[i]);
    for (size_t d = 0; d < countof(names); d++) {
        http_response_t *res = export(config, strf("?delimiter=%s", names[d]));
        const char *text = res->body;
        csv_table_t *t = csv_read_delimited(res->body, res->len, characters[d]);

        expect_status(res, 200);
        expect_header(res, "Content-Type", "text/csv; charset=utf-8");
        expect_contains(http_header(res, "Content-Disposition"), ".csv\"");
        expect(t && !t->ragged, "%s: no table: %s", names[d], text);
        expect_str(csv_cell(t, 0, 0), "x,y");
        expect_str(csv_cell(t, 0, 1), "x;y");
        expect_str(csv_cell(t, 0, 2), "x\ty");
        for (size_t i = 0; i < countof(texts); i++) {
            int formula = !strcmp(texts[i], "=1") || (d != 1 && texts[i][0] == '-');

            expect_str(csv_cell(t, (int)i + 1, 0), strf("%s%s", formula ? "'" : "", texts[i]));
        }
    }
    expect_contains(export_body(config, "?delimiter=semicolon"), "\n-1,5;;;2025");
    expect_contains(export_body(config, "?delimiter=semicolon"), "\n\"a;b\";;;2025");
    expect_contains(export_body(config, "?delimiter=tab"), "\na;b\t\t\t2025");
    expect_field(export(config, "?delimiter=semicolon&format=json"), "delimiter",
                 "is for format=csv only");
    expect_success(export(config, "?delimiter=comma&format=json"));
    expect_field(export(config, "?delimiter=%3B"), "delimiter",
                 "must be one of comma, semicolon, tab");
}

/* A filter that is set by type takes the type with its charset, too. */
static void test_deflate(void)
{
    apr_int64_t config = export_bench("deflated");

    for (int i = 0; i < 20; i++)
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"GEMM\"}", "{}", "f");
    http_response_t *res = http_send(&(http_request_t){
        .path = strf("/configs/" ID "/export", config), .headers = {"Accept-Encoding: gzip"}});
    expect_status(res, 200);
    expect_header(res, "Content-Type", "text/csv; charset=utf-8");
    expect_header(res, "Content-Encoding", "gzip");
    expect_header(res, "Wfmetrics-Truncated", "false");
}

SUITE(export_csv) = {
    {"CSV read back equals the rows", test_round_trip},
    {"NULL, absent and empty", test_null_and_empty},
    {"odd values", test_odd_values},
    {"the formula guard", test_formulas},
    {"large cells", test_large_cells},
    {"the file's first cell", test_first_cell},
    {"a byte order mark", test_bom},
    {"delimiters", test_delimiters},
    {"deflate by type", test_deflate},
    CU_TEST_INFO_NULL,
};
