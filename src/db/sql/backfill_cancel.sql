-- $1 config: its tasks that are not over end; how many. No row: there is no such config.
-- writes
WITH cancelled AS (
    UPDATE wfm_backfill_tasks
       SET status = 'cancelled', completed_at = now()
     WHERE config_id = $1::bigint AND status IN ('pending', 'in_progress')
    RETURNING id)
SELECT (SELECT count(*) FROM cancelled)
  FROM github_workflow_configs
 WHERE id = $1::bigint
