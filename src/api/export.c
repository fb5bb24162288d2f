/*
 * export.c - owns GET /configs/:id/export: metric rows as CSV, JSON or NDJSON, in one stream.
 *
 * Everything happens on one snapshot: which columns there are, and then the rows, which go from
 * PostgreSQL's socket to the client's through the sink's buffer alone.
 */
#include "../core/csv.h"
#include "../core/text.h"
#include "../core/time.h"
#include "../db/filter.h"
#include "api.h"
#include <apr_strings.h>
#include <apr_time.h>

enum { FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON }; /* the order of routes.c's list */

static const struct {
    const char *content_type;
    const char *extension;
} formats[] = {
    [FORMAT_CSV] = {"text/csv", "csv"},
    [FORMAT_JSON] = {"application/json", "json"},
    [FORMAT_NDJSON] = {"application/x-ndjson", "ndjson"},
};

/* PostgreSQL takes 1664 columns in a select list; two are not fields. */
#define MAX_FIELDS 1600

/* Columns of the rows' statement. */
enum { COLUMN_TIME, COLUMN_FILE, COLUMN_FIELDS };

typedef struct export_t {
    wfm_request_t *rq;
    int format;
    apr_array_header_t *dimensions; /* of const char * */
    apr_array_header_t *metrics;    /* of const char * */
    const char **keys;              /* JSON: unique keys in the order of the CSV's columns */
    wfm_csv_t csv;
    wfm_json_t json;
    wfm_time_t instant; /* of the last row that had one, and its text */
    char time[WFM_TIME_TEXT];
    apr_size_t time_len; /* 0: the last row had none */
} export_t;

/* ---- which columns ---- */

static apr_array_header_t *names_make(apr_pool_t *p)
{
    return apr_array_make(p, 8, sizeof(const char *));
}

static int fields(const export_t *x)
{
    return x->dimensions->nelts + x->metrics->nelts;
}

