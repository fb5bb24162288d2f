/*
 * shapes.c - owns what the API's objects look like: names, types and order of their fields. The
 * order is that of the statements' columns (db/statements.h); what is not a statement's column is
 * marked as written by hand.
 */
#include "shapes.h"
#include "api.h"
#include "buckets.h"
#include "compare.h"
#include "verdict.h"

#define COLUMN(key, type, more)                                                                    \
    {                                                                                              \
        .name = (key), .kind = (type), .flags = (more)                                             \
    }
#define TEXT(key, more)   COLUMN(key, API_TEXT, more)
#define INT(key, more)    COLUMN(key, API_INT, more)
#define NUMBER(key, more) COLUMN(key, API_NUMBER, more)
#define BOOL(key, more)   COLUMN(key, API_BOOL, more)
/* Of a stored time: one that RFC 3339 cannot say is null. */
#define TIME(key)       COLUMN(key, API_TIME, API_NULLABLE)
#define JSON(key, more) COLUMN(key, API_JSON, more)
/* What such a column is meant to hold has a name in the description. */
#define JSON_OF(key, known)                                                                        \
    {                                                                                              \
        .name = (key), .kind = API_JSON, .fragment = (known)                                       \
    }
#define CHOICE(key, list, more)                                                                    \
    {                                                                                              \
        .name = (key), .kind = API_TEXT, .flags = (more), .values = (list)                         \
    }
#define OBJECTS(key, shape, more)                                                                  \
    {                                                                                              \
        .name = (key), .kind = API_SHAPE, .flags = API_BY_HAND | (more), .of = &(shape)            \
    }
