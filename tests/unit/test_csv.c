/*
 * test_csv.c - quoting, the formula guard, and that an independent reading gives the cells back.
 */
#include "core/csv.h"
#include "unit.h"
#include <apr_strings.h>

/** One cell as it is written, the file's first or the second row's. */
static const char *cell_of(const char *text, char delimiter, int guard, int first)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_csv_t c;

    wfm_csv_init(&c, &sink->out, delimiter, guard);
    if (!first) {
        wfm_csv_cell(&c, NULL, 0);
        wfm_csv_row_end(&c);
    }
    wfm_csv_cell(&c, text, text ? strlen(text) : 0);
    return unit_written(sink) + !first;
}

static const char *cell(const char *text, int guard)
{
    return cell_of(text, ',', guard, 0);
}

static int is_formula(const char *text, apr_size_t len, char delimiter)
{
    wfm_csv_t c;

    wfm_csv_init(&c, &unit_sink(64)->out, delimiter, 1);
    return wfm_csv_is_formula(&c, text, len);
}

static void test_rows(void)
{
    unit_sink_t *sink = unit_sink(64);
    wfm_csv_t c;

    wfm_csv_init(&c, &sink->out, ',', 1);
    wfm_csv_cell(&c, "Op", 2);
    wfm_csv_cell(&c, NULL, 0);
    wfm_csv_cell(&c, "", 0);
    wfm_csv_cell(&c, "throughputXX", 10);
    wfm_csv_row_end(&c);
    wfm_csv_cell(&c, NULL, 0);
    wfm_csv_cell(&c, NULL, 0);
    wfm_csv_row_end(&c);
    wfm_csv_cell(&c, "last", 4);
    wfm_csv_row_end(&c);
    expect_str(unit_written(sink), "Op,,\"\",throughput\n,\nlast\n");
}

static void test_quoting(void)
{
    expect_str(cell("plain", 1), "plain");
    expect_str(cell("two words", 1), "two words");
    expect_str(cell("a,b", 1), "\"a,b\"");
    expect_str(cell("say \"hi\"", 1), "\"say \"\"hi\"\"\"");
    expect_str(cell("\"", 1), "\"\"\"\"");
    expect_str(cell("\"\"", 1), "\"\"\"\"\"\"");
    expect_str(cell("a\nb", 1), "\"a\nb\"");
    expect_str(cell("a\rb", 1), "\"a\rb\"");
    expect_str(cell(" a", 1), "\" a\"");
    expect_str(cell("a ", 1), "\"a \"");
    expect_str(cell("a\t", 1), "\"a\t\"");
    expect_str(cell(" ", 1), "\" \"");
    expect_str(cell("a;b", 1), "a;b");
    expect_str(cell("\xE6\x97\xA5\xE6\x9C\xAC", 1), "\xE6\x97\xA5\xE6\x9C\xAC");
    expect_str(cell("", 1), "\"\"");
    expect_str(cell(NULL, 1), "");
}

static void test_delimiters(void)
{
    static const char *const texts[] = {"a,b", "a;b", "a\tb"};
    static const char delimiters[] = {',', ';', '\t'};

    for (int d = 0; d < 3; d++)
        for (int i = 0; i < 3; i++)
            expect_str(cell_of(texts[i], delimiters[d], 1, 0),
                       i == d ? apr_psprintf(unit_pool(), "\"%s\"", texts[i]) : texts[i]);
    for (int d = 0; d < 3; d++) {
        unit_sink_t *sink = unit_sink(64);
        wfm_csv_t c;

        wfm_csv_init(&c, &sink->out, delimiters[d], 1);
        wfm_csv_cell(&c, "a", 1);
        wfm_csv_cell(&c, NULL, 0);
        wfm_csv_cell(&c, "\"", 1);
        wfm_csv_row_end(&c);
        expect_str(unit_written(sink),
                   apr_psprintf(unit_pool(), "a%c%c\"\"\"\"\n", delimiters[d], delimiters[d]));
    }
}