/* FROM and WHERE of the rows that the request selects, newest first, no more than its limit. */
static wfm_error_t *add_selection(export_t *x, wfm_sql_t *q)
{
    wfm_request_t *rq = x->rq;

    wfm_sql_add(q, " FROM github_workflow_metrics m WHERE m.config_id = ");
    wfm_sql_bind(q, api_bind_int(rq, "id"), "bigint");
    WFM_TRY(api_where_metrics(rq, q));
    wfm_sql_add(q, " ORDER BY m.\"timestamp\" DESC, m.id LIMIT ");
    wfm_sql_bind(q, api_bind_int(rq, "limit"), "bigint");
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
    wfm_sql_add(&q, "WITH m AS MATERIALIZED (SELECT m.dimensions, m.metrics");
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
        APR_ARRAY_PUSH(*wfm_result_get(keys, row, 0) == 'd' ? x->dimensions : x->metrics,
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
    for (int i = 0; i < x->metrics->nelts; i++)
        if (wfm_names_hold(wanted, APR_ARRAY_IDX(x->metrics, i, const char *)))
            wfm_names_add(selected, APR_ARRAY_IDX(x->metrics, i, const char *));
    for (int i = 0; i < wanted->nelts; i++)
        if (!wfm_names_hold(x->metrics, APR_ARRAY_IDX(wanted, i, const char *)))
            wfm_names_add(beyond, APR_ARRAY_IDX(wanted, i, const char *));
    if (beyond->nelts)
        WFM_TRY(check_beyond_schema(x, db, beyond));
    apr_array_cat(selected, beyond);
    x->metrics = selected;
    return NULL;
}

static wfm_error_t *find_columns(export_t *x, wfm_db_t *db)
{
    const char *id = api_bind_int(x->rq, "id");
    apr_pool_t *p = x->rq->pool;
    wfm_result_t *schema;

    WFM_TRY(wfm_db_run(db, wfm_stmt(WFM_STMT_EXPORT_SCHEMA), 1, &id, &schema));
    if (!wfm_result_rows(schema))
        return wfm_error_make(p, WFM_NOT_FOUND, "config not found");
    x->dimensions =
        api_field_names(p, wfm_result_get(schema, 0, 0), wfm_result_length(schema, 0, 0));
    x->metrics = api_field_names(p, wfm_result_get(schema, 0, 1), wfm_result_length(schema, 0, 1));
    if (!x->dimensions->nelts && !x->metrics->nelts)
        WFM_TRY(find_keys(x, db));
    WFM_TRY(select_metrics(x, db));
    if (fields(x) > MAX_FIELDS)
        return wfm_error_make(p, WFM_BAD_REQUEST,
                              "an export has at most %d fields: choose some with metric_fields",
                              MAX_FIELDS);
    return NULL;
}

/* ---- the rows' statement ---- */

/* From this number of fields on it pays to unpack a row's objects once instead of once a field. */
#define WIDE 12

/* An object put together with nothing is a copy in memory, out of TOAST; what is no object stays.
 */
#define UNPACKED(column)                                                                           \
    "CASE jsonb_typeof(m." column ") WHEN 'object' THEN m." column " || '{}' ELSE m." column       \
    " END AS " column

/* CSV wants a value's text; JSON the value itself, as text. */
static void add_fields(export_t *x, wfm_sql_t *q, const char *column,
                       const apr_array_header_t *names)
{
    for (int i = 0; i < names->nelts; i++) {
        wfm_sql_add(q, x->format == FORMAT_CSV ? ", " : ", (");
        wfm_sql_add(q, column);
        wfm_sql_add(q, x->format == FORMAT_CSV ? " ->> " : " -> ");
        wfm_sql_bind(q, APR_ARRAY_IDX(names, i, const char *), "text");
        if (x->format != FORMAT_CSV)
            wfm_sql_add(q, ")::text");
    }
}

static wfm_error_t *rows_statement(export_t *x, wfm_sql_t *q)
{
    int wide = fields(x) >= WIDE;

    wfm_sql_init(q, x->rq->pool);
    wfm_sql_add(q, "SELECT m.\"timestamp\", m.source_file");
    add_fields(x, q, "m.dimensions", x->dimensions);
    add_fields(x, q, "m.metrics", x->metrics);
    if (wide)
        wfm_sql_add(q, " FROM (SELECT m.id, m.\"timestamp\", m.source_file, " UNPACKED(
                           "dimensions") ", " UNPACKED("metrics"));
    WFM_TRY(add_selection(x, q));
    if (wide)
        wfm_sql_add(q, ") m ORDER BY m.\"timestamp\" DESC, m.id");
    return NULL;
}

/* ---- CSV ---- */

/* The row's instant as text, in x->time; the rows of a run share theirs, which is written once. */
static void format_time(export_t *x, const wfm_result_t *row)
{
    const char *data = wfm_result_get(row, 0, COLUMN_TIME);
    wfm_time_t t;

    if (!data || !wfm_time_parse_pg_binary(data, wfm_result_length(row, 0, COLUMN_TIME), &t)) {
        x->time_len = 0; /* 'infinity' and the like */
    } else if (!x->time_len || t != x->instant) {
        x->instant = t;
        x->time_len = wfm_time_format_seconds(t, x->time);
    }
}

static int csv_row(void *baton, const wfm_result_t *row)
{
    export_t *x = baton;
    int columns = wfm_result_columns(row);

    format_time(x, row);
    for (int c = COLUMN_FIELDS; c < columns; c++)
        wfm_csv_cell(&x->csv, wfm_result_get(row, 0, c), wfm_result_length(row, 0, c));
    wfm_csv_cell(&x->csv, x->time_len ? x->time : NULL, x->time_len);
    wfm_csv_cell(&x->csv, wfm_result_get(row, 0, COLUMN_FILE),
                 wfm_result_length(row, 0, COLUMN_FILE));
    wfm_csv_row_end(&x->csv);
    x->rq->exported++;
    return x->rq->out->status != APR_SUCCESS;
}

static void csv_names(export_t *x, const apr_array_header_t *names)
{
    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        wfm_csv_cell(&x->csv, name, strlen(name));
    }
}

static void csv_begin(export_t *x)
{
    wfm_csv_init(&x->csv, x->rq->out, x->rq->csv_guard);
    csv_names(x, x->dimensions);
    csv_names(x, x->metrics);
    wfm_csv_cell(&x->csv, "collected_at", strlen("collected_at"));
    wfm_csv_cell(&x->csv, "source_file", strlen("source_file"));
    wfm_csv_row_end(&x->csv);
}

/* ---- JSON ---- */

/* A name that an earlier column has already gets a prefix, so that no object has a key twice. */
static const char *unique_key(export_t *x, int n, const char *name, const char *prefix)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(x->keys[i], name))
            return unique_key(x, n, apr_pstrcat(x->rq->pool, prefix, name, NULL), prefix);
    return name;
}

