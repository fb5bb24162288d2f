/*
 * file.c - owns how a format is told, and that a file of it is read.
 */
#include "file.h"
#include "csv_reader.h"
#include <string.h>
#include <strings.h>

static wfm_format_e find(const char *word)
{
    static const struct {
        const char *word;
        wfm_format_e format;
    } words[] = {{"csv", WFM_FORMAT_CSV}, {"text/csv", WFM_FORMAT_CSV},
                 {"txt", WFM_FORMAT_CSV}, {"tsv", WFM_FORMAT_TSV},
                 {"tab", WFM_FORMAT_TSV}, {"text/tab-separated-values", WFM_FORMAT_TSV}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(word, words[i].word))
            return words[i].format;
    return WFM_FORMAT_UNKNOWN;
}

wfm_format_e wfm_format_of(const char *type, const char *name)
{
    const char *end;

    if (type && *type)
        return find(type + (*type == '.'));
    end = name ? strrchr(name, '.') : NULL;
    return end && !strchr(end, '/') ? find(end + 1) : WFM_FORMAT_CSV;
}

/* ---- reading ---- */

struct wfm_reader_t {
    wfm_csv_reader_t *csv;
};

wfm_reader_t *wfm_reader_create(apr_pool_t *p, wfm_format_e format, wfm_columns_t *columns,
                                wfm_notes_t *notes, wfm_record_fn record, void *ctx)
{
    wfm_reader_t *r = apr_palloc(p, sizeof *r);

    r->csv =
        wfm_csv_reader_create(p, format == WFM_FORMAT_TSV ? '\t' : 0, columns, notes, record, ctx);
    return r;
}

wfm_error_t *wfm_reader_feed(wfm_reader_t *r, const char *data, apr_size_t len)
{
    return wfm_csv_reader_feed(r->csv, data, len);
}

wfm_error_t *wfm_reader_end(wfm_reader_t *r)
{
    return wfm_csv_reader_end(r->csv);
}

char wfm_reader_delimiter(const wfm_reader_t *r)
{
    return wfm_csv_reader_delimiter(r->csv);
}

wfm_error_t *wfm_file_read(apr_pool_t *p, wfm_format_e format, const char *text, apr_size_t len,
                           wfm_columns_t *columns, wfm_notes_t *notes, wfm_record_fn record,
                           void *ctx, char *delimiter)
{
    wfm_reader_t *r = wfm_reader_create(p, format, columns, notes, record, ctx);

    WFM_TRY(wfm_reader_feed(r, text, len));
    WFM_TRY(wfm_reader_end(r));
    *delimiter = wfm_reader_delimiter(r);
    return NULL;
}
