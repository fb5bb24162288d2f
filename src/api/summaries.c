/*
 * summaries.c - owns how an answer comes from the summaries (004_summaries_*.sql): which days they
 * cover of what a request asks for, and what is read from the rows themselves.
 *
 * A request's range of time is whole days (UTC), up to two edges, and nothing else. The summaries
 * describe the whole days that are clean; the rows answer for the rest: both edges, and days with
 * changes since they were folded. All in one statement, hence of one snapshot.
 *
 * A built statement may be refused because the summaries are gone, or not this role's to read: then
 * the rows answer alone.
 */
#include "summaries.h"
#include "../core/time.h"
#include <string.h>

#define DAY      (APR_INT64_C(86400) * 1000000)
#define YEAR_1   (APR_INT64_C(-62135596800) * 1000000) /* 0001-01-01T00:00:00Z */
#define LAST_DAY (APR_INT64_C(253402214400) * 1000000) /* 9999-12-31T00:00:00Z */

/* SQLSTATEs of a statement whose summaries are gone, are another version's, are not to be read, are
 * not on a standby, or are in doubt. */
static const char *const wanting[] = {"42P01", "42703", "42883",
                                      "42501", "0A000", WFM_SQLSTATE_DOUBT};

static wfm_error_t *build_and_run(wfm_request_t *rq, api_build_fn build, int summed,
                                  wfm_result_t **result)
{
    wfm_sql_t *q = apr_palloc(rq->pool, sizeof *q);

    wfm_sql_init(q, rq->pool);
    WFM_TRY(build(rq, q, summed));
    return api_run(rq, q, result);
}

int api_is_wanting(const wfm_error_t *err)
{
    for (size_t i = 0; i < sizeof wanting / sizeof *wanting; i++)
        if (!strcmp(err->sqlstate, wanting[i]))
            return 1;
    return 0;
}

wfm_error_t *api_run_summed(wfm_request_t *rq, api_build_fn build, wfm_result_t **result)
{
    int summed;

    WFM_TRY(wfm_db_has_summaries(&rq->db, &summed));
    if (summed) {
        wfm_error_t *err = build_and_run(rq, build, 1, result);

        if (!err)
            err = wfm_db_has_summaries(&rq->db, &summed);
        if (!err && summed) /* else a new session has found them wanting */
            return NULL;
        if (err && !api_is_wanting(err))
            return err;
        wfm_db_distrust_summaries(&rq->db, err);
    }
    return build_and_run(rq, build, 0, result);
}

static wfm_time_t floor_day(wfm_time_t t)
{
    wfm_time_t rest = t % DAY;

    return t - rest - (rest < 0 ? DAY : 0);
}

static void set_edge(api_cover_t *cover, int i, apr_pool_t *p, wfm_time_t lo, wfm_time_t hi,
                     int minus)
{
    cover->edges[i][0] = wfm_time_bind(p, lo);
    cover->edges[i][1] = wfm_time_bind(p, hi);
    cover->minus[i] = minus;
}

/*
 * The part of a day that is outside of the range may be the smaller one: what can be subtracted
 * (a count) then takes the whole day, less that part.
 */
static wfm_time_t cover_start(api_cover_t *cover, apr_pool_t *p, wfm_time_t start, int subtract)
{
    wfm_time_t day = floor_day(start);

    if (day == start)
        return day;
    if (subtract && start - day < DAY / 2) {
        set_edge(cover, 0, p, day, start - 1, 1);
        return day;
    }
    set_edge(cover, 0, p, start, day + DAY - 1, 0);
    return day + DAY;
}

static wfm_time_t cover_end(api_cover_t *cover, apr_pool_t *p, wfm_time_t end, int subtract)
{
    wfm_time_t day = floor_day(end);

    if (end == day + DAY - 1)
        return day;
    if (subtract && day + DAY - 1 - end < DAY / 2) {
        set_edge(cover, 1, p, end + 1, day + DAY - 1, 1);
        return day;
    }
    set_edge(cover, 1, p, day, end, 0);
    return day - DAY;
}

