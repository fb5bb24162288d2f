/*
 * export.c - owns GET /configs/:id/export: metric rows as CSV, JSON or NDJSON, in one stream. How a
 * row is written is export_rows.c's.
 *
 * Everything happens on one snapshot: which columns there are, and then the rows, which go from
 * PostgreSQL's socket to the client's through the sink's buffer alone.
 */
#include "export.h"
#include "../core/text.h"
#include "../db/filter.h"
#include <apr_strings.h>
#include <apr_time.h>

static const struct {
    const char *content_type;
    const char *extension;
} formats[] = {
    [EXPORT_CSV] = {"text/csv", "csv"},
    [EXPORT_JSON] = {"application/json", "json"},
    [EXPORT_NDJSON] = {"application/x-ndjson", "ndjson"},
};

/* Fewer than PostgreSQL takes in a select list (1664). */
#define MAX_FIELDS 1600

typedef struct export_t {
    wfm_request_t *rq;
    export_format_e format;
    export_columns_t columns;
    int known_metrics; /* before metric_fields made a choice of them */
    apr_int64_t limit; /* of rows */
    int filtered;      /* by dimensions */
} export_t;

/* ---- which columns ---- */

static apr_array_header_t *names_make(apr_pool_t *p)
{
    return apr_array_make(p, 8, sizeof(const char *));
}

static int fields(const export_t *x)
{
    return x->columns.dimensions->nelts + x->columns.metrics->nelts;
}

/*
 * WHERE of the rows that the request selects, newest first.
 *
 * PostgreSQL takes a condition on a field of a jsonb to be true of 0.5 % of the rows, and an export
 * with a filter for a small one. Of a CASE it knows nothing, and assumes one half.
 */
static wfm_error_t *add_selection(export_t *x, wfm_sql_t *q)
{
    wfm_request_t *rq = x->rq;

    wfm_sql_add(q, " WHERE m.config_id = ");
    wfm_sql_bind(q, api_bind_int(rq, "id"), "bigint");
    api_where_time(rq, q);
    wfm_sql_add(q, " AND CASE WHEN true");
    WFM_TRY(api_where_named(rq, q));
    wfm_sql_add(q, " THEN true END ORDER BY m.\"timestamp\" DESC, m.id LIMIT ");
    wfm_sql_bind(q, apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, x->limit), "bigint");
    return NULL;
}

#define KEYS_OF(kind, column)                                                                      \
    "(SELECT DISTINCT '" kind "' AS kind, key FROM m, LATERAL jsonb_object_keys("                  \
    "CASE jsonb_typeof(m." column ") WHEN 'object' THEN m." column " ELSE '{}' END) key"
#define FIRST_KEYS    " ORDER BY key LIMIT " STRINGIFY(MAX_FIELDS) " + 1)"
#define STRINGIFY_(x) #x
#define STRINGIFY(x)  STRINGIFY_(x)

/*
 * Without a schema: the keys that the selected rows have, sorted by code point; of the metrics
 * those that the client wants. No more than one too many of each.
 */
static wfm_error_t *find_keys(export_t *x, wfm_db_t *db)
{
    const apr_array_header_t *wanted = wfm_args_get(&x->rq->params, "metric_fields")->names;
    wfm_result_t *keys;
    wfm_stmt_t stmt;
    wfm_sql_t q;

    wfm_sql_init(&q, x->rq->pool);
    wfm_sql_add(&q, "WITH m AS MATERIALIZED (SELECT m.dimensions, m.metrics"
                    " FROM github_workflow_metrics m");
    WFM_TRY(add_selection(x, &q));
    wfm_sql_add(&q, ") SELECT kind, key FROM (" KEYS_OF("d", "dimensions") FIRST_KEYS
                " UNION ALL " KEYS_OF("m", "metrics"));
    if (wanted) {
        wfm_sql_add(&q, " WHERE key = ANY (");
        wfm_sql_bind(&q, wfm_sql_array(x->rq->pool, wanted), "text[]");
        wfm_sql_add(&q, ")");
    }
    wfm_sql_add(&q, FIRST_KEYS ") k ORDER BY kind, key COLLATE \"C\"");
    stmt = wfm_sql_stmt(&q);
    WFM_TRY(wfm_db_run(db, &stmt, q.params->nelts, wfm_sql_params(&q), &keys));
    for (int row = 0; row < wfm_result_rows(keys); row++)
        APR_ARRAY_PUSH(*wfm_result_get(keys, row, 0) == 'd' ? x->columns.dimensions
                                                            : x->columns.metrics,
                       const char *) = wfm_result_get(keys, row, 1);
    return NULL;
}

