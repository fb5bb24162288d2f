/*
 * shapes.h - the objects that the API answers with, each one's columns in one place.
 */
#ifndef WFM_API_SHAPES_H
#define WFM_API_SHAPES_H

#include "answer.h"

extern const api_shape_t shape_config, shape_config_created, shape_config_brief, shape_config_stats,
    shape_config_summary, shape_field_stats, shape_deleted;
extern const api_shape_t shape_schema, shape_schema_active, shape_schema_created, shape_activated,
    shape_schema_preview, shape_schema_regenerated, shape_schema_change;
extern const api_shape_t shape_repository, shape_repository_listed, shape_repository_config,
    shape_repository_trends, shape_github_run;
extern const api_shape_t shape_run, shape_run_listed, shape_run_retried, shape_runs_retried;
extern const api_shape_t shape_runners, shape_task, shape_task_listed, shape_backfill,
    shape_backfill_cancelled;
extern const api_shape_t shape_metric, shape_metric_without_raw_data, shape_aggregate, shape_trends,
    shape_changes, shape_changes_listed, shape_acknowledged, shape_comparison;
extern const api_shape_t shape_dimensions, shape_dimension_values, shape_fields;
extern const api_shape_t shape_results_stored, shape_exported, shape_clusters, shape_healthy,
    shape_root;

/** What stands around lists. */
extern const api_column_t around_configs[], around_schemas[];

#endif