/* What a file may not start with, and may hold anywhere else. */
static void test_first_cell(void)
{
    static const char *const mistakable[] = {"ID",   "ID_1",  "IDLE time", "\xEF\xBB\xBFOp",
                                             "sep=", "SEP=x", "#Op",       "\xEF\xBB\xBF"};
    static const char *const plain[] = {"Id", "id", "I", "DI", "Op", "sep", "a#", "\xEF\xBC\x8C"};

    for (size_t i = 0; i < sizeof mistakable / sizeof *mistakable; i++) {
        expect_str(cell_of(mistakable[i], ',', 1, 1),
                   apr_psprintf(unit_pool(), "\"%s\"", mistakable[i]));
        expect_str(cell_of(mistakable[i], ',', 1, 0), mistakable[i]);
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        expect_str(cell_of(plain[i], ',', 1, 1), plain[i]);
    expect_str(cell_of("=1", ',', 1, 1), "'=1");
    expect_str(cell_of(NULL, ',', 1, 1), "");
}

/* What a spreadsheet takes for numbers, what it would run, and what it takes for text; several a
 * line. */
/* clang-format off */
static const char *const numbers[] = {
    "-1", "+1", "-1.5", "-.5", "+1.", "-0", "-1e5", "-1E+5", "+1e-5", "-12.50e3", "-1.e2",
    "+0.1", "-00012", "+.5e1", "-3.24%", "+1.05%", "-5%", "-.5%", "-1,234.5", "-1,234",
    "+12,345,678.90", "-1,234.5%", "-123,456%", "-1,234.", "-",
};
static const char *const formulas[] = {
    "=1+1", "=", "+", "@", "@SUM(A1)", "\t=1", "\r=1", "\t", "-1+1", "+1-1", "-a", "--1", "+-1",
    "-1e", "-e5", "-.", "-1 ", "- 1", "-1,5", "+1e+", "-0x1F", "-inf", "+NaN", "-1.2.3",
    "-1e5.5", "-1\n", "=5", "@1", "--", "-@x", "+1+1", "-1+cmd|' /C calc'!A0", "-%", "-1%%",
    "-1%1", "-1%+1", "-1e5%", "-,123", "-1234,567", "-1,23", "-1,2345", "-1,234,", "-1,234e5",
    "-1.5,000", "-1,234,56", "-$1", "-(1)", "-1/2", "-A1", "-1:2", "\xEF\xBC\x9D" "1",
    "\xEF\xBC\x8B" "1", "\xEF\xBC\x8D" "1", "\xEF\xBC\xA0" "x",
};
static const char *const harmless[] = {
    "", "1", "a=b", "1+1", " =1", "'=1", "_", "abc", "\n=1", "(1)", "5%", "\xEF\xBC\x8C" "1",
    "\xEF\xBC", "\xEF", "\xEF\xBB\xBF" "=1", "\xE2\x88\x92" "1",
};
/* clang-format on */

static void test_numbers_are_no_formulas(void)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        expect_str(cell(numbers[i], 1), strchr(numbers[i], ',')
                                            ? apr_psprintf(unit_pool(), "\"%s\"", numbers[i])
                                            : numbers[i]);
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++) {
        CU_ASSERT_TRUE(is_formula(formulas[i], strlen(formulas[i]), ','));
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        CU_ASSERT_FALSE(is_formula(harmless[i], strlen(harmless[i]), ','));
    }
    CU_ASSERT_TRUE(is_formula("-1\0", 3, ',')); /* a NUL is no digit either */
    /* The length rules: what lies behind it belongs to another cell. */
    CU_ASSERT_FALSE(is_formula("-15", 2, ','));
    CU_ASSERT_FALSE(is_formula("-1.x", 2, ','));
    CU_ASSERT_FALSE(is_formula("-1e", 2, ','));
    CU_ASSERT_FALSE(is_formula("-1,234", 2, ','));
    CU_ASSERT_TRUE(is_formula("-1,234", 5, ','));
    CU_ASSERT_TRUE(is_formula("-1e5", 3, ','));
    CU_ASSERT_FALSE(is_formula("-+1", 1, ','));
}

