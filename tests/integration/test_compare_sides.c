/*
 * test_compare_sides.c - GET /configs/:id/compare: which runs each side has, by which dimensions
 * and metrics they are compared, and what is shown of it. The figures are test_compare.c's.
 */
#include "../support/suite.h"
#include "compared.h"
#include "db.h"
#include "lens.h"
#include "side.h"
#include <string.h>

#define DB_GENERATION "lens_compare"

static void expect_side(const http_response_t *res, const char *side, const char *runs)
{
    expect_status(res, 200);
    expect_str(compared_runs(res, side), runs);
}

static const char *ids(int n, const apr_int64_t *runs)
{
    const char *text = "";

    for (int i = 0; i < n; i++)
        text = strf("%s%s" ID, text, i ? "," : "", runs[i]);
    return text;
}

/* ---- how a side is chosen ---- */

static void test_by_run(void)
{
    apr_int64_t config = seed_config(DB_A, "by run"), r[3];
    const char *head;

    for (int i = 2; i >= 0; i--) /* the later ones have the smaller ids */
        r[i] = compared_value(config, 1 + i, NULL, NULL, "1");
    head = strf("&head_run=" ID, r[2]);
    expect_side(compared(config, strf("base_run=" ID "," ID "%s", r[1], r[0], head)), "base",
                ids(2, r));
    expect_side(
        compared(config, strf("base_run=%%20" ID "%%20," ID "," ID "%s", r[1], r[0], r[1], head)),
        "base", ids(2, r));
    expect_side(compared(config, strf("base_run=[" ID ",%%22" ID "%%22]%s", r[0], r[1], head)),
                "base", ids(2, r));
    expect_side(compared(config, strf("base_run[]=" ID "&base_run[1]=" ID "%s", r[0], r[1], head)),
                "base", ids(2, r));
    expect_side(compared(config, strf("base_run=" ID "%s", r[0], head)), "head", ids(1, r + 2));
}

static void test_by_sha(void)
{
    apr_int64_t config = seed_config(DB_A, "by sha"), other = seed_config(DB_A, "other"), r[3];

    r[0] = compared_value(config, 3, "main", "abc", "1");
    r[1] = compared_value(config, 4, NULL, "abc", "1");
    r[2] = compared_value(config, 1, NULL, "abcd", "2");
    compared_value(other, 1, NULL, "abc", "2");
    http_response_t *res = compared(config, "base_sha=abc&head_sha=abcd");
    expect_side(res, "base", ids(2, r));
    expect_side(res, "head", ids(1, r + 2));
    expect_error(compared(config, "base_sha=ABC&head_sha=abcd"), 4040,
                 "base (base_sha) has no run that is completed and has metric rows of this config");
}

/* The newest ones by the time of their first row, then by id. */
static void test_by_branch(void)
{
    apr_int64_t config = seed_config(DB_A, "by branch"), r[4], head;

    r[3] = compared_value(config, 9, "main", NULL, "1");
    r[1] = compared_value(config, 5, "main", NULL, "1");
    r[2] = compared_value(config, 5, "main", NULL, "1");
    r[0] = compared_value(config, 2, "main", NULL, "1");
    compared_row(config, r[0], "2025-01-30T00:00:00Z", "{}", "{\"v\":2}"); /* its last row */
    compared_value(config, 20, "Main", NULL, "1");
    head = compared_value(config, 1, "a,b & c", NULL, "1");
    expect_side(compared(config, "base_branch=main&head_branch=a,b+%26+c"), "base", ids(4, r));
    expect_side(compared(config, "base_branch=main&base_last=2&head_branch=a,b+%26+c"), "base",
                ids(2, r + 2));
    expect_side(compared(config, "head_branch=main&head_last=3&base_branch=a,b+%26+c"), "head",
                ids(3, r + 1));
    expect_side(compared(config, "head_branch=main&head_last=100&base_branch=a,b+%26+c"), "base",
                ids(1, &head));
    for (int i = 0; i < 12; i++)
        compared_value(config, 10 + i, "many", NULL, "1");
    expect_int(
        json_length_at(compared(config, "base_branch=many&head_branch=main"), "data.base.runs"),
        10);
}

