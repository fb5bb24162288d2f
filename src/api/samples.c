/*
 * samples.c - owns how sample files are read and inferred, and how the schema that comes of it is
 * said.
 */
#include "samples.h"
#include "../core/text.h"
#include "../ingest/file.h"
#include "verdict.h"
#include <apr_strings.h>

typedef struct file_t {
    const char *name, *text;
    apr_size_t len;
    wfm_format_e format;
    int failed;
    wfm_columns_t columns;
    wfm_inference_t inference;
} file_t;

static const char *member_text(json_object *file, const char *name)
{
    json_object *member;

    return json_object_object_get_ex(file, name, &member) ? json_object_get_string(member) : NULL;
}

static int is_filled(const char *text)
{
    return text && *text;
}

static file_t open_file(apr_pool_t *p, json_object *json, int number)
{
    const char *path = member_text(json, "path"), *name = member_text(json, "name");
    json_object *content;
    file_t file = {0};

    json_object_object_get_ex(json, "content", &content);
    file.name = is_filled(path)   ? path
                : is_filled(name) ? name
                                  : apr_psprintf(p, "file %d", number);
    file.text = json_object_get_string(content);
    file.len = (apr_size_t)json_object_get_string_len(content);
    file.format = wfm_format_of(member_text(json, "file_type"), is_filled(path) ? path : name);
    return file;
}

static void fail(api_samples_t *samples, file_t *file, const char *message)
{
    file->failed = 1;
    APR_ARRAY_PUSH(samples->errors, const char *) =
        apr_pstrcat(samples->pool, wfm_text_short(samples->pool, file->name), ": ", message, NULL);
}

static void infer(api_samples_t *samples, file_t *file)
{
    apr_pool_t *p = samples->pool;
    wfm_error_t *err;
    char delimiter;

    if (file->format == WFM_FORMAT_UNKNOWN) {
        fail(samples, file, "its format is none of " WFM_FORMATS);
        return;
    }
    samples->notes.file = apr_pstrcat(p, wfm_text_short(p, file->name), ", ", NULL);
    wfm_columns_init(&file->columns, p);
    wfm_infer_init(&file->inference, p, &file->columns);
    err = wfm_file_read(p, file->format, file->text, file->len, &file->columns, &samples->notes,
                        wfm_infer_record, &file->inference, &delimiter);
    if (err) {
        fail(samples, file, err->message);
        return;
    }
    wfm_infer_decide(&file->inference, delimiter, &samples->notes);
    if (!wfm_fields_add(&samples->fields, &file->inference)) {
        fail(samples, file, "with it there are more than 1600 columns");
        return;
    }
    if (!samples->read++)
        samples->first = file->name;
    samples->records += file->inference.records;
}

void api_samples_infer(wfm_request_t *rq, api_samples_t *samples)
{
    json_object *json = wfm_args_get(&rq->body, "sample_files")->json;
    int n = (int)json_object_array_length(json);

    *samples = (api_samples_t){.pool = rq->pool};
    samples->files = apr_array_make(rq->pool, n, sizeof(file_t));
    samples->errors = apr_array_make(rq->pool, 1, sizeof(const char *));
    wfm_notes_init(&samples->notes, rq->pool);
    wfm_fields_init(&samples->fields, rq->pool);
    for (int i = 0; i < n; i++)
        APR_ARRAY_PUSH(samples->files, file_t) =
            open_file(rq->pool, json_object_array_get_idx(json, (size_t)i), i + 1);
    for (int i = 0; i < n; i++)
        infer(samples, &APR_ARRAY_IDX(samples->files, i, file_t));
}

/* ---- rows ---- */

typedef struct to_row_t {
    const char *file;
    void (*row)(void *ctx, const char *file, const wfm_row_t *row);
    void *ctx;
} to_row_t;

static wfm_error_t *hand_over(void *ctx, const wfm_row_t *row)
{
    const to_row_t *to = ctx;

    to->row(to->ctx, to->file, row);
    return NULL;
}

