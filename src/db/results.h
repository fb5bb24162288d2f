/*
 * results.h - a workflow's results are stored: the rows of a file, the run that they are of and,
 * where the config has none, their schema; all of it, or nothing.
 *
 * One transaction. It waits for another sending of the same run (an advisory lock on config and
 * workload_uid), deletes the rows of this run and file, writes the new ones by COPY, and last
 * writes the run's and the config's rows: a collector that writes these waits for no file. What a
 * database's generation has no column for is not written.
 */
#ifndef WFM_DB_RESULTS_H
#define WFM_DB_RESULTS_H

#include "db.h"

/** Where results go, before there is a row: what their rows are made by. */
typedef struct wfm_destination_t {
    const char *schema_id;   /**< the active one; NULL: none is, and the next four are NULL, too */
    const char *schema_said; /**< what it says, in short, as a sending has it */
    const char *fields, *dimension_fields, *metric_fields; /**< JSON, whole */
    /** When the run was over, in PostgreSQL's form, if it is there and knows; else NULL. What is
     * sent again, or is a run's second file, has its time. */
    const char *completed_at;
} wfm_destination_t;

/** Ask for it; a short lease. @return 404 where there is no such config */
wfm_error_t *wfm_db_find_destination(const wfm_db_caller_t *caller, const char *config_id,
                                     const char *workload_uid, wfm_destination_t *destination);

/**
 * A run as its sender says it, text in PostgreSQL's forms, of the lengths that the columns have.
 * NULL: not said; a run that is there keeps what it has then.
 */
typedef struct wfm_sent_run_t {
    const char *workload_uid; /**< always said */
    const char *workload_name, *workflow_name, *head_branch, *head_sha;
    const char *github_run_id, *github_run_number, *github_job_id;
    const char *status;        /**< NULL: completed */
    const char *error_message; /**< NULL: none; one that the run has goes */
    /** NULL: what the run has; of a new one now, and it began no later than it was over. */
    const char *started_at, *completed_at;
} wfm_sent_run_t;

/** The schema that rows were made by, where none was active. */
typedef struct wfm_sent_schema_t {
    const char *name;
    const char *fields, *dimension_fields, *metric_fields; /**< JSON */
} wfm_sent_schema_t;

/** What is sent at once: a file of a run, or (a step that failed) the run alone. */
typedef struct wfm_sending_t {
    const char *config_id;
    const wfm_sent_run_t *run;
    const char *source_file; /**< NULL with lines NULL: the run alone, no rows are touched */
    /** The rows: "timestamp\tdimensions\tmetrics\traw_data\n", escaped (\\, \t, \n, \r), \N for no
     * raw_data. They may be asked for again, from the first one. */
    const wfm_lines_t *lines;
    /** The active schema by which the lines were made; NULL: none was active, and new_schema is
     * stored as the next version and made active. Neither matters without lines. */
    const char *schema_id;
    const char *schema_said; /**< the destination's: what it said when the lines were made */
    const wfm_sent_schema_t *new_schema;
} wfm_sending_t;

typedef struct wfm_stored_t {
    const char *run_id;
    const char *schema_id; /**< NULL without lines */
    apr_int64_t rows;      /**< lines that were stored */
    apr_int64_t replaced;  /**< rows of this run and file that went */
    int is_new;            /**< there was no such run */
    /** Another schema is active by now, or one is at all, or it says something else: nothing was
     * stored. Find the destination anew, make the lines by it, and call again. */
    int schema_moved;
} wfm_stored_t;

/**
 * Store what was sent. Counters (files_found, files_processed, metrics_count) are those of all of
 * the run's files. The connection is one of those for results (WfmetricsMaxIngests), all takes at
 * most WfmetricsIngestTimeout, and a client that leaves before the end leaves nothing.
 * @return 404: the config is gone; 400: a character that the database's encoding has not; 503, 504:
 *         as for any write, nothing was stored unless the message says that it may have been
 */
wfm_error_t *wfm_db_store_results(const wfm_db_caller_t *caller, const wfm_sending_t *sending,
                                  wfm_stored_t *stored);

#endif
