/*
 * statements.h - all fixed SQL, one table. What is put together at run time is filter.h's and its
 * callers' (lists, dimensions, aggregates, export), from pieces that are fixed and values that are
 * bound.
 */
#ifndef WFM_DB_STATEMENTS_H
#define WFM_DB_STATEMENTS_H

#include "db.h"

/**
 * A field that may be of any size, in a list or a row: '' in place of a text of more than 1 MiB. No
 * JSON is '', so that it can be told from one that is there (and from NULL).
 */
#define WFM_FIELD_UP_TO(bytes, text)                                                               \
    "CASE WHEN octet_length(" text ") > " bytes " THEN '' ELSE " text " END"
#define WFM_FIELD(text) WFM_FIELD_UP_TO("1048576", text)

/** The same of an expression that is not to be worked out three times. */
#define WFM_FIELD_OF(expression)                                                                   \
    "(SELECT " WFM_FIELD("x.t") " FROM (SELECT " expression " AS t OFFSET 0) x)"

/** A config's whole row, of alias c, in the order of the API's answer. */
#define WFM_CONFIG_DESCRIPTION WFM_FIELD_OF("to_json(c.description)::text")
#define WFM_CONFIG_PATTERNS    WFM_FIELD_OF("c.file_patterns::text")
#define WFM_CONFIG_COLUMNS                                                                         \
    "c.id, c.name, " WFM_CONFIG_DESCRIPTION ", c.runner_set_namespace, c.runner_set_name,"         \
    " c.runner_set_uid, c.github_owner, c.github_repo, c.workflow_filter, "                        \
    "c.branch_filter, " WFM_CONFIG_PATTERNS                                                        \
    ", c.metric_schema_id, c.enabled, c.last_processed_workload_uid,"                              \
    " c.last_checked_at, c.cluster_name, c.created_at, c.updated_at "

/** A run's whole row, of alias r, with its config's name, of alias c. @param message its
 * error message */
#define WFM_RUN_COLUMNS(message)                                                                   \
    "r.id, r.config_id, c.name, r.workload_uid, r.workload_name, r.workload_namespace,"            \
    " r.github_run_id, r.github_run_number, r.github_job_id, r.head_sha, r.head_branch,"           \
    " r.workflow_name, r.status, r.trigger_source, r.files_found, r.files_processed,"              \
    " r.metrics_count, r.workload_started_at, r.workload_completed_at, r.collection_started_at,"   \
    " r.collection_completed_at, " message ", r.retry_count, r.created_at, r.updated_at "

/** A schema's three lists, of alias s. */
#define WFM_SCHEMA_LISTS                                                                           \
    WFM_FIELD_OF("s.fields::text")                                                                 \
    ", " WFM_FIELD_OF("s.dimension_fields::text") ", " WFM_FIELD_OF("s.metric_fields::text")

#define WFM_SCHEMA_SAMPLE WFM_FIELD_OF("to_json(s.generation_sample_file)::text")

/** A schema's whole row, of alias s. */
#define WFM_SCHEMA_COLUMNS                                                                         \
    "s.id, s.config_id, s.name, s.version, " WFM_SCHEMA_LISTS                                      \
    ", s.is_active, s.generated_by, " WFM_SCHEMA_SAMPLE ", s.created_at, s.updated_at "

/** What brings alias c to a run r; a run whose config is gone keeps its row. */
#define WFM_RUN_CONFIG "LEFT JOIN github_workflow_configs c ON c.id = r.config_id "

/**
 * Metric values from here on count as absent: jsonb holds numbers of up to 131072 digits, and their
 * sum or square would end the statement. (004_summaries.sql says the same.)
 */
#define WFM_NUMBER_BOUND "1e1000"

/** The number that a jsonb value is, else NULL: the cast is never tried on what is no number. */
#define WFM_NUMBER(value)                                                                          \
    "CASE jsonb_typeof(" value ") WHEN 'number' THEN CASE WHEN abs((" value                        \
    ")::numeric) < " WFM_NUMBER_BOUND " THEN (" value ")::numeric END END"

/**
 * The sample's standard deviation of n numbers, of their sum and of the sum of their squares (all
 * numeric). PostgreSQL's stddev_samp computes the same, but not from sums that are there already.
 */
#define WFM_STDDEV(n, sum, squares)                                                                \
    "CASE WHEN " n " > 1 THEN trim_scale(sqrt(greatest(" n " * " squares " - " sum " * " sum       \
    ", 0) / (" n " * (" n " - 1)))) END"

/** A metric row's instant is one that RFC 3339 can say. */
#define WFM_TIME_SAYABLE                                                                           \
    "\"timestamp\" >= '0001-01-01 00:00:00+00' AND \"timestamp\" < '10000-01-01 00:00:00+00'"

