/*
 * test_figures.c - what is said about a config's data: stats, summary, dimensions, fields.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include "sample.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static http_response_t *figures(apr_int64_t config, const char *what)
{
    return http_get(strf("/configs/" ID "/%s", config, what));
}

static int is_number(json_object *value, long double expected)
{
    if (isnan(expected))
        return value == NULL;
    return value && sample_close(strtold(json_object_to_json_string(value), NULL), expected);
}

/* ---- stats ---- */

static void test_stats(void)
{
    static const struct {
        const char *status;
        int n;
    } runs[] = {{"pending", 3},    {"completed", 2},  {"failed", 4},
                {"collecting", 1}, {"extracting", 1}, {"skipped", 1}};
    apr_int64_t config = seed_config(DB_A, "stats \"x\"");
    apr_int64_t other = seed_config(DB_A, "other");

    expect_json(figures(config, "stats"), "data",
                strf("{\"config_id\":" ID ",\"config_name\":\"stats \\\"x\\\"\",\"enabled\":true,"
                     "\"pending_runs\":0,\"completed_runs\":0,\"failed_runs\":0,"
                     "\"total_metrics\":0,\"active_schema_id\":0,\"last_checked_at\":null}",
                     config));
    for (size_t i = 0; i < countof(runs); i++)
        for (int k = 0; k < runs[i].n; k++)
            seed_run(DB_A, config, runs[i].status);
    seed_run(DB_A, other, "failed");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    seed_metric(DB_A, other, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
    seed_schema(DB_A, config, 1, 1, "[]", "[]");
    apr_int64_t schema = seed_schema(DB_A, config, 2, 1, "[]", "[]");
    seed_schema(DB_A, config, 3, 0, "[]", "[]");
    db_run(DB_A,
           "UPDATE github_workflow_configs SET enabled = false,"
           " last_checked_at = '2025-01-31T12:00:00.5+01:00' WHERE id = $1",
           1, strf(ID, config));
    http_response_t *res = figures(config, "stats");
    expect_success(res);
    expect_json(res, "data",
                strf("{\"config_id\":" ID ",\"config_name\":\"stats \\\"x\\\"\",\"enabled\":false,"
                     "\"pending_runs\":3,\"completed_runs\":2,\"failed_runs\":4,"
                     "\"total_metrics\":1,\"active_schema_id\":" ID
                     ",\"last_checked_at\":\"2025-01-31T11:00:00.5Z\"}",
                     config, schema));
    expect_keys(res, "data",
                "config_id,config_name,enabled,pending_runs,completed_runs,failed_runs,"
                "total_metrics,active_schema_id,last_checked_at");
    expect_error(figures(999999999, "stats"), 4040, "config not found");
}

/* ---- summary ---- */

static int is_recent(const sample_row_t *row)
{
    return row->at >= sample_instant("2025-01-01T00:00:00Z") &&
           row->at <= sample_instant("2025-03-09T07:00:00Z");
}

/* Numbers of one field among the rows; *known: some row has the key. */
static apr_array_header_t *numbers(const sample_t *s, int field, sample_filter_fn filter,
                                   int *known)
{
    static const int none[1];
    apr_array_header_t *groups = sample_group(s, field, "1w", NULL, none, 0, filter);
    apr_array_header_t *all = apr_array_make(fixture_pool(), 64, sizeof(long double));

    *known = 0;
    for (int i = 0; i < s->n; i++)
        *known |= s->rows[i].metrics[field] && (!filter || filter(&s->rows[i]));
    for (int i = 0; i < groups->nelts; i++)
        apr_array_cat(all, APR_ARRAY_IDX(groups, i, sample_group_t).values);
    return all;
}

static long double extreme(const apr_array_header_t *values, int sign)
{
    long double found = NAN;

    for (int i = 0; i < values->nelts; i++)
        found = isnan(found)
                    ? APR_ARRAY_IDX(values, i, long double)
                    : sign * fmaxl(sign * found, sign * APR_ARRAY_IDX(values, i, long double));
    return found;
}

static void check_metric_stats(const sample_t *s, json_object *stats, sample_filter_fn filter)
{
    int fields = 0;

    for (int f = 0; f < SAMPLE_FIELDS; f++) {
        int known;
        apr_array_header_t *values = numbers(s, f, filter, &known);
        json_object *field = json_member(stats, sample_fields[f]);

        fields += known;
        if (!known || !expect(field != NULL, "no statistics of %s", sample_fields[f]))
            continue;
        expect_str(json_text(json_member(field, "field")), sample_fields[f]);
        expect(is_number(json_member(field, "count"), values->nelts) &&
                   is_number(json_member(field, "min"), extreme(values, -1)) &&
                   is_number(json_member(field, "max"), extreme(values, 1)) &&
                   is_number(json_member(field, "avg"), sample_aggregate("avg", values)) &&
                   is_number(json_member(field, "sum"),
                             values->nelts ? sample_aggregate("sum", values) : (long double)NAN) &&
                   is_number(json_member(field, "std_dev"), sample_aggregate("stddev", values)),
               "statistics of %d values: %s", values->nelts, json_object_to_json_string(field));
        expect_int(json_length(field), 7);
    }
    expect_int(json_length(stats), fields);
}

static void check_dimension_counts(const sample_t *s, json_object *counts, sample_filter_fn filter)
{
    for (int d = 0; d < SAMPLE_ABSENT; d++)
        expect_int(json_object_get_int64(json_member(counts, sample_dims[d])),
                   sample_texts(s, d, filter)->nelts);
    expect_int(json_length(counts), SAMPLE_ABSENT);
}

static void check_totals(const sample_t *s, const http_response_t *res, sample_filter_fn filter)
{
    apr_int64_t first = APR_INT64_MAX, last = APR_INT64_MIN, files = 0, runs = 0;
    int n = 0;

    for (int i = 0; i < s->n; i++) {
        const sample_row_t *row = &s->rows[i];
        if (filter && !filter(row))
            continue;
        n++;
        first = row->at < first ? row->at : first;
        last = row->at > last ? row->at : last;
        runs |= APR_INT64_C(1) << row->run_id;
        files |= row->source_file ? APR_INT64_C(1) << (row->source_file[4] - '0') : 0;
    }
    expect_int(json_int_at(res, "data.config_id"), s->config);
    expect_int(json_int_at(res, "data.total_records"), n);
    expect_int(json_int_at(res, "data.total_runs"), __builtin_popcountll((apr_uint64_t)runs));
    expect_text(res, "data.first_timestamp", sample_time(first));
    expect_text(res, "data.last_timestamp", sample_time(last));
    expect(is_number(json_at(res, "data.time_range_days", NULL), (last - first) / 86400e6L),
           "expected %g days: %s", (double)(last - first) / 86400e6, res->body);
    expect_int(json_int_at(res, "data.unique_source_files"),
               __builtin_popcountll((apr_uint64_t)files));
}

static void check_summary(const sample_t *s, const char *query, sample_filter_fn filter)
{
    http_response_t *res = figures(s->config, strf("summary%s", query));

    expect_success(res);
    expect_keys(res, "data",
                "config_id,total_records,total_runs,first_timestamp,last_timestamp,"
                "time_range_days,unique_source_files,metric_stats,dimension_counts,more");
    expect_json(res, "data.more", "false");
    expect_lacks(res->body, "NaN");
    check_totals(s, res, filter);
    check_metric_stats(s, json_at(res, "data.metric_stats", NULL), filter);
    check_dimension_counts(s, json_at(res, "data.dimension_counts", NULL), filter);
}

static void test_summary(void)
{
    sample_t *s = sample_make(DB_A, 3, 400);

    check_summary(s, "", NULL);
    check_summary(s, "?start=2025-01-01T00:00:00Z&end=2025-03-09T02:00:00-05:00", is_recent);
}

static void test_summary_of_nothing(void)
{
    apr_int64_t config = seed_config(DB_A, "nothing");
    const char *empty = strf("{\"config_id\":" ID ",\"total_records\":0,\"total_runs\":0,"
                             "\"first_timestamp\":null,\"last_timestamp\":null,"
                             "\"time_range_days\":0,\"unique_source_files\":0,\"metric_stats\":{},"
                             "\"dimension_counts\":{},\"more\":false}",
                             config);

    expect_json(figures(config, "summary"), "data", empty);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"a\":1}", "{\"v\":1}", NULL);
    expect_json(figures(config, "summary?end=2024-12-31T23:59:59Z"), "data", empty);
    expect_error(figures(999999999, "summary"), 4040, "config not found");
}