/* Of a branch with many runs not every one is looked at: the newest ones are found all the same,
 * whatever their ids, and however many rows of other branches are newer. */
static void test_by_a_large_branch(void)
{
    apr_int64_t config = seed_config(DB_A, "by a large branch"), first;

    first = db_int(DB_A,
                   "WITH r AS (INSERT INTO github_workflow_runs (config_id, workload_uid, status,"
                   " head_branch) SELECT $1, 'large-' || i, 'completed', CASE WHEN i % 40 = 0 THEN"
                   " 'rare' ELSE 'main' END FROM generate_series(1, 800) i RETURNING id)"
                   " SELECT min(id) FROM r",
                   1, strf(ID, config));
    /* the newest are the runs of ids 400 + 7 k from the first on, an hour apart from a common day
     */
    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp, metrics)"
           " SELECT $1::bigint, $2::bigint + i, 1, '2025-01-01T00:00:00Z'::timestamptz +"
           " ((i * 7 + 400) % 800) * interval '1 hour' + s * interval '1 minute', '{\"v\":1}'"
           " FROM generate_series(0, 799) i, generate_series(0, 2) s",
           2, strf(ID, config), strf(ID, first));
    const char *newest = db_text(
        DB_A,
        "SELECT string_agg(id::text, ',' ORDER BY at, id) FROM (SELECT r.id, min(m.timestamp) AS at"
        " FROM github_workflow_runs r JOIN github_workflow_metrics m ON m.run_id = r.id WHERE"
        " r.config_id = $1 AND r.head_branch = 'main' GROUP BY r.id ORDER BY 2 DESC, 1 DESC"
        " LIMIT 10) r",
        1, strf(ID, config));

    http_response_t *res = compared(config, "base_branch=main&head_branch=rare&head_last=2");
    expect_side(res, "base", newest);
    expect_int(json_length_at(res, "data.head.runs"), 2);
}

static void test_by_time(void)
{
    apr_int64_t config = seed_config(DB_A, "by time"), r[3];
    const char *head;

    for (int i = 0; i < 3; i++) {
        r[i] = compared_value(config, 2 * i + 1, NULL, NULL, "1");
        compared_row(config, r[i], strf("2025-01-%02dT08:00:00Z", 2 * i + 2), "{}", "{\"v\":2}");
    }
    head = strf("&head_run=" ID, r[0]);
    expect_side(compared(config, strf("base_start=2025-01-01T08:00:00Z&base_end="
                                      "2025-01-03T09:00:00%%2B01:00%s",
                                      head)),
                "base", ids(2, r));
    /* a run that began before has rows there, too */
    expect_side(compared(config, strf("base_start=2025-01-02T00:00:00Z%s", head)), "base",
                ids(2, r + 1));
    expect_side(compared(config, strf("base_end=2025-01-01T08:00:00Z%s", head)), "base", ids(1, r));
    /* all of its rows are compared */
    expect_json(compared(config, strf("base_end=2025-01-01T08:00:00Z%s", head)),
                "data.series.0.base.n", "2");
    expect_error(
        compared(config, strf("base_start=2025-01-04T00:00:00Z&base_end="
                              "2025-01-04T23:00:00Z%s",
                              head)),
        4040, "base (base_start) has no run that is completed and has metric rows of this config");
}

