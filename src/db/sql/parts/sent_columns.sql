-- The columns of a run that is sent, and their values: $1 id, $2 config, $3 to $9 names and GitHub's ids, $10 status,
-- $11 error message, $12 start, $13 end, $14 rows (NULL: no file was sent), $15 files, $16 workload uid.
id, config_id, workload_name, workflow_name, head_branch, head_sha, github_run_id,
github_run_number, github_job_id, status, error_message, workload_started_at,
workload_completed_at, metrics_count, files_found, files_processed, workload_uid, trigger_source,
collection_started_at, collection_completed_at
