-- $1 a deleted config, when nothing of it is left for long. Whoever did not know of the deletion,
-- and writes on, has known it for long by then. But what is left may be old, too, and another httpd
-- be at it: to this one it looks like nothing.
-- writes
WITH gone AS (
    DELETE FROM wfm_deleted_configs
     WHERE config_id = $1::bigint
       AND (EXISTS (SELECT FROM github_workflow_configs WHERE id = $1::bigint)
            OR deleted_at < now() - interval '1 day'
               AND NOT EXISTS (SELECT FROM github_workflow_metrics WHERE config_id = $1::bigint)
               AND NOT EXISTS (SELECT FROM github_workflow_runs WHERE config_id = $1::bigint)
               AND NOT EXISTS (
                SELECT FROM github_workflow_metric_schemas WHERE config_id = $1::bigint))
    RETURNING 1)
SELECT count(*) FROM gone
