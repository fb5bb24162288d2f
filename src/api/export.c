/*
 * export.c - owns the course of GET /configs/:id/export: metric rows as CSV, JSON or NDJSON, in one
 * stream.
 *
 * Everything happens on one snapshot: which columns there are, whether the limit leaves rows out,
 * and then the rows, which go from PostgreSQL's socket to the client's through the sink's buffer
 * alone.
 */
#include "export.h"
#include "../core/pages.h"
#include "saved.h"

static const struct {
    const char *content_type;
    const char *extension;
} formats[] = {
    /* tabs between the cells, too: text/tab-separated-values has no quotes */
    [EXPORT_CSV] = {"text/csv; charset=utf-8", "csv"},
    [EXPORT_JSON] = {"application/json", "json"},
    [EXPORT_NDJSON] = {"application/x-ndjson", "ndjson"},
};

static const char *const truncated_texts[] = {
    [EXPORT_COMPLETE] = "false", [EXPORT_TRUNCATED] = "true", [EXPORT_UNKNOWN] = "unknown"};

static void set_headers(const export_t *x)
{
    wfm_request_t *rq = x->rq;

    rq->content_type = formats[x->format].content_type;
    api_saved_as(rq, "metrics", formats[x->format].extension);
    apr_table_setn(rq->headers, "Wfmetrics-Truncated", truncated_texts[x->truncated]);
}

static wfm_error_t *work(wfm_db_t *db, wfm_result_t *schema, void *ctx)
{
    export_t *x = ctx;
    export_rows_t *rows;

    WFM_TRY(api_export_columns(x, db, schema));
    WFM_TRY(api_export_look_ahead(x, db));
    set_headers(x);
    rows = api_export_begin(x);
    WFM_TRY(api_export_stream(x, db, api_export_row, rows));
    return api_export_end(rows);
}

static wfm_error_t *take_snapshot(wfm_request_t *rq)
{
    export_t x = {.rq = rq,
                  .format = (export_format_e)wfm_args_int(&rq->params, "format"),
                  .limit = wfm_args_int(&rq->params, "limit")};
    const char *params[] = {api_bind_int(rq, "id"), api_export_bind_wanted(rq)};
    const wfm_step_t schema = {wfm_stmt(WFM_STMT_EXPORT_SCHEMA), 2, params};

    WFM_TRY(api_selection_of(rq, &x.selection));
    x.filtered = api_selection_is_filtered(&x.selection);
    return wfm_db_snapshot(&rq->db, x.filtered, &schema, work, &x);
}

wfm_error_t *api_export_get(wfm_request_t *rq)
{
    wfm_error_t *err;

    /* names and statements may be many, and a worker's pools keep what they have once had */
    rq->pool = rq->db.pool = wfm_pages_pool(rq->pool);
    err = take_snapshot(rq);

    /* A look at summaries that are gone ended the transaction. Nothing has been written yet. */
    if (err && api_is_wanting(err) && wfm_db_summaries(&rq->db) == WFM_SUMMARIES_IN_USE) {
        wfm_db_distrust_summaries(&rq->db, err);
        err = take_snapshot(rq);
    }
    return err;
}