/* What the client asked for and the schema does not have must at least be in the data. */
static wfm_error_t *check_beyond_schema(export_t *x, wfm_db_t *db, const apr_array_header_t *beyond)
{
    const char *params[] = {api_bind_int(x->rq, "id"), wfm_sql_array(x->rq->pool, beyond)};
    wfm_result_t *unknown;
    wfm_error_t *err = NULL;

    WFM_TRY(wfm_db_run(db, wfm_stmt(WFM_STMT_METRICS_UNKNOWN), 2, params, &unknown));
    for (int row = 0; row < wfm_result_rows(unknown); row++)
        wfm_error_field(&err, x->rq->pool, "metric_fields",
                        "names a field that is neither in the schema nor in the data: %s",
                        wfm_result_get(unknown, row, 0));
    return err;
}

/* metric_fields: those of the schema in the schema's order, then those that only the data has. */
static wfm_error_t *select_metrics(export_t *x, wfm_db_t *db)
{
    const apr_array_header_t *wanted = wfm_args_get(&x->rq->params, "metric_fields")->names;
    apr_array_header_t *selected = names_make(x->rq->pool), *beyond = names_make(x->rq->pool);

    if (!wanted)
        return NULL;
    for (int i = 0; i < x->columns.metrics->nelts; i++)
        if (wfm_names_hold(wanted, APR_ARRAY_IDX(x->columns.metrics, i, const char *)))
            wfm_names_add(selected, APR_ARRAY_IDX(x->columns.metrics, i, const char *));
    for (int i = 0; i < wanted->nelts; i++)
        if (!wfm_names_hold(x->columns.metrics, APR_ARRAY_IDX(wanted, i, const char *)))
            wfm_names_add(beyond, APR_ARRAY_IDX(wanted, i, const char *));
    if (beyond->nelts)
        WFM_TRY(check_beyond_schema(x, db, beyond));
    apr_array_cat(selected, beyond);
    x->columns.metrics = selected;
    return NULL;
}

/*
 * PostgreSQL's part is the larger one, so it is asked for what costs it least. (Instructions a row,
 * PostgreSQL 15: a ->> 1400; a -> as text 3200; a whole object 2100 and 700 a member.)
 *
 * Dimensions come out of a sub-select that depends on nothing but them: a run's rows have the same
 * ones as the last run's, and PostgreSQL (14 on) can put a Memoize node on it. Then an object is
 * taken apart or printed once, and found by its bytes from then on. Which is why m.dimensions may
 * occur once in it, and why OFFSET 0 keeps it from being dissolved. An array of texts is fewer
 * bytes than the whole object, and its form (array_send) goes out as it is; but where PostgreSQL
 * does not memoize, many ->> cost more.
 *
 * Metrics differ from row to row. They come as whole objects too, unless few are wanted of many.
 */
static int whole_dimensions(const export_t *x)
{
    return x->format != EXPORT_CSV || x->columns.dimensions->nelts > 8;
}

static int whole_metrics(const export_t *x)
{
    int wanted = x->columns.metrics->nelts;

    if (4 * wanted <= x->known_metrics)
        return 0;
    return x->format != EXPORT_CSV || wanted > 3;
}

static wfm_error_t *find_columns(export_t *x, wfm_db_t *db, const wfm_result_t *schema)
{
    apr_pool_t *p = x->rq->pool;

    if (!wfm_result_rows(schema))
        return wfm_error_make(p, WFM_NOT_FOUND, "config not found");
    x->columns.dimensions =
        api_field_names(p, wfm_result_get(schema, 0, 0), wfm_result_length(schema, 0, 0));
    x->columns.metrics =
        api_field_names(p, wfm_result_get(schema, 0, 1), wfm_result_length(schema, 0, 1));
    if (!x->columns.dimensions->nelts && !x->columns.metrics->nelts)
        WFM_TRY(find_keys(x, db));
    x->known_metrics = x->columns.metrics->nelts;
    WFM_TRY(select_metrics(x, db));
    x->columns.whole_dimensions = whole_dimensions(x);
    x->columns.whole_metrics = whole_metrics(x);
    if (fields(x) > MAX_FIELDS)
        return wfm_error_make(p, WFM_BAD_REQUEST,
                              "an export has at most %d fields: choose some with metric_fields",
                              MAX_FIELDS);
    return NULL;
}

/* ---- the rows' statement ---- */

