/*
 * compare_found.c - owns what a comparison is of: the runs of both sides, and the dimensions and
 * metrics by which their values are compared.
 *
 * One statement finds it all. Its result has several kinds of rows, in this order: the config's;
 * the base's runs, the head's, each in the order of time; the dimensions and the metrics of the
 * active schema, or, where it has none, those of the runs' rows; and of the names that the client
 * wrote those that the runs' rows have.
 */
#include "../core/text.h"
#include "compare.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

enum { KIND_CONFIG, KIND_BASE, KIND_HEAD, KIND_DIMENSION, KIND_METRIC, KIND_GROUPS, KIND_FIELDS };

/* ---- names ---- */

static const wfm_arg_t *names_arg(const compare_t *c, const char *name)
{
    return wfm_args_get(&c->chart.rq->params, name);
}

/* The rows of all runs. */
#define ROWS                                                                                       \
    "(SELECT id FROM base UNION SELECT id FROM head) r JOIN github_workflow_metrics m"             \
    " ON m.run_id = r.id AND m.config_id = $1::bigint AND m." WFM_SQL_TIME_SAYABLE

/* The names that an object of the rows has, where there is no schema. */
static void add_keys(wfm_sql_t *q, int kind, const char *object)
{
    wfm_sql_add(q, " UNION ALL (SELECT ");
    wfm_sql_int(q, kind);
    wfm_sql_texts(q,
                  " AS kind, k.name, row_number() OVER (ORDER BY k.name COLLATE \"C\") AS place"
                  " FROM (SELECT DISTINCT key AS name FROM " ROWS ", LATERAL jsonb_object_keys(",
                  object, ") key WHERE NOT EXISTS (SELECT FROM n) AND octet_length(key) <= ",
                  WFM_STRINGIFY(WFM_NAME_MAX), ") k ORDER BY place LIMIT 1601)");
}

/* WITH items n: the schema's lists of names, each once: a list holds names, or objects that have
 * one; keys: where there are none, those of the rows. */
static void add_names(wfm_sql_t *q)
{
    wfm_sql_add(q, "s AS MATERIALIZED (SELECT dimension_fields::jsonb AS dimensions,"
                   " metric_fields::jsonb AS metrics, fields::text AS fields"
                   " FROM github_workflow_metric_schemas WHERE config_id = $1::bigint AND is_active"
                   " ORDER BY version DESC LIMIT 1), ");
    wfm_sql_texts(q,
                  "n AS MATERIALIZED (SELECT l.kind, f.name, min(f.place) AS place FROM s"
                  " CROSS JOIN LATERAL (VALUES (3, s.dimensions), (4, s.metrics)) l (kind, list)"
                  " CROSS JOIN LATERAL (SELECT e.place, ",
                  WFM_FIELD_NAME("e.field"), " AS name FROM jsonb_array_elements(",
                  WFM_ARRAY("l.list"),
                  ") WITH ORDINALITY e (field, place)) f WHERE octet_length(f.name) <= ",
                  WFM_STRINGIFY(WFM_NAME_MAX), " GROUP BY l.kind, f.name), ");
    wfm_sql_add(q, "keys AS ((SELECT * FROM n WHERE kind = 3 ORDER BY place LIMIT 1601)"
                   " UNION ALL (SELECT * FROM n WHERE kind = 4 ORDER BY place LIMIT 1601)");
    add_keys(q, KIND_DIMENSION, WFM_OBJECT("m.dimensions"));
    add_keys(q, KIND_METRIC, WFM_OBJECT("m.metrics"));
    wfm_sql_add(q, ")");
}

/* Of the names that the client wrote, those that the runs' rows have. */
static void add_there(const compare_t *c, wfm_sql_t *q, int kind, const char *input,
                      const char *column)
{
    if (!names_arg(c, input)->names)
        return;
    wfm_sql_add(q, " UNION ALL SELECT ");
    wfm_sql_int(q, kind);
    wfm_sql_add(q, ", NULL, NULL, w.name, NULL, NULL, w.place FROM unnest(");
    wfm_sql_bind(q, api_bind_names(c->chart.rq, names_arg(c, input)), "text[]");
    wfm_sql_texts(q,
                  ") WITH ORDINALITY w (name, place) WHERE EXISTS (SELECT FROM " ROWS " WHERE m.",
                  column, " -> w.name IS NOT NULL)");
}