typedef enum wfm_stmt_id_e {
    WFM_STMT_CONFIG_CREATE, /**< $1 cluster, $2… the body: no row, the runner set is bound; the row,
                                 its version */
    WFM_STMT_CONFIG_HOLDER,  /**< $1 namespace, $2 name, $3 cluster: the runner set's config */
    WFM_STMT_CONFIG_GET,     /**< $1 id: the row, its version */
    WFM_STMT_CONFIG_PUT,     /**< $1 id, $2 versions that it may have, or NULL, $3… the body, $14
                                  cluster: no row, see the next one; the row, its version */
    WFM_STMT_CONFIG_PUT_WHY, /**< $1 id, $2 versions, $3 namespace, $4 name, $5 cluster: no row, no
                                 config; is it one of the versions (bool), another config's id and
                                 name that has the runner set */
    WFM_STMT_CONFIG_PATCH,   /**< $1 id, $2 versions as above, $3 name, $4 enabled, $5 description,
                                  $6 file_patterns; NULL leaves a column as it is */
    WFM_STMT_CONFIG_BRIEF,   /**< $1 id: is there one? */
    WFM_STMT_LOCK_BRIEFLY,   /**< for the rest of the transaction */
    WFM_STMT_CONFIG_DELETE,  /**< $1 id, $2 versions, NULL: any: with all that is its */
    WFM_STMT_CONFIG_DELETE_LATER, /**< the same but its metric rows, which maintenance deletes */
    WFM_STMT_CONFIG_STATS,        /**< $1 id */
    WFM_STMT_CONFIG_STATS_SUMMED, /**< the same from the summaries */
    WFM_STMT_SCHEMA_GET,          /**< $1 id */
    WFM_STMT_SCHEMA_ACTIVE,       /**< $1 config: no row, no config; NULLs, no active schema */
    WFM_STMT_SCHEMA_LOCK,         /**< $1 config: who changes its schemas comes through here */
    WFM_STMT_SCHEMA_CREATE,       /**< $1 config, $2… the body: after the lock */
    WFM_STMT_SCHEMA_LOCK_OWN,     /**< $1 schema: the same lock, of its config */
    WFM_STMT_SCHEMA_ACTIVATE,     /**< $1 schema: after the lock */
    WFM_STMT_RUN_GET,             /**< $1 id */
    WFM_STMT_RUN_STATUSES,      /**< $1 a text: every status that runs have, and is it that one? */
    WFM_STMT_RUN_SOURCES,       /**< the same of trigger sources */
    WFM_STMT_RUN_RETRY,         /**< $1 id: no row, no run; retried (bool), id */
    WFM_STMT_RUN_BATCH_RETRY,   /**< $1 config: how many were reset, skipped, both */
    WFM_STMT_SNAPSHOT_BEGIN,    /**< of wfm_db_snapshot, as the next one */
    WFM_STMT_SNAPSHOT_SETTINGS, /**< $1 milliseconds, $2 filtered (bool) */
    WFM_STMT_EXPORT_SCHEMA,  /**< $1 config, $2 names of metrics, NULL: all (kind, name, place): c,
                                  numbers of metrics and dimensions (no such row: no config); d
                                  and m, the active schema's fields */
    WFM_STMT_MAINTAIN_FIRST, /**< trust, runs: may there be more? */
    WFM_STMT_MAINTAIN_CONFIGS,  /**< $1 config: those after it whose summaries lack changes */
    WFM_STMT_MAINTAIN_SETTINGS, /**< $1 milliseconds: before the next one, in its transaction */
    WFM_STMT_MAINTAIN,          /**< $1 config: may there be more to do (bool)? */
    WFM_STMT_DELETED_CONFIGS,   /**< $1 config: the deleted ones after it */
    WFM_STMT_DELETED_METRICS,   /**< $1 such a config, $2 instant: some rows up to it are deleted;
                                     how many, the earliest's instant */
    WFM_STMT_DELETED_REST,      /**< $1 such a config: runs and schemas that came later */
    WFM_STMT_DELETED_FORGET,    /**< $1 such a config, when nothing of it is left for long */
    WFM_STMT_PROBE,        /**< is it a standby (bool), by how many milliseconds behind or NULL */
    WFM_STMT_PROBE_TABLES, /**< columns that are missing, that may not be read: names or NULL */
    WFM_STMT_METRICS_UNKNOWN, /**< $1 config, $2 names: those that no row of the config has */
    WFM_STMT_COUNT
} wfm_stmt_id_e;

const wfm_stmt_t *wfm_stmt(wfm_stmt_id_e id);

#endif
