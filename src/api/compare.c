/*
 * compare.c - owns the course of GET /configs/:id/compare: did it get slower?
 *
 * Two statements: which runs each side has, then their values. The rest is computed without a
 * connection. What is shown is a page of the series, the worst first; what is said of the whole is
 * said of all.
 */
#include "compare.h"
#include "../core/pages.h"

wfm_error_t *api_compare_get(wfm_request_t *rq)
{
    static void (*const writers[])(const compare_t *) = {
        [COMPARE_JSON] = api_compare_write_json,
        [COMPARE_CSV] = api_compare_write_csv,
        [COMPARE_MARKDOWN] = api_compare_write_markdown,
    };
    compare_t c = {.sides = {{.name = "base"}, {.name = "head"}}};
    wfm_cursor_t after;

    /* names and statements may be many, and a worker's pools keep what they have once had */
    rq->pool = rq->db.pool = wfm_pages_pool(rq->pool);
    c.chart.rq = rq;
    c.min_change = wfm_args_number(&rq->params, "min_change");
    c.max_pvalue = wfm_args_number(&rq->params, "max_pvalue");
    c.limit = (int)wfm_args_int(&rq->params, "limit");
    c.is_limited = wfm_args_is_set(&rq->params, "limit");
    WFM_TRY(api_compare_read_cursor(rq, &after));
    WFM_TRY(api_compare_choose(&c, after.key));
    WFM_TRY(api_compare_find(&c));
    WFM_TRY(api_compare_read(&c));
    WFM_TRY(api_compare_series(&c));
    WFM_TRY(api_compare_judge(&c));
    WFM_TRY(api_compare_show(&c, &after));
    apr_table_setn(rq->headers, "Wfmetrics-Verdict", c.verdict);
    if (api_digest_not_modified(rq, c.digest))
        return NULL;
    writers[wfm_args_int(&rq->params, "format")](&c);
    return NULL;
}
