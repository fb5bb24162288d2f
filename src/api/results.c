/*
 * results.c - owns the endpoint by which results come in: which run, in which order things are
 * done, and the answer. What becomes of the file is result_file.c's and result_rows.c's.
 *
 * All that can be refused is refused before a connection is taken.
 */
#include "results.h"
#include "../core/media.h"
#include "../core/text.h"
#include "result_file.h"
#include "samples.h"
#include <apr_strings.h>

/* The rows of a file, in which every cell comes with its column's name, may be so many times as
 * large as files may be. */
#define ROWS_TIMES 8

/* How often rows are made anew because another schema has come into force meanwhile, or it
 * says something else. */
#define MOST_TRIES 5

enum { SENT_COMPLETED, SENT_FAILED };
const char *const api_sent_statuses[] = {"completed", "failed", NULL};

static int is_given(const wfm_request_t *rq, const char *name)
{
    return api_find(rq, name)->set;
}

/* ---- the run ---- */

static const char *uid_of(wfm_request_t *rq)
{
    const char *attempt = api_bind_given_int(rq, "run_attempt"), *job = api_find(rq, "job")->s;

    if (is_given(rq, "workload_uid"))
        return api_find(rq, "workload_uid")->s;
    return apr_pstrcat(rq->pool, "github-", api_bind_given_int(rq, "github_run_id"), "-",
                       attempt ? attempt : "1", "-", job ? job : "", NULL);
}

static wfm_error_t *check_run(wfm_request_t *rq)
{
    const wfm_arg_t *from = api_find(rq, "started_at"), *to = api_find(rq, "completed_at");
    int failed = api_find(rq, "status")->i == SENT_FAILED;
    wfm_error_t *err = NULL;

    if (!is_given(rq, "workload_uid") && !is_given(rq, "github_run_id"))
        wfm_error_field(&err, rq->pool, "github_run_id", "is required where workload_uid is not");
    if (from->set && to->set && from->t > to->t)
        wfm_error_field(&err, rq->pool, "started_at", "must not be after completed_at");
    if (is_given(rq, "error_message") && !failed)
        wfm_error_field(&err, rq->pool, "error_message", "is for status=failed only");
    if (!is_given(rq, "source_file") && (rq->has_body || !failed))
        wfm_error_field(&err, rq->pool, "source_file", "is required");
    return err;
}

static const char *text_of(const wfm_request_t *rq, const char *name)
{
    return is_given(rq, name) ? api_find(rq, name)->s : NULL;
}

static wfm_sent_run_t run_of(wfm_request_t *rq)
{
    return (wfm_sent_run_t){
        .workload_uid = uid_of(rq),
        .workload_name = text_of(rq, "workload_name"),
        .workflow_name = text_of(rq, "workflow_name"),
        .head_branch = text_of(rq, "head_branch"),
        .head_sha = text_of(rq, "head_sha"),
        .github_run_id = api_bind_given_int(rq, "github_run_id"),
        .github_run_number = api_bind_given_int(rq, "github_run_number"),
        .github_job_id = api_bind_given_int(rq, "github_job_id"),
        .status = text_of(rq, "status"),
        .error_message = text_of(rq, "error_message"),
        .started_at = api_bind_time(rq, "started_at"),
        .completed_at = api_bind_time(rq, "completed_at"),
    };
}

/* ---- the file ---- */

static wfm_error_t *choose_format(wfm_request_t *rq, wfm_format_e *format)
{
    const char *said = text_of(rq, "format"), *name = text_of(rq, "source_file");

    if (rq->body_type && !strncasecmp(rq->body_type, "multipart/", strlen("multipart/")))
        return wfm_error_make(rq->pool, WFM_UNSUPPORTED_MEDIA_TYPE,
                              "the body must be the file alone, not a form with it: curl"
                              " --data-binary @FILE");
    if (rq->body_type && !wfm_media_is_utf8(rq->body_type))
        return wfm_error_make(rq->pool, WFM_UNSUPPORTED_MEDIA_TYPE, "the body must be in UTF-8");
    *format = wfm_format_of(said ? said : rq->body_type, name);
    if (*format != WFM_FORMAT_UNKNOWN)
        return NULL;
    return wfm_error_make(rq->pool, WFM_UNSUPPORTED_MEDIA_TYPE,
                          "Content-Type, or format=, must say which of " WFM_FORMATS
                          " the file is");
}

static wfm_error_t *choose_file(wfm_request_t *rq, api_sent_file_t *sent)
{
    *sent = (api_sent_file_t){
        .name = text_of(rq, "source_file"),
        .is_form =
            rq->body_type && wfm_media_is(rq->body_type, "application/x-www-form-urlencoded"),
        .dimensions = api_find(rq, "dimensions"),
        .metrics = api_find(rq, "metrics"),
        .timestamp_column = text_of(rq, "timestamp_column"),
        .strict = api_find(rq, "strict")->i == 1,
        .most_bytes = ROWS_TIMES * rq->limits->max_upload,
    };
    return choose_format(rq, &sent->format);
}

/* ---- storing ---- */

/* Rows without a time of their own have the run's: what was said, else what it has, else now. */
static const char *time_of(wfm_request_t *rq, const wfm_sent_run_t *run,
                           const wfm_destination_t *to)
{
    return run->completed_at  ? run->completed_at
           : to->completed_at ? to->completed_at
                              : wfm_time_bind(rq->pool, apr_time_now());
}

/* A table that is partitioned by time takes no row of another one: whose time was it? (What else a
 * rule of the table's refuses has the same SQLSTATE.) */
