-- $1 id: the row, its version. Its error message is whole up to 4 MiB: what somebody looks for in
-- it may stand at its end. A run whose config is gone keeps its row.
-- reads
SELECT r.id, r.config_id, c.name, r.workload_uid, r.workload_name, r.workload_namespace,
       r.github_run_id, r.github_run_number, r.github_job_id, r.head_sha, r.head_branch,
       r.workflow_name, r.status, r.trigger_source, r.files_found, r.files_processed,
       r.metrics_count, r.workload_started_at, r.workload_completed_at, r.collection_started_at,
       r.collection_completed_at,
       (SELECT CASE WHEN octet_length(x.t) > 4194304 THEN '' ELSE x.t END
          FROM (SELECT to_json(nullif(r.error_message, ''))::text AS t OFFSET 0) x),
       r.retry_count, r.created_at, r.updated_at, r.xmin
  FROM github_workflow_runs r
  LEFT JOIN github_workflow_configs c ON c.id = r.config_id
 WHERE r.id = $1::bigint