/* Only completed runs with rows of the config count; and of those that are named all must. */
static void test_which_runs_count(void)
{
    apr_int64_t config = seed_config(DB_A, "count"), other = seed_config(DB_A, "elsewhere");
    apr_int64_t good = compared_value(config, 1, "b", "s", "1"), failed, empty, foreign;

    failed = compared_value(config, 2, "b", "s", "1");
    db_run(DB_A, "UPDATE github_workflow_runs SET status = 'failed' WHERE id = $1", 1,
           strf(ID, failed));
    empty = compared_run(config, "b", "s");
    foreign = compared_value(other, 1, "b", "s", "1");
    expect_side(compared(config, "base_branch=b&head_sha=s"), "base", ids(1, &good));
    expect_side(compared(config, "base_branch=b&head_sha=s"), "head", ids(1, &good));
    expect_side(compared(config, strf("base_run=" ID "&head_start=2025-01-01T00:00:00Z", good)),
                "head", ids(1, &good));
    expect_error(compared(config, strf("base_run=" ID "," ID "," ID "," ID "&head_run=" ID, good,
                                       failed, empty, foreign, good)),
                 4040,
                 strf("base (base_run) has no run " ID ", " ID ", " ID
                      " that is completed and has metric rows of this config",
                      failed, empty, foreign));
    expect_error(
        compared(config, "base_run=999999999&head_branch=none"), 4040,
        "base (base_run) has no run 999999999 that is completed and has metric rows of this"
        " config; head (head_branch) has no run that is completed and has metric rows of"
        " this config");
    expect_error(compared(config, "base_branch=b&head_end=2024-01-01T00:00:00Z"), 4040,
                 "head (head_end) has no run that is completed and has metric rows of this config");
    expect_error(compared(999999999, "base_run=1&head_run=1"), 4040, "config not found");
}

/* ---- wrong ways ---- */

#define ONE_WAY(side)                                                                              \
    "must be chosen in one way: by " side "_run, by " side "_sha, by " side "_branch (and " side   \
    "_last), or by " side "_start and " side "_end"
#define NOT_SEVERAL(side)                                                                          \
    "must be chosen in one way, not in several: by " side "_run, by " side "_sha, by " side        \
    "_branch (and " side "_last), or by " side "_start and " side "_end"
#define IDS  "must be a comma-separated list or a JSON array of at most 100 positive integers"
#define TIME "must be an RFC 3339 timestamp such as 2025-01-31T12:00:00Z"

static void test_wrong_sides(void)
{
    static const struct {
        const char *query, *field, *message;
    } wrong[] = {
        {"head_run=1", "base", ONE_WAY("base")},
        {"base_run=1", "head", ONE_WAY("head")},
        {"base_run=1&head_sha=", "head", ONE_WAY("head")},
        {"base_run=1&head_last=3", "head", ONE_WAY("head")},
        {"base_run=1&base_sha=a&head_run=1", "base", NOT_SEVERAL("base")},
        {"base_run=1&head_branch=a&head_start=2025-01-01T00:00:00Z", "head", NOT_SEVERAL("head")},
        {"base_run=1&head_sha=a&head_end=2025-01-01T00:00:00Z", "head", NOT_SEVERAL("head")},
        {"base_run=1&base_last=3&head_run=1", "base_last", "is for base_branch only"},
        {"base_sha=a&head_sha=b&head_last=10", "head_last", "is for head_branch only"},
        {"base_run=x&head_run=1", "base_run", IDS},
        {"base_run=&head_run=1", "base_run", IDS},
        {"base_run=1,,2&head_run=1", "base_run", IDS},
        {"base_run=0&head_run=1", "base_run", IDS},
        {"base_run=01&head_run=1", "base_run", IDS},
        {"base_run=-1&head_run=1", "base_run", IDS},
        {"base_run=1.5&head_run=1", "base_run", IDS},
        {"base_run=9223372036854775808&head_run=1", "base_run", IDS},
        {"base_run=[]&head_run=1", "base_run", IDS},
        {"base_run=[1.5]&head_run=1", "base_run", IDS},
        {"base_run=[null]&head_run=1", "base_run", IDS},
        {"base_run=[1&head_run=1", "base_run", IDS},
        {"base_run[]=1&base_run[]=x&head_run=1", "base_run", IDS},
        {"base_run[a]=1&head_run=1", "base_run",
         "must be written base_run=a,b or base_run[]=a&base_run[]=b or as a JSON array"},
        {"base_run=1&base_run=2&head_run=1", "base_run", "must be given only once"},
        {"base_branch=a&base_last=0&head_run=1", "base_last",
         "must be an integer between 1 and 100"},
        {"base_branch=a&base_last=101&head_run=1", "base_last",
         "must be an integer between 1 and 100"},
        {"base_branch=a&base_last=x&head_run=1", "base_last",
         "must be an integer between 1 and 100"},
        {"base_branch[]=a&head_run=1", "base_branch",
         "takes one value and no brackets: write base_branch=value"},
        {"base_start=x&head_run=1", "base_start", TIME},
        {"head_end=now&base_run=1", "head_end", TIME},
        {"base_start=2025-01-02T00:00:00Z&base_end=2025-01-01T00:00:00Z&head_run=1", "base_start",
         "must not be after base_end"},
        {"head_start=2025-01-02T00:00:00Z&head_end=2025-01-01T00:00:00Z&base_run=1", "head_start",
         "must not be after head_end"},
    };

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(compared(1, wrong[i].query), wrong[i].field, wrong[i].message);
    expect_int(json_length_at(compared(1, ""), "errors"), 2);
}

