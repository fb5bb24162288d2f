/*
 * test_metric_rows.c - the endpoints that list metric rows: POST metrics/query, GET metrics of a
 * config and of a run. Which rows match, and in which order, is worked out in C (sample.c).
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "sample.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "id,config_id,run_id,schema_id,timestamp,collected_at,source_file,dimensions,metrics,"         \
    "raw_data,created_at"

static http_response_t *query(apr_int64_t config, const char *body)
{
    return http_json("POST", strf("/configs/" ID "/metrics/query", config), body);
}

/* ---- filters ---- */

static int has_text(const sample_row_t *row, int dim, const char *text)
{
    return row->dims[dim].text && !strcmp(row->dims[dim].text, text);
}

#define FILTER(name, condition)                                                                    \
    static int name(const sample_row_t *row)                                                       \
    {                                                                                              \
        return condition;                                                                          \
    }

FILTER(every_row, row != NULL)
FILTER(no_row, row == NULL)
FILTER(is_gemm, has_text(row, SAMPLE_OP, "GEMM"))
FILTER(is_gemm_or_attention,
       has_text(row, SAMPLE_OP, "GEMM") || has_text(row, SAMPLE_OP, "Attention"))
FILTER(is_empty_op, has_text(row, SAMPLE_OP, ""))
FILTER(is_text_32, has_text(row, SAMPLE_BATCH, "32"))
FILTER(is_half, has_text(row, SAMPLE_BATCH, "0.5"))
FILTER(is_64_or_32, has_text(row, SAMPLE_BATCH, "64") || has_text(row, SAMPLE_BATCH, "32"))
FILTER(is_true, has_text(row, SAMPLE_BATCH, "true"))
FILTER(lacks_op, !row->dims[SAMPLE_OP].text)
FILTER(is_gemm_or_lacks_op, is_gemm(row) || lacks_op(row))
FILTER(is_not_gemm, !is_gemm(row))
FILTER(is_no_gemm_and_no_attention, !is_gemm_or_attention(row))
FILTER(has_op, !lacks_op(row))
FILTER(has_op_but_gemm, has_op(row) && !is_gemm(row))
FILTER(is_gemm_32, is_gemm(row) && is_text_32(row))
FILTER(is_odd_stage, has_text(row, SAMPLE_STAGE, "\xc3\xa9\"\\'%"))
FILTER(is_recent, row->at >= sample_instant("2025-01-01T00:00:00Z"))
FILTER(is_before, row->at <= sample_instant("2025-01-01T00:00:00Z"))
FILTER(is_new_year, row->at == sample_instant("2025-01-01T00:00:00Z"))
FILTER(is_second_schema, row->schema_id == 2)
FILTER(at_least_150, row->values[SAMPLE_THROUGHPUT] >= 150)
FILTER(above_150, row->values[SAMPLE_THROUGHPUT] > 150)
FILTER(at_most_150, row->values[SAMPLE_THROUGHPUT] <= 150)
FILTER(below_150, row->values[SAMPLE_THROUGHPUT] < 150)
FILTER(equal_150, row->values[SAMPLE_THROUGHPUT] == 150)
FILTER(other_than_150, row->values[SAMPLE_THROUGHPUT] < 150 || above_150(row))
FILTER(equal_tenth,
       row->metrics[SAMPLE_THROUGHPUT] && !strcmp(row->metrics[SAMPLE_THROUGHPUT], "0.1"))
FILTER(from_100_to_200, at_least_150(row) && row->values[SAMPLE_THROUGHPUT] < 200)
FILTER(both_numbers, at_least_150(row) && row->values[SAMPLE_LATENCY] > 100)
FILTER(all_parts, is_gemm(row) && is_recent(row) && is_second_schema(row) && at_least_150(row))

