-- $1 a deleted config, $2 instant: some rows up to it are deleted; how many, the earliest's instant.
-- Not more than a thousand rows: the summaries' trigger sums nothing up for so few. One at a time
-- does it, of all httpds. A config that is there again (a backup) keeps its rows.
-- writes
WITH mine AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('wfm_deleted_configs', $1::bigint))
           AND NOT EXISTS (SELECT FROM github_workflow_configs WHERE id = $1::bigint) AS yes),
few AS MATERIALIZED (
    SELECT id FROM github_workflow_metrics
     WHERE (SELECT yes FROM mine) AND config_id = $1::bigint AND "timestamp" <= $2::timestamptz
     ORDER BY "timestamp" DESC, id LIMIT 1000),
gone AS (
    DELETE FROM github_workflow_metrics
     WHERE id IN (SELECT id FROM few) AND config_id = $1::bigint
    RETURNING "timestamp")
SELECT count(*), min("timestamp") FROM gone
