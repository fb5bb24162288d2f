/*
 * file.h - a result file: which reader it is for.
 */
#ifndef WFM_INGEST_FILE_H
#define WFM_INGEST_FILE_H

#include "columns.h"

typedef enum wfm_format_e {
    WFM_FORMAT_UNKNOWN,
    WFM_FORMAT_CSV, /**< delimiter by its first row */
    WFM_FORMAT_TSV,
    WFM_FORMAT_JSON,   /**< whose file, its first row tells (tools.h) */
    WFM_FORMAT_NDJSON, /**< an object a line */
    /* JSON that is the file of this tool: */
    WFM_FORMAT_PYTEST_BENCHMARK,
    WFM_FORMAT_GOOGLE_BENCHMARK,
    WFM_FORMAT_HYPERFINE,
    WFM_FORMAT_JMH,
    WFM_FORMAT_GITHUB_ACTION_BENCHMARK,
    WFM_FORMAT_BENCHER
} wfm_format_e;

/** The formats' names: what can be read; NULL-terminated. */
extern const char *const wfm_format_names[];

/** The same, for a sentence. */
#define WFM_FORMATS                                                                                \
    "csv, tsv, json, ndjson, pytest-benchmark, google-benchmark, hyperfine, jmh, "                 \
    "github-action-benchmark, bencher"

/**
 * By what the sender calls it: a format's name, the end of a file's ("json", ".jsonl"), or a media
 * type, whose parameters do not count. What says nothing (NULL, "", application/octet-stream,
 * application/x-www-form-urlencoded, text/plain) leaves it to the end of the file's name (of
 * "a.csv.gz" to that before it); a name without an end is CSV's.
 */
wfm_format_e wfm_format_of(const char *type, const char *name);

/** Reads a file by pieces: however it is cut, the records are the same. Its memory, and that of
 * what it gives to the pool, is independent of the number of records. */
typedef struct wfm_reader_t wfm_reader_t;

/**
 * @param format  not WFM_FORMAT_UNKNOWN
 * @param columns receives the file's
 * @param notes   what can be read, but looks wrong
 */
wfm_reader_t *wfm_reader_create(apr_pool_t *p, wfm_format_e format, wfm_columns_t *columns,
                                wfm_notes_t *notes, wfm_record_fn record, void *ctx);

/** Read on. @return NULL, a 400 that says where, or what `record` returned; then there is no more
 * to be read */
wfm_error_t *wfm_reader_feed(wfm_reader_t *r, const char *data, apr_size_t len);

/** That was all. @return as above */
wfm_error_t *wfm_reader_end(wfm_reader_t *r);

/** What stands between the cells, known with the first record: for wfm_infer_decide. 0: it is no
 * CSV */
char wfm_reader_delimiter(const wfm_reader_t *r);

/**
 * Read a whole file, handing over its records.
 * @param delimiter as wfm_reader_delimiter
 */
wfm_error_t *wfm_file_read(apr_pool_t *p, wfm_format_e format, const char *text, apr_size_t len,
                           wfm_columns_t *columns, wfm_notes_t *notes, wfm_record_fn record,
                           void *ctx, char *delimiter);

#endif