/* One value, text, an object instead of a number, metrics that are no object, 1e400. */
static void test_summary_of_odd_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "odd");

    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "[]", "{\"v\":2,\"t\":\"3\"}", "f");
    seed_metric(DB_A, config, "2025-01-02T12:00:00Z", "{\"d\":null}", "[1]", "f");
    seed_metric(DB_A, config, "2025-01-01T12:00:00Z", "{}", "{\"h\":1e400,\"l\":1e-400}", NULL);
    http_response_t *res = figures(config, "summary");
    expect_success(res);
    expect_json(res, "data.total_records", "3");
    expect_json(res, "data.time_range_days", "1.5");
    expect_json(res, "data.unique_source_files", "1");
    expect_json(res, "data.metric_stats.v",
                "{\"field\":\"v\",\"count\":1,\"min\":2,\"max\":2,\"avg\":2,\"sum\":2,"
                "\"std_dev\":null}");
    expect_json(res, "data.metric_stats.t",
                "{\"field\":\"t\",\"count\":0,\"min\":null,\"max\":null,\"avg\":null,"
                "\"sum\":null,\"std_dev\":null}");
    expect_json(res, "data.metric_stats.h.count", "1");
    expect_json(res, "data.dimension_counts", "{\"d\":0}");
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET timestamp = 'infinity' WHERE config_id = $1"
           " AND metrics ? 'v'",
           1, strf(ID, config));
    res = figures(config, "summary");
    expect_success(res);
    expect_json(res, "data.total_records", "3");
    expect_text(res, "data.first_timestamp", "2025-01-01T12:00:00Z");
    expect_text(res, "data.last_timestamp", "2025-01-02T12:00:00Z");
    expect_json(res, "data.time_range_days", "1");
}

