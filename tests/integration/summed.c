/*
 * summed.c - asks two hosts of one database the same: sums.test's role reads the summaries,
 * rows.test's may not and answers from the rows alone.
 */
#include "summed.h"
#include "db.h"
#include "expect.h"
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Equal as JSON values: of numbers the value counts, not the digits. */
static int same(json_object *a, json_object *b)
{
    enum json_type type = json_object_get_type(a);
    int numeric = type == json_type_int || type == json_type_double;

    if (numeric &&
        (json_object_is_type(b, json_type_int) || json_object_is_type(b, json_type_double)))
        return json_object_get_double(a) == json_object_get_double(b);
    if (type != json_object_get_type(b))
        return 0;
    if (type == json_type_array) {
        size_t n = json_object_array_length(a), i = 0;

        if (n != json_object_array_length(b))
            return 0;
        while (i < n && same(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i)))
            i++;
        return i == n;
    }
    if (type == json_type_object) {
        if (json_object_object_length(a) != json_object_object_length(b))
            return 0;
        json_object_object_foreach(a, key, value)
        {
            json_object *other;
            if (!json_object_object_get_ex(b, key, &other))
                return 0;
            /* a cursor is one cluster's */
            if (!strcmp(key, "next_cursor") ? !value != !other : !same(value, other))
                return 0;
        }
        return 1;
    }
    return json_object_equal(a, b);
}

static void ask_both(const char *what, const char *path, const char *body)
{
    http_request_t rq = {.method = body ? "POST" : "GET",
                         .host = HOST_SUMS,
                         .path = path,
                         .body = body,
                         .headers = {body ? JSON_TYPE : NULL}};
    http_response_t *sums = http_send(&rq), *rows;

    rq.host = HOST_ROWS;
    rows = http_send(&rq);
    expect_status(rows, 200);
    /* averages digit for digit; of the lowest of equal numbers (1.5, 1.50) either may be answered
     */
    expect(sums->status == 200 && same(sums->json, rows->json) &&
               (!strstr(path, "/trends") || !strcmp(sums->body, rows->body)),
           "after %s: %s %s\nwith the summaries (%ld): %.400s\nwithout: %.400s", what, path,
           body ? body : "", sums->status, sums->body, rows->body);
}

