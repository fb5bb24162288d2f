-- $1 run: where a run tells how its collection stands.
-- writes
UPDATE github_workflow_runs
   SET collection_status = status
 WHERE id = $1::bigint
RETURNING id