static const struct filter_case_t {
    const char *body; /* members of the body */
    sample_filter_fn matches;
} filter_cases[] = {
    {"", every_row},
    {"\"dimensions\":{\"Op\":\"GEMM\"}", is_gemm},
    {"\"dimensions\":{\"Op\":[\"GEMM\",\"Attention\"]}", is_gemm_or_attention},
    {"\"dimensions\":{\"Op\":[]}", every_row},
    {"\"dimensions\":{}", every_row},
    {"\"dimensions\":null,\"metric_filters\":null,\"start\":null,\"schema_id\":null", every_row},
    {"\"dimensions\":{\"Op\":\"\"}", is_empty_op},
    {"\"dimensions\":{\"batch_size\":\"32\"}", is_text_32},
    {"\"dimensions\":{\"batch_size\":32}", is_text_32},
    {"\"dimensions\":{\"batch_size\":32.0}", no_row},
    {"\"dimensions\":{\"batch_size\":5e-1}", is_half},
    {"\"dimensions\":{\"batch_size\":[\"64\",32]}", is_64_or_32},
    {"\"dimensions\":{\"batch_size\":true}", is_true},
    {"\"dimensions\":{\"Op\":null}", lacks_op},
    {"\"dimensions\":{\"Op\":[null]}", lacks_op},
    {"\"dimensions\":{\"Op\":[null,\"GEMM\"]}", is_gemm_or_lacks_op},
    {"\"dimensions\":{\"Op\":{\"not\":\"GEMM\"}}", is_not_gemm},
    {"\"dimensions\":{\"Op\":{\"not\":[\"GEMM\",\"Attention\"]}}", is_no_gemm_and_no_attention},
    {"\"dimensions\":{\"Op\":{\"not\":null}}", has_op},
    {"\"dimensions\":{\"Op\":{\"not\":[\"GEMM\",null]}}", has_op_but_gemm},
    {"\"dimensions\":{\"Op\":{\"not\":[]}}", every_row},
    {"\"dimensions\":{\"absent\":null}", every_row},
    {"\"dimensions\":{\"absent\":{\"not\":\"x\"}}", every_row},
    {"\"dimensions\":{\"absent\":{\"not\":null}}", no_row},
    {"\"dimensions\":{\"Op\":\"GEMM\",\"batch_size\":[\"32\"]}", is_gemm_32},
    {"\"dimensions\":{\"Backend:Stage\":\"\xc3\xa9\\\"\\\\'%\"}", is_odd_stage},
    {"\"dimensions\":{\"absent\":\"x\"}", no_row},
    {"\"dimensions\":{\"Op\":\"gemm\"}", no_row},
    {"\"dimensions\":{\"x' OR 1=1;--\":\"x\"}", no_row},
    {"\"start\":\"2025-01-01T00:00:00Z\"", is_recent},
    {"\"end\":\"2025-01-01T05:30:00+05:30\"", is_before},
    {"\"start\":\"2024-12-31T16:00:00-08:00\",\"end\":\"2025-01-01T00:00:00Z\"", is_new_year},
    {"\"schema_id\":2", is_second_schema},
    {"\"schema_id\":9223372036854775807", no_row},
    {"\"metric_filters\":{\"throughput\":{\"gte\":150}}", at_least_150},
    {"\"metric_filters\":{\"throughput\":{\"gt\":150}}", above_150},
    {"\"metric_filters\":{\"throughput\":{\"lte\":150.0}}", at_most_150},
    {"\"metric_filters\":{\"throughput\":{\"lt\":1.5e2}}", below_150},
    {"\"metric_filters\":{\"throughput\":{\"eq\":150}}", equal_150},
    {"\"metric_filters\":{\"throughput\":150}", equal_150},
    {"\"metric_filters\":{\"throughput\":0.1}", equal_tenth},
    {"\"metric_filters\":{\"throughput\":\"150\"}", equal_150},
    {"\"metric_filters\":{\"throughput\":{\"ne\":150}}", other_than_150},
    {"\"metric_filters\":{\"throughput\":{\"!=\":\"150\"}}", other_than_150},
    {"\"metric_filters\":{\"throughput\":{\">=\":150,\"<\":200}}", from_100_to_200},
    {"\"metric_filters\":{\"throughput\":{\">\":\"1.5e2\"}}", above_150},
    {"\"metric_filters\":{\"throughput\":{\"<=\":150}}", at_most_150},
    {"\"metric_filters\":{\"throughput\":{\"=\":150}}", equal_150},
    {"\"metric_filters\":{\"throughput\":{\"gte\":150,\"lt\":200}}", from_100_to_200},
    {"\"metric_filters\":{\"throughput\":{\"gte\":150},\"la't\\\"ency %;--\":{\"gt\":100}}",
     both_numbers},
    {"\"metric_filters\":{\"throughput\":{}}", every_row},
    {"\"metric_filters\":{\"never\":{\"gt\":-1e300}}", no_row},
    {"\"metric_filters\":{\"nope\":{\"lte\":1e300}}", no_row},
    {"\"metric_filters\":{\"throughput\":{\"gte\":150}},\"dimensions\":{\"Op\":\"GEMM\"},"
     "\"schema_id\":2,\"start\":\"2025-01-01T00:00:00Z\"",
     all_parts},
};

