/*
 * page.c - owns how a list is cut into pages, counted and answered.
 */
#include "api.h"
#include <apr_strings.h>

const char *api_page_count(wfm_request_t *rq, const api_page_t *page, const char *where)
{
    return apr_pstrcat(rq->pool, "SELECT count(*) AS total",
                       page->by_id ? ", min(id) AS lowest, max(id) AS highest" : "", " FROM ",
                       page->table, " WHERE true", where, NULL);
}

/* A first page's statement is planned once, for few rows; other pages' are one text, too. */
static void add_offset(wfm_sql_t *q, int parameter)
{
    if (parameter)
        wfm_sql_ref(q, parameter, "bigint");
    else
        wfm_sql_int(q, 0);
}

/*
 * Where the order is by id, the count also tells bounds of the ids that match, so that the page is
 * read from the primary key's index, backwards from the highest one: nothing is sorted, whatever
 * the filter.
 */
void api_page_statement(wfm_request_t *rq, const api_page_t *page, const char *count,
                        const char *where, wfm_sql_t *q)
{
    int offset = api_find(rq, "offset")->i ? wfm_sql_param(q, api_bind_int(rq, "offset")) : 0;
    apr_pool_t *p = rq->pool;

    wfm_sql_add(q, apr_pstrcat(p, "SELECT t.total, ", page->select, " FROM (", count,
                               ") t LEFT JOIN LATERAL (SELECT * FROM ", page->table,
                               " WHERE t.total > ", NULL));
    add_offset(q, offset); /* beyond the end there is nothing to look for */
    wfm_sql_add(q, apr_pstrcat(p, page->by_id ? " AND id BETWEEN t.lowest AND t.highest" : "",
                               where, " ORDER BY ", page->order, " OFFSET ", NULL));
    add_offset(q, offset);
    wfm_sql_add(q, " LIMIT ");
    wfm_sql_int(q, api_find(rq, "limit")->i);
    wfm_sql_add(q, apr_pstrcat(p, ") ", page->alias, " ON true ", page->joins, " ORDER BY ",
                               page->order, NULL));
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

int api_page_is_empty(const wfm_result_t *result)
{
    return *wfm_result_get(result, 0, 0) == '0';
}

void api_page_begin(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *result, const char *key,
                    const api_column_t *columns)
{
    api_begin(rq, j);
    wfm_json_key(j, key);
    wfm_json_array(j);
    for (int row = 0; row < wfm_result_rows(result); row++) {
        if (!wfm_result_get(result, row, 1)) /* the total's row alone */
            break;
        wfm_json_object(j);
        api_columns(j, result, row, 1, columns);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
    wfm_json_key(j, "total");
    api_value(j, API_INT, wfm_result_get(result, 0, 0), wfm_result_length(result, 0, 0));
    wfm_json_key(j, "offset");
    wfm_json_int64(j, api_find(rq, "offset")->i);
    wfm_json_key(j, "limit");
    wfm_json_int64(j, api_find(rq, "limit")->i);
}

void api_answer_page(wfm_request_t *rq, const wfm_result_t *result, const char *key,
                     const api_column_t *columns)
{
    wfm_json_t j;

    if (rq->route->method == WFM_GET && api_not_modified(rq, result))
        return;
    api_page_begin(rq, &j, result, key, columns);
    api_end(&j);
}
