-- As schema_get, from the summaries.
-- reads
WITH changed AS MATERIALIZED (
    SELECT u.day
      FROM github_workflow_metric_schemas o
     CROSS JOIN LATERAL wfm_unclean('m', o.config_id) u
     WHERE o.id = $1::bigint)
SELECT :schema_columns, s.xmin
  FROM github_workflow_metric_schemas s
 :schema_counted_summed
 WHERE s.id = $1::bigint