void api_samples_rows(api_samples_t *samples,
                      void (*row)(void *ctx, const char *file, const wfm_row_t *row), void *ctx)
{
    wfm_notes_t said; /* what the reader has to say of the file has been said */
    char delimiter;

    wfm_notes_init(&said, samples->pool);
    for (int i = 0; i < samples->files->nelts; i++) {
        file_t *file = &APR_ARRAY_IDX(samples->files, i, file_t);
        to_row_t to = {file->name, row, ctx};
        wfm_columns_t columns;

        if (file->failed)
            continue;
        samples->notes.file =
            apr_pstrcat(samples->pool, wfm_text_short(samples->pool, file->name), ", ", NULL);
        wfm_fields_apply(&samples->fields, &file->inference);
        wfm_columns_init(&columns, samples->pool);
        wfm_file_read(
            samples->pool, file->format, file->text, file->len, &columns, &said, wfm_rows_record,
            wfm_rows_create(samples->pool, &file->inference, &samples->notes, hand_over, &to),
            &delimiter);
    }
}

/* ---- the schema ---- */

static apr_status_t append(void *ctx, const char *data, apr_size_t len, int push)
{
    apr_array_header_t *text = ctx;

    (void)push;
    for (apr_size_t i = 0; i < len; i++)
        APR_ARRAY_PUSH(text, char) = data[i];
    return APR_SUCCESS;
}

/* A text that is written with the JSON writer. */
typedef struct json_text_t {
    apr_array_header_t *text;
    char buf[512];
    wfm_out_t out;
    wfm_json_t json;
} json_text_t;

static wfm_json_t *begin_text(apr_pool_t *p, json_text_t *t)
{
    t->text = apr_array_make(p, 256, sizeof(char));
    wfm_out_init(&t->out, t->buf, sizeof t->buf, append, t->text);
    wfm_json_init(&t->json, &t->out);
    wfm_json_array(&t->json);
    return &t->json;
}

static const char *end_text(json_text_t *t)
{
    wfm_json_array_end(&t->json);
    wfm_out_char(&t->out, '\0');
    wfm_out_flush(&t->out);
    return t->text->elts;
}

const char *api_samples_name(const api_samples_t *samples)
{
    return samples->first ? apr_pstrcat(samples->pool, "inferred from ",
                                        wfm_text_short(samples->pool, samples->first), NULL)
                          : "inferred";
}

static void write_field(wfm_json_t *j, const wfm_field_t *field)
{
    wfm_json_object(j);
    wfm_json_name(j, "name");
    wfm_json_string(j, field->name);
    wfm_json_name(j, "type");
    wfm_json_string(j, field->what == WFM_METRIC ? "float" : field->whole ? "int" : "string");
    if (field->unit) {
        wfm_json_name(j, "unit");
        wfm_json_string(j, field->unit->name);
    }
    if (field->direction) {
        wfm_json_name(j, "direction");
        wfm_json_string(j, api_direction_word(field->direction));
    }
    wfm_json_object_end(j);
}

const char *api_fields_json(apr_pool_t *p, const wfm_fields_t *fields)
{
    json_text_t t;
    wfm_json_t *j = begin_text(p, &t);

    for (int i = 0; i < fields->list->nelts; i++) {
        const wfm_field_t *field = &APR_ARRAY_IDX(fields->list, i, wfm_field_t);

        if (field->what != WFM_LEFT_OUT)
            write_field(j, field);
    }
    return end_text(&t);
}

const char *api_field_list_json(apr_pool_t *p, const wfm_fields_t *fields, wfm_class_e what)
{
    json_text_t t;
    wfm_json_t *j = begin_text(p, &t);

    for (int i = 0; i < fields->list->nelts; i++) {
        const wfm_field_t *field = &APR_ARRAY_IDX(fields->list, i, wfm_field_t);

        if (field->what == what)
            wfm_json_string(j, field->name);
    }
    return end_text(&t);
}

const char *api_fields_explained(apr_pool_t *p, const wfm_fields_t *fields)
{
    static const char *const words[] = {
        [WFM_LEFT_OUT] = "left out", [WFM_DIMENSION] = "dimension", [WFM_METRIC] = "metric"};
    apr_array_header_t *text = wfm_text_new(p);

    for (int i = 0; i < fields->list->nelts; i++) {
        const wfm_field_t *f = &APR_ARRAY_IDX(fields->list, i, wfm_field_t);

        wfm_text_append(
            text, apr_pstrcat(p, i ? "\n" : "", f->name, ": ", words[f->what], ", since ", f->why,
                              f->unit ? "; in " : "", f->unit ? f->unit->name : "",
                              f->direction ? "; better is " : "",
                              f->direction ? api_direction_word(f->direction) : "", ".", NULL));
    }
    return wfm_text_get(text);
}