static wfm_error_t *explain_time(wfm_request_t *rq, const wfm_sent_run_t *said,
                                 const api_result_file_t *file, wfm_error_t *err)
{
    if (!err || strcmp(err->sqlstate, "23514") != 0 ||
        (!said->completed_at && !file->sent->timestamp_column))
        return err;
    return wfm_error_make(
        rq->pool, WFM_BAD_REQUEST,
        "the database takes no row of such a time (timestamp_column,"
        " completed_at), or a rule of its refuses a row; nothing has been stored");
}

static wfm_error_t *store_once(wfm_request_t *rq, const wfm_sent_run_t *said,
                               api_result_file_t *file, wfm_stored_t *stored)
{
    wfm_sent_run_t run = *said;
    wfm_destination_t *to = apr_palloc(rq->pool, sizeof *to);
    wfm_lines_t lines = api_result_file_lines(file);
    wfm_sending_t sending = {.config_id = api_bind_int(rq, "id"),
                             .run = &run,
                             .source_file = file->sent->name,
                             .lines = &lines};
    wfm_sent_schema_t schema;

    WFM_TRY(wfm_db_find_destination(&rq->db, sending.config_id, run.workload_uid, to));
    run.completed_at = time_of(rq, said, to);
    WFM_TRY(api_result_file_rows(file, to, run.completed_at));
    sending.schema_id = to->schema_id;
    sending.schema_said = to->schema_said;
    if (!to->schema_id) {
        schema = api_result_file_schema(file);
        sending.new_schema = &schema;
    }
    return explain_time(rq, said, file, wfm_db_store_results(&rq->db, &sending, stored));
}

static wfm_error_t *store_file(wfm_request_t *rq, const wfm_sent_run_t *run,
                               api_result_file_t *file, wfm_stored_t *stored)
{
    wfm_error_t *err;

    for (int i = 0; i < MOST_TRIES; i++) {
        WFM_TRY(store_once(rq, run, file, stored));
        if (!stored->schema_moved)
            return NULL;
    }
    err = wfm_error_make(rq->pool, WFM_UNAVAILABLE,
                         "the config's schema changes too often; nothing has been stored");
    err->retry_after = 1;
    return err;
}

static wfm_error_t *store_run(wfm_request_t *rq, const wfm_sent_run_t *run, wfm_stored_t *stored)
{
    const wfm_sending_t sending = {.config_id = api_bind_int(rq, "id"), .run = run};

    return wfm_db_store_results(&rq->db, &sending, stored);
}

/* ---- the answer ---- */

static void write_id(wfm_json_t *j, const char *key, const char *id)
{
    wfm_json_name(j, key);
    wfm_json_raw(j, id, id ? strlen(id) : 0);
}

static void write_number(wfm_json_t *j, const char *key, apr_int64_t n)
{
    wfm_json_name(j, key);
    wfm_json_int64(j, n);
}

static void write_fields(wfm_request_t *rq, wfm_json_t *j, const char *key,
                         const api_result_file_t *file, wfm_class_e what)
{
    const char *names = file ? api_field_list_json(rq->pool, &file->fields, what) : "[]";

    wfm_json_name(j, key);
    wfm_json_raw(j, names, strlen(names));
}

/* @param file NULL: the run alone was sent */
static wfm_error_t *answer(wfm_request_t *rq, const wfm_stored_t *stored,
                           const api_result_file_t *file)
{
    wfm_json_t j;

    rq->ingested = stored->rows;
    if (stored->is_new)
        api_created(rq, "/runs", stored->run_id);
    api_begin(rq, &j);
    write_id(&j, "run_id", stored->run_id);
    write_id(&j, "schema_id", stored->schema_id);
    write_number(&j, "rows", stored->rows);
    write_number(&j, "replaced", stored->replaced);
    write_fields(rq, &j, "dimension_fields", file, WFM_DIMENSION);
    write_fields(rq, &j, "metric_fields", file, WFM_METRIC);
    wfm_json_name(&j, "unknown_columns");
    if (file)
        api_result_file_write_unknown(file, &j);
    else
        wfm_json_raw(&j, "[]", 2);
    wfm_json_name(&j, "warnings");
    wfm_json_array(&j);
    for (int i = 0; file && i < file->notes.texts->nelts; i++)
        wfm_json_string(&j, APR_ARRAY_IDX(file->notes.texts, i, const char *));
    wfm_json_array_end(&j);
    write_number(&j, "warning_count", file ? file->notes.n : 0);
    wfm_json_name(&j, "explanation");
    wfm_json_string(&j, file && file->is_inferred ? api_fields_explained(rq->pool, &file->fields)
                                                  : NULL);
    api_end(&j);
    return NULL;
}

wfm_error_t *api_results_send(wfm_request_t *rq)
{
    api_result_file_t *file = apr_palloc(rq->pool, sizeof *file);
    wfm_stored_t stored = {0};
    api_sent_file_t sent;
    wfm_sent_run_t run;
    int is_alone;

    WFM_TRY(check_run(rq));
    run = run_of(rq);
    is_alone = !is_given(rq, "source_file");
    if (!is_alone) {
        WFM_TRY(choose_file(rq, &sent));
        WFM_TRY(api_result_file_open(file, rq->pool, &sent));
        WFM_TRY(rq->receive(rq, api_result_file_take, file));
        /* a step that failed may have left nothing of its file */
        is_alone = !wfm_spool_size(file->body) && api_find(rq, "status")->i == SENT_FAILED;
    }
    if (is_alone) {
        WFM_TRY(store_run(rq, &run, &stored));
        return answer(rq, &stored, NULL);
    }
    WFM_TRY(api_result_file_end(file));
    WFM_TRY(store_file(rq, &run, file, &stored));
    return answer(rq, &stored, file);
}