/* ---- orders ---- */

typedef int (*compare_fn)(const sample_row_t *a, const sample_row_t *b);

static int by_id(const sample_row_t *a, const sample_row_t *b)
{
    return a->id < b->id ? -1 : 1;
}

static int by_time(const sample_row_t *a, const sample_row_t *b)
{
    return a->at != b->at ? (a->at < b->at ? -1 : 1) : by_id(a, b);
}

static int by_time_desc(const sample_row_t *a, const sample_row_t *b)
{
    return a->at != b->at ? (a->at > b->at ? -1 : 1) : by_id(a, b);
}

/* Without the number: last, whatever the direction. */
static int by_number(const sample_row_t *a, const sample_row_t *b, int sign)
{
    long double x = a->values[SAMPLE_THROUGHPUT], y = b->values[SAMPLE_THROUGHPUT];

    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y) ? by_id(a, b) : (isnan(x) ? 1 : -1);
    return x != y ? (x < y ? -sign : sign) : by_id(a, b);
}

static int by_number_asc(const sample_row_t *a, const sample_row_t *b)
{
    return by_number(a, b, 1);
}

static int by_number_desc(const sample_row_t *a, const sample_row_t *b)
{
    return by_number(a, b, -1);
}

/* The matching rows in order (insertion sort: the order is a total one). */
static int select_rows(const sample_t *s, sample_filter_fn matches, compare_fn compare,
                       const sample_row_t **rows)
{
    int n = 0;

    for (int i = 0; i < s->n; i++) {
        int at = n;
        if (!matches(&s->rows[i]))
            continue;
        for (; at > 0 && compare(&s->rows[i], rows[at - 1]) < 0; at--)
            rows[at] = rows[at - 1];
        rows[at] = &s->rows[i];
        n++;
    }
    return n;
}

/* The page is these rows from `first` on. */
static void check_page(const http_response_t *res, const sample_row_t **rows, int n, int first,
                       int limit)
{
    int expected = n - first < 0 ? 0 : (n - first > limit ? limit : n - first);

    if (!expect_success(res) || !expect_int(json_length_at(res, "data.metrics"), expected))
        return;
    expect_int(json_int_at(res, "data.total"), n);
    expect_int(json_int_at(res, "data.offset"), first);
    expect_int(json_int_at(res, "data.limit"), limit);
    for (int i = 0; i < expected; i++)
        if (!expect_int(json_int_at(res, strf("data.metrics.%d.id", i)), rows[first + i]->id))
            return;
}

static void test_filters(void)
{
    sample_t *s = sample_make(DB_A, 5, 400);
    const sample_row_t *rows[400];

    for (size_t i = 0; i < countof(filter_cases); i++) {
        const char *comma = *filter_cases[i].body ? "," : "";
        http_response_t *res =
            query(s->config, strf("{%s%s\"limit\":1000}", filter_cases[i].body, comma));
        int n = select_rows(s, filter_cases[i].matches, by_time_desc, rows);
        int some = filter_cases[i].matches != no_row;

        expect((n > 0) == some, "%s selects %d rows: a poor test", filter_cases[i].body, n);
        if (!expect_success(res))
            printf("\n    %s\n", filter_cases[i].body);
        check_page(res, rows, n, 0, 1000);
    }
}

