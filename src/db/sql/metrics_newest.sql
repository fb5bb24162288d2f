-- $1 config: the cells of its newest 1000 rows: number of the row, from 1; what the cell's name is in any of
-- them: of dimensions (0), of metrics (1), of raw_data alone (2); the name; the beginning of its text, which
-- raw_data says where neither of the others does. Before them, numbered 0, the fields of the schema in force
-- stand as a text. No row of number 0: there is no such config.
-- reads
WITH newest AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY "timestamp" DESC, id) AS n,
           CASE jsonb_typeof(dimensions) WHEN 'object' THEN dimensions ELSE '{}' END AS dimensions,
           CASE jsonb_typeof(metrics) WHEN 'object' THEN metrics ELSE '{}' END AS metrics,
           CASE jsonb_typeof(raw_data) WHEN 'object' THEN raw_data ELSE '{}' END AS raw_data
      FROM (SELECT "timestamp", id, dimensions, metrics, raw_data
              FROM github_workflow_metrics
             WHERE config_id = $1::bigint
             ORDER BY "timestamp" DESC, id LIMIT 1000) m),
cells AS (
    SELECT n, min(place) OVER (PARTITION BY name) AS place, name,
           left(value #>> '{}', 200) AS text
      FROM newest
     CROSS JOIN LATERAL (
        SELECT 0 AS place, key AS name, value FROM jsonb_each(dimensions)
        UNION ALL
        SELECT 1, key, value FROM jsonb_each(metrics) WHERE NOT dimensions ? key
        UNION ALL
        SELECT 2, key, value FROM jsonb_each(raw_data)
         WHERE NOT dimensions ? key AND NOT metrics ? key) cell
     WHERE jsonb_typeof(value) IN ('string', 'number', 'boolean') AND octet_length(name) <= 1000)
SELECT *
  FROM (SELECT 0 AS n, 0 AS place, NULL AS name,
               (SELECT fields::text
                  FROM github_workflow_metric_schemas
                 WHERE config_id = c.id AND is_active AND octet_length(fields::text) <= 1048576
                 ORDER BY version DESC LIMIT 1) AS text
          FROM github_workflow_configs c
         WHERE id = $1::bigint
        UNION ALL
        SELECT * FROM cells) found
 ORDER BY n, place, name COLLATE "C"