static void test_wrong_inputs(void)
{
    static const struct {
        const char *query, *field, *message;
    } wrong[] = {
        {"min_change=-1", "min_change", "must be a number between 0 and 1000000"},
        {"min_change=x", "min_change", "must be a number between 0 and 1000000"},
        {"min_change=", "min_change", "must be a number between 0 and 1000000"},
        {"min_change=nan", "min_change", "must be a number between 0 and 1000000"},
        {"max_pvalue=1.5", "max_pvalue", "must be a number between 0 and 1"},
        {"max_pvalue=-0.1", "max_pvalue", "must be a number between 0 and 1"},
        {"verdict=worse", "verdict",
         "must be names out of regression, changed, improvement, undetermined, missing, new,"
         " unchanged"},
        {"verdict=", "verdict", "must be a comma-separated list or a JSON array of names"},
        {"limit=0", "limit", "must be an integer between 1 and 1000"},
        {"limit=x", "limit", "must be an integer between 1 and 1000"},
        {"dimensions=[]", "dimensions", "must be a JSON object"},
        {"metric_fields=", "metric_fields",
         "must be a comma-separated list or a JSON array of names"},
        {"group_by=[1]", "group_by", "must be a comma-separated list or a JSON array of names"},
        {"cursor=x", "cursor",
         "must be the next_cursor of an answer to the same sides and filters"},
        {"cursor=", "cursor", "must be the next_cursor of an answer to the same sides and filters"},
    };

    for (size_t i = 0; i < countof(wrong); i++)
        expect_field(compared(1, strf("base_run=1&head_run=2&%s", wrong[i].query)), wrong[i].field,
                     wrong[i].message);
}

static void test_many_runs(void)
{
    apr_int64_t config = seed_config(DB_A, "many runs"), first;

    first = db_int(DB_A,
                   "WITH r AS (INSERT INTO github_workflow_runs (config_id, workload_uid, status,"
                   " head_branch, head_sha) SELECT $1, 'n-' || i, 'completed', 'b', 's'"
                   " FROM generate_series(1, 101) i RETURNING id), m AS (INSERT INTO"
                   " github_workflow_metrics (config_id, run_id, schema_id, timestamp, metrics)"
                   " SELECT $1, id, 1, '2025-01-01T00:00:00Z', '{\"v\":1}' FROM r)"
                   " SELECT min(id) FROM r",
                   1, strf(ID, config));
    expect_field(compared(config, "base_sha=s&head_branch=b"), "base_sha",
                 "chooses more than 100 runs");
    expect_field(compared(config, "base_branch=b&head_start=2025-01-01T00:00:00Z"), "head_start",
                 "chooses more than 100 runs");
    expect_int(
        json_length_at(compared(config, strf("base_branch=b&base_last=100&head_run=" ID, first)),
                       "data.base.runs"),
        100);
}

/* ---- by what they are compared ---- */