int api_cover(apr_pool_t *p, const api_range_t *range, unsigned flags, api_cover_t *cover)
{
    wfm_time_t from = YEAR_1, to = LAST_DAY;

    memset(cover, 0, sizeof *cover);
    if (range->start)
        from = cover_start(cover, p, *range->start, flags & API_COVER_SUBTRACT);
    if (range->end)
        to = cover_end(cover, p, *range->end, flags & API_COVER_SUBTRACT);
    if (from > to || from > LAST_DAY || to < YEAR_1)
        return 0;
    cover->from = range->start ? wfm_time_bind(p, from) : "-infinity";
    cover->to = range->end ? wfm_time_bind(p, to) : "infinity";
    if (flags & API_COVER_SAYABLE) {
        cover->from = wfm_time_bind(p, from);
        cover->to = wfm_time_bind(p, to);
    }
    return 1;
}

void api_cover_begin(wfm_sql_t *q, const char *config, const api_cover_t *cover)
{
    wfm_sql_param(q, config);
    wfm_sql_param(q, cover->from);
    wfm_sql_param(q, cover->to);
    for (int i = 0; i < 2; i++) {
        wfm_sql_param(q, cover->edges[i][0]);
        wfm_sql_param(q, cover->edges[i][1]);
    }
}

/* ---- names ---- */

/* A name with a value needs no entry of its own. */
const api_names_t api_dimension_names = {
    .which = " AND n.kind IN ('n', 'v')",
    .unlisted = "",
    .next = API_NEXT_NAME,
    .first = "",
    .columns = "n.kind, n.key, n.value",
    .rows = "SELECT CASE WHEN e.value IS NULL THEN 'n' ELSE 'v' END::\"char\" AS kind, e.key,"
            " coalesce(e.value, '') AS value FROM jsonb_each_text(wfm_object(m.dimensions)) e"
            " WHERE u.keys IS NULL UNION ALL SELECT 'v', k.key, m.dimensions ->> k.key"
            " FROM unnest(u.keys) k (key) WHERE m.dimensions ->> k.key IS NOT NULL"};

/* A schema's names only, if the request is about one. Alias n. */
static void and_schema(const api_selection_t *s, wfm_sql_t *q)
{
    wfm_sql_and(q, "n.schema_id =", s->schema_id, "bigint");
}

#define FIRST_NAME " ORDER BY n.kind, n.key, n.value LIMIT 1)"

/* So many distinct names are found by one probe of the index for each, however often it stands
 * there. Of more it is cheaper to read all the range's entries. */
#define FEW "300"

static void add_distinct(wfm_sql_t *q, const char *which, const char *next)
{
    wfm_sql_add(q, "names (kind, key, value, place) AS ((SELECT n.kind, n.key, n.value, 1"
                   " FROM wfm_metric_names n WHERE n.config_id = $1::bigint");
    wfm_sql_add(q, which);
    wfm_sql_add(q, FIRST_NAME " UNION ALL SELECT next.*, p.place + 1 FROM names p CROSS JOIN"
                              " LATERAL (SELECT n.kind, n.key, n.value FROM wfm_metric_names n"
                              " WHERE n.config_id = $1::bigint AND ");
    wfm_sql_add(q, next);
    wfm_sql_add(q, which);
    wfm_sql_add(q, FIRST_NAME " next WHERE p.place <= " FEW "), "
                              "few AS MATERIALIZED (SELECT count(*) <= " FEW " AS yes FROM names)");
}

/* Is a name p one of a day that the condition is about? A subquery in place of EXISTS: a probe of
 * the index, where the planner might rather read all names first. */
static void add_probe(const api_selection_t *s, wfm_sql_t *q, const char *days)
{
    wfm_sql_add(q, "(SELECT true FROM wfm_metric_names n WHERE n.config_id = $1::bigint"
                   " AND n.kind = p.kind AND n.key = p.key AND n.value = p.value AND ");
    wfm_sql_add(q, days);
    and_schema(s, q);
    wfm_sql_add(q, " LIMIT 1) IS NOT NULL");
}

/* Of them the list says what they have, but for values that it does not hold. */
#define WHOLE_DAYS                                                                                 \
    "n.day >= $2::timestamptz AND n.day <= $3::timestamptz"                                        \
    " AND n.day NOT IN (SELECT day FROM unclean)"

/* The names of the whole days that are listed: of few, those that such a day has; else all that
 * stand there. */
