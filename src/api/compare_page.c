/*
 * compare_page.c - owns which of a comparison's series are shown: those with the verdicts asked
 * for, from a cursor on. A cursor carries the runs of both sides, so that those that come meanwhile
 * change nothing.
 */
#include "../core/text.h"
#include "compare.h"
#include <apr_strings.h>
#include <string.h>

static compare_series_t *nth(const compare_t *c, int i)
{
    return &APR_ARRAY_IDX(c->series, i, compare_series_t);
}

/* Only series with a verdict that is asked for: they move to the front. */
static void filter(compare_t *c)
{
    const apr_array_header_t *wanted = api_find(c->chart.rq, "verdict")->names;
    int n = 0;

    if (!wanted)
        return;
    for (int i = 0; i < c->series->nelts; i++)
        if (wfm_names_hold(wanted, api_compare_verdicts[nth(c, i)->verdict]))
            *nth(c, n++) = *nth(c, i);
    c->series->nelts = n;
}

/* ---- cursors ---- */

static const char *ids_of(const compare_t *c, const compare_side_t *side)
{
    const char *array = side->selection.run_ids; /* {"7","8"} */
    char *ids = apr_pstrdup(c->chart.rq->pool, array), *to = ids;

    for (; *array; array++)
        if (!strchr("{}\"", *array))
            *to++ = *array;
    *to = '\0';
    return ids;
}

static const char *weight_text(const compare_t *c, const compare_series_t *s)
{
    double weight = api_compare_weight(s);
    apr_uint64_t bits;

    memcpy(&bits, &weight, sizeof bits);
    return apr_psprintf(c->chart.rq->pool, "%016" APR_UINT64_T_HEX_FMT, bits);
}

/* As a cursor has room for it. */
static apr_int64_t id_of(const compare_t *c, const compare_series_t *s)
{
    return (apr_int64_t)(api_compare_identity(c, s) >> 1);
}

const char *api_compare_cursor(const compare_t *c, int last)
{
    wfm_request_t *rq = c->chart.rq;
    const compare_series_t *s = nth(c, last);
    const wfm_cursor_t cursor = {id_of(c, s), s->verdict,
                                 apr_pstrcat(rq->pool, ids_of(c, &c->sides[COMPARE_BASE]), "/",
                                             ids_of(c, &c->sides[COMPARE_HEAD]), " ",
                                             weight_text(c, s), NULL)};

    return wfm_cursor_write(rq->pool, api_list_digest(rq), &cursor);
}

wfm_error_t *api_compare_read_cursor(wfm_request_t *rq, wfm_cursor_t *cursor)
{
    const wfm_arg_t *arg = api_find(rq, "cursor");
    wfm_error_t *err = NULL;

    cursor->key = NULL;
    if (!arg->set ||
        wfm_cursor_read(rq->pool, arg->s, api_list_digest(rq), WFM_CURSOR_SERIES, cursor))
        return NULL;
    wfm_error_field(&err, rq->pool, "cursor",
                    "must be the next_cursor of an answer to the same sides and filters");
    return err;
}

/* Is a series behind the cursor's, whose own is `last` wherever that stands now? Weights are at
 * least 0, so that their bits are in their order. */
static int is_behind(const compare_t *c, const compare_series_t *s, const wfm_cursor_t *after,
                     const compare_series_t *last)
{
    int order = (int)s->verdict - (int)after->floor;

    if (!order)
        order = strcmp(strchr(after->key, ' ') + 1, weight_text(c, s));
    if (!order)
        order = api_compare_order(s, last);
    return order > 0;
}

/* Where the page begins: series stand in one order, whatever changed meanwhile. */
static wfm_error_t *find_place(compare_t *c, const wfm_cursor_t *after,
                               const compare_series_t *last)
{
    wfm_error_t *err = NULL;

    if (!last)
        wfm_error_field(&err, c->chart.rq->pool, "cursor",
                        "is of a series that these runs no longer have: begin anew");
    while (!err && c->from < c->series->nelts && !is_behind(c, nth(c, c->from), after, last))
        c->from++;
    return err;
}

/* The cursor's series, a copy; NULL: it is gone. */
static const compare_series_t *find_last(const compare_t *c, const wfm_cursor_t *after)
{
    for (int i = 0; i < c->series->nelts; i++)
        if (id_of(c, nth(c, i)) == after->id)
            return apr_pmemdup(c->chart.rq->pool, nth(c, i), sizeof(compare_series_t));
    return NULL;
}

wfm_error_t *api_compare_show(compare_t *c, const wfm_cursor_t *after)
{
    const compare_series_t *last = after->key ? find_last(c, after) : NULL;

    filter(c);
    return after->key ? find_place(c, after, last) : NULL;
}
