-- $1 id: is there one?
-- reads
SELECT id, name, enabled, updated_at
  FROM github_workflow_configs
 WHERE id = $1::bigint
