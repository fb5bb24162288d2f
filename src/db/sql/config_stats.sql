-- $1 id.
-- reads
SELECT c.id, c.name, c.enabled, r.pending, r.completed, r.failed,
       (SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1::bigint),
       COALESCE(s.id, 0), c.last_checked_at
  FROM github_workflow_configs c
 CROSS JOIN (
    SELECT count(*) FILTER (WHERE status = 'pending') AS pending,
           count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'failed') AS failed
      FROM github_workflow_runs
     WHERE config_id = $1::bigint) r
  LEFT JOIN LATERAL (
    SELECT id FROM github_workflow_metric_schemas
     WHERE config_id = c.id AND is_active ORDER BY version DESC LIMIT 1) s ON true
 WHERE c.id = $1::bigint
