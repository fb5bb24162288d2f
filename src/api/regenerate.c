/*
 * regenerate.c - owns the schema that is inferred and stored: of sample files, or of the rows that
 * a config has.
 *
 * Of rows each name is a column, and a row is a record. What stands among dimensions or metrics is
 * that, since the schema is to describe the rows; what only raw_data has is inferred as a file's
 * column is. The schema in force knows of a metric's unit, in which the rows have it, and
 * direction.
 */
#include "../core/json.h"
#include "samples.h"
#include "verdict.h"
#include <apr_strings.h>
#include <string.h>

/* As many bytes of rows are looked at: so the newest ones. */
#define MOST_BYTES (8 * 1024 * 1024)

/* What is to be stored. */
typedef struct inferred_t {
    wfm_fields_t fields;
    const char *name;
    const char *sample; /* which file it is of, or NULL */
} inferred_t;

static int has_fields(const wfm_fields_t *fields)
{
    for (int i = 0; i < fields->list->nelts; i++)
        if (APR_ARRAY_IDX(fields->list, i, wfm_field_t).what != WFM_LEFT_OUT)
            return 1;
    return 0;
}

/* ---- of files ---- */

/* All of them, or nothing is stored: what a file lacks is the sender's to mend. */
static wfm_error_t *of_files(wfm_request_t *rq, inferred_t *inferred)
{
    wfm_error_t *err = NULL;
    api_samples_t samples;

    api_samples_infer(rq, &samples);
    for (int i = 0; i < samples.errors->nelts; i++)
        wfm_error_field(&err, rq->pool, "sample_files", "%s",
                        APR_ARRAY_IDX(samples.errors, i, const char *));
    if (!err && !has_fields(&samples.fields))
        wfm_error_field(&err, rq->pool, "sample_files", "have no column with a value");
    *inferred = (inferred_t){samples.fields, api_samples_name(&samples), samples.first};
    return err;
}

/* ---- of rows ---- */

/* metrics_newest.sql */
enum { COLUMN_ROW, COLUMN_PLACE, COLUMN_NAME, COLUMN_TEXT };

/* The record that is being made of a row's cells. */
typedef struct reading_t {
    wfm_columns_t columns;
    wfm_inference_t inference;
    wfm_record_t record;
    wfm_cell_t *cells;
} reading_t;

static void begin_record(reading_t *reading, const char *row)
{
    reading->record = (wfm_record_t){.line = apr_atoi64(row), .cells = reading->cells};
}

static void add_cell(reading_t *reading, const wfm_result_t *cells, int at)
{
    static const wfm_role_e roles[] = {WFM_ROLE_DIMENSION, WFM_ROLE_METRIC, WFM_ROLE_OPEN};
    const char *name = wfm_result_get(cells, at, COLUMN_NAME);
    apr_size_t len = wfm_result_length(cells, at, COLUMN_NAME);
    int column = wfm_columns_find(&reading->columns, name, len);

    if (column < 0) {
        if (reading->columns.names->nelts == WFM_RECORD_COLUMNS)
            return;
        column = wfm_columns_add(&reading->columns, name, len,
                                 roles[*wfm_result_get(cells, at, COLUMN_PLACE) - '0']);
    }
    reading->cells[reading->record.n++] =
        (wfm_cell_t){column, WFM_CELL_TEXT, wfm_result_get(cells, at, COLUMN_TEXT),
                     wfm_result_length(cells, at, COLUMN_TEXT)};
}

/* What a file says of itself, and what a file's lines are, is nothing that rows have. */
static void explain(reading_t *reading)
{
    apr_array_header_t *list = reading->inference.inferred;

    for (int i = 0; i < list->nelts; i++) {
        wfm_inferred_t *c = &APR_ARRAY_IDX(list, i, wfm_inferred_t);

        if (c->role != WFM_ROLE_OPEN && c->what != WFM_LEFT_OUT)
            c->why = c->what == WFM_DIMENSION ? "rows have it among their dimensions"
                                              : "rows have it among their metrics";
        else if (c->what == WFM_DIMENSION && c->seen.odd[c->reading])
            c->why =
                apr_psprintf(reading->inference.pool, "'%s' is no number", c->seen.odd[c->reading]);
    }
}