static const char *const instants[] = {
    "2025-03-01T00:00:00Z",        "2025-03-03T12:00:00Z", "2025-03-04T23:59:59.999999Z",
    "2025-03-05T00:00:00.000001Z", "2025-03-06T00:00:00Z", "2025-03-06T18:00:00Z",
    "2025-03-08T23:59:59Z",        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"};

int summed_dice(int n)
{
    return (int)(random() % n);
}

/* Two instants in order, either of which may be left out. */
static void pick_range(const char **start, const char **end)
{
    const char *a = instants[summed_dice(countof(instants))],
               *b = instants[summed_dice(countof(instants))];

    *start = summed_dice(3) ? (strcmp(a, b) < 0 ? a : b) : NULL;
    *end = summed_dice(3) ? (strcmp(a, b) < 0 ? b : a) : NULL;
}

/* "?start=…&end=…&…" */
static const char *query(const char *first, const char *last, const char *more)
{
    const char *start, *end;

    pick_range(&start, &end);
    return strf("?%s%s%s%s%s%s%s", start ? first : "", start ? start : "", start ? "&" : "",
                end ? last : "", end ? end : "", end ? "&" : "", more);
}

const char *summed_pick(const char *const *list, size_t n)
{
    return list[summed_dice((int)n)];
}

/* The fields of a body that select rows. */
static const char *selection(void)
{
    const char *start, *end;

    pick_range(&start, &end);
    return strf(
        "%s%s%s%s%s%s%s%s", start ? "\"start\":\"" : "", start ? start : "", start ? "\"," : "",
        end ? "\"end\":\"" : "", end ? end : "", end ? "\"," : "",
        SUMMED_PICK("", "", "\"schema_id\":1,"),
        SUMMED_PICK(
            "", "", "\"dimensions\":{\"Op\":\"GEMM\"},", "\"dimensions\":{\"batch\":[\"32\",8]},",
            "\"dimensions\":{\"batch\":\"32.0\"},", "\"dimensions\":{\"Op\":[true,\"k1\"]},",
            "\"dimensions\":{\"Op\":null},", "\"dimensions\":{\"batch\":{\"not\":[8,\"32.0\"]}},",
            "\"dimensions\":{\"batch\":{\"not\":null},\"Op\":[null,\"k1\"]},"));
}

static void compare_lists(const char *what, int config)
{
    const char *schema = SUMMED_PICK("", "schema_id=1&", "schema_id=2&");

    ask_both(
        what,
        strf("/configs/%d/metrics%s", config, query("start=", "end=", strf("%slimit=5", schema))),
        NULL);
    ask_both(what, strf("/configs/%d/metrics/query", config),
             strf("{%s\"offset\":%d,\"limit\":3}", selection(), summed_dice(5)));
    ask_both(what,
             strf("/runs%s", query("start_date=", "end_date=",
                                   strf("limit=7%s%s%s", SUMMED_PICK("", "&config_id=1"),
                                        SUMMED_PICK("", "&status=failed", "&status=completed"),
                                        SUMMED_PICK("", "&trigger_source=backfill")))),
             NULL);
    ask_both(what, strf("/configs/%d/runs%s", config, query("start_date=", "end_date=", "limit=2")),
             NULL);
}

static void compare_figures(const char *what, int config)
{
    ask_both(what, "/repositories", NULL);
    ask_both(what, "/repositories/owner/repo", NULL);
    ask_both(what, strf("/configs/%d/stats", config), NULL);
    ask_both(what, strf("/configs/%d/schemas", config), NULL);
    ask_both(what, strf("/schemas/%d", 1 + summed_dice(2)), NULL);
    ask_both(what, strf("/configs/%d/summary%s", config, query("start=", "end=", "")), NULL);
    ask_both(
        what,
        strf("/configs/%d/fields%s", config, config == 1 ? SUMMED_PICK("", "?schema_id=1") : ""),
        NULL);
    ask_both(what,
             strf("/configs/%d/dimensions%s", config,
                  query("start=", "end=", SUMMED_PICK("", "schema_id=1"))),
             NULL);
    ask_both(
        what,
        strf("/configs/%d/dimensions/%s/values%s", config,
             SUMMED_PICK("Op", "batch", "rare", "nothing", "a%20%22b%22%20%25s%20'c'%20%5C"),
             query("start=", "end=", SUMMED_PICK("", "limit=2", "q=K", "offset=1&limit=2", "q=3"))),
        NULL);
    ask_both(what,
             strf("/configs/%d/values%s", config,
                  query("start=", "end=",
                        SUMMED_PICK("dimension=Op&q=g", "dimension=batch", "dimension="))),
             NULL);
}

static void compare_charts(const char *what, int config)
{
    const char *groups = SUMMED_PICK("[]", "[\"Op\"]", "[\"Op\",\"batch\"]", "[\"x\"]");
    const char *interval = SUMMED_PICK("1d", "1d", "1w", "1M", "6h");
    const char *zone =
        SUMMED_PICK("", "", "\"timezone\":\"Etc/UTC\",", "\"timezone\":\"Asia/Tokyo\",");
    /* not of all that can be said: of some rows' days there are millennia between */
    const char *fill =
        "\"fill\":true,\"start\":\"2025-03-01T00:00:00Z\",\"end\":\"2025-03-07T12:00:00Z\",";

    ask_both(
        what, strf("/configs/%d/metrics/aggregate", config),
        strf(
            "{%s%s\"metric_field\":\"%s\",\"agg_func\":\"%s\",\"interval\":\"%s\",\"group_by\":%s}",
            selection(), zone, SUMMED_PICK("t", "l", "late"),
            SUMMED_PICK("avg", "sum", "min", "max", "count", "stddev", "p90"), interval, groups));
    ask_both(
        what, strf("/configs/%d/metrics/trends", config),
        strf("{%s%s\"metric_fields\":[\"t\",\"late\",\"l\"],\"interval\":\"%s\",\"group_by\":%s}",
             summed_dice(2) ? selection() : fill, zone, interval, groups));
    ask_both(
        what, "/repositories/owner/repo/metrics/trends",
        strf("{%s%s\"metric_fields\":[\"t\",\"late\",\"l\"],\"interval\":\"%s\",\"group_by\":%s}",
             summed_dice(2) ? selection() : fill, zone, interval, groups));
}

void summed_compare_config(const char *what, int config)
{
    compare_figures(what, config);
    compare_charts(what, config);
}

void summed_compare(const char *what)
{
    int config = 1 + summed_dice(4);

    compare_lists(what, config);
    compare_figures(what, config);
    compare_charts(what, config);
}

void summed_make(void)
{
    if (db_int("postgres", "SELECT count(*) FROM pg_database WHERE datname = '" DB_SUMS "'", 0))
        return;
    expect_int(fixture_servers("pg-createdb", DB_SUMS), 0);
    expect_int(fixture_servers("pg-psql", strf(DB_SUMS " -f %s/tests/integration/summaries.sql",
                                               fixture_root())),
               0);
}

unsigned summed_seed(void)
{
    const char *given = getenv("WFM_SEED");
    unsigned seed = given ? (unsigned)atoi(given) : (unsigned)apr_time_now() % 1000000;

    printf("(seed %u) ", seed);
    srandom(seed);
    return seed;
}

void summed_end_sessions(void)
{
    db_run(
        DB_SUMS,
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'wfmetrics'",
        0);
}

void summed_psql(const char *file)
{
    expect_int(fixture_servers("pg-psql", strf(DB_SUMS " -v role=wfmetrics -f %s/src/db/%s",
                                               fixture_root(), file)),
               0);
}

void summed_migrate(void)
{
    for (const char *const *f =
             (const char *const[]){"1_tables", "2_reading", "3_writing", "4_folding", NULL};
         *f; f++)
        summed_psql(strf("schema/004_summaries_%s.sql", *f));
}

/* Wait until it returns something. @return that, or 0: it did not in a minute and a half */
int summed_wait(int (*something)(void))
{
    int got = 0;

    for (int i = 0; i < 900 && !(got = something()); i++)
        apr_sleep(apr_time_from_msec(100));
    return got;
}

/* Nobody gets in while it goes. */
static void rename_database(const char *from, const char *to)
{
    db_run("postgres", strf("ALTER DATABASE %s ALLOW_CONNECTIONS false", from), 0);
    db_run("postgres",
           "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1", 1,
           from);
    db_run("postgres", strf("ALTER DATABASE %s RENAME TO %s", from, to), 0);
    db_run("postgres", strf("ALTER DATABASE %s ALLOW_CONNECTIONS true", to), 0);
}

void summed_put(const char *name)
{
    rename_database(DB_SUMS, DB_SUMS "_aside");
    rename_database(name, DB_SUMS);
}

void summed_put_back(void)
{
    db_run("postgres", "DROP DATABASE " DB_SUMS " WITH (FORCE)", 0);
    rename_database(DB_SUMS "_aside", DB_SUMS);
}

static int in_use_after_maintenance(void)
{
    db_run(DB_SUMS, "SELECT wfm_maintain()", 0);
    return !strcmp(db_text(DB_SUMS, "SELECT state FROM wfm_summaries_status()", 0), "in use");
}

void summed_restore_trust(void)
{
    expect(summed_wait(in_use_after_maintenance), "the summaries did not come into use");
}
