/*
 * test_export_columns.c - which columns an export has, and what they are called.
 */
#include "../support/suite.h"
#include "csv.h"
#include "db.h"
#include "expect.h"
#include "exports.h"
#include "fixture.h"
#include <string.h>

/* Without a schema, or with an empty one, the rows' keys are the columns, sorted. */
static void test_without_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "without");

    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"b\":1,\"B\":2}", "{\"z\":3}", NULL);
    seed_metric(DB_A, config, "2025-01-02T00:00:00Z", "{\"a\":4}", "{\"y\":5,\"\xc3\xa9\":6}",
                NULL);
    const char *expected = "B,a,b,y,z,\xc3\xa9,collected_at,source_file\n"
                           ",4,,5,,6,2025-01-02T00:00:00Z,\n"
                           "2,,1,,3,,2025-01-01T00:00:00Z,\n";
    expect_str(export_body(config, ""), expected);
    seed_schema(DB_A, config, 1, 0, "[\"inactive\"]", "[]");
    expect_str(export_body(config, ""), expected);
    seed_schema(DB_A, config, 2, 1, "[]", "[]");
    expect_str(export_body(config, ""), expected);
    seed_schema(DB_A, config, 3, 1, "[\"a\"]", "[]");
    expect_contains(export_body(config, ""),
                    "a,collected_at,source_file\n4,2025-01-02T00:00:00Z,\n");
}

static void test_metric_fields(void)
{
    apr_int64_t config = export_bench("metric fields");
    const char *names = "must be a comma-separated list or a JSON array of names";
    const char *unknown = "names a field that is neither in the schema nor in the data: ";

    seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}",
                "{\"throughput\":1,\"latency\":2,\"a b\":3}", NULL);
    expect_str(export_body(config, "?metric_fields=latency"),
               "Op,Backend:Stage,latency,collected_at,source_file\nx,,2,2025-01-01T00:00:00Z,\n");
    expect_contains(export_body(config, "?metric_fields=latency,throughput"),
                    "Stage,throughput,latency,collected_at");
    expect_contains(export_body(config, "?metric_fields=latency,%20throughput%20,latency"),
                    "Stage,throughput,latency,collected_at");
    expect_contains(export_body(config, "?metric_fields=a+b,latency"),
                    "Stage,latency,a b,collected_at");
    expect_field(export(config, "?metric_fields=nope"), "metric_fields", strf("%snope", unknown));
    expect_field(export(config, "?metric_fields=throughput,x%27%3B--"), "metric_fields",
                 strf("%sx';--", unknown));
    expect_field(export(config, "?metric_fields=Op"), "metric_fields", strf("%sOp", unknown));
    expect_field(export(config, "?metric_fields="), "metric_fields", names);
    expect_field(export(config, "?metric_fields=[1]"), "metric_fields", names);
    /* no list, but a name there may be */
    expect_field(export(config, "?metric_fields=a,,b"), "metric_fields", strf("%sa,,b", unknown));
    expect_field(export(config, "?metric_fields=,"), "metric_fields", strf("%s,", unknown));
    expect_str(export_body(config, "?metric_fields=[%22latency%22]"),
               export_body(config, "?metric_fields=latency"));
    expect_str(export_body(config, "?metric_fields[]=latency&metric_fields%5B1%5D=throughput"),
               export_body(config, "?metric_fields=latency,throughput"));
}

/* No two columns have one name, in no format, whatever the fields are called. */
static void test_colliding_names(void)
{
    apr_int64_t config = seed_config(DB_A, "colliding");
    const char *d = "[\"Op\",\"source_file\",\"collected_at\"]";

    seed_schema(DB_A, config, 1, 1, d, "[\"Op\",\"throughput\"]");
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z",
                "{\"Op\":\"d\",\"source_file\":\"df\",\"collected_at\":\"dc\"}", "{\"Op\":1}", "f");
    expect_str(export_body(config, "?format=ndjson"),
               "{\"Op\":\"d\",\"source_file\":\"df\",\"collected_at\":\"dc\",\"metrics.Op\":1,"
               "\"throughput\":null,\"row.collected_at\":\"2025-01-01T00:00:00Z\","
               "\"row.source_file\":\"f\"}\n");
    expect_str(
        export_body(config, ""),
        "Op,source_file,collected_at,metrics.Op,throughput,row.collected_at,row.source_file\n"
        "d,df,dc,1,,2025-01-01T00:00:00Z,f\n");
}