static void add_both(apr_int64_t config, apr_int64_t base, apr_int64_t head, const char *dimensions,
                     const char *metrics)
{
    compared_row(config, base, "2025-01-01T00:00:00Z", dimensions, metrics);
    compared_row(config, head, "2025-01-02T00:00:00Z", dimensions, metrics);
}

static void test_names(void)
{
    apr_int64_t config = seed_config(DB_A, "names"), base = compared_run(config, NULL, NULL);
    apr_int64_t head = compared_run(config, NULL, NULL);
    const char *sides = strf("base_run=" ID "&head_run=" ID, base, head);

    add_both(config, base, head, "{\"\":\"x\",\"a,b\":1,\"Op\":32}",
             "{\"p50, p99\":1,\"\":2,\" w \":3,\"\u00e9[\":4}");
    add_both(config, base, head, "{\"\":\"x\",\"a,b\":\"1\",\"Op\":\"32\"}", "{\"p50, p99\":5}");
    add_both(config, base, head, "{\"Op\":32.0}", "{\"p50, p99\":\"N/A\"}");
    http_response_t *res = compared(config, sides);
    expect_json(res, "data.group_by", "[\"\",\"Op\",\"a,b\"]");
    expect_json(res, "data.metric_fields", "[\"\",\" w \",\"p50, p99\",\"\u00e9[\"]");
    expect_int(json_length_at(res, "data.series"), 4);
    expect_json(res, "data.series.0.dimensions", "{\"\":\"x\",\"Op\":\"32\",\"a,b\":\"1\"}");
    expect_json(res, "data.series.2.base.n", "2");
    expect_json(compared(config, strf("%s&metric_fields=p50,+p99", sides)), "data.metric_fields",
                "[\"p50, p99\"]");
    expect_json(compared(config, strf("%s&metric_fields=[%%22%%22,%%22+w+%%22]", sides)),
                "data.metric_fields", "[\"\",\" w \"]");
    expect_json(compared(config, strf("%s&metric_fields[]=%%C3%%A9[&group_by[]=a,b", sides)),
                "data.metric_fields", "[\"\u00e9[\"]");
    res = compared(config, strf("%s&group_by=a,b&metric_fields=p50,+p99", sides));
    expect_json(res, "data.group_by", "[\"a,b\"]");
    expect_json(res, "data.series.0.dimensions", "{\"a,b\":\"1\"}");
    expect_field(compared(config, strf("%s&group_by=Op,none", sides)), "group_by",
                 "names what is neither in the schema nor in these runs: none");
    res = compared(config, strf("%s&group_by=[]&metric_fields[]=p50,+p99", sides));
    expect_json(res, "data.group_by", "[]");
    expect_json(res, "data.series.0.dimensions", "{}");
    expect_text(res, "data.series.0.name", "p50, p99");
    expect_json(compared(config, strf("%s&group_by=", sides)), "data.group_by", "[]");
    expect_field(compared(config, strf("%s&metric_fields=v,p50", sides)), "metric_fields",
                 "names what is neither in the schema nor in these runs: v");
    /* one value of them all */
    res =
        compared(config, strf("%s&dimensions[Op]=32&metric_fields[]=p50,+p99&group_by=Op", sides));
    expect_json(res, "data.series.0.head.mean", "3");
    expect_json(compared(config, strf("%s&dimensions={%%22Op%%22:{%%22not%%22:[32]}}", sides)),
                "data.series", "[]");
}