/* CSV wants a value's text; JSON the value itself, as text. */
static void add_metrics(export_t *x, wfm_sql_t *q)
{
    const apr_array_header_t *names = x->columns.metrics;

    if (!names->nelts)
        return;
    if (x->columns.whole_metrics) {
        wfm_sql_add(q, ", m.metrics");
        return;
    }
    for (int i = 0; i < names->nelts; i++) {
        wfm_sql_add(q, x->format == EXPORT_CSV ? ", m.metrics ->> " : ", (m.metrics -> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(names, i, const char *), "text");
        if (x->format != EXPORT_CSV)
            wfm_sql_add(q, ")::text");
    }
}

static void add_dimensions(export_t *x, wfm_sql_t *q)
{
    const apr_array_header_t *names = x->columns.dimensions;

    if (!names->nelts)
        return;
    if (x->columns.whole_dimensions) {
        wfm_sql_add(q, ", LATERAL (SELECT m.dimensions::text AS dimensions OFFSET 0) d");
        return;
    }
    wfm_sql_add(q, ", LATERAL (SELECT array_send(ARRAY[");
    for (int i = 0; i < names->nelts; i++) {
        wfm_sql_add(q, i ? ", o.o ->> " : "o.o ->> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(names, i, const char *), "text");
    }
    wfm_sql_add(q, "]) AS dimensions FROM (SELECT m.dimensions AS o OFFSET 0) o OFFSET 0) d");
}

/* The rows of the selection behind the first `skipped`. */
static wfm_error_t *rows_statement(export_t *x, apr_int64_t skipped, wfm_sql_t *q)
{
    wfm_sql_init(q, x->rq->pool);
    wfm_sql_add(q, "SELECT m.\"timestamp\", m.source_file");
    if (x->columns.dimensions->nelts)
        wfm_sql_add(q, ", d.dimensions");
    add_metrics(x, q);
    wfm_sql_add(q, " FROM github_workflow_metrics m");
    add_dimensions(x, q);
    WFM_TRY(add_selection(x, q));
    wfm_sql_add(q, " OFFSET ");
    wfm_sql_bind(q, apr_psprintf(x->rq->pool, "%" APR_INT64_T_FMT, skipped), "bigint");
    return NULL;
}

/* ---- the whole ---- */

static void set_headers(export_t *x)
{
    wfm_request_t *rq = x->rq;
    apr_time_exp_t today;

    apr_time_exp_gmt(&today, apr_time_now());
    rq->content_type = formats[x->format].content_type;
    apr_table_setn(rq->headers, "Accept-Ranges", "none"); /* two exports are not one file */
    apr_table_setn(rq->headers, "Content-Disposition",
                   apr_psprintf(rq->pool,
                                "attachment; filename=\"metrics-config-%s-%04d%02d%02d.%s\"",
                                api_bind_int(rq, "id"), today.tm_year + 1900, today.tm_mon + 1,
                                today.tm_mday, formats[x->format].extension));
}

static wfm_error_t *stream(export_t *x, wfm_db_t *db, export_rows_t *rows, apr_int64_t skipped)
{
    wfm_stmt_t stmt;
    wfm_sql_t q;

    WFM_TRY(rows_statement(x, skipped, &q));
    stmt = wfm_sql_stmt(&q);
    return wfm_db_stream(db, &stmt, q.params->nelts, wfm_sql_params(&q), api_export_row, rows);
}

/*
 * PostgreSQL sends when its buffer is full or the statement ends. So the first rows are a statement
 * of their own, unless a filter might make them hard to find.
 */
static wfm_error_t *stream_all(export_t *x, wfm_db_t *db, export_rows_t *rows)
{
    apr_int64_t limit = x->limit;

    if (limit <= EXPORT_FIRST_ROWS || x->filtered)
        return stream(x, db, rows, 0);
    x->limit = EXPORT_FIRST_ROWS;
    WFM_TRY(stream(x, db, rows, 0));
    if (x->rq->exported < EXPORT_FIRST_ROWS || x->rq->out->status != APR_SUCCESS)
        return NULL; /* there are no more, or nobody wants them */
    x->limit = limit - EXPORT_FIRST_ROWS;
    return stream(x, db, rows, EXPORT_FIRST_ROWS);
}

static wfm_error_t *work(wfm_db_t *db, wfm_result_t *schema, void *baton)
{
    export_t *x = baton;
    export_rows_t *rows;

    WFM_TRY(find_columns(x, db, schema));
    set_headers(x);
    if (x->rq->head) /* a million rows for nobody */
        return NULL;
    rows = api_export_begin(x->rq, x->format, &x->columns);
    WFM_TRY(stream_all(x, db, rows));
    return api_export_end(rows);
}

wfm_error_t *api_export(wfm_request_t *rq)
{
    export_t x = {.rq = rq,
                  .format = (export_format_e)wfm_args_int(&rq->params, "format"),
                  .limit = wfm_args_int(&rq->params, "limit"),
                  .filtered = api_filters_dimensions(rq)};
    const char *id = api_bind_int(rq, "id");
    const wfm_step_t schema = {wfm_stmt(WFM_STMT_EXPORT_SCHEMA), 1, &id};

    return wfm_db_snapshot(&rq->db, x.filtered, &schema, work, &x);
}