/* ---- dimensions ---- */

static int is_second(const sample_row_t *row)
{
    return row->schema_id == 2;
}

static void check_map(json_object *map, const sample_t *s, sample_filter_fn filter)
{
    expect_int(json_length(map), SAMPLE_ABSENT);
    for (int d = 0; d < SAMPLE_ABSENT; d++) {
        json_object *values = json_member(map, sample_dims[d]);
        apr_array_header_t *texts = sample_texts(s, d, filter);

        expect_int(json_length(values), texts->nelts);
        for (int i = 0; i < texts->nelts; i++)
            expect_str(json_text(json_item(values, i)), APR_ARRAY_IDX(texts, i, const char *));
    }
}

static void test_dimensions(void)
{
    sample_t *s = sample_make(DB_A, 4, 300);
    http_response_t *res = figures(s->config, "dimensions");

    expect_success(res);
    expect_keys(res, "data", "dimensions,values,more");
    expect_json(res, "data.dimensions", "[\"Backend:Stage\",\"Op\",\"batch_size\"]");
    check_map(json_at(res, "data.values", NULL), s, NULL);
    res =
        figures(s->config, "dimensions?start=2025-01-01T00:00:00Z&end=2025-03-09T07:00:00%2B00:00");
    check_map(json_at(res, "data.values", NULL), s, is_recent);
    res = figures(s->config, "dimensions?schema_id=2");
    check_map(json_at(res, "data.dimensions", NULL), s, is_second);
    check_map(json_at(res, "data.values", NULL), s, is_second);
    expect_json(figures(s->config, "dimensions?schema_id=3"), "data",
                "{\"dimensions\":{},\"values\":{},\"more\":false,\"schema_id\":3,"
                "\"available_schema_ids\":[]}");
    apr_int64_t old = seed_schema(DB_A, s->config, 4, 1, "[]", "[]");
    apr_int64_t newer = seed_schema(DB_A, s->config, 5, 0, "[]", "[]");
    seed_schema(DB_A, seed_config(DB_A, "another"), 1, 1, "[]", "[]");
    res = figures(s->config, "dimensions?schema_id=2");
    expect_keys(res, "data", "dimensions,values,more,schema_id,available_schema_ids");
    expect_json(res, "data.schema_id", "2");
    expect_json(res, "data.available_schema_ids", strf("[" ID "," ID "]", newer, old));
    check_map(json_at(res, "data.values", NULL), s, is_second);
}

