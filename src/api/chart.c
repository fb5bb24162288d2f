/*
 * chart.c - owns the SQL that reads values over time, from the rows and from the summaries, and how
 * much of it one answer may be.
 */
#include "chart.h"
#include "../core/zone.h"
#include <apr_strings.h>
#include <string.h>

#define NUMBER WFM_NUMBER("e.value")

/* Most of an answer's rows, with what it takes to find their values: a hundred thousand of usual
 * size. Together with what else a request takes this must stay below 32 MB. */
#define MAX_MIB 20

wfm_error_t *api_chart_of(api_chart_t *c, wfm_request_t *rq, const apr_array_header_t *fields)
{
    const char *zone = wfm_args_text(&rq->body, "timezone");
    const apr_array_header_t *groups = wfm_args_get(&rq->body, "group_by")->names;

    *c = (api_chart_t){.rq = rq, .fields = fields};
    if (api_find(rq, "repo")) {
        c->owner = api_find(rq, "owner")->s;
        c->repo = api_find(rq, "repo")->s;
    }
    c->groups = groups ? groups : apr_array_make(rq->pool, 1, sizeof(const char *));
    c->buckets.interval = (int)wfm_args_int(&rq->body, "interval");
    c->buckets.zone = zone && !wfm_zone_is_utc(zone) ? wfm_zone_for_sql(zone) : NULL;
    return api_selection_of(rq, &c->selection);
}

/* ---- groups ---- */

static const char *nth(const api_chart_t *c, const char *format, int i)
{
    return apr_psprintf(c->rq->pool, format, i);
}

void api_chart_groups(const api_chart_t *c, wfm_sql_t *q)
{
    for (int i = 0; i < c->groups->nelts; i++)
        wfm_sql_add(q, nth(c, ", g%d", i));
}

void api_chart_too_long(const api_chart_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, ", 0");
    for (int i = 0; i < c->groups->nelts; i++)
        wfm_sql_add(q, nth(c, " + coalesce(octet_length(g%d), 0)::bigint", i));
    wfm_sql_add(q, " > " WFM_STRINGIFY(API_CHART_GROUP_BYTES) " AS too_long");
}

void api_chart_texts(const api_chart_t *c, wfm_sql_t *q, const char *shown)
{
    for (int i = 0; i < c->groups->nelts; i++) {
        wfm_sql_add(q, ", CASE WHEN NOT too_long AND ");
        wfm_sql_add(q, shown);
        wfm_sql_add(q, nth(c, " THEN g%d END", i));
    }
}

void api_chart_dimensions(const api_chart_t *c, wfm_json_t *j, const wfm_result_t *r, int row,
                          int first)
{
    wfm_json_name(j, "dimensions");
    wfm_json_object(j);
    for (int i = 0; i < c->groups->nelts; i++) {
        wfm_json_key(j, APR_ARRAY_IDX(c->groups, i, const char *));
        api_value(j, API_TEXT, wfm_result_get(r, row, first + i),
                  wfm_result_length(r, row, first + i));
    }
    wfm_json_object_end(j);
}

void api_chart_add_name(const api_chart_t *c, wfm_json_t *j, const char *field,
                        const wfm_result_t *r, int row, int first)
{
    wfm_json_text_add(j, field, strlen(field));
    for (int i = 0; i < c->groups->nelts; i++) {
        const char *name = APR_ARRAY_IDX(c->groups, i, const char *);
        const char *value = wfm_result_get(r, row, first + i);

        wfm_json_text_add(j, i ? ", " : " (", 2);
        wfm_json_text_add(j, name, strlen(name));
        wfm_json_text_add(j, "=", 1);
        wfm_json_text_add(j, value ? value : "null",
                          value ? wfm_result_length(r, row, first + i) : strlen("null"));
    }
    wfm_json_text_add(j, ")", c->groups->nelts ? 1 : 0);
}

/* ---- configs ---- */

/* The id of a repository's config, of which the pieces below are built then. */
#define EACH "k.id"

/* A piece of SQL about a config. */
#define OF(c, piece) ((c)->repo ? piece(EACH) : piece(API_COVER_CONFIG))

void api_chart_configs(const api_chart_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, "(SELECT id, name FROM github_workflow_configs WHERE cluster_name IN ('', ");
    if (c->summed)
        wfm_sql_ref(q, 1, "text");
    else
        wfm_sql_bind(q, c->rq->cluster, "text");
    wfm_sql_add(q, ")");
    wfm_sql_and(q, "github_owner =", c->owner, "text");
    wfm_sql_and(q, "github_repo =", c->repo, "text");
    wfm_sql_add(q, ") k");
}