static void add_sure(const api_selection_t *s, wfm_sql_t *q, const api_names_t *names)
{
    wfm_sql_add(q, ", listed AS MATERIALIZED (SELECT p.*, ");
    if (!s->schema_id) /* of all days every name is, if all are listed */
        wfm_sql_add(q, "$2::timestamptz = '-infinity' AND $3::timestamptz = 'infinity'"
                       " AND NOT EXISTS (SELECT FROM unclean) OR ");
    add_probe(s, q, WHOLE_DAYS);
    wfm_sql_add(q, " AS certain, ");
    add_probe(s, q, "n.day = wfm_day($4::timestamptz)");
    wfm_sql_add(q, " OR ");
    add_probe(s, q, "n.day = wfm_day($6::timestamptz)");
    wfm_sql_add(q, " AS possible FROM names p WHERE (SELECT yes FROM few)), "
                   "sure AS (SELECT kind, key, value FROM listed WHERE certain UNION ALL SELECT *"
                   " FROM (SELECT DISTINCT n.kind, n.key, n.value FROM wfm_metric_names n"
                   " WHERE NOT (SELECT yes FROM few) AND n.config_id = $1::bigint AND " WHOLE_DAYS);
    wfm_sql_add(q, names->which);
    and_schema(s, q);
    wfm_sql_add(q, names->first);
    wfm_sql_add(q, ") n)");
}

/* What is read from the rows: of an unclean day and of an edge all names, of another day the
 * dimensions (keys) whose values are not listed. An edge only if it may have a name that no whole
 * day has. */
static void add_unsure(wfm_sql_t *q)
{
    wfm_sql_add(q, ", unsure (lo, hi, keys) AS MATERIALIZED (SELECT e.lo, e.hi, NULL::text[]"
                   " FROM " API_COVER_EDGES
                   " WHERE e.lo IS NOT NULL AND (NOT (SELECT yes FROM few) OR EXISTS (SELECT FROM"
                   " listed WHERE possible AND NOT certain)"
                   " OR EXISTS (SELECT FROM unclean WHERE day = wfm_day(e.lo))"
                   " OR EXISTS (SELECT FROM unlisted WHERE day = wfm_day(e.lo)))"
                   " UNION ALL SELECT day, wfm_day_end(day), NULL FROM unclean WHERE day >= "
                   "$2::timestamptz AND day <= $3::timestamptz"
                   " UNION ALL SELECT day, wfm_day_end(day), keys FROM unlisted WHERE day >= "
                   "$2::timestamptz AND day <= $3::timestamptz"
                   " AND day NOT IN (SELECT day FROM unclean))");
}

/* The names that are sure, and those of the rows that must be read. */
static void add_found(const api_selection_t *s, wfm_sql_t *q, const api_names_t *names)
{
    wfm_sql_add(q, ", found AS (SELECT ");
    wfm_sql_add(q, names->columns);
    wfm_sql_add(q, " FROM sure n UNION SELECT ");
    wfm_sql_add(q, names->columns);
    wfm_sql_add(q, " FROM unsure u CROSS JOIN LATERAL (SELECT *"
                   " FROM github_workflow_metrics m WHERE m.config_id = $1::bigint"
                   " AND m.\"timestamp\" >= u.lo AND m.\"timestamp\" <= u.hi OFFSET 0) m"
                   " CROSS JOIN LATERAL (");
    wfm_sql_add(q, names->rows);
    wfm_sql_add(q, ") n WHERE true");
    wfm_sql_and(q, "m.schema_id =", s->schema_id, "bigint");
    wfm_sql_add(q, ")");
}

void api_add_names(const api_selection_t *s, wfm_sql_t *q, const api_names_t *names)
{
    add_distinct(q, names->which, names->next);
    wfm_sql_add(q, ", unclean AS MATERIALIZED (SELECT day FROM wfm_unclean('m', $1::bigint)), "
                   "unlisted AS MATERIALIZED (SELECT n.day, array_agg(n.key) AS keys"
                   " FROM wfm_metric_names n WHERE n.config_id = $1::bigint AND n.kind = 'x'");
    wfm_sql_add(q, names->unlisted);
    wfm_sql_add(q, " GROUP BY n.day)");
    add_sure(s, q, names);
    add_unsure(q);
    add_found(s, q, names);
}
