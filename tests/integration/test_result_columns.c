/*
 * test_result_columns.c - POST /configs/:id/results: what becomes of a file's columns, by the
 * active schema, by the sender, or by themselves; and what is sent and exported comes back the
 * same.
 */
#include "../support/suite.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <string.h>

#define CSV "Content-Type: text/csv"

static http_response_t *send_to(const char *host, apr_int64_t config, const char *query,
                                const char *type, const char *body)
{
    return http_send(&(http_request_t){
        .method = "POST",
        .host = host,
        .path = strf("/configs/" ID "/results?workload_uid=u&source_file=a%s", config, query),
        .body = body,
        .headers = {type}});
}

static http_response_t *send_file(apr_int64_t config, const char *query, const char *body)
{
    return send_to(HOST_A, config, query, CSV, body);
}

/* The config's rows, as text. */
static const char *rows_of(apr_int64_t config)
{
    return db_text(DB_A,
                   "SELECT string_agg(concat_ws(' ', dimensions, metrics, raw_data), '; ' ORDER BY"
                   " id) FROM github_workflow_metrics WHERE config_id = $1",
                   1, strf(ID, config));
}

/* Its dimensions and metrics, and no others; what it lacks is raw, and said. */
static void test_active_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "active schema"),
                schema = seed_schema(DB_A, config, 3, 1, "[\"Op\",\"v\",\"absent\"]", "[\"w\"]");
    http_response_t *res;

    seed_schema(DB_A, config, 4, 0, "[]", "[\"v\"]");
    res = send_file(config, "", "Op,v,w,x\nGEMM,1.5,N/A,7\nConv,2,3,8\n");
    expect_status(res, 201);
    expect_json(res, "data.schema_id", strf(ID, schema));
    expect_json(res, "data.dimension_fields", "[\"Op\",\"v\"]");
    expect_json(res, "data.metric_fields", "[\"w\"]");
    expect_json(res, "data.unknown_columns", "[\"x\"]");
    expect_json(res, "data.warnings", "[]");
    expect_str(rows_of(config),
               "{\"v\": \"1.5\", \"Op\": \"GEMM\"} {} {\"w\": \"N/A\", \"x\": \"7\"}; "
               "{\"v\": \"2\", \"Op\": \"Conv\"} {\"w\": 3} {\"x\": \"8\"}");
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_metrics WHERE schema_id = $1", 1,
                      strf(ID, schema)),
               2);
    /* columns that it does not know at all: a warning, and no schema is made */
    res = send_file(config, "", "a,b\n1,2\n");
    expect_success(res);
    expect_json(res, "data.unknown_columns", "[\"a\",\"b\"]");
    expect_json(res, "data.warnings", "[\"no column of the file is a metric\"]");
}

/* What its fields say of units and types holds for the files that come after. */
static void test_fields_of_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "fields");

    expect_status(send_file(config, "", "Op,batch_size,time\nGEMM,32,5 ms\n"), 201);
    expect_success(send_file(config, "", "Op,batch_size,time\nGEMM,64,2 s\nGEMM,x,7\n"));
    expect_str(rows_of(config),
               "{\"Op\": \"GEMM\", \"batch_size\": 64} {\"time\": 2000} {\"time\": \"2 s\"}; "
               "{\"Op\": \"GEMM\", \"batch_size\": \"x\"} {\"time\": 7}");
}

static const char google[] = "{\"context\":{},\"benchmarks\":[{\"name\":\"a\",\"real_time\":5,"
                             "\"cpu_time\":5,\"time_unit\":\"%s\"}]}";

