-- $1 a deleted config: runs and schemas that came later.
-- writes
WITH runs AS (
    DELETE FROM github_workflow_runs WHERE id IN (
        SELECT id FROM github_workflow_runs
         WHERE config_id = $1::bigint
           AND NOT EXISTS (SELECT FROM github_workflow_configs WHERE id = $1::bigint)
         LIMIT 1000 FOR UPDATE SKIP LOCKED)
    RETURNING 1),
schemas AS (
    DELETE FROM github_workflow_metric_schemas WHERE id IN (
        SELECT id FROM github_workflow_metric_schemas
         WHERE config_id = $1::bigint
           AND NOT EXISTS (SELECT FROM github_workflow_configs WHERE id = $1::bigint)
        FOR UPDATE SKIP LOCKED)
    RETURNING 1)
SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM schemas)
