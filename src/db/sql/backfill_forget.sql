-- $1 config, $2 versions, NULL: any: its tasks, before it is deleted itself. It is held from here on, so
-- that both are deleted, or neither; and nothing is waited for while it is (see parts/delete_config.sql).
-- writes
WITH held AS MATERIALIZED (
    SELECT id FROM github_workflow_configs c
     WHERE id = $1::bigint AND ($2::text[] IS NULL OR c.xmin::text = ANY ($2::text[]))
       FOR UPDATE NOWAIT),
tasks AS MATERIALIZED (
    SELECT id FROM wfm_backfill_tasks WHERE config_id IN (SELECT id FROM held) FOR UPDATE NOWAIT)
DELETE FROM wfm_backfill_tasks
 WHERE id IN (SELECT id FROM tasks)
RETURNING id