/* A schema that says no unit: the number as it stands, and a warning, whatever the file's is. */
static void test_no_unit(void)
{
    static const char *const units[] = {"ns", "us", "ms"}, *const cells[] = {"ms", "s", "GB"};
    apr_int64_t config = seed_config(DB_A, "no unit");
    http_response_t *res;

    seed_schema(DB_A, config, 1, 1, "[\"name\"]", "[\"real_time\"]");
    for (int i = 0; i < 3; i++) {
        res = send_to(HOST_A, config, "&format=google-benchmark", NULL, strf(google, units[i]));
        expect_status(res, i ? 200 : 201);
        expect_json(res, "data.warnings",
                    strf("[\"line 1, column 'real_time': '5 %s' has a unit, and the schema says"
                         " none for the column: its number is kept as it stands\"]",
                         units[i]));
        expect_contains(rows_of(config), "{\"real_time\": 5} {");
        expect_contains(rows_of(config), strf("\"real_time\": \"5 %s\"", units[i]));
    }
    config = seed_config(DB_A, "inferred without unit");
    expect_status(send_file(config, "", "Op,lat,rate_kHz\nA,5,1\n"), 201);
    for (int i = 0; i < 3; i++) {
        const char *body = strf("Op,lat,rate_kHz\nA,5 %s,1 MHz\n", cells[i]);

        res = send_file(config, "", body);
        expect_success(res);
        expect_json(res, "data.warning_count", "1");
        expect_str(rows_of(config),
                   strf("{\"Op\": \"A\"} {\"lat\": 5, \"rate_kHz\": 1000} {\"lat\": \"5 %s\","
                        " \"rate_kHz\": \"1 MHz\"}",
                        cells[i]));
        expect_field(send_file(config, "&strict=true", body), "body",
                     strf("line 2, column 'lat': '5 %s' has a unit, and the schema says none for"
                          " the column: its number is kept as it stands",
                          cells[i]));
    }
}

/* A number without a unit is in the schema's, also where the sender names the column. */
static void test_bare_numbers(void)
{
    apr_int64_t config = seed_config(DB_A, "bare numbers");
    const char *rows = "{\"Op\": \"A\"} {\"lat\": 5}; "
                       "{\"Op\": \"B\"} {\"lat\": 1000} {\"lat\": \"1 s\"}";

    expect_status(send_file(config, "", "Op,lat\nA,5 ms\n"), 201);
    expect_success(send_file(config, "&strict=true", "Op,lat\nA,5\nB,1 s\n"));
    expect_str(rows_of(config), rows);
    expect_success(send_file(config, "&strict=true&metrics=lat", "Op,lat\nA,5\nB,1 s\n"));
    expect_str(rows_of(config), rows);
}

/* A schema without fields says nothing: columns are inferred, and no other schema is made. */
static void test_empty_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "empty schema"),
                schema = seed_schema(DB_A, config, 1, 1, "[]", "[]");
    http_response_t *res = send_file(config, "", "Op,v\nGEMM,1\n");

    expect_status(res, 201);
    expect_json(res, "data.schema_id", strf(ID, schema));
    expect_json(res, "data.metric_fields", "[\"v\"]");
}

/* The sender overrules both: these, and no others. */
static void test_sender_overrules(void)
{
    apr_int64_t config = seed_config(DB_A, "overruled");
    const char *file = "\"a,b\",c,d\n1,2,x\n3,4,y\n";
    http_response_t *res = send_file(config, "&dimensions=c", file);

    expect_status(res, 201);
    expect_json(res, "data.dimension_fields", "[\"c\"]");
    expect_json(res, "data.metric_fields", "[\"a,b\"]");
    expect_json(res, "data.unknown_columns", "[\"d\"]");
    res = send_file(config, "&metrics=a,b&dimensions=%5B%22d%22,%22c%22%5D", file);
    expect_success(res);
    expect_json(res, "data.metric_fields", "[\"a,b\"]"); /* the whole is a name */
    expect_json(res, "data.dimension_fields", "[\"c\",\"d\"]");
    res = send_file(config, "&metrics=c&dimensions%5B%5D=d", file);
    expect_success(res);
    expect_json(res, "data.metric_fields", "[\"c\"]");
    expect_json(res, "data.unknown_columns", "[\"a,b\"]");
    expect_str(rows_of(config),
               "{\"d\": \"x\"} {\"c\": 2} {\"a,b\": \"1\"}; {\"d\": \"y\"} {\"c\": 4} "
               "{\"a,b\": \"3\"}");
    res = http_get(strf("/configs/" ID "/schemas", config)); /* the one that the first file made */
    expect_int(json_length_at(res, "data.schemas"), 1);
}