static void add_runs(const compare_side_t *side, wfm_sql_t *q, int kind)
{
    wfm_sql_add(q, " UNION ALL SELECT ");
    wfm_sql_int(q, kind);
    wfm_sql_texts(q, ", f.id, f.at, r.github_run_id::text, r.head_sha, r.head_branch, f.id FROM ",
                  side->name, " f JOIN github_workflow_runs r ON r.id = f.id");
}

static void build(const compare_t *c, wfm_sql_t *q)
{
    wfm_sql_param(q, c->sides[COMPARE_BASE].selection.id);
    wfm_sql_add(q, "WITH RECURSIVE ");
    for (int i = 0; i < COMPARE_SIDES; i++)
        api_compare_add_side(&c->sides[i], q);
    add_names(q);
    wfm_sql_add(q,
                " SELECT kind, id, at, a, b, c FROM (SELECT 0 AS kind, NULL::bigint AS id,"
                " NULL::timestamptz AS at, github_owner::text AS a, github_repo::text AS b,"
                " (SELECT CASE WHEN octet_length(fields) <= 1048576 THEN fields END FROM s) AS c,"
                " 0::bigint AS place FROM github_workflow_configs WHERE id = $1::bigint");
    add_runs(&c->sides[COMPARE_BASE], q, KIND_BASE);
    add_runs(&c->sides[COMPARE_HEAD], q, KIND_HEAD);
    wfm_sql_add(q, " UNION ALL SELECT kind, NULL, NULL, name, NULL, NULL, place FROM keys");
    add_there(c, q, KIND_GROUPS, "group_by", "dimensions");
    add_there(c, q, KIND_FIELDS, "metric_fields", "metrics");
    wfm_sql_add(q, ") u ORDER BY kind, at, place");
}

/* ---- what was found ---- */

static int kind_of(const compare_t *c, int row)
{
    return atoi(wfm_result_get(c->found, row, COMPARE_KIND));
}

/* The names of a kind of rows. */
static apr_array_header_t *names_of(const compare_t *c, int kind)
{
    apr_array_header_t *names = apr_array_make(c->chart.rq->pool, 8, sizeof(const char *));

    for (int row = 0; row < wfm_result_rows(c->found); row++)
        if (kind_of(c, row) == kind)
            APR_ARRAY_PUSH(names, const char *) = wfm_result_get(c->found, row, COMPARE_TEXT);
    return names;
}

static const apr_array_header_t *one(apr_pool_t *p, const char *name)
{
    apr_array_header_t *names = apr_array_make(p, 1, sizeof name);

    APR_ARRAY_PUSH(names, const char *) = name;
    return names;
}

/*
 * What the client wants of what there is: the whole text comes before the comma, if it is a name.
 * @param known the schema's, or those of the rows
 * @param there of those that the client wrote, what the rows have
 */
static const apr_array_header_t *choose(apr_pool_t *p, const wfm_arg_t *arg,
                                        const apr_array_header_t *known,
                                        const apr_array_header_t *there)
{
    const char *whole;

    if (!arg->names)
        return known;
    whole = api_whole_name(arg);
    if (whole && (wfm_names_hold(known, whole) || wfm_names_hold(there, whole)))
        return one(p, whole);
    return arg->names;
}

static const apr_array_header_t *choose_list(const compare_t *c, const char *input, int kind,
                                             int of_client, int most, wfm_error_t **err)
{
    const apr_array_header_t *known = names_of(c, kind), *there = names_of(c, of_client);
    const apr_array_header_t *names = choose(c->chart.rq->pool, names_arg(c, input), known, there);

    if (names->nelts > most)
        wfm_error_field(err, c->chart.rq->pool, input, "must name at most %d of %d", most,
                        names->nelts);
    for (int i = 0; names_arg(c, input)->names && i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        if (!wfm_names_hold(known, name) && !wfm_names_hold(there, name))
            wfm_error_field(err, c->chart.rq->pool, input,
                            "names what is neither in the schema nor in these runs: %s", name);
    }
    return names;
}

