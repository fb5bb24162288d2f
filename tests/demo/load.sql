-- load.sql - loads configs, schemas and runs, CSV files of generate.awk, into a fresh database.
--
-- Run by psql in the directory of those files. The rows of the runs' result files come in through the API then, and what a
-- collector knows besides is collected.sql's. The keys start at 1, so that a line's number in
-- configs.csv, schemas.csv and runs.csv is its row's id.

\copy github_workflow_configs (name, description, runner_set_namespace, runner_set_name, github_owner, github_repo, workflow_filter, branch_filter, file_patterns, metric_schema_id, enabled, cluster_name) FROM 'configs.csv' (FORMAT csv, HEADER)
\copy github_workflow_metric_schemas (config_id, name, version, fields, dimension_fields, metric_fields, is_active, generated_by, generation_sample_file, created_at) FROM 'schemas.csv' (FORMAT csv, HEADER)
\copy github_workflow_runs (config_id, workload_uid, workload_name, workload_namespace, github_run_id, github_run_number, github_job_id, head_sha, head_branch, workflow_name, status, trigger_source, files_found, files_processed, metrics_count, workload_started_at, workload_completed_at, collection_started_at, collection_completed_at, error_message, retry_count, created_at, updated_at) FROM 'runs.csv' (FORMAT csv, HEADER)