static void test_dimensions_of_odd_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "odd");

    expect_json(figures(config, "dimensions"), "data",
                "{\"dimensions\":[],\"values\":{},\"more\":false}");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "[\"a\"]", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"n\":null}", "{}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z",
                "{\"\":\"empty\",\"a'b\\\"c;--\":\"\\n\",\"o\":{\"x\":1}}", "{}", NULL);
    expect_json(figures(config, "dimensions"), "data",
                "{\"dimensions\":[\"\",\"a'b\\\"c;--\",\"n\",\"o\"],\"values\":{\"\":[\"empty\"],"
                "\"a'b\\\"c;--\":[\"\\n\"],\"n\":[],\"o\":[\"{\\\"x\\\": 1}\"]},\"more\":false}");
    expect_error(figures(999999999, "dimensions"), 4040, "config not found");
}

/* ---- fields ---- */

static void test_fields(void)
{
    apr_int64_t config = seed_config(DB_A, "fields");
    apr_int64_t old, active;

    expect_json(figures(config, "fields"), "data",
                "{\"dimension_fields\":[],\"metric_fields\":[],\"more\":false}");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"b\":1,\"Op\":null,\"a\":1}",
                "{\"w\":\"N/A\",\"throughput\":1}", NULL);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "[1]", "null", NULL);
    expect_json(figures(config, "fields"), "data",
                "{\"dimension_fields\":[\"Op\",\"a\",\"b\"],"
                "\"metric_fields\":[\"throughput\",\"w\"],\"more\":false}");
    old = seed_schema(DB_A, config, 1, 0, "[\"old\"]", "[]");
    active = seed_schema(DB_A, config, 2, 1, "[\"z\",{\"name\":\"b\"}]", "[\"w\"]");
    expect_json(figures(config, "fields"), "data",
                "{\"dimension_fields\":[\"z\",\"b\",\"Op\",\"a\"],"
                "\"metric_fields\":[\"w\",\"throughput\"],\"more\":false}");
    expect_json(
        figures(config, strf("fields?schema_id=" ID, old)), "data",
        strf("{\"dimension_fields\":[\"old\"],\"metric_fields\":[],\"more\":false,\"schema_id\":" ID
             ",\"available_schema_ids\":[" ID "," ID "]}",
             old, active, old));
    db_run(DB_A, "UPDATE github_workflow_metrics SET schema_id = $1 WHERE config_id = $2", 2,
           strf(ID, old), strf(ID, config));
    expect_json(figures(config, strf("fields?schema_id=" ID, old)), "data",
                strf("{\"dimension_fields\":[\"old\",\"Op\",\"a\",\"b\"],\"metric_fields\":["
                     "\"throughput\",\"w\"],\"more\":false,\"schema_id\":" ID
                     ",\"available_schema_ids\":[" ID "," ID "]}",
                     old, active, old));
    expect_json(figures(config, strf("fields?schema_id=" ID, active)), "data",
                strf("{\"dimension_fields\":[\"z\",\"b\"],\"metric_fields\":[\"w\"],\"more\":false,"
                     "\"schema_id\":" ID ",\"available_schema_ids\":[" ID "," ID "]}",
                     active, active, old));
    expect_error(figures(config, "fields?schema_id=999999999"), 4040, "schema not found");
    expect_error(figures(seed_config(DB_A, "another"), strf("fields?schema_id=" ID, active)), 4040,
                 "schema not found");
    expect_error(figures(999999999, "fields"), 4040, "config not found");
}

/* ---- more than is listed ---- */

/* One row with 10 001 names, rows with 1 001 values of one of them. */
static apr_int64_t seed_many(void)
{
    apr_int64_t config = seed_config(DB_A, "many names");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1::bigint, 1, 1, now(),"
           " jsonb_object_agg('n' || lpad(i::text, 5, '0'), 'first'),"
           " jsonb_object_agg('m' || lpad(i::text, 5, '0'), 1) FROM generate_series(1, 10001) i",
           1, strf(ID, config));
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions) SELECT $1::bigint, 1, 1, now(),"
           " jsonb_build_object('n00002', lpad(i::text, 4, '0')) FROM generate_series(1, 999) i",
           1, strf(ID, config));
    return config;
}

