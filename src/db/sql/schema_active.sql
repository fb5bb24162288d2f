-- $1 config: the schema in force, of several active ones the highest version, and the row's
-- version; no row: no config; NULLs: no active schema.
-- reads
SELECT s.id, s.config_id, s.name, s.version,
       (SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
          FROM (SELECT s.fields::text AS t OFFSET 0) x),
       (SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
          FROM (SELECT s.dimension_fields::text AS t OFFSET 0) x),
       (SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
          FROM (SELECT s.metric_fields::text AS t OFFSET 0) x),
       s.is_active, s.generated_by, s.created_at, s.xmin
  FROM github_workflow_configs c
  LEFT JOIN LATERAL (
    SELECT id, config_id, name, version, fields, dimension_fields, metric_fields, is_active,
           generated_by, created_at, xmin
      FROM github_workflow_metric_schemas
     WHERE config_id = c.id AND is_active ORDER BY version DESC LIMIT 1) s ON true
 WHERE c.id = $1::bigint
