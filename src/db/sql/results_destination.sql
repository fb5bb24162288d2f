-- $1 config, $2 workload uid: the active schema's id, what it says (as results_open has it), fields, dimension
-- fields, metric fields, NULL where none is; when the run was over, NULL where it is not or there is none. No row: no config.
-- reads
WITH :sent_run
SELECT s.id, s.said, s.fields, s.dimension_fields, s.metric_fields, run.workload_completed_at
  FROM c
  LEFT JOIN LATERAL (
    SELECT id, :schema_said AS said, fields, dimension_fields, metric_fields
      FROM github_workflow_metric_schemas
     WHERE config_id = c.id AND is_active
     ORDER BY version DESC LIMIT 1) s ON true
  LEFT JOIN run ON true
