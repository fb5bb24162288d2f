/*
 * preview.c - owns what a schema of sample files would be: nothing is stored.
 */
#include "samples.h"
#include <apr_strings.h>

/* What a preview shows of the rows. A row may be many times as large as its line: each cell comes
 * with its column's name. */
#define MOST_ROWS  100
#define MOST_BYTES (8 * 1024 * 1024)

typedef struct kept_t {
    const char *file;
    wfm_json_text_t dimensions, metrics, raw_data;
} kept_t;

typedef struct shown_t {
    apr_array_header_t *rows; /* of kept_t */
    apr_size_t bytes;
} shown_t;

static wfm_json_text_t copy(apr_pool_t *p, wfm_json_text_t json)
{
    return (wfm_json_text_t){json.text ? apr_pstrmemdup(p, json.text, json.len) : NULL, json.len};
}

static void keep_row(void *ctx, const char *file, const wfm_row_t *row)
{
    shown_t *shown = ctx;
    apr_pool_t *p = shown->rows->pool;

    /* once too large, none of the others either: those shown are the first ones */
    if (shown->bytes <= MOST_BYTES)
        shown->bytes += row->dimensions.len + row->metrics.len + row->raw_data.len;
    if (shown->rows->nelts < MOST_ROWS && (shown->bytes <= MOST_BYTES || !shown->rows->nelts))
        APR_ARRAY_PUSH(shown->rows, kept_t) =
            (kept_t){file, copy(p, row->dimensions), copy(p, row->metrics), copy(p, row->raw_data)};
}

static void write_json(wfm_json_t *j, const char *key, const char *text, apr_size_t len)
{
    wfm_json_key(j, key);
    wfm_json_raw(j, text, len);
}

static void write_schema(wfm_json_t *j, const api_samples_t *samples)
{
    apr_pool_t *p = samples->pool;
    const char *fields = api_fields_json(p, &samples->fields),
               *dimensions = api_field_list_json(p, &samples->fields, WFM_DIMENSION),
               *metrics = api_field_list_json(p, &samples->fields, WFM_METRIC);

    wfm_json_name(j, "schema");
    wfm_json_object(j);
    wfm_json_name(j, "name");
    wfm_json_string(j, api_samples_name(samples));
    write_json(j, "fields", fields, strlen(fields));
    write_json(j, "dimension_fields", dimensions, strlen(dimensions));
    write_json(j, "metric_fields", metrics, strlen(metrics));
    wfm_json_object_end(j);
}

static void write_rows(wfm_json_t *j, const apr_array_header_t *rows)
{
    wfm_json_name(j, "metrics");
    wfm_json_array(j);
    for (int i = 0; i < rows->nelts; i++) {
        const kept_t *row = &APR_ARRAY_IDX(rows, i, kept_t);

        wfm_json_object(j);
        wfm_json_name(j, "source_file");
        wfm_json_string(j, row->file);
        write_json(j, "dimensions", row->dimensions.text, row->dimensions.len);
        write_json(j, "metrics", row->metrics.text, row->metrics.len);
        write_json(j, "raw_data", row->raw_data.text, row->raw_data.len);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
}

static void write_number(wfm_json_t *j, const char *key, apr_int64_t n)
{
    wfm_json_key(j, key);
    wfm_json_int64(j, n);
}

wfm_error_t *api_schemas_preview(wfm_request_t *rq)
{
    shown_t shown = {apr_array_make(rq->pool, MOST_ROWS, sizeof(kept_t)), 0};
    api_samples_t samples;
    wfm_json_t j;

    WFM_TRY(api_require_config(rq));
    api_samples_infer(rq, &samples);
    api_samples_rows(&samples, keep_row, &shown);
    api_begin(rq, &j);
    write_schema(&j, &samples);
    write_rows(&j, shown.rows);
    write_number(&j, "files_processed", samples.read);
    write_number(&j, "total_records", samples.records);
    api_texts(&j, "errors", samples.errors);
    api_texts(&j, "warnings", samples.notes.texts);
    write_number(&j, "warning_count", samples.notes.n);
    wfm_json_name(&j, "explanation");
    wfm_json_string(&j, api_fields_explained(rq->pool, &samples.fields));
    api_end(&j);
    return NULL;
}
