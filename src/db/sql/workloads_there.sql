-- $1 config: is Lens' table of workloads here? No row: there is no such config.
-- reads
SELECT to_regclass('gpu_workload') IS NOT NULL
  FROM github_workflow_configs
 WHERE id = $1::bigint