static void test_orders(void)
{
    static const struct {
        const char *body;
        compare_fn compare;
    } orders[] = {
        {"", by_time_desc},
        {"\"sort_by\":\"timestamp\",", by_time_desc},
        {"\"sort_by\":\"timestamp\",\"sort_order\":\"desc\",", by_time_desc},
        {"\"sort_order\":\"asc\",", by_time},
        {"\"sort_by\":\"throughput\",", by_number_desc},
        {"\"sort_by\":\"throughput\",\"sort_order\":\"desc\",", by_number_desc},
        {"\"sort_by\":\"throughput\",\"sort_order\":\"asc\",", by_number_asc},
        {"\"sort_by\":\"never\",\"sort_order\":\"asc\",", by_id},
        {"\"sort_by\":\"nope'; DROP TABLE x;--\",", by_id},
    };
    sample_t *s = sample_make(DB_A, 6, 400);
    const sample_row_t *rows[400];

    for (size_t i = 0; i < countof(orders); i++) {
        int n = select_rows(s, every_row, orders[i].compare, rows);

        check_page(query(s->config, strf("{%s\"limit\":1000}", orders[i].body)), rows, n, 0, 1000);
        for (int offset = 0; offset <= 420; offset += 70)
            check_page(
                query(s->config, strf("{%s\"limit\":70,\"offset\":%d}", orders[i].body, offset)),
                rows, n, offset, 70);
    }
    int n = select_rows(s, is_gemm, by_number_asc, rows);
    check_page(query(s->config, "{\"dimensions\":{\"Op\":\"GEMM\"},\"sort_by\":\"throughput\","
                                "\"sort_order\":\"asc\",\"limit\":7,\"offset\":3}"),
               rows, n, 3, 7);
}

static void test_limits(void)
{
    sample_t *s = sample_make(DB_A, 8, 120);
    const sample_row_t *rows[120];
    int n = select_rows(s, every_row, by_time_desc, rows);

    check_page(query(s->config, "{}"), rows, n, 0, 100);
    check_page(query(s->config, "{\"limit\":1001}"), rows, n, 0, 1000);
    check_page(query(s->config, "{\"limit\":9223372036854775807}"), rows, n, 0, 1000);
    check_page(query(s->config, "{\"limit\":1,\"offset\":119}"), rows, n, 119, 1);
    http_response_t *res = query(s->config, "{\"offset\":9223372036854775807}");
    expect_success(res);
    expect_json(res, "data.total", "120");
    expect_json(res, "data.metrics", "[]");
}

/* Numbers that no double holds are compared all the same. */
static void test_extreme_numbers(void)
{
    static const char *const values[] = {"1e400", "5", "-1e400", "1e-400", "0", "\"9\""};
    apr_int64_t config = seed_config(DB_A, "extreme"), ids[countof(values)];
    const char *order;

    for (size_t i = 0; i < countof(values); i++)
        ids[i] = seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}",
                             strf("{\"v\":%s}", values[i]), NULL);
    http_response_t *res = query(config, "{\"sort_by\":\"v\",\"sort_order\":\"asc\"}");
    expect_success(res);
    order =
        strf(ID " " ID " " ID " " ID " " ID " " ID, ids[2], ids[4], ids[3], ids[1], ids[0], ids[5]);
    for (int i = 0; i < (int)countof(values); i++)
        expect_int(json_int_at(res, strf("data.metrics.%d.id", i)),
                   strtoll(order, (char **)&order, 10));
    expect_json(query(config, "{\"metric_filters\":{\"v\":{\"gt\":0}}}"), "data.total", "3");
    expect_json(query(config, "{\"metric_filters\":{\"v\":{\"lt\":-1e308}}}"), "data.total", "1");
    expect_json(query(config, "{\"metric_filters\":{\"v\":0}}"), "data.total", "1");
}

/* ---- rows ---- */

static apr_int64_t seed_full_row(apr_int64_t config)
{
    return db_int(DB_A,
                  "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
                  " source_file, dimensions, metrics, raw_data, created_at) VALUES ($1, 5, 7,"
                  " '2025-01-31T12:00:00.25+05:30', 'a/summary.csv', '{\"Op\":\"G\xc3\xa9\",\"n\":"
                  "32}', '{\"v\":1.50,\"w\":\"N/A\",\"x\":12345678901234567890.123}',"
                  " '{\"row\":[1,null]}', '2025-02-01T00:00:00Z') RETURNING id",
                  1, strf(ID, config));
}

