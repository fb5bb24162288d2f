-- As backfill_portion, where runs name their runner set.
-- writes
WITH :backfill_taken
made AS (
    INSERT INTO github_workflow_runs
        (config_id, workload_uid, workload_name, workload_namespace, github_run_id, github_job_id,
         workflow_name, head_branch, status, trigger_source, workload_started_at,
         workload_completed_at,
         runner_set_id, runner_set_name, runner_set_namespace)
    SELECT DISTINCT ON (p.uid) c.id, p.uid, p.name, p.namespace, p.github_run_id, p.github_job_id,
           p.workflow_name, p.branch, 'pending', 'backfill', p.created_at, p.end_at,
           c.runner_set_id, c.runner_set_name, c.runner_set_namespace
      FROM c, portion p
     WHERE p.fits
     ORDER BY p.uid, p.end_at
    ON CONFLICT DO NOTHING
    RETURNING id),
:backfill_counts,
done AS (:backfill_done)
SELECT * FROM done
