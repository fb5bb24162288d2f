/*
 * changes_list.c - owns GET /configs/:id/changes: what has changed lately, over all series of the
 * active schema, newest first.
 *
 * A first statement says what the series are, from when on their points are read, and which changes
 * were acknowledged; a second one reads the points.
 *
 * The order is by run, the newest first, then by field, then by a digest of the series: a change's
 * place, and so the page that it is on, does not depend on what else changes meanwhile.
 */
#include "../core/etag.h"
#include "acknowledged.h"
#include "control_series.h"
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry_t {
    int row, field, run, previous;
    change_t change;
    apr_int64_t place;    /* of changes of one run */
    const api_ack_t *ack; /* NULL: it was not acknowledged */
} entry_t;

typedef struct list_t {
    wfm_request_t *rq;
    api_change_points_t c;
    api_asked_t asked;
    api_acks_t *acks;
    api_control_t *control;    /* NULL: none */
    int acknowledged;          /* those that were are listed, too */
    const char *verdict;       /* NULL: any */
    int first;                 /* run that is listed; what was before it is not */
    apr_array_header_t *found; /* of entry_t */
    wfm_cursor_t *after;       /* NULL: from the first one on */
} list_t;

/* ---- which changes ---- */

/* The field's number (there are at most 1 000) before 52 bits of the series' digest. */
static apr_int64_t place_of(const list_t *l, int row, int field)
{
    return (apr_int64_t)((apr_uint64_t)field << 52 |
                         api_run_points_series(&l->c.points, row) >> 12);
}

static int is_wanted(const list_t *l, int field, const change_t *change)
{
    const char *verdict =
        api_change_verdict(l->c.directions[field], change->mean_before, change->mean_after);

    return !l->verdict || !strcmp(l->verdict, verdict);
}

static int is_rise(const change_t *change)
{
    return change->mean_after > change->mean_before;
}

/* The acknowledgement that covers a change of the series at hand. */
static const api_ack_t *ack_of(const list_t *l, int row, int field, int points,
                               const change_t *change)
{
    const api_ack_t *ack = api_acks_of(l->acks, row, field);

    while (ack && (ack->rise != is_rise(change) ||
                   api_ack_distance(&l->c, points, change->index, ack->run) > API_ACK_POINTS))
        ack = ack->older;
    return ack;
}

static void add(list_t *l, int row, int field, int points, const change_t *change)
{
    entry_t e = {row,
                 field,
                 l->c.at[change->index].run,
                 l->c.at[change->index - 1].run,
                 *change,
                 place_of(l, row, field),
                 ack_of(l, row, field, points, change)};

    if (is_wanted(l, field, change) && (l->acknowledged || !e.ack))
        APR_ARRAY_PUSH(l->found, entry_t) = e;
}

static void keep(void *ctx, int row, int field, int points)
{
    list_t *l = ctx;
    int is_control = api_control_is(l->control, row);

    if (is_control)
        api_control_add(l->control, row, field);
    for (int i = 0; i < l->c.room->n; i++) {
        const change_t *change = l->c.room->found + i;
        int run = l->c.at[change->index].run;

        if (run < l->first)
            continue;
        l->c.kept++;
        if (is_control)
            api_control_add_change(l->control, row, field, run, is_rise(change));
        else
            add(l, row, field, points, change);
    }
}

static void leave_out_controlled(list_t *l)
{
    int n = 0;

    for (int i = 0; i < l->found->nelts; i++) {
        const entry_t *e = &APR_ARRAY_IDX(l->found, i, entry_t);

        if (!api_control_shows(l->control, e->row, e->field, e->run, is_rise(&e->change)))
            APR_ARRAY_IDX(l->found, n++, entry_t) = *e;
    }
    l->found->nelts = n;
}

/* The newest run first; runs are numbered in the order of time. */
static int in_order(const void *a, const void *b)
{
    const entry_t *x = a, *y = b;

    if (x->run != y->run)
        return x->run < y->run ? 1 : -1;
    return (x->place > y->place) - (x->place < y->place);
}

static wfm_error_t *find(list_t *l)
{
    l->found = apr_array_make(l->rq->pool, 64, sizeof(entry_t));
    l->first = api_run_points_since(&l->c.points, l->asked.since);
    l->acks = api_acks_make(&l->asked, &l->c.points);
    WFM_TRY(api_change_points_find(&l->c, keep, l));
    leave_out_controlled(l);
    if (l->found->nelts)
        qsort(l->found->elts, (size_t)l->found->nelts, sizeof(entry_t), in_order);
    return NULL;
}

/* ---- which page ---- */

static wfm_error_t *open_page(list_t *l)
{
    const wfm_arg_t *cursor = wfm_args_get(&l->rq->params, "cursor");
    wfm_error_t *err = NULL;
    wfm_cursor_t after;
    wfm_time_t t;

    if (!cursor->set)
        return NULL;
    if (wfm_cursor_read(l->rq->pool, cursor->s, api_list_digest(l->rq), WFM_CURSOR_TIME, &after) &&
        wfm_time_parse_pg(after.key, strlen(after.key), &t))
        l->after = apr_pmemdup(l->rq->pool, &after, sizeof after);
    else
        wfm_error_field(&err, l->rq->pool, "cursor",
                        "must be the next_cursor of an answer to the same filters and order");
    return err;
}

