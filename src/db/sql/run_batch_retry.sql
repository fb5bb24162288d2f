-- $1 config: how many were reset, skipped, both. Waits for nobody, so nobody waits for it in vain.
-- What is failed by one snapshot and not retried is somebody else's, or was until now.
-- writes
WITH free AS MATERIALIZED (
    SELECT id FROM github_workflow_runs
     WHERE config_id = $1::bigint AND status = 'failed' FOR NO KEY UPDATE SKIP LOCKED),
retried AS (:reset_run WHERE id IN (SELECT id FROM free) RETURNING id),
counts AS (
    SELECT (SELECT count(*) FROM retried) AS retried,
           (SELECT count(*) FROM github_workflow_runs
             WHERE config_id = $1::bigint AND status = 'failed') AS total)
SELECT retried, total - retried, total
  FROM counts
 WHERE EXISTS (SELECT FROM github_workflow_configs WHERE id = $1::bigint)
