-- The tasks that are not over, the oldest first, and for each: do runs name their runner set? Those of
-- configs that are gone, however that came, are forgotten.
-- writes
WITH gone AS (
    DELETE FROM wfm_backfill_tasks
     WHERE config_id NOT IN (SELECT id FROM github_workflow_configs))
SELECT b.id, :names_runner_set
  FROM wfm_backfill_tasks b
  JOIN github_workflow_configs c ON c.id = b.config_id
 WHERE b.status IN ('pending', 'in_progress')
 ORDER BY b.id