/* Does the run of that number come behind the cursor's (1), before it (-1), or is it that one? */
static int compare_run(const list_t *l, int run)
{
    wfm_time_t at = 0, after = 0;
    apr_int64_t id = api_run_points_id(&l->c.points, run);

    api_run_points_instant(&l->c.points, run, &at);
    wfm_time_parse_pg(l->after->key, strlen(l->after->key), &after);
    if (at != after)
        return at < after ? 1 : -1;
    return (id < l->after->id) - (id > l->after->id);
}

static int is_after(const list_t *l, const entry_t *e)
{
    int run = compare_run(l, e->run);

    return run > 0 || (!run && e->place > l->after->floor);
}

/* Number of the first one of the page. */
static int page_begins(const list_t *l)
{
    int i = 0;

    while (l->after && i < l->found->nelts && !is_after(l, &APR_ARRAY_IDX(l->found, i, entry_t)))
        i++;
    return i;
}

/* ---- the answer ---- */

/* Most bytes that a change's values take, which stand there twice. */
static apr_size_t most_of(const list_t *l, const entry_t *e)
{
    const apr_array_header_t *groups = l->c.points.chart.groups;
    apr_size_t most = 16384 + (e->ack && e->ack->note ? 6 * strlen(e->ack->note) : 0);

    for (int i = 0; i < groups->nelts; i++)
        most += 12 * (wfm_result_length(l->c.points.r, e->row, API_RUN_POINTS_GROUPS + i) +
                      strlen(APR_ARRAY_IDX(groups, i, const char *)) + 1);
    return most;
}

static int has_room(const list_t *l, const entry_t *e)
{
    const wfm_out_t *out = l->rq->out;

    return (apr_size_t)out->flushed + out->len + most_of(l, e) < API_LIST_BYTES;
}

static void write_entry(const list_t *l, wfm_json_t *j, const entry_t *e)
{
    wfm_json_object(j);
    api_change_points_name(&l->c, j, e->row, e->field);
    api_change_points_change(&l->c, j, &e->change, e->field, e->run, e->previous);
    if (e->ack) {
        wfm_json_name(j, "acknowledged");
        api_ack_write(j, e->ack->note, e->ack->when, e->ack->by);
    }
    wfm_json_object_end(j);
}

static const char *next_of(const list_t *l, const entry_t *last)
{
    const wfm_cursor_t next = {api_run_points_id(&l->c.points, last->run), last->place,
                               api_run_points_instant_text(&l->c.points, last->run)};

    return wfm_cursor_write(l->rq->pool, api_list_digest(l->rq), &next);
}

static void write_around(const list_t *l, wfm_json_t *j)
{
    static const struct {
        const char *key;
        api_kind_e kind;
        int column;
    } around[] = {{"since", API_TIME, ASKED_SINCE},
                  {"points_from", API_TIME, ASKED_BORDER},
                  {"schema_id", API_INT, ASKED_SCHEMA}};

    wfm_json_name(j, "total");
    if (l->after)
        wfm_json_null(j);
    else
        wfm_json_int64(j, l->found->nelts);
    wfm_json_name(j, "limit");
    wfm_json_int64(j, api_find(l->rq, "limit")->i);
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        wfm_json_name(j, around[i].key);
        api_value(j, around[i].kind, wfm_result_get(l->asked.r, 0, around[i].column),
                  wfm_result_length(l->asked.r, 0, around[i].column));
    }
}

static void write_answer(list_t *l)
{
    const entry_t *entries = (const entry_t *)l->found->elts;
    int first = page_begins(l), i = first;
    wfm_json_t j;

    api_begin(l->rq, &j);
    wfm_json_name(&j, "changes");
    wfm_json_array(&j);
    for (; i < l->found->nelts && i - first < api_find(l->rq, "limit")->i; i++) {
        if (i > first && !has_room(l, entries + i))
            break;
        write_entry(l, &j, entries + i);
    }
    wfm_json_array_end(&j);
    write_around(l, &j);
    wfm_json_name(&j, "next_cursor");
    wfm_json_string(&j, i < l->found->nelts && i > first ? next_of(l, entries + i - 1) : NULL);
    api_end(&j);
}

static int not_modified(const list_t *l)
{
    const apr_uint64_t parts[2] = {wfm_result_digest(l->asked.r),
                                   l->c.points.r ? wfm_result_digest(l->c.points.r) : 0};

    return api_digest_not_modified(l->rq, wfm_etag_digest(parts, sizeof parts));
}

wfm_error_t *api_changes_list(wfm_request_t *rq)
{
    list_t l = {.rq = rq,
                .verdict = api_bind_choice(rq, "verdict"),
                .acknowledged = wfm_args_int(&rq->params, "acknowledged") != 0};

    l.found = apr_array_make(rq->pool, 1, sizeof(entry_t));
    WFM_TRY(open_page(&l));
    WFM_TRY(api_changes_ask(rq, NULL, &l.c, &l.asked));
    WFM_TRY(api_control_make(&l.c.points, &l.control));
    if (l.c.points.chart.fields->nelts)
        WFM_TRY(api_run_points_read(&l.c.points));
    if (not_modified(&l))
        return NULL;
    if (l.c.points.r)
        WFM_TRY(find(&l));
    write_answer(&l);
    return NULL;
}
