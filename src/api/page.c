/*
 * page.c - owns how a list is cut into pages, counted and answered.
 *
 * A page is asked for by offset, or by the cursor that the page before it ended with; then nothing
 * is counted or skipped, whatever the depth. It ends at its limit, or where the answer would become
 * too large. A page's result has three columns of its own in front of those that are answered: the
 * total, the row's id, and what the row's place in the order is.
 */
#include "api.h"
#include <apr_strings.h>

#define OWN_COLUMNS 3
enum { COLUMN_TOTAL, COLUMN_ID, COLUMN_PLACE };

/* For what stands around the rows. */
#define AROUND_BYTES 4096

/* ---- where it begins ---- */

static wfm_error_t *bad_cursor(wfm_request_t *rq, const char *why)
{
    wfm_error_t *err = NULL;

    wfm_error_field(&err, rq->pool, "cursor", "%s", why);
    return err;
}

/* Not before it is needed: a filter of many values takes time and memory. */
apr_uint64_t api_list_digest(wfm_request_t *rq)
{
    return wfm_cursor_list(rq->pool, rq->cluster, rq->route->path, &rq->params, &rq->body);
}

wfm_error_t *api_page_open(wfm_request_t *rq, api_page_t *page)
{
    const wfm_arg_t *cursor = api_find(rq, "cursor");

    page->after = NULL;
    if (!cursor || !cursor->set)
        return NULL;
    if (api_find(rq, "offset")->set)
        return bad_cursor(rq, "must not be given together with offset");
    page->after = apr_palloc(rq->pool, sizeof *page->after);
    return wfm_cursor_read(rq->pool, cursor->s, api_list_digest(rq), page->kind, page->after)
               ? NULL
               : bad_cursor(rq,
                            "must be the next_cursor of an answer to the same filters and order");
}

/* ---- the statement ---- */

static const char *order_of(wfm_request_t *rq, const api_page_t *page)
{
    const char *id =
        apr_pstrcat(rq->pool, page->alias, page->id_descending ? ".id DESC" : ".id", NULL);

    if (!page->key)
        return id;
    return apr_pstrcat(rq->pool, page->key, page->key_descending ? " DESC" : "",
                       page->kind == WFM_CURSOR_NUMBER ? " NULLS LAST, " : ", ", id, NULL);
}

const char *api_page_count(wfm_request_t *rq, const api_page_t *page, const char *where)
{
    return apr_pstrcat(rq->pool, "SELECT count(*) AS total",
                       page->key ? "" : ", min(id) AS lowest, max(id) AS highest", " FROM ",
                       page->table, " WHERE true", where, NULL);
}

/* A first page's statement is planned once, for few rows; other pages' are one text, too. */
static const char *offset_of(wfm_request_t *rq, wfm_sql_t *q)
{
    if (!api_find(rq, "offset")->i)
        return "0";
    return apr_psprintf(rq->pool, "$%d::bigint", wfm_sql_param(q, api_bind_int(rq, "offset")));
}

/* One more than is answered: is there another page? */
static const char *limit_of(wfm_request_t *rq)
{
    return apr_psprintf(rq->pool, " LIMIT %" APR_INT64_T_FMT, api_find(rq, "limit")->i + 1);
}

static const char *bind_id(wfm_request_t *rq, wfm_sql_t *q, apr_int64_t id)
{
    return apr_psprintf(rq->pool, "$%d::bigint",
                        wfm_sql_param(q, apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, id)));
}

/*
 * Rows at an offset. Where the order is by id, the count also tells bounds of the ids that match,
 * so that the page is read from the primary key's index, backwards from the highest one: nothing is
 * sorted, whatever the filter.
 */
static const char *rows_at_offset(wfm_request_t *rq, const api_page_t *page, const char *where,
                                  wfm_sql_t *q)
{
    const char *offset = offset_of(rq, q); /* beyond the end there is nothing to look for */

    return apr_pstrcat(rq->pool, "SELECT * FROM ", page->table, " WHERE t.total > ", offset,
                       page->key ? "" : " AND id BETWEEN t.lowest AND t.highest", where,
                       " ORDER BY ", order_of(rq, page), " OFFSET ", offset, limit_of(rq), NULL);
}

static const char *rows_below_id(wfm_request_t *rq, const api_page_t *page, const char *where,
                                 wfm_sql_t *q)
{
    const char *from = bind_id(rq, q, page->after->floor), *below = bind_id(rq, q, page->after->id);

    return apr_pstrcat(rq->pool, "SELECT * FROM ", page->table, " WHERE id >= ", from, " AND id < ",
                       below, where, " ORDER BY ", order_of(rq, page), limit_of(rq), NULL);
}

