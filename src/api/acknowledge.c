/*
 * acknowledge.c - owns POST and DELETE /configs/:id/changes/acknowledge: a change was looked into.
 *
 * Which one is found as the list finds it, from the same points: its direction is stored with it.
 * Then all that is stored with its series is looked at by how many points it is away.
 */
#include "../core/dimfilter.h"
#include "../core/text.h"
#include "acknowledged.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define NOT_ONE "must have one value, or null, for each dimension, as the list of changes has them"

typedef struct subject_t {
    wfm_request_t *rq;
    const char *field, *run;
    const apr_array_header_t *dimensions; /* of wfm_dim_t, as the client gave them */
    api_change_points_t c;
    api_asked_t asked;
    int points, place; /* of its series, and the run's among them; place -1: none */
    change_t change;   /* the nearest one; distance -1: none is near */
    int distance;
} subject_t;

/* ---- what the client gave ---- */

static wfm_error_t *faulty(wfm_request_t *rq, const char *field, const char *what, const char *name)
{
    wfm_error_t *err = NULL;

    wfm_error_field(&err, rq->pool, field, what, wfm_text_short(rq->pool, name));
    return err;
}

/* A filter that each time lets one value pass. */
static wfm_error_t *read_dimensions(subject_t *s)
{
    json_object *json = api_find(s->rq, "dimensions")->json;
    wfm_error_t *err = NULL;

    s->dimensions = wfm_dimfilter_parse(s->rq->pool, "dimensions", json, &err);
    if (err)
        return err;
    if (s->dimensions->nelts != json_object_object_length(json))
        return faulty(s->rq, "dimensions", NOT_ONE "%.0s", "");
    for (int i = 0; i < s->dimensions->nelts; i++) {
        const wfm_dim_t *dim = &APR_ARRAY_IDX(s->dimensions, i, wfm_dim_t);

        if (dim->negative || dim->texts->nelts + dim->absent != 1)
            return faulty(s->rq, "dimensions", NOT_ONE "%.0s", "");
    }
    return NULL;
}

/* What is stored of them: those that are not lacking. */
static const char *dimensions_text(const subject_t *s)
{
    json_object *json = json_object_new_object();
    const char *text;

    for (int i = 0; i < s->dimensions->nelts; i++) {
        const wfm_dim_t *dim = &APR_ARRAY_IDX(s->dimensions, i, wfm_dim_t);

        if (!dim->absent)
            json_object_object_add(
                json, dim->name,
                json_object_new_string(APR_ARRAY_IDX(dim->texts, 0, const char *)));
    }
    text = apr_pstrdup(s->rq->pool, json_object_to_json_string(json));
    json_object_put(json);
    return text;
}

/* ---- its series ---- */

static const wfm_dim_t *given(const subject_t *s, const char *name)
{
    for (int i = 0; i < s->dimensions->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(s->dimensions, i, wfm_dim_t).name, name))
            return &APR_ARRAY_IDX(s->dimensions, i, wfm_dim_t);
    return NULL;
}

/* The rows of the series: a dimension that was not given is lacking. */
static const apr_array_header_t *filter_of(const subject_t *s)
{
    const apr_array_header_t *groups = s->c.points.chart.groups;
    apr_array_header_t *filter = apr_array_make(s->rq->pool, groups->nelts, sizeof(wfm_dim_t));

    for (int i = 0; i < groups->nelts; i++) {
        const char *name = APR_ARRAY_IDX(groups, i, const char *);
        const wfm_dim_t *dim = given(s, name);

        APR_ARRAY_PUSH(filter, wfm_dim_t) =
            dim ? *dim
                : (wfm_dim_t){.name = name,
                              .texts = apr_array_make(s->rq->pool, 1, sizeof(const char *)),
                              .absent = 1};
    }
    return filter;
}

/* Is there such a series in the active schema? A 400, or 404, says why not. */
static wfm_error_t *check_series(const subject_t *s)
{
    const api_chart_t *chart = &s->c.points.chart;

    if (!wfm_result_get(s->asked.r, 0, ASKED_SCHEMA))
        return wfm_error_make(s->rq->pool, WFM_NOT_FOUND, "no active schema found for this config");
    if (!wfm_names_hold(chart->fields, s->field))
        return faulty(s->rq, "field", "names '%s', which is no metric of the active schema",
                      s->field);
    for (int i = 0; i < s->dimensions->nelts; i++) {
        const char *name = APR_ARRAY_IDX(s->dimensions, i, wfm_dim_t).name;

        if (!wfm_names_hold(chart->groups, name))
            return faulty(s->rq, "dimensions",
                          "names '%s', which is no dimension of the active schema", name);
    }
    return NULL;
}

static void look_at(void *ctx, int row, int field, int points)
{
    subject_t *s = ctx;
    int run = api_run_points_number(&s->c.points, apr_atoi64(s->run));

    (void)row;
    (void)field;
    s->points = points;
    for (int i = 0; run && i < s->c.room->n; i++) {
        const change_t *change = s->c.room->found + i;
        int distance = api_ack_distance(&s->c, points, change->index, run);

        if (distance <= API_ACK_POINTS && (s->distance < 0 || distance < s->distance)) {
            s->change = *change;
            s->distance = distance;
        }
    }
}

