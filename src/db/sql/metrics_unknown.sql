-- $1 config, $2 names: those that no row of the config has.
-- reads
SELECT name
  FROM unnest($2::text[]) WITH ORDINALITY AS names(name, n)
 WHERE name NOT IN (
    SELECT key
      FROM github_workflow_metrics m,
           LATERAL jsonb_object_keys(
            CASE jsonb_typeof(m.metrics) WHEN 'object' THEN m.metrics ELSE '{}' END) key
     WHERE m.config_id = $1::bigint AND key = ANY ($2::text[]))
 ORDER BY n