#define EVERY "include=run_id,github_run_id,head_sha,head_branch"

/* Each column against a dimension, a metric, and both, of its name: and CSV's header has the keys
 * of JSON. */
static void test_every_collision(void)
{
    static const char *const columns[] = {"collected_at",  "source_file", "run_id",
                                          "github_run_id", "head_sha",    "head_branch"};
    static const struct {
        const char *dimensions, *metrics, *header;
    } cases[] = {
        {"[\"%s\"]", "[]", "%1$s,"},
        {"[]", "[\"%s\"]", "%1$s,"},
        {"[\"%s\"]", "[\"%s\"]", "%1$s,metrics.%1$s,"},
        {"[\"%s\",\"row.%1$s\"]", "[\"row.%1$s\",\"metrics.%1$s\"]",
         "%1$s,row.%1$s,metrics.row.%1$s,metrics.%1$s,"},
    };

    for (size_t c = 0; c < countof(columns); c++) {
        for (size_t i = 0; i < countof(cases); i++) {
            apr_int64_t config = seed_config(DB_A, strf("%s %d", columns[c], (int)i));
            const char *header = "", *keys;

            char text[200];
            snprintf(text, sizeof text, cases[i].dimensions, columns[c]);
            const char *dimensions = strf("%s", text);
            snprintf(text, sizeof text, cases[i].metrics, columns[c]);
            seed_schema(DB_A, config, 1, 1, dimensions, text);
            snprintf(text, sizeof text, cases[i].header, columns[c]);
            header = strf("%s", text);
            for (size_t k = 0; k < countof(columns); k++)
                header = strf("%s%s%s%s", header, k ? "," : "",
                              k != c ? "" : (i == 3 ? "row.row." : "row."), columns[k]);
            seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{}", "{}", NULL);
            keys = export_body(config, "?" EVERY);
            expect(!strncmp(keys, strf("%s\n", header), strlen(header) + 1), "expected %s, got %s",
                   header, keys);
            expect_keys(export(config, "?format=json&" EVERY), "data.rows.0", header);
        }
    }
}

static apr_int64_t seed_run_of(apr_int64_t config, const char *github, const char *sha,
                               const char *branch)
{
    apr_int64_t run = seed_run(DB_A, config, "completed");

    db_run(DB_A,
           "UPDATE github_workflow_runs SET github_run_id = $2::bigint, head_sha = $3,"
           " head_branch = $4 WHERE id = $1::bigint",
           4, strf(ID, run), github, sha, branch);
    return run;
}

static void seed_row_of(apr_int64_t config, apr_int64_t run, const char *at)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics) VALUES ($1::bigint, $2::bigint, 1,"
           " $3::timestamptz, 'f', '{\"Op\":\"x\"}', '{\"throughput\":1}')",
           3, strf(ID, config), strf(ID, run), at);
}

