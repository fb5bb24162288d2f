-- $1 config, $2 versions, NULL: any: what was acknowledged of it, before it is deleted itself. It is held
-- from here on, so that both go, or neither.
-- writes
DELETE FROM wfm_acknowledged_changes
 WHERE config_id IN (
    SELECT id FROM github_workflow_configs c
     WHERE id = $1::bigint AND ($2::text[] IS NULL OR c.xmin::text = ANY ($2::text[]))
       FOR UPDATE NOWAIT)
RETURNING id