/*
 * Rows after a place: those of the same key and a later id, then those of later keys. Where an
 * index has the order these are two scans that each begin at their first row, however many rows
 * share the key; else one scan finds both. NULLs come last.
 */
static const char *rows_after_key(wfm_request_t *rq, const api_page_t *page, const char *where,
                                  wfm_sql_t *q)
{
    const char *order = order_of(rq, page), *limit = limit_of(rq), *alias = page->alias;
    const char *id = bind_id(rq, q, page->after->id), *key, *ties, *beyond;
    apr_pool_t *p = rq->pool;

    id = apr_pstrcat(p, alias, page->id_descending ? ".id < " : ".id > ", id, NULL);
    if (!page->after->key)
        return apr_pstrcat(p, "SELECT * FROM ", page->table, " WHERE ", page->key, " IS NULL AND ",
                           id, where, " ORDER BY ", order, limit, NULL);
    key = apr_psprintf(p, "$%d::%s", wfm_sql_param(q, page->after->key),
                       page->kind == WFM_CURSOR_TIME ? "timestamptz" : "numeric");
    ties = apr_pstrcat(p, page->key, " = ", key, " AND ", id, NULL);
    beyond = apr_pstrcat(p, page->key, page->key_descending ? " < " : " > ", key, NULL);
    if (page->kind == WFM_CURSOR_NUMBER)
        return apr_pstrcat(p, "SELECT * FROM ", page->table, " WHERE (", ties, " OR ", beyond,
                           " OR ", page->key, " IS NULL)", where, " ORDER BY ", order, limit, NULL);
    return apr_pstrcat(p, "SELECT * FROM ((SELECT * FROM ", page->table, " WHERE ", ties, where,
                       " ORDER BY ", order, limit, ") UNION ALL (SELECT * FROM ", page->table,
                       " WHERE ", beyond, where, " ORDER BY ", order, limit, ")) ", alias,
                       " ORDER BY ", order, limit, NULL);
}

/* What the place of a row is: the key, or the lowest id that the list has. */
static const char *place_of(wfm_request_t *rq, const api_page_t *page, wfm_sql_t *q)
{
    if (page->key)
        return page->key;
    return page->after ? bind_id(rq, q, page->after->floor) : "t.lowest";
}

/* Numbered here: what the groups are told apart by may be NULL, which is what no row has. Those
 * that the order does not tell apart are put in one all the same, or pages would not fit together.
 */
static void add_groups(const api_page_t *page, wfm_sql_t *q)
{
    const char *alias = page->alias;

    wfm_sql_texts(q, "WITH ", alias, " AS MATERIALIZED (SELECT row_number() OVER (ORDER BY ",
                  page->order, ", ", alias, "::text COLLATE \"C\") AS id, ", alias, ".* FROM (",
                  page->groups, ") ", alias, ") ");
}

void api_page_statement(wfm_request_t *rq, const api_page_t *page, const char *count,
                        const char *where, wfm_sql_t *q)
{
    const char *order = order_of(rq, page), *alias = page->alias, *rows, *from, *place;
    const char *joins = page->joins ? page->joins : "", *texts = page->texts ? page->texts : "";
    apr_pool_t *p = rq->pool;

    if (page->after)
        count = "SELECT NULL::bigint AS total";
    rows = !page->after ? rows_at_offset(rq, page, where, q)
           : page->key  ? rows_after_key(rq, page, where, q)
                        : rows_below_id(rq, page, where, q);
    place = place_of(rq, page, q);
    if (page->groups)
        add_groups(page, q);
    from = apr_pstrcat(p, " FROM (", count, ") t LEFT JOIN LATERAL (", rows, ") ", alias,
                       " ON true ", joins, " ORDER BY ", order, NULL);
    q->max_bytes = API_LIST_BYTES;
    q->plan_anew |= page->plan_anew;
    if (*joins)
        wfm_sql_add(q, apr_pstrcat(p, "SELECT t.total, ", alias, ".id, ", place, ", ", page->select,
                                   from, NULL));
    else /* row by row, in the order of the inner one: large texts are not made to be sorted, and
            those that are not read are not made at all */
        wfm_sql_add(
            q, apr_pstrcat(p, "SELECT ", alias, ".page_total, ", alias, ".id, ", alias,
                           ".page_place, ", page->select, " FROM (SELECT t.total AS page_total, ",
                           place, " AS page_place, ", alias, ".*", from, ") ", alias, texts, NULL));
}

wfm_error_t *api_page(wfm_request_t *rq, const api_page_t *page, const wfm_sql_t *where,
                      wfm_result_t **result)
{
    const char *conditions = wfm_sql_stmt(where).sql;
    wfm_sql_t q;

    wfm_sql_init(&q, rq->pool);
    q.params = where->params;
    api_page_statement(rq, page, api_page_count(rq, page, conditions), conditions, &q);
    return api_run(rq, &q, result);
}

