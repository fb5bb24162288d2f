/*
 * result_rows.c - owns how a file that is there becomes rows: what its columns are, by the config's
 * schema or by themselves, and the lines that are stored.
 */
#include "../core/json.h"
#include "../core/text.h"
#include "../ingest/instant.h"
#include "../ingest/rows.h"
#include "../ingest/schema.h"
#include "result_file.h"
#include "samples.h"
#include <apr_strings.h>

/* ---- what the columns are ---- */

static void add_names(apr_pool_t *p, wfm_schema_t *schema, const char *json, wfm_class_e what)
{
    const apr_array_header_t *names = api_field_names(p, json, json ? strlen(json) : 0);

    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        wfm_schema_field(schema, name, strlen(name))->what = what;
    }
}

/* What else a schema says of a field: its type and unit. */
static void add_field(void *ctx, json_object *item)
{
    wfm_schema_t *schema = ctx;
    const char *name, *type, *unit;
    wfm_schema_field_t *field;

    if (!json_object_is_type(item, json_type_object) ||
        !(name = wfm_json_member_text(item, "name")))
        return;
    field = wfm_schema_field(schema, name, strlen(name));
    type = wfm_json_member_text(item, "type");
    unit = wfm_json_member_text(item, "unit");
    if (type && (!strcmp(type, "int") || !strcmp(type, "string")))
        field->whole = !strcmp(type, "int");
    if (unit)
        field->unit = wfm_unit_of_cell(unit, strlen(unit), 1);
}

/* @return 0: there is none, or one without fields, which says nothing */
static int read_schema(apr_pool_t *p, const wfm_destination_t *to, wfm_schema_t *schema)
{
    int n;

    wfm_schema_init(schema, p);
    if (!to->schema_id)
        return 0;
    add_names(p, schema, to->metric_fields, WFM_METRIC);
    add_names(p, schema, to->dimension_fields, WFM_DIMENSION);
    n = (int)apr_hash_count(schema->fields);
    if (to->fields)
        wfm_json_each(p, to->fields, strlen(to->fields), add_field, schema);
    return n > 0;
}

/* Whether it is one of these, too, who knows better may say. */
static void leave_out_time(const api_result_file_t *file)
{
    if (file->timestamp_at >= 0)
        wfm_infer_say(&APR_ARRAY_IDX(file->inference.inferred, file->timestamp_at, wfm_inferred_t),
                      WFM_LEFT_OUT, "it has the rows' time");
}

static wfm_error_t *classify(api_result_file_t *file, apr_pool_t *p)
{
    const api_sent_file_t *sent = file->sent;
    char delimiter = wfm_reader_delimiter(file->reader);
    wfm_schema_t schema;

    wfm_infer_decide(&file->inference, delimiter, NULL);
    leave_out_time(file);
    file->is_inferred = !read_schema(p, file->to, &schema);
    if (!file->is_inferred)
        wfm_schema_apply(&schema, &file->inference);
    if (sent->dimensions->set)
        wfm_schema_overrule(&file->inference, WFM_DIMENSION,
                            api_result_file_named(file, sent->dimensions));
    if (sent->metrics->set)
        wfm_schema_overrule(&file->inference, WFM_METRIC,
                            api_result_file_named(file, sent->metrics));
    if (file->to->schema_id)
        wfm_schema_units(&schema, &file->inference);
    wfm_infer_note(&file->inference, delimiter, &file->notes);
    wfm_fields_init(&file->fields, file->p);
    return wfm_fields_add(&file->fields, &file->inference)
               ? NULL
               : wfm_error_make(file->p, WFM_BAD_REQUEST, "the file has more than 1600 columns");
}

static int has_metric(const api_result_file_t *file)
{
    for (int i = 0; i < file->fields.list->nelts; i++)
        if (APR_ARRAY_IDX(file->fields.list, i, wfm_field_t).what == WFM_METRIC)
            return 1;
    return 0;
}

/* About the columns: what the reader said of cells before is no reason, unless the first line is
 * none with names, but a title. */
static const char *first_remark(const api_result_file_t *file)
{
    const apr_array_header_t *texts = file->notes.texts;
    int at = file->columns.names->nelts == 1 ? 0 : file->read_texts;

    return texts->nelts > at ? APR_ARRAY_IDX(texts, at, const char *) : "";
}

