/*
 * file.c - THE list of formats, and which reader is for which.
 */
#include "file.h"
#include "csv_reader.h"
#include "json_reader.h"
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

/* In the order of wfm_format_e. */
const char *const wfm_format_names[] = {"csv",
                                        "tsv",
                                        "json",
                                        "ndjson",
                                        "pytest-benchmark",
                                        "google-benchmark",
                                        "hyperfine",
                                        "jmh",
                                        "github-action-benchmark",
                                        "bencher",
                                        NULL};

/* What they are called else: ends of files' names, media types. */
static const struct {
    const char *word;
    wfm_format_e format;
} words[] = {{"txt", WFM_FORMAT_CSV},
             {"tab", WFM_FORMAT_TSV},
             {"jsonl", WFM_FORMAT_NDJSON},
             {"text/csv", WFM_FORMAT_CSV},
             {"text/tab-separated-values", WFM_FORMAT_TSV},
             {"application/json", WFM_FORMAT_JSON},
             {"text/json", WFM_FORMAT_JSON},
             {"application/x-ndjson", WFM_FORMAT_NDJSON},
             {"application/ndjson", WFM_FORMAT_NDJSON},
             {"application/jsonl", WFM_FORMAT_NDJSON},
             {"application/x-jsonlines", WFM_FORMAT_NDJSON}};

#define WORDS ((int)(sizeof words / sizeof *words))

static int is_word(const char *known, const char *word, size_t len)
{
    return strlen(known) == len && !strncasecmp(word, known, len);
}

static wfm_format_e find(const char *word, size_t len)
{
    for (int i = 0; wfm_format_names[i]; i++)
        if (is_word(wfm_format_names[i], word, len))
            return (wfm_format_e)(WFM_FORMAT_CSV + i);
    for (int i = 0; i < WORDS; i++)
        if (is_word(words[i].word, word, len))
            return words[i].format;
    return WFM_FORMAT_UNKNOWN;
}

/* What a client sends that was not told what it sends. */
static int says_nothing(const char *type, size_t len)
{
    static const char *const silent[] = {"", "application/octet-stream",
                                         "application/x-www-form-urlencoded", "text/plain"};

    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strlen(silent[i]) == len && !strncasecmp(type, silent[i], len))
            return 1;
    return 0;
}

/* What stands behind the last dot of the last name of a path, and of "a.csv.gz" what stands before
 * the last one: in which coding a body came is said elsewhere. */
static wfm_format_e find_by_end(const char *name)
{
    const char *slash = strrchr(name, '/'), *end;
    size_t len = strlen(name = slash ? slash + 1 : name);

    if (len > 3 && !strcasecmp(name + len - 3, ".gz"))
        len -= 3;
    for (end = name + len; end > name && end[-1] != '.'; end--)
        ;
    return end > name ? find(end, (size_t)(name + len - end)) : WFM_FORMAT_CSV;
}

wfm_format_e wfm_format_of(const char *type, const char *name)
{
    size_t len;

    if (!type)
        type = "";
    len = strcspn(type, "; \t");
    if (!says_nothing(type, len))
        return *type == '.' ? find(type + 1, len - 1) : find(type, len);
    return find_by_end(name ? name : "");
}

/* ---- reading ---- */

struct wfm_reader_t {
    apr_pool_t *p;
    char first; /* byte of the file */
    int begun;
    wfm_csv_reader_t *csv; /* or */
    wfm_json_reader_t *json;
};

/* NULL: the file tells. */
static const wfm_tool_t *tool_of(wfm_format_e format)
{
    return wfm_tool_named(wfm_format_names[format - WFM_FORMAT_CSV]);
}

wfm_reader_t *wfm_reader_create(apr_pool_t *p, wfm_format_e format, wfm_columns_t *columns,
                                wfm_notes_t *notes, wfm_record_fn record, void *ctx)
{
    wfm_reader_t *r = apr_pcalloc(p, sizeof *r);

    r->p = p;
    if (format == WFM_FORMAT_CSV || format == WFM_FORMAT_TSV)
        r->csv = wfm_csv_reader_create(p, format == WFM_FORMAT_TSV ? '\t' : 0, columns, notes,
                                       record, ctx);
    else
        r->json = wfm_json_reader_create(p, format == WFM_FORMAT_NDJSON, tool_of(format), columns,
                                         notes, record, ctx);
    return r;
}

/* What cannot be read may be what no text begins so. (The first byte alone tells: however a file is
 * cut, the error is the same.) */
static wfm_error_t *explain(const wfm_reader_t *r, wfm_error_t *err)
{
    const char *looks = "";

    if (err && r->first == '\x1f')
        looks = "; it looks like gzip, of which Content-Encoding: gzip must tell";
    else if (err && (r->first == '\xff' || r->first == '\xfe'))
        looks = "; it looks like UTF-16, and must be UTF-8";
    if (*looks)
        err->message = apr_pstrcat(r->p, err->message, looks, NULL);
    return err;
}

wfm_error_t *wfm_reader_feed(wfm_reader_t *r, const char *data, apr_size_t len)
{
    if (!r->begun && len) {
        r->begun = 1;
        r->first = *data;
    }
    return explain(r, r->csv ? wfm_csv_reader_feed(r->csv, data, len)
                             : wfm_json_reader_feed(r->json, data, len));
}

wfm_error_t *wfm_reader_end(wfm_reader_t *r)
{
    return explain(r, r->csv ? wfm_csv_reader_end(r->csv) : wfm_json_reader_end(r->json));
}

char wfm_reader_delimiter(const wfm_reader_t *r)
{
    return (char)(r->csv ? wfm_csv_reader_delimiter(r->csv) : 0);
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