static void test_more_names(void)
{
    apr_int64_t config = seed_many();
    http_response_t *res = figures(config, "dimensions");

    expect_success(res);
    expect_json(res, "data.more", "true");
    expect_int(json_length_at(res, "data.dimensions"), 10000);
    expect_text(res, "data.dimensions.9999", "n10000");
    expect_int(json_length_at(res, "data.values.n00002"), 1000);
    expect_json(res, "data.values.n10000", "[\"first\"]");
    res = figures(config, "fields");
    expect_json(res, "data.more", "true");
    expect_int(json_length_at(res, "data.dimension_fields"), 10000);
    expect_int(json_length_at(res, "data.metric_fields"), 10000);
    expect_text(res, "data.metric_fields.9999", "m10000");
    res = figures(config, "summary");
    expect_json(res, "data.more", "true");
    expect_int(json_object_object_length(json_at(res, "data.metric_stats", NULL)), 10000);
    expect_json(res, "data.metric_stats.m10000.count", "1");
    expect_int(json_object_object_length(json_at(res, "data.dimension_counts", NULL)), 10000);
    expect_json(res, "data.dimension_counts.n00002", "1000");
    expect_json(res, "data.dimension_counts.n10000", "1");
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET dimensions = dimensions - 'n10001',"
           " metrics = metrics - 'm10001' WHERE config_id = $1",
           1, strf(ID, config));
    res = figures(config, "dimensions");
    expect_int(json_length_at(res, "data.dimensions"), 10000);
    expect_json(res, "data.more", "false");
    expect_json(figures(config, "fields"), "data.more", "false");
    expect_json(figures(config, "summary"), "data.more", "false");
    expect_json(figures(config, "dimensions?schema_id=1"), "data.more", "false");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"n00002\":\"0\"}", "{}", NULL);
    res = figures(config, "dimensions?schema_id=1");
    expect_json(res, "data.more", "true");
    expect_int(json_length_at(res, "data.dimensions.n00002"), 1000);
    expect_text(res, "data.values.n00002.0", "0");
    expect_text(res, "data.values.n00002.999", "0999");
}

/* By code point capitals come first, which is not the database's own order. From the summaries, and
 * from the rows alone, as in a range without a whole day. */
static void test_first_names(void)
{
    static const char *const ranges[] = {"",
                                         "?start=2025-01-01T12:00:00Z&end=2025-01-01T12:00:00Z"};
    apr_int64_t config = seed_config(DB_A, "first names");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1::bigint, 1, 1, '2025-01-01 12:00+00',"
           " jsonb_object_agg('n' || lpad(i::text, 5, '0'), 'x') || '{\"Z\":\"x\"}',"
           " jsonb_object_agg('m' || lpad(i::text, 5, '0'), 1) || '{\"Z\":1}'"
           " FROM generate_series(1, 10001) i",
           1, strf(ID, config));
    for (size_t i = 0; i < countof(ranges); i++) {
        http_response_t *res = figures(config, strf("dimensions%s", ranges[i]));

        expect_text(res, "data.dimensions.0", "Z");
        expect_text(res, "data.dimensions.9999", "n09999");
        res = figures(config, strf("summary%s", ranges[i]));
        expect_json(res, "data.more", "true");
        expect_contains(res->body, "\"metric_stats\":{\"Z\":{");
        expect_json(res, "data.metric_stats.m09999.count", "1");
        expect_contains(res->body, "\"dimension_counts\":{\"Z\":1,");
        expect_json(res, "data.dimension_counts.n09999", "1");
    }
}