/* A schema without a metric would leave out whatever is sent after this file. */
static wfm_error_t *check_metrics(api_result_file_t *file)
{
    const char *remark;

    if (!file->inference.records)
        wfm_note(&file->notes, "the file has no rows");
    if (has_metric(file))
        return NULL;
    remark = first_remark(file);
    if (!file->to->schema_id)
        return wfm_error_make(file->p, WFM_BAD_REQUEST,
                              "no column of the file is a metric, so no schema can be made of it; "
                              "metrics= may name those that are%s%s",
                              *remark ? ": " : "", remark);
    if (file->inference.records)
        wfm_note(&file->notes, "no column of the file is a metric");
    return NULL;
}

/* ---- lines ---- */

typedef struct making_t {
    api_result_file_t *file;
    wfm_rows_t *rows;
    const char *run_time, *time; /* of the run, of the row */
    char own_time[WFM_TIME_TEXT];
    char buf[16384];
    wfm_out_t out;    /* to the spool */
    wfm_error_t *err; /* of the spool */
} making_t;

static apr_status_t to_spool(void *ctx, const char *data, apr_size_t len, int push)
{
    making_t *making = ctx;
    api_result_file_t *file = making->file;

    (void)push;
    if (wfm_spool_size(file->rows) + (apr_int64_t)len > file->sent->most_bytes)
        making->err = wfm_error_make(
            file->p, WFM_PAYLOAD_TOO_LARGE,
            "the file's rows, each with its columns' names, are larger than %" APR_INT64_T_FMT
            " bytes",
            file->sent->most_bytes);
    else
        making->err = wfm_spool_write(file->rows, data, len);
    return making->err ? APR_EGENERAL : APR_SUCCESS;
}

/* JSON has no other character that COPY takes for something else. */
static void write_json(wfm_out_t *out, const wfm_json_text_t *json)
{
    const char *s = json->text, *end;

    wfm_out_char(out, '\t');
    if (!s) {
        wfm_out_str(out, "\\N");
        return;
    }
    end = s + json->len;
    while (s < end) {
        const char *backslash = memchr(s, '\\', (apr_size_t)(end - s));
        apr_size_t n = (apr_size_t)((backslash ? backslash : end) - s);

        wfm_out_mem(out, s, n);
        s += n;
        if (backslash) {
            wfm_out_str(out, "\\\\");
            s++;
        }
    }
}

static wfm_error_t *write_line(void *ctx, const wfm_row_t *row)
{
    making_t *making = ctx;
    wfm_out_t *out = &making->out;

    wfm_out_str(out, making->time);
    write_json(out, &row->dimensions);
    write_json(out, &row->metrics);
    write_json(out, &row->raw_data);
    wfm_out_char(out, '\n');
    return making->err;
}

/* The row's own time, if it has one. */
static void find_time(making_t *making, const wfm_record_t *record)
{
    api_result_file_t *file = making->file;
    const wfm_cell_t *cell = NULL;
    wfm_time_t t;

    making->time = making->run_time;
    if (file->timestamp_at < 0)
        return;
    for (int i = 0; i < record->n && !cell; i++)
        if (record->cells[i].column == file->timestamp_at)
            cell = &record->cells[i];
    if (cell && cell->kind != WFM_CELL_ABSENT && wfm_instant_read(cell->text, cell->len, &t)) {
        wfm_time_format(t, making->own_time);
        making->time = making->own_time;
    } else if (wfm_note_wanted(&file->notes)) {
        wfm_note(&file->notes,
                 "line %" APR_INT64_T_FMT ", column '%s': '%s' is no time; the row has the run's",
                 record->line, wfm_text_short(file->p, file->sent->timestamp_column),
                 cell && cell->kind != WFM_CELL_ABSENT ? wfm_text_short(file->p, cell->text) : "");
    }
}

static wfm_error_t *make_row(void *ctx, const wfm_record_t *record)
{
    making_t *making = ctx;

    find_time(making, record);
    return wfm_rows_record(making->rows, record);
}

/* Read the file once more. What the reader has to say of it has been said. */
static wfm_error_t *make_lines(api_result_file_t *file, apr_pool_t *p, const char *time)
{
    making_t *making = apr_pcalloc(p, sizeof *making);
    wfm_columns_t columns;
    wfm_reader_t *reader;
    wfm_notes_t said;
    const char *data;
    apr_size_t len;

    making->file = file;
    making->run_time = time;
    wfm_out_init(&making->out, making->buf, sizeof making->buf, to_spool, making);
    making->rows = wfm_rows_create(p, &file->inference, &file->notes, write_line, making);
    wfm_notes_init(&said, p);
    wfm_columns_init(&columns, p);
    reader = wfm_reader_create(p, file->sent->format, &columns, &said, make_row, making);
    WFM_TRY(wfm_spool_rewind(file->body));
    for (;;) {
        WFM_TRY(wfm_spool_read(file->body, &data, &len));
        if (!len)
            break;
        WFM_TRY(wfm_reader_feed(reader, data, len));
    }
    WFM_TRY(wfm_reader_end(reader));
    wfm_out_flush(&making->out);
    return making->err;
}

