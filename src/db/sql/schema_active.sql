-- $1 config: the schema in force, of several active ones the highest version, and the row's
-- version; no row: no config; NULLs: no active schema. Each text is made once, behind the LIMIT.
-- reads
SELECT s.id, s.config_id, s.name, s.version,
       CASE WHEN octet_length(s.fields) > 1048576 THEN '' ELSE s.fields END,
       CASE WHEN octet_length(s.dimension_fields) > 1048576 THEN '' ELSE s.dimension_fields END,
       CASE WHEN octet_length(s.metric_fields) > 1048576 THEN '' ELSE s.metric_fields END,
       s.is_active, s.generated_by, s.created_at, s.xmin
  FROM github_workflow_configs c
  LEFT JOIN LATERAL (
    SELECT id, config_id, name, version, fields::text, dimension_fields::text,
           metric_fields::text, is_active, generated_by, created_at, xmin
      FROM github_workflow_metric_schemas
     WHERE config_id = c.id AND is_active ORDER BY version DESC LIMIT 1) s ON true
 WHERE c.id = $1::bigint
