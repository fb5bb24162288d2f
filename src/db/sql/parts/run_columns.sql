-- A run's columns before its error message, of which a list takes less than the run itself.
r.id, r.config_id, c.name, r.workload_uid, r.workload_name, r.workload_namespace,
r.github_run_id, r.github_run_number, r.github_job_id, r.head_sha, r.head_branch,
r.workflow_name, r.status, r.trigger_source, r.files_found, r.files_processed,
r.metrics_count, r.workload_started_at, r.workload_completed_at, r.collection_started_at,
r.collection_completed_at
