-- $1 task, $2 message: it cannot go on.
-- writes
UPDATE wfm_backfill_tasks
   SET status = 'failed', error_message = $2::text, completed_at = now()
 WHERE id = $1::bigint AND status IN ('pending', 'in_progress')
RETURNING id