static void test_every_column(void)
{
    apr_int64_t config = seed_config(DB_A, "columns");
    apr_int64_t id = seed_full_row(config);
    const char *row =
        strf("{\"id\":" ID ",\"config_id\":" ID ",\"run_id\":5,\"schema_id\":7,\"timestamp\":"
             "\"2025-01-31T06:30:00.25Z\",\"collected_at\":\"2025-01-31T06:30:00.25Z\","
             "\"source_file\":\"a/summary.csv\",\"dimensions\":{\"n\":32,\"Op\":\"G\xc3\xa9\"},"
             "\"metrics\":{\"v\":1.50,\"w\":\"N/A\",\"x\":12345678901234567890.123},"
             "\"raw_data\":{\"row\":[1,null]},\"created_at\":\"2025-02-01T00:00:00Z\"}",
             id, config);
    http_response_t *answers[] = {query(config, "{}"),
                                  http_get(strf("/configs/" ID "/metrics", config))};

    for (size_t i = 0; i < countof(answers); i++) {
        expect_success(answers[i]);
        expect_keys(answers[i], "data", "metrics,total,offset,limit,next_cursor");
        expect_keys(answers[i], "data.metrics.0", COLUMNS);
        expect_json(answers[i], "data.metrics.0", row);
        expect_contains(answers[i]->body, "\"v\": 1.50");
        expect_contains(answers[i]->body, "12345678901234567890.123");
    }
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET raw_data = NULL, source_file = NULL WHERE"
           " config_id = $1",
           1, strf(ID, config));
    http_response_t *res = query(config, "{}");
    expect_json(res, "data.metrics.0.raw_data", "null");
    expect_json(res, "data.metrics.0.source_file", "null");
}

static void test_only_the_configs_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "own"), other = seed_config(DB_A, "other");

    seed_full_row(other);
    http_response_t *res = query(config, "{}");
    expect_success(res);
    expect_json(res, "data",
                "{\"metrics\":[],\"total\":0,\"offset\":0,\"limit\":100,\"next_cursor\":null}");
    expect_error(query(999999999, "{}"), 4040, "config not found");
    expect_error(http_get("/configs/999999999/metrics"), 4040, "config not found");
}

/* ---- GET /configs/:id/metrics ---- */

FILTER(is_third_run, row->run_id == 3)
FILTER(is_first_schema_in_range, row->schema_id == 1 && is_recent(row))

static void test_list(void)
{
    static const struct {
        const char *query;
        sample_filter_fn matches;
    } cases[] = {{"", every_row},
                 {"&run_id=3", is_third_run},
                 {"&schema_id=2", is_second_schema},
                 {"&schema_id=1&start=2025-01-01T05:30:00%2B05:30", is_first_schema_in_range},
                 {"&end=2025-01-01T00:00:00Z", is_before},
                 {"&run_id=77", no_row}};
    sample_t *s = sample_make(DB_A, 9, 250);
    const sample_row_t *rows[250];

    for (size_t i = 0; i < countof(cases); i++) {
        int n = select_rows(s, cases[i].matches, by_time_desc, rows);

        check_page(
            http_get(strf("/configs/" ID "/metrics?limit=1000%s", s->config, cases[i].query)), rows,
            n, 0, 1000);
        check_page(http_get(strf("/configs/" ID "/metrics?offset=13&limit=17%s", s->config,
                                 cases[i].query)),
                   rows, n, 13, 17);
    }
    int n = select_rows(s, every_row, by_time_desc, rows);
    check_page(http_get(strf("/configs/" ID "/metrics", s->config)), rows, n, 0, 100);
    check_page(http_get(strf("/configs/" ID "/metrics?limit=5000", s->config)), rows, n, 0, 1000);
}

/* ---- GET /runs/:id/metrics ---- */

/* A run whose id no other test's rows name (seed_metric's are all of run 1). */
static apr_int64_t seed_lone_run(apr_int64_t config)
{
    return db_int(DB_A,
                  "UPDATE github_workflow_runs SET id = id + 1000000000 WHERE id = $1 RETURNING id",
                  1, strf(ID, seed_run(DB_A, config, "completed")));
}

