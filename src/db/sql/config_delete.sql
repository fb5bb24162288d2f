-- $1 id, $2 versions, NULL: any: the config with all that is its.
-- writes
WITH :delete_config,
metrics AS (
    DELETE FROM github_workflow_metrics
     WHERE config_id = $1::bigint AND EXISTS (SELECT FROM config))
SELECT id FROM config
