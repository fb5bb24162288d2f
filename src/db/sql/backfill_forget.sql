-- $1 config, $2 versions, NULL: any: its tasks, before it is deleted itself. It is held from here on, so
-- that both are deleted, or neither.
-- writes
WITH held AS MATERIALIZED (
    SELECT id FROM github_workflow_configs c
     WHERE id = $1::bigint AND ($2::text[] IS NULL OR c.xmin::text = ANY ($2::text[]))
       FOR UPDATE NOWAIT)
DELETE FROM wfm_backfill_tasks
 WHERE config_id IN (SELECT id FROM held)
RETURNING id