static void test_of_a_run(void)
{
    apr_int64_t config = seed_config(DB_A, "run's rows");
    apr_int64_t run = seed_lone_run(config), other = seed_lone_run(config);
    const char *path = strf("/runs/" ID "/metrics", run);

    expect_json(http_get(path), "data",
                "{\"metrics\":[],\"total\":0,\"offset\":0,\"limit\":100,\"next_cursor\":null}");
    for (int i = 0; i < 5; i++)
        db_run(DB_A, "UPDATE github_workflow_metrics SET run_id = $1 WHERE id = $2", 2,
               strf(ID, i == 2 ? other : run), strf(ID, seed_full_row(config)));
    http_response_t *res = http_get(path);
    expect_success(res);
    expect_keys(res, "data.metrics.0", COLUMNS);
    expect_json(res, "data.total", "4");
    expect_int(json_length_at(res, "data.metrics"), 4);
    apr_int64_t last = json_int_at(res, "data.metrics.3.id");
    res = http_get(strf("%s?offset=3&limit=2", path));
    expect_json(res, "data.total", "4");
    expect_int(json_length_at(res, "data.metrics"), 1);
    expect_int(json_int_at(res, "data.metrics.0.id"), last);
    expect_json(res, "data.limit", "2");
    expect_json(http_get(strf("%s?limit=2000", path)), "data.limit", "1000");
    expect_json(http_get(strf("%s?offset=9", path)), "data.metrics", "[]");
    expect_error(http_get("/runs/9999999999/metrics"), 4040, "run not found");
}

/* ---- inputs ---- */

#define IS_FILTER                                                                                  \
    "\"v\" must be a number or an object with gte, gt, lte, lt, eq or ne (or >=, >, <=, <, =, !=)"
#define IS_OFFSET "must be an integer between 0 and 9223372036854775807"
#define IS_LIMIT  "must be an integer between 1 and 1000"
#define IS_SCALAR                                                                                  \
    "\"Op\" must be a string, number, boolean or null, an array of these, or {\"not\": …}"
#define IS_TIME "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"

static const struct {
    const char *field, *value, *message;
} wrong_fields[] = {
    {"metric_filters", "[]", "must be a JSON object"},
    {"metric_filters", "\"v\"", "must be a JSON object"},
    {"metric_filters", "{\"v\":\"x\"}", IS_FILTER},
    {"metric_filters", "{\"v\":null}", IS_FILTER},
    {"metric_filters", "{\"v\":[1]}", IS_FILTER},
    {"metric_filters", "{\"v\":{\"like\":1}}", IS_FILTER},
    {"metric_filters", "{\"v\":{\"gte\":\"x\"}}", "\"v\" must be a number"},
    {"metric_filters", "{\"v\":{\"gte\":null}}", "\"v\" must be a number"},
    {"metric_filters", "{\"v\":1e400}",
     "\"v\" must not hold a number beyond the range of a double"},
    {"dimensions", "\"Op\"", "must be a JSON object"},
    {"dimensions", "{\"Op\":{}}", IS_SCALAR},
    {"dimensions", "{\"Op\":{\"not\":{\"not\":1}}}", IS_SCALAR},
    {"dimensions", "{\"Op\":{\"not\":1,\"or\":2}}", IS_SCALAR},
    {"dimensions", "{\"Op\":{\"a\":1}}", IS_SCALAR},
    {"dimensions", "{\"Op\":[\"a\",{}]}", IS_SCALAR},
    {"sort_by", "5", "must be a string"},
    {"sort_order", "\"up\"", "must be one of asc, desc"},
    {"sort_order", "\"ASC\"", "must be one of asc, desc"},
    {"sort_order", "true", "must be one of asc, desc"},
    {"offset", "-1", IS_OFFSET},
    {"offset", "1.0", IS_OFFSET},
    {"offset", "\"1\"", IS_OFFSET},
    {"limit", "0", IS_LIMIT},
    {"limit", "-1", IS_LIMIT},
    {"limit", "1e2", IS_LIMIT},
    {"limit", "\"10\"", IS_LIMIT},
    {"schema_id", "0", "must be a positive integer"},
    {"schema_id", "1.5", "must be a positive integer"},
    {"schema_id", "[]", "must be a positive integer"},
    {"start", "\"2025-01-01\"", IS_TIME},
    {"start", "0", IS_TIME},
    {"end", "\"now\"", IS_TIME},
};