static void test_timestamp_column(void)
{
    static const char times[] = "SELECT string_agg(to_char(timestamp AT TIME ZONE 'UTC',"
                                " 'YYYY-MM-DD HH24:MI:SS.MS'), ' ' ORDER BY id)"
                                " FROM github_workflow_metrics WHERE config_id = $1";
    apr_int64_t config = seed_config(DB_A, "times");
    http_response_t *res =
        send_file(config, "&timestamp_column=t&completed_at=2025-06-01T00:00:00Z",
                  "Op,t,v\nx,2025-01-31T13:00:00.5+01:00,1\nx,1738324800,2\nx,,3\nx,soon,4\n");

    expect_status(res, 201);
    expect_json(res, "data.unknown_columns", "[]");
    expect_json(res, "data.warnings",
                "[\"line 4, column 't': '' is no time; the row has the run's\","
                "\"line 5, column 't': 'soon' is no time; the row has the run's\"]");
    expect_json(res, "data.warning_count", "2");
    expect_str(db_text(DB_A, times, 1, strf(ID, config)),
               "2025-01-31 12:00:00.500 2025-01-31 12:00:00.000 2025-06-01 00:00:00.000 "
               "2025-06-01 00:00:00.000");
    /* sent again, and without a time: the run's is what it was */
    expect_success(send_file(config, "", "Op,t,v\nx,1,1\n"));
    expect_str(db_text(DB_A, times, 1, strf(ID, config)), "2025-06-01 00:00:00.000");
}

/* It is no metric and no dimension, unless somebody says so. */
static void test_time_is_neither(void)
{
    apr_int64_t config = seed_config(DB_A, "time alone");
    http_response_t *res = send_file(config, "&timestamp_column=t", "t,v\n1738324800,5\n");

    expect_status(res, 201);
    expect_json(res, "data.dimension_fields", "[]");
    expect_json(res, "data.metric_fields", "[\"v\"]");
    expect_json(res, "data.unknown_columns", "[]");
    expect_str(rows_of(config), "{} {\"v\": 5} {\"t\": \"1738324800\"}");
    res = send_file(config, "&timestamp_column=t&metrics=t,v", "t,v\n1738324800,5\n");
    expect_success(res);
    expect_json(res, "data.metric_fields", "[\"t\",\"v\"]");
    config = seed_config(DB_A, "time of the schema");
    seed_schema(DB_A, config, 1, 1, "[\"t\"]", "[\"v\"]");
    res = send_file(config, "&timestamp_column=t", "t,v\n1738324800,5\n");
    expect_status(res, 201);
    expect_json(res, "data.dimension_fields", "[\"t\"]");
    config = seed_config(DB_A, "named by the sender");
    res = send_file(config, "&timestamp_column=t&dimensions=t", "t,v\n1738324800,5\n");
    expect_status(res, 201);
    expect_json(res, "data.dimension_fields", "[\"t\"]");
    expect_error(send_file(seed_config(DB_A, "nothing else"), "&timestamp_column=t", "t\n1\n"),
                 4000,
                 "no column of the file is a metric, so no schema can be made of it; metrics= may"
                 " name those that are");
}

