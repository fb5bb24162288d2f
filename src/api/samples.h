/*
 * samples.h - result files in a request's body, and what is inferred of them.
 */
#ifndef WFM_API_SAMPLES_H
#define WFM_API_SAMPLES_H

#include "../ingest/fields.h"
#include "../ingest/rows.h"
#include "api.h"

typedef struct api_samples_t {
    apr_pool_t *pool;
    apr_array_header_t *files;  /**< of the file's own form */
    const char *first;          /**< name of the first one that could be read, or NULL */
    int read;                   /**< how many could be */
    apr_int64_t records;        /**< that these have */
    apr_array_header_t *errors; /**< of const char *: why the others could not */
    wfm_notes_t notes;
    wfm_fields_t fields; /**< what the columns of all are */
} api_samples_t;

/** Read the body's sample_files, and infer what they hold. */
void api_samples_infer(wfm_request_t *rq, api_samples_t *samples);

/** Read them once more and make their rows, each with the name of its file. */
void api_samples_rows(api_samples_t *samples,
                      void (*row)(void *ctx, const char *file, const wfm_row_t *row), void *ctx);

/** What the schema is called: at most 255 characters. */
const char *api_samples_name(const api_samples_t *samples);

/** The schema's fields as they are stored, as JSON. */
const char *api_fields_json(apr_pool_t *p, const wfm_fields_t *fields);

/** The names of those of a class, as a JSON array. */
const char *api_field_list_json(apr_pool_t *p, const wfm_fields_t *fields, wfm_class_e what);

/** What each column was taken for, and why. */
const char *api_fields_explained(apr_pool_t *p, const wfm_fields_t *fields);

#endif
