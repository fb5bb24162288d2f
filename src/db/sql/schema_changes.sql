-- $1 config: what each of its newest 100 versions has that the one before has not, and the other
-- way round; newest first. No row: no config; NULLs: no version has one before it.
-- reads
WITH versions AS (
    SELECT s.version, s.created_at, s.dimension_fields, s.metric_fields
      FROM github_workflow_metric_schemas s
     WHERE s.config_id = $1::bigint
     ORDER BY s.version DESC LIMIT 101),
named AS (
    SELECT v.version, v.created_at,
           ARRAY(SELECT COALESCE(e ->> 'name', e #>> '{}')
                   FROM jsonb_array_elements(CASE jsonb_typeof(v.dimension_fields) WHEN 'array'
                                             THEN v.dimension_fields ELSE '[]' END) e
                  WHERE jsonb_typeof(COALESCE(e -> 'name', e)) = 'string') AS dimensions,
           ARRAY(SELECT COALESCE(e ->> 'name', e #>> '{}')
                   FROM jsonb_array_elements(CASE jsonb_typeof(v.metric_fields) WHEN 'array'
                                             THEN v.metric_fields ELSE '[]' END) e
                  WHERE jsonb_typeof(COALESCE(e -> 'name', e)) = 'string') AS metrics
      FROM versions v),
pairs AS (
    SELECT lag(version) OVER w AS before, version, created_at, dimensions, metrics,
           lag(dimensions) OVER w AS dimensions_before, lag(metrics) OVER w AS metrics_before
      FROM named WINDOW w AS (ORDER BY version))
SELECT p.before, p.version, p.created_at,
       (SELECT COALESCE(jsonb_agg(n ORDER BY n COLLATE "C"), '[]') FROM
           (SELECT unnest(p.dimensions) EXCEPT SELECT unnest(p.dimensions_before)) a (n)),
       (SELECT COALESCE(jsonb_agg(n ORDER BY n COLLATE "C"), '[]') FROM
           (SELECT unnest(p.dimensions_before) EXCEPT SELECT unnest(p.dimensions)) a (n)),
       (SELECT COALESCE(jsonb_agg(n ORDER BY n COLLATE "C"), '[]') FROM
           (SELECT unnest(p.metrics) EXCEPT SELECT unnest(p.metrics_before)) a (n)),
       (SELECT COALESCE(jsonb_agg(n ORDER BY n COLLATE "C"), '[]') FROM
           (SELECT unnest(p.metrics_before) EXCEPT SELECT unnest(p.metrics)) a (n))
  FROM github_workflow_configs c
  LEFT JOIN pairs p ON p.before IS NOT NULL
 WHERE c.id = $1::bigint
 ORDER BY p.version DESC
