-- As config_stats, from the summaries; days that they do not have, from the rows.
-- reads
WITH changed AS MATERIALIZED (SELECT day FROM wfm_unclean('m', $1::bigint)),
runs AS MATERIALIZED (SELECT day FROM wfm_unclean('r', $1::bigint))
SELECT c.id, c.name, c.enabled, r.pending, r.completed, r.failed,
       :rows_summed,
       COALESCE(s.id, 0), c.last_checked_at
  FROM github_workflow_configs c
 CROSS JOIN (
    SELECT coalesce(sum(n) FILTER (WHERE status = 'pending'), 0) AS pending,
           coalesce(sum(n) FILTER (WHERE status = 'completed'), 0) AS completed,
           coalesce(sum(n) FILTER (WHERE status = 'failed'), 0) AS failed
      FROM (
        SELECT status, n FROM wfm_run_counts WHERE level = 2 AND config_id = $1::bigint
        UNION ALL
        SELECT status, -n FROM wfm_run_counts
         WHERE level = 0 AND config_id = $1::bigint AND day IN (SELECT day FROM runs)
        UNION ALL
        SELECT m.status, 1 FROM runs
         CROSS JOIN LATERAL (
            SELECT m.status FROM github_workflow_runs m
             WHERE m.config_id = $1::bigint
               AND m.created_at >= runs.day AND m.created_at <= wfm_day_end(runs.day)
            OFFSET 0) m) n) r
  LEFT JOIN LATERAL (
    SELECT id FROM github_workflow_metric_schemas
     WHERE config_id = c.id AND is_active ORDER BY version DESC LIMIT 1) s ON true
 WHERE c.id = $1::bigint
