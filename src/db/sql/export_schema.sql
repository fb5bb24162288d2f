-- $1 config, $2 names of metrics, NULL: all: kind, name, place. c: numbers of metrics and dimensions
-- (no such row: no config); d and m: the active schema's fields, each once: a list holds names, or
-- objects that have one. A collector's may be long: what an export cannot have need not leave the
-- database.
-- reads
WITH n AS MATERIALIZED (
    SELECT l.kind, f.name, min(f.place) AS place
      FROM github_workflow_configs c
      LEFT JOIN LATERAL (
        SELECT dimension_fields::jsonb AS dimensions, metric_fields::jsonb AS metrics
          FROM github_workflow_metric_schemas
         WHERE config_id = c.id AND is_active ORDER BY version DESC LIMIT 1) s ON true
     CROSS JOIN LATERAL (VALUES ('d', s.dimensions), ('m', s.metrics)) l (kind, list)
     CROSS JOIN LATERAL (
        SELECT e.place,
               CASE WHEN jsonb_typeof(e.field) = 'string' THEN e.field #>> '{}'
                    WHEN jsonb_typeof(e.field -> 'name') = 'string' THEN e.field ->> 'name' END
               AS name
          FROM jsonb_array_elements(
                CASE jsonb_typeof(l.list) WHEN 'array' THEN l.list ELSE '[]' END)
               WITH ORDINALITY e (field, place)) f
     WHERE c.id = $1::bigint AND octet_length(f.name) <= 1000
     GROUP BY l.kind, f.name)
SELECT 'c' AS kind, (SELECT count(*) FROM n WHERE kind = 'm')::text AS name,
       (SELECT count(*) FROM n WHERE kind = 'd') AS place
  FROM github_workflow_configs
 WHERE id = $1::bigint
UNION ALL
(SELECT * FROM n WHERE kind = 'd' ORDER BY place LIMIT 1601)
UNION ALL
(SELECT * FROM n
  WHERE kind = 'm' AND ($2::text[] IS NULL OR name = ANY ($2::text[]))
  ORDER BY place LIMIT 1601)
ORDER BY kind, place