/* ---- rows ---- */

/* The bucket of an instant and the groups of a row (or summary) m. */
static void add_bucket(api_chart_t *c, wfm_sql_t *q, const char *instant)
{
    api_bucket_key(q, &c->buckets, instant);
    wfm_sql_add(q, " AS bucket");
    for (int i = 0; i < c->groups->nelts; i++) {
        wfm_sql_add(q, ", (m.dimensions ->> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(c->groups, i, const char *), "text");
        wfm_sql_add(q, nth(c, ") COLLATE \"C\" AS g%d", i));
    }
}

/* FROM item m: the rows. */
static void add_rows(api_chart_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, "(SELECT m.\"timestamp\", m.dimensions, " WFM_METRICS_UNPACKED
                   " FROM github_workflow_metrics m WHERE m.config_id = ");
    if (c->repo)
        wfm_sql_add(q, EACH);
    else
        wfm_sql_bind(q, c->selection.id, "bigint");
    api_where_metrics(&c->selection, q);
    api_bucket_zone_exists(q, &c->buckets);
    /* an instant that RFC 3339 cannot say ('infinity', BC) is in no bucket */
    wfm_sql_add(q, " AND " WFM_SQL_TIME_SAYABLE " OFFSET 0) m");
}

/* FROM item r: the rows' buckets, groups, and what the metrics are, v0 …, which is looked for once,
 * too. */
static void add_values(api_chart_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, "(SELECT ");
    add_bucket(c, q, "m.\"timestamp\"");
    for (int i = 0; i < c->fields->nelts; i++) {
        wfm_sql_add(q, ", m.metrics -> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(c->fields, i, const char *), "text");
        wfm_sql_add(q, nth(c, " AS v%d", i));
    }
    wfm_sql_add(q, " FROM ");
    add_rows(c, q);
    wfm_sql_add(q, " OFFSET 0) r");
}

static void add_scanned(api_chart_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, " FROM (SELECT bucket");
    api_chart_groups(c, q);
    for (int i = 0; i < c->fields->nelts; i++) {
        const char *value = nth(c, "v%d", i);

        wfm_sql_texts(q, ", ", apr_psprintf(q->pool, WFM_NUMBER("%s"), value, value, value),
                      nth(c, " AS n%d", i));
    }
    wfm_sql_add(q, " FROM ");
    add_values(c, q);
    wfm_sql_add(q, ") m WHERE coalesce(n0");
    for (int i = 1; i < c->fields->nelts; i++)
        wfm_sql_add(q, nth(c, ", n%d", i));
    wfm_sql_add(q, ") IS NOT NULL");
}

/* ---- summaries ---- */

/* Sums are wanted by dimensions, not of all rows of a day. */
static int needs_detail(const api_chart_t *c)
{
    return c->groups->nelts || c->selection.dimensions;
}

/* FROM items: a day's sums of field f; the same by sets of dimensions. */
#define FIELD_TOTALS                                                                               \
    "fields JOIN wfm_metric_totals t ON left(t.field, 200) = left(fields.name, 200)"               \
    " AND t.field = fields.name"
#define SUMS(config)                                                                               \
    "(SELECT t.day, t.schema_id, fields.f, t.n, t.total, t.squares, t.low, t.high"                 \
    " FROM " FIELD_TOTALS " WHERE " API_COVER_SUMMED_OF(config, "t") ")"
#define SUMS_BY_SET(config)                                                                        \
    "(SELECT t.day, t.schema_id, fields.f, s.* FROM " FIELD_TOTALS                                 \
    " JOIN wfm_metric_days d ON d.config_id = t.config_id AND d.day = t.day"                       \
    " AND d.schema_id = t.schema_id CROSS JOIN LATERAL unnest(d.sets, t.set_n, t.set_total,"       \
    " t.set_squares, t.set_low, t.set_high) s (dimensions, n, total, squares, low, high)"          \
    " WHERE " API_COVER_SUMMED_OF(config, "t") ")"