/* Warnings have lines and columns, the first 20 are shown, and strict makes them errors. */
static void test_warnings(void)
{
    apr_int64_t config = seed_config(DB_A, "warnings");
    const char *body = "Op,v\nx,1\ny\nz,2,3\nx,n/a\n", *many = "Op,v\nx,1\n";
    http_response_t *res = send_file(config, "&metrics=v", body);

    expect_status(res, 201);
    expect_json(res, "data.rows", "4");
    expect_json(res, "data.warnings",
                "[\"line 3: 1 cells, where there are 2 columns\","
                "\"line 4: 3 cells, where there are 2 columns\"]");
    for (int i = 0; i < 25; i++)
        many = strf("%sx,bad\n", many);
    res = send_file(config, "", many);
    expect_success(res);
    expect_int(json_length_at(res, "data.warnings"), 20);
    expect_json(res, "data.warning_count", "25");
    expect_text(res, "data.warnings.0", "line 3, column 'v': 'bad' is no number");
    res = send_file(config, "&strict=true", many);
    expect_status(res, 400);
    expect_int(json_length_at(res, "errors"), 21);
    expect_text(res, "errors.0.message", "line 3, column 'v': 'bad' is no number");
    expect_text(res, "errors.20.message", "and so on: 25 in all");
    expect_field(send_file(config, "&strict=true", "Op,v\nx,1\ny\n"), "body",
                 "line 3: 1 cells, where there are 2 columns");
    expect_int(db_int(DB_A, "SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1", 1,
                      strf(ID, config)),
               26); /* nothing of these was stored */
    expect_success(send_file(config, "&strict=true", "Op,v\nx,n/a\ny,1e3\n"));
}

/* Names many times as long as their values: the rows would be too large. */
static void test_large_rows(void)
{
    apr_int64_t config = seed_config(DB_A, "large rows");
    char *body = apr_palloc(fixture_pool(), 4097), *end = body;

    memset(end, 'n', 900);
    end += 900;
    for (memcpy(end, ",v\n", 3), end += 3; end < body + 4000; end += 4)
        memcpy(end, "a,1\n", 4);
    *end = '\0';
    expect_error(send_to(HOST_TINY, config, "", CSV, body), 4130,
                 "the file's rows, each with its columns' names, are larger than 32768 bytes");
}

/* Another schema comes into force again and again, while files are sent. */
static void test_schema_moves(void)
{
    apr_int64_t config = seed_config(DB_A, "moving schema");
    http_request_t rqs[12];
    http_response_t **all;

    expect_status(send_file(config, "", "Op,v\nx,1\n"), 201);
    for (int i = 0; i < (int)countof(rqs); i++) {
        rqs[i] = (http_request_t){
            .method = "POST",
            .path = i % 2
                        ? strf("/configs/" ID "/schemas", config)
                        : strf("/configs/" ID "/results?workload_uid=%d&source_file=a", config, i),
            .body = i % 2 ? "{\"name\":\"s\",\"fields\":[],\"metric_fields\":[\"v\"],"
                            "\"dimension_fields\":[\"Op\"]}"
                          : "Op,v\nx,1\n",
            .headers = {i % 2 ? JSON_TYPE : CSV}};
    }
    all = http_send_all(rqs, (int)countof(rqs));
    for (int i = 0; i < (int)countof(rqs); i++)
        expect_status(all[i], 201);
    expect_int(db_int(DB_A,
                      "SELECT count(*) FROM github_workflow_metrics m JOIN"
                      " github_workflow_metric_schemas s ON s.id = m.schema_id AND s.config_id ="
                      " m.config_id WHERE m.config_id = $1",
                      1, strf(ID, config)),
               7);
}

/* ---- there and back ---- */

static apr_uint64_t state = 20250131;

