-- $1 id: the row, its version.
-- reads
SELECT :schema_columns, s.xmin
  FROM github_workflow_metric_schemas s
 :schema_counted
 WHERE s.id = $1::bigint