/* Columns of the run stand at the end. A run that is gone has none, but the row knows its id. */
static void test_include(void)
{
    apr_int64_t config = export_bench("include"), gone = 987654321;
    apr_int64_t a = seed_run_of(config, "16000498897", "0a1b", "feature/\"x\", \xc3\xa9");
    apr_int64_t b = seed_run_of(config, NULL, NULL, NULL);
    const char *head = "Op,Backend:Stage,throughput,latency,collected_at,source_file,";

    seed_row_of(config, a, "2025-01-03T00:00:00Z");
    seed_row_of(config, b, "2025-01-02T00:00:00Z");
    seed_row_of(config, gone, "2025-01-01T00:00:00Z");
    expect_str(export_body(config, "?" EVERY),
               strf("%srun_id,github_run_id,head_sha,head_branch\n"
                    "x,,1,,2025-01-03T00:00:00Z,f," ID
                    ",16000498897,0a1b,\"feature/\"\"x\"\", \xc3\xa9\"\n"
                    "x,,1,,2025-01-02T00:00:00Z,f," ID ",,,\n"
                    "x,,1,,2025-01-01T00:00:00Z,f," ID ",,,\n",
                    head, a, b, gone));
    expect_str(export_body(config, "?format=ndjson&limit=2&" EVERY "&metric_fields=throughput"),
               strf("{\"Op\":\"x\",\"Backend:Stage\":null,\"throughput\":1,\"collected_at\":"
                    "\"2025-01-03T00:00:00Z\",\"source_file\":\"f\",\"run_id\":" ID
                    ",\"github_run_id\":16000498897,\"head_sha\":\"0a1b\",\"head_branch\":"
                    "\"feature/\\\"x\\\", \xc3\xa9\"}\n"
                    "{\"Op\":\"x\",\"Backend:Stage\":null,\"throughput\":1,\"collected_at\":"
                    "\"2025-01-02T00:00:00Z\",\"source_file\":\"f\",\"run_id\":" ID
                    ",\"github_run_id\":null,\"head_sha\":null,\"head_branch\":null}\n",
                    a, b));
    expect_str(export_body(config, "?include=run_id&limit=1"),
               strf("%srun_id\nx,,1,,2025-01-03T00:00:00Z,f," ID "\n", head, a));
    expect_str(export_body(config, "?include=head_sha&limit=1"),
               strf("%shead_sha\nx,,1,,2025-01-03T00:00:00Z,f,0a1b\n", head));
}

/* However it is written; and what is no such column is told. */
static void test_include_forms(void)
{
    static const char *const same[] = {"?include=run_id,head_sha",
                                       "?include=head_sha,run_id",
                                       "?include=%20head_sha%20,run_id",
                                       "?include=run_id,head_sha,run_id",
                                       "?include=[%22head_sha%22,%22run_id%22]",
                                       "?include[]=run_id&include[]=head_sha"};
    static const char *const wrong[] = {"?include=",
                                        "?include=id",
                                        "?include=run_id,Head_sha",
                                        "?include=run_id,,head_sha",
                                        "?include=[%22%22]",
                                        "?include[]=x",
                                        "?include=[]",
                                        "?include=workload_uid"};
    const char *message = "must be names out of run_id, github_run_id, head_sha, head_branch";
    apr_int64_t config = export_bench("include's forms");

    for (size_t i = 0; i < countof(same); i++)
        expect_str(export_body(config, same[i]), "Op,Backend:Stage,throughput,latency,collected_at,"
                                                 "source_file,run_id,head_sha\n");
    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(export(config, wrong[i]), "include",
                     strstr(wrong[i], "=[]") || !strcmp(wrong[i], "?include=")
                         ? "must be a comma-separated list or a JSON array of names"
                         : message);
}

/* Rows of many runs, in turns: each has its own run's columns, with a filter and without. */
static void test_include_many_runs(void)
{
    static const char *const queries[] = {
        "?" EVERY "&limit=%d", "?" EVERY "&limit=%d&dimensions=%%7B%%22Op%%22:%%22GEMM%%22%%7D"};
    apr_int64_t config = export_bench("many runs");

    db_run(DB_A,
           "WITH r AS (INSERT INTO github_workflow_runs (config_id, workload_uid, github_run_id,"
           " head_sha, head_branch) SELECT $1::bigint, 'many' || i, i, 'sha' || i, 'b' || i % 7"
           " FROM generate_series(0, 299) i RETURNING id, github_run_id AS i)"
           " INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, source_file) SELECT $1::bigint, r.id, 1,"
           " '2025-01-01Z'::timestamptz - (k * 300 + r.i) * interval '1 second',"
           " '{\"Op\":\"GEMM\"}', (k * 300 + r.i)::text FROM r, generate_series(0, 4) k",
           1, strf(ID, config));
    for (size_t q = 0; q < countof(queries); q++) {
        char query[200];
        snprintf(query, sizeof query, queries[q], 2000);
        csv_table_t *t = export_table(config, query);

        expect_int(t->rows, 1501);
        for (int i = 0; i < 1500; i++) {
            expect_str(csv_cell(t, i + 1, 5), strf("%d", i));
            expect_str(csv_cell(t, i + 1, 7), strf("%d", i % 300));
            expect_str(csv_cell(t, i + 1, 8), strf("sha%d", i % 300));
            expect_str(csv_cell(t, i + 1, 9), strf("b%d", i % 300 % 7));
        }
    }
}

