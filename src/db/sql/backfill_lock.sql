-- $1 task: one portion at a time is made for its config, of all httpds. A statement of its own, so that
-- the next one sees what whoever held it has made.
-- reads
SELECT pg_advisory_xact_lock(hashtextextended('wfm_backfill', config_id))
  FROM wfm_backfill_tasks
 WHERE id = $1::bigint
