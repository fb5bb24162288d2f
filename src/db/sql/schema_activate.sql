-- $1 schema: after the lock.
-- writes
WITH chosen AS (
    SELECT id, config_id FROM github_workflow_metric_schemas WHERE id = $1::bigint),
schemas AS (
    UPDATE github_workflow_metric_schemas s
       SET is_active = (s.id = chosen.id), updated_at = now()
      FROM chosen
     WHERE s.config_id = chosen.config_id AND s.is_active <> (s.id = chosen.id)),
config AS (
    UPDATE github_workflow_configs c
       SET metric_schema_id = chosen.id, updated_at = now()
      FROM chosen
     WHERE c.id = chosen.config_id)
SELECT id FROM chosen
