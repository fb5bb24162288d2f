-- $1 config: who changes its schemas comes through here. The next version is one more than the
-- highest that is committed: so the highest must not change between looking and writing. The lock
-- is a statement of its own, because a statement sees what was committed when it began, not when it
-- got its lock. It is waited for with nothing else held, so as long as may be; what comes after it
-- is not.
-- reads
SELECT id, :lock_timeout
  FROM (SELECT id FROM github_workflow_configs WHERE id = $1::bigint FOR NO KEY UPDATE) held
