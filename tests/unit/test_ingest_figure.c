/*
 * test_ingest_figure.c - numbers as people write them, units, and what names say.
 */
#include "ingest/figure.h"
#include "ingest/words.h"
#include "unit.h"
#include <apr_strings.h>

/* The number's JSON with its unit; "" for none. */
static const char *number_of(const char *text, wfm_reading_e reading)
{
    char number[WFM_FIGURE_TEXT];
    wfm_figure_t f;

    if (!wfm_figure_read(text, strlen(text), reading, &f))
        return "";
    wfm_figure_text(&f, number);
    return apr_psprintf(unit_pool(), "%s%s%s", number, f.unit ? " " : "",
                        f.unit ? f.unit->name : "");
}

/* text, as it is where the point is decimal, and where the comma is */
static const char *const figures[][3] = {
    {"0", "0", "0"},
    {"7", "7", "7"},
    {"-7", "-7", "-7"},
    {"+7", "7", "7"},
    {"\xe2\x88\x92"
     "7",
     "-7", "-7"},
    {" 7 ", "7", "7"},
    {"1.5", "1.5", ""},
    {"1.50", "1.50", ""},
    {"1,5", "", "1.5"},
    {".5", "0.5", ""},
    {",5", "", "0.5"},
    {"5.", "5", ""},
    {"0.123", "0.123", ""},
    {"0,123", "", "0.123"},
    {"1.234", "1.234", "1234"},
    {"1,234", "1234", "1.234"},
    {"12.345", "12.345", "12345"},
    {"1234.567", "1234.567", ""},
    {"1234,567", "", "1234.567"},
    {"1.234,5", "", "1234.5"},
    {"1,234.5", "1234.5", ""},
    {"1.234.567", "", "1234567"},
    {"1,234,567", "1234567", ""},
    {"1,234,567.89", "1234567.89", ""},
    {"1,23,456", "", ""},
    {"1,2345", "", "1.2345"},
    {"12,34.5", "", ""},
    {"1.2.3", "", ""},
    {"1,234.567,8", "", ""},
    {"1 234", "", ""},
    {"1\xc2\xa0"
     "234,5",
     "", "1234.5"},
    {"1\xe2\x80\xaf"
     "234.5",
     "1234.5", ""},
    {"1'234'567.8", "1234567.8", ""},
    {"1'234,567", "", "1234.567"},
    {"1'23", "", ""},
    {"1e-3", "0.001", "0.001"},
    {"1E3", "1000", "1000"},
    {"1.5e+2", "150", ""},
    {"1.25e1", "12.5", ""},
    {"1,5e2", "", "150"},
    {"1e300", "1e300", "1e300"},
    {"1e-200", "1e-200", "1e-200"},
    {"1e308", "1e308", "1e308"},
    {"1.7e308", "17e307", ""},
    {"-1.7976931348623157e308", "-17976931348623157e292", ""},
    {"1.8e308", "", ""},
    {"1e309", "", ""},
    {"2.3e-308", "23e-309", ""},
    {"5e-324", "5e-324", "5e-324"},
    {"1e-324", "", ""},
    {"0e-500", "0", "0"},
    {"-0.0e-99999", "-0", ""},
    {"0e500", "0", "0"},
    {"0.2206e+02", "22.06", ""},
    {"0.0015e3", "1.5", ""},
    {"0.05e1", "0.5", ""},
    {"0.00e1", "0.0", ""},
    {"1e99999999999", "", ""},
    {"0e5", "0", "0"},
    {"-0", "-0", "-0"},
    {"1,234e3", "", "1234"},
    {"1e", "", ""},
    {"1e+", "", ""},
    {"e5", "", ""},
    {"007", "", ""},
    {"00", "", ""},
    {"0x1F", "", ""},
    {"--1", "", ""},
    {"- 1", "", ""},
    {"1-2", "", ""},
    {"12.5 TFLOPS", "12.5 TFLOPS", ""},
    {"12,5 TFLOP/s", "", "12.5 TFLOPS"},
    {"98 %", "98 %", "98 %"},
    {"98%", "98 %", "98 %"},
    {"3ms", "3 ms", "3 ms"},
    {"3 \xc2\xb5s", "3 us", "3 us"},
    {"3 \xce\xbcs", "3 us", "3 us"},
    {"1e3 ns", "1000 ns", "1000 ns"},
    {"5 GB/sec", "5 GB/s", "5 GB/s"},
    {"5 gb", "5 GB", "5 GB"},
    {"5 Mb", "", ""},
    {"7B", "", ""},
    {"7 B", "7 B", "7 B"},
    {"1.5x", "1.5 x", ""},
    {"4 apples", "", ""},
    {"5 tok/s", "5 tokens/s", "5 tokens/s"},
    {"ms", "", ""},
    {"", "", ""},
    {"-", "", ""},
    {".", "", ""},
    {",", "", ""},
    {"nan", "", ""},
    {"inf", "", ""},
    {"TRUE", "", ""},
    {"2025-01-31", "", ""},
    {"12:30", "", ""},
};