static void add_summed(api_chart_t *c, wfm_sql_t *q)
{
    wfm_sql_add(q, " FROM (SELECT ");
    add_bucket(c, q, "m.day");
    wfm_sql_add(q, ", m.f, m.n AS c, m.total AS t, m.squares AS q, m.low AS l, m.high AS h FROM ");
    wfm_sql_add(q, needs_detail(c) ? OF(c, SUMS_BY_SET) : OF(c, SUMS));
    wfm_sql_add(q, " m WHERE m.n > 0");
    api_where_named(&c->selection, q);
    wfm_sql_add(q, " UNION ALL SELECT ");
    add_bucket(c, q, "m.\"timestamp\"");
    /* OFFSET 0: the value and the number are looked for once, not wherever they are named */
    wfm_sql_add(q, ", fields.f, 1, v.n, v.n * v.n, v.n, v.n FROM ");
    wfm_sql_add(q, OF(c, API_COVER_ROWS_OF));
    wfm_sql_add(q, " CROSS JOIN fields CROSS JOIN LATERAL (SELECT " NUMBER
                   " AS n FROM (SELECT m.metrics -> fields.name AS value OFFSET 0) e"
                   " OFFSET 0) v WHERE v.n IS NOT NULL");
    api_where_named(&c->selection, q);
    wfm_sql_add(q, ") m");
}

void api_chart_begin(api_chart_t *c, wfm_sql_t *q)
{
    api_cover_t cover;

    /* the summaries' days are UTC's */
    c->summed = c->buckets.interval >= API_DAY && !c->buckets.zone &&
                api_cover(c->rq->pool, &c->selection.range, API_COVER_SAYABLE, &cover);
    if (c->summed)
        api_cover_begin(q, c->repo ? c->rq->cluster : c->selection.id, &cover);
}

void api_chart_with(const api_chart_t *c, wfm_sql_t *q)
{
    if (!c->summed)
        return;
    wfm_sql_add(q, "WITH ");
    wfm_sql_add(q, needs_detail(c) ? OF(c, API_COVER_UNDETAILED_OF) : OF(c, API_COVER_UNSUMMED_OF));
    wfm_sql_add(q, ", fields (name, f) AS (SELECT * FROM unnest(");
    wfm_sql_bind(q, wfm_sql_array(c->rq->pool, c->fields), "text[]");
    wfm_sql_add(q, ") WITH ORDINALITY)");
}

void api_chart_from(api_chart_t *c, wfm_sql_t *q)
{
    if (c->summed)
        add_summed(c, q);
    else
        add_scanned(c, q);
    wfm_sql_add(q, " GROUP BY bucket");
    api_chart_groups(c, q);
}

/* ---- how much ---- */

void api_chart_limit(wfm_sql_t *q)
{
    wfm_sql_add(q, " LIMIT " WFM_STRINGIFY(API_CHART_ROWS) " + 1");
    q->max_bytes = MAX_MIB * 1024 * 1024;
}

wfm_error_t *api_chart_too_much(wfm_request_t *rq, int most, const char *of)
{
    return wfm_error_make(rq->pool, WFM_BAD_REQUEST,
                          "the answer would have more than %d %s: "
                          "narrow the time range, or choose a longer interval or fewer groups",
                          most, of);
}

static wfm_error_t *no_such_zone(wfm_request_t *rq)
{
    wfm_error_t *err = NULL;

    wfm_error_field(&err, rq->pool, "timezone", WFM_ZONE_EXPECTED);
    return err;
}

wfm_error_t *api_chart_check_groups(wfm_request_t *rq, const wfm_result_t *r)
{
    int column = wfm_result_columns(r) - 1;

    for (int row = 0; row < wfm_result_rows(r); row++) {
        const char *too_long = wfm_result_get(r, row, column);

        if (too_long && *too_long == 't')
            return wfm_error_make(rq->pool, WFM_BAD_REQUEST,
                                  "a group's values have more than %d bytes: "
                                  "choose other dimensions for group_by",
                                  API_CHART_GROUP_BYTES);
    }
    return NULL;
}

wfm_error_t *api_chart_run(wfm_request_t *rq, api_build_fn build, wfm_result_t **result)
{
    wfm_error_t *err = api_run_summed(rq, build, result);

    if (err)
        return wfm_args_is_set(&rq->body, "timezone") && !strcmp(err->sqlstate, API_NO_ZONE)
                   ? no_such_zone(rq)
                   : err;
    if (wfm_result_rows(*result) > API_CHART_ROWS)
        return api_chart_too_much(rq, API_CHART_ROWS, "rows");
    if (wfm_result_is_cut(*result))
        return api_chart_too_much(rq, MAX_MIB, "MiB of rows");
    WFM_TRY(api_chart_check_groups(rq, *result));
    if (wfm_result_rows(*result))
        return NULL;
    return api_find(rq, "repo") ? api_require_repository(rq) : api_require_config(rq);
}
