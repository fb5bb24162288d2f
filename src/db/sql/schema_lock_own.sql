-- $1 schema: the same lock as schema_lock's, of its config.
-- reads
SELECT id, :lock_timeout
  FROM (SELECT id FROM github_workflow_configs
         WHERE id = (SELECT config_id FROM github_workflow_metric_schemas WHERE id = $1::bigint)
        FOR NO KEY UPDATE) held
