-- $1 schema, $2 config, $3 name, $4 fields, $5 dimension fields, $6 metric fields, $7 source file: after
-- schema_lock, the config's next version, and active. Fails (division by zero) where one is active by now.
-- writes
WITH created AS (
    INSERT INTO github_workflow_metric_schemas
        (id, config_id, name, fields, dimension_fields, metric_fields, is_active, generated_by,
         generation_sample_file, version)
    SELECT $1::bigint, c.id, $3::text, $4::jsonb, $5::jsonb, $6::jsonb, true, 'system', $7::text,
           (SELECT coalesce(max(version), 0) + 1
              FROM github_workflow_metric_schemas WHERE config_id = c.id)
      FROM github_workflow_configs c
     WHERE c.id = $2::bigint
       AND NOT EXISTS (
        SELECT FROM github_workflow_metric_schemas WHERE config_id = c.id AND is_active)
    RETURNING id),
config AS (
    UPDATE github_workflow_configs c
       SET metric_schema_id = created.id, updated_at = now()
      FROM created
     WHERE c.id = $2::bigint)
SELECT 1 / count(*) FROM created