/* Where semicolons separate the cells, the comma may be the decimal mark. */
static void test_decimal_comma(void)
{
    static const char *const numbers[] = {"-1,5",   "+1.234,5", "-1.234.567,25",
                                          "-3,24%", ",5",       "-,5"};
    static const char *const formulas[] = {"-1,5,5", "-1.23,5", "-1,5+1", "-1,234.5,6", "-,"};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        CU_ASSERT_FALSE(is_formula(numbers[i], strlen(numbers[i]), ';'));
        expect_str(cell_of(numbers[i], ';', 1, 0), numbers[i]);
    }
    CU_ASSERT_FALSE(is_formula("-1,234.5", 8, ';'));
    CU_ASSERT_TRUE(is_formula("-1,5", 4, '\t'));
    CU_ASSERT_TRUE(is_formula("-1.234,5", 8, ','));
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        CU_ASSERT_TRUE(is_formula(formulas[i], strlen(formulas[i]), ';'));
}

static void test_guard(void)
{
    expect_str(cell("=1+1", 1), "'=1+1");
    expect_str(cell("@x", 1), "'@x");
    expect_str(cell("-1+1", 1), "'-1+1");
    expect_str(cell("=HYPERLINK(\"x\",\"y\")", 1), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    expect_str(cell("\t=1", 1), "\"'\t=1\"");
    expect_str(cell("\r=1", 1), "\"'\r=1\"");
    expect_str(cell("=1+1", 0), "=1+1");
    expect_str(cell("\t=1", 0), "\"\t=1\"");
}

/** Reads one field of RFC 4180 text up to its comma or line end; *was_null: nothing at all stood
 * there. */
static const char *read_field(const char **s, char delimiter, int *was_null)
{
    char *field = apr_pcalloc(unit_pool(), strlen(*s) + 1), *f = field;

    *was_null = **s != '"';
    if (!*was_null) {
        for (++*s; **s != '"' || (*s)[1] == '"'; ++*s) {
            *s += **s == '"';
            *f++ = **s;
        }
        ++*s;
        return field;
    }
    while (**s != delimiter && **s != '\n')
        *f++ = *(*s)++;
    *was_null = f == field;
    return field;
}

static void test_cells_round_trip(void)
{
    static const char delimiters[] = {',', ';', '\t'};
    static const char alphabet[] = "ab,;\"\r\n \t=+-@'1.\xC3\xA9";
    apr_uint64_t state = 7;
    int round, i, k;

    for (round = 0; round < 300; round++) {
        unit_sink_t *sink = unit_sink(64);
        const char *cells[6], *s;
        wfm_csv_t c;

        wfm_csv_init(&c, &sink->out, delimiters[round % 3], 0);
        for (i = 0; i < 6; i++) {
            int len = (int)(unit_random(&state) % 12);
            char *text = apr_pcalloc(unit_pool(), 12);

            for (k = 0; k < len; k++)
                text[k] = alphabet[unit_random(&state) % (sizeof(alphabet) - 1)];
            cells[i] = unit_random(&state) % 8 ? text : NULL;
            wfm_csv_cell(&c, cells[i], (apr_size_t)len);
        }
        wfm_csv_row_end(&c);
        s = unit_written(sink);
        for (i = 0; i < 6; i++) {
            int was_null;
            const char *field = read_field(&s, delimiters[round % 3], &was_null);

            expect_int(was_null, cells[i] == NULL);
            expect_str(field, cells[i] ? cells[i] : "");
            expect_int(*s++, i < 5 ? delimiters[round % 3] : '\n');
        }
        expect_int(*s, '\0');
    }
}

SUITE(csv) = {
    {"rows", test_rows},
    {"quoting", test_quoting},
    {"delimiters", test_delimiters},
    {"the file's first cell", test_first_cell},
    {"numbers are no formulas", test_numbers_are_no_formulas},
    {"numbers with a decimal comma", test_decimal_comma},
    {"guard", test_guard},
    {"cells round trip", test_cells_round_trip},
    CU_TEST_INFO_NULL,
};
