-- The config that `wanted` says, with its runner set's id where this generation of the tables has
-- one: its own, or that of runs of the runner set. In an older one the names without a table are
-- those of what stands around: NULL.
SELECT c.id, c.runner_set_namespace, c.runner_set_name, c.runner_set_uid,
       coalesce(c.runner_set_id, (
        SELECT runner_set_id
          FROM github_workflow_runs r
         WHERE runner_set_namespace = c.runner_set_namespace
           AND runner_set_name = c.runner_set_name AND runner_set_id IS NOT NULL
         LIMIT 1)) AS runner_set_id
  FROM (SELECT own.*
          FROM (SELECT NULL::bigint AS runner_set_id) none
         CROSS JOIN LATERAL (
            SELECT id, runner_set_namespace, runner_set_name,
                   nullif(runner_set_uid, '') AS runner_set_uid, runner_set_id
              FROM github_workflow_configs
             WHERE id = (SELECT config_id FROM wanted)) own) c