static void test_figures(void)
{
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        const char *text = figures[i][0];

        expect_str(apr_psprintf(unit_pool(), "%s|%s|%s", text,
                                number_of(text, WFM_POINT_IS_DECIMAL),
                                number_of(text, WFM_COMMA_IS_DECIMAL)),
                   apr_psprintf(unit_pool(), "%s|%s|%s", text, figures[i][1], figures[i][2]));
    }
}

static void test_digits(void)
{
    char text[WFM_FIGURE_DIGITS + 2];

    memset(text, '1', sizeof text);
    text[WFM_FIGURE_DIGITS] = '\0';
    expect_str(number_of(text, WFM_POINT_IS_DECIMAL), text);
    text[WFM_FIGURE_DIGITS] = '1';
    text[WFM_FIGURE_DIGITS + 1] = '\0';
    expect_str(number_of(text, WFM_POINT_IS_DECIMAL), "");
    expect_str(number_of("0.1234567890123456789012345", WFM_POINT_IS_DECIMAL),
               "0.1234567890123456789012345");
    CU_ASSERT_FALSE(wfm_figure_read("1\0", 2, WFM_POINT_IS_DECIMAL, &(wfm_figure_t){0}));
}

static const char *converted(const char *text, const char *to)
{
    char number[WFM_FIGURE_TEXT];
    wfm_figure_t f;

    wfm_figure_read(text, strlen(text), WFM_POINT_IS_DECIMAL, &f);
    if (!wfm_figure_convert(&f, f.unit, wfm_unit_of_cell(to, strlen(to), 1)))
        return "out of bounds";
    wfm_figure_text(&f, number);
    return apr_pstrdup(unit_pool(), number);
}

static void test_conversion(void)
{
    expect_str(converted("1500 us", "ms"), "1.500");
    expect_str(converted("1.5 s", "us"), "1500000");
    expect_str(converted("0.0015 s", "ms"), "1.5");
    expect_str(converted("0.0015 s", "us"), "1500");
    expect_str(converted("0.1 ms", "ns"), "100000");
    expect_str(converted("123456789012345678901 ns", "s"), "123456789012.345678901");
    expect_str(converted("-2 ms", "us"), "-2000");
    expect_str(converted("90 s", "min"), "1.5");
    expect_str(converted("2 min", "s"), "120");
    expect_str(converted("1 GiB", "MiB"), "1024");
    expect_str(converted("1e307 h", "ns"), "out of bounds");
    expect_str(converted("1e307 s", "ns"), "out of bounds");
    expect_str(converted("1e-313 ns", "h"), "out of bounds");
    expect_str(converted("1e100 min", "s"), "6e101");
    expect_str(converted("1e80 min", "s"), "6e81");
    expect_str(converted("-1e80 min", "s"), "-6e81");
    expect_str(converted("1e-200 min", "s"), "6e-199");
    expect_str(converted("1e305 min", "s"), "6e306");
    expect_str(converted("1e308 KB", "TiB"), "909494701772928e284");
    expect_str(converted("7 s", "min"), "0.116666666666667");
    expect_str(converted("123456789012345678901 min", "s"), "7407407340740740000000");
    expect_str(converted("0.000 min", "s"), "0.000");
    expect_str(converted("1.2 TB/s", "GB/s"), "1200");
    expect_str(converted("3 ops/ms", "ops/s"), "3000");
}

static const char *unit_in(const char *name)
{
    const wfm_unit_t *unit = wfm_unit_of_name(name);

    return unit ? unit->name : "";
}

static wfm_direction_e direction_of(const char *name)
{
    int torn;

    return wfm_name_direction(name, &torn);
}

