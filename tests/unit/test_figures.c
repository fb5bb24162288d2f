/*
 * test_figures.c - the table of figures, and how Prometheus is told them.
 */
#include "core/figures.h"
#include "core/version.h"
#include "unit.h"
#include <apr_strings.h>
#include <string.h>

static const wfm_route_t rows[] = {{.method = WFM_GET, .path = "/a"},
                                   {.method = WFM_POST, .path = "/a/:id"}};

static wfm_meter_t meter(const char *name)
{
    wfm_registry_t *registry = NULL;
    wfm_meter_t m = {NULL, 1};

    CU_ASSERT_EQUAL_FATAL(wfm_registry_open(&registry, unit_pool(), 2, unit_pool(), rows, 2),
                          APR_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(wfm_registry_counters(&m.counters, registry, name), APR_SUCCESS);
    m.cell = wfm_registry_enter(registry, 101);
    return m;
}

static const char *written(int openmetrics, const wfm_meter_t *m, const char *name)
{
    wfm_figures_of_t of = {name, m->counters};
    unit_sink_t *sink = unit_sink(100); /* smaller than most lines: it streams */

    wfm_figures_write(&sink->out, openmetrics, &of, 1, rows, 2);
    return unit_written(sink);
}

/* The text has this line, once. */
static void expect_line(const char *text, const char *line)
{
    const char *whole = apr_pstrcat(unit_pool(), "\n", line, "\n", NULL), *at;

    text = apr_pstrcat(unit_pool(), "\n", text, NULL);
    at = strstr(text, whole);
    if (!at)
        expect_str(text, line); /* shows both */
    CU_ASSERT(at && !strstr(at + 1, whole));
}

static void test_every_figure_is_complete(void)
{
    for (int i = 0; i < wfm_figures_count; i++) {
        const wfm_figure_t *f = &wfm_figures[i];
        size_t len = strlen(f->name);
        int by_route = f->by == WFM_BY_ROUTE || f->by == WFM_BY_ROUTE_STATUS;

        CU_ASSERT(!strncmp(f->name, "wfmetrics_", 10));
        CU_ASSERT(f->name[strspn(f->name, "abcdefghijklmnopqrstuvwxyz_")] == '\0');
        CU_ASSERT(f->help && !strpbrk(f->help, "\\\"\n"));
        CU_ASSERT(f->key && *f->key);
        CU_ASSERT((f->type == WFM_FIGURE_COUNTER) ==
                  (len > 6 && !strcmp(f->name + len - 6, "_total")));
        CU_ASSERT(!f->is_time == !(len > 8 && !strcmp(f->name + len - 8, "_seconds")));
        CU_ASSERT(!f->is_time || f->per > 0);
        CU_ASSERT(f->type == WFM_FIGURE_INFO || by_route == !f->value);
        CU_ASSERT((f->type == WFM_FIGURE_SUMMARY) == (f->count_key != NULL));
        for (int k = 0; k < i; k++) {
            CU_ASSERT(strcmp(f->name, wfm_figures[k].name) != 0);
            CU_ASSERT(strcmp(f->key, wfm_figures[k].key) != 0);
        }
    }
}

static void test_nothing_has_happened(void)
{
    wfm_meter_t m = meter("one");
    const char *text = written(0, &m, "one");

    expect_line(text, "# TYPE wfmetrics_build_info gauge");
    expect_line(text, "wfmetrics_build_info{version=\"" WFM_VERSION "\"} 1");
    expect_line(text, "# TYPE wfmetrics_requests_total counter");
    expect_line(text, "# TYPE wfmetrics_request_duration_seconds histogram");
    CU_ASSERT(!strstr(text, "\nwfmetrics_requests_total{"));
    CU_ASSERT(!strstr(text, "\nwfmetrics_request_duration_seconds_"));
    expect_line(text, "wfmetrics_errors_total{cluster=\"one\",kind=\"timeout\"} 0");
    expect_line(text, "wfmetrics_requests_in_flight{cluster=\"one\"} 0");
    expect_line(text, "# TYPE wfmetrics_connection_wait_seconds summary");
    expect_line(text, "wfmetrics_connection_wait_seconds_sum{cluster=\"one\"} 0.0");
    expect_line(text, "wfmetrics_connection_wait_seconds_count{cluster=\"one\"} 0");
    CU_ASSERT(!strstr(text, "\nwfmetrics_summaries_")); /* nobody has looked */
    CU_ASSERT(!strstr(text, "# UNIT") && !strstr(text, "# EOF"));
}

static void test_requests(void)
{
    wfm_meter_t m = meter("one");
    const char *text;

    wfm_meter_count(&m, &(wfm_count_t){.route = 1, .status = 201, .took = 1000});
    wfm_meter_count(&m, &(wfm_count_t){.route = 1, .status = 503, .failed = 1, .took = 2000300});
    wfm_meter_count(&m, &(wfm_count_t){.route = 1, .status = 200, .took = 61000000});
    wfm_meter_count(&m, &(wfm_count_t){.route = 2, .status = 404, .failed = 1, .took = 12});
    text = written(0, &m, "one");
#define ROW "{cluster=\"one\",method=\"POST\",route=\"/a/:id\","
    expect_line(text, "wfmetrics_requests_total" ROW "status=\"2xx\"} 2");
    expect_line(text, "wfmetrics_requests_total" ROW "status=\"3xx\"} 0"); /* all of a row's */
    expect_line(text, "wfmetrics_requests_total" ROW "status=\"5xx\"} 1");
    CU_ASSERT(!strstr(text, "route=\"/a\"")); /* nobody asked for it */
    expect_line(text, "wfmetrics_request_duration_seconds_bucket" ROW "le=\"0.001\"} 1");
    expect_line(text, "wfmetrics_request_duration_seconds_bucket" ROW "le=\"0.0025\"} 1");
    expect_line(text, "wfmetrics_request_duration_seconds_bucket" ROW "le=\"1.0\"} 1");
    expect_line(text, "wfmetrics_request_duration_seconds_bucket" ROW "le=\"2.5\"} 2");
    expect_line(text, "wfmetrics_request_duration_seconds_bucket" ROW "le=\"60.0\"} 2");
    expect_line(text, "wfmetrics_request_duration_seconds_bucket" ROW "le=\"+Inf\"} 3");
#undef ROW
    expect_line(text, "wfmetrics_request_duration_seconds_sum{cluster=\"one\",method=\"POST\","
                      "route=\"/a/:id\"} 63.0013");
    expect_line(text, "wfmetrics_request_duration_seconds_count{cluster=\"one\",method=\"POST\","
                      "route=\"/a/:id\"} 3");
    expect_line(text, "wfmetrics_requests_total{cluster=\"one\",method=\"other\",route=\"other\","
                      "status=\"4xx\"} 1");
    expect_line(text, "wfmetrics_errors_total{cluster=\"one\",kind=\"unavailable\"} 1");
    expect_line(text, "wfmetrics_errors_total{cluster=\"one\",kind=\"not_found\"} 1");
}

static void test_other_figures(void)
{
    wfm_meter_t m = meter("one");
    const char *text;

    wfm_counters_notice(m.counters, WFM_NOTICE_ROOM, 10);
    wfm_counters_notice(m.counters, WFM_NOTICE_SUMMARIES, WFM_NOTICED_IN_USE);
    wfm_counters_notice(m.counters, WFM_NOTICE_UNCLEAN, 4);
    wfm_counters_notice(m.counters, WFM_NOTICE_OLDEST, 90);
    for (int i = 0; i < 3; i++)
        wfm_meter_gauge(&m, WFM_GAUGE_CONNECTIONS, 1);
    wfm_meter_add(&m, WFM_TOTAL_WAITED, 1500000);
    wfm_meter_add(&m, WFM_TOTAL_ROWS, 12345678901);
    text = written(0, &m, "one");
    expect_line(text, "wfmetrics_connections_in_use{cluster=\"one\"} 3");
    expect_line(text, "wfmetrics_connections_free{cluster=\"one\"} 7");
    expect_line(text, "wfmetrics_connection_wait_seconds_sum{cluster=\"one\"} 1.5");
    expect_line(text, "wfmetrics_exported_rows_total{cluster=\"one\"} 12345678901");
    expect_line(text, "wfmetrics_summaries_in_use{cluster=\"one\"} 1");
    expect_line(text, "wfmetrics_summaries_unclean{cluster=\"one\"} 4");
    expect_line(text, "wfmetrics_summaries_oldest_unclean_seconds{cluster=\"one\"} 90.0");
    wfm_counters_notice(m.counters, WFM_NOTICE_SUMMARIES, WFM_NOTICED_IN_USE + 1);
    wfm_counters_notice(m.counters, WFM_NOTICE_ROOM, 2); /* fewer than are in use */
    text = written(0, &m, "one");
    expect_line(text, "wfmetrics_summaries_in_use{cluster=\"one\"} 0");
    expect_line(text, "wfmetrics_connections_free{cluster=\"one\"} 0");
}

/* Families without the samples' ending, units, and an end that shows that nothing is missing. */
static void test_openmetrics(void)
{
    wfm_meter_t m = meter("one");
    const char *text;

    wfm_meter_count(&m, &(wfm_count_t){.status = 200, .took = 5});
    text = written(1, &m, "one");
    expect_line(text, "# TYPE wfmetrics_build info");
    expect_line(text, "wfmetrics_build_info{version=\"" WFM_VERSION "\"} 1");
    expect_line(text, "# TYPE wfmetrics_requests counter");
    expect_line(text, "wfmetrics_requests_total{cluster=\"one\",method=\"GET\",route=\"/a\","
                      "status=\"2xx\"} 1");
    expect_line(text, "# TYPE wfmetrics_request_duration_seconds histogram");
    expect_line(text, "# UNIT wfmetrics_request_duration_seconds seconds");
    expect_line(text, "# TYPE wfmetrics_requests_in_flight gauge");
    expect_str(text + strlen(text) - 7, "\n# EOF\n");
}

static void test_names_are_escaped(void)
{
    wfm_meter_t m = meter("odd");

    expect_line(written(0, &m, "a\"b\\c\nd \xc3\xa9{},="),
                "wfmetrics_requests_in_flight{cluster=\"a\\\"b\\\\c\\nd \xc3\xa9{},=\"} 0");
}

/* A family is told once, with the samples of all clusters. */
static void test_several_clusters(void)
{
    wfm_meter_t a = meter("a"), b = meter("b");
    wfm_figures_of_t of[] = {{"b", b.counters}, {"a", a.counters}};
    unit_sink_t *sink = unit_sink(4096);

    wfm_meter_add(&b, WFM_TOTAL_EXPORTS, 2);
    wfm_figures_write(&sink->out, 0, of, 2, rows, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(unit_written(sink),
                                  "# TYPE wfmetrics_exports_total counter\n"
                                  "wfmetrics_exports_total{cluster=\"b\"} 2\n"
                                  "wfmetrics_exports_total{cluster=\"a\"} 0\n# HELP "));
}

static void test_a_client_that_leaves(void)
{
    wfm_meter_t m = meter("one");
    wfm_figures_of_t of = {"one", m.counters};
    unit_sink_t *sink = unit_sink(64);

    sink->answer = APR_ECONNABORTED;
    wfm_figures_write(&sink->out, 1, &of, 1, rows, 2);
    expect_int(sink->flushes, 1);
}

SUITE(figures) = {
    {"every figure is complete", test_every_figure_is_complete},
    {"nothing has happened", test_nothing_has_happened},
    {"requests, by route", test_requests},
    {"the other figures", test_other_figures},
    {"OpenMetrics", test_openmetrics},
    {"names are escaped", test_names_are_escaped},
    {"several clusters", test_several_clusters},
    {"a client that leaves", test_a_client_that_leaves},
    CU_TEST_INFO_NULL,
};
