/*
 * run_points.c - reads series of one point a run, and says what they are.
 */
#include "../core/etag.h"
#include "run_points_sql.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* Most series, by all fields: with the result (run_points_sql.h) and what it takes to look at them
 * this must stay below 32 MB. */
#define MAX_SERIES 100000

enum { KIND, INSTANT, RUN_ID, SHA, FIELDS = SHA, IDS = SHA };

static wfm_error_t *too_much(const api_run_points_t *p, int most, const char *of)
{
    return wfm_error_make(p->chart.rq->pool, WFM_BAD_REQUEST,
                          "there would be more than %d %s to look at: %s", most, of, p->narrow);
}

typedef struct api_run_number_t {
    apr_int64_t id;
    int number;
} run_number_t;

static int compare_ids(const void *a, const void *b)
{
    apr_int64_t x = ((const run_number_t *)a)->id, y = ((const run_number_t *)b)->id;

    return x < y ? -1 : x > y;
}

/* A run's row is its number: the first row is the schema's. */
static void number_runs(api_run_points_t *p, apr_pool_t *pool)
{
    p->numbers = apr_palloc(pool, ((apr_size_t)p->runs + 1) * sizeof *p->numbers);
    for (int i = 0; i < p->runs; i++)
        p->numbers[i] = (run_number_t){apr_atoi64(wfm_result_get(p->r, i + 1, RUN_ID)), i + 1};
    qsort(p->numbers, (size_t)p->runs, sizeof *p->numbers, compare_ids);
}

/* Read into a pool that the caller may clear when the answer is not what it should be. */
static wfm_error_t *ask(api_run_points_t *p, int once, apr_pool_t *pool)
{
    wfm_db_caller_t caller = p->chart.rq->db;
    wfm_result_t *r;
    wfm_stmt_t stmt;
    wfm_sql_t q;

    wfm_sql_init(&q, pool);
    api_run_points_sql(p, once, &q);
    stmt = wfm_sql_stmt(&q);
    caller.pool = pool;
    WFM_TRY(wfm_db_query(&caller, &stmt, q.params->nelts, wfm_sql_params(&q), &r));
    p->r = r;
    for (p->series = 1;
         p->series < wfm_result_rows(r) && *wfm_result_get(r, p->series, KIND) == '1';)
        p->series++;
    p->runs = p->series - 1;
    number_runs(p, pool);
    return NULL;
}

/* Could these rows be grouped once: is no run twice in a series? */
static int is_once(const api_run_points_t *p, apr_pool_t *pool)
{
    int *last = apr_pcalloc(pool, ((apr_size_t)p->runs + 1) * sizeof *last);

    if (wfm_result_is_cut(p->r))
        return 0;
    for (int row = p->series; row < wfm_result_rows(p->r); row++) {
        const char *id = wfm_result_get(p->r, row, IDS); /* "{11,12,17}" */

        do {
            int run = api_run_points_number(p, apr_atoi64(++id));

            if (last[run] == row)
                return 0;
            last[run] = row;
            id += strcspn(id, ",}");
        } while (*id == ',');
    }
    return 1;
}

static wfm_error_t *looks_once(const api_run_points_t *p, int *yes)
{
    wfm_result_t *r;
    wfm_sql_t q;

    wfm_sql_init(&q, p->chart.rq->pool);
    api_run_points_newest_sql(p, &q);
    WFM_TRY(api_run(p->chart.rq, &q, &r));
    *yes = *wfm_result_get(r, 0, 0) == 't';
    return NULL;
}

static wfm_error_t *ask_by_guess(api_run_points_t *p)
{
    apr_pool_t *pool;
    int once;

    WFM_TRY(looks_once(p, &once));
    apr_pool_create(&pool, p->chart.rq->pool);
    if (once) {
        WFM_TRY(ask(p, 1, pool));
        if (is_once(p, pool))
            return NULL;
        apr_pool_clear(pool);
    }
    return ask(p, 0, pool);
}

wfm_error_t *api_run_points_read(api_run_points_t *p)
{
    wfm_request_t *rq = p->chart.rq;

    WFM_TRY(ask_by_guess(p));
    if (wfm_result_rows(p->r) > API_RUN_POINTS_ROWS + 1)
        return too_much(p, API_RUN_POINTS_ROWS, "runs and series");
    if (wfm_result_is_cut(p->r))
        return too_much(p, API_RUN_POINTS_MIB, "MiB of points");
    WFM_TRY(api_chart_check_groups(rq, p->r));
    if ((apr_int64_t)(wfm_result_rows(p->r) - p->series) * p->chart.fields->nelts > MAX_SERIES)
        return too_much(p, MAX_SERIES, "series");
    return NULL;
}