/* What is listed is what may be asked for. */
static void test_long_names(void)
{
    apr_int64_t config = seed_config(DB_A, "long names");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1::bigint, 1, 1, now(), jsonb_build_object("
           "repeat('x', 1000), 'a', repeat('x', 1001), 'b', repeat('Ã©', 87000), 'c', 'huge',"
           " repeat('v', 1048577), 'large', repeat('w', 1048576)),"
           " jsonb_build_object(repeat('y', 1000), 1, repeat('y', 1001), 2)",
           1, strf(ID, config));
    seed_schema(DB_A, config, 1, 1, strf("[\"%01001d\",{\"name\":\"%01001d\"},\"s\"]", 0, 1), "[]");
    http_response_t *res = figures(config, "dimensions");
    expect_int(json_length_at(res, "data.dimensions"), 3);
    expect_text(res, "data.dimensions.0", "huge");
    expect_text(res, "data.dimensions.1", "large");
    expect_json(res, "data.values.huge", "[]");
    expect_int(json_length_at(res, "data.values.large"), 1);
    expect_json(res, "data.more", "false");
    res = figures(config, "fields");
    expect_int(json_length_at(res, "data.dimension_fields"), 4);
    expect_text(res, "data.dimension_fields.0", "s");
    expect_int(json_length_at(res, "data.metric_fields"), 1);
    res = figures(config, "summary");
    expect_int(json_object_object_length(json_at(res, "data.metric_stats", NULL)), 1);
    expect_int(json_object_object_length(json_at(res, "data.dimension_counts", NULL)), 3);
    expect_json(res, "data.dimension_counts.huge", "1");
    expect_json(res, "data.more", "false");
    expect_json(figures(config, strf("values?dimension=%s",
                                     json_object_get_string(json_at(figures(config, "dimensions"),
                                                                    "data.dimensions.2", NULL)))),
                "data.values", "[\"a\"]");
    expect_json(figures(config, "values?dimension=huge"), "data.total", "0");
    expect_json(figures(config, "values?dimension=large"), "data.total", "1");
    expect_field(figures(config, strf("values?dimension=%01001d", 0)), "dimension",
                 "must be at most 1000 bytes");
    expect_field(figures(config, strf("dimensions/%01001d/values", 0)), "dimension",
                 "must be at most 1000 bytes");
}

/* What does not fit into the answer is left out, and the answer says so. */
static void test_summary_of_many_bytes(void)
{
    apr_int64_t config = seed_config(DB_A, "many bytes");

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1::bigint, 1, 1, '2025-01-01',"
           " '{\"d\":1}', (SELECT jsonb_object_agg(lpad(i || 'm' || j, 1000, 'x'), 1)"
           " FROM generate_series(1, 100) j) FROM generate_series(100, 199) i",
           1, strf(ID, config));
    http_response_t *res = figures(config, "summary");
    expect_success(res);
    expect_json(res, "data.total_records", "100");
    expect_json(res, "data.more", "true");
    int names = json_object_object_length(json_at(res, "data.metric_stats", NULL));
    expect(names > 5000 && names < 10000, "%d names of 10 000", names);
    expect(strlen(res->body) < 16 * 1024 * 1024, "%" APR_SIZE_T_FMT " bytes", strlen(res->body));
}

/* ---- inputs ---- */

static void test_wrong_parameters(void)
{
    static const char *const ranged[] = {"summary", "dimensions"};
    static const char *const with_schema[] = {"dimensions", "fields"};
    static const char *const bad_ids[] = {"0", "-1", "x", "", "1.5", "9223372036854775808"};

    for (size_t i = 0; i < countof(ranged); i++) {
        const char *is_time = "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z";
        expect_field(figures(1, strf("%s?start=2025-01-01", ranged[i])), "start", is_time);
        expect_field(figures(1, strf("%s?end=now", ranged[i])), "end", is_time);
        expect_field(figures(1, strf("%s?end=2025-01-01T00:00:00+01:00", ranged[i])), "end",
                     is_time); /* a + is a space */
        expect_field(
            figures(1, strf("%s?start=2025-01-02T00:00:00Z&end=2025-01-01T00:00:00Z", ranged[i])),
            "start", "must not be after end");
    }
    for (size_t i = 0; i < countof(with_schema); i++)
        for (size_t k = 0; k < countof(bad_ids); k++)
            expect_field(figures(1, strf("%s?schema_id=%s", with_schema[i], bad_ids[k])),
                         "schema_id", "must be a positive integer");
}

SUITE(figures) = {
    {"stats count runs and metrics", test_stats},
    {"a summary of random rows", test_summary},
    {"a summary of nothing", test_summary_of_nothing},
    {"a summary of odd rows", test_summary_of_odd_rows},
    {"a summary of many bytes", test_summary_of_many_bytes},
    {"dimensions of random rows, as list and as map", test_dimensions},
    {"dimensions of odd rows", test_dimensions_of_odd_rows},
    {"fields: the schema's, then the data's", test_fields},
    {"more names and values than are listed", test_more_names},
    {"the first names are those by code point", test_first_names},
    {"names that are too long", test_long_names},
    {"wrong parameters, each by name", test_wrong_parameters},
    CU_TEST_INFO_NULL,
};
