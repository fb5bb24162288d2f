/*
 * ingest.c - reads a result file whole and in pieces, and looks at what becomes of it.
 */
#include "ingest.h"
#include "core/text.h"
#include "fuzz.h"
#include "ingest/rows.h"
#include <apr_strings.h>

static wfm_error_t *see(void *ctx, const wfm_record_t *record)
{
    must(record->n <= WFM_RECORD_COLUMNS);
    wfm_infer_record(ctx, record);
    return NULL;
}

static void add(apr_array_header_t *out, wfm_json_text_t json)
{
    if (json.text) {
        must(fuzz_is_json(json.text, json.len, 33));
        wfm_text_append(out, apr_pstrmemdup(out->pool, json.text, json.len));
    }
    wfm_text_append(out, "\n");
}

static wfm_error_t *add_row(void *ctx, const wfm_row_t *row)
{
    add(ctx, row->dimensions);
    add(ctx, row->metrics);
    add(ctx, row->raw_data);
    return NULL;
}

static wfm_error_t *read_file(apr_pool_t *p, wfm_format_e format, const char *data, apr_size_t len,
                              unsigned piece, wfm_columns_t *columns, wfm_notes_t *notes,
                              wfm_record_fn record, void *ctx, char *delimiter)
{
    wfm_reader_t *r = wfm_reader_create(p, format, columns, notes, record, ctx);

    for (apr_size_t done = 0; done < len;) {
        apr_size_t n = piece && len - done > piece ? piece : len - done;

        WFM_TRY(wfm_reader_feed(r, fuzz_text(p, data + done, n), n));
        done += n;
        piece = piece ? 1 + (piece * 5 + 3) % 11 : 0;
    }
    WFM_TRY(wfm_reader_end(r));
    *delimiter = wfm_reader_delimiter(r);
    return NULL;
}

static const char *told(apr_pool_t *p, wfm_format_e format, const char *data, apr_size_t len,
                        unsigned piece)
{
    apr_array_header_t *out = wfm_text_new(p);
    wfm_columns_t columns, again;
    wfm_inference_t inference;
    wfm_notes_t notes;
    wfm_error_t *err;
    char delimiter;

    wfm_notes_init(&notes, p);
    wfm_columns_init(&columns, p);
    wfm_columns_init(&again, p);
    wfm_infer_init(&inference, p, &columns);
    err = read_file(p, format, data, len, piece, &columns, &notes, see, &inference, &delimiter);
    if (err) {
        must(err->status == WFM_BAD_REQUEST && fuzz_is_utf8(err->message, strlen(err->message)));
        return apr_pstrcat(p, "error: ", err->message, NULL);
    }
    wfm_infer_decide(&inference, delimiter, &notes);
    must(!read_file(p, format, data, len, piece, &again, &notes, wfm_rows_record,
                    wfm_rows_create(p, &inference, &notes, add_row, out), &delimiter));
    must(notes.texts->nelts <= WFM_NOTES_MAX && notes.n >= notes.texts->nelts);
    for (int i = 0; i < notes.texts->nelts; i++) {
        const char *text = APR_ARRAY_IDX(notes.texts, i, const char *);

        must(fuzz_is_utf8(text, strlen(text)));
        wfm_text_append(out, text);
    }
    return wfm_text_get(out);
}

const char *fuzz_ingest_told(apr_pool_t *p, wfm_format_e format, const char *data, apr_size_t len,
                             unsigned piece)
{
    const char *whole = told(p, format, data, len, 0);

    must(!strcmp(whole, told(p, format, data, len, piece)));
    return whole;
}