static wfm_error_t *choose_names(compare_t *c)
{
    wfm_error_t *err = NULL;

    c->chart.groups =
        choose_list(c, "group_by", KIND_DIMENSION, KIND_GROUPS, COMPARE_MOST_GROUPS, &err);
    c->chart.fields =
        choose_list(c, "metric_fields", KIND_METRIC, KIND_FIELDS, COMPARE_MOST_FIELDS, &err);
    return err;
}

/* Of the ids that the client gave, those without a run here. */
static const char *missing_ids(const compare_t *c, const compare_side_t *side)
{
    const apr_array_header_t *ids = wfm_args_get(&side->args, "run")->names;
    apr_array_header_t *text = wfm_text_new(c->chart.rq->pool);

    for (int i = 0; i < ids->nelts; i++) {
        const char *id = APR_ARRAY_IDX(ids, i, const char *);
        int found = 0;

        for (int r = 0; r < side->runs && !found; r++)
            found = !strcmp(wfm_result_get(c->found, side->first + r, COMPARE_RUN_ID), id);
        if (found)
            continue;
        wfm_text_append(text, *wfm_text_get(text) ? ", " : "");
        wfm_text_append(text, id);
    }
    return wfm_text_get(text);
}

/* @param none the sides that have no run, so far */
static wfm_error_t *check_runs(const compare_t *c, const compare_side_t *side,
                               apr_array_header_t *none)
{
    apr_pool_t *p = c->chart.rq->pool;
    wfm_error_t *err = NULL;
    const char *missing;

    if (side->runs > COMPARE_MOST_RUNS) {
        wfm_error_field(&err, p, api_compare_chosen_by(side, p), "chooses more than %d runs",
                        COMPARE_MOST_RUNS);
        return err;
    }
    missing = api_compare_is_by_run(side) ? missing_ids(c, side) : "";
    if (*missing && c->is_paged) {
        wfm_error_field(&err, p, "cursor",
                        "is of runs that are no longer all there (%s): begin anew", missing);
        return err;
    }
    if (!side->runs || *missing) {
        wfm_text_append(none, *wfm_text_get(none) ? "; " : "");
        wfm_text_append(none, apr_psprintf(p,
                                           "%s (%s) has no run%s%s that is completed and has "
                                           "metric rows of this config",
                                           side->name, api_compare_chosen_by(side, p),
                                           *missing ? " " : "", missing));
    }
    return NULL;
}

/* From now on a side is its runs. */
static void take_runs(const compare_t *c, compare_side_t *side)
{
    apr_array_header_t *ids =
        apr_array_make(c->chart.rq->pool, side->runs + 1, sizeof(const char *));

    for (int i = 0; i < side->runs; i++)
        APR_ARRAY_PUSH(ids, const char *) =
            wfm_result_get(c->found, side->first + i, COMPARE_RUN_ID);
    side->selection.run_ids = wfm_sql_array(c->chart.rq->pool, ids);
    side->selection.range = (api_range_t){NULL, NULL};
}

static wfm_error_t *find_runs(compare_t *c)
{
    apr_array_header_t *none = wfm_text_new(c->chart.rq->pool);
    int row = 1;

    for (int i = 0; i < COMPARE_SIDES; i++) {
        compare_side_t *side = &c->sides[i];

        side->first = row;
        while (row < wfm_result_rows(c->found) && kind_of(c, row) == KIND_BASE + i)
            row++;
        side->runs = row - side->first;
        WFM_TRY(check_runs(c, side, none));
        take_runs(c, side);
    }
    if (*wfm_text_get(none))
        return wfm_error_make(c->chart.rq->pool, WFM_NOT_FOUND, "%s", wfm_text_get(none));
    return NULL;
}

wfm_error_t *api_compare_find(compare_t *c)
{
    wfm_request_t *rq = c->chart.rq;
    wfm_result_t *found;
    wfm_sql_t q;

    wfm_sql_init(&q, rq->pool);
    build(c, &q);
    WFM_TRY(api_run(rq, &q, &found));
    c->found = found;
    if (!wfm_result_rows(found) || kind_of(c, 0) != KIND_CONFIG)
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    WFM_TRY(find_runs(c));
    WFM_TRY(choose_names(c));
    c->directions =
        api_directions_of(rq->pool, c->chart.fields, wfm_result_get(found, 0, COMPARE_FIELDS),
                          wfm_result_length(found, 0, COMPARE_FIELDS));
    return NULL;
}