static void test_wrong_fields(void)
{
    for (size_t i = 0; i < countof(wrong_fields); i++) {
        http_response_t *res =
            query(1, strf("{\"%s\":%s}", wrong_fields[i].field, wrong_fields[i].value));
        expect_field(res, wrong_fields[i].field, wrong_fields[i].message);
        expect_int(json_length_at(res, "errors"), 1);
    }
    expect_field(query(1, "{\"start\":\"2025-01-02T00:00:00Z\",\"end\":\"2025-01-01T23:59:59Z\"}"),
                 "start", "must not be after end");
    expect_error(query(1, "7"), 4000, "the body must be a JSON object");
    expect_error(http_json("POST", "/configs/1/metrics/query", NULL), 4000,
                 "invalid JSON at byte 0");
}

static void test_wrong_parameters(void)
{
    static const char *const bad_ids[] = {"0", "-1", "x", "", "1.5"};
    static const char *const paths[] = {"/configs/1/metrics", "/runs/1/metrics"};

    for (size_t i = 0; i < countof(bad_ids); i++) {
        expect_field(http_get(strf("/configs/1/metrics?run_id=%s", bad_ids[i])), "run_id",
                     "must be a positive integer");
        expect_field(http_get(strf("/configs/1/metrics?schema_id=%s", bad_ids[i])), "schema_id",
                     "must be a positive integer");
    }
    for (size_t i = 0; i < countof(paths); i++) {
        expect_field(http_get(strf("%s?limit=0", paths[i])), "limit",
                     "must be an integer between 1 and 1000");
        expect_field(http_get(strf("%s?offset=-1", paths[i])), "offset",
                     "must be an integer between 0 and 9223372036854775807");
    }
    expect_field(http_get("/configs/1/metrics?start=2025-01-02T00:00:00Z&end=2025-01-01T00:00:00Z"),
                 "start", "must not be after end");
    expect_field(http_get("/configs/1/metrics?end=tomorrow"), "end",
                 "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z");
}

/* A number in a filter is the text that PostgreSQL makes of the same digits. */
static void test_numbers_as_stored(void)
{
    static const char *const forms[] = {"0",
                                        "-0",
                                        "-0.0",
                                        "0e5",
                                        "0e-3",
                                        "0.0e1",
                                        "1e2",
                                        "1.50",
                                        "1.50e1",
                                        "1.50e3",
                                        "-12.5e-4",
                                        "0.001e5",
                                        "100e-2",
                                        "1e20",
                                        "1e308",
                                        "-1e-300",
                                        "-9223372036854775808",
                                        "123456789012345678901234567890"};

    for (size_t i = 0; i < countof(forms); i++) {
        apr_int64_t config = seed_config(DB_A, "numbers");

        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", strf("{\"n\":%s}", forms[i]), "{}", NULL);
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"n\":7}", "{}", NULL);
        expect_json(query(config, strf("{\"dimensions\":{\"n\":%s}}", forms[i])), "data.total",
                    "1");
        expect_json(query(config, strf("{\"dimensions\":{\"n\":{\"not\":[%s,8]}}}", forms[i])),
                    "data.total", "1");
    }
}

SUITE(metric_rows) = {
    {"numbers as they are stored", test_numbers_as_stored},
    {"a query's filters", test_filters},
    {"a query's orders and pages", test_orders},
    {"a query's limits", test_limits},
    {"numbers beyond a double", test_extreme_numbers},
    {"every column of a row", test_every_column},
    {"only the config's rows", test_only_the_configs_rows},
    {"a config's rows", test_list},
    {"a run's rows", test_of_a_run},
    {"wrong fields, each by name", test_wrong_fields},
    {"wrong parameters, each by name", test_wrong_parameters},
    CU_TEST_INFO_NULL,
};