/* The whole text comes before the comma: of the schema's, of the rows' and of the data's names. */
static void test_whole_names(void)
{
    static const char metrics[] =
        "{\"latency (p50, p99)\":1,\"a\":2,\"b\":3,\"a, b\":4,\"\":5,\" x \":6,\"[y]\":7}";
    static const struct {
        const char *fields, *columns;
    } cases[] = {
        {"latency (p50, p99)", "latency (p50, p99)"},
        {"a, b", "a, b"},
        {"a,b", "a,b"},
        {"b,a", "a,b"},
        {" x ", " x "},
        {"[y]", "[y]"},
        {"[\"a\",\"b\"]", "a,b"},
        {"[\"a, b\"]", "a, b"},
        {"[\"\"]", ""},
        {"[\" x \",\"\",\"[y]\",\"latency (p50, p99)\"]", NULL},
    };
    apr_int64_t with = seed_config(DB_A, "whole, schema"), without = seed_config(DB_A, "whole"),
                data = export_bench("whole, data");

    seed_schema(DB_A, with, 1, 1, "[]",
                "[\"latency (p50, p99)\",\"a\",\"b\",\"a, b\",\"\",\" x \",\"[y]\"]");
    for (size_t c = 0; c < 3; c++)
        seed_metric(DB_A, c ? (c == 1 ? without : data) : with, "2025-01-01T00:00:00Z", "{}",
                    metrics, NULL);
    for (size_t i = 0; i < countof(cases); i++) {
        const apr_int64_t configs[] = {with, without, data};
        const char *query = strf("?metric_fields=%s", http_escape(cases[i].fields));

        for (size_t c = 0; c < countof(configs); c++) {
            csv_table_t *t = export_table(configs[c], query);
            const char *names = "";
            int first = c == 2 ? 2 : 0;

            for (int k = first; k < t->columns - 2; k++)
                names = strf("%s%s%s", names, k > first ? "," : "", csv_cell(t, 0, k));
            if (cases[i].columns && !(c == 2 && !strcmp(cases[i].fields, "b,a")))
                expect_str(names, cases[i].columns);
            else
                expect_int(t->columns - 2 - first, cases[i].columns ? 2 : 4);
        }
    }
    /* both parts are the schema's: the data is not asked */
    seed_metric(DB_A, data, "2025-01-01T00:00:00Z", "{}", "{\"throughput,latency\":1}", NULL);
    expect_contains(export_body(data, "?metric_fields=throughput,latency"),
                    "Stage,throughput,latency,collected_at");
    expect_contains(export_body(data, "?metric_fields=[%22throughput,latency%22]"),
                    "Stage,\"throughput,latency\",collected_at");
    expect_field(export(data, "?metric_fields=a,no,%20b"), "metric_fields",
                 "names a field that is neither in the schema nor in the data: no");
    expect_field(export(data, strf("?metric_fields=%01001d", 0)), "metric_fields",
                 "must not hold a name of more than 1000 bytes");
}