/* The active schema says by what; and what it says of a metric, whether it is better. */
static void test_schema(void)
{
    apr_int64_t config = seed_config(DB_A, "schema to compare"), schema;
    apr_int64_t base = compared_run(config, NULL, NULL), head = compared_run(config, NULL, NULL);
    const char *sides = strf("base_run=" ID "&head_run=" ID, base, head);

    schema = seed_schema(DB_A, config, 2, 1, "[\"b\",{\"name\":\"a\"},7,\"b\"]", "[\"w\",\"v\"]");
    seed_schema(DB_A, config, 1, 1, "[\"older\"]", "[\"older\"]");
    seed_schema(DB_A, config, 3, 0, "[\"off\"]", "[\"off\"]");
    db_run(DB_A,
           "UPDATE github_workflow_metric_schemas SET fields ="
           " '[{\"name\":\"v\",\"direction\":\"lower\"},{\"name\":\"w\",\"unit\":\"GB/s\"}]'"
           " WHERE id = $1",
           1, strf(ID, schema));
    for (int i = 0; i < 3; i++) {
        compared_row(config, base, "2025-01-01T00:00:00Z", "{\"a\":1,\"c\":2}",
                     strf("{\"v\":%d,\"w\":%d,\"x\":1}", 10 + i % 2, 10 + i % 2));
        compared_row(config, head, "2025-01-02T00:00:00Z", "{\"a\":1,\"c\":3}",
                     strf("{\"v\":%d,\"w\":%d,\"x\":1}", 90 + i % 2, 50 + i % 2));
    }
    http_response_t *res = compared(config, sides);
    expect_json(res, "data.group_by", "[\"b\",\"a\"]");
    expect_json(res, "data.metric_fields", "[\"w\",\"v\"]");
    expect_json(res, "data.total", "2");
    expect_text(res, "data.series.0.name", "v (b=null, a=1)");
    expect_text(res, "data.series.0.direction", "lower");
    expect_text(res, "data.series.0.verdict", "regression");
    expect_text(res, "data.series.1.direction", "higher");
    expect_text(res, "data.series.1.verdict", "improvement");
    /* what only the rows have may be asked for; by c the sides have nothing in common */
    res = compared(config, strf("%s&metric_fields=x,v&group_by=c", sides));
    expect_json(res, "data.metric_fields", "[\"x\",\"v\"]");
    expect_text(res, "data.verdict", "undetermined");
    expect_header(res, "Wfmetrics-Verdict", "undetermined");
    expect_json(res, "data.summary.new", "2");
    expect_json(res, "data.summary.missing", "2");
    expect_json(res, "data.series.0.head", "null");
    expect_json(res, "data.series.3.base", "null");
    expect_json(res, "data.series.3.change_percent", "null");
}

static void test_many_names(void)
{
    apr_int64_t config = seed_config(DB_A, "many names"), run = compared_run(config, NULL, NULL);
    const char *sides = strf("base_run=" ID "&head_run=" ID, run, run);

    db_run(DB_A,
           "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
           " dimensions, metrics) SELECT $1, $2, 1, '2025-01-01T00:00:00Z', (SELECT"
           " jsonb_object_agg('d' || i, i) FROM generate_series(1, 101) i), (SELECT"
           " jsonb_object_agg('m' || i, i) FROM generate_series(1, 1401) i)",
           2, strf(ID, config), strf(ID, run));
    http_response_t *res = compared(config, sides);
    expect_field(res, "group_by", "must name at most 100 of 101");
    expect_field(res, "metric_fields", "must name at most 1400 of 1401");
    res = compared(config, strf("%s&group_by=d1&metric_fields=m7", sides));
    expect_json(res, "data.series.0.dimensions", "{\"d1\":\"1\"}");
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET metrics = metrics - 'm1', dimensions ="
           " dimensions - 'd1' WHERE run_id = $1",
           1, strf(ID, run));
    expect_int(json_length_at(compared(config, strf("%s&limit=1000", sides)), "data.series"), 1000);
}

/* ---- what is shown ---- */

/* Twenty series of two runs a side that rise by 1, 2 … percent. */
static apr_int64_t seed_rising(void)
{
    apr_int64_t config = seed_config(DB_A, "pages"), run;

    for (int r = 0; r < 4; r++) {
        run = compared_run(config, r < 2 ? "base" : "head", NULL);
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) SELECT $1, $2, 1, '2025-01-01T00:00:00Z',"
               " jsonb_build_object('s', i), jsonb_build_object('time_ms', 1000 + $3::int % 2 +"
               " $3::int / 2 * 10 * i) FROM generate_series(1, 20) i",
               3, strf(ID, config), strf(ID, run), strf("%d", r));
    }
    return config;
}

