/*
 * result_file.h - a result file that is sent: read as it arrives, decided when it is all there,
 * and made rows.
 */
#ifndef WFM_API_RESULT_FILE_H
#define WFM_API_RESULT_FILE_H

#include "../core/spool.h"
#include "../db/results.h"
#include "../ingest/fields.h"
#include "../ingest/file.h"
#include "api.h"

/** What the sender says of a file. */
typedef struct api_sent_file_t {
    const char *name; /**< source_file */
    wfm_format_e format;
    int is_form; /**< its media type is what curl says of its own accord */
    const wfm_arg_t *dimensions, *metrics; /**< names; may be not given */
    const char *timestamp_column;          /**< NULL: rows have the run's time */
    int strict;                            /**< what would be a warning is an error */
    apr_int64_t most_bytes;                /**< of its rows, as they are stored */
} api_sent_file_t;

/** Such a file. */
typedef struct api_result_file_t {
    apr_pool_t *p;
    const api_sent_file_t *sent;
    wfm_spool_t *body;
    wfm_reader_t *reader;
    wfm_columns_t columns;
    wfm_inference_t inference;
    wfm_notes_t notes;
    char last; /**< its last byte, so far */
    /* once it has been read to its end */
    int timestamp_at;       /**< place of the column of time; -1: none */
    apr_int64_t read_notes; /**< how many notes there are of the reading; and how many texts */
    int read_texts;
    /* once rows have been made */
    wfm_fields_t fields;         /**< what the columns are */
    int is_inferred;             /**< by themselves, since no schema says it */
    const wfm_destination_t *to; /**< that the rows were made for */
    wfm_spool_t *rows;           /**< lines, see wfm_lines_t */
    apr_array_header_t *line;    /**< of char: one that is read back */
    const char *unread;          /**< of the spool, behind that line */
    apr_size_t unread_len;
} api_result_file_t;

/** @return NULL, or an error: there is no memory */
wfm_error_t *api_result_file_open(api_result_file_t *file, apr_pool_t *p,
                                  const api_sent_file_t *sent);

/** Read on: a wfm_piece_fn, whose ctx is the file. @return NULL, or a 400 that says where it is
 * wrong, or a 503: the disk has no room */
wfm_error_t *api_result_file_take(void *file, const char *data, apr_size_t len);

/** That was all of it. @return NULL, or as above; 400, too, where the sender names columns that it
 * has not */
wfm_error_t *api_result_file_end(api_result_file_t *file);

/** The columns that a list of names means: where the whole of it is a column's name, that one. */
apr_array_header_t *api_result_file_named(const api_result_file_t *file, const wfm_arg_t *arg);

/**
 * Make its rows for a destination; may be called again for another one.
 * @param time of rows that have none of their own, in PostgreSQL's form
 * @return NULL; 400: it has no metric to make a schema of, or is not as strict as it shall be; 413:
 *         the rows are too large; 503: the disk has no room
 */
wfm_error_t *api_result_file_rows(api_result_file_t *file, const wfm_destination_t *to,
                                  const char *time);

/** Hand them over. */
wfm_lines_t api_result_file_lines(api_result_file_t *file);

/** The schema that they were made by, where there was none. */
wfm_sent_schema_t api_result_file_schema(const api_result_file_t *file);

/** Write the columns that are neither dimension nor metric, as an array of their names. */
void api_result_file_write_unknown(const api_result_file_t *file, wfm_json_t *j);

#endif
