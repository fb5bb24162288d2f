-- $1 config: its newest task.
-- reads
SELECT id, config_id, status, total, processed, failed, created_at, started_at, completed_at,
       error_message
  FROM wfm_backfill_tasks
 WHERE config_id = $1::bigint
 ORDER BY id DESC
 LIMIT 1