/* A name of more than 1000 bytes is no column. */
static void test_long_names(void)
{
    apr_int64_t with = seed_config(DB_A, "long, schema"), without = seed_config(DB_A, "long");
    const char *fits = strf("%01000d", 1), *too_long = strf("%01001d", 1);
    const char *list =
        strf("[\"%s\",{\"name\":\"%s\"},\"%s\",7,{\"name\":8},null,{\"name\":\"n\"}]", too_long,
             fits, too_long);
    const char *object = strf("{\"%s\":1,\"%s\":2,\"n\":3}", too_long, fits);
    const char *header = strf("%s,n,metrics.%s,metrics.n,collected_at,source_file\n", fits, fits);

    seed_schema(DB_A, with, 1, 1, list, list);
    seed_metric(DB_A, with, "2025-01-01T00:00:00Z", object, object, NULL);
    seed_metric(DB_A, without, "2025-01-01T00:00:00Z", object, object, NULL);
    expect_str(export_body(with, ""), strf("%s2,3,2,3,2025-01-01T00:00:00Z,\n", header));
    expect_str(export_body(without, ""), strf("%s2,3,2,3,2025-01-01T00:00:00Z,\n", header));
}

/* A line is one line to every reader: in keys, in strings, in what jsonb holds. */
static void test_line_ends(void)
{
    static const char *const ends[] = {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    static const char *const escapes[] = {"\\u0085", "\\u2028", "\\u2029"};
    apr_int64_t config = seed_config(DB_A, "ends of lines");
    const char *text;
    http_response_t *res;

    seed_schema(DB_A, config, 1, 1, "[\"a\xC2\x85\",\"o\"]", "[\"m\xE2\x80\xA8\"]");
    for (int i = 0; i < 3; i++)
        seed_metric(
            DB_A, config, "2025-01-01T00:00:00Z",
            strf("{\"a\xC2\x85\":\"x%sy\",\"o\":{\"k%s\":[\"%s\\n\"]}}", ends[i], ends[i], ends[i]),
            strf("{\"m\xE2\x80\xA8\":\"%s\"}", ends[i]), strf("f%s", ends[i]));
    text = export_body(config, "?format=ndjson");
    for (int i = 0; i < 3; i++) {
        expect_lacks(text, ends[i]);
        expect_contains(text, strf("{\"a\\u0085\":\"x%s"
                                   "y\",\"o\":{\"k%s\": [\"%s\\n\"]},\"m\\u2028\":\"%s\"",
                                   escapes[i], escapes[i], escapes[i], escapes[i]));
        expect_contains(text, strf("\"source_file\":\"f%s\"}\n", escapes[i]));
    }
    res = export(config, "?format=json");
    for (int i = 0; i < 3; i++) {
        expect_lacks(res->body, ends[i]);
        expect_text(res, strf("data.rows.%d.source_file", i), strf("f%s", ends[i]));
    }
    expect_contains(export_body(config, ""), "f\xE2\x80\xA8"); /* CSV has no escapes */
}

/* Names of fields are data too. */
static void test_hostile_fields(void)
{
    const char *fields = "[\"it's\",\"\\\"q\\\"\",\"%s\",\"$1\",\"a\\\\b\",\"';--\"]";
    apr_int64_t config = seed_config(DB_A, "hostile fields");
    const char *before;

    seed_schema(DB_A, config, 1, 1, fields, fields);
    seed_metric(DB_A, config, "2025-01-01T00:00:00Z",
                "{\"it's\":1,\"\\\"q\\\"\":2,\"%s\":3,\"$1\":4,\"a\\\\b\":5,\"';--\":6}",
                "{\"it's\":7,\"\\\"q\\\"\":8,\"%s\":9,\"$1\":10,\"a\\\\b\":11,\"';--\":12}", NULL);
    before = db_fingerprint(DB_A);
    csv_table_t *t = export_table(config, "");
    expect_int(t->columns, 14);
    expect_str(csv_cell(t, 0, 1), "\"q\"");
    expect_str(csv_cell(t, 0, 5), "';--");
    for (int i = 0; i < 12; i++)
        expect_str(csv_cell(t, 1, i), strf("%d", i + 1));
    expect_str(db_fingerprint(DB_A), before);
}

#define WIDE_FIELDS 200
#define WIDE_ROWS   300

/* Row i of the wide config has in field j the number i.j, unless i + j is a multiple of 3. */
static apr_int64_t seed_wide(const char *name)
{
    apr_int64_t config = seed_config(DB_A, name);
    const char *fields =
        db_text(DB_A, "SELECT jsonb_agg('m' || j ORDER BY j)::text FROM generate_series(1, $1) j",
                1, strf("%d", WIDE_FIELDS));

    seed_schema(DB_A, config, 1, 1, "[\"Op\",\"row\"]", fields);
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " source_file, dimensions, metrics) SELECT $1::bigint, 1, 1,"
           " '2025-01-01T00:00:00Z'::timestamptz - i * interval '1 second', 'f' || i,"
           " jsonb_build_object('Op', 'a,' || i, 'row', i),"
           " (SELECT jsonb_object_agg('m' || j, (i || '.' || j)::numeric)"
           "   FROM generate_series(1, $3::int) j WHERE (i + j) % 3 <> 0)"
           " FROM generate_series(1, $2::int) i",
           3, strf(ID, config), strf("%d", WIDE_ROWS), strf("%d", WIDE_FIELDS));
    return config;
}