/* @return a 400 that names what would have been warnings */
static wfm_error_t *be_strict(const api_result_file_t *file)
{
    const wfm_notes_t *notes = &file->notes;
    wfm_error_t *err = NULL;

    for (int i = 0; file->sent->strict && i < notes->texts->nelts; i++)
        wfm_error_field(&err, file->p, "body", "%s", APR_ARRAY_IDX(notes->texts, i, const char *));
    if (err && notes->n > notes->texts->nelts)
        wfm_error_field(&err, file->p, "body", "and so on: %" APR_INT64_T_FMT " in all", notes->n);
    return err;
}

wfm_error_t *api_result_file_rows(api_result_file_t *file, const wfm_destination_t *to,
                                  const char *time)
{
    apr_pool_t *p;
    wfm_error_t *err;

    /* what was noted by another schema is not true of this one */
    file->notes.n = file->read_notes;
    file->notes.texts->nelts = file->read_texts;
    file->to = to;
    apr_pool_create(&p, file->p);
    err = classify(file, p);
    if (!err)
        err = check_metrics(file);
    if (!err)
        err = wfm_spool_empty(file->rows);
    if (!err)
        err = make_lines(file, p, time);
    if (!err)
        err = be_strict(file);
    if (!err) /* an error's texts may lie in it */
        apr_pool_destroy(p);
    return err;
}

/* ---- handing over ---- */

static wfm_error_t *rewind_lines(void *ctx)
{
    api_result_file_t *file = ctx;

    file->unread_len = 0;
    return wfm_spool_rewind(file->rows);
}

/* A line that lies across two pieces of the spool is put together. */
static wfm_error_t *next_line(void *ctx, const char **line, apr_size_t *len)
{
    api_result_file_t *file = ctx;
    const char *end = NULL;

    apr_array_clear(file->line);
    while (!end) {
        if (!file->unread_len)
            WFM_TRY(wfm_spool_read(file->rows, &file->unread, &file->unread_len));
        *line = file->unread;
        *len = file->unread_len;
        if (!*len)
            return NULL;
        end = memchr(file->unread, '\n', file->unread_len);
        if (end)
            *len = (apr_size_t)(end + 1 - file->unread);
        file->unread += *len;
        file->unread_len -= *len;
        if (!end || file->line->nelts)
            for (apr_size_t i = 0; i < *len; i++)
                APR_ARRAY_PUSH(file->line, char) = (*line)[i];
    }
    if (file->line->nelts) {
        *line = file->line->elts;
        *len = (apr_size_t)file->line->nelts;
    }
    return NULL;
}

wfm_lines_t api_result_file_lines(api_result_file_t *file)
{
    return (wfm_lines_t){next_line, rewind_lines, file};
}

wfm_sent_schema_t api_result_file_schema(const api_result_file_t *file)
{
    return (wfm_sent_schema_t){
        apr_pstrcat(file->p, "inferred from ", wfm_text_short(file->p, file->sent->name), NULL),
        api_fields_json(file->p, &file->fields),
        api_field_list_json(file->p, &file->fields, WFM_DIMENSION),
        api_field_list_json(file->p, &file->fields, WFM_METRIC),
    };
}

/* What the file's format has beside is not unknown, though it be left out. (The file is one, so its
 * fields stand in the order of its columns.) */
static int is_unknown(const api_result_file_t *file, int at)
{
    return APR_ARRAY_IDX(file->fields.list, at, wfm_field_t).what == WFM_LEFT_OUT &&
           at != file->timestamp_at && wfm_columns_role(&file->columns, at) != WFM_ROLE_BESIDE;
}

void api_result_file_write_unknown(const api_result_file_t *file, wfm_json_t *j)
{
    wfm_json_array(j);
    for (int i = 0; i < file->fields.list->nelts; i++)
        if (is_unknown(file, i))
            wfm_json_string(j, APR_ARRAY_IDX(file->fields.list, i, wfm_field_t).name);
    wfm_json_array_end(j);
}
