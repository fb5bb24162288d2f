-- $1 config: it has been looked after, which is noted every ten seconds at most; fails (division by zero) where it
-- is gone. It is held only against being deleted: whoever writes it, a collector or another sending,
-- and this do not wait for each other.
-- writes
WITH held AS MATERIALIZED (
    SELECT id FROM github_workflow_configs WHERE id = $1::bigint FOR KEY SHARE),
looked_after AS (
    UPDATE github_workflow_configs
       SET last_checked_at = now()
     WHERE id IN (
        SELECT id
          FROM github_workflow_configs
         WHERE id = (SELECT id FROM held)
           AND (last_checked_at IS NULL OR last_checked_at < now() - interval '10 seconds')
           FOR NO KEY UPDATE SKIP LOCKED))
SELECT 1 / count(*) FROM held
