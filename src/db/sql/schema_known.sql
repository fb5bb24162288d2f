-- $1 id: the row's version.
-- reads
SELECT id, xmin FROM github_workflow_metric_schemas WHERE id = $1::bigint
