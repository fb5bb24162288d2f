/*
 * result_file.c - owns how a file that is sent is read: once as it arrives, for what its columns
 * are, and into a spool. Rows are result_rows.c's.
 */
#include "result_file.h"
#include "../core/text.h"
#include <apr_strings.h>

wfm_error_t *api_result_file_open(api_result_file_t *file, apr_pool_t *p,
                                  const api_sent_file_t *sent)
{
    *file = (api_result_file_t){.p = p, .sent = sent, .timestamp_at = -1};
    file->body = wfm_spool_create(p, NULL);
    file->rows = wfm_spool_create(p, NULL);
    if (!file->body || !file->rows)
        return wfm_error_internal(p, "no memory for a file");
    file->line = apr_array_make(p, 1024, sizeof(char));
    wfm_notes_init(&file->notes, p);
    wfm_columns_init(&file->columns, p);
    wfm_infer_init(&file->inference, p, &file->columns);
    file->reader = wfm_reader_create(p, sent->format, &file->columns, &file->notes,
                                     wfm_infer_record, &file->inference);
    return NULL;
}

wfm_error_t *api_result_file_take(void *ctx, const char *data, apr_size_t len)
{
    api_result_file_t *file = ctx;

    WFM_TRY(wfm_reader_feed(file->reader, data, len));
    if (len)
        file->last = data[len - 1];
    return wfm_spool_write(file->body, data, len);
}

/* ---- columns that the sender names ---- */

#define SHOWN_COLUMNS 50

static const char *list_columns(const api_result_file_t *file)
{
    apr_array_header_t *text = wfm_text_new(file->p);
    int n = file->columns.names->nelts;

    for (int i = 0; i < n && i < SHOWN_COLUMNS; i++) {
        wfm_text_append(text, i ? ", " : "");
        wfm_text_append(text, wfm_text_short(file->p, wfm_columns_name(&file->columns, i)));
    }
    if (n > SHOWN_COLUMNS)
        wfm_text_append(text, apr_psprintf(file->p, " and %d more", n - SHOWN_COLUMNS));
    return wfm_text_get(text);
}

static void check_column(const api_result_file_t *file, const char *input, const char *name,
                         wfm_error_t **err)
{
    if (wfm_columns_find(&file->columns, name, strlen(name)) < 0)
        wfm_error_field(err, file->p, input, "names no column of the file: '%s'; it has %s",
                        wfm_text_short(file->p, name), list_columns(file));
}

apr_array_header_t *api_result_file_named(const api_result_file_t *file, const wfm_arg_t *arg)
{
    apr_array_header_t *whole;

    if (!arg->whole || wfm_columns_find(&file->columns, arg->whole, strlen(arg->whole)) < 0)
        return arg->names;
    whole = apr_array_make(file->p, 1, sizeof(const char *));
    APR_ARRAY_PUSH(whole, const char *) = arg->whole;
    return whole;
}

static void check_names(const api_result_file_t *file, const wfm_arg_t *arg, wfm_error_t **err)
{
    const apr_array_header_t *names = arg->set ? api_result_file_named(file, arg) : NULL;

    for (int i = 0; names && i < names->nelts; i++)
        check_column(file, arg->name, APR_ARRAY_IDX(names, i, const char *), err);
}

static void check_apart(const api_result_file_t *file, wfm_error_t **err)
{
    const api_sent_file_t *sent = file->sent;
    const apr_array_header_t *metrics, *dimensions;

    if (!sent->metrics->set || !sent->dimensions->set)
        return;
    dimensions = api_result_file_named(file, sent->dimensions);
    metrics = api_result_file_named(file, sent->metrics);
    for (int i = 0; i < metrics->nelts; i++)
        if (wfm_names_hold(dimensions, APR_ARRAY_IDX(metrics, i, const char *)))
            wfm_error_field(err, file->p, sent->metrics->name,
                            "must not name what dimensions names: '%s'",
                            wfm_text_short(file->p, APR_ARRAY_IDX(metrics, i, const char *)));
}

/* What curl's -d makes of a table is its header with all else behind it: no rows. */
static wfm_error_t *check_line_ends(const api_result_file_t *file)
{
    const api_sent_file_t *sent = file->sent;

    if (!sent->is_form || (sent->format != WFM_FORMAT_CSV && sent->format != WFM_FORMAT_TSV) ||
        file->inference.records || file->last == '\n' || file->last == '\r')
        return NULL;
    return wfm_error_make(file->p, WFM_BAD_REQUEST,
                          "the file is one line: curl's -d takes line ends away, --data-binary"
                          " does not");
}

wfm_error_t *api_result_file_end(api_result_file_t *file)
{
    const api_sent_file_t *sent = file->sent;
    wfm_error_t *err = NULL;

    WFM_TRY(wfm_reader_end(file->reader));
    WFM_TRY(check_line_ends(file));
    check_names(file, sent->dimensions, &err);
    check_names(file, sent->metrics, &err);
    check_apart(file, &err);
    if (sent->timestamp_column) {
        const char *name = sent->timestamp_column;

        check_column(file, "timestamp_column", name, &err);
        file->timestamp_at = wfm_columns_find(&file->columns, name, strlen(name));
    }
    file->read_notes = file->notes.n;
    file->read_texts = file->notes.texts->nelts;
    return err;
}