/* ---- the answer ---- */

/* A list without rows, or a page beyond its end, is one row without an id, which stands for none.
 */
static int has_row(const wfm_result_t *result, int row)
{
    return row < wfm_result_rows(result) && wfm_result_get(result, row, COLUMN_ID) != NULL;
}

int api_page_is_empty(const wfm_result_t *result)
{
    const char *total;

    if (!wfm_result_rows(result) || has_row(result, 0))
        return 0;
    total = wfm_result_get(result, 0, COLUMN_TOTAL);
    return !total || *total == '0';
}

const char *api_page_value(const wfm_result_t *result, int column)
{
    return wfm_result_get(result, 0, OWN_COLUMNS + column);
}

/* Is the row without an id, if there is one, the one that stands for none? A row of the list that
 * had none would end it there, silently, in front of those that come after it. */
static int is_whole(wfm_request_t *rq, const api_page_t *page, const wfm_result_t *result)
{
    int rows = wfm_result_rows(result);
    const char *total = wfm_result_get(result, 0, COLUMN_TOTAL);

    for (int row = rows > 1 ? 0 : 1; row < rows; row++)
        if (!has_row(result, row))
            return 0;
    return has_row(result, 0) || page->after || !total ||
           apr_atoi64(total) <= api_find(rq, "offset")->i;
}

static apr_size_t written(const wfm_request_t *rq)
{
    return (apr_size_t)rq->out->flushed + rq->out->len;
}

/* Write rows up to the limit, as far as they have room. @return how many */
static int write_rows(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *result,
                      const api_column_t *columns)
{
    int row = 0;

    for (; row < api_find(rq, "limit")->i && has_row(result, row); row++) {
        if (row && written(rq) + api_columns_most(result, row, OWN_COLUMNS, columns) >
                       API_LIST_BYTES - AROUND_BYTES)
            break;
        wfm_json_object(j);
        api_columns(j, result, row, OWN_COLUMNS, columns);
        wfm_json_object_end(j);
    }
    return row;
}

static void write_next(wfm_request_t *rq, wfm_json_t *j, const api_page_t *page,
                       const wfm_result_t *result, int rows)
{
    int more = rows && (has_row(result, rows) || wfm_result_is_cut(result));
    const char *id = more ? wfm_result_get(result, rows - 1, COLUMN_ID) : NULL;
    const char *place = more ? wfm_result_get(result, rows - 1, COLUMN_PLACE) : NULL;
    wfm_cursor_t last = {0, 0, NULL};

    wfm_json_name(j, "next_cursor");
    if (!more) {
        wfm_json_null(j);
        return;
    }
    last.id = apr_atoi64(id);
    last.key = page->key ? place : NULL;
    last.floor = page->key || !place ? 0 : apr_atoi64(place);
    wfm_json_string(j, wfm_cursor_write(rq->pool, api_list_digest(rq), &last));
}

wfm_error_t *api_page_begin(wfm_request_t *rq, wfm_json_t *j, const api_page_t *page,
                            const wfm_result_t *result)
{
    int rows;

    if (!wfm_result_rows(result))
        return wfm_error_internal(rq->pool, "a page without a row: one alone is too large");
    if (!is_whole(rq, page, result))
        return wfm_error_internal(rq->pool, "a row of a list has no id");
    api_begin(rq, j);
    wfm_json_key(j, rq->route->answer->key);
    wfm_json_array(j);
    rows = write_rows(rq, j, result,
                      page->shape ? page->shape->columns : rq->route->answer->row->columns);
    wfm_json_array_end(j);
    wfm_json_name(j, "total");
    api_value(j, API_INT, wfm_result_get(result, 0, COLUMN_TOTAL),
              wfm_result_length(result, 0, COLUMN_TOTAL));
    wfm_json_name(j, "offset");
    if (page->after)
        wfm_json_null(j);
    else
        wfm_json_int64(j, api_find(rq, "offset")->i);
    wfm_json_name(j, "limit");
    wfm_json_int64(j, api_find(rq, "limit")->i);
    if (api_find(rq, "cursor"))
        write_next(rq, j, page, result, rows);
    return NULL;
}

wfm_error_t *api_answer_page(wfm_request_t *rq, const api_page_t *page, const wfm_result_t *result)
{
    wfm_json_t j;

    if (rq->route->method == WFM_GET && api_not_modified(rq, result))
        return NULL;
    WFM_TRY(api_page_begin(rq, &j, page, result));
    api_end(&j);
    return NULL;
}
