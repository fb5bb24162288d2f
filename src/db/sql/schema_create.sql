-- $1 config, $2 … $6 name, fields, dimensions, metrics, is it active?, $7 by whom, $8 sample: after the lock.
-- writes
WITH created AS (
    INSERT INTO github_workflow_metric_schemas
        (config_id, name, fields, dimension_fields, metric_fields, is_active, generated_by,
         generation_sample_file, version)
    SELECT c.id, $2::text, $3::jsonb, COALESCE($4::jsonb, '[]'), COALESCE($5::jsonb, '[]'),
           COALESCE($6::boolean, true), $7::text, $8::text,
           (SELECT COALESCE(max(version), 0) + 1
              FROM github_workflow_metric_schemas WHERE config_id = c.id)
      FROM github_workflow_configs c
     WHERE c.id = $1::bigint
    RETURNING id, version, is_active),
others AS (
    UPDATE github_workflow_metric_schemas
       SET is_active = false, updated_at = now()
     WHERE config_id = $1::bigint AND is_active
       AND EXISTS (SELECT FROM created WHERE is_active)),
config AS (
    UPDATE github_workflow_configs c
       SET metric_schema_id = created.id, updated_at = now()
      FROM created
     WHERE c.id = $1::bigint AND created.is_active)
SELECT id, version FROM created
