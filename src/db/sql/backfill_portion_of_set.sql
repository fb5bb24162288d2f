-- $1 task, $2 most: runs are made, where runs name their runner set. Status, total, failed, and how many runs were
-- made; no row: the task is over. After backfill_lock, or two would make runs at once that no key tells
-- apart. Only what is inserted is locked, and no longer than that takes: whoever inserts the same run
-- meanwhile waits until then.
-- writes
WITH t AS MATERIALIZED (
    SELECT * FROM wfm_backfill_tasks
     WHERE id = $1::bigint AND status IN ('pending', 'in_progress')),
wanted AS (SELECT config_id FROM t),
c AS MATERIALIZED (:runner_config),
due AS NOT MATERIALIZED (
    :backfill_due
      FROM t, c, gpu_workload w :runner_annotations
     WHERE :finished_runner :backfill_missing),
ahead AS MATERIALIZED (
    SELECT * FROM due WHERE NOT (SELECT dry_run FROM t)
     ORDER BY end_at, uid LIMIT $2::bigint + 1),
portion AS MATERIALIZED (SELECT * FROM ahead ORDER BY end_at, uid LIMIT $2::bigint),
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