static void test_pages(void)
{
    apr_int64_t config = seed_rising();
    const char *sides = "base_branch=base&head_branch=head&limit=7", *seen = "";
    http_response_t *all = compared(config, "base_branch=base&head_branch=head"), *res;
    const char *cursor = "";

    expect_json(all, "data.summary.regression", "18");
    expect_json(all, "data.summary.unchanged", "2");
    expect_text(all, "data.series.0.dimensions.s", "20");
    for (int page = 0; page < 3; page++) {
        res = compared(config, strf("%s%s", sides, cursor));
        expect_json(res, "data.total", "20");
        expect_json(res, "data.limit", "7");
        expect_json(res, "data.summary.regression", "18");
        for (int i = 0; i < json_length_at(res, "data.series"); i++)
            seen = strf(
                "%s %s", seen,
                json_object_get_string(json_at(res, strf("data.series.%d.dimensions.s", i), NULL)));
        if (page < 2) {
            cursor =
                strf("&cursor=%s", json_object_get_string(json_at(res, "data.next_cursor", NULL)));
            compared_value(config, 20, "head", NULL, "1"); /* one that comes meanwhile */
        }
    }
    expect_json(res, "data.next_cursor", "null");
    expect_str(seen, " 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1");
    expect_int(json_length_at(res, "data.head.runs"), 2);
    expect_field(compared(config, strf("base_branch=base&head_branch=other%s", cursor)), "cursor",
                 "must be the next_cursor of an answer to the same sides and filters");
    expect_field(compared(config, strf("%s&min_change=1%s", sides, cursor)), "cursor",
                 "must be the next_cursor of an answer to the same sides and filters");
    expect_json(compared(config, strf("base_branch=base&head_branch=head&limit=2000%s", cursor)),
                "data.limit", "1000");
}

/* What has not changed comes exactly once, though series of equal weight stand together, and the
 * last one of a page moves away. */
static void test_pages_of_equal_ones(void)
{
    apr_int64_t config = seed_config(DB_A, "equal ones"), run;
    const char *sides = "base_branch=base&head_branch=head&limit=10", *cursor;
    http_response_t *res;

    for (int r = 0; r < 2; r++)
        db_run(DB_A,
               "INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, timestamp,"
               " dimensions, metrics) SELECT $1, $2, 1, '2025-01-01T00:00:00Z',"
               " jsonb_build_object('s', to_char(s, 'FM00')), '{\"v\":5}' FROM generate_series(1,"
               " 30) s",
               2, strf(ID, config), strf(ID, compared_run(config, r ? "head" : "base", NULL)));
    res = compared(config, sides);
    expect_text(res, "data.series.9.dimensions.s", "10");
    cursor =
        strf("%s&cursor=%s", sides, json_object_get_string(json_at(res, "data.next_cursor", NULL)));
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET metrics = '{\"v\":6}' WHERE config_id = $1 AND"
           " dimensions ->> 's' = '10' AND id > (SELECT avg(id) FROM github_workflow_metrics"
           " WHERE config_id = $1)",
           1, strf(ID, config));
    res = compared(config, cursor);
    expect_int(json_length_at(res, "data.series"), 10);
    expect_text(res, "data.series.0.dimensions.s", "11");
    expect_text(res, "data.series.9.dimensions.s", "20");
    expect_json(compared(config, strf("%s&verdict=new", sides)), "data.series", "[]");
    db_run(DB_A,
           "DELETE FROM github_workflow_metrics WHERE config_id = $1 AND dimensions ->> 's' = '10'",
           1, strf(ID, config));
    expect_field(compared(config, cursor), "cursor",
                 "is of a series that these runs no longer have: begin anew");
    run = db_int(DB_A, "SELECT max(id) FROM github_workflow_runs WHERE config_id = $1", 1,
                 strf(ID, config));
    db_run(DB_A, "UPDATE github_workflow_runs SET status = 'pending' WHERE id = $1", 1,
           strf(ID, run));
    expect_field(compared(config, cursor), "cursor",
                 strf("is of runs that are no longer all there (" ID "): begin anew", run));
}