/* So many fields that the metrics come as whole objects: nothing of the answer may differ. */
static void test_many_fields(void)
{
    apr_int64_t config = seed_wide("many fields");
    csv_table_t *t = export_table(config, "");
    int wrong = 0;

    expect_int(t->rows, WIDE_ROWS + 1);
    expect_int(t->columns, 2 + WIDE_FIELDS + 2);
    for (int j = 1; j <= WIDE_FIELDS; j++)
        wrong += strcmp(csv_cell(t, 0, 1 + j), strf("m%d", j)) != 0;
    for (int i = 1; i < t->rows; i++) {
        expect_str(csv_cell(t, i, 0), strf("a,%d", i));
        expect_str(csv_cell(t, i, 1), strf("%d", i));
        expect_str(csv_cell(t, i, 3 + WIDE_FIELDS), strf("f%d", i));
        for (int j = 1; j <= WIDE_FIELDS; j++) {
            const char *cell = csv_cell(t, i, 1 + j);
            wrong += (i + j) % 3 ? !cell || strcmp(cell, strf("%d.%d", i, j)) : cell != NULL;
        }
    }
    expect_int(wrong, 0);
    t = export_table(config,
                     "?limit=7&start=2024-12-31T23:59:50Z&dimensions=%7B%22row%22:[1,3,10,11]%7D");
    expect_int(t->rows, 4);
    expect_str(csv_cell(t, 3, 1), "10");
    t = export_table(config, strf("?limit=1&metric_fields=%s", "m200,m100"));
    expect_int(t->columns, 6);
    expect_str(csv_cell(t, 1, 2), "1.100");
    expect_str(csv_cell(t, 0, 3), "m200");
}

/* Rows whose dimensions and metrics are no objects have no fields, in every format. */
static void test_many_fields_odd_rows(void)
{
    static const char *const odd[] = {"[\"m1\",\"Op\",1]", "\"m1\"", "1.5", "true", "null", "{}"};
    apr_int64_t config = seed_wide("odd wide rows");
    csv_table_t *t;

    for (size_t i = 0; i < countof(odd); i++)
        seed_metric(DB_A, config, strf("2025-02-0%dT00:00:00Z", (int)(9 - i)), odd[i], odd[i],
                    "odd");
    t = export_table(config, "");
    expect_int(t->rows, WIDE_ROWS + countof(odd) + 1);
    for (size_t i = 1; i <= countof(odd); i++) {
        for (int c = 0; c < 2 + WIDE_FIELDS; c++)
            expect_str(csv_cell(t, (int)i, c), NULL);
        expect_str(csv_cell(t, (int)i, 3 + WIDE_FIELDS), "odd");
    }
    expect_str(csv_cell(t, countof(odd) + 1, 2), "1.1");
    http_response_t *res = export(config, "?format=json&limit=8");
    expect_int(json_length_at(res, "data.rows"), 8);
    for (size_t i = 0; i < countof(odd); i++) {
        expect_json(res, strf("data.rows.%d.m1", (int)i), "null");
        expect_json(res, strf("data.rows.%d.Op", (int)i), "null");
        expect_text(res, strf("data.rows.%d.source_file", (int)i), "odd");
    }
    expect_json(res, "data.rows.6.m1", "1.1");
    expect_json(res, "data.rows.6.m2", "null");
    expect_text(res, "data.rows.7.Op", "a,2");
}

