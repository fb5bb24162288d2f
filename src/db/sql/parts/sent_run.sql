-- The config c, $1, and the run of it whose workload_uid is $2. From the third generation on a run may be the
-- runner set's, and no config's yet: it becomes this config's. In an older one the name without a
-- table is that of what stands around: NULL.
c AS MATERIALIZED (
    SELECT own.*
      FROM (SELECT NULL::bigint AS runner_set_id) none
     CROSS JOIN LATERAL (
        SELECT id, runner_set_id FROM github_workflow_configs WHERE id = $1::bigint) own),
run AS MATERIALIZED (
    SELECT found.id, found.workload_completed_at
      FROM c
     CROSS JOIN LATERAL (
        (SELECT r.id, r.workload_completed_at
           FROM github_workflow_runs r
          WHERE r.config_id = c.id AND r.workload_uid = $2::text
          ORDER BY r.id LIMIT 1)
         UNION ALL
        (SELECT r.id, r.workload_completed_at
           FROM github_workflow_runs r
          WHERE runner_set_id = c.runner_set_id AND r.workload_uid = $2::text
            AND coalesce(r.config_id, 0) = 0
          ORDER BY r.id LIMIT 1)
         LIMIT 1) found)
