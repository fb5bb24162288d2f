-- $1 id: retried (bool), id; no row: no run. The UPDATE's condition decides among concurrent
-- retries: the second one waits for the first one's commit, looks at the row again, and finds it
-- pending.
-- writes
WITH retried AS (:reset_run WHERE id = $1::bigint AND status = 'failed' RETURNING id)
SELECT retried.id IS NOT NULL, r.id
  FROM github_workflow_runs r
  LEFT JOIN retried ON retried.id = r.id
 WHERE r.id = $1::bigint
