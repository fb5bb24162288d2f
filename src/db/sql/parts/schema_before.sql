-- To be joined to schemas s, a row or none: the version b before it, and the names n that stand in the
-- one and not in the other. What is no list of names has none.
LEFT JOIN LATERAL (
    SELECT o.version, o.dimension_fields, o.metric_fields
      FROM github_workflow_metric_schemas o
     WHERE o.config_id = s.config_id AND (o.version, o.id) < (s.version, s.id)
     ORDER BY o.version DESC, o.id DESC LIMIT 1) b ON true
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(name ORDER BY name COLLATE "C")
                    FILTER (WHERE is_new AND NOT is_metric), '[]')::text AS added_dimensions,
           coalesce(jsonb_agg(name ORDER BY name COLLATE "C")
                    FILTER (WHERE NOT is_new AND NOT is_metric), '[]')::text AS removed_dimensions,
           coalesce(jsonb_agg(name ORDER BY name COLLATE "C")
                    FILTER (WHERE is_new AND is_metric), '[]')::text AS added_metrics,
           coalesce(jsonb_agg(name ORDER BY name COLLATE "C")
                    FILTER (WHERE NOT is_new AND is_metric), '[]')::text AS removed_metrics
      FROM (SELECT is_metric, bool_or(is_new) AS is_new, coalesce(e ->> 'name', e #>> '{}') AS name
              FROM (VALUES (false, true, s.dimension_fields), (false, false, b.dimension_fields),
                           (true, true, s.metric_fields), (true, false, b.metric_fields))
                   l (is_metric, is_new, fields)
             CROSS JOIN LATERAL jsonb_array_elements(
                CASE jsonb_typeof(l.fields) WHEN 'array' THEN l.fields ELSE '[]' END) e
             WHERE jsonb_typeof(coalesce(e -> 'name', e)) = 'string'
             GROUP BY is_metric, 3
            HAVING bool_or(is_new) = bool_and(is_new)) changed
    OFFSET 0) n