/* Have its points, and its change points. */
static wfm_error_t *find(subject_t *s)
{
    api_chart_t *chart = &s->c.points.chart;
    apr_array_header_t *field = apr_array_make(s->rq->pool, 1, sizeof(const char *));

    APR_ARRAY_PUSH(field, const char *) = s->field;
    chart->fields = field;
    chart->selection.dimensions = filter_of(s);
    WFM_TRY(api_run_points_read(&s->c.points));
    return api_change_points_find(&s->c, look_at, s);
}

static wfm_error_t *open(wfm_request_t *rq, subject_t *s)
{
    *s = (subject_t){.rq = rq,
                     .field = api_find(rq, "field")->s,
                     .run = api_bind_int(rq, "run_id"),
                     .distance = -1};
    WFM_TRY(read_dimensions(s));
    return api_changes_ask(rq, s->run, &s->c, &s->asked);
}

/* ---- POST ---- */

static wfm_error_t *store(const subject_t *s, wfm_result_t **stored)
{
    wfm_request_t *rq = s->rq;
    int run = s->c.at[s->change.index].run;
    const char *id = api_bind_int(rq, "id");
    const char *params[] = {
        id,
        s->field,
        dimensions_text(s),
        apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, api_run_points_id(&s->c.points, run)),
        api_run_points_instant_text(&s->c.points, run),
        s->change.mean_after > s->change.mean_before ? "true" : "false",
        api_bind_filled(rq, "note"),
        rq->user};
    const wfm_step_t steps[] = {{wfm_stmt(WFM_STMT_ACKNOWLEDGED_LOCK), 1, &id},
                                {wfm_stmt(WFM_STMT_ACKNOWLEDGED_STORE), 8, params}};

    return wfm_db_batch(&rq->db, steps, 2, stored);
}

wfm_error_t *api_changes_acknowledge(wfm_request_t *rq)
{
    wfm_result_t *stored;
    wfm_time_t when = 0;
    subject_t s;
    wfm_json_t j;

    WFM_TRY(open(rq, &s));
    WFM_TRY(check_series(&s));
    WFM_TRY(find(&s));
    if (s.distance < 0)
        return wfm_error_make(rq->pool, WFM_NOT_FOUND,
                              "the series has no change within %d points of this run",
                              API_ACK_POINTS);
    WFM_TRY(store(&s, &stored));
    if (!wfm_result_rows(stored))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (!wfm_result_get(stored, 0, 1))
        return wfm_error_make(rq->pool, WFM_CONFLICT,
                              "10000 changes of this config are acknowledged: take some back");
    wfm_time_parse_pg(wfm_result_get(stored, 0, 1), wfm_result_length(stored, 0, 1), &when);
    api_begin(rq, &j);
    wfm_json_name(&j, "acknowledged");
    api_ack_write(&j, wfm_result_get(stored, 0, 0), when, wfm_result_get(stored, 0, 2));
    api_end(&j);
    return NULL;
}

/* ---- DELETE ---- */

/* The nearest one of a series to the place of a run, if it is near enough. */
static const api_ack_t *nearest(const subject_t *s, const api_ack_t *ack, int place)
{
    const api_ack_t *found = NULL;
    int least = API_ACK_POINTS + 1;

    for (; ack; ack = ack->older) {
        int distance = api_ack_distance(&s->c, s->points, place, ack->run);

        if (distance < least) {
            least = distance;
            found = ack;
        }
    }
    return found;
}

/* The ids of those that cover what the nearest one does: of its direction, and near. */
static const char *ids_near(const subject_t *s)
{
    apr_array_header_t *ids = apr_array_make(s->rq->pool, 4, sizeof(const char *));
    int run = api_run_points_number(&s->c.points, apr_atoi64(s->run));

    if (s->points && run) {
        const api_acks_t *acks = api_acks_make(&s->asked, &s->c.points);
        const api_ack_t *ack = api_acks_of(acks, s->c.points.series, 0);
        int place = api_ack_distance(&s->c, s->points, 0, run);
        const api_ack_t *meant = nearest(s, ack, place);

        for (; meant && ack; ack = ack->older)
            if (ack->rise == meant->rise &&
                api_ack_distance(&s->c, s->points, place, ack->run) <= API_ACK_POINTS)
                APR_ARRAY_PUSH(ids, const char *) = ack->id;
    }
    return wfm_sql_array(s->rq->pool, ids);
}

wfm_error_t *api_changes_take_back(wfm_request_t *rq)
{
    wfm_result_t *taken;
    const char *ids = "{}";
    subject_t s;
    wfm_json_t j;

    WFM_TRY(open(rq, &s));
    if (wfm_result_get(s.asked.r, 0, ASKED_KNOWN) && !check_series(&s)) {
        WFM_TRY(find(&s));
        ids = ids_near(&s);
    }
    WFM_TRY(api_query(rq, WFM_STMT_ACKNOWLEDGED_TAKE_BACK, &taken, api_bind_int(rq, "id"), ids,
                      s.field, dimensions_text(&s), s.run));
    if (!strcmp(wfm_result_get(taken, 0, 0), "0"))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "no such change is acknowledged");
    api_begin(rq, &j);
    wfm_json_name(&j, "deleted");
    wfm_json_bool(&j, 1);
    api_end(&j);
    return NULL;
}