static apr_uint64_t next(apr_uint64_t below)
{
    state ^= state << 13; /* Marsaglia's xorshift64 */
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static const char *pick(const char *const *from, apr_size_t n)
{
    return from[next(n)];
}

static const char *text_cell(void)
{
    static const char *const cells[] = {"GEMM",      "a,b", "say \"hi\"",  "two\nlines",   "=1+2",
                                        "-x",        "\\N", "tab\there",   "na\xc3\xafve", "'",
                                        "{\"a\":1}", "x;y", "back\\slash", "@home",        "true"};

    return pick(cells, countof(cells));
}

static const char *number_cell(void)
{
    static const char *const cells[] = {"0",    "1",      "-1.5",    "1.50", "1e3", "157.25",
                                        "1E-7", "-0.001", "1234567", "0.1",  "99"};

    return pick(cells, countof(cells));
}

static const char *quoted(const char *cell)
{
    const char *out = "\"";

    for (; *cell; cell++)
        out = strf("%s%c%s", out, *cell, *cell == '"' ? "\"" : "");
    return strf("%s\"", out);
}

static const char *random_table(void)
{
    const char *text = "\"Op\",\"a,b\",\"say \"\"x\"\"\",throughput,m\n";
    int n = 1 + (int)next(20);

    for (int i = 0; i < n; i++)
        text = strf("%s%s,%s,%s,%s,%s\n", text, quoted(text_cell()),
                    next(4) ? quoted(text_cell()) : "", quoted(strf("d%d", (int)next(9))),
                    next(5) ? number_cell() : "", number_cell());
    return text;
}

/* Numbers in the form that JSONB prints, so that both sides are compared as stored. */
#define STORED                                                                                     \
    "SELECT string_agg(concat_ws(' ', dimensions, metrics), '; ' ORDER BY dimensions::text "       \
    "COLLATE"                                                                                      \
    " \"C\", metrics::text COLLATE \"C\") FROM github_workflow_metrics WHERE config_id = $1"

/* What is exported, sent to another config: the same rows. */
static void there_and_back(apr_int64_t from, const char *format, const char *media)
{
    apr_int64_t to = seed_config(DB_A, "back");
    const char *names = "&dimensions=%5B%22Op%22,%22a,b%22,%22say%20%5C%22x%5C%22%22%5D"
                        "&metrics=throughput,m";
    http_response_t *res = http_send(&(http_request_t){
        .host = HOST_PLAIN, .path = strf("/configs/" ID "/export?%s", from, format)});

    expect_status(res, 200);
    if (strstr(media, "/json")) { /* the array, without what stands around it */
        *(strrchr(res->body, ']') + 1) = '\0';
        res->body = strchr(res->body, '[');
    }
    res = send_to(HOST_A, to, names, strf("Content-Type: %s", media), res->body);
    expect_status(res, 201);
    expect_str(db_text(DB_A, STORED, 1, strf(ID, to)), db_text(DB_A, STORED, 1, strf(ID, from)));
}

static void test_there_and_back(void)
{
    for (int i = 0; i < 10; i++) {
        apr_int64_t config = seed_config(DB_A, "there");
        const char *table = random_table();
        http_response_t *res = send_file(config, "&metrics=throughput,m", table);

        expect_status(res, 201);
        there_and_back(config, "format=csv", "text/csv");
        there_and_back(config, "format=csv&bom=true&delimiter=tab", "text/tab-separated-values");
        there_and_back(config, "format=ndjson", "application/x-ndjson");
        there_and_back(config, "format=json", "application/json");
    }
}

SUITE(result_columns) = {
    {"the active schema decides", test_active_schema},
    {"its fields say units and types", test_fields_of_schema},
    {"a schema that says no unit", test_no_unit},
    {"numbers without a unit", test_bare_numbers},
    {"a schema without fields", test_empty_schema},
    {"the sender overrules both", test_sender_overrules},
    {"the time of the rows", test_timestamp_column},
    {"the time is neither metric nor dimension", test_time_is_neither},
    {"warnings, and strict", test_warnings},
    {"rows that would be too large", test_large_rows},
    {"a schema that changes meanwhile", test_schema_moves},
    {"what is sent and exported comes back", test_there_and_back},
    CU_TEST_INFO_NULL,
};