static void infer_rows(apr_pool_t *p, const wfm_result_t *cells, wfm_fields_t *fields)
{
    int rows = wfm_result_rows(cells);
    wfm_notes_t notes;
    reading_t reading;

    wfm_notes_init(&notes, p);
    wfm_columns_init(&reading.columns, p);
    wfm_infer_init(&reading.inference, p, &reading.columns);
    reading.cells = apr_palloc(p, WFM_RECORD_COLUMNS * sizeof(wfm_cell_t));
    for (int at = 1; at < rows; at++) {
        const char *row = wfm_result_get(cells, at, COLUMN_ROW);

        if (at == 1 || strcmp(row, wfm_result_get(cells, at - 1, COLUMN_ROW)) != 0)
            begin_record(&reading, row);
        add_cell(&reading, cells, at);
        if (at + 1 == rows || strcmp(row, wfm_result_get(cells, at + 1, COLUMN_ROW)) != 0)
            wfm_infer_record(&reading.inference, &reading.record);
    }
    wfm_infer_decide(&reading.inference, 0, &notes);
    explain(&reading);
    wfm_fields_init(fields, p);
    wfm_fields_add(fields, &reading.inference);
}

/* ---- what the schema in force says ---- */

static void keep_field(void *ctx, json_object *item)
{
    const wfm_fields_t *fields = ctx;
    const char *name, *unit;
    const int *place;
    wfm_field_t *field;

    if (!json_object_is_type(item, json_type_object) ||
        !(name = wfm_json_member_text(item, "name")) ||
        !(place = apr_hash_get(fields->places, name, APR_HASH_KEY_STRING)))
        return;
    field = &APR_ARRAY_IDX(fields->list, *place, wfm_field_t);
    if (field->what != WFM_METRIC)
        return;
    unit = wfm_json_member_text(item, "unit");
    if (unit && wfm_unit_of_cell(unit, strlen(unit), 1))
        field->unit = wfm_unit_of_cell(unit, strlen(unit), 1);
    if (api_direction_of(item))
        field->direction = api_direction_of(item);
}

static wfm_error_t *of_rows(wfm_request_t *rq, inferred_t *inferred)
{
    const char *config[] = {api_bind_int(rq, "id")};
    wfm_stmt_t stmt = *wfm_stmt(WFM_STMT_METRICS_NEWEST);
    wfm_result_t *cells;

    stmt.max_bytes = MOST_BYTES;
    WFM_TRY(wfm_db_query(&rq->db, &stmt, 1, config, &cells));
    if (!wfm_result_rows(cells) || strcmp(wfm_result_get(cells, 0, COLUMN_ROW), "0") != 0)
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    infer_rows(rq->pool, cells, &inferred->fields);
    if (!has_fields(&inferred->fields))
        return wfm_error_make(rq->pool, WFM_CONFLICT,
                              "the config has no metric rows to infer a schema from: send"
                              " sample_files");
    if (wfm_result_get(cells, 0, COLUMN_TEXT))
        wfm_json_each(rq->pool, wfm_result_get(cells, 0, COLUMN_TEXT),
                      wfm_result_length(cells, 0, COLUMN_TEXT), keep_field, &inferred->fields);
    inferred->name = "inferred from the newest rows";
    inferred->sample = NULL;
    return NULL;
}

/* ---- the answer ---- */

static void answer(wfm_request_t *rq, const inferred_t *inferred, const char *fields,
                   const wfm_result_t *stored)
{
    wfm_json_t j;

    api_created(rq, "/schemas", wfm_result_get(stored, 0, 0));
    api_begin(rq, &j);
    api_columns(&j, stored, 0, 0, rq->route->answer->row->columns);
    wfm_json_name(&j, "name");
    wfm_json_string(&j, inferred->name);
    wfm_json_name(&j, "fields");
    wfm_json_raw(&j, fields, strlen(fields));
    wfm_json_name(&j, "explanation");
    wfm_json_string(&j, api_fields_explained(rq->pool, &inferred->fields));
    api_end(&j);
}

wfm_error_t *api_schemas_regenerate(wfm_request_t *rq)
{
    inferred_t inferred;
    const char *fields;
    wfm_result_t *stored;

    WFM_TRY(wfm_args_is_set(&rq->body, "sample_files") ? of_files(rq, &inferred)
                                                       : of_rows(rq, &inferred));
    fields = api_fields_json(rq->pool, &inferred.fields);
    WFM_TRY(api_schema_store(
        rq,
        &(api_new_schema_t){
            .name = inferred.name,
            .fields = fields,
            .dimension_fields = api_field_list_json(rq->pool, &inferred.fields, WFM_DIMENSION),
            .metric_fields = api_field_list_json(rq->pool, &inferred.fields, WFM_METRIC),
            .is_active = "false",
            .generated_by = "system",
            .sample_file = inferred.sample},
        &stored));
    if (!wfm_result_rows(stored))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    answer(rq, &inferred, fields, stored);
    return NULL;
}