/* Rows with so many different metrics, ten each, and one dimension. */
static void seed_keys(apr_int64_t config, int from, int to)
{
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1::bigint, 1, 1,"
           " '2025-01-01T00:00:00Z'::timestamptz + min(j) * interval '1 second', '{\"Op\":1}',"
           " jsonb_object_agg('k' || lpad(j::text, 4, '0'), j) FROM generate_series($2::int,"
           " $3::int) j GROUP BY j / 10",
           3, strf(ID, config), strf("%d", from), strf("%d", to));
}

/* PostgreSQL's limit on columns is told to the client before it is met. */
static void test_too_many_fields(void)
{
    const char *message = "an export has at most 1600 fields: choose some with metric_fields";
    apr_int64_t config = seed_config(DB_A, "too many fields");
    csv_table_t *t;

    seed_keys(config, 1, 1599);
    t = export_table(config, "");
    expect_int(t->columns, 1600 + 2);
    expect_str(csv_cell(t, 0, 1599), "k1599");
    expect_str(csv_cell(t, 1, 1599), "1599");
    seed_keys(config, 1600, 1600);
    expect_error(export(config, ""), 4000, message);
    seed_keys(config, 1601, 5000);
    expect_error(export(config, ""), 4000, message);
    expect_error(export(config, "?format=json"), 4000, message);
    t = export_table(config, "?metric_fields=k4999,k0001");
    expect_int(t->columns, 5);
    expect_int(t->rows, 1 + 160 + 1 + 341);
    expect_str(csv_cell(t, 0, 1), "k0001");
    expect_str(csv_cell(t, t->rows - 1, 1), "1");
    expect_str(csv_cell(t, 0, 2), "k4999");
    expect_str(csv_cell(t, 2, 2), "4999");
    expect_str(csv_cell(t, 3, 2), NULL);
}

/* What only the data has is a field; what nobody has is named, and nothing else is. */
static void test_metric_fields_of_data(void)
{
    apr_int64_t with = export_bench("fields of data"), without = seed_config(DB_A, "no schema");
    const apr_int64_t configs[] = {with, without};

    for (size_t i = 0; i < countof(configs); i++) {
        seed_metric(DB_A, configs[i], "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}",
                    "{\"throughput\":1,\"only data\":2}", NULL);
        http_response_t *res = export(configs[i], "?metric_fields=only%20data,nobody,throughput");
        expect_int(json_length_at(res, "errors"), 1);
        expect_field(res, "metric_fields",
                     "names a field that is neither in the schema nor in the data: nobody");
    }
    expect_str(export_body(with, "?metric_fields=only%20data,throughput"),
               "Op,Backend:Stage,throughput,only data,collected_at,source_file\n"
               "x,,1,2,2025-01-01T00:00:00Z,\n");
    expect_str(export_body(without, "?metric_fields=only%20data"),
               "Op,only data,collected_at,source_file\nx,2,2025-01-01T00:00:00Z,\n");
}