#define FRAGMENT(key, known, more)                                                                 \
    {                                                                                              \
        .name = (key), .kind = API_SHAPE, .flags = API_BY_HAND | (more), .fragment = (known)       \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

#define OR_NULL API_NULLABLE
#define HAND    API_BY_HAND
/* Of newer generations of the tables. */
#define NEWER (API_NEWER | API_OPTIONAL | API_NULLABLE)

/* Of a part of others, which no row of the route table has and no handler writes by. */
#define PART(id, title, ...)                                                                       \
    static const api_column_t id##_columns[] = {__VA_ARGS__, END};                                 \
    static const api_shape_t id = {title, id##_columns}
#define SHAPE(id, title, ...)                                                                      \
    static const api_column_t id##_columns[] = {__VA_ARGS__, END};                                 \
    const api_shape_t id = {title, id##_columns}

/* ---- configs ---- */

SHAPE(shape_config, "Config", INT("id", 0), TEXT("name", 0),
      COLUMN("description", API_JSON_TEXT, OR_NULL), TEXT("runner_set_namespace", 0),
      TEXT("runner_set_name", 0), TEXT("runner_set_uid", OR_NULL), TEXT("github_owner", 0),
      TEXT("github_repo", 0), TEXT("workflow_filter", OR_NULL), TEXT("branch_filter", OR_NULL),
      JSON_OF("file_patterns", "Texts"), INT("metric_schema_id", OR_NULL), BOOL("enabled", 0),
      TEXT("last_processed_workload_uid", OR_NULL), TIME("last_checked_at"),
      TEXT("cluster_name", 0), TIME("created_at"), TIME("updated_at"),
      JSON("display_settings", NEWER | API_BY_NAME), INT("runner_set_id", NEWER));
const api_column_t around_configs[] = {TEXT("cluster_name", HAND), END};

SHAPE(shape_config_created, NULL, INT("config_id", HAND), TEXT("cluster_name", HAND));
SHAPE(shape_config_brief, NULL, INT("id", 0), TEXT("name", 0), BOOL("enabled", 0),
      TIME("updated_at"));
SHAPE(shape_deleted, NULL, BOOL("deleted", HAND));

SHAPE(shape_config_stats, "ConfigStats", INT("config_id", 0), TEXT("config_name", 0),
      BOOL("enabled", 0), INT("pending_runs", 0), INT("completed_runs", 0), INT("failed_runs", 0),
      INT("total_metrics", 0), INT("active_schema_id", 0), TIME("last_checked_at"));

SHAPE(shape_field_stats, "FieldStats", TEXT("field", 0), INT("count", 0), NUMBER("min", OR_NULL),
      NUMBER("max", OR_NULL), NUMBER("avg", OR_NULL), NUMBER("sum", OR_NULL),
      NUMBER("std_dev", OR_NULL));
SHAPE(shape_config_summary, "ConfigSummary", INT("config_id", 0), INT("total_records", 0),
      INT("total_runs", 0), TIME("first_timestamp"), TIME("last_timestamp"),
      NUMBER("time_range_days", 0), INT("unique_source_files", 0),
      OBJECTS("metric_stats", shape_field_stats, API_BY_NAME),
      INT("dimension_counts", HAND | API_BY_NAME), BOOL("more", HAND));

/* ---- schemas ---- */

SHAPE(shape_schema, "Schema", INT("id", 0), INT("config_id", 0), TEXT("name", 0), INT("version", 0),
      JSON_OF("fields", "SchemaFields"), JSON_OF("dimension_fields", "SchemaFields"),
      JSON_OF("metric_fields", "SchemaFields"), BOOL("is_active", 0), TEXT("generated_by", OR_NULL),
      COLUMN("generation_sample_file", API_JSON_TEXT, OR_NULL), TIME("created_at"),
      TIME("updated_at"), INT("record_count", 0), TIME("first_seen_at"), TIME("last_seen_at"),
      BOOL("is_wide_table", NEWER), JSON("date_columns", NEWER | API_MANY),
      TEXT("schema_hash", NEWER));
const api_column_t around_schemas[] = {INT("current_version", HAND), END};

SHAPE(shape_schema_active, "ActiveSchema", INT("id", 0), INT("config_id", 0), TEXT("name", 0),
      INT("version", 0), JSON_OF("fields", "SchemaFields"),
      JSON_OF("dimension_fields", "SchemaFields"), JSON_OF("metric_fields", "SchemaFields"),
      BOOL("is_active", 0), TEXT("generated_by", OR_NULL), TIME("created_at"));
SHAPE(shape_schema_created, NULL, INT("schema_id", 0), INT("version", 0));
SHAPE(shape_activated, NULL, BOOL("activated", HAND));

SHAPE(shape_schema_change, "SchemaChange", INT("from_version", 0), INT("to_version", 0),
      TIME("changed_at"), JSON_OF("added_dimensions", "Texts"),
      JSON_OF("removed_dimensions", "Texts"), JSON_OF("added_metrics", "Texts"),
      JSON_OF("removed_metrics", "Texts"));

static const char *const field_types[] = {"string", "int", "float", NULL};
PART(shape_field_inferred, "InferredField", TEXT("name", HAND), CHOICE("type", field_types, HAND),
     TEXT("unit", HAND | API_OPTIONAL), CHOICE("direction", api_directions, HAND | API_OPTIONAL));
PART(shape_schema_inferred, "InferredSchema", TEXT("name", HAND),
     OBJECTS("fields", shape_field_inferred, API_MANY), TEXT("dimension_fields", HAND | API_MANY),
     TEXT("metric_fields", HAND | API_MANY));
PART(shape_metric_inferred, "InferredMetric", TEXT("source_file", HAND),
     FRAGMENT("dimensions", "InferredDimensions", 0), NUMBER("metrics", HAND | API_BY_NAME),
     FRAGMENT("raw_data", "InferredRawData", OR_NULL));
SHAPE(shape_schema_preview, "SchemaPreview", OBJECTS("schema", shape_schema_inferred, 0),
      OBJECTS("metrics", shape_metric_inferred, API_MANY), INT("files_processed", HAND),
      INT("total_records", HAND), TEXT("errors", HAND | API_MANY),
      TEXT("warnings", HAND | API_MANY), INT("warning_count", HAND), TEXT("explanation", HAND));

SHAPE(shape_schema_regenerated, NULL, INT("schema_id", 0), INT("version", 0), TEXT("name", HAND),
      OBJECTS("fields", shape_field_inferred, API_MANY), TEXT("explanation", HAND));

/* ---- runs ---- */

/* @param message of the error */
#define RUN_COLUMNS(message)                                                                       \
    INT("id", 0), INT("config_id", OR_NULL), TEXT("config_name", OR_NULL),                         \
        TEXT("workload_uid", 0), TEXT("workload_name", OR_NULL),                                   \
        TEXT("workload_namespace", OR_NULL), INT("github_run_id", OR_NULL),                        \
        INT("github_run_number", OR_NULL), INT("github_job_id", OR_NULL),                          \
        TEXT("head_sha", OR_NULL), TEXT("head_branch", OR_NULL), TEXT("workflow_name", OR_NULL),   \
        TEXT("status", 0), TEXT("trigger_source", 0), INT("files_found", 0),                       \
        INT("files_processed", 0), INT("metrics_count", 0), TIME("workload_started_at"),           \
        TIME("workload_completed_at"), TIME("collection_started_at"),                              \
        TIME("collection_completed_at"), COLUMN("error_message", message, OR_NULL),                \
        INT("retry_count", 0), TIME("created_at"), TIME("updated_at"),                             \
        INT("runner_set_id", NEWER), TEXT("runner_set_name", NEWER),                               \
        TEXT("runner_set_namespace", NEWER), TEXT("workflow_status", NEWER),                       \
        TEXT("workflow_conclusion", NEWER), TEXT("collection_status", NEWER),                      \
        TEXT("current_job_name", NEWER), TEXT("current_step_name", NEWER),                         \
        INT("progress_percent", NEWER), COLUMN("last_synced_at", API_TIME, NEWER)

SHAPE(shape_run, "Run", RUN_COLUMNS(API_JSON_TEXT));
SHAPE(shape_run_listed, "RunListed", RUN_COLUMNS(API_TEXT_SHORT));
SHAPE(shape_run_retried, NULL, TEXT("message", HAND), INT("run_id", HAND),
      TEXT("previous_status", HAND), TEXT("new_status", HAND));
SHAPE(shape_runs_retried, NULL, TEXT("message", HAND), INT("retried", 0), INT("skipped", 0),
      INT("total", 0));

/* ---- runners ---- */

PART(shape_runner, "Runner", TEXT("uid", 0), TEXT("name", OR_NULL), TEXT("namespace", 0),
     TIME("started_at"), TIME("completed_at"), INT("github_run_id", OR_NULL),
     INT("github_job_id", OR_NULL), TEXT("workflow_name", OR_NULL), TEXT("branch", OR_NULL),
     BOOL("processed", 0));
SHAPE(shape_runners, "Runners", OBJECTS("runners", shape_runner, API_MANY), INT("total", HAND),
      INT("limit", HAND), TEXT("message", HAND | API_OPTIONAL));

/* ---- backfill ---- */

static const char *const task_statuses[] = {"pending", "in_progress", "completed",
                                            "failed",  "cancelled",   NULL};

#define TASK_COLUMNS                                                                               \
    INT("task_id", 0), INT("config_id", 0), CHOICE("status", task_statuses, 0), INT("total", 0),   \
        INT("processed", 0), INT("failed", 0), TIME("created_at"), TIME("started_at"),             \
        TIME("completed_at"), TEXT("error_message", OR_NULL)

SHAPE(shape_task, "BackfillTask", TASK_COLUMNS);
SHAPE(shape_task_listed, "BackfillTaskListed", TASK_COLUMNS, TIME("start_time"), TIME("end_time"),
      JSON("workload_uids", API_MANY | OR_NULL), BOOL("dry_run", 0));
SHAPE(shape_backfill, NULL, TEXT("message", HAND), INT("task_id", HAND), INT("config_id", HAND),
      CHOICE("status", task_statuses, HAND));
SHAPE(shape_backfill_cancelled, NULL, TEXT("message", HAND), INT("cancelled", HAND));

/* ---- repositories ---- */

#define REPOSITORY_COLUMNS                                                                         \
    TEXT("github_owner", 0), TEXT("github_repo", 0), INT("configs", 0), INT("runs", API_BY_NAME),  \
        INT("metrics", 0), TIME("last_run_at")

SHAPE(shape_repository_listed, "RepositoryListed", REPOSITORY_COLUMNS);
SHAPE(shape_repository_config, "RepositoryConfig", INT("id", 0), TEXT("name", 0),
      BOOL("enabled", 0), TEXT("runner_set_namespace", 0), TEXT("runner_set_name", 0),
      TEXT("workflow_filter", OR_NULL), TEXT("branch_filter", OR_NULL), TIME("last_checked_at"),
      INT("runs", API_BY_NAME), INT("metrics", 0), TIME("last_run_at"));
SHAPE(shape_github_run, "GithubRun", INT("github_run_id", 0), INT("github_run_number", OR_NULL),
      TEXT("workflow_name", OR_NULL), TEXT("head_branch", OR_NULL), TEXT("head_sha", OR_NULL),
      INT("runs", API_BY_NAME), INT("metrics_count", 0), INT("config_ids", API_MANY),
      TIME("created_at"), TIME("started_at"), TIME("completed_at"), TIME("updated_at"));
SHAPE(shape_repository, "Repository", REPOSITORY_COLUMNS,
      OBJECTS("config_list", shape_repository_config, API_MANY),
      OBJECTS("github_runs", shape_github_run, API_MANY));

/* ---- metrics ---- */

/* collected_at is the same instant: two generations of clients read one or the other */
#define METRIC_COLUMNS                                                                             \
    INT("id", 0), INT("config_id", 0), INT("run_id", 0), INT("schema_id", 0), TIME("timestamp"),   \
        COLUMN("collected_at", API_AGAIN, 0), TEXT("source_file", OR_NULL),                        \
        JSON_OF("dimensions", "StoredValues"), JSON_OF("metrics", "StoredValues")

SHAPE(shape_metric, "Metric", METRIC_COLUMNS, JSON("raw_data", API_OPTIONAL), TIME("created_at"));
SHAPE(shape_metric_without_raw_data, "Metric", METRIC_COLUMNS, TIME("created_at"));

PART(shape_aggregate_result, "AggregateResult", COLUMN("timestamp", API_TIME, HAND),
     TEXT("dimensions", HAND | OR_NULL | API_BY_NAME), NUMBER("value", HAND | OR_NULL),
     INT("count", HAND), NUMBER("min", HAND | OR_NULL), NUMBER("max", HAND | OR_NULL),
     TEXT("metric_field", HAND), CHOICE("aggregate_func", api_agg_funcs, HAND));
SHAPE(shape_aggregate, "Aggregate", OBJECTS("results", shape_aggregate_result, API_MANY),
      TEXT("metric_field", HAND), CHOICE("agg_func", api_agg_funcs, HAND),
      CHOICE("interval", api_intervals, HAND), TEXT("group_by", HAND | API_MANY));

/* @param shape of each series */
#define TRENDS(shape)                                                                              \
    COLUMN("timestamps", API_TIME, HAND | API_MANY), OBJECTS("series", shape, API_MANY),           \
        CHOICE("interval", api_intervals, HAND)
#define SERIES                                                                                     \
    TEXT("dimensions", HAND | OR_NULL | API_BY_NAME), NUMBER("values", HAND | OR_NULL | API_MANY), \
        INT("counts", HAND | API_MANY)

PART(shape_trend_series, "TrendSeries", TEXT("name", HAND), TEXT("field", HAND), SERIES);
SHAPE(shape_trends, "Trends", TRENDS(shape_trend_series));
PART(shape_repository_series, "RepositorySeries", TEXT("name", HAND), TEXT("field", HAND),
     INT("config_id", HAND), TEXT("config_name", HAND), SERIES);
SHAPE(shape_repository_trends, "RepositoryTrends", TRENDS(shape_repository_series));

/* ---- changes ---- */

#define CHANGE_COLUMNS                                                                             \
    COLUMN("timestamp", API_TIME, HAND), INT("run_id", HAND), TEXT("head_sha", HAND | OR_NULL),    \
        INT("previous_run_id", HAND), TEXT("previous_head_sha", HAND | OR_NULL),                   \
        NUMBER("mean_before", HAND), NUMBER("mean_after", HAND), NUMBER("stddev_before", HAND),    \
        NUMBER("stddev_after", HAND), NUMBER("change_percent", HAND | OR_NULL),                    \
        NUMBER("pvalue", HAND), CHOICE("direction", api_directions, HAND | OR_NULL),               \
        CHOICE("verdict", api_change_verdicts, HAND)
#define SERIES_COLUMNS                                                                             \
    TEXT("name", HAND), TEXT("field", HAND), TEXT("dimensions", HAND | OR_NULL | API_BY_NAME)

PART(shape_change, "Change", INT("index", HAND), CHANGE_COLUMNS);
PART(shape_run_point, "RunPoint", COLUMN("timestamp", API_TIME, HAND), INT("run_id", HAND),
     TEXT("head_sha", HAND | OR_NULL), NUMBER("value", HAND));
PART(shape_changes_series, "ChangesSeries", SERIES_COLUMNS, INT("n", HAND),
     OBJECTS("changes", shape_change, API_MANY),
     OBJECTS("points", shape_run_point, API_MANY | API_OPTIONAL));
SHAPE(shape_changes, "Changes", OBJECTS("series", shape_changes_series, API_MANY),
      INT("window_len", HAND), NUMBER("max_pvalue", HAND), NUMBER("min_change", HAND));
PART(shape_acknowledgement, "Acknowledgement", TEXT("note", HAND | OR_NULL),
     COLUMN("at", API_TIME, HAND), TEXT("by", HAND | OR_NULL));
PART(shape_change_listed, "ChangeListed", SERIES_COLUMNS, CHANGE_COLUMNS,
     OBJECTS("acknowledged", shape_acknowledgement, API_OPTIONAL));
SHAPE(shape_acknowledged, NULL, OBJECTS("acknowledged", shape_acknowledgement, 0));
SHAPE(shape_changes_listed, "ChangesListed", OBJECTS("changes", shape_change_listed, API_MANY),
      INT("total", HAND | OR_NULL), INT("limit", HAND), COLUMN("since", API_TIME, HAND),
      COLUMN("points_from", API_TIME, HAND | OR_NULL), INT("schema_id", HAND | OR_NULL),
      TEXT("next_cursor", HAND | OR_NULL));

/* ---- comparisons ---- */

PART(shape_compared_run, "ComparedRun", INT("run_id", HAND), COLUMN("timestamp", API_TIME, HAND),
     INT("github_run_id", HAND | OR_NULL), TEXT("head_sha", HAND | OR_NULL),
     TEXT("head_branch", HAND | OR_NULL));
PART(shape_compared_side, "ComparedSide", CHOICE("unit", api_compare_units, HAND),
     OBJECTS("runs", shape_compared_run, API_MANY));
PART(shape_compared_figures, "ComparedFigures", INT("n", HAND), NUMBER("mean", HAND | OR_NULL),
     NUMBER("stddev", HAND | OR_NULL), NUMBER("min", HAND | OR_NULL), NUMBER("max", HAND | OR_NULL),
     NUMBER("median", HAND | OR_NULL));
PART(shape_compared_series, "ComparedSeries", TEXT("name", HAND), TEXT("field", HAND),
     TEXT("dimensions", HAND | OR_NULL | API_BY_NAME),
     OBJECTS("base", shape_compared_figures, OR_NULL),
     OBJECTS("head", shape_compared_figures, OR_NULL), NUMBER("difference", HAND | OR_NULL),
     NUMBER("change_percent", HAND | OR_NULL), NUMBER("pvalue", HAND | OR_NULL),
     NUMBER("pvalue_adjusted", HAND | OR_NULL), CHOICE("direction", api_directions, HAND | OR_NULL),
     CHOICE("verdict", api_compare_verdicts, HAND));
PART(shape_compared_summary, "ComparedSummary", INT("regression", HAND), INT("changed", HAND),
     INT("improvement", HAND), INT("undetermined", HAND), INT("missing", HAND), INT("new", HAND),
     INT("unchanged", HAND));
SHAPE(shape_comparison, "Comparison", OBJECTS("base", shape_compared_side, 0),
      OBJECTS("head", shape_compared_side, 0), TEXT("group_by", HAND | API_MANY),
      TEXT("metric_fields", HAND | API_MANY), NUMBER("min_change", HAND),
      NUMBER("max_pvalue", HAND), CHOICE("verdict", api_compare_verdicts, HAND),
      OBJECTS("summary", shape_compared_summary, 0),
      OBJECTS("series", shape_compared_series, API_MANY), INT("total", HAND), INT("limit", HAND),
      TEXT("next_cursor", HAND | OR_NULL));

/* ---- dimensions and fields ---- */

/* Of an answer about one schema's rows. */
#define OF_SCHEMA                                                                                  \
    INT("schema_id", HAND | API_OPTIONAL),                                                         \
        INT("available_schema_ids", HAND | API_OPTIONAL | API_MANY)

SHAPE(shape_dimensions, "Dimensions", FRAGMENT("dimensions", "NamesOrValues", 0),
      TEXT("values", HAND | API_BY_NAME | API_MANY), BOOL("more", HAND), OF_SCHEMA);
SHAPE(shape_dimension_values, "DimensionValues", TEXT("dimension", HAND),
      TEXT("values", HAND | API_MANY), INT("total", HAND | OR_NULL));
SHAPE(shape_fields, "Fields", TEXT("dimension_fields", HAND | API_MANY),
      TEXT("metric_fields", HAND | API_MANY), BOOL("more", HAND), OF_SCHEMA);

/* ---- results ---- */

SHAPE(shape_results_stored, "ResultsStored", INT("run_id", HAND), INT("schema_id", HAND | OR_NULL),
      INT("rows", HAND), INT("replaced", HAND), TEXT("dimension_fields", HAND | API_MANY),
      TEXT("metric_fields", HAND | API_MANY), TEXT("unknown_columns", HAND | API_MANY),
      TEXT("warnings", HAND | API_MANY), INT("warning_count", HAND),
      TEXT("explanation", HAND | OR_NULL));

/* ---- the rest ---- */

SHAPE(shape_exported, "Export", FRAGMENT("rows", "ExportRow", API_MANY), BOOL("truncated", HAND));

SHAPE(shape_root, NULL, TEXT("name", HAND), TEXT("version", HAND), TEXT("cluster", HAND),
      TEXT("openapi", HAND));

PART(shape_cluster, "Cluster", TEXT("name", HAND), BOOL("own", HAND), BOOL("read_only", HAND),
     BOOL("takes_results", HAND));
SHAPE(shape_clusters, NULL, OBJECTS("clusters", shape_cluster, API_MANY));

static const char *const health_words[] = {"ok", "busy", NULL};
PART(shape_replica, NULL, INT("lag_ms", HAND | OR_NULL));
SHAPE(shape_healthy, "Health", CHOICE("status", health_words, HAND), TEXT("cluster_name", HAND),
      TEXT("version", HAND), TEXT("summaries", HAND), INT("summaries_unclean_days", HAND),
      INT("summaries_unclean_seconds", HAND), OBJECTS("replica", shape_replica, API_OPTIONAL));