/* ---- what there is ---- */

const char *api_run_points_fields(const api_run_points_t *p, apr_size_t *len)
{
    *len = wfm_result_length(p->r, 0, FIELDS);
    return wfm_result_get(p->r, 0, FIELDS);
}

int api_run_points_end(const api_run_points_t *p)
{
    return wfm_result_rows(p->r);
}

int api_run_points_number(const api_run_points_t *p, apr_int64_t id)
{
    const run_number_t key = {id, 0};
    const run_number_t *found =
        bsearch(&key, p->numbers, (size_t)p->runs, sizeof *p->numbers, compare_ids);

    return found ? found->number : 0;
}

static int compare_runs(const void *a, const void *b)
{
    return ((const api_run_point_t *)a)->run - ((const api_run_point_t *)b)->run;
}

int api_run_points_of(const api_run_points_t *p, int row, int field, api_run_point_t *points)
{
    const char *id = wfm_result_get(p->r, row, IDS) + 1;
    const char *value =
        wfm_result_get(p->r, row, API_RUN_POINTS_GROUPS + p->chart.groups->nelts + field) + 1;
    int n = 0;

    /* "{11,12,17}" and "{157.3,NULL,160}", of the same length */
    for (;; id++, value++) {
        apr_size_t len = strcspn(value, ",}");

        if (*value != 'N')
            points[n++] = (api_run_point_t){api_run_points_number(p, apr_atoi64(id)), value, len};
        id += strcspn(id, ",}");
        value += len;
        if (*id != ',' || *value != ',')
            break;
    }
    qsort(points, (size_t)n, sizeof *points, compare_runs);
    return n;
}

int api_run_points_since(const api_run_points_t *p, wfm_time_t t)
{
    int first = 1, last = p->runs + 1; /* it is one of these */

    while (first < last) {
        int middle = first + (last - first) / 2;
        wfm_time_t at = 0;

        api_run_points_instant(p, middle, &at);
        if (at < t)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

const char *api_run_points_value(const api_run_points_t *p, int row, int group)
{
    return wfm_result_get(p->r, row, API_RUN_POINTS_GROUPS + group);
}

apr_uint64_t api_run_points_series(const api_run_points_t *p, int row)
{
    apr_uint64_t digest = 0;

    for (int i = 0; i < p->chart.groups->nelts; i++)
        digest = api_run_points_mix(digest, api_run_points_value(p, row, i));
    return digest;
}

apr_uint64_t api_run_points_mix(apr_uint64_t digest, const char *text)
{
    const apr_uint64_t both[2] = {digest, text ? wfm_etag_digest(text, strlen(text)) : 0};

    return wfm_etag_digest(both, sizeof both);
}

static void write_value(const api_run_points_t *p, wfm_json_t *j, int run, int column,
                        api_kind_e kind)
{
    api_value(j, kind, wfm_result_get(p->r, run, column), wfm_result_length(p->r, run, column));
}

int api_run_points_instant(const api_run_points_t *p, int run, wfm_time_t *t)
{
    return wfm_time_parse_pg(wfm_result_get(p->r, run, INSTANT),
                             wfm_result_length(p->r, run, INSTANT), t);
}

const char *api_run_points_instant_text(const api_run_points_t *p, int run)
{
    return wfm_result_get(p->r, run, INSTANT);
}

apr_int64_t api_run_points_id(const api_run_points_t *p, int run)
{
    return apr_atoi64(wfm_result_get(p->r, run, RUN_ID));
}

void api_run_points_run(const api_run_points_t *p, wfm_json_t *j, int run)
{
    wfm_json_key(j, "timestamp");
    write_value(p, j, run, INSTANT, API_TIME);
    wfm_json_key(j, "run_id");
    write_value(p, j, run, RUN_ID, API_INT);
    wfm_json_key(j, "head_sha");
    write_value(p, j, run, SHA, API_TEXT);
}

void api_run_points_previous(const api_run_points_t *p, wfm_json_t *j, int run)
{
    wfm_json_key(j, "previous_run_id");
    write_value(p, j, run, RUN_ID, API_INT);
    wfm_json_key(j, "previous_head_sha");
    write_value(p, j, run, SHA, API_TEXT);
}