/* Metrics come whole or one by one, as the choice is wide or narrow: the cells are the same. */
static void test_choices_agree(void)
{
    static const char *const metrics =
        "{\"a\":1.50,\"b\":\"x,\\\"\\\\\\n\\u0001\xc3\xa9\",\"c\":null,\"d\":[1, {\"a\":\"]\"}],"
        "\"e\":{\"a\":2},\"f\":true,\"g\":\"\",\"i\":\"=1\"}";
    static const char *const cells[] = {
        "1.50", "x,\"\\\n\x01\xc3\xa9", NULL, "[1, {\"a\": \"]\"}]", "{\"a\": 2}", "true", "", NULL,
        "'=1"};
    apr_int64_t config = seed_config(DB_A, "choices");
    http_response_t *all, *one;
    int found;

    seed_schema(DB_A, config, 1, 1, "[\"Op\"]",
                "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]");
    for (int row = 0; row < 3; row++)
        seed_metric(DB_A, config, "2025-01-01T00:00:00Z", "{\"Op\":\"x\"}", metrics, "f");
    all = export(config, "?format=json");
    for (size_t i = 0; i < countof(cells); i++) {
        const char name[] = {(char)('a' + i), '\0'};
        csv_table_t *wide = export_table(config, ""),
                    *narrow = export_table(config, strf("?metric_fields=%s", name));

        one = export(config, strf("?format=json&metric_fields=%s", name));
        for (int row = 1; row <= 3; row++) {
            expect_str(csv_cell(wide, row, 1 + (int)i), cells[i]);
            expect_str(csv_cell(narrow, row, 1), cells[i]);
            expect_str(csv_cell(narrow, row, 0), "x");
            expect_str(csv_cell(narrow, row, 3), "f");
        }
        expect_str(json_object_to_json_string(json_at(one, strf("data.rows.2.%s", name), &found)),
                   json_object_to_json_string(json_at(all, strf("data.rows.2.%s", name), &found)));
        expect_int(found, 1);
    }
}

/* However many dimensions there are, their cells are the same. */
static void test_many_dimensions(void)
{
    static const char *const values[] = {
        "\"a,b\"",        "\"\"",       "1.50",       "true",
        "null",           "[1, \"x\"]", "{\"k\": 1}", "\"say \\\"hi\\\"\"",
        "\"\\u00e9\\n\"", "0",          "\"=1\"",     "1e3"};
    static const char *const cells[] = {"a,b",        "",           "1.50",       "true",
                                        NULL,         "[1, \"x\"]", "{\"k\": 1}", "say \"hi\"",
                                        "\xC3\xA9\n", "0",          "'=1",        "1000"};

    for (int n = 7; n <= (int)countof(values); n++) {
        apr_int64_t config = seed_config(DB_A, strf("%d dimensions", n));
        const char *names = "", *object = "";
        csv_table_t *t;

        for (int i = 0; i < n; i++) {
            names = strf("%s%s\"d%d\"", names, i ? "," : "", i);
            object = strf("%s%s\"d%d\": %s", object, i ? "," : "", i, values[i]);
        }
        seed_schema(DB_A, config, 1, 1, strf("[%s]", names), "[]");
        for (int row = 0; row < 20; row++)
            seed_metric(DB_A, config, "2025-01-01T00:00:00Z",
                        row % 4 == 3 ? "[]" : strf("{%s, \"more\": 1}", object), "{}", NULL);
        t = export_table(config, "");
        expect_int(t->rows, 21);
        for (int row = 0; row < 20; row++)
            for (int i = 0; i < n; i++)
                expect_str(csv_cell(t, row + 1, i), row % 4 == 3 ? NULL : cells[i]);
    }
}

SUITE(export_columns) = {
    {"columns without a schema", test_without_schema},
    {"metric_fields", test_metric_fields},
    {"names that collide", test_colliding_names},
    {"names that collide, each with each", test_every_collision},
    {"include", test_include},
    {"include, every form", test_include_forms},
    {"include, many runs", test_include_many_runs},
    {"whole names before the comma", test_whole_names},
    {"names too long", test_long_names},
    {"ends of lines", test_line_ends},
    {"hostile field names", test_hostile_fields},
    {"many fields", test_many_fields},
    {"many fields, rows that are no objects", test_many_fields_odd_rows},
    {"more fields than an export can have", test_too_many_fields},
    {"metric_fields that only the data has", test_metric_fields_of_data},
    {"narrow and wide choices of metrics", test_choices_agree},
    {"few and many dimensions", test_many_dimensions},
    CU_TEST_INFO_NULL,
};