/* What is filtered away has been compared all the same. */
static void test_filter(void)
{
    apr_int64_t config = seed_rising();
    const char *sides = "base_branch=base&head_branch=head";
    http_response_t *all = compared(config, sides), *res;

    res = compared(config, strf("%s&verdict=unchanged,improvement", sides));
    expect_json(res, "data.total", "2");
    expect_text(res, "data.series.0.verdict", "unchanged");
    expect_json(res, "data.summary.regression", "18");
    expect_text(res, "data.verdict", "regression");
    expect_str(json_object_get_string(json_at(res, "data.series.0.pvalue_adjusted", NULL)),
               json_object_get_string(json_at(all, "data.series.18.pvalue_adjusted", NULL)));
    expect_json(compared(config, strf("%s&verdict[]=new", sides)), "data.series", "[]");
    expect_json(compared(config, strf("%s&verdict=[%%22regression%%22]", sides)), "data.total",
                "18");
    expect_json(compared(config, strf("%s&min_change=19.5", sides)), "data.summary.regression",
                "1");
    expect_json(compared(config, strf("%s&max_pvalue=0", sides)), "data.summary.unchanged", "20");
}

/* ---- as every GET ---- */

static void test_headers(void)
{
    apr_int64_t config = seed_rising();
    const char *path = strf("/configs/" ID "/compare?base_branch=base&head_branch=head", config);
    http_response_t *get = http_get(path);
    http_response_t *head = http_send(&(http_request_t){.method = "HEAD", .path = path});

    expect_status(head, 200);
    expect_str(head->body, "");
    expect_header(head, "Wfmetrics-Verdict", "regression");
    expect_header(head, "ETag", http_header(get, "ETag"));
    expect_header(http_get(path), "ETag", http_header(get, "ETag"));
    expect_status(
        http_send(&(http_request_t){
            .path = path, .headers = {strf("If-None-Match: %s", http_header(get, "ETag"))}}),
        304);
    db_run(DB_A,
           "UPDATE github_workflow_metrics SET metrics = '{\"time_ms\":1000.5}' WHERE id ="
           " (SELECT max(id) FROM github_workflow_metrics WHERE config_id = $1)",
           1, strf(ID, config));
    expect(strcmp(http_header(http_get(path), "ETag"), http_header(get, "ETag")) != 0,
           "other rows have the same tag");
}

/* Runs of newer generations need no config; a host that may not write may ask. */
static void test_generations(void)
{
    static const int generations[] = {1, LENS_NEWEST};

    for (size_t i = 0; i < countof(generations); i++) {
        http_request_t rq = {.host = DB_GENERATION,
                             .path = "/configs/1/compare?base_branch=main&head_sha=s"};

        lens_create_with_row(DB_GENERATION, generations[i]);
        if ((rq.port = lens_host(DB_GENERATION)))
            expect_text(http_send(&rq), "data.verdict", "unchanged");
        side_stop();
        lens_drop(DB_GENERATION);
    }
    expect_status(http_send(&(http_request_t){
                      .host = HOST_RO, .path = "/configs/999999999/compare?base_run=1&head_run=1"}),
                  404);
}

SUITE(compare_sides) = {
    {"by run", test_by_run},
    {"by sha", test_by_sha},
    {"by branch", test_by_branch},
    {"by a large branch", test_by_a_large_branch},
    {"by time", test_by_time},
    {"which runs count", test_which_runs_count},
    {"wrong sides", test_wrong_sides},
    {"wrong inputs", test_wrong_inputs},
    {"many runs", test_many_runs},
    {"names", test_names},
    {"schema", test_schema},
    {"many names", test_many_names},
    {"pages", test_pages},
    {"pages of equal ones", test_pages_of_equal_ones},
    {"filter", test_filter},
    {"headers", test_headers},
    {"generations", test_generations},
    CU_TEST_INFO_NULL,
};