static void make_keys(export_t *x)
{
    int n = 0;

    x->keys = apr_palloc(x->rq->pool, sizeof(char *) * (apr_size_t)(fields(x) + 2));
    for (int i = 0; i < x->dimensions->nelts; i++)
        x->keys[n++] = APR_ARRAY_IDX(x->dimensions, i, const char *);
    for (int i = 0; i < x->metrics->nelts; i++, n++)
        x->keys[n] = unique_key(x, n, APR_ARRAY_IDX(x->metrics, i, const char *), "metrics.");
    x->keys[n] = unique_key(x, n, "collected_at", "row.");
    n++;
    x->keys[n] = unique_key(x, n, "source_file", "row.");
}

static void json_row_object(export_t *x, const wfm_result_t *row)
{
    int columns = wfm_result_columns(row), n = 0;

    format_time(x, row);
    wfm_json_object(&x->json);
    for (int c = COLUMN_FIELDS; c < columns; c++) {
        wfm_json_key(&x->json, x->keys[n++]);
        wfm_json_raw(&x->json, wfm_result_get(row, 0, c), wfm_result_length(row, 0, c));
    }
    wfm_json_key(&x->json, x->keys[n++]);
    wfm_json_string_n(&x->json, x->time_len ? x->time : NULL, x->time_len);
    wfm_json_key(&x->json, x->keys[n]);
    wfm_json_string_n(&x->json, wfm_result_get(row, 0, COLUMN_FILE),
                      wfm_result_length(row, 0, COLUMN_FILE));
    wfm_json_object_end(&x->json);
    x->rq->exported++;
}

static int json_row(void *baton, const wfm_result_t *row)
{
    export_t *x = baton;

    json_row_object(x, row);
    return x->rq->out->status != APR_SUCCESS;
}

static int ndjson_row(void *baton, const wfm_result_t *row)
{
    export_t *x = baton;

    json_row_object(x, row);
    wfm_json_restart(&x->json);
    wfm_out_char(x->rq->out, '\n');
    return x->rq->out->status != APR_SUCCESS;
}

static void json_begin(export_t *x)
{
    api_begin(x->rq, &x->json);
    wfm_json_key(&x->json, "rows");
    wfm_json_array(&x->json);
}

static void json_end(export_t *x)
{
    wfm_json_array_end(&x->json);
    api_end(&x->json);
}

/* ---- the whole ---- */

static void set_headers(export_t *x)
{
    wfm_request_t *rq = x->rq;
    apr_time_exp_t today;

    apr_time_exp_gmt(&today, apr_time_now());
    rq->content_type = formats[x->format].content_type;
    apr_table_setn(rq->headers, "Content-Disposition",
                   apr_psprintf(rq->pool,
                                "attachment; filename=\"metrics-config-%s-%04d%02d%02d.%s\"",
                                api_bind_int(rq, "id"), today.tm_year + 1900, today.tm_mon + 1,
                                today.tm_mday, formats[x->format].extension));
}

static wfm_error_t *stream_rows(export_t *x, wfm_db_t *db, wfm_db_row_fn row)
{
    wfm_sql_t q;
    wfm_stmt_t stmt;

    WFM_TRY(rows_statement(x, &q));
    stmt = wfm_sql_stmt(&q);
    return wfm_db_stream(db, &stmt, q.params->nelts, wfm_sql_params(&q), row, x);
}

static wfm_error_t *work(wfm_db_t *db, void *baton)
{
    export_t *x = baton;

    WFM_TRY(find_columns(x, db));
    set_headers(x);
    if (x->rq->head) /* a million rows for nobody */
        return NULL;
    switch (x->format) {
    case FORMAT_CSV:
        csv_begin(x);
        return stream_rows(x, db, csv_row);
    case FORMAT_JSON:
        make_keys(x);
        json_begin(x);
        WFM_TRY(stream_rows(x, db, json_row));
        json_end(x);
        return NULL;
    default:
        make_keys(x);
        wfm_json_init(&x->json, x->rq->out);
        return stream_rows(x, db, ndjson_row);
    }
}

wfm_error_t *api_export(wfm_request_t *rq)
{
    export_t x = {.rq = rq, .format = (int)wfm_args_int(&rq->params, "format")};

    return wfm_db_snapshot(&rq->db, work, &x);
}