static void test_units_of_names(void)
{
    static const char *const units[][2] = {{"latency (ms)", "ms"},
                                           {"bw [GB/s]", "GB/s"},
                                           {"latency_ms", "ms"},
                                           {"time us", "us"},
                                           {"tokens_per_s", "tokens/s"},
                                           {"tokens per second", "tokens/s"},
                                           {"TFLOPS", "TFLOPS"},
                                           {"tflops", "TFLOPS"},
                                           {"bandwidth_gb_s", "GB/s"},
                                           {"latency_min", ""},
                                           {"latency", ""},
                                           {"mem_mb", "MB"},
                                           {"usage_pct", "%"},
                                           {"x (speed)", ""},
                                           {"", ""},
                                           {"()", ""},
                                           {")", ""},
                                           {"_ms", "ms"},
                                           {"items", ""},
                                           {"bw_Gbps", "Gbit/s"},
                                           {"CPU (%)", "%"}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        expect_str(apr_psprintf(unit_pool(), "%s: %s", units[i][0], unit_in(units[i][0])),
                   apr_psprintf(unit_pool(), "%s: %s", units[i][0], units[i][1]));
    expect_str(wfm_unit_in_brackets("gpu [%]")->name, "%");
    CU_ASSERT_PTR_NULL(wfm_unit_in_brackets("rank (global)"));
    CU_ASSERT_PTR_NULL(wfm_unit_in_brackets("latency_ms"));
    CU_ASSERT_PTR_NULL(wfm_unit_in_brackets("()"));
}

static void test_names(void)
{
    static const char *const parameter[] = {"batch_size",
                                            "Batch Size",
                                            "batchSize",
                                            "M",
                                            "k",
                                            "seq_len",
                                            "num_gpus",
                                            "GPUs",
                                            "rank (global)",
                                            "config.batch_size",
                                            "run.args.model.layers",
                                            "params.retries",
                                            "param:alpha",
                                            "shape.M"};
    static const char *const no_parameter[] = {"throughput",
                                               "latency",
                                               "batch_size_ratio",
                                               "",
                                               "temperature.gpu",
                                               "latency.batch",
                                               "x.config",
                                               "config.",
                                               ".",
                                               "config.latency",
                                               "param:throughput_loss",
                                               "Backend:Stage",
                                               "()"};

    for (size_t i = 0; i < sizeof parameter / sizeof *parameter; i++)
        CU_ASSERT_TRUE(wfm_name_is_parameter(parameter[i]));
    for (size_t i = 0; i < sizeof no_parameter / sizeof *no_parameter; i++)
        CU_ASSERT_FALSE(wfm_name_is_parameter(no_parameter[i]));
    CU_ASSERT_TRUE(wfm_name_is_size("Message Size (KB)"));
    CU_ASSERT_TRUE(wfm_name_is_size("params.size"));
    CU_ASSERT_FALSE(wfm_name_is_size("batch_size"));
    CU_ASSERT_FALSE(wfm_name_is_size("heap.size"));
    CU_ASSERT_TRUE(wfm_name_is_label("rocm_version"));
    CU_ASSERT_TRUE(wfm_name_is_label("runId"));
    CU_ASSERT_FALSE(wfm_name_is_label("idle"));
    CU_ASSERT_FALSE(wfm_name_is_label(""));
    expect_int(direction_of("Throughput"), WFM_HIGHER_IS_BETTER);
    expect_int(direction_of("p99_latency"), WFM_LOWER_IS_BETTER);
    expect_int(direction_of("latencyP99"), WFM_LOWER_IS_BETTER);
    expect_int(direction_of("throughput_loss"), WFM_DIRECTION_UNKNOWN);
    expect_int(direction_of("score"), WFM_HIGHER_IS_BETTER);
    expect_int(direction_of("underscored"), WFM_DIRECTION_UNKNOWN);
}

/* (the text of a unit may be any) */
static void test_no_unit(void)
{
    CU_ASSERT_PTR_NULL(wfm_unit_of_cell("b\0\0\x10", 4, 0));
    CU_ASSERT_PTR_NULL(wfm_unit_of_cell("ms\0", 3, 1));
    CU_ASSERT_PTR_NULL(wfm_unit_of_cell("ms msec", 7, 1));
    CU_ASSERT_PTR_NULL(wfm_unit_of_cell("m", 1, 1));
    CU_ASSERT_PTR_NULL(wfm_unit_of_cell("MSEC", 4, 1));
    expect_str(wfm_unit_of_cell("gb", 2, 1)->name, "GB");
    expect_str(wfm_unit_of_cell("TFlop/S", 7, 0)->name, "TFLOPS");
    expect_str(wfm_unit_of_cell("mW", 2, 0)->name, "mW");
    expect_str(wfm_unit_of_cell("\xc2\xb5s/op", 6, 0)->name, "us/op");
}

static void test_missing(void)
{
    static const char *const missing[] = {"",
                                          " ",
                                          "-",
                                          "--",
                                          "N/A",
                                          "n/a",
                                          "NaN",
                                          "-inf",
                                          "NULL",
                                          " none ",
                                          "\xe2\x80\x94",
                                          "Infinity",
                                          "-nan",
                                          "[N/A]",
                                          "<NA>",
                                          "NaT",
                                          "N.A.",
                                          "#DIV/0!",
                                          "#N/A",
                                          "[Not Supported]"};
    static const char *const there[] = {"0", "x", "---", "nano", "n",    "/",
                                        "[", "<", "[5]", "#1",   "Nat 5"};

    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        CU_ASSERT_TRUE(wfm_figure_is_missing(missing[i], strlen(missing[i])));
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        CU_ASSERT_FALSE(wfm_figure_is_missing(there[i], strlen(there[i])));
}

SUITE(ingest_figure) = {
    {"numbers, read with a decimal point and a decimal comma", test_figures},
    {"no digit is lost", test_digits},
    {"units are converted", test_conversion},
    {"units of names", test_units_of_names},
    {"what names say", test_names},
    {"what is a unit, and what is none", test_no_unit},
    {"what says that there is no number", test_missing},
    CU_TEST_INFO_NULL,
};
