-- As results_run_new, where runs name their runner set.
-- writes
INSERT INTO github_workflow_runs
    (:sent_columns,
     runner_set_id, runner_set_name, runner_set_namespace)
SELECT :sent_values,
       c.runner_set_id, c.runner_set_name, c.runner_set_namespace
  FROM (SELECT NULL::bigint AS runner_set_id) none
 CROSS JOIN LATERAL (
    SELECT runner_set_id, runner_set_name, runner_set_namespace
      FROM github_workflow_configs
     WHERE id = $2::bigint) c
RETURNING id
